import type { Structure } from '../src/spec/structure.ts';

/**
 * Configuration Access Correlation Extended Capability, of the withdrawn ECN "Trusted Configuration Space for PCI Express"; no
 * current spec describes it. One register by all that is public; that it is read-only is a guess on the safe side.
 */
export const ConfigurationAccessCorrelation = {
  name: 'Configuration Access Correlation',
  extendedCapabilityId: 0x000c,
  registers: [
    {
      name: 'CAC Device Correlation',
      offset: 0x04,
      width: 32,
      spec: 'Trusted Configuration Space ECN (withdrawn)',
      fields: [{ name: 'Device Correlation', bits: [31, 0], attr: 'RO' }],
    },
  ],
} as const satisfies Structure;
