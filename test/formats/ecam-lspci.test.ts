/** An ECAM image as the real lspci maps it: the same functions, with the same decode and bytes, as in the text dump. */
import { createWriteStream, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { ecamImage, ecamLosses, ecamWindows, formatEcamAddresses } from '../../src/formats/ecam-image.ts';
import { printLspci } from '../../src/formats/lspci-dump.ts';
import { readLspci } from '../../src/formats/lspci-text.ts';
import { platforms } from '../../src/platforms/index.ts';
import type { DumpedFunction } from '../generators/dumps.ts';
import { lspciWithEcam } from '../lspci/programs.ts';

const work = mkdtempSync(join(tmpdir(), 'rootport-'));
afterAll(() => rmSync(work, { recursive: true }));
const folders = ['../fixtures/qemu/', '../fixtures/linux/', '../../../shared/dumps/']
  .map((name) => fileURLToPath(new URL(name, import.meta.url)))
  .filter((folder) => existsSync(folder));

const machines: readonly (readonly [string, () => readonly DumpedFunction[]])[] = [
  ...platforms.map(({ id, functions }) => [id, functions] as const),
  ...folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.lspci'))
      .sort()
      .map((name) => [name, () => readLspci(readFileSync(join(folder, name)), name).functions] as const),
  ),
];

/** What lspci prints of each function, by its address with the segment. */
function sections(text: string): Map<string, string> {
  return new Map(
    text
      .split('\n\n')
      .filter((section) => section !== '')
      .map((section) => [section.slice(0, section.indexOf(' ')), section]),
  );
}

describe.skipIf(lspciWithEcam === undefined)('lspci -A ecam (skipped where no lspci ≥ 3.10 is)', () => {
  const { run } = lspciWithEcam ?? { run: () => '' };

  it.each(machines)('%s', async (_, read) => {
    const functions = read();
    const image = join(work, 'image.ecam');
    const dump = join(work, 'dump.lspci');
    await pipeline(Readable.from(ecamImage(functions)), createWriteStream(image));
    // Missing bytes read ff in an image.
    const padded = functions.map((fn) => {
      const bytes = new Uint8Array(4096).fill(0xff);
      bytes.set(fn.bytes);
      return { ...fn, bytes };
    });
    writeFileSync(dump, printLspci(padded));
    const mapped = [
      ...['-A', 'ecam', '-O', `devmem.path=${image}`],
      ...['-O', `ecam.addrs=${formatEcamAddresses(ecamWindows(functions))}`],
    ];
    for (const flags of ['-vvv', '-xxxx']) {
      // -D: each address with its segment.
      const ofText = sections(run('-F', dump, '-D', '-n', flags));
      const ofImage = sections(run(...mapped, '-D', '-n', flags));
      for (const [bdf, section] of ofImage) expect(section).toBe(ofText.get(bdf));
      const lost = ecamLosses(functions).find((text) => text.includes('a scan')) ?? '0';
      expect(ofImage.size).toBe(functions.length - Number.parseInt(lost, 10));
    }
  });
});
