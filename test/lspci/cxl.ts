/** lspci's words for the DVSECs of CXL (pciutils, ls-ecaps.c, cap_dvsec_cxl). */
import {
  CxlDevice,
  CxlFlexBusPort,
  CxlGpfDevice,
  CxlGpfPort,
  CxlMld,
  CxlNonCxlFunctionMap,
  CxlPortExtensions,
  CxlRegisterLocator,
} from '../../src/spec/index.ts';
import type { Structure } from '../../src/spec/structure.ts';
import type { Draw } from './draw.ts';
import { type CapabilityCase, field, flags, hex, type Place, type Said, type Values } from './said.ts';

const isEndpoint = ({ portType }: Place) => portType === 0 || portType === 9;
const isPort = ({ portType }: Place) => portType === 4 || portType === 5 || portType === 6;

/** CXL Consortium. */
const VENDOR = 0x1e98;

interface Dvsec {
  readonly structure: Structure;
  readonly id: number;
  readonly revision: number;
  readonly length: number;
  readonly on: (place: Place) => boolean;
  readonly values: (draw: Draw) => Values;
  readonly says: (values: Values) => readonly Said[];
}

const dvsec = ({ structure, id, revision, length, on, values, says }: Dvsec): CapabilityCase => ({
  structure,
  bytes: length,
  name: `Designated Vendor-Specific: Vendor=${hex(VENDOR)} ID=${hex(id, 4)} Rev=${revision} Len=${length}: CXL`,
  on,
  values: (draw) => ({
    'Designated Vendor-Specific Header 1': VENDOR + revision * 2 ** 16 + length * 2 ** 20,
    'Designated Vendor-Specific Header 2': id,
    ...values(draw),
  }),
  says,
});

function range(values: Values, n: number): Said[] {
  const low = values[`CXL Range ${n} Size Low`]!;
  const dwords = (name: string) =>
    BigInt(values[`CXL Range ${n} ${name} High`]!) * 2n ** 32n + BigInt(values[`CXL Range ${n} ${name} Low`]!);
  const base = dwords('Base');
  const size = dwords('Size') & ~0x0fffffffn;
  const end = BigInt.asUintN(64, base + size - 1n);
  const address = (value: bigint) => value.toString(16).padStart(16, '0');
  return [
    [
      `Range${n}:`,
      `${address(base)}-${address(end)}`,
      ...flags(low, 'Valid:0 Active:1'),
      `Type=${['Volatile', 'Non-volatile', 'CDAT'][field(low, 4, 2)]}`,
      `Class=${['DRAM', 'Storage', 'CDAT'][field(low, 7, 5)]}`,
      `interleave=${[0, 256, 4096, 512, 1024, 2048, 8192, 16384][field(low, 12, 8)]}`,
      `timeout=${4 ** field(low, 15, 13)}s`,
    ],
  ];
}

const device = (revision: number): CapabilityCase =>
  dvsec({
    structure: CxlDevice,
    id: 0,
    revision,
    length: revision === 1 ? 0x38 : 0x3c,
    on: isEndpoint,
    values: (draw) => {
      const values: Record<string, number> = {
        'CXL Device Capability': draw.register(16),
        'CXL Device Control': draw.register(16),
        'CXL Device Status': draw.register(16),
        'CXL Device Control 2': draw.register(16),
        'CXL Device Status 2': draw.register(16),
        'CXL Device Capability 2': draw.register(16, { '3:0': draw.between(0, 2) }),
      };
      for (const n of [1, 2]) {
        values[`CXL Range ${n} Size High`] = draw.register(32);
        values[`CXL Range ${n} Size Low`] = draw.register(32, {
          '4:2': draw.between(0, 2),
          '7:5': draw.between(0, 2),
          '12:8': draw.between(0, 7),
        });
        values[`CXL Range ${n} Base High`] = draw.register(32);
        values[`CXL Range ${n} Base Low`] = draw.register(32, { '27:0': 0 });
      }
      return values;
    },
    says: (values) => {
      const capability = values['CXL Device Capability'];
      const control = values['CXL Device Control'];
      const cache = values['CXL Device Capability 2'];
      const unit = [0, 64 * 1024, 1024 * 1024][field(cache, 3, 0)]!;
      const hwInit = field(capability, 3) === 1 ? '+' : '-';
      const clean = field(control, 11) === 1 ? '+' : '-';
      return [
        [
          'CXLCap:',
          ...flags(capability, 'Cache:0 IO:1 Mem:2 Viral:14'),
          [`MemHWInit${hwInit}`, `Mem HW Init${hwInit}`],
          `HDMCount ${field(capability, 5, 4)}`,
        ],
        [
          'CXLCtl:',
          ...flags(control, 'Cache:0 IO:1 Mem:2 Viral:14'),
          [`CacheSFCov ${field(control, 7, 3)}`, `Cache SF Cov ${field(control, 7, 3)}`],
          [`CacheSFGran ${field(control, 10, 8)}`, `Cache SF Gran ${field(control, 10, 8)}`],
          [`CacheClean${clean}`, `Cache Clean${clean}`],
        ],
        ['CXLSta:', ...flags(values['CXL Device Status'], 'Viral:14')],
        // CXLCtl2 and CXLCap3: lspci tests bits by their numbers; only the lowest one is right.
        ['CXLSta2:', ...flags(values['CXL Device Status 2'], 'ResetComplete:1 ResetError:2 PMComplete:15')],
        [
          ['CXLCap2:', 'Cache Size'],
          unit === 0 ? 'Cache Size Not Reported' : `Cache Size: ${hex(field(cache, 15, 8) * unit, 8)}`,
        ],
        ...range(values, 1),
        ...range(values, 2),
      ];
    },
  });

const functionMap = dvsec({
  structure: CxlNonCxlFunctionMap,
  id: 2,
  revision: 0,
  length: 0x2c,
  on: isEndpoint,
  values: (draw) =>
    Object.fromEntries([0, 1, 2, 3, 4, 5, 6, 7].map((n) => [`Non-CXL Function Map ${n}`, draw.register(32)])),
  // lspci reads 16 of the 32 bits.
  says: (values) =>
    [0, 1, 2, 3, 4, 5, 6, 7].map((n) => [`FuncMap ${n}:`, hex(field(values[`Non-CXL Function Map ${n}`], 15, 0), 8)]),
});

const portExtensions = dvsec({
  structure: CxlPortExtensions,
  id: 3,
  revision: 0,
  length: 0x28,
  on: isPort,
  values: (draw) => ({
    'CXL Port Extension Status': draw.register(16),
    'CXL Port Control Extensions': draw.register(16),
    'CXL Alternate Bus Base': draw.register(8),
    'CXL Alternate Bus Limit': draw.register(8),
    'CXL Alternate Memory Base': draw.register(16),
    'CXL Alternate Memory Limit': draw.register(16),
  }),
  says: (values) => [
    // CXLPortSta: lspci tests the register's offset instead of bit 0.
    [
      'CXLPortCtl:',
      ...flags(
        values['CXL Port Control Extensions'],
        'UnmaskSBR:0 UnmaskLinkDisable:1 AltMem:2 AltBME:3 ViralEnable:14',
      ),
    ],
    ['AlternateBus:', `${hex(values['CXL Alternate Bus Base']!, 2)}-${hex(values['CXL Alternate Bus Limit']!, 2)}`],
    // The memory window, under the same label.
    ['Alternate', `${hex(values['CXL Alternate Memory Base']!, 4)}-${hex(values['CXL Alternate Memory Limit']!, 4)}`],
  ],
});

/** Bits 3:0 times the unit of bits 11:8. lspci has no unit for 10 s. */
const drawTime = (draw: Draw) => draw.register(16, { '11:8': draw.between(0, 6) });
function time(value: number | undefined): string {
  const scale = field(value, 11, 8);
  return `${field(value, 3, 0) * 10 ** (scale % 3)}${['us', 'ms', 's'][Math.floor(scale / 3)]}`;
}

const gpfPort = dvsec({
  structure: CxlGpfPort,
  id: 4,
  revision: 0,
  length: 0x10,
  on: isPort,
  values: (draw) => ({ 'CXL GPF Phase 1 Control': drawTime(draw), 'CXL GPF Phase 2 Control': drawTime(draw) }),
  says: (values) => [1, 2].map((n) => [`GPF Phase ${n} Timeout:`, time(values[`CXL GPF Phase ${n} Control`])]),
});

const gpfDevice = dvsec({
  structure: CxlGpfDevice,
  id: 5,
  revision: 0,
  length: 0x10,
  on: isEndpoint,
  values: (draw) => ({ 'CXL GPF Phase 2 Duration': drawTime(draw), 'CXL GPF Phase 2 Power': draw.register(32) }),
  says: (values) => [
    ['GPF Phase 2 Duration:', time(values['CXL GPF Phase 2 Duration'])],
    ['GPF Phase 2 Power:', `${values['CXL GPF Phase 2 Power']}mW`],
  ],
});

const PROTOCOLS = 'Cache:0 IO:1 Mem:2 68BFlit:5 MltLogDev:6';

const flexBus = (revision: 1 | 2): CapabilityCase =>
  dvsec({
    structure: CxlFlexBusPort,
    id: 7,
    revision,
    length: revision === 1 ? 0x14 : 0x20,
    on: (place) => isEndpoint(place) || isPort(place),
    values: (draw) => ({
      'CXL Flex Bus Port Capability': draw.register(16),
      'CXL Flex Bus Port Control': draw.register(16),
      'CXL Flex Bus Port Status': draw.register(16),
      'CXL Flex Bus Port Received Modified TS Data Phase 1': draw.register(32),
      ...(revision === 2
        ? {
            'CXL Flex Bus Port Capability 2': draw.register(32),
            'CXL Flex Bus Port Control 2': draw.register(32),
            'CXL Flex Bus Port Status 2': draw.register(32),
          }
        : {}),
    }),
    says: (values) => {
      const newer = revision === 2 ? ' 256BFlit:13 PBRFlit:14' : '';
      const training = field(values['CXL Flex Bus Port Received Modified TS Data Phase 1'], 23, 0);
      return [
        ['FBCap:', ...flags(values['CXL Flex Bus Port Capability'], `${PROTOCOLS}${newer}`)],
        [
          'FBCtl:',
          ...flags(
            values['CXL Flex Bus Port Control'],
            `${PROTOCOLS} SynHdrByp:3 DrftBuf:4 RCD:7 Retimer1:8 Retimer2:9${newer}`,
          ),
        ],
        ['FBSta:', ...flags(values['CXL Flex Bus Port Status'], `${PROTOCOLS} SynHdrByp:3 DrftBuf:4${newer}`)],
        ['FBModTS:', `Received FB Data: ${hex(training, 6)}`],
        ...(revision === 2
          ? [
              ['FBCap2:', ...flags(values['CXL Flex Bus Port Capability 2'], 'NOPHint:0')],
              ['FBCtl2:', ...flags(values['CXL Flex Bus Port Control 2'], 'NOPHint:0')],
              ['FBSta2:', `NOPHintInfo: ${field(values['CXL Flex Bus Port Status 2'], 1, 0)}`],
            ]
          : []),
      ];
    },
  });

const blockNames = ['', 'component registers', 'BAR virtualization', 'CXL device registers'];

const registerLocator = dvsec({
  structure: CxlRegisterLocator,
  id: 8,
  revision: 0,
  length: 0x1c,
  on: (place) => isEndpoint(place) || isPort(place),
  values: (draw) =>
    Object.fromEntries(
      [0, 1].flatMap((n) => [
        [`CXL Register Block ${n} Offset Low`, draw.register(32, { '15:8': draw.between(1, 3) })],
        [`CXL Register Block ${n} Offset High`, draw.register(32)],
      ]),
    ),
  says: (values) =>
    [0, 1].map((n) => {
      const low = values[`CXL Register Block ${n} Offset Low`];
      const high = values[`CXL Register Block ${n} Offset High`]!;
      return [
        `Block${n + 1}:`,
        `BIR: bar${field(low, 2, 0)},`,
        `ID: ${blockNames[field(low, 15, 8)]},`,
        `offset: ${hex(high, 8)}${hex(field(low, 31, 16), 4)}0000`,
      ];
    }),
});

const multiLogicalDevice = dvsec({
  structure: CxlMld,
  id: 9,
  revision: 0,
  length: 0x10,
  on: isEndpoint,
  values: (draw) => ({ 'CXL Number of LDs Supported': draw.between(1, 16) }),
  says: (values) => [[`NumLogDevs: ${values['CXL Number of LDs Supported']}`]],
});

export const cxlCases: readonly CapabilityCase[] = [
  device(1),
  device(2),
  functionMap,
  portExtensions,
  gpfPort,
  gpfDevice,
  flexBus(1),
  flexBus(2),
  registerLocator,
  multiLogicalDevice,
];
