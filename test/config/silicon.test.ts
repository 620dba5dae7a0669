/** The tables against a real root port: what is R/W or R/W1C in silicon must be so in the masks, or be waived with a reason. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ConfigArena } from '../../src/config/arena.ts';
import { capability, type1Function } from '../../src/config/builder.ts';
import {
  AccessControlServices,
  AdvancedErrorReporting,
  MsiXCapability,
  PciExpressCapability,
  PowerManagementCapability,
} from '../../src/spec/index.ts';
import { waivers, withoutTable } from './silicon-waivers.ts';

interface SiliconField {
  readonly bits: readonly [number, number];
  readonly access: string;
  readonly mnemonic: string;
}

const { registers } = JSON.parse(
  readFileSync(new URL('../fixtures/silicon/cavium-root-port.json', import.meta.url), 'utf8'),
) as { registers: readonly { readonly offset: number; readonly fields: readonly SiliconField[] }[] };

/** The same capabilities at the same offsets, with every optional feature that makes a bit writable. */
const port = type1Function({
  bdf: '00:00.0',
  header: {
    'Vendor ID': 0x177d,
    'I/O Base': 0xf1,
    'I/O Limit': 0x01,
    'Prefetchable Memory Base': 0xfff1,
    'Prefetchable Memory Limit': 0x0001,
  },
  capabilities: [
    capability(PowerManagementCapability, 0x40, { 'Power Management Capabilities': 0xfe03 }),
    capability(PciExpressCapability, 0x70, {
      'PCI Express Capabilities': 0x0142,
      'Link Capabilities': 0x00240000,
      'Slot Capabilities': 0x0000007f,
      'Root Capabilities': 0x0001,
      'Device Capabilities 2': 0x0000002f,
    }),
    capability(MsiXCapability, 0xb0, {}),
    capability(AdvancedErrorReporting, 0x100, { 'Advanced Error Capabilities and Control': 0x000000a0 }),
    capability(AccessControlServices, 0x300, { 'ACS Capability': 0x007f }),
  ],
});

type Kind = 'R/W' | 'R/W1C' | 'other';

/** Each bit of the file: [offset of the DWORD, bit, kind, mnemonic]. */
const siliconBits = registers.flatMap(({ offset, fields }) =>
  fields.flatMap(({ bits: [high, low], access, mnemonic }) =>
    Array.from({ length: high - low + 1 }, (_, i): readonly [number, number, Kind, string] => [
      offset,
      low + i,
      access.startsWith('R/W1C') ? 'R/W1C' : access.startsWith('R/W') ? 'R/W' : 'other',
      mnemonic,
    ]),
  ),
);

const reasonFor = (offset: number, bit: number): string | undefined =>
  withoutTable.find(({ from, to }) => offset >= from && offset < to)?.reason ??
  waivers.find((waiver) => waiver.offset === offset && bit <= waiver.bits[0] && bit >= waiver.bits[1])?.reason;

const arena = new ConfigArena([port]);
const { rw, rw1c } = arena.layout[0]!;

function kindOf(offset: number, bit: number): Kind {
  const at = (mask: Uint8Array) => (mask[offset + (bit >> 3)]! >> (bit & 7)) & 1;
  return at(rw1c) === 1 ? 'R/W1C' : at(rw) === 1 ? 'R/W' : 'other';
}

describe('a real root port', () => {
  it('is a file of some 3,000 bits', () => {
    expect(siliconBits.length).toBeGreaterThan(2500);
    expect(siliconBits.filter(([, , kind]) => kind === 'R/W1C').length).toBeGreaterThan(60);
  });

  it('has no R/W or R/W1C bit that our tables lack, but the waived', () => {
    const differing = siliconBits
      .filter(
        ([offset, bit, kind]) =>
          kind !== 'other' && kindOf(offset, bit) !== kind && reasonFor(offset, bit) === undefined,
      )
      .map(
        ([offset, bit, kind, mnemonic]) =>
          `${offset.toString(16)} bit ${bit} ${mnemonic}: ${kind}, ours ${kindOf(offset, bit)}`,
      );
    expect(differing).toEqual([]);
  });

  it('needs every waiver', () => {
    for (const { offset, bits } of waivers)
      expect(
        siliconBits.some(
          ([at, bit, kind]) =>
            at === offset && bit <= bits[0] && bit >= bits[1] && kind !== 'other' && kindOf(at, bit) !== kind,
        ),
        `${offset.toString(16)} ${bits}`,
      ).toBe(true);
  });

  it('writes agree: all ones set R/W bits and clear R/W1C bits', () => {
    for (const [offset, bit, kind] of siliconBits) {
      if (kind === 'other' || reasonFor(offset, bit) !== undefined) continue;
      const fresh = new ConfigArena([port]);
      const at = () => (fresh.u8(0, offset + (bit >> 3)) >> (bit & 7)) & 1;
      fresh.setBits(0, offset + (bit >> 3), 1, 1 << (bit & 7));
      fresh.write(0, offset + (bit >> 3), 1, 1 << (bit & 7));
      expect(at(), `${offset.toString(16)} bit ${bit}`).toBe(kind === 'R/W' ? 1 : 0);
      fresh.write(0, offset + (bit >> 3), 1, 0);
      expect(at(), `${offset.toString(16)} bit ${bit}`).toBe(0);
    }
  });
});
