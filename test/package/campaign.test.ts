/** The built command: a campaign over worker threads is the campaign of one thread. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

function fuzz(...flags: string[]): { status: number | null; stdout: string } {
  return spawnSync(process.execPath, [cli, 'fuzz', '--policy', 'rfc-kdump-bme', '--runs', '300', '--json', ...flags], {
    encoding: 'utf8',
  });
}

it.skipIf(!existsSync(cli))('fuzz --jobs 2 gives what --jobs 1 gives (skipped without dist)', () => {
  const one = fuzz('--jobs', '1');
  const two = fuzz('--jobs', '2');
  expect([two.status, JSON.parse(two.stdout)]).toEqual([one.status, JSON.parse(one.stdout)]);
  expect(one.status).toBe(1);
});
