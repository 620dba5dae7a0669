import { InputError } from '../../formats/input-error.ts';
import { hasNoTlp, readTlpInput, tlpTexts } from '../../formats/tlp-input.ts';
import { hexOf, reportTlp, tlpBytesOfJson } from '../../formats/tlp-report.ts';
import type { Receiver } from '../../tlp/validate.ts';
import { DONE, FOUND, USAGE } from '../exit.ts';
import { print, printNotes } from '../output.ts';

const STANDARD_INPUT = 'standard input';

export interface DecodeFlags {
  readonly json?: boolean;
  readonly flit?: boolean;
  readonly mps?: string;
  readonly mrrs?: string;
}

/** A line that can't be read is named, and the others are still decoded; the exit code is then that of an input error. */
export async function tlpDecodeCommand(args: readonly string[], flags: DecodeFlags): Promise<number> {
  const receiver: Receiver = {
    ...(flags.mps === undefined ? {} : { maxPayload: size('--mps', flags.mps) }),
    ...(flags.mrrs === undefined ? {} : { maxReadRequest: size('--mrrs', flags.mrrs) }),
  };
  let malformed = false;
  const decode = (text: string) => {
    const report = reportTlp(readTlpInput(text, flags.flit === true), receiver);
    malformed ||= report.malformed;
    print(flags.json ? JSON.stringify(report.json) : report.sentences);
  };
  if (!fromStandardInput(args)) {
    for (const text of tlpTexts(args)) decode(text);
    return malformed ? FOUND : DONE;
  }
  const { mistakes, skipped } = await eachLine(decode, hasNoTlp);
  if (skipped > 0)
    printNotes([`${STANDARD_INPUT}: ${skipped} ${skipped === 1 ? 'line' : 'lines'} without a TLP left out`]);
  return mistakes > 0 ? USAGE : malformed ? FOUND : DONE;
}

export async function tlpEncodeCommand(args: readonly string[], flags: { strict?: boolean }): Promise<number> {
  // Said once each, however many lines have it.
  const unknown = new Set<string>();
  const encode = (text: string) => {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw new InputError(`TLP: expected a JSON object: ${(error as Error).message}`);
    }
    const onUnknown = (message: string) => unknown.add(message);
    print(hexOf(tlpBytesOfJson(value, flags.strict ? { strict: true } : { onUnknown })));
  };
  if (!fromStandardInput(args)) {
    for (const text of args) encode(text);
    printNotes(leftOut(unknown));
    return DONE;
  }
  const { mistakes } = await eachLine(encode, () => false);
  printNotes(leftOut(unknown));
  return mistakes > 0 ? USAGE : DONE;
}

function leftOut(messages: ReadonlySet<string>): string[] {
  return [...messages].map((message) => `${message}; left out`);
}

function fromStandardInput(args: readonly string[]): boolean {
  return args.length === 0 || (args.length === 1 && args[0] === '-');
}

/** Sizes as Max_Payload_Size and Max_Read_Request_Size have them. */
function size(flag: string, text: string): number {
  const value = Number(text);
  if (![128, 256, 512, 1024, 2048, 4096].includes(value))
    throw new InputError(`${flag}: expected 128, 256, 512, 1024, 2048 or 4096, got "${text}"`);
  return value;
}

/** @throws InputError when no line held anything */
async function eachLine(
  take: (line: string) => void,
  skip: (line: string) => boolean,
): Promise<{ mistakes: number; skipped: number }> {
  const lines = (await standardInput()).split(/\r?\n/);
  const mistakes: string[] = [];
  let taken = 0;
  let skipped = 0;
  lines.forEach((line, index) => {
    if (line.trim() === '' || line.trimStart().startsWith('#')) return;
    if (skip(line)) {
      skipped++;
      return;
    }
    taken++;
    try {
      take(line);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      mistakes.push(`${STANDARD_INPUT} line ${index + 1}: ${error.message}`);
    }
  });
  if (taken === 0) throw new InputError(`${STANDARD_INPUT}: expected TLPs, one a line, got none`);
  printNotes(mistakes);
  return { mistakes: mistakes.length, skipped };
}

async function standardInput(): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
  return new TextDecoder().decode(Buffer.concat(chunks));
}
