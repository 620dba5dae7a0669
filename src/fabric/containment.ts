/**
 * Downstream Port Containment: what triggers it, what it holds, and its release. PCIe 5.0 §6.2.10, §7.9.15. What a link that is down
 * means to traffic is the router's and `link.ts`'s.
 */
import type { ErrorMessageName } from '../../spec-tables/message-codes.ts';
import type { ConfigArena } from '../config/arena.ts';
import * as C from '../spec/constants.ts';
import { type ErrorInterrupt, errorInterrupt, type MessageDelivery } from './error-messages.ts';
import { isContained, isLinkUp, showLinkState } from './link.ts';
import { resetBehind } from './resets.ts';
import type { Topology } from './topology.ts';

/** Code of DPC Trigger Reason, and of its extension for the last two. PCIe 5.0 §7.9.15.4. */
const reasons = {
  'uncorrectable error': [0, 0],
  ERR_NONFATAL: [1, 0],
  ERR_FATAL: [2, 0],
  'RP PIO error': [3, 0],
  software: [3, 1],
} as const;

export type ContainmentReason = keyof typeof reasons;

export interface ContainmentEvent {
  readonly port: number;
  readonly reason: ContainmentReason;
  /** How the port tells the system; `not enabled` by DPC Interrupt Enable. */
  readonly interrupt: ErrorInterrupt;
  /** The ERR_COR that DPC ERR_COR Enable asks for. */
  readonly errorMessage: MessageDelivery | undefined;
}

export class Containment {
  readonly #arena: ConfigArena;
  readonly #topology: () => Topology;
  readonly #send: (port: number) => MessageDelivery | undefined;

  /** @param send has a port's ERR_COR go its way; undefined where it is still on it */
  constructor(arena: ConfigArena, topology: () => Topology, send: (port: number) => MessageDelivery | undefined) {
    this.#arena = arena;
    this.#topology = topology;
    this.#send = send;
  }

  /** Whether an unmasked uncorrectable error of the port's own triggers it. Its severity does not matter. PCIe 5.0 §7.9.15.3. */
  isArmed(port: number): boolean {
    return this.#triggerEnable(port) !== 0 && !isContained(this.#arena, port);
  }

  /**
   * A message that came in from below. Where it triggers, it goes no further. Reasons 1 and 2 keep who sent it.
   * @returns undefined where it does not trigger
   */
  receive(port: number, message: ErrorMessageName, sourceId: number): ContainmentEvent | undefined {
    if (message === 'ERR_COR' || !this.isArmed(port)) return undefined;
    if (message === 'ERR_NONFATAL' && this.#triggerEnable(port) !== 2) return undefined;
    this.#arena.poke(port, this.#dpc(port) + C.DPC_ERROR_SOURCE_ID, 2, sourceId);
    return this.trigger(port, message);
  }

  /** @returns undefined where the port is not armed */
  trigger(port: number, reason: ContainmentReason): ContainmentEvent | undefined {
    if (!this.isArmed(port)) return undefined;
    const arena = this.#arena;
    const dpc = this.#dpc(port);
    const control = arena.u16(port, dpc + C.DPC_CONTROL);
    const status = arena.u16(port, dpc + C.DPC_STATUS);
    const interrupts = (control & C.DPC_CONTROL_DPC_INTERRUPT_ENABLE) !== 0;
    const [code, extension] = reasons[reason];
    const kept = status & ~(C.DPC_STATUS_DPC_TRIGGER_REASON | C.DPC_STATUS_DPC_TRIGGER_REASON_EXTENSION);
    const set = C.DPC_STATUS_DPC_TRIGGER_STATUS | (interrupts ? C.DPC_STATUS_DPC_INTERRUPT_STATUS : 0);
    arena.poke(port, dpc + C.DPC_STATUS, 2, kept | set | (code << 1) | (extension << 5));
    resetBehind(arena, this.#topology(), port, 'hot');
    showLinkState(arena, port, false);
    const was = interrupts && (status & C.DPC_STATUS_DPC_INTERRUPT_STATUS) !== 0;
    const interrupt = errorInterrupt(arena, port, was, interrupts);
    const errorMessage = (control & C.DPC_CONTROL_DPC_ERR_COR_ENABLE) === 0 ? undefined : this.sendErrCor(port);
    return { port, reason, interrupt, errorMessage };
  }

  /** After software has cleared DPC Trigger Status: the link trains again. PCIe 5.0 §6.2.10.5 for the ERR_COR. */
  release(port: number): MessageDelivery | undefined {
    const arena = this.#arena;
    const isUp = isLinkUp(arena, port);
    showLinkState(arena, port, isUp);
    const tells = (arena.u16(port, this.#dpc(port) + C.DPC_CONTROL) & C.DPC_CONTROL_DL_ACTIVE_ERR_COR_ENABLE) !== 0;
    return isUp && tells ? this.sendErrCor(port) : undefined;
  }

  /**
   * Status of the completion for a request towards the contained link: CA, or UR by DPC Completion Control. That the port reports no
   * error for it is how we read PCIe 5.0 §2.9.3.
   */
  completionStatus(port: number): 'UR' | 'CA' {
    const control = this.#arena.u16(port, this.#dpc(port) + C.DPC_CONTROL);
    return (control & C.DPC_CONTROL_DPC_COMPLETION_CONTROL) !== 0 ? 'UR' : 'CA';
  }

  /** Signalling only: no error is recorded, and AER need not be there. Correctable Error Reporting must be enabled. */
  sendErrCor(port: number): MessageDelivery | undefined {
    const { pciExpress } = this.#arena.layout[port]!;
    const control = this.#arena.u16(port, pciExpress + C.DEVICE_CONTROL);
    if ((control & C.DEVICE_CONTROL_CORRECTABLE_ERROR_REPORTING_ENABLE) === 0) return undefined;
    return this.#send(port);
  }

  #dpc(port: number): number {
    return this.#arena.layout[port]!.dpc;
  }

  /** 01b: own errors and ERR_FATAL; 10b: ERR_NONFATAL too; 0 without the capability, and for the reserved value. */
  #triggerEnable(port: number): number {
    const { dpc, pciExpress } = this.#arena.layout[port]!;
    if (dpc === 0 || pciExpress === 0) return 0;
    const enable = this.#arena.u16(port, dpc + C.DPC_CONTROL) & C.DPC_CONTROL_DPC_TRIGGER_ENABLE;
    return enable === 3 ? 0 : enable;
  }
}
