/** Every implementation that a replay can be held against. */
import type { Implementation } from './implementation.ts';
import { qemu } from './qemu.ts';

export type { Implementation, ImplementationRule } from './implementation.ts';

export const implementations: readonly Implementation[] = [qemu];
