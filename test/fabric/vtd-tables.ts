/** Tables of a VT-d unit, written by hand into memory: no code of `src` but the memory itself. */
import { HostMemory } from '../../src/fabric/host-memory.ts';
import { type VtdOptions, VtdUnit } from '../../src/fabric/vtd/unit.ts';

export const ROOT = 0x10000n;
const CONTEXT = 0x20000n;
const FIRST_FREE = 0x100000n;

export class Tables {
  readonly memory = new HostMemory();
  #next = FIRST_FREE;

  put(address: bigint, value: bigint): void {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, value, true);
    this.memory.write(address, bytes);
  }

  get(address: bigint): bigint {
    const bytes = new Uint8Array(8);
    this.memory.read(address, bytes);
    return new DataView(bytes.buffer).getBigUint64(0, true);
  }

  page(): bigint {
    this.#next += 0x1000n;
    return this.#next;
  }

  /** Root and context entry of 01:00.0; `lo` is the lower half without the pointer. @returns the first paging table */
  context({ id = 0x0100, lo = 1n, hi = 2n, root = 1n } = {}): bigint {
    const table = this.page();
    this.put(ROOT + BigInt(16 * (id >> 8)), CONTEXT | root);
    this.put(CONTEXT + BigInt(16 * (id & 0xff)), table | lo);
    this.put(CONTEXT + BigInt(16 * (id & 0xff)) + 8n, hi);
    return table;
  }

  /**
   * An entry of the level that maps the address, with the tables above it where they are missing.
   * @param level 1 for 4 KiB, 2 for 2 MiB, 3 for 1 GiB
   */
  map(top: bigint, levels: number, address: bigint, entry: bigint, level = 1): void {
    let table = top;
    for (let at = levels; at > level; at--) {
      const slot = table + 8n * ((address >> BigInt(12 + 9 * (at - 1))) & 511n);
      let next = this.get(slot);
      if (next === 0n) {
        next = this.page() | 3n;
        this.put(slot, next);
      }
      table = next & ~0xfffn;
    }
    this.put(table + 8n * ((address >> BigInt(12 + 9 * (level - 1))) & 511n), entry);
  }

  /** A unit that translates by these tables. */
  unit(options: VtdOptions = {}): VtdUnit {
    const unit = new VtdUnit(this.memory, options);
    unit.write64(0x20, ROOT);
    unit.write32(0x18, 0x40000000);
    unit.write32(0x18, 0x80000000);
    return unit;
  }
}
