/** A whole shutdown: the case's machine after a crash, without any remedy, from a checkpoint and back to it. */
import { assemble, machineOfPlatform } from '../src/lab/machine.ts';
import { runShutdown } from '../src/lab/shutdown-run.ts';
import { defaultSpec, optionsOf } from '../src/lab/shutdown-spec.ts';
import { hpeGen9 } from '../src/platforms/hpe-gen9.ts';
import { type Case, sink } from './measure.ts';

export function shutdownCases(): Case[] {
  const machine = machineOfPlatform(hpeGen9);
  const { fabric } = assemble(machine);
  const options = optionsOf({ ...defaultSpec(machine), path: 'crash' }, machine, fabric);
  const start = fabric.checkpoint();
  return [
    {
      name: 'hpe-gen9, crash, baseline, with restore',
      operations: 1,
      run: () => {
        fabric.restore(start);
        sink.value += runShutdown(fabric, options).unsupportedRequests.length;
      },
    },
    {
      name: 'checkpoint and restore alone',
      operations: 1,
      run: () => fabric.restore(fabric.checkpoint()),
    },
    {
      name: 'the machine built from its description',
      operations: 1,
      run: () => {
        sink.value += assemble(machineOfPlatform(hpeGen9)).fabric.arena.count;
      },
    },
  ];
}
