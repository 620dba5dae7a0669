/**
 * Access Control Services of a port: which requests from below it lets in, and whether one to a peer goes there, up, or nowhere.
 * PCIe 5.0 §6.12.1 (tables 6-10, 6-11), §7.7.8; the enhanced controls §6.12.1.1 and §7.7.8.3. Without the capability: everything goes.
 *
 * It decides alone; `exact-router.ts` takes the way that comes out. Requests that are sent up to be judged by the root complex are
 * "redirected".
 */
import { portTypes } from '../../spec-tables/port-types.ts';
import type { ConfigArena } from '../config/arena.ts';
import * as C from '../spec/constants.ts';
import type { TlpHeader } from '../tlp/header.ts';

/** Controls that have a capability bit of the same place. */
const OWN_CAPABILITY =
  C.ACS_CONTROL_ACS_SOURCE_VALIDATION_ENABLE |
  C.ACS_CONTROL_ACS_TRANSLATION_BLOCKING_ENABLE |
  C.ACS_CONTROL_ACS_P2P_REQUEST_REDIRECT_ENABLE |
  C.ACS_CONTROL_ACS_P2P_COMPLETION_REDIRECT_ENABLE |
  C.ACS_CONTROL_ACS_UPSTREAM_FORWARDING_ENABLE |
  C.ACS_CONTROL_ACS_P2P_EGRESS_CONTROL_ENABLE |
  C.ACS_CONTROL_ACS_DIRECT_TRANSLATED_P2P_ENABLE;
/** Controls that come with ACS Enhanced Capability. */
const ENHANCED =
  C.ACS_CONTROL_ACS_IO_REQUEST_BLOCKING_ENABLE |
  C.ACS_CONTROL_ACS_DSP_MEMORY_TARGET_ACCESS_CONTROL |
  C.ACS_CONTROL_ACS_USP_MEMORY_TARGET_ACCESS_CONTROL |
  C.ACS_CONTROL_ACS_UNCLAIMED_REQUEST_REDIRECT_CONTROL;

const AT_UNTRANSLATED = 0;
const AT_TRANSLATED = 2;
const RELAXED_ORDERING = 0b010;
/** Where the Egress Control Vector lies in the capability, and its bits where its size reads 0. */
const VECTOR = 0x08;
const LARGEST_VECTOR = 256;

/** Values of the two Memory Target Access Controls. */
const TARGET_BLOCKED = 1;
const TARGET_REDIRECTED = 2;

export type PeerWay = 'direct' | 'redirected' | 'violation';

/** A verdict with its rule, for the one who tells the way. */
export interface AccessVerdict {
  readonly way: PeerWay;
  readonly rule: string;
}

/** The controls that are on and that the port has; 0 without the capability. A bit of ACS Control. */
export function accessControl(arena: ConfigArena, fn: number): number {
  const { acs } = arena.layout[fn]!;
  if (acs === 0) return 0;
  const capability = arena.u16(fn, acs + C.ACS_CAPABILITY);
  const has =
    (capability & OWN_CAPABILITY) | ((capability & C.ACS_CAPABILITY_ACS_ENHANCED_CAPABILITY) === 0 ? 0 : ENHANCED);
  return arena.u16(fn, acs + C.ACS_CONTROL) & has;
}

/**
 * Why a root port or switch downstream port does not let a request from its link in; undefined where it does.
 * Completions are not looked at.
 */
export function ingressViolation(
  arena: ConfigArena,
  port: number,
  space: 'memory' | 'io' | 'message',
  { requesterId, at }: TlpHeader,
): string | undefined {
  const { portType } = arena.layout[port]!;
  if (portType !== portTypes['Root Port'] && portType !== portTypes['Switch Downstream Port']) return undefined;
  const control = accessControl(arena, port);
  if (control === 0) return undefined;
  const bus = requesterId >> 8;
  if (
    (control & C.ACS_CONTROL_ACS_SOURCE_VALIDATION_ENABLE) !== 0 &&
    (bus < arena.u8(port, C.SECONDARY_BUS_NUMBER) || bus > arena.u8(port, C.SUBORDINATE_BUS_NUMBER))
  )
    return 'ACS Source Validation: the Requester ID is of no bus below the port';
  if ((control & C.ACS_CONTROL_ACS_TRANSLATION_BLOCKING_ENABLE) !== 0 && space === 'memory' && at !== AT_UNTRANSLATED)
    return 'ACS Translation Blocking: the Address Type is not the default';
  if ((control & C.ACS_CONTROL_ACS_IO_REQUEST_BLOCKING_ENABLE) !== 0 && space === 'io')
    return 'ACS I/O Request Blocking: no I/O request goes up';
  return undefined;
}

/**
 * The way of a request that a downstream port has taken in and a peer claims.
 * @param peer port that claims it
 * @param inBar the address lies in a BAR of that port, not in a window
 */
export function wayToPeer(
  arena: ConfigArena,
  ingress: number,
  peer: number,
  space: 'memory' | 'io',
  { at }: TlpHeader,
  inBar: boolean,
): AccessVerdict {
  const control = accessControl(arena, ingress);
  if (control === 0) return { way: 'direct', rule: 'no ACS control is on' };
  if (space === 'memory' && at === AT_TRANSLATED && (control & C.ACS_CONTROL_ACS_DIRECT_TRANSLATED_P2P_ENABLE) !== 0)
    return { way: 'direct', rule: 'ACS Direct Translated P2P: the address is translated already' };
  if (inBar && space === 'memory') {
    const ofUpstream = arena.layout[peer]!.portType === portTypes['Switch Upstream Port'];
    const [mask, name] = ofUpstream
      ? [C.ACS_CONTROL_ACS_USP_MEMORY_TARGET_ACCESS_CONTROL, 'USP']
      : [C.ACS_CONTROL_ACS_DSP_MEMORY_TARGET_ACCESS_CONTROL, 'DSP'];
    const target = (control & mask) / (mask & -mask);
    if (target === TARGET_BLOCKED)
      return {
        way: 'violation',
        rule: `ACS ${name} Memory Target Access Control blocks requests to the port's memory`,
      };
    if (target === TARGET_REDIRECTED)
      return {
        way: 'redirected',
        rule: `ACS ${name} Memory Target Access Control sends requests to the port's memory up`,
      };
    return { way: 'direct', rule: `ACS ${name} Memory Target Access Control lets it through` };
  }
  const redirect = (control & C.ACS_CONTROL_ACS_P2P_REQUEST_REDIRECT_ENABLE) !== 0;
  if ((control & C.ACS_CONTROL_ACS_P2P_EGRESS_CONTROL_ENABLE) !== 0) {
    if (!isControlled(arena, ingress, peer))
      return { way: 'direct', rule: 'ACS P2P Egress Control: the bit of the egress port is clear' };
    return redirect
      ? { way: 'redirected', rule: 'ACS P2P Egress Control and Request Redirect: the bit of the egress port is set' }
      : { way: 'violation', rule: 'ACS P2P Egress Control: the bit of the egress port is set' };
  }
  return redirect
    ? { way: 'redirected', rule: 'ACS P2P Request Redirect: a request to a peer goes up' }
    : { way: 'direct', rule: 'neither ACS P2P Request Redirect nor Egress Control is on' };
}

/** The bit of the egress port in the vector, by its Port Number. A port beyond the vector has none. PCIe 5.0 §7.7.8.4. */
function isControlled(arena: ConfigArena, ingress: number, egress: number): boolean {
  const { acs } = arena.layout[ingress]!;
  const { pciExpress } = arena.layout[egress]!;
  const size = arena.u16(ingress, acs + C.ACS_CAPABILITY) >> 8 || LARGEST_VECTOR;
  const number = pciExpress === 0 ? 0 : arena.u32(egress, pciExpress + C.LINK_CAPABILITIES) >>> 24;
  if (number >= size) return false;
  return ((arena.u32(ingress, acs + VECTOR + 4 * (number >> 5)) >>> (number & 31)) & 1) === 1;
}

/** Upstream Forwarding: a request or completion that would go back where it came from goes up instead. */
export function forwardsUpstream(arena: ConfigArena, port: number): boolean {
  return (accessControl(arena, port) & C.ACS_CONTROL_ACS_UPSTREAM_FORWARDING_ENABLE) !== 0;
}

/** Unclaimed Request Redirect: what lies in the upstream port's window and in no downstream port's goes up. */
export function redirectsUnclaimed(arena: ConfigArena, ingress: number): boolean {
  return (accessControl(arena, ingress) & C.ACS_CONTROL_ACS_UNCLAIMED_REQUEST_REDIRECT_CONTROL) !== 0;
}

/** P2P Completion Redirect: a completion for a peer goes up, unless it is relaxed in its ordering. */
export function redirectsCompletion(arena: ConfigArena, ingress: number, { attr }: TlpHeader): boolean {
  return (
    (attr & RELAXED_ORDERING) === 0 &&
    (accessControl(arena, ingress) & C.ACS_CONTROL_ACS_P2P_COMPLETION_REDIRECT_ENABLE) !== 0
  );
}
