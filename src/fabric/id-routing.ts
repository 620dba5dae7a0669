/** Where a TLP with the ID of a function goes: completions, and messages routed by ID. Bus Master Enable has no say. PCIe 5.0 §2.2.4.2. */
import { portTypes } from '../../spec-tables/port-types.ts';
import type { ConfigArena } from '../config/arena.ts';
import type { TlpHeader } from '../tlp/header.ts';
import { forwardsUpstream, redirectsCompletion } from './access-control.ts';
import { bridgeTowards, coversBus, functionOnBus, reachable } from './bus-numbers.ts';
import type { Hop, HopSource, Outcome, Route } from './hop.ts';
import type { Position } from './position.ts';
import { hasConventionalSecondary, isBridge, leadsToLink, NONE, type Topology } from './topology.ts';

/** What a way by ID needs of the router. */
export interface IdWalk {
  readonly arena: ConfigArena;
  readonly topology: Topology;
  /** See `RoutingOptions`. */
  readonly peerToPeer: boolean;
  note(fn: number, action: Hop['action'], rule: string, spec: string, source?: HopSource): void;
  end(outcome: Outcome, at: number, action: Hop['action'], rule: string, spec: string, source?: HopSource): Route;
}

/** What a way by ID is told with. */
export interface WordsById {
  readonly up: string;
  readonly peer: string;
  readonly down: string;
  readonly target: string;
  readonly root: string;
  readonly bridge: string;
  readonly nobody: string;
}

export const COMPLETION: WordsById = {
  up: 'a completion for a requester elsewhere; Bus Master Enable has no say',
  peer: 'the requester lies below another port of the switch',
  down: 'the requester lies below',
  target: 'the requester',
  root: 'the root complex, for a requester of its own',
  bridge: 'the bridge that issued the request for its secondary bus',
  nobody: 'no requester of that ID below',
};
export const MESSAGE: WordsById = {
  up: 'a message for a function elsewhere; Bus Master Enable has no say',
  peer: 'the function lies below another port of the switch',
  down: 'the function lies below',
  target: 'the function of that ID',
  root: 'the root complex: no function has that ID',
  bridge: 'a conventional bus has no messages: they end at the bridge',
  nobody: 'no function of that ID below',
};

/** A bridge that completes a request from below sends the completion back down. */
export function startById(walk: IdWalk, words: WordsById, id: number, position: Position): Route | undefined {
  const { from } = position;
  if (from === NONE || !isBridge(walk.arena, from) || !isBehind(walk.arena, from, id, position)) return undefined;
  return through(walk, words, from, position);
}

/** One hop by ID: up until the function lies below, then down. PCIe 5.0 §2.2.4.2. Bus Master Enable has no say. */
export function stepById(
  walk: IdWalk,
  words: WordsById,
  id: number,
  header: TlpHeader,
  position: Position,
): Route | undefined {
  if (position.at === NONE) return atRootComplex(walk, words, id, position);
  return position.isUp ? up(walk, words, id, header, position) : below(walk, words, id, position);
}

/** Whether bus numbers say so; they say nothing in another segment: what is for one goes up to the root complex. */
function isBehind(arena: ConfigArena, port: number, id: number, { segment }: Position): boolean {
  return arena.segment[port] === segment && coversBus(arena, port, id >> 8);
}

function up(walk: IdWalk, words: WordsById, id: number, header: TlpHeader, position: Position): Route | undefined {
  const { arena, topology } = walk;
  const { at } = position;
  const port = topology.parent[at]!;
  if (port === NONE) return atRootComplex(walk, words, id, position);
  if (isBehind(arena, port, id, position)) {
    const insideSwitch = arena.layout[at]!.portType === portTypes['Switch Downstream Port'];
    const redirects = words === COMPLETION && insideSwitch && redirectsCompletion(arena, at, header);
    if (!position.redirected && !redirects)
      return insideSwitch ? toPeer(walk, words, id, port, position) : through(walk, words, port, position);
    if (!position.redirected)
      walk.note(
        at,
        'redirect',
        'ACS P2P Completion Redirect: a completion to a peer goes up',
        '§6.12.1',
        'ACS Control',
      );
    // On a link above, the completion would go back where it came from.
    else if (!insideSwitch && !forwardsUpstream(arena, port))
      return walk.end(
        'unexpected-completion',
        port,
        'refuse',
        'a completion for below that comes from below: nobody there asked this way',
        '§2.3.2',
      );
    position.redirected = true;
  }
  walk.note(port, 'forward up', words.up, '§2.2.4.2');
  position.at = port;
  return undefined;
}

function atRootComplex(walk: IdWalk, words: WordsById, id: number, position: Position): Route | undefined {
  const { arena, topology } = walk;
  const { segment } = position;
  const found = arena.find(segment, id);
  if (found !== NONE && topology.parent[found] === NONE)
    return walk.end('delivered', found, 'deliver', words.target, '§2.2.4.2');
  // For a function below another root port it is peer to peer; without that, the root complex ends it.
  const mayGoDown = position.from === NONE || walk.peerToPeer;
  const port = mayGoDown ? bridgeTowards(arena, topology.rootBridges.get(segment) ?? [], id >> 8) : NONE;
  if (port !== NONE) return through(walk, words, port, position);
  return walk.end('delivered', NONE, 'deliver', words.root, '§2.2.4.2');
}

/** On the bus inside the switch: the upstream port has no part in it. */
function toPeer(
  walk: IdWalk,
  words: WordsById,
  id: number,
  upstreamPort: number,
  position: Position,
): Route | undefined {
  const { arena, topology } = walk;
  const behind = topology.children[upstreamPort]!;
  const port = functionOnBus(arena, behind, upstreamPort, id);
  if (port !== NONE) return walk.end('delivered', port, 'deliver', words.target, '§2.2.4.2');
  const next = bridgeTowards(arena, behind, id >> 8);
  if (next === NONE) return walk.end('dropped', upstreamPort, 'drop', words.nobody, '§2.3.2');
  walk.note(next, 'peer to peer', words.peer, '§2.2.4.2');
  return through(walk, words, next, position);
}

/** Through a port that the function lies behind. */
function through(walk: IdWalk, words: WordsById, port: number, position: Position): Route | undefined {
  walk.note(port, 'forward down', words.down, '§2.2.4.2');
  // Behind a bridge to conventional PCI there are no Requester IDs: the bridge itself asked, by its secondary bus and device 0.
  if (hasConventionalSecondary(walk.arena, port))
    return walk.end('delivered', port, 'deliver', words.bridge, '§2.2.4.2');
  position.at = port;
  position.isUp = false;
  return undefined;
}

function below(walk: IdWalk, words: WordsById, id: number, position: Position): Route | undefined {
  const { arena, topology } = walk;
  const { at } = position;
  const behind = reachable(arena, topology, at);
  const requester = functionOnBus(arena, behind, at, id);
  if (requester !== NONE && arena.isPresent(requester))
    return walk.end('delivered', requester, 'deliver', words.target, '§2.2.4.2');
  const next = bridgeTowards(arena, behind, id >> 8);
  if (next === NONE) return nobodyBelow(walk, words, at, behind);
  return through(walk, words, next, position);
}

/** No function behind the port has the ID: a completion is one that its receiver does not expect, the device on the link or the port. */
function nobodyBelow(walk: IdWalk, words: WordsById, port: number, behind: readonly number[]): Route {
  const { arena } = walk;
  if (words !== COMPLETION) return walk.end('dropped', port, 'drop', words.nobody, '§2.3.2');
  const receiver = leadsToLink(arena, port) ? behind.find((fn) => arena.isPresent(fn)) : port;
  if (receiver === undefined)
    return walk.end('dropped', port, 'drop', 'nothing is attached: a completion is dropped', '§2.9.1');
  return walk.end('unexpected-completion', receiver, 'refuse', words.nobody, '§2.3.2');
}
