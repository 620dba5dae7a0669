/** A worker thread of a campaign: it has the spec from the start, and answers a chunk's number with its result. */
import Tinypool from 'tinypool';
import { type ChunkResult, Fuzzer, type FuzzSpec } from './fuzz.ts';

const fuzzer = new Fuzzer(Tinypool.workerData as FuzzSpec);

export default function runChunk(chunk: number): ChunkResult {
  return fuzzer.chunk(chunk);
}
