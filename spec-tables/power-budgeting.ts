import type { Structure } from '../src/spec/structure.ts';

/** Power Budgeting Extended Capability, 10h bytes. Data shows the operating condition that Data Select names. PCIe 5.0 §7.8.1. */
export const PowerBudgeting = {
  name: 'Power Budgeting',
  extendedCapabilityId: 0x0004,
  registers: [
    {
      name: 'Power Budgeting Data Select',
      offset: 0x04,
      width: 8,
      spec: 'PCIe 5.0 §7.8.1.2',
      fields: [{ name: 'Data Select', bits: [7, 0], attr: 'RW' }],
    },
    {
      name: 'Power Budgeting Data',
      offset: 0x08,
      width: 32,
      spec: 'PCIe 5.0 §7.8.1.3',
      fields: [
        { name: 'Base Power', bits: [7, 0], attr: 'RO' },
        { name: 'Data Scale', bits: [9, 8], attr: 'RO' },
        { name: 'PM Sub State', bits: [12, 10], attr: 'RO' },
        { name: 'PM State', bits: [14, 13], attr: 'RO' },
        { name: 'Type', bits: [17, 15], attr: 'RO' },
        { name: 'Power Rail', bits: [20, 18], attr: 'RO' },
        { name: 'Reserved', bits: [31, 21], attr: 'RsvdP' },
      ],
    },
    {
      name: 'Power Budget Capability',
      offset: 0x0c,
      width: 32,
      spec: 'PCIe 5.0 §7.8.1.4',
      fields: [
        { name: 'System Allocated', bits: [0, 0], attr: 'HwInit' },
        { name: 'Reserved', bits: [31, 1], attr: 'RsvdP' },
      ],
    },
  ],
} as const satisfies Structure;
