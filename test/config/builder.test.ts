import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { capability, opaqueExtendedCapability, type0Function, type1Function } from '../../src/config/builder.ts';
import { walkCapabilities } from '../../src/config/capabilities.ts';
import { printLspci } from '../../src/formats/lspci-dump.ts';
import { platforms } from '../../src/platforms/index.ts';
import {
  AccessControlServices,
  AdvancedErrorReporting,
  DownstreamPortContainment,
  DynamicPowerAllocation,
  EnhancedAllocationCapability,
  L1PmSubstates,
  MsiCapability,
  MsiXCapability,
  PciExpressCapability,
  PowerManagementCapability,
  SecondaryPciExpress,
  SubsystemIdCapability,
} from '../../src/spec/index.ts';

const u16 = (bytes: Uint8Array, at: number) => bytes[at]! | (bytes[at + 1]! << 8);
const u32 = (bytes: Uint8Array, at: number) => (u16(bytes, at) | (u16(bytes, at + 2) << 16)) >>> 0;

const rootPort = () =>
  type1Function({
    bdf: '00:1c.0',
    multiFunction: true,
    header: {
      'Vendor ID': 0x8086,
      'Device ID': 0x9c90,
      'Class Code': 0x0604,
      'Secondary Bus Number': 1,
      'Subordinate Bus Number': 1,
      'Memory Base': 0xfff0,
      'Prefetchable Memory Base': 0xfff1,
      'Prefetchable Memory Limit': 0x0001,
      'I/O Base': 0xf0,
    },
    capabilities: [
      capability(PciExpressCapability, 0x40, { 'PCI Express Capabilities': 0x0142 }),
      capability(MsiCapability, 0x80, {}),
      capability(SubsystemIdCapability, 0x90, { 'Bridge Subsystem Vendor ID': 0x8086 }),
      capability(PowerManagementCapability, 0xa0, {}),
      capability(AdvancedErrorReporting, 0x100, {}),
      capability(AccessControlServices, 0x140, { 'ACS Capability': 0x000f }),
      capability(DownstreamPortContainment, 0x150, {}),
      opaqueExtendedCapability(0x0b, 0x200, '02 00 c0 00 07 33 00 00', 3),
    ],
  });

const endpoint = () =>
  type0Function({
    bdf: '01:00.0',
    header: {
      'Vendor ID': 0x8086,
      'Device ID': 0x10d3,
      'Class Code': 0x0200,
      Command: 0x0006,
      'Base Address Register 0': 0xf7d00000,
    },
    barSizes: { 0: 0x20000 },
    capabilities: [
      capability(PowerManagementCapability, 0x40, {}),
      capability(MsiCapability, 0x50, { 'MSI Message Control': 0x0180, 'MSI Message Upper Address': 1 }),
      capability(MsiXCapability, 0x70, { 'MSI-X Message Control': 0x0004 }),
      capability(PciExpressCapability, 0x80, {}),
      capability(AdvancedErrorReporting, 0x100, {}, 2),
    ],
  });

describe('a built function', () => {
  it('has the header, and both chains in the order given', () => {
    const { bytes, segment, routingId } = rootPort();
    expect([segment, routingId, bytes.length]).toEqual([0, 0x00e0, 4096]);
    expect([u16(bytes, 0), u16(bytes, 2), u16(bytes, 0x0a), bytes[0x0e], bytes[0x19]]).toEqual([
      0x8086, 0x9c90, 0x0604, 0x81, 1,
    ]);
    expect(walkCapabilities(bytes)).toEqual({
      problems: [],
      entries: [
        ...[
          [0x40, 0x10],
          [0x80, 0x05],
          [0x90, 0x0d],
          [0xa0, 0x01],
        ].map(([offset, id]) => ({ offset, id, version: 0, extended: false })),
        ...[
          [0x100, 0x01, 1],
          [0x140, 0x0d, 1],
          [0x150, 0x1d, 1],
          [0x200, 0x0b, 3],
        ].map(([offset, id, version]) => ({
          offset,
          id,
          version,
          extended: true,
        })),
      ],
    });
    expect([...bytes.subarray(0x204, 0x20c)]).toEqual([0x02, 0x00, 0xc0, 0x00, 0x07, 0x33, 0x00, 0x00]);
  });

  // PCIe 5.0 tables of §7.5 and §7.8: what a register holds after reset.
  it('has the reset values of the spec where nothing is given', () => {
    const port = rootPort().bytes;
    expect(u16(port, 0x40 + 0x08), 'Device Control').toBe(0x2810);
    // Without indicators there is nothing that is off.
    expect(u16(port, 0x40 + 0x18), 'Slot Control').toBe(0);
    expect(u32(port, 0x100 + 0x08), 'Uncorrectable Error Mask').toBe(0x04400000);
    expect(u32(port, 0x100 + 0x0c), 'Uncorrectable Error Severity').toBe(0x00462010);
    expect(u32(port, 0x100 + 0x14), 'Correctable Error Mask').toBe(0x0000e000);
    // Without the root port extensions there is no First Error Pointer of all ones.
    expect(u16(port, 0x150 + 0x08), 'DPC Status').toBe(0);
    const fn = endpoint().bytes;
    expect(u16(fn, 0x80 + 0x08), 'Device Control').toBe(0x2810);
    expect(u16(fn, 0x06), 'Status').toBe(0x0010);
  });

  it('has an Uncorrectable Error Severity with Surprise Down where a root or downstream port reports it', () => {
    const express = (type: number) => ({ 'PCI Express Capabilities': type, 'Link Capabilities': 0x00080000 });
    const severity = (make: typeof type0Function, type: number) =>
      u32(
        make({
          bdf: '00:1c.0',
          header: {},
          capabilities: [
            capability(PciExpressCapability, 0x40, express(type)),
            capability(AdvancedErrorReporting, 0x100, {}),
          ],
        }).bytes,
        0x10c,
      );
    expect([severity(type1Function, 0x42), severity(type0Function, 0x02)]).toEqual([0x00462030, 0x00462010]);
  });

  it('has no Capabilities List without capabilities, and then 256 bytes', () => {
    const { bytes } = type0Function({ bdf: '00:1f.0', header: {}, capabilities: [] });
    expect([bytes.length, bytes[0x06], bytes[0x34]]).toEqual([256, 0, 0]);
  });
});

it('sets the registers of elements by name, as many as the counts say', () => {
  const { bytes } = type0Function({
    bdf: '01:00.0',
    header: {},
    capabilities: [
      capability(PciExpressCapability, 0x40, {}),
      capability(DynamicPowerAllocation, 0x100, { 'DPA Capability': 2, 'DPA Power Allocation 2': 0x55 }),
    ],
  });
  expect(u32(bytes, 0x104)).toBe(2);
  expect(bytes[0x112]).toBe(0x55);
  expect(() =>
    type0Function({
      bdf: '01:00.0',
      header: {},
      capabilities: [
        capability(PciExpressCapability, 0x40, {}),
        capability(DynamicPowerAllocation, 0x100, { 'DPA Capability': 2, 'DPA Power Allocation 3': 0x55 }),
      ],
    }),
  ).toThrow('DPA Power Allocation 3: expected a register that this function has');
});

it('keeps the header of a capability whose table has it as a register', () => {
  const { bytes } = type0Function({
    bdf: '01:00.0',
    header: {},
    capabilities: [
      capability(PciExpressCapability, 0x40, {}),
      capability(L1PmSubstates, 0x100, { 'L1 PM Substates Status': 1 }, 2),
      capability(AccessControlServices, 0x140, {}),
    ],
  });
  expect([u32(bytes, 0x100), u32(bytes, 0x110)]).toEqual([0x1402001e, 1]);
});

it('places elements behind each other whatever their lengths', () => {
  // Entries of 3, 4, 2 and 3 DWORDs behind their headers.
  const { bytes } = type0Function({
    bdf: '01:00.0',
    header: {},
    capabilities: [
      capability(EnhancedAllocationCapability, 0x40, {
        'EA Capability': 4,
        'EA Entry 0': 3,
        'EA Entry 0 Base': 2,
        'EA Entry 0 Base Upper': 0xa0,
        'EA Entry 1': 4,
        'EA Entry 1 Base': 2,
        'EA Entry 1 MaxOffset': 2,
        'EA Entry 1 Base Upper': 0xa1,
        'EA Entry 1 MaxOffset Upper': 0xb1,
        'EA Entry 2': 2,
        'EA Entry 3': 3,
        'EA Entry 3 MaxOffset': 2,
        'EA Entry 3 MaxOffset Upper': 0xb3,
      }),
      capability(MsiCapability, 0x84, {}),
    ],
  });
  expect(Array.from({ length: 17 }, (_, i) => u32(bytes, 0x40 + 4 * i))).toEqual([
    ...[0x00048414, 3, 2, 0, 0xa0, 4, 2, 2, 0xa1, 0xb1, 2, 0, 0, 3, 0, 2, 0xb3],
  ]);
});

it('leaves nothing where an element stood until the lengths before it were known', () => {
  const { bytes } = type0Function({
    bdf: '01:00.0',
    header: {},
    capabilities: [
      capability(EnhancedAllocationCapability, 0x40, {
        'EA Capability': 2,
        // Room for more than it has.
        'EA Entry 0': 7,
        'EA Entry 1': 2,
        'EA Entry 1 Base': 0xfffffffc,
        'EA Entry 1 MaxOffset': 0xfffffffc,
      }),
    ],
  });
  expect(Array.from({ length: 12 }, (_, i) => u32(bytes, 0x40 + 4 * i))).toEqual([
    ...[0x00020014, 7, 0, 0, 0, 0, 0, 0, 0, 2, 0xfffffffc, 0xfffffffc],
  ]);
});

it('has a register for each lane, also where the link stands behind it in the list', () => {
  const lane3 = capability(SecondaryPciExpress, 0x100, { 'Lane 3 Equalization Control': 0x1234 });
  const express = capability(PciExpressCapability, 0x40, { 'Link Capabilities': 0x43 });
  for (const capabilities of [
    [express, lane3],
    [lane3, express],
  ])
    expect(u16(type0Function({ bdf: '01:00.0', header: {}, capabilities }).bytes, 0x112)).toBe(0x1234);
});

describe('is refused', () => {
  const build = (...capabilities: Parameters<typeof type0Function>[0]['capabilities']) =>
    type0Function({ bdf: '01:00.0', header: {}, capabilities });

  it.each([
    [
      'overlapping capabilities',
      () => build(capability(PowerManagementCapability, 0x40, {}), capability(MsiCapability, 0x44, {})),
      '01:00.0 MSI: expected free bytes at 0x44, got Power Management',
    ],
    [
      'overlapping from the other side',
      () => build(capability(MsiCapability, 0x48, {}), capability(PowerManagementCapability, 0x44, {})),
      '01:00.0 Power Management: expected free bytes at 0x48, got MSI',
    ],
    [
      'an offset that is no DWORD',
      () => build(capability(MsiCapability, 0x42, {})),
      '01:00.0 MSI: expected a DWORD offset in [0x40, 0x100), got 0x42',
    ],
    [
      'a capability in the header',
      () => build(capability(MsiCapability, 0x3c, {})),
      'expected a DWORD offset in [0x40, 0x100), got 0x3c',
    ],
    [
      'a standard one in the extended part',
      () => build(capability(MsiCapability, 0x100, {})),
      'expected a DWORD offset in [0x40, 0x100), got 0x100',
    ],
    [
      'an extended one in the standard part',
      () => build(capability(AdvancedErrorReporting, 0x80, {})),
      'expected a DWORD offset in [0x100, 0x1000), got 0x80',
    ],
    [
      'a first extended one elsewhere than at 100h',
      () => build(capability(PciExpressCapability, 0x40, {}), capability(AdvancedErrorReporting, 0x140, {})),
      'expected the first extended capability at 0x100, got 0x140',
    ],
    [
      'an extended one without PCI Express',
      () => build(capability(AdvancedErrorReporting, 0x100, {})),
      '01:00.0 Advanced Error Reporting: expected a PCI Express Capability beside it, got none',
    ],
    [
      'one that lies where the counted part of another reaches',
      () =>
        build(
          capability(PciExpressCapability, 0x40, {}),
          capability(DynamicPowerAllocation, 0x100, { 'DPA Capability': 7 }),
          capability(AccessControlServices, 0x114, {}),
        ),
      'Access Control Services: expected free bytes at 0x114, got Dynamic Power Allocation',
    ],
    [
      'a value that is too wide',
      () => build(capability(MsiCapability, 0x40, { 'MSI Message Control': 0x10000 })),
      '01:00.0 MSI Message Control: expected a value of 16 bits, got 0x10000',
    ],
    [
      'a register that this function has not',
      () => build(capability(MsiCapability, 0x40, { 'MSI Mask Bits 32': 1 })),
      '01:00.0 MSI Mask Bits 32: expected a register that this function has',
    ],
    [
      'a port type that the spec has not',
      () => build(capability(PciExpressCapability, 0x40, { 'PCI Express Capabilities': 0x0032 })),
      'expected a Device/Port Type of the spec, got 0x3',
    ],
    [
      'a BDF that is none',
      () => type0Function({ bdf: '1:0.0', header: {}, capabilities: [] }),
      'builder: expected a BDF such as 07:00.0, got "1:0.0"',
    ],
    [
      'a size that is no power of two',
      () => type0Function({ bdf: '01:00.0', header: {}, barSizes: { 0: 3000 }, capabilities: [] }),
      '01:00.0 BAR 0: expected a power of two from 2^4 to 2^31, got 3000',
    ],
    [
      'a size that its kind of BAR can’t have',
      () => type0Function({ bdf: '01:00.0', header: {}, barSizes: { 0: 2 ** 40 }, capabilities: [] }),
      '01:00.0 BAR 0: expected a power of two from 2^4 to 2^31, got 1099511627776',
    ],
    [
      'the size of a BAR that is the upper half of another',
      () =>
        type0Function({
          bdf: '01:00.0',
          header: { 'Base Address Register 0': 4 },
          barSizes: { 1: 0x1000 },
          capabilities: [],
        }),
      '01:00.0 BAR 1: expected a BAR that a Type 0 function like this has, got none',
    ],
    [
      'a third BAR of a bridge',
      () => type1Function({ bdf: '01:00.0', header: {}, barSizes: { 2: 0x1000 }, capabilities: [] }),
      '01:00.0 BAR 2: expected a BAR that a Type 1 function like this has, got none',
    ],
    [
      'a VF BAR without SR-IOV',
      () => type0Function({ bdf: '01:00.0', header: {}, barSizes: { 7: 0x1000 }, capabilities: [] }),
      '01:00.0 BAR 7: expected a BAR that a Type 0 function like this has, got none',
    ],
    [
      'a version that is no version',
      () => build(capability(PciExpressCapability, 0x40, {}), capability(AdvancedErrorReporting, 0x100, {}, 0x122)),
      '01:00.0 Advanced Error Reporting: expected a version from 0 to 15, got 290',
    ],
    [
      'an ID of more than 16 bits',
      () => build(capability(PciExpressCapability, 0x40, {}), opaqueExtendedCapability(0x12345, 0x100, '')),
      '01:00.0 extended capability 12345: expected a capability',
    ],
    [
      'a second PCI Express Capability',
      () => build(capability(PciExpressCapability, 0x40, {}), capability(PciExpressCapability, 0x80, {})),
      '01:00.0 PCI Express: expected it once, got it again',
    ],
    [
      'a value that is no whole number',
      () => build(capability(PciExpressCapability, 0x40, { 'Device Control': 1.5 })),
      '01:00.0 Device Control: expected a value of 16 bits',
    ],
    [
      'bytes that are no hex',
      () => opaqueExtendedCapability(0xb, 0x100, '12 3'),
      'capability b: expected bytes in hex, got "12 3"',
    ],
  ])('%s', (_, act, message) => {
    expect(act).toThrow(message);
  });

  it('a capability that runs beyond its part of the space', () => {
    expect(() => build(capability(PciExpressCapability, 0xe0, {}))).toThrow(/01:00\.0 PCI Express: expected/);
  });
});

const hasLspci = spawnSync('lspci', ['--version']).status === 0;

describe.skipIf(!hasLspci)('what the real lspci says (skipped where it is not installed)', () => {
  const decoded = (functions: Parameters<typeof printLspci>[0]) => {
    const folder = mkdtempSync(join(tmpdir(), 'rootport-'));
    const file = join(folder, 'built.lspci');
    writeFileSync(file, printLspci(functions));
    const { stdout } = spawnSync('lspci', ['-F', file, '-n', '-vvv'], { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    return stdout;
  };

  it('of a built port and endpoint: every capability by name', () => {
    const text = decoded([rootPort(), endpoint()]);
    for (const line of [
      'Capabilities: [40] Express (v2) Root Port (Slot+), MSI 00',
      'Capabilities: [80] MSI: Enable- Count=1/1 Maskable- 64bit-',
      'Capabilities: [90] Subsystem: 8086:0000',
      'Capabilities: [a0] Power Management version 3',
      'Capabilities: [100 v1] Advanced Error Reporting',
      'Capabilities: [140 v1] Access Control Services',
      'Capabilities: [150 v1] Downstream Port Containment',
      'Capabilities: [50] MSI: Enable- Count=1/1 Maskable+ 64bit+',
      'Capabilities: [70] MSI-X: Enable- Count=5 Masked-',
      'Capabilities: [80] Express (v2) Endpoint, MSI 00',
      'Capabilities: [100 v2] Advanced Error Reporting',
      'MaxPayload 128 bytes, MaxReadReq 512 bytes',
      'Memory at f7d00000 (32-bit, non-prefetchable)',
    ])
      expect(text).toContain(line);
    expect(text).not.toMatch(/<access denied>|<chain (?:looped|broken)>|<unassigned>|<unknown>|\?\?/);
  });

  it.each(platforms)('of platform $id: nothing is broken or unassigned', (platform) => {
    const text = decoded(platform.functions());
    expect(text.match(/^\S+ \S+: /gm)).toHaveLength(platform.functions().length);
    expect(text).not.toMatch(/<access denied>|<chain (?:looped|broken)>|<unassigned>|\?\?/);
  });
});
