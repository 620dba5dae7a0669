import type { Condition, Structure } from '../src/spec/structure.ts';

const capabilities = 'Power Management Capabilities';
const canPme: Condition = { fields: [{ register: capabilities, field: 'PME_Support', atLeast: 1 }] };
/** The highest bit: from D3cold, so that the PME context is sticky. */
const canPmeFromD3cold: Condition = { fields: [{ register: capabilities, field: 'PME_Support', atLeast: 0x10 }] };

/** PCI Power Management Capability, 8 bytes. PCIe 5.0 §7.5.2. */
export const PowerManagementCapability = {
  name: 'Power Management',
  capabilityId: 0x01,
  versionField: { register: 'Power Management Capabilities', field: 'Version' },
  registers: [
    {
      name: 'Power Management Capabilities',
      offset: 0x02,
      width: 16,
      spec: 'PCIe 5.0 §7.5.2.1',
      fields: [
        { name: 'Version', bits: [2, 0], attr: 'RO', reset: 3 },
        { name: 'PME Clock', bits: [3, 3], attr: 'RO' },
        { name: 'Immediate Readiness on Return to D0', bits: [4, 4], attr: 'RO' },
        { name: 'Device Specific Initialization', bits: [5, 5], attr: 'RO' },
        { name: 'Aux_Current', bits: [8, 6], attr: 'RO' },
        { name: 'D1_Support', bits: [9, 9], attr: 'RO' },
        { name: 'D2_Support', bits: [10, 10], attr: 'RO' },
        { name: 'PME_Support', bits: [15, 11], attr: 'RO' },
      ],
    },
    {
      name: 'Power Management Control/Status',
      offset: 0x04,
      width: 16,
      spec: 'PCIe 5.0 §7.5.2.2',
      fields: [
        { name: 'PowerState', bits: [1, 0], attr: 'RW', behaviour: 'power-state' },
        { name: 'Reserved 2', bits: [2, 2], attr: 'RsvdP' },
        { name: 'No_Soft_Reset', bits: [3, 3], attr: 'RO' },
        { name: 'Reserved 7:4', bits: [7, 4], attr: 'RsvdP' },
        {
          name: 'PME_En',
          bits: [8, 8],
          attr: 'RWS',
          when: canPmeFromD3cold,
          otherwise: { when: canPme, attr: 'RW' },
        },
        // What the Data Register shows; there is one where it, or its scale, holds something.
        {
          name: 'Data_Select',
          bits: [12, 9],
          attr: 'RW',
          when: {
            anyField: [
              { register: 'Power Management Data', field: 'Data', atLeast: 1 },
              { register: 'Power Management Control/Status', field: 'Data_Scale', atLeast: 1 },
            ],
          },
        },
        { name: 'Data_Scale', bits: [14, 13], attr: 'RO' },
        {
          name: 'PME_Status',
          bits: [15, 15],
          attr: 'RW1CS',
          when: canPmeFromD3cold,
          otherwise: { when: canPme, attr: 'RW1C' },
        },
      ],
    },
    {
      name: 'PMCSR_BSE',
      offset: 0x06,
      width: 8,
      spec: 'PCIe 5.0 §7.5.2.2',
      fields: [
        { name: 'Reserved', bits: [5, 0], attr: 'RsvdP' },
        { name: 'B2/B3#', bits: [6, 6], attr: 'RO' },
        { name: 'BPCC_En', bits: [7, 7], attr: 'RO' },
      ],
    },
    {
      name: 'Power Management Data',
      offset: 0x07,
      width: 8,
      spec: 'PCIe 5.0 §7.5.2.3',
      fields: [{ name: 'Data', bits: [7, 0], attr: 'RO' }],
    },
  ],
} as const satisfies Structure;
