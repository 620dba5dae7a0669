import type { Structure } from '../src/spec/structure.ts';

/** Vital Product Data Capability, 8 bytes. The data register is a window into a store of its own. PCIe 5.0 §7.9.19. */
export const VitalProductDataCapability = {
  name: 'Vital Product Data',
  capabilityId: 0x03,
  registers: [
    {
      name: 'VPD Address',
      offset: 0x02,
      width: 16,
      spec: 'PCIe 5.0 §7.9.19.2',
      behaviour: 'vpd-address',
      fields: [
        { name: 'VPD Address', bits: [14, 0], attr: 'RW' },
        { name: 'F', bits: [15, 15], attr: 'RW' },
      ],
    },
    {
      name: 'VPD Data',
      offset: 0x04,
      width: 32,
      spec: 'PCIe 5.0 §7.9.19.3',
      fields: [{ name: 'VPD Data', bits: [31, 0], attr: 'RW' }],
    },
  ],
} as const satisfies Structure;
