/** Where a TLP with the ID of a function goes: completions, and messages routed by ID. Bus Master Enable has no say. PCIe 5.0 §2.2.4.2. */
import { portTypes } from '../../spec-tables/port-types.ts';
import type { ConfigArena } from '../config/arena.ts';
import type { TlpHeader } from '../tlp/header.ts';
import { forwardsUpstream, redirectsCompletion } from './access-control.ts';
import { bridgeTowards, coversBus, functionOnBus, reachable } from './bus-numbers.ts';
import type { Hop, HopSource, Outcome, Route } from './hop.ts';
import { hasConventionalSecondary, isBridge, NONE, type Topology } from './topology.ts';

/** Wiring has no circles, so a way is at most as long as there are bus numbers. */
const MAX_HOPS = 512;

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
  readonly down: string;
  readonly target: string;
  readonly root: string;
  readonly bridge: string;
  readonly nobody: string;
}

export const COMPLETION: WordsById = {
  up: 'a completion for a requester elsewhere; Bus Master Enable has no say',
  down: 'the requester lies below',
  target: 'the requester',
  root: 'the root complex, for a requester of its own',
  bridge: 'the bridge that issued the request for its secondary bus',
  nobody: 'no requester of that ID below',
};
export const MESSAGE: WordsById = {
  up: 'a message for a function elsewhere; Bus Master Enable has no say',
  down: 'the function lies below',
  target: 'the function of that ID',
  root: 'the root complex: no function has that ID',
  bridge: 'a conventional bus has no messages: they end at the bridge',
  nobody: 'no function of that ID below',
};

/** By ID: up until the function lies below, then down. PCIe 5.0 §2.2.4.2. Bus Master Enable has no say. */
export function routeById(
  walk: IdWalk,
  words: WordsById,
  id: number,
  header: TlpHeader,
  from: number,
  segment: number,
): Route {
  const { arena, topology } = walk;
  const bus = id >> 8;
  // A bus number says nothing in another segment: what is for one goes up to the root complex.
  const isHere = from !== NONE && arena.segment[from] === segment;
  // A bridge that completes a request from below sends the completion back down.
  if (isHere && isBridge(arena, from) && coversBus(arena, from, bus)) return downToId(walk, words, id, from);
  if (isHere) {
    const below = upToId(walk, words, id, header, from);
    if (below !== undefined) return below;
  }
  const found = arena.find(segment, id);
  if (found !== NONE && topology.parent[found] === NONE)
    return walk.end('delivered', found, 'deliver', words.target, '§2.2.4.2');
  // For a function below another root port it is peer to peer; without that, the root complex ends it.
  const mayGoDown = from === NONE || walk.peerToPeer;
  const port = mayGoDown ? bridgeTowards(arena, topology.rootBridges.get(segment) ?? [], bus) : NONE;
  if (port !== NONE) return downToId(walk, words, id, port);
  return walk.end('delivered', NONE, 'deliver', words.root, '§2.2.4.2');
}

/** Up to the first port that the function lies below, and down there; undefined where it goes on to the root complex. */
function upToId(walk: IdWalk, words: WordsById, id: number, header: TlpHeader, from: number): Route | undefined {
  const { arena, topology } = walk;
  let redirected = false;
  let at = from;
  for (let port = topology.parent[at]!; port !== NONE; at = port, port = topology.parent[port]!) {
    if (!coversBus(arena, port, id >> 8)) {
      walk.note(port, 'forward up', words.up, '§2.2.4.2');
      continue;
    }
    const insideSwitch = arena.layout[at]!.portType === portTypes['Switch Downstream Port'];
    const redirects = words === COMPLETION && insideSwitch && redirectsCompletion(arena, at, header);
    if (!redirected && !redirects) return downToId(walk, words, id, port);
    if (!redirected)
      walk.note(
        at,
        'redirect',
        'ACS P2P Completion Redirect: a completion to a peer goes up',
        '§6.12.1',
        'ACS Control',
      );
    // On a link above, the completion would go back where it came from.
    else if (!insideSwitch && !forwardsUpstream(arena, port))
      return walk.end('dropped', port, 'drop', 'a completion for below that comes from below', '§2.3.2');
    redirected = true;
    walk.note(port, 'forward up', words.up, '§2.2.4.2');
  }
  return undefined;
}

function downToId(walk: IdWalk, words: WordsById, id: number, port: number): Route {
  const { arena, topology } = walk;
  const bus = id >> 8;
  let at = port;
  for (let hops = 0; hops < MAX_HOPS; hops++) {
    walk.note(at, 'forward down', words.down, '§2.2.4.2');
    // Behind a bridge to conventional PCI there are no Requester IDs: the bridge itself asked, by its secondary bus and device 0.
    if (hasConventionalSecondary(arena, at)) return walk.end('delivered', at, 'deliver', words.bridge, '§2.2.4.2');
    const behind = reachable(arena, topology, at);
    const requester = functionOnBus(arena, behind, at, id);
    if (requester !== NONE) return walk.end('delivered', requester, 'deliver', words.target, '§2.2.4.2');
    const next = bridgeTowards(arena, behind, bus);
    if (next === NONE) return walk.end('dropped', at, 'drop', words.nobody, '§2.3.2');
    at = next;
  }
  throw new Error(`${arena.name(port)}: expected a function of that ID in ${MAX_HOPS} hops, got none`);
}
