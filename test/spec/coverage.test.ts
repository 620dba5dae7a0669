/** The coverage table in the README is the one that the tables give. `ROOTPORT_UPDATE=1` writes it. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { coverageTable, structuresIn } from './coverage.ts';

const readme = new URL('../../README.md', import.meta.url);
const BLOCK = /(<!-- coverage -->\n)([\s\S]*?)(\n<!-- \/coverage -->)/;
const dumps = new URL('../../../shared/dumps/', import.meta.url);
const recorded = new URL('../fixtures/dumps/structures.txt', import.meta.url);

it('is what the README shows', () => {
  const text = readFileSync(readme, 'utf8');
  const table = coverageTable();
  if (process.env.ROOTPORT_UPDATE)
    writeFileSync(
      readme,
      text.replace(BLOCK, (_, open, __, close) => open + table + close),
    );
  expect(BLOCK.exec(readFileSync(readme, 'utf8'))?.[2]).toBe(table);
});

it.skipIf(!existsSync(dumps))('records the structures of the real dumps (skipped without ../shared/dumps)', () => {
  const names = new Set(readdirSync(dumps).flatMap((file) => [...structuresIn(readFileSync(new URL(file, dumps)))]));
  expect(readFileSync(recorded, 'utf8').trim().split('\n')).toEqual([...names].sort());
});
