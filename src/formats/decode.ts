/** Registers and fields of a function by name, as its spec tables have them. */
import { type CapabilityProblem, type CapabilityWalk, walkCapabilities } from '../config/capabilities.ts';
import { type CapabilityExtent, extentOf, extentProblems } from '../config/capability-extents.ts';
import { expressOf, type PlacedStructure, placedStructures, portTypeOf } from '../config/placed-structures.ts';
import { readField } from '../spec/expand.ts';
import { conditionsThatHold, presentRegisters } from '../spec/fold.ts';
import { fieldMask, type Register, type Structure } from '../spec/structure.ts';

export interface DecodedRegister {
  readonly name: string;
  /** Bytes from the start of the function's space. */
  readonly offset: number;
  readonly width: 8 | 16 | 32;
  readonly value: number;
  /** By name, in the order of the table; a field that is the whole register is there too. */
  readonly fields: Readonly<Record<string, number>>;
  /** False where the spec gives a function like this one no such register, and yet the bytes are not 0. */
  readonly implemented: boolean;
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
  /** Of a vendor's capability: all of its bytes from the first on, as many as it states, less those beyond the space. */
  readonly data: Uint8Array | undefined;
  /** Undefined for an unknown capability. */
  readonly table: Structure | undefined;
}

export interface DecodedFunction {
  /** Undefined for a header layout that no table has (a function that reads ff, say). */
  readonly header: { readonly name: string; readonly registers: readonly DecodedRegister[] } | undefined;
  readonly capabilities: readonly DecodedCapability[];
  /** What is wrong with the lists of capabilities, and with how far these reach. */
  readonly problems: readonly CapabilityProblem[];
}

const noCapabilities: CapabilityWalk = { entries: [], problems: [] };

/**
 * @param bytes one function's space, 256 or 4,096 bytes
 * @param headerOnly capabilities are not known: none is looked for
 */
export function decodeFunction(bytes: Uint8Array, headerOnly = false): DecodedFunction {
  const { entries, problems } = headerOnly ? noCapabilities : walkCapabilities(bytes);
  const portType = portTypeOf(bytes, entries);
  const express = expressOf(entries);
  const placed = placedStructures(bytes, entries);
  const presentOf = ({ structure, at }: PlacedStructure) =>
    presentRegisters(structure, conditionsThatHold(structure, bytes, at, portType, express));
  const header = placed.find(({ structure }) => structure.headerType !== undefined);
  const extents: CapabilityExtent[] = [];
  const capabilities = entries.map((entry): DecodedCapability => {
    const here = placed.find(({ structure, at }) => at === entry.offset && structure.headerType === undefined);
    const present = here === undefined ? [] : presentOf(here);
    const registers = here === undefined ? [] : decodeRegisters(here, present, bytes);
    const extent = extentOf(bytes, entry, here?.structure, present);
    extents.push(extent);
    const table = here?.structure;
    return {
      offset: entry.offset,
      id: entry.id,
      version: entry.extended ? entry.version : ownVersion(table, registers),
      name: table?.name ?? `unknown ${entry.extended ? 'extended ' : ''}capability`,
      extended: entry.extended,
      registers,
      data:
        table?.opaqueFrom === undefined
          ? undefined
          : bytes.subarray(entry.offset, Math.min(entry.offset + (extent.statedLength ?? 0), extent.limit)),
      table,
    };
  });
  return {
    header: header && { name: header.structure.name, registers: decodeRegisters(header, presentOf(header), bytes) },
    capabilities,
    problems: [...problems, ...extentProblems(extents)],
  };
}

/**
 * The registers that are there, in the order of their offsets; and those of the table that the function should not have (slot
 * registers without a slot, say), where the bytes are not 0 and lie between registers that it has.
 */
function decodeRegisters(
  { structure, at }: PlacedStructure,
  present: readonly Register[],
  bytes: Uint8Array,
): DecodedRegister[] {
  const fits = (register: Register) => at + register.offset + register.width / 8 <= bytes.length;
  const decoded = present.filter(fits).map((register) => decodeRegister(register, bytes, at, true));
  const isPresent = new Set(present);
  const strays = structure.registers.filter(
    (register) =>
      !isPresent.has(register) && fits(register) && offsetsOf(register).some((offset) => bytes[at + offset] !== 0),
  );
  if (strays.length > 0) {
    const covered = new Set(present.flatMap(offsetsOf));
    const end = Math.max(...covered);
    for (const stray of strays) {
      if (stray.offset > end || offsetsOf(stray).some((offset) => covered.has(offset))) continue;
      decoded.push(decodeRegister(stray, bytes, at, false));
      for (const offset of offsetsOf(stray)) covered.add(offset);
    }
  }
  return decoded.sort((a, b) => a.offset - b.offset);
}

function offsetsOf({ offset, width }: Register): number[] {
  return Array.from({ length: width / 8 }, (_, i) => offset + i);
}

function ownVersion(structure: Structure | undefined, registers: readonly DecodedRegister[]): number {
  const field = structure?.versionField;
  return field === undefined ? 0 : (registers.find(({ name }) => name === field.register)?.fields[field.field] ?? 0);
}

function decodeRegister(register: Register, bytes: Uint8Array, at: number, implemented: boolean): DecodedRegister {
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
    implemented,
    table: register,
  };
}

/** Where a difference is that is in no capability. */
export const HEADER = 'Header';

/** Where a difference is that is in a capability: `Advanced Error Reporting [148]`. */
export function placeOf({ name, offset }: DecodedCapability): string {
  return `${name} [${offset.toString(16)}]`;
}

export interface FieldDifference {
  /** HEADER, or `placeOf` the capability. */
  readonly where: string;
  /** `data` for a vendor's bytes that no register covers. */
  readonly register: string;
  /** The register's name where it has no fields, `other bits` for those that no field has, the byte's offset in `data`. */
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

interface PlacedField {
  readonly where: string;
  readonly register: string;
  readonly field: string;
  readonly value: number;
}

/** Everything of a function that has a value, by a key that is the same for the same field of another state. */
function fieldsOf({ header, capabilities }: DecodedFunction): Map<string, PlacedField> {
  const fields = new Map<string, PlacedField>();
  const add = (offset: number, placed: PlacedField) =>
    fields.set(`${placed.where} ${offset} ${placed.register} ${placed.field}`, placed);
  const addRegisters = (where: string, registers: readonly DecodedRegister[]) => {
    for (const { name: register, offset, width, value, fields: values, table } of registers) {
      for (const [field, fieldValue] of Object.entries(values))
        add(offset, { where, register, field, value: fieldValue });
      const named = table.fields.reduce((sum, { bits }) => sum + fieldMask(bits), 0);
      if (named === 0) add(offset, { where, register, field: register, value });
      else if (named !== 2 ** width - 1)
        add(offset, { where, register, field: 'other bits', value: (value & ~named) >>> 0 });
    }
  };
  if (header !== undefined) addRegisters(HEADER, header.registers);
  for (const capability of capabilities) {
    const { offset, registers, data, table } = capability;
    const where = placeOf(capability);
    addRegisters(where, registers);
    const end = Math.max(...registers.map((register) => register.offset + register.width / 8), offset);
    for (let at = Math.max(end, offset + (table?.opaqueFrom ?? 0)); at < offset + (data?.length ?? 0); at++)
      add(at, { where, register: 'data', field: at.toString(16), value: data![at - offset]! });
  }
  return fields;
}
