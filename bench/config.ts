/** Configuration reads and writes, straight into the arena, and one as a TLP. */

import { AER, chain, ENDPOINT_BAR, PCI_EXPRESS } from '../src/lab/bench/machines.ts';
import * as C from '../src/spec/constants.ts';
import { type Case, sink } from './measure.ts';

const OPERATIONS = 1000;

export function configCases(): Case[] {
  const { fabric, endpoint, endpointId, rootPort } = chain(1);
  const { arena } = fabric;
  const times = (name: string, body: (i: number) => void): Case => ({
    name,
    operations: OPERATIONS,
    run: () => {
      for (let i = 0; i < OPERATIONS; i++) body(i);
    },
  });
  const deviceStatus = PCI_EXPRESS + C.DEVICE_STATUS;
  const uncorrectableMask = AER + C.UNCORRECTABLE_ERROR_MASK;
  return [
    times('read, 2 bytes', (i) => {
      sink.value += arena.read(endpoint, i & 0xfc, 2);
    }),
    times('read, 4 bytes', (i) => {
      sink.value += arena.read(endpoint, i & 0xfc, 4);
    }),
    times('write, plain RW register, 4 bytes', (i) => arena.write(endpoint, uncorrectableMask, 4, (i & 1) << 20)),
    times('write, Command of an endpoint', (i) => arena.write(endpoint, C.COMMAND, 2, 0x0102 | ((i & 1) << 2))),
    times('write, Command of a root port', (i) => arena.write(rootPort, C.COMMAND, 2, 0x0102 | ((i & 1) << 2))),
    times('write, BAR', (i) => arena.write(endpoint, ENDPOINT_BAR, 4, (i & 1) === 0 ? 0xffffffff : 0x90000000)),
    times('write, RW1C register, and the status bit back', () => {
      arena.setBits(endpoint, deviceStatus, 2, C.DEVICE_STATUS_UNSUPPORTED_REQUEST_DETECTED);
      arena.write(endpoint, deviceStatus, 2, C.DEVICE_STATUS_UNSUPPORTED_REQUEST_DETECTED);
    }),
    times('write, Command of an endpoint, as a CfgWr through the fabric', (i) =>
      fabric.configWrite(0, endpointId, C.COMMAND, 2, 0x0102 | ((i & 1) << 2)),
    ),
  ];
}
