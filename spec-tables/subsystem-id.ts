import type { Structure } from '../src/spec/structure.ts';

/** Subsystem ID and Subsystem Vendor ID Capability, 8 bytes. PCI-to-PCI Bridge 1.2 §3.2.5.13; PCIe 5.0 §7.9.24. */
export const SubsystemIdCapability = {
  name: 'Subsystem ID and Subsystem Vendor ID',
  capabilityId: 0x0d,
  registers: [
    {
      name: 'Bridge Subsystem Vendor ID',
      offset: 0x04,
      width: 16,
      spec: 'PCIe 5.0 §7.9.24',
      fields: [{ name: 'Subsystem Vendor ID', bits: [15, 0], attr: 'HwInit' }],
    },
    {
      name: 'Bridge Subsystem ID',
      offset: 0x06,
      width: 16,
      spec: 'PCIe 5.0 §7.9.24',
      fields: [{ name: 'Subsystem ID', bits: [15, 0], attr: 'HwInit' }],
    },
  ],
} as const satisfies Structure;
