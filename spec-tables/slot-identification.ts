import type { Structure } from '../src/spec/structure.ts';

/** Slot Identification Capability, 4 bytes, of a bridge to an expansion chassis. PCI-to-PCI Bridge 1.2 §3.2.6. */
export const SlotIdentificationCapability = {
  name: 'Slot Identification',
  capabilityId: 0x04,
  registers: [
    {
      name: 'Expansion Slot',
      offset: 0x02,
      width: 8,
      spec: 'PCI-to-PCI Bridge 1.2 §3.2.6.3',
      fields: [
        { name: 'Expansion Slots Provided', bits: [4, 0], attr: 'HwInit' },
        { name: 'First in Chassis', bits: [5, 5], attr: 'HwInit' },
        { name: 'Reserved', bits: [7, 6], attr: 'RsvdP' },
      ],
    },
    {
      name: 'Chassis Number',
      offset: 0x03,
      width: 8,
      spec: 'PCI-to-PCI Bridge 1.2 §3.2.6.4',
      fields: [{ name: 'Chassis Number', bits: [7, 0], attr: 'RW' }],
    },
  ],
} as const satisfies Structure;
