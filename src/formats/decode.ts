/** Registers and fields of a function by name, as its spec tables have them. */
import { walkCapabilities } from '../config/capabilities.ts';
import { placedStructures, portTypeOf, structureOf } from '../config/placed-structures.ts';
import { readField } from '../spec/expand.ts';
import { conditionsThatHold, presentRegisters } from '../spec/fold.ts';
import type { Register, Structure } from '../spec/structure.ts';

export interface DecodedRegister {
  readonly name: string;
  /** Bytes from the start of the function's space. */
  readonly offset: number;
  readonly width: 8 | 16 | 32;
  readonly value: number;
  /** By name, in the order of the table; a field that is the whole register is there too. */
  readonly fields: Readonly<Record<string, number>>;
  /** Its row of the table: how wide each field is, and where it is specified. */
  readonly table: Register;
}

export interface DecodedCapability {
  readonly offset: number;
  readonly id: number;
  /** Bits 19:16 of an extended capability's header; a standard one's own version field, 0 where it has none. */
  readonly version: number;
  readonly name: string;
  readonly extended: boolean;
  readonly registers: readonly DecodedRegister[];
}

export interface DecodedFunction {
  /** Undefined for a header layout that no table has (a function that reads ff, say). */
  readonly header: { readonly name: string; readonly registers: readonly DecodedRegister[] } | undefined;
  readonly capabilities: readonly DecodedCapability[];
  /** What is wrong with the lists of capabilities. */
  readonly problems: readonly { readonly offset: number; readonly text: string }[];
}

/** @param bytes one function's space, 256 or 4,096 bytes */
export function decodeFunction(bytes: Uint8Array): DecodedFunction {
  const { entries, problems } = walkCapabilities(bytes);
  const portType = portTypeOf(bytes, entries);
  const placed = placedStructures(bytes, entries);
  const registersOf = (structure: Structure, at: number) =>
    presentRegisters(structure, conditionsThatHold(structure, bytes, at, portType))
      .filter((register) => at + register.offset + register.width / 8 <= bytes.length)
      .map((register) => decodeRegister(register, bytes, at))
      .sort((a, b) => a.offset - b.offset);
  const header = placed.find(({ structure }) => structure.headerType !== undefined);
  return {
    header:
      header === undefined
        ? undefined
        : { name: header.structure.name, registers: registersOf(header.structure, header.at) },
    capabilities: entries.map((entry) => {
      const table = structureOf(bytes, entry);
      const here = placed.find(({ structure, at }) => at === entry.offset && structure.headerType === undefined);
      const registers = here === undefined ? [] : registersOf(here.structure, here.at);
      return {
        offset: entry.offset,
        id: entry.id,
        version: entry.extended ? entry.version : ownVersion(table, registers),
        name: table?.name ?? `unknown ${entry.extended ? 'extended ' : ''}capability`,
        extended: entry.extended,
        registers,
      };
    }),
    problems,
  };
}

function ownVersion(structure: Structure | undefined, registers: readonly DecodedRegister[]): number {
  const field = structure?.versionField;
  return field === undefined ? 0 : (registers.find(({ name }) => name === field.register)?.fields[field.field] ?? 0);
}

function decodeRegister(register: Register, bytes: Uint8Array, at: number): DecodedRegister {
  const offset = at + register.offset;
  const whole = { name: '', bits: [register.width - 1, 0] as const, attr: 'RO' as const };
  return {
    name: register.name,
    offset,
    width: register.width,
    value: readField(bytes, offset, register.width, whole),
    fields: Object.fromEntries(
      register.fields.map((field) => [field.name, readField(bytes, offset, register.width, field)]),
    ),
    table: register,
  };
}

export interface FieldDifference {
  /** `Header`, or the capability's name and offset. */
  readonly where: string;
  readonly register: string;
  readonly field: string;
  readonly before: number | undefined;
  readonly after: number | undefined;
}

/** What changed from one state of a function to another, by field; a field that only one of them has is undefined in the other. */
export function differences(before: DecodedFunction, after: DecodedFunction): FieldDifference[] {
  const [old, now] = [fieldsOf(before), fieldsOf(after)];
  const keys = new Set([...old.keys(), ...now.keys()]);
  return [...keys].flatMap((key) => {
    const [a, b] = [old.get(key), now.get(key)];
    const { where, register, field } = (a ?? b)!;
    return a?.value === b?.value ? [] : [{ where, register, field, before: a?.value, after: b?.value }];
  });
}

function fieldsOf({ header, capabilities }: DecodedFunction) {
  const fields = new Map<string, { where: string; register: string; field: string; value: number }>();
  const add = (where: string, registers: readonly DecodedRegister[]) => {
    for (const { name, offset, fields: values } of registers)
      for (const [field, value] of Object.entries(values))
        fields.set(`${where} ${offset} ${name} ${field}`, { where, register: name, field, value });
  };
  if (header !== undefined) add('Header', header.registers);
  for (const { name, offset, registers } of capabilities) add(`${name} [${offset.toString(16)}]`, registers);
  return fields;
}
