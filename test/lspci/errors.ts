/** lspci's words for error reporting and containment (pciutils, ls-ecaps.c, cap_aer and cap_dpc). */
import { AdvancedErrorReporting, DownstreamPortContainment } from '../../src/spec/index.ts';
import { type CapabilityCase, field, flags, hex, type Place, type Values } from './said.ts';

const UNCORRECTABLE =
  'DLP:4 SDES:5 TLP:12 FCP:13 CmpltTO:14 CmpltAbrt:15 UnxCmplt:16 RxOF:17 MalfTLP:18 ECRC:19 UnsupReq:20 ACSViol:21';
const UNCORRECTABLE_NEWER =
  '?UncorrIntErr:22 ?BlockedTLP:23 ?AtomicOpBlocked:24 ?TLPBlockedErr:25 ?PoisonTLPBlocked:26 ?DMWrReqBlocked:27 ?IDECheck:28 ?MisIDETLP:29 ?PCRC_CHECK:30 ?TLPXlatBlocked:31';
const CORRECTABLE = 'RxErr:0 BadTLP:6 BadDLLP:7 Rollover:8 Timeout:12 AdvNonFatalErr:13 ?CorrIntErr:14 ?HeaderOF:15';

const hasRoot = ({ portType }: Place) => portType === 4 || portType === 10;
const uncorrectable = (value: number | undefined) => [
  ...flags(value, UNCORRECTABLE),
  ...flags(value, UNCORRECTABLE_NEWER),
];

const aer: CapabilityCase = {
  structure: AdvancedErrorReporting,
  bytes: 0x48,
  name: 'Advanced Error Reporting',
  values: (draw, place) => ({
    'Uncorrectable Error Status': draw.register(32),
    'Uncorrectable Error Mask': draw.register(32),
    'Uncorrectable Error Severity': draw.register(32),
    'Correctable Error Status': draw.register(32),
    'Correctable Error Mask': draw.register(32),
    // A Header Log Size would be more of log registers.
    'Advanced Error Capabilities and Control': draw.register(32, { '31:13': 0 }),
    'Header Log 0': draw.register(32),
    'Header Log 1': draw.register(32),
    'Header Log 2': draw.register(32),
    'Header Log 3': draw.register(32),
    ...(hasRoot(place)
      ? {
          'Root Error Command': draw.register(32),
          'Root Error Status': draw.register(32),
          'Error Source Identification': draw.register(32),
        }
      : {}),
  }),
  says: (values, place) => {
    const control = values['Advanced Error Capabilities and Control'];
    const message = (value: number) => [`IntMsgNum ${value}`, `IntMsg ${value}`];
    const source = values['Error Source Identification'];
    return [
      ['UESta:', ...uncorrectable(values['Uncorrectable Error Status'])],
      ['UEMsk:', ...uncorrectable(values['Uncorrectable Error Mask'])],
      ['UESvrt:', ...uncorrectable(values['Uncorrectable Error Severity'])],
      ['CESta:', ...flags(values['Correctable Error Status'], CORRECTABLE)],
      ['CEMsk:', ...flags(values['Correctable Error Mask'], CORRECTABLE)],
      [
        'AERCap:',
        `First Error Pointer: ${hex(field(control, 4, 0), 2)},`,
        ...flags(control, 'ECRCGenCap:5 ECRCGenEn:6 ECRCChkCap:7 ECRCChkEn:8'),
        ...flags(control, 'MultHdrRecCap:9 MultHdrRecEn:10 TLPPfxPres:11 HdrLogCap:12'),
      ],
      ['HeaderLog:', [0, 1, 2, 3].map((n) => hex(values[`Header Log ${n}`]!, 8)).join(' ')],
      ...(hasRoot(place)
        ? [
            ['RootCmd:', ...flags(values['Root Error Command'], 'CERptEn:0 NFERptEn:1 FERptEn:2')],
            [
              'RootSta:',
              ...flags(values['Root Error Status'], 'CERcvd:0 MultCERcvd:1 UERcvd:2 MultUERcvd:3'),
              ...flags(values['Root Error Status'], 'FirstFatal:4 NonFatalMsg:5 FatalMsg:6'),
              message(field(values['Root Error Status'], 31, 27)),
            ],
            [
              'ErrorSrc:',
              `ERR_COR: ${hex(field(source, 15, 0), 4)}`,
              `ERR_FATAL/NONFATAL: ${hex(field(source, 31, 16), 4)}`,
            ],
          ]
        : []),
    ];
  },
};

const dpc: CapabilityCase = {
  structure: DownstreamPortContainment,
  bytes: 0x44,
  name: 'Downstream Port Containment',
  on: ({ portType }) => portType === 4 || portType === 6,
  values: (draw, { portType }) => {
    const extensions = portType === 4 ? draw.bits(1) : 0;
    const values: Record<string, number> = {
      'DPC Capability': draw.register(16, { '5': extensions, '11:8': draw.between(4, 9), '15:13': 0 }),
      'DPC Control': draw.register(16),
      'DPC Status': draw.register(16),
      'DPC Error Source ID': draw.register(16),
    };
    // lspci does not print it.
    return extensions === 1 ? { ...values, 'RP PIO Status': draw.register(32) } : values;
  },
  says: (values: Values) => {
    const capability = values['DPC Capability'];
    const control = values['DPC Control'];
    const status = values['DPC Status'];
    const message = field(capability, 4, 0);
    return [
      [
        'DpcCap:',
        [`IntMsgNum ${message},`, `INT Msg #${message},`],
        ...flags(capability, 'RPExt:5 PoisonedTLP:6 SwTrigger:7 DL_ActiveErr:12'),
        `RP PIO Log ${field(capability, 11, 8)},`,
      ],
      [
        'DpcCtl:',
        `Trigger:${field(control, 1, 0)}`,
        ...flags(control, 'Cmpl:2 INT:3 ErrCor:4 PoisonedTLP:5 SwTrigger:6 DL_ActiveErr:7'),
      ],
      [
        'DpcSta:',
        ...flags(status, 'Trigger:0 INT:3 RPBusy:4'),
        `Reason:${hex(field(status, 2, 1), 2)}`,
        `TriggerExt:${hex(field(status, 6, 5), 2)}`,
        `RP PIO ErrPtr:${hex(field(status, 12, 8), 2)}`,
      ],
      ['Source:', hex(values['DPC Error Source ID']!, 4)],
    ];
  },
};

export const errorCases: readonly CapabilityCase[] = [aer, dpc];
