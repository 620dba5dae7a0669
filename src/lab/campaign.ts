/** A fuzz campaign: chunks of runs over worker threads, results kept in a file where one is named. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Tinypool from 'tinypool';
import { type ChunkResult, chunksOf, Fuzzer, type FuzzResult, type FuzzSpec, Tally } from './fuzz.ts';
import { ResultsFile } from './results-file.ts';

export interface CampaignOptions {
  /** Worker threads; 1 runs in this one. */
  readonly jobs: number;
  /** A file that finished chunks are appended to, and the version of rootport that writes it. */
  readonly resume?: { readonly path: string; readonly version: string } | undefined;
  /** Called with the chunks that are done and those that there are. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** @throws InputError as `optionsOf` and `ResultsFile` do */
export async function runCampaign(spec: FuzzSpec, options: CampaignOptions): Promise<FuzzResult> {
  const { jobs, resume, onProgress } = options;
  const fuzzer = new Fuzzer(spec);
  const file = resume && new ResultsFile(resume.path, spec, resume.version);
  // A chunk that stands twice in the file (two runs at once on one file) counts once.
  const finished = new Map((file?.finished ?? []).map((result) => [result.chunk, result]));
  const tally = new Tally();
  for (const result of finished.values()) tally.add(result);
  const total = chunksOf(spec);
  let done = finished.size;
  const finish = (result: ChunkResult) => {
    tally.add(result);
    file?.append(result);
    onProgress?.(++done, total);
  };
  const left = chunksLeft(total, finished);
  if (jobs === 1) for (const chunk of left) finish(fuzzer.chunk(chunk));
  else await overWorkers(spec, jobs, left, finish);
  return tally.result(fuzzer);
}

/** One after the other, since a campaign may have millions. */
function* chunksLeft(total: number, finished: ReadonlyMap<number, ChunkResult>): Generator<number> {
  for (let chunk = 0; chunk < total; chunk++) if (!finished.has(chunk)) yield chunk;
}

async function overWorkers(
  spec: FuzzSpec,
  jobs: number,
  chunks: Iterable<number>,
  finish: (result: ChunkResult) => void,
): Promise<void> {
  const pool = new Tinypool({ filename: workerFile(), minThreads: jobs, maxThreads: jobs, workerData: spec });
  try {
    // All lanes draw from the one iterator: a few chunks are ahead of the workers.
    const lane = async () => {
      for (const chunk of chunks) finish(await pool.run(chunk));
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
