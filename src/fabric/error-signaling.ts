/** An error from where it is found to where the system hears of it: registers of the finder, containment, the message's way up. */
import type { ErrorMessageName } from '../../spec-tables/message-codes.ts';
import { portTypes } from '../../spec-tables/port-types.ts';
import type { ConfigArena } from '../config/arena.ts';
import { Containment, type ContainmentEvent } from './containment.ts';
import { type Contain, type MessageDelivery, sendErrorMessage } from './error-messages.ts';
import { type DetectedError, type ErrorReport, reportError } from './error-reporting.ts';
import { eventCollectorOf } from './event-collectors.ts';
import { HeaderLogs } from './header-logs.ts';
import { NONE, type Topology } from './topology.ts';

export interface SignaledError {
  readonly report: ErrorReport;
  /** Undefined where no message was sent, or where it is still on its way; see `ErrorSignaling.carry`. */
  readonly errorMessage: MessageDelivery | undefined;
  /** The port that contained it, by the error itself or by its message. */
  readonly containment: ContainmentEvent | undefined;
}

export class ErrorSignaling {
  readonly arena: ConfigArena;
  readonly headerLogs: HeaderLogs;
  readonly containment: Containment;
  /**
   * When set, it gets each message that has a way to go, and has it go that way. A root port knows of its own errors
   * at once, and an event collector of its endpoints'.
   */
  carry: ((reporter: number, message: ErrorMessageName) => void) | undefined;
  readonly #topology: () => Topology;

  /** @param topology the wiring as it is at the time */
  constructor(arena: ConfigArena, topology: () => Topology) {
    this.arena = arena;
    this.headerLogs = new HeaderLogs(arena);
    this.containment = new Containment(arena, topology, (port) => this.#send(port, 'ERR_COR').errorMessage);
    this.#topology = topology;
  }

  /** @throws RangeError when there is no function of that index, or no error of that name */
  detect(fn: number, detected: DetectedError): SignaledError {
    this.arena.expectFunction(fn);
    const isArmed = this.containment.isArmed(fn);
    const report = reportError(this.headerLogs, fn, detected, isArmed);
    if (report.overflow?.message !== undefined) this.#send(fn, report.overflow.message);
    const isUncorrectable = report.severity === 'fatal' || report.severity === 'non-fatal';
    if (isArmed && isUncorrectable && !report.masked)
      return { report, errorMessage: undefined, containment: this.containment.trigger(fn, 'uncorrectable error') };
    if (report.message === undefined) return { report, errorMessage: undefined, containment: undefined };
    return { report, ...this.#send(fn, report.message) };
  }

  #send(fn: number, message: ErrorMessageName): Pick<SignaledError, 'errorMessage' | 'containment'> {
    const { arena } = this;
    const isAtRoot =
      arena.layout[fn]!.portType === portTypes['Root Port'] || eventCollectorOf(arena, this.#topology(), fn) !== NONE;
    if (this.carry !== undefined && !isAtRoot) {
      this.carry(fn, message);
      return { errorMessage: undefined, containment: undefined };
    }
    let containment: ContainmentEvent | undefined;
    const contain: Contain = (port, what, sourceId) => {
      containment = this.containment.receive(port, what, sourceId);
      return containment !== undefined;
    };
    const errorMessage = sendErrorMessage(this.arena, this.#topology(), fn, message, contain);
    return { errorMessage, containment };
  }
}
