/** Built-in machines. */
import { hpeGen9 } from './hpe-gen9.ts';
import type { Platform } from './platform.ts';

export { hpeGen9 } from './hpe-gen9.ts';
export type { Platform, PlatformScenario } from './platform.ts';

export const platforms: readonly Platform[] = [hpeGen9];
