import type { Condition, Structure } from '../src/spec/structure.ts';

const outOfBand: Condition = { fields: [{ register: 'SFI Capability', field: 'SFI OOB PD Supported', equals: 1 }] };

/** System Firmware Intermediary (SFI) Extended Capability of a downstream port, 14h bytes. PCIe 5.0 §7.9.23. */
export const SystemFirmwareIntermediary = {
  name: 'System Firmware Intermediary',
  extendedCapabilityId: 0x002c,
  registers: [
    {
      name: 'SFI Capability',
      offset: 0x04,
      width: 16,
      spec: 'PCIe 5.0 §7.9.23.2',
      fields: [
        { name: 'SFI OOB PD Supported', bits: [0, 0], attr: 'HwInit' },
        { name: 'Reserved', bits: [15, 1], attr: 'RsvdP' },
      ],
    },
    {
      name: 'SFI Control',
      offset: 0x06,
      width: 16,
      spec: 'PCIe 5.0 §7.9.23.3',
      fields: [
        { name: 'SFI PD State Mask', bits: [0, 0], attr: 'RW' },
        { name: 'SFI DLL State Mask', bits: [1, 1], attr: 'RW' },
        { name: 'SFI OOB PD Changed Enable', bits: [2, 2], attr: 'RW', when: outOfBand },
        { name: 'SFI DLL State Changed Enable', bits: [3, 3], attr: 'RW' },
        { name: 'SFI DPF Control', bits: [5, 4], attr: 'RW' },
        { name: 'SFI HPS Suppress', bits: [6, 6], attr: 'RW' },
        { name: 'SFI DRS Mask', bits: [7, 7], attr: 'RW' },
        { name: 'SFI DRS Signaling Enable', bits: [8, 8], attr: 'RW' },
        { name: 'SFI DRS Trigger', bits: [9, 9], attr: 'RW', behaviour: 'reads-zero' },
        { name: 'Reserved', bits: [15, 10], attr: 'RsvdP' },
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
        { name: 'SFI OOB PD Changed', bits: [2, 2], attr: 'RW1C' },
        { name: 'SFI DLL State', bits: [3, 3], attr: 'RO' },
        { name: 'SFI DLL State Changed', bits: [4, 4], attr: 'RW1C' },
        { name: 'SFI DRS Received', bits: [5, 5], attr: 'RW1C' },
        { name: 'Reserved', bits: [15, 6], attr: 'RsvdZ' },
      ],
    },
    {
      name: 'SFI CAM Address',
      offset: 0x0c,
      width: 32,
      spec: 'PCIe 5.0 §7.9.23.5',
      fields: [
        { name: 'SFI CAM Address', bits: [27, 0], attr: 'RW' },
        { name: 'Reserved', bits: [31, 28], attr: 'RsvdP' },
      ],
    },
    // An access is a Configuration Request to the address above, behind the port: nothing is stored here.
    {
      name: 'SFI CAM Data',
      offset: 0x10,
      width: 32,
      spec: 'PCIe 5.0 §7.9.23.6',
      fields: [{ name: 'SFI CAM Data', bits: [31, 0], attr: 'RW', behaviour: 'reads-zero' }],
    },
  ],
} as const satisfies Structure;
