/** lspci's words for extended capabilities of resources and of the Root Complex, and for those that it only names. */
import {
  AlternateProtocol,
  CapturedData,
  ConfigurationAccessCorrelation,
  DataLinkFeature,
  DesignatedVendorSpecific,
  Device3,
  DeviceSerialNumber,
  DynamicPowerAllocation,
  FlitErrorInjection,
  FlitLogging,
  FlitPerformanceMeasurement,
  FrsQueueing,
  HierarchyId,
  LnRequester,
  MmioRegisterBlockLocator,
  MPcie,
  Multicast,
  MultiFunctionVirtualChannel,
  MultiRootIoVirtualization,
  NativePcieEnclosureManagement,
  NopFlit,
  PhysicalLayer128,
  PowerBudgeting,
  ProtocolMultiplexing,
  RcrbHeader,
  ReadinessTimeReporting,
  ResizableBar,
  RootComplexEventCollectorAssociation,
  RootComplexInternalLinkControl,
  RootComplexLinkDeclaration,
  ScalableIoVirtualization,
  ShadowFunctions,
  StreamlinedVirtualChannel,
  SystemFirmwareIntermediary,
  TphRequester,
  VendorSpecificExtended,
  VfResizableBar,
  VirtualChannel,
  VirtualChannelWithMfvc,
} from '../../src/spec/index.ts';
import type { Structure } from '../../src/spec/structure.ts';
import { type CapabilityCase, field, flags, hex, type Place, type Said } from './said.ts';

const isEndpoint = ({ portType }: Place) => portType === 0 || portType === 9;
const isPort = ({ portType }: Place) => portType === 4 || portType === 5 || portType === 6;

const portArbitration = ['Fixed', 'WRR32', 'WRR64', 'WRR128'];
const vcArbitration = [...portArbitration, 'TWRR128', 'WRR256'];
const signs = (value: number | undefined, names: readonly string[]) =>
  names.map((name, bit) => flags(value, `${name}:${bit}`)[0]!);

const virtualChannel = (structure: Structure): CapabilityCase => ({
  structure,
  bytes: 0x10 + 4 * 12,
  name: 'Virtual Channel',
  on: ({ portType }) => portType >= 0 && portType !== 10,
  values: (draw) => {
    const extra = draw.between(0, 3);
    const values: Record<string, number> = {
      'Port VC Capability 1': draw.register(32, { '2:0': extra, '9:8': 0 }),
      // No table of arbitration.
      'Port VC Capability 2': draw.register(32, { '7:4': 0, '31:24': 0 }),
      'Port VC Control': draw.register(16, { '3:1': draw.between(0, 3) }),
      'Port VC Status': draw.register(16),
    };
    for (let n = 0; n <= extra; n++) {
      values[`VC${n} Resource Capability`] = draw.register(32, { '7:6': 0, '31:24': 0 });
      values[`VC${n} Resource Control`] = draw.register(32, { '19:17': draw.between(0, 5) });
      values[`VC${n} Resource Status`] = draw.register(16);
    }
    return values;
  },
  says: (values) => {
    const capability = values['Port VC Capability 1'];
    return [
      ['Caps:', `LPEVC=${field(capability, 6, 4)}`, 'RefClk=100ns', `PATEntryBits=${2 ** field(capability, 11, 10)}`],
      ['Arb:', ...signs(values['Port VC Capability 2'], portArbitration)],
      ['Ctrl:', `ArbSelect=${portArbitration[field(values['Port VC Control'], 3, 1)]}`],
      ['Status:', ...flags(values['Port VC Status'], 'InProgress:0')],
      ...Array.from({ length: field(capability, 2, 0) + 1 }, (_, n): Said => {
        const [resource, control] = [values[`VC${n} Resource Capability`], values[`VC${n} Resource Control`]];
        return [
          `VC${n}:`,
          'PATOffset=00',
          `MaxTimeSlots=${field(resource, 22, 16) + 1}`,
          ...flags(resource, 'RejSnoopTrans:15'),
          ...signs(resource, vcArbitration),
          ...flags(control, 'Enable:31'),
          `ID=${field(control, 26, 24)}`,
          `ArbSelect=${vcArbitration[field(control, 19, 17)]}`,
          `TC/VC=${hex(field(control, 7, 0), 2)}`,
          ...flags(values[`VC${n} Resource Status`], 'InProgress:0 NegoPending:1'),
        ];
      }),
    ];
  },
});

/** 1 MiB times 2 to the power; PCIe 5.0 §7.8.6.3. */
function barSize(power: number): string {
  return `${2 ** (power % 10)}${['MB', 'GB', 'TB', 'PB', 'EB'][Math.floor(power / 10)]}`;
}

const resizableBar = (structure: Structure, prefix: '' | 'VF ', name: string): CapabilityCase => ({
  structure,
  bytes: 4 + 3 * 8,
  name,
  on: isEndpoint,
  values: (draw) => {
    const count = draw.between(1, 3);
    const values: Record<string, number> = {};
    for (let n = 0; n < count; n++) {
      values[`${prefix}Resizable BAR Capability ${n}`] = draw.register(32);
      values[`${prefix}Resizable BAR Control ${n}`] = draw.register(32, {
        '2:0': 2 * n,
        ...(n === 0 ? { '7:5': count } : {}),
        '13:8': draw.between(0, 43),
      });
    }
    return values;
  },
  says: (values) =>
    Array.from({ length: field(values[`${prefix}Resizable BAR Control 0`], 7, 5) }, (_, n): Said => {
      const capability = values[`${prefix}Resizable BAR Capability ${n}`];
      const control = values[`${prefix}Resizable BAR Control ${n}`];
      const supported = Array.from({ length: 44 }, (_, power) => power).filter(
        (power) => (power < 28 ? field(capability, power + 4) : field(control, power - 28 + 16)) === 1,
      );
      const sizes = supported.length === 0 ? '' : `, supported: ${supported.map(barSize).join(' ')}`;
      return [`BAR ${field(control, 2, 0)}:`, `current size: ${barSize(field(control, 13, 8))}${sizes}`];
    }),
});

const serialNumber: CapabilityCase = {
  structure: DeviceSerialNumber,
  bytes: 12,
  name: (values) =>
    `Device Serial Number ${[values['Serial Number Upper']!, values['Serial Number Lower']!]
      .flatMap((dword) => hex(dword, 8).match(/../g)!)
      .join('-')}`,
  values: (draw) => ({ 'Serial Number Lower': draw.register(32), 'Serial Number Upper': draw.register(32) }),
};

const MC_VECTORS = [
  ['McastReceiveVec:', 'MC_Receive'],
  ['McastBlockAllVec:', 'MC_Block_All'],
  ['McastBlockUntransVec:', 'MC_Block_Untranslated'],
] as const;

const multicast: CapabilityCase = {
  structure: Multicast,
  bytes: 0x30,
  name: 'Multicast',
  on: (place) => isEndpoint(place) || isPort(place),
  values: (draw, place) => ({
    // Above 2^30, lspci prints the window's bytes as a negative number.
    'Multicast Capability': draw.register(16, { '13:8': draw.between(0, 30) }),
    'Multicast Control': draw.register(16),
    'MC_Base_Address Lower': draw.register(32),
    'MC_Base_Address Upper': draw.register(32),
    ...Object.fromEntries(
      MC_VECTORS.flatMap(([, name]) => ['Lower', 'Upper'].map((half) => [`${name} ${half}`, draw.register(32)])),
    ),
    ...(isPort(place)
      ? {
          'MC_Overlay_BAR Lower': draw.register(32, { '5:0': draw.between(0, 30) }),
          'MC_Overlay_BAR Upper': draw.register(32),
        }
      : {}),
  }),
  says: (values, place) => {
    const capability = values['Multicast Capability'];
    const control = values['Multicast Control'];
    const size = field(capability, 13, 8);
    const said = [`NumGroups ${field(control, 5, 0) + 1},`, ...flags(control, 'Enable:15')];
    const address = (name: string, low: number) => {
      const lower = values[`${name} Lower`]!;
      return `${hex(values[`${name} Upper`]!, 8)}${hex(lower - (lower % 2 ** low), 8)}`;
    };
    const overlay = field(values['MC_Overlay_BAR Lower'] ?? 0, 5, 0);
    const overlaySize = overlay >= 6 ? `${2 ** overlay} bytes` : 'disabled';
    return [
      [
        'McastCap:',
        `MaxGroups ${field(capability, 5, 0) + 1},`,
        ...(isPort(place) ? flags(capability, 'ECRCRegen:15') : [`WindowSz ${size} (${2 ** size} bytes)`]),
      ],
      // At an endpoint, lspci ends no line before this one.
      ...(isPort(place) ? [['McastCtl:', ...said]] : []),
      [
        'McastBAR:',
        `IndexPos ${field(values['MC_Base_Address Lower'], 5, 0)},`,
        `BaseAddr ${address('MC_Base_Address', 12)}`,
      ],
      ...MC_VECTORS.map(([label, name]) => [label, address(name, 0)]),
      ...(isPort(place)
        ? [['McastOverlayBAR:', `OverlaySize ${overlay} (${overlaySize})`, `BaseAddr ${address('MC_Overlay_BAR', 6)}`]]
        : []),
    ];
  },
};

const tph: CapabilityCase = {
  structure: TphRequester,
  bytes: 12 + 2 * 8,
  name: 'Transaction Processing Hints',
  on: isEndpoint,
  values: (draw) => ({
    'TPH Requester Capability': draw.register(32, { '10:9': draw.between(0, 2), '26:16': draw.between(0, 7) }),
    'TPH Requester Control': draw.register(32),
  }),
  says: ({ 'TPH Requester Capability': capability }) => [
    ...(field(capability, 1) === 1 ? [['Interrupt vector mode supported']] : []),
    ...(field(capability, 2) === 1 ? [['Device specific mode supported']] : []),
    ...(field(capability, 8) === 1 ? [['Extended requester support']] : []),
    [
      ['No steering table available', 'Steering table in TPH capability structure', 'Steering table in MSI-X table'][
        field(capability, 10, 9)
      ]!,
    ],
  ],
};

const elementTypes = ['Config', 'Egress', 'Internal'];

const linkDeclaration: CapabilityCase = {
  structure: RootComplexLinkDeclaration,
  bytes: 0x10 + 2 * 0x10,
  name: 'Root Complex Link',
  on: ({ portType }) => portType === 4 || portType === 9,
  values: (draw) => {
    const links = draw.between(1, 2);
    const values: Record<string, number> = {
      'Element Self Description': draw.register(32, { '7:0': draw.between(0, 2), '15:8': links }),
    };
    for (let n = 0; n < links; n++) {
      values[`Link Description ${n}`] = draw.register(32);
      values[`Link Address Lower ${n}`] = draw.register(32);
      values[`Link Address Upper ${n}`] = draw.register(32);
    }
    return values;
  },
  says: (values) => {
    const self = values['Element Self Description'];
    return [
      [
        'Desc:',
        `PortNumber=${hex(field(self, 31, 24), 2)}`,
        `ComponentID=${hex(field(self, 23, 16), 2)}`,
        `EltType=${elementTypes[field(self, 7, 0)]}`,
      ],
      ...Array.from({ length: field(self, 15, 8) }, (_, n): Said => {
        const description = values[`Link Description ${n}`];
        const [lower, upper] = [values[`Link Address Lower ${n}`]!, values[`Link Address Upper ${n}`]!];
        const config = field(description, 1) === 1;
        // Bits 2:0: how many bits the bus number has, 0 for 8. PCIe 5.0 §7.9.8.3.2.
        const busBits = field(lower, 2, 0) || 8;
        const bdf = `${hex(field(lower, 19 + busBits, 20), 2)}:${hex(field(lower, 19, 15), 2)}.${field(lower, 14, 12)}`;
        return [
          `Link${n}:`,
          `TargetPort=${hex(field(description, 31, 24), 2)}`,
          `TargetComponent=${hex(field(description, 23, 16), 2)}`,
          ...flags(description, 'LinkValid:0 AssocRCRB:2'),
          `LinkType=${config ? 'Config' : 'MemMapped'}`,
          ...(config ? [bdf] : []),
          `${config ? 'CfgSpace=' : ''}${hex(upper, 8)}${hex(lower, 8)}`,
        ];
      }),
    ];
  },
};

const eventCollector: CapabilityCase = {
  structure: RootComplexEventCollectorAssociation,
  bytes: 12,
  version: 2,
  name: 'Root Complex Event Collector Endpoint Association',
  on: ({ portType }) => portType === 10,
  values: (draw) => ({
    // lspci does not end a range that goes up to device 31.
    'RCEC Association Bitmap': draw.register(32, { '31': 0, '0': 1 }),
    'RCEC Associated Bus Numbers': draw.register(32, { '23:16': draw.between(1, 255) }),
  }),
  says: (values) => {
    const devices = Array.from({ length: 32 }, (_, device) => device).filter(
      (device) => field(values['RCEC Association Bitmap'], device) === 1,
    );
    const runs: number[][] = [];
    for (const device of devices)
      if (runs.at(-1)?.at(-1) === device - 1) runs.at(-1)!.push(device);
      else runs.push([device]);
    const buses = values['RCEC Associated Bus Numbers'];
    return [
      [
        'RCiEPBitmap:',
        `RCiEP at Device(s): ${runs.map((run) => (run.length === 1 ? `${run[0]}` : `${run[0]}-${run.at(-1)}`)).join(', ')}`,
      ],
      ['AssociatedBusNumbers:', `${hex(field(buses, 15, 8), 2)}-${hex(field(buses, 23, 16), 2)}`],
    ];
  },
};

const vendorSpecific: CapabilityCase = {
  structure: VendorSpecificExtended,
  bytes: 0x20,
  name: (values) => {
    const header = values['VSEC Header'];
    return `Vendor Specific Information: ID=${hex(field(header, 15, 0), 4)} Rev=${field(header, 19, 16)} Len=${hex(field(header, 31, 20), 3)}`;
  },
  values: (draw) => ({
    'VSEC Header': draw.register(32, { '31:20': 0x10 }),
    'VSEC Registers 1': draw.register(32),
  }),
};

const designatedVendorSpecific: CapabilityCase = {
  structure: DesignatedVendorSpecific,
  bytes: 0x18,
  name: (values) => {
    const header = values['Designated Vendor-Specific Header 1'];
    return `Designated Vendor-Specific: Vendor=${hex(field(header, 15, 0), 4)} ID=${hex(values['Designated Vendor-Specific Header 2']!, 4)} Rev=${field(header, 19, 16)} Len=24`;
  },
  values: (draw) => ({
    // Not the CXL Consortium's vendor ID.
    'Designated Vendor-Specific Header 1': draw.register(32, { '15:12': 3, '31:20': 0x18 }),
    'Designated Vendor-Specific Header 2': draw.register(16),
    'DVSEC Payload 0': draw.register(32),
    'DVSEC Payload 2': draw.register(32),
  }),
};

/** Structure, bytes, name, and a register with a value, so that there is one. */
const named: readonly (readonly [Structure, number, string, string?])[] = [
  [PowerBudgeting, 0x10, 'Power Budgeting', 'Power Budgeting Data'],
  [RootComplexInternalLinkControl, 0x0c, 'Root Complex Internal Link', 'Root Complex Link Capabilities'],
  [MultiFunctionVirtualChannel, 0x40, 'Multi-Function Virtual Channel', 'MFVC VC0 Resource Control'],
  [RcrbHeader, 0x14, 'Root Complex Register Block', 'RCRB Control'],
  [MultiRootIoVirtualization, 4, 'Multi-Root I/O Virtualization'],
  [DynamicPowerAllocation, 0x30, 'Dynamic Power Allocation', 'DPA Latency Indicator'],
  [ProtocolMultiplexing, 0x20, 'Protocol Multiplexing', 'PMUX Control'],
  [LnRequester, 8, 'LN Requester', 'LNR Control'],
  [MPcie, 0x1c, 'PCI Express over M_PHY', 'M-PCIe Control'],
  [FrsQueueing, 0x10, 'FRS Queueing', 'FRS Message Queue'],
  [ReadinessTimeReporting, 0x0c, 'Readiness Time Reporting', 'Readiness Time Reporting 2'],
  [DataLinkFeature, 0x0c, 'Data Link Feature', 'Data Link Feature Status'],
  [HierarchyId, 0x20, 'Hierarchy ID', 'Hierarchy ID Data'],
  [NativePcieEnclosureManagement, 0x10, 'Native PCIe Enclosure Management', 'NPEM Control'],
  // No release up to 3.13 knows these, so there are no words for them.
  [ConfigurationAccessCorrelation, 8, '', 'CAC Device Correlation'],
  [AlternateProtocol, 0x18, '', 'Alternate Protocol Control'],
  [SystemFirmwareIntermediary, 0x14, '', 'SFI CAM Data'],
  [ShadowFunctions, 0x10, '', 'Shadow Functions Control'],
  [Device3, 0x10, '', 'Device Control 3'],
  [FlitLogging, 0x3c, '', 'Flit Error Log 1'],
  [FlitPerformanceMeasurement, 0x30, '', 'Flit Performance Measurement Control'],
  [FlitErrorInjection, 0x24, '', 'Flit Error Injection Status'],
  [StreamlinedVirtualChannel, 0x40, '', 'SVC Port Control'],
  [MmioRegisterBlockLocator, 0x10, '', 'MRBL Locator 0 High'],
  [NopFlit, 0x14, '', 'NOP Flit Control 1'],
  [ScalableIoVirtualization, 0x10, '', 'SIOV Total SDIs'],
  [PhysicalLayer128, 0x20, '', 'Physical Layer 128.0 GT/s Status'],
  [CapturedData, 0x0c, '', 'Captured Data Register'],
];

const namedCases = named.map(
  ([structure, bytes, name, register]): CapabilityCase => ({
    structure,
    bytes,
    name,
    // lspci takes the capability of a PCI Express function for it, of whichever kind.
    on: ({ portType }) => portType >= 0,
    values: (draw) => ({
      ...(register === undefined ? {} : { [register]: draw.register(8) }),
      // Its length says how many locators there are.
      ...(structure === MmioRegisterBlockLocator ? { 'MRBL Capabilities': 0x10 } : {}),
    }),
  }),
);

export const resourceCases: readonly CapabilityCase[] = [
  virtualChannel(VirtualChannel),
  virtualChannel(VirtualChannelWithMfvc),
  resizableBar(ResizableBar, '', 'Physical Resizable BAR'),
  resizableBar(VfResizableBar, 'VF ', 'Virtual Resizable BAR'),
  serialNumber,
  multicast,
  tph,
  linkDeclaration,
  eventCollector,
  vendorSpecific,
  designatedVendorSpecific,
  ...namedCases,
];
