/** Entries of the tables of legacy mode, as they lie in memory: root, context, second-stage paging. VT-d 5.1 §9.1, §9.3, §9.8. */

export const PAGE_SHIFT = 12n;
export const TABLE_SIZE = 4096;
/** Root and context entries are of 16 bytes, paging entries of 8. */
export const ENTRY_SIZE = 16;
export const PAGING_ENTRY_SIZE = 8;

export const PRESENT = 1n;
/** Bits 63:12, where an entry has an address. */
export const ADDRESS = ~0xfffn & ((1n << 64n) - 1n);

export const ROOT_RESERVED = 0xffen;

export const CONTEXT_FAULT_PROCESSING_DISABLE = 2n;
export const CONTEXT_TRANSLATION_TYPE = 2n;
export const CONTEXT_RESERVED = 0xff0n;
/** Of the upper half: Address Width in 2:0, ignored 6:3, Domain Identifier in 23:8. */
export const CONTEXT_ADDRESS_WIDTH = 7n;
export const CONTEXT_DOMAIN = 8n;
export const CONTEXT_UPPER_RESERVED = (((1n << 64n) - 1n) & ~0xffffffn) | 0x80n;

export const translationTypes = { untranslated: 0n, all: 1n, passThrough: 2n } as const;

export const PAGING_READ = 1n;
export const PAGING_WRITE = 2n;
export const PAGING_LARGE = 0x80n;
export const PAGING_SNOOP = 0x800n;
/** Reserved at every level: Transient Mapping's place, now I/O Write. */
export const PAGING_RESERVED = 1n << 62n;

/** Levels of paging by Address Width; none for those that are reserved. */
export function levelsOf(addressWidth: bigint): number | undefined {
  return addressWidth >= 1n && addressWidth <= 3n ? Number(addressWidth) + 2 : undefined;
}

/** Input bits that so many levels translate: 39, 48, 57. */
export function widthOf(levels: number): number {
  return 12 + 9 * levels;
}

/** Bytes that an entry of a level maps, if it is a leaf, as a power of two. */
export function shiftOf(level: number): bigint {
  return 12n + 9n * BigInt(level - 1);
}
