/**
 * A whole shutdown: the case's machine after a crash, without any remedy, from a checkpoint and back to it. And orders of its
 * functions, drawn and judged: under a remedy that most orders break, and under one that none does, where each order is walked to its
 * end.
 */
import { Fuzzer, MAX_RUNS } from '../src/lab/fuzz.ts';
import { assemble, machineOfPlatform } from '../src/lab/machine.ts';
import { runShutdown } from '../src/lab/shutdown-run.ts';
import { defaultSpec, optionsOf } from '../src/lab/shutdown-spec.ts';
import { hpeGen9 } from '../src/platforms/hpe-gen9.ts';
import { type Case, sink } from './measure.ts';

const ORDERS = 1000;

/** Draws random orders of hpe-gen9 under a policy, `ORDERS` a call, and judges each. */
export function orders(policy: string): Case {
  const machine = machineOfPlatform(hpeGen9);
  const shutdown = { ...defaultSpec(machine), policies: [policy] };
  const fuzzer = new Fuzzer({ machine, shutdown, runs: MAX_RUNS, seed: 1, shard: { index: 1, of: 1 } });
  let run = 0;
  return {
    name: `a random order of hpe-gen9, ${policy}`,
    operations: ORDERS,
    run: () => {
      for (const last = run + ORDERS; run < last; run++) sink.value += fuzzer.fails(run % MAX_RUNS) ? 1 : 0;
    },
  };
}

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
    orders('rfc-kdump-bme'),
    orders('bme-leaf-only'),
  ];
}
