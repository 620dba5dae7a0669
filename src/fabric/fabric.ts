/** The machine: config space, wiring, router and error reporting together; TLPs go in, outcomes come out. */

import { portTypes } from '../../spec-tables/port-types.ts';
import { ConfigArena } from '../config/arena.ts';
import type { FunctionImage } from '../config/function-image.ts';
import type { AccessSize } from '../config/registers.ts';
import {
  SECONDARY_STATUS,
  SECONDARY_STATUS_RECEIVED_MASTER_ABORT,
  STATUS,
  STATUS_RECEIVED_MASTER_ABORT,
} from '../spec/constants.ts';
import { completionFor } from '../tlp/completion.ts';
import { type TlpHeader, tlpHeader, tlpTypeNamed } from '../tlp/header.ts';
import { type MessageDelivery, sendErrorMessage } from './error-messages.ts';
import { reportUnsupportedRequest, type UnsupportedRequestReport } from './error-reporting.ts';
import { ExactRouter, HOST, type SendOptions } from './exact-router.ts';
import type { Hop, Route } from './hop.ts';
import { buildTopology, NONE, type Topology } from './topology.ts';

export interface Delivery extends Route {
  /** What the refusing function recorded; undefined where nothing was refused, or the root complex refused. */
  readonly report: UnsupportedRequestReport | undefined;
  readonly errorMessage: MessageDelivery | undefined;
  /** Answer to a non-posted request. */
  readonly completion: TlpHeader | undefined;
}

/** Bytes of every function at one moment. */
export type Checkpoint = Uint8Array;

export class Fabric {
  readonly arena: ConfigArena;
  readonly topology: Topology;
  readonly router: ExactRouter;

  /** @param functions in any order; see `ConfigArena` for what is thrown */
  constructor(functions: readonly FunctionImage[]) {
    this.arena = new ConfigArena(functions);
    this.topology = buildTopology(this.arena);
    this.router = new ExactRouter(this.arena, this.topology);
  }

  checkpoint(): Checkpoint {
    return this.arena.bytes.slice();
  }

  /** Registers as they were; wiring does not change. @throws RangeError when the checkpoint is of another machine */
  restore(checkpoint: Checkpoint): void {
    const { length } = this.arena.bytes;
    if (checkpoint.length !== length)
      throw new RangeError(`restore: expected a checkpoint of ${length} bytes, got ${checkpoint.length}`);
    this.arena.bytes.set(checkpoint);
  }

  /**
   * Sends a TLP and lets it have all its effects: status bits, logs, messages, the completion and what that leaves at the requester.
   * @param from function that sends, or HOST for the root complex
   * @throws RangeError when `from` is no function
   * @param options.trace when given, each hop of the TLP is appended; not those of its completion
   */
  send(header: TlpHeader, from: number, options: SendOptions & { trace?: Hop[]; segment?: number } = {}): Delivery {
    const { router } = this;
    const segment = options.segment ?? (from === HOST ? 0 : this.arena.segment[from]!);
    router.trace = options.trace;
    let route: Route;
    try {
      route = router.route(header, from, segment, options);
    } finally {
      router.trace = undefined;
    }
    const { outcome, at } = route;
    if (outcome === 'unsupported-request') return this.#refused(header, from, segment, at);
    if (outcome === 'master-abort') return this.#masterAborted(header, from, segment, at);
    const answered = outcome === 'delivered' && !tlpTypeNamed(header.type).posted;
    return delivery(
      outcome,
      at,
      undefined,
      undefined,
      answered ? completionFor(header, 'SC', this.#idOf(at)) : undefined,
    );
  }

  #refused(header: TlpHeader, from: number, segment: number, at: number): Delivery {
    const { arena, topology } = this;
    const report = at === NONE ? undefined : reportUnsupportedRequest(arena, at, header);
    const message = report?.message;
    const errorMessage = message === undefined ? undefined : sendErrorMessage(arena, topology, at, message);
    const posted = tlpTypeNamed(header.type).posted;
    const completion = posted ? undefined : this.#completeUnsupported(header, from, segment, at);
    return delivery('unsupported-request', at, report, errorMessage, completion);
  }

  /** The UR completion, its way back, and Received Master Abort where it arrives. PCIe 5.0 §7.5.1.1.4, §7.5.1.3.7. */
  #completeUnsupported(header: TlpHeader, from: number, segment: number, completer: number): TlpHeader {
    const { arena, topology } = this;
    const completion = completionFor(header, 'UR', this.#idOf(completer));
    const back = this.router.route(completion, completer, segment);
    if (from !== HOST) {
      if (back.outcome === 'delivered' && back.at !== NONE)
        arena.setBits(back.at, STATUS, 2, STATUS_RECEIVED_MASTER_ABORT);
      return completion;
    }
    // A request of the CPU: the completion came in on a root port's secondary side, unless the port itself made it.
    for (let fn = completer; fn !== NONE; fn = topology.parent[fn]!)
      if (fn !== completer && arena.layout[fn]!.portType === portTypes['Root Port'])
        arena.setBits(fn, SECONDARY_STATUS, 2, SECONDARY_STATUS_RECEIVED_MASTER_ABORT);
    return completion;
  }

  /** On a conventional bus the initiator ends the cycle and keeps the mark. PCI-to-PCI Bridge 1.2 §3.2.4.4, §3.2.5.7. */
  #masterAborted(header: TlpHeader, from: number, segment: number, at: number): Delivery {
    const { arena, topology } = this;
    let initiator = from;
    while (initiator !== NONE && topology.parent[initiator] !== at) initiator = topology.parent[initiator]!;
    let completion: TlpHeader | undefined;
    if (initiator !== NONE) arena.setBits(initiator, STATUS, 2, STATUS_RECEIVED_MASTER_ABORT);
    else {
      arena.setBits(at, SECONDARY_STATUS, 2, SECONDARY_STATUS_RECEIVED_MASTER_ABORT);
      if (!tlpTypeNamed(header.type).posted) completion = this.#completeUnsupported(header, from, segment, at);
    }
    return delivery('master-abort', at, undefined, undefined, completion);
  }

  #idOf(fn: number): number {
    return fn === NONE ? 0 : this.arena.routingId[fn]!;
  }

  /**
   * A configuration read by the root complex: `size` bytes, all ones where nobody answers.
   * @param offset 0 to FFFh; the access must lie within one DWORD
   */
  configRead(segment: number, routingId: number, offset: number, size: AccessSize): number {
    const fn = this.#configTarget('CfgRd1', segment, routingId, offset, size);
    return fn === NONE ? (size === 4 ? 0xffffffff : 2 ** (8 * size) - 1) : this.arena.read(fn, offset, size);
  }

  /** A configuration write by the root complex; lost where nobody answers. */
  configWrite(segment: number, routingId: number, offset: number, size: AccessSize, value: number): void {
    const fn = this.#configTarget('CfgWr1', segment, routingId, offset, size);
    if (fn === NONE) return;
    const shift = 8 * (offset & 3);
    this.arena.writeDw(fn, offset & ~3, value << shift, byteEnables(offset, size));
  }

  /** Sends the request, with all its effects; NONE where nobody answers. */
  #configTarget(
    type: 'CfgRd1' | 'CfgWr1',
    segment: number,
    routingId: number,
    offset: number,
    size: AccessSize,
  ): number {
    const header = tlpHeader(type, {
      destinationId: routingId,
      register: offset & 0xffc,
      lengthDw: 1,
      firstBe: byteEnables(offset, size),
    });
    const delivery = this.send(header, HOST, { segment });
    return delivery.outcome === 'delivered' ? delivery.at : NONE;
  }
}

/** One shape for every outcome. */
function delivery(
  outcome: Route['outcome'],
  at: number,
  report: UnsupportedRequestReport | undefined,
  errorMessage: MessageDelivery | undefined,
  completion: TlpHeader | undefined,
): Delivery {
  return { outcome, at, report, errorMessage, completion };
}

/** First DW BE of an access. @throws RangeError when it leaves its DWORD or the space */
function byteEnables(offset: number, size: AccessSize): number {
  if (size !== 1 && size !== 2 && size !== 4)
    throw new RangeError(`configuration access: expected 1, 2 or 4 bytes, got ${size}`);
  if (offset < 0 || offset > 0xfff || (offset & 3) + size > 4)
    throw new RangeError(
      `configuration access: expected one DWORD in [0, 0x1000), got ${size} bytes at 0x${offset.toString(16)}`,
    );
  return ((1 << size) - 1) << (offset & 3);
}
