/** The tables against Linux's vfio: how long capabilities are, and which bits of an endpoint's AER can be written. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ConfigArena } from '../../src/config/arena.ts';
import { capability, type0Function } from '../../src/config/builder.ts';
import { walkCapabilities } from '../../src/config/capabilities.ts';
import { expressOf, type PlacedStructure, placedStructures } from '../../src/config/placed-structures.ts';
import { conditionsThatHold, presentRegisters } from '../../src/spec/fold.ts';
import { AdvancedErrorReporting, PciExpressCapability } from '../../src/spec/index.ts';
import { accessOf, type Waiver, waiverOf } from './access.ts';

interface Length {
  readonly id?: string;
  readonly extendedId?: string;
  /** The capability's first bytes. */
  readonly bytes?: string;
  readonly length: number;
  readonly what: string;
}

const { lengths, advancedErrorReporting } = JSON.parse(
  readFileSync(new URL('../fixtures/linux-source/vfio-pci-config.json', import.meta.url), 'utf8'),
) as {
  readonly lengths: readonly Length[];
  readonly advancedErrorReporting: readonly { readonly offset: number; readonly writable: string }[];
};

const EXPRESS = 0x40;
const AT = 0x80;
const EXTENDED = 0x100;
const EXPRESS_ID = 0x10;

/** An endpoint with the capability, and with PCI Express, which an extended one needs. */
function endpointWith({ id, extendedId, bytes }: Length): { bytes: Uint8Array; at: number } {
  const space = new Uint8Array(4096);
  space[0x06] = 0x10;
  const given = Uint8Array.from(bytes?.replaceAll(' ', '').match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
  if (id !== undefined) {
    space[0x34] = AT;
    space[AT] = Number(id);
    space.set(given, AT);
    return { bytes: space, at: AT };
  }
  space[0x34] = EXPRESS;
  space.set([EXPRESS_ID, 0x00, 0x02, 0x00], EXPRESS);
  space.set([Number(extendedId), 0x00, 0x01, 0x00], EXTENDED);
  space.set(given, EXTENDED);
  return { bytes: space, at: EXTENDED };
}

function lengthOf({ structure, at }: PlacedStructure, bytes: Uint8Array, portType: number): number {
  const registers = presentRegisters(
    structure,
    conditionsThatHold(structure, bytes, at, portType, expressOf(walkCapabilities(bytes).entries)),
  );
  return Math.max(...registers.map(({ offset, width }) => offset + width / 8));
}

describe("Linux's vfio", () => {
  it.each(lengths.map((length) => [length.what, length] as const))('%s: ends where the table ends', (_, expected) => {
    const { bytes, at } = endpointWith(expected);
    const placed = placedStructures(bytes, walkCapabilities(bytes).entries).find((one) => one.at === at);
    const portType = Number(expected.id) === EXPRESS_ID ? bytes[at + 2]! >> 4 : 0;
    expect(lengthOf(placed!, bytes, portType)).toBe(expected.length);
  });
});

const waivers: readonly Waiver[] = [
  ...[0x04, 0x08, 0x0c].flatMap((offset): Waiver[] => [
    { offset, bits: [0, 0], reason: 'Training Error in PCIe 1.0a, undefined since' },
    { offset, bits: [5, 5], reason: 'Surprise Down: of ports that a link leads down from, not of endpoints' },
    { offset, bits: [31, 26], reason: 'later than that list' },
  ]),
];

describe("Linux's vfio: AER of an endpoint", () => {
  const endpoint = type0Function({
    bdf: '00:00.0',
    header: {},
    capabilities: [
      capability(PciExpressCapability, EXPRESS, { 'PCI Express Capabilities': 0x0002 }),
      capability(AdvancedErrorReporting, EXTENDED, { 'Advanced Error Capabilities and Control': 0x000000a0 }),
    ],
  });
  const layout = new ConfigArena([endpoint]).layout[0]!;
  const bits = advancedErrorReporting.flatMap(({ offset, writable }) =>
    Array.from({ length: 32 }, (_, bit) => ({
      offset,
      bit,
      isWritable: ((Number.parseInt(writable, 16) >>> bit) & 1) === 1,
      ours: accessOf(layout, EXTENDED + offset, bit),
    })),
  );
  const differing = bits.filter(({ isWritable, ours }) => isWritable !== (ours !== 'other'));
  const named = ({ offset, bit }: { offset: number; bit: number }) => `${offset.toString(16)} bit ${bit}`;

  it('has the same bits writable, but the waived', () => {
    const unexplained = differing.filter(({ offset, bit }) => waiverOf(waivers, offset, bit) === undefined);
    expect(unexplained.map(named)).toEqual([]);
    expect(bits.filter(({ isWritable }) => isWritable).length).toBeGreaterThan(60);
  });

  it('needs every waived bit', () => {
    const waived = bits.filter(({ offset, bit }) => waiverOf(waivers, offset, bit) !== undefined);
    expect(waived.filter((bit) => !differing.includes(bit)).map(named)).toEqual([]);
  });
});
