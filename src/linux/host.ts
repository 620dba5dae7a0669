/** All that the kernel model sees of the machine: which functions answer, and configuration requests. */
import type { AccessSize } from '../config/registers.ts';

export interface PciHost {
  /** The functions that a scan finds, in any order. */
  readonly functions: readonly { readonly segment: number; readonly routingId: number }[];
  /** Little-endian, unsigned; all ones where nobody answers. */
  configRead(segment: number, routingId: number, offset: number, size: AccessSize): number;
  configWrite(segment: number, routingId: number, offset: number, size: AccessSize, value: number): void;
  /** Tells the platform's host bridges to take no more requests from below, in whatever register it is; absent where there is none. */
  blockInbound?(): void;
}
