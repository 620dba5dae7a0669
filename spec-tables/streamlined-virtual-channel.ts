import type { Condition, Structure } from '../src/spec/structure.ts';

const flitMode: Condition = {
  express: [{ register: 'PCI Express Capabilities', field: 'Flit Mode Supported', equals: 1 }],
};

/**
 * Streamlined Virtual Channel (SVC) Extended Capability: 14h bytes and 0Ch for each VC. PCIe 6.2 §7.9.29.
 * The fields are what software for it uses (a Linux design for Unordered I/O, a QEMU patch); there may be more.
 */
export const StreamlinedVirtualChannel = {
  name: 'Streamlined Virtual Channel',
  extendedCapabilityId: 0x0035,
  registers: [
    {
      name: 'SVC Port Capability 1',
      offset: 0x04,
      width: 32,
      spec: 'PCIe 6.2 §7.9.29.2',
      fields: [{ name: 'SVC Extended VC Count', bits: [2, 0], attr: 'RO' }],
    },
    { name: 'SVC Port Capability 2', offset: 0x08, width: 32, spec: 'PCIe 6.2 §7.9.29.3', fields: [] },
    {
      name: 'SVC Port Control',
      offset: 0x0c,
      width: 32,
      spec: 'PCIe 6.2 §7.9.29.4',
      fields: [{ name: 'SVC VC Enablement Completed', bits: [0, 0], attr: 'RW' }],
    },
    {
      name: 'SVC Port Status',
      offset: 0x10,
      width: 32,
      spec: 'PCIe 6.2 §7.9.29.5',
      fields: [{ name: 'SVC Use VC/MFVC', bits: [0, 0], attr: 'RW1C' }],
    },
  ],
  blocks: [
    {
      count: { register: 'SVC Port Capability 1', field: 'SVC Extended VC Count', plus: 1 },
      registers: [
        {
          name: 'SVC Resource {n} Capability',
          offset: 0x00,
          width: 32,
          spec: 'PCIe 6.2 §7.9.29.6',
          fields: [
            { name: 'SVC VC Protocols Supported', bits: [11, 8], attr: 'RO' },
            { name: 'SVC VC ID', bits: [14, 12], attr: 'RO' },
          ],
        },
        {
          name: 'SVC Resource {n} Control',
          offset: 0x04,
          width: 32,
          spec: 'PCIe 6.2 §7.9.29.7',
          fields: [
            { name: 'SVC TC/VC Map', bits: [7, 0], attr: 'RW' },
            { name: 'SVC VC Protocol Selected', bits: [11, 8], attr: 'RW' },
            {
              name: 'SVC Shared Flow Control Usage Limit',
              bits: [29, 27],
              attr: 'RW',
              when: flitMode,
              otherwise: 'RsvdP',
            },
            {
              name: 'SVC Shared Flow Control Usage Limit Enable',
              bits: [30, 30],
              attr: 'RW',
              when: flitMode,
              otherwise: 'RsvdP',
            },
            { name: 'SVC VC Enable', bits: [31, 31], attr: 'RW' },
          ],
        },
        {
          name: 'SVC Resource {n} Status',
          offset: 0x08,
          width: 32,
          spec: 'PCIe 6.2 §7.9.29.8',
          fields: [{ name: 'SVC VC Negotiation Pending', bits: [1, 1], attr: 'RO' }],
        },
      ],
    },
  ],
} as const satisfies Structure;
