import { fileURLToPath } from 'node:url';
import { runBench } from '../../lab/bench/bench.ts';
import { DONE } from '../exit.ts';
import { print, printJson } from '../output.ts';
import { renderBench } from '../render/bench.ts';

export async function benchCommand(flags: { json?: boolean; quick?: boolean }): Promise<number> {
  const report = runBench(
    { quick: flags.quick === true, command: thisCommand() },
    process.stderr.isTTY ? (part) => process.stderr.write(`measuring ${part}\n`) : undefined,
  );
  if (flags.json) printJson(report);
  else print(renderBench(report));
  return DONE;
}

/** The file that node runs, where that is the built command. */
function thisCommand(): string | undefined {
  const file = process.argv[1] ?? fileURLToPath(import.meta.url);
  return file.endsWith('cli.js') || file.endsWith('rootport') ? file : undefined;
}
