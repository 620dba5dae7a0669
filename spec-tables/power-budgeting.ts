import type { Condition, Structure } from '../src/spec/structure.ts';

const capable = (field: string): Condition => ({ fields: [{ register: 'Power Budget Capability', field, equals: 1 }] });

/** Power Budgeting Extended Capability, 10h bytes. Data shows the operating condition that Data Select names. PCIe 5.0 §7.8.1;
 * limits, and connectors that are sensed: PCIe 6.0. */
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
      name: 'Power Budgeting Control',
      offset: 0x06,
      width: 16,
      spec: 'PCIe 6.0 §7.8.1.3',
      fields: [
        {
          name: 'Extended Power Budgeting Enable',
          bits: [0, 0],
          attr: 'RW',
          when: capable('Extended Power Budgeting Supported'),
        },
        { name: 'Power Limit Enable', bits: [1, 1], attr: 'RWS', when: capable('Power Limit Supported') },
        { name: 'Power Limit PM Sub State', bits: [4, 2], attr: 'RWS', when: capable('Power Limit Supported') },
        { name: 'Out of Band Power Limit Enable', bits: [5, 5], attr: 'HwInit' },
        { name: 'Out of Band Power Limit PM Sub State', bits: [8, 6], attr: 'HwInit' },
        { name: 'Reserved', bits: [15, 9], attr: 'RsvdP' },
      ],
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
        { name: 'Data Scale 2', bits: [21, 21], attr: 'RO' },
        { name: 'Connector Number', bits: [24, 22], attr: 'RO' },
        { name: 'Connector Type', bits: [30, 25], attr: 'RO' },
        { name: 'Extended Power Budgeting Present', bits: [31, 31], attr: 'RO' },
      ],
    },
    {
      name: 'Power Budget Capability',
      offset: 0x0c,
      width: 32,
      spec: 'PCIe 5.0 §7.8.1.4',
      fields: [
        { name: 'System Allocated', bits: [0, 0], attr: 'HwInit' },
        { name: 'Extended Power Budgeting Supported', bits: [1, 1], attr: 'HwInit' },
        { name: 'Sense Detect Supported', bits: [2, 2], attr: 'HwInit' },
        { name: 'Power Limit Supported', bits: [3, 3], attr: 'HwInit' },
        { name: 'Power Disable Supported', bits: [5, 4], attr: 'HwInit' },
        { name: 'Power Loss Notification Supported', bits: [7, 6], attr: 'HwInit' },
        { name: 'Connector Number 0 Sense Data', bits: [10, 8], attr: 'RO' },
        { name: 'Connector Number 1 Sense Data', bits: [13, 11], attr: 'RO' },
        { name: 'Connector Number 2 Sense Data', bits: [16, 14], attr: 'RO' },
        { name: 'Connector Number 3 Sense Data', bits: [19, 17], attr: 'RO' },
        { name: 'Connector Number 4 Sense Data', bits: [22, 20], attr: 'RO' },
        { name: 'Connector Number 5 Sense Data', bits: [25, 23], attr: 'RO' },
        { name: 'Connector Number 6 Sense Data', bits: [28, 26], attr: 'RO' },
        { name: 'Connector Number 7 Sense Data', bits: [31, 29], attr: 'RO' },
      ],
    },
  ],
} as const satisfies Structure;
