/** The name of the register at an offset of a function, by its structures' tables. */
import { conditionsThatHold, presentRegisters } from '../spec/fold.ts';
import type { ConfigArena } from './arena.ts';
import { placedStructures } from './placed-structures.ts';

/** Undefined where no table has a register that covers the offset. */
export function registerNameAt(arena: ConfigArena, fn: number, offset: number): string | undefined {
  const { capabilities, portType, pciExpress } = arena.layout[fn]!;
  const bytes = arena.space(fn);
  for (const { structure, at } of placedStructures(bytes, capabilities)) {
    const present = presentRegisters(structure, conditionsThatHold(structure, bytes, at, portType, pciExpress));
    const register = present.find(
      (candidate) => offset >= at + candidate.offset && offset < at + candidate.offset + candidate.width / 8,
    );
    if (register !== undefined) return register.name;
  }
  return undefined;
}
