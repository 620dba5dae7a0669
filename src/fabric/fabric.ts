/** The machine: config space, wiring, router and error reporting together; TLPs go in, outcomes come out. */

import { portTypes } from '../../spec-tables/port-types.ts';
import { ConfigArena } from '../config/arena.ts';
import type { FunctionImage } from '../config/function-image.ts';
import type { AccessSize, BehaviourEvent } from '../config/registers.ts';
import type { ResetKind } from '../config/reset.ts';
import {
  DOE_CAPABILITIES,
  DOE_CAPABILITIES_DOE_INTERRUPT_MESSAGE_NUMBER,
  SECONDARY_STATUS,
  SECONDARY_STATUS_RECEIVED_MASTER_ABORT,
  STATUS,
  STATUS_RECEIVED_MASTER_ABORT,
} from '../spec/constants.ts';
import { completionFor } from '../tlp/completion.ts';
import { kindOf, type TlpHeader, tlpHeader, tlpTypeNamed } from '../tlp/header.ts';
import { type MessageDelivery, sendErrorMessage } from './error-messages.ts';
import { type ErrorReport, reportError } from './error-reporting.ts';
import { ExactRouter, HOST, type SendOptions } from './exact-router.ts';
import { HeaderLogs } from './header-logs.ts';
import type { Hop, Route } from './hop.ts';
import { Interrupts } from './interrupts.ts';
import { IntxWires } from './intx.ts';
import { retrainLink } from './link.ts';
import { Readiness, visibleRetry } from './readiness.ts';
import { linkChanged, portWasReset } from './resets.ts';
import type { RoutingOptions } from './routing-options.ts';
import { buildTopology, NONE, type Topology, withNeighbours } from './topology.ts';
import { enableVirtualFunctions, linkVirtualFunctions } from './virtual-functions.ts';

export interface Delivery extends Route {
  /** What the refusing function recorded; undefined where nothing was refused, or the root complex refused. */
  readonly report: ErrorReport | undefined;
  readonly errorMessage: MessageDelivery | undefined;
  /** Answer to a non-posted request. */
  readonly completion: TlpHeader | undefined;
}

/** Every function's registers at one moment, and the bus numbers that they have captured. */
export interface Checkpoint {
  readonly bytes: Uint8Array;
  readonly capturedBus: Uint8Array;
  /** Headers that wait behind the logs; none where not given. */
  readonly headerLogs?: ReturnType<HeaderLogs['checkpoint']>;
}

export class Fabric {
  readonly arena: ConfigArena;
  readonly router: ExactRouter;
  readonly readiness = new Readiness();
  readonly interrupts = new Interrupts<Delivery>(this);
  /** Told after each reset of a function. */
  onReset: ((fn: number, kind: ResetKind) => void) | undefined;
  readonly intx: IntxWires;
  readonly headerLogs: HeaderLogs;

  /**
   * @param functions in any order; see `ConfigArena` for what is thrown
   * @param options what no register says of the machine
   */
  constructor(functions: readonly FunctionImage[], options: RoutingOptions = {}) {
    this.arena = new ConfigArena(functions);
    this.headerLogs = new HeaderLogs(this.arena);
    linkVirtualFunctions(this.arena);
    this.router = new ExactRouter(this.arena, buildTopology(this.arena), options);
    this.intx = new IntxWires(this.router);
    this.arena.onBehaviour = (event) => this.#react(event);
  }

  /** How the functions are wired; another one when functions join. */
  get topology(): Topology {
    return this.router.topology;
  }

  /** What a function's write or reset does beyond the function. */
  #react(event: BehaviourEvent): void {
    const { arena, topology } = this;
    switch (event.kind) {
      case 'reset':
        this.readiness.wasReset(event.fn);
        this.interrupts.wasReset(event.fn);
        this.intx.setPending(event.fn, false);
        if (event.reset === 'fundamental') this.headerLogs.discard(event.fn);
        // A conventional reset loses the captured number; what sits on a root bus knows its own. PCIe 5.0 §2.2.6.2.
        if (event.reset !== 'flr' && topology.parent[event.fn] !== NONE) arena.capturedBus[event.fn] = 0;
        portWasReset(arena, topology, event.fn);
        this.onReset?.(event.fn, event.reset);
        return;
      case 'secondary-bus-reset':
      case 'link-disable':
      case 'slot-power':
        linkChanged(arena, topology, event);
        return;
      case 'retrain-link':
        retrainLink(
          arena,
          event.fn,
          topology.children[event.fn]!.find((fn) => arena.isPresent(fn)),
        );
        return;
      case 'vf-enable':
        if (event.after !== 0)
          this.router.topology = withNeighbours(topology, arena, enableVirtualFunctions(arena, event.fn), event.fn);
        return;
      case 'interrupt-mask':
        this.interrupts.maskChanged(event.fn);
        return;
      case 'error-status-clear':
        this.headerLogs.statusCleared(event.fn);
        return;
      case 'doe-interrupt':
        this.interrupts.signal(event.fn, doeMessageNumber(arena, event.fn, event.at));
    }
  }

  /** A conventional reset of the whole machine: `fundamental` as with PERST#, `hot` keeps what is sticky. PCIe 5.0 §6.6.1. */
  reset(kind: 'fundamental' | 'hot' = 'fundamental'): void {
    for (let fn = 0; fn < this.arena.count; fn++) if (this.arena.isPresent(fn)) this.arena.reset(fn, kind);
  }

  checkpoint(): Checkpoint {
    return {
      bytes: this.arena.bytes.slice(),
      capturedBus: this.arena.capturedBus.slice(),
      headerLogs: this.headerLogs.checkpoint(),
    };
  }

  /**
   * Registers as they were; wiring does not change. VFs that came later are absent again, as their PF's registers say.
   * @throws RangeError when the checkpoint is of another machine
   */
  restore(checkpoint: Checkpoint): void {
    const { length } = this.arena.bytes;
    const known = this.arena.base[checkpoint.capturedBus?.length ?? -1] ?? length;
    if (checkpoint.bytes?.length !== known)
      throw new RangeError(
        `restore: expected a checkpoint of ${length} bytes, got ${checkpoint.bytes?.length ?? 'none'}`,
      );
    this.arena.restore(checkpoint.bytes);
    this.arena.capturedBus.set(checkpoint.capturedBus);
    this.headerLogs.restore(checkpoint.headerLogs ?? new Map());
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
    const status = outcome === 'delivered' ? undefined : blockedStatus(outcome);
    if (status !== undefined) {
      const completion = tlpTypeNamed(header.type).posted ? undefined : completionFor(header, status, this.#idOf(at));
      return delivery(outcome, at, undefined, undefined, completion);
    }
    if (outcome === 'delivered' && kindOf(header) === 'configuration' && this.readiness.retries(at))
      return delivery('retry', at, undefined, undefined, completionFor(header, 'CRS', this.#idOf(at)));
    if (route.copies !== undefined)
      return { ...delivery(outcome, at, undefined, undefined, undefined), copies: route.copies };
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
    const report =
      at === NONE ? undefined : reportError(this.headerLogs, at, { error: 'Unsupported Request Error', header });
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
    return fn === NONE ? 0 : this.arena.idOf(fn);
  }

  /**
   * A configuration read by the root complex: `size` bytes, all ones where nobody answers. A function that is not ready is asked
   * again until it is, unless software may see that it is not (see `visibleRetry`).
   * @param offset 0 to FFFh; the access must lie within one DWORD
   */
  configRead(segment: number, routingId: number, offset: number, size: AccessSize): number {
    for (;;) {
      const { outcome, at } = this.#configRequest('CfgRd1', segment, routingId, offset, size);
      if (outcome === 'delivered') return this.arena.read(at, offset, size);
      if (outcome !== 'retry') return size === 4 ? 0xffffffff : 2 ** (8 * size) - 1;
      const visible = visibleRetry(this.arena, this.topology, at, offset, size);
      if (visible !== undefined) return visible;
    }
  }

  /** A configuration write by the root complex; lost where nobody answers. Its target captures the bus number. */
  configWrite(segment: number, routingId: number, offset: number, size: AccessSize, value: number): void {
    for (;;) {
      const { outcome, at } = this.#configRequest('CfgWr1', segment, routingId, offset, size);
      if (outcome === 'retry') continue;
      if (outcome !== 'delivered') return;
      this.arena.writeDw(at, offset & ~3, value << (8 * (offset & 3)), byteEnables(offset, size));
      this.arena.capturedBus[at] = routingId >> 8;
      return;
    }
  }

  /** Sends the request, with all its effects. */
  #configRequest(
    type: 'CfgRd1' | 'CfgWr1',
    segment: number,
    routingId: number,
    offset: number,
    size: AccessSize,
  ): Delivery {
    const header = tlpHeader(type, {
      destinationId: routingId,
      register: offset & 0xffc,
      lengthDw: 1,
      firstBe: byteEnables(offset, size),
    });
    return this.send(header, HOST, { segment });
  }
}

function doeMessageNumber(arena: ConfigArena, fn: number, at: number): number {
  const capabilities = arena.u32(fn, at + DOE_CAPABILITIES);
  return (capabilities & DOE_CAPABILITIES_DOE_INTERRUPT_MESSAGE_NUMBER) >>> 1;
}

/** Completion Status of a non-posted request that a port blocks; undefined for all other outcomes. PCIe 5.0 §6.12.4, §6.15. */
function blockedStatus(outcome: Route['outcome']): 'CA' | 'UR' | undefined {
  if (outcome === 'acs-violation') return 'CA';
  return outcome === 'atomicop-egress-blocked' || outcome === 'dmwr-egress-blocked' ? 'UR' : undefined;
}

/** One shape for every outcome. */
function delivery(
  outcome: Route['outcome'],
  at: number,
  report: ErrorReport | undefined,
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
