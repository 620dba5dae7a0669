/**
 * The language that `spec-tables/` is written in: a closed set of attributes, registers as lists of fields, and conditions
 * for what depends on the kind of port or on a capability bit.
 */
import type { PortType } from '../../spec-tables/port-types.ts';
import type { Behaviour } from './behaviour.ts';

/** Register attributes of PCIe 5.0 §7.4, table 7-2. An S suffix is sticky: kept over every reset but a fundamental one. */
export type Attribute = 'RO' | 'ROS' | 'RW' | 'RWS' | 'RW1C' | 'RW1CS' | 'HwInit' | 'RsvdP' | 'RsvdZ';

export type { Behaviour } from './behaviour.ts';

export type FieldTest = { readonly register: string; readonly field: string } & (
  | { readonly equals: number }
  | { readonly atLeast: number }
);

/** True when every part that is given holds. */
export interface Condition {
  /** The function's Device/Port Type is one of these; never true for a function without a PCI Express Capability. */
  readonly portTypes?: readonly PortType[];
  /** The function's header layout (bits 6:0 of 0Eh) is one of these. */
  readonly headerTypes?: readonly number[];
  /**
   * Fields of the same structure, by register and field name, each with the value that it must have, or the least. In a block,
   * registers of its own element too, and of the element around it, by their names with `{n}` and `{m}`.
   */
  readonly fields?: readonly FieldTest[];
  /** As `fields`, but one of them is enough. */
  readonly anyField?: readonly FieldTest[];
  /** Fields of the function's PCI Express Capability; never true without one, or where its version has no such register. */
  readonly express?: readonly FieldTest[];
  /** The structure's version field is at least this. */
  readonly version?: { readonly atLeast: number };
}

/** What a field is where its own condition does not hold: under a second one `attr`, else `otherwise` (absent: RO). */
export interface Otherwise {
  readonly when: Condition;
  readonly attr: Attribute;
  readonly otherwise?: Attribute;
}

export interface Field {
  readonly name: string;
  /** [high bit, low bit], counted within the register. */
  readonly bits: readonly [number, number];
  readonly attr: Attribute;
  /** Value after a fundamental reset, right-aligned; 0 when not given. Means nothing for HwInit. */
  readonly reset?: number;
  /** Where this does not hold, the field has attribute `otherwise` (absent: RO). */
  readonly when?: Condition;
  readonly otherwise?: Attribute | Otherwise;
  /** Where `when` holds. */
  readonly behaviour?: Behaviour;
  /** Where `when` does not hold. */
  readonly otherwiseBehaviour?: Behaviour;
}

export interface Register {
  readonly name: string;
  /** Bytes from the start of the structure. */
  readonly offset: number;
  readonly width: 8 | 16 | 32;
  readonly spec: string;
  /** Where this does not hold, the register is not there. */
  readonly when?: Condition;
  /** What a write to any of its bytes does, beside those of its fields. */
  readonly behaviour?: Behaviour;
  readonly fields: readonly Field[];
}

/** A number that a function's own bytes give: a field (a register of an enclosing block or of the structure), then arithmetic. */
export interface Count {
  readonly register: string;
  readonly field: string;
  /** Added to the field. */
  readonly plus?: number;
  /** Multiplies the sum. */
  readonly times?: number;
  /** The field is an exponent: 2^field. */
  readonly powerOfTwo?: boolean;
}

/**
 * Registers that come once or several times, one block after the other behind the structure's fixed registers. An element is
 * its registers, then its inner blocks.
 */
export interface Block {
  /** Bytes from the structure's start to the first element; absent: right behind what comes before. */
  readonly offset?: number | Count;
  /** Elements; absent: one. `lanes`: the Maximum Link Width of the function's PCI Express Capability. */
  readonly count?: number | 'lanes' | Count;
  /** Bytes from one element to the next; absent: the element's own size. */
  readonly stride?: number | Count;
  /** Offsets from the element's start. `{n}` in a name is the element's number, `{m}` that of the block around it. */
  readonly registers: readonly Register[];
  readonly blocks?: readonly Block[];
  /** Names the registers of the element around the block as that element does. */
  readonly when?: Condition;
}

export interface Structure {
  readonly name: string;
  /** Standard capability: found through the list that starts at 34h. */
  readonly capabilityId?: number;
  /** Extended capability: found through the list that starts at 100h. */
  readonly extendedCapabilityId?: number;
  /** Header layout: found by the low seven bits of 0Eh. */
  readonly headerType?: number;
  /** Vendor and ID of a Designated Vendor-Specific Extended Capability; `extendedCapabilityId` is then 0023h. PCIe 5.0 §7.9.6. */
  readonly dvsec?: { readonly vendor: number; readonly id: number };
  /** Name of the field whose value is the structure's version, for `Condition.version`. */
  readonly versionField?: { readonly register: string; readonly field: string };
  /** Where it states its own length in bytes, counted from its first byte; `atLeast`: the part that every one of its kind has. */
  readonly length?: { readonly register: string; readonly field: string; readonly atLeast: number };
  /** From this offset to the stated length its bytes are a vendor's own, without names. */
  readonly opaqueFrom?: number;
  readonly registers: readonly Register[];
  /** The part whose length the function's bytes decide. */
  readonly blocks?: readonly Block[];
}

/** Mask of a field within its register, as an unsigned number. */
export function fieldMask(bits: readonly [number, number]): number {
  const [high, low] = bits;
  return (2 ** (high - low + 1) - 1) * 2 ** low;
}

/** @throws Error naming the structure and the register, when there is none of that name. */
export function registerNamed(structure: Structure, name: string): Register {
  const register = structure.registers.find((candidate) => candidate.name === name);
  if (register === undefined) throw new Error(`${structure.name}: expected a register of its own, got "${name}"`);
  return register;
}

/** @throws Error naming the register and the field, when there is none of that name. */
export function fieldNamed(register: Register, name: string): Field {
  const field = register.fields.find((candidate) => candidate.name === name);
  if (field === undefined) throw new Error(`${register.name}: expected a field of its own, got "${name}"`);
  return field;
}
