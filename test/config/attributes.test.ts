/** Every bit of every table obeys its attribute, for any bytes, any write, any size and any byte enables. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigArena } from '../../src/config/arena.ts';
import { structures } from '../../src/spec/structures.ts';
import { runs } from '../generators/runs.ts';
import { anySpace } from '../generators/spaces.ts';
import { BitModel } from './bit-model.ts';

const arenaOf = (bytes: Uint8Array) => new ConfigArena([{ segment: 0, routingId: 0x00e0, bytes }]);

/** `offset: got for expected` of each byte that differs. */
function differing(got: Uint8Array, expected: Uint8Array): string[] {
  return [...got].flatMap((byte, offset) =>
    byte === expected[offset]
      ? []
      : [`${offset.toString(16)}: ${byte.toString(16)} for ${expected[offset]?.toString(16)}`],
  );
}

interface Write {
  readonly offset: number;
  readonly value: number;
  /** Bytes that are enabled, from the DWORD's lowest; `size` where the write is an access of 1, 2 or 4 bytes. */
  readonly enables: number;
  readonly size?: 1 | 2 | 4;
}

const value = fc.oneof(fc.integer({ min: 0, max: 0xffffffff }), fc.constantFrom(0, 0xffffffff));
const dword = fc.oneof(fc.integer({ min: 0, max: 0xbf }), fc.integer({ min: 0, max: 0x3ff })).map((dw) => dw * 4);
const access: fc.Arbitrary<Write> = fc
  .record({
    dword,
    value,
    access: fc.constantFrom<[1 | 2 | 4, number]>([1, 0], [1, 1], [1, 2], [1, 3], [2, 0], [2, 1], [2, 2], [4, 0]),
  })
  .map(({ dword, value, access: [size, at] }) => ({
    offset: dword + at,
    value: size === 4 ? value : value % 256 ** size,
    enables: (2 ** size - 1) << at,
    size,
  }));
const enabled: fc.Arbitrary<Write> = fc
  .record({ dword, value, enables: fc.integer({ min: 0, max: 15 }) })
  .map(({ dword, value, enables }) => ({ offset: dword, value, enables }));

describe('a write', () => {
  it('changes RW bits, clears RW1C bits, and nothing else', () => {
    fc.assert(
      fc.property(
        anySpace,
        fc.array(fc.oneof(access, enabled), { minLength: 1, maxLength: 30 }),
        ({ bytes, placed }, writes) => {
          const arena = arenaOf(bytes);
          const model = new BitModel(bytes, placed);
          const expected = bytes.slice();
          for (const write of writes) {
            const low = write.offset & ~3;
            if (write.size === undefined) arena.writeDw(0, low, write.value, write.enables);
            else arena.write(0, write.offset, write.size, write.value);
            const whole = write.size === undefined ? write.value : write.value * 256 ** (write.offset & 3);
            model.write(expected, low, whole, write.enables);
          }
          expect(Buffer.from(arena.space(0)).equals(Buffer.from(expected))).toBe(true);
        },
      ),
      runs(300),
    );
  });

  it('of every byte value to every byte: bit by bit as its attribute says', () => {
    fc.assert(
      fc.property(anySpace, fc.constantFrom(0x00, 0xff, 0x55, 0xaa), ({ bytes, placed }, written) => {
        const arena = arenaOf(bytes);
        const model = new BitModel(bytes, placed);
        const expected = bytes.slice();
        for (let offset = 0; offset < 0x300; offset++) {
          arena.write(0, offset, 1, written);
          model.write(expected, offset & ~3, written * 256 ** (offset & 3), 1 << (offset & 3));
        }
        expect(differing(arena.space(0), expected)).toEqual([]);
      }),
      runs(100),
    );
  });
});

describe('a reset', () => {
  it.each(['hot', 'fundamental', 'flr'] as const)(
    '%s: gives bits their reset values, and keeps what it must',
    (kind) => {
      fc.assert(
        fc.property(anySpace, ({ bytes, placed }) => {
          const arena = arenaOf(bytes);
          arena.reset(0, kind);
          const expected = bytes.slice();
          new BitModel(bytes, placed).reset(expected, kind);
          expect(differing(arena.space(0), expected)).toEqual([]);
        }),
        runs(100),
      );
    },
  );
});

describe('the tables', () => {
  it('give a bit to one register only, whatever the conditions', () => {
    fc.assert(
      fc.property(anySpace, ({ bytes, placed }) => {
        expect(new BitModel(bytes, placed).claimedTwice).toEqual([]);
      }),
      runs(200),
    );
  });

  it('keep fields inside their register and apart from each other', () => {
    for (const structure of structures)
      for (const register of structure.registers) {
        const seen = new Set<number>();
        for (const { name, bits } of register.fields) {
          const about = `${structure.name}, ${register.name}, ${name}`;
          expect(bits[0], about).toBeLessThan(register.width);
          expect(bits[0], about).toBeGreaterThanOrEqual(bits[1]);
          for (let bit = bits[1]; bit <= bits[0]; bit++) {
            expect(seen.has(bit), about).toBe(false);
            seen.add(bit);
          }
        }
      }
  });

  it('have reset values that fit their fields', () => {
    for (const structure of structures)
      for (const register of structure.registers)
        for (const { name, bits, reset = 0 } of register.fields)
          expect(reset, `${structure.name}, ${register.name}, ${name}`).toBeLessThan(2 ** (bits[0] - bits[1] + 1));
  });
});
