/** Addresses that no BAR or window alone decides: VGA, ISA, subtractive decode, expansion ROM, I/O of 32 bits, and windows that are off. */
import { describe, expect, it } from 'vitest';
import { ROM_BAR } from '../../src/config/bars.ts';
import { HOST } from '../../src/fabric/exact-router.ts';
import type { Hop } from '../../src/fabric/hop.ts';
import { NONE } from '../../src/fabric/topology.ts';
import { memoryRead, memoryWrite, type TlpHeader, tlpHeader } from '../../src/tlp/header.ts';
import { machine, type Name } from './machine.ts';

type Options = Parameters<typeof machine>[0];
type Routing = Parameters<typeof machine>[1];

const VGA = 0x030000;
const [ISA_ENABLE, VGA_ENABLE, VGA_16] = [0x04, 0x08, 0x10];

function outcomeOf(header: TlpHeader, from: Name | 'host', options: Options = {}, routing: Routing = {}) {
  const { fabric, fn } = machine(options, routing);
  const { outcome, at } = fabric.send(header, from === 'host' ? HOST : fn[from]);
  return [outcome, at === NONE ? 'root complex' : (Object.keys(fn) as Name[]).find((name) => fn[name] === at)];
}

const io = (address: number, requesterId = 0) =>
  tlpHeader('IORd', { lengthDw: 1, firstBe: 1, addressLo: address, requesterId });

describe('VGA Enable', () => {
  /** The endpoint is a VGA, and every port above it leads to it. */
  const leading = (bits = VGA_ENABLE, command = 0x7): Options => ({
    '1c': { bridgeControl: bits, command },
    up: { bridgeControl: bits, command },
    downA: { bridgeControl: bits, command },
    ep: { classCode: VGA },
  });

  it.each([
    [0x9fffc, 'root complex'],
    [0xa0000, 'ep'],
    [0xbfffc, 'ep'],
    [0xc0000, 'root complex'],
  ])('memory at %i goes to %s', (address, at) => {
    expect(outcomeOf(memoryRead(0, 0, address), 'host', leading())).toEqual(['delivered', at]);
  });

  it.each([
    [0x3af, VGA_ENABLE, false],
    [0x3b0, VGA_ENABLE, true],
    [0x3bb, VGA_ENABLE, true],
    [0x3bc, VGA_ENABLE, false],
    [0x3c0, VGA_ENABLE, true],
    [0x3df, VGA_ENABLE, true],
    [0x3e0, VGA_ENABLE, false],
    // An alias, of which only the low ten bits count unless all 16 do.
    [0xe3c0, VGA_ENABLE, true],
    [0xe3c0, VGA_ENABLE | VGA_16, false],
    [0x3c0, VGA_ENABLE | VGA_16, true],
    // ISA Enable leaves VGA's addresses alone.
    [0x3c0, VGA_ENABLE | ISA_ENABLE, true],
    [0x103c0, VGA_ENABLE, false],
  ])('I/O at %i with Bridge Control %i: %s', (address, bits, taken) => {
    expect(outcomeOf(io(address), 'host', leading(bits))).toEqual(
      taken ? ['delivered', 'ep'] : ['unsupported-request', 'root complex'],
    );
  });

  it('needs Memory Space, and I/O Space', () => {
    expect(outcomeOf(memoryRead(0, 0, 0xa0000), 'host', leading(VGA_ENABLE, 0x5))).toEqual([
      'delivered',
      'root complex',
    ]);
    expect(outcomeOf(io(0x3c0), 'host', leading(VGA_ENABLE, 0x6))).toEqual(['unsupported-request', 'root complex']);
  });

  it('takes what it takes whether or not a VGA is there', () => {
    expect(outcomeOf(memoryRead(0, 0, 0xa0000), 'host', { ...leading(), ep: {} })).toEqual([
      'unsupported-request',
      'ep',
    ]);
  });

  it('blocks the addresses upward, and says by which register', () => {
    const { fabric, fn } = machine({ '1d': { bridgeControl: VGA_ENABLE } });
    const hops: Hop[] = [];
    expect(fabric.send(memoryWrite(0x0600, 0, 0xa0000), fn.ep2, { trace: hops })).toMatchObject({
      outcome: 'unsupported-request',
      at: fn['1d'],
    });
    expect(hops.at(-1)).toMatchObject({ register: 'Bridge Control', value: '0008' });
    // Without it, legacy memory is the host's.
    expect(outcomeOf(memoryWrite(0x0600, 0, 0xa0000), 'ep2')).toEqual(['delivered', 'root complex']);
  });

  it('an integrated VGA has the addresses without a bridge', () => {
    const options: Options = { rciep: { classCode: VGA, bar: 0xe00 } };
    expect(outcomeOf(memoryRead(0, 0, 0xb8000), 'host', options)).toEqual(['delivered', 'rciep']);
    expect(outcomeOf(io(0x3da), 'host', options)).toEqual(['delivered', 'rciep']);
    expect(outcomeOf(memoryRead(0, 0, 0xb8000), 'host')).toEqual(['delivered', 'root complex']);
  });
});

describe('ISA Enable', () => {
  const enabled: Options = { '1c': { bridgeControl: ISA_ENABLE } };

  it.each([
    [0x1000, true],
    [0x10ff, true],
    [0x1100, false],
    [0x13ff, false],
    [0x1400, true],
  ])('I/O at %i of the window goes down: %s', (address, down) => {
    expect(outcomeOf(io(address), 'host', enabled)[1]).not.toBe(down ? 'root complex' : 'ep');
    expect(outcomeOf(io(address), 'host', enabled)[1] === 'root complex').toBe(!down);
    expect(outcomeOf(io(address), 'host')[1]).not.toBe('root complex');
  });

  it('sends up from below what it leaves out', () => {
    // No windows in the switch, so that only the root port decides.
    const none: Options = { up: { io: [0xf, 0] }, downA: { io: [0xf, 0] }, downB: { io: [0xf, 0] } };
    expect(outcomeOf(io(0x1100, 0x0300), 'ep', { ...enabled, ...none })[1]).toBe('root complex');
    expect(outcomeOf(io(0x1000, 0x0300), 'ep', { ...enabled, ...none })[1]).toBe('1c');
    expect(outcomeOf(io(0x1100, 0x0300), 'ep', none)[1]).toBe('1c');
  });

  it('has no say above 64 KiB', () => {
    const { fabric, fn } = machine({ '1d': { bridgeControl: ISA_ENABLE } });
    // I/O Base and Limit of 32 bits: 12000h–12FFFh.
    for (const [offset, value] of [
      [0x1c, 0x21],
      [0x1d, 0x21],
    ] as const)
      fabric.arena.poke(fn['1d'], offset, 1, value);
    fabric.arena.poke(fn['1d'], 0x30, 4, 0x00010001);
    expect(fabric.send(io(0x12100), HOST)).toMatchObject({ outcome: 'unsupported-request', at: fn.ep2 });
    expect(fabric.send(io(0x12fff), HOST)).toMatchObject({ outcome: 'unsupported-request', at: fn.ep2 });
    expect(fabric.send(io(0x13000), HOST)).toMatchObject({ outcome: 'unsupported-request', at: NONE });
    // Without the upper half the same registers are 2000h–2FFFh.
    expect(fabric.send(io(0x2000), HOST).at).not.toBe(fn.ep2);
  });
});

describe('subtractive decode', () => {
  const SUBTRACTIVE = 0x060401;

  it('takes what nobody claims on its bus, and is not asked before all others', () => {
    const options: Options = { '1e': { classCode: SUBTRACTIVE, memory: [0xfff, 0] } };
    expect(outcomeOf(memoryRead(0, 0, 0xc0000000), 'host', options)).toEqual(['unsupported-request', '1e']);
    expect(outcomeOf(io(0xf000), 'host', options)).toEqual(['unsupported-request', '1e']);
    expect(outcomeOf(memoryRead(0, 0, 0xf1000000), 'host', options)).toEqual(['delivered', 'ep2']);
    expect(outcomeOf(memoryRead(0, 0, 0xc0000000), 'host')).toEqual(['unsupported-request', 'root complex']);
  });

  it('needs Memory Space', () => {
    const options: Options = { '1e': { classCode: SUBTRACTIVE, memory: [0xfff, 0], command: 0x5 } };
    expect(outcomeOf(memoryRead(0, 0, 0xc0000000), 'host', options)).toEqual(['unsupported-request', 'root complex']);
  });

  it('below a window: a bridge without one of its own', () => {
    const options: Options = { bridge: { classCode: SUBTRACTIVE, memory: [0xfff, 0] } };
    expect(outcomeOf(memoryRead(0, 0, 0xf0100000), 'host', options)).toEqual(['delivered', 'pci0']);
    expect(outcomeOf(memoryRead(0, 0, 0xf0100000), 'host', { bridge: { memory: [0xfff, 0] } })).toEqual([
      'unsupported-request',
      'bridge',
    ]);
  });
});

describe('expansion ROM', () => {
  it('is a target while its own enable and Memory Space are set', () => {
    const { fabric, fn } = machine({ '1d': { memory: [0xf10, 0xf11] }, ep2: { rom: 0xf11 } });
    const read = () => fabric.send(memoryRead(0, 0, 0xf1100000), HOST).outcome;
    expect(read()).toBe('delivered');
    const { offset } = fabric.arena.layout[fn.ep2]!.bars.find(({ index }) => index === ROM_BAR)!;
    fabric.arena.write(fn.ep2, offset, 4, 0xf1100000);
    expect(read()).toBe('unsupported-request');
    fabric.arena.write(fn.ep2, offset, 4, 0xf1100001);
    fabric.arena.write(fn.ep2, 4, 2, 0x0005);
    expect(read()).toBe('unsupported-request');
  });
});

describe('windows of a disabled space', () => {
  const off: Options = { downA: { command: 0x4 }, up: { command: 0x4 }, '1c': { command: 0x4 } };
  const inWindow = memoryWrite(0x0300, 0, 0xf0000000);

  it('are ignored for requests from below, or kept where the machine is told so', () => {
    expect(outcomeOf(inWindow, 'ep', off)).toEqual(['delivered', 'root complex']);
    expect(outcomeOf(inWindow, 'ep', off, { windowsOfDisabledSpace: 'kept' })).toEqual([
      'unsupported-request',
      'downA',
    ]);
  });

  it('claim nothing from above, whatever the machine is told', () => {
    expect(outcomeOf(memoryRead(0, 0, 0xf0000000), 'host', off, { windowsOfDisabledSpace: 'kept' })[1]).toBe(
      'root complex',
    );
  });
});

describe('peer to peer across the root complex', () => {
  const to2 = memoryWrite(0x0300, 0, 0xf1000000);
  const on: Routing = { peerToPeer: true };

  it('is off unless the machine is told, and then goes down by the other root port', () => {
    expect(outcomeOf(to2, 'ep')).toEqual(['unsupported-request', 'root complex']);
    expect(outcomeOf(to2, 'ep', {}, on)).toEqual(['delivered', 'ep2']);
    expect(outcomeOf(memoryWrite(0x0600, 0, 0xf0000000), 'ep2', {}, on)).toEqual(['delivered', 'ep']);
  });

  it('needs Bus Master Enable of every port on the way up, and of none on the way down', () => {
    expect(outcomeOf(to2, 'ep', { '1c': { command: 0x3 } }, on)).toEqual(['unsupported-request', '1c']);
    expect(outcomeOf(to2, 'ep', { '1d': { command: 0x3 } }, on)).toEqual(['delivered', 'ep2']);
    expect(outcomeOf(to2, 'ep', { '1d': { command: 0x5 } }, on)).toEqual(['delivered', 'root complex']);
  });

  it('reaches and leaves integrated endpoints', () => {
    const options: Options = { rciep: { bar: 0xe00 } };
    expect(outcomeOf(memoryWrite(0x0300, 0, 0xe0000000), 'ep', options, on)).toEqual(['delivered', 'rciep']);
    expect(outcomeOf(memoryWrite(0x00f8, 0, 0xf1000000), 'rciep', options, on)).toEqual(['delivered', 'ep2']);
    expect(outcomeOf(memoryWrite(0x00f8, 0, 0xf1000000), 'rciep', options)).toEqual([
      'unsupported-request',
      'root complex',
    ]);
  });

  it('I/O too', () => {
    const request = io(0x1000, 0x0600);
    expect(outcomeOf(request, 'ep2')).toEqual(['unsupported-request', 'root complex']);
    expect(outcomeOf(request, 'ep2', {}, on)).toEqual(['delivered', 'ep']);
    expect(outcomeOf(io(0x9000, 0x0600), 'ep2', {}, on)).toEqual(['unsupported-request', 'root complex']);
  });

  it('a refused read comes back to its requester', () => {
    const { fabric, fn } = machine({ ep: { command: 0x5 } }, on);
    const { completion } = fabric.send(memoryRead(0x0600, 0, 0xf0000000), fn.ep2);
    expect(completion).toMatchObject({ status: 1, requesterId: 0x0600, completerId: 0x0300 });
  });
});
