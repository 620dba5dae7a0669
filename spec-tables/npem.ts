import type { Condition, Structure } from '../src/spec/structure.ts';

const capable = (field: string): Condition => ({ fields: [{ register: 'NPEM Capability', field, equals: 1 }] });

/** Native PCIe Enclosure Management (NPEM) Extended Capability, 10h bytes. PCIe 5.0 §7.9.20. */
export const NativePcieEnclosureManagement = {
  name: 'Native PCIe Enclosure Management',
  extendedCapabilityId: 0x0029,
  registers: [
    {
      name: 'NPEM Capability',
      offset: 0x04,
      width: 32,
      spec: 'PCIe 5.0 §7.9.20.2',
      fields: [
        { name: 'NPEM Capable', bits: [0, 0], attr: 'HwInit' },
        { name: 'NPEM Reset Capable', bits: [1, 1], attr: 'HwInit' },
        { name: 'NPEM OK Capable', bits: [2, 2], attr: 'HwInit' },
        { name: 'NPEM Locate Capable', bits: [3, 3], attr: 'HwInit' },
        { name: 'NPEM Fail Capable', bits: [4, 4], attr: 'HwInit' },
        { name: 'NPEM Rebuild Capable', bits: [5, 5], attr: 'HwInit' },
        { name: 'NPEM PFA Capable', bits: [6, 6], attr: 'HwInit' },
        { name: 'NPEM Hot Spare Capable', bits: [7, 7], attr: 'HwInit' },
        { name: 'NPEM In A Critical Array Capable', bits: [8, 8], attr: 'HwInit' },
        { name: 'NPEM In A Failed Array Capable', bits: [9, 9], attr: 'HwInit' },
        { name: 'NPEM Invalid Device Type Capable', bits: [10, 10], attr: 'HwInit' },
        { name: 'NPEM Disabled Capable', bits: [11, 11], attr: 'HwInit' },
        { name: 'Reserved', bits: [23, 12], attr: 'RsvdP' },
        { name: 'Enclosure-specific Capabilities', bits: [31, 24], attr: 'HwInit' },
      ],
    },
    {
      name: 'NPEM Control',
      offset: 0x08,
      width: 32,
      spec: 'PCIe 5.0 §7.9.20.3',
      fields: [
        { name: 'NPEM Enable', bits: [0, 0], attr: 'RW', when: capable('NPEM Capable') },
        {
          name: 'NPEM Initiate Reset',
          bits: [1, 1],
          attr: 'RW',
          when: capable('NPEM Reset Capable'),
          behaviour: 'reads-zero',
        },
        { name: 'NPEM OK Control', bits: [2, 2], attr: 'RW', when: capable('NPEM OK Capable') },
        { name: 'NPEM Locate Control', bits: [3, 3], attr: 'RW', when: capable('NPEM Locate Capable') },
        { name: 'NPEM Fail Control', bits: [4, 4], attr: 'RW', when: capable('NPEM Fail Capable') },
        { name: 'NPEM Rebuild Control', bits: [5, 5], attr: 'RW', when: capable('NPEM Rebuild Capable') },
        { name: 'NPEM PFA Control', bits: [6, 6], attr: 'RW', when: capable('NPEM PFA Capable') },
        { name: 'NPEM Hot Spare Control', bits: [7, 7], attr: 'RW', when: capable('NPEM Hot Spare Capable') },
        {
          name: 'NPEM In A Critical Array Control',
          bits: [8, 8],
          attr: 'RW',
          when: capable('NPEM In A Critical Array Capable'),
        },
        {
          name: 'NPEM In A Failed Array Control',
          bits: [9, 9],
          attr: 'RW',
          when: capable('NPEM In A Failed Array Capable'),
        },
        {
          name: 'NPEM Invalid Device Type Control',
          bits: [10, 10],
          attr: 'RW',
          when: capable('NPEM Invalid Device Type Capable'),
        },
        { name: 'NPEM Disabled Control', bits: [11, 11], attr: 'RW', when: capable('NPEM Disabled Capable') },
        { name: 'Reserved', bits: [23, 12], attr: 'RsvdP' },
        { name: 'Enclosure-specific Controls', bits: [31, 24], attr: 'RW' },
      ],
    },
    {
      name: 'NPEM Status',
      offset: 0x0c,
      width: 32,
      spec: 'PCIe 5.0 §7.9.20.4',
      fields: [
        { name: 'NPEM Command Completed', bits: [0, 0], attr: 'RW1C' },
        { name: 'Reserved', bits: [23, 1], attr: 'RsvdZ' },
        { name: 'Enclosure-specific Status', bits: [31, 24], attr: 'RO' },
      ],
    },
  ],
} as const satisfies Structure;
