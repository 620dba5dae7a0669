import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import manifest from '../../package.json' with { type: 'json' };

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Tests of the built package run when it is built; their names say so when it is not. */
export const isBuilt = existsSync(`${root}dist/index.js`) && existsSync(`${root}dist/cli.js`);
export const unbuilt = isBuilt ? '' : ' (skipped: no dist; npm run build)';

export const dependencies: readonly string[] = Object.keys(manifest.dependencies);

/** `rootport`, and `rootport/…` for each sub-path with code. */
export const entries: readonly string[] = Object.keys(manifest.exports)
  .filter((path) => path !== './package.json')
  .map((path) => path.replace('.', manifest.name));
