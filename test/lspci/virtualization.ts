/** lspci's words for extended capabilities of virtualization and isolation: SR-IOV, ATS and what belongs to it, ACS, ARI, IDE, DOE. */
import {
  AccessControlServices,
  AddressTranslationServices,
  AlternativeRoutingId,
  DataObjectExchange,
  IntegrityAndDataEncryption,
  PageRequestInterface,
  ProcessAddressSpaceId,
  SingleRootIoVirtualization,
} from '../../src/spec/index.ts';
import { type CapabilityCase, field, flags, hex, type Place, type Said } from './said.ts';

const isEndpoint = ({ portType }: Place) => portType === 0 || portType === 9;
const ACS = 'SrcValid:0 TransBlk:1 ReqRedir:2 CmpltRedir:3 UpstreamFwd:4 EgressCtrl:5 DirectTrans:6';

const acs: CapabilityCase = {
  structure: AccessControlServices,
  bytes: 0x28,
  name: 'Access Control Services',
  values: (draw) => ({ 'ACS Capability': draw.register(16), 'ACS Control': draw.register(16) }),
  says: (values) => [
    ['ACSCap:', ...flags(values['ACS Capability'], ACS)],
    ['ACSCtl:', ...flags(values['ACS Control'], ACS)],
  ],
};

const ari: CapabilityCase = {
  structure: AlternativeRoutingId,
  bytes: 8,
  name: 'Alternative Routing-ID Interpretation (ARI)',
  on: isEndpoint,
  values: (draw) => ({ 'ARI Capability': draw.register(16), 'ARI Control': draw.register(16) }),
  says: ({ 'ARI Capability': capability, 'ARI Control': control }) => [
    ['ARICap:', ...flags(capability, 'MFVC:0 ACS:1'), `Next Function: ${field(capability, 15, 8)}`],
    ['ARICtl:', ...flags(control, 'MFVC:0 ACS:1'), `Function Group: ${field(control, 6, 4)}`],
  ],
};

const ats: CapabilityCase = {
  structure: AddressTranslationServices,
  bytes: 8,
  name: 'Address Translation Service (ATS)',
  on: isEndpoint,
  values: (draw) => ({ 'ATS Capability': draw.register(16), 'ATS Control': draw.register(16) }),
  says: ({ 'ATS Capability': capability, 'ATS Control': control }) => [
    ['ATSCap:', `Invalidate Queue Depth: ${hex(field(capability, 4, 0), 2)}`],
    ['ATSCtl:', ...flags(control, 'Enable:15'), `Smallest Translation Unit: ${hex(field(control, 4, 0), 2)}`],
  ],
};

const pri: CapabilityCase = {
  structure: PageRequestInterface,
  bytes: 16,
  name: 'Page Request Interface (PRI)',
  on: isEndpoint,
  values: (draw) => ({
    'Page Request Control': draw.register(16),
    'Page Request Status': draw.register(16),
    'Outstanding Page Request Capacity': draw.register(32),
    'Outstanding Page Request Allocation': draw.register(32),
  }),
  says: (values) => [
    ['PRICtl:', ...flags(values['Page Request Control'], 'Enable:0 Reset:1')],
    ['PRISta:', ...flags(values['Page Request Status'], 'RF:0 UPRGI:1 Stopped:8 ?PASID:15')],
    [
      `Page Request Capacity: ${hex(values['Outstanding Page Request Capacity']!, 8)},`,
      `Page Request Allocation: ${hex(values['Outstanding Page Request Allocation']!, 8)}`,
    ],
  ],
};

const pasid: CapabilityCase = {
  structure: ProcessAddressSpaceId,
  bytes: 8,
  name: 'Process Address Space ID (PASID)',
  on: isEndpoint,
  values: (draw) => ({ 'PASID Capability': draw.register(16), 'PASID Control': draw.register(16) }),
  says: ({ 'PASID Capability': capability, 'PASID Control': control }) => [
    ['PASIDCap:', ...flags(capability, 'Exec:1 Priv:2'), `Max PASID Width: ${hex(field(capability, 12, 8), 2)}`],
    ['PASIDCtl:', ...flags(control, 'Enable:0 Exec:1 Priv:2')],
  ],
};

const sriov: CapabilityCase = {
  structure: SingleRootIoVirtualization,
  bytes: 0x40,
  name: 'Single Root I/O Virtualization (SR-IOV)',
  on: isEndpoint,
  values: (draw) => ({
    'SR-IOV Capabilities': draw.register(32),
    'SR-IOV Control': draw.register(16),
    'SR-IOV Status': draw.register(16),
    InitialVFs: draw.register(16),
    TotalVFs: draw.register(16),
    NumVFs: draw.register(16),
    'Function Dependency Link': draw.register(8),
    'First VF Offset': draw.register(16),
    'VF Stride': draw.register(16),
    'VF Device ID': draw.register(16),
    'Supported Page Sizes': draw.register(32),
    'System Page Size': draw.register(32),
    // A 64-bit prefetchable BAR in two registers, and a 32-bit one.
    'VF BAR 0': draw.register(32, { '3:0': 0xc, '31': 1 }),
    'VF BAR 1': draw.register(32),
    'VF BAR 2': draw.register(32, { '3:0': 0, '31': 1 }),
    'VF Migration State Array Offset': draw.register(32),
  }),
  says: (values) => {
    const capabilities = values['SR-IOV Capabilities'];
    const message = field(capabilities, 31, 21);
    const migration = values['VF Migration State Array Offset'];
    const base = (n: number) => `${hex(field(values[`VF BAR ${n}`], 31, 4), 7)}0`;
    return [
      [
        'IOVCap:',
        ...flags(capabilities, 'Migration:0 10BitTagReq:2'),
        [`IntMsgNum ${message}`, `Interrupt Message Number: ${hex(message, 3)}`],
      ],
      [
        'IOVCtl:',
        ...flags(values['SR-IOV Control'], 'Enable:0 Migration:1 Interrupt:2 MSE:3 ARIHierarchy:4 10BitTagReq:5'),
      ],
      ['IOVSta:', ...flags(values['SR-IOV Status'], 'Migration:0')],
      [
        `Initial VFs: ${values.InitialVFs},`,
        `Total VFs: ${values.TotalVFs},`,
        `Number of VFs: ${values.NumVFs},`,
        `Function Dependency Link: ${hex(values['Function Dependency Link']!, 2)}`,
      ],
      [
        `VF offset: ${values['First VF Offset']},`,
        `stride: ${values['VF Stride']},`,
        `Device ID: ${hex(values['VF Device ID']!, 4)}`,
      ],
      [
        `Supported Page Size: ${hex(values['Supported Page Sizes']!, 8)},`,
        `System Page Size: ${hex(values['System Page Size']!, 8)}`,
      ],
      [`Region 0: Memory at ${hex(values['VF BAR 1']!, 8)}${base(0)} (64-bit, prefetchable)`],
      [`Region 2: Memory at ${base(2)} (32-bit, non-prefetchable)`],
      ['VF Migration:', `offset: ${hex(migration! - field(migration, 2, 0), 8)},`, `BIR: ${field(migration, 2, 0)}`],
    ];
  },
};

const doe: CapabilityCase = {
  structure: DataObjectExchange,
  bytes: 0x18,
  name: 'Data Object Exchange',
  values: (draw) => {
    const busy = draw.bits(2);
    return {
      'DOE Capabilities': draw.register(32),
      'DOE Control': draw.register(32),
      // 3.9.0 tests bits 1:0 for the error.
      'DOE Status': draw.register(32, { '1:0': busy, '2': Math.sign(busy) }),
      'DOE Read Data Mailbox': draw.register(32),
    };
  },
  says: (values) => {
    const capabilities = values['DOE Capabilities'];
    const status = values['DOE Status'];
    const message = field(capabilities, 11, 1);
    return [
      [
        'DOECap:',
        ...flags(capabilities, 'IntSup:0'),
        ...(field(capabilities, 0) === 1
          ? [[`IntMsgNum ${message}`, `Interrupt Message Number ${hex(message, 3)}`]]
          : []),
      ],
      ['DOECtl:', ...flags(values['DOE Control'], 'IntEn:1')],
      ['DOESta:', ...flags(status, 'Busy:0 IntSta:1 Error:2 ObjectReady:31')],
    ];
  },
};

const encryptionModes = ['no', '17:2', '25:2', '33:2', '41:2'];
const states: Readonly<Record<number, string>> = { 0: 'insecure', 2: 'secure' };
const aggregation = ['-', '=2', '=4', '=8'];
const ALGORITHM = "Alg='AES-GCM-256-96b'";

/** The fields that Link and Selective streams share. */
function streamWords(control: number | undefined): string[] {
  return [
    ...flags(control, 'En:0'),
    ...['NPR', 'PR', 'CPL'].map((kind, i) => `${kind}${aggregation[field(control, 3 + 2 * i, 2 + 2 * i)]}`),
    `HdrEnc=${encryptionModes[field(control, 13, 10)]}`,
    ALGORITHM,
    `TC${field(control, 21, 19)}`,
    `ID${field(control, 31, 24)}`,
  ];
}

const ide: CapabilityCase = {
  structure: IntegrityAndDataEncryption,
  bytes: 12 + 3 * 8 + 2 * (20 + 2 * 12),
  name: 'Integrity & Data Encryption',
  values: (draw) => {
    const [links, selective] = [draw.between(1, 3), draw.between(1, 2)];
    const control = () => draw.register(32, { '13:10': draw.between(0, 4), '18:14': 0 });
    const status = () => draw.register(32, { '3:0': draw.pick(0, 2) });
    const values: Record<string, number> = {
      'IDE Capability': draw.register(32, {
        '0': 1,
        '1': 1,
        '12:8': 0,
        '15:13': links - 1,
        '23:16': selective - 1,
      }),
      'IDE Control': draw.register(32),
    };
    for (let n = 0; n < links; n++) {
      values[`Link IDE Stream ${n} Control`] = control();
      values[`Link IDE Stream ${n} Status`] = status();
    }
    for (let n = 0; n < selective; n++) {
      const blocks = draw.between(0, 2);
      const stream = `Selective IDE Stream ${n}`;
      values[`${stream} Capability`] = draw.register(32, { '3:0': blocks });
      values[`${stream} Control`] = control();
      values[`${stream} Status`] = status();
      values[`${stream} RID Association 1`] = draw.register(32);
      values[`${stream} RID Association 2`] = draw.register(32);
      for (let block = 0; block < blocks; block++)
        for (const i of [1, 2, 3]) values[`${stream} Address Association ${block} ${i}`] = draw.register(32);
    }
    return values;
  },
  says: (values) => {
    const capability = values['IDE Capability'];
    const [links, selective] = [field(capability, 15, 13) + 1, field(capability, 23, 16) + 1];
    const said: Said[] = [
      [
        'IDECap:',
        `Lnk=${links}`,
        `Sel=${selective}`,
        ...flags(capability, 'FlowThru:2 PartHdr:3 Aggr:4 PCPC:5 IDE_KM:6 TeeLim:24'),
        ALGORITHM,
        `TCs=${links}`,
      ],
      ['IDECtl:', ...flags(values['IDE Control'], 'FTEn:2')],
    ];
    // Each group begins with the register's offset in brackets.
    for (let n = 0; n < links; n++)
      said.push(
        // lspci prints the stream's Enable bit for PCRC too.
        ['[', `LinkIDE#${n} Ctl:`, ...streamWords(values[`Link IDE Stream ${n} Control`])],
        [
          '[',
          `LinkIDE#${n} Sta: Status=${states[field(values[`Link IDE Stream ${n} Status`], 3, 0)]}`,
          ...flags(values[`Link IDE Stream ${n} Status`], 'RecvChkFail:31'),
        ],
      );
    for (let n = 0; n < selective; n++) {
      const stream = `Selective IDE Stream ${n}`;
      const blocks = field(values[`${stream} Capability`], 3, 0);
      const control = values[`${stream} Control`];
      const status = values[`${stream} Status`];
      const [limit, base] = [values[`${stream} RID Association 1`], values[`${stream} RID Association 2`]];
      said.push(
        ['[', `SelectiveIDE#${n} Cap: RID#=${blocks}`],
        ['[', `SelectiveIDE#${n} Ctl:`, ...flags(control, 'PCRC:8 CFG:9'), ...streamWords(control)],
        ['[', `SelectiveIDE#${n} Sta: ${states[field(status, 3, 0)]}`, ...flags(status, 'RecvChkFail:31')],
        [
          '[',
          `SelectiveIDE#${n} RID:`,
          ...flags(base, 'Valid:0'),
          `Base=${hex(field(base, 23, 8))}`,
          `Limit=${hex(field(limit, 23, 8))}`,
          `SegBase=${hex(field(base, 31, 24))}`,
        ],
      );
      for (let block = 0; block < blocks; block++) {
        const [low, limitHigh, baseHigh] = [1, 2, 3].map((i) => values[`${stream} Address Association ${block} ${i}`]!);
        const address = (upper: number, lower: number, rest: number) =>
          (BigInt(upper) * 2n ** 32n + BigInt(lower) * 2n ** 20n + BigInt(rest)).toString(16);
        said.push([
          '[',
          `SelectiveIDE#${n} RID#${block}:`,
          ...flags(low, 'Valid:0'),
          `Base=${address(baseHigh!, field(low, 19, 8), 0)}`,
          `Limit=${address(limitHigh!, field(low, 31, 20), 0xfffff)}`,
        ]);
      }
    }
    return said;
  },
};

export const virtualizationCases: readonly CapabilityCase[] = [acs, ari, ats, pri, pasid, sriov, doe, ide];
