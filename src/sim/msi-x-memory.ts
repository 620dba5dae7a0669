/** The MSI-X table and Pending Bit Array as they lie in BAR memory: accesses there are not the device model's. PCIe 5.0 §7.7.2. */
import type { Fabric } from '../fabric/fabric.ts';
import { MSI_X_ENTRY_SIZE } from '../fabric/msi-x-table.ts';
import { MSI_X_PBA, MSI_X_TABLE } from '../spec/constants.ts';

const BIR = 7;

export class MsiXMemory {
  readonly #fabric: Fabric;

  constructor(fabric: Fabric) {
    this.#fabric = fabric;
  }

  /** @returns whether the access is of the table or the array, and was done */
  read(fn: number, bar: number, offset: number, into: Uint8Array): boolean {
    const place = this.#place(fn, bar, offset, into.length);
    if (place === undefined) return false;
    const { table, isPending, at } = place;
    for (let i = 0; i < into.length; i++) {
      const dword = (at + i) & ~3;
      const value = isPending ? table.readPending(dword) : table.read(dword);
      into[i] = value >>> (8 * ((at + i) & 3));
    }
    return true;
  }

  /** DWORDs and QWORDs only, as the spec has it: other writes have no defined result, and are lost. PCIe 5.0 §7.7.2.7 */
  write(fn: number, bar: number, offset: number, data: Uint8Array): boolean {
    const place = this.#place(fn, bar, offset, data.length);
    if (place === undefined) return false;
    const { table, isPending, at } = place;
    if (isPending || at % 4 !== 0 || data.length % 4 !== 0) return true;
    const view = new DataView(data.buffer, data.byteOffset, data.length);
    for (let i = 0; i < data.length; i += 4) table.write(at + i, view.getUint32(i, true));
    return true;
  }

  #place(fn: number, bar: number, offset: number, length: number) {
    const { arena, interrupts } = this.#fabric;
    const { msiX } = arena.layout[fn]!;
    const table = interrupts.table(fn);
    if (table === undefined) return undefined;
    for (const [register, size, isPending] of [
      [MSI_X_TABLE, table.size * MSI_X_ENTRY_SIZE, false],
      [MSI_X_PBA, 4 * Math.ceil(table.size / 32), true],
    ] as const) {
      const where = arena.u32(fn, msiX + register);
      const start = (where & ~BIR) >>> 0;
      // The BIR of a VF counts its own VF BARs.
      const index = arena.layout[fn]!.isVirtual ? bar - 7 : bar;
      if (index === (where & BIR) && offset >= start && offset + length <= start + size)
        return { table, isPending, at: offset - start };
    }
    return undefined;
  }
}
