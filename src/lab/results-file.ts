/**
 * Finished chunks of a campaign, one JSON object a line behind a first line that says which campaign it is. A line is appended
 * when its chunk is done, so a killed run loses what was under way; a last line that was cut short is taken off.
 */
import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { InputError } from '../formats/input-error.ts';
import { type ChunkResult, chunksOf, type FuzzSpec, runsOfChunk } from './fuzz.ts';

const FORMAT = 'rootport fuzz results 1';

/** Everything but the program that decides what a chunk's result is. */
function fingerprint(spec: FuzzSpec): string {
  const hash = createHash('sha256');
  const { machine, ...rest } = spec;
  for (const { bytes, ...known } of machine.functions) hash.update(JSON.stringify(known)).update(bytes);
  hash.update(JSON.stringify([machine.drivers, machine.bindsPorts, rest]));
  return hash.digest('hex').slice(0, 32);
}

export class ResultsFile {
  readonly #path: string;
  /** Chunks that the file has already. */
  readonly finished: readonly ChunkResult[];

  /** @throws InputError when the file is of another campaign, or is none of ours, or can't be read or written */
  constructor(path: string, spec: FuzzSpec, version: string) {
    this.#path = path;
    const first = JSON.stringify({ format: FORMAT, version, campaign: fingerprint(spec) });
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
        `${path} line 1: expected results of this campaign, got those of another machine, seed, set of flags or version`,
      );
    this.finished = lines.map((line, i) => parseLine(line, `${path} line ${i + 2}`, spec));
    if (whole.length < text.length) write(path, () => truncateSync(path, Buffer.byteLength(whole)));
  }

  append(results: readonly ChunkResult[]): void {
    const lines = results.map((result) => `${JSON.stringify(result)}\n`);
    write(this.#path, () => appendFileSync(this.#path, lines.join('')));
  }
}

function parseLine(line: string, where: string, spec: FuzzSpec): ChunkResult {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    value = undefined;
  }
  if (!isChunkResult(value, spec))
    throw new InputError(`${where}: expected a finished chunk of this campaign, got "${line.slice(0, 60)}"`);
  const { chunk, runs, failures, firstFailure } = value;
  return { chunk, runs, failures, firstFailure };
}

/** Whether the value is a result that the campaign's chunk can have. */
function isChunkResult(value: unknown, spec: FuzzSpec): value is ChunkResult {
  const { chunk, runs, failures, firstFailure } = (value ?? {}) as ChunkResult;
  if (!Number.isInteger(chunk) || chunk < 0 || chunk >= chunksOf(spec)) return false;
  const mine = runsOfChunk(spec, chunk);
  // So many failures, the first of them included, fit from there to the chunk's end.
  const from = mine.indexOf(firstFailure);
  return (
    runs === mine.length &&
    Number.isInteger(failures) &&
    failures >= 0 &&
    (failures === 0 ? firstFailure === -1 : from >= 0 && failures <= mine.length - from)
  );
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
