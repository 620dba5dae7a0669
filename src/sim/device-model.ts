/** What a function does behind its registers: the part of a device that a host program writes. */
import type { ResetKind } from '../config/reset.ts';
import type { Delivery, DeliveryOutcome } from '../fabric/delivery.ts';
import type { Interrupt } from '../fabric/interrupts.ts';

/** All that is not there: reads give zeros, writes are swallowed. */
export interface DeviceModel {
  /**
   * Fills `into` with what a read of the BAR gives.
   * @param bar 0 to 5; 6 is the expansion ROM, 7 to 12 the share of a VF in its PF's VF BARs
   * @param offset in bytes, from the BAR's start
   */
  read?(bar: number, offset: number, into: Uint8Array): void;
  write?(bar: number, offset: number, data: Uint8Array): void;
  /** After a reset of the function, when its registers have their reset values. */
  reset?(kind: ResetKind): void;
}

export interface Transfer {
  /** `delivered`, or of the first request that was not: no more are sent then. */
  readonly outcome: DeliveryOutcome;
  /** The function that refused it; -1 for the root complex, and where it was delivered. */
  readonly at: number;
  /** Of a read: what came back; from the first request on that failed, zeros, and for the CPU ones. */
  readonly bytes: Uint8Array;
}

export type AtomicOperation = 'FetchAdd' | 'Swap' | 'CAS';

/** A device's way out. It asks the fabric; a bridge or the function's own Bus Master Enable may refuse. */
export interface DevicePort {
  /** The function's index. */
  readonly fn: number;
  /** In memory requests of at most Max_Read_Request_Size. */
  read(address: number | bigint, length: number): Transfer;
  /** In posted writes of at most Max_Payload_Size. A real device never learns of their outcome: no completion comes. */
  write(address: number | bigint, data: Uint8Array): Transfer;
  /**
   * An AtomicOp of 4 or 8 bytes (CAS: the compare value, then the swap value).
   * @returns in `bytes` what was there before
   */
  atomic(operation: AtomicOperation, address: number | bigint, operand: Uint8Array): Transfer;
  /** MSI-X or MSI, as far as they are on. */
  interrupt(vector: number): Interrupt<Delivery>;
}
