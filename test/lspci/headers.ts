/** lspci's words for the header (pciutils, lspci.c, show_verbose and show_htype1). */
import type { Draw } from './draw.ts';
import { field, flags, hex, type Place, type Said, type Values } from './said.ts';

export interface Header {
  readonly values: Values;
  readonly says: readonly Said[];
}

const COMMAND =
  'I/O:0 Mem:1 BusMaster:2 SpecCycle:3 MemWINV:4 VGASnoop:5 ParErr:6 Stepping:7 SERR:8 FastB2B:9 DisINTx:10';
const STATUS = '66MHz:5 FastB2B:7 ParErr:8 >TAbort:11 <TAbort:12 <MAbort:13 >SERR:14 <PERR:15';
const devsel = ['fast', 'medium', 'slow'];

const disabled = (command: number, bit: number) => (field(command, bit) === 1 ? '' : ' [disabled]');

export function drawHeader(draw: Draw, place: Place): Header {
  // Some space is decoded: lspci takes a command of 0 with BARs for broken ones.
  const command = draw.register(16, { '0': 1 });
  const status = draw.register(16, { '10:9': draw.between(0, 2) });
  const common = { 'Vendor ID': place.vendorId, 'Device ID': 0x1234, Command: command, Status: status };
  const controls: Said[] = [
    ['Control:', ...flags(command, COMMAND)],
    ['Status:', `DEVSEL=${devsel[field(status, 10, 9)]}`, ...flags(status, STATUS)],
  ];
  return place.headerType === 0 ? deviceHeader(draw, common, controls) : bridgeHeader(draw, common, controls);
}

type Common = { readonly Command: number } & Values;

function deviceHeader(draw: Draw, common: Common, controls: readonly Said[]): Header {
  // A 64-bit prefetchable BAR, a 32-bit one, and one of I/O.
  const values = {
    ...common,
    'Class Code': 0x0200,
    'Base Address Register 0': draw.register(32, { '3:0': 0xc }),
    'Base Address Register 1': draw.register(32, { '0': 1 }),
    'Base Address Register 2': draw.register(32, { '3:0': 0, '31': 1 }),
    'Base Address Register 3': draw.register(32, { '1:0': 1, '31:16': 0, '15': 1 }),
    'Subsystem Vendor ID': draw.between(1, 0xfffe),
    'Subsystem ID': draw.register(16),
  };
  const memory = disabled(common.Command, 1);
  const base = (n: number, low: number) => {
    const bar = values[`Base Address Register ${n}` as keyof typeof values] as number;
    return hex(bar - (bar % 2 ** low), 8);
  };
  return {
    values,
    says: [
      [`Subsystem: ${hex(values['Subsystem Vendor ID'], 4)}:${hex(values['Subsystem ID'], 4)}`],
      ...controls,
      [`Region 0: Memory at ${hex(values['Base Address Register 1'])}${base(0, 4)} (64-bit, prefetchable)${memory}`],
      [`Region 2: Memory at ${base(2, 4)} (32-bit, non-prefetchable)${memory}`],
      [`Region 3: I/O ports at ${base(3, 2).slice(4)}${disabled(common.Command, 0)}`],
    ],
  };
}

function bridgeHeader(draw: Draw, common: Common, controls: readonly Said[]): Header {
  const window = (bits: number) => [draw.bits(bits), draw.bits(bits)].sort((a, b) => a - b) as [number, number];
  const [io, memory, prefetchable, upper] = [window(4), window(12), window(12), window(16)];
  const [secondary, subordinate] = window(8);
  const secondaryStatus = draw.register(16, { '10:9': draw.between(0, 2) });
  const control = draw.register(16);
  const values = {
    ...common,
    'Class Code': 0x0604,
    'Primary Bus Number': draw.register(8),
    'Secondary Bus Number': secondary,
    'Subordinate Bus Number': subordinate,
    'Secondary Latency Timer': draw.register(8),
    'I/O Base': io[0] * 16,
    'I/O Limit': io[1] * 16,
    'Secondary Status': secondaryStatus,
    'Memory Base': memory[0] * 16,
    'Memory Limit': memory[1] * 16,
    // 64-bit.
    'Prefetchable Memory Base': prefetchable[0] * 16 + 1,
    'Prefetchable Memory Limit': prefetchable[1] * 16 + 1,
    'Prefetchable Base Upper 32 Bits': upper[0],
    'Prefetchable Limit Upper 32 Bits': upper[1],
    'Bridge Control': control,
  };
  const address = (high: number, mib: number, last: string) => `${hex(high, 8)}${hex(mib, 3)}${last}`;
  return {
    values,
    says: [
      ...controls,
      [
        'Bus:',
        `primary=${hex(values['Primary Bus Number'], 2)},`,
        `secondary=${hex(secondary, 2)},`,
        `subordinate=${hex(subordinate, 2)},`,
        `sec-latency=${values['Secondary Latency Timer']}`,
      ],
      [`I/O behind bridge: ${hex(io[0])}000-${hex(io[1])}fff`],
      [`Memory behind bridge: ${hex(memory[0], 3)}00000-${hex(memory[1], 3)}fffff`],
      [
        'Prefetchable memory behind bridge:',
        `${address(upper[0], prefetchable[0], '00000')}-${address(upper[1], prefetchable[1], 'fffff')}`,
      ],
      [
        'Secondary status:',
        `DEVSEL=${devsel[field(secondaryStatus, 10, 9)]}`,
        ...flags(secondaryStatus, STATUS.replaceAll('>SERR', '<SERR')),
      ],
      ['BridgeCtl:', ...flags(control, 'Parity:0 SERR:1 NoISA:2 VGA:3 VGA16:4 MAbort:5 >Reset:6 FastB2B:7')],
      ['PriDiscTmr', ...flags(control, 'SecDiscTmr:9 DiscTmrStat:10 DiscTmrSERREn:11')],
    ],
  };
}
