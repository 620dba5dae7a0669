import { SingleBar } from 'cli-progress';
import { InputError } from '../../formats/input-error.ts';
import { runCampaign } from '../../lab/campaign.ts';
import { type FuzzResult, type FuzzSpec, MAX_RUNS } from '../../lab/fuzz.ts';
import { assemble } from '../../lab/machine.ts';
import { DONE, FOUND } from '../exit.ts';
import { DEFAULT_PLATFORM } from '../load-dump.ts';
import { loadMachine } from '../load-machine.ts';
import { print, printJson, printNotes } from '../output.ts';
import { orderNames, renderOrder } from '../render/order.ts';
import { machineNotes, orderKind, type ShutdownFlags, specFromFlags, wholeNumber } from '../shutdown-flags.ts';

interface FuzzFlags extends ShutdownFlags {
  readonly runs: string;
  readonly shard: string;
  readonly orders: string;
  readonly jobs: string;
  readonly resume?: string;
  readonly json?: boolean;
}

const MAX_JOBS = 1024;

/** @param version of rootport, for the results file */
export async function fuzzCommand(name: string = DEFAULT_PLATFORM, flags: FuzzFlags, version: string): Promise<number> {
  const machine = await loadMachine(name);
  const spec: FuzzSpec = {
    machine,
    shutdown: await specFromFlags(flags, machine),
    runs: wholeNumber('--runs', flags.runs, 1, MAX_RUNS),
    seed: wholeNumber('--seed', flags.seed, 0, 0xffffffff),
    shard: shard(flags.shard),
    orders: orderKind(flags.orders),
  };
  const jobs = wholeNumber('--jobs', flags.jobs, 1, MAX_JOBS);
  printNotes([...machineNotes(machine, spec.shutdown), ...assemble(machine).problems]);
  const bar = process.stderr.isTTY
    ? new SingleBar({ stream: process.stderr, format: '{bar} {value}/{total} orders, {eta} s left' })
    : undefined;
  bar?.start(spec.runs, 0);
  let result: FuzzResult;
  try {
    result = await runCampaign(spec, {
      jobs,
      resume: flags.resume === undefined ? undefined : { path: flags.resume, version },
      onProgress: (done, total) => bar?.update(Math.round((done / total) * spec.runs)),
    });
  } finally {
    bar?.stop();
  }
  if (flags.json) printJson({ ...result, seed: spec.seed });
  else print(render(spec, result));
  return result.failures > 0 ? FOUND : DONE;
}

function shard(text: string): FuzzSpec['shard'] {
  const match = /^(\d+)\/(\d+)$/.exec(text);
  const [index, of] = match === null ? [0, 0] : [Number(match[1]), Number(match[2])];
  if (of < 1 || index < 1 || index > of)
    throw new InputError(`--shard: expected i/n with i from 1 to n, such as 1/4, got "${text}"`);
  return { index, of };
}

function render(spec: FuzzSpec, result: FuzzResult): string[] {
  const { counterexample } = result;
  const lines = [
    `${spec.machine.name}: ${result.runs} random ${orderNames[spec.orders ?? 'any']}, policy ${spec.shutdown.policies.join(' + ')}, kernel ${spec.shutdown.kernel}, path ${spec.shutdown.path}, seed ${spec.seed}`,
    `${result.failures} with an Unsupported Request; ${(100 * result.ur_free_fraction).toFixed(2)} % without`,
  ];
  if (counterexample === null) return lines;
  return [...lines, ...renderOrder(`counterexample, shrunk from run ${counterexample.run}`, counterexample)];
}
