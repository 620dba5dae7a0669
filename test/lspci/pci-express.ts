/** lspci's words for the PCI Express Capability (pciutils, ls-caps.c, cap_express). */
import { PciExpressCapability } from '../../src/spec/index.ts';
import type { Draw } from './draw.ts';
import { type CapabilityCase, field, flags, hex, type Place, type Said, type Values } from './said.ts';

const ENDPOINT = 0;
const LEGACY = 1;
const ROOT = 4;
const UPSTREAM = 5;
const DOWNSTREAM = 6;
const TO_PCI = 7;
const FROM_PCI = 8;
const INTEGRATED = 9;
const EVENT_COLLECTOR = 10;

const names: Readonly<Record<number, string>> = {
  [ENDPOINT]: 'Endpoint',
  [LEGACY]: 'Legacy Endpoint',
  [ROOT]: 'Root Port (Slot_)',
  [UPSTREAM]: 'Upstream Port',
  [DOWNSTREAM]: 'Downstream Port (Slot_)',
  [TO_PCI]: 'PCI-Express to PCI/PCI-X Bridge',
  [FROM_PCI]: 'PCI/PCI-X to PCI-Express Bridge (Slot_)',
  [INTEGRATED]: 'Root Complex Integrated Endpoint',
  [EVENT_COLLECTOR]: 'Root Complex Event Collector',
};

const isOneOf = (place: Place, ...types: readonly number[]) => types.includes(place.portType);
const hasLink = (place: Place) => !isOneOf(place, INTEGRATED, EVENT_COLLECTOR);
const hasRoot = (place: Place) => isOneOf(place, ROOT, EVENT_COLLECTOR);
const mayHaveSlot = (place: Place) => isOneOf(place, ROOT, DOWNSTREAM, FROM_PCI);
/** The side of a link that is nearer to the host. */
const isLinkUpper = (place: Place) => isOneOf(place, ROOT, DOWNSTREAM, FROM_PCI);

const speeds = ['', '2.5GT/s', '5GT/s', '8GT/s', '16GT/s', '32GT/s', '64GT/s'];
const supportedSpeeds = ['2.5GT/s', '2.5-5GT/s', '2.5-8GT/s', '2.5-16GT/s', '2.5-32GT/s'];
const latenciesL0s = ['<64ns', '<128ns', '<256ns', '<512ns', '<1us', '<2us', '<4us', 'unlimited'];
const latenciesL1 = ['<1us', '<2us', '<4us', '<8us', '<16us', '<32us', '<64us', 'unlimited'];
const aspmSupport = ['not supported', 'L0s', 'L1', 'L0s L1'];
const aspmEnabled = ['Disabled', 'L0s Enabled', 'L1 Enabled', 'L0s L1 Enabled'];
const indicators = ['', 'On', 'Blink', 'Off'];

const timeoutRanges: Readonly<Record<number, string>> = {
  0: 'Not Supported',
  1: 'Range A',
  2: 'Range B',
  3: 'Range AB',
  6: 'Range BC',
  7: 'Range ABC',
  14: 'Range BCD',
  15: 'Range ABCD',
};
const timeouts: Readonly<Record<number, string>> = {
  0: '50us to 50ms',
  1: '50us to 100us',
  2: '1ms to 10ms',
  5: '16ms to 55ms',
  6: '65ms to 210ms',
  9: '260ms to 900ms',
  10: '1s to 3.5s',
  13: '4s to 13s',
  14: '17s to 64s',
};
const components: Readonly<Record<number, string>> = {
  0: 'Link Down - Not Determined',
  1: 'Link Down - Not Present',
  2: 'Link Down - Present',
  4: 'Link Up - Present',
  5: 'Link Up - Present and DRS Received',
};
const presets = [
  ...['-6dB de-emphasis, 0dB preshoot', '-3.5dB de-emphasis, 0dB preshoot', '-4.4dB de-emphasis, 0dB preshoot'],
  ...['-2.5dB de-emphasis, 0dB preshoot', '0dB de-emphasis, 0dB preshoot', '0dB de-emphasis, 1.9dB preshoot'],
  ...['0dB de-emphasis, 2.5dB preshoot', '-6.0dB de-emphasis, 3.5dB preshoot', '-3.5dB de-emphasis, 3.5dB preshoot'],
  '0dB de-emphasis, 3.5dB preshoot',
];
const keyOf = (draw: Draw, table: Readonly<Record<number, string>>) => Number(draw.pick(...Object.keys(table)));

/** Slot power limit; PCIe 5.0 §7.5.3.9: F0h and above are 250 W and more at scale 1. */
function power(value: number, scale: number): string {
  if (scale === 0 && value === 0xff) return '>600W';
  if (scale === 0 && value >= 0xf0) return `${250 + 25 * (value - 0xf0)}W`;
  return `${Number((value * 10 ** -scale).toPrecision(6))}W`;
}

function drawValues(draw: Draw, place: Place): Values {
  const version = draw.pick(1, 2, 2);
  const slot = mayHaveSlot(place) ? draw.bits(1) : 0;
  const speed = draw.between(1, 6);
  const values: Record<string, number> = {
    'PCI Express Capabilities': draw.register(16, { '3:0': version, '7:4': place.portType, '8': slot }),
    'Device Capabilities': draw.register(32, { '2:0': draw.between(0, 5) }),
    'Device Control': draw.register(16, { '7:5': draw.between(0, 5), '14:12': draw.between(0, 5) }),
    'Device Status': draw.register(16),
  };
  if (hasLink(place))
    Object.assign(values, {
      'Link Capabilities': draw.register(32, { '3:0': speed, '9:4': draw.pick(1, 2, 4, 8, 16) }),
      'Link Control': draw.register(16),
      'Link Status': draw.register(16, { '3:0': draw.between(1, speed), '9:4': draw.pick(1, 2, 4) }),
    });
  if (slot === 1)
    Object.assign(values, {
      'Slot Capabilities': draw.register(32),
      'Slot Control': draw.register(16, { '7:6': draw.between(1, 3), '9:8': draw.between(1, 3) }),
      'Slot Status': draw.register(16),
    });
  if (hasRoot(place))
    Object.assign(values, {
      'Root Control': draw.register(16),
      'Root Capabilities': draw.register(16),
      'Root Status': draw.register(32),
    });
  if (version === 1) return values;
  Object.assign(values, {
    'Device Capabilities 2': draw.register(32, {
      '3:0': keyOf(draw, timeoutRanges),
      '13:12': draw.pick(0, 1, 3),
      '15:14': draw.between(0, 2),
      '25:24': draw.between(0, 2),
    }),
    'Device Control 2': draw.register(16, { '3:0': keyOf(draw, timeouts) }),
  });
  if (hasLink(place))
    Object.assign(values, {
      'Link Capabilities 2': draw.register(32, { '7:1': 2 ** draw.between(1, 5) - 1 }),
      'Link Control 2': draw.register(16, {
        '3:0': draw.between(1, 6),
        '9:7': draw.between(0, 5),
        '15:12': draw.between(0, 9),
      }),
      'Link Status 2': draw.register(16, { '14:12': keyOf(draw, components) }),
    });
  return values;
}

function saidOfDevice(values: Values, place: Place): Said[] {
  const capabilities = values['Device Capabilities'];
  const control = values['Device Control'];
  const endpoint = isOneOf(place, ENDPOINT, LEGACY);
  const mayReset = isOneOf(place, ENDPOINT, LEGACY, INTEGRATED);
  return [
    [
      'DevCap:',
      `MaxPayload ${128 * 2 ** field(capabilities, 2, 0)} bytes`,
      `PhantFunc ${2 ** field(capabilities, 4, 3) - 1}`,
      ...(endpoint
        ? [`Latency L0s ${latenciesL0s[field(capabilities, 8, 6)]}, L1 ${latenciesL1[field(capabilities, 11, 9)]}`]
        : []),
      ...flags(capabilities, 'ExtTag:5 RBE:15 ?TEE-IO:30'),
      ...(mayReset ? flags(capabilities, 'FLReset:28') : []),
      ...(isOneOf(place, ENDPOINT, UPSTREAM, TO_PCI)
        ? [`SlotPowerLimit ${power(field(capabilities, 25, 18), field(capabilities, 27, 26))}`]
        : []),
    ],
    [
      'DevCtl:',
      ...flags(control, 'CorrErr:0 NonFatalErr:1 FatalErr:2 UnsupReq:3'),
      ...flags(control, 'RlxdOrd:4 ExtTag:8 PhantFunc:9 AuxPwr:10 NoSnoop:11'),
      ...(isOneOf(place, TO_PCI) ? flags(control, 'BrConfRtry:15') : []),
      ...(mayReset && field(capabilities, 28) === 1 ? flags(control, 'FLReset:15') : []),
      `MaxPayload ${128 * 2 ** field(control, 7, 5)} bytes`,
      `MaxReadReq ${128 * 2 ** field(control, 14, 12)} bytes`,
    ],
    [
      'DevSta:',
      ...flags(values['Device Status'], 'CorrErr:0 NonFatalErr:1 FatalErr:2 UnsupReq:3 AuxPwr:4 TransPend:5'),
    ],
  ];
}

function saidOfLink(values: Values, place: Place): Said[] {
  const capabilities = values['Link Capabilities'];
  const control = values['Link Control'];
  const status = values['Link Status'];
  const aspm = field(capabilities, 11, 10);
  const disable = field(control, 4) === 1 ? '+' : '-';
  return [
    [
      'LnkCap:',
      `Port #${field(capabilities, 31, 24)}`,
      `Speed ${speeds[field(capabilities, 3, 0)]}, Width x${field(capabilities, 9, 4)}`,
      `ASPM ${aspmSupport[aspm]}`,
      ...(aspm & 1 ? [`L0s ${latenciesL0s[field(capabilities, 14, 12)]}`] : []),
      ...(aspm & 2 ? [`L1 ${latenciesL1[field(capabilities, 17, 15)]}`] : []),
      ...flags(capabilities, 'ClockPM:18 Surprise:19 LLActRep:20 BwNot:21 ASPMOptComp:22'),
    ],
    [
      'LnkCtl:',
      `ASPM ${aspmEnabled[field(control, 1, 0)]};`,
      ...(isOneOf(place, ROOT, ENDPOINT, LEGACY, TO_PCI) ? [`RCB ${field(control, 3) === 1 ? 128 : 64} bytes`] : []),
      [`LnkDisable${disable}`, `Disabled${disable}`],
      ...flags(control, 'CommClk:6 ExtSynch:7 ClockPM:8 AutWidDis:9 BWInt:10 AutBWInt:11'),
    ],
    [
      'LnkSta:',
      `Speed ${speeds[field(status, 3, 0)]}`,
      `Width x${field(status, 9, 4)}`,
      ...flags(status, 'TrErr:10 Train:11 SlotClk:12 DLActive:13 BWMgmt:14 ABWMgmt:15'),
    ],
  ];
}

function saidOfSlot(values: Values): Said[] {
  const capabilities = values['Slot Capabilities'];
  const control = values['Slot Control'];
  const status = values['Slot Status'];
  const [mrl, presence] = [flags(status, 'MRL:2')[0], flags(status, 'PresDet:3')[0]];
  return [
    [
      'SltCap:',
      ...flags(capabilities, 'AttnBtn:0 PwrCtrl:1 MRL:2 AttnInd:3 PwrInd:4 Surprise:5 HotPlug:6'),
      `Slot #${field(capabilities, 31, 19)}`,
      `PowerLimit ${power(field(capabilities, 14, 7), field(capabilities, 16, 15))}`,
      ...flags(capabilities, 'Interlock:17 NoCompl:18'),
    ],
    [
      'SltCtl:',
      ...flags(control, 'AttnBtn:0 PwrFlt:1 MRL:2 PresDet:3 CmdCplt:4 HPIrq:5 Power:10 Interlock:11 LinkChg:12'),
      `AttnInd ${indicators[field(control, 7, 6)]}, PwrInd ${indicators[field(control, 9, 8)]}`,
    ],
    [
      'SltSta:',
      `Status: ${flags(status, 'AttnBtn:0 PowerFlt:1 MRL:5 CmdCplt:4 PresDet:6 Interlock:7').join(' ')}`,
      `Changed: ${mrl} ${presence} ${flags(status, 'LinkState:8')[0]}`,
    ],
  ];
}

function saidOfRoot(values: Values): Said[] {
  const status = values['Root Status'];
  // PCIe 6.0 says RRS for CRS.
  const visibility = (value: number | undefined, bit: number) => flags(value, `CRSVisible:${bit} RRSVisible:${bit}`);
  return [
    ['RootCap:', visibility(values['Root Capabilities'], 0)],
    [
      'RootCtl:',
      ...flags(values['Root Control'], 'ErrCorrectable:0 ErrNon-Fatal:1 ErrFatal:2 PMEIntEna:3'),
      visibility(values['Root Control'], 4),
    ],
    ['RootSta:', `PME ReqID ${hex(field(status, 15, 0), 4)}`, ...flags(status, 'PMEStatus:16 PMEPending:17')],
  ];
}

function saidOfDevice2(values: Values, place: Place): Said[] {
  const capabilities = values['Device Capabilities 2'];
  const control = values['Device Control 2'];
  const forwardsAri = isOneOf(place, ROOT, DOWNSTREAM);
  const routes = isOneOf(place, ROOT, UPSTREAM, DOWNSTREAM);
  const requests = isOneOf(place, ROOT, ENDPOINT, INTEGRATED, LEGACY);
  const reduction = ['Not Supported', 'Dev Specific', 'Form Factor Dev Specific'];
  return [
    [
      'DevCap2:',
      `Completion Timeout: ${timeoutRanges[field(capabilities, 3, 0)]},`,
      ...flags(capabilities, 'TimeoutDis:4 NROPrPrP:10 LTR:11 10BitTagComp:16 10BitTagReq:17 ExtFmt:20 EETLPPrefix:21'),
      `OBFF ${['Not Supported', 'Via message', 'Via WAKE#', 'Via message/WAKE#'][field(capabilities, 19, 18)]},`,
      ...(field(capabilities, 21) === 1 ? [`MaxEETLPPrefixes ${field(capabilities, 23, 22) || 4}`] : []),
      `EmergencyPowerReduction ${reduction[field(capabilities, 25, 24)]},`,
      ...flags(capabilities, 'EmergencyPowerReductionInit:26 FRS:31'),
      ...(isOneOf(place, ROOT)
        ? [
            `LN System CLS ${['Not Supported', '64byte cachelines', '128byte cachelines'][field(capabilities, 15, 14)]},`,
            ...flags(capabilities, '32bit:7 64bit:8 128bitCAS:9'),
          ]
        : []),
      ...(isOneOf(place, ROOT, ENDPOINT) ? flags(capabilities, 'TPHComp:12 ExtTPHComp:13') : []),
      ...(forwardsAri ? flags(capabilities, 'ARIFwd:5') : []),
      ...(routes ? flags(capabilities, 'Routing:6') : []),
    ],
    [
      'DevCtl2:',
      `Completion Timeout: ${timeouts[field(control, 3, 0)]},`,
      ...flags(control, 'TimeoutDis:4 ?IDOReq:8 ?IDOCompl:9 LTR:10 ?EmergencyPowerReductionReq:11 10BitTagReq:12'),
      ...flags(control, '?EETLPPrefixBlk:15'),
      `OBFF ${['Disabled', 'Via message A', 'Via message B', 'Via WAKE#'][field(control, 14, 13)]},`,
      ...(forwardsAri ? flags(control, 'ARIFwd:5') : []),
      ...(requests ? flags(control, 'ReqEn:6') : []),
      ...(routes ? flags(control, 'EgressBlck:7') : []),
    ],
  ];
}

function saidOfLink2(values: Values, place: Place): Said[] {
  const capabilities = values['Link Capabilities 2'];
  const control = values['Link Control 2'];
  const status = values['Link Status 2'];
  const emphasis = (bit: number) => (bit === 0 ? '-6dB' : '-3.5dB');
  const margin = field(control, 9, 7);
  return [
    [
      'LnkCap2:',
      `Supported Link Speeds: ${supportedSpeeds[Math.log2(field(capabilities, 7, 1) + 1) - 1]},`,
      ...flags(capabilities, 'Crosslink:8 Retimer:23 2Retimers:24 DRS:31'),
    ],
    [
      'LnkCtl2:',
      `Target Link Speed: ${speeds[field(control, 3, 0)]},`,
      ...flags(control, 'EnterCompliance:4 SpeedDis:5 EnterModifiedCompliance:10 ComplianceSOS:11'),
      ...(isOneOf(place, DOWNSTREAM) ? [`Selectable De-emphasis: ${emphasis(field(control, 6))}`] : []),
      `Transmit Margin: ${
        margin === 0
          ? 'Normal Operating Range'
          : margin === 1
            ? '800-1200mV(full-swing)/400-700mV(half-swing)'
            : '200-400mV(full-swing)/100-200mV(half-swing)'
      },`,
      `Compliance Preset/De-emphasis: ${presets[field(control, 15, 12)]}`,
    ],
    [
      'LnkSta2:',
      `Current De-emphasis Level: ${emphasis(field(status, 0))},`,
      ...flags(status, 'EqualizationComplete:1 EqualizationPhase1:2 EqualizationPhase2:3 EqualizationPhase3:4'),
      ...flags(status, 'LinkEqualizationRequest:5 Retimer:6 2Retimers:7'),
      `CrosslinkRes: ${['unsupported', 'Upstream Port', 'Downstream Port', 'incomplete'][field(status, 9, 8)]}`,
      ...(isLinkUpper(place) && field(capabilities, 31) === 1
        ? [...flags(status, 'DRS:15'), `DownstreamComp: ${components[field(status, 14, 12)]}`]
        : []),
    ],
  ];
}

export const pciExpressCase: CapabilityCase = {
  structure: PciExpressCapability,
  bytes: 0x3c,
  name: (values, place) => {
    const capabilities = values['PCI Express Capabilities'];
    const slot = field(capabilities, 8) === 1 ? '+' : '-';
    const start = `Express (v${field(capabilities, 3, 0)}) ${names[place.portType]!.replace('_', slot)}`;
    const message = field(capabilities, 13, 9);
    // Older releases print it in hex.
    return [`${start}, IntMsgNum ${message}`, `${start}, MSI ${hex(message, 2)}`];
  },
  on: ({ portType }) => portType >= 0,
  values: drawValues,
  says: (values, place) => [
    ...saidOfDevice(values, place),
    ...(hasLink(place) ? saidOfLink(values, place) : []),
    ...(values['Slot Control'] === undefined ? [] : saidOfSlot(values)),
    ...(hasRoot(place) ? saidOfRoot(values) : []),
    ...(values['Device Control 2'] === undefined ? [] : saidOfDevice2(values, place)),
    ...(values['Link Control 2'] === undefined ? [] : saidOfLink2(values, place)),
  ],
};
