/** Every function tries after every write: whom the run leaves out, because nothing could change, leaves no trace in any register. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Fabric } from '../../src/fabric/fabric.ts';
import { runShutdown } from '../../src/lab/shutdown-run.ts';
import { parseKernelVersion } from '../../src/linux/kernel-version.ts';
import { hpeGen9 } from '../../src/platforms/hpe-gen9.ts';
import { runs } from '../generators/runs.ts';
import { plant, taughtDrivers } from '../generators/trees.ts';
import { anyCase, type Case } from './shutdowns.ts';

/** At this rate a function has always a write to make between two others. */
const ALWAYS = Number.POSITIVE_INFINITY;

function bytesAfter(one: Case, everyFunction: boolean): Uint8Array {
  const { functions, bindings } = plant(one.devices);
  const fabric = new Fabric(functions);
  const every = Array.from({ length: fabric.arena.count }, (_, fn) => fn);
  runShutdown(fabric, {
    kernel: parseKernelVersion(one.kernel),
    path: one.path,
    bindings: { osc: { os_controls: ['PME', 'AER', 'PCIeCapability'] }, first_kernel: bindings },
    ...(one.kdump === undefined ? {} : { secondKernelDrivers: new Set(one.kdump) }),
    taughtDrivers,
    ...(everyFunction ? { rates: new Map(every.map((fn) => [fn, ALWAYS])) } : {}),
  });
  return fabric.arena.bytes;
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

it('on any machine', () => {
  fc.assert(
    fc.property(anyCase, (one) => {
      // As text: comparing typed arrays element by element takes seconds.
      expect(hex(bytesAfter(one, false)) === hex(bytesAfter(one, true))).toBe(true);
    }),
    runs(150),
  );
});

it('so that a function alone below a port that closes sets MULTIPLE in Root Error Status', () => {
  const fabric = new Fabric(hpeGen9.functions());
  const { arena } = fabric;
  const port = arena.find(0, 0x0012);
  const multiple: boolean[] = [];
  const received: boolean[] = [];
  runShutdown(fabric, {
    kernel: parseKernelVersion('6.1'),
    path: 'crash',
    // Firmware owns AER: its enables stay as they are.
    bindings: { osc: { os_controls: ['PME', 'PCIeCapability'] } },
    drivers: (dev) => (dev.isForPortDriver ? 'pcieport' : null),
    dma: new Set([arena.find(0, 0x0700)]),
    onWrite: () => {
      const status = arena.u32(port, arena.layout[port]!.aer + 0x30);
      received.push((status & 0x04) !== 0);
      multiple.push((status & 0x08) !== 0);
    },
  });
  expect(received.indexOf(true)).toBeGreaterThan(0);
  // The first refusal shows at the write after it, the second at the next but one.
  expect(multiple.indexOf(true)).toBe(received.indexOf(true) + 1);
});
