import type { Structure } from '../src/spec/structure.ts';

/** AGP 8x Capability: marks the bridge of an AGP target. Nothing behind its header is public: a dump's bytes stay, read-only. */
export const Agp8xCapability = {
  name: 'AGP 8x',
  capabilityId: 0x0e,
  registers: [],
} as const satisfies Structure;
