import type { Structure } from '../src/spec/structure.ts';

/** Root Complex Event Collector Endpoint Association Extended Capability: 8 bytes; 0Ch from version 2 on. PCIe 5.0 §7.9.10. */
export const RootComplexEventCollectorAssociation = {
  name: 'Root Complex Event Collector Endpoint Association',
  extendedCapabilityId: 0x0007,
  versionField: { register: 'RCEC Association Header', field: 'Capability Version' },
  registers: [
    {
      name: 'RCEC Association Header',
      offset: 0x00,
      width: 32,
      spec: 'PCIe 5.0 §7.9.10.1',
      fields: [
        { name: 'Extended Capability ID', bits: [15, 0], attr: 'RO' },
        { name: 'Capability Version', bits: [19, 16], attr: 'RO' },
        { name: 'Next Capability Offset', bits: [31, 20], attr: 'RO' },
      ],
    },
    {
      name: 'RCEC Association Bitmap',
      offset: 0x04,
      width: 32,
      spec: 'PCIe 5.0 §7.9.10.2',
      fields: [{ name: 'Associated Device Numbers', bits: [31, 0], attr: 'HwInit' }],
    },
    {
      name: 'RCEC Associated Bus Numbers',
      offset: 0x08,
      width: 32,
      spec: 'PCIe 5.0 §7.9.10.3',
      when: { version: { atLeast: 2 } },
      fields: [
        { name: 'Reserved 7:0', bits: [7, 0], attr: 'RsvdP' },
        { name: 'RCEC Next Bus', bits: [15, 8], attr: 'HwInit' },
        { name: 'RCEC Last Bus', bits: [23, 16], attr: 'HwInit' },
        { name: 'Reserved 31:24', bits: [31, 24], attr: 'RsvdP' },
      ],
    },
  ],
} as const satisfies Structure;
