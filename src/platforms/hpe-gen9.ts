/**
 * The machine of the case: an HPE ProLiant Gen9 with a Xeon E5/E7 v3 root complex. Topology: linux-pci, 2020-01-03. Registers of
 * the root ports: those of a Xeon E5 v3 (8086:2f02 to 2f08) as an X99 board shows them. Endpoints: representative.
 */
import {
  AccessControlServices,
  AdvancedErrorReporting,
  MsiCapability,
  MsiXCapability,
  PciExpressCapability,
  PowerManagementCapability,
  SubsystemIdCapability,
} from '../../spec-tables/index.ts';
import { capability, opaqueExtendedCapability, type0Function, type1Function } from '../config/builder.ts';
import type { FunctionImage } from '../config/function-image.ts';
import type { Platform } from './platform.ts';

interface RootPort {
  readonly bdf: string;
  readonly deviceId: number;
  /** Port number in Link Capabilities. */
  readonly portNumber: number;
  readonly linkWidth: number;
  readonly secondary: number;
  /** Memory window in MiB, first and last; absent: nothing below. */
  readonly windowMebibytes?: readonly [number, number];
  readonly messageAddress: number;
}

const VENDOR_SPECIFIC = 0x000b;
const SECONDARY_PCI_EXPRESS = 0x0019;

/** A root port of the Xeon E5 v3. What the board and the kernel choose (numbers, windows, MSI address) comes as an argument. */
function xeonE5v3RootPort(port: RootPort): FunctionImage {
  const used = port.windowMebibytes !== undefined;
  const [first, last] = port.windowMebibytes ?? [0xfff, 0];
  return type1Function({
    bdf: port.bdf,
    multiFunction: true,
    header: {
      'Vendor ID': 0x8086,
      'Device ID': port.deviceId,
      // Mem, I/O, BME; INTx disabled since pcieport uses MSI. SERR# is clear on this root complex as found.
      Command: 0x0407,
      'Revision ID': 0x02,
      'Class Code': 0x0604,
      'Cache Line Size': 0x10,
      'Secondary Bus Number': port.secondary,
      'Subordinate Bus Number': port.secondary,
      'I/O Base': 0xf0,
      'Memory Base': first << 4,
      'Memory Limit': last << 4,
      'Prefetchable Memory Base': 0xfff1,
      'Prefetchable Memory Limit': 0x0001,
      'Interrupt Line': 0x0b,
      'Interrupt Pin': 0x01,
      // SERR# Enable, VGA 16-bit decode.
      'Bridge Control': 0x0012,
    },
    capabilities: [
      capability(SubsystemIdCapability, 0x40, { 'Bridge Subsystem Vendor ID': 0x8086 }),
      capability(MsiCapability, 0x60, {
        // Enabled, 1 of 2 vectors, maskable, 32-bit.
        'MSI Message Control': 0x0103,
        'MSI Message Address': port.messageAddress,
        'MSI Mask Bits 32': 0x2,
      }),
      capability(PciExpressCapability, 0x90, {
        'PCI Express Capabilities': used ? 0x0142 : 0x0042,
        'Device Capabilities': 0x00008001,
        // All four reporting enables, as firmware leaves them where it keeps AER for itself; 256 bytes of payload.
        'Device Control': used ? 0x002f : 0x000f,
        'Link Capabilities': port.portNumber * 2 ** 24 + 0x7a3803 + (port.linkWidth << 4),
        'Link Control': used ? 0x0042 : 0x0040,
        // 8 GT/s, active; or nothing attached.
        'Link Status': used ? 0xb003 | (port.linkWidth << 4) : 0x1001,
        ...(used
          ? { 'Slot Control': 0x03c0, 'Slot Status': 0x0148, 'Slot Capabilities': port.portNumber * 2 ** 20 }
          : {}),
        // PME interrupt, CRS software visibility; no System Errors.
        'Root Control': 0x0018,
        'Root Capabilities': 0x0001,
        'Device Capabilities 2': 0x000013be,
        'Device Control 2': 0x0000,
        'Link Capabilities 2': 0x0000000e,
        'Link Control 2': 0x0003,
        'Link Status 2': used ? 0x003e : 0x0000,
      }),
      capability(PowerManagementCapability, 0xe0, {
        'Power Management Capabilities': 0xc803,
        // D0, No_Soft_Reset.
        'Power Management Control/Status': 0x0008,
      }),
      opaqueExtendedCapability(VENDOR_SPECIFIC, 0x100, '02 00 c0 00 07 33 00 00'),
      capability(AccessControlServices, 0x110, { 'ACS Capability': 0x001f }),
      capability(AdvancedErrorReporting, 0x148, {
        'Uncorrectable Error Mask': 0,
        'Uncorrectable Error Severity': 0x00062010,
        'Correctable Error Mask': 0,
        // The OS does not own AER on this machine, so nothing enables the root port's own interrupt.
        'Root Error Command': 0,
      }),
      opaqueExtendedCapability(VENDOR_SPECIFIC, 0x1d0, '03 00 a1 00 00 00'),
      opaqueExtendedCapability(
        SECONDARY_PCI_EXPRESS,
        0x250,
        `00 00 00 00 00 00 00 00 ${'77 27 '.repeat(port.linkWidth)}`,
      ),
      opaqueExtendedCapability(VENDOR_SPECIFIC, 0x280, '05 00 83 01 00 00 00 40 00 00 00 00 00 00 00 00 00 00 00 00'),
    ],
  });
}

/** 8086:2f00, the DMI2 port in its role as host bridge: a Type 0 header. */
function hostBridge(): FunctionImage {
  return type0Function({
    bdf: '00:00.0',
    header: { 'Vendor ID': 0x8086, 'Device ID': 0x2f00, Command: 0x0400, 'Revision ID': 0x02, 'Class Code': 0x0600 },
    capabilities: [
      capability(PciExpressCapability, 0x90, {
        'PCI Express Capabilities': 0x0042,
        'Device Capabilities': 0x00008000,
        'Device Control': 0,
        'Device Capabilities 2': 0x0000139e,
      }),
      capability(PowerManagementCapability, 0xe0, {
        'Power Management Capabilities': 0x0003,
        'Power Management Control/Status': 0x0008,
      }),
    ],
  });
}

interface Endpoint {
  readonly bdf: string;
  readonly multiFunction: boolean;
  readonly vendorId: number;
  readonly deviceId: number;
  readonly revision: number;
  readonly classCode: number;
  readonly subsystem: readonly [number, number];
  readonly bars: readonly (readonly [index: number, address: number, size: number])[];
  readonly vectors: number;
}

/** A PCI Express endpoint with PM, MSI-X and AER, at work: memory decode, BME, MSI-X on. */
function endpoint(fn: Endpoint): FunctionImage {
  const bars = Object.fromEntries(
    fn.bars.map(([index, address]) => [`Base Address Register ${index}`, address + 0x4]),
  ) as Record<`Base Address Register ${0 | 1 | 2 | 3 | 4 | 5}`, number>;
  return type0Function({
    bdf: fn.bdf,
    multiFunction: fn.multiFunction,
    header: {
      'Vendor ID': fn.vendorId,
      'Device ID': fn.deviceId,
      // Memory, BME, parity, SERR#, INTx disabled.
      Command: 0x0546,
      'Revision ID': fn.revision,
      'Class Code': fn.classCode,
      'Cache Line Size': 0x10,
      ...bars,
      'Subsystem Vendor ID': fn.subsystem[0],
      'Subsystem ID': fn.subsystem[1],
      'Interrupt Line': 0x0b,
      'Interrupt Pin': 0x01,
    },
    barSizes: Object.fromEntries(fn.bars.map(([index, , size]) => [index, size])),
    capabilities: [
      capability(PowerManagementCapability, 0x40, {
        'Power Management Capabilities': 0x0003,
        'Power Management Control/Status': 0x0008,
      }),
      capability(MsiXCapability, 0x60, {
        'MSI-X Message Control': 0x8000 | (fn.vectors - 1),
        'MSI-X Table': 0,
        'MSI-X PBA': 0x800,
      }),
      capability(PciExpressCapability, 0x70, {
        'PCI Express Capabilities': 0x0002,
        'Device Capabilities': 0x10008fe2,
        'Device Control': 0x202f,
        'Link Capabilities': 0x00000083,
        'Link Control': 0x0042,
        'Link Status': 0x1083,
        'Device Capabilities 2': 0x0000001f,
        'Link Capabilities 2': 0x0000000e,
        'Link Control 2': 0x0003,
      }),
      capability(AdvancedErrorReporting, 0x100, { 'Uncorrectable Error Severity': 0x00462010 }),
    ],
  });
}

const MIB = 0x100000;
const KIB = 0x400;

/** Emulex OneConnect (Skyhawk), eight functions; its BARs are representative. */
function oneConnect(functionNumber: number): FunctionImage {
  const base = 0x92000000 + functionNumber * MIB;
  return endpoint({
    bdf: `06:00.${functionNumber}`,
    multiFunction: true,
    vendorId: 0x10df,
    deviceId: 0x0720,
    revision: 0x10,
    classCode: 0x0200,
    subsystem: [0x103c, 0x220a],
    bars: [
      [0, base, 16 * KIB],
      [2, base + 0x20000, 128 * KIB],
      [4, base + 0x40000, 128 * KIB],
    ],
    vectors: 32,
  });
}

/** HP Smart Array Gen9; its BARs are representative. */
function smartArray(): FunctionImage {
  return endpoint({
    bdf: '07:00.0',
    multiFunction: false,
    vendorId: 0x103c,
    deviceId: 0x3239,
    revision: 0x01,
    classCode: 0x0104,
    subsystem: [0x103c, 0x21c0],
    bars: [
      [0, 0x93000000, MIB],
      [2, 0x93100000, KIB],
    ],
    vectors: 16,
  });
}

const nicFunctions = [0, 1, 2, 3, 4, 5, 6, 7];
const nic = /* @__PURE__ */ nicFunctions.map((n) => `06:00.${n}`);

export const hpeGen9: Platform = {
  id: 'hpe-gen9',
  about: 'HPE ProLiant Gen9, Xeon E5/E7 v3 root complex, Emulex OneConnect NIC, HP Smart Array',
  provenance: [
    'topology and bus numbers: the thread',
    'root ports: registers of a Xeon E5 v3 root complex (8086:2f02–2f08) as an X99 board shows them; bus numbers, windows, link widths and MSI addresses are set for this machine',
    'endpoints (06:00.0–7, 07:00.0): representative; nobody published their bytes',
    'firmware: keeps AER for itself and leaves the reporting enables set; which reaction HPE used is not stated in the thread',
  ],
  functions: () => [
    hostBridge(),
    xeonE5v3RootPort({
      bdf: '00:01.0',
      deviceId: 0x2f02,
      portNumber: 1,
      linkWidth: 4,
      secondary: 0x02,
      messageAddress: 0xfee00218,
    }),
    xeonE5v3RootPort({
      bdf: '00:01.1',
      deviceId: 0x2f03,
      portNumber: 2,
      linkWidth: 4,
      secondary: 0x05,
      messageAddress: 0xfee00238,
    }),
    xeonE5v3RootPort({
      bdf: '00:02.0',
      deviceId: 0x2f04,
      portNumber: 3,
      linkWidth: 8,
      secondary: 0x06,
      windowMebibytes: [0x920, 0x927],
      messageAddress: 0xfee00278,
    }),
    xeonE5v3RootPort({
      bdf: '00:02.1',
      deviceId: 0x2f05,
      portNumber: 4,
      linkWidth: 4,
      secondary: 0x0f,
      messageAddress: 0xfee00298,
    }),
    xeonE5v3RootPort({
      bdf: '00:02.2',
      deviceId: 0x2f06,
      portNumber: 5,
      linkWidth: 8,
      secondary: 0x07,
      windowMebibytes: [0x930, 0x931],
      messageAddress: 0xfee002b8,
    }),
    ...nicFunctions.map(oneConnect),
    smartArray(),
  ],
  drivers: {
    ...Object.fromEntries(['00:01.0', '00:01.1', '00:02.0', '00:02.1', '00:02.2'].map((port) => [port, 'pcieport'])),
    ...Object.fromEntries(nicFunctions.map((n) => [`06:00.${n}`, 'be2net'])),
    '07:00.0': 'hpsa',
  },
  osControls: ['PME', 'PCIeCapability'],
  reaction: 'firmware-first-nmi',
  kernel: '5.5',
  scenarios: [
    {
      id: 'dump-over-network',
      title: 'dump over the network: the NIC is bound, hpsa is left out',
      kdumpDrivers: ['be2net'],
      unbound: ['07:00.0'],
      observedHangs: 0.7,
    },
    {
      id: 'dump-through-hpsa',
      title: 'dump through hpsa: it is bound, the NIC is left out',
      kdumpDrivers: ['hpsa'],
      unbound: nic,
      observedHangs: 0.3,
    },
  ],
};
