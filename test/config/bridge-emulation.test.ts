/** The tables against Linux's emulated root port: each bit is RW, RW1C or neither in both, or is waived with a reason. */
import { describe, expect, it } from 'vitest';
import { ConfigArena } from '../../src/config/arena.ts';
import { walkCapabilities } from '../../src/config/capabilities.ts';
import { placedStructures } from '../../src/config/placed-structures.ts';
import { type Access, accessOf, type Waiver, waiverOf } from './access.ts';
import { BitModel } from './bit-model.ts';
import { EXPRESS, headerBits, type LinuxBit, pciExpressBits, port } from './bridge-emulation-port.ts';
import { headerWaivers, pciExpressWaivers, readOnlyWaivers } from './bridge-emulation-waivers.ts';

const layout = new ConfigArena([port]).layout[0]!;
const model = new BitModel(port.bytes, placedStructures(port.bytes, walkCapabilities(port.bytes).entries));
const named = ({ offset, bit }: LinuxBit) => `${offset.toString(16)} bit ${bit}`;

describe.each<[string, readonly LinuxBit[], number, readonly Waiver[]]>([
  ['Type 1 header', headerBits, 0x00, headerWaivers],
  ['PCI Express capability', pciExpressBits, EXPRESS, pciExpressWaivers],
])("Linux's emulated root port: %s", (_, bits, at, waivers) => {
  const access = ({ kinds: [kind] }: LinuxBit): Access => (kind === 'RW' || kind === 'RW1C' ? kind : 'other');
  const ours = ({ offset, bit }: LinuxBit) => accessOf(layout, at + offset, bit);
  const differing = bits.filter((bit) => access(bit) !== ours(bit));

  it('has no bit in two masks', () => {
    expect(bits.length).toBeGreaterThanOrEqual(15 * 32);
    expect(bits.filter(({ kinds }) => kinds.length > 1).map(named)).toEqual([]);
    expect(bits.filter((bit) => access(bit) === 'RW').length).toBeGreaterThan(70);
    expect(bits.filter((bit) => access(bit) === 'RW1C').length).toBeGreaterThan(11);
  });

  it('has the same bits RW and RW1C as the tables, but the waived', () => {
    const unexplained = differing.filter(({ offset, bit }) => waiverOf(waivers, offset, bit) === undefined);
    expect(unexplained.map((bit) => `${named(bit)}: ${access(bit)}, ours ${ours(bit)}`)).toEqual([]);
  });

  it('needs every waived bit', () => {
    const waived = bits.filter(({ offset, bit }) => waiverOf(waivers, offset, bit) !== undefined);
    expect(waived.filter((bit) => !differing.includes(bit)).map(named)).toEqual([]);
    expect(waived.length).toBe(waivers.reduce((sum, { bits: [high, low] }) => sum + high - low + 1, 0));
  });

  // The other way round, "reserved" there also says that the emulation does without.
  it('has no bit RO that the tables have reserved, but the waived', () => {
    // ID and pointer begin every capability and are in no table.
    const inTables = bits.filter(({ offset, bit }) => at === 0 || offset > 0 || bit >= 16);
    const reserved = inTables.filter(
      ({ offset, bit, kinds }) =>
        kinds[0] === 'RO' && (model.bits.get((at + offset) * 8 + bit)?.attr ?? 'Rsvd').startsWith('Rsvd'),
    );
    const waived = at === 0 ? readOnlyWaivers : [];
    expect(reserved.filter(({ offset, bit }) => waiverOf(waived, offset, bit) === undefined).map(named)).toEqual([]);
    expect(reserved.length).toBe(waived.reduce((sum, { bits: [high, low] }) => sum + high - low + 1, 0));
  });
});
