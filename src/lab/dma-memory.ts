/**
 * The memory that DMA lands in, a VT-d unit before it or none, and both kernels' tables in it: what DMA in flight meets in a kdump kernel.
 *
 * Sizes are the model's: 2 GiB, and 256 MiB of it reserved for the kdump kernel. Each requester has a page of the first kernel's for
 * what it writes. With an IOMMU, the address that it writes to is mapped to that page; without, it is the page's own.
 */
import { HostMemory } from '../fabric/host-memory.ts';
import { MemoryMap } from '../fabric/memory-map.ts';
import type { RoutingOptions } from '../fabric/routing-options.ts';
import { VtdUnit } from '../fabric/vtd/unit.ts';
import { DMA_PTE_READ, DMA_PTE_WRITE, type DmarDomain, IntelIommu } from '../linux/intel-iommu.ts';
import { KernelPages } from '../linux/kernel-pages.ts';
import type { KdumpIommu, Policy } from '../linux/policies/policy.ts';
import type { Attempt } from './senders.ts';

const MIB = 0x100000n;
const RAM_LAST = 2048n * MIB - 1n;
/** `crashkernel=256M`. */
export const crashMemory = { first: 672n * MIB, last: 928n * MIB - 1n } as const;
/** Where the first kernel has its tables, and where the pages that its devices write to. */
const FIRST_KERNEL_TABLES = 256n * MIB;
const FIRST_KERNEL_PAGES = 512n * MIB;
const PAGE = 4096n;
/** Fault records of the unit: enough for each function of a small machine. */
const FAULT_RECORDS = 32;

/** Where a write of DMA ended. */
export type DmaEnd = 'own page' | 'other memory' | 'crash memory' | 'fault' | 'refused';

/** A machine with an IOMMU, where a policy says what the kdump kernel does with one. */
export function memoryFor(policies: readonly Policy[]): DmaMemory | undefined {
  return policies.some(({ kdumpIommu }) => kdumpIommu !== undefined) ? new DmaMemory(true) : undefined;
}

export interface Destination {
  readonly requesterId: number;
  /** That the device was told to write to. */
  readonly address: bigint;
}

export class DmaMemory {
  readonly memory = new HostMemory();
  readonly map = new MemoryMap({ ram: [[0, RAM_LAST]] });
  /** Undefined on a machine without. */
  readonly unit: VtdUnit | undefined;
  /** The page that the first kernel has given to a requester. */
  readonly #pages = new Map<number, bigint>();
  readonly #buffers = new KernelPages(this.memory, FIRST_KERNEL_PAGES);
  #second: IntelIommu | undefined;
  readonly #secondDomains = new Map<number, DmarDomain>();

  constructor(hasIommu: boolean) {
    this.unit = hasIommu ? new VtdUnit(this.memory, { map: this.map, faultRecords: FAULT_RECORDS }) : undefined;
  }

  /** For a fabric in front of it. */
  get routing(): RoutingOptions {
    return { memory: this.map, ...(this.unit === undefined ? {} : { iommu: this.unit }) };
  }

  /** Where a device writes that no IOMMU remaps: its own page. Undefined with an IOMMU, where any address will do. */
  addressFor(requesterId: number): number | undefined {
    return this.unit === undefined ? Number(this.#pageOf(requesterId)) : undefined;
  }

  /** The first kernel: a domain and a page for each requester, and translation on. */
  bootFirst(destinations: readonly Destination[]): void {
    if (this.unit === undefined) return;
    const kernel = new IntelIommu(this.unit, new KernelPages(this.memory, FIRST_KERNEL_TABLES));
    kernel.initDmars(false);
    const domains = new Map<number, DmarDomain>();
    for (const { requesterId, address } of destinations)
      map(kernel, domains, requesterId, address, this.#pageOf(requesterId));
  }

  /** The kdump kernel finds the unit as the first kernel has left it. */
  bootKdump(how: KdumpIommu): void {
    if (this.unit === undefined) return;
    const kernel = new IntelIommu(this.unit, new KernelPages(this.memory, crashMemory.first));
    if (how === 'switches off') kernel.disableTranslation();
    else {
      kernel.initDmars(how === 'copies');
      this.#second = kernel;
    }
  }

  /** A driver of the kdump kernel binds: the requester gets a domain of this kernel, and a page of its memory. */
  attach({ requesterId, address }: Destination): void {
    const page = crashMemory.last + 1n - BigInt(this.#secondDomains.size + 1) * PAGE;
    if (this.#second !== undefined) map(this.#second, this.#secondDomains, requesterId, address, page);
  }

  /** Where the write of an attempt ended. */
  endOf({ header, delivery }: Attempt): DmaEnd {
    if (delivery.outcome === 'iommu-fault' || delivery.outcome === 'iommu-abort') return 'fault';
    if (delivery.outcome !== 'delivered') return 'refused';
    const { addressHi, addressLo } = delivery.remapped?.way === 'passes' ? delivery.remapped : header;
    const address = (BigInt(addressHi) << 32n) | BigInt(addressLo);
    if (address >= crashMemory.first && address <= crashMemory.last) return 'crash memory';
    return address - (address % PAGE) === this.#pages.get(header.requesterId) ? 'own page' : 'other memory';
  }

  #pageOf(requesterId: number): bigint {
    let page = this.#pages.get(requesterId);
    if (page === undefined) {
      page = this.#buffers.allocatePage();
      this.#pages.set(requesterId, page);
    }
    return page;
  }
}

/** Functions that share a Requester ID, behind a bridge to PCI, share a domain. */
function map(
  kernel: IntelIommu,
  domains: Map<number, DmarDomain>,
  requesterId: number,
  address: bigint,
  page: bigint,
): void {
  let domain = domains.get(requesterId);
  if (domain === undefined) {
    domain = kernel.allocDomain();
    domains.set(requesterId, domain);
    kernel.domainContextMapping(domain, requesterId);
  }
  kernel.domainMapping(domain, address, page, 1, DMA_PTE_READ | DMA_PTE_WRITE);
}
