import { writeFileSync } from 'node:fs';
import { moduleSource } from './module-source.ts';

writeFileSync(new URL('./module.ts', import.meta.url), await moduleSource());
