/** The memory behind the root complex: any 64-bit address, kept in the pages that were written; the rest reads 0. */

const PAGE_BITS = 12n;
const PAGE_SIZE = 4096;

export class HostMemory {
  readonly #pages = new Map<bigint, Uint8Array>();

  /** Fills `into` with the bytes from `address` on. */
  read(address: bigint, into: Uint8Array): void {
    this.#walk(address, into.length, (page, from, at, length) => {
      const bytes = this.#pages.get(page);
      if (bytes === undefined) into.fill(0, at, at + length);
      else into.set(bytes.subarray(from, from + length), at);
    });
  }

  write(address: bigint, data: Uint8Array): void {
    this.#walk(address, data.length, (page, from, at, length) => {
      let bytes = this.#pages.get(page);
      if (bytes === undefined) {
        bytes = new Uint8Array(PAGE_SIZE);
        this.#pages.set(page, bytes);
      }
      bytes.set(data.subarray(at, at + length), from);
    });
  }

  #walk(
    address: bigint,
    length: number,
    visit: (page: bigint, from: number, at: number, length: number) => void,
  ): void {
    for (let at = 0; at < length; ) {
      const byte = address + BigInt(at);
      const from = Number(byte & BigInt(PAGE_SIZE - 1));
      const part = Math.min(PAGE_SIZE - from, length - at);
      visit(byte >> PAGE_BITS, from, at, part);
      at += part;
    }
  }
}
