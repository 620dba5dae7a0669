/** A worker thread of a campaign: it has the spec from the start, and answers chunks' numbers with their results. */
import Tinypool from 'tinypool';
import type { BatchResult } from './campaign.ts';
import { Fuzzer, type FuzzSpec } from './fuzz.ts';

const fuzzer = new Fuzzer(Tinypool.workerData as FuzzSpec);

export default function runChunks(chunks: readonly number[]): BatchResult {
  const start = performance.now();
  const results = chunks.map((chunk) => fuzzer.chunk(chunk));
  return { results, milliseconds: performance.now() - start };
}
