import type { Condition, Structure } from '../src/spec/structure.ts';

const capable = (field: string): Condition => ({ fields: [{ register: 'ACS Capability', field, equals: 1 }] });

/** Access Control Services Extended Capability, 8 bytes without an Egress Control Vector. PCIe 5.0 §7.7.8. */
export const AccessControlServices = {
  name: 'Access Control Services',
  extendedCapabilityId: 0x000d,
  registers: [
    {
      name: 'ACS Capability',
      offset: 0x04,
      width: 16,
      spec: 'PCIe 5.0 §7.7.8.2',
      fields: [
        { name: 'ACS Source Validation', bits: [0, 0], attr: 'RO' },
        { name: 'ACS Translation Blocking', bits: [1, 1], attr: 'RO' },
        { name: 'ACS P2P Request Redirect', bits: [2, 2], attr: 'RO' },
        { name: 'ACS P2P Completion Redirect', bits: [3, 3], attr: 'RO' },
        { name: 'ACS Upstream Forwarding', bits: [4, 4], attr: 'RO' },
        { name: 'ACS P2P Egress Control', bits: [5, 5], attr: 'RO' },
        { name: 'ACS Direct Translated P2P', bits: [6, 6], attr: 'RO' },
        { name: 'ACS Enhanced Capability', bits: [7, 7], attr: 'RO' },
        { name: 'Egress Control Vector Size', bits: [15, 8], attr: 'HwInit' },
      ],
    },
    {
      name: 'ACS Control',
      offset: 0x06,
      width: 16,
      spec: 'PCIe 5.0 §7.7.8.3',
      fields: [
        { name: 'ACS Source Validation Enable', bits: [0, 0], attr: 'RW', when: capable('ACS Source Validation') },
        {
          name: 'ACS Translation Blocking Enable',
          bits: [1, 1],
          attr: 'RW',
          when: capable('ACS Translation Blocking'),
        },
        {
          name: 'ACS P2P Request Redirect Enable',
          bits: [2, 2],
          attr: 'RW',
          when: capable('ACS P2P Request Redirect'),
        },
        {
          name: 'ACS P2P Completion Redirect Enable',
          bits: [3, 3],
          attr: 'RW',
          when: capable('ACS P2P Completion Redirect'),
        },
        { name: 'ACS Upstream Forwarding Enable', bits: [4, 4], attr: 'RW', when: capable('ACS Upstream Forwarding') },
        { name: 'ACS P2P Egress Control Enable', bits: [5, 5], attr: 'RW', when: capable('ACS P2P Egress Control') },
        {
          name: 'ACS Direct Translated P2P Enable',
          bits: [6, 6],
          attr: 'RW',
          when: capable('ACS Direct Translated P2P'),
        },
        {
          name: 'ACS I/O Request Blocking Enable',
          bits: [7, 7],
          attr: 'RW',
          when: capable('ACS Enhanced Capability'),
        },
        {
          name: 'ACS DSP Memory Target Access Control',
          bits: [9, 8],
          attr: 'RW',
          when: capable('ACS Enhanced Capability'),
        },
        {
          name: 'ACS USP Memory Target Access Control',
          bits: [11, 10],
          attr: 'RW',
          when: capable('ACS Enhanced Capability'),
        },
        {
          name: 'ACS Unclaimed Request Redirect Control',
          bits: [12, 12],
          attr: 'RW',
          when: capable('ACS Enhanced Capability'),
        },
        { name: 'Reserved', bits: [15, 13], attr: 'RsvdP' },
      ],
    },
  ],
} as const satisfies Structure;
