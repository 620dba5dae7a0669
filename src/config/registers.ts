/** What a behaviour or a reset may do to the registers of a function: the hardware door, and what goes with it. */
import type { DataObjectMailbox } from './data-object-mailbox.ts';
import type { Layout } from './layout.ts';
import type { ResetKind } from './reset.ts';

export type AccessSize = 1 | 2 | 4;

/** `ConfigArena` is one. Functions are named by their index. */
export interface Registers {
  readonly layout: readonly Layout[];
  space(fn: number): Uint8Array;
  u8(fn: number, offset: number): number;
  u16(fn: number, offset: number): number;
  u32(fn: number, offset: number): number;
  poke(fn: number, offset: number, size: AccessSize, value: number): void;
  setBits(fn: number, offset: number, size: AccessSize, mask: number): void;
  reset(fn: number, kind: ResetKind): void;
  /** The store behind the VPD registers; undefined where nobody knows what is in it. */
  vitalProductData(fn: number): Uint8Array | undefined;
  /** The mailbox of the DOE capability at `at`. */
  mailbox(fn: number, at: number): DataObjectMailbox;
  /** Tells whoever holds the machine of what reaches beyond the function. */
  announce(event: BehaviourEvent): void;
}

/** What a function did that reaches beyond it: a link that goes down, functions that come and go, an interrupt. */
export interface FieldEvent {
  readonly fn: number;
  readonly kind:
    | 'secondary-bus-reset'
    | 'link-disable'
    | 'slot-power'
    | 'retrain-link'
    | 'vf-enable'
    | 'interrupt-mask'
    | 'error-status-clear'
    | 'dpc-status-clear'
    | 'dpc-software-trigger'
    | 'doe-interrupt';
  /** Start of the structure whose register was written. */
  readonly at: number;
  /** The field's value before and after, in its place within the DWORD. */
  readonly before: number;
  readonly after: number;
}

export type BehaviourEvent = FieldEvent | { readonly fn: number; readonly kind: 'reset'; readonly reset: ResetKind };
