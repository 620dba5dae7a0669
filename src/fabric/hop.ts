import type { ConfigArena } from '../config/arena.ts';
import { type Bar, FIRST_VF_BAR } from '../config/bars.ts';
import {
  ACS_CONTROL,
  BRIDGE_CONTROL,
  CLASS_CODE,
  COMMAND,
  DEVICE_CAPABILITIES_2,
  DEVICE_CAPABILITIES_3,
  DEVICE_CONTROL_2,
  DEVICE_CONTROL_3,
  EA_ENTRY_BASE,
  IO_BASE,
  IO_LIMIT,
  MEMORY_BASE,
  MEMORY_LIMIT,
  POWER_MANAGEMENT_CONTROL_STATUS,
  POWER_MANAGEMENT_CONTROL_STATUS_POWERSTATE,
  PREFETCHABLE_BASE_UPPER_32_BITS,
  PREFETCHABLE_LIMIT_UPPER_32_BITS,
  PREFETCHABLE_MEMORY_BASE,
  PREFETCHABLE_MEMORY_LIMIT,
  PROGRAMMING_INTERFACE,
  SECONDARY_BUS_NUMBER,
  SUBORDINATE_BUS_NUMBER,
} from '../spec/constants.ts';
import type { WindowName } from './address-decode.ts';
import type { EnhancedAllocationEntry } from './enhanced-allocation.ts';
import type { Remapped } from './iommu.ts';

/** How a TLP's way is told: one entry a decision, with the register and the rule that made it. */
export interface Hop {
  /** Function that decided; NONE for the root complex. */
  readonly fn: number;
  readonly action:
    | 'send'
    | 'forward up'
    | 'forward down'
    | 'peer to peer'
    | 'redirect'
    | 'translate'
    | 'deliver'
    | 'refuse'
    | 'abort'
    | 'drop';
  /** Register that was read and what it held, where one decided. */
  readonly register?: string;
  readonly value?: string;
  readonly rule: string;
  readonly spec: string;
}

export type Outcome =
  /** The target took it. */
  | 'delivered'
  /** A function or the root complex handled it as an Unsupported Request. */
  | 'unsupported-request'
  /** A port's Access Control Services blocked it: a non-posted request is completed with CA. PCIe 5.0 §6.12.4. */
  | 'acs-violation'
  /** A port lets no AtomicOp out: completed with UR. PCIe 5.0 §6.15. */
  | 'atomicop-egress-blocked'
  /** A port lets no deferrable memory write out: completed with UR. PCIe 6.0 §6.32. */
  | 'dmwr-egress-blocked'
  /** A port lets no write of its multicast group in. PCIe 5.0 §6.14.4. */
  | 'mc-blocked'
  /** To the function that got it, of a type that it does not know. Nothing answers it. PCIe 5.0 §2.3. */
  | 'malformed'
  /** A completion that nobody waits for: discarded. PCIe 5.0 §2.3.2. */
  | 'unexpected-completion'
  /** The sender may not issue it. */
  | 'not-sent'
  /** A function that is not ready yet answered a configuration request with CRS. */
  | 'retry'
  /** Nobody claimed it on a conventional bus. */
  | 'master-abort'
  /** An IOMMU blocked it: a non-posted request is completed with UR, a posted one is gone. No port reports it. */
  | 'iommu-fault'
  /** As `iommu-fault`, completed with CA. */
  | 'iommu-abort'
  /** Posted, towards a link that is down. */
  | 'dropped';

export interface Route {
  readonly outcome: Outcome;
  /** Function that took or refused it; NONE for the root complex, and for memory and registers behind it. */
  readonly at: number;
  /** All receivers, where there is not just one. */
  readonly copies?: readonly number[];
  /** What an IOMMU has made of it, where it passed one. */
  readonly remapped?: Remapped;
}

/** What a decision was read from; turned into text only when a way is told. */
export type HopSource =
  | 'Command'
  | 'Class Code'
  | 'ACS Control'
  | 'Device Capabilities 2'
  | 'Device Control 2'
  | 'Device Capabilities 3'
  | 'Device Control 3'
  | 'PowerState'
  | 'Secondary, Subordinate Bus Number'
  | WindowName
  | Bar
  | EnhancedAllocationEntry;

/** Name and contents of the registers behind a decision. */
export function describeSource(arena: ConfigArena, fn: number, source: HopSource): { register: string; value: string } {
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
  if (typeof source === 'object' && 'entry' in source)
    return {
      register: `Enhanced Allocation entry ${source.entry}`,
      value: hex(arena.u32(fn, source.offset + EA_ENTRY_BASE), 8),
    };
  if (typeof source === 'object' && source.index >= FIRST_VF_BAR) {
    const physical = arena.virtualFunctions.get(fn)?.physical ?? fn;
    return { register: `VF BAR ${source.index - FIRST_VF_BAR}`, value: hex(arena.u32(physical, source.offset), 8) };
  }
  if (typeof source === 'object')
    return {
      register: source.index > 5 ? 'Expansion ROM' : `BAR ${source.index}`,
      value: hex(arena.u32(fn, source.offset), 8),
    };
  const pair = (base: number, limit: number) => `${hex(arena.u16(fn, base), 4)}–${hex(arena.u16(fn, limit), 4)}`;
  switch (source) {
    case 'Command':
      return { register: source, value: hex(arena.u16(fn, COMMAND), 4) };
    case 'Class Code':
      return {
        register: source,
        value: hex(arena.u16(fn, CLASS_CODE), 4) + hex(arena.u8(fn, PROGRAMMING_INTERFACE), 2),
      };
    case 'Device Capabilities 2':
    case 'Device Control 2': {
      const { pciExpress } = arena.layout[fn]!;
      if (pciExpress === 0) return { register: source, value: 'no PCI Express Capability' };
      const control = source === 'Device Control 2';
      const at = pciExpress + (control ? DEVICE_CONTROL_2 : DEVICE_CAPABILITIES_2);
      return { register: source, value: control ? hex(arena.u16(fn, at), 4) : hex(arena.u32(fn, at), 8) };
    }
    case 'Device Capabilities 3':
    case 'Device Control 3': {
      const { device3 } = arena.layout[fn]!;
      if (device3 === 0) return { register: source, value: 'no Device 3 Capability' };
      const at = device3 + (source === 'Device Control 3' ? DEVICE_CONTROL_3 : DEVICE_CAPABILITIES_3);
      return { register: source, value: hex(arena.u32(fn, at), 8) };
    }
    case 'ACS Control':
      return { register: source, value: hex(arena.u16(fn, arena.layout[fn]!.acs + ACS_CONTROL), 4) };
    case 'VGA':
      return { register: 'Bridge Control', value: hex(arena.u16(fn, BRIDGE_CONTROL), 4) };
    case 'PowerState': {
      const offset = arena.layout[fn]!.powerManagement + POWER_MANAGEMENT_CONTROL_STATUS;
      return { register: source, value: `D${arena.u16(fn, offset) & POWER_MANAGEMENT_CONTROL_STATUS_POWERSTATE}` };
    }
    case 'Secondary, Subordinate Bus Number': {
      const [secondary, subordinate] = [arena.u8(fn, SECONDARY_BUS_NUMBER), arena.u8(fn, SUBORDINATE_BUS_NUMBER)];
      return { register: source, value: `${hex(secondary, 2)}–${hex(subordinate, 2)}` };
    }
    case 'memory':
      return { register: 'Memory Base, Limit', value: pair(MEMORY_BASE, MEMORY_LIMIT) };
    case 'prefetchable': {
      const [base, limit] = [PREFETCHABLE_BASE_UPPER_32_BITS, PREFETCHABLE_LIMIT_UPPER_32_BITS];
      const upper = `upper ${hex(arena.u32(fn, base), 8)}–${hex(arena.u32(fn, limit), 8)}`;
      return {
        register: 'Prefetchable Memory Base, Limit',
        value: `${pair(PREFETCHABLE_MEMORY_BASE, PREFETCHABLE_MEMORY_LIMIT)}, ${upper}`,
      };
    }
    case 'io':
      return {
        register: 'I/O Base, Limit',
        value: `${hex(arena.u8(fn, IO_BASE), 2)}–${hex(arena.u8(fn, IO_LIMIT), 2)}`,
      };
    default:
      return { register: source, value: 'base and limit at 1Ch–3Bh' };
  }
}
