import { printLspci } from '../../formats/lspci-dump.ts';
import { DONE } from '../exit.ts';
import { DEFAULT_PLATFORM, loadDump, platformNamed } from '../load-machine.ts';
import { printNotes } from '../output.ts';

/** Prints the bytes of the dump itself, so that a function with only its header stays one. */
export async function dumpCommand(name: string = DEFAULT_PLATFORM): Promise<number> {
  const platform = platformNamed(name);
  if (platform !== undefined) {
    process.stdout.write(printLspci(platform.functions()));
    return DONE;
  }
  const dump = await loadDump(name);
  printNotes(dump.warnings);
  process.stdout.write(printLspci(dump.functions));
  return DONE;
}
