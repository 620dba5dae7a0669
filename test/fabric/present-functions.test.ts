/** Whatever a dump holds of a function, a function that is there answers: a dump cut short must not lose any. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Fabric } from '../../src/fabric/fabric.ts';
import { imagesOf, type LspciDump, readLspci } from '../../src/formats/lspci-text.ts';

const folders = [
  { name: 'fixtures/linux', url: new URL('../fixtures/linux/', import.meta.url) },
  { name: '../shared/dumps', url: new URL('../../../shared/dumps/', import.meta.url) },
];

/** Functions that do not give their own Vendor and Device ID to a configuration read. */
function silent(dump: LspciDump): string[] {
  const fabric = new Fabric(imagesOf(dump));
  const { arena } = fabric;
  return Array.from({ length: arena.count }, (_, fn) => fn)
    .filter((fn) => fabric.configRead(arena.segment[fn]!, arena.routingId[fn]!, 0, 4) !== arena.u32(fn, 0))
    .map((fn) => arena.name(fn));
}

const cut = (dump: LspciDump, length: number): LspciDump => ({
  ...dump,
  functions: dump.functions.map((fn) => ({ ...fn, bytes: fn.bytes.slice(0, length) })),
});

describe.each(folders)('every function of $name answers', ({ name, url }) => {
  const files = existsSync(url) ? readdirSync(url).filter((file) => file.endsWith('.lspci')) : [];
  it.skipIf(files.length === 0).each([4096, 256, 64])(
    `with %i bytes a function (skipped without ${name})`,
    (length) => {
      const lost = files.flatMap((file) =>
        silent(cut(readLspci(readFileSync(new URL(file, url)), file), length)).map((fn) => `${file} ${fn}`),
      );
      expect(lost).toEqual([]);
    },
  );
});
