/** lspci's words for extended capabilities of links, power and timing. */
import {
  L1PmSubstates,
  LaneMargining,
  LatencyToleranceReporting,
  PhysicalLayer16,
  PhysicalLayer32,
  PhysicalLayer64,
  PrecisionTimeMeasurement,
  SecondaryPciExpress,
} from '../../src/spec/index.ts';
import { type CapabilityCase, field, flags, type Place } from './said.ts';

const hasLink = ({ portType }: Place) => portType < 9;
const isFunction0 = ({ portType }: Place) => portType === 0 || portType === 5;
/** Registers of up to 16 lanes. */
const LANES = 16;

/** Nanoseconds of a latency: a value of ten bits, times 32 to the scale. PCIe 5.0 §6.18. */
const latency = (value: number, scale: number) => `${BigInt(value) * 32n ** BigInt(scale)}ns`;

const ltr: CapabilityCase = {
  structure: LatencyToleranceReporting,
  bytes: 8,
  name: 'Latency Tolerance Reporting',
  on: isFunction0,
  values: (draw) => ({
    'Max Snoop Latency': draw.register(16, { '12:10': draw.between(0, 5) }),
    'Max No-Snoop Latency': draw.register(16, { '12:10': draw.between(0, 5) }),
  }),
  says: (values) => {
    const of = (register: number | undefined) => latency(field(register, 9, 0), field(register, 12, 10));
    return [
      ['Max snoop latency:', of(values['Max Snoop Latency'])],
      ['Max no snoop latency:', of(values['Max No-Snoop Latency'])],
    ];
  },
};

const L1_STATES = 'PCI-PM_L1.2:0 PCI-PM_L1.1:1 ASPM_L1.2:2 ASPM_L1.1:3';
const powerOn = (scale: number, value: number) => `${[2, 10, 100][scale]! * value}us`;

const l1PmSubstates: CapabilityCase = {
  structure: L1PmSubstates,
  bytes: 0x14,
  name: 'L1 PM Substates',
  on: hasLink,
  values: (draw) => ({
    'L1 PM Substates Capabilities': draw.register(32, { '17:16': draw.between(0, 2) }),
    'L1 PM Substates Control 1': draw.register(32, { '31:29': draw.between(0, 5) }),
    'L1 PM Substates Control 2': draw.register(32, { '1:0': draw.between(0, 2) }),
  }),
  says: (values) => {
    const capabilities = values['L1 PM Substates Capabilities'];
    const control1 = values['L1 PM Substates Control 1'];
    const control2 = values['L1 PM Substates Control 2'];
    const aspm = field(capabilities, 2) === 1;
    const has12 = field(capabilities, 0) === 1 || aspm;
    const thresholds = latency(field(control1, 25, 16), field(control1, 31, 29));
    return [
      [
        'L1SubCap:',
        ...flags(capabilities, `${L1_STATES} L1_PM_Substates:4`),
        ...(has12
          ? [
              `PortCommonModeRestoreTime=${field(capabilities, 15, 8)}us`,
              `PortTPowerOnTime=${powerOn(field(capabilities, 17, 16), field(capabilities, 23, 19))}`,
            ]
          : []),
      ],
      [
        'L1SubCtl1:',
        ...flags(control1, L1_STATES),
        ...(has12 ? [`T_CommonMode=${field(control1, 15, 8)}us`] : []),
        ...(aspm ? [`LTR1.2_Threshold=${thresholds}`] : []),
      ],
      ['L1SubCtl2:', ...(has12 ? [`T_PwrOn=${powerOn(field(control2, 1, 0), field(control2, 7, 3))}`] : [])],
    ];
  },
};

const ptm: CapabilityCase = {
  structure: PrecisionTimeMeasurement,
  bytes: 12,
  name: 'Precision Time Measurement',
  values: (draw) => ({
    'PTM Capability': draw.register(32, { '15:8': draw.between(1, 254) }),
    'PTM Control': draw.register(32, { '15:8': draw.between(1, 254) }),
  }),
  says: ({ 'PTM Capability': capability, 'PTM Control': control }) => {
    // Older releases put a colon before the sign.
    const signs = (value: number | undefined, names: string) =>
      flags(value, names).map((flag) => [flag, flag.replace(/.$/, ':$&')]);
    return [
      ['PTMCap:', ...signs(capability, 'Requester:0 Responder:1 Root:2')],
      ['PTMClockGranularity:', `${field(capability, 15, 8)}ns`],
      ['PTMControl:', ...signs(control, 'Enabled:0 RootSelected:1')],
      ['PTMEffectiveGranularity:', `${field(control, 15, 8)}ns`],
    ];
  },
};

const secondary: CapabilityCase = {
  structure: SecondaryPciExpress,
  bytes: 12 + 2 * LANES,
  name: 'Secondary PCI Express',
  on: hasLink,
  values: (draw) => ({
    'Link Control 3': draw.register(32),
    'Lane Error Status': draw.register(32),
    'Lane 0 Equalization Control': draw.register(16),
  }),
  says: (values) => {
    // lspci reads 16 of its 32 bits.
    const lanes = Array.from({ length: 16 }, (_, lane) => lane).filter(
      (lane) => field(values['Lane Error Status'], lane) === 1,
    );
    return [
      ['LnkCtl3:', ...flags(values['Link Control 3'], 'PerformEqu:0 LnkEquIntrruptEn:1')],
      ['LaneErrStat:', lanes.length === 0 ? '0' : `LaneErr at lane: ${lanes.join(' ')}`],
    ];
  },
};

const margining: CapabilityCase = {
  structure: LaneMargining,
  bytes: 8 + 4 * LANES,
  name: 'Lane Margining at the Receiver',
  on: hasLink,
  values: (draw) => ({
    'Margining Port Capabilities': draw.register(16),
    'Margining Port Status': draw.register(16),
    'Margining Lane 0 Control': draw.register(16),
  }),
  says: (values) => [
    ['PortCap:', `Uses ${flags(values['Margining Port Capabilities'], 'Driver:0')[0]}`],
    ['PortSta:', ...flags(values['Margining Port Status'], 'MargReady:0 MargSoftReady:1')],
  ],
};

/** Up to 3.13, lspci names these and does not decode them. */
const physicalLayers = [
  [PhysicalLayer16, 0x20 + LANES, '16.0'] as const,
  [PhysicalLayer32, 0x20 + LANES, '32.0'] as const,
  [PhysicalLayer64, 0x10 + LANES, '64.0'] as const,
].map(
  ([structure, bytes, rate]): CapabilityCase => ({
    structure,
    bytes,
    name: `Physical Layer ${rate} GT/s`,
    on: hasLink,
    values: (draw) => ({
      [`Physical Layer ${rate} GT/s Status`]: draw.register(32),
      [`Lane 0 ${rate} GT/s Equalization Control`]: draw.register(8),
    }),
  }),
);

export const linkCases: readonly CapabilityCase[] = [ltr, l1PmSubstates, ptm, secondary, margining, ...physicalLayers];
