/** The verbs and their flags. A verb's code is loaded when it is called, so that the command starts quickly. */
import { Command, CommanderError } from 'commander';
import { InputError } from '../formats/input-error.ts';
import type { RouteFlags } from './commands/route.ts';
import type { DecodeFlags } from './commands/tlp.ts';
import { USAGE } from './exit.ts';
import { addOrdersFlag, addShutdownFlags } from './shutdown-flags.ts';

const MACHINE = 'a built-in platform, an lspci -xxxx file, or - for standard input; default: hpe-gen9';

/** Runs the command line; the result is the exit code. Whatever goes wrong is one line on stderr. */
export async function run(args: readonly string[], version: string): Promise<number> {
  let code = 0;
  const program = buildProgram(version, (result) => {
    code = result;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) {
      // Help and version are printed already, and are no mistake.
      if (error.exitCode === 0) return 0;
      if (error.code !== 'commander.help') report(error.message.replace(/^error: /, ''));
      return USAGE;
    }
    report(error instanceof InputError ? error.message : `internal error: ${(error as Error).message}`);
    if (!(error instanceof InputError) && process.env.ROOTPORT_DEBUG) console.error(error);
    return USAGE;
  }
}

function report(message: string): void {
  process.stderr.write(`rootport: ${message.split('\n')[0]}\n`);
}

function buildProgram(version: string, done: (code: number) => void): Command {
  const program = new Command('rootport')
    .description(
      'PCI Express config space and fabric: who may still send a memory write, and what happens when one is refused',
    )
    .version(version)
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
    .showSuggestionAfterError(false);

  const verb = (name: string, description: string) =>
    program
      .command(name)
      .description(description)
      .exitOverride()
      .configureOutput({ outputError: () => undefined });

  verb('case', "the thread's case, told end to end")
    .argument('[platform]', 'a built-in platform; default: hpe-gen9')
    .option('--json', 'one JSON object')
    .option('--seed <number>', 'seed of the simulated reboots', '1')
    .action(async (name: string | undefined, flags: { json?: boolean; seed: string }) => {
      const { caseCommand } = await import('./commands/case.ts');
      done(await caseCommand(name, flags));
    });

  addShutdownFlags(
    verb('shutdown', 'one shutdown: each write, who still sends, and what the hardware does').argument(
      '[dump]',
      MACHINE,
    ),
  )
    .option('--json', 'one JSON object')
    .action(async (name, flags) => {
      const { shutdownCommand } = await import('./commands/shutdown.ts');
      done(await shutdownCommand(name, flags));
    });

  addOrdersFlag(addShutdownFlags(verb('fuzz', 'random shutdown orders').argument('[dump]', MACHINE)))
    .option('--runs <number>', 'orders to try', '1000')
    .option('--shard <i/n>', 'only every n-th run, from the i-th on (i from 1 to n)', '1/1')
    .option('--jobs <number>', 'worker threads', '1')
    .option('--resume <file>', 'append finished runs to this file, and leave out those that it has')
    .option('--json', 'one JSON object')
    .action(async (name, flags) => {
      const { fuzzCommand } = await import('./commands/fuzz.ts');
      done(await fuzzCommand(name, flags, version));
    });

  addOrdersFlag(
    addShutdownFlags(
      verb('prove', 'all shutdown orders at once: safe, or the shortest that is not').argument('[dump]', MACHINE),
    ),
  )
    .option('--json', 'one JSON object')
    .action(async (name, flags) => {
      const { proveCommand } = await import('./commands/prove.ts');
      done(await proveCommand(name, flags));
    });

  verb('dump', 'canonical hex dump, as `lspci -F DUMP -n -xxxx` prints it, sorted')
    .argument('[dump]', MACHINE)
    .option('--ecam <file>', 'write an ECAM image instead, and print the lspci command that reads it')
    .option(
      '--from-ecam <windows>',
      'the dump is an ECAM image with these windows: [segment:]first-last:offset,… in hex',
    )
    .action(async (name: string | undefined, flags: { ecam?: string; fromEcam?: string }) => {
      const { dumpCommand } = await import('./commands/dump.ts');
      done(await dumpCommand(name, flags));
    });

  verb('decode', 'registers and fields by name')
    .argument('[dumps...]', MACHINE)
    .option('--diff', 'what changed between two dumps, by field')
    .option('--json', 'one JSON object')
    .action(async (names: string[], flags: { json?: boolean; diff?: boolean }) => {
      const { decodeCommand } = await import('./commands/decode.ts');
      done(await decodeCommand(names, flags));
    });

  verb('route', 'one TLP, hop by hop, and why')
    .argument(
      '<words...>',
      'DUMP and TLP: a header in hex, or TYPE REQUESTER TARGET [DWORDS], such as MWr 07:00.0 0x100000',
    )
    .option('--from <bdf>', 'function that sends it, or host; default: the one with the Requester ID')
    .option(
      '--ram <ranges>',
      'where memory is, such as 0-0x7fffffff,0x100000000-0x27fffffff; default: where nothing else is',
    )
    .option('--holes <ranges>', 'where none is')
    .option('--json', 'one JSON object')
    .action(async (words: string[], flags: RouteFlags) => {
      const { routeCommand } = await import('./commands/route.ts');
      done(await routeCommand(words, flags));
    });

  const tlp = verb('tlp', 'TLPs as bytes and as fields');
  const tlpVerb = (name: string, description: string) =>
    tlp
      .command(name)
      .description(description)
      .exitOverride()
      .configureOutput({ outputError: () => undefined });

  tlpVerb('decode', 'what bytes say, and what a receiver makes of them; exit code 1 when one is malformed')
    .argument(
      '[hex...]',
      'a TLP or its header in hex, or a line of a kernel’s log; default: one a line on standard input',
    )
    .option('--flit', 'headers of Flit Mode (PCIe 6.0); a log’s “TLP Header (Flit)” says so itself')
    .option('--mps <bytes>', 'Max_Payload_Size of the receiver')
    .option('--mrrs <bytes>', 'Max_Read_Request_Size of the requester')
    .option('--json', 'one JSON object a line')
    .action(async (hex: string[], flags: DecodeFlags) => {
      const { tlpDecodeCommand } = await import('./commands/tlp.ts');
      done(await tlpDecodeCommand(hex, flags));
    });

  tlpVerb('encode', 'hex of TLPs from their fields, as `tlp decode --json` gives them')
    .argument('[json...]', 'a JSON object each; default: one a line on standard input')
    .option('--strict', 'refuse what is malformed')
    .action(async (json: string[], flags: { strict?: boolean }) => {
      const { tlpEncodeCommand } = await import('./commands/tlp.ts');
      done(await tlpEncodeCommand(json, flags));
    });

  verb('replay', 'a recorded trace of config writes, each compared, and who would then still send')
    .argument('<dump>', MACHINE)
    .argument('<trace>', 'JSON lines, or QEMU’s pci_cfg_write lines with or without console text; gzip too')
    .option(
      '--dma <who>',
      'who tries a memory write after each write: all, none, or functions, comma-separated',
      'none',
    )
    .option('--implementation <id>', 'what the recorded machine leaves out of the spec: qemu')
    .option('--json', 'one JSON object')
    .action(async (name: string, trace: string, flags: { json?: boolean; dma: string; implementation?: string }) => {
      const { replayCommand } = await import('./commands/replay.ts');
      done(await replayCommand(name, trace, flags));
    });

  verb('bench', 'throughput, against C on the same traffic where a C compiler is there, and the targets of it')
    .option('--quick', 'short samples: under 40 seconds')
    .option('--json', 'one JSON object')
    .action(async (flags: { json?: boolean; quick?: boolean }) => {
      const { benchCommand } = await import('./commands/bench.ts');
      done(await benchCommand(flags));
    });

  verb('policies', 'every remedy')
    .option('--json', 'one JSON object')
    .action(async (flags: { json?: boolean }) => {
      const { policiesCommand } = await import('./commands/policies.ts');
      done(await policiesCommand(flags));
    });

  return program;
}
