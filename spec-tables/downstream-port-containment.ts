import type { Attribute, Block, Condition, Field, Structure } from '../src/spec/structure.ts';

const capable = (field: string): Condition => ({ fields: [{ register: 'DPC Capability', field, equals: 1 }] });
/** RP Busy, and what the extensions log. */
const rootPortExtensions = /* @__PURE__ */ capable('RP Extensions for DPC');

/** A bit for each kind of request that the root port itself made, and each way in which it failed. */
const rootPortErrors = (attr: Attribute, reset: 0 | 1): readonly Field[] =>
  (
    [
      [0, 'Cfg UR Cpl'],
      [1, 'Cfg CA Cpl'],
      [2, 'Cfg CTO'],
      [8, 'I/O UR Cpl'],
      [9, 'I/O CA Cpl'],
      [10, 'I/O CTO'],
      [16, 'Mem UR Cpl'],
      [17, 'Mem CA Cpl'],
      [18, 'Mem CTO'],
    ] as const
  ).map(([bit, name]) => ({ name, bits: [bit, bit] as const, attr, reset }));

const headerLog = <const I extends number>(index: I) =>
  ({
    name: `RP PIO Header Log ${index}`,
    offset: 0x20 + 4 * index,
    width: 32,
    spec: 'PCIe 5.0 §7.9.15.11',
    when: rootPortExtensions,
    fields: [{ name: 'TLP Header', bits: [31, 0], attr: 'ROS' }],
  }) as const;

/** Behind the ImpSpec log, by the four bits of the log's size and the fifth, which stands for 16. */
const prefixLog = (sizeBit4: 0 | 1, plus: number): Block => ({
  when: {
    fields: [
      { register: 'DPC Capability', field: 'RP Extensions for DPC', equals: 1 },
      { register: 'DPC Capability', field: 'RP PIO Log Size 4', equals: sizeBit4 },
    ],
  },
  offset: 0x34,
  count: { register: 'DPC Capability', field: 'RP PIO Log Size', plus },
  registers: [
    {
      // In flit mode further DWORDs of the header.
      name: 'RP PIO TLP Prefix Log {n}',
      offset: 0x0,
      width: 32,
      spec: 'PCIe 5.0 §7.9.15.13',
      fields: [{ name: 'TLP Prefix', bits: [31, 0], attr: 'ROS' }],
    },
  ],
});

const errCorSubclass: Condition = {
  express: [{ register: 'Device Capabilities', field: 'ERR_COR Subclass Capable', equals: 1 }],
};

/**
 * Downstream Port Containment (DPC) Extended Capability: 0Ch bytes. With the root port's extensions 30h for a log size of 4, 34h
 * for 5, and 4 more for each further DWORD. PCIe 5.0 §7.9.15.
 */
export const DownstreamPortContainment = {
  name: 'Downstream Port Containment',
  extendedCapabilityId: 0x001d,
  registers: [
    {
      name: 'DPC Capability',
      offset: 0x04,
      width: 16,
      spec: 'PCIe 5.0 §7.9.15.2',
      fields: [
        { name: 'DPC Interrupt Message Number', bits: [4, 0], attr: 'RO' },
        { name: 'RP Extensions for DPC', bits: [5, 5], attr: 'RO' },
        { name: 'Poisoned TLP Egress Blocking Supported', bits: [6, 6], attr: 'RO' },
        { name: 'DPC Software Triggering Supported', bits: [7, 7], attr: 'RO' },
        { name: 'RP PIO Log Size', bits: [11, 8], attr: 'RO' },
        { name: 'DL_Active ERR_COR Signaling Supported', bits: [12, 12], attr: 'RO' },
        // PCIe 6.0.
        { name: 'RP PIO Log Size 4', bits: [13, 13], attr: 'RO' },
        { name: 'Reserved', bits: [15, 14], attr: 'RsvdP' },
      ],
    },
    {
      name: 'DPC Control',
      offset: 0x06,
      width: 16,
      spec: 'PCIe 5.0 §7.9.15.3',
      fields: [
        { name: 'DPC Trigger Enable', bits: [1, 0], attr: 'RW' },
        { name: 'DPC Completion Control', bits: [2, 2], attr: 'RW' },
        { name: 'DPC Interrupt Enable', bits: [3, 3], attr: 'RW' },
        { name: 'DPC ERR_COR Enable', bits: [4, 4], attr: 'RW' },
        {
          name: 'Poisoned TLP Egress Blocking Enable',
          bits: [5, 5],
          attr: 'RW',
          when: /* @__PURE__ */ capable('Poisoned TLP Egress Blocking Supported'),
        },
        {
          name: 'DPC Software Trigger',
          bits: [6, 6],
          attr: 'RW',
          behaviour: 'dpc-software-trigger',
          when: /* @__PURE__ */ capable('DPC Software Triggering Supported'),
        },
        {
          name: 'DL_Active ERR_COR Enable',
          bits: [7, 7],
          attr: 'RW',
          when: /* @__PURE__ */ capable('DL_Active ERR_COR Signaling Supported'),
        },
        { name: 'DPC SIG_SFW Enable', bits: [8, 8], attr: 'RW', when: errCorSubclass },
        { name: 'Reserved', bits: [15, 9], attr: 'RsvdP' },
      ],
    },
    {
      name: 'DPC Status',
      offset: 0x08,
      width: 16,
      spec: 'PCIe 5.0 §7.9.15.4',
      behaviour: 'dpc-status',
      fields: [
        { name: 'DPC Trigger Status', bits: [0, 0], attr: 'RW1CS' },
        { name: 'DPC Trigger Reason', bits: [2, 1], attr: 'ROS' },
        { name: 'DPC Interrupt Status', bits: [3, 3], attr: 'RW1CS' },
        // While it is 1, software waits before it clears the trigger status.
        { name: 'DPC RP Busy', bits: [4, 4], attr: 'RO', when: rootPortExtensions, otherwise: 'RsvdZ' },
        { name: 'DPC Trigger Reason Extension', bits: [6, 5], attr: 'ROS' },
        { name: 'Reserved 7', bits: [7, 7], attr: 'RsvdZ' },
        {
          name: 'RP PIO First Error Pointer',
          bits: [12, 8],
          attr: 'ROS',
          reset: 0x1f,
          when: rootPortExtensions,
          otherwise: 'RsvdZ',
        },
        { name: 'DPC SIG_SFW Status', bits: [13, 13], attr: 'RW1CS', when: errCorSubclass },
        { name: 'Reserved', bits: [15, 14], attr: 'RsvdZ' },
      ],
    },
    {
      // Of the message's sender; means something only for trigger reasons 01b and 10b.
      name: 'DPC Error Source ID',
      offset: 0x0a,
      width: 16,
      spec: 'PCIe 5.0 §7.9.15.5',
      fields: [{ name: 'DPC Error Source ID', bits: [15, 0], attr: 'ROS' }],
    },
    {
      name: 'RP PIO Status',
      offset: 0x0c,
      width: 32,
      spec: 'PCIe 5.0 §7.9.15.6',
      when: rootPortExtensions,
      fields: /* @__PURE__ */ rootPortErrors('RW1CS', 0),
    },
    {
      name: 'RP PIO Mask',
      offset: 0x10,
      width: 32,
      spec: 'PCIe 5.0 §7.9.15.7',
      when: rootPortExtensions,
      fields: /* @__PURE__ */ rootPortErrors('RWS', 1),
    },
    {
      name: 'RP PIO Severity',
      offset: 0x14,
      width: 32,
      spec: 'PCIe 5.0 §7.9.15.8',
      when: rootPortExtensions,
      fields: /* @__PURE__ */ rootPortErrors('RWS', 0),
    },
    {
      name: 'RP PIO SysError',
      offset: 0x18,
      width: 32,
      spec: 'PCIe 5.0 §7.9.15.9',
      when: rootPortExtensions,
      fields: /* @__PURE__ */ rootPortErrors('RWS', 0),
    },
    {
      name: 'RP PIO Exception',
      offset: 0x1c,
      width: 32,
      spec: 'PCIe 5.0 §7.9.15.10',
      when: rootPortExtensions,
      fields: /* @__PURE__ */ rootPortErrors('RWS', 0),
    },
    /* @__PURE__ */ headerLog(0),
    /* @__PURE__ */ headerLog(1),
    /* @__PURE__ */ headerLog(2),
    /* @__PURE__ */ headerLog(3),
  ],
  blocks: [
    {
      when: {
        ...rootPortExtensions,
        anyField: [
          { register: 'DPC Capability', field: 'RP PIO Log Size', atLeast: 5 },
          { register: 'DPC Capability', field: 'RP PIO Log Size 4', equals: 1 },
        ],
      },
      offset: 0x30,
      registers: [
        {
          name: 'RP PIO ImpSpec Log',
          offset: 0x0,
          width: 32,
          spec: 'PCIe 5.0 §7.9.15.12',
          fields: [{ name: 'Implementation Specific', bits: [31, 0], attr: 'ROS' }],
        },
      ],
    },
    /* @__PURE__ */ prefixLog(0, -5),
    /* @__PURE__ */ prefixLog(1, 11),
  ],
} as const satisfies Structure;
