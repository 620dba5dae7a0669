/** SR-IOV: functions that come and go with VF Enable, each with a space of its own. */
import { describe, expect, it } from 'vitest';
import { routingId } from '../../src/config/bdf.ts';
import { capability, type0Function } from '../../src/config/builder.ts';
import { Fabric } from '../../src/fabric/fabric.ts';
import { imagesOf, readLspci } from '../../src/formats/lspci-text.ts';
import {
  AdvancedErrorReporting,
  AlternativeRoutingId,
  MsiXCapability,
  PciExpressCapability,
  PowerManagementCapability,
  SingleRootIoVirtualization,
} from '../../src/spec/index.ts';
import { memoryRead, memoryWrite } from '../../src/tlp/header.ts';
import { port } from '../generators/functions.ts';

const SRIOV = 0x160;
const CONTROL = SRIOV + 0x08;
const NUM_VFS = SRIOV + 0x10;
const PF = routingId(1, 0, 0);
const RAM = 0x100000;
const VF_BAR = 0xf1000000;

/** A PF with eight VFs below a root port with ARI Forwarding; the VFs begin at 01:10.0, two numbers apart. */
function build({ offset = 0x80, stride = 2, arem = 0x20 } = {}) {
  return new Fabric([
    port('00:01.0', 'Root Port', 1, 3, { memory: [0xf10, 0xf10], deviceControl2: arem }),
    type0Function({
      bdf: '01:00.0',
      header: { 'Vendor ID': 0x8086, 'Device ID': 0x10c9, 'Class Code': 0x0200, 'Subsystem Vendor ID': 0x1028 },
      barSizes: { 7: 0x4000 },
      capabilities: [
        capability(PowerManagementCapability, 0x40, {}),
        capability(MsiXCapability, 0x50, { 'MSI-X Message Control': 0x8002 }),
        capability(PciExpressCapability, 0x70, { 'Device Capabilities': 0x8000, 'Device Control': 0x283f }),
        capability(AlternativeRoutingId, 0x140, {}),
        capability(SingleRootIoVirtualization, SRIOV, {
          TotalVFs: 8,
          InitialVFs: 8,
          'First VF Offset': offset,
          'VF Stride': stride,
          'VF Device ID': 0x10ca,
          'Supported Page Sizes': 0x553,
          'VF BAR 0': VF_BAR,
        }),
      ].map((one) => (one.offset === 0x140 ? { ...one, offset: 0x100 } : one)),
    }),
  ]);
}

const enable = (fabric: Fabric, count: number, control = 0x01) => {
  fabric.configWrite(0, PF, NUM_VFS, 2, count);
  fabric.configWrite(0, PF, CONTROL, 2, control);
};

const vf = (number: number) => PF + 0x80 + 2 * (number - 1);
const isThere = (fabric: Fabric, id: number) => fabric.configRead(0, id, 4, 4) !== 0xffffffff;

describe('VF Enable', () => {
  it('brings NumVFs functions at First VF Offset and VF Stride', () => {
    const fabric = build();
    expect(isThere(fabric, vf(1))).toBe(false);
    enable(fabric, 3);
    expect(fabric.arena.count).toBe(5);
    expect([1, 2, 3, 4].map((n) => isThere(fabric, vf(n)))).toEqual([true, true, true, false]);
    expect(fabric.arena.name(fabric.arena.find(0, vf(2)))).toBe('01:10.2');
  });

  it('takes them away when it falls, and brings them back with their reset values', () => {
    const fabric = build();
    enable(fabric, 2);
    fabric.configWrite(0, vf(1), 4, 2, 4);
    fabric.configWrite(0, PF, CONTROL, 2, 0);
    expect(isThere(fabric, vf(1))).toBe(false);
    expect(fabric.send(memoryWrite(vf(1), 0, RAM), fabric.arena.find(0, vf(1))).outcome).toBe('not-sent');
    enable(fabric, 4);
    expect([1, 2, 3, 4].map((n) => isThere(fabric, vf(n)))).toEqual([true, true, true, true]);
    expect(fabric.configRead(0, vf(1), 4, 2)).toBe(0);
    expect(fabric.arena.count).toBe(6);
  });

  it('brings no more than TotalVFs, and none for NumVFs of 0', () => {
    const fabric = build();
    enable(fabric, 0);
    expect(fabric.arena.count).toBe(2);
    fabric.configWrite(0, PF, CONTROL, 2, 0);
    enable(fabric, 100);
    expect(fabric.arena.count).toBe(2 + 8);
  });

  it('falls with every reset of the PF', () => {
    for (const kind of ['flr', 'hot', 'fundamental'] as const) {
      const fabric = build();
      enable(fabric, 2);
      fabric.arena.reset(1, kind);
      expect(isThere(fabric, vf(1)), kind).toBe(false);
    }
  });

  it('goes with a checkpoint, either way', () => {
    const fabric = build();
    const without = fabric.checkpoint();
    enable(fabric, 2);
    fabric.configWrite(0, vf(1), 4, 2, 4);
    const withVfs = fabric.checkpoint();
    fabric.restore(without);
    expect(isThere(fabric, vf(1))).toBe(false);
    fabric.restore(withVfs);
    expect(fabric.configRead(0, vf(1), 4, 2)).toBe(4);
  });

  it('reaches VFs on a further bus of the device, as far as the port covers it', () => {
    const fabric = build({ offset: 0x100, stride: 0x100 });
    enable(fabric, 3);
    expect(isThere(fabric, routingId(2, 0, 0))).toBe(true);
    expect(isThere(fabric, routingId(3, 0, 0))).toBe(true);
    expect(isThere(fabric, routingId(4, 0, 0))).toBe(false);
    fabric.configWrite(0, routingId(2, 0, 0), 4, 2, 4);
    const back = fabric.send(memoryRead(routingId(2, 0, 0), 0, RAM), fabric.arena.find(0, routingId(2, 0, 0)));
    expect(back.outcome).toBe('delivered');
  });

  it('brings VFs whose device number a link reaches with ARI Forwarding only', () => {
    const fabric = build({ arem: 0 });
    enable(fabric, 2);
    expect(isThere(fabric, vf(1))).toBe(false);
    fabric.configWrite(0, 0x0008, 0x70 + 0x28, 2, 0x20);
    expect(isThere(fabric, vf(1))).toBe(true);
  });
});

describe('a VF', () => {
  const enabled = () => {
    const fabric = build();
    enable(fabric, 2, 0x09);
    return fabric;
  };
  const read = (fabric: Fabric, offset: number, size: 1 | 2 | 4) => fabric.configRead(0, vf(1), offset, size);

  it('has IDs of all ones, its PF’s class and subsystem vendor, no BARs and no interrupt pin', () => {
    const fabric = enabled();
    expect(read(fabric, 0, 4)).toBe(0xffffffff);
    expect(read(fabric, 0x0a, 2)).toBe(0x0200);
    expect(read(fabric, 0x2c, 2)).toBe(0x1028);
    expect([read(fabric, 0x10, 4), read(fabric, 0x3c, 4)]).toEqual([0, 0]);
  });

  it('takes Bus Master Enable and nothing else in Command, and no setting that is its PF’s', () => {
    const fabric = enabled();
    fabric.configWrite(0, vf(1), 4, 2, 0xffff);
    expect(read(fabric, 4, 2)).toBe(4);
    fabric.configWrite(0, vf(1), 0x0c, 1, 0xff);
    expect(read(fabric, 0x0c, 1)).toBe(0);
    fabric.configWrite(0, vf(1), 0x78, 2, 0x7fff);
    expect(read(fabric, 0x78, 2)).toBe(0);
    fabric.arena.setBits(fabric.arena.find(0, vf(1)), 0x7a, 2, 0xf);
    fabric.configWrite(0, vf(1), 0x7a, 2, 0x0008);
    expect(read(fabric, 0x7a, 2)).toBe(0x0007);
  });

  it('has the shared capabilities in their places, without what software wrote to the PF', () => {
    const fabric = enabled();
    const { capabilities } = fabric.arena.layout[fabric.arena.find(0, vf(1))]!;
    expect(capabilities.map(({ offset, id }) => [offset, id])).toEqual([
      [0x50, 0x11],
      [0x70, 0x10],
      [0x100, 0x0e],
    ]);
    expect(read(fabric, 0x52, 2)).toBe(0x0002);
  });

  it('can be reset alone', () => {
    const fabric = enabled();
    fabric.configWrite(0, vf(1), 4, 2, 4);
    fabric.configWrite(0, vf(2), 4, 2, 4);
    fabric.configWrite(0, vf(1), 0x78, 2, 0x8000);
    expect(read(fabric, 4, 2)).toBe(0);
    expect(fabric.configRead(0, vf(2), 4, 2)).toBe(4);
    expect(fabric.configRead(0, PF, CONTROL, 2)).toBe(9);
  });

  it('has its share of a VF BAR while VF MSE is set', () => {
    const fabric = enabled();
    const target = (address: number) => {
      const { outcome, at } = fabric.send(memoryRead(0, 0, address), -1);
      return outcome === 'delivered' ? fabric.arena.name(at) : outcome;
    };
    expect(target(VF_BAR)).toBe('01:10.0');
    expect(target(VF_BAR + 0x3ffc)).toBe('01:10.0');
    expect(target(VF_BAR + 0x4000)).toBe('01:10.2');
    expect(target(VF_BAR + 0x8000)).toBe('unsupported-request');
    fabric.configWrite(0, PF, CONTROL, 2, 1);
    expect(target(VF_BAR)).toBe('unsupported-request');
  });

  it('sends by its own Bus Master Enable, whatever its PF’s, and is refused at the port above', () => {
    const fabric = enabled();
    const fn = fabric.arena.find(0, vf(1));
    const send = () => fabric.send(memoryWrite(vf(1), 0, RAM), fn);
    expect(send().outcome).toBe('not-sent');
    fabric.configWrite(0, vf(1), 4, 2, 4);
    expect(fabric.arena.command(1)).toBe(0);
    expect(send()).toMatchObject({ outcome: 'delivered', at: -1 });
    fabric.configWrite(0, 0x0008, 4, 2, 3);
    expect(send()).toMatchObject({ outcome: 'unsupported-request', at: 0 });
  });
});

describe('the same machine from its bytes', () => {
  const again = (fabric: Fabric) =>
    new Fabric(
      Array.from({ length: fabric.arena.count }, (_, fn) => ({
        segment: 0,
        routingId: fabric.arena.routingId[fn]!,
        bytes: fabric.arena.space(fn).slice(),
        barSizesLog2: fn === 1 ? Object.assign([], { 7: 14 }) : [],
      })),
    );

  it('has its VFs beside their PF, on whatever bus', () => {
    const live = build({ offset: 0x100, stride: 0x100 });
    enable(live, 2, 0x09);
    live.configWrite(0, routingId(2, 0, 0), 4, 2, 4);
    live.configWrite(0, 0x0008, 4, 2, 3);
    const dump = again(live);
    expect([...dump.topology.parent]).toEqual([...live.topology.parent]);
    expect(dump.topology.rootBuses).toHaveLength(1);
    const fn = dump.arena.find(0, routingId(2, 0, 0));
    expect(dump.send(memoryWrite(0x0200, 0, RAM), fn)).toMatchObject({ outcome: 'unsupported-request', at: 0 });
    expect(dump.send(memoryRead(0, 0, VF_BAR + 0x4000), -1)).toMatchObject({
      outcome: 'delivered',
      at: dump.arena.find(0, routingId(3, 0, 0)),
    });
  });

  it('has VFs of a root bus that claim their share', () => {
    const live = new Fabric([
      type0Function({
        bdf: '00:05.0',
        header: { 'Vendor ID': 0x8086 },
        barSizes: { 7: 0x4000 },
        capabilities: [
          capability(PciExpressCapability, 0x70, { 'PCI Express Capabilities': 0x92 }),
          capability(SingleRootIoVirtualization, 0x100, {
            TotalVFs: 2,
            'First VF Offset': 1,
            'VF Stride': 1,
            'VF BAR 0': VF_BAR,
          }),
        ],
      }),
    ]);
    live.configWrite(0, 0x28, 0x110, 2, 2);
    live.configWrite(0, 0x28, 0x108, 2, 9);
    for (const fabric of [live, again(live)])
      expect(fabric.send(memoryRead(0, 0, VF_BAR), -1).outcome).toBe('delivered');
  });
});

describe('a PF', () => {
  it('takes its VFs along into D3hot', () => {
    const fabric = build();
    enable(fabric, 1, 0x09);
    fabric.configWrite(0, vf(1), 4, 2, 4);
    fabric.configWrite(0, PF, 0x44, 2, 3);
    const fn = fabric.arena.find(0, vf(1));
    expect(fabric.send(memoryWrite(vf(1), 0, RAM), fn).outcome).toBe('not-sent');
    expect(fabric.send(memoryRead(0, 0, VF_BAR), -1)).toMatchObject({ outcome: 'unsupported-request', at: fn });
  });

  it('gives its VFs the bus number that it has captured', () => {
    for (const renumberFirst of [true, false]) {
      const fabric = build();
      if (!renumberFirst) enable(fabric, 1);
      fabric.configWrite(0, 0x0008, 0x18, 4, 0x00070500);
      fabric.configWrite(0, 0x0500, 0x0c, 1, 0);
      if (renumberFirst) {
        fabric.configWrite(0, 0x0500, NUM_VFS, 2, 1);
        fabric.configWrite(0, 0x0500, CONTROL, 2, 1);
      }
      expect(fabric.arena.idOf(fabric.arena.find(0, vf(1)))).toBe(0x0580);
    }
  });

  it('has NumVFs of 0 after a reset', () => {
    const fabric = build();
    enable(fabric, 2);
    fabric.arena.reset(1, 'flr');
    expect([fabric.arena.u16(1, CONTROL), fabric.arena.u16(1, NUM_VFS)]).toEqual([0, 0]);
  });

  it.each([
    ['0', 1, 0],
    ['that comes round', 0x8000, 0x8000],
  ])('with a VF Stride of %s gives each number once', (_, offset, stride) => {
    const fabric = build({ offset, stride });
    enable(fabric, 3);
    expect(fabric.arena.count).toBeLessThan(5);
  });
});

describe('a dump with VFs', () => {
  // As the kernel prints them: IDs of all ones, the rest as it is.
  const text = [
    '00:01.0 PCI bridge: port',
    `00: 86 80 01 19 07 00 10 00 00 00 04 06 00 00 01 00`,
    `10: 00 00 00 00 00 00 00 00 00 01 01 00 f0 00 00 00`,
    `20: f0 ff 00 00 f1 ff 01 00 00 00 00 00 00 00 00 00`,
    `30: 00 00 00 00 70 00 00 00 00 00 00 00 00 00 00 00`,
    '70: 10 00 42 00 00 80 00 00 00 00 00 00 00 00 00 00',
    '90: 00 00 00 00 00 00 00 00 20 00 00 00 00 00 00 00',
    '',
    '01:10.0 Ethernet controller: VF',
    '00: ff ff ff ff 04 00 10 00 01 00 00 02 00 00 00 00',
    '30: 00 00 00 00 70 00 00 00 00 00 00 00 00 00 00 00',
    '70: 10 00 02 00 00 80 00 10 00 00 00 00 00 00 00 00',
    '',
  ];
  const padded = text.flatMap((line) => line.split('\n')).join('\n');

  it('has them as functions that are there', () => {
    const rows = Array.from({ length: 16 }, (_, i) => `${(i * 16).toString(16).padStart(2, '0')}:`);
    const full = (block: string) =>
      rows
        .map((row) => block.split('\n').find((line) => line.startsWith(`${row} `)) ?? `${row}${' 00'.repeat(16)}`)
        .join('\n');
    const [first = '', second = ''] = padded.split('\n\n');
    const dump = [first, second].map((block) => `${block.split('\n')[0]}\n${full(block)}`).join('\n\n');
    const fabric = new Fabric(imagesOf(readLspci(dump)));
    const fn = fabric.arena.find(0, routingId(1, 0x10, 0));
    expect(fabric.arena.isPresent(fn)).toBe(true);
    fabric.configWrite(0, routingId(1, 0x10, 0), 4, 2, 0x0507);
    expect(fabric.configRead(0, routingId(1, 0x10, 0), 4, 2)).toBe(4);
    expect(fabric.send(memoryWrite(0, 0, RAM), fn).outcome).toBe('delivered');
  });
});

it('AER of a VF has masks that are its PF’s', () => {
  const fabric = new Fabric([
    type0Function({
      bdf: '00:05.0',
      header: { 'Vendor ID': 0x8086 },
      capabilities: [
        capability(PciExpressCapability, 0x70, { 'PCI Express Capabilities': 0x92 }),
        capability(AdvancedErrorReporting, 0x100, {}),
        capability(SingleRootIoVirtualization, SRIOV, { TotalVFs: 1, 'First VF Offset': 1, 'VF Stride': 1 }),
      ],
    }),
  ]);
  fabric.configWrite(0, 0x28, NUM_VFS, 2, 1);
  fabric.configWrite(0, 0x28, CONTROL, 2, 1);
  const mask = fabric.configRead(0, 0x29, 0x108, 4);
  fabric.configWrite(0, 0x29, 0x108, 4, 0xffffffff);
  expect(fabric.configRead(0, 0x29, 0x108, 4)).toBe(mask);
  expect(fabric.topology.rootBuses[0]!.functions).toHaveLength(2);
});
