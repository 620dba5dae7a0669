/** Capabilities anywhere, of any version: nothing throws, and no function's registers are taken from another's bytes. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { FunctionImage } from '../../src/config/function-image.ts';
import { registerNameAt } from '../../src/config/register-name.ts';
import type { ResetKind } from '../../src/config/reset.ts';
import { HOST } from '../../src/fabric/exact-router.ts';
import { Fabric } from '../../src/fabric/fabric.ts';
import type { Hop } from '../../src/fabric/hop.ts';
import { decodeFunction } from '../../src/formats/decode.ts';
import { printLspci } from '../../src/formats/lspci-dump.ts';
import { imagesOf, readLspci } from '../../src/formats/lspci-text.ts';
import { assemble, machineOfDump } from '../../src/lab/machine.ts';
import { shutdownJson } from '../../src/lab/shutdown-json.ts';
import { runShutdown } from '../../src/lab/shutdown-run.ts';
import { parseKernelVersion } from '../../src/linux/kernel-version.ts';
import { shutdownPaths } from '../../src/linux/policies/index.ts';
import { tlpHeader } from '../../src/tlp/header.ts';
import { device, port } from '../generators/functions.ts';
import { runs } from '../generators/runs.ts';

const POWER_MANAGEMENT = 0x01;
const EXPRESS = 0x10;

/** Towards the end, where it matters. */
const offsets = (from: number, to: number) =>
  fc
    .oneof(fc.integer({ min: to / 4 - 15, max: to / 4 - 1 }), fc.integer({ min: from / 4, max: to / 4 - 1 }))
    .map((dword) => dword * 4);
const standard = fc.record({
  at: offsets(0x40, 0x100),
  id: fc.constantFrom(EXPRESS, EXPRESS, POWER_MANAGEMENT, 0x03, 0x05, 0x11, 0x13, 0x14),
  version: fc.integer({ min: 0, max: 3 }),
  type: fc.oneof(fc.constant(4), fc.constantFrom(0, 5, 6, 7, 8, 10)),
  slot: fc.integer({ min: 0, max: 255 }),
});
const extended = fc.record({
  at: offsets(0x100, 0x1000),
  id: fc.oneof(fc.constant(0x01), fc.constantFrom(0x1d, 0x10, 0x15, 0x2e, 0x0d, 0x02, 0x23)),
});

const anyPort = fc
  .record({
    size: fc.constantFrom(256, 4096),
    fill: fc.oneof(fc.constant(0), fc.constant(0xff), fc.integer()),
    standard: fc.array(standard, { minLength: 1, maxLength: 2 }),
    extended: fc.array(extended, { minLength: 1, maxLength: 3 }),
  })
  .map((drawn): FunctionImage => {
    const { routingId, bytes: whole } = port('00:1c.0', 'Root Port', 1, 1, {
      memory: [0xf00, 0xf00],
      bridgeControl: 2,
    });
    const bytes = new Uint8Array(drawn.size);
    for (let i = 0x40; i < drawn.size; i++)
      bytes[i] = drawn.fill === 0 || drawn.fill === 0xff ? drawn.fill : Math.imul(drawn.fill + i, 2654435761) >>> 24;
    bytes.set(whole.subarray(0, 0x40));
    bytes[0x06]! |= 0x10;
    let link = 0x34;
    for (const { at, id, version, type, slot } of drawn.standard) {
      bytes[link] = at;
      bytes[at] = id;
      bytes[at + 1] = 0;
      if (id === EXPRESS) {
        bytes[at + 2] = version | (type << 4);
        bytes[at + 3] = slot;
      }
      // In D0, so that requests get as far as they can.
      if (id === POWER_MANAGEMENT && at + 4 < 0x100) bytes[at + 4]! &= ~3;
      link = at + 1;
    }
    const view = new DataView(bytes.buffer);
    if (drawn.size === 4096)
      [{ at: 0x100, id: 0x0b }, ...drawn.extended].forEach(({ at, id }, i) => {
        view.setUint32(at, id | 0x10000 | ((drawn.extended[i]?.at ?? 0) << 20), true);
      });
    return { segment: 0, routingId, bytes };
  });

const endpoint = device('01:00.0', { command: 0x0107, armed: 'msi' });
/** A function that does not answer: it changes nothing by being there. */
const absent: FunctionImage = { segment: 0, routingId: 0xff, bytes: new Uint8Array(4096).fill(0xff) };

/** All that can be done with a machine, by name. */
function everything(functions: readonly FunctionImage[]): unknown {
  const fabric = new Fabric(functions);
  const { arena } = fabric;
  const start = fabric.checkpoint();
  const [portFn, endpointFn] = [arena.find(0, 0xe0), arena.find(0, 0x100)];
  const results: unknown[] = [];
  const sendAll = () => {
    for (const type of ['MWr', 'MRd', 'IOWr', 'CfgRd1', 'CfgWr1', 'Cpl', 'Msg'] as const)
      for (const [from, addressLo] of [
        [HOST, 0xf0000000],
        [portFn, 0x200000],
        [endpointFn, 0x200000],
      ] as const) {
        const trace: Hop[] = [];
        const fields = { addressLo, lengthDw: 1, requesterId: 0x100, destinationId: 0x108, firstBe: 15 };
        const { outcome, report, errorMessage } = fabric.send(tlpHeader(type, fields), from, { trace });
        results.push(
          outcome,
          report?.why,
          errorMessage?.interrupt,
          errorMessage?.systemError,
          trace.map(({ rule }) => rule),
        );
      }
  };
  for (const path of shutdownPaths)
    for (const kernel of ['4.17', '6.1', '6.12', '7.3']) {
      fabric.restore(start);
      const result = runShutdown(fabric, {
        kernel: parseKernelVersion(kernel),
        path,
        drivers: (dev) => (dev.isForPortDriver ? 'pcieport' : null),
      });
      for (const { dev, offset } of Object.values(result.phases).flatMap((phase) => phase?.writes ?? []))
        registerNameAt(arena, arena.find(dev.segment, dev.routingId), offset);
      results.push(shutdownJson(arena, result));
    }
  fabric.restore(start);
  for (const command of [0x0103, 0x0107]) {
    arena.poke(portFn, 4, 2, command);
    sendAll();
  }
  for (const value of [0xffffffff, 0])
    for (let offset = 0; offset < 0x1000; offset += 4) fabric.configWrite(0, 0xe0, offset, 4, value);
  for (const kind of ['flr', 'hot', 'fundamental'] as const satisfies readonly ResetKind[]) arena.reset(portFn, kind);
  sendAll();
  results.push([...arena.space(portFn)]);
  return results;
}

it('is the same for a port at the end of the arena and for one with another function behind it', () => {
  fc.assert(
    fc.property(anyPort, (broken) => {
      const last = everything([absent, endpoint, broken]);
      expect(everything([endpoint, broken, absent])).toEqual(last);
      decodeFunction(broken.bytes);
      const { functions } = readLspci(printLspci([broken]));
      expect(imagesOf({ functions, warnings: [], hasDrivers: false })[0]!.bytes).toEqual(broken.bytes);
    }),
    runs(60),
  );
});

it('raises no System Error at a root port whose Root Control runs past the end, and says why', () => {
  const whole = port('00:1c.0', 'Root Port', 1, 1, { memory: [0xf00, 0xf00], bridgeControl: 2, command: 0x0107 });
  const bytes = whole.bytes.slice(0, 256);
  // 16-bit I/O decode: where Root Control would be, if the capability stood at 0.
  bytes[0x1c] = 0xf7;
  bytes[0x34] = 0xf0;
  bytes.set([EXPRESS, 0, 0x42, 0], 0xf0);
  const fabric = new Fabric([{ ...whole, bytes }, endpoint]);
  const { errorMessage } = fabric.send(tlpHeader('MWr', { addressLo: 0xf0000000, lengthDw: 1, firstBe: 15 }), HOST);
  expect(errorMessage).toMatchObject({ message: 'ERR_NONFATAL', rootPort: 0, systemError: false });
  expect(assemble(machineOfDump(readLspci(printLspci([{ ...whole, bytes }])), 'a dump')).problems).toEqual([
    'a dump: 00:1c.0: at 0xf0: PCI Express runs beyond its space, which ends at FFh',
  ]);
});
