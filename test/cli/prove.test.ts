/** `rootport prove`, and whether it says what many random orders say. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { policies } from '../../src/linux/policies/index.ts';
import { isLong } from '../seed.ts';
import { captureCli } from './capture.ts';

const folder = mkdtempSync(join(tmpdir(), 'rootport-'));
afterAll(() => rmSync(folder, { recursive: true }));

const RUNS = isLong() ? '1000000' : '5000';
const json = async (...args: string[]) => JSON.parse((await captureCli([...args, '--json'])).stdout);

it.each(policies.filter(({ preserves }) => !preserves).map(({ id }) => id))(
  '%s: no random order fails where it is proved safe, and some fail elsewhere',
  async (id) => {
    const proof = await json('prove', 'hpe-gen9', '--policy', id);
    const fuzz = await json('fuzz', 'hpe-gen9', '--policy', id, '--runs', RUNS);
    expect(proof.safe).toBe(fuzz.failures === 0);
    expect(proof.orders).toBe(1307674368000);
    expect(proof.counterexample === null).toBe(proof.safe);
    if (proof.safe) return;
    // None where the remedy itself makes something refuse before the shutdown begins.
    expect(proof.counterexample.order.length).toBeLessThanOrEqual(1);
    expect(proof.counterexample.unsupported_requests.length).toBeGreaterThan(0);
  },
);

it('a sweep is safe where everything behind a bridge comes before it', async () => {
  const args = ['prove', 'hpe-gen9', '--policy', 'rfc-kdump-bme'];
  expect((await captureCli(args)).code).toBe(1);
  const { code, stdout } = await captureCli([...args, '--orders', 'async']);
  expect(code).toBe(0);
  // 15! over the sizes of the subtrees that are more than one function: 9 and 2.
  expect(stdout).toContain('in any of 72648576000 orders with everything behind a bridge before it');
});

it.each<[string, string[], RegExp]>([
  ['rates', ['--rate', '2'], /^rootport: prove: expected .* one where a function sends at random times\n$/],
  [
    'another kind of orders',
    ['--orders', 'some'],
    /^rootport: --orders: expected one of any, async, kset, got "some"\n$/,
  ],
])('%s', async (_, flags, message) => {
  const { code, stderr } = await captureCli(['prove', 'hpe-gen9', ...flags]);
  expect(stderr).toMatch(message);
  expect(code).toBe(2);
});

it('says how many orders by their digits where no number is exact', async () => {
  const dump = `${(await captureCli(['dump', 'hpe-gen9'])).stdout}\n`;
  // Nine functions more, on a bus of their own.
  const more = Array.from({ length: 9 }, (_, i) =>
    dump.match(/^07:00\.0[\s\S]*?\n\n/m)![0].replace('07:00.0', `4${i}:00.0`),
  );
  const file = join(folder, 'more.lspci');
  writeFileSync(file, dump + more.join(''));
  expect((await json('prove', file)).orders).toBe('620448401733239439360000');
});
