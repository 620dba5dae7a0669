/** BAR sizes as a person states them, checked against what the function's registers can be. PCIe 5.0 §7.5.1.2.1, §7.5.1.2.4, §9.3.3.14. */
import { HEADER_TYPE, HEADER_TYPE_HEADER_LAYOUT, VF_BAR_0 } from '../spec/constants.ts';
import { type BarKind, barRegisters, FIRST_VF_BAR, ROM_BAR, vfBars } from './bars.ts';

/** log2 of the smallest and the largest size. */
const limits: Record<BarKind, readonly [number, number]> = {
  io: [2, 8],
  memory32: [4, 31],
  memory64: [4, 63],
  rom: [11, 24],
};
const PAGE_LOG2 = 12;
const VF_BARS = 6;

/**
 * @param sizes bytes by BAR index (6 = expansion ROM, 7 to 12 = VF BARs)
 * @param sriov offset of an SR-IOV Capability; 0 without
 * @returns log2 of the sizes, by index
 * @throws Error naming the BAR, when the function has no such BAR or one of its kind can't have the size
 */
export function checkedBarSizes(
  name: string,
  bytes: Uint8Array,
  sizes: Readonly<Record<number, number>>,
  sriov: number,
): number[] {
  const type = bytes[HEADER_TYPE]! & HEADER_TYPE_HEADER_LAYOUT;
  const kinds = new Map<number, BarKind>();
  for (const { index, kind } of barRegisters(bytes, () => true)) kinds.set(index, kind);
  const stated = Array.from({ length: FIRST_VF_BAR + VF_BARS }, () => PAGE_LOG2);
  if (sriov !== 0)
    for (const { index, kind } of vfBars(bytes, sriov + VF_BAR_0, PAGE_LOG2, stated)) kinds.set(index, kind);
  const result: number[] = [];
  for (const [key, size] of Object.entries(sizes)) {
    const index = Number(key);
    const kind = kinds.get(index);
    if (kind === undefined)
      throw new Error(`${name} BAR ${key}: expected a BAR that a Type ${type} function like this has, got none`);
    const log2 = Math.log2(size);
    const [least, most] = index >= FIRST_VF_BAR ? [PAGE_LOG2, limits[kind][1]] : limits[kind];
    if (!Number.isInteger(log2) || log2 < least || log2 > most)
      throw new Error(
        `${name} ${index === ROM_BAR ? 'expansion ROM' : `BAR ${key}`}: expected a power of two from 2^${least} to 2^${most}, got ${size}`,
      );
    result[index] = log2;
  }
  return result;
}
