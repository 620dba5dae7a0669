import { describe, expect, it } from 'vitest';
import { walkCapabilities } from '../../src/config/capabilities.ts';

/** A space with a capability list at 34h (or 14h) through the given [offset, id], and an extended one from 100h. */
function space(
  standard: readonly (readonly [number, number])[],
  extended: readonly (readonly [number, number])[] = [],
  size = 4096,
) {
  const bytes = new Uint8Array(size);
  bytes[0x06] = 0x10;
  let link = 0x34;
  for (const [offset, id] of standard) {
    bytes[link] = offset;
    bytes[offset] = id;
    link = offset + 1;
  }
  extended.forEach(([offset, id], i) => {
    const next = extended[i + 1]?.[0] ?? 0;
    new DataView(bytes.buffer).setUint32(offset, id | 0x20000 | (next << 20), true);
  });
  return bytes;
}

const offsets = (bytes: Uint8Array) => walkCapabilities(bytes).entries.map(({ offset }) => offset);
const problems = (bytes: Uint8Array) => walkCapabilities(bytes).problems;

describe('walkCapabilities', () => {
  it('walks both lists', () => {
    const walk = walkCapabilities(
      space(
        [
          [0x40, 0x01],
          [0x80, 0x10],
          [0x50, 0x05],
        ],
        [
          [0x100, 0x01],
          [0x200, 0x0d],
          [0x148, 0x1d],
        ],
      ),
    );
    expect(walk.problems).toEqual([]);
    expect(walk.entries).toEqual([
      { offset: 0x40, id: 0x01, version: 0, extended: false },
      { offset: 0x80, id: 0x10, version: 0, extended: false },
      { offset: 0x50, id: 0x05, version: 0, extended: false },
      { offset: 0x100, id: 0x01, version: 2, extended: true },
      { offset: 0x200, id: 0x0d, version: 2, extended: true },
      { offset: 0x148, id: 0x1d, version: 2, extended: true },
    ]);
  });

  it('finds none where Status says so', () => {
    const bytes = space([[0x40, 0x01]]);
    bytes[0x06] = 0;
    expect(walkCapabilities(bytes)).toEqual({ entries: [], problems: [] });
  });

  it('masks the low two bits of pointers', () => {
    const bytes = space([
      [0x40, 0x01],
      [0x80, 0x10],
    ]);
    bytes[0x34] = 0x43;
    bytes[0x41] = 0x81;
    expect(offsets(bytes)).toEqual([0x40, 0x80]);
    expect(problems(bytes)).toEqual([
      { offset: 0x34, text: 'capability pointer 43h is not a multiple of 4; 40h is read' },
      { offset: 0x41, text: 'capability pointer 81h is not a multiple of 4; 80h is read' },
    ]);
    const extended = space(
      [[0x40, 0x10]],
      [
        [0x100, 0x01],
        [0x200, 0x0d],
      ],
    );
    extended[0x102]! |= 0x20;
    expect(offsets(extended)).toEqual([0x40, 0x100, 0x200]);
    expect(problems(extended)).toEqual([
      { offset: 0x100, text: 'extended capability pointer 202h is not a multiple of 4; 200h is read' },
    ]);
  });

  it('begins at 14h for a CardBus bridge', () => {
    const bytes = space([]);
    bytes[0x0e] = 0x82;
    bytes[0x34] = 0x50;
    bytes[0x14] = 0x80;
    bytes[0x80] = 0x01;
    expect(offsets(bytes)).toEqual([0x80]);
  });

  it('ends where the list comes back to itself', () => {
    const bytes = space([
      [0x40, 0x01],
      [0x80, 0x10],
      [0xc0, 0x05],
    ]);
    bytes[0xc1] = 0x80;
    expect(offsets(bytes)).toEqual([0x40, 0x80, 0xc0]);
    expect(problems(bytes)).toEqual([{ offset: 0xc1, text: 'capability list comes back to 80h' }]);
  });

  it('ends at a pointer into the header', () => {
    const bytes = space([[0x40, 0x01]]);
    bytes[0x41] = 0x3c;
    expect(offsets(bytes)).toEqual([0x40]);
    expect(problems(bytes)).toEqual([{ offset: 0x41, text: 'capability pointer 3Ch points into the header' }]);
  });

  it('ends at a capability that reads FFh', () => {
    const bytes = space([
      [0x40, 0x01],
      [0x80, 0xff],
    ]);
    bytes[0x81] = 0xff;
    expect(offsets(bytes)).toEqual([0x40]);
    expect(problems(bytes)).toEqual([{ offset: 0x80, text: 'capability reads FFh' }]);
  });

  it('finds no extended ones where 100h is all zeros or all ones, or is not there', () => {
    const ones = space([]);
    ones.fill(0xff, 0x100);
    for (const bytes of [space([]), ones, space([], [], 256)])
      expect(walkCapabilities(bytes)).toEqual({ entries: [], problems: [] });
  });

  it('ends where the extended list comes back or leaves its part', () => {
    const back = space(
      [[0x40, 0x10]],
      [
        [0x100, 0x01],
        [0x200, 0x0d],
      ],
    );
    new DataView(back.buffer).setUint32(0x200, 0x1001000d, true);
    expect(offsets(back)).toEqual([0x40, 0x100, 0x200]);
    expect(problems(back)).toEqual([{ offset: 0x200, text: 'extended capability list comes back to 100h' }]);
    const below = space([[0x40, 0x10]], [[0x100, 0x01]]);
    new DataView(below.buffer).setUint32(0x100, 0x0f010001, true);
    expect(offsets(below)).toEqual([0x40, 0x100]);
    expect(problems(below)).toEqual([{ offset: 0x100, text: 'extended capability pointer F0h points below 100h' }]);
  });

  it('ends where the extended list leads to nothing', () => {
    for (const [fill, text] of [
      [0, 'extended capability reads 0h'],
      [0xff, 'extended capability reads FFFFFFFFh'],
    ] as const) {
      const bytes = space([[0x40, 0x10]], [[0x100, 0x01]]);
      new DataView(bytes.buffer).setUint32(0x100, 0x20020001, true);
      bytes.fill(fill, 0x200, 0x204);
      expect(offsets(bytes)).toEqual([0x40, 0x100]);
      expect(problems(bytes)).toEqual([{ offset: 0x200, text }]);
    }
  });

  it('ends on any bytes at all', () => {
    for (let seed = 1; seed < 200; seed++) {
      const bytes = Uint8Array.from(
        { length: 4096 },
        (_, i) => (Math.imul(i + seed, 2654435761) >>> (seed % 24)) & 0xff,
      );
      bytes[0x06] = 0x10;
      expect(walkCapabilities(bytes).entries.length).toBeLessThan(48 + 960);
    }
  });
});
