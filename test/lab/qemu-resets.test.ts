/** What QEMU's secondary bus reset and FLR change, byte by byte, against ours: the same writes, then the same bytes. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { formatBdf } from '../../src/config/bdf.ts';
import type { FunctionImage } from '../../src/config/function-image.ts';
import { byteOwners } from '../../src/config/judged-bytes.ts';
import { Fabric } from '../../src/fabric/fabric.ts';
import { imagesOf, readLspci } from '../../src/formats/lspci-text.ts';
import { qemu } from '../../src/lab/implementations/qemu.ts';

type Changes = Record<string, string | Record<string, string>>;
interface Recorded {
  readonly sbr_rp2: { readonly after: Changes };
  readonly sbr_rp2_after_reenum: Changes;
  readonly [flr: `flr_${string}`]: Changes;
}

const UNREACHABLE = 'all-ff (unreachable)';
const file = (machine: string, name: string) =>
  readFileSync(new URL(`../fixtures/qemu/${machine}/${name}`, import.meta.url));

/** Registers whose reset values are QEMU's own: it begins with other values than the spec gives. */
const ownResetValues = new Set(qemu.rules.map(({ register }) => register));

/** Command bits that stick in QEMU: all that the probe writes but Parity Error Response. */
const COMMAND = 0x0146 & ~qemu.rules.find(({ id }) => id === 'command-parity')!.mask!;

/** What ours shows and QEMU does not, and why. */
const waivers: readonly { readonly register: string; readonly reason: string }[] = [
  { register: 'Link Status', reason: 'QEMU keeps Data Link Layer Link Active set while the secondary bus is in reset' },
  { register: 'Slot Status', reason: 'and so has no Data Link Layer State Changed either' },
];
const waived = new Set(waivers.map(({ register }) => register));

/** log2 of the size of BAR 0, by its write mask as probed; none where nothing is writable. */
function bar0Size(machine: string, { routingId }: FunctionImage): number[] {
  const probed: Record<string, { wmask?: string }> = JSON.parse(file(machine, 'masks.json').toString()).functions;
  const wmask = probed[formatBdf(0, routingId)]?.wmask;
  const mask = wmask === undefined ? 0 : Buffer.from(wmask, 'hex').readUInt32LE(0x10);
  return mask === 0 ? [] : [Math.log2((mask & -mask) >>> 0)];
}

class Machine {
  readonly fabric: Fabric;

  constructor(machine: string) {
    const images = imagesOf(readLspci(file(machine, 'dump-initial.lspci')));
    this.fabric = new Fabric(images.map((image) => ({ ...image, barSizesLog2: bar0Size(machine, image) })));
    this.dirty();
  }

  get functions(): number[] {
    return Array.from({ length: this.fabric.arena.count }, (_, fn) => fn);
  }

  write(fn: number, offset: number, size: 1 | 2 | 4, value: number): void {
    this.fabric.configWrite(0, this.fabric.arena.routingId[fn]!, offset, size, value);
  }

  /** As the probe did before each reset. */
  dirty(): void {
    const { arena } = this.fabric;
    for (const fn of this.functions) {
      const isBridge = arena.layout[fn]!.headerType === 1;
      this.write(fn, 0x3c, 1, isBridge ? 0x5b : 0x5a);
      this.write(fn, 0x0c, 1, 0x10);
      this.write(fn, 0x04, 2, isBridge ? COMMAND : arena.command(fn) | COMMAND);
      if (isBridge) this.write(fn, 0x20, 4, 0xfff0fff0);
      else this.write(fn, 0x10, 4, 0xdead0000);
    }
  }

  /** Every byte as the CPU reads it. */
  read(): Uint8Array[] {
    const { fabric } = this;
    return this.functions.map((fn) =>
      Uint8Array.from({ length: fabric.arena.layout[fn]!.size }, (_, offset) =>
        fabric.configRead(0, fabric.arena.routingId[fn]!, offset, 1),
      ),
    );
  }

  secondaryBusReset(): void {
    const port = this.fabric.arena.find(0, 0x0010);
    this.write(port, 0x3e, 2, 0x40);
    this.write(port, 0x3e, 2, 0);
  }

  functionLevelReset(fn: number): void {
    const control = this.fabric.arena.layout[fn]!.pciExpress + 8;
    this.write(fn, control, 2, 0x8000 | this.fabric.arena.u16(fn, control));
  }

  /** Changes between two states, as the recording has them; only bytes that the spec says something of. */
  changes(before: readonly Uint8Array[], after: readonly Uint8Array[]): Changes {
    const { arena } = this.fabric;
    const result: Changes = {};
    for (const fn of this.functions) {
      const [a, b] = [before[fn]!, after[fn]!];
      if (a.every((byte, i) => byte === b[i])) continue;
      if (b.every((byte) => byte === 0xff)) result[arena.name(fn)] = UNREACHABLE;
      else {
        const changed: Record<string, string> = {};
        const owners = byteOwners(arena.space(fn), arena.layout[fn]!.capabilities);
        for (const [offset, owner] of owners.entries()) {
          if (a[offset] === b[offset] || owner === undefined) continue;
          const name = typeof owner === 'object' ? owner.register.name : '';
          if (offset >= 0x40 && (ownResetValues.has(name) || waived.has(name))) continue;
          const hex = (byte: number) => byte.toString(16).padStart(2, '0');
          changed[offset.toString(16).padStart(3, '0')] = `${hex(a[offset]!)}->${hex(b[offset]!)}`;
        }
        if (Object.keys(changed).length > 0) result[arena.name(fn)] = changed;
      }
    }
    return result;
  }
}

describe.each(['q35-7.2', 'q35-11.1'])('%s', (name) => {
  const recorded: Recorded = JSON.parse(file(name, 'reset.json').toString());

  it('a secondary bus reset: below, switch ports lose their bus numbers and nobody answers', () => {
    const machine = new Machine(name);
    const before = machine.read();
    machine.secondaryBusReset();
    expect(machine.changes(before, machine.read())).toEqual(recorded.sbr_rp2.after);
  });

  it('a secondary bus reset, with bus numbers assigned again', () => {
    const machine = new Machine(name);
    const { arena } = machine.fabric;
    const before = machine.read();
    machine.secondaryBusReset();
    for (const fn of machine.functions)
      if (arena.layout[fn]!.headerType === 1)
        for (const offset of [0x18, 0x19, 0x1a]) machine.write(fn, offset, 1, before[fn]![offset]!);
    expect(machine.changes(before, machine.read())).toEqual(recorded.sbr_rp2_after_reenum);
  });

  it.each([
    ['e1000e', 0x10d3],
    ['nvme', 0x0010],
    ['virtio-blk', 0x1042],
  ])('a function level reset of %s', (device, id) => {
    const machine = new Machine(name);
    const fn = machine.functions.find((one) => machine.fabric.arena.u16(one, 2) === id)!;
    const before = machine.read();
    machine.functionLevelReset(fn);
    expect(machine.changes(before, machine.read())).toEqual(recorded[`flr_${device}`]);
  });
});
