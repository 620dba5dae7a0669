/** Reader and printer against the real `lspci`, where it is installed, and on dumps of real machines, where they are at hand. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { printLspci } from '../../src/formats/lspci-dump.ts';
import { readLspci } from '../../src/formats/lspci-text.ts';
import { dumpedFunctions } from '../generators/dumps.ts';
import { runs } from '../generators/runs.ts';

const hasLspci = spawnSync('lspci', ['--version']).status === 0;
const folder = fileURLToPath(new URL('../../../shared/dumps/', import.meta.url));
const dumps = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.lspci')) : [];
const work = mkdtempSync(join(tmpdir(), 'rootport-'));
afterAll(() => rmSync(work, { recursive: true }));

/** What `lspci -F` prints; undefined where it does not read the file. */
function printedByLspci(file: string): string | undefined {
  const { status, stdout } = spawnSync('lspci', ['-F', file, '-n', '-xxxx'], {
    encoding: 'latin1',
    maxBuffer: 2 ** 26,
  });
  return status === 0 ? stdout : undefined;
}

/** lspci stops at a line of text or at a long line in these; people paste them all the same. */
const lspciStopsAt = ['huananzhi-x99-bd4.lspci', 'p61-s3-b3.lspci'];

describe.skipIf(!hasLspci)('the real lspci (skipped where it is not installed)', () => {
  it.skipIf(dumps.length === 0)('prints the same of every dump that it reads (skipped without ../shared/dumps)', () => {
    const unread: string[] = [];
    for (const file of dumps) {
      const theirs = printedByLspci(join(folder, file));
      if (theirs === undefined) unread.push(file);
      else expect(printLspci(readLspci(readFileSync(join(folder, file)), file).functions), file).toBe(theirs);
    }
    expect(unread).toEqual(lspciStopsAt);
  });

  it('prints the same of any functions', () => {
    fc.assert(
      fc.property(dumpedFunctions([0, 1]), (functions) => {
        const file = join(work, 'any.lspci');
        const text = printLspci(functions);
        writeFileSync(file, text);
        expect(
          execFileSync('lspci', ['-F', file, '-n', '-xxxx'], {
            encoding: 'latin1',
            stdio: ['ignore', 'pipe', 'ignore'],
          }),
        ).toBe(text);
      }),
      runs(25),
    );
  });
});

describe.skipIf(dumps.length === 0)('dumps that lspci does not read (skipped without ../shared/dumps)', () => {
  it.each(lspciStopsAt)('%s: every function with all its rows', (file) => {
    const text = readFileSync(join(folder, file), 'latin1');
    const { functions } = readLspci(text, file);
    const named = text.match(/^(?:[0-9a-f]{4}:)?[0-9a-f]{2}:[01][0-9a-f]\.[0-7] /gm) ?? [];
    expect(functions).toHaveLength(new Set(named).size);
    const rowsInText = (text.match(/^[0-9a-f]{2,3}:(?: [0-9a-f]{2}){16}\s*$/gm) ?? []).length;
    const rowsRead = functions.reduce((sum, { bytes }) => sum + bytes.length / 16, 0);
    // A row that is missing inside a function is filled in.
    expect(rowsRead - rowsInText).toBeLessThan(2);
    expect(rowsRead).toBeGreaterThanOrEqual(rowsInText);
  });

  it('huananzhi-x99-bd4.lspci: names the line behind the missing row', () => {
    const { warnings } = readLspci(readFileSync(join(folder, lspciStopsAt[0]!)), 'x99');
    expect(warnings).toEqual(['x99 line 5125: 05:00.1: expected row f10 before this one; bytes f10–f1f read ff']);
  });
});
