/** The two linked lists of capabilities. PCIe 5.0 §7.5.1.1.11 (from 34h; CardBus bridges from 14h) and §7.6.3 (from 100h). */
import {
  CAPABILITIES_POINTER,
  HEADER_TYPE,
  HEADER_TYPE_HEADER_LAYOUT,
  STATUS,
  STATUS_CAPABILITIES_LIST,
} from '../spec/constants.ts';
import { u32At } from './little-endian.ts';

export interface CapabilityEntry {
  readonly offset: number;
  readonly id: number;
  /** Bits 19:16 of an extended capability's header; 0 for a standard one, whose version is its own affair. */
  readonly version: number;
  readonly extended: boolean;
}

export interface CapabilityProblem {
  /** Where it shows: the pointer, or the capability. */
  readonly offset: number;
  readonly text: string;
}

export interface CapabilityWalk {
  readonly entries: readonly CapabilityEntry[];
  /** What is wrong with the lists. A pointer that is merely unaligned is followed; a walk ends at anything else. */
  readonly problems: readonly CapabilityProblem[];
}

const FIRST_CAPABILITY = 0x40;
const FIRST_EXTENDED = 0x100;
const CARDBUS_HEADER = 2;
const PCI_X = 0x07;
const PCI_EXPRESS = 0x10;
const CARDBUS_CAPABILITIES_POINTER = 0x14;

/**
 * Walks both lists; ends at a null pointer, at the end of the space, and where a list comes back to itself.
 * @param bytes one function's space, 256 or 4,096 bytes
 */
export function walkCapabilities(bytes: Uint8Array): CapabilityWalk {
  const entries: CapabilityEntry[] = [];
  const problems: CapabilityProblem[] = [];
  const hex = (value: number) => `${value.toString(16).toUpperCase()}h`;
  const headerType = bytes[HEADER_TYPE]! & HEADER_TYPE_HEADER_LAYOUT;
  // Another layout (a function that reads ff, say) has no list that anyone knows of.
  if (headerType <= CARDBUS_HEADER && (bytes[STATUS]! & STATUS_CAPABILITIES_LIST) !== 0) {
    const cardbus = headerType === CARDBUS_HEADER;
    let from = cardbus ? CARDBUS_CAPABILITIES_POINTER : CAPABILITIES_POINTER;
    const seen = new Set<number>();
    for (let offset = bytes[from]! & 0xfc; offset !== 0; offset = bytes[from]! & 0xfc) {
      if (bytes[from] !== offset)
        problems.push({
          offset: from,
          text: `capability pointer ${hex(bytes[from]!)} is not a multiple of 4; ${hex(offset)} is read`,
        });
      if (offset < FIRST_CAPABILITY) {
        problems.push({ offset: from, text: `capability pointer ${hex(offset)} points into the header` });
        break;
      }
      if (seen.has(offset)) {
        problems.push({ offset: from, text: `capability list comes back to ${hex(offset)}` });
        break;
      }
      seen.add(offset);
      const id = bytes[offset]!;
      if (id === 0xff) {
        problems.push({ offset, text: 'capability reads FFh' });
        break;
      }
      entries.push({ offset, id, version: 0, extended: false });
      from = offset + 1;
    }
  }
  // PCI Express has an extended space, and PCI-X in mode 2; what else lies there in a dump is no list. PCIe 5.0 §7.6.3.
  const mayBeExtended = entries.some(({ id }) => id === PCI_EXPRESS || id === PCI_X);
  if (bytes.length > FIRST_EXTENDED && mayBeExtended) {
    const seen = new Set<number>();
    for (let offset = FIRST_EXTENDED; offset !== 0; ) {
      const header = u32At(bytes, offset);
      // All zeros at 100h: no extended capabilities. FFFFFFFFh: the space is not there. Further on, the list is broken.
      if (header === 0 || header === 0xffffffff) {
        if (offset !== FIRST_EXTENDED) problems.push({ offset, text: `extended capability reads ${hex(header)}` });
        break;
      }
      seen.add(offset);
      entries.push({ offset, id: header & 0xffff, version: (header >>> 16) & 0xf, extended: true });
      const pointer = header >>> 20;
      const next = pointer & 0xffc;
      if (pointer !== next)
        problems.push({
          offset,
          text: `extended capability pointer ${hex(pointer)} is not a multiple of 4; ${hex(next)} is read`,
        });
      if (next !== 0 && next < FIRST_EXTENDED) {
        problems.push({ offset, text: `extended capability pointer ${hex(next)} points below 100h` });
        break;
      }
      if (seen.has(next)) {
        problems.push({ offset, text: `extended capability list comes back to ${hex(next)}` });
        break;
      }
      offset = next;
    }
  }
  return { entries, problems };
}
