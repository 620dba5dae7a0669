/**
 * The kernel's VT-d driver: its tables in memory, and how a kdump kernel takes over those of the kernel before it. Legacy mode, 4 KiB
 * pages, one unit. Linux 6.1 drivers/iommu/intel/iommu.c; names are the kernel's.
 */
import * as E from '../fabric/vtd/entries.ts';
import * as R from '../fabric/vtd/registers.ts';

/** What the driver sees of the machine. */
export interface DmarHost {
  /** The unit's registers, by offset. */
  read32(offset: number): number;
  read64(offset: number): bigint;
  write32(offset: number, value: number): void;
  write64(offset: number, value: bigint): void;
}

export interface KernelMemory {
  read(address: bigint, into: Uint8Array): void;
  write(address: bigint, data: Uint8Array): void;
  /** A page of zeros that the kernel owns; its address. */
  allocatePage(): bigint;
}

/** `struct dmar_domain`: an address space of DMA. */
export interface DmarDomain {
  readonly id: number;
  readonly pgd: bigint;
}

export const DMA_PTE_READ = 1;
export const DMA_PTE_WRITE = 2;

/** What a kernel does with a unit that it finds translating, or not. */
export type InitDmars =
  /** Nothing was on: new tables, which are on now. */
  | 'enabled'
  /** Tables copied from the kernel before, and translation never off. */
  | 'copied'
  /** They could not be copied: translation was off for a moment. */
  | 'copy failed';

const DEVICE_SELECTIVE = 3n;
const DOMAIN_SELECTIVE = 2n;
const GLOBAL = 1n;

export class IntelIommu {
  readonly #host: DmarHost;
  readonly #memory: KernelMemory;
  /** `iommu->gcmd`: what stays set when a command is given. */
  #gcmd = 0;
  #rootEntry = 0n;
  /** `copied_tables`: bus, device and function of the context entries that are another kernel's. */
  readonly #copiedTables = new Set<number>();
  /** `domain_ids`; 0 is not given out. */
  readonly #domainIds = new Set([0]);

  constructor(host: DmarHost, memory: KernelMemory) {
    this.#host = host;
    this.#memory = memory;
    // alloc_iommu()
    if (this.translationEnabled) this.#gcmd |= R.GCMD_TE;
  }

  get translationEnabled(): boolean {
    return (this.#host.read32(R.GSTS) & R.GSTS_TES) !== 0;
  }

  /**
   * init_dmars(), and the end of intel_iommu_init().
   * @param isKdumpKernel any other kernel switches off what it finds on
   */
  initDmars(isKdumpKernel: boolean): InitDmars {
    let preEnabled = this.translationEnabled;
    if (preEnabled && !isKdumpKernel) {
      this.disableTranslation();
      preEnabled = false;
    }
    this.#rootEntry = this.#memory.allocatePage();
    let result: InitDmars = 'enabled';
    if (preEnabled) {
      result = this.#copyTranslationTables() ? 'copied' : 'copy failed';
      if (result === 'copy failed') this.disableTranslation();
    }
    this.#setRootEntry();
    if (result !== 'copied') this.#enableTranslation();
    return result;
  }

  /** iommu_disable_translation(), as intel_disable_iommus() with `intel_iommu=off`. */
  disableTranslation(): void {
    this.#gcmd &= ~R.GCMD_TE;
    this.#host.write32(R.GCMD, this.#gcmd);
  }

  #enableTranslation(): void {
    this.#gcmd |= R.GCMD_TE;
    this.#host.write32(R.GCMD, this.#gcmd);
  }

  /** copy_translation_tables(): context entries are copied, paging tables stay where they are. False where there are none. */
  #copyTranslationTables(): boolean {
    const rtaddr = this.#host.read64(R.RTADDR);
    // The mode of the tables can't be changed while translation is on.
    if ((rtaddr & R.RTADDR_TTM) !== 0n) return false;
    const oldRoot = rtaddr & E.ADDRESS;
    if (oldRoot === 0n) return false;
    for (let bus = 0; bus < 256; bus++) {
      const rootEntry = this.#read(oldRoot + BigInt(E.ENTRY_SIZE * bus));
      if ((rootEntry & E.PRESENT) === 0n) continue;
      const table = this.#copyContextTable(bus, rootEntry & E.ADDRESS);
      this.#write(this.#rootEntry + BigInt(E.ENTRY_SIZE * bus), table | E.PRESENT);
    }
    return true;
  }

  /** copy_context_table() */
  #copyContextTable(bus: number, old: bigint): bigint {
    const table = this.#memory.allocatePage();
    for (let devfn = 0; devfn < 256; devfn++) {
      const at = BigInt(E.ENTRY_SIZE * devfn);
      const [lo, hi] = [this.#read(old + at), this.#read(old + at + 8n)];
      if ((lo & E.PRESENT) === 0n) continue;
      this.#domainIds.add(domainIdOf(hi));
      this.#copiedTables.add((bus << 8) | devfn);
      this.#write(table + at, lo);
      this.#write(table + at + 8n, hi);
    }
    return table;
  }

  /** iommu_set_root_entry() */
  #setRootEntry(): void {
    this.#host.write64(R.RTADDR, this.#rootEntry);
    this.#host.write32(R.GCMD, this.#gcmd | R.GCMD_SRTP);
    this.#flushContext(GLOBAL, 0, 0);
    this.#flushIotlb(GLOBAL, 0);
  }

  /** alloc_domain(), domain_attach_iommu(). */
  allocDomain(): DmarDomain {
    let id = 0;
    while (this.#domainIds.has(id)) id++;
    this.#domainIds.add(id);
    return { id, pgd: this.#memory.allocatePage() };
  }

  /**
   * domain_context_mapping_one(): a device's requests go by the domain from now on. One that has a domain of this kernel keeps it.
   * @param routingId as requests come with
   */
  domainContextMapping(domain: DmarDomain, routingId: number): void {
    const rootAt = this.#rootEntry + BigInt(E.ENTRY_SIZE * (routingId >> 8));
    if ((this.#read(rootAt) & E.PRESENT) === 0n) this.#write(rootAt, this.#memory.allocatePage() | E.PRESENT);
    const at = (this.#read(rootAt) & E.ADDRESS) + BigInt(E.ENTRY_SIZE * (routingId & 0xff));
    const isPresent = (this.#read(at) & E.PRESENT) !== 0n;
    if (isPresent && !this.#copiedTables.has(routingId)) return;
    if (isPresent) {
      // By now the driver has reset the device, and nothing of it is in flight.
      const oldDomain = domainIdOf(this.#read(at + 8n));
      this.#flushContext(DEVICE_SELECTIVE, oldDomain, routingId);
      this.#flushIotlb(DOMAIN_SELECTIVE, oldDomain);
      this.#copiedTables.delete(routingId);
    }
    this.#write(at + 8n, BigInt(this.#agaw) | (BigInt(domain.id) << E.CONTEXT_DOMAIN));
    this.#write(at, domain.pgd | E.PRESENT);
  }

  /**
   * __domain_mapping(): 4 KiB pages from `iova` on, to memory from `physical` on.
   * @param prot DMA_PTE_READ, DMA_PTE_WRITE, or both
   */
  domainMapping(domain: DmarDomain, iova: bigint, physical: bigint, pages: number, prot: number): void {
    for (let page = 0; page < pages; page++) {
      const at = iova + BigInt(page) * BigInt(E.TABLE_SIZE);
      let table = domain.pgd;
      for (let level = this.#agaw + 2; level > 1; level--) table = this.#nextTable(this.#pte(table, at, level));
      const frame = (physical & E.ADDRESS) + BigInt(page) * BigInt(E.TABLE_SIZE);
      this.#write(this.#pte(table, at, 1), frame | BigInt(prot));
    }
  }

  #pte(table: bigint, iova: bigint, level: number): bigint {
    return table + BigInt(E.PAGING_ENTRY_SIZE) * ((iova >> E.shiftOf(level)) & 0x1ffn);
  }

  #nextTable(entryAt: bigint): bigint {
    let entry = this.#read(entryAt);
    if ((entry & (E.PAGING_READ | E.PAGING_WRITE)) === 0n) {
      entry = this.#memory.allocatePage() | E.PAGING_READ | E.PAGING_WRITE;
      this.#write(entryAt, entry);
    }
    return entry & E.ADDRESS;
  }

  /** iommu_calculate_agaw(): the widest that the unit has, as Address Width has it. */
  get #agaw(): number {
    const supported = Number((this.#host.read64(R.CAP) >> 8n) & 0x1fn);
    return 31 - Math.clz32(supported);
  }

  #flushContext(granularity: bigint, domain: number, sourceId: number): void {
    const command = R.CCMD_ICC | (granularity << R.CCMD_CIRG) | (BigInt(sourceId) << 16n) | BigInt(domain);
    this.#host.write64(R.CCMD, command);
  }

  #flushIotlb(granularity: bigint, domain: number): void {
    // IRO of ECAP says where the two registers are, in 16 bytes.
    const iva = 16 * Number((this.#host.read64(R.ECAP) >> 8n) & 0x3ffn);
    this.#host.write64(iva + 8, R.IOTLB_IVT | (granularity << R.IOTLB_IIRG) | (BigInt(domain) << 32n));
  }

  #read(address: bigint): bigint {
    const bytes = new Uint8Array(8);
    this.#memory.read(address, bytes);
    return new DataView(bytes.buffer).getBigUint64(0, true);
  }

  #write(address: bigint, value: bigint): void {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, value, true);
    this.#memory.write(address, bytes);
  }
}

function domainIdOf(upper: bigint): number {
  return Number((upper >> E.CONTEXT_DOMAIN) & 0xffffn);
}
