/**
 * Several root complexes in one machine, and several segments (domains) with the same bus numbers in each:
 *
 *     0000:00:01.0 root port ── 0000:01:00.0 BAR at C00h MiB, I/O 1000h
 *     0000:80:01.0 root port ── 0000:81:00.0 BAR at C10h MiB
 *     0001:00:01.0 root port ── 0001:01:00.0 BAR at D00h MiB, I/O 2000h
 */
import { describe, expect, it } from 'vitest';
import { HOST } from '../../src/fabric/exact-router.ts';
import { Fabric } from '../../src/fabric/fabric.ts';
import { NONE } from '../../src/fabric/topology.ts';
import { memoryRead, memoryWrite, tlpHeader } from '../../src/tlp/header.ts';
import { device, port } from '../generators/functions.ts';

const [P0, E0, P80, E81, P1, E1] = [0, 1, 2, 3, 4, 5];
const [BAR_E0, BAR_E81, BAR_E1] = [0xc0000000, 0xc1000000, 0xd0000000];
const RAM = 0x01000000;

function domains(peerToPeer = false): Fabric {
  return new Fabric(
    [
      port('0000:00:01.0', 'Root Port', 1, 1, { memory: [0xc00, 0xc00], io: [1, 1] }),
      device('0000:01:00.0', { bar: 0xc00, ioBar: 0x1000 }),
      port('0000:80:01.0', 'Root Port', 0x81, 0x81, { memory: [0xc10, 0xc10] }),
      device('0000:81:00.0', { bar: 0xc10 }),
      port('0001:00:01.0', 'Root Port', 1, 1, { memory: [0xd00, 0xd00], io: [2, 2] }),
      device('0001:01:00.0', { bar: 0xd00, ioBar: 0x2000 }),
    ],
    { peerToPeer },
  );
}

it('has a root bus for each root complex, and one of the same number in each segment', () => {
  expect(domains().topology.rootBuses).toEqual([
    { segment: 0, bus: 0x00, functions: [P0] },
    { segment: 0, bus: 0x80, functions: [P80] },
    { segment: 1, bus: 0x00, functions: [P1] },
  ]);
});

it.each([
  [BAR_E0, E0],
  [BAR_E81, E81],
  [BAR_E1, E1],
])('memory at %i is of function %i: one address space for all', (address, target) => {
  expect(domains().send(memoryRead(0, 0, address), HOST)).toMatchObject({ outcome: 'delivered', at: target });
});

it.each([
  [0x1000, E0],
  [0x2000, E1],
])('and one for I/O: %i is of function %i', (address, target) => {
  const header = tlpHeader('IORd', { lengthDw: 1, firstBe: 1, addressLo: address });
  expect(domains().send(header, HOST)).toMatchObject({ outcome: 'delivered', at: target });
});

it('configuration requests and completions go by ID within their segment', () => {
  const fabric = domains();
  fabric.configWrite(1, 0x0100, 0x3c, 1, 0x5a);
  expect([E0, E1].map((fn) => fabric.arena.u8(fn, 0x3c))).toEqual([0, 0x5a]);
  const completion = tlpHeader('Cpl', { requesterId: 0x0100, byteCount: 4 });
  expect(fabric.send(completion, HOST, { segment: 1 }).at).toBe(E1);
  expect(fabric.send(completion, HOST).at).toBe(E0);
  // The second root complex of segment 0 has a bus of its own number.
  expect(fabric.send({ ...completion, requesterId: 0x8100 }, HOST).at).toBe(E81);
  expect(fabric.send({ ...completion, requesterId: 0x8100 }, HOST, { segment: 1 }).at).toBe(NONE);
});

it("a root port's Bus Master Enable stops what is below it, in its own segment", () => {
  const fabric = domains();
  fabric.configWrite(1, 0x0008, 4, 2, 0x3);
  const sent = (fn: number) => fabric.send(memoryWrite(0x0100, 0, RAM), fn);
  expect(sent(E1)).toMatchObject({ outcome: 'unsupported-request', at: P1 });
  expect(sent(E0)).toMatchObject({ outcome: 'delivered', at: NONE });
  expect(sent(E81)).toMatchObject({ outcome: 'delivered', at: NONE });
});

describe('peer to peer', () => {
  it.each([
    [E0, BAR_E81, E81],
    [E0, BAR_E1, E1],
    [E1, BAR_E0, E0],
    [E81, BAR_E1, E1],
  ])(
    'function %i to %i is function %i where the root complexes route it, and no one where not',
    (from, address, to) => {
      const header = memoryWrite(0x0100, 0, address);
      expect(domains(true).send(header, from)).toMatchObject({ outcome: 'delivered', at: to });
      expect(domains().send(header, from)).toMatchObject({ outcome: 'unsupported-request', at: NONE });
    },
  );

  it('the answer finds the requester in its own segment, also where the completer has a neighbour of that ID', () => {
    const fabric = domains(true);
    fabric.arena.poke(E0, 4, 2, 0x5);
    // 0001:01:00.0 reads of 0000:01:00.0, whose root port has a bus 01 below it too.
    const { outcome, at, completion } = fabric.send(memoryRead(0x0100, 0, BAR_E0), E1);
    expect([outcome, at]).toEqual(['unsupported-request', E0]);
    expect(completion).toMatchObject({ status: 1, requesterId: 0x0100 });
    const RECEIVED_MASTER_ABORT = 0x2000;
    expect([E0, E1].map((fn) => fabric.arena.u16(fn, 6) & RECEIVED_MASTER_ABORT)).toEqual([0, RECEIVED_MASTER_ABORT]);
    expect(fabric.router.route(completion!, E0, 1)).toEqual({ outcome: 'delivered', at: E1 });
  });
});

it('a message is broadcast in one segment', () => {
  const message = tlpHeader('Msg', { messageCode: 0x19, routing: 3 });
  expect(domains().router.route(message, HOST).copies).toEqual([E0, E81]);
  expect(domains().router.route(message, HOST, 1).copies).toEqual([E1]);
});
