/** Enhanced Allocation: ranges of a function in place of BARs. */
import { describe, expect, it } from 'vitest';
import { capability, type0Function } from '../../src/config/builder.ts';
import { Fabric } from '../../src/fabric/fabric.ts';
import type { Hop } from '../../src/fabric/hop.ts';
import { EnhancedAllocationCapability } from '../../src/spec/index.ts';
import { memoryRead } from '../../src/tlp/header.ts';

const ENABLE = 0x80000000;

/** One function on a root bus with these entries, each `[header, base, max offset, upper halves]`. */
function withEntries(...entries: readonly (readonly number[])[]) {
  const values: Record<string, number> = { 'EA Capability': entries.length };
  entries.forEach(([header = 0, base = 0, max = 0, ...upper], i) => {
    values[`EA Entry ${i}`] = header + 2 + upper.length;
    values[`EA Entry ${i} Base`] = base;
    values[`EA Entry ${i} MaxOffset`] = max;
    const halves = [...upper];
    if ((base & 2) !== 0) values[`EA Entry ${i} Base Upper`] = halves.shift()!;
    if ((max & 2) !== 0) values[`EA Entry ${i} MaxOffset Upper`] = halves.shift()!;
  });
  return new Fabric([
    type0Function({
      bdf: '00:05.0',
      header: { 'Vendor ID': 0x177d, Command: 6 },
      capabilities: [capability(EnhancedAllocationCapability, 0x40, values)],
    }),
  ]);
}

const claims = (fabric: Fabric, lo: number, hi = 0) => fabric.send(memoryRead(0, hi, lo), -1).at === 0;

describe('an entry', () => {
  it('claims its range, whose last two bits are ones, where Memory Space is on', () => {
    const fabric = withEntries([ENABLE, 0x80000000, 0xfffc]);
    expect([0x7ffffffc, 0x80000000, 0x8000fffc, 0x80010000].map((at) => claims(fabric, at))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    fabric.configWrite(0, 0x28, 4, 2, 4);
    expect(claims(fabric, 0x80000000)).toBe(false);
  });

  it('claims nothing while its Enable is clear, which software can write', () => {
    const fabric = withEntries([ENABLE, 0x80000000, 0xfffc]);
    fabric.configWrite(0, 0x28, 0x44, 4, 0);
    expect(claims(fabric, 0x80000000)).toBe(false);
    fabric.configWrite(0, 0x28, 0x44, 4, ENABLE);
    expect(claims(fabric, 0x80000000)).toBe(true);
  });

  it('may lie anywhere in 64 bits, and be of any size', () => {
    const fabric = withEntries([ENABLE, 0x40000002, 0xfffffffe, 0x8700, 0x1]);
    expect(claims(fabric, 0x40000000, 0x8700)).toBe(true);
    expect(claims(fabric, 0x3ffffffc, 0x8702)).toBe(true);
    expect(claims(fabric, 0x40000000, 0x8702)).toBe(false);
  });

  it('follows another of any length, and counts by its properties', () => {
    const fabric = withEntries(
      [ENABLE, 0x40000002, 0xfffe, 0x1, 0],
      [ENABLE + 0x0200, 0x1000, 0xfc],
      // Primary Properties that software is not to know: Secondary Properties count.
      [ENABLE + 0x1000, 0x90000000, 0xfffc],
      // Not available, and a range behind a bridge.
      [ENABLE + 0xff00, 0xa0000000, 0xfffc],
      [ENABLE + 0x0500, 0xb0000000, 0xfffc],
    );
    expect(claims(fabric, 0x40000000, 1)).toBe(true);
    expect(claims(fabric, 0x1000)).toBe(false);
    expect(claims(fabric, 0x90000000)).toBe(true);
    expect([claims(fabric, 0xa0000000), claims(fabric, 0xb0000000)]).toEqual([false, false]);
  });

  it('is told of in a hop', () => {
    const fabric = withEntries([ENABLE, 0x80000000, 0xfffc]);
    const trace: Hop[] = [];
    fabric.send(memoryRead(0, 0, 0x80000000), -1, { trace });
    expect(trace.at(-1)).toMatchObject({ register: 'Enhanced Allocation entry 0', value: '80000000' });
  });
});
