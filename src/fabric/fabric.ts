/** The machine: config space, wiring, router and error reporting together; TLPs go in, outcomes come out. */

import { ConfigArena } from '../config/arena.ts';
import type { FunctionImage } from '../config/function-image.ts';
import type { AccessSize, BehaviourEvent } from '../config/registers.ts';
import type { ResetKind } from '../config/reset.ts';
import {
  DOE_CAPABILITIES,
  DOE_CAPABILITIES_DOE_INTERRUPT_MESSAGE_NUMBER,
  DPC_STATUS_DPC_TRIGGER_STATUS,
} from '../spec/constants.ts';
import type { TlpHeader } from '../tlp/header.ts';
import { configRequest, takeConfigWrite } from './config-requests.ts';
import type { Delivery } from './delivery.ts';
import type { DetectedError } from './error-reporting.ts';
import { ErrorSignaling, type SignaledError } from './error-signaling.ts';
import { ExactRouter, HOST } from './exact-router.ts';
import type { Fault } from './faults.ts';
import type { HeaderLogs } from './header-logs.ts';
import { Interrupts } from './interrupts.ts';
import { IntxWires } from './intx.ts';
import { retrainLink } from './link.ts';
import type { OutstandingCheckpoint } from './outstanding.ts';
import { Readiness, visibleRetry } from './readiness.ts';
import { linkChanged, portWasReset } from './resets.ts';
import type { RoutingOptions } from './routing-options.ts';
import { linkRestored, surpriseDown } from './surprise-down.ts';
import { buildTopology, NONE, type Topology, withNeighbours } from './topology.ts';
import { type Answer, type TransactionOptions, Transactions } from './transactions.ts';
import { enableVirtualFunctions, linkVirtualFunctions } from './virtual-functions.ts';

/** Every function's registers at one moment, and the bus numbers that they have captured. Memory and an IOMMU are not in it. */
export interface Checkpoint {
  readonly bytes: Uint8Array;
  readonly capturedBus: Uint8Array;
  /** Links that are lost, by port; none where not given. */
  readonly linkLost?: Uint8Array;
  /** Headers that wait behind the logs; none where not given. */
  readonly headerLogs?: ReturnType<HeaderLogs['checkpoint']>;
  /** See `ExactRouter.inboundBlocked`; false where not given. */
  readonly inboundBlocked?: boolean;
  /** Requests that wait for a completion; none where not given. */
  readonly outstanding?: OutstandingCheckpoint;
}

export class Fabric {
  readonly arena: ConfigArena;
  readonly router: ExactRouter;
  readonly readiness = new Readiness();
  readonly interrupts = new Interrupts<Delivery>(this);
  /** Told after each reset of a function. */
  onReset: ((fn: number, kind: ResetKind) => void) | undefined;
  readonly intx: IntxWires;
  readonly signaling: ErrorSignaling;
  readonly transactions: Transactions;

  /**
   * @param functions in any order; see `ConfigArena` for what is thrown
   * @param options what no register says of the machine
   */
  constructor(functions: readonly FunctionImage[], options: RoutingOptions = {}) {
    this.arena = new ConfigArena(functions);
    linkVirtualFunctions(this.arena);
    this.router = new ExactRouter(this.arena, buildTopology(this.arena), options);
    this.intx = new IntxWires(this.router);
    this.signaling = new ErrorSignaling(this.arena, () => this.topology);
    this.transactions = new Transactions(this.router, this.signaling, this.readiness);
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
        this.transactions.outstanding.wasReset(event.fn);
        this.intx.setPending(event.fn, false);
        if (event.reset === 'fundamental') this.signaling.headerLogs.discard(event.fn);
        // A conventional reset loses the captured number; what sits on a root bus knows its own. PCIe 5.0 §2.2.6.2.
        if (event.reset !== 'flr' && topology.parent[event.fn] !== NONE) arena.captureBus(event.fn, 0);
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
        this.signaling.headerLogs.statusCleared(event.fn);
        return;
      case 'dpc-status-clear':
        if ((event.before & DPC_STATUS_DPC_TRIGGER_STATUS) !== 0) this.signaling.containment.release(event.fn);
        return;
      case 'dpc-software-trigger':
        this.signaling.containment.trigger(event.fn, 'software');
        return;
      case 'doe-interrupt':
        this.interrupts.signal(event.fn, doeMessageNumber(arena, event.fn, event.at));
    }
  }

  /** A conventional reset of the whole machine: `fundamental` as with PERST#, `hot` keeps what is sticky. PCIe 5.0 §6.6.1. */
  reset(kind: 'fundamental' | 'hot' = 'fundamental'): void {
    for (let fn = 0; fn < this.arena.count; fn++) if (this.arena.isPresent(fn)) this.arena.reset(fn, kind);
    this.router.options.iommu?.reset(kind);
  }

  checkpoint(): Checkpoint {
    return {
      bytes: this.arena.bytes.slice(),
      capturedBus: this.arena.capturedBus.slice(),
      linkLost: this.arena.linkLost.slice(),
      headerLogs: this.signaling.headerLogs.checkpoint(),
      inboundBlocked: this.router.inboundBlocked,
      outstanding: this.transactions.outstanding.checkpoint(),
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
    this.arena.restore(checkpoint.bytes, checkpoint.capturedBus, checkpoint.linkLost ?? new Uint8Array(0));
    this.signaling.headerLogs.restore(checkpoint.headerLogs ?? new Map());
    this.router.inboundBlocked = checkpoint.inboundBlocked ?? false;
    this.transactions.outstanding.restore(checkpoint.outstanding ?? new Map());
  }

  /**
   * Sends a TLP and lets it have all its effects: status bits, logs, messages, the completion and what that leaves at the requester.
   * @param from function that sends, or HOST for the root complex
   * @throws RangeError when `from` is no function
   * @param options.trace when given, each hop of the TLP is appended; not those of its completion
   */
  send(header: TlpHeader, from: number, options: TransactionOptions = {}): Delivery {
    return this.transactions.send(header, from, options);
  }

  /**
   * Has a fault befall the next TLPs of a function or port.
   * @throws RangeError when there is no such function or fault
   */
  inject(fault: Fault): void {
    this.arena.expectFunction(fault.at);
    this.transactions.faults.add(fault);
  }

  /**
   * Has a function find an error: registers, message and what follows, without traffic. For errors inside a function or on its link,
   * and for tests of those who handle them.
   * @throws RangeError when there is no such function or error
   */
  injectError(fn: number, detected: DetectedError): SignaledError {
    return this.signaling.detect(fn, detected);
  }

  /**
   * The link of a port goes down unasked. What is behind it is reset, and out of reach until `restoreLink`.
   * @returns the error that the port makes of it; undefined where it makes none
   * @throws RangeError when the function leads to no link
   */
  surpriseDown(port: number): SignaledError | undefined {
    return surpriseDown(this.signaling, this.topology, port);
  }

  /** The link trains again. @throws RangeError when the function leads to no link */
  restoreLink(port: number): void {
    linkRestored(this.arena, port);
  }

  /**
   * How a function answers the requests that reach it; Successful Completion where it was never told. A request that it answers `later`
   * waits until a completion with its Transaction ID is sent.
   * @param fn HOST for the root complex and the memory behind it
   * @throws RangeError when there is no such function
   */
  answer(fn: number, answer: ((request: TlpHeader) => Answer) | undefined): void {
    if (fn !== HOST) this.arena.expectFunction(fn);
    if (answer === undefined) this.transactions.answers.delete(fn);
    else this.transactions.answers.set(fn, answer);
  }

  /** Requests of a function, or of HOST, that wait for a completion, in the order in which they were sent. */
  outstanding(from: number): TlpHeader[] {
    return this.transactions.outstanding.of(from).map(({ header }) => header);
  }

  /**
   * A function, or HOST, gives up on its outstanding requests: a Completion Timeout each, for HOST at the root port that the request
   * went through. With Completion Timeout Disable they go on waiting. PCIe 5.0 §2.8.
   */
  timeOut(from: number): SignaledError[] {
    return this.transactions.timeOut(from);
  }

  /**
   * A configuration read by the root complex: `size` bytes, all ones where nobody answers. A function that is not ready is asked
   * again until it is, unless software may see that it is not (see `visibleRetry`); one that never is counts as nobody.
   * @param offset 0 to FFFh; the access must lie within one DWORD
   */
  configRead(segment: number, routingId: number, offset: number, size: AccessSize): number {
    const header = configRequest('CfgRd1', routingId, offset, size);
    const nobody = size === 4 ? 0xffffffff : 2 ** (8 * size) - 1;
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const { outcome, at, completion } = this.transactions.send(header, HOST, { segment }, true);
      if (outcome === 'delivered' && completion !== undefined) return this.arena.read(at, offset, size);
      if (outcome !== 'retry') return nobody;
      const visible = visibleRetry(this.arena, this.topology, at, offset, size);
      if (visible !== undefined) return visible;
    }
    return nobody;
  }

  /** A configuration write by the root complex; lost where nobody answers. Its target captures the bus number. */
  configWrite(segment: number, routingId: number, offset: number, size: AccessSize, value: number): void {
    const header = configRequest('CfgWr1', routingId, offset, size);
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const { outcome, at } = this.transactions.send(header, HOST, { segment }, true);
      if (outcome === 'retry') continue;
      if (outcome === 'delivered') takeConfigWrite(this.arena, at, header, value << (8 * (offset & 3)));
      return;
    }
  }
}

/** How often a root complex asks a function that answers CRS: it may give up after a number of its own. PCIe 5.0 §2.3.2. */
const MOST_TRIES = 0x10000;

function doeMessageNumber(arena: ConfigArena, fn: number, at: number): number {
  const capabilities = arena.u32(fn, at + DOE_CAPABILITIES);
  return (capabilities & DOE_CAPABILITIES_DOE_INTERRUPT_MESSAGE_NUMBER) >>> 1;
}
