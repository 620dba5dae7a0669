/**
 * Where a message goes, by its routing r[2:0], and what its receiver makes of its code. Bus Master Enable has no say. PCIe 5.0
 * §2.2.8, table 2-18. What each port's gates do to error messages is in `error-messages.ts`.
 */
import { type MessageRow, messageCodes, messageRouting } from '../../spec-tables/message-codes.ts';
import { portTypes } from '../../spec-tables/port-types.ts';
import type { ConfigArena } from '../config/arena.ts';
import * as C from '../spec/constants.ts';
import type { TlpHeader } from '../tlp/header.ts';
import { messageOfCode } from '../tlp/validate.ts';
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

const VENDOR_DEFINED_0 = messageCodes['Vendor_Defined Type 0'].code;
const VENDOR_DEFINED_1 = messageCodes['Vendor_Defined Type 1'].code;

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
  const isInterrupt = messageOfCode(header.messageCode)?.row.intx === true;
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
  const row = messageOfCode(code)?.row;
  if (row === undefined) return unsupported('a Message Code that is not defined', '§2.3.1');
  if (row.ignored) return { outcome: 'dropped', rule: 'hot-plug signalling of PCIe 1.0 is ignored', spec: '§2.2.8.7' };
  if (at === NONE) return { outcome: 'delivered', rule: 'the root complex', spec: '§2.2.8' };
  if (row.direction !== undefined && row.direction !== direction)
    return row.intx
      ? { outcome: 'malformed', rule: 'INTx messages only go up', spec: '§2.2.8.1' }
      : unsupported(`the receiver takes no such message from ${direction === 'up' ? 'below' : 'above'}`, '§2.3.1');
  const lack = whatLacks(arena, at, row.needs);
  return lack === undefined
    ? { outcome: 'delivered', rule: 'the receiver of the message', spec: '§2.2.8' }
    : unsupported(...lack);
}

/** What of the receiver the message would need and is not there or not on; the rule and its section. */
function whatLacks(arena: ConfigArena, fn: number, needs: MessageRow['needs']): [string, string] | undefined {
  switch (needs) {
    case 'LTR':
      return hasLtr(arena, fn) ? undefined : ['the LTR Mechanism is not there, or off', '§6.18'];
    case 'OBFF': {
      const supported = deviceCapabilities2(arena, fn) & C.DEVICE_CAPABILITIES_2_OBFF_SUPPORTED;
      return supported !== 0 ? undefined : ['OBFF is not supported', '§6.19'];
    }
    case 'PTM':
      return arena.layout[fn]!.capabilities.some(isPtm)
        ? undefined
        : ['Precision Time Measurement is not supported', '§6.22'];
    default:
      return undefined;
  }
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
