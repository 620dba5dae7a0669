/** The README's example of a new capability, done: its file and its line in a copy of the sources, which then know it everywhere. */
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');

/** The block of the README that is the text of a file, or a part of it. */
function blockFor(file: string): string {
  const match = new RegExp(`^\`\`\`ts ${file}\\n(.*?)^\`\`\`$`, 'ms').exec(readme);
  if (match === null) throw new Error(`README: expected a block for ${file}, got none`);
  return match[1]!;
}

const copy = mkdtempSync(join(tmpdir(), 'rootport-'));
afterAll(() => rmSync(copy, { recursive: true }));

type Library = typeof import('../../src/config/index.ts') &
  typeof import('../../src/formats/index.ts') & { readonly Widget: never };
let library: Library;

beforeAll(async () => {
  for (const folder of ['src', 'spec-tables']) cpSync(join(root, folder), join(copy, folder), { recursive: true });
  writeFileSync(join(copy, 'spec-tables/widget.ts'), blockFor('spec-tables/widget.ts'));
  const line = blockFor('spec-tables/index.ts');
  expect(line.trim().split('\n')).toHaveLength(1);
  appendFileSync(join(copy, 'spec-tables/index.ts'), line);
  const bundle = join(copy, 'library.mjs');
  await build({
    stdin: {
      contents: `export * from './src/config/index.ts'; export * from './src/formats/index.ts'; export { Widget } from './spec-tables/index.ts';`,
      resolveDir: copy,
    },
    outfile: bundle,
    bundle: true,
    format: 'esm',
    platform: 'node',
    logLevel: 'error',
  });
  library = await import(pathToFileURL(bundle).href);
});

describe('a capability from the README', () => {
  const make = (count: number) => {
    const { capability, type0Function, Widget } = library;
    const express = { name: 'PCI Express', capabilityId: 0x10, registers: [] } as const;
    return type0Function({
      bdf: '01:00.0',
      header: { 'Vendor ID': 0x1234 },
      capabilities: [
        capability(express, 0x40, {}),
        capability(Widget, 0x100, { 'Widget Control': count << 8 } as never),
      ],
    });
  };

  it('is built, with its reset values', () => {
    const { bytes } = make(2);
    expect(Buffer.from(bytes.subarray(0x100, 0x110)).toString('hex')).toBe('77770100000200006400000064000000');
  });

  it('has masks', () => {
    const arena = new library.ConfigArena([make(1)]);
    arena.setBits(0, 0x104, 4, 2);
    arena.write(0, 0x104, 4, 0xffffffff);
    arena.write(0, 0x108, 4, 0xffffffff);
    arena.write(0, 0x10c, 4, 0xffffffff);
    expect([0x104, 0x108, 0x10c].map((offset) => arena.read(0, offset, 4))).toEqual([0x101, 0xffff, 0]);
    arena.reset(0, 'hot');
    expect(arena.read(0, 0x108, 4)).toBe(100);
  });

  it('is decoded by name', () => {
    const decoded = library.decodeFunction(make(2).bytes).capabilities.find(({ name }) => name === 'Widget');
    expect(decoded?.registers.map(({ name, value }) => [name, value])).toEqual([
      ['Widget Control', 0x200],
      ['Widget 0 Threshold', 100],
      ['Widget 1 Threshold', 100],
    ]);
  });
});
