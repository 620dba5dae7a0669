import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ecamLosses } from '../../formats/ecam-image.ts';
import { InputError } from '../../formats/input-error.ts';
import { printLspciFunctions } from '../../formats/lspci-dump.ts';
import type { LspciFunction } from '../../formats/lspci-text.ts';
import { readEcamFile, writeEcamFile } from '../ecam-file.ts';
import { DONE } from '../exit.ts';
import { DEFAULT_PLATFORM, loadDump, platformNamed } from '../load-dump.ts';
import { print, printNotes } from '../output.ts';

export interface DumpFlags {
  /** File to write an ECAM image to, instead of text to stdout. */
  readonly ecam?: string;
  /** The input is an ECAM image with these windows. */
  readonly fromEcam?: string;
}

/** Prints the bytes of the dump itself, so that a function with only its header stays one. */
export async function dumpCommand(name: string | undefined, { ecam, fromEcam }: DumpFlags): Promise<number> {
  const functions = await functionsOf(name, fromEcam);
  if (ecam !== undefined) {
    const addresses = await writeEcamFile(ecam, functions);
    printNotes(ecamLosses(functions));
    print(`lspci -A ecam -O devmem.path=${shellWord(ecam)} -O ecam.addrs=${addresses}`);
    return DONE;
  }
  // No faster than the reader reads.
  await pipeline(Readable.from(printLspciFunctions(functions)), process.stdout, { end: false });
  return DONE;
}

async function functionsOf(
  name: string | undefined,
  fromEcam: string | undefined,
): Promise<readonly Pick<LspciFunction, 'segment' | 'routingId' | 'bytes'>[]> {
  if (fromEcam !== undefined) {
    if (name === undefined || name === '-')
      throw new InputError(`--from-ecam: expected a file, got ${name === '-' ? 'standard input' : 'none'}`);
    return readEcamFile(name, fromEcam);
  }
  const platform = platformNamed(name ?? DEFAULT_PLATFORM);
  if (platform !== undefined) return platform.functions();
  const { functions, warnings } = await loadDump(name!);
  printNotes(warnings);
  return functions;
}

/** The word as a shell takes it, quoted where it must be. */
function shellWord(word: string): string {
  return /^[\w./:@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
