/** The name of the register at an offset of a function, by its structures' tables. */
import { structures } from '../../spec-tables/index.ts';
import { conditionsThatHold, presentRegisters } from '../spec/fold.ts';
import type { ConfigArena } from './arena.ts';

/** Undefined where no table has a register that covers the offset. */
export function registerNameAt(arena: ConfigArena, fn: number, offset: number): string | undefined {
  const layout = arena.layout[fn]!;
  const bytes = arena.space(fn);
  const placed = [
    { at: 0, structure: structures.find((structure) => structure.headerType === layout.headerType) },
    ...layout.capabilities.map((entry) => ({
      at: entry.offset,
      structure: structures.find((structure) =>
        entry.extended ? structure.extendedCapabilityId === entry.id : structure.capabilityId === entry.id,
      ),
    })),
  ];
  for (const { at, structure } of placed) {
    if (structure === undefined) continue;
    const present = presentRegisters(structure, conditionsThatHold(structure, bytes, at, layout.portType));
    const register = present.find(
      (candidate) => offset >= at + candidate.offset && offset < at + candidate.offset + candidate.width / 8,
    );
    if (register !== undefined) return register.name;
  }
  return undefined;
}
