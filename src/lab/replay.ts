/** Replays a recorded trace against our bytes: after each write, the read-back and every changed byte are compared. */

import { portTypes } from '../../spec-tables/port-types.ts';
import { parseBdf } from '../config/bdf.ts';
import { type ByteOwner, byteOwners } from '../config/judged-bytes.ts';
import { NOT_EXPRESS } from '../config/placed-structures.ts';
import type { Fabric } from '../fabric/fabric.ts';
import type { ConfigTrace, TraceWrite } from '../formats/config-trace.ts';
import { InputError } from '../formats/input-error.ts';
import { DEVICE_ID, VENDOR_ID } from '../spec/constants.ts';
import type { Implementation, ImplementationRule } from './implementations/implementation.ts';
import type { Attempt, Senders } from './senders.ts';

export interface Mismatch {
  readonly step: number;
  readonly line: number;
  readonly bdf: string;
  /** Byte of the function. */
  readonly offset: number;
  readonly register: string;
  readonly expected: number;
  readonly got: number;
}

export interface ReplayedRefusal {
  readonly step: number;
  readonly attempt: Attempt;
}

export interface ReplayResult {
  readonly steps: number;
  /** Write records that touch bytes which the spec says something of. */
  readonly compared: number;
  /** Of those, records with a difference that a rule covers, and no other. */
  readonly waived: number;
  /** Bytes by rule. */
  readonly waivedByRule: Readonly<Record<string, number>>;
  /** Records with a difference that no rule covers. */
  readonly mismatched: number;
  readonly mismatches: readonly Mismatch[];
  readonly refusals: readonly ReplayedRefusal[];
}

/**
 * After each write our bytes take the recorded values, so that one difference does not breed others.
 * @param senders who tries a memory write after each; absent: nobody
 * @throws InputError when the trace names a function that is not there
 */
export function replay(
  fabric: Fabric,
  trace: ConfigTrace,
  implementation: Implementation | undefined,
  senders?: Senders,
): ReplayResult {
  const { arena } = fabric;
  for (const [bdf, bytes] of trace.initial)
    arena.space(functionOf(fabric, bdf, 0)).set(bytes.subarray(0, arena.space(functionOf(fabric, bdf, 0)).length));
  const owners = new Map<number, ByteOwner[]>();
  const ownersOf = (fn: number) => {
    let known = owners.get(fn);
    if (known === undefined) {
      known = byteOwners(arena.space(fn), arena.layout[fn]!.capabilities);
      owners.set(fn, known);
    }
    return known;
  };
  const byRule: Record<string, number> = {};
  const mismatches: Mismatch[] = [];
  const refusals: ReplayedRefusal[] = [];
  let compared = 0;
  let waived = 0;
  let mismatched = 0;
  for (const [step, write] of trace.writes.entries()) {
    const fn = functionOf(fabric, write.bdf, write.line);
    const size = write.size ?? widthAt(ownersOf(fn), write);
    const before = write.changed === undefined ? undefined : arena.space(fn).slice();
    if (write.offset < arena.layout[fn]!.size) {
      // A trace with results has those of the written function alone: what a write does to others, or to a link, is not in it.
      const beyond = arena.onBehaviour;
      if (write.changed !== undefined) arena.onBehaviour = undefined;
      arena.write(fn, write.offset, size, write.value);
      arena.onBehaviour = beyond;
    }
    if (write.changed !== undefined && before !== undefined) {
      const judged = judge(step, write, size, before, arena.space(fn), ownersOf(fn), (owner, bits) =>
        ruleFor(fabric, fn, implementation, owner, bits),
      );
      if (judged.compared) compared++;
      for (const [rule, bytes] of judged.waivedBytes) byRule[rule] = (byRule[rule] ?? 0) + bytes;
      mismatches.push(...judged.mismatches);
      if (judged.mismatches.length > 0) mismatched++;
      else if (judged.waivedBytes.size > 0) waived++;
      const bytes = arena.space(fn);
      bytes.set(before);
      for (const [offset, byte] of write.changed) if (offset < bytes.length) bytes[offset] = byte;
    }
    senders?.tryAfter(fn, (attempt) => {
      if (attempt.delivery.outcome === 'unsupported-request' && !attempt.repeats) refusals.push({ step, attempt });
    });
  }
  return { steps: trace.writes.length, compared, waived, waivedByRule: byRule, mismatched, mismatches, refusals };
}

function functionOf(fabric: Fabric, bdf: string, line: number): number {
  const address = parseBdf(bdf);
  const fn = address === undefined ? -1 : fabric.arena.find(address.segment, address.routingId);
  if (fn < 0)
    throw new InputError(
      `trace${line > 0 ? ` line ${line}` : ''}: expected a function of the machine, got ${bdf}, which is not there`,
    );
  return fn;
}

/** A trace without sizes: a write is as wide as its register, and wide enough for its value. */
function widthAt(owners: readonly ByteOwner[], { offset, value }: TraceWrite): 1 | 2 | 4 {
  const owner = owners[offset];
  const width = typeof owner === 'object' ? owner.register.width / 8 : 1;
  const needed = value > 0xffff ? 4 : value > 0xff ? 2 : 1;
  const size = Math.max(width, needed);
  return (offset & 3) + size > 4 ? 1 : (size as 1 | 2 | 4);
}

interface Judgement {
  readonly compared: boolean;
  readonly waivedBytes: ReadonlyMap<string, number>;
  readonly mismatches: readonly Mismatch[];
}

/** Compares our bytes with the recorded ones wherever either of the two changed. */
function judge(
  step: number,
  write: TraceWrite,
  size: number,
  before: Uint8Array,
  ours: Uint8Array,
  owners: readonly ByteOwner[],
  ruleOf: (owner: ByteOwner, differingBits: number) => ImplementationRule | undefined,
): Judgement {
  const waivedBytes = new Map<string, number>();
  const mismatches: Mismatch[] = [];
  let compared = false;
  for (let i = 0; i < size; i++) if (owners[write.offset + i] !== undefined) compared = true;
  const offsets = new Set<number>(write.changed!.keys());
  for (let i = 0; i < size; i++) offsets.add(write.offset + i);
  for (let offset = 0; offset < ours.length; offset++) if (ours[offset] !== before[offset]) offsets.add(offset);
  for (const offset of offsets) {
    const owner = owners[offset];
    if (owner === undefined || offset >= ours.length) continue;
    const expected = write.changed!.get(offset) ?? before[offset]!;
    const got = ours[offset]!;
    if (expected === got) continue;
    const shift = typeof owner === 'object' ? 8 * (offset - owner.at - owner.register.offset) : 0;
    const rule = ruleOf(owner, ((expected ^ got) << shift) >>> 0);
    if (rule !== undefined) waivedBytes.set(rule.id, (waivedBytes.get(rule.id) ?? 0) + 1);
    else {
      const register = typeof owner === 'object' ? owner.register.name : 'capability header';
      mismatches.push({ step, line: write.line, bdf: write.bdf, offset, register, expected, got });
    }
  }
  return { compared, waivedBytes, mismatches };
}

/** The rule whose bits cover all that differs. */
function ruleFor(
  fabric: Fabric,
  fn: number,
  implementation: Implementation | undefined,
  owner: ByteOwner,
  bits: number,
): ImplementationRule | undefined {
  if (typeof owner !== 'object') return undefined;
  const { arena } = fabric;
  const { portType } = arena.layout[fn]!;
  return implementation?.rules.find(
    (rule) =>
      rule.register === owner.register.name &&
      (bits & ~(rule.mask ?? 0xffffffff)) === 0 &&
      (rule.portTypes === undefined || rule.portTypes.some((name) => portTypes[name] === portType)) &&
      (rule.conventional === undefined || portType === NOT_EXPRESS) &&
      (rule.device === undefined ||
        (rule.device[0] === arena.u16(fn, VENDOR_ID) && rule.device[1] === arena.u16(fn, DEVICE_ID))),
  );
}
