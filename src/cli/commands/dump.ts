import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { printLspciFunctions } from '../../formats/lspci-dump.ts';
import { DONE } from '../exit.ts';
import { DEFAULT_PLATFORM, loadDump, platformNamed } from '../load-dump.ts';
import { printNotes } from '../output.ts';

/** Prints the bytes of the dump itself, so that a function with only its header stays one. */
export async function dumpCommand(name: string = DEFAULT_PLATFORM): Promise<number> {
  const platform = platformNamed(name);
  const dump = platform === undefined ? await loadDump(name) : undefined;
  printNotes(dump?.warnings ?? []);
  // No faster than the reader reads.
  await pipeline(Readable.from(printLspciFunctions(dump?.functions ?? platform!.functions())), process.stdout, {
    end: false,
  });
  return DONE;
}
