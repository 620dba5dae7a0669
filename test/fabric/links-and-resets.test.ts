/** What a reset, a link that goes down and a slot without power do beyond the function that was written. */
import { describe, expect, it } from 'vitest';
import { capability, type0Function, type1Function } from '../../src/config/builder.ts';
import { Fabric } from '../../src/fabric/fabric.ts';
import { requesterIdOf } from '../../src/fabric/topology.ts';
import { AdvancedErrorReporting, LaneMargining, PciExpressCapability } from '../../src/spec/index.ts';
import { memoryRead, memoryWrite } from '../../src/tlp/header.ts';
import { id, machine } from './machine.ts';

const RAM = 0x100000;
const BAR = 0xf00 * 0x100000;
const BRIDGE_CONTROL = 0x3e;

describe('Secondary Bus Reset', () => {
  it('holds everything behind in reset while it is set, and leaves reset values', () => {
    const { fabric, fn } = machine();
    const { arena } = fabric;
    arena.poke(fn.ep, 0x104, 4, 0x00100000);
    fabric.configWrite(0, id(0, 0x1c, 0), BRIDGE_CONTROL, 2, 0x40);
    for (const name of ['up', 'downA', 'downB', 'ep', 'bridge', 'pci0', 'pci1'] as const) {
      expect(arena.command(fn[name]), name).toBe(0);
      expect(fabric.configRead(0, arena.routingId[fn[name]]!, 0, 4), name).toBe(0xffffffff);
    }
    expect(arena.command(fn['1c'])).toBe(0x0007);
    expect(arena.command(fn.ep2)).toBe(0x0007);
    // Sticky.
    expect(arena.u32(fn.ep, 0x104)).toBe(0x00100000);
    fabric.configWrite(0, id(0, 0x1c, 0), BRIDGE_CONTROL, 2, 0);
    expect(fabric.configRead(0, id(1, 0, 0), 0, 2)).toBe(0x8086);
    // The switch has lost its bus numbers.
    expect(fabric.configRead(0, id(2, 0, 0), 0, 4)).toBe(0xffffffff);
  });

  it('lets nobody below send, and ends what comes from above at the port', () => {
    const { fabric, fn } = machine();
    fabric.arena.poke(fn.downA, BRIDGE_CONTROL, 2, 0x40);
    expect(fabric.send(memoryWrite(id(3, 0, 0), 0, RAM), fn.ep)).toMatchObject({ outcome: 'not-sent', at: fn.ep });
    expect(fabric.send(memoryWrite(0, 0, BAR), -1)).toMatchObject({ outcome: 'dropped', at: fn.downA });
    expect(fabric.send(memoryRead(0, 0, BAR), -1)).toMatchObject({ outcome: 'unsupported-request', at: fn.downA });
  });

  it('resets the devices of a conventional bus', () => {
    const { fabric, fn } = machine();
    fabric.configWrite(0, id(4, 0, 0), BRIDGE_CONTROL, 2, 0x40);
    expect([fabric.arena.command(fn.pci0), fabric.arena.command(fn.pci1), fabric.arena.command(fn.bridge)]).toEqual([
      0, 0, 7,
    ]);
    expect(fabric.send(memoryRead(0, 0, BAR + 0x100000), -1)).toMatchObject({
      outcome: 'master-abort',
      at: fn.bridge,
    });
  });
});

const EXPRESS = 0x40;
const LINK_CONTROL = EXPRESS + 0x10;
const LINK_STATUS = EXPRESS + 0x12;
const SLOT_CONTROL = EXPRESS + 0x18;
const SLOT_STATUS = EXPRESS + 0x1a;

/** A root port with a slot that has everything, and one endpoint. */
function slot(values: Record<string, number> = {}, endpoint: Record<string, number> = {}) {
  const fabric = new Fabric([
    type1Function({
      bdf: '00:01.0',
      header: {
        'Vendor ID': 0x1234,
        Command: 7,
        'Secondary Bus Number': 1,
        'Subordinate Bus Number': 1,
        'Memory Base': 0xf000,
        'Memory Limit': 0xf000,
      },
      capabilities: [
        capability(PciExpressCapability, EXPRESS, {
          'PCI Express Capabilities': 0x0142,
          // DLL Link Active Reporting and Link Bandwidth Notification; 16 GT/s, x4.
          'Link Capabilities': 0x00300044,
          'Link Status': 0x2044,
          'Link Control 2': 4,
          // Power controller, hot-plug.
          'Slot Capabilities': 0x00000042,
          'Device Capabilities 2': 0x00000800,
          'Device Control 2': 0x0400,
          ...values,
        }),
        capability(LaneMargining, 0x100, {}),
      ],
    }),
    type0Function({
      bdf: '01:00.0',
      header: { 'Vendor ID': 0x1234, Command: 7, 'Base Address Register 0': 0xf0000000 },
      barSizes: { 0: 0x10000 },
      capabilities: [
        capability(PciExpressCapability, EXPRESS, {
          'Device Capabilities': 0x10008000,
          'Link Capabilities': 0x00000043,
          'Link Status': 0x0043,
          ...endpoint,
        }),
        capability(AdvancedErrorReporting, 0x100, {}),
      ],
    }),
  ]);
  return { fabric, arena: fabric.arena, port: 0, endpoint: 1 };
}
const PORT = 0x0008;
const ENDPOINT = 0x0100;

describe('Link Disable', () => {
  it('resets the device, and shows the link down and up again', () => {
    const { fabric, arena } = slot();
    arena.poke(1, 0x104, 4, 0x00100000);
    arena.write(0, 0x108, 2, 0x3f);
    fabric.configWrite(0, PORT, LINK_CONTROL, 2, 0x10);
    expect(arena.command(1)).toBe(0);
    expect(arena.u32(1, 0x104)).toBe(0x00100000);
    expect(arena.u16(0, LINK_STATUS) & 0x2000).toBe(0);
    expect(arena.u16(0, SLOT_STATUS) & 0x0100).toBe(0x0100);
    // LTR Mechanism Enable goes with the link.
    expect(arena.u16(0, EXPRESS + 0x28)).toBe(0);
    expect(fabric.configRead(0, ENDPOINT, 0, 4)).toBe(0xffffffff);
    fabric.configWrite(0, PORT, SLOT_STATUS, 2, 0x0100);
    fabric.configWrite(0, PORT, LINK_CONTROL, 2, 0);
    expect(arena.u16(0, LINK_STATUS) & 0x2000).toBe(0x2000);
    expect(arena.u16(0, SLOT_STATUS) & 0x0100).toBe(0x0100);
    expect(fabric.configRead(0, ENDPOINT, 0, 2)).toBe(0x1234);
  });

  it('shows no link state where the port does not report it', () => {
    const { fabric, arena } = slot({ 'Link Capabilities': 0x00000044, 'Link Status': 0x0044 });
    fabric.configWrite(0, PORT, LINK_CONTROL, 2, 0x10);
    fabric.configWrite(0, PORT, LINK_CONTROL, 2, 0);
    expect(arena.u16(0, LINK_STATUS)).toBe(0x0044);
    expect(arena.u16(0, SLOT_STATUS)).toBe(0);
  });
});

describe('the state of a link', () => {
  const linkStatus = (fabric: Fabric, port: number) => fabric.arena.u16(port, LINK_STATUS);

  it('is down at an empty slot, whatever is done to it', () => {
    const { fabric } = slot({ 'Link Status': 0x0044 });
    fabric.arena.space(1).fill(0xff);
    for (const [register, on, off] of [
      [BRIDGE_CONTROL, 0x40, 0],
      [LINK_CONTROL, 0x10, 0],
      [SLOT_CONTROL, 0x400, 0],
    ] as const)
      for (const value of [on, off]) fabric.configWrite(0, PORT, register, 2, value);
    expect(linkStatus(fabric, 0)).toBe(0x0044);
    expect(fabric.arena.u16(0, SLOT_STATUS) & 0x0100).toBe(0);
  });

  it('is up again after a reset of the port that has taken it down', () => {
    for (const [register, value] of [
      [LINK_CONTROL, 0x10],
      [SLOT_CONTROL, 0x400],
    ] as const) {
      const { fabric } = slot();
      fabric.configWrite(0, PORT, register, 2, value);
      expect(linkStatus(fabric, 0) & 0x2000).toBe(0);
      fabric.reset('fundamental');
      expect(linkStatus(fabric, 0) & 0x2000).toBe(0x2000);
    }
  });
});

describe('Power Controller Control', () => {
  it('takes the power off the slot: the device loses what is sticky as well', () => {
    const { fabric, arena } = slot();
    arena.poke(1, 0x104, 4, 0x00100000);
    fabric.configWrite(0, PORT, SLOT_CONTROL, 2, 0x0400);
    expect([arena.command(1), arena.u32(1, 0x104)]).toEqual([0, 0]);
    // Command Completed, and Data Link Layer State Changed.
    expect(arena.u16(0, SLOT_STATUS)).toBe(0x0110);
    expect(fabric.configRead(0, ENDPOINT, 0, 4)).toBe(0xffffffff);
    fabric.configWrite(0, PORT, SLOT_CONTROL, 2, 0);
    expect(fabric.configRead(0, ENDPOINT, 0, 2)).toBe(0x1234);
  });

  it('does nothing without a power controller', () => {
    const { fabric, arena } = slot({ 'Slot Capabilities': 0x00000040 });
    fabric.configWrite(0, PORT, SLOT_CONTROL, 2, 0x0400);
    expect(arena.command(1)).toBe(7);
    expect(fabric.configRead(0, ENDPOINT, 0, 2)).toBe(0x1234);
  });
});

describe('Retrain Link', () => {
  it.each([
    [1, 1],
    [3, 3],
    // The endpoint goes no faster than 8 GT/s.
    [4, 3],
  ])('with a target of %i gives both ends a speed of %i, and reads 0', (target, speed) => {
    const { fabric, arena } = slot({ 'Link Control 2': target });
    fabric.configWrite(0, PORT, LINK_CONTROL, 2, 0x20);
    expect([arena.u16(0, LINK_STATUS) & 0xf, arena.u16(1, LINK_STATUS) & 0xf]).toEqual([speed, speed]);
    expect(arena.u16(0, LINK_STATUS) & 0x4000).toBe(0x4000);
    expect(arena.u16(0, LINK_CONTROL)).toBe(0);
    expect(arena.command(1)).toBe(7);
  });

  it('does nothing to a link that is disabled', () => {
    const { fabric, arena } = slot({ 'Link Control': 0x10, 'Link Control 2': 1 });
    fabric.configWrite(0, PORT, LINK_CONTROL, 2, 0x30);
    expect(arena.u16(0, LINK_STATUS) & 0x4000).toBe(0);
  });
});

describe('a conventional reset of the machine', () => {
  it('resets every function, hot with what is sticky kept', () => {
    for (const [kind, left] of [
      ['hot', 0x00100000],
      ['fundamental', 0],
    ] as const) {
      const { fabric, fn } = machine();
      fabric.arena.poke(fn.ep, 0x104, 4, 0x00100000);
      fabric.reset(kind);
      expect(fabric.arena.command(fn['1c'])).toBe(0);
      expect(fabric.arena.u32(fn.ep, 0x104)).toBe(left);
    }
  });
});

describe('the captured bus number', () => {
  it('is that of the last configuration write, and is in the Requester ID', () => {
    const { fabric, arena } = slot();
    const own = () => requesterIdOf(arena, fabric.topology, 1);
    expect(own()).toBe(0x0100);
    fabric.configWrite(0, PORT, 0x18, 4, 0x00050500);
    expect(own()).toBe(0x0100);
    fabric.configRead(0, 0x0500, 0, 4);
    expect(own()).toBe(0x0100);
    fabric.configWrite(0, 0x0500, 4, 2, 6);
    expect(own()).toBe(0x0500);
    expect(fabric.send(memoryRead(0, 0, 0xf0000000), -1).completion?.completerId).toBe(0x0500);
  });

  it('is lost in a conventional reset, kept in an FLR, and back with a checkpoint', () => {
    const { fabric, arena } = slot();
    const before = fabric.checkpoint();
    fabric.configWrite(0, ENDPOINT, EXPRESS + 8, 2, 0x8000);
    expect([arena.command(1), arena.idOf(1)]).toEqual([0, 0x0100]);
    fabric.configWrite(0, PORT, BRIDGE_CONTROL, 2, 0x40);
    expect(arena.idOf(1)).toBe(0);
    expect(arena.idOf(0)).toBe(PORT);
    fabric.restore(before);
    expect(arena.idOf(1)).toBe(0x0100);
  });
});

describe('a function that is not ready after a reset', () => {
  it('answers CRS as often as it was said to', () => {
    const { fabric } = slot();
    fabric.readiness.setRequestsUntilReady(1, 2);
    const read = () => fabric.send({ ...cfgRead }, -1, { segment: 0 });
    expect(read().outcome).toBe('delivered');
    fabric.arena.reset(1, 'flr');
    expect(read()).toMatchObject({ outcome: 'retry', at: 1, completion: { status: 2 } });
    expect(read().outcome).toBe('retry');
    expect(read().outcome).toBe('delivered');
  });

  it('is ready at once when it is said to, and takes whole numbers only', () => {
    const { fabric } = slot();
    fabric.readiness.setRequestsUntilReady(1, 3);
    fabric.arena.reset(1, 'flr');
    fabric.readiness.setRequestsUntilReady(1, 0);
    fabric.arena.reset(1, 'flr');
    expect(fabric.send(cfgRead, -1, { segment: 0 }).outcome).toBe('delivered');
    for (const wrong of [2.5, -1, Number.POSITIVE_INFINITY])
      expect(() => fabric.readiness.setRequestsUntilReady(1, wrong)).toThrow('expected a whole number of requests');
  });

  it('is given up by the root complex where it never is', () => {
    const { fabric } = slot();
    fabric.answer(1, () => 'CRS');
    expect(fabric.configRead(0, ENDPOINT, 4, 2)).toBe(0xffff);
    const before = fabric.arena.command(1);
    fabric.configWrite(0, ENDPOINT, 4, 2, before ^ 6);
    expect(fabric.arena.command(1)).toBe(before);
  });

  it('is asked again by the root complex, or shown as 0001h with CRS Software Visibility', () => {
    const visible = { 'Root Capabilities': 1, 'Root Control': 0x10 };
    for (const [values, first] of [
      [{}, 0x00001234],
      [visible, 0xffff0001],
    ] as const) {
      const { fabric } = slot(values);
      fabric.readiness.setRequestsUntilReady(1, 1);
      fabric.configWrite(0, PORT, BRIDGE_CONTROL, 2, 0x40);
      fabric.configWrite(0, PORT, BRIDGE_CONTROL, 2, 0);
      expect(fabric.configRead(0, ENDPOINT, 0, 4)).toBe(first);
      expect(fabric.configRead(0, ENDPOINT, 0, 4)).toBe(0x00001234);
    }
    // Only for a read of both bytes of the Vendor ID.
    const { fabric } = slot(visible);
    fabric.readiness.setRequestsUntilReady(1, 1);
    fabric.arena.reset(1, 'hot');
    expect(fabric.configRead(0, ENDPOINT, 0, 1)).toBe(0x34);
    fabric.arena.reset(1, 'hot');
    expect(fabric.configRead(0, ENDPOINT, 0, 2)).toBe(0x0001);
    fabric.arena.reset(1, 'hot');
    fabric.configWrite(0, ENDPOINT, 4, 2, 6);
    expect(fabric.arena.command(1)).toBe(6);
  });
});

const cfgRead = {
  ...memoryRead(0, 0, 0),
  type: 'CfgRd0' as const,
  destinationId: ENDPOINT,
  register: 0,
  lengthDw: 1,
  firstBe: 15,
};
