/** TLPs to measure with: headers in the slots of a ring, the same for the same seed. */

import { portTypes } from '../../../spec-tables/port-types.ts';
import type { Fabric } from '../../fabric/fabric.ts';
import type { FastRouter } from '../../fabric/fast-router/fast-router.ts';
import { isBridge, NONE } from '../../fabric/topology.ts';
import { COMMAND, COMMAND_BUS_MASTER_ENABLE } from '../../spec/constants.ts';
import { encodeTlpHeader } from '../../tlp/codec.ts';
import { memoryRead, memoryWrite, type TlpHeader, tlpHeader } from '../../tlp/header.ts';
import { Random } from '../random.ts';
import { ENDPOINT_BAR } from './machines.ts';

/**
 * All endpoints send alike, in random order, 64 bytes each. `std`: 90 % upstream memory writes (32 and 64 bit), 5 % from peer to peer, 5 % into a port with Bus Master Enable clear. `up64`:
 * upstream 64-bit memory writes alone. `mixed`: all types of TLP, see `mixedShares`.
 */
export type Mix = 'std' | 'up64' | 'mixed';

/** Shares of `mixed`, in order, of 1,000. What a port refuses or nobody takes is among them. */
const mixedShares = [
  [430, 'memory write'],
  [250, 'memory read'],
  [250, 'completion'],
  [30, 'peer'],
  [20, 'refused'],
  [4, 'message'],
  [4, 'atomic'],
  [4, 'I/O'],
  [4, 'configuration'],
  [4, 'unexpected'],
] as const;
const stdShares = [
  [900, 'memory write'],
  [50, 'peer'],
  [50, 'refused'],
] as const;
type Kind = (typeof mixedShares)[number][1];

export function fillTrace(router: FastRouter, mix: Mix, seed = 1): void {
  const { fabric, tables } = router;
  const { arena } = fabric;
  const random = new Random(seed);
  const pick = <T>(list: readonly T[]): T => list[random.below(list.length)]!;
  const endpoints: number[] = [];
  for (let fn = 0; fn < arena.count; fn++) if (!isBridge(arena, fn)) endpoints.push(fn);
  const closed = mix === 'up64' ? NONE : closeOnePort(fabric);
  const refused = endpoints.filter((fn) => fabric.topology.parent[fn] === closed);
  const open = endpoints.filter((fn) => fabric.topology.parent[fn] !== closed);
  const peers = mix === 'up64' ? [] : peersInSwitches(fabric, open);
  const upstream = (from: number): TlpHeader =>
    mix === 'up64' || random.next() < 0.5
      ? memoryWrite(arena.idOf(from), 1 + random.below(8), page(random), 16)
      : memoryWrite(arena.idOf(from), 0, (0x100000 + random.below(0x7000_0000)) & ~0xfff, 16);
  const make: Record<Kind, () => TlpHeader> = {
    'memory write': () => upstream(pick(open)),
    'memory read': () => {
      const { requesterId, addressHi, addressLo } = upstream(pick(open));
      return memoryRead(requesterId, addressHi, addressLo, 16, random.below(256));
    },
    completion: () =>
      tlpHeader('CplD', { completerId: arena.idOf(pick(open)), requesterId: 0, lengthDw: 16, byteCount: 64 }),
    peer: () => {
      const [from, to] = pick(peers);
      return memoryWrite(arena.idOf(from), 0, arena.u32(to, ENDPOINT_BAR), 16);
    },
    refused: () => upstream(pick(refused)),
    // PM_PME, to the root complex.
    message: () => tlpHeader('Msg', { requesterId: arena.idOf(pick(open)), messageCode: 0x18, routing: 0 }),
    atomic: () => ({ ...upstream(pick(open)), type: 'FetchAdd64', addressHi: 1, lengthDw: 2, firstBe: 0, lastBe: 0 }),
    'I/O': () =>
      tlpHeader('IORd', { requesterId: arena.idOf(pick(open)), addressLo: 0x1000, lengthDw: 1, firstBe: 0xf }),
    // From below: only the root complex issues them.
    configuration: () => tlpHeader('CfgRd0', { requesterId: arena.idOf(pick(open)), lengthDw: 1, firstBe: 0xf }),
    // For a function that is not there, on a bus below.
    unexpected: () => {
      const from = pick(open);
      return tlpHeader('Cpl', { completerId: arena.idOf(from), requesterId: arena.idOf(from) | 0xff, byteCount: 4 });
    },
  };
  const shares = { std: stdShares, mixed: mixedShares, up64: [[1000, 'memory write']] as const }[mix];
  for (let slot = 0; slot < tables.room.slots; slot++)
    encodeTlpHeader(make[drawn(shares, random)](), tables.headerBytes, slot * 16);
}

function drawn(shares: readonly (readonly [number, Kind])[], random: Random): Kind {
  let left = random.below(1000);
  for (const [share, kind] of shares) {
    if (left < share) return kind;
    left -= share;
  }
  throw new Error('trace: expected shares of 1,000 in all');
}

function page(random: Random): number {
  return (random.below(0x100000) << 12) >>> 0;
}

/** The port of the last endpoint: its Bus Master Enable falls. */
function closeOnePort({ arena, topology }: Fabric): number {
  for (let fn = arena.count - 1; fn >= 0; fn--) {
    const port = topology.parent[fn]!;
    if (isBridge(arena, fn) || port === NONE || topology.children[port]!.some((child) => isBridge(arena, child)))
      continue;
    arena.write(port, COMMAND, 2, arena.command(port) & ~COMMAND_BUS_MASTER_ENABLE);
    return port;
  }
  throw new Error('trace: expected a port with an endpoint behind it, got none');
}

/** Pairs of endpoints below two downstream ports of one switch. */
function peersInSwitches({ arena, topology }: Fabric, endpoints: readonly number[]): (readonly [number, number])[] {
  const pairs: (readonly [number, number])[] = [];
  const isDownstream = (fn: number) =>
    fn !== NONE && arena.layout[fn]!.portType === portTypes['Switch Downstream Port'];
  const bySwitch = new Map<number, number[]>();
  for (const fn of endpoints) {
    const port = topology.parent[fn]!;
    if (!isDownstream(port)) continue;
    const upstream = topology.parent[port]!;
    const list = bySwitch.get(upstream);
    if (list === undefined) bySwitch.set(upstream, [fn]);
    else list.push(fn);
  }
  for (const list of bySwitch.values())
    list.forEach((from, i) => {
      const to = list[(i + Math.ceil(list.length / 2)) % list.length]!;
      if (topology.parent[from] !== topology.parent[to]) pairs.push([from, to]);
    });
  return pairs;
}
