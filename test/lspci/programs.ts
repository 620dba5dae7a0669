/** The lspci programs at hand. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface Lspci {
  readonly version: string;
  /** It has the access method `ecam` (pciutils 3.10 and newer). */
  readonly hasEcam: boolean;
  /** What it prints; an exit code other than 0 is an error. */
  readonly run: (...args: readonly string[]) => string;
}

function lspciAt(program: string, ...before: readonly string[]): Lspci | undefined {
  const spawn = (args: readonly string[]) =>
    spawnSync(program, [...before, ...args], { encoding: 'latin1', maxBuffer: 2 ** 28 });
  const { status, stdout } = spawn(['--version']);
  if (status !== 0) return undefined;
  return {
    version: stdout.trim().replace(/^lspci version /, ''),
    hasEcam: /^ecam\b/m.test(spawn(['-A', 'help']).stdout),
    run: (...args) => {
      const result = spawn(args);
      if (result.status !== 0) throw new Error(`lspci ${args.join(' ')}: ${result.stderr}`);
      return result.stdout;
    },
  };
}

/** One unpacked beside the system, with its own libraries. */
function unpackedLspci(): Lspci | undefined {
  const root = join(process.env.ROOTPORT_VM ?? join(homedir(), '.cache', 'rootport-vm'), 'qemu11');
  const loader = join(root, 'lib64', 'ld-linux-x86-64.so.2');
  if (!existsSync(loader)) return undefined;
  const libraries = join(root, 'usr', 'lib', 'x86_64-linux-gnu');
  return lspciAt(loader, '--library-path', libraries, join(root, 'usr', 'bin', 'lspci'));
}

const named = process.env.ROOTPORT_LSPCI_ECAM;

/** The installed one first, then the one of ROOTPORT_LSPCI_ECAM or of ROOTPORT_VM; those that are there. */
export const lspcis: readonly Lspci[] = [
  lspciAt('lspci'),
  named === undefined ? unpackedLspci() : lspciAt(named),
].filter((lspci) => lspci !== undefined);

export const lspciWithEcam: Lspci | undefined = lspcis.find(({ hasEcam }) => hasEcam);
