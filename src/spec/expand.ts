/** Writes a structure's blocks out as plain registers, by what the function's bytes say of their number and place. */
import { evaluateCondition } from './fold.ts';
import {
  type Block,
  type Condition,
  type Count,
  type Field,
  type FieldTest,
  fieldMask,
  type Otherwise,
  type Register,
  type Structure,
} from './structure.ts';

/** No capability has more registers: a count that says so is broken bytes. */
const MAX_REGISTERS = 2048;

export interface ExpandContext {
  /** The function's space. */
  readonly bytes: Uint8Array;
  /** Start of the structure. */
  readonly at: number;
  /** Device/Port Type code, -1 without a PCI Express Capability. */
  readonly portType: number;
  /** Where that capability is; 0 where there is none. */
  readonly express: number;
  /** Maximum Link Width of the function's PCI Express Capability; 0 without. */
  readonly lanes: number;
}

const expanded = /* @__PURE__ */ new WeakMap<Structure, Map<string, Structure>>();

/**
 * The structure with every block's registers at their offsets, and no blocks; the structure itself where it has none. The same
 * object for the same shape.
 */
export function expandStructure(structure: Structure, context: ExpandContext): Structure {
  if (structure.blocks === undefined) return structure;
  const registers: Register[] = [...structure.registers];
  const shape: string[] = [];
  const end = Math.max(...structure.registers.map(endOf), 4);
  expandBlocks(structure, structure.blocks, end, [], registers, shape, context);
  let shapes = expanded.get(structure);
  if (shapes === undefined) {
    shapes = new Map();
    expanded.set(structure, shapes);
  }
  const key = shape.join(' ');
  let result = shapes.get(key);
  if (result === undefined) {
    const { blocks: _, ...fixed } = structure;
    result = { ...fixed, registers };
    shapes.set(key, result);
  }
  return result;
}

/** One element around a block: its number, and where its registers are, for counts that are read within it. */
interface Scope {
  readonly index: number;
  readonly start: number;
  readonly registers: readonly Register[];
}

/** @returns offset behind the last element */
function expandBlocks(
  structure: Structure,
  blocks: readonly Block[],
  from: number,
  scopes: readonly Scope[],
  out: Register[],
  shape: string[],
  context: ExpandContext,
): number {
  let offset = from;
  for (const block of blocks) {
    if (block.when !== undefined && !holds(structure, block.when, scopes, out, context)) {
      shape.push('-');
      continue;
    }
    if (block.offset !== undefined) offset = numberOf(structure, block.offset, scopes, context);
    const count = block.count === undefined ? 1 : numberOf(structure, block.count, scopes, context);
    // A table at offset 0 is one that is not there.
    if (block.offset !== undefined && offset === 0) {
      shape.push('0');
      offset = from;
      continue;
    }
    shape.push(`${offset}x${count}`);
    for (let index = 0; index < count; index++) {
      // What is cut off, here or below, is another shape than the whole.
      if (out.length + block.registers.length > MAX_REGISTERS) {
        shape.push(`|${index}`);
        return offset;
      }
      // One element beyond the end is enough to show that the structure runs over it.
      const isBeyond = context.at + offset >= context.bytes.length;
      const scope = { index, start: offset, registers: block.registers };
      const inner = [...scopes, scope];
      for (const register of block.registers) out.push(placed(register, offset, inner));
      const size = Math.max(0, ...block.registers.map(endOf));
      let end = offset + size;
      if (block.blocks !== undefined) end = expandBlocks(structure, block.blocks, end, inner, out, shape, context);
      if (block.stride === undefined) offset = end;
      else {
        const stride = numberOf(structure, block.stride, inner, context);
        shape.push(`+${stride}`);
        // A stride of 0 would never end.
        offset += Math.max(stride, 1);
      }
      if (isBeyond) {
        shape.push(`|${index}`);
        return offset;
      }
    }
  }
  return offset;
}

function endOf(register: Register): number {
  return register.offset + register.width / 8;
}

function placed(register: Register, start: number, scopes: readonly Scope[]): Register {
  const { name, offset, when, fields } = register;
  return {
    ...register,
    name: nameOf(name, scopes),
    offset: start + offset,
    ...(when === undefined ? {} : { when: conditionOf(when, scopes) }),
    fields: fields.map((field) => fieldOf(field, scopes)),
  };
}

/** A name with the numbers of its element and of the one around it. */
function nameOf(name: string, scopes: readonly Scope[]): string {
  const n = scopes.at(-1)!.index;
  const m = scopes.at(-2)?.index ?? n;
  return name.replaceAll('{n}', `${n}`).replaceAll('{m}', `${m}`);
}

/** The condition, asking of this element; the same object where it names none. */
function conditionOf(condition: Condition, scopes: readonly Scope[]): Condition {
  const { fields, anyField } = condition;
  if (![...(fields ?? []), ...(anyField ?? [])].some(({ register }) => register.includes('{'))) return condition;
  const asked = (test: FieldTest): FieldTest => ({ ...test, register: nameOf(test.register, scopes) });
  return {
    ...condition,
    ...(fields === undefined ? {} : { fields: fields.map(asked) }),
    ...(anyField === undefined ? {} : { anyField: anyField.map(asked) }),
  };
}

function fieldOf(field: Field, scopes: readonly Scope[]): Field {
  const { when, otherwise } = field;
  if (when === undefined) return field;
  const second = typeof otherwise === 'object' ? conditionOf(otherwise.when, scopes) : undefined;
  return {
    ...field,
    when: conditionOf(when, scopes),
    ...(second === undefined ? {} : { otherwise: { ...(otherwise as Otherwise), when: second } }),
  };
}

/** Whether a block is there. It may ask of any register that is placed by now: the elements around it, and what comes before. */
function holds(
  structure: Structure,
  condition: Condition,
  scopes: readonly Scope[],
  registers: readonly Register[],
  context: ExpandContext,
): boolean {
  if (scopes.length === 0) return evaluateCondition(structure, condition, context);
  return evaluateCondition({ ...structure, registers }, conditionOf(condition, scopes), context);
}

function numberOf(
  structure: Structure,
  count: number | 'lanes' | Count,
  scopes: readonly Scope[],
  context: ExpandContext,
): number {
  if (typeof count === 'number') return count;
  if (count === 'lanes') return context.lanes;
  for (const { start, registers } of [...scopes].reverse()) {
    const register = registers.find(({ name }) => name === count.register);
    if (register !== undefined) return computed(count, register, start, context);
  }
  const register = structure.registers.find(({ name }) => name === count.register);
  if (register === undefined)
    throw new Error(`${structure.name}: expected a register of its own, got "${count.register}"`);
  return computed(count, register, 0, context);
}

function computed(count: Count, register: Register, start: number, context: ExpandContext): number {
  const field = register.fields.find(({ name }) => name === count.field);
  if (field === undefined) throw new Error(`${register.name}: expected a field of its own, got "${count.field}"`);
  const value = readField(context.bytes, context.at + start + register.offset, register.width, field);
  return ((count.powerOfTwo ? 2 ** value : value) + (count.plus ?? 0)) * (count.times ?? 1);
}

/** A field's value, right-aligned and unsigned; bytes beyond the space read 0. */
export function readField(bytes: Uint8Array, offset: number, width: number, field: Field): number {
  let value = 0;
  for (let i = width / 8 - 1; i >= 0; i--) value = value * 256 + (bytes[offset + i] ?? 0);
  const [, low] = field.bits;
  return ((value & fieldMask(field.bits)) >>> 0) / 2 ** low;
}
