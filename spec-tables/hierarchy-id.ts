import type { Condition, Structure } from '../src/spec/structure.ts';

const writeable: Condition = {
  fields: [{ register: 'Hierarchy ID Status', field: 'Hierarchy ID Writeable', equals: 1 }],
};

/**
 * Hierarchy ID Extended Capability, 20h bytes. PCIe 5.0 §7.9.18.
 * Status has more bits (a VF may take its own data, data may be pending): their places are in no public source.
 */
export const HierarchyId = {
  name: 'Hierarchy ID',
  extendedCapabilityId: 0x0028,
  registers: [
    {
      name: 'Hierarchy ID Status',
      offset: 0x04,
      width: 32,
      spec: 'PCIe 5.0 §7.9.18.2',
      fields: [
        { name: 'Message Requester ID', bits: [15, 0], attr: 'RO' },
        { name: 'Hierarchy ID Valid', bits: [28, 28], attr: 'RO' },
        { name: 'Hierarchy ID Writeable', bits: [29, 29], attr: 'RO' },
      ],
    },
    {
      name: 'Hierarchy ID Data',
      offset: 0x08,
      width: 32,
      spec: 'PCIe 5.0 §7.9.18.3',
      fields: [
        { name: 'System GUID Authority ID', bits: [7, 0], attr: 'RW', when: writeable },
        { name: 'Reserved', bits: [15, 8], attr: 'RsvdP' },
        { name: 'Hierarchy ID', bits: [31, 16], attr: 'RW', when: writeable },
      ],
    },
    {
      name: 'Hierarchy ID GUID 1',
      offset: 0x0c,
      width: 32,
      spec: 'PCIe 5.0 §7.9.18.4',
      fields: [{ name: 'System GUID', bits: [31, 0], attr: 'RW', when: writeable }],
    },
    {
      name: 'Hierarchy ID GUID 2',
      offset: 0x10,
      width: 32,
      spec: 'PCIe 5.0 §7.9.18.5',
      fields: [{ name: 'System GUID', bits: [31, 0], attr: 'RW', when: writeable }],
    },
    {
      name: 'Hierarchy ID GUID 3',
      offset: 0x14,
      width: 32,
      spec: 'PCIe 5.0 §7.9.18.6',
      fields: [{ name: 'System GUID', bits: [31, 0], attr: 'RW', when: writeable }],
    },
    {
      name: 'Hierarchy ID GUID 4',
      offset: 0x18,
      width: 32,
      spec: 'PCIe 5.0 §7.9.18.7',
      fields: [{ name: 'System GUID', bits: [31, 0], attr: 'RW', when: writeable }],
    },
    {
      name: 'Hierarchy ID GUID 5',
      offset: 0x1c,
      width: 32,
      spec: 'PCIe 5.0 §7.9.18.8',
      fields: [{ name: 'System GUID', bits: [31, 0], attr: 'RW', when: writeable }],
    },
  ],
} as const satisfies Structure;
