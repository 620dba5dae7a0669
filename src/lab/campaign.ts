/** A fuzz campaign: chunks of runs over worker threads, results kept in a file where one is named. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Tinypool from 'tinypool';
import { type ChunkResult, chunksOf, Fuzzer, type FuzzResult, type FuzzSpec, summarize } from './fuzz.ts';
import { ResultsFile } from './results-file.ts';

export interface CampaignOptions {
  /** Worker threads; 1 runs in this one. */
  readonly jobs: number;
  readonly resume?: string | undefined;
  /** Called with the runs that are done and those that there are. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** @throws InputError as `optionsOf` and `ResultsFile` do */
export async function runCampaign(spec: FuzzSpec, options: CampaignOptions): Promise<FuzzResult> {
  const fuzzer = new Fuzzer(spec);
  const file = options.resume === undefined ? undefined : new ResultsFile(options.resume, spec);
  // A chunk that stands twice in the file (two runs at once on one file) counts once.
  const results = new Map((file?.finished ?? []).map((result) => [result.chunk, result]));
  const total = chunksOf(spec);
  const left = Array.from({ length: total }, (_, chunk) => chunk).filter((chunk) => !results.has(chunk));
  const finish = (result: ChunkResult) => {
    results.set(result.chunk, result);
    file?.append(result);
    options.onProgress?.(Math.round((results.size / total) * spec.runs), spec.runs);
  };
  if (options.jobs === 1) for (const chunk of left) finish(fuzzer.chunk(chunk));
  else await overWorkers(spec, options.jobs, left, finish);
  return summarize([...results.values()], fuzzer);
}

async function overWorkers(
  spec: FuzzSpec,
  jobs: number,
  chunks: readonly number[],
  finish: (result: ChunkResult) => void,
): Promise<void> {
  const pool = new Tinypool({ filename: workerFile(), minThreads: jobs, maxThreads: jobs, workerData: spec });
  try {
    // A few chunks ahead of the workers, not all at once: a campaign may have millions.
    let next = 0;
    const lane = async () => {
      while (next < chunks.length) finish(await pool.run(chunks[next++]));
    };
    await Promise.all(Array.from({ length: 2 * jobs }, lane));
  } finally {
    await pool.destroy();
  }
}

/** Beside the built file, wherever the bundler has put this module. */
function workerFile(): string {
  const candidates = [
    './fuzz-worker.js',
    './lab/fuzz-worker.js',
    '../dist/fuzz-worker.js',
    '../../dist/fuzz-worker.js',
  ];
  const found = candidates
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((path) => existsSync(path));
  if (found === undefined) throw new Error('expected dist/fuzz-worker.js beside the command, got none: build first');
  return found;
}
