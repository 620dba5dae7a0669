import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { posix, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What a file may import: its own layer, and those below. */
const layers: readonly (readonly string[])[] = [
  ['spec-tables', 'src/spec'],
  ['src/config', 'src/tlp'],
  ['src/fabric', 'src/platforms'],
  ['src/linux', 'src/sim'],
  ['src/lab', 'src/formats'],
  ['src/cli', 'src/playground', 'src/index.ts'],
];

/** Folders that run anywhere: no package, no module of Node. */
const pure = ['spec-tables', 'src/spec', 'src/config', 'src/tlp', 'src/fabric'];
/** Run at development time only, by `npm run generate` and `npm run generate:wasm`. */
const accelerator = 'src/fabric/fast-router/accelerator';
const generators = ['src/spec/write-constants.ts', `${accelerator}/module-source.ts`, `${accelerator}/write-module.ts`];

/** `src/fabric/hop.ts` is of `src/fabric`, `src/index.ts` of itself. */
function folderOf(file: string): string {
  const [top, second] = file.split('/');
  return top === 'src' ? `src/${second}` : top!;
}

function layerOf(file: string): number {
  return layers.findIndex((folders) => folders.includes(folderOf(file)));
}

function sourceFiles(folder: string): string[] {
  return readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => posix.join(folder, name.replaceAll(sep, '/')))
    .sort();
}

/** Everything that the file names in an import, an export, `import()` or `require()`; types included. */
function importsOf(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(`${root}${file}`, 'utf8'), true, true);
  return importedFiles.map(({ fileName }) =>
    fileName.startsWith('.') ? posix.join(posix.dirname(file), fileName) : fileName,
  );
}

const files = [...sourceFiles('spec-tables'), ...sourceFiles('src')];
const imports = new Map(files.map((file) => [file, importsOf(file)]));

/** Every circle that a walk of the imports closes, as text. */
function circles(): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const walk = (file: string, way: readonly string[]) => {
    const start = way.indexOf(file);
    if (start >= 0) found.push([...way.slice(start), file].join(' → '));
    if (start >= 0 || done.has(file)) return;
    for (const target of imports.get(file) ?? []) walk(target, [...way, file]);
    done.add(file);
  };
  for (const file of files) walk(file, []);
  return found;
}

describe('layers', () => {
  test('every source file has a layer', () => {
    expect(files.length).toBeGreaterThan(50);
    expect(files.filter((file) => layerOf(file) < 0)).toEqual([]);
  });

  test('every relative import names a source file, with its ending', () => {
    const lost = files.flatMap((file) =>
      imports
        .get(file)!
        .filter((target) => /^(src|spec-tables|\.\.?)\//.test(target) && !imports.has(target))
        .map((target) => `${file} imports ${target}`),
    );
    expect(lost).toEqual([]);
  });

  test('a file imports only from its own layer or below', () => {
    const upward = files.flatMap((file) =>
      imports
        .get(file)!
        .filter((target) => imports.has(target) && layerOf(target) > layerOf(file))
        .map((target) => `${file} (layer ${layerOf(file)}) imports ${target} (layer ${layerOf(target)})`),
    );
    expect(upward).toEqual([]);
  });

  test('imports have no circles, not even of types', () => {
    expect(circles()).toEqual([]);
  });

  test('spec, config, tlp and fabric import no package and no module of Node', () => {
    const foreign = files
      .filter((file) => pure.includes(folderOf(file)) && !generators.includes(file))
      .flatMap((file) =>
        imports
          .get(file)!
          .filter((target) => !imports.has(target))
          .map((target) => `${file} imports ${target}`),
      );
    expect(foreign).toEqual([]);
  });
});

describe('the tour of the source', () => {
  const tour = readFileSync(`${root}src/README.md`, 'utf8');
  const named = [...tour.matchAll(/`([a-z0-9./-]+\.ts)`/g)].map((match) => match[1]!);
  const namedFolders = [...tour.matchAll(/`([a-z/.-]+\/)`/g)].map((match) => posix.join('src', match[1]!));

  test('names every file, or the folder that it lies in', () => {
    const left = files.filter(
      (file) =>
        !file.endsWith('index.ts') &&
        !named.some((name) => file.endsWith(`/${name}`)) &&
        !namedFolders.some((folder) => file.startsWith(folder)),
    );
    expect(left).toEqual([]);
  });

  test('names no file that is not there', () => {
    const places = ['', 'src/', 'src/spec/'];
    expect(named.filter((name) => !places.some((place) => existsSync(`${root}${place}${name}`)))).toEqual([]);
  });
});
