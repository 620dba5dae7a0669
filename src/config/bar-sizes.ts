/**
 * Sizes of a dump's BARs. The size is not in the bytes, but for a resizable BAR; only sizing would show it. An address is a multiple of its size, and no
 * two decoders overlap, so the largest power of two that both allow is an upper bound, and is taken.
 */
import {
  MEMORY_BASE,
  PREFETCHABLE_BASE_UPPER_32_BITS,
  PREFETCHABLE_LIMIT_UPPER_32_BITS,
  PREFETCHABLE_MEMORY_BASE,
} from '../spec/constants.ts';
import { type Bar, type BarRegister, barRegisters, smallestBarLog2 } from './bars.ts';
import type { FunctionImage } from './function-image.ts';
import { u16At } from './little-endian.ts';

/** FEE00000h: interrupt messages on x86, and never a device's. Intel SDM 3A §11.11.1. */
const MESSAGE_REGION = 0xfee00000;

const addressOf = (bar: BarRegister) => bar.addressHi * 2 ** 32 + bar.addressLo;

/** Trailing zero bits of an address below 2^53, at most 48. */
function alignmentLog2(address: number): number {
  let log2 = 0;
  for (let rest = address; log2 < 48 && rest % 2 === 0; rest /= 2) log2++;
  return log2;
}

/** First addresses of a bridge's memory windows, and the first addresses behind them. */
function windowEdges(bytes: Uint8Array): number[] {
  const u16 = (offset: number) => u16At(bytes, offset);
  const upper = (offset: number) => (u16(offset) + u16(offset + 2) * 2 ** 16) * 2 ** 32;
  const edges: number[] = [];
  for (const [offset, base, limit] of [
    [MEMORY_BASE, 0, 0],
    [PREFETCHABLE_MEMORY_BASE, upper(PREFETCHABLE_BASE_UPPER_32_BITS), upper(PREFETCHABLE_LIMIT_UPPER_32_BITS)],
  ] as const) {
    const first = base + (u16(offset) & 0xfff0) * 2 ** 16;
    const behind = limit + ((u16(offset + 2) & 0xfff0) + 0x10) * 2 ** 16;
    if (first < behind) edges.push(first, behind);
  }
  return edges;
}

/**
 * The BARs of every image with a size each: the one that the image states (`barSizesLog2`), else the bound from the bytes.
 * @returns one list a function, in the order of `images`
 */
export function sizedBars(images: readonly FunctionImage[]): Bar[][] {
  const registers = images.map(({ bytes, barSizesLog2 }) =>
    barRegisters(bytes, (index) => barSizesLog2?.[index] !== undefined),
  );
  const edges = { memory: new Set<number>(), io: new Set<number>() };
  registers.forEach((bars, i) => {
    for (const bar of bars) edges[bar.kind === 'io' ? 'io' : 'memory'].add(addressOf(bar));
    if ((images[i]!.bytes[0x0e]! & 0x7f) === 1)
      for (const edge of windowEdges(images[i]!.bytes)) edges.memory.add(edge);
  });
  const sorted = {
    memory: Float64Array.from(edges.memory).sort(),
    io: Float64Array.from(edges.io).sort(),
  };
  return registers.map((bars, i) =>
    bars.map((bar) => {
      const { addressHi, addressLo, ...rest } = bar;
      const stated = images[i]!.barSizesLog2?.[bar.index];
      const bound = () => boundLog2(addressOf(bar), sorted[bar.kind === 'io' ? 'io' : 'memory'], bar);
      return { ...rest, sizeLog2: Math.max(stated ?? bound(), smallestBarLog2(bar.kind)) };
    }),
  );
}

function boundLog2(address: number, edges: Float64Array, bar: BarRegister): number {
  // An unassigned BAR (address 0) says nothing of its size.
  if (address === 0) return smallestBarLog2(bar.kind);
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (edges[middle]! > address) high = middle;
    else low = middle + 1;
  }
  // Below 4 GiB nothing reaches into the range of interrupt messages.
  const ceiling = address < MESSAGE_REGION ? MESSAGE_REGION : Number.POSITIVE_INFINITY;
  const space = bar.kind === 'io' ? 2 ** 8 : Math.min(edges[low] ?? Number.POSITIVE_INFINITY, ceiling) - address;
  return Math.min(alignmentLog2(address), Math.floor(Math.log2(Math.min(space, 2 ** 32))));
}
