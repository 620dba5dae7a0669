/** The VFs that QEMU's nvme controller brings, against ours: where they are, their header, their capabilities, what can be written. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseBdf } from '../../src/config/bdf.ts';
import { walkCapabilities } from '../../src/config/capabilities.ts';
import { Fabric } from '../../src/fabric/fabric.ts';
import { imagesOf, readLspci } from '../../src/formats/lspci-text.ts';

interface RecordedVf {
  readonly bdf: string;
  readonly hex: string;
  readonly wmask: string;
}
interface RecordedPf {
  readonly bdf: string;
  readonly sriov: number;
  readonly before: readonly boolean[];
  readonly vfs: readonly RecordedVf[];
  readonly after: readonly boolean[];
}

const file = (name: string) => readFileSync(new URL(`../fixtures/qemu/q35-7.2/${name}`, import.meta.url));
const recorded: { readonly pfs: readonly RecordedPf[] } = JSON.parse(file('virtual-functions.json').toString());

/** Header bytes in which QEMU's VFs are not as PCIe 5.0 §9.3.4.1 has them. */
const waivers = new Map([
  [0x3d, 'a VF has no INTx: Interrupt Pin must be 0'],
  [0x34, 'the list begins elsewhere, since QEMU puts MSI-X first'],
]);
/** Registers that QEMU lets software write in a VF, where the spec has them read-only: Command, Cache Line Size, Interrupt Line. */
const writableInQemu = new Set([0x04, 0x05, 0x0c, 0x3c]);

describe.each(recorded.pfs)('the VFs of $bdf', (pf) => {
  const fabric = new Fabric(imagesOf(readLspci(file('dump-initial.lspci'))));
  const id = parseBdf(pf.bdf)!.routingId;
  const isSilent = () => pf.vfs.map(({ bdf }) => fabric.configRead(0, parseBdf(bdf)!.routingId, 4, 4) === 0xffffffff);

  it('come with VF Enable and go with it', () => {
    expect(isSilent()).toEqual(pf.before);
    fabric.configWrite(0, id, pf.sriov + 0x10, 2, pf.vfs.length);
    fabric.configWrite(0, id, pf.sriov + 0x08, 2, 0x9);
    expect(isSilent()).toEqual(pf.vfs.map(() => false));
    fabric.configWrite(0, id, pf.sriov + 0x08, 2, 0);
    expect(isSilent()).toEqual(pf.after);
    fabric.configWrite(0, id, pf.sriov + 0x08, 2, 0x9);
  });

  it.each(pf.vfs)('$bdf: the header, and capabilities that QEMU has as well', ({ bdf, hex, wmask }) => {
    const theirs = Uint8Array.from(Buffer.from(hex, 'hex'));
    const writable = Buffer.from(wmask, 'hex');
    const fn = fabric.arena.find(0, parseBdf(bdf)!.routingId);
    const ours = fabric.arena.space(fn);
    const differing = Array.from({ length: 0x40 }, (_, offset) => offset).filter(
      (offset) => ours[offset] !== theirs[offset] && !waivers.has(offset),
    );
    expect(differing).toEqual([]);
    const known = walkCapabilities(theirs).entries.map(({ offset, id: capability }) => `${offset} ${capability}`);
    const standard = fabric.arena.layout[fn]!.capabilities.filter(({ extended }) => !extended);
    expect(standard.length).toBeGreaterThan(1);
    for (const { offset, id: capability } of standard) expect(known).toContain(`${offset} ${capability}`);
    const { rw } = fabric.arena.layout[fn]!;
    for (let offset = 0; offset < 0x40; offset++) {
      expect(rw[offset]! & ~writable[offset]!, `${bdf} ${offset}`).toBe(0);
      if (!writableInQemu.has(offset)) expect(writable[offset], `${bdf} ${offset}`).toBe(0);
    }
  });
});
