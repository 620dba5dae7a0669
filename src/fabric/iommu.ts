/** What the root complex asks of an IOMMU: nothing here knows of a particular one. */
import type { TlpHeader } from '../tlp/header.ts';

/** What an IOMMU makes of a memory request. `rule` and `spec` say why, for a hop. */
export type Remapped = { readonly rule: string; readonly spec: string } & (
  | {
      /** On to this address, which may be the request's own. */
      readonly way: 'passes';
      readonly addressHi: number;
      readonly addressLo: number;
    }
  | {
      /** An ATS translation request that succeeds. PCIe 5.0 §10.2.3. */
      readonly way: 'answered';
      /** The entry that comes back, bit 63 that of the first byte on the wire: address in 63:12, S 11, N 10, U 2, W 1, R 0. */
      readonly translation: bigint;
    }
  | {
      readonly way: 'blocked';
      /** Of a request that is not posted. */
      readonly status: 'UR' | 'CA';
    }
);

export interface Iommu {
  /**
   * What becomes of a memory request or AtomicOp that has come up to the root complex, by its Requester ID and Address Type. Changes
   * nothing, so that a router can ask twice.
   * @param segment that of the request's Requester ID
   */
  translate(header: TlpHeader, segment: number): Remapped;
  /** The machine is reset: `hot` keeps what is sticky. */
  reset(kind: 'fundamental' | 'hot'): void;
  /** A request that `translate` blocks has arrived: what that leaves in registers. */
  record(header: TlpHeader, segment: number): void;
}
