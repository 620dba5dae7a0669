import type { Condition, Structure } from '../src/spec/structure.ts';

const capable = (field: string): Condition => ({ fields: [{ register: 'SR-IOV Capabilities', field, equals: 1 }] });

const vfBar = <const I extends number>(index: I) =>
  ({
    name: `VF BAR ${index}`,
    offset: 0x24 + 4 * index,
    width: 32,
    spec: 'PCIe 5.0 §9.3.3.14',
    fields: [{ name: 'VF Base Address', bits: [31, 0], attr: 'RW', behaviour: 'bar' }],
  }) as const;

/** Single Root I/O Virtualization (SR-IOV) Extended Capability, 40h bytes. PCIe 5.0 §9.3.3. */
export const SingleRootIoVirtualization = {
  name: 'Single Root I/O Virtualization',
  extendedCapabilityId: 0x0010,
  registers: [
    {
      name: 'SR-IOV Capabilities',
      offset: 0x04,
      width: 32,
      spec: 'PCIe 5.0 §9.3.3.2',
      fields: [
        { name: 'VF Migration Capable', bits: [0, 0], attr: 'RO' },
        { name: 'ARI Capable Hierarchy Preserved', bits: [1, 1], attr: 'RO' },
        { name: 'VF 10-Bit Tag Requester Supported', bits: [2, 2], attr: 'HwInit' },
        // PCIe 6.0.
        { name: 'VF 14-Bit Tag Requester Supported', bits: [3, 3], attr: 'HwInit' },
        { name: 'Reserved', bits: [20, 4], attr: 'RsvdP' },
        { name: 'VF Migration Interrupt Message Number', bits: [31, 21], attr: 'RO' },
      ],
    },
    {
      name: 'SR-IOV Control',
      offset: 0x08,
      width: 16,
      spec: 'PCIe 5.0 §9.3.3.3',
      fields: [
        { name: 'VF Enable', bits: [0, 0], attr: 'RW', behaviour: 'vf-enable' },
        {
          name: 'VF Migration Enable',
          bits: [1, 1],
          attr: 'RW',
          when: /* @__PURE__ */ capable('VF Migration Capable'),
        },
        {
          name: 'VF Migration Interrupt Enable',
          bits: [2, 2],
          attr: 'RW',
          when: /* @__PURE__ */ capable('VF Migration Capable'),
        },
        { name: 'VF MSE', bits: [3, 3], attr: 'RW' },
        // Read-only in all but the lowest-numbered PF of a device; which one that is, no bit here says.
        {
          name: 'ARI Capable Hierarchy',
          bits: [4, 4],
          attr: 'RW',
          when: { portTypes: ['PCI Express Endpoint', 'Legacy PCI Express Endpoint'] },
        },
        {
          name: 'VF 10-Bit Tag Requester Enable',
          bits: [5, 5],
          attr: 'RW',
          when: /* @__PURE__ */ capable('VF 10-Bit Tag Requester Supported'),
        },
        {
          name: 'VF 14-Bit Tag Requester Enable',
          bits: [6, 6],
          attr: 'RW',
          when: /* @__PURE__ */ capable('VF 14-Bit Tag Requester Supported'),
        },
        { name: 'Reserved', bits: [15, 7], attr: 'RsvdP' },
      ],
    },
    {
      name: 'SR-IOV Status',
      offset: 0x0a,
      width: 16,
      spec: 'PCIe 5.0 §9.3.3.4',
      fields: [
        {
          name: 'VF Migration Status',
          bits: [0, 0],
          attr: 'RW1C',
          when: /* @__PURE__ */ capable('VF Migration Capable'),
        },
        { name: 'Reserved', bits: [15, 1], attr: 'RsvdZ' },
      ],
    },
    {
      name: 'InitialVFs',
      offset: 0x0c,
      width: 16,
      spec: 'PCIe 5.0 §9.3.3.5',
      fields: [{ name: 'InitialVFs', bits: [15, 0], attr: 'RO' }],
    },
    {
      name: 'TotalVFs',
      offset: 0x0e,
      width: 16,
      spec: 'PCIe 5.0 §9.3.3.6',
      fields: [{ name: 'TotalVFs', bits: [15, 0], attr: 'RO' }],
    },
    {
      name: 'NumVFs',
      offset: 0x10,
      width: 16,
      spec: 'PCIe 5.0 §9.3.3.7',
      // A write while VF Enable is set has no defined result; here it is lost.
      fields: [
        {
          name: 'NumVFs',
          bits: [15, 0],
          attr: 'RW',
          when: { fields: [{ register: 'SR-IOV Control', field: 'VF Enable', equals: 0 }] },
        },
      ],
    },
    {
      name: 'Function Dependency Link',
      offset: 0x12,
      width: 8,
      spec: 'PCIe 5.0 §9.3.3.8',
      fields: [{ name: 'Function Dependency Link', bits: [7, 0], attr: 'RO' }],
    },
    {
      name: 'First VF Offset',
      offset: 0x14,
      width: 16,
      spec: 'PCIe 5.0 §9.3.3.9',
      fields: [{ name: 'First VF Offset', bits: [15, 0], attr: 'RO' }],
    },
    {
      name: 'VF Stride',
      offset: 0x16,
      width: 16,
      spec: 'PCIe 5.0 §9.3.3.10',
      fields: [{ name: 'VF Stride', bits: [15, 0], attr: 'RO' }],
    },
    {
      name: 'VF Device ID',
      offset: 0x1a,
      width: 16,
      spec: 'PCIe 5.0 §9.3.3.11',
      fields: [{ name: 'VF Device ID', bits: [15, 0], attr: 'RO' }],
    },
    {
      // Bit n: pages of 2^(n+12) bytes.
      name: 'Supported Page Sizes',
      offset: 0x1c,
      width: 32,
      spec: 'PCIe 5.0 §9.3.3.12',
      fields: [{ name: 'Supported Page Sizes', bits: [31, 0], attr: 'RO' }],
    },
    {
      name: 'System Page Size',
      offset: 0x20,
      width: 32,
      spec: 'PCIe 5.0 §9.3.3.13',
      fields: [{ name: 'System Page Size', bits: [31, 0], attr: 'RW', reset: 1, behaviour: 'page-size' }],
    },
    // Sized as the BARs of one VF; NumVFs of them lie one after the other from the base on.
    /* @__PURE__ */ vfBar(0),
    /* @__PURE__ */ vfBar(1),
    /* @__PURE__ */ vfBar(2),
    /* @__PURE__ */ vfBar(3),
    /* @__PURE__ */ vfBar(4),
    /* @__PURE__ */ vfBar(5),
    {
      name: 'VF Migration State Array Offset',
      offset: 0x3c,
      width: 32,
      spec: 'PCIe 5.0 §9.3.3.15',
      fields: [
        { name: 'VF Migration State BIR', bits: [2, 0], attr: 'RO' },
        { name: 'VF Migration State Offset', bits: [31, 3], attr: 'RO' },
      ],
    },
  ],
} as const satisfies Structure;
