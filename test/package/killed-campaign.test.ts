/** The built command, killed at any moment: what was finished stays, nothing counts twice, and the campaign ends as it would have. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';

const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'rootport-'));
afterAll(() => rmSync(folder, { recursive: true }));

const KILLS = 10;
/** More than is done between all the kills, on a machine that has nothing else to do. */
const RUNS = 64 * 30_000;
const args = [cli, 'fuzz', '--policy', 'rfc-kdump-bme', '--runs', `${RUNS}`, '--json'];

const sizeOf = (file: string) => (existsSync(file) ? statSync(file).size : 0);
/** Lines that are whole, without the first, which names the campaign. */
const finished = (file: string) => readFileSync(file, 'utf8').split('\n').slice(1, -1);

/** Lets the campaign go on until it has written something, and a moment longer. */
async function killSoon(file: string, moment: number): Promise<void> {
  const before = sizeOf(file);
  const child = spawn(process.execPath, [...args, '--jobs', '2', '--resume', file], { stdio: 'ignore' });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  while (sizeOf(file) <= before && child.exitCode === null) await setTimeout(5);
  await setTimeout(moment);
  child.kill('SIGKILL');
  await gone;
}

it.skipIf(!existsSync(cli))(
  'ten times in a row (skipped without dist)',
  async () => {
    const file = join(folder, 'results.jsonl');
    let known: string[] = [];
    for (let kill = 0; kill < KILLS; kill++) {
      await killSoon(file, (kill * 37) % 50);
      const now = finished(file);
      expect(now.slice(0, known.length)).toEqual(known);
      known = now;
    }
    expect(known.length).toBeGreaterThan(0);
    expect(known.length).toBeLessThan(RUNS / 64);
    const resumed = spawnSync(process.execPath, [...args, '--jobs', '2', '--resume', file], { encoding: 'utf8' });
    const inOneGo = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(JSON.parse(resumed.stdout)).toEqual(JSON.parse(inOneGo.stdout));
    const chunks = finished(file).map((line) => JSON.parse(line).chunk as number);
    expect(chunks).toHaveLength(RUNS / 64);
    expect(new Set(chunks).size).toBe(RUNS / 64);
  },
  300_000,
);
