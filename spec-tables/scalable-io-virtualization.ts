import type { Structure } from '../src/spec/structure.ts';

/**
 * Scalable I/O Virtualization (SIOV) Extended Capability. PCIe 6.2.
 * One public source names these registers, without fields. It has none for 0Ah, where the control must be, and none behind 0Fh.
 */
export const ScalableIoVirtualization = {
  name: 'Scalable I/O Virtualization',
  extendedCapabilityId: 0x0038,
  registers: [
    { name: 'SIOV Capabilities', offset: 0x04, width: 32, spec: 'PCIe 6.2', fields: [] },
    { name: 'SIOV Total SDIs', offset: 0x08, width: 16, spec: 'PCIe 6.2', fields: [] },
    { name: 'SIOV Status', offset: 0x0b, width: 8, spec: 'PCIe 6.2', fields: [] },
    { name: 'SIOV First SDI Offset', offset: 0x0c, width: 16, spec: 'PCIe 6.2', fields: [] },
    { name: 'SIOV SDI Stride', offset: 0x0e, width: 16, spec: 'PCIe 6.2', fields: [] },
  ],
} as const satisfies Structure;
