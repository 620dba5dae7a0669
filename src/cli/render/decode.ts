/** Decoded functions as text: a flag as `Name+` or `Name-`, as lspci's readers know it, all else as `Name=value`. */
import type { DecodedFunction, DecodedRegister, FieldDifference } from '../../formats/decode.ts';
import { hex } from './hex.ts';

/** Reserved bits show only where they are not 0. */
const RESERVED = /^(Reserved|Undefined)/;

function renderRegister({ name, offset, width, value, fields, table }: DecodedRegister): string {
  const head = `[${hex(offset, 2)}] ${name}: ${hex(value, width / 4)}`;
  const shown = table.fields.filter((field) => fields[field.name] !== 0 || !RESERVED.test(field.name));
  // A register that is one field says all with its value.
  if (shown.length <= 1 && (shown[0] === undefined || fields[shown[0].name] === value)) return head;
  const text = shown.map((field) => {
    const fieldValue = fields[field.name]!;
    const isFlag = field.bits[0] === field.bits[1];
    return isFlag ? `${field.name}${fieldValue === 1 ? '+' : '-'}` : `${field.name}=${fieldValue.toString(16)}`;
  });
  return `${head}  ${text.join(', ')}`;
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
  for (const { offset, id, version, name, extended, registers } of decoded.capabilities) {
    const at = `[${hex(offset, extended ? 3 : 2)}${extended ? ` v${version}` : ''}]`;
    lines.push(
      `\tCapabilities: ${at} ${name} (ID ${hex(id, extended ? 4 : 2)}${!extended && version > 0 ? `, version ${version}` : ''})`,
    );
    add(registers);
  }
  for (const { offset, text } of decoded.problems) lines.push(`\tProblem at ${hex(offset, 2)}: ${text}`);
  return lines;
}

export function renderDifference({ where, register, field, before, after }: FieldDifference): string {
  const value = (side: number | undefined) => (side === undefined ? 'not there' : side.toString(16));
  return `\t${where}  ${register}${field === register ? '' : `, ${field}`}: ${value(before)} → ${value(after)}`;
}
