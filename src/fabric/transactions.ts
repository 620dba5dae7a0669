/**
 * A TLP and all that comes of it: its way, the errors on it, the answer and the answer's way. The router decides where it goes;
 * here its effects are made.
 */
import { portTypes } from '../../spec-tables/port-types.ts';
import { completionStatus, type TlpTypeName } from '../../spec-tables/tlp-types.ts';
import type { ConfigArena } from '../config/arena.ts';
import * as C from '../spec/constants.ts';
import { completionFor } from '../tlp/completion.ts';
import { kindOf, type TlpHeader, tlpTypeNamed } from '../tlp/header.ts';
import type { CompletionOutcome } from '../tlp/outstanding.ts';
import type { TlpPrefix } from '../tlp/prefix.ts';
import { isMalformed } from '../tlp/validate.ts';
import { waitsForEver } from './completion-timeout.ts';
import { type Delivery, type DeliveryOutcome, type Refusal, refusals } from './delivery.ts';
import { expectEndEndPrefixes, type PrefixStop, stopOfPrefixes } from './end-end-prefixes.ts';
import type { DetectedError } from './error-reporting.ts';
import type { ErrorSignaling, SignaledError } from './error-signaling.ts';
import { type ExactRouter, HOST, type SendOptions } from './exact-router.ts';
import { Faults } from './faults.ts';
import type { OffendingTlp } from './header-logs.ts';
import { describeSource, type Hop, type Route } from './hop.ts';
import { isContained } from './link.ts';
import { Outstanding, type OutstandingRequest, requesterKey } from './outstanding.ts';
import { type Crossing, passage } from './passage.ts';
import { blockedAt, isPoisoned, mustRefuse, passPoisoned, sendPoisoned } from './poison.ts';
import type { Readiness } from './readiness.ts';
import { type RootPortIoError, rootPortIoError } from './root-port-io.ts';
import { hasConventionalSecondary, NONE } from './topology.ts';

/**
 * What a target makes of a request: a completion status now; `later`: the request is outstanding until a completion is sent for it, or
 * it is timed out; `none`: no answer, and the requester gives up. A posted request has none but may be refused.
 */
export type Answer = keyof typeof completionStatus | 'none' | 'later';

export interface TransactionOptions extends SendOptions {
  /** When given, each hop of the TLP is appended; not those of its completion. */
  readonly trace?: Hop[] | undefined;
  /** End-end prefixes, the first on the wire first. */
  readonly prefixes?: readonly TlpPrefix[] | undefined;
  /** Where a configuration request from the host goes. */
  readonly segment?: number | undefined;
  /** The caller keeps account of requests: a completion answers one of them, and is taken as it comes. */
  readonly isExpected?: boolean | undefined;
}

const type0Of: Readonly<Partial<Record<TlpTypeName, TlpTypeName>>> = { CfgRd1: 'CfgRd0', CfgWr1: 'CfgWr0' };

interface Transaction {
  readonly header: TlpHeader;
  readonly prefixes: readonly TlpPrefix[];
  readonly from: number;
  readonly segment: number;
  /** In order; filled as they come. */
  readonly errors: SignaledError[];
  /** See `TransactionOptions`. */
  readonly isExpected?: boolean | undefined;
  /** The completion is a TLP of its own: it does not come back here. */
  readonly completionTravels?: boolean;
  /** Filled where there is one. */
  rootPortIo?: RootPortIoError | undefined;
}

/** A TLP at the end of its way, or where a fault or an error ended it. */
interface Arrival {
  readonly header: TlpHeader;
  readonly outcome: DeliveryOutcome;
  readonly at: number;
  /** It comes when nobody waits for it any more. */
  readonly isLate: boolean;
  /** The error that ended it, where reporting it is not a refusal by the target. */
  readonly signaled?: SignaledError | undefined;
  /** How its end is told, where that is not as with all that end so. */
  readonly ending?: Ending | undefined;
}

type Ending = Omit<Hop, 'fn'>;

const nothing: readonly SignaledError[] = [];
const none: readonly TlpPrefix[] = [];

export class Transactions {
  readonly router: ExactRouter;
  readonly signaling: ErrorSignaling;
  readonly readiness: Readiness;
  readonly faults = new Faults();
  readonly outstanding = new Outstanding();
  /** How a function answers requests that reach it, where that is not by Successful Completion. */
  readonly answers = new Map<number, (request: TlpHeader) => Answer>();
  readonly #arena: ConfigArena;

  constructor(router: ExactRouter, signaling: ErrorSignaling, readiness: Readiness) {
    this.router = router;
    this.signaling = signaling;
    this.readiness = readiness;
    this.#arena = router.arena;
  }

  /** See `Fabric.send`. @param isWellFormed the caller knows it to be */
  send(header: TlpHeader, from: number, options: TransactionOptions, isWellFormed = false): Delivery {
    const segment = options.segment ?? (from === HOST ? 0 : this.#arena.segment[from]!);
    const wasMalformed = !isWellFormed && isMalformed(header);
    const { prefixes = none } = options;
    // Most TLPs have nothing about them that anybody on the way would notice.
    const isPlain = !wasMalformed && this.#isQuiet(header) && prefixes.length === 0;
    const hops: Hop[] | undefined = isPlain ? options.trace : [];
    const route = this.#route(header, from, segment, options, hops);
    const { outcome, at, copies, remapped } = route;
    const kind = kindOf(header);
    if (
      isPlain &&
      outcome === 'delivered' &&
      this.answers.size === 0 &&
      copies === undefined &&
      remapped === undefined &&
      !(kind === 'configuration' || kind === 'completion')
    ) {
      const isPosted = tlpTypeNamed(header.type).posted;
      const completion = isPosted ? undefined : completionFor(header, 'SC', this.#idOf(at));
      return deliveryOf(outcome, at, undefined, completion, nothing);
    }
    const { isExpected } = options;
    const transaction: Transaction = { header, prefixes, from, segment, errors: [], isExpected };
    expectEndEndPrefixes(prefixes);
    let arrival: Arrival = { header, outcome, at, isLate: false };
    if (!isPlain) {
      arrival = this.#travel(transaction, { header, prefixes }, from, route, hops ?? [], wasMalformed);
      options.trace?.push(...told(hops ?? [], arrival));
    }
    const delivery = this.#finish(transaction, arrival, route);
    if (delivery.answers !== undefined) options.trace?.push(...whyRefused(delivery.at, delivery.answers));
    return delivery;
  }

  #isQuiet(header: TlpHeader): boolean {
    return !isPoisoned(header) && this.faults.isEmpty;
  }

  /** Whether its way must be told to `arrived` or `completed`: somebody on it may notice something. */
  isNoticed(header: TlpHeader): boolean {
    return isMalformed(header) || !this.#isQuiet(header);
  }

  /**
   * Whether a TLP that is noticed has come to its end: the first receiver of what is malformed, a port that lets no poison out.
   * @param at function that it has come to
   * @param hops its way so far
   */
  endsThere(header: TlpHeader, from: number, at: number, hops: readonly Hop[]): boolean {
    const way = passage(this.#arena, this.router.topology, hops, from, at);
    if (isMalformed(header) && way.some(({ isReceiver }) => isReceiver)) return true;
    return isPoisoned(header) && blockedAt(this.#arena, way) >= 0;
  }

  /**
   * The end of a way that was taken hop by hop, and what comes of it. A completion has not gone back: that is a way of its own.
   * @param hops the way, where the TLP is noticed
   */
  arrived(header: TlpHeader, from: number, segment: number, route: Route, hops: readonly Hop[]): Delivery {
    const transaction: Transaction = { header, prefixes: none, from, segment, errors: [], completionTravels: true };
    // The way was there when it began.
    const { outcome, at } = route;
    const arrival: Arrival =
      outcome === 'not-sent'
        ? { header, outcome: 'lost', at, isLate: false }
        : this.#atEnd(transaction, header, from, route, hops);
    return this.#finish(transaction, arrival, route);
  }

  /** The end of the way of a completion that `arrived` has given, and what the requester makes of it. Parameters as there. */
  completed(
    request: { readonly header: TlpHeader; readonly from: number },
    completion: TlpHeader,
    completer: number,
    segment: number,
    route: Route,
    hops: readonly Hop[],
  ): Delivery {
    const { header, from } = request;
    const transaction: Transaction = { header, prefixes: none, from, segment, errors: [] };
    const to = from === HOST ? NONE : route.at;
    const arrival = this.#atEnd(transaction, completion, completer, { outcome: route.outcome, at: to }, hops);
    if (this.#cameBack(transaction, arrival, completer, false)) {
      const { status } = completion;
      if (status === completionStatus.UR || status === completionStatus.CA)
        this.#failed(transaction, status === completionStatus.UR ? 'UR' : 'CA', completer, to);
    }
    const { rootPortIo, errors } = transaction;
    const delivery = deliveryOf(arrival.outcome, arrival.at, undefined, undefined, errors);
    return rootPortIo === undefined ? delivery : { ...delivery, rootPortIo };
  }

  #atEnd(transaction: Transaction, header: TlpHeader, from: number, route: Route, hops: readonly Hop[]): Arrival {
    const wasMalformed = isMalformed(header);
    if (wasMalformed || !this.#isQuiet(header))
      return this.#travel(transaction, { header }, from, route, hops, wasMalformed);
    return { header, outcome: route.outcome, at: route.at, isLate: false };
  }

  #finish(transaction: Transaction, arrival: Arrival, { copies, remapped }: Route): Delivery {
    const delivery = this.#arrive(transaction, arrival);
    const { rootPortIo } = transaction;
    if (rootPortIo === undefined && copies === undefined && remapped === undefined) return delivery;
    return {
      ...delivery,
      ...(rootPortIo === undefined ? {} : { rootPortIo }),
      ...(copies === undefined ? {} : { copies }),
      ...(remapped === undefined || delivery.outcome !== 'delivered' ? {} : { remapped }),
    };
  }

  #route(header: TlpHeader, from: number, segment: number, options: SendOptions, trace: Hop[] | undefined): Route {
    const { router } = this;
    router.trace = trace;
    try {
      return router.route(header, from, segment, options);
    } finally {
      router.trace = undefined;
    }
  }

  /** What happens between sender and target: faults, and what receivers find wrong. */
  #travel(
    transaction: Transaction,
    { header: sent, prefixes = none }: OffendingTlp,
    from: number,
    route: Route,
    hops: readonly Hop[],
    wasMalformed: boolean,
  ): Arrival {
    const arena = this.#arena;
    if (route.outcome === 'not-sent') return { header: sent, outcome: 'not-sent', at: route.at, isLate: false };
    const whole = passage(arena, this.router.topology, hops, from, route.at);
    const stop = stopOfPrefixes(arena, whole, sent, prefixes);
    const way = stop === undefined ? whole : endingAt(whole, stop.index);
    const outcome = stop?.outcome ?? route.outcome;
    const at = stop === undefined ? route.at : way.at(-1)!.fn;
    const stations = [from, ...way.map(({ fn }) => fn)];
    const fault = this.faults.take(sent, stations);
    const faultAt = fault === undefined ? 0 : stations.indexOf(fault.at);
    const header = fault?.kind === 'poison' ? { ...sent, ep: true } : sent;
    const tlp = { header, prefixes };
    const isLate = fault?.kind === 'delay';
    const ended = (how: DeliveryOutcome, where: number, signaled?: SignaledError): Arrival => ({
      header,
      outcome: how,
      at: where,
      isLate,
      signaled,
    });
    const arrived: Arrival = { header, outcome, at, isLate, ending: stop && endingOf(arena, at, stop) };

    if (wasMalformed || fault?.kind === 'malform') {
      // A fault behind the sender shows at the next receiver, not at those before it.
      const behind = wasMalformed ? way : way.slice(faultAt);
      const receiver = behind.find(({ isReceiver }) => isReceiver)?.fn ?? (stop === undefined ? at : undefined);
      if (receiver !== undefined)
        return ended('malformed', receiver, this.#signal(transaction, receiver, { error: 'Malformed TLP', ...tlp }));
    }
    if (fault?.kind === 'drop') return ended('lost', fault.at);
    if (fault?.kind === 'corrupt' && header.td) {
      const target = lastReceiver(way, at);
      if (checksDigest(arena, target))
        return ended('ecrc-error', target, this.#signal(transaction, target, { error: 'ECRC Error', ...tlp }));
    }
    if (!isPoisoned(header)) return arrived;

    const fromHere = sent.ep ? way : way.slice(faultAt);
    if (from !== HOST && (sent.ep || faultAt === 0)) sendPoisoned(arena, from, header);
    const blocked = blockedAt(arena, fromHere);
    // Who ends it reports its end: no function reports two errors of one TLP. PCIe 5.0 §6.2.3.2.3.
    const last = at !== NONE || outcome === 'delivered' ? lastReceiver(way, at) : NONE;
    for (const [i, crossing] of fromHere.entries()) {
      // Of a malformed TLP its receiver reads no more than that it is one.
      if (outcome === 'malformed' && crossing.fn === at) break;
      const error = passPoisoned(this.signaling, crossing, tlp, i === blocked, crossing.fn === last);
      if (error !== undefined) transaction.errors.push(error);
      if (i === blocked) return ended('poisoned-egress-blocked', crossing.fn);
    }
    // An Unexpected Completion comes before a poisoned one. PCIe 5.0 §6.2.3.2.3.
    if (outcome !== 'delivered' || this.#isStray(transaction, header, at)) return arrived;
    if (mustRefuse(header) && at !== NONE) return ended('unsupported-request', at);
    this.#signal(transaction, lastReceiver(way, at), { error: 'Poisoned TLP Received', ...tlp });
    return arrived;
  }

  /** Where it ended: refused, lost, or taken and answered. */
  #arrive(transaction: Transaction, { header, outcome, at, isLate, signaled }: Arrival): Delivery {
    const { errors } = transaction;
    const refusal = refusals[outcome];
    if (outcome === 'iommu-fault' || outcome === 'iommu-abort')
      this.router.options.iommu?.record(header, transaction.segment);
    if (refusal !== undefined) return this.#refused(transaction, header, outcome, at, refusal, signaled);
    if (outcome === 'master-abort') return this.#masterAborted(transaction, at);
    if (outcome === 'lost') this.#timeOut(transaction, at);
    if (outcome !== 'delivered') return deliveryOf(outcome, at, undefined, undefined, errors);
    if (kindOf(header) === 'configuration' && this.readiness.retries(at))
      return deliveryOf('retry', at, undefined, completionFor(header, 'CRS', this.#idOf(at)), errors);
    if (kindOf(header) === 'completion' && transaction.isExpected !== true)
      return this.#takeCompletion(transaction, header, at, isLate);

    const answer = this.answers.size === 0 ? 'SC' : (this.answers.get(at)?.(this.#asReceived(header, at)) ?? 'SC');
    if (answer === 'CA' || answer === 'UR') {
      const refused = answer === 'CA' ? 'completer-abort' : 'unsupported-request';
      return this.#refused(transaction, header, refused, at, refusals[refused]!, undefined);
    }
    if (tlpTypeNamed(header.type).posted) return deliveryOf(outcome, at, undefined, undefined, errors);
    if (answer === 'later' && !isLate) {
      const { prefixes, from, segment } = transaction;
      const waits = requesterKey(this.#holder(from), at === NONE ? segment : this.#arena.segment[at]!);
      this.outstanding.add(waits, { header, prefixes, from, segment, completer: at });
      return deliveryOf(outcome, at, undefined, undefined, errors);
    }
    if (answer === 'none' || answer === 'later') {
      this.#timeOut(transaction, at);
      return { ...deliveryOf(outcome, at, undefined, undefined, errors), isUnanswered: true };
    }
    const completion = completionFor(header, answer, this.#idOf(at));
    const isBack = this.#sendBack(transaction, completion, at, isLate);
    const delivery = deliveryOf(answer === 'CRS' ? 'retry' : outcome, at, undefined, completion, errors);
    return isBack || transaction.completionTravels ? delivery : { ...delivery, isUnanswered: true };
  }

  #refused(
    transaction: Transaction,
    header: TlpHeader,
    outcome: DeliveryOutcome,
    at: number,
    { error, status }: Refusal,
    already: SignaledError | undefined,
  ): Delivery {
    if (outcome === 'unsupported-request' && at !== NONE && isContained(this.#arena, at))
      return this.#contained(transaction, header, at);
    const { prefixes } = transaction;
    const signaled =
      already ?? this.#signal(transaction, at, { error, header: this.#asReceived(header, at), prefixes });
    const { posted } = tlpTypeNamed(header.type);
    if (status === 'CA') this.#mark(at, this.#isBelow(transaction.from, at), 'signaled');
    let completion: TlpHeader | undefined;
    if (!posted && status === undefined) this.#timeOut(transaction, at);
    if (!posted && status !== undefined) completion = this.#completeWith(transaction, status, at);
    return deliveryOf(outcome, at, signaled, completion, transaction.errors);
  }

  /** A configuration request is Type 0 from the port on whose secondary bus its target lies. PCIe 5.0 §7.3.3. */
  #asReceived(header: TlpHeader, at: number): TlpHeader {
    const type = type0Of[header.type];
    const port = type === undefined || at === NONE ? NONE : this.router.topology.parent[at]!;
    if (port === NONE || this.#arena.u8(port, C.SECONDARY_BUS_NUMBER) !== header.destinationId >> 8) return header;
    return { ...header, type: type! };
  }

  /** Towards a link that Downstream Port Containment holds down: a posted request is gone, any other answered. PCIe 5.0 §2.9.3. */
  #contained(transaction: Transaction, header: TlpHeader, at: number): Delivery {
    const status = this.signaling.containment.completionStatus(at);
    if (tlpTypeNamed(header.type).posted) return deliveryOf('dropped', at, undefined, undefined, transaction.errors);
    if (status === 'CA') this.#mark(at, false, 'signaled');
    const completion = this.#completeWith(transaction, status, at);
    const outcome = status === 'CA' ? 'completer-abort' : 'unsupported-request';
    return deliveryOf(outcome, at, undefined, completion, transaction.errors);
  }

  /** The UR or CA completion, its way back, and the bit that it sets where it arrives. PCIe 5.0 §7.5.1.1.4, §7.5.1.3.7. */
  #completeWith(transaction: Transaction, status: 'UR' | 'CA', completer: number): TlpHeader {
    const { header, from, segment } = transaction;
    const completion = completionFor(header, status, this.#idOf(completer));
    const arrived = this.#sendBack(transaction, completion, completer, false);
    if (!arrived) return completion;
    const back = from === HOST ? undefined : this.router.route(completion, completer, segment);
    if (back === undefined || back.outcome === 'delivered')
      this.#failed(transaction, status, completer, back?.at ?? NONE);
    return completion;
  }

  /** A UR or CA completion is back. @param at who got it */
  #failed(transaction: Transaction, status: 'UR' | 'CA', completer: number, at: number): void {
    const kind = status === 'UR' ? 'master' : 'received';
    if (transaction.from !== HOST) {
      this.#mark(at, false, kind);
      return;
    }
    // A request of the CPU: the completion came in on a root port's secondary side, unless the port itself made it.
    const { topology } = this.router;
    for (let fn = completer; fn !== NONE; fn = topology.parent[fn]!)
      if (fn !== completer && this.#arena.layout[fn]!.portType === portTypes['Root Port']) {
        this.#mark(fn, true, kind);
        this.#rootPortIo(transaction, fn, status);
      }
  }

  /** A completion that was sent on its own has come to the function of its Requester ID, or to the root complex. PCIe 5.0 §2.3.2. */
  #takeCompletion(transaction: Transaction, header: TlpHeader, at: number, isLate: boolean): Delivery {
    const { from, segment, prefixes, errors } = transaction;
    const requester = requesterKey(at, segment);
    const request = this.outstanding.awaits(requester, header);
    if (isLate && request !== undefined) errors.push(...this.#giveUp(request));
    const answers = this.outstanding.receive(requester, header);
    if (answers.outcome === 'unexpected' || answers.outcome === 'malformed') {
      const outcome = answers.outcome === 'malformed' ? 'malformed' : 'unexpected-completion';
      const receiver = at === NONE ? this.#rootPortAbove(from) : at;
      const { error } = refusals[outcome]!;
      const signaled = this.#signal(transaction, receiver, { error, header, prefixes });
      return { ...deliveryOf(outcome, at, signaled, undefined, errors), answers };
    }
    if (answers.outcome === 'failed' && request !== undefined) {
      const asked: Transaction = { ...request, errors };
      this.#failed(asked, answers.status, from, at);
      transaction.rootPortIo = asked.rootPortIo;
    }
    return { ...deliveryOf('delivered', at, undefined, undefined, errors), answers };
  }

  #isStray(transaction: Transaction, header: TlpHeader, at: number): boolean {
    if (kindOf(transaction.header) !== 'completion' || transaction.isExpected === true) return false;
    return this.outstanding.awaits(requesterKey(at, transaction.segment), header) === undefined;
  }

  /** See `Fabric.timeOut`. */
  timeOut(from: number): SignaledError[] {
    return this.outstanding.of(from).flatMap((request) => this.#giveUp(request));
  }

  /** Completion Timeout; nothing where the requester waits for ever. */
  #giveUp(request: OutstandingRequest): SignaledError[] {
    const transaction: Transaction = { ...request, errors: [] };
    const requester = this.#requester(transaction, request.completer);
    if (requester !== NONE && waitsForEver(this.#arena, requester)) return [];
    this.outstanding.remove(request);
    this.#timeOut(transaction, request.completer);
    return transaction.errors;
  }

  /** The function that has a completion for it: for one on a conventional bus the bridge that asks in its stead. */
  #holder(from: number): number {
    const { topology } = this.router;
    let holder = from;
    for (let fn = from; fn !== NONE; fn = topology.parent[fn]!) {
      const above = topology.parent[fn]!;
      if (above !== NONE && hasConventionalSecondary(this.#arena, above)) holder = above;
    }
    return holder;
  }

  /** The completion's own way, where anything can happen on it. False where it does not arrive in time and whole. */
  #sendBack(transaction: Transaction, completion: TlpHeader, completer: number, wasLate: boolean): boolean {
    if (transaction.completionTravels) return false;
    if (this.faults.isEmpty && !wasLate) return true;
    const hops: Hop[] = [];
    const { from, segment } = transaction;
    const route = this.#route(completion, completer, segment, {}, hops);
    const to = from === HOST ? NONE : route.at;
    const end = { outcome: route.outcome, at: to };
    const arrival = this.#travel(transaction, { header: completion }, completer, end, hops, false);
    return this.#cameBack(transaction, arrival, completer, wasLate);
  }

  /** Whether the completion is there in time and whole; if not, the requester has given up. */
  #cameBack(transaction: Transaction, arrival: Arrival, completer: number, wasLate: boolean): boolean {
    const arrives = arrival.outcome === 'delivered';
    if (arrives && !arrival.isLate && !wasLate) return true;
    this.#timeOut(transaction, completer);
    const requester = this.#requester(transaction, completer);
    if (arrives) this.#signal(transaction, requester, { error: 'Unexpected Completion', header: arrival.header });
    return false;
  }

  /** Nobody answers, and the requester gives up. PCIe 5.0 §2.8. */
  #timeOut(transaction: Transaction, near: number): void {
    const { header, prefixes } = transaction;
    if (tlpTypeNamed(header.type).posted) return;
    const requester = this.#requester(transaction, near);
    if (requester === NONE || waitsForEver(this.#arena, requester)) return;
    this.#signal(transaction, requester, { error: 'Completion Timeout', header, prefixes });
    if (transaction.from === HOST) this.#rootPortIo(transaction, requester, 'CTO');
  }

  #rootPortIo(transaction: Transaction, port: number, how: 'UR' | 'CA' | 'CTO'): void {
    const { arena, containment } = this.signaling;
    transaction.rootPortIo ??= rootPortIoError(arena, containment, port, transaction, how);
  }

  /** Who asked: for the CPU the root port that its request went through. */
  #requester({ from }: Transaction, near: number): number {
    return from === HOST ? this.#rootPortAbove(near) : from;
  }

  /** NONE where there is none. */
  #rootPortAbove(near: number): number {
    const { topology } = this.router;
    let fn = near;
    while (fn !== NONE && this.#arena.layout[fn]!.portType !== portTypes['Root Port']) fn = topology.parent[fn]!;
    return fn;
  }

  #signal(transaction: Transaction, fn: number, detected: DetectedError): SignaledError | undefined {
    if (fn === NONE) return undefined;
    const signaled = this.signaling.detect(fn, detected);
    transaction.errors.push(signaled);
    return signaled;
  }

  /** On a conventional bus the initiator ends the cycle and keeps the mark. PCI-to-PCI Bridge 1.2 §3.2.4.4, §3.2.5.7. */
  #masterAborted(transaction: Transaction, at: number): Delivery {
    const { topology } = this.router;
    const { header, from, errors } = transaction;
    let initiator = from;
    while (initiator !== NONE && topology.parent[initiator] !== at) initiator = topology.parent[initiator]!;
    let completion: TlpHeader | undefined;
    if (initiator !== NONE) this.#mark(initiator, false, 'master');
    else {
      this.#mark(at, true, 'master');
      if (!tlpTypeNamed(header.type).posted) completion = this.#completeWith(transaction, 'UR', at);
    }
    return deliveryOf('master-abort', at, undefined, completion, errors);
  }

  /** Received Master-Abort, Received or Signaled Target-Abort of Status, or of Secondary Status. */
  #mark(fn: number, isSecondary: boolean, kind: 'master' | 'received' | 'signaled'): void {
    if (fn === NONE) return;
    const bits = {
      master: [C.STATUS_RECEIVED_MASTER_ABORT, C.SECONDARY_STATUS_RECEIVED_MASTER_ABORT],
      received: [C.STATUS_RECEIVED_TARGET_ABORT, C.SECONDARY_STATUS_RECEIVED_TARGET_ABORT],
      signaled: [C.STATUS_SIGNALED_TARGET_ABORT, C.SECONDARY_STATUS_SIGNALED_TARGET_ABORT],
    } as const;
    const [primary, secondary] = bits[kind];
    this.#arena.setBits(fn, isSecondary ? C.SECONDARY_STATUS : C.STATUS, 2, isSecondary ? secondary : primary);
  }

  #isBelow(fn: number, bridge: number): boolean {
    const { topology } = this.router;
    for (let at = fn; at !== NONE; at = topology.parent[at]!)
      if (topology.parent[at] === bridge) return bridge !== NONE;
    return false;
  }

  #idOf(fn: number): number {
    return fn === NONE ? 0 : this.#arena.idOf(fn);
  }
}

/** Why a TLP ended before the router's end of its way. */
const endings: Readonly<Partial<Record<DeliveryOutcome, Ending>>> = {
  malformed: { action: 'refuse', rule: 'the first receiver of a Malformed TLP discards it', spec: 'PCIe 5.0 §2.3' },
  lost: { action: 'drop', rule: 'lost here', spec: 'injected' },
  'ecrc-error': { action: 'refuse', rule: 'the digest does not match the TLP', spec: 'PCIe 5.0 §2.7.1' },
  'poisoned-egress-blocked': {
    action: 'refuse',
    rule: 'Poisoned TLP Egress Blocking is enabled',
    spec: 'PCIe 5.0 §2.7.2.1',
  },
};

/** The hops that there really were. */
function told(hops: readonly Hop[], { outcome, at, ending = endings[outcome] }: Arrival): readonly Hop[] {
  if (ending === undefined) return hops;
  const end = hops.findIndex(({ fn, action }) => fn === at && action !== 'send');
  return [...hops.slice(0, end < 0 ? hops.length : end), { fn: at, ...ending }];
}

function endingOf(arena: ConfigArena, fn: number, { rule, spec, source }: PrefixStop): Ending {
  const read = source === undefined ? {} : describeSource(arena, fn, source);
  return { action: 'refuse', rule, spec: `PCIe 5.0 ${spec}`, ...read };
}

/** The way up to one of its crossings, where the TLP now ends. */
function endingAt(way: readonly Crossing[], index: number): Crossing[] {
  return [...way.slice(0, index), { ...way[index]!, egress: undefined }];
}

/** Why a completion that came to its requester is not taken. */
function whyRefused(fn: number, answers: CompletionOutcome): Hop[] {
  if (answers.outcome !== 'unexpected' && answers.outcome !== 'malformed') return [];
  const rule = answers.outcome === 'malformed' ? answers.rule : 'no request with its Transaction ID waits';
  return [{ fn, action: 'refuse', rule, spec: 'PCIe 5.0 §2.3.2' }];
}

/** For the root complex, the port that the TLP came in by: NONE where it came over no link. */
function lastReceiver(way: readonly Crossing[], at: number): number {
  return at !== NONE ? at : (way.findLast(({ isReceiver }) => isReceiver)?.fn ?? NONE);
}

/** ECRC Check Enable. PCIe 5.0 §7.8.4.7. */
function checksDigest(arena: ConfigArena, fn: number): boolean {
  if (fn === NONE) return false;
  const { aer } = arena.layout[fn]!;
  const enable = C.ADVANCED_ERROR_CAPABILITIES_AND_CONTROL_ECRC_CHECK_ENABLE;
  return aer !== 0 && (arena.u32(fn, aer + C.ADVANCED_ERROR_CAPABILITIES_AND_CONTROL) & enable) !== 0;
}

/** One shape for every outcome. */
function deliveryOf(
  outcome: DeliveryOutcome,
  at: number,
  signaled: SignaledError | undefined,
  completion: TlpHeader | undefined,
  errors: readonly SignaledError[],
): Delivery {
  return { outcome, at, report: signaled?.report, errorMessage: signaled?.errorMessage, completion, errors };
}
