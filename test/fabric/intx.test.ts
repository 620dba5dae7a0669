/** INTx: levels from bytes, the swizzle of bridges, and the messages that links carry. PCIe 5.0 §2.2.8.1, §6.1.2. */
import { describe, expect, it } from 'vitest';
import { Fabric } from '../../src/fabric/fabric.ts';
import { swizzledPin } from '../../src/fabric/intx.ts';
import { conventional, device, port } from '../generators/functions.ts';
import { machine, type Name } from './machine.ts';

type Options = Parameters<typeof machine>[0];
const DISABLE = 0x0400;
const INTERRUPT_STATUS = 0x0008;
const pins = [0, 1, 2, 3] as const;

function wired(options: Options) {
  const made = machine(options);
  const { fabric, fn } = made;
  return {
    ...made,
    /** Pins that are high at a root port. */
    at: (name: Name) => pins.filter((pin) => fabric.intx.level(fn[name], pin)).map((pin) => 'ABCD'[pin]),
    /** Messages since the last look. */
    sent: () =>
      fabric.intx.messages().map(({ port: to, header }) => {
        // A message that was told is one that the router takes there.
        const from = fabric.topology.children[to]!.find((one) => fabric.arena.isPresent(one))!;
        expect(fabric.send(header, from)).toMatchObject({ outcome: 'delivered', at: to });
        return `${fabric.arena.name(to)} ${header.messageCode < 0x24 ? 'Assert' : 'Deassert'}_INT${'ABCD'[header.messageCode & 3]}`;
      }),
  };
}

it('swizzles: (device + pin) mod 4', () => {
  expect(pins.map((pin) => swizzledPin(0, pin))).toEqual([0, 1, 2, 3]);
  expect(pins.map((pin) => swizzledPin(1, pin))).toEqual([1, 2, 3, 0]);
  expect(pins.map((pin) => swizzledPin(31, pin))).toEqual([3, 0, 1, 2]);
});

describe('level', () => {
  it.each([
    // A link has device 0: nothing moves. Inside the switch the downstream port is device 0 or 1.
    ['ep', '1c', 1, ['A']],
    ['ep', '1c', 4, ['D']],
    ['ep2', '1d', 2, ['B']],
    ['pci0', '1c', 1, ['B']],
    // Device 1 on the conventional bus, below downstream port 1.
    ['pci1', '1c', 1, ['C']],
    ['pci1', '1c', 3, ['A']],
  ] as const)('of %s at %s, pin %i: %j', (from, root, interruptPin, expected) => {
    const { fabric, fn, at } = wired({ [from]: { interruptPin } });
    expect(at(root)).toEqual([]);
    fabric.intx.setPending(fn[from], true);
    expect(at(root)).toEqual(expected);
    fabric.intx.setPending(fn[from], false);
    expect(at(root)).toEqual([]);
  });

  it('is the OR of all that share it', () => {
    // Pin A of device 1 and pin B of device 0 are one wire of the bridge.
    const { fabric, fn, at } = wired({ pci0: { interruptPin: 2 }, pci1: { interruptPin: 1 } });
    fabric.intx.setPending(fn.pci0, true);
    fabric.intx.setPending(fn.pci1, true);
    expect(at('1c')).toEqual(['C']);
    fabric.intx.setPending(fn.pci0, false);
    expect(at('1c')).toEqual(['C']);
    fabric.intx.setPending(fn.pci1, false);
    expect(at('1c')).toEqual([]);
  });

  it("a root port's own pin is one of them", () => {
    const { fabric, fn, at } = wired({ '1c': { interruptPin: 1 } });
    fabric.intx.setPending(fn['1c'], true);
    expect(at('1c')).toEqual(['A']);
  });

  it('Interrupt Disable keeps the pin low, not Interrupt Status; of a bridge its own pin alone', () => {
    const { fabric, fn, at } = wired({ ep: { interruptPin: 1 }, '1c': { command: 0x7 | DISABLE, interruptPin: 2 } });
    fabric.intx.setPending(fn['1c'], true);
    fabric.intx.setPending(fn.ep, true);
    expect(at('1c')).toEqual(['A']);
    const id = fabric.arena.idOf(fn.ep);
    fabric.configWrite(0, id, 4, 2, 0x7 | DISABLE);
    expect(at('1c')).toEqual([]);
    expect(fabric.configRead(0, id, 6, 2) & INTERRUPT_STATUS).toBe(INTERRUPT_STATUS);
    fabric.configWrite(0, id, 4, 2, 0x7);
    expect(at('1c')).toEqual(['A']);
  });

  it.each<[string, Options]>([
    ['no pin', { ep2: { interruptPin: 0 } }],
    ['MSI on', { ep2: { interruptPin: 1, armed: 'msi' } }],
    ['MSI-X on', { ep2: { interruptPin: 1, armed: 'msi-x' } }],
    ['D3hot', { ep2: { interruptPin: 1, powerState: 3 } }],
  ])('low with %s', (_name, options) => {
    const { fabric, fn, at } = wired(options);
    fabric.intx.setPending(fn.ep2, true);
    expect(at('1d')).toEqual([]);
  });

  it('does not need Bus Master Enable', () => {
    const { fabric, fn, at } = wired({ ep2: { interruptPin: 1, command: 0 }, '1d': { command: 0 } });
    fabric.intx.setPending(fn.ep2, true);
    expect(at('1d')).toEqual(['A']);
  });

  it('falls with the link, and with a reset of the function', () => {
    const { fabric, fn, at } = wired({ ep2: { interruptPin: 1 } });
    fabric.intx.setPending(fn.ep2, true);
    fabric.configWrite(0, fabric.arena.idOf(fn['1d']), 0x3e, 2, 0x40);
    expect(at('1d')).toEqual([]);
    fabric.configWrite(0, fabric.arena.idOf(fn['1d']), 0x3e, 2, 0);
    expect(at('1d')).toEqual([]);
  });
});

describe('messages', () => {
  it('each link carries one for each change of a wire, deepest first', () => {
    const { fabric, fn, sent } = wired({ pci0: { interruptPin: 2 }, pci1: { interruptPin: 1 } });
    fabric.intx.setPending(fn.pci0, true);
    expect(sent()).toEqual(['02:01.0 Assert_INTB', '00:1c.0 Assert_INTC']);
    fabric.intx.setPending(fn.pci1, true);
    expect(sent()).toEqual([]);
    fabric.intx.setPending(fn.pci0, false);
    expect(sent()).toEqual([]);
    fabric.intx.setPending(fn.pci1, false);
    expect(sent()).toEqual(['02:01.0 Deassert_INTB', '00:1c.0 Deassert_INTC']);
  });

  it('a write of Interrupt Disable deasserts', () => {
    const { fabric, fn, sent } = wired({ ep2: { interruptPin: 3 } });
    fabric.intx.setPending(fn.ep2, true);
    expect(sent()).toEqual(['00:1d.0 Assert_INTC']);
    fabric.configWrite(0, fabric.arena.idOf(fn.ep2), 4, 2, DISABLE);
    expect(sent()).toEqual(['00:1d.0 Deassert_INTC']);
  });

  it('none over a link that is down', () => {
    const { fabric, fn, sent } = wired({ ep2: { interruptPin: 1 } });
    fabric.intx.setPending(fn.ep2, true);
    sent();
    fabric.arena.poke(fn['1d'], 0x3e, 2, 0x40);
    expect(sent()).toEqual([]);
    fabric.arena.poke(fn['1d'], 0x3e, 2, 0);
    expect(sent()).toEqual(['00:1d.0 Assert_INTA']);
  });
});

it('functions of one device beyond number 7 (ARI) are device 0 on a link', () => {
  const fabric = new Fabric([
    port('00:01.0', 'Root Port', 1, 1, { deviceControl2: 0x20 }),
    device('01:00.0', { multiFunction: true }),
    device('01:01.0', { interruptPin: 1 }),
  ]);
  fabric.intx.setPending(2, true);
  expect(fabric.intx.level(0, 0)).toBe(true);
});

it('a bridge between conventional buses swizzles by device, whatever lies above', () => {
  const fabric = new Fabric([port('00:1e.0', undefined, 1, 1), conventional('01:03.0', { interruptPin: 2 })]);
  fabric.intx.setPending(1, true);
  expect(pins.filter((pin) => fabric.intx.level(0, pin))).toEqual([0]);
  expect(fabric.intx.messages()).toEqual([]);
  expect(fabric.configRead(0, 0x0118, 6, 2) & INTERRUPT_STATUS).toBe(INTERRUPT_STATUS);
});
