/**
 * The rules of Arm's PCIe compliance suites that apply, a test each: `arm-suite.ts` lists all. Software sees a machine here as the
 * suite's does: configuration space by ECAM, memory by the CPU's accesses and a device's DMA, and errors that the device is told to make.
 */
import { describe, expect, it } from 'vitest';
import { correctableErrors } from '../../spec-tables/correctable-errors.ts';
import { uncorrectableErrors } from '../../spec-tables/uncorrectable-errors.ts';
import { parseBdf } from '../../src/config/bdf.ts';
import { EcamWindow, ecamOffset } from '../../src/fabric/config-mechanisms.ts';
import type { ErrorName } from '../../src/fabric/error-reporting.ts';
import { HOST } from '../../src/fabric/exact-router.ts';
import { Fabric } from '../../src/fabric/fabric.ts';
import type { Hop } from '../../src/fabric/hop.ts';
import { Simulator } from '../../src/sim/simulator.ts';
import { memoryRead, memoryWrite, type TlpHeader } from '../../src/tlp/header.ts';
import { machine, type Name } from '../fabric/machine.ts';
import { AER, DPC, device, EXPRESS, port } from '../generators/functions.ts';
import { suiteTests } from './arm-suite.ts';

type Options = Parameters<typeof machine>[0];

/** Where each function of the machine answers. */
const bdfs: Record<Name, string> = {
  '1c': '00:1c.0',
  up: '01:00.0',
  downA: '02:00.0',
  ep: '03:00.0',
  downB: '02:01.0',
  bridge: '04:00.0',
  pci0: '05:00.0',
  pci1: '05:01.0',
  '1d': '00:1d.0',
  ep2: '06:00.0',
  '1e': '00:1e.0',
  rciep: '00:1f.0',
};
const names = Object.keys(bdfs) as Name[];
/** Functions with a PCI Express Capability. */
const express = names.filter((name) => name !== 'pci0' && name !== 'pci1');
const ports: readonly Name[] = ['1c', 'up', 'downA', 'downB', '1d', '1e'];
const rootPorts: readonly Name[] = ['1c', '1d', '1e'];
const endpoints: readonly Name[] = ['ep', 'ep2'];

const EP_BAR = 0xf0000000;
const EP2_BAR = 0xf1000000;
const RAM = 0x40000000;
const PM = 0x40;
const EP_ID = 0x0300;
const EP2_ID = 0x0600;

/** What software has: a window on configuration space. */
function software(options: Options = {}, routing: Parameters<typeof machine>[1] = {}) {
  const { fabric, fn } = machine(options, routing);
  const ecam = new EcamWindow(fabric);
  const at = (name: Name, register: number) => ecamOffset(parseBdf(bdfs[name])!.routingId, register);
  const read = (name: Name, register: number, size: 1 | 2 | 4 = 4) => ecam.read(at(name, register), size);
  const write = (name: Name, register: number, size: 1 | 2 | 4, value: number) =>
    ecam.write(at(name, register), size, value);
  /** Which of these bits take another value when software writes one. The register is as before afterwards. */
  const writable = (name: Name, register: number, size: 1 | 2 | 4) => {
    const before = read(name, register, size);
    let changed = 0;
    for (const value of [0, 2 ** (8 * size) - 1]) {
      write(name, register, size, value);
      changed |= read(name, register, size) ^ before;
    }
    write(name, register, size, before);
    return changed >>> 0;
  };
  const setCommand = (name: Name, bits: number, on: boolean) => {
    const command = read(name, 4, 2);
    write(name, 4, 2, on ? command | bits : command & ~bits);
  };
  return { fabric, fn, ecam, read, write, writable, setCommand };
}

const cpuReads = ({ fabric }: ReturnType<typeof software>, address: number) =>
  fabric.send(memoryRead(0, 0, address), HOST);
const MEMORY_SPACE = 2;
const BUS_MASTER = 4;
const bit = (...bits: number[]) => bits.reduce((mask, one) => mask | (1 << one), 0) >>> 0;

const implementations: Record<number, () => void> = {
  801: () => {
    const { ecam } = software();
    expect(ecam.read(0x1c << 15, 4)).toBe(0x19018086);
  },

  802: () => {
    const { ecam, read } = software();
    for (const name of names) expect(read(name, 0), name).not.toBe(0xffffffff);
    // No function 1, and no device 2 on bus 3.
    expect(ecam.read(ecamOffset(0x00e1, 0), 4)).toBe(0xffffffff);
    expect(ecam.read(ecamOffset(0x0310, 0), 4)).toBe(0xffffffff);
    for (const size of [1, 2] as const) expect(ecam.read(ecamOffset(0x00e1, 0), size)).toBe(2 ** (8 * size) - 1);
  },

  803: () => {
    const { read } = software();
    for (const name of ['up', 'downA', 'ep', 'downB', 'bridge', 'pci0', 'ep2'] as const)
      expect(read(name, 0), name).not.toBe(0xffffffff);
  },

  804: () => windowTest(EP2_BAR, 0x20),
  805: () => windowTest(0x38_0000_0000, 0x24),
  886: () => {
    windowTest(EP2_BAR, 0x20);
    windowTest(0x38_0000_0000, 0x24);
  },

  808: () => {
    const { ecam } = software();
    for (const bus of [8, 0x42, 0xff])
      for (const device of [0, 31]) expect(ecam.read(ecamOffset((bus << 8) | (device << 3), 0), 4)).toBe(0xffffffff);
  },

  811: () => {
    for (const name of rootPorts) {
      const { read, write } = software();
      const whole = read(name, 0x18);
      const bytes = [0, 1, 2, 3].map((i) => read(name, 0x18 + i, 1));
      const words = [0, 2].map((i) => read(name, 0x18 + i, 2));
      expect(bytes.reduceRight((sum, byte) => sum * 0x100 + byte, 0)).toBe(whole);
      expect(words[1]! * 0x10000 + words[0]!).toBe(whole);
      for (const i of [0, 1, 2]) {
        write(name, 0x18 + i, 1, ~bytes[i]! & 0xff);
        const now = [0, 1, 2].map((j) => read(name, 0x18 + j, 1));
        expect(now, `byte ${i}`).toEqual([0, 1, 2].map((j) => (j === i ? ~bytes[j]! & 0xff : bytes[j]!)));
        write(name, 0x18 + i, 1, bytes[i]!);
      }
      write(name, 0x18, 2, ~words[0]! & 0xffff);
      expect([read(name, 0x18, 2), read(name, 0x1a, 1)]).toEqual([~words[0]! & 0xffff, bytes[2]]);
      write(name, 0x18, 4, whole);
      expect(read(name, 0x18)).toBe(whole);
    }
  },

  820: () => hardwiredHeader(express),
  848: () => hardwiredHeader(['rciep']),

  821: () => {
    const { read, writable } = software();
    for (const name of [...endpoints, 'rciep'] as const) {
      // CardBus CIS Pointer, MIN_GNT and MAX_LAT: 0.
      for (const [register, size] of [
        [0x28, 4],
        [0x3e, 1],
        [0x3f, 1],
      ] as const) {
        expect([name, register, read(name, register, size)]).toEqual([name, register, 0]);
        expect([name, register, writable(name, register, size)]).toEqual([name, register, 0]);
      }
      expect(writable(name, 0x2c, 4), `${name} subsystem IDs`).toBe(0);
    }
  },

  822: () => {
    const { read, writable } = software();
    for (const name of ports) {
      // Secondary Latency Timer, and of Secondary Status 66 MHz, Fast Back-to-Back and DEVSEL.
      expect([read(name, 0x1b, 1), writable(name, 0x1b, 1)], name).toEqual([0, 0]);
      expect(read(name, 0x1e, 2) & bit(5, 7, 9, 10), name).toBe(0);
      // Of Bridge Control: Master-Abort Mode, Fast Back-to-Back and the Discard Timer's four.
      const hardwired = bit(5, 7, 8, 9, 10, 11);
      expect([read(name, 0x3e, 2) & hardwired, bridgeControlWritable(name) & hardwired], name).toEqual([0, 0]);
    }
    expect(bridgeControlWritable('1d') & bit(0, 1, 2, 6)).toBe(bit(0, 1, 2, 6));
  },

  824: () => deviceCapabilities(express.filter((name) => name !== 'rciep')),
  852: () => {
    deviceCapabilities(['rciep']);
    deviceControl(['rciep']);
  },
  825: () => deviceControl([...endpoints, ...ports]),

  826: () => {
    const { writable } = software();
    for (const name of express) expect(writable(name, EXPRESS + 0x24, 4), name).toBe(0);
  },

  830: () => {
    for (const [name, address] of [
      ['ep', EP_BAR],
      ['ep2', EP2_BAR],
      ['1d', EP2_BAR],
      ['downA', EP_BAR],
    ] as const) {
      const system = software();
      expect(cpuReads(system, address).outcome, name).toBe('delivered');
      system.setCommand(name, MEMORY_SPACE, false);
      const { outcome, completion } = cpuReads(system, address);
      // What nobody claims on a root bus, or in a switch, is refused above: the suite takes the failed read for an answer then.
      if (endpoints.includes(name)) expect(system.read(name, EXPRESS + 0x0a, 2) & bit(3), name).not.toBe(0);
      expect([outcome, completion?.status ?? 1], name).toEqual(['unsupported-request', 1]);
      system.setCommand(name, MEMORY_SPACE, true);
      expect(cpuReads(system, address).outcome, name).toBe('delivered');
    }
  },

  831: () => {
    const { read, writable } = software();
    for (const name of express) {
      expect(read(name, 0x0f, 1), `${name}: not capable`).toBe(0);
      expect(writable(name, 0x0f, 1), name).toBe(0);
    }
  },

  832: () => {
    const { read, writable } = software();
    for (const name of express) {
      const pointer = read(name, 0x34, 1);
      expect(pointer, name).toBeGreaterThanOrEqual(0x40);
      expect(pointer & 3, name).toBe(0);
      expect(writable(name, 0x34, 1), name).toBe(0);
    }
  },

  835: () => {
    const system = software({ ep: { express: { 'Device Capabilities': 0x10008000 } } });
    const { read, write, setCommand } = system;
    setCommand('ep', BUS_MASTER | MEMORY_SPACE, true);
    write('ep', EXPRESS + 8, 2, read('ep', EXPRESS + 8, 2) | 0x8000);
    expect(read('ep', 4, 2) & (BUS_MASTER | MEMORY_SPACE)).toBe(0);
    expect(read('ep', 0)).toBe(0x10d38086);
    expect(read('ep', EXPRESS + 8, 2) & 0x8000).toBe(0);
    expect(cpuReads(system, EP_BAR).outcome).toBe('unsupported-request');
  },

  836: () => {
    const { writable } = software();
    for (const name of ['1c', '1d', 'downA', 'downB'] as const)
      expect(writable(name, EXPRESS + 0x28, 2) & bit(5), name).toBe(bit(5));
    const without = software({ '1d': { deviceCapabilities2: 0 } });
    expect(without.writable('1d', EXPRESS + 0x28, 2) & bit(5)).toBe(0);
  },

  837: () => {
    const { read, write, fabric, fn } = software();
    // Link Disable: what is below is gone, the port itself is not.
    write('1d', EXPRESS + 0x10, 2, 0x10);
    expect(read('ep2', 0)).toBe(0xffffffff);
    expect(read('1d', 0)).toBe(0x19018086);
    fabric.surpriseDown(fn['1c']);
    expect([read('1c', 0), read('up', 0)]).toEqual([0x19018086, 0xffffffff]);
  },

  838: () => {
    const { ecam } = software();
    const found = Array.from({ length: 32 }, (_, device) => device).filter(
      (device) => ecam.read(ecamOffset(device << 3, 0), 4) === 0x19018086,
    );
    expect(found).toEqual([0x1c, 0x1d, 0x1e]);
  },

  856: () => {
    const { writable } = software();
    expect(writable('rciep', PM, 4)).toBe(0);
    expect(writable('rciep', PM + 4, 2) & bit(0, 1)).toBe(bit(0, 1));
  },

  862: () => {
    const { writable, read } = software({ ep2: { bar: 0x38000 } });
    expect([read('ep', 0x10) & 0xf, writable('ep', 0x10, 4) & 0xf]).toEqual([0, 0]);
    expect([read('ep', 0x18) & 3, writable('ep', 0x18, 4) & 3]).toEqual([1, 0]);
    // 64 bits, prefetchable.
    expect([read('ep2', 0x10) & 0xf, writable('ep2', 0x10, 4) & 0xf]).toEqual([0xc, 0]);
  },

  883: () => {
    const { writable, read, write } = software({ ep2: { bar: 0x38000 } });
    expect(writable('ep', 0x10, 4)).toBe(0xfff00000);
    expect(writable('ep', 0x18, 4)).toBe(0xffffffe0);
    expect([writable('ep2', 0x10, 4), writable('ep2', 0x14, 4)]).toEqual([0xfff00000, 0xffffffff]);
    for (const value of [0xa5500000, 0x5aa00000]) {
      write('ep', 0x10, 4, value);
      expect(read('ep', 0x10)).toBe(value);
    }
  },

  885: () => {
    const { read } = software();
    expect(read('rciep', 0x0e, 1) & 0x7f).toBe(0);
    expect(read('rciep', EXPRESS + 2, 2) & 0xf0).toBe(0x90);
    for (const register of [0x0c, 0x10, 0x2c, 0x30]) expect(read('rciep', EXPRESS + register), `${register}`).toBe(0);
  },

  879: () => {
    for (const [root, below] of [
      ['1d', ['ep2']],
      ['1c', ['ep']],
    ] as const) {
      const { read, write } = software();
      write(root, 0x3e, 2, read(root, 0x3e, 2) | 0x40);
      write(root, 0x3e, 2, read(root, 0x3e, 2) & ~0x40);
      for (const name of below) {
        if (root === '1c') {
          // The switch has lost its bus numbers: software gives them again.
          for (const [port, numbers] of [
            ['up', 0x050201],
            ['downA', 0x030302],
          ] as const)
            write(port, 0x18, 4, numbers);
        }
        expect(read(name, 0), name).toBe(0x10d38086);
        expect(read(name, 4, 2) & (BUS_MASTER | MEMORY_SPACE), name).toBe(0);
        for (const register of [0x10, 0x14, 0x18, 0x1c, 0x20, 0x24])
          expect(read(name, register) >>> 4, `${name} ${register}`).toBe(0);
      }
    }
  },

  895: () => {
    const { sim, dma } = withMemory();
    sim.cpuWrite(RAM, Uint8Array.of(1, 2, 3, 4));
    expect(dma.read(RAM, 4)).toMatchObject({ outcome: 'delivered', bytes: Uint8Array.of(1, 2, 3, 4) });
    dma.write(RAM + 4, Uint8Array.of(5, 6, 7, 8));
    expect(sim.cpuRead(RAM, 8).bytes).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
  },

  905: () => {
    const { sim, dma, device } = withMemory();
    sim.cpuWrite(EP_BAR + 0x104, Uint8Array.of(9, 9, 9, 9));
    expect(device.last).toEqual({ bar: 0, offset: 0x104, data: Uint8Array.of(9, 9, 9, 9) });
    dma.write(0x1_2345_6780, Uint8Array.of(7));
    expect(sim.cpuRead(0x1_2345_6780, 1).bytes).toEqual(Uint8Array.of(7));
  },

  901: () => {
    const { read, write } = software();
    expect(read('ep2', 0)).toBe(0x10d38086);
    write('1d', 0x18, 4, 0x000a0a00);
    expect(read('ep2', 0)).toBe(0xffffffff);
    write('1d', 0x18, 4, 0x00060600);
    expect(read('ep2', 0)).toBe(0x10d38086);
  },

  1501: () => {
    const cases: [string, number, TlpHeader][] = [
      ['Source Validation', 1, memoryWrite(0x0700, 0, RAM)],
      ['Translation Blocking', 2, { ...memoryWrite(EP_ID, 0, RAM), at: 2 }],
    ];
    for (const [what, control, wrong] of cases) {
      const { fabric, fn, read } = software({ downA: { acs: { control } } });
      expect(fabric.send(memoryWrite(EP_ID, 0, RAM), fn.ep).outcome, what).toBe('delivered');
      expect(fabric.send(wrong, fn.ep), what).toMatchObject({ outcome: 'acs-violation', at: fn.downA });
      expect(read('downA', AER + 4) & bit(21), what).toBe(bit(21));
    }
  },

  1502: () => {
    const peer = memoryRead(EP_ID, 0, 0xf0100000);
    const direct = software();
    expect(direct.fabric.send(peer, direct.fn.ep)).toMatchObject({ outcome: 'delivered', at: direct.fn.pci0 });
    const redirected = software({ downA: { acs: { control: 0x04 } } });
    expect(redirected.fabric.send(peer, redirected.fn.ep).at).not.toBe(redirected.fn.pci0);
    // A root complex that takes it sends it down again, where the root port lets it up at all.
    const complex = software(
      { downA: { acs: { control: 0x04 } }, '1c': { acs: { control: 0x10 } } },
      { peerToPeer: true },
    );
    const trace: Hop[] = [];
    const { fabric, fn } = complex;
    expect(fabric.send(peer, fn.ep, { trace })).toMatchObject({ outcome: 'delivered', at: fn.pci0 });
    expect(trace.filter((hop) => hop.fn === fn['1c']).length).toBeGreaterThan(0);
  },

  1506: () => {
    const { fabric, fn, write, read } = software({ ep: { interruptPin: 1 } });
    const level = () => fabric.intx.level(fn['1c'], 0);
    expect(level()).toBe(false);
    fabric.intx.setPending(fn.ep, true);
    expect([level(), read('ep', 6, 2) & bit(3)]).toEqual([true, bit(3)]);
    write('ep', 4, 2, read('ep', 4, 2) | 0x400);
    expect(level()).toBe(false);
    write('ep', 4, 2, read('ep', 4, 2) & ~0x400);
    fabric.intx.setPending(fn.ep, false);
    expect(level()).toBe(false);
  },

  1510: () => {
    for (const [name, type] of [
      ['ep2', 'CfgRd0'],
      ['up', 'CfgRd0'],
      ['ep', 'CfgRd0'],
    ] as const) {
      const { fabric, fn, read } = software();
      const seen: string[] = [];
      fabric.answer(fn[name], (request) => {
        seen.push(request.type);
        return 'SC';
      });
      read(name, 0);
      expect(seen, name).toEqual([type]);
    }
  },

  1515: () => {
    const { readFunction8, setForwarding } = ariMachine();
    setForwarding(false);
    expect(readFunction8()).toBe(0xffffffff);
    setForwarding(true);
    expect(readFunction8()).toBe(0x10d38086);
  },

  1516: () => memoryAccess(EP_BAR),
  1539: () => memoryAccess(0x38_0000_0000, { ep2: { bar: 0x38000 } }, 'ep2'),

  1517: () => {
    for (const [root, name, requesterId] of [
      ['1c', 'ep', EP_ID],
      ['1d', 'ep2', EP2_ID],
    ] as const) {
      const { fabric, fn, read, setCommand } = software();
      const dma = memoryRead(requesterId, 0, RAM);
      expect(fabric.send(dma, fn[name]).outcome).toBe('delivered');
      setCommand(root, BUS_MASTER, false);
      expect(fabric.send(dma, fn[name])).toMatchObject({ outcome: 'unsupported-request', at: fn[root] });
      expect(read(root, EXPRESS + 0x0a, 2) & bit(3), `${root}: Unsupported Request Detected`).toBe(bit(3));
      expect(read(name, 6, 2) & bit(13), `${name}: Received Master Abort`).toBe(bit(13));
      setCommand(root, BUS_MASTER, true);
      expect(fabric.send(dma, fn[name]).outcome).toBe('delivered');
    }
  },

  1522: () => {
    for (const size of [2, 4, 8]) {
      const { sim, device } = withMemory();
      const data = Uint8Array.from({ length: size }, (_, i) => i + 1);
      sim.cpuWrite(EP_BAR + 0x40, data);
      expect(device.last).toEqual({ bar: 0, offset: 0x40, data });
      expect(device.count).toBe(1);
    }
  },

  1525: () => {
    for (const size of [2, 4, 8]) {
      const { sim, dma } = withMemory();
      const data = Uint8Array.from({ length: size }, (_, i) => 0xf0 + i);
      dma.write(RAM + 8, data);
      expect(sim.cpuRead(RAM + 8, size).bytes).toEqual(data);
      expect(sim.cpuRead(RAM + 8 + size, 1).bytes).toEqual(Uint8Array.of(0));
    }
  },

  1523: () => {
    for (const isMasked of [false, true])
      for (const severity of [0, 0xffffffff])
        for (const [error, isCorrectable, number] of errorsOfTheSuite)
          everyErrorShows(error, isCorrectable, number, isMasked, severity);
  },

  1524: () => {
    for (const [control, severity, reason] of [
      [2, 0, 1],
      [1, 0xffffffff, 2],
    ] as const)
      contains(control, severity, reason, true);
  },

  1527: () => {
    for (const error of ['Completer Abort', 'Unsupported Request Error'] as const) contains(2, 0, 1, false, error);
  },

  1533: () => {
    const { fabric, fn, write, read } = software({ ep: { armed: 'msi' } });
    const control = read('ep', 0x4a, 2);
    write('ep', 0x4a, 2, control | 0x0001);
    const sent = fabric.interrupts.signal(fn.ep, 0);
    expect(sent).toMatchObject({ kind: 'sent', header: { type: 'MWr', requesterId: EP_ID, addressLo: 0xfee00018 } });
    write('ep', 0x4c, 4, 0xfee01000);
    const moved = fabric.interrupts.signal(fn.ep, 0);
    expect(moved).toMatchObject({ kind: 'sent', header: { addressLo: 0xfee01000 } });
  },
};

function bridgeControlWritable(name: Name): number {
  const { read, write } = software();
  const before = read(name, 0x3e, 2);
  write(name, 0x3e, 2, 0xffff);
  return read(name, 0x3e, 2) ^ before;
}

/** Accesses at the window's first and last address pass; those beside it do not, and with the window closed none does. */
function windowTest(base: number, register: 0x20 | 0x24) {
  const system = software(base > 0xffffffff ? { ep2: { bar: base / 0x100000 } } : {});
  const { fabric, fn, write } = system;
  const access = (address: number) =>
    fabric.send(memoryRead(0, Math.floor(address / 2 ** 32), address % 2 ** 32), HOST);
  for (const address of [base, base + 0xffffc])
    expect(access(address), address.toString(16)).toMatchObject({ outcome: 'delivered', at: fn.ep2 });
  expect(access(base - 4).at, 'below').not.toBe(fn.ep2);
  write('1d', register, 4, 0x0000fff0);
  expect(access(base).at, 'closed').not.toBe(fn.ep2);
}

function hardwiredHeader(functions: readonly Name[]) {
  const { read, writable } = software();
  for (const name of functions) {
    // Special Cycle, Memory Write and Invalidate, VGA Palette Snoop, IDSEL Stepping, Fast Back-to-Back.
    const ofCommand = bit(3, 4, 5, 7, 9);
    expect([read(name, 4, 2) & ofCommand, writable(name, 4, 2) & ofCommand], `${name} Command`).toEqual([0, 0]);
    // Capabilities List is 1; 66 MHz, Fast Back-to-Back and DEVSEL are 0.
    expect(read(name, 6, 2) & bit(4, 5, 7, 9, 10), `${name} Status`).toBe(bit(4));
    expect([read(name, 0x0d, 1), writable(name, 0x0d, 1)], `${name} Latency Timer`).toEqual([0, 0]);
    expect(writable(name, 0, 4), `${name} IDs`).toBe(0);
    expect(writable(name, 8, 4), `${name} class`).toBe(0);
  }
}

function deviceCapabilities(functions: readonly Name[]) {
  const { read, writable } = software();
  for (const name of functions) {
    expect(read(name, EXPRESS + 4) & bit(15), name).toBe(bit(15));
    // Function Level Reset is for endpoints alone; slot power is told to upstream ports.
    if (ports.includes(name)) expect(read(name, EXPRESS + 4) & bit(28), name).toBe(0);
    expect(writable(name, EXPRESS + 4, 4), name).toBe(0);
  }
}

function deviceControl(functions: readonly Name[]) {
  const { read, writable } = software();
  for (const name of functions) {
    expect(writable(name, EXPRESS + 8, 2) & 0xf, name).toBe(0xf);
    expect(read(name, EXPRESS + 8, 2) & 0x8000, name).toBe(0);
  }
}

/** 06:00.0 is an ARI Device with functions 0 and 8, and reaches 8 as device 1, function 0 of the traditional form. */
function ariMachine() {
  const fabric = new Fabric([
    port('00:1d.0', 'Root Port', 6, 6),
    device('06:00.0', { multiFunction: true }),
    device('06:01.0'),
  ]);
  const ecam = new EcamWindow(fabric);
  return {
    readFunction8: () => ecam.read(ecamOffset(0x0608, 0), 4),
    setForwarding: (on: boolean) => ecam.write(ecamOffset(0x00e8, EXPRESS + 0x28), 2, on ? 0x20 : 0),
  };
}

/** What the suite's exerciser can be told to find: [error, correctable, bit]. */
const errorsOfTheSuite = [
  ...correctableErrors.map(({ name, bit: at }) => [name, true, at] as const),
  ...uncorrectableErrors.filter(({ bit: at }) => at < 26).map(({ name, bit: at }) => [name, false, at] as const),
];

/** A root port and an endpoint below it that report all, with an interrupt for each kind; the root port has DPC. */
function reporting(dpc: Readonly<Record<string, number>> = { 'DPC Capability': 0x0020 }) {
  const system = software({
    '1d': { command: 0x0107, bridgeControl: 0x0002, rootErrorCommand: 7, armed: 'msi', dpc },
    ep2: { command: 0x0107 },
  });
  for (const name of ['1d', 'ep2'] as const)
    system.write(name, EXPRESS + 8, 2, system.read(name, EXPRESS + 8, 2) | 0xf);
  return system;
}

function everyErrorShows(error: ErrorName, isCorrectable: boolean, at: number, isMasked: boolean, severity: number) {
  const { fabric, fn, read, write, writable } = reporting();
  const [status, mask] = isCorrectable ? [AER + 0x10, AER + 0x14] : [AER + 4, AER + 8];
  // An endpoint that has no such error has no bit for it.
  if ((writable('ep2', mask, 4) & bit(at)) === 0) return;
  const what = `${error}${isMasked ? ', masked' : ''}, severity ${severity === 0 ? 'non-fatal' : 'fatal'}`;
  write('ep2', AER + 8, 4, isMasked ? 0xffffffff : 0);
  write('ep2', AER + 0x14, 4, isMasked ? 0xffffffff : 0);
  write('ep2', AER + 0x0c, 4, severity);
  const isFatal = (read('ep2', AER + 0x0c) & bit(at)) !== 0;
  // Of a completion that nobody waits for, a non-fatal error is told as a correctable one. PCIe 5.0 §6.2.3.2.4.5.
  const isAdvisory = error === 'Unexpected Completion' && !isFatal;
  const message = fabric.injectError(fn.ep2, { error }).errorMessage;

  // Where that is masked, the error itself leaves no mark. PCIe 5.0 figure 6-3.
  if (isAdvisory && isMasked) expect(read('ep2', AER + 0x10) & bit(13), what).toBe(bit(13));
  else expect(read('ep2', status) & bit(at), `${what}: status`).toBe(bit(at));
  const detected = isCorrectable || isAdvisory ? bit(0) : isFatal ? bit(2) : bit(1);
  expect(read('ep2', EXPRESS + 0x0a, 2) & detected, `${what}: Device Status`).toBe(detected);
  const received = isCorrectable || isAdvisory ? bit(0) : bit(2);
  const rootStatus = read('1d', AER + 0x30);
  expect(rootStatus & received, `${what}: Root Error Status`).toBe(isMasked ? 0 : received);
  if (isMasked) {
    expect(rootStatus & 0x7f, `${what}: nothing is received`).toBe(0);
    return;
  }
  const source = read('1d', AER + 0x34);
  expect(received === bit(0) ? source & 0xffff : source >>> 16, `${what}: source`).toBe(EP2_ID);
  expect(rootStatus & bit(6), `${what}: Fatal Error Messages Received`).toBe(isFatal && !isCorrectable ? bit(6) : 0);
  expect(message?.interrupt, `${what}: interrupt`).toBe('MSI');
  write('1d', AER + 0x30, 4, 0x7f);
  expect(read('1d', AER + 0x30) & 0x7f, `${what}: cleared`).toBe(0);
}

/** @param rootPortIo whether the root port has RP Extensions for DPC */
function contains(
  trigger: number,
  severity: number,
  reason: number,
  rootPortIo: boolean,
  error: ErrorName = 'Completion Timeout',
) {
  const { fabric, fn, read, write } = reporting({ 'DPC Capability': rootPortIo ? 0x1420 : 0x0000 });
  expect(read('1d', DPC + 4, 2) & 0x20).toBe(rootPortIo ? 0x20 : 0);
  write('1d', DPC + 6, 2, trigger | 0x08);
  write('ep2', AER + 8, 4, 0);
  write('ep2', AER + 0x0c, 4, severity);
  const { containment } = fabric.injectError(fn.ep2, { error });
  expect(read('ep2', 0), 'contained').toBe(0xffffffff);
  const status = read('1d', DPC + 8);
  expect([status & 1, (status >> 1) & 3, status >>> 16], 'Trigger Status, Reason, Source').toEqual([1, reason, EP2_ID]);
  expect(containment?.interrupt).toBe('MSI');
  expect(status & 8, 'DPC Interrupt Status').toBe(8);
  write('1d', DPC + 8, 2, 0x0009);
  expect(read('1d', DPC + 8, 2) & 9, 'released').toBe(0);
  write('1d', 0x3e, 2, read('1d', 0x3e, 2) | 0x40);
  write('1d', 0x3e, 2, read('1d', 0x3e, 2) & ~0x40);
  expect(read('ep2', 0), 'back').toBe(0x10d38086);
}

function withMemory(options: Options = {}, name: Name = 'ep') {
  const { fabric, fn } = software(options);
  const sim = new Simulator(fabric);
  const space = new Map<number, number>();
  const device: { last?: { bar: number; offset: number; data: Uint8Array }; count: number } = { count: 0 };
  sim.attach(fn[name], {
    read: (_bar, offset, into) => {
      for (let i = 0; i < into.length; i++) into[i] = space.get(offset + i) ?? 0;
    },
    write: (bar, offset, data) => {
      device.last = { bar, offset, data: data.slice() };
      device.count++;
      data.forEach((byte, i) => {
        space.set(offset + i, byte);
      });
    },
  });
  return { sim, device, dma: sim.port(fn[name]) };
}

function memoryAccess(base: number, options: Options = {}, name: Name = 'ep') {
  const { sim } = withMemory(options, name);
  for (const offset of [0, 0x1000, 0xffff8]) {
    const data = Uint8Array.from({ length: 8 }, (_, i) => (offset >> 4) + i);
    expect(sim.cpuWrite(base + offset, data).outcome).toBe('delivered');
    expect(sim.cpuRead(base + offset, 8).bytes).toEqual(data);
  }
}

describe.each(suiteTests.filter(({ leftOut }) => leftOut === undefined))('$number ($rule)', ({ number, requires }) => {
  it(requires, () => implementations[number]!());
});

it('every test that applies is here, and no other; every other says why', () => {
  const applying = suiteTests.filter(({ leftOut }) => leftOut === undefined).map(({ number }) => number);
  expect(
    Object.keys(implementations)
      .map(Number)
      .sort((a, b) => a - b),
  ).toEqual(applying);
  expect(new Set(suiteTests.map(({ number }) => number)).size).toBe(suiteTests.length);
});
