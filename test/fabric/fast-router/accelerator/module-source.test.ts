import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { moduleSource } from '../../../../src/fabric/fast-router/accelerator/module-source.ts';
import { PATIENCE } from '../../../generators/runs.ts';

it(
  'the module in the package is compiled from its source: npm run generate:wasm',
  async () => {
    const file = new URL('../../../../src/fabric/fast-router/accelerator/module.ts', import.meta.url);
    expect(readFileSync(file, 'utf8')).toBe(await moduleSource());
  },
  PATIENCE,
);
