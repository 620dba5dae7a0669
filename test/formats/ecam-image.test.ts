/** The layout of an ECAM image, by PCIe 5.0 §7.2.2: bus in 27:20, device in 19:15, function in 14:12, register in 11:0. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ecamImage,
  ecamLosses,
  ecamWindows,
  formatEcamAddresses,
  functionsOfEcamBus,
  parseEcamAddresses,
} from '../../src/formats/ecam-image.ts';
import { type DumpedFunction, dumpedFunctions } from '../generators/dumps.ts';
import { runs } from '../generators/runs.ts';

const MIB = 0x100000;

/** A function whose bytes all have one value, but for Vendor and Device ID. */
const filled = (segment: number, bus: number, device: number, fn: number, value: number, length = 4096) => ({
  segment,
  routingId: bus * 256 + device * 8 + fn,
  bytes: new Uint8Array(length).fill(value).fill(0x12, 0, 4),
});

const whole = (functions: readonly DumpedFunction[]) => Buffer.concat([...ecamImage(functions)]);

/** Every function that the windows show. */
function readBack(image: Uint8Array, addresses: string): DumpedFunction[] {
  return parseEcamAddresses(addresses).flatMap(({ segment, firstBus, lastBus, offset }) =>
    Array.from({ length: lastBus - firstBus + 1 }, (_, i) => i).flatMap((i) => [
      ...functionsOfEcamBus(segment, firstBus + i, image.subarray(offset + i * MIB, offset + (i + 1) * MIB)),
    ]),
  );
}

describe('an ECAM image', () => {
  it('has each function at bus<<20 | device<<15 | function<<12, and ends behind the highest bus', () => {
    const image = whole([filled(0, 0, 0x1c, 4, 0xa1), filled(0, 2, 0x1f, 7, 0xa2)]);
    expect(image.length).toBe(3 * MIB);
    expect([image[(0x1c << 15) | (4 << 12) | 4], image[(0x1c << 15) | (4 << 12) | 0xfff]]).toEqual([0xa1, 0xa1]);
    expect(image[(2 << 20) | (0x1f << 15) | (7 << 12) | 0x123]).toBe(0xa2);
  });

  it('reads all ones where no function is, and behind the end of one', () => {
    const image = whole([filled(0, 1, 0, 0, 0, 256)]);
    expect([image[MIB + 0xff], image[MIB + 0x100], image[MIB + 0xfff]]).toEqual([0, 0xff, 0xff]);
    const present = image.subarray(MIB, MIB + 256);
    const others = [image.subarray(0, MIB), image.subarray(MIB + 256)];
    expect(present.some((byte) => byte === 0xff)).toBe(false);
    for (const bytes of others) expect(bytes.every((byte) => byte === 0xff)).toBe(true);
  });

  it('has the windows of segments one behind the other', () => {
    const functions = [filled(5, 0, 0, 0, 5), filled(0, 1, 0, 0, 1)];
    expect(formatEcamAddresses(ecamWindows(functions))).toBe('0:00-01:0,5:00-00:200000');
    const image = whole(functions);
    expect([image.length, image[MIB + 4], image[2 * MIB + 4]]).toEqual([3 * MIB, 1, 5]);
  });

  it('leaves out segments that ECAM has no number for, and says so', () => {
    const functions = [filled(0x10000, 0, 0, 0, 1), filled(0xffff, 0, 0, 0, 2)];
    expect(formatEcamAddresses(ecamWindows(functions))).toBe('ffff:00-00:0');
    expect(whole(functions).length).toBe(MIB);
    expect(ecamLosses(functions)).toEqual(['1 function in segments above ffff, which ECAM does not reach; left out']);
  });

  it('says what a scan does not find: no function 0, no bridge to the bus, no Vendor ID', () => {
    const bridge = filled(0, 0, 1, 0, 0);
    bridge.bytes[0x0e] = 0x01;
    bridge.bytes[0x19] = 0x05;
    const multi = filled(0, 5, 0, 0, 0);
    multi.bytes[0x0e] = 0x80;
    const found = [bridge, multi, filled(0, 5, 0, 7, 0)];
    expect(ecamLosses(found)).toEqual([]);
    const gone = filled(0, 5, 2, 0, 0);
    gone.bytes.fill(0xff);
    const lost = [filled(0, 0, 1, 1, 0), filled(0, 5, 1, 1, 0), filled(0, 6, 0, 0, 0), gone];
    for (const fn of lost)
      expect(ecamLosses([...found, fn])).toEqual([
        '1 function that a scan from bus 0 does not find; lspci -M looks on every bus',
      ]);
    expect(ecamLosses([filled(0, 0, 0, 0, 0, 64)])).toEqual(['1 function with a header only; the rest reads ff']);
  });

  it('gives back what was written', () => {
    fc.assert(
      fc.property(dumpedFunctions([0, 1, 0xffff]), (drawn) => {
        // A header alone reads back as 256 bytes, and a Vendor ID of 0 or ffff as no function. Few buses, for a small image.
        const functions = new Map(
          drawn
            .filter(({ bytes }) => bytes.length >= 256 && bytes[0]! % 255 !== 0)
            .map((fn): DumpedFunction => ({ ...fn, routingId: fn.routingId & 0x3ff }))
            .map((fn) => [fn.segment * 0x10000 + fn.routingId, fn]),
        );
        fc.pre(functions.size > 0);
        const written = [...functions].sort(([a], [b]) => a - b).map(([, fn]) => fn);
        expect(readBack(whole(written), formatEcamAddresses(ecamWindows(written)))).toEqual(written);
      }),
      runs(30),
    );
  });
});

describe('ecam.addrs', () => {
  it.each([
    ['0:00-1f:0', [{ segment: 0, firstBus: 0, lastBus: 0x1f, offset: 0 }]],
    ['a:0', [{ segment: 0, firstBus: 10, lastBus: 255, offset: 0 }]],
    ['1:40:0x100000+200000', [{ segment: 1, firstBus: 0x40, lastBus: 0x41, offset: MIB }]],
    ['40-4f:0+200000', [{ segment: 0, firstBus: 0x40, lastBus: 0x41, offset: 0 }]],
    [
      '0:0-1:0,0002:80-80:200000',
      [
        { segment: 0, firstBus: 0, lastBus: 1, offset: 0 },
        { segment: 2, firstBus: 0x80, lastBus: 0x80, offset: 2 * MIB },
      ],
    ],
  ])('%s', (text, windows) => expect(parseEcamAddresses(text)).toEqual(windows));

  it.each(['', '0', '0:0-100:0', '1-0:0', '0:0-1:0,', '0:0:0:0', 'x:0', '0:0+0'])('refuses "%s"', (text) => {
    expect(() => parseEcamAddresses(text)).toThrow('ECAM windows: expected such as 0:00-1f:0');
  });
});
