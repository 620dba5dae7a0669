import type { DataObjectProtocol } from './data-object-mailbox.ts';

/** One function as it comes from a dump or the builder, before it has a place in an arena. */
export interface FunctionImage {
  /** PCI segment group, 0 to FFFFFFFFh. */
  readonly segment: number;
  /** Bus in 15:8, device in 7:3, function in 2:0. */
  readonly routingId: number;
  /** 256 or 4,096 bytes. */
  readonly bytes: Uint8Array;
  /** Only the header's bytes are known: what capabilities the function has is not. */
  readonly headerOnly?: boolean;
  /** log2 of the size of each BAR that is known, by BAR index (0 to 5, 6 = expansion ROM, 7 to 12 = VF BARs). */
  readonly barSizesLog2?: readonly (number | undefined)[];
  /** The store behind a VPD Capability, as the registers address it; writes go to it. Absent: it reads all ones. */
  readonly vitalProductData?: Uint8Array;
  /** What the function's DOE mailboxes answer beside DOE Discovery. */
  readonly dataObjects?: readonly DataObjectProtocol[];
}
