/** An error from where it is found to where the system hears of it: registers of the finder, then the message's way up. */
import type { ConfigArena } from '../config/arena.ts';
import { type MessageDelivery, sendErrorMessage } from './error-messages.ts';
import { type DetectedError, type ErrorReport, reportError } from './error-reporting.ts';
import { HeaderLogs } from './header-logs.ts';
import type { Topology } from './topology.ts';

export interface SignaledError {
  readonly report: ErrorReport;
  /** Undefined where no message was sent. */
  readonly errorMessage: MessageDelivery | undefined;
}

export class ErrorSignaling {
  readonly arena: ConfigArena;
  readonly headerLogs: HeaderLogs;
  readonly #topology: () => Topology;

  /** @param topology the wiring as it is at the time */
  constructor(arena: ConfigArena, topology: () => Topology) {
    this.arena = arena;
    this.headerLogs = new HeaderLogs(arena);
    this.#topology = topology;
  }

  /** @throws RangeError when there is no function of that index, or no error of that name */
  detect(fn: number, detected: DetectedError): SignaledError {
    this.arena.expectFunction(fn);
    const report = reportError(this.headerLogs, fn, detected);
    if (report.overflow?.message !== undefined) this.#send(fn, report.overflow);
    return { report, errorMessage: this.#send(fn, report) };
  }

  #send(fn: number, { message }: ErrorReport): MessageDelivery | undefined {
    return message === undefined ? undefined : sendErrorMessage(this.arena, this.#topology(), fn, message);
  }
}
