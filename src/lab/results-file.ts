/**
 * Finished chunks of a campaign, one JSON object a line behind a first line that says which campaign it is. A line is appended
 * when its chunk is done, so a killed run loses what was under way; a last line that was cut short is taken off.
 */
import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { InputError } from '../formats/input-error.ts';
import { CHUNK_RUNS, type ChunkResult, chunksOf, type FuzzSpec } from './fuzz.ts';

const FORMAT = 'rootport fuzz results 1';

/** Everything that decides what a chunk's result is. */
function fingerprint(spec: FuzzSpec): string {
  const hash = createHash('sha256');
  const { machine, ...rest } = spec;
  for (const { segment, routingId, bytes, barSizesLog2 } of machine.functions)
    hash.update(`${segment} ${routingId} ${JSON.stringify(barSizesLog2 ?? [])}`).update(bytes);
  hash.update(JSON.stringify([machine.drivers, machine.bindsPorts, rest]));
  return hash.digest('hex').slice(0, 32);
}

export class ResultsFile {
  readonly #path: string;
  /** Chunks that the file has already. */
  readonly finished: readonly ChunkResult[];

  /** @throws InputError when the file is of another campaign, or is none of ours, or can't be read or written */
  constructor(path: string, spec: FuzzSpec) {
    this.#path = path;
    const first = JSON.stringify({ format: FORMAT, campaign: fingerprint(spec) });
    const text = readIfThere(path);
    // A header that was cut short is a file that was never begun.
    if (text === undefined || `${first}\n`.startsWith(text)) {
      write(path, () => writeFileSync(path, `${first}\n`));
      this.finished = [];
      return;
    }
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    const [header, ...lines] = whole.split('\n').slice(0, -1);
    if (header === undefined || !header.includes(FORMAT))
      throw new InputError(`${path} line 1: expected a results file of rootport fuzz, got something else`);
    if (header !== first)
      throw new InputError(
        `${path} line 1: expected results of this campaign, got those of another machine, seed or set of flags`,
      );
    this.finished = lines.map((line, i) => parseLine(line, `${path} line ${i + 2}`, spec));
    if (whole.length < text.length) write(path, () => truncateSync(path, Buffer.byteLength(whole)));
  }

  append(result: ChunkResult): void {
    write(this.#path, () => appendFileSync(this.#path, `${JSON.stringify(result)}\n`));
  }
}

function parseLine(line: string, where: string, spec: FuzzSpec): ChunkResult {
  let value: Partial<Record<keyof ChunkResult, unknown>>;
  try {
    value = JSON.parse(line);
  } catch {
    throw new InputError(`${where}: expected a finished chunk, got "${line.slice(0, 40)}"`);
  }
  const { chunk, runs, failures, firstFailure } = value;
  if ([chunk, runs, failures, firstFailure].some((number) => !Number.isInteger(number)))
    throw new InputError(`${where}: expected chunk, runs, failures and firstFailure, got "${line.slice(0, 40)}"`);
  const result = { chunk, runs, failures, firstFailure } as ChunkResult;
  if (result.chunk < 0 || result.chunk >= chunksOf(spec) || result.runs > CHUNK_RUNS || result.failures > result.runs)
    throw new InputError(`${where}: expected a chunk of this campaign, got "${line.slice(0, 40)}"`);
  return result;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new InputError(`${path}: expected a results file, got ${(error as Error).message}`);
  }
}

function write(path: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    throw new InputError(`${path}: expected a file to append to, got ${(error as Error).message}`);
  }
}
