/** Decoded functions as text: a flag as `Name+` or `Name-`, as lspci's readers know it, all else as `Name=value`. */
import {
  type DecodedFunction,
  type DecodedRegister,
  type FieldDifference,
  HEADER,
  placeOf,
} from '../../formats/decode.ts';
import type { Field } from '../../spec/structure.ts';
import { hex } from './hex.ts';

/** Reserved bits show only where they are not 0. */
const RESERVED = /^(Reserved|Undefined)/;

function isFlag({ bits: [high, low] }: Field): boolean {
  return high === low;
}

function renderRegister({ name, offset, width, value, fields, table, implemented }: DecodedRegister): string {
  // Real functions have values in registers that the spec gives to other kinds only (link registers of an integrated endpoint): such
  // a value is shown, and not as if it meant something.
  const note = implemented ? '' : ' (no register of such a function, yet not 0)';
  const head = `[${hex(offset, 2)}] ${name}: ${hex(value, width / 4)}${note}`;
  const shown = table.fields.filter((field) => fields[field.name] !== 0 || !RESERVED.test(field.name));
  const [only] = shown;
  if (only === undefined) return head;
  // A register that is one number, and else zeros, says all with its value.
  const isAll = shown.length === 1 && fields[only.name]! * 2 ** only.bits[1] === value;
  if (isAll && !isFlag(only)) return head;
  const text = shown.map((field) => {
    const fieldValue = fields[field.name]!;
    return isFlag(field) ? `${field.name}${fieldValue === 1 ? '+' : '-'}` : `${field.name}=${fieldValue.toString(16)}`;
  });
  return `${head}  ${text.join(', ')}`;
}

/** Rows of 16, as lspci has them. */
function renderBytes(data: Uint8Array, start: number): string[] {
  const rows: string[] = [];
  for (let at = 0; at < data.length; at += 16) {
    const bytes = [...data.subarray(at, at + 16)].map((byte) => hex(byte, 2));
    rows.push(`\t\t[${hex(start + at, 2)}] data: ${bytes.join(' ')}`);
  }
  return rows;
}

export function renderDecoded(decoded: DecodedFunction): string[] {
  const lines: string[] = [];
  const add = (registers: readonly DecodedRegister[]) => {
    for (const register of registers) lines.push(`\t\t${renderRegister(register)}`);
  };
  if (decoded.header !== undefined) {
    lines.push(`\t${decoded.header.name}`);
    add(decoded.header.registers);
  }
  for (const { offset, id, version, name, extended, registers, data, table } of decoded.capabilities) {
    const at = `[${hex(offset, extended ? 3 : 2)}${extended ? ` v${version}` : ''}]`;
    lines.push(
      `\tCapabilities: ${at} ${name} (ID ${hex(id, extended ? 4 : 2)}${!extended && version > 0 ? `, version ${version}` : ''})`,
    );
    if (data === undefined) add(registers);
    else {
      // What the vendor's registers are is not known: rows as in a dump say more than a line for each DWORD.
      add(registers.filter((register) => register.offset < offset + (table?.opaqueFrom ?? 0)));
      lines.push(...renderBytes(data, offset));
    }
  }
  for (const { offset, text } of decoded.problems) lines.push(`\tProblem at ${hex(offset, 2)}: ${text}`);
  return lines;
}

/** A function that only one of two dumps has, or one that they have in two states. */
export type FunctionDifference =
  | { readonly bdf: string; readonly onlyIn: string }
  | {
      readonly bdf: string;
      readonly from: DecodedFunction;
      readonly to: DecodedFunction;
      readonly changes: readonly FieldDifference[];
    };

/** A capability that only one state has is one line, not one for each of its fields. */
export function renderFunctionDifference(fn: FunctionDifference, a: string, b: string): string[] {
  if ('onlyIn' in fn) return [`${fn.bdf}  only in ${fn.onlyIn}`];
  const [before, after] = [fn.from, fn.to].map(({ capabilities }) => new Set(capabilities.map(placeOf)));
  const lines = new Set<string>();
  for (const change of fn.changes) {
    const { where } = change;
    const isOnce = where !== HEADER && before!.has(where) !== after!.has(where);
    lines.add(isOnce ? `\t${where}  only in ${before!.has(where) ? a : b}` : renderDifference(change));
  }
  return [fn.bdf, ...lines];
}

function renderDifference({ where, register, field, before, after }: FieldDifference): string {
  const value = (side: number | undefined) => (side === undefined ? 'not there' : side.toString(16));
  return `\t${where}  ${register}${field === register ? '' : `, ${field}`}: ${value(before)} → ${value(after)}`;
}
