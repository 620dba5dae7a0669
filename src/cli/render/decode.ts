/** Decoded functions as text: a flag as `Name+` or `Name-`, as lspci's readers know it, all else as `Name=value`. */
import type { DecodedFunction, DecodedRegister, FieldDifference } from '../../formats/decode.ts';
import type { Register } from '../../spec/structure.ts';
import { hex } from './table.ts';

/** Reserved bits show only where they are not 0. */
function shows(name: string, value: number): boolean {
  return value !== 0 || !/^(Reserved|Undefined)/.test(name);
}

function renderRegister(
  { name, offset, width, value, fields }: DecodedRegister,
  flags: (field: string) => boolean,
): string {
  const shown = Object.entries(fields).filter(([field, fieldValue]) => shows(field, fieldValue));
  const head = `[${hex(offset, 2)}] ${name}: ${hex(value, width / 4)}`;
  // A register that is one field says all with its value.
  if (shown.length <= 1 && (shown[0] === undefined || shown[0][1] === value)) return head;
  const text = shown.map(([field, fieldValue]) =>
    flags(field) ? `${field}${fieldValue === 1 ? '+' : '-'}` : `${field}=${fieldValue.toString(16)}`,
  );
  return `${head}  ${text.join(', ')}`;
}

export function renderDecoded(
  decoded: DecodedFunction,
  isFlag: (register: Register['name'], field: string) => boolean,
): string[] {
  const lines: string[] = [];
  const add = (registers: readonly DecodedRegister[], indent: string) => {
    for (const register of registers)
      lines.push(indent + renderRegister(register, (field) => isFlag(register.name, field)));
  };
  if (decoded.header !== undefined) {
    lines.push(`\t${decoded.header.name}`);
    add(decoded.header.registers, '\t\t');
  }
  for (const { offset, id, version, name, extended, registers } of decoded.capabilities) {
    const at = `[${hex(offset, extended ? 3 : 2)}${extended ? ` v${version}` : ''}]`;
    lines.push(
      `\tCapabilities: ${at} ${name} (ID ${hex(id, extended ? 4 : 2)}${!extended && version > 0 ? `, version ${version}` : ''})`,
    );
    add(registers, '\t\t');
  }
  for (const { offset, text } of decoded.problems) lines.push(`\tProblem at ${hex(offset, 2)}: ${text}`);
  return lines;
}

export function renderDifference({ where, register, field, before, after }: FieldDifference): string {
  const value = (side: number | undefined) => (side === undefined ? 'not there' : side.toString(16));
  return `\t${where}  ${register}${field === register ? '' : `, ${field}`}: ${value(before)} → ${value(after)}`;
}
