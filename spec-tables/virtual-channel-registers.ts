import type { Block, Condition, Register } from '../src/spec/structure.ts';

/** What differs between the Virtual Channel and the Multi-Function Virtual Channel capability: names and sections. */
export interface VirtualChannelNames {
  /** In front of each register's name. */
  readonly prefix: string;
  /** What is arbitrated within a VC. */
  readonly arbitration: 'Port' | 'Function';
  readonly section: string;
}

const reserved = (high: number, low: number) =>
  ({ name: `Reserved ${high}:${low}`, bits: [high, low], attr: 'RsvdP' }) as const;

/** VCs other than VC0 that a count of three bits can have. */
const extendedVcs = [1, 2, 3, 4, 5, 6, 7];

const arbitrationNames = [
  'Hardware Fixed',
  'WRR 32 Phases',
  'WRR 64 Phases',
  'WRR 128 Phases',
  'Time-Based WRR 128 Phases',
  'WRR 256 Phases',
] as const;

/** Shared flow control: in Flit Mode, between several VCs. */
const sharedFlowControl = (prefix: string): Condition => ({
  fields: [{ register: `${prefix}Port VC Capability 1`, field: 'Extended VC Count', atLeast: 1 }],
  express: [{ register: 'PCI Express Capabilities', field: 'Flit Mode Supported', equals: 1 }],
});

/** The DWORD of an arbitration table of four-bit phases: the VC of each phase. */
const vcPhases = /* @__PURE__ */ [0, 1, 2, 3, 4, 5, 6, 7].map(
  (phase) => ({ name: `Phase ${phase} VC ID`, bits: [4 * phase + 2, 4 * phase], attr: 'RW' }) as const,
);

function resourceRegisters({ prefix, arbitration, section }: VirtualChannelNames, vc: number, at: number): Register[] {
  const first = vc === 0;
  const capability = `${prefix}VC${vc} Resource Capability`;
  const offers = (name: (typeof arbitrationNames)[number]) =>
    ({ register: capability, field: `${arbitration} Arbitration ${name}`, equals: 1 }) as const;
  const shared = sharedFlowControl(prefix);
  return [
    {
      name: capability,
      offset: at,
      width: 32,
      spec: `${section}.6`,
      fields: [
        ...arbitrationNames.map(
          (name, bit) => ({ name: `${arbitration} Arbitration ${name}`, bits: [bit, bit], attr: 'RO' }) as const,
        ),
        reserved(13, 6),
        // Advanced Packet Switching until PCIe 1.1.
        { name: 'Undefined', bits: [14, 14], attr: 'RO' },
        arbitration === 'Port'
          ? // Of a root port, and of an RCRB.
            {
              name: 'Reject Snoop Transactions',
              bits: [15, 15],
              attr: 'HwInit',
              when: { portTypes: ['Root Port'] },
              otherwise: 'RsvdP',
            }
          : { name: 'Reserved 15', bits: [15, 15], attr: 'RsvdP' },
        {
          name: 'Maximum Time Slots',
          bits: [22, 16],
          attr: 'HwInit',
          when: { fields: [offers('Time-Based WRR 128 Phases')] },
          otherwise: 'RsvdP',
        },
        reserved(23, 23),
        { name: `${arbitration} Arbitration Table Offset`, bits: [31, 24], attr: 'RO' },
      ],
    },
    {
      name: `${prefix}VC${vc} Resource Control`,
      offset: at + 4,
      width: 32,
      spec: `${section}.7`,
      fields: [
        // TC0 goes over VC0, always. After a reset all classes go over VC0.
        { name: 'TC/VC Map TC0', bits: [0, 0], attr: 'RO', reset: first ? 1 : 0 },
        { name: 'TC/VC Map TC7:1', bits: [7, 1], attr: 'RW', reset: first ? 0x7f : 0 },
        reserved(15, 8),
        { name: `Load ${arbitration} Arbitration Table`, bits: [16, 16], attr: 'RW', behaviour: 'reads-zero' },
        {
          name: `${arbitration} Arbitration Select`,
          bits: [19, 17],
          attr: 'RW',
          when: { anyField: arbitrationNames.map(offers) },
        },
        reserved(23, 20),
        { name: 'VC ID', bits: [26, 24], attr: first ? 'RO' : 'RW' },
        // PCIe 6.0, both.
        { name: 'Shared Flow Control Usage Limit', bits: [29, 27], attr: 'RW', when: shared, otherwise: 'RsvdP' },
        {
          name: 'Shared Flow Control Usage Limit Enable',
          bits: [30, 30],
          attr: 'RW',
          when: shared,
          otherwise: 'RsvdP',
        },
        { name: 'VC Enable', bits: [31, 31], attr: first ? 'RO' : 'RW', reset: first ? 1 : 0 },
      ],
    },
    {
      name: `${prefix}VC${vc} Resource Status`,
      offset: at + 10,
      width: 16,
      spec: `${section}.8`,
      fields: [
        { name: `${arbitration} Arbitration Table Status`, bits: [0, 0], attr: 'RO' },
        { name: 'VC Negotiation Pending', bits: [1, 1], attr: 'RO' },
        { name: 'Reserved 15:2', bits: [15, 2], attr: 'RsvdZ' },
      ],
    },
  ];
}

/** The arbitrations that use a table, the longest first. An entry has 1, 2, 4 or 8 bits: 32 phases take as many DWORDs. */
const tableArbitrations = [
  { name: 'WRR 256 Phases', timesPhases32: 8 },
  { name: 'WRR 128 Phases', timesPhases32: 4 },
  { name: 'Time-Based WRR 128 Phases', timesPhases32: 4 },
  { name: 'WRR 64 Phases', timesPhases32: 2 },
  { name: 'WRR 32 Phases', timesPhases32: 1 },
] as const;

/** The table of one VC: as many phases as the longest arbitration that its capability register offers. */
function arbitrationTable({ prefix, arbitration, section }: VirtualChannelNames, vc: number): Block[] {
  const register = `${prefix}VC${vc} Resource Capability`;
  return tableArbitrations.map(({ timesPhases32 }, which) => ({
    when: {
      fields: tableArbitrations
        .slice(0, which + 1)
        .map(({ name }, i) => ({ register, field: `${arbitration} Arbitration ${name}`, equals: i === which ? 1 : 0 })),
    },
    offset: { register, field: `${arbitration} Arbitration Table Offset`, times: 16 },
    count: {
      register: `${prefix}Port VC Capability 1`,
      field: `${arbitration} Arbitration Table Entry Size`,
      powerOfTwo: true,
      times: timesPhases32,
    },
    registers: [
      {
        name: `${prefix}VC${vc} ${arbitration} Arbitration Table {n}`,
        offset: 0,
        width: 32,
        spec: `${section}.10`,
        fields: [{ name: 'Phases', bits: [31, 0], attr: 'RW' }],
      },
    ],
  }));
}

/** The VC Arbitration Table: as many phases as the largest arbitration offered, four bits each. */
function vcArbitrationTable({ prefix, section }: VirtualChannelNames): Block[] {
  const register = `${prefix}Port VC Capability 2`;
  const is = (phases: number, equals: number) => ({ register, field: `VC Arbitration WRR ${phases} Phases`, equals });
  return [
    { phases: 128, fields: [is(128, 1)] },
    { phases: 64, fields: [is(128, 0), is(64, 1)] },
    { phases: 32, fields: [is(128, 0), is(64, 0), is(32, 1)] },
  ].map(({ phases, fields }) => ({
    when: { fields },
    offset: { register, field: 'VC Arbitration Table Offset', times: 16 },
    count: phases / 8,
    registers: [
      { name: `${prefix}VC Arbitration Table {n}`, offset: 0, width: 32, spec: `${section}.9`, fields: vcPhases },
    ],
  }));
}

/** Registers of both capabilities; VC0 is always there. */
export function virtualChannelRegisters(names: VirtualChannelNames): readonly Register[] {
  const { prefix, arbitration, section } = names;
  return [
    {
      name: `${prefix}Port VC Capability 1`,
      offset: 0x04,
      width: 32,
      spec: `${section}.2`,
      fields: [
        { name: 'Extended VC Count', bits: [2, 0], attr: 'RO' },
        reserved(3, 3),
        { name: 'Low Priority Extended VC Count', bits: [6, 4], attr: 'RO' },
        reserved(7, 7),
        { name: 'Reference Clock', bits: [9, 8], attr: 'RO' },
        { name: `${arbitration} Arbitration Table Entry Size`, bits: [11, 10], attr: 'RO' },
        reserved(31, 12),
      ],
    },
    {
      name: `${prefix}Port VC Capability 2`,
      offset: 0x08,
      width: 32,
      spec: `${section}.3`,
      fields: [
        { name: 'VC Arbitration Hardware Fixed', bits: [0, 0], attr: 'RO' },
        { name: 'VC Arbitration WRR 32 Phases', bits: [1, 1], attr: 'RO' },
        { name: 'VC Arbitration WRR 64 Phases', bits: [2, 2], attr: 'RO' },
        { name: 'VC Arbitration WRR 128 Phases', bits: [3, 3], attr: 'RO' },
        reserved(23, 4),
        { name: 'VC Arbitration Table Offset', bits: [31, 24], attr: 'RO' },
      ],
    },
    {
      name: `${prefix}Port VC Control`,
      offset: 0x0c,
      width: 16,
      spec: `${section}.4`,
      fields: [
        { name: 'Load VC Arbitration Table', bits: [0, 0], attr: 'RW', behaviour: 'reads-zero' },
        {
          name: 'VC Arbitration Select',
          bits: [3, 1],
          attr: 'RW',
          when: {
            anyField: ['Hardware Fixed', 'WRR 32 Phases', 'WRR 64 Phases', 'WRR 128 Phases'].map((name) => ({
              register: `${prefix}Port VC Capability 2`,
              field: `VC Arbitration ${name}`,
              equals: 1,
            })),
          },
        },
        // PCIe 6.0.
        { name: 'All VCs Enabled', bits: [4, 4], attr: 'RW' },
        reserved(15, 5),
      ],
    },
    {
      name: `${prefix}Port VC Status`,
      offset: 0x0e,
      width: 16,
      spec: `${section}.5`,
      fields: [
        { name: 'VC Arbitration Table Status', bits: [0, 0], attr: 'RO' },
        { name: 'Reserved 15:1', bits: [15, 1], attr: 'RsvdZ' },
      ],
    },
    ...resourceRegisters(names, 0, 0x10),
  ];
}

/** The other VCs, then the tables. */
export function virtualChannelBlocks(names: VirtualChannelNames): readonly Block[] {
  return [
    ...extendedVcs.map(
      (vc): Block => ({
        when: {
          fields: [{ register: `${names.prefix}Port VC Capability 1`, field: 'Extended VC Count', atLeast: vc }],
        },
        offset: 0x10 + 0x0c * vc,
        registers: resourceRegisters(names, vc, 0),
        blocks: arbitrationTable(names, vc),
      }),
    ),
    ...arbitrationTable(names, 0),
    ...vcArbitrationTable(names),
  ];
}
