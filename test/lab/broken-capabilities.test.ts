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
import { device, EXPRESS as PORT_EXPRESS, port } from '../generators/functions.ts';
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

/** The header of `whole`, and capabilities that are drawn. */
const broken = (whole: FunctionImage) =>
  fc
    .record({
      size: fc.constantFrom(256, 4096),
      fill: fc.oneof(fc.constant(0), fc.constant(0xff), fc.integer()),
      standard: fc.array(standard, { minLength: 1, maxLength: 2 }),
      extended: fc.array(extended, { minLength: 1, maxLength: 3 }),
    })
    .map((drawn): FunctionImage => {
      const bytes = new Uint8Array(drawn.size);
      for (let i = 0x40; i < drawn.size; i++)
        bytes[i] = drawn.fill === 0 || drawn.fill === 0xff ? drawn.fill : Math.imul(drawn.fill + i, 2654435761) >>> 24;
      bytes.set(whole.bytes.subarray(0, 0x40));
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
      return { ...whole, bytes };
    });

const wholePort = port('00:1c.0', 'Root Port', 1, 1, { memory: [0xf00, 0xf00], bridgeControl: 2 });
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
  // Everything above the header; then a link that trains again, and functions that say that they are not ready.
  for (const routingId of [0x100, 0xe0])
    for (const value of [0xffffffff, 0])
      for (let offset = 0x40; offset < 0x1000; offset += 4) fabric.configWrite(0, routingId, offset, 4, value);
  for (const fn of [portFn, endpointFn])
    for (const kind of ['flr', 'hot', 'fundamental'] as const satisfies readonly ResetKind[]) {
      arena.reset(fn, kind);
      results.push(fabric.configRead(0, 0x100, 0, 4));
    }
  sendAll();
  // As text: thousands of elements take long to compare.
  for (const fn of [portFn, endpointFn]) results.push(Buffer.from(arena.space(fn)).toString('hex'));
  return results;
}

it.each([
  ['root port', broken(wholePort), [endpoint]],
  ['endpoint', broken(endpoint), [wholePort]],
] as const)(
  'is the same for a %s at the end of the arena and for one with another function behind it',
  (_, any, others) => {
    fc.assert(
      fc.property(any, (one) => {
        const last = everything([absent, ...others, one]);
        expect(everything([...others, one, absent])).toEqual(last);
        decodeFunction(one.bytes);
        const { functions } = readLspci(printLspci([one]));
        expect(imagesOf({ functions, warnings: [], hasDrivers: false })[0]!.bytes).toEqual(one.bytes);
      }),
      runs(40),
    );
  },
);

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

it('trains no link whose other end has no link registers', () => {
  // An integrated endpoint of version 1, 0Ch bytes long, where none belongs; the last bytes of the space would be its link's speed.
  const bytes = endpoint.bytes.slice(0, 256);
  bytes[0x34] = 0xf0;
  bytes.set([EXPRESS, 0, 0x91, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0], 0xf0);
  const fabric = new Fabric([wholePort, { ...endpoint, bytes }]);
  const { arena } = fabric;
  arena.setBits(0, PORT_EXPRESS + 0x0c, 4, 3);
  fabric.configWrite(0, 0xe0, PORT_EXPRESS + 0x30, 2, 3);
  const before = [...arena.space(1)];
  fabric.configWrite(0, 0xe0, PORT_EXPRESS + 0x10, 2, 0x20);
  expect([...arena.space(1)]).toEqual(before);
});

it('shows no function as not ready by a root port whose Root Control runs past the end', () => {
  const bytes = wholePort.bytes.slice(0, 256);
  // Where CRS Software Visibility Enable would be, if the capability stood at 0.
  bytes[0x1c] = 0x10;
  bytes[0x34] = 0xf0;
  bytes.set([EXPRESS, 0, 0x42, 0], 0xf0);
  const fabric = new Fabric([{ ...wholePort, bytes }, endpoint]);
  fabric.readiness.setRequestsUntilReady(1, 1);
  fabric.arena.reset(1, 'flr');
  expect(fabric.configRead(0, 0x100, 0, 4)).toBe(0x10d38086);
});

it('takes no ARI Forwarding of version 1 from the bytes of the function behind it', () => {
  const bytes = wholePort.bytes.slice(0, 256);
  // 24h bytes, to the very end; Device Control 2 of version 2 would be at 04h of the next function, which is its Command register.
  bytes[0x34] = 0xdc;
  bytes.set([EXPRESS, 0, 0x41, 0], 0xdc);
  const next = device('00:1d.0', { command: 0x0020 }, 'Root Complex Integrated Endpoint');
  const fabric = new Fabric([{ ...wholePort, bytes }, next, endpoint, device('01:01.0')]);
  const header = tlpHeader('CfgRd1', { destinationId: 0x108, lengthDw: 1, firstBe: 15 });
  expect(fabric.send(header, HOST)).toMatchObject({ outcome: 'unsupported-request', at: 0 });
  expect(fabric.arena.layout[0]!.pciExpress).toBe(0xdc);
});
