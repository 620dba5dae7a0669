/**
 * Requests whose answer is still to come, by who waits for it. Hidden state of requesters: no register shows it. PCIe 5.0 §2.2.6.2,
 * §2.3.2. A request that is answered at once never comes here.
 */
import type { TlpHeader } from '../tlp/header.ts';
import { type CompletionOutcome, WaitingRequests } from '../tlp/outstanding.ts';
import type { TlpPrefix } from '../tlp/prefix.ts';
import { NONE } from './topology.ts';

export interface OutstandingRequest {
  readonly header: TlpHeader;
  readonly prefixes: readonly TlpPrefix[];
  /** Who sent it: a function or HOST. */
  readonly from: number;
  readonly segment: number;
  /** The function that has it and is to answer. */
  readonly completer: number;
}

interface Table {
  readonly waiting: WaitingRequests;
  readonly requests: Map<TlpHeader, OutstandingRequest>;
}

/** What waits in all tables at one moment. */
export type OutstandingCheckpoint = ReadonlyMap<number, Table>;

/** Who waits for a completion: a function, or the root complex of a segment. */
export function requesterKey(fn: number, segment: number): number {
  return fn === NONE ? -1 - segment : fn;
}

export class Outstanding {
  #tables = new Map<number, Table>();

  /** @param requester see `requesterKey` */
  add(requester: number, request: OutstandingRequest): void {
    const table = this.#tables.get(requester) ?? { waiting: new WaitingRequests(), requests: new Map() };
    this.#tables.set(requester, table);
    const replaced = table.waiting.requests.find((header) => isOneTransaction(header, request.header));
    if (replaced !== undefined) table.requests.delete(replaced);
    table.waiting.add(request.header);
    table.requests.set(request.header, request);
  }

  /** The request that the completion has the Transaction ID of. */
  awaits(requester: number, completion: TlpHeader): OutstandingRequest | undefined {
    const table = this.#tables.get(requester);
    if (table === undefined || !table.waiting.has(completion)) return undefined;
    return [...table.requests.values()].find(({ header }) => isOneTransaction(header, completion));
  }

  receive(requester: number, completion: TlpHeader): CompletionOutcome {
    const table = this.#tables.get(requester);
    const outcome = table?.waiting.receive(completion) ?? { outcome: 'unexpected' };
    if (table !== undefined && 'request' in outcome && !table.waiting.has(outcome.request))
      this.#forget(requester, table, outcome.request);
    return outcome;
  }

  /** The requests of a sender, in the order in which they were sent. */
  of(from: number): OutstandingRequest[] {
    return [...this.#tables.values()].flatMap(({ requests }) =>
      [...requests.values()].filter((request) => request.from === from),
    );
  }

  /** The requester gives it up: its completion will be unexpected. */
  remove({ header }: OutstandingRequest): void {
    for (const [requester, table] of this.#tables)
      if (table.requests.has(header)) {
        table.waiting.remove(header);
        this.#forget(requester, table, header);
      }
  }

  /** A function that was reset waits for nothing. */
  wasReset(fn: number): void {
    this.#tables.delete(fn);
  }

  checkpoint(): OutstandingCheckpoint {
    return new Map([...this.#tables].map(([requester, table]) => [requester, copyOf(table)]));
  }

  restore(tables: OutstandingCheckpoint): void {
    this.#tables = new Map([...tables].map(([requester, table]) => [requester, copyOf(table)]));
  }

  #forget(requester: number, { requests }: Table, header: TlpHeader): void {
    requests.delete(header);
    if (requests.size === 0) this.#tables.delete(requester);
  }
}

function isOneTransaction(one: TlpHeader, other: TlpHeader): boolean {
  return one.requesterId === other.requesterId && one.tag === other.tag;
}

function copyOf({ waiting, requests }: Table): Table {
  return { waiting: new WaitingRequests(waiting), requests: new Map(requests) };
}
