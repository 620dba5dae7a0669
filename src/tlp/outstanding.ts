/** Non-posted requests that wait for their completions: tags, matching, timeouts. PCIe 5.0 §2.2.6.2, §2.3.2, §2.8. */
import { completionStatus } from '../../spec-tables/tlp-types.ts';
import { type ExpectedCompletion, expectedCompletion } from './completion.ts';
import { hasData, kindOf, type TlpHeader, tlpTypeNamed } from './header.ts';

export interface OutstandingOptions {
  /** Bits of a tag: 5, 8 with Extended Tag Field Enable, 10 with 10-Bit Tag Requester Enable. */
  readonly tagBits?: 5 | 8 | 10;
  /** Completion Timeout in microseconds. */
  readonly timeout?: number;
}

/** What a completion was for the requester. */
export type CompletionOutcome =
  /** Data, and more is to come. `offset`: bytes of the request that came before. */
  | { readonly outcome: 'data'; readonly request: TlpHeader; readonly offset: number; readonly poisoned: boolean }
  /** All of it: the request is over. */
  | { readonly outcome: 'done'; readonly request: TlpHeader; readonly offset: number; readonly poisoned: boolean }
  /** UR, CA or a reserved status (which counts as UR): the request is over. */
  | { readonly outcome: 'failed'; readonly request: TlpHeader; readonly status: 'UR' | 'CA' }
  /** CRS to a configuration request: the root complex asks again, or tells software. The request is over. */
  | { readonly outcome: 'retry'; readonly request: TlpHeader }
  /** No request waits for it: an Unexpected Completion. */
  | { readonly outcome: 'unexpected' }
  /** It has the request's Transaction ID and otherwise does not fit: Malformed TLP, as the spec recommends. The request waits on. */
  | { readonly outcome: 'malformed'; readonly request: TlpHeader; readonly rule: string };

interface Waiting {
  readonly request: TlpHeader;
  readonly expected: ExpectedCompletion;
  readonly deadline: number;
  readonly bytesLeft: number;
  readonly lowerAddress: number;
}

/** Requester ID and tag. PCIe 5.0 §2.2.6.2 */
function transactionId({ requesterId, tag }: TlpHeader): number {
  return requesterId * 0x4000 + tag;
}

/** Requests that wait for their completions, by Transaction ID. */
export class WaitingRequests {
  readonly #waiting: Map<number, Waiting>;

  /** @param like another table, of which this one is a copy */
  constructor(like?: WaitingRequests) {
    this.#waiting = new Map(like === undefined ? [] : like.#waiting);
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** In the order in which they were sent. */
  get requests(): TlpHeader[] {
    return [...this.#waiting.values()].map(({ request }) => request);
  }

  /** Whether a request with the Transaction ID of this request or completion waits. */
  has(tlp: TlpHeader): boolean {
    return this.#waiting.has(transactionId(tlp));
  }

  /**
   * A request that was sent. In place of one with its Transaction ID: what a requester makes of one that it has used twice, the spec
   * does not say.
   * @param deadline when it is given up, in the time of `expire`
   * @throws RangeError for a posted request or a completion, which wait for nothing
   */
  add(request: TlpHeader, deadline = Number.POSITIVE_INFINITY): void {
    expectNonPosted(request);
    const expected = expectedCompletion(request);
    this.#waiting.set(transactionId(request), {
      request,
      expected,
      deadline,
      bytesLeft: expected.byteCount,
      lowerAddress: expected.lowerAddress,
    });
  }

  /** The request waits no longer. */
  remove(request: TlpHeader): void {
    this.#waiting.delete(transactionId(request));
  }

  /** Takes a completion. @throws RangeError for anything else */
  receive(completion: TlpHeader): CompletionOutcome {
    if (kindOf(completion) !== 'completion') throw new RangeError(`expected a completion, got ${completion.type}`);
    const waiting = this.#waiting.get(transactionId(completion));
    if (waiting === undefined) return { outcome: 'unexpected' };
    const { request, expected, bytesLeft, lowerAddress } = waiting;
    const rule = misfit(completion, waiting);
    if (rule !== undefined) return { outcome: 'malformed', request, rule };
    const { status } = completion;
    if (status !== completionStatus.SC) {
      this.remove(request);
      if (status === completionStatus.CRS) return { outcome: 'retry', request };
      return { outcome: 'failed', request, status: status === completionStatus.CA ? 'CA' : 'UR' };
    }
    const offset = expected.byteCount - bytesLeft;
    const bytes = expected.divisible ? bytesIn(completion) : bytesLeft;
    const poisoned = completion.ep;
    if (bytes >= bytesLeft) {
      this.remove(request);
      return { outcome: 'done', request, offset, poisoned };
    }
    this.#waiting.set(transactionId(request), {
      ...waiting,
      bytesLeft: bytesLeft - bytes,
      lowerAddress: (lowerAddress + bytes) & 0x7f,
    });
    return { outcome: 'data', request, offset, poisoned };
  }

  /** Gives up on requests whose time is over; each is a Completion Timeout. Their late completions will be unexpected. */
  expire(now: number): TlpHeader[] {
    const late = [...this.#waiting.values()].filter(({ deadline }) => deadline <= now).map(({ request }) => request);
    for (const request of late) this.remove(request);
    return late;
  }
}

function expectNonPosted({ type }: TlpHeader): void {
  if (tlpTypeNamed(type).posted) throw new RangeError(`expected a non-posted request, got ${type}`);
}

/** The most that the default range allows, 50 µs to 50 ms. PCIe 5.0 §7.5.3.16 */
const DEFAULT_TIMEOUT = 50_000;

/** The requests of one function, which gives them their tags. Time is in microseconds, counted by the caller. */
export class OutstandingRequests {
  readonly #requesterId: number;
  readonly #first: number;
  readonly #count: number;
  readonly #timeout: number;
  readonly #waiting = new WaitingRequests();
  #next = 0;

  constructor(requesterId: number, { tagBits = 8, timeout = DEFAULT_TIMEOUT }: OutstandingOptions = {}) {
    this.#requesterId = requesterId;
    // With ten bits, T9:T8 is never 00b, so that a completer which drops both is found out. §2.2.6.2
    this.#first = tagBits === 10 ? 0x100 : 0;
    this.#count = 2 ** tagBits - this.#first;
    this.#timeout = timeout;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /**
   * Sends a request: gives it this function's Requester ID and a tag that no other waiting request has.
   * @returns the header to send, or undefined while all tags are taken
   * @throws RangeError for a posted request or a completion, which wait for nothing
   */
  issue(header: TlpHeader, now = 0): TlpHeader | undefined {
    expectNonPosted(header);
    if (this.#waiting.size === this.#count) return undefined;
    for (;;) {
      const request = { ...header, requesterId: this.#requesterId, tag: this.#first + this.#next };
      // The tag that was free the longest comes next: a late completion then seldom meets a new request.
      this.#next = (this.#next + 1) % this.#count;
      if (this.#waiting.has(request)) continue;
      this.#waiting.add(request, now + this.#timeout);
      return request;
    }
  }

  /** Takes a completion. @throws RangeError for anything else */
  receive(completion: TlpHeader): CompletionOutcome {
    return this.#waiting.receive(completion);
  }

  /** Gives up on requests whose time is over; each is a Completion Timeout. Their late completions will be unexpected. */
  expire(now: number): TlpHeader[] {
    return this.#waiting.expire(now);
  }
}

/** Bytes that a completion of a memory read holds, from its first enabled one on. */
function bytesIn({ lengthDw, lowerAddress }: TlpHeader): number {
  return lengthDw * 4 - (lowerAddress & 3);
}

/** What of the completion is not as its request wants it. IDO may differ. PCIe 5.0 §2.3.2 */
function misfit(completion: TlpHeader, { request, expected, bytesLeft, lowerAddress }: Waiting): string | undefined {
  const { status } = completion;
  const successful = status === completionStatus.SC;
  const withData = hasData(tlpTypeNamed(completion.type));
  const locked = completion.type === 'CplLk' || completion.type === 'CplDLk';
  if (completion.tc !== request.tc) return `TC: expected ${request.tc}, got ${completion.tc}`;
  if ((completion.attr & 3) !== (request.attr & 3))
    return `Attr[1:0]: expected ${request.attr & 3}, got ${completion.attr & 3}`;
  if (locked !== expected.locked)
    return `expected a completion ${expected.locked ? 'for a locked read' : 'without lock'}`;
  if (status === completionStatus.CRS && kindOf(request) !== 'configuration')
    return 'CRS answers configuration requests alone';
  if (withData !== (successful && expected.withData))
    return withData ? 'data that was not asked for' : 'expected data, got none';
  // Implementations differ in the count and address of a completion without success; its request ends in any case.
  if (!successful) return undefined;
  if (completion.byteCount !== bytesLeft) return `Byte Count: expected ${bytesLeft}, got ${completion.byteCount}`;
  if (completion.lowerAddress !== lowerAddress && kindOf(request) !== 'atomic')
    return `Lower Address: expected ${lowerAddress}, got ${completion.lowerAddress}`;
  const mostDw = expected.divisible ? Math.ceil(((lowerAddress & 3) + bytesLeft) / 4) : expected.lengthDw;
  if (withData && (completion.lengthDw > mostDw || (!expected.divisible && completion.lengthDw !== mostDw)))
    return `Length: expected ${expected.divisible ? 'at most ' : ''}${mostDw} DW, got ${completion.lengthDw}`;
  return undefined;
}
