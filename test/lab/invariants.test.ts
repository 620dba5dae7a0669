/** Executable invariants of the whole: who reaches the root, who reports, and what a shutdown may never do. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fabric } from '../../src/fabric/fabric.ts';
import { ancestors, hasConventionalSecondary, NONE, subtree } from '../../src/fabric/topology.ts';
import { pciDisableDevice, pciEnableDevice } from '../../src/linux/pci-command.ts';
import { PciDev } from '../../src/linux/pci-dev.ts';
import { policyNamed } from '../../src/linux/policies/index.ts';
import { memoryRead, memoryWrite } from '../../src/tlp/header.ts';
import { EXPRESS } from '../generators/functions.ts';
import { runs } from '../generators/runs.ts';
import { plant, rootDevices } from '../generators/trees.ts';
import { anyCase, shutDown } from './shutdowns.ts';

const RAM = 0x100000;
const BME = 4;

describe('a request', () => {
  it('reaches the root if and only if its sender and every port above have Bus Master Enable; the lowest that has not reports, alone', () => {
    fc.assert(
      fc.property(rootDevices, fc.boolean(), fc.infiniteStream(fc.boolean()), (devices, write, bits) => {
        const fabric = new Fabric(plant(devices).functions);
        const { arena, topology } = fabric;
        const next = () => bits.next().value === true;
        for (let fn = 0; fn < arena.count; fn++) arena.poke(fn, 4, 2, next() || next() ? 0x0007 : 0x0003);
        for (let fn = 0; fn < arena.count; fn++) {
          if (fabric.router.powerState(fn) !== 0) continue;
          const before = fabric.checkpoint();
          const { outcome, at, report, completion } = fabric.send(
            write ? memoryWrite(0, 0, RAM) : memoryRead(0, 0, RAM),
            fn,
          );
          const up = ancestors(topology, fn);
          const closed = up.find((port) => (arena.command(port) & BME) === 0);
          const conventional = closed !== undefined && hasConventionalSecondary(arena, closed);
          if ((arena.command(fn) & BME) === 0) expect([outcome, at]).toEqual(['not-sent', fn]);
          else if (closed === undefined) expect([outcome, at]).toEqual(['delivered', NONE]);
          else expect([outcome, at]).toEqual([conventional ? 'master-abort' : 'unsupported-request', closed]);
          const reporters = Array.from({ length: arena.count }, (_, one) => one).filter(
            (one) => arena.layout[one]!.pciExpress === EXPRESS && (arena.u16(one, EXPRESS + 0x0a) & 0x8) !== 0,
          );
          expect(reporters).toEqual(outcome === 'unsupported-request' ? [closed] : []);
          expect(report?.reporter).toBe(outcome === 'unsupported-request' ? closed : undefined);
          if (write) expect(completion).toBeUndefined();
          else if (outcome === 'unsupported-request') expect(completion).toMatchObject({ status: 1 });
          fabric.restore(before);
        }
      }),
      runs(150),
    );
  });
});

describe('device_shutdown', () => {
  it('visits each function once, and every function before the bridges above it where the list is in registration order', () => {
    fc.assert(
      fc.property(anyCase, (one) => {
        const { fabric, result } = shutDown({ ...one, shuffled: false }, policyNamed('baseline'));
        const { arena, topology } = fabric;
        const phase = one.path === 'crash' ? 'second_kernel_shutdown' : 'shutdown';
        const calls = result.phases[phase]!.shutdownCalls.map((dev) => arena.find(dev.segment, dev.routingId));
        expect([...calls].sort((a, b) => a - b)).toEqual(Array.from({ length: arena.count }, (_, fn) => fn));
        if (['4.3', '4.17'].includes(one.kernel)) return;
        const place = new Map(calls.map((fn, i) => [fn, i]));
        for (const fn of calls)
          for (const up of ancestors(topology, fn)) expect(place.get(fn)!).toBeLessThan(place.get(up)!);
      }),
      runs(150),
    );
  });

  it('under rfc-kdump-bme, with power states known: a port that is closed has nothing open below, after every write', () => {
    let checked = 0;
    fc.assert(
      fc.property(anyCase, (one) => {
        const startedOpen = { value: true };
        const closedAboveOpen = ({ arena, topology }: Fabric) =>
          Array.from({ length: arena.count }, (_, fn) => fn).filter(
            (port) =>
              (arena.command(port) & BME) === 0 &&
              subtree(topology, port).some((fn) => (arena.command(fn) & BME) !== 0),
          ).length;
        let atStart: number | undefined;
        const allKnown = (devices: typeof one.devices): typeof one.devices =>
          JSON.parse(JSON.stringify(devices), (key, value) =>
            key === 'pm' ? true : key === 'driver' && value !== 'pcieport' ? null : key === 'asleep' ? false : value,
          ) as typeof one.devices;
        shutDown(
          { ...one, devices: allKnown(one.devices), path: 'crash', kernel: '6.1', kdump: [] },
          policyNamed('rfc-kdump-bme'),
          (fabric) => {
            const now = closedAboveOpen(fabric);
            atStart ??= now;
            if (atStart > 0) startedOpen.value = false;
            else {
              checked++;
              expect(now).toBe(0);
            }
          },
        );
      }),
      runs(100),
    );
    expect(checked).toBeGreaterThan(20);
  });
});

describe('the enable count', () => {
  it('is never negative, and Bus Master Enable falls only when it goes from 1 to 0', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3 }), fc.array(fc.boolean(), { maxLength: 20 }), (start, steps) => {
        const space = new DataView(new ArrayBuffer(256));
        space.setUint16(4, 0x0007, true);
        const dev = new PciDev({ segment: 0, routingId: 0 }, '00:00.0', {
          read: (offset, size) =>
            size === 4
              ? space.getUint32(offset, true)
              : size === 2
                ? space.getUint16(offset, true)
                : space.getUint8(offset),
          write: (offset, _, value) => space.setUint16(offset, value, true),
        });
        dev.enableCnt = start;
        let count = start;
        for (const enable of steps) {
          space.setUint16(4, space.getUint16(4, true) | BME, true);
          if (enable) pciEnableDevice(dev);
          else pciDisableDevice(dev);
          const falls = !enable && count === 1;
          count = enable ? count + 1 : Math.max(0, count - 1);
          expect(dev.enableCnt).toBe(count);
          expect((space.getUint16(4, true) & BME) === 0).toBe(falls);
        }
      }),
      runs(200),
    );
  });
});
