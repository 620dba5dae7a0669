/** lspci's words for standard capabilities other than PCI Express (pciutils, ls-caps.c). */
import {
  AdvancedFeaturesCapability,
  Agp8xCapability,
  AgpCapability,
  CompactPciCentralResourceControlCapability,
  CompactPciHotSwapCapability,
  DebugPortCapability,
  EnhancedAllocationCapability,
  FlatteningPortalBridgeCapability,
  HyperTransportCapability,
  MsiCapability,
  MsiXCapability,
  NullCapability,
  PciXCapability,
  PowerManagementCapability,
  SataCapability,
  SecureDeviceCapability,
  SlotIdentificationCapability,
  StandardHotPlugControllerCapability,
  SubsystemIdCapability,
  VendorSpecificCapability,
  VitalProductDataCapability,
} from '../../src/spec/index.ts';
import type { Draw } from './draw.ts';
import { type CapabilityCase, field, flags, hex, type Place, type Said, type Values } from './said.ts';

const ofType0 = ({ headerType }: Place) => headerType === 0;
const ofType1 = ({ headerType }: Place) => headerType === 1;
/** What is older than PCI Express, or no part of it. */
const conventional = (place: Place) => place.portType < 0;

const powerManagement: CapabilityCase = {
  structure: PowerManagementCapability,
  bytes: 8,
  name: (values) => `Power Management version ${field(values['Power Management Capabilities'], 2, 0)}`,
  values: (draw, place) => ({
    'Power Management Capabilities': draw.register(16, { '2:0': draw.between(1, 3) }),
    'Power Management Control/Status': draw.register(16),
    // lspci prints it where it is not 0.
    ...(place.headerType === 1 ? { PMCSR_BSE: draw.register(8, { '7': 1 }) } : {}),
  }),
  says: (values, place) => {
    const capabilities = values['Power Management Capabilities'];
    const control = values['Power Management Control/Status'];
    const bridge = values.PMCSR_BSE;
    return [
      [
        'Flags:',
        ...flags(capabilities, 'PMEClk:3 DSI:5 D1:9 D2:10'),
        `AuxCurrent=${[0, 55, 100, 160, 220, 270, 320, 375][field(capabilities, 8, 6)]}mA`,
        `PME(${flags(capabilities, 'D0:11 D1:12 D2:13 D3hot:14 D3cold:15').join(',')})`,
      ],
      [
        'Status:',
        `D${field(control, 1, 0)}`,
        ...flags(control, 'NoSoftRst:3 PME-Enable:8 PME:15'),
        `DSel=${field(control, 12, 9)}`,
        `DScale=${field(control, 14, 13)}`,
      ],
      // B2_B3# set is B2.
      ...(place.headerType === 1
        ? [['Bridge:', ...flags(bridge, 'PM:7'), field(bridge, 6) === 1 ? 'B3-' : 'B3+']]
        : []),
    ];
  },
};

const msi: CapabilityCase = {
  structure: MsiCapability,
  bytes: 24,
  name: (values) => {
    const control = values['MSI Message Control'];
    return [
      `MSI: ${flags(control, 'Enable:0')[0]}`,
      `Count=${2 ** field(control, 6, 4)}/${2 ** field(control, 3, 1)}`,
      ...flags(control, 'Maskable:8 64bit:7'),
    ].join(' ');
  },
  values: (draw) => {
    const control = draw.register(16, { '6:4': draw.between(0, 5), '3:1': draw.between(0, 5) });
    const width = field(control, 7) === 1 ? 64 : 32;
    return {
      'MSI Message Control': control,
      'MSI Message Address': draw.register(32),
      ...(width === 64 ? { 'MSI Message Upper Address': draw.register(32) } : {}),
      [`MSI Message Data ${width}`]: draw.register(16),
      ...(field(control, 8) === 1
        ? { [`MSI Mask Bits ${width}`]: draw.register(32), [`MSI Pending Bits ${width}`]: draw.register(32) }
        : {}),
    };
  },
  says: (values) => {
    const width = field(values['MSI Message Control'], 7) === 1 ? 64 : 32;
    const upper = width === 64 ? hex(values['MSI Message Upper Address']!, 8) : '';
    const mask = values[`MSI Mask Bits ${width}`];
    return [
      [
        'Address:',
        `${upper}${hex(values['MSI Message Address']!, 8)}`,
        `Data: ${hex(values[`MSI Message Data ${width}`]!, 4)}`,
      ],
      ...(mask === undefined
        ? []
        : [['Masking:', hex(mask, 8), `Pending: ${hex(values[`MSI Pending Bits ${width}`]!, 8)}`]]),
    ];
  },
};

const msiX: CapabilityCase = {
  structure: MsiXCapability,
  bytes: 12,
  name: (values) => {
    const control = values['MSI-X Message Control'];
    const [enable, masked] = flags(control, 'Enable:15 Masked:14');
    return `MSI-X: ${enable} Count=${field(control, 10, 0) + 1} ${masked}`;
  },
  values: (draw) => ({
    'MSI-X Message Control': draw.register(16),
    'MSI-X Table': draw.register(32),
    'MSI-X PBA': draw.register(32),
  }),
  says: (values) => {
    const place = (register: number) =>
      `BAR=${field(register, 2, 0)} offset=${hex(register - field(register, 2, 0), 8)}`;
    return [
      ['Vector table:', place(values['MSI-X Table']!)],
      ['PBA:', place(values['MSI-X PBA']!)],
    ];
  },
};

const eaProperties: Readonly<Record<number, string>> = {
  0: 'memory space, non-prefetchable',
  1: 'memory space, prefetchable',
  2: 'I/O space',
  3: 'VF memory space, prefetchable',
  4: 'VF memory space, non-prefetchable',
  5: 'allocation behind bridge, non-prefetchable memory',
  6: 'allocation behind bridge, prefetchable memory',
  7: 'allocation behind bridge, I/O space',
  253: 'memory space resource unavailable for use',
};

const eaIndicators = [
  ...[0, 1, 2, 3, 4, 5].map((bar) => `BAR ${bar}`),
  ...['resource behind function', 'not indicated', 'expansion ROM'],
  ...[0, 1, 2, 3, 4, 5].map((bar) => `VF-BAR ${bar}`),
];

const enhancedAllocation: CapabilityCase = {
  structure: EnhancedAllocationCapability,
  bytes: 8 + 3 * 20,
  name: (values, { headerType }) => {
    const buses = values['EA Fixed Bus Numbers'];
    return `Enhanced Allocation (EA): NumEntries=${field(values['EA Capability'], 5, 0)}${
      headerType === 1 ? `, secondary=${field(buses, 7, 0)}, subordinate=${field(buses, 15, 8)}` : ''
    }`;
  },
  values: (draw, { headerType }) => {
    const count = draw.between(1, 3);
    const values: Record<string, number> = {
      'EA Capability': draw.register(16, { '5:0': count }),
      ...(headerType === 1 ? { 'EA Fixed Bus Numbers': draw.register(32) } : {}),
    };
    for (let n = 0; n < count; n++) {
      const [baseUpper, maxUpper] = [draw.bits(1), draw.bits(1)];
      const property = Number(draw.pick(...Object.keys(eaProperties)));
      values[`EA Entry ${n}`] = draw.register(32, {
        '2:0': 2 + baseUpper + maxUpper,
        '7:4': draw.between(0, eaIndicators.length - 1),
        '15:8': property,
        '23:16': Number(draw.pick(...Object.keys(eaProperties))),
      });
      values[`EA Entry ${n} Base`] = draw.register(32, { '1': baseUpper });
      values[`EA Entry ${n} MaxOffset`] = draw.register(32, { '1': maxUpper });
      if (baseUpper === 1) values[`EA Entry ${n} Base Upper`] = draw.register(32);
      if (maxUpper === 1) values[`EA Entry ${n} MaxOffset Upper`] = draw.register(32);
    }
    return values;
  },
  says: (values) =>
    Array.from({ length: field(values['EA Capability'], 5, 0) }, (_, n): Said => {
      const entry = values[`EA Entry ${n}`];
      const base = values[`EA Entry ${n} Base`]!;
      const max = values[`EA Entry ${n} MaxOffset`]!;
      const upper = (name: string) => {
        const value = values[`EA Entry ${n} ${name} Upper`];
        return value === undefined ? '' : hex(value);
      };
      return [
        `Entry ${n}:`,
        ...flags(entry, 'Enable:31 Writable:30'),
        `EntrySize=${field(entry, 2, 0)}`,
        `BAR Equivalent Indicator: ${eaIndicators[field(entry, 7, 4)]}`,
        `PrimaryProperties: ${eaProperties[field(entry, 15, 8)]}`,
        `SecondaryProperties: ${eaProperties[field(entry, 23, 16)]}`,
        `Base: ${upper('Base')}${hex(base - (base % 4), 8)}`,
        `MaxOffset: ${upper('MaxOffset')}${hex(max - (max % 4) + 3, 8)}`,
      ];
    }),
};

const advancedFeatures: CapabilityCase = {
  structure: AdvancedFeaturesCapability,
  bytes: 8,
  name: 'PCI Advanced Features',
  on: conventional,
  values: (draw) => ({
    'AF Capabilities': draw.register(8),
    'AF Control': draw.register(8),
    'AF Status': draw.register(8),
  }),
  says: (values) => [
    ['AFCap:', ...flags(values['AF Capabilities'], 'TP:0 FLR:1')],
    ['AFCtrl:', ...flags(values['AF Control'], 'FLR:0')],
    ['AFStatus:', ...flags(values['AF Status'], 'TP:0')],
  ],
};

const subsystemId: CapabilityCase = {
  structure: SubsystemIdCapability,
  bytes: 8,
  name: (values) =>
    `Subsystem: ${hex(values['Bridge Subsystem Vendor ID']!, 4)}:${hex(values['Bridge Subsystem ID']!, 4)}`,
  on: ofType1,
  values: (draw) => ({
    'Bridge Subsystem Vendor ID': draw.between(1, 0xfffe),
    'Bridge Subsystem ID': draw.between(1, 0xfffe),
  }),
};

const sata: CapabilityCase = {
  structure: SataCapability,
  bytes: 16,
  name: (values) => {
    const location = values['SATA Capability 1'];
    const bar = field(location, 3, 0);
    const where = bar === 15 ? 'InCfgSpace' : `BAR${bar - 4} Offset=${hex(field(location, 23, 4), 8)}`;
    const revision = values['SATA Capability 0'];
    return `SATA HBA v${field(revision, 7, 4)}.${field(revision, 3, 0)} ${where}`;
  },
  on: ofType0,
  values: (draw) => ({
    'SATA Capability 0': draw.register(16),
    'SATA Capability 1': draw.register(32, { '3:0': draw.pick(4, 5, 6, 7, 8, 9, 15) }),
  }),
};

function agpRates(rates: number, agp3: boolean): string {
  const names = [0, 1, 2].filter((bit) => field(rates, bit) === 1).map((bit) => `x${2 ** (bit + (agp3 ? 2 : 0))}`);
  return `Rate=${names.length === 0 ? '<none>' : names.join(',')}`;
}

const agp: CapabilityCase = {
  structure: AgpCapability,
  bytes: 0x30,
  name: (values) =>
    `AGP version ${hex(field(values['AGP Revision'], 7, 4))}.${hex(field(values['AGP Revision'], 3, 0))}`,
  on: (place) => conventional(place) && ofType0(place),
  values: (draw) => ({
    'AGP Revision': draw.pick(0x20, 0x30, 0x35),
    'AGP Status': draw.register(32),
    'AGP Command': draw.register(32),
  }),
  says: (values) => {
    const status = values['AGP Status'];
    const command = values['AGP Command'];
    const agp3 = field(values['AGP Revision'], 7, 4) >= 3 && field(status, 3) === 1;
    return [
      [
        'Status:',
        `RQ=${field(status, 31, 24) + 1}`,
        ...flags(status, 'Iso:16 SBA:9 ITACoh:8 GART64:7 HTrans:6 64bit:5 FW:4 AGP3:3'),
        `ArqSz=${field(status, 15, 13)}`,
        `Cal=${field(status, 12, 10)}`,
        agpRates(field(status, 2, 0), agp3),
      ],
      [
        'Command:',
        `RQ=${field(command, 31, 24) + 1}`,
        ...flags(command, 'SBA:9 AGP:8 GART64:7 64bit:5 FW:4'),
        `ArqSz=${field(command, 15, 13)}`,
        `Cal=${field(command, 12, 10)}`,
        agpRates(field(command, 2, 0), agp3),
      ],
    ];
  },
};

const outstanding = [1, 2, 3, 4, 8, 12, 16, 32];
const deviceOf = (status: number | undefined) =>
  `Dev=${hex(field(status, 15, 8), 2)}:${hex(field(status, 7, 3), 2)}.${field(status, 2, 0)}`;

const pciXDevice: CapabilityCase = {
  structure: PciXCapability,
  bytes: 8,
  name: 'PCI-X non-bridge device',
  on: (place) => conventional(place) && ofType0(place),
  // Version 0: no ECC registers.
  values: (draw) => ({ 'PCI-X Command': draw.register(16, { '13:12': 0 }), 'PCI-X Status': draw.register(32) }),
  says: ({ 'PCI-X Command': command, 'PCI-X Status': status }) => [
    [
      'Command:',
      ...flags(command, 'DPERE:0 ERO:1'),
      `RBC=${512 * 2 ** field(command, 3, 2)}`,
      `OST=${outstanding[field(command, 6, 4)]}`,
    ],
    [
      'Status:',
      deviceOf(status),
      ...flags(status, '64bit:16 133MHz:17 SCD:18 USC:19 RSCEM:29 266MHz:30 533MHz:31'),
      `DC=${field(status, 20) === 1 ? 'bridge' : 'simple'}`,
      `DMMRBC=${512 * 2 ** field(status, 22, 21)}`,
      `DMOST=${outstanding[field(status, 25, 23)]}`,
      `DMCRS=${8 * 2 ** field(status, 28, 26)}`,
    ],
  ],
};

const splits = (value: number | undefined) => [
  `Capacity=${field(value, 15, 0)}`,
  `CommitmentLimit=${field(value, 31, 16)}`,
];

const pciXBridge: CapabilityCase = {
  structure: PciXCapability,
  bytes: 16,
  name: 'PCI-X bridge device',
  on: (place) => conventional(place) && ofType1(place),
  values: (draw) => ({
    'PCI-X Secondary Status': draw.register(16, { '13:12': 0, '8:6': draw.between(0, 3) }),
    'PCI-X Bridge Status': draw.register(32),
    'PCI-X Upstream Split Transaction Control': draw.register(32),
    'PCI-X Downstream Split Transaction Control': draw.register(32),
  }),
  says: (values) => {
    const secondary = values['PCI-X Secondary Status'];
    const status = values['PCI-X Bridge Status'];
    return [
      [
        'Secondary Status:',
        ...flags(secondary, '64bit:0 133MHz:1 SCD:2 USC:3 SCO:4 SRD:5'),
        `Freq=${['conv', '66MHz', '100MHz', '133MHz'][field(secondary, 8, 6)]}`,
      ],
      ['Status:', deviceOf(status), ...flags(status, '64bit:16 133MHz:17 SCD:18 USC:19 SCO:20 SRD:21')],
      ['Upstream:', ...splits(values['PCI-X Upstream Split Transaction Control'])],
      ['Downstream:', ...splits(values['PCI-X Downstream Split Transaction Control'])],
    ];
  },
};

const widths = ['8bit', '16bit', '', '32bit', '2bit', '4bit', '', 'N/C'];
const definedWidths = [0, 1, 3, 4, 5, 7];

const HT_FEATURES = 'IsocFC:0 LDTSTOP:1 CRCTM:2 ECTLT:3 64bA:4 UIDRD:5';
const HT_ERRORS =
  'PFlE:0 OFlE:1 PFE:2 OFE:3 EOCFE:4 RFE:5 CRCFE:6 SERRFE:7 CF:8 RE:9 PNFE:10 ONFE:11 EOCNFE:12 RNFE:13 CRCNFE:14 SERRNFE:15';

function drawLinkConfiguration(draw: Draw): number {
  const width = () => draw.pick(...definedWidths);
  return draw.register(16, { '2:0': width(), '6:4': width(), '10:8': width(), '14:12': width() });
}

const linkControlWords = (control: number | undefined) => [
  ...flags(control, 'CFlE:1 CST:2 CFE:3 <LkFail:4 Init:5 EOC:6 TXO:7 IsocEn:12 LSEn:13 ExtCTL:14 64b:15'),
  `<CRCErr=${hex(field(control, 11, 8))}`,
];

const linkConfigurationWords = (configuration: number | undefined) => [
  `MLWI=${widths[field(configuration, 2, 0)]}`,
  `MLWO=${widths[field(configuration, 6, 4)]}`,
  `LWI=${widths[field(configuration, 10, 8)]}`,
  `LWO=${widths[field(configuration, 14, 12)]}`,
  ...flags(configuration, 'DwFcIn:3 DwFcOut:7 DwFcInEn:11 DwFcOutEn:15'),
];

const revisionWord = (revision: number | undefined) =>
  `${field(revision, 7, 5)}.${`${field(revision, 4, 0)}`.padStart(2, '0')}`;

const hyperTransportSlave: CapabilityCase = {
  structure: HyperTransportCapability,
  bytes: 0x1c,
  name: 'HyperTransport: Slave or Primary Interface',
  on: conventional,
  values: (draw) => ({
    'HT Slave Command': draw.register(16, { '15:13': 0 }),
    'HT Slave Link Control 0': draw.register(16),
    'HT Slave Link Configuration 0': drawLinkConfiguration(draw),
    'HT Slave Link Control 1': draw.register(16),
    'HT Slave Link Configuration 1': drawLinkConfiguration(draw),
    // From 1.02 on, lspci prints all registers.
    'HT Slave Revision ID': draw.pick(0x22, 0x25, 0x60),
    'HT Slave Link Frequency/Error 0': draw.register(8),
    'HT Slave Link Frequency/Error 1': draw.register(8),
    'HT Slave Link Frequency Capability 0': draw.register(16),
    'HT Slave Feature Capability': draw.register(8),
    'HT Slave Error Handling': draw.register(16),
    'HT Slave Memory Base Upper': draw.register(8),
    'HT Slave Memory Limit Upper': draw.register(8),
    'HT Slave Bus Number': draw.register(8),
  }),
  says: (values) => {
    const command = values['HT Slave Command'];
    const revision = values['HT Slave Revision ID'];
    const link = (n: number): Said[] => [
      [`Link Control ${n}:`, ...linkControlWords(values[`HT Slave Link Control ${n}`])],
      [`Link Config ${n}:`, ...linkConfigurationWords(values[`HT Slave Link Configuration ${n}`])],
    ];
    return [
      [
        'Command:',
        `BaseUnitID=${field(command, 4, 0)}`,
        `UnitCnt=${field(command, 9, 5)}`,
        ...flags(command, 'MastHost:10 DefDir:11 DUL:12'),
      ],
      ...link(0),
      ...link(1),
      ['Revision ID:', revisionWord(revision)],
      ['Link Error 0:', ...flags(values['HT Slave Link Frequency/Error 0'], '<Prot:4 <Ovfl:5 <EOC:6 CTLTm:7')],
      // lspci reads the low byte only of the register's two.
      [
        'Link Frequency Capability 0:',
        ...flags(
          values['HT Slave Link Frequency Capability 0'],
          '200MHz:0 300MHz:1 400MHz:2 500MHz:3 600MHz:4 800MHz:5 1.0GHz:6 1.2GHz:7',
        ),
      ],
      ['Feature Capability:', ...flags(values['HT Slave Feature Capability'], HT_FEATURES)],
      ['Error Handling:', ...flags(values['HT Slave Error Handling'], HT_ERRORS)],
      [
        'Prefetchable memory behind bridge Upper:',
        `${hex(values['HT Slave Memory Base Upper']!, 2)}-${hex(values['HT Slave Memory Limit Upper']!, 2)}`,
      ],
      ['Bus Number:', hex(values['HT Slave Bus Number']!, 2)],
    ];
  },
};

const hyperTransportHost: CapabilityCase = {
  structure: HyperTransportCapability,
  bytes: 0x18,
  name: 'HyperTransport: Host or Secondary Interface',
  on: conventional,
  values: (draw) => ({
    'HT Host Command': draw.register(16, { '15:13': 1 }),
    'HT Host Link Control': draw.register(16),
    'HT Host Link Configuration': drawLinkConfiguration(draw),
    'HT Host Revision ID': draw.pick(0x22, 0x25, 0x60),
    'HT Host Link Frequency/Error': draw.register(8),
    'HT Host Link Frequency Capability': draw.register(16),
    'HT Host Feature Capability': draw.register(16, { '8': 1 }),
    'HT Host Error Handling': draw.register(16),
    'HT Host Memory Base Upper': draw.register(8),
    'HT Host Memory Limit Upper': draw.register(8),
  }),
  says: (values) => {
    const command = values['HT Host Command'];
    const revision = values['HT Host Revision ID'];
    return [
      [
        'Command:',
        ...flags(command, 'WarmRst:0 DblEnd:1 ChainSide:7 HostHide:8 Slave:10 <EOCErr:11 DUL:12'),
        `DevNum=${field(command, 6, 2)}`,
      ],
      ['Link Control:', ...linkControlWords(values['HT Host Link Control'])],
      ['Link Config:', ...linkConfigurationWords(values['HT Host Link Configuration'])],
      ['Revision ID:', revisionWord(revision)],
      ['Link Error:', ...flags(values['HT Host Link Frequency/Error'], '<Prot:4 <Ovfl:5 <EOC:6 CTLTm:7')],
      ['Feature Capability:', ...flags(values['HT Host Feature Capability'], `${HT_FEATURES} ExtRS:8 UCnfE:9`)],
      ['Error Handling:', ...flags(values['HT Host Error Handling'], HT_ERRORS)],
      [
        'Prefetchable memory behind bridge Upper:',
        `${hex(values['HT Host Memory Base Upper']!, 2)}-${hex(values['HT Host Memory Limit Upper']!, 2)}`,
      ],
    ];
  },
};

const hyperTransportMsiMapping: CapabilityCase = {
  structure: HyperTransportCapability,
  bytes: 12,
  name: (values) => {
    const [enable, fixed] = flags(values['HT MSI Mapping Command'], 'Enable:0 Fixed:1');
    return `HyperTransport: MSI Mapping ${enable} ${fixed}`;
  },
  on: conventional,
  values: (draw) => ({
    'HT MSI Mapping Command': draw.register(16, { '15:11': 0x15, '1': 0 }),
    'HT MSI Mapping Address Lower': draw.register(32),
    'HT MSI Mapping Address Upper': draw.register(32),
  }),
  says: (values) => [
    [
      'Mapping Address Base:',
      `${hex(values['HT MSI Mapping Address Upper']!, 8)}${hex(field(values['HT MSI Mapping Address Lower'], 31, 20), 3)}00000`,
    ],
  ],
};

/** Other blocks of HyperTransport, by bits 15:11 of the command. */
const hyperTransportNames: readonly (readonly [string, number, string])[] = [
  ['HT Interrupt Command', 0x10, 'Interrupt Discovery and Configuration'],
  ['HT UnitID Clumping Command', 0x12, 'UnitID Clumping'],
  ['HT Extended Configuration Command', 0x13, 'Extended Configuration Space Access'],
  ['HT Address Mapping Command', 0x14, 'Address Mapping'],
  ['HT Switch Command', 0x08, 'Switch'],
  ['HT DirectRoute Command', 0x16, 'DirectRoute'],
  ['HT VCSet Command', 0x17, 'VCSet'],
  ['HT Retry Command', 0x18, 'Retry Mode'],
];

const hyperTransportOthers = hyperTransportNames.map(
  ([register, type, name]): CapabilityCase => ({
    structure: HyperTransportCapability,
    bytes: 24,
    name: `HyperTransport: ${name}`,
    on: conventional,
    values: () => ({ [register]: type * 2 ** 11 }),
  }),
);

/** What lspci says nothing of but the name and at most the bytes of the first DWORD. */
const namesOnly: readonly CapabilityCase[] = [
  { structure: NullCapability, bytes: 4, name: 'Null', on: conventional },
  {
    structure: VitalProductDataCapability,
    bytes: 8,
    name: 'Vital Product Data',
    values: (draw) => ({ 'VPD Address': draw.register(16), 'VPD Data': draw.register(32) }),
    // A dump has registers, and not the data behind them.
    says: () => [['Not readable']],
  },
  {
    structure: SlotIdentificationCapability,
    bytes: 4,
    name: (values) =>
      `Slot ID: ${field(values['Expansion Slot'], 4, 0)} slots, ${flags(values['Expansion Slot'], 'First:5')[0]}, chassis ${hex(values['Chassis Number']!, 2)}`,
    on: ofType1,
    values: (draw) => ({ 'Expansion Slot': draw.register(8), 'Chassis Number': draw.register(8) }),
  },
  {
    structure: DebugPortCapability,
    bytes: 4,
    name: (values) =>
      `Debug port: BAR=${field(values['Debug Port Offset'], 15, 13)} offset=${hex(field(values['Debug Port Offset'], 12, 0), 4)}`,
    on: ofType0,
    values: (draw) => ({ 'Debug Port Offset': draw.register(16) }),
  },
  {
    structure: VendorSpecificCapability,
    bytes: 4,
    name: (values: Values) =>
      `Vendor Specific Information: Len=${hex(values['Vendor-Specific Capability Length']!, 2)}`,
    values: () => ({ 'Vendor-Specific Capability Length': 4 }),
  },
  { structure: CompactPciHotSwapCapability, bytes: 4, name: 'CompactPCI hot-swap', on: conventional },
  {
    structure: CompactPciCentralResourceControlCapability,
    bytes: 4,
    name: 'CompactPCI central resource control',
    on: conventional,
  },
  {
    structure: StandardHotPlugControllerCapability,
    bytes: 8,
    name: 'Hot-plug capable',
    on: ofType1,
    values: (draw) => ({ 'SHPC DWORD Select': draw.register(8), 'SHPC DWORD Data': draw.register(32) }),
  },
  { structure: Agp8xCapability, bytes: 4, name: 'AGP3', on: (place) => conventional(place) && ofType1(place) },
  {
    structure: SecureDeviceCapability,
    bytes: 24,
    name: 'Secure device',
    on: ofType0,
    values: (draw) => ({
      'Secure Device Header': draw.register(16, { '2:0': 3 }),
      'IOMMU Base Address Low': draw.register(32),
    }),
  },
  // No release up to 3.13 knows it, so there are no words for it.
  {
    structure: FlatteningPortalBridgeCapability,
    bytes: 36,
    name: '',
    on: ofType1,
    values: (draw) => ({ 'FPB RID Vector Control 1': draw.register(32) }),
  },
];

export const conventionalCases: readonly CapabilityCase[] = [
  powerManagement,
  msi,
  msiX,
  enhancedAllocation,
  advancedFeatures,
  subsystemId,
  sata,
  agp,
  pciXDevice,
  pciXBridge,
  hyperTransportSlave,
  hyperTransportHost,
  hyperTransportMsiMapping,
  ...hyperTransportOthers,
  ...namesOnly,
];
