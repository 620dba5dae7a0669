/** A fuzz campaign: chunks of runs over worker threads, results kept in a file where one is named. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Tinypool from 'tinypool';
import { type ChunkResult, chunksOf, Fuzzer, type FuzzResult, type FuzzSpec, Tally } from './fuzz.ts';
import { ResultsFile } from './results-file.ts';

/** How long chunks are collected before they are counted and written: what a killed run loses, and messages to workers cost little. */
const BATCH_MS = 100;
const MOST_CHUNKS = 1024;

/** What a worker has done of its chunks, and how long it took. */
export interface BatchResult {
  readonly results: readonly ChunkResult[];
  readonly milliseconds: number;
}

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
  const finish = (results: readonly ChunkResult[]) => {
    for (const result of results) tally.add(result);
    file?.append(results);
    done += results.length;
    onProgress?.(done, total);
  };
  const left = chunksLeft(total, finished);
  if (jobs === 1) inThisThread(fuzzer, left, finish);
  else await overWorkers(spec, jobs, left, finish);
  return tally.result(fuzzer);
}

function inThisThread(
  fuzzer: Fuzzer,
  chunks: Iterable<number>,
  finish: (results: readonly ChunkResult[]) => void,
): void {
  let results: ChunkResult[] = [];
  let since = performance.now();
  for (const chunk of chunks) {
    results.push(fuzzer.chunk(chunk));
    if (performance.now() - since < BATCH_MS) continue;
    finish(results);
    results = [];
    since = performance.now();
  }
  finish(results);
}

/** One after the other, since a campaign may have millions. */
function* chunksLeft(total: number, finished: ReadonlyMap<number, ChunkResult>): Generator<number> {
  for (let chunk = 0; chunk < total; chunk++) if (!finished.has(chunk)) yield chunk;
}

async function overWorkers(
  spec: FuzzSpec,
  jobs: number,
  chunks: Iterable<number>,
  finish: (results: readonly ChunkResult[]) => void,
): Promise<void> {
  const pool = new Tinypool({ filename: workerFile(), minThreads: jobs, maxThreads: jobs, workerData: spec });
  try {
    // All lanes draw from the one iterator: a few batches are ahead of the workers.
    const iterator = chunks[Symbol.iterator]();
    const lane = async () => {
      for (let size = 1; ; ) {
        const batch = Array.from(take(iterator, size));
        if (batch.length === 0) return;
        const { results, milliseconds }: BatchResult = await pool.run(batch);
        finish(results);
        size = milliseconds < BATCH_MS ? Math.min(2 * size, MOST_CHUNKS) : Math.max(size >> 1, 1);
      }
    };
    await Promise.all(Array.from({ length: 2 * jobs }, lane));
  } finally {
    await pool.destroy();
  }
}

function* take<T>(iterator: Iterator<T>, count: number): Generator<T> {
  for (let i = 0; i < count; i++) {
    const { done, value } = iterator.next();
    if (done) return;
    yield value;
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
