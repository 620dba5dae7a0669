import type { Structure } from '../src/spec/structure.ts';

/**
 * System Firmware Intermediary (SFI) Extended Capability, 14h bytes. PCIe 5.0 §7.9.23.
 * Control also has enables and a mask for changes of presence, of the link state and for DRS, and Status their bits; their
 * places, and the fields of the CAM registers, are in no public source.
 */
export const SystemFirmwareIntermediary = {
  name: 'System Firmware Intermediary',
  extendedCapabilityId: 0x002c,
  registers: [
    {
      name: 'SFI Capability',
      offset: 0x04,
      width: 16,
      spec: 'PCIe 5.0 §7.9.23.2',
      fields: [{ name: 'SFI OOB PD Supported', bits: [0, 0], attr: 'HwInit' }],
    },
    {
      name: 'SFI Control',
      offset: 0x06,
      width: 16,
      spec: 'PCIe 5.0 §7.9.23.3',
      fields: [
        { name: 'SFI PD State Mask', bits: [0, 0], attr: 'RW' },
        { name: 'SFI DLL State Mask', bits: [1, 1], attr: 'RW' },
      ],
    },
    {
      name: 'SFI Status',
      offset: 0x08,
      width: 16,
      spec: 'PCIe 5.0 §7.9.23.4',
      fields: [
        { name: 'SFI PD State', bits: [0, 0], attr: 'RO' },
        { name: 'SFI OOB PD State', bits: [1, 1], attr: 'RO' },
      ],
    },
    { name: 'SFI CAM Address', offset: 0x0c, width: 32, spec: 'PCIe 5.0 §7.9.23.5', fields: [] },
    { name: 'SFI CAM Data', offset: 0x10, width: 32, spec: 'PCIe 5.0 §7.9.23.6', fields: [] },
  ],
} as const satisfies Structure;
