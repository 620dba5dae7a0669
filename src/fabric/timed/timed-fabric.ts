/**
 * A fabric in which TLPs take time. Each waits in the queue of the side by which it leaves the root complex, its sender or a port; a
 * move takes one of them a hop further, where the receiver has credits for it and the ordering table lets it go before those that
 * came earlier. A hop is the exact router's, by the bytes as they are then; the end is that of the functional fabric. Completions and
 * error messages are TLPs of their own.
 *
 * Not timed: multicast writes and broadcasts spread from one port to all receivers at once. INTx stays a wire. The marks of poison, and
 * the faults that the fabric was told to have, come over a way when it is over; a `delay` delays no completion.
 */
import { messageCodes, messageRouting } from '../../../spec-tables/message-codes.ts';
import { portTypes } from '../../../spec-tables/port-types.ts';
import type { AccessSize } from '../../config/registers.ts';
import { type TlpHeader, tlpHeader, tlpTypeNamed } from '../../tlp/header.ts';
import { configRequest, takeConfigWrite } from '../config-requests.ts';
import type { Delivery } from '../delivery.ts';
import { passErrorMessage, receiveErrorMessage } from '../error-messages.ts';
import { HOST, type SendOptions } from '../exact-router.ts';
import type { Checkpoint, Fabric } from '../fabric.ts';
import type { Hop, Route } from '../hop.ts';
import type { Interrupt } from '../interrupts.ts';
import { isLinkUp } from '../link.ts';
import { type Position, positionOf } from '../position.ts';
import { NONE } from '../topology.ts';
import { type Credits, defaultCredits, expectCredits, hasRoom } from './credits.ts';
import { mayPass, type OrderedTlp } from './ordering.ts';
import { Queues, type QueuesCheckpoint } from './queues.ts';
import type { Ingress, TimedDelivery, TimedTlp } from './timed-tlp.ts';

/** A hop that could be next. */
export interface Move {
  readonly tlp: TimedTlp;
  /** Function that it comes to; NONE for the root complex. */
  readonly to: number;
  /** Its way ends there. */
  readonly isLast: boolean;
}

export interface TimedOptions {
  /** Of every receiver; what is not given is `defaultCredits`. */
  readonly credits?: Partial<Credits>;
  /** Of one receiver, where it has others. */
  readonly creditsOf?: (fn: number, ingress: Ingress) => Partial<Credits> | undefined;
  /** How many completions a function, or the root complex, has waiting before it takes no non-posted request. 8 where not given. */
  readonly completions?: number;
  /** Index of the move that is next; the first where not given, which lets the oldest of a queue go. */
  readonly choose?: (moves: readonly Move[]) => number;
  /** Another rule of ordering, to see what comes of it. PCIe 5.0 table 2-40 where not given. */
  readonly mayPass?: (later: OrderedTlp, earlier: OrderedTlp) => boolean;
  /** Keeps the hops of each TLP. */
  readonly trace?: boolean;
}

export interface TimedCheckpoint {
  readonly fabric: Checkpoint;
  readonly queues: QueuesCheckpoint;
  readonly deliveries: readonly TimedDelivery[];
  readonly sent: number;
  readonly now: number;
}

/** A TLP with the hop that it would make, and where that leaves it. */
interface Planned extends Move {
  readonly position: Position;
  /** Its end; undefined where it goes on. */
  readonly route: Route | undefined;
}

export class TimedFabric {
  readonly fabric: Fabric;
  /** Ticks so far. */
  now = 0;
  /** Every TLP that came to its end, in that order. */
  deliveries: readonly TimedDelivery[] = [];
  /** Told of each of them. */
  onDelivery: ((delivery: TimedDelivery) => void) | undefined;
  readonly #options: TimedOptions;
  readonly #credits: Credits;
  readonly #mayPass: (later: OrderedTlp, earlier: OrderedTlp) => boolean;
  readonly #queues = new Queues();
  #sent = 0;

  /** @throws RangeError for credits or a limit that are none */
  constructor(fabric: Fabric, options: TimedOptions = {}) {
    this.fabric = fabric;
    this.#options = options;
    this.#credits = expectCredits({ ...defaultCredits, ...options.credits }, 'credits');
    this.#mayPass = options.mayPass ?? mayPass;
    const { completions = 8 } = options;
    if (!(completions >= 1)) throw new RangeError(`completions: expected 1 or more, got ${completions}`);
  }

  /** Nothing is on its way. */
  get isIdle(): boolean {
    return this.#queues.isEmpty;
  }

  /** TLPs that are on their way, queue by queue, in the order in which they came. */
  get waiting(): readonly (readonly TimedTlp[])[] {
    return [...this.#queues.all];
  }

  /**
   * Puts a TLP in the queue of its sender. One that the sender may not send comes to its end at once.
   * @param from function that sends, or HOST for the root complex
   * @param options.segment where a configuration request of the root complex goes
   * @throws RangeError when `from` is no function
   */
  send(
    header: TlpHeader,
    from: number,
    options: SendOptions & { readonly segment?: number; readonly data?: number } = {},
  ): TimedTlp {
    const segment = options.segment ?? (from === HOST ? 0 : this.fabric.arena.segment[from]!);
    return this.#enter(`${this.#sent++}`, header, from, segment, options, {});
  }

  /** Sends a configuration write of the root complex; parameters and errors as `Fabric.configWrite`. */
  configWrite(segment: number, routingId: number, offset: number, size: AccessSize, value: number): TimedTlp {
    const header = configRequest('CfgWr1', routingId, offset, size);
    return this.send(header, HOST, { segment, data: (value << (8 * (offset & 3))) >>> 0 });
  }

  /** Sends a configuration read of the root complex. Its completion has the whole DWORD. */
  configRead(segment: number, routingId: number, offset: number, size: AccessSize): TimedTlp {
    return this.send(configRequest('CfgRd1', routingId, offset, size), HOST, { segment });
  }

  /** As `Interrupts.signal`: a message that goes out waits in the function's queue. */
  interrupt(fn: number, vector: number): Interrupt<Delivery> {
    return this.#carrying(`${this.#sent++}`, () => this.fabric.interrupts.signal(fn, vector));
  }

  /** Every hop that the ordering table, credits and completers allow next. */
  moves(): readonly Move[] {
    return this.#planned();
  }

  /**
   * Makes one hop.
   * @throws RangeError when it is none of `moves()` now
   */
  move(move: Move): void {
    const planned = this.#planned().find(({ tlp }) => tlp === move.tlp);
    if (planned === undefined)
      throw new RangeError(`${move.tlp.name}: expected a TLP that can move, got one that can't`);
    this.#make(planned);
  }

  /** One hop for each queue that can let one go, each TLP at most one. @returns how many there were */
  tick(): number {
    this.now++;
    const served = new Set<number>();
    for (;;) {
      const able = this.#planned().filter(({ tlp }) => tlp.since < this.now && !served.has(queueOf(tlp)));
      if (able.length === 0) return served.size;
      const chosen = able[this.#options.choose?.(able) ?? 0];
      if (chosen === undefined) throw new RangeError(`choose: expected an index below ${able.length}`);
      served.add(queueOf(chosen.tlp));
      this.#make(chosen);
    }
  }

  /**
   * Ticks until nothing moves any more.
   * @param most ticks
   * @returns what came to its end
   */
  run(most = Number.POSITIVE_INFINITY): readonly TimedDelivery[] {
    const before = this.deliveries.length;
    for (let ticks = 0; ticks < most && this.tick() > 0; ticks++);
    return this.deliveries.slice(before);
  }

  /** All of it. Tables of MSI-X, readiness and faults are no part of it, as of `Fabric.checkpoint`. */
  checkpoint(): TimedCheckpoint {
    const { deliveries, now } = this;
    return {
      fabric: this.fabric.checkpoint(),
      queues: this.#queues.checkpoint(),
      deliveries,
      sent: this.#sent,
      now,
    };
  }

  /** @throws RangeError as `Fabric.restore` does */
  restore(checkpoint: TimedCheckpoint): void {
    this.fabric.restore(checkpoint.fabric);
    this.#queues.restore(checkpoint.queues);
    this.deliveries = checkpoint.deliveries;
    this.#sent = checkpoint.sent;
    this.now = checkpoint.now;
  }

  #enter(
    name: string,
    header: TlpHeader,
    from: number,
    segment: number,
    { data, ...options }: SendOptions & { readonly data?: number | undefined },
    origin: Partial<Pick<TimedTlp, 'request' | 'error'>>,
  ): TimedTlp {
    const position = positionOf(from, segment);
    const hops: Hop[] = [];
    const { router } = this.fabric;
    // A sender knows of its link, and of those above.
    const whole = router.route(header, from, segment, options);
    const route =
      whole.outcome === 'not-sent'
        ? whole
        : this.#traced(header, hops, () => router.start(header, from, segment, options, position));
    const { request, error } = origin;
    const tlp: TimedTlp = {
      name,
      header,
      data,
      from,
      position,
      ingress: undefined,
      since: this.now,
      request,
      error,
      hops,
    };
    if (route === undefined) this.#queues.add(tlp);
    else if (route.outcome === 'not-sent') this.#record(tlp, { ...nothing, outcome: 'not-sent', at: route.at });
    else this.#end(tlp, route);
    return tlp;
  }

  #traced<T>(header: TlpHeader, hops: Hop[], ask: (router: Fabric['router']) => T): T {
    const { router, transactions } = this.fabric;
    if (!this.#options.trace && !transactions.isNoticed(header)) return ask(router);
    router.trace = hops;
    try {
      return ask(router);
    } finally {
      router.trace = undefined;
    }
  }

  #planned(): Planned[] {
    const able: Planned[] = [];
    for (const queue of this.#queues.all) {
      const earlier: Planned[] = [];
      for (const tlp of queue) {
        const planned = this.#plan(tlp);
        if (earlier.every((one) => this.#goesBefore(planned, one)) && this.#isTaken(planned)) able.push(planned);
        earlier.push(planned);
      }
    }
    return able;
  }

  #plan(tlp: TimedTlp): Planned {
    const position = { ...tlp.position };
    const route = this.#step(tlp, position);
    // The root complex asked, whoever on its bus has the ID that it asks with.
    const isForHost = route !== undefined && tlp.request?.from === HOST;
    const to = isForHost ? NONE : (route?.at ?? position.at);
    return { tlp, position, route, to, isLast: route !== undefined };
  }

  /** The router's hop; no more where a link above is gone, and with it all that its ports below held. PCIe 5.0 §2.9.1. */
  #step({ header, from }: TimedTlp, position: Position): Route | undefined {
    const { arena, topology, router } = this.fabric;
    if (position.at !== NONE)
      for (let port = topology.parent[position.at]!; port !== NONE; port = topology.parent[port]!)
        if (!isLinkUp(arena, port)) return { outcome: 'not-sent', at: from };
    return router.step(header, position);
  }

  /** Order is kept on the way to one receiver. What is refused counts as on any way. */
  #goesBefore(later: Planned, earlier: Planned): boolean {
    if (later.to !== earlier.to && !isRefused(later) && !isRefused(earlier)) return true;
    return this.#mayPass(later.tlp, earlier.tlp);
  }

  /** The receiver has credits for it, and a completer for one request more. */
  #isTaken({ tlp, to, isLast, route }: Planned): boolean {
    const { header, position } = tlp;
    // Its link is gone.
    if (route?.outcome === 'not-sent') return true;
    const { posted } = tlpTypeNamed(header.type);
    if (isLast && !posted && this.#completionsOf(to) >= (this.#options.completions ?? 8)) return false;
    // Inside the root complex, and in the function itself, there is no link.
    if (to === NONE || to === position.at) return true;
    const ingress = this.#ingress(tlp, to);
    const held = [...this.#queues.of(to, true), ...this.#queues.of(to, false)].filter((one) => one.ingress === ingress);
    return hasRoom(
      this.#creditsOf(to, ingress),
      held.map((one) => one.header),
      header,
    );
  }

  #creditsOf(fn: number, ingress: Ingress): Credits {
    const own = this.#options.creditsOf?.(fn, ingress);
    return own === undefined
      ? this.#credits
      : expectCredits({ ...this.#credits, ...own }, `${this.fabric.arena.name(fn)}, ${ingress} side`);
  }

  /** From below into a port, or from above or beside. */
  #ingress({ position }: TimedTlp, to: number): Ingress {
    return position.isUp && this.fabric.topology.parent[position.at] === to ? 'secondary' : 'primary';
  }

  #completionsOf(fn: number): number {
    const made = (one: TimedTlp) => one.request !== undefined && one.ingress === undefined;
    return this.#queues.of(fn, true).filter(made).length + this.#queues.of(fn, false).filter(made).length;
  }

  #make({ tlp, to }: Planned): void {
    const position = { ...tlp.position };
    const hops = [...tlp.hops];
    const route = this.#traced(tlp.header, hops, () => this.#step(tlp, position));
    this.#queues.remove(tlp);
    const next: TimedTlp = { ...tlp, position, hops, since: this.now, ingress: this.#ingress(tlp, to) };
    if (tlp.error !== undefined) this.#carryError(next, tlp.error, route);
    else if (route !== undefined) this.#end(next, route);
    else if (this.#endsThere(next)) this.#end(next, { outcome: 'delivered', at: position.at });
    else this.#queues.add(next);
  }

  #endsThere({ header, from, position, hops }: TimedTlp): boolean {
    const { transactions } = this.fabric;
    return transactions.isNoticed(header) && transactions.endsThere(header, from, position.at, hops);
  }

  /** What the end of a way does, and the TLPs that come of it. */
  #end(tlp: TimedTlp, route: Route): void {
    const { arena, transactions } = this.fabric;
    const { header, from, request, position, hops, name } = tlp;
    const { segment } = position;
    if (request !== undefined) {
      const delivery = this.#carrying(name, () => transactions.completed(request, header, from, segment, route, hops));
      this.#record(tlp, delivery);
      return;
    }
    const delivery = this.#carrying(name, () => transactions.arrived(header, from, segment, route, hops));
    this.#record(tlp, delivery);
    const { outcome, at, completion } = delivery;
    let data: number | undefined;
    if (outcome === 'delivered' && isConfigurationRead(header)) data = arena.u32(at, header.register);
    if (outcome === 'delivered' && isConfigurationWrite(header) && tlp.data !== undefined) {
      const dword = tlp.data;
      this.#carrying(name, () => takeConfigWrite(arena, at, header, dword));
    }
    if (completion !== undefined)
      this.#enter(`${name}.completion`, completion, at, segment, { data }, { request: tlp });
  }

  /** A port that an error message comes to, which may stop it; a root port, which receives it. */
  #carryError(tlp: TimedTlp, { reporter, message }: NonNullable<TimedTlp['error']>, route: Route | undefined): void {
    const { arena, signaling } = this.fabric;
    const { at } = tlp.position;
    if (route !== undefined) {
      this.#record(tlp, { ...nothing, outcome: route.outcome === 'not-sent' ? 'lost' : route.outcome, at: route.at });
      return;
    }
    const hop = this.#carrying(tlp.name, () =>
      passErrorMessage(
        arena,
        at,
        reporter,
        message,
        (port, what, sourceId) => signaling.containment.receive(port, what, sourceId) !== undefined,
      ),
    );
    if (!hop.passed) this.#record(tlp, { ...nothing, outcome: 'dropped', at });
    else if (arena.layout[at]!.portType !== portTypes['Root Port']) this.#queues.add(tlp);
    else {
      const errorMessage = receiveErrorMessage(arena, at, reporter, message, [hop]);
      this.#record(tlp, { ...nothing, outcome: 'delivered', at, errorMessage });
    }
  }

  #record(tlp: TimedTlp, delivery: Delivery): void {
    const timed = { ...delivery, tlp, tick: this.now };
    this.deliveries = [...this.deliveries, timed];
    this.onDelivery?.(timed);
  }

  /** Has what comes of `name` travel: error messages and interrupts. */
  #carrying<T>(name: string, act: () => T): T {
    const { signaling, interrupts, arena } = this.fabric;
    signaling.carry = (reporter, message) => {
      const header = tlpHeader('Msg', {
        requesterId: arena.idOf(reporter),
        messageCode: messageCodes[message].code,
        routing: messageRouting['to Root Complex'],
      });
      const error = { reporter, message };
      this.#enter(
        `${name}.${message}@${arena.name(reporter)}`,
        header,
        reporter,
        arena.segment[reporter]!,
        {},
        { error },
      );
    };
    interrupts.carry = (header, from, data) => {
      this.#enter(`${name}.MSI@${arena.name(from)}`, header, from, arena.segment[from]!, { data }, {});
      return { ...nothing, outcome: 'in-flight', at: from };
    };
    try {
      return act();
    } finally {
      signaling.carry = undefined;
      interrupts.carry = undefined;
    }
  }
}

const nothing = { report: undefined, errorMessage: undefined, completion: undefined, errors: [] } as const;

function queueOf({ position: { at, isUp } }: TimedTlp): number {
  return 2 * at + (isUp ? 1 : 0);
}

function isConfigurationRead({ type }: TlpHeader): boolean {
  return type === 'CfgRd0' || type === 'CfgRd1';
}

function isConfigurationWrite({ type }: TlpHeader): boolean {
  return type === 'CfgWr0' || type === 'CfgWr1';
}

function isRefused({ route }: Planned): boolean {
  return route !== undefined && (route.outcome !== 'delivered' || route.copies !== undefined);
}
