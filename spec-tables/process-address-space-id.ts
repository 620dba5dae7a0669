import type { Condition, Structure } from '../src/spec/structure.ts';

const capable = (field: string): Condition => ({ fields: [{ register: 'PASID Capability', field, equals: 1 }] });

/** Process Address Space ID (PASID) Extended Capability, 8 bytes. PCIe 5.0 §7.8.8; Translated Requests with PASID: PCIe 6.0. */
export const ProcessAddressSpaceId = {
  name: 'Process Address Space ID',
  extendedCapabilityId: 0x001b,
  registers: [
    {
      name: 'PASID Capability',
      offset: 0x04,
      width: 16,
      spec: 'PCIe 5.0 §7.8.8.2',
      fields: [
        { name: 'Reserved 0', bits: [0, 0], attr: 'RsvdP' },
        { name: 'Execute Permission Supported', bits: [1, 1], attr: 'RO' },
        { name: 'Privileged Mode Supported', bits: [2, 2], attr: 'RO' },
        { name: 'Translated Requests with PASID Supported', bits: [3, 3], attr: 'RO' },
        { name: 'Reserved 7:4', bits: [7, 4], attr: 'RsvdP' },
        { name: 'Max PASID Width', bits: [12, 8], attr: 'RO' },
        { name: 'Reserved 15:13', bits: [15, 13], attr: 'RsvdP' },
      ],
    },
    {
      name: 'PASID Control',
      offset: 0x06,
      width: 16,
      spec: 'PCIe 5.0 §7.8.8.3',
      fields: [
        { name: 'PASID Enable', bits: [0, 0], attr: 'RW' },
        {
          name: 'Execute Permission Enable',
          bits: [1, 1],
          attr: 'RW',
          when: /* @__PURE__ */ capable('Execute Permission Supported'),
        },
        {
          name: 'Privileged Mode Enable',
          bits: [2, 2],
          attr: 'RW',
          when: /* @__PURE__ */ capable('Privileged Mode Supported'),
        },
        {
          name: 'Translated Requests with PASID Enable',
          bits: [3, 3],
          attr: 'RW',
          when: /* @__PURE__ */ capable('Translated Requests with PASID Supported'),
        },
        { name: 'Reserved', bits: [15, 4], attr: 'RsvdP' },
      ],
    },
  ],
} as const satisfies Structure;
