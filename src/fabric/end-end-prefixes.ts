/**
 * Where end-end TLP prefixes keep a TLP from going on. PCIe 5.0 §2.2.10.2, §7.5.3.15 (Supported, Max), §7.5.3.16 (Blocking). What a
 * prefix says has no part in it: a port hands on what it need not understand.
 */
import { portTypes } from '../../spec-tables/port-types.ts';
import type { ConfigArena } from '../config/arena.ts';
import * as C from '../spec/constants.ts';
import { kindOf, type TlpHeader } from '../tlp/header.ts';
import { isLocalPrefix, isPrefixByte, type TlpPrefix } from '../tlp/prefix.ts';
import type { DeliveryOutcome } from './delivery.ts';
import type { HopSource } from './hop.ts';
import { deviceCapabilities2, deviceControl2 } from './optional-requests.ts';
import type { Crossing } from './passage.ts';

const MAX_SHIFT = 22;
/** PCIe 5.0 §2.2.10.2. */
const MOST = 4;

export interface PrefixStop {
  /** Which of the crossings. */
  readonly index: number;
  readonly outcome: Extract<
    DeliveryOutcome,
    'malformed' | 'prefix-blocked' | 'unsupported-request' | 'unexpected-completion'
  >;
  readonly rule: string;
  readonly spec: string;
  readonly source?: HopSource;
}

/** @throws RangeError when one is no end-end prefix */
export function expectEndEndPrefixes(prefixes: readonly TlpPrefix[]): void {
  for (const prefix of prefixes)
    if (!isPrefixByte(prefix >>> 24) || isLocalPrefix(prefix))
      throw new RangeError(
        `prefixes: expected end-end TLP prefixes, 0x90000000 to 0x9fffffff, got 0x${prefix.toString(16)}`,
      );
}

/** The first port or function on the way that does not let a TLP with these prefixes go on; undefined where all do. */
export function stopOfPrefixes(
  arena: ConfigArena,
  way: readonly Crossing[],
  header: TlpHeader,
  prefixes: readonly TlpPrefix[],
): PrefixStop | undefined {
  if (prefixes.length === 0) return undefined;
  for (const [index, crossing] of way.entries()) {
    const stop = received(arena, crossing, header, prefixes.length) ?? sentOn(arena, crossing, header);
    if (stop !== undefined) return { index, ...stop };
  }
  return undefined;
}

type Stop = Omit<PrefixStop, 'index'>;

function received(
  arena: ConfigArena,
  { fn, isReceiver }: Crossing,
  header: TlpHeader,
  count: number,
): Stop | undefined {
  if (!isReceiver) return undefined;
  const spec = '§2.2.10.2';
  if (count > MOST) return { outcome: 'malformed', rule: `a TLP has ${MOST} end-end prefixes at most`, spec };
  const source = 'Device Capabilities 2';
  if (!supports(arena, fn))
    return { outcome: 'malformed', rule: 'End-End TLP Prefix Supported is clear', spec, source };
  const most = mostPrefixes(arena, fn);
  if (count <= most) return undefined;
  const rule = `${count} prefixes, and Max End-End TLP Prefixes says ${most}`;
  // Of a root port the spec recommends UR or Unexpected Completion, and allows Malformed, which any other function must make of it.
  if (arena.layout[fn]!.portType !== portTypes['Root Port']) return { outcome: 'malformed', rule, spec, source };
  return { outcome: refusalOf(header), rule, spec, source };
}

/** What leaves by a link of a switch or of the root complex; inside them nothing is blocked. PCIe 5.0 §7.5.3.16. */
function sentOn(arena: ConfigArena, { fn, egress }: Crossing, header: TlpHeader): Stop | undefined {
  const { portType } = arena.layout[fn]!;
  const isUpstream = portType === portTypes['Switch Upstream Port'];
  const isRoot = portType === portTypes['Root Port'];
  const isDownstream = isRoot || portType === portTypes['Switch Downstream Port'];
  if (!((egress === 'primary' && isUpstream) || (egress === 'secondary' && isDownstream))) return undefined;
  if (!supports(arena, fn))
    // A root port without it forwards none. PCIe 5.0 §2.2.10.2.2.
    return isRoot
      ? {
          outcome: refusalOf(header),
          rule: 'End-End TLP Prefix Supported is clear: the root complex sends none by this port',
          spec: '§2.2.10.2.2',
          source: 'Device Capabilities 2',
        }
      : undefined;
  if ((deviceControl2(arena, fn) & C.DEVICE_CONTROL_2_END_END_TLP_PREFIX_BLOCKING) === 0) return undefined;
  return {
    outcome: 'prefix-blocked',
    rule: 'End-End TLP Prefix Blocking: no TLP with such a prefix leaves by this port',
    spec: '§7.5.3.16',
    source: 'Device Control 2',
  };
}

function refusalOf(header: TlpHeader): 'unsupported-request' | 'unexpected-completion' {
  return kindOf(header) === 'completion' ? 'unexpected-completion' : 'unsupported-request';
}

function supports(arena: ConfigArena, fn: number): boolean {
  return (deviceCapabilities2(arena, fn) & C.DEVICE_CAPABILITIES_2_END_END_TLP_PREFIX_SUPPORTED) !== 0;
}

/** 00b says four. PCIe 5.0 §7.5.3.15. */
function mostPrefixes(arena: ConfigArena, fn: number): number {
  return (deviceCapabilities2(arena, fn) & C.DEVICE_CAPABILITIES_2_MAX_END_END_TLP_PREFIXES) >>> MAX_SHIFT || MOST;
}
