/**
 * The truth table, walked: every TLP type, on every way (up, down, to a peer; no port, one, three, and a bridge to PCI), with all eight
 * values of Command's enables at each function on the way. Outcome, the function it ends at, completion, and every status bit of
 * every function. The README shows the table; `ROOTPORT_UPDATE=1` writes it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { tlpTypes } from '../../spec-tables/tlp-types.ts';
import { HOST } from '../../src/fabric/exact-router.ts';
import type { Checkpoint } from '../../src/fabric/fabric.ts';
import { hasConventionalSecondary, isBridge, NONE } from '../../src/fabric/topology.ts';
import { type TlpHeader, tlpHeader } from '../../src/tlp/header.ts';
import { AER, EXPRESS } from '../generators/functions.ts';
import { machine, type Name } from './machine.ts';
import { type Place, truthTable, truthTableText } from './truth-table.ts';

const COMMAND = 0x04;
const bits = { 'I/O Space': 1, 'Memory Space': 2, 'Bus Master': 4 } as const;
const [RECEIVED_MASTER_ABORT, UNSUPPORTED] = [0x2000, 0x100000];
const ADVISORY = 0x2000;
const UR = 1;

/** From a function up, from the root complex down, or first one and then the other. */
interface Way {
  readonly from: Name | 'host';
  readonly up: readonly Name[];
  readonly down: readonly Name[];
  readonly memory: number;
  readonly io: number;
  /** Of the function at its end; 0 for the root complex. */
  readonly id: number;
}

const [RAM, NO_IO] = [0x01000000, 0x9000];
const ways: Readonly<Record<string, Way>> = {
  'up, no port': { from: 'rciep', up: [], down: [], memory: RAM, io: NO_IO, id: 0 },
  'up, one port': { from: 'ep2', up: ['1d'], down: [], memory: RAM, io: NO_IO, id: 0 },
  'up, three ports': { from: 'ep', up: ['downA', 'up', '1c'], down: [], memory: RAM, io: NO_IO, id: 0 },
  'up, a bridge and three ports': {
    from: 'pci0',
    up: ['bridge', 'downB', 'up', '1c'],
    down: [],
    memory: RAM,
    io: NO_IO,
    id: 0,
  },
  'down, no port': { from: 'host', up: [], down: ['rciep'], memory: 0xe0000000, io: 0x8000, id: 0x00f8 },
  'down, one port': { from: 'host', up: [], down: ['1d', 'ep2'], memory: 0xf1000000, io: 0x3000, id: 0x0600 },
  'down, three ports': {
    from: 'host',
    up: [],
    down: ['1c', 'up', 'downA', 'ep'],
    memory: 0xf0000000,
    io: 0x1000,
    id: 0x0300,
  },
  'down, three ports and a bridge': {
    from: 'host',
    up: [],
    down: ['1c', 'up', 'downB', 'bridge', 'pci0'],
    memory: 0xf0100000,
    io: 0x2000,
    id: 0x0500,
  },
  'to a peer under the switch': {
    from: 'ep',
    up: ['downA'],
    down: ['downB', 'bridge', 'pci0'],
    memory: 0xf0100000,
    io: 0x2000,
    id: 0x0500,
  },
};

const { fabric, fn } = machine({
  bridge: { io: [2, 2] },
  pci0: { ioBar: 0x2000 },
  '1d': { io: [3, 3] },
  ep2: { ioBar: 0x3000 },
  rciep: { bar: 0xe00, ioBar: 0x8000 },
});
const { arena, topology } = fabric;
const fresh = fabric.checkpoint();
/** Of the functions that are asked for completions. */
const bars: Partial<Record<Name, number>> = { ep: 0xf0000000, ep2: 0xf1000000, rciep: 0xe0000000 };

function headerOf({ name, kind, fmt }: (typeof tlpTypes)[number], way: Way): TlpHeader {
  const sender = way.from === 'host' ? 0 : arena.idOf(fn[way.from]);
  const is64 = (fmt & 1) === 1;
  const request = { requesterId: sender, lengthDw: name.startsWith('CAS') ? 2 : 1, firstBe: 0xf };
  switch (kind) {
    case 'completion':
      return tlpHeader(name, {
        completerId: sender,
        requesterId: way.id,
        byteCount: 4,
        ...(fmt & 2 ? { lengthDw: 1 } : { status: UR }),
      });
    case 'message':
      // PM_PME to the root complex; an Invalidate Completion by ID.
      return tlpHeader(name, {
        requesterId: sender,
        ...(way.id === 0 ? { messageCode: 0x18 } : { messageCode: 0x02, routing: 2, destinationId: way.id }),
      });
    case 'configuration':
      return tlpHeader(name, { ...request, destinationId: way.id });
    case 'io':
      return tlpHeader(name, { ...request, addressLo: way.io });
    default:
      // A 64-bit header for host memory has an address above 4 GiB; the BARs of this machine lie below.
      return tlpHeader(name, { ...request, addressHi: is64 && way.down.length === 0 ? 1 : 0, addressLo: way.memory });
  }
}

/**
 * The machine with a read outstanding that a completion on this way answers: it was sent while every Command register let it pass. A
 * completion with data is successful, one without is a UR.
 */
function askedFor({ name }: (typeof tlpTypes)[number], way: Way): Checkpoint {
  fabric.restore(fresh);
  const completer = way.from === 'host' ? HOST : fn[way.from];
  const requester = way.down.at(-1);
  fabric.answer(completer, () => 'later');
  const read = tlpHeader(name.endsWith('Lk') ? 'MRdLk' : 'MRd', {
    requesterId: way.id,
    lengthDw: 1,
    firstBe: 0xf,
    addressLo: way.from === 'host' ? RAM : bars[way.from]!,
  });
  expect(fabric.send(read, requester === undefined ? HOST : fn[requester]).outcome).toBe('delivered');
  fabric.answer(completer, undefined);
  return fabric.checkpoint();
}

interface Status {
  status?: number;
  secondary?: number;
  device?: number;
  uncorrectable?: number;
  correctable?: number;
}

/** Error bits of every function that has one set. */
function statusBits(): Partial<Record<Name, Status>> {
  const found: Partial<Record<Name, Status>> = {};
  for (const name of Object.keys(fn) as Name[]) {
    const at = fn[name];
    const { pciExpress, aer } = arena.layout[at]!;
    const all: Status = {
      status: arena.u16(at, 0x06) & 0xf900,
      secondary: isBridge(arena, at) ? arena.u16(at, 0x1e) & 0xf900 : 0,
      device: pciExpress === 0 ? 0 : arena.u16(at, EXPRESS + 0x0a) & 0xf,
      uncorrectable: aer === 0 ? 0 : arena.u32(at, AER + 0x04),
      correctable: aer === 0 ? 0 : arena.u32(at, AER + 0x10),
    };
    const set = Object.entries(all).filter(([, value]) => value !== 0);
    if (set.length > 0) found[name] = Object.fromEntries(set);
  }
  return found;
}

interface Expected {
  outcome: string;
  at: Name | 'root complex';
  completion: number | undefined;
  bits: Partial<Record<Name, Status>>;
}

const nameOf = (index: number): Name | 'root complex' =>
  index === NONE ? 'root complex' : (Object.keys(fn) as Name[]).find((name) => fn[name] === index)!;

/** By the table alone: the first place on the way whose Command lacks what it needs. */
function expected(type: (typeof tlpTypes)[number], way: Way, changed: Name | undefined, command: number): Expected {
  const { cells } = truthTable.find(({ kinds }) => kinds.includes(type.kind))!;
  const isPosted = type.posted;
  const set = (name: Name, needs: keyof typeof bits) => name !== changed || (command & bits[needs]) !== 0;
  const end = way.down.at(-1);
  const steps: { place: Place; name: Name }[] = [];
  if (way.from !== 'host') steps.push({ place: 'sender', name: way.from });
  for (const name of way.up)
    steps.push({
      place: hasConventionalSecondary(arena, fn[name]) ? 'bridge from below' : 'port from below',
      name,
    });
  for (const name of way.down) steps.push({ place: name === end ? 'target' : 'from above', name });
  for (const { place, name } of steps) {
    const cell = cells[place];
    if (cell === 'UR') return refused(name);
    if (typeof cell === 'string' || set(name, cell.needs)) continue;
    if (cell.else === 'not sent') return { outcome: 'not-sent', at: name, completion: undefined, bits: {} };
    if (cell.else === 'Master-Abort')
      return {
        outcome: 'master-abort',
        at: name,
        completion: undefined,
        bits: { [way.from as Name]: { status: RECEIVED_MASTER_ABORT } },
      };
    if (place === 'port from below') return refused(name);
    return unclaimed(name);
  }
  // A configuration request never comes from below, and no port is there to say so.
  if (type.kind === 'configuration' && way.from !== 'host') return refused('root complex');
  if (type.kind === 'io' && end === undefined) return refused('root complex');
  // To a conventional device nothing goes by ID but configuration: the bridge is the function of its bus.
  const byId = type.kind === 'completion' || type.kind === 'message';
  const at = byId && end === 'pci0' ? 'bridge' : (end ?? 'root complex');
  return {
    outcome: 'delivered',
    at,
    completion: isPosted ? undefined : 0,
    bits: type.kind === 'completion' ? taken(at) : {},
  };

  /** Received Master Abort where a UR arrives: at the requester; of the CPU's request at the root port that it comes through. */
  function taken(requester: Name | 'root complex'): Expected['bits'] {
    if ((type.fmt & 2) !== 0) return {};
    if (requester !== 'root complex') return { [requester]: { status: RECEIVED_MASTER_ABORT } };
    const rootPort = way.up.at(-1);
    return rootPort === undefined ? {} : { [rootPort]: { secondary: RECEIVED_MASTER_ABORT } };
  }

  /** By the function that is above, where nobody claims it: the root complex, a switch's upstream port, a device on a link itself. */
  function unclaimed(name: Name): Expected {
    const above = topology.parent[fn[name]]!;
    if (above === NONE) return refused('root complex');
    if (hasConventionalSecondary(arena, fn[nameOf(above) as Name])) return aborted(nameOf(above) as Name);
    return refused(name.startsWith('down') ? 'up' : name);
  }

  /** On the secondary bus of a bridge, which is the initiator there. */
  function aborted(bridge: Name): Expected {
    const result = withCompletion({ [bridge]: { secondary: RECEIVED_MASTER_ABORT } }, bridge);
    return { ...result, outcome: 'master-abort', at: bridge };
  }

  function refused(at: Name | 'root complex'): Expected {
    const own: Status = isPosted ? { device: 0xa, uncorrectable: UNSUPPORTED } : { device: 0x9, correctable: ADVISORY };
    const result = withCompletion(at === 'root complex' ? {} : { [at]: own }, at);
    return { ...result, outcome: 'unsupported-request', at };
  }

  /** Received Master Abort where a UR completion arrives: the requester, a bridge for its bus, the root port for the CPU. */
  function withCompletion(before: Expected['bits'], completer: Name | 'root complex') {
    if (isPosted) return { completion: undefined, bits: before };
    const marks: Record<string, Status> = { ...before };
    const mark = (name: Name, register: 'status' | 'secondary') => {
      marks[name] = { [register]: RECEIVED_MASTER_ABORT, ...marks[name] };
    };
    if (way.from === 'pci0') mark('bridge', 'status');
    else if (way.from !== 'host') mark(way.from, 'status');
    else if (way.down.length > 1 && completer !== way.down[0] && completer !== 'root complex')
      mark(way.down[0]!, 'secondary');
    return { completion: UR, bits: marks };
  }
}

/** What can not be: a conventional device has no messages, completions, AtomicOps, deferrable or configuration requests. */
function exists(type: (typeof tlpTypes)[number], way: Way): boolean {
  const conventional = way.from === 'pci0' || way.down.includes('pci0');
  if (!conventional) return true;
  if (type.kind === 'atomic' || type.name.startsWith('DMWr')) return false;
  return way.from !== 'pci0' || type.kind === 'memory' || type.kind === 'io';
}

let rows = 0;

describe.each(Object.entries(ways))('%s', (_name, way) => {
  it.each(tlpTypes.filter((type) => exists(type, way)))('$name', (type) => {
    const before = type.kind === 'completion' ? askedFor(type, way) : fresh;
    const places = new Set([...(way.from === 'host' ? [] : [way.from]), ...way.up, ...way.down]);
    for (const changed of places)
      for (let command = 0; command < 8; command++) {
        fabric.restore(before);
        arena.poke(fn[changed], COMMAND, 2, command);
        const header = headerOf(type, way);
        const delivery = fabric.send(header, way.from === 'host' ? HOST : fn[way.from]);
        const found = {
          outcome: delivery.outcome,
          at: nameOf(delivery.at),
          completion: delivery.completion?.status,
          bits: statusBits(),
        };
        expect(found, `${changed} has Command ${command}`).toEqual(expected(type, way, changed, command));
        rows++;
      }
  });
});

it('has walked every row', () => {
  expect(rows).toBeGreaterThan(4000);
  const kinds = new Set<string>(truthTable.flatMap((row) => row.kinds));
  expect([...new Set<string>(tlpTypes.map(({ kind }) => kind))].filter((kind) => !kinds.has(kind))).toEqual([]);
});

it('is what the README shows', () => {
  const readme = new URL('../../README.md', import.meta.url);
  const BLOCK = /(<!-- truth table -->\n)([\s\S]*?)(\n<!-- \/truth table -->)/;
  const text = readFileSync(readme, 'utf8');
  if (process.env.ROOTPORT_UPDATE)
    writeFileSync(
      readme,
      text.replace(BLOCK, (_, open, __, close) => open + truthTableText() + close),
    );
  expect(BLOCK.exec(readFileSync(readme, 'utf8'))?.[2]).toBe(truthTableText());
});
