import type { Structure } from '../src/spec/structure.ts';
import { commonHeaderRegisters, expansionRom } from './header-common.ts';

/** PCIe 5.0 §7.5.1.2. */
export const Type0Header = {
  name: 'Type 0 Header',
  headerType: 0,
  registers: [
    ...commonHeaderRegisters,
    {
      name: 'Base Address Register 0',
      offset: 0x10,
      width: 32,
      spec: 'PCIe 5.0 §7.5.1.2.1',
      fields: [{ name: 'Base Address', bits: [31, 0], attr: 'RW', behaviour: 'bar' }],
    },
    {
      name: 'Base Address Register 1',
      offset: 0x14,
      width: 32,
      spec: 'PCIe 5.0 §7.5.1.2.1',
      fields: [{ name: 'Base Address', bits: [31, 0], attr: 'RW', behaviour: 'bar' }],
    },
    {
      name: 'Base Address Register 2',
      offset: 0x18,
      width: 32,
      spec: 'PCIe 5.0 §7.5.1.2.1',
      fields: [{ name: 'Base Address', bits: [31, 0], attr: 'RW', behaviour: 'bar' }],
    },
    {
      name: 'Base Address Register 3',
      offset: 0x1c,
      width: 32,
      spec: 'PCIe 5.0 §7.5.1.2.1',
      fields: [{ name: 'Base Address', bits: [31, 0], attr: 'RW', behaviour: 'bar' }],
    },
    {
      name: 'Base Address Register 4',
      offset: 0x20,
      width: 32,
      spec: 'PCIe 5.0 §7.5.1.2.1',
      fields: [{ name: 'Base Address', bits: [31, 0], attr: 'RW', behaviour: 'bar' }],
    },
    {
      name: 'Base Address Register 5',
      offset: 0x24,
      width: 32,
      spec: 'PCIe 5.0 §7.5.1.2.1',
      fields: [{ name: 'Base Address', bits: [31, 0], attr: 'RW', behaviour: 'bar' }],
    },
    {
      name: 'Cardbus CIS Pointer',
      offset: 0x28,
      width: 32,
      spec: 'PCIe 5.0 §7.5.1.2.2',
      fields: [{ name: 'Cardbus CIS Pointer', bits: [31, 0], attr: 'RO' }],
    },
    {
      name: 'Subsystem Vendor ID',
      offset: 0x2c,
      width: 16,
      spec: 'PCIe 5.0 §7.5.1.2.3',
      fields: [{ name: 'Subsystem Vendor ID', bits: [15, 0], attr: 'HwInit' }],
    },
    {
      name: 'Subsystem ID',
      offset: 0x2e,
      width: 16,
      spec: 'PCIe 5.0 §7.5.1.2.3',
      fields: [{ name: 'Subsystem ID', bits: [15, 0], attr: 'HwInit' }],
    },
    {
      name: 'Expansion ROM Base Address',
      offset: 0x30,
      width: 32,
      spec: 'PCIe 5.0 §7.5.1.2.4',
      fields: expansionRom,
    },
    {
      name: 'Min_Gnt',
      offset: 0x3e,
      width: 8,
      spec: 'PCIe 5.0 §7.5.1.2.5',
      fields: [{ name: 'Min_Gnt', bits: [7, 0], attr: 'RO' }],
    },
    {
      name: 'Max_Lat',
      offset: 0x3f,
      width: 8,
      spec: 'PCIe 5.0 §7.5.1.2.5',
      fields: [{ name: 'Max_Lat', bits: [7, 0], attr: 'RO' }],
    },
  ],
} as const satisfies Structure;
