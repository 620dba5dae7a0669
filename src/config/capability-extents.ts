/** How far each capability reaches, and what is wrong with that: it overlaps another, or runs beyond its space. */
import { readField } from '../spec/expand.ts';
import { fieldNamed, type Register, registerNamed, type Structure } from '../spec/structure.ts';
import type { CapabilityEntry, CapabilityProblem } from './capabilities.ts';

export interface CapabilityExtent {
  readonly offset: number;
  readonly name: string;
  /** Offset behind the last byte, by its registers or by what it states; beyond the space, some offset there. */
  readonly end: number;
  /** Offset behind the last byte that it may have: the end of its part of the space. */
  readonly limit: number;
  /** The length that it states, in bytes; undefined for a structure that states none. */
  readonly statedLength: number | undefined;
  /** The least that it may state. */
  readonly leastLength: number;
}

/** Standard capabilities have the first 256 bytes. */
const STANDARD_END = 0x100;

/**
 * @param structure its table, blocks written out; undefined for an unknown capability, of which only the header is known
 * @param present the registers of it that are there
 */
export function extentOf(
  bytes: Uint8Array,
  { offset, extended }: CapabilityEntry,
  structure: Structure | undefined,
  present: readonly Register[],
): CapabilityExtent {
  let statedLength: number | undefined;
  if (structure?.length !== undefined) {
    const register = registerNamed(structure, structure.length.register);
    const field = fieldNamed(register, structure.length.field);
    statedLength = readField(bytes, offset + register.offset, register.width, field);
  }
  return {
    offset,
    name: structure?.name ?? 'unknown capability',
    end: offset + Math.max(registersLength(extended, present), statedLength ?? 0),
    limit: extended ? bytes.length : STANDARD_END,
    statedLength,
    leastLength: structure?.length?.atLeast ?? 0,
  };
}

/** Bytes up to the end of the last register. */
function registersLength(extended: boolean, present: readonly Register[]): number {
  return present.reduce((end, register) => Math.max(end, register.offset + register.width / 8), extended ? 4 : 2);
}

/**
 * What is wrong with a capability of which not every register lies within its space, whatever length it states; undefined where they
 * do. Such a capability is not to be relied on: registers that it should have are not there.
 */
export function overrunOf(
  { offset, extended }: CapabilityEntry,
  name: string,
  present: readonly Register[],
  size: number,
): CapabilityProblem | undefined {
  const limit = extended ? size : STANDARD_END;
  return offset + registersLength(extended, present) > limit ? beyond({ offset, name, limit }) : undefined;
}

function beyond({ offset, name, limit }: Pick<CapabilityExtent, 'offset' | 'name' | 'limit'>): CapabilityProblem {
  return { offset, text: `${name} runs beyond its space, which ends at ${hex(limit - 1)}` };
}

/** In the order of the capabilities' offsets. */
export function extentProblems(extents: readonly CapabilityExtent[]): CapabilityProblem[] {
  const problems: CapabilityProblem[] = [];
  /** The one that reaches furthest of those that begin earlier. */
  let furthest: CapabilityExtent | undefined;
  for (const extent of [...extents].sort((a, b) => a.offset - b.offset)) {
    const { offset, name, end, limit, statedLength, leastLength } = extent;
    if (statedLength !== undefined && statedLength < leastLength)
      problems.push({
        offset,
        text: `${name} states a length of ${statedLength} bytes, less than its first ${leastLength}`,
      });
    if (end > limit) problems.push(beyond(extent));
    if (furthest !== undefined && offset < furthest.end)
      problems.push({
        offset,
        text: `${name} overlaps ${furthest.name} at ${hex(furthest.offset)}, which reaches to ${hex(Math.min(furthest.end, furthest.limit) - 1)}`,
      });
    if (furthest === undefined || end > furthest.end) furthest = extent;
  }
  return problems;
}

function hex(value: number): string {
  return `${value.toString(16).toUpperCase()}h`;
}
