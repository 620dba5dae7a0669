/** The tables against a real root port: what is R/W or R/W1C in one must be so in the other, or be waived with a reason. */
import { describe, expect, it } from 'vitest';
import { ConfigArena } from '../../src/config/arena.ts';
import { walkCapabilities } from '../../src/config/capabilities.ts';
import { placedStructures } from '../../src/config/placed-structures.ts';
import { accessOf, waiverOf } from './access.ts';
import { BitModel } from './bit-model.ts';
import { port, type SiliconBit, siliconBits } from './silicon-port.ts';
import { missingThere, waivers, withoutTable } from './silicon-waivers.ts';

const layout = new ConfigArena([port]).layout[0]!;
const ours = ({ offset, bit }: Pick<SiliconBit, 'offset' | 'bit'>) => accessOf(layout, offset, bit);
const named = ({ offset, bit, mnemonic }: SiliconBit) => `${offset.toString(16)} bit ${bit} ${mnemonic}`;
const hasTable = ({ offset }: SiliconBit) => !withoutTable.some(({ from, to }) => offset >= from && offset < to);
const isWritable = ({ access }: SiliconBit) => access !== 'other';

describe('a real root port', () => {
  const differing = siliconBits.filter((bit) => hasTable(bit) && isWritable(bit) && ours(bit) !== bit.access);

  it('is a file of some 3,000 bits', () => {
    expect(siliconBits.length).toBeGreaterThan(2500);
    expect(siliconBits.filter(({ access }) => access === 'RW1C').length).toBeGreaterThan(60);
  });

  it('has no R/W or R/W1C bit that our tables lack, but the waived', () => {
    const unexplained = differing.filter(({ offset, bit }) => waiverOf(waivers, offset, bit) === undefined);
    expect(unexplained.map((bit) => `${named(bit)}: ${bit.access}, ours ${ours(bit)}`)).toEqual([]);
  });

  it('lacks no writable bit of our tables, but the waived', () => {
    const there = new Set(siliconBits.filter(isWritable).map(({ offset, bit }) => offset * 8 + bit));
    const model = new BitModel(port.bytes, placedStructures(port.bytes, walkCapabilities(port.bytes).entries));
    const missing = [...model.bits]
      .map(([position, { field }]) => ({ offset: (position >> 5) * 4, bit: position & 31, name: field.name }))
      .filter((bit) => ours(bit) !== 'other' && !there.has(bit.offset * 8 + bit.bit));
    const unexplained = missing.filter(({ offset, bit }) => waiverOf(missingThere, offset, bit) === undefined);
    expect(unexplained.map(({ offset, bit, name }) => `${offset.toString(16)} bit ${bit} ${name}`)).toEqual([]);
    expect(missing.length - unexplained.length).toBe(
      missingThere.reduce((sum, { bits: [high, low] }) => sum + high - low + 1, 0),
    );
  });

  it('needs every waiver', () => {
    for (const { offset, bits } of waivers)
      expect(
        differing.some(({ offset: at, bit }) => at === offset && bit <= bits[0] && bit >= bits[1]),
        `${offset.toString(16)} ${bits}`,
      ).toBe(true);
  });

  it('writes agree: all ones set R/W bits and clear R/W1C bits', () => {
    for (const one of siliconBits) {
      const { offset, bit, access } = one;
      if (access === 'other' || !hasTable(one) || waiverOf(waivers, offset, bit) !== undefined) continue;
      const fresh = new ConfigArena([port]);
      const at = () => (fresh.u8(0, offset + (bit >> 3)) >> (bit & 7)) & 1;
      fresh.setBits(0, offset + (bit >> 3), 1, 1 << (bit & 7));
      fresh.write(0, offset + (bit >> 3), 1, 1 << (bit & 7));
      expect(at(), named(one)).toBe(access === 'RW' ? 1 : 0);
      fresh.write(0, offset + (bit >> 3), 1, 0);
      expect(at(), named(one)).toBe(0);
    }
  });
});
