/**
 * Requests that not every port routes and not every function completes: AtomicOps and deferrable memory writes. What Device
 * Capabilities and Control 2 and 3 say of them. PCIe 5.0 §6.15, §7.5.3.15, §7.5.3.16; PCIe 6.0 §6.32, §7.7.9.
 */

import type { TlpType } from '../../spec-tables/tlp-types.ts';
import type { ConfigArena } from '../config/arena.ts';
import * as C from '../spec/constants.ts';
import { hasData, type TlpHeader } from '../tlp/header.ts';

export type OptionalRequest = 'AtomicOp' | 'DMWr';

/** Operands in DWORDs, and the bit of Device Capabilities 2 that says that a function completes them. */
const atomicCompleter: Readonly<Record<number, number>> = {
  1: C.DEVICE_CAPABILITIES_2_32_BIT_ATOMICOP_COMPLETER_SUPPORTED,
  2: C.DEVICE_CAPABILITIES_2_64_BIT_ATOMICOP_COMPLETER_SUPPORTED,
  4: C.DEVICE_CAPABILITIES_2_128_BIT_CAS_COMPLETER_SUPPORTED,
};

/** Undefined for a type that every port and completer has. A memory request with data that is not posted is a DMWr. */
export function optionalRequest(type: TlpType): OptionalRequest | undefined {
  if (type.kind === 'atomic') return 'AtomicOp';
  return type.kind === 'memory' && !type.posted && hasData(type) ? 'DMWr' : undefined;
}

/** Whether a port hands such a request on. One that does not, does not know its type: a Malformed TLP to it. PCIe 5.0 §2.3. */
export function routes(arena: ConfigArena, port: number, request: OptionalRequest): boolean {
  if (request === 'AtomicOp')
    return (deviceCapabilities2(arena, port) & C.DEVICE_CAPABILITIES_2_ATOMICOP_ROUTING_SUPPORTED) !== 0;
  const { device3 } = arena.layout[port]!;
  return (
    device3 !== 0 &&
    (arena.u32(port, device3 + C.DEVICE_CAPABILITIES_3) & C.DEVICE_CAPABILITIES_3_DMWR_REQUEST_ROUTING_SUPPORTED) !== 0
  );
}

/** AtomicOp or DMWr Egress Blocking: none leaves by this port. */
export function blocksEgress(arena: ConfigArena, port: number, request: OptionalRequest): boolean {
  if (request === 'AtomicOp') return (deviceControl2(arena, port) & C.DEVICE_CONTROL_2_ATOMICOP_EGRESS_BLOCKING) !== 0;
  const { device3 } = arena.layout[port]!;
  return (
    device3 !== 0 && (arena.u32(port, device3 + C.DEVICE_CONTROL_3) & C.DEVICE_CONTROL_3_DMWR_EGRESS_BLOCKING) !== 0
  );
}

/** Whether a function completes the request: a root port, for the memory behind it. */
export function completes(arena: ConfigArena, fn: number, header: TlpHeader, request: OptionalRequest): boolean {
  const capabilities = deviceCapabilities2(arena, fn);
  if (request === 'DMWr') return (capabilities & C.DEVICE_CAPABILITIES_2_DMWR_COMPLETER_SUPPORTED) !== 0;
  // A Compare and Swap carries two operands.
  const isCas = header.type === 'CAS' || header.type === 'CAS64';
  const operand = isCas ? header.lengthDw / 2 : header.lengthDw;
  const bit = operand === 4 && !isCas ? undefined : atomicCompleter[operand];
  return bit !== undefined && (capabilities & bit) !== 0;
}

/** 0 where version 1 of the capability ends before it. PCIe 5.0 §7.5.3.2. */
export function deviceCapabilities2(arena: ConfigArena, fn: number): number {
  const { pciExpress } = arena.layout[fn]!;
  return hasVersion2(arena, fn) ? arena.u32(fn, pciExpress + C.DEVICE_CAPABILITIES_2) : 0;
}

/** As `deviceCapabilities2`. */
export function deviceControl2(arena: ConfigArena, fn: number): number {
  const { pciExpress } = arena.layout[fn]!;
  return hasVersion2(arena, fn) ? arena.u16(fn, pciExpress + C.DEVICE_CONTROL_2) : 0;
}

function hasVersion2(arena: ConfigArena, fn: number): boolean {
  const { pciExpress } = arena.layout[fn]!;
  if (pciExpress === 0) return false;
  const capabilities = arena.u16(fn, pciExpress + C.PCI_EXPRESS_CAPABILITIES);
  return (capabilities & C.PCI_EXPRESS_CAPABILITIES_CAPABILITY_VERSION) >= 2;
}
