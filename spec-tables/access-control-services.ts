import type { Condition, Structure } from '../src/spec/structure.ts';

const capable = (field: string): Condition => ({ fields: [{ register: 'ACS Capability', field, equals: 1 }] });

const downstream: Condition = {
  ...capable('ACS Enhanced Capability'),
  portTypes: ['Root Port', 'Switch Downstream Port'],
};
const switchDownstream: Condition = { ...capable('ACS Enhanced Capability'), portTypes: ['Switch Downstream Port'] };

const egressControlVector = [
  {
    name: 'ACS Egress Control Vector {n}',
    offset: 0x0,
    width: 32,
    spec: 'PCIe 5.0 §7.7.8.4',
    // A bit for each port or function; which of them is the function's own (read-only 0), no bit here says.
    fields: [{ name: 'Egress Control', bits: [31, 0], attr: 'RW' }],
  },
] as const;

/** Access Control Services Extended Capability: 8 bytes, and an Egress Control Vector where P2P Egress Control is. PCIe 5.0 §7.7.8. */
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
        {
          name: 'ACS Source Validation Enable',
          bits: [0, 0],
          attr: 'RW',
          when: /* @__PURE__ */ capable('ACS Source Validation'),
        },
        {
          name: 'ACS Translation Blocking Enable',
          bits: [1, 1],
          attr: 'RW',
          when: /* @__PURE__ */ capable('ACS Translation Blocking'),
        },
        {
          name: 'ACS P2P Request Redirect Enable',
          bits: [2, 2],
          attr: 'RW',
          when: /* @__PURE__ */ capable('ACS P2P Request Redirect'),
        },
        {
          name: 'ACS P2P Completion Redirect Enable',
          bits: [3, 3],
          attr: 'RW',
          when: /* @__PURE__ */ capable('ACS P2P Completion Redirect'),
        },
        {
          name: 'ACS Upstream Forwarding Enable',
          bits: [4, 4],
          attr: 'RW',
          when: /* @__PURE__ */ capable('ACS Upstream Forwarding'),
        },
        {
          name: 'ACS P2P Egress Control Enable',
          bits: [5, 5],
          attr: 'RW',
          when: /* @__PURE__ */ capable('ACS P2P Egress Control'),
        },
        {
          name: 'ACS Direct Translated P2P Enable',
          bits: [6, 6],
          attr: 'RW',
          when: /* @__PURE__ */ capable('ACS Direct Translated P2P'),
        },
        {
          name: 'ACS I/O Request Blocking Enable',
          bits: [7, 7],
          attr: 'RW',
          when: downstream,
          otherwise: 'RsvdP',
        },
        {
          name: 'ACS DSP Memory Target Access Control',
          bits: [9, 8],
          attr: 'RW',
          when: downstream,
          otherwise: 'RsvdP',
        },
        {
          name: 'ACS USP Memory Target Access Control',
          bits: [11, 10],
          attr: 'RW',
          when: switchDownstream,
          otherwise: 'RsvdP',
        },
        {
          name: 'ACS Unclaimed Request Redirect Control',
          bits: [12, 12],
          attr: 'RW',
          when: switchDownstream,
          otherwise: 'RsvdP',
        },
        { name: 'Reserved', bits: [15, 13], attr: 'RsvdP' },
      ],
    },
  ],
  blocks: [
    {
      // The size is in bits, 1/32 of a DWORD; one that is begun counts.
      when: /* @__PURE__ */ capable('ACS P2P Egress Control'),
      offset: 0x08,
      count: { register: 'ACS Capability', field: 'Egress Control Vector Size', times: 0.03125 },
      registers: egressControlVector,
    },
    {
      // A size of 0 says 256 bits.
      when: {
        fields: [
          { register: 'ACS Capability', field: 'ACS P2P Egress Control', equals: 1 },
          { register: 'ACS Capability', field: 'Egress Control Vector Size', equals: 0 },
        ],
      },
      offset: 0x08,
      count: 8,
      registers: egressControlVector,
    },
  ],
} as const satisfies Structure;
