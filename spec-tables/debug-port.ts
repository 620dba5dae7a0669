import type { Structure } from '../src/spec/structure.ts';

/** Debug Port Capability of a USB host controller, 4 bytes. EHCI 1.0 appendix C.2. */
export const DebugPortCapability = {
  name: 'Debug Port',
  capabilityId: 0x0a,
  registers: [
    {
      name: 'Debug Port Offset',
      offset: 0x02,
      width: 16,
      spec: 'EHCI 1.0 §C.2',
      fields: [
        { name: 'Offset', bits: [12, 0], attr: 'RO' },
        { name: 'BAR Number', bits: [15, 13], attr: 'RO' },
      ],
    },
  ],
} as const satisfies Structure;
