/**
 * `npm run bench`: how long one operation takes, and on what; then what `rootport bench` measures. `-- --quick` for a look, `-- --save FOLDER` for benny's JSON.
 * Figures are for comparing on one machine; nothing here passes or fails by them. It is bundled before it runs, and not run by tsx,
 * whose naming of every closure makes some cases half as slow again (measured).
 */
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { renderBench } from '../src/cli/render/bench.ts';
import { runBench } from '../src/lab/bench/bench.ts';
import { configCases } from './config.ts';
import { decodeCases } from './decode.ts';
import { type Effort, measure } from './measure.ts';
import { routerCases } from './router.ts';
import { shutdownCases } from './shutdown.ts';

// npm runs its scripts at the top of the package.
const COMMAND = join('dist', 'cli.js');
const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false }, save: { type: 'string' } } });
const effort: Effort = values.quick ? { minTime: 0.01, maxTime: 0.03, minSamples: 3 } : { maxTime: 2 };

const processors = cpus();
console.log(
  `${processors[0]?.model ?? 'unknown processor'}, ${processors.length} CPUs, Node ${process.version}, V8 ${process.versions.v8}`,
);
console.log(
  values.quick ? 'Median time of one operation; short samples, a smoke test only' : 'Median time of one operation',
);
await measure('config', configCases(), effort, values.save);
await measure('exact router', routerCases(), effort, values.save);
await measure('shutdown', shutdownCases(), effort, values.save);
await measure('decode', decodeCases(), effort, values.save);

const report = runBench({ quick: values.quick, command: existsSync(COMMAND) ? COMMAND : undefined });
console.log(renderBench(report).join('\n'));
