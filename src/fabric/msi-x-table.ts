/** The table and the Pending Bit Array of an MSI-X function, which lie in the memory of one of its BARs. PCIe 5.0 §7.7.2. */

/** Bytes of an entry: Message Address, Message Upper Address, Message Data, Vector Control. */
export const MSI_X_ENTRY_SIZE = 16;
const DWORDS = MSI_X_ENTRY_SIZE / 4;
const VECTOR_CONTROL = 3;
const MASK_BIT = 1;

export class MsiXTable {
  /** Entries. */
  readonly size: number;
  readonly #dwords: Uint32Array;
  readonly #pending: Uint32Array;
  readonly #onUnmask: (vector: number) => void;

  /** @param onUnmask told of each vector whose mask bit a write has cleared */
  constructor(size: number, onUnmask: (vector: number) => void) {
    this.size = size;
    this.#dwords = new Uint32Array(size * DWORDS);
    this.#pending = new Uint32Array(Math.ceil(size / 32));
    this.#onUnmask = onUnmask;
    this.reset();
  }

  /** Every vector masked, none pending. */
  reset(): void {
    this.#dwords.fill(0);
    this.#pending.fill(0);
    for (let vector = 0; vector < this.size; vector++) this.#dwords[vector * DWORDS + VECTOR_CONTROL] = MASK_BIT;
  }

  /** @param offset from the table's start, a multiple of 4 @throws RangeError where there is no such DWORD */
  read(offset: number): number {
    return this.#dwords[this.#index(offset)]!;
  }

  /** A DWORD written by software. Address bits 1:0 and reserved bits of Vector Control stay 0. @throws RangeError as `read` */
  write(offset: number, value: number): void {
    const index = this.#index(offset);
    const field = index % DWORDS;
    const before = this.#dwords[index]!;
    this.#dwords[index] = field === 0 ? value & ~3 : field === VECTOR_CONTROL ? value & MASK_BIT : value;
    if (field === VECTOR_CONTROL && (before & MASK_BIT) !== 0 && (value & MASK_BIT) === 0)
      this.#onUnmask(Math.floor(index / DWORDS));
  }

  /** 32 Pending Bits. @param offset from the array's start, a multiple of 4 @throws RangeError where there is no such DWORD */
  readPending(offset: number): number {
    if (offset % 4 !== 0 || offset < 0 || offset / 4 >= this.#pending.length)
      throw new RangeError(`Pending Bit Array: expected a DWORD of ${4 * this.#pending.length} bytes, got ${offset}`);
    return this.#pending[offset / 4]!;
  }

  message(vector: number): { readonly addressHi: number; readonly addressLo: number; readonly data: number } {
    const at = vector * DWORDS;
    return { addressLo: this.#dwords[at]!, addressHi: this.#dwords[at + 1]!, data: this.#dwords[at + 2]! };
  }

  isMasked(vector: number): boolean {
    return (this.#dwords[vector * DWORDS + VECTOR_CONTROL]! & MASK_BIT) !== 0;
  }

  isPending(vector: number): boolean {
    return ((this.#pending[vector >> 5]! >>> (vector & 31)) & 1) === 1;
  }

  setPending(vector: number, pending: boolean): void {
    const bit = 1 << (vector & 31);
    const old = this.#pending[vector >> 5]!;
    this.#pending[vector >> 5] = pending ? old | bit : old & ~bit;
  }

  #index(offset: number): number {
    if (offset % 4 !== 0 || offset < 0 || offset / 4 >= this.#dwords.length)
      throw new RangeError(`MSI-X table: expected a DWORD of ${4 * this.#dwords.length} bytes, got ${offset}`);
    return offset / 4;
  }
}
