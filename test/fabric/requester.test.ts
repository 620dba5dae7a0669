/** What comes back to who asked: UR completions, and the regions that are the root complex's own. */
import { describe, expect, it } from 'vitest';
import { Fabric, HOST, NONE } from '../../src/fabric/index.ts';
import { hpeGen9 } from '../../src/platforms/hpe-gen9.ts';
import { memoryRead, memoryWrite, tlpHeader } from '../../src/tlp/index.ts';
import { machine as switchMachine } from './machine.ts';

const RECEIVED_MASTER_ABORT = 0x2000;
const [ENDPOINT, PORT] = [0x0700, 0x0012];

function machine() {
  const fabric = new Fabric(hpeGen9.functions());
  return { fabric, arena: fabric.arena, endpoint: fabric.arena.find(0, ENDPOINT), port: fabric.arena.find(0, PORT) };
}

it('a read that the root port itself refuses leaves Received Master Abort at the requester', () => {
  const { fabric, arena, endpoint, port } = machine();
  fabric.configWrite(0, PORT, 4, 2, 0x0003);
  const { outcome, at, completion } = fabric.send(memoryRead(ENDPOINT, 0, 0x100000), endpoint);
  expect([outcome, at, completion?.status]).toEqual(['unsupported-request', port, 1]);
  expect(arena.u16(endpoint, 6) & RECEIVED_MASTER_ABORT).toBe(RECEIVED_MASTER_ABORT);
  expect(arena.u16(port, 6) & RECEIVED_MASTER_ABORT).toBe(0);
});

it('a write that it refuses leaves nothing at the requester', () => {
  const { fabric, arena, endpoint } = machine();
  fabric.configWrite(0, PORT, 4, 2, 0x0003);
  fabric.send(memoryWrite(ENDPOINT, 0, 0x100000), endpoint);
  expect(arena.u16(endpoint, 6) & RECEIVED_MASTER_ABORT).toBe(0);
});

describe('the root complex’s own regions', () => {
  it.each([0x000b8000, 0xfee00000, 0xfeeffffc])('%x is nobody else’s, whatever a window says', (address) => {
    const { fabric, arena, endpoint } = machine();
    // Another port's window over it: all zero, and over the whole of the rest.
    const other = arena.find(0, 0x0008);
    arena.poke(other, 0x20, 4, address < 0x100000 ? 0 : 0xfff0fe00);
    expect(fabric.send(memoryWrite(ENDPOINT, 0, address), endpoint)).toMatchObject({ outcome: 'delivered', at: NONE });
    expect(fabric.send(memoryWrite(0, 0, address), HOST)).toMatchObject({ outcome: 'delivered', at: NONE });
  });
});

describe('a link has only device 0', () => {
  it('without ARI Forwarding, even where a function has answered to another', () => {
    const images = hpeGen9.functions();
    const ari = images.map((image) => (image.routingId === ENDPOINT ? { ...image, routingId: 0x0708 } : image));
    const fabric = new Fabric(ari);
    expect(fabric.configRead(0, 0x0708, 0, 4)).toBe(0xffffffff);
    const port = fabric.arena.find(0, PORT);
    fabric.arena.setBits(port, fabric.arena.layout[port]!.pciExpress + 0x28, 2, 0x20);
    expect(fabric.configRead(0, 0x0708, 0, 4)).toBe(0x3239103c);
  });
});

describe('a host’s mistake names the place', () => {
  it('a function that is not there', () => {
    const { fabric, arena } = machine();
    expect(() => fabric.send(memoryWrite(0, 0, 0x100000), 99)).toThrow('expected a function index in [0, 15), got 99');
    expect(() => arena.read(99, 0, 4)).toThrow('expected a function index in [0, 15), got 99');
  });
  it('an offset that is no whole number, and a checkpoint of another machine', () => {
    const { fabric, arena } = machine();
    expect(() => arena.read(0, 1.5, 1)).toThrow('00:00.0: expected offset in [0, 0x1000), got 1.5');
    expect(() => fabric.restore({ bytes: new Uint8Array(3), capturedBus: new Uint8Array(fabric.arena.count) })).toThrow(
      /restore: expected a checkpoint of \d+ bytes, got 3/,
    );
  });
});

it('a completion between two ports of a switch does not come to its upstream port', () => {
  const { fabric, fn } = switchMachine();
  const trace: { fn: number; action: string }[] = [];
  const completion = { requesterId: 0x0300, completerId: 0x0400, lengthDw: 1, byteCount: 4, ep: true };
  const { outcome, at } = fabric.send(tlpHeader('CplD', completion), fn.bridge, {
    trace: trace as never[],
    isExpected: true,
  });
  expect({ outcome, at }).toEqual({ outcome: 'delivered', at: fn.ep });
  expect(trace.map((hop) => [hop.fn, hop.action])).toEqual([
    [fn.downB, 'forward up'],
    [fn.downA, 'peer to peer'],
    [fn.downA, 'forward down'],
    [fn.ep, 'deliver'],
  ]);
  // Poisoned, it leaves its mark where it comes in: Detected Parity Error.
  const parityError = (port: number, offset: number) => fabric.arena.u16(port, offset) & 0x8000;
  expect([parityError(fn.downB, 0x1e), parityError(fn.downA, 0x06), parityError(fn.up, 0x1e)]).toEqual([
    0x8000, 0x8000, 0,
  ]);
});
