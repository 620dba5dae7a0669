/**
 * BAR sizes from a trace: a dump does not have them, but writes of all kinds show which address bits a BAR keeps and which not.
 * The lowest bit that it was seen to keep is the size, as sizing would show it.
 */

import { FIRST_VF_BAR, ROM_BAR } from '../config/bars.ts';
import { formatBdf } from '../config/bdf.ts';
import { walkCapabilities } from '../config/capabilities.ts';
import type { FunctionImage } from '../config/function-image.ts';
import type { ConfigTrace } from '../formats/config-trace.ts';
import {
  BASE_ADDRESS_REGISTER_0,
  BRIDGE_EXPANSION_ROM_BASE_ADDRESS,
  EXPANSION_ROM_BASE_ADDRESS,
  EXTENDED_CAPABILITY_ID_SINGLE_ROOT_IO_VIRTUALIZATION,
  HEADER_TYPE,
  VF_BAR_0,
} from '../spec/constants.ts';

/** The images with the sizes that the trace shows, where it shows any. */
export function withTraceBarSizes(images: readonly FunctionImage[], trace: ConfigTrace): FunctionImage[] {
  const seen = new Map<string, Seen>();
  for (const { bdf, offset, size = 1, value, readBack } of trace.writes) {
    if (readBack === undefined) continue;
    let bits = seen.get(bdf);
    if (bits === undefined) {
      bits = { kept: new Uint8Array(4096), refused: new Uint8Array(4096) };
      seen.set(bdf, bits);
    }
    for (let i = 0; i < size; i++) {
      bits.kept[offset + i]! |= (readBack >>> (8 * i)) & 0xff;
      bits.refused[offset + i]! |= ((value & ~readBack) >>> (8 * i)) & 0xff;
    }
  }
  return images.map((image) => {
    const bits = seen.get(formatBdf(image.segment, image.routingId));
    if (bits === undefined) return image;
    const bytes = trace.initial.get(formatBdf(image.segment, image.routingId)) ?? image.bytes;
    return { ...image, barSizesLog2: sizesOf(bytes, bits, image.barSizesLog2 ?? []) };
  });
}

/** Address bits that were 1 in a read-back, and those that were written as 1 and read 0. */
interface Seen {
  readonly kept: Uint8Array;
  readonly refused: Uint8Array;
}

function sizesOf(bytes: Uint8Array, seen: Seen, stated: readonly (number | undefined)[]): (number | undefined)[] {
  const sizes = [...stated];
  const type = bytes[HEADER_TYPE]! & 0x7f;
  const learn = (index: number, offset: number, lowBits: number, is64: boolean) => {
    const has = (bits: Uint8Array, bit: number) => (bits[offset + (bit >> 3)]! & (1 << (bit & 7))) !== 0;
    let aboveRefused = 0;
    for (let bit = lowBits; bit < (is64 ? 64 : 32); bit++) {
      if (has(seen.kept, bit) || has(bytes, bit)) {
        sizes[index] = bit;
        return;
      }
      if (has(seen.refused, bit)) aboveRefused = bit + 1;
    }
    // A BAR that shows its type, or keeps its enable, is there: as large as the bits that it refused, or larger.
    if (aboveRefused > 0 && bytes[offset] !== 0) sizes[index] = aboveRefused;
    else if (index === ROM_BAR && has(seen.kept, 0)) sizes[index] = Math.max(aboveRefused, lowBits);
  };
  const learnBars = (first: number, offset: number, count: number) => {
    for (let i = 0; i < count; i++) {
      const flags = bytes[offset + 4 * i]!;
      const is64 = (flags & 0x7) === 0x4;
      learn(first + i, offset + 4 * i, (flags & 1) !== 0 ? 2 : 4, is64);
      if (is64) i++;
    }
  };
  if (type < 2) {
    learnBars(0, BASE_ADDRESS_REGISTER_0, type === 0 ? 6 : 2);
    learn(ROM_BAR, type === 0 ? EXPANSION_ROM_BASE_ADDRESS : BRIDGE_EXPANSION_ROM_BASE_ADDRESS, 11, false);
  }
  const sriov = walkCapabilities(bytes).entries.find(
    ({ id, extended }) => extended && id === EXTENDED_CAPABILITY_ID_SINGLE_ROOT_IO_VIRTUALIZATION,
  );
  if (sriov !== undefined) learnBars(FIRST_VF_BAR, sriov.offset + VF_BAR_0, 6);
  return sizes;
}
