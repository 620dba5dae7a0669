/** Functions for machines of tests: ports, bridges and endpoints by kind, with what a test wants to differ. */
import type { PortType } from '../../spec-tables/port-types.ts';
import { portTypes } from '../../spec-tables/port-types.ts';
import { capability, type PlacedCapability, type0Function, type1Function } from '../../src/config/builder.ts';
import type { FunctionImage } from '../../src/config/function-image.ts';
import {
  AccessControlServices,
  AdvancedErrorReporting,
  Device3,
  DownstreamPortContainment,
  MsiCapability,
  MsiXCapability,
  Multicast,
  PciExpressCapability,
  PowerManagementCapability,
  RootComplexEventCollectorAssociation,
} from '../../src/spec/index.ts';

export interface FunctionOptions {
  readonly command?: number;
  readonly multiFunction?: boolean;
  /** Advanced Error Reporting; true where not given. */
  readonly aer?: boolean;
  readonly uncorrectableMask?: number;
  readonly uncorrectableSeverity?: number;
  readonly correctableMask?: number;
  readonly rootErrorCommand?: number;
  readonly pm?: boolean;
  /** PMCSR's PowerState. */
  readonly powerState?: number;
  /** Message Signaled Interrupts that are armed. */
  readonly armed?: 'msi' | 'msi-x';
  readonly deviceControl?: number;
  readonly deviceControl2?: number;
  readonly deviceCapabilities2?: number;
  readonly device3?: { readonly capabilities: number; readonly control?: number };
  /** Role-Based Error Reporting; true where not given. */
  readonly roleBased?: boolean;
  readonly rootControl?: number;
  /** Access Control Services: what the function can, and what is on; all bits of the control where only that is given. */
  readonly acs?: { readonly capability?: number; readonly control: number; readonly vector?: number };
  /** Multicast: on, with 2^20 bytes a group from `base` (in MiB) on; groups as bits. The overlay in MiB, 2^20 bytes of it kept. */
  readonly multicast?: {
    readonly base: number;
    readonly groups?: number;
    readonly receive?: number;
    readonly blockAll?: number;
    readonly blockUntranslated?: number;
    readonly overlay?: number;
    readonly off?: boolean;
  };
  /** 1 to 4 for INTA to INTD. */
  readonly interruptPin?: number;
  /** Port Number of Link Capabilities. */
  readonly portNumber?: number;
  /** More registers of the PCI Express Capability, by name. */
  readonly express?: Readonly<Record<string, number>>;
  /** Of an event collector: the device numbers on its own bus, and the first and last of other buses. */
  readonly association?: { readonly devices?: readonly number[]; readonly buses?: readonly [number, number] };
  /** Registers of a DPC Capability; there is none where not given. */
  readonly dpc?: Readonly<Record<string, number>>;
}

export interface PortOptions extends FunctionOptions {
  /** First and last MiB of the memory window. */
  readonly memory?: readonly [number, number];
  /** First and last MiB of the 64-bit prefetchable window. */
  readonly prefetchable?: readonly [number, number];
  /** First and last 4 KiB block of the I/O window. */
  readonly io?: readonly [number, number];
  readonly bridgeControl?: number;
  readonly primary?: number;
  /** Class Code with Programming Interface, 24 bits. */
  readonly classCode?: number;
  /** A memory BAR of one MiB of the port itself, by its MiB. */
  readonly portBar?: number;
}

export interface EndpointOptions extends FunctionOptions {
  /** Class Code with Programming Interface, 24 bits. */
  readonly classCode?: number;
  /** An enabled expansion ROM of one MiB, by its MiB. */
  readonly rom?: number;
  /** A memory BAR of one MiB, by its MiB; above 4 GiB a 64-bit one. */
  readonly bar?: number;
  readonly ioBar?: number;
}

const MIB = 0x100000;

/** Where the PCI Express, AER and DPC capabilities of all these functions lie. */
export const EXPRESS = 0x70;
export const AER = 0x100;
const ACS = 0x300;
const DEVICE_3 = 0x1c0;
const ASSOCIATION = 0x280;
const MULTICAST = 0x200;
export const DPC = 0x180;
const PM = 0x40;
const MSI = 0x48;
const MSI_X = 0x60;

function capabilities(portType: number | undefined, options: FunctionOptions): PlacedCapability[] {
  const { aer = true, pm = true } = options;
  const result: PlacedCapability[] = [];
  if (pm)
    result.push(
      capability(PowerManagementCapability, PM, {
        'Power Management Capabilities': 0x0603,
        'Power Management Control/Status': 0x0008 | (options.powerState ?? 0),
      }),
    );
  if (options.armed === 'msi')
    result.push(capability(MsiCapability, MSI, { 'MSI Message Control': 0x0001, 'MSI Message Address': 0xfee00018 }));
  if (options.armed === 'msi-x') result.push(capability(MsiXCapability, MSI_X, { 'MSI-X Message Control': 0x8003 }));
  if (portType === undefined) return result;
  const root = portType === portTypes['Root Port'] || portType === portTypes['Root Complex Event Collector'];
  result.push(
    capability(PciExpressCapability, EXPRESS, {
      'PCI Express Capabilities': 0x0002 | (portType << 4),
      'Device Capabilities': options.roleBased === false ? 0 : 0x8000,
      ...(options.deviceControl === undefined ? {} : { 'Device Control': options.deviceControl }),
      ...(options.deviceControl2 === undefined ? {} : { 'Device Control 2': options.deviceControl2 }),
      'Device Capabilities 2': options.deviceCapabilities2 ?? 0x00000020,
      ...(options.portNumber === undefined ? {} : { 'Link Capabilities': options.portNumber * 0x1000000 }),
      ...(root ? { 'Root Control': options.rootControl ?? 0 } : {}),
      ...options.express,
    }),
  );
  if (aer)
    result.push(
      capability(AdvancedErrorReporting, AER, {
        ...(options.uncorrectableMask === undefined ? {} : { 'Uncorrectable Error Mask': options.uncorrectableMask }),
        ...(options.uncorrectableSeverity === undefined
          ? {}
          : { 'Uncorrectable Error Severity': options.uncorrectableSeverity }),
        ...(options.correctableMask === undefined ? {} : { 'Correctable Error Mask': options.correctableMask }),
        ...(root ? { 'Root Error Command': options.rootErrorCommand ?? 0 } : {}),
      }),
    );
  // The extended list starts at 100h.
  let place = (at: number) => {
    place = (next) => next;
    return aer ? at : AER;
  };
  if (options.acs !== undefined)
    result.push(
      capability(AccessControlServices, place(ACS), {
        'ACS Capability': options.acs.capability ?? 0x20ff,
        'ACS Control': options.acs.control,
        ...(options.acs.vector === undefined ? {} : { 'ACS Egress Control Vector 0': options.acs.vector }),
      }),
    );
  if (options.device3 !== undefined)
    result.push(
      capability(Device3, place(DEVICE_3), {
        'Device Capabilities 3': options.device3.capabilities,
        'Device Control 3': options.device3.control ?? 0,
      }),
    );
  const { multicast } = options;
  if (multicast !== undefined)
    result.push(
      capability(Multicast, place(MULTICAST), {
        'Multicast Control': (multicast.off ? 0 : 0x8000) | ((multicast.groups ?? 4) - 1),
        'MC_Base_Address Lower': multicast.base * MIB + 20,
        'MC_Receive Lower': multicast.receive ?? 0,
        'MC_Block_All Lower': multicast.blockAll ?? 0,
        'MC_Block_Untranslated Lower': multicast.blockUntranslated ?? 0,
        ...(multicast.overlay === undefined ? {} : { 'MC_Overlay_BAR Lower': multicast.overlay * MIB + 20 }),
      }),
    );
  if (options.association !== undefined) {
    const { devices = [], buses } = options.association;
    const bitmap = devices.reduce((set, number) => set + 2 ** number, 0);
    const numbers = buses === undefined ? {} : { 'RCEC Associated Bus Numbers': (buses[0] << 8) | (buses[1] << 16) };
    const version = buses === undefined ? 1 : 2;
    const values = { 'RCEC Association Bitmap': bitmap, ...numbers };
    result.push(capability(RootComplexEventCollectorAssociation, place(ASSOCIATION), values, version));
  }
  if (options.dpc !== undefined) result.push(capability(DownstreamPortContainment, place(DPC), options.dpc));
  return result;
}

function classOf(code: number) {
  return { 'Class Code': code >>> 8, 'Programming Interface': code & 0xff };
}

/** I/O, memory, bus master, SERR# off. */
const ALL_ON = 0x0007;

/** A port or bridge; `type` undefined: a conventional PCI-to-PCI bridge. */
export function port(
  bdf: string,
  type: PortType | undefined,
  secondary: number,
  subordinate: number,
  options: PortOptions = {},
): FunctionImage {
  const [memoryFirst, memoryLast] = options.memory ?? [0xfff, 0];
  const [prefetchFirst, prefetchLast] = options.prefetchable ?? [0xfff, 0];
  const [ioFirst, ioLast] = options.io ?? [0xf, 0];
  return type1Function({
    bdf,
    multiFunction: options.multiFunction ?? false,
    header: {
      'Vendor ID': 0x8086,
      'Device ID': 0x1901,
      ...classOf(options.classCode ?? 0x060400),
      Command: options.command ?? ALL_ON,
      'Interrupt Pin': options.interruptPin ?? 0,
      'Primary Bus Number': options.primary ?? Number.parseInt(bdf.slice(-7, -5), 16),
      'Secondary Bus Number': secondary,
      'Subordinate Bus Number': subordinate,
      'Memory Base': (memoryFirst << 4) & 0xfff0,
      'Memory Limit': (memoryLast << 4) & 0xfff0,
      'Prefetchable Memory Base': ((prefetchFirst % 0x1000) << 4) | 1,
      'Prefetchable Memory Limit': ((prefetchLast % 0x1000) << 4) | 1,
      'Prefetchable Base Upper 32 Bits': Math.floor(prefetchFirst / 0x1000),
      'Prefetchable Limit Upper 32 Bits': Math.floor(prefetchLast / 0x1000),
      'I/O Base': (ioFirst << 4) & 0xf0,
      'I/O Limit': (ioLast << 4) & 0xf0,
      'Bridge Control': options.bridgeControl ?? 0,
      ...(options.portBar === undefined ? {} : { 'Base Address Register 0': options.portBar * MIB }),
    },
    barSizes: options.portBar === undefined ? {} : { 0: MIB },
    capabilities: capabilities(type === undefined ? undefined : portTypes[type], options),
  });
}

/** `type` undefined: a conventional PCI device. */
export function device(
  bdf: string,
  options: EndpointOptions = {},
  type: PortType | undefined = 'PCI Express Endpoint',
): FunctionImage {
  const { bar, ioBar } = options;
  const is64 = bar !== undefined && bar >= 0x1000;
  return type0Function({
    bdf,
    multiFunction: options.multiFunction ?? false,
    header: {
      'Vendor ID': 0x8086,
      'Device ID': 0x10d3,
      ...classOf(options.classCode ?? 0x020000),
      Command: options.command ?? ALL_ON,
      'Interrupt Pin': options.interruptPin ?? 0,
      ...(bar === undefined
        ? {}
        : {
            'Base Address Register 0': (bar % 0x1000) * MIB + (is64 ? 0xc : 0),
            'Base Address Register 1': Math.floor(bar / 0x1000),
          }),
      ...(ioBar === undefined ? {} : { 'Base Address Register 2': ioBar + 1 }),
      ...(options.rom === undefined ? {} : { 'Expansion ROM Base Address': options.rom * MIB + 1 }),
    },
    barSizes: {
      ...(bar === undefined ? {} : { 0: MIB }),
      ...(ioBar === undefined ? {} : { 2: 32 }),
      ...(options.rom === undefined ? {} : { 6: MIB }),
    },
    capabilities: capabilities(type === undefined ? undefined : portTypes[type], options),
  });
}

export function conventional(bdf: string, options: EndpointOptions = {}): FunctionImage {
  return type0Function({
    bdf,
    header: {
      'Vendor ID': 0x8086,
      'Device ID': 0x100e,
      ...classOf(options.classCode ?? 0x020000),
      Command: options.command ?? ALL_ON,
      'Interrupt Pin': options.interruptPin ?? 0,
      ...(options.bar === undefined ? {} : { 'Base Address Register 0': options.bar * MIB }),
      ...(options.ioBar === undefined ? {} : { 'Base Address Register 2': options.ioBar + 1 }),
    },
    barSizes: { ...(options.bar === undefined ? {} : { 0: MIB }), ...(options.ioBar === undefined ? {} : { 2: 32 }) },
    capabilities: capabilities(undefined, options),
  });
}
