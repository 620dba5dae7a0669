import type { Condition, Structure } from '../src/spec/structure.ts';

const supported = (field: string): Condition => ({
  fields: [{ register: 'L1 PM Substates Capabilities', field, equals: 1 }],
});
const rootOrDownstream: Condition = { portTypes: ['Root Port', 'Switch Downstream Port'] };
const l12 = [
  { register: 'L1 PM Substates Capabilities', field: 'PCI-PM L1.2 Supported', equals: 1 },
  { register: 'L1 PM Substates Capabilities', field: 'ASPM L1.2 Supported', equals: 1 },
] as const;
const linkActivation: Condition = { ...rootOrDownstream, ...supported('Link Activation Supported') };

/** L1 PM Substates Extended Capability: 10h bytes; at version 2, 14h with a status. PCIe 5.0 §7.8.3. */
export const L1PmSubstates = {
  name: 'L1 PM Substates',
  extendedCapabilityId: 0x001e,
  versionField: { register: 'L1 PM Substates Header', field: 'Capability Version' },
  registers: [
    {
      name: 'L1 PM Substates Header',
      offset: 0x00,
      width: 32,
      spec: 'PCIe 5.0 §7.8.3.1',
      fields: [
        { name: 'Extended Capability ID', bits: [15, 0], attr: 'RO' },
        { name: 'Capability Version', bits: [19, 16], attr: 'RO' },
        { name: 'Next Capability Offset', bits: [31, 20], attr: 'RO' },
      ],
    },
    {
      name: 'L1 PM Substates Capabilities',
      offset: 0x04,
      width: 32,
      spec: 'PCIe 5.0 §7.8.3.2',
      fields: [
        { name: 'PCI-PM L1.2 Supported', bits: [0, 0], attr: 'HwInit' },
        { name: 'PCI-PM L1.1 Supported', bits: [1, 1], attr: 'HwInit' },
        { name: 'ASPM L1.2 Supported', bits: [2, 2], attr: 'HwInit' },
        { name: 'ASPM L1.1 Supported', bits: [3, 3], attr: 'HwInit' },
        { name: 'L1 PM Substates Supported', bits: [4, 4], attr: 'HwInit' },
        { name: 'Link Activation Supported', bits: [5, 5], attr: 'HwInit' },
        { name: 'Reserved 7:6', bits: [7, 6], attr: 'RsvdP' },
        { name: 'Port Common_Mode_Restore_Time', bits: [15, 8], attr: 'HwInit' },
        { name: 'Port T_POWER_ON Scale', bits: [17, 16], attr: 'HwInit' },
        { name: 'Reserved 18', bits: [18, 18], attr: 'RsvdP' },
        { name: 'Port T_POWER_ON Value', bits: [23, 19], attr: 'HwInit' },
        { name: 'Reserved', bits: [31, 24], attr: 'RsvdP' },
      ],
    },
    {
      name: 'L1 PM Substates Control 1',
      offset: 0x08,
      width: 32,
      spec: 'PCIe 5.0 §7.8.3.3',
      fields: [
        { name: 'PCI-PM L1.2 Enable', bits: [0, 0], attr: 'RW', when: supported('PCI-PM L1.2 Supported') },
        { name: 'PCI-PM L1.1 Enable', bits: [1, 1], attr: 'RW' },
        { name: 'ASPM L1.2 Enable', bits: [2, 2], attr: 'RW', when: supported('ASPM L1.2 Supported') },
        { name: 'ASPM L1.1 Enable', bits: [3, 3], attr: 'RW', when: supported('ASPM L1.1 Supported') },
        {
          name: 'Link Activation Interrupt Enable',
          bits: [4, 4],
          attr: 'RW',
          when: linkActivation,
          otherwise: 'RsvdP',
        },
        { name: 'Link Activation Control', bits: [5, 5], attr: 'RW', when: linkActivation, otherwise: 'RsvdP' },
        { name: 'Reserved 7:6', bits: [7, 6], attr: 'RsvdP' },
        {
          name: 'Common_Mode_Restore_Time',
          bits: [15, 8],
          attr: 'RW',
          when: { ...rootOrDownstream, anyField: l12 },
          otherwise: 'RsvdP',
        },
        {
          name: 'LTR_L1.2_THRESHOLD_Value',
          bits: [25, 16],
          attr: 'RW',
          when: supported('ASPM L1.2 Supported'),
          otherwise: 'RsvdP',
        },
        { name: 'Reserved 28:26', bits: [28, 26], attr: 'RsvdP' },
        {
          name: 'LTR_L1.2_THRESHOLD_Scale',
          bits: [31, 29],
          attr: 'RW',
          when: supported('ASPM L1.2 Supported'),
          otherwise: 'RsvdP',
        },
      ],
    },
    {
      name: 'L1 PM Substates Control 2',
      offset: 0x0c,
      width: 32,
      spec: 'PCIe 5.0 §7.8.3.4',
      fields: [
        { name: 'T_POWER_ON Scale', bits: [1, 0], attr: 'RW', when: { anyField: l12 }, otherwise: 'RsvdP' },
        { name: 'Reserved 2', bits: [2, 2], attr: 'RsvdP' },
        { name: 'T_POWER_ON Value', bits: [7, 3], attr: 'RW', reset: 5, when: { anyField: l12 }, otherwise: 'RsvdP' },
        { name: 'Reserved', bits: [31, 8], attr: 'RsvdP' },
      ],
    },
    {
      name: 'L1 PM Substates Status',
      offset: 0x10,
      width: 32,
      spec: 'PCIe 5.0 §7.8.3.5',
      when: { version: { atLeast: 2 } },
      fields: [
        { name: 'Link Activation Status', bits: [0, 0], attr: 'RW1C', when: linkActivation, otherwise: 'RsvdZ' },
        { name: 'Reserved', bits: [31, 1], attr: 'RsvdZ' },
      ],
    },
  ],
} as const satisfies Structure;
