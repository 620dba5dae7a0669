import { rmSync } from 'node:fs';
import { defineConfig, type Options } from 'tsup';

type Plugin = NonNullable<Options['plugins']>[number];

/** One entry for everything, and one for each part of it. */
const library = {
  index: 'src/index.ts',
  spec: 'src/spec/index.ts',
  config: 'src/config/index.ts',
  tlp: 'src/tlp/index.ts',
  fabric: 'src/fabric/index.ts',
  platforms: 'src/platforms/index.ts',
  linux: 'src/linux/index.ts',
  sim: 'src/sim/index.ts',
  lab: 'src/lab/index.ts',
  formats: 'src/formats/index.ts',
};

// Chunks are shared, also in CommonJS: a class must be the same one whichever sub-path it comes from.
const common: Options = { target: 'node20', platform: 'node', splitting: true, minify: false, sourcemap: false };

/** Makes `dist/cli.js` a command. A banner would go to every chunk. */
const command: Plugin = {
  name: 'command',
  renderChunk(code, chunk) {
    if (!chunk.path.endsWith('cli.js')) return undefined;
    chunk.mode = 0o755;
    return { code: code.startsWith('#!') ? code : `#!/usr/bin/env node\n${code}` };
  },
};

// Here and not by `clean`: the builds below run side by side.
rmSync('dist', { recursive: true, force: true });

export default defineConfig([
  { ...common, entry: library, format: 'esm' },
  // Apart from the library, whose chunks hold all of the constants: the command starts in less time with those that it uses.
  {
    ...common,
    entry: { cli: 'src/cli/index.ts', 'fuzz-worker': 'src/lab/fuzz-worker.ts' },
    format: 'esm',
    // The native reference of `rootport bench` travels as text.
    loader: { '.c': 'text' },
    plugins: [command],
  },
  { ...common, entry: library, format: 'cjs' },
  { ...common, entry: library, format: ['esm', 'cjs'], dts: { only: true } },
]);
