/** The machine that a command works on: a built-in platform by name, a dump from a file, or one from standard input (`-`). */
import { type Machine, machineOfDump, machineOfPlatform } from '../lab/machine.ts';
import { loadDump, platformNamed } from './load-dump.ts';

/** @throws InputError when the file can't be read or holds nothing readable */
export async function loadMachine(name: string): Promise<Machine> {
  const platform = platformNamed(name);
  return platform === undefined ? machineOfDump(await loadDump(name), name) : machineOfPlatform(platform);
}
