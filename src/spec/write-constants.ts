import { writeFileSync } from 'node:fs';
import { constantsSource } from './constants-source.ts';

writeFileSync(new URL('./constants.ts', import.meta.url), constantsSource());
