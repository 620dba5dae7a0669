/**
 * Where a message goes, by its routing r[2:0], and what its receiver makes of its code. Bus Master Enable has no say. PCIe 5.0
 * §2.2.8, table 2-18. What each port's gates do to error messages is in `error-messages.ts`.
 */
import { messageRouting } from '../../spec-tables/message-codes.ts';
import { portTypes } from '../../spec-tables/port-types.ts';
import type { ConfigArena } from '../config/arena.ts';
import * as C from '../spec/constants.ts';
import type { TlpHeader } from '../tlp/header.ts';
import { ingressViolation } from './access-control.ts';
import type { Outcome, Route } from './hop.ts';
import { type IdWalk, MESSAGE, startById, stepById } from './id-routing.ts';
import { isLinkUp } from './link.ts';
import { deviceCapabilities2, deviceControl2 } from './optional-requests.ts';
import type { Position } from './position.ts';
import { hasConventionalSecondary, leadsToLink, NONE } from './topology.ts';

/** What a message's way needs of the router. */
export interface MessageWalk extends IdWalk {
  /** One hop, as of a memory request. */
  byAddress(header: TlpHeader, position: Position): Route | undefined;
}

type Direction = 'up' | 'down';

/** Codes, first and last, that only ever go one way on a link. PCIe 5.0 §2.2.8.1–§2.2.8.10. */
const oneWay: readonly (readonly [first: number, last: number, direction: Direction])[] = [
  [0x10, 0x10, 'up'],
  [0x12, 0x12, 'down'],
  [0x14, 0x14, 'down'],
  [0x18, 0x18, 'up'],
  [0x19, 0x19, 'down'],
  [0x1b, 0x1b, 'up'],
  [0x20, 0x27, 'up'],
  [0x30, 0x33, 'up'],
  [0x50, 0x50, 'down'],
  [0x52, 0x52, 'up'],
  [0x53, 0x53, 'down'],
];
/** Codes that go either way. */
const bothWays: readonly number[] = [0x00, 0x01, 0x02, 0x04, 0x05, 0x54, 0x55];

const LTR = 0x10;
const OBFF = 0x12;
const INTX_FIRST = 0x20;
const INTX_LAST = 0x27;
const ERR_RESERVED = 0x32;
/** Hot-plug signalling of PCIe 1.0. */
const IGNORED: readonly number[] = [0x40, 0x41, 0x43, 0x44, 0x45, 0x47, 0x48];
const VENDOR_DEFINED_0 = 0x7e;
const VENDOR_DEFINED_1 = 0x7f;
const PTM: readonly number[] = [0x52, 0x53];

/** The sender's part; see `ExactRouter.start`. */
export function startMessage(walk: MessageWalk, header: TlpHeader, position: Position): Route | undefined {
  if (header.routing !== messageRouting['by ID']) return undefined;
  return received(walk, header, startById(walk, MESSAGE, header.destinationId, position));
}

/** One hop; see `ExactRouter.step`. */
export function stepMessage(walk: MessageWalk, header: TlpHeader, position: Position): Route | undefined {
  switch (header.routing) {
    case messageRouting['to Root Complex']:
      return toRootComplex(walk, header, position, 'a message to the root complex; Bus Master Enable has no say');
    case messageRouting['gathered to Root Complex']:
      return toRootComplex(
        walk,
        header,
        position,
        'gathered: a switch sends one on when all its ports have got theirs',
      );
    case messageRouting['by ID']:
      return received(walk, header, stepById(walk, MESSAGE, header.destinationId, header, position));
    case messageRouting['by address']: {
      // No message is defined with it; a port routes it all the same, and its receiver has no such message.
      const route = walk.byAddress(header, position);
      if (route?.outcome !== 'delivered') return route;
      return walk.end('unsupported-request', route.at, 'refuse', 'no message is routed by address', '§2.2.8');
    }
    case messageRouting['broadcast from Root Complex']:
      return broadcast(walk, position.from, position.segment);
    default:
      return local(walk, header, position.from);
  }
}

function received(walk: MessageWalk, header: TlpHeader, route: Route | undefined): Route | undefined {
  return route?.outcome === 'delivered' ? receive(walk, header, route.at, 'down') : route;
}

function toRootComplex(walk: MessageWalk, header: TlpHeader, position: Position, rule: string): Route | undefined {
  const { arena, topology } = walk;
  const { at } = position;
  const port = at === NONE ? NONE : topology.parent[at]!;
  if (port !== NONE) {
    if (!isLinkUp(arena, port))
      return walk.end(
        'not-sent',
        position.from,
        'drop',
        'the link is down, or in reset: nothing below sends',
        '§6.6.1',
      );
    const violation = ingressViolation(arena, port, 'message', header);
    if (violation !== undefined) return walk.end('acs-violation', port, 'refuse', violation, '§6.12.1', 'ACS Control');
    walk.note(port, 'forward up', rule, '§2.2.8');
    position.at = port;
    return undefined;
  }
  const { outcome, rule: why, spec } = judge(arena, NONE, header, 'up');
  if (outcome === 'delivered') return walk.end('delivered', NONE, 'deliver', 'the root complex', '§2.2.8');
  // The root port answers for the root complex.
  const isPort = at !== NONE && arena.layout[at]!.portType === portTypes['Root Port'];
  return refuse(walk, outcome, isPort ? at : NONE, why, spec);
}

/** Downwards from the root complex to all; each receiver judges it on its own. PCIe 5.0 §2.2.8, routing 011b. */
function broadcast(walk: MessageWalk, from: number, segment: number): Route {
  const { arena, topology } = walk;
  if (from !== NONE)
    return walk.end(
      'malformed',
      topology.parent[from]!,
      'refuse',
      'only the root complex broadcasts: a message from below must not have this routing',
      '§2.2.8',
    );
  const copies: number[] = [];
  const below = (bridge: number) => {
    if (!isLinkUp(arena, bridge) || hasConventionalSecondary(arena, bridge)) return;
    for (const fn of topology.children[bridge]!) {
      if (!arena.isPresent(fn)) continue;
      // A switch's downstream ports hand it on; its upstream port is a receiver, as each function on a link is.
      if (arena.layout[fn]!.portType !== portTypes['Switch Downstream Port']) copies.push(fn);
      below(fn);
    }
  };
  for (const bridge of topology.rootBridges.get(segment) ?? []) if (arena.isPresent(bridge)) below(bridge);
  return { ...walk.end('delivered', NONE, 'deliver', 'broadcast to all below the root ports', '§2.2.8'), copies };
}

/** To the other end of the link, where it ends. PCIe 5.0 §2.2.8, routing 100b; 110b and 111b are reserved and end there too. */
function local(walk: MessageWalk, header: TlpHeader, from: number): Route {
  const { arena, topology } = walk;
  if (from === NONE)
    return walk.end('delivered', NONE, 'deliver', 'local: it does not leave the root complex', '§2.2.8');
  const isInterrupt = header.messageCode >= INTX_FIRST && header.messageCode <= INTX_LAST;
  // A downstream port has its link below; its own interrupts go into the switch or the root complex.
  if (leadsToLink(arena, from) && !isInterrupt) {
    const partner = isLinkUp(arena, from) ? topology.children[from]!.find((fn) => arena.isPresent(fn)) : undefined;
    if (partner === undefined)
      return walk.end('dropped', from, 'drop', 'nothing is at the other end of the link', '§2.9.1');
    return receive(walk, header, partner, 'down');
  }
  const port = topology.parent[from]!;
  if (port === NONE) return walk.end('delivered', NONE, 'deliver', 'the root complex', '§2.2.8');
  if (!isLinkUp(arena, port))
    return walk.end('not-sent', from, 'drop', 'the link is down, or in reset: nothing below sends', '§6.6.1');
  const violation = ingressViolation(arena, port, 'message', header);
  if (violation !== undefined) return walk.end('acs-violation', port, 'refuse', violation, '§6.12.1', 'ACS Control');
  return receive(walk, header, port, 'up');
}

function receive(walk: MessageWalk, header: TlpHeader, at: number, direction: Direction): Route {
  const { outcome, rule, spec } = judge(walk.arena, at, header, direction);
  return outcome === 'delivered' ? walk.end(outcome, at, 'deliver', rule, spec) : refuse(walk, outcome, at, rule, spec);
}

function refuse(walk: MessageWalk, outcome: Outcome, at: number, rule: string, spec: string): Route {
  return walk.end(outcome, at, outcome === 'dropped' ? 'drop' : 'refuse', rule, spec);
}

interface Judgement {
  readonly outcome: 'delivered' | 'unsupported-request' | 'malformed' | 'dropped';
  readonly rule: string;
  readonly spec: string;
}

/** What the receiver makes of the code. @param at NONE for the root complex, which has all that a function may lack */
function judge(arena: ConfigArena, at: number, { messageCode: code }: TlpHeader, direction: Direction): Judgement {
  const unsupported = (rule: string, spec: string): Judgement => ({ outcome: 'unsupported-request', rule, spec });
  if (code === VENDOR_DEFINED_0)
    return unsupported('Vendor_Defined Type 0 that the receiver does not know', '§2.2.8.6');
  if (code === VENDOR_DEFINED_1)
    return { outcome: 'dropped', rule: 'Vendor_Defined Type 1 that the receiver does not know', spec: '§2.2.8.6' };
  if (IGNORED.includes(code))
    return { outcome: 'dropped', rule: 'hot-plug signalling of PCIe 1.0 is ignored', spec: '§2.2.8.7' };
  const flow = oneWay.find(([first, last]) => code >= first && code <= last);
  if ((flow === undefined && !bothWays.includes(code)) || code === ERR_RESERVED)
    return unsupported('a Message Code that is not defined', '§2.3.1');
  if (flow !== undefined && flow[2] !== direction && at !== NONE)
    return code >= INTX_FIRST && code <= INTX_LAST
      ? { outcome: 'malformed', rule: 'INTx messages only go up', spec: '§2.2.8.1' }
      : unsupported(`the receiver takes no such message from ${direction === 'up' ? 'below' : 'above'}`, '§2.3.1');
  if (at === NONE) return { outcome: 'delivered', rule: 'the root complex', spec: '§2.2.8' };
  if (code === LTR && !hasLtr(arena, at)) return unsupported('the LTR Mechanism is not there, or off', '§6.18');
  if (code === OBFF && (deviceCapabilities2(arena, at) & C.DEVICE_CAPABILITIES_2_OBFF_SUPPORTED) === 0)
    return unsupported('OBFF is not supported', '§6.19');
  if (PTM.includes(code) && !arena.layout[at]!.capabilities.some(isPtm))
    return unsupported('Precision Time Measurement is not supported', '§6.22');
  return { outcome: 'delivered', rule: 'the receiver of the message', spec: '§2.2.8' };
}

function hasLtr(arena: ConfigArena, port: number): boolean {
  return (
    (deviceCapabilities2(arena, port) & C.DEVICE_CAPABILITIES_2_LTR_MECHANISM_SUPPORTED) !== 0 &&
    (deviceControl2(arena, port) & C.DEVICE_CONTROL_2_LTR_MECHANISM_ENABLE) !== 0
  );
}

function isPtm({ id, extended }: { id: number; extended: boolean }): boolean {
  return extended && id === C.EXTENDED_CAPABILITY_ID_PRECISION_TIME_MEASUREMENT;
}
