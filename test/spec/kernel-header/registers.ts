/** Where the tables' registers lie, and whether a number is one of their fields. */
import { type Block, fieldMask, type Register, type Structure } from '../../../src/spec/structure.ts';

/** Elements of a repeated block that are written out: one, and the next, so that a stride can be seen. */
const ELEMENTS = 2;

export const endOf = (registers: readonly Register[]): number =>
  Math.max(...registers.map(({ offset, width }) => offset + width / 8));

/** A structure's registers and those of its blocks, as far as their places don't depend on a function's bytes. */
export function registersOf({ registers, blocks }: Structure): Register[] {
  return [...registers, ...inBlocks(blocks ?? [], registers.length === 0 ? 4 : endOf(registers))];
}

/** The registers of a block's elements, counted from the first element. */
export function elementsOf(block: Block): Register[] {
  return inBlocks([{ ...block, offset: 0 }], 0);
}

function inBlocks(blocks: readonly Block[], from: number): Register[] {
  const placed: Register[] = [];
  let at: number | undefined = from;
  for (const { offset, count, stride, registers, blocks: inner } of blocks) {
    if (offset !== undefined) at = typeof offset === 'number' ? offset : undefined;
    if (at === undefined || registers.length === 0) continue;
    const size = endOf(registers);
    const isFixed: boolean = inner === undefined && (stride === undefined || typeof stride === 'number');
    const elements = count === undefined || !isFixed ? 1 : ELEMENTS;
    for (let n = 0; n < elements; n++) {
      const start = at + n * (typeof stride === 'number' ? stride : size);
      for (const register of registers) placed.push({ ...register, offset: start + register.offset });
    }
    placed.push(...inBlocks(inner ?? [], at + size));
    at = count === undefined && isFixed ? at + size : undefined;
  }
  return placed;
}

/** A reserved bit that the kernel has a name for is one that the table lacks. */
const definedFields = ({ fields }: Register) => fields.filter(({ attr }) => !attr.startsWith('Rsvd'));

/** The fields of the registers, as masks counted from byte `from`. */
function masksFrom(registers: readonly Register[], from: number): number[] {
  return registers.flatMap((register) =>
    definedFields(register).map(({ bits: [high, low] }) => {
      const shift = (register.offset - from) * 8;
      return high + shift > 31 || low + shift < 0 ? 0 : fieldMask([high + shift, low + shift]);
    }),
  );
}

/** Whether the mask is one or several whole fields. */
function isUnion(mask: number, fields: readonly number[]): boolean {
  let rest = mask;
  for (const field of fields) if (field !== 0 && (rest & field) >>> 0 === field) rest -= field;
  return rest === 0;
}

const around = (registers: readonly Register[], at: number) =>
  registers.filter(({ offset, width }) => at >= offset && at < offset + width / 8);

/** Whether the mask, counted from byte `at`, is one or several whole fields of one register there. */
export function isFields(registers: readonly Register[], at: number, mask: number): boolean {
  return around(registers, at).some((register) => isUnion(mask, masksFrom([register], at)));
}

/** Whether the mask, of the DWORD around `at`, is whole fields of the registers in it. */
export function isFieldsOfDword(registers: readonly Register[], at: number, mask: number): boolean {
  return isUnion(mask, masksFrom(registers, at & ~3));
}

/** Whether the value, in place, lies within one field of a register at byte `at`. */
export function isInField(registers: readonly Register[], at: number, value: number): boolean {
  return masksFrom(around(registers, at), at).some((field) => field !== 0 && (value & ~field) === 0);
}

/** Whether a field of a register at byte `at` begins at the bit. */
export function startsField(registers: readonly Register[], at: number, bit: number): boolean {
  return around(registers, at).some((register) => definedFields(register).some(({ bits: [, low] }) => low === bit));
}
