import type { Condition, Structure } from '../src/spec/structure.ts';

const is = (field: string, equals: number): Condition => ({
  fields: [{ register: 'Device Capabilities 3', field, equals }],
});
const requester: Condition = {
  portTypes: ['PCI Express Endpoint', 'Legacy PCI Express Endpoint', 'Root Complex Integrated Endpoint', 'Root Port'],
};
const routing: Condition = {
  ...is('DMWr Request Routing Supported', 1),
  portTypes: ['Root Port', 'Switch Upstream Port', 'Switch Downstream Port'],
};
const withL0p: Condition = {
  ...is('L0p Supported', 1),
  express: [{ register: 'PCI Express Capabilities', field: 'Flit Mode Supported', equals: 1 }],
};

/** Device 3 Extended Capability, 10h bytes. PCIe 6.0 §7.7.9. */
export const Device3 = {
  name: 'Device 3',
  extendedCapabilityId: 0x002f,
  registers: [
    // OHC-E support (PCIe 6.2) is further up; its bits are in no public source.
    {
      name: 'Device Capabilities 3',
      offset: 0x04,
      width: 32,
      spec: 'PCIe 6.0 §7.7.9.2',
      fields: [
        { name: 'DMWr Request Routing Supported', bits: [0, 0], attr: 'HwInit' },
        { name: '14-Bit Tag Completer Supported', bits: [1, 1], attr: 'HwInit' },
        { name: '14-Bit Tag Requester Supported', bits: [2, 2], attr: 'HwInit' },
        { name: 'L0p Supported', bits: [3, 3], attr: 'HwInit' },
        { name: 'Port L0p Exit Latency', bits: [6, 4], attr: 'HwInit' },
        { name: 'Retimer L0p Exit Latency', bits: [9, 7], attr: 'HwInit' },
        { name: 'UIO Memory Read/Write Completer Supported', bits: [10, 10], attr: 'HwInit' },
        { name: 'UIO Memory Read/Write Requester Supported', bits: [11, 11], attr: 'HwInit' },
      ],
    },
    {
      name: 'Device Control 3',
      offset: 0x08,
      width: 32,
      spec: 'PCIe 6.0 §7.7.9.3',
      fields: [
        { name: 'DMWr Requester Enable', bits: [0, 0], attr: 'RW', when: requester, otherwise: 'RsvdP' },
        { name: 'DMWr Egress Blocking', bits: [1, 1], attr: 'RW', when: routing, otherwise: 'RsvdP' },
        {
          name: '14-Bit Tag Requester Enable',
          bits: [2, 2],
          attr: 'RW',
          when: is('14-Bit Tag Requester Supported', 1),
        },
        { name: 'L0p Enable', bits: [3, 3], attr: 'RW', reset: 1, when: withL0p, otherwise: 'RsvdP' },
        { name: 'Target Link Width', bits: [6, 4], attr: 'RW', reset: 7, when: withL0p, otherwise: 'RsvdP' },
        {
          name: 'UIO Memory Read/Write Requester Enable',
          bits: [7, 7],
          attr: 'RW',
          when: is('UIO Memory Read/Write Requester Supported', 1),
        },
        {
          name: 'UIO Request 256B Boundary Disable',
          bits: [8, 8],
          attr: 'RW',
          when: is('UIO Memory Read/Write Requester Supported', 1),
        },
      ],
    },
    {
      name: 'Device Status 3',
      offset: 0x0c,
      width: 32,
      spec: 'PCIe 6.0 §7.7.9.4',
      fields: [
        { name: 'Initial Link Width', bits: [2, 0], attr: 'RO' },
        { name: 'Segment Captured', bits: [3, 3], attr: 'RO' },
        { name: 'Remote L0p Supported', bits: [4, 4], attr: 'RO' },
      ],
    },
  ],
} as const satisfies Structure;
