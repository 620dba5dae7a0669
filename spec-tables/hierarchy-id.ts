import type { Condition, Register, Structure } from '../src/spec/structure.ts';

const writeable: Condition = {
  fields: [{ register: 'Hierarchy ID Status', field: 'Hierarchy ID Writeable', equals: 1 }],
};
const switchDownstream: Condition = { portTypes: ['Root Port', 'Switch Downstream Port'] };

/** GUID 2 to 5; the first one is half of one. */
const guid = <const N extends number>(number: N) =>
  ({
    name: `Hierarchy ID GUID ${number}`,
    offset: 0x08 + 4 * number,
    width: 32,
    spec: `PCIe 5.0 §7.9.18.${number + 3}`,
    fields: [{ name: `System GUID ${number}`, bits: [31, 0], attr: 'RW', when: writeable }],
  }) as const satisfies Register;

/** Hierarchy ID Extended Capability, 20h bytes. PCIe 5.0 §7.9.18. */
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
        { name: 'Reserved', bits: [27, 16], attr: 'RsvdZ' },
        // RW in a VF whose data can be configured; that a function is a VF, no condition asks.
        { name: 'Hierarchy ID Writeable', bits: [28, 28], attr: 'RO' },
        { name: 'Hierarchy ID VF Configurable', bits: [29, 29], attr: 'RO' },
        { name: 'Hierarchy ID Pending', bits: [30, 30], attr: 'RW', when: switchDownstream, otherwise: 'RsvdZ' },
        // Software that writes the data says when it is whole; a downstream port always has its own.
        {
          name: 'Hierarchy ID Valid',
          bits: [31, 31],
          attr: 'RO',
          when: switchDownstream,
          otherwise: { when: writeable, attr: 'RW' },
        },
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
      fields: [
        { name: 'System GUID 1', bits: [15, 0], attr: 'RW', when: writeable },
        { name: 'Reserved', bits: [31, 16], attr: 'RsvdP' },
      ],
    },
    guid(2),
    guid(3),
    guid(4),
    guid(5),
  ],
} as const satisfies Structure;
