/** Every bit of every structure that only stores obeys its attribute, whatever its counts and conditions come to. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigArena } from '../../src/config/arena.ts';
import type { Register, Structure } from '../../src/spec/structure.ts';
import { structures } from '../../src/spec/structures.ts';
import { runs } from '../generators/runs.ts';
import { spaceWith } from '../generators/spaces.ts';
import { BitModel } from './bit-model.ts';

/** Far enough for what random counts reach, most of the time. */
const END = 0x600;

const arenaOf = (bytes: Uint8Array) => new ConfigArena([{ segment: 0, routingId: 0x00e0, bytes }]);

/** What the model knows beside attributes; what else a write does is tested where it is done, for each in turn. */
const modelled = new Set<string | undefined>([
  undefined,
  'bar',
  'reads-zero',
  'power-state',
  'function-level-reset',
  'secondary-bus-reset',
  'link-disable',
  'retrain-link',
  'dpc-software-trigger',
  'dpc-status',
  'error-status',
  'hot-plug-command',
  'slot-power',
  'interlock',
  'interrupt-mask',
]);

/** Plain registers, blocks' too. */
function registersOf({ registers, blocks = [] }: Pick<Structure, 'registers' | 'blocks'>): Register[] {
  return [...registers, ...blocks.flatMap(registersOf)];
}

const plain = structures.filter((structure) =>
  registersOf(structure).every(
    ({ behaviour, fields }) => modelled.has(behaviour) && fields.every((field) => modelled.has(field.behaviour)),
  ),
);

/** Offset of each byte that differs, but for those that two structures claim and beyond the reach. */
function differing(got: Uint8Array, expected: Uint8Array, { claimedTwice }: BitModel): string[] {
  const twice = new Set(claimedTwice.map((position) => position >> 3));
  return [...got.subarray(0, END)].flatMap((byte, offset) =>
    byte === expected[offset] || twice.has(offset)
      ? []
      : [`${offset.toString(16)}: ${byte.toString(16)} for ${expected[offset]?.toString(16)}`],
  );
}

describe.each(plain.map((structure) => [structure.name, structure] as const))('%s', (_, structure) => {
  it('takes writes bit by bit as the attributes say', () => {
    fc.assert(
      fc.property(spaceWith(structure), fc.constantFrom(0x00, 0xff, 0x5a), ({ bytes, placed }, written) => {
        const model = new BitModel(bytes, placed);
        // A register over another could change what the other's conditions ask.
        fc.pre(model.claimedTwice.length === 0);
        const arena = arenaOf(bytes);
        const expected = bytes.slice();
        for (let offset = 0; offset < END; offset++) {
          arena.write(0, offset, 1, written);
          model.write(expected, offset & ~3, written * 256 ** (offset & 3), 1 << (offset & 3));
        }
        expect(differing(arena.space(0), expected, model)).toEqual([]);
      }),
      runs(12),
    );
  });

  it.each(['hot', 'fundamental'] as const)('has its reset values after a %s reset, and keeps what it must', (kind) => {
    fc.assert(
      fc.property(spaceWith(structure), ({ bytes, placed }) => {
        const model = new BitModel(bytes, placed);
        fc.pre(model.claimedTwice.length === 0);
        const arena = arenaOf(bytes);
        arena.reset(0, kind);
        const expected = bytes.slice();
        model.reset(expected, kind);
        expect(differing(arena.space(0), expected, model)).toEqual([]);
      }),
      runs(6),
    );
  });
});
