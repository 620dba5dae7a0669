import type { Iommu } from './iommu.ts';
import type { MemoryMap } from './memory-map.ts';

/** What the spec leaves to an implementation, or leaves open, in routing. Registers say nothing of it, so a machine is told. */
export interface RoutingOptions {
  /**
   * The root complex takes requests from one of its ports or integrated endpoints to another. It need not. PCIe 5.0 §1.3.1.
   * False where not given: it answers Unsupported Request.
   */
  readonly peerToPeer?: boolean;
  /**
   * What the windows of a bridge are for requests from below while its Memory (I/O) Space Enable is clear. PCI-to-PCI bridges ignore
   * the I/O window then; of a port's memory windows no public text is known. `ignored` where not given: all goes up.
   */
  readonly windowsOfDisabledSpace?: 'ignored' | 'kept';
  /** Where memory is behind the root complex. Where not given: everywhere that no function claims. */
  readonly memory?: MemoryMap;
  /** Remaps memory requests that have come up to the root complex. */
  readonly iommu?: Iommu;
}
