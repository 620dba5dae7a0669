import type { Structure } from '../src/spec/structure.ts';

/**
 * Scalable I/O Virtualization (SIOV) Extended Capability, 10h bytes. PCIe 7.0.
 * Public sources (lspci and a Linux proposal) name these registers, without fields, but that bit 0 of the status says whether any
 * SDI is enabled. They have none for 0Ah, where the control must be.
 */
export const ScalableIoVirtualization = {
  name: 'Scalable I/O Virtualization',
  extendedCapabilityId: 0x0038,
  registers: [
    { name: 'SIOV Capabilities', offset: 0x04, width: 32, spec: 'PCIe 7.0', fields: [] },
    { name: 'SIOV Total SDIs', offset: 0x08, width: 16, spec: 'PCIe 7.0', fields: [] },
    { name: 'SIOV Status', offset: 0x0b, width: 8, spec: 'PCIe 7.0', fields: [] },
    { name: 'SIOV First SDI Offset', offset: 0x0c, width: 16, spec: 'PCIe 7.0', fields: [] },
    { name: 'SIOV SDI Stride', offset: 0x0e, width: 16, spec: 'PCIe 7.0', fields: [] },
  ],
} as const satisfies Structure;
