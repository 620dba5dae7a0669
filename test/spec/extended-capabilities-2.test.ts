/** Extended capabilities 19h to 3Ah: bytes as a dump has them, read by name; lengths by their own counts; what may be written. */
import { describe, expect, it, test } from 'vitest';
import { type PortType, portTypes } from '../../spec-tables/port-types.ts';
import { ConfigArena } from '../../src/config/arena.ts';
import { decodeFunction } from '../../src/formats/decode.ts';
import { structures } from '../../src/spec/structures.ts';

interface Kind {
  readonly port?: PortType;
  readonly lanes?: number;
  readonly flitMode?: boolean;
  readonly linkCapabilities2?: number;
}

/** A function with a PCI Express Capability at 40h, and at 100h the capability, whose rows are as in a dump. */
function functionWith(
  rows: string,
  { port = 'PCI Express Endpoint', lanes = 1, flitMode = false, linkCapabilities2 = 0 }: Kind = {},
) {
  const bytes = new Uint8Array(4096);
  bytes.set([0x86, 0x80, 0x34, 0x12]);
  bytes[0x06] = 0x10;
  bytes[0x0e] = port.startsWith('Root Port') || port.startsWith('Switch') ? 1 : 0;
  bytes[0x34] = 0x40;
  bytes.set([0x10, 0x00, 0x02 | (portTypes[port] << 4), flitMode ? 0x80 : 0], 0x40);
  new DataView(bytes.buffer).setUint32(0x6c, linkCapabilities2, true);
  bytes[0x4c] = (lanes << 4) & 0xff;
  bytes[0x4d] = lanes >> 4;
  bytes.set(
    rows.match(/[0-9a-f]{2}/g)!.map((byte) => Number.parseInt(byte, 16)),
    0x100,
  );
  const arena = new ConfigArena([{ segment: 0, routingId: 0, bytes, barSizesLog2: [] }]);
  const [capability] = decodeFunction(bytes).capabilities.filter(({ extended }) => extended);
  const registers = capability!.registers;
  const named = (name: string) => {
    const found = registers.find((register) => register.name === name);
    if (found === undefined) throw new Error(`no ${name} in ${registers.map((register) => register.name).join(', ')}`);
    return found;
  };
  const mask = (name: string, which: 'rw' | 'rw1c' | 'sticky') => {
    const { offset, width } = named(name);
    return [...arena.layout[0]![which].subarray(offset, offset + width / 8)].reduceRight((sum, b) => sum * 256 + b, 0);
  };
  return {
    arena,
    name: capability!.name,
    names: registers.map((register) => register.name),
    /** Bytes up to the end of the last register. */
    length: Math.max(...registers.map(({ offset, width }) => offset + width / 8)) - 0x100,
    at: (name: string) => named(name).offset - 0x100,
    value: (name: string) => named(name).value,
    fields: (name: string) => named(name).fields,
    rw: (name: string) => mask(name, 'rw'),
    rw1c: (name: string) => mask(name, 'rw1c'),
    sticky: (name: string) => mask(name, 'sticky'),
  };
}

const rootPort: Kind = { port: 'Root Port' };

describe('Secondary PCI Express', () => {
  const rows = '19 00 01 00 03 02 00 00 05 00 00 00 00 75 37 79';

  it('has two bytes a lane', () => {
    const fn = functionWith(rows, { lanes: 2 });
    expect([fn.name, fn.length]).toEqual(['Secondary PCI Express', 0x10]);
    expect(fn.fields('Lane 1 Equalization Control')).toMatchObject({
      'Downstream Port 8.0 GT/s Transmitter Preset': 7,
      'Downstream Port 8.0 GT/s Receiver Preset Hint': 3,
      'Upstream Port 8.0 GT/s Transmitter Preset': 9,
      'Upstream Port 8.0 GT/s Receiver Preset Hint': 7,
    });
    expect(functionWith(rows, { lanes: 16 }).length).toBe(0x2c);
    expect(functionWith(rows, { lanes: 0 }).length).toBe(0x0c);
  });

  it('asks for equalization in a downstream port only; errors stay over a hot reset', () => {
    const port = functionWith(rows, rootPort);
    expect(port.fields('Link Control 3')).toMatchObject({
      'Perform Equalization': 1,
      'Link Equalization Request Interrupt Enable': 1,
      'Enable Lower SKP OS Generation Vector': 1,
    });
    expect([port.rw('Link Control 3'), functionWith(rows).rw('Link Control 3')]).toEqual([3, 0]);
    const either = { linkCapabilities2: 0x00000200 };
    expect(functionWith(rows, either).rw('Link Control 3')).toBe(0xfe00);
    const crosslink = { linkCapabilities2: 0x00000100 };
    expect(functionWith(rows, crosslink).rw('Link Control 3')).toBe(3);
    expect([port.rw1c('Lane Error Status'), port.sticky('Lane Error Status')]).toEqual([0xffffffff, 0xffffffff]);
    expect(port.rw('Lane 0 Equalization Control')).toBe(0);
  });
});

test('LN Requester: a cache line size is chosen only where there are two', () => {
  const one = functionWith('1c 00 01 00 01 05 01 03');
  expect(one.fields('LNR Capability')).toMatchObject({ 'LNR-64 Supported': 1, 'LNR Registration Max': 5 });
  expect(one.fields('LNR Control')).toMatchObject({ 'LNR Enable': 1, 'LNR Registration Limit': 3 });
  expect([one.length, one.rw('LNR Control')]).toEqual([8, 0x1f01]);
  expect(functionWith('1c 00 01 00 03 05 01 03').rw('LNR Control')).toBe(0x1f03);
});

describe('L1 PM Substates', () => {
  const rows = '1e 00 01 00 1f 14 51 00 0f 00 c8 60 71 00 00 00';

  it('reads at version 1', () => {
    const fn = functionWith(rows);
    expect(fn.length).toBe(0x10);
    expect(fn.fields('L1 PM Substates Capabilities')).toMatchObject({
      'L1 PM Substates Supported': 1,
      'Port Common_Mode_Restore_Time': 20,
      'Port T_POWER_ON Scale': 1,
      'Port T_POWER_ON Value': 10,
    });
    expect(fn.fields('L1 PM Substates Control 1')).toMatchObject({
      'ASPM L1.1 Enable': 1,
      'LTR_L1.2_THRESHOLD_Value': 200,
      'LTR_L1.2_THRESHOLD_Scale': 3,
    });
    expect(fn.fields('L1 PM Substates Control 2')).toEqual({
      'T_POWER_ON Scale': 1,
      'Reserved 2': 0,
      'T_POWER_ON Value': 14,
      Reserved: 0,
    });
  });

  it('has enables by capability and by kind of port', () => {
    expect(functionWith(rows).rw('L1 PM Substates Control 1')).toBe(0xe3ff000f);
    expect(functionWith(rows, rootPort).rw('L1 PM Substates Control 1')).toBe(0xe3ffff0f);
    const without = rows.replace('1f 14', '1a 14');
    const port = functionWith(without, rootPort);
    expect([port.rw('L1 PM Substates Control 1'), port.rw('L1 PM Substates Control 2')]).toEqual([0x0000000a, 0]);
    const pciPm = functionWith(rows.replace('1f 14', '1b 14'), rootPort);
    expect([pciPm.rw('L1 PM Substates Control 1'), pciPm.rw('L1 PM Substates Control 2')]).toEqual([0x0000ff0b, 0xfb]);
  });

  it('has a status from version 2 on', () => {
    const rows2 = '1e 00 02 00 3f 14 51 00 30 00 00 00 29 00 00 00 01 00 00 00';
    const port = functionWith(rows2, rootPort);
    expect([port.length, port.value('L1 PM Substates Status')]).toEqual([0x14, 1]);
    expect([port.rw1c('L1 PM Substates Status'), port.rw('L1 PM Substates Control 1')]).toEqual([1, 0xe3ffff3f]);
    const endpoint = functionWith(rows2);
    expect([endpoint.rw1c('L1 PM Substates Status'), endpoint.rw('L1 PM Substates Control 1')]).toEqual([
      0, 0xe3ff000f,
    ]);
  });
});

test('Precision Time Measurement: who may be root, and who has a granularity', () => {
  const requester = functionWith('1f 00 01 00 01 00 00 00 01 2a 00 00');
  expect(requester.fields('PTM Control')).toMatchObject({
    'PTM Enable': 1,
    'Root Select': 0,
    'Effective Granularity': 42,
  });
  expect([requester.length, requester.rw('PTM Control')]).toEqual([0x0c, 0xff01]);
  const root = functionWith('1f 00 01 00 0e 0a 00 00 03 00 00 00', rootPort);
  expect(root.fields('PTM Capability')).toMatchObject({
    'PTM Root Capable': 1,
    'ePTM Capable': 1,
    'Local Clock Granularity': 10,
  });
  expect(root.rw('PTM Control')).toBe(0x0003);
});

test('PCI Express over M-PHY: widths, speeds and lane errors', () => {
  const fn = functionWith(
    '20 00 01 00 03 80 07 03 02 00 00 00 02 00 04 02 05 00 00 00 2c 00 00 80 9a 00 00 60',
    rootPort,
  );
  expect(fn.fields('M-PCIe Capabilities')).toMatchObject({
    'M-PCIe Link Speed Capability': 3,
    'Configuration.Software Supported': 1,
    'Maximum TX LANE Width Capability': 7,
    'Maximum RX LANE Width Capability': 3,
  });
  expect(fn.fields('M-PCIe Phy Control Address')).toMatchObject({ 'Lower Address': 0x2c, 'Phy Control Config': 1 });
  expect(fn.fields('M-PCIe Phy Control Data')).toMatchObject({
    'Phy Register Data': 0x9a,
    'Phy Control Error': 1,
    'RRAP Abort': 1,
    'Phy Control Pending': 0,
  });
  expect([fn.length, fn.rw('M-PCIe Control'), fn.rw1c('M-PCIe LANE Error Status')]).toEqual([0x1c, 3, 0xffffffff]);
});

test('FRS Queueing: status is cleared, the queue is read', () => {
  const fn = functionWith('21 00 01 00 20 00 03 00 03 00 01 00 08 01 25 00', rootPort);
  expect(fn.fields('FRS Queueing Capability')).toMatchObject({
    'FRS Queue Max Depth': 32,
    'FRS Interrupt Message Number': 3,
  });
  expect(fn.fields('FRS Message Queue')).toMatchObject({
    'FRS Message Queue Function ID': 0x0108,
    'FRS Message Queue Reason': 5,
    'FRS Message Queue Depth': 2,
  });
  expect([fn.length, fn.rw1c('FRS Queueing Status'), fn.sticky('FRS Queueing Status')]).toEqual([0x10, 3, 0]);
  expect([fn.rw('FRS Queueing Control'), fn.rw('FRS Message Queue')]).toEqual([1, 0]);
});

test('Readiness Time Reporting: all of it is read-only', () => {
  const fn = functionWith('22 00 01 00 0a 34 12 80 01 40 00 00');
  expect(fn.fields('Readiness Time Reporting 1')).toMatchObject({ 'Reset Time': 0x40a, 'DL_Up Time': 0x123, Valid: 1 });
  expect(fn.fields('Readiness Time Reporting 2')).toMatchObject({ 'FLR Time': 1, 'D3hot to D0 Time': 4 });
  expect([fn.length, fn.rw('Readiness Time Reporting 1'), fn.rw('Readiness Time Reporting 2')]).toEqual([0x0c, 0, 0]);
});

describe('Designated Vendor-Specific', () => {
  it('is as long as it says, and read-only', () => {
    const fn = functionWith('23 00 01 00 86 80 80 01 05 00 34 12 78 56 34 12 01 00 00 00 02 00 00 00');
    expect([fn.name, fn.length]).toEqual(['Designated Vendor-Specific', 0x18]);
    expect(fn.fields('Designated Vendor-Specific Header 1')).toMatchObject({
      'DVSEC Vendor ID': 0x8086,
      'DVSEC Revision': 0,
      'DVSEC Length': 0x18,
    });
    expect([fn.value('DVSEC Payload Start'), fn.value('DVSEC Payload 0'), fn.value('DVSEC Payload 2')]).toEqual([
      0x1234, 0x12345678, 2,
    ]);
    expect([fn.rw('DVSEC Payload 0'), fn.rw1c('DVSEC Payload 0')]).toEqual([0, 0]);
  });

  it('ends with its fixed part where it says that it is shorter', () => {
    expect(functionWith('23 00 01 00 86 80 00 00 05 00 00 00').length).toBe(0x0c);
  });

  it('is a CXL structure by vendor and ID; an ID that has no table is opaque', () => {
    expect(functionWith('23 00 01 00 98 1e 00 01 09 00 04 00 00 00 00 00').name).toBe('CXL Multi-Logical Device');
    expect(functionWith('23 00 01 00 98 1e 00 01 0b 00 04 00 00 00 00 00').name).toBe('Designated Vendor-Specific');
    expect(functionWith('23 00 01 00 86 80 00 01 09 00 04 00 00 00 00 00').name).toBe('Designated Vendor-Specific');
  });
});

describe('CXL', () => {
  it('Device: what it can, and its ranges', () => {
    const fn = functionWith(
      '23 00 01 00 98 1e 81 03 00 00 27 48 07 00 00 40 01 00 03 80 00 00 02 05 02 00 00 00 2b 02 00 30' +
        '00 00 00 00 00 00 00 20 00 00 00 00 02 00 00 00 00 00 00 00 00 00 00 00',
    );
    expect([fn.name, fn.length]).toEqual(['CXL Device', 0x38]);
    expect(fn.fields('CXL Device Capability')).toMatchObject({
      'Cache Capable': 1,
      'IO Capable': 1,
      'Mem Capable': 1,
      'Mem HwInit Mode': 0,
      'HDM Count': 2,
      'Viral Capable': 1,
    });
    expect(fn.fields('CXL Device Control')).toMatchObject({ 'IO Enable': 1, 'Mem Enable': 1, 'Viral Enable': 0 });
    expect(fn.fields('CXL Device Status 2')).toMatchObject({ 'Power Management Initialization Complete': 1 });
    expect(fn.fields('CXL Range 1 Size Low')).toMatchObject({
      'Memory Info Valid': 1,
      'Memory Active': 1,
      'Media Type': 2,
      'Memory Class': 1,
      'Desired Interleave': 2,
      'Memory Size Low': 3,
    });
    expect(fn.fields('CXL Range 1 Base Low')).toMatchObject({ 'Memory Base Low': 2 });
    // What QEMU's device lets be written, but for the two bits that start something.
    expect(fn.rw('CXL Device Control')).toBe(0x4ffd);
    expect([fn.rw('CXL Device Control 2'), fn.rw('CXL Device Lock')]).toEqual([0x9, 1]);
    expect([fn.rw('CXL Range 2 Base High'), fn.rw('CXL Range 2 Base Low')]).toEqual([0xffffffff, 0xf0000000]);
    expect([fn.rw1c('CXL Device Status'), fn.sticky('CXL Device Status')]).toEqual([0x4000, 0x4000]);
  });

  it('Device: the controls are written whatever it can, the bases of the ranges that it has', () => {
    const fn = functionWith(`23 00 01 00 98 1e 81 03 00 00 12 00 ${'00 '.repeat(44)}`);
    const names = ['Device Control', 'Device Control 2', 'Range 1 Base Low', 'Range 2 Base Low', 'Range 2 Base High'];
    expect(names.map((name) => fn.rw(`CXL ${name}`))).toEqual([0x4ffd, 0x9, 0xf0000000, 0, 0]);
  });

  it('Device: a third capability register from revision 2 on', () => {
    const fn = functionWith(`23 00 01 00 98 1e c2 03 00 00 02 00 ${'00 '.repeat(44)} 03 00 00 00`);
    expect([fn.at('CXL Device Capability 3'), fn.value('CXL Device Capability 3')]).toEqual([0x38, 3]);
  });

  it('Non-CXL Function Map: a bit for each device or function', () => {
    const fn = functionWith(`23 00 01 00 98 1e c0 02 02 00 00 00 fe 00 00 00 ${'00 '.repeat(24)} 01 00 00 80`);
    expect([fn.length, fn.value('Non-CXL Function Map 0'), fn.value('Non-CXL Function Map 7')]).toEqual([
      0x2c, 0xfe, 0x80000001,
    ]);
    expect(fn.rw('Non-CXL Function Map 0')).toBe(0);
  });

  it('Extensions for Ports: what QEMU lets be written', () => {
    const fn = functionWith(
      '23 00 01 00 98 1e 80 02 03 00 01 00 0c 00 40 4f 00 f0 f0 ff 10 00 20 00 01 00 00 00 02 00 00 00 00 00 00 00 00 00 00 00',
      rootPort,
    );
    expect([fn.name, fn.length]).toEqual(['CXL Extensions for Ports', 0x28]);
    expect(fn.fields('CXL Port Control Extensions')).toMatchObject({
      'Unmask SBR': 0,
      'Alternate Memory and ID Space Enable': 1,
      'Alternate BME': 1,
    });
    expect([fn.value('CXL Alternate Bus Base'), fn.value('CXL Alternate Bus Limit')]).toEqual([0x40, 0x4f]);
    expect(fn.fields('CXL Alternate Memory Base')).toMatchObject({ 'Alternate Memory Base': 0xf00 });
    expect(fn.rw('CXL Port Control Extensions')).toBe(0x400f);
    expect([fn.rw('CXL Alternate Bus Limit'), fn.rw('CXL Alternate Prefetchable Memory Limit')]).toEqual([
      0xff, 0xfff0,
    ]);
    expect(fn.rw('CXL RCRB Base')).toBe(0);
  });

  it('GPF: a port is told its timeouts, a device tells', () => {
    const port = functionWith('23 00 01 00 98 1e 00 01 04 00 00 00 0f 03 01 06', rootPort);
    expect(port.fields('CXL GPF Phase 1 Control')).toMatchObject({
      'Port GPF Phase 1 Timeout Base': 15,
      'Port GPF Phase 1 Timeout Scale': 3,
    });
    expect([port.length, port.rw('CXL GPF Phase 2 Control')]).toEqual([0x10, 0x0f0f]);
    const device = functionWith('23 00 01 00 98 1e 00 01 05 00 03 02 33 00 00 00');
    expect(device.fields('CXL GPF Phase 2 Duration')).toMatchObject({
      'Device GPF Phase 2 Time Base': 3,
      'Device GPF Phase 2 Time Scale': 2,
    });
    expect([device.length, device.value('CXL GPF Phase 2 Power'), device.rw('CXL GPF Phase 2 Power')]).toEqual([
      0x10, 0x33, 0,
    ]);
  });

  it('Flex Bus Port: its registers come with its revision, its enables with the kind of port', () => {
    const revision = (n: number, kind?: Kind) =>
      functionWith(
        `23 00 01 00 98 1e 0${n} 02 07 00 26 00 26 00 06 00 06 00 00 00 01 00 00 00 01 00 00 00 00 00 00 00`,
        kind,
      );
    expect([0, 1, 2].map((n) => revision(n).length)).toEqual([0x10, 0x14, 0x20]);
    expect(revision(1).fields('CXL Flex Bus Port Capability')).toMatchObject({
      'IO Capable': 1,
      'Mem Capable': 1,
      '68B Flit and VH Capable': 1,
      'PBR Flit Capable': 0,
    });
    expect(revision(1).value('CXL Flex Bus Port Received Modified TS Data Phase 1')).toBe(6);
    const control = (kind?: Kind) => revision(2, kind).rw('CXL Flex Bus Port Control');
    expect([control(rootPort), control({ port: 'Switch Downstream Port' }), control()]).toEqual([0xbd, 0xfd, 0]);
  });

  it('Register Locator: as many blocks as its length holds', () => {
    const fn = functionWith(
      '23 00 01 00 98 1e 40 02 08 00 00 00 00 01 00 00 00 00 00 00 02 03 01 00 01 00 00 00 00 00 00 00 00 00 00 00',
    );
    expect([fn.length, fn.names.filter((name) => name.endsWith('Low')).length]).toEqual([0x24, 3]);
    expect(fn.fields('CXL Register Block 0 Offset Low')).toMatchObject({
      'Register BIR': 0,
      'Register Block Identifier': 1,
    });
    expect(fn.fields('CXL Register Block 1 Offset Low')).toMatchObject({
      'Register BIR': 2,
      'Register Block Identifier': 3,
      'Register Block Offset Low': 1,
    });
  });

  it('Multi-Logical Device: how many there are', () => {
    const fn = functionWith('23 00 01 00 98 1e 00 01 09 00 10 00 00 00 00 00');
    expect(fn.value('CXL Number of LDs Supported')).toBe(16);
  });
});

test('VF Resizable BAR: the first control says how many pairs there are', () => {
  const two = functionWith('24 00 01 00 f0 01 00 00 40 03 00 00 f0 00 00 00 02 04 00 00');
  expect([two.length, two.names.length]).toEqual([0x14, 4]);
  expect(two.fields('VF Resizable BAR Control 0')).toMatchObject({
    'VF BAR Index': 0,
    'Number of VF Resizable BARs': 2,
    'VF BAR Size': 3,
  });
  expect(two.fields('VF Resizable BAR Control 1')).toMatchObject({ 'VF BAR Index': 2, 'VF BAR Size': 4 });
  expect([two.rw('VF Resizable BAR Control 1'), two.rw('VF Resizable BAR Capability 1')]).toEqual([0x3f00, 0]);
  const lengths = ['20', '40', '60', '80', 'a0', 'c0'].map(
    (control) => functionWith(`24 00 01 00 f0 01 00 00 ${control} 03 00 00`).length,
  );
  expect(lengths).toEqual([0x0c, 0x14, 0x1c, 0x24, 0x2c, 0x34]);
});

test('Data Link Feature: read-only on both ends', () => {
  const fn = functionWith('25 00 01 00 65 00 00 80 01 00 00 80');
  expect(fn.fields('Data Link Feature Capabilities')).toMatchObject({
    'Local Scaled Flow Control Supported': 1,
    'Local Immediate Readiness': 0,
    'Local Extended VC Count': 1,
    'Local L0p Exit Latency': 3,
    'Data Link Feature Exchange Enable': 1,
  });
  expect(fn.fields('Data Link Feature Status')).toMatchObject({ 'Remote Data Link Feature Supported Valid': 1 });
  expect([fn.length, fn.rw('Data Link Feature Capabilities')]).toEqual([0x0c, 0]);
});

describe('Physical Layer', () => {
  it('16.0 GT/s: a byte a lane from 20h on, parity errors that stay', () => {
    const fn = functionWith(
      '26 00 01 00 00 00 00 00 00 00 00 00 1f 00 00 00 03 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 50 46',
      { lanes: 2 },
    );
    expect([fn.length, fn.at('Lane 1 16.0 GT/s Equalization Control')]).toEqual([0x22, 0x21]);
    expect(fn.fields('Lane 1 16.0 GT/s Equalization Control')).toEqual({
      'Downstream Port 16.0 GT/s Transmitter Preset': 6,
      'Upstream Port 16.0 GT/s Transmitter Preset': 4,
    });
    const status = 'Physical Layer 16.0 GT/s Status';
    expect([fn.rw1c(status), fn.sticky(status)]).toEqual([0x10, 0x1f]);
    expect(fn.rw1c('Physical Layer 16.0 GT/s First Retimer Data Parity Mismatch Status')).toBe(0xffffffff);
  });

  const rows32 = '2a 00 01 00 03 01 00 00 01 00 00 00 cf 05 00 00 02 00 98 1e 01 00 00 01 00 00 00 00 00 00 00 00 60';

  it('32.0 GT/s: disables where there is something to disable', () => {
    const fn = functionWith(rows32);
    expect(fn.length).toBe(0x21);
    expect(fn.fields('Physical Layer 32.0 GT/s Status')).toMatchObject({
      'Equalization 32.0 GT/s Phase 3 Successful': 1,
      'Received Enhanced Link Behavior Control': 3,
      'Transmitter Precoding On': 1,
      'No Equalization Needed Received': 1,
    });
    expect(fn.fields('Received Modified TS Data 1')).toMatchObject({
      'Received Modified TS Usage Mode': 2,
      'Received Modified TS Vendor ID': 0x1e98,
    });
    expect(fn.fields('Received Modified TS Data 2')).toMatchObject({ 'Alternate Protocol Negotiation Status': 1 });
    const control = 'Physical Layer 32.0 GT/s Control';
    expect([fn.rw(control), fn.sticky(control)]).toEqual([3, 3]);
    expect(functionWith(rows32.replace('03 01', '00 01'), rootPort).rw(control)).toBe(0x700);
  });

  it.each([
    ['64.0', '31', '31 00 01 00 00 00 00 00 00 00 00 00 f0 00 00 00 73'],
    ['128.0', '39', '39 00 01 00 01 00 00 00 00 00 00 00 f0 00 00 00 73'],
  ])('%s GT/s: a byte a lane from 10h on', (rate, _, rows) => {
    const fn = functionWith(rows, { lanes: 8 });
    expect([fn.name, fn.length]).toEqual([`Physical Layer ${rate} GT/s`, 0x18]);
    const status = `Physical Layer ${rate} GT/s Status`;
    expect(fn.fields(status)).toMatchObject({
      [`Equalization ${rate} GT/s Complete`]: 0,
      [`Link Equalization Request ${rate} GT/s`]: 1,
      'Transmitter Precoding On': 1,
      'No Equalization Needed Received': 1,
    });
    expect([fn.rw1c(status), fn.sticky(status)]).toEqual([0x10, 0x1f]);
    expect(fn.value(`Lane 0 ${rate} GT/s Equalization Control`)).toBe(0x73);
  });
});

test('Lane Margining: four bytes a lane, and reset values that are not 0', () => {
  const fn = functionWith('27 00 01 00 00 00 03 00 00 00 00 00 55 aa 38 9c', { lanes: 2 });
  expect(fn.length).toBe(0x10);
  expect(fn.fields('Margining Port Status')).toMatchObject({ 'Margining Ready': 1, 'Margining Software Ready': 1 });
  expect(fn.fields('Margining Lane 1 Status')).toMatchObject({
    'Margin Type Status': 7,
    'Margin Payload Status': 0x9c,
  });
  expect([fn.rw('Margining Lane 1 Control'), fn.rw('Margining Lane 1 Status')]).toEqual([0xff7f, 0]);
  fn.arena.reset(0, 'hot');
  expect([fn.arena.read(0, 0x108, 2), fn.arena.read(0, 0x10c, 2)]).toEqual([0x9c38, 0x9c38]);
});

test('Hierarchy ID: written only where it says so', () => {
  const rows = (status: string) =>
    `28 00 01 00 00 01 00 ${status} 03 00 34 12 01 00 00 00 02 00 00 00 03 00 00 00 04 00 00 00 05 00 00 00`;
  const fn = functionWith(rows('90'));
  expect(fn.fields('Hierarchy ID Status')).toMatchObject({
    'Message Requester ID': 0x100,
    'Hierarchy ID Writeable': 1,
    'Hierarchy ID VF Configurable': 0,
    'Hierarchy ID Pending': 0,
    'Hierarchy ID Valid': 1,
  });
  expect(fn.fields('Hierarchy ID Data')).toMatchObject({ 'System GUID Authority ID': 3, 'Hierarchy ID': 0x1234 });
  expect([fn.length, fn.value('Hierarchy ID GUID 5')]).toEqual([0x20, 5]);
  const masks = (of: typeof fn) => ['Status', 'Data', 'GUID 1', 'GUID 2'].map((name) => of.rw(`Hierarchy ID ${name}`));
  expect(masks(fn)).toEqual([0x80000000, 0xffff00ff, 0xffff, 0xffffffff]);
  expect(masks(functionWith(rows('a0')))).toEqual([0, 0, 0, 0]);
  expect(masks(functionWith(rows('90'), rootPort))).toEqual([0x40000000, 0xffff00ff, 0xffff, 0xffffffff]);
});

test('NPEM: a control for each capability, a reset that reads 0', () => {
  const fn = functionWith('29 00 01 00 3f 00 00 a0 15 00 00 80 01 00 00 c0');
  expect(fn.fields('NPEM Capability')).toMatchObject({ 'NPEM Rebuild Capable': 1, 'NPEM PFA Capable': 0 });
  expect(fn.fields('NPEM Control')).toMatchObject({ 'NPEM Enable': 1, 'NPEM OK Control': 1, 'NPEM Fail Control': 1 });
  expect([fn.length, fn.rw('NPEM Control'), fn.rw1c('NPEM Status')]).toEqual([0x10, 0xff00003d, 1]);
});

test('Alternate Protocol: a mask of a bit for each protocol, where they are chosen one by one', () => {
  const rows = (selective: string) =>
    `2b 00 01 00 21 ${selective} 00 00 02 00 00 00 03 00 98 1e 00 00 00 00 ff ff ff ff 01 00 00 00`;
  const fn = functionWith(rows('01'));
  expect(fn.fields('Alternate Protocol Capabilities')).toMatchObject({ 'Alternate Protocol Count': 33 });
  expect([fn.length, fn.value('Alternate Protocol Selective Enable Mask Continued 0')]).toEqual([0x1c, 1]);
  expect(fn.fields('Alternate Protocol Data 1')).toMatchObject({
    'Alternate Protocol Usage Information': 3,
    'Alternate Protocol Vendor ID': 0x1e98,
  });
  expect([functionWith(rows('00')).length, fn.rw('Alternate Protocol Control')]).toEqual([0x14, 0xff]);
  expect(functionWith(rows('00'), rootPort).rw('Alternate Protocol Control')).toBe(0x1ff);
  fn.arena.write(0, 0x114, 4, 0);
  fn.arena.reset(0, 'hot');
  expect([fn.arena.read(0, 0x114, 4), fn.arena.read(0, 0x118, 4)]).toEqual([0, 1]);
  fn.arena.reset(0, 'fundamental');
  expect([fn.arena.read(0, 0x114, 4), fn.arena.read(0, 0x118, 4)]).toEqual([1, 0]);
});

test('System Firmware Intermediary: masks, changes that are cleared, and a window that stores nothing', () => {
  const rows = (oob: string) => `2c 00 01 00 ${oob} 00 a3 01 2b 00 00 00 00 00 01 00 78 56 34 12`;
  const fn = functionWith(rows('01'), rootPort);
  expect(fn.fields('SFI Control')).toMatchObject({
    'SFI PD State Mask': 1,
    'SFI DLL State Mask': 1,
    'SFI DPF Control': 2,
    'SFI HPS Suppress': 0,
    'SFI DRS Mask': 1,
    'SFI DRS Signaling Enable': 1,
  });
  expect(fn.fields('SFI Status')).toMatchObject({
    'SFI PD State': 1,
    'SFI OOB PD State': 1,
    'SFI OOB PD Changed': 0,
    'SFI DLL State': 1,
    'SFI DLL State Changed': 0,
    'SFI DRS Received': 1,
  });
  expect([fn.length, fn.value('SFI CAM Data')]).toEqual([0x14, 0x12345678]);
  expect([fn.rw('SFI Control'), fn.rw1c('SFI Status'), fn.rw('SFI CAM Address'), fn.rw('SFI CAM Data')]).toEqual([
    0x1ff, 0x34, 0x0fffffff, 0,
  ]);
  expect(functionWith(rows('00'), rootPort).rw('SFI Control')).toBe(0x1fb);
});

test('Shadow Functions: an entry for each, at least one', () => {
  const fn = functionWith('2d 00 01 00 01 00 00 00 01 00 00 00 08 01 00 00 10 01 00 00');
  expect([fn.name, fn.length]).toEqual(['Shadow Functions', 0x14]);
  expect(fn.fields('Shadow Functions Instance 1')).toEqual({ 'Shadow Function Number': 0x110, Reserved: 0 });
  expect([fn.rw('Shadow Functions Control'), fn.rw('Shadow Functions Instance 0')]).toEqual([1, 0]);
  expect(functionWith('2d 00 01 00 00 00 00 00').length).toBe(0x10);
});

test('Data Object Exchange: Abort, Go and the write mailbox read 0', () => {
  const fn = functionWith('2e 00 01 00 03 00 00 00 02 00 00 00 06 00 00 80 00 00 00 00 01 00 00 00');
  expect(fn.fields('DOE Capabilities')).toEqual({ 'DOE Interrupt Support': 1, 'DOE Interrupt Message Number': 1 });
  expect(fn.fields('DOE Status')).toEqual({
    'DOE Busy': 0,
    'DOE Interrupt Status': 1,
    'DOE Error': 1,
    'Data Object Ready': 1,
  });
  expect([fn.length, fn.rw('DOE Control'), fn.rw1c('DOE Status')]).toEqual([0x18, 2, 2]);
  fn.arena.write(0, 0x108, 4, 0x80000003);
  fn.arena.write(0, 0x110, 4, 0xffffffff);
  expect([fn.arena.read(0, 0x108, 4), fn.arena.read(0, 0x110, 4)]).toEqual([2, 0]);
  fn.arena.write(0, 0x10c, 4, 0xffffffff);
  // DOE Abort has cleared DOE Error and Data Object Ready.
  expect(fn.arena.read(0, 0x10c, 4)).toBe(0);
  expect(functionWith('2e 00 01 00 00 00 00 00').rw('DOE Control')).toBe(0);
});

test('Device 3: enables where the capability is', () => {
  const rows = '2f 00 01 00 af 0d 00 00 bc 00 00 00 1b 00 00 00';
  const fn = functionWith(rows, { flitMode: true });
  expect(fn.fields('Device Capabilities 3')).toMatchObject({
    'L0p Supported': 1,
    'Port L0p Exit Latency': 2,
    'Retimer L0p Exit Latency': 3,
    'UIO Memory Read/Write Requester Supported': 1,
  });
  expect(fn.fields('Device Control 3')).toEqual({
    'DMWr Requester Enable': 0,
    'DMWr Egress Blocking': 0,
    '14-Bit Tag Requester Enable': 1,
    'L0p Enable': 1,
    'Target Link Width': 3,
    'UIO Memory Read/Write Requester Enable': 1,
    'UIO Request 256B Boundary Disable': 0,
  });
  expect(fn.fields('Device Status 3')).toEqual({
    'Initial Link Width': 3,
    'Segment Captured': 1,
    'Remote L0p Supported': 1,
  });
  const control = (capabilities: string, kind: Kind) =>
    functionWith(rows.replace('af 0d', capabilities), kind).rw('Device Control 3');
  expect([fn.rw('Device Control 3'), control('00 00', {})]).toEqual([0x1fd, 1]);
  // L0p needs Flit Mode; blocking is of who routes, requests of who makes them.
  expect([control('af 0d', {}), control('af 0d', { flitMode: true, ...rootPort })]).toEqual([0x185, 0x1ff]);
  expect(control('01 00', { port: 'Switch Upstream Port' })).toBe(2);
  fn.arena.reset(0, 'hot');
  expect(fn.arena.read(0, 0x108, 4)).toBe(0x78);
});

describe('Integrity and Data Encryption', () => {
  it('has selective streams, each with its own address associations', () => {
    const fn = functionWith(
      '30 00 01 00 42 e0 01 01 00 00 00 00' +
        // stream 0: two associations
        '02 00 00 00 01 00 40 05 02 00 00 80 00 ff ff 00 01 00 00 00' +
        '01 00 f0 ff ff ff ff ff 00 00 00 00 01 01 20 00 01 00 00 00 02 00 00 00' +
        // stream 1: none
        '00 00 00 00 00 00 00 06 00 00 00 00 00 00 00 00 00 00 00 00',
    );
    expect(fn.length).toBe(0x0c + 0x14 + 2 * 0x0c + 0x14);
    expect(fn.names).not.toContain('Link IDE Stream 0 Control');
    expect(fn.fields('Selective IDE Stream 0 Control')).toMatchObject({
      'Selective IDE Stream Enable': 1,
      'Default Stream': 1,
      'Stream ID': 5,
    });
    expect(fn.fields('Selective IDE Stream 0 Status')).toMatchObject({
      'Selective IDE Stream State': 2,
      'Received Integrity Check Fail Message': 1,
    });
    expect(fn.fields('Selective IDE Stream 0 RID Association 1')).toMatchObject({ 'RID Limit': 0xffff });
    expect(fn.fields('Selective IDE Stream 0 Address Association 0 1')).toMatchObject({
      'Address Association Valid': 1,
      'Memory Base Lower': 0,
      'Memory Limit Lower': 0xfff,
    });
    expect(fn.fields('Selective IDE Stream 0 Address Association 1 1')).toMatchObject({
      'Memory Base Lower': 1,
      'Memory Limit Lower': 2,
    });
    expect(fn.value('Selective IDE Stream 0 Address Association 1 3')).toBe(2);
    expect([
      fn.at('Selective IDE Stream 1 Capability'),
      fn.fields('Selective IDE Stream 1 Control')['Stream ID'],
    ]).toEqual([0x38, 6]);
    // Of the options, this one has TEE-Limited streams.
    expect(fn.rw('Selective IDE Stream 1 Control')).toBe(0xffffc001);
    expect([fn.rw1c('Selective IDE Stream 0 Status'), fn.rw('IDE Control')]).toEqual([0x80000000, 0]);
  });

  it('has link streams in front of them, one for each TC', () => {
    const fn = functionWith(
      '30 00 01 00 3f 20 00 00 04 00 00 00' +
        '01 01 00 01 02 00 00 80 00 00 08 02 00 00 00 00' +
        '00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00',
    );
    expect([fn.length, fn.at('Link IDE Stream 1 Control'), fn.at('Selective IDE Stream 0 Capability')]).toEqual([
      0x30, 0x14, 0x1c,
    ]);
    expect(fn.fields('Link IDE Stream 1 Control')).toMatchObject({ 'Traffic Class': 1, 'Stream ID': 2 });
    expect(fn.rw('Link IDE Stream 0 Control')).toBe(0xff3ffdfd);
    expect([fn.rw1c('Link IDE Stream 0 Status'), fn.rw('IDE Control')]).toEqual([0x80000000, 0]);
  });

  it('encrypts Configuration Requests at a Root Port, has default streams at an endpoint, and passes through at a port', () => {
    const rows = `30 00 01 00 86 00 00 00 00 00 00 00${' 00'.repeat(0x14)}`;
    const rw = (kind: Kind) => {
      const fn = functionWith(rows, kind);
      return [fn.rw('IDE Control'), fn.rw('Selective IDE Stream 0 Control')];
    };
    expect([rw({}), rw(rootPort)]).toEqual([
      [0, 0xff7fc001],
      [4, 0xff3fc201],
    ]);
    expect(rw({ port: 'Switch Upstream Port' })).toEqual([4, 0xff3fc001]);
  });

  it('has neither where it says so', () => {
    expect(functionWith('30 00 01 00 00 00 00 00 00 00 00 00').length).toBe(0x0c);
  });
});

test('Flit Logging: log, counter and errors by lane', () => {
  const fn = functionWith(
    '32 00 01 00 09 e0 12 34 56 78 9a bc 53 05 0b 07 05 00 00 00 40 42 0f 00 02 00 00 00' +
      `01 00 02 00 ${'00 '.repeat(24)} 0e 00 0f 00`,
  );
  expect(fn.fields('Flit Error Log 1')).toEqual({
    'Flit Error Log Valid': 1,
    'Flit Error Link Width': 4,
    'Flit Offset from the Last Logged Flit in Error': 0,
    'Consecutive Flit Error after the Last Flit Error': 0,
    'More Unread Entries': 1,
    'Unrecognized Flit': 1,
    'FEC Uncorrectable Error': 1,
    'Syndrome Parity for ECC Group 0': 0x12,
    'Syndrome Check for ECC Group 0': 0x34,
  });
  expect(fn.fields('Flit Error Counter Control')).toMatchObject({ 'Trigger Event on Error Count': 0x55 });
  expect(fn.fields('Flit Error Counter Status')).toMatchObject({ 'Flit Error Counter': 7 });
  expect(fn.value('FBER Measurement Status 1')).toBe(1_000_000);
  expect(fn.fields('FBER Measurement Status 10')).toEqual({ 'Lane 14 Error Counter': 14, 'Lane 15 Error Counter': 15 });
  expect([fn.length, fn.rw1c('Flit Error Log 1'), fn.rw('Flit Error Counter Control')]).toEqual([0x3c, 1, 0x0fff]);
  expect(fn.rw('FBER Measurement Control')).toBe(0x1d);
  const errors = ['Flit Error Log 1', 'Flit Error Log 2', 'Flit Error Counter Status', 'FBER Measurement Status 1'];
  expect(errors.map(fn.sticky)).toEqual([0xffffffff, 0xffffffff, 0xff0f, 0xffffffff]);
  expect([fn.fields('FBER Measurement Status 2'), fn.rw1c('Flit Error Counter Status')]).toEqual([
    { 'Invalid Flit Counter': 2, Reserved: 0 },
    8,
  ]);
});

test('Flit Performance Measurement: as many tracking registers as it says', () => {
  const fn = functionWith(
    '33 00 01 00 05 14 00 00 43 09 00 00 85 34 12 00 01 00 00 00 02 00 00 00 03 00 00 00 04 00 00 00 85 34 12 00',
  );
  expect(fn.fields('Flit Performance Measurement Capability')).toEqual({
    'Interrupt Vector': 5,
    'LTSSM Tracking Register Count': 5,
    Reserved: 0,
  });
  expect(fn.fields('Flit Performance Measurement Control')).toMatchObject({
    'Flit Latency Measurement Enable': 1,
    'Flit Response Type': 1,
    'Number of Flits to Track': 5,
    'Flit Latency Interrupt Threshold': 1,
  });
  expect(fn.fields('Flit Performance Measurement Status')).toMatchObject({
    'Interrupt Generated': 1,
    'Flit Tracking Counter': 0x1234,
  });
  const tracking = 'LTSSM Performance Measurement Status 4';
  expect(fn.fields(tracking)).toMatchObject({
    'LTSSM Tracking Status': 1,
    'Number of LTSSM Transitions Tracked': 1,
    'Interrupt Generated': 1,
    'LTSSM Tracking Counter': 0x1234,
  });
  expect([fn.length, fn.rw1c(tracking), fn.sticky(tracking)]).toEqual([0x24, 0x80, 0x00ffffff]);
  expect(fn.rw1c('Flit Performance Measurement Status')).toBe(0x80);
  expect(fn.rw('Flit Performance Measurement Control')).toBe(0x3fffffff);
  expect(functionWith('33 00 01 00').length).toBe(0x10);
});

test('Flit Error Injection: what is injected, and how far it is', () => {
  const fn = functionWith('34 00 01 00 00 00 00 00 03 01 45 60 29 04 00 00 06 00 00 00 07 00 00 00 ff 00 01 80');
  expect(fn.fields('Flit Error Injection Control 1')).toMatchObject({
    'Flit Error Injection Enable': 1,
    'Inject on Transmitted Flits': 1,
    'Inject on Received Flits': 0,
    'Inject at 64.0 GT/s': 1,
    'Number of Errors Injected': 5,
    'Spacing between Injected Errors': 2,
    'Injection on Flit Type': 3,
  });
  expect(fn.fields('Flit Error Injection Control 2')).toMatchObject({
    'Consecutive Error Injection': 1,
    'Type of Error Injection': 1,
    'Error Offset within Flit': 33,
  });
  expect(fn.fields('Flit Error Injection Status')).toEqual({
    'Flit Error Tx Injection Status': 2,
    'Flit Error Rx Injection Status': 1,
  });
  expect(fn.fields('Ordered Set Error Injection Control 2')).toEqual({
    'Error Injection Bytes': 0xff,
    'Lane Number for Error Injection': 0x8001,
  });
  expect([fn.length, fn.rw('Flit Error Injection Control 1'), fn.rw('Flit Error Injection Status')]).toEqual([
    0x24, 0xffff01ff, 0,
  ]);
  expect([fn.rw('Ordered Set Error Injection Control 1'), fn.sticky('Ordered Set Error Tx Injection Status')]).toEqual([
    0x3fffffff, 0x0fffffff,
  ]);
  const sets = functionWith(`34 00 01 00 ${'00 '.repeat(16)} 0b 05 08 21 00 00 00 00 c0 00 00 08 01 00 00 00`);
  expect(sets.fields('Ordered Set Error Injection Control 1')).toMatchObject({
    'Number of Errors Injected': 1,
    'Spacing between Injected Errors': 5,
    SKP: 1,
    Configuration: 1,
    'Recovery.Equalization Phase 3': 1,
    TS0: 0,
  });
  expect(sets.fields('Ordered Set Error Tx Injection Status')).toMatchObject({
    SKP: 3,
    'Recovery.Equalization Phase 3': 2,
  });
  expect(sets.fields('Ordered Set Error Rx Injection Status')).toMatchObject({ TS0: 1, TS1: 0 });
});

test('Streamlined Virtual Channel: three registers a VC', () => {
  const fn = functionWith('35 00 01 00 01 00 00 00');
  expect([fn.length, fn.at('SVC Resource 1 Capability')]).toEqual([0x2c, 0x20]);
  const control = (of: typeof fn) => [of.rw('SVC Port Control'), of.rw('SVC Resource 1 Control')];
  expect([control(fn), fn.rw1c('SVC Port Status')]).toEqual([[1, 0x80000fff], 1]);
  expect(control(functionWith('35 00 01 00 01 00 00 00', { flitMode: true }))).toEqual([1, 0xf8000fff]);
  expect(functionWith('35 00 01 00 00 00 00 00').length).toBe(0x20);
});

test('MMIO Register Block Locator: as many locators as its length holds', () => {
  const fn = functionWith('36 00 01 00 10 00 00 00 02 ff 34 12 01 00 00 00');
  expect([fn.name, fn.length]).toEqual(['MMIO Register Block Locator', 0x10]);
  expect(fn.fields('MRBL Locator 0 Low')).toMatchObject({
    'MRBL BIR': 2,
    'MRBL Register Block Identifier': 0xff,
    'MRBL Register Block Offset Low': 0x1234,
  });
  expect(functionWith('36 00 01 00 28 00 00 00').length).toBe(0x28);
  expect(functionWith('36 00 01 00 00 00 00 00').length).toBe(8);
});

test.each([
  ['NOP Flit', '37 00 01 00 01 00 00 00 02 00 00 00 03 00 00 00 04 00 00 00', 'NOP Flit Status', 4, 0x14],
  ['Scalable I/O Virtualization', '38 00 01 00 01 00 00 00 40 00 00 02 08 00 01 00', 'SIOV First SDI Offset', 8, 0x10],
  ['Captured Data', '3a 00 01 00 01 00 02 00 78 56 34 12', 'Captured Data Register', 0x12345678, 0x0c],
])('%s: registers without public fields are kept, read-only', (name, rows, register, value, length) => {
  const fn = functionWith(rows);
  expect([fn.name, fn.value(register), fn.length]).toEqual([name, value, length]);
  for (const each of fn.names) expect([each, fn.rw(each), fn.rw1c(each)]).toEqual([each, 0, 0]);
});

test('every extended capability from 19h to 3Ah has a table', () => {
  const known = new Set(structures.map(({ extendedCapabilityId }) => extendedCapabilityId));
  const missing = Array.from({ length: 0x3a - 0x19 + 1 }, (_, i) => 0x19 + i).filter((id) => !known.has(id));
  expect(missing).toEqual([]);
});
