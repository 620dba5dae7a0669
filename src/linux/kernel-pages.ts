/** A kernel's share of the machine's memory, given out page by page: `alloc_page()` as far as tables need it. */
import type { KernelMemory } from './intel-iommu.ts';

const PAGE_SIZE = 4096;

export class KernelPages implements KernelMemory {
  readonly #memory: Pick<KernelMemory, 'read' | 'write'>;
  #next: bigint;

  /**
   * @param memory all of it
   * @param first address of the first page
   * @throws RangeError when it is no page's
   */
  constructor(memory: Pick<KernelMemory, 'read' | 'write'>, first: bigint) {
    if (first < 0n || first % BigInt(PAGE_SIZE) !== 0n)
      throw new RangeError(`expected the address of a page, got 0x${first.toString(16)}`);
    this.#memory = memory;
    this.#next = first;
  }

  read(address: bigint, into: Uint8Array): void {
    this.#memory.read(address, into);
  }

  write(address: bigint, data: Uint8Array): void {
    this.#memory.write(address, data);
  }

  allocatePage(): bigint {
    const page = this.#next;
    this.#next += BigInt(PAGE_SIZE);
    this.#memory.write(page, new Uint8Array(PAGE_SIZE));
    return page;
  }
}
