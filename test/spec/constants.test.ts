import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { constantsSource } from '../../src/spec/constants-source.ts';

test('constants.ts is what the spec tables give (else: npm run generate)', () => {
  const file = new URL('../../src/spec/constants.ts', import.meta.url);
  expect(readFileSync(file, 'utf8')).toBe(constantsSource());
});
