/** A large dump: read, decoded, and the whole command from its start to its last line (where `dist` is built). */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeFunction } from '../src/formats/decode.ts';
import { printLspci } from '../src/formats/lspci-dump.ts';
import { imagesOf, readLspci } from '../src/formats/lspci-text.ts';
import { hpeGen9 } from '../src/platforms/hpe-gen9.ts';
import { type Case, sink } from './measure.ts';

/** More than any machine of the published dumps has. */
const FUNCTIONS = 96;

/** The built-in machine as often as it takes, each time in a segment of its own. */
function largeDump(): string {
  const functions = hpeGen9.functions();
  return printLspci(
    Array.from({ length: FUNCTIONS }, (_, i) => ({
      ...functions[i % functions.length]!,
      segment: Math.floor(i / functions.length),
    })),
  );
}

export function decodeCases(): Case[] {
  const text = new TextEncoder().encode(largeDump());
  const images = imagesOf(readLspci(text));
  if (images.length !== FUNCTIONS) throw new Error(`decode: expected ${FUNCTIONS} functions, got ${images.length}`);
  const size = `${FUNCTIONS} functions`;
  const cases: Case[] = [
    {
      name: `${size}, read`,
      operations: 1,
      run: () => {
        sink.value += readLspci(text).functions.length;
      },
    },
    {
      name: `${size}, decoded`,
      operations: 1,
      run: () => {
        for (const { bytes } of images) sink.value += decodeFunction(bytes).capabilities.length;
      },
    },
  ];
  // npm runs its scripts at the top of the package.
  const command = join('dist', 'cli.js');
  if (!existsSync(command)) return cases;
  const folder = mkdtempSync(join(tmpdir(), 'rootport-'));
  process.on('exit', () => rmSync(folder, { recursive: true }));
  const file = join(folder, 'large.lspci');
  writeFileSync(file, text);
  for (const flags of [[], ['--json']])
    cases.push({
      name: `${size}, \`rootport ${['decode', ...flags].join(' ')}\``,
      operations: 1,
      run: () => {
        const { status } = spawnSync(process.execPath, [command, 'decode', ...flags, file], { stdio: 'ignore' });
        if (status !== 0) throw new Error(`decode: expected exit code 0, got ${status}`);
      },
    });
  return cases;
}
