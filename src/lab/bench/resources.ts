/** What it takes beside time: heap, memory, and the start of the command. */
import { spawnSync } from 'node:child_process';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Fabric } from '../../fabric/fabric.ts';
import { FastRouter } from '../../fabric/fast-router/fast-router.ts';
import type { Bench, Figures } from './figures.ts';
import { standardMachine, wideMachine } from './machines.ts';
import { median } from './measure.ts';
import { loaded } from './throughput.ts';

const MOST_FUNCTIONS = 65_536;

/** Bytes that the heap has grown by while so many TLPs were routed. After a garbage collection the figure says nothing: then again. */
export function heapGrowth({ isQuick }: Bench): Figures {
  const slots = 2 ** 16;
  const router = loaded(standardMachine(), 'std', slots);
  const runs = Math.ceil((isQuick ? 1e7 : 1e8) / slots);
  // Long enough for the last of the code to be compiled.
  for (let i = 0; i < 300; i++) router.route(0, slots);
  let growth = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 3; attempt++) {
    collectGarbage();
    process.memoryUsage();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < runs; i++) router.route(0, slots);
    const grown = process.memoryUsage().heapUsed - before;
    if (grown >= 0) growth = Math.min(growth, grown);
  }
  router.close();
  return { heap: Number.isFinite(growth) ? growth : null };
}

/** All that the machine and its router keep, against the config bytes and the masks of its layouts. */
export function memoryShare(): Figures {
  const before = kept();
  const fabric = wideMachine(MOST_FUNCTIONS);
  const router = new FastRouter(fabric, { accelerator: 'typescript' });
  router.route(0, 1);
  const grown = kept() - before;
  const share = grown / (fabric.arena.bytes.byteLength + maskBytes(fabric));
  router.close();
  return { memory: share };
}

function maskBytes({ arena }: Fabric): number {
  let bytes = 0;
  for (const { rw, rw1c, sticky, keptByFlr, reset } of new Set(arena.layout))
    for (const mask of [rw, rw1c, sticky, keptByFlr, reset]) bytes += mask.byteLength;
  return bytes;
}

function kept(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

let collect: (() => void) | undefined;

function collectGarbage(): void {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
  collect();
}

/** `rootport --version` against `node -e 0`, time that passes. */
export function startup({ command, isQuick }: Bench): Figures {
  if (command === undefined) return { startup: null };
  const times = { rootport: [] as number[], node: [] as number[] };
  const run = (args: readonly string[], to: number[]) => {
    const start = performance.now();
    const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' });
    if (status !== 0) throw new Error(`node ${args.join(' ')}: expected exit code 0, got ${status}`);
    to.push(performance.now() - start);
  };
  for (let i = 0; i < (isQuick ? 15 : 41); i++) {
    run([command, '--version'], times.rootport);
    run(['-e', '0'], times.node);
  }
  return { startup: median(times.rootport) / median(times.node) };
}
