import type { Condition, Structure } from '../src/spec/structure.ts';

const port: Condition = { portTypes: ['Root Port', 'Switch Upstream Port', 'Switch Downstream Port'] };

/** Multicast Extended Capability: 28h bytes; 30h in root and switch ports, with the overlay. PCIe 5.0 §7.9.11. */
export const Multicast = {
  name: 'Multicast',
  extendedCapabilityId: 0x0012,
  registers: [
    {
      name: 'Multicast Capability',
      offset: 0x04,
      width: 16,
      spec: 'PCIe 5.0 §7.9.11.2',
      fields: [
        { name: 'MC_Max_Group', bits: [5, 0], attr: 'RO' },
        { name: 'Reserved 7:6', bits: [7, 6], attr: 'RsvdP' },
        // Endpoints only.
        { name: 'MC_Window_Size_Requested', bits: [13, 8], attr: 'RO' },
        { name: 'Reserved 14', bits: [14, 14], attr: 'RsvdP' },
        // Ports only.
        { name: 'MC_ECRC_Regeneration_Supported', bits: [15, 15], attr: 'RO' },
      ],
    },
    {
      name: 'Multicast Control',
      offset: 0x06,
      width: 16,
      spec: 'PCIe 5.0 §7.9.11.3',
      fields: [
        { name: 'MC_Num_Group', bits: [5, 0], attr: 'RW' },
        { name: 'Reserved', bits: [14, 6], attr: 'RsvdP' },
        { name: 'MC_Enable', bits: [15, 15], attr: 'RW' },
      ],
    },
    {
      name: 'MC_Base_Address Lower',
      offset: 0x08,
      width: 32,
      spec: 'PCIe 5.0 §7.9.11.4',
      fields: [
        { name: 'MC_Index_Position', bits: [5, 0], attr: 'RW' },
        { name: 'Reserved', bits: [11, 6], attr: 'RsvdP' },
        { name: 'MC_Base_Address 31:12', bits: [31, 12], attr: 'RW' },
      ],
    },
    {
      name: 'MC_Base_Address Upper',
      offset: 0x0c,
      width: 32,
      spec: 'PCIe 5.0 §7.9.11.4',
      fields: [{ name: 'MC_Base_Address 63:32', bits: [31, 0], attr: 'RW' }],
    },
    {
      name: 'MC_Receive Lower',
      offset: 0x10,
      width: 32,
      spec: 'PCIe 5.0 §7.9.11.5',
      fields: [{ name: 'MC_Receive 31:0', bits: [31, 0], attr: 'RW' }],
    },
    {
      name: 'MC_Receive Upper',
      offset: 0x14,
      width: 32,
      spec: 'PCIe 5.0 §7.9.11.5',
      fields: [{ name: 'MC_Receive 63:32', bits: [31, 0], attr: 'RW' }],
    },
    {
      name: 'MC_Block_All Lower',
      offset: 0x18,
      width: 32,
      spec: 'PCIe 5.0 §7.9.11.6',
      fields: [{ name: 'MC_Block_All 31:0', bits: [31, 0], attr: 'RW' }],
    },
    {
      name: 'MC_Block_All Upper',
      offset: 0x1c,
      width: 32,
      spec: 'PCIe 5.0 §7.9.11.6',
      fields: [{ name: 'MC_Block_All 63:32', bits: [31, 0], attr: 'RW' }],
    },
    {
      name: 'MC_Block_Untranslated Lower',
      offset: 0x20,
      width: 32,
      spec: 'PCIe 5.0 §7.9.11.7',
      fields: [{ name: 'MC_Block_Untranslated 31:0', bits: [31, 0], attr: 'RW' }],
    },
    {
      name: 'MC_Block_Untranslated Upper',
      offset: 0x24,
      width: 32,
      spec: 'PCIe 5.0 §7.9.11.7',
      fields: [{ name: 'MC_Block_Untranslated 63:32', bits: [31, 0], attr: 'RW' }],
    },
    {
      name: 'MC_Overlay_BAR Lower',
      offset: 0x28,
      width: 32,
      spec: 'PCIe 5.0 §7.9.11.8',
      when: port,
      fields: [
        { name: 'MC_Overlay_Size', bits: [5, 0], attr: 'RW' },
        { name: 'MC_Overlay_BAR 31:6', bits: [31, 6], attr: 'RW' },
      ],
    },
    {
      name: 'MC_Overlay_BAR Upper',
      offset: 0x2c,
      width: 32,
      spec: 'PCIe 5.0 §7.9.11.8',
      when: port,
      fields: [{ name: 'MC_Overlay_BAR 63:32', bits: [31, 0], attr: 'RW' }],
    },
  ],
} as const satisfies Structure;
