/** Folds a structure's table into byte masks. Masks are never typed by hand: what a bit does is said once, in `spec-tables/`. */
import { keptByFunctionLevelReset } from '../../spec-tables/function-level-reset.ts';
import { PciExpressCapability } from '../../spec-tables/pci-express.ts';
import { type PortType, portTypes } from '../../spec-tables/port-types.ts';
import { virtualFunctionWritable } from '../../spec-tables/virtual-function.ts';
import { type Behaviour, isAction } from './behaviour.ts';
import {
  type Attribute,
  type Condition,
  type Field,
  type FieldTest,
  fieldMask,
  fieldNamed,
  registerNamed,
  type Structure,
} from './structure.ts';

/** Where every function says which header it has; PCIe 5.0 §7.5.1.1.9. */
const HEADER_TYPE_OFFSET = 0x0e;
const HEADER_LAYOUT = 0x7f;

/** A field with a named behaviour, where it lies in a function's space. */
export interface PlacedBehaviour {
  readonly behaviour: Behaviour | 'layout';
  /** Start of the structure. */
  readonly at: number;
  /** The register's DWORD, a multiple of 4. */
  readonly dword: number;
  /** The field's bits within that DWORD, unsigned. */
  readonly mask: number;
}

/** Byte masks of one function, each of the length of its space (256 or 4,096). A bit is in at most one of `rw` and `rw1c`. */
export interface Masks {
  readonly rw: Uint8Array;
  readonly rw1c: Uint8Array;
  /** Bits that every reset but a fundamental one keeps. */
  readonly sticky: Uint8Array;
  /** Bits that are not sticky and that a function level reset keeps all the same. PCIe 5.0 §6.6.2. */
  readonly keptByFlr: Uint8Array;
  /** Values of the bits of `rw` and `rw1c` after a reset. */
  readonly reset: Uint8Array;
  readonly behaviours: PlacedBehaviour[];
}

export function emptyMasks(size: number): Masks {
  return {
    rw: new Uint8Array(size),
    rw1c: new Uint8Array(size),
    sticky: new Uint8Array(size),
    keptByFlr: new Uint8Array(size),
    reset: new Uint8Array(size),
    behaviours: [],
  };
}

interface CompiledField {
  readonly mask: number;
  /** The first whose condition holds counts; the last has none. `when`: index into `conditions`, or -1. */
  readonly attributes: readonly {
    readonly when: number;
    readonly attr: Attribute;
    readonly behaviour: Behaviour | undefined;
  }[];
  /** Not writable in a VF. */
  readonly physicalOnly: boolean;
  readonly keptByFlr: boolean;
  readonly reset: number;
}

interface CompiledRegister {
  readonly offset: number;
  readonly bytes: number;
  readonly when: number;
  readonly behaviour: Behaviour | undefined;
  readonly fields: readonly CompiledField[];
}

interface CompiledTest {
  readonly offset: number;
  readonly bytes: number;
  readonly mask: number;
  readonly value: number;
  readonly atLeast: boolean;
}

interface CompiledCondition {
  readonly ports: ReadonlySet<number> | undefined;
  readonly headerTypes: readonly number[] | undefined;
  readonly tests: readonly CompiledTest[];
  /** One of them is enough; none: no such condition. */
  readonly anyTest: readonly CompiledTest[];
  /** Offsets from the PCI Express Capability. */
  readonly express: readonly CompiledTest[];
}

export interface CompiledStructure {
  readonly conditions: readonly CompiledCondition[];
  readonly registers: readonly CompiledRegister[];
}

const compiled = /* @__PURE__ */ new Map<Structure, CompiledStructure>();

/** @throws Error naming register and field, when a condition names one that the structure does not have. */
function compileStructure(structure: Structure): CompiledStructure {
  const known = compiled.get(structure);
  if (known !== undefined) return known;
  const conditions: CompiledCondition[] = [];
  const indexOf = new Map<Condition, number>();
  const conditionIndex = (condition: Condition | undefined): number => {
    if (condition === undefined) return -1;
    let index = indexOf.get(condition);
    if (index === undefined) {
      index = conditions.push(compileCondition(structure, condition)) - 1;
      indexOf.set(condition, index);
    }
    return index;
  };
  const registers = structure.registers.map((register) => ({
    offset: register.offset,
    bytes: register.width / 8,
    when: conditionIndex(register.when),
    behaviour: register.behaviour,
    fields: register.fields.map((field) => ({
      mask: fieldMask(field.bits),
      attributes: attributesOf(field).map(({ when, ...one }) => ({ when: conditionIndex(when), ...one })),
      physicalOnly: isPhysicalOnly(register.name, field.name),
      keptByFlr: isKeptByFlr(structure.name, register.name, field.name),
      reset: (field.reset ?? 0) * 2 ** field.bits[1],
    })),
  }));
  const result = { conditions, registers };
  compiled.set(structure, result);
  return result;
}

/** An action bit and a BAR are not storage that a table can describe: the first reads 0, the second depends on a size. */
function isStorage(behaviour: Behaviour | undefined): boolean {
  return !isAction(behaviour) && behaviour !== 'bar';
}

function isPhysicalOnly(register: string, field: string): boolean {
  const kept = virtualFunctionWritable.find((entry) => entry.register === register);
  return kept !== undefined && !kept.fields.includes(field);
}

function isKeptByFlr(structure: string, register: string, field: string): boolean {
  return keptByFunctionLevelReset.some(
    (entry) =>
      ('structure' in entry && entry.structure === structure) ||
      ('register' in entry && entry.register === register && entry.fields.includes(field)),
  );
}

/** What a field can be, each with its condition. */
function attributesOf({ attr, behaviour, when, otherwise = 'RO', otherwiseBehaviour }: Field) {
  const as = (condition: Condition | undefined, attribute: Attribute, does: Behaviour | undefined) => ({
    when: condition,
    attr: isStorage(does) ? attribute : ('RO' as const),
    behaviour: does,
  });
  const first = as(when, attr, behaviour);
  if (when === undefined) return [first];
  if (typeof otherwise === 'string') return [first, as(undefined, otherwise, otherwiseBehaviour)];
  return [
    first,
    as(otherwise.when, otherwise.attr, otherwiseBehaviour),
    as(undefined, otherwise.otherwise ?? 'RO', otherwiseBehaviour),
  ];
}

function compileTest(structure: Structure, test: FieldTest): CompiledTest {
  const register = registerNamed(structure, test.register);
  const field = fieldNamed(register, test.field);
  const atLeast = 'atLeast' in test;
  return {
    offset: register.offset,
    bytes: register.width / 8,
    mask: fieldMask(field.bits),
    value: (atLeast ? test.atLeast : test.equals) * 2 ** field.bits[1],
    atLeast,
  };
}

/** @throws Error naming the structure, when it has no field for its version. */
function compileVersion(structure: Structure, atLeast: number): CompiledTest {
  const { versionField } = structure;
  if (versionField === undefined)
    throw new Error(`${structure.name}: expected a versionField for a version condition, got none`);
  return compileTest(structure, { ...versionField, atLeast });
}

/** A field of the PCI Express Capability, and that the capability's version has its register. */
function compileExpressTest(test: FieldTest): CompiledTest[] {
  const { when } = registerNamed(PciExpressCapability, test.register);
  const version = when?.version === undefined ? [] : [compileVersion(PciExpressCapability, when.version.atLeast)];
  return [...version, compileTest(PciExpressCapability, test)];
}

function compileCondition(structure: Structure, condition: Condition): CompiledCondition {
  const { portTypes: ports, headerTypes, fields = [], anyField = [], express = [], version } = condition;
  return {
    ports: ports === undefined ? undefined : new Set(ports.map((name: PortType) => portTypes[name] as number)),
    headerTypes,
    tests: [
      ...fields.map((test) => compileTest(structure, test)),
      ...(version === undefined ? [] : [compileVersion(structure, version.atLeast)]),
    ],
    anyTest: anyField.map((test) => compileTest(structure, test)),
    express: express.flatMap(compileExpressTest),
  };
}

/** Little-endian, unsigned; bytes beyond the end read 0. */
function readLittleEndian(bytes: Uint8Array, offset: number, count: number): number {
  let value = 0;
  for (let i = count - 1; i >= 0; i--) value = value * 256 + (bytes[offset + i] ?? 0);
  return value;
}

/**
 * Which of the structure's conditions hold for the bytes at `at`, one character each ('0' or '1'). Two functions with the same
 * string have the same masks for this structure.
 * @param portType Device/Port Type code, or -1 for a function without a PCI Express Capability.
 * @param express where that capability is; 0 where there is none
 */
export function conditionsThatHold(
  structure: Structure,
  bytes: Uint8Array,
  at: number,
  portType: number,
  express: number,
): string {
  let result = '';
  for (const condition of compileStructure(structure).conditions)
    result += compiledHolds(condition, bytes, at, portType, express) ? '1' : '0';
  return result;
}

function compiledHolds(condition: CompiledCondition, bytes: Uint8Array, at: number, portType: number, express: number) {
  const { ports, headerTypes, tests, anyTest } = condition;
  if (ports !== undefined && !ports.has(portType)) return false;
  if (headerTypes !== undefined && !headerTypes.includes(bytes[HEADER_TYPE_OFFSET]! & HEADER_LAYOUT)) return false;
  const passes = (from: number) => (test: CompiledTest) => {
    const value = (readLittleEndian(bytes, from + test.offset, test.bytes) & test.mask) >>> 0;
    return test.atLeast ? value >= test.value : value === test.value;
  };
  if (condition.express.length > 0 && !(express !== 0 && condition.express.every(passes(express)))) return false;
  return tests.every(passes(at)) && (anyTest.length === 0 || anyTest.some(passes(at)));
}

/** Whether one condition holds, of a block or anything else that is not compiled with its structure. */
export function evaluateCondition(
  structure: Structure,
  condition: Condition,
  { bytes, at, portType, express }: { bytes: Uint8Array; at: number; portType: number; express: number },
): boolean {
  return compiledHolds(compileCondition(structure, condition), bytes, at, portType, express);
}

/**
 * Adds the structure's masks and behaviours at `at`. `holds` is what `conditionsThatHold` gave. Registers beyond the masks' end are
 * left out.
 * @param virtual the function is a VF
 */
export function foldStructure(structure: Structure, at: number, holds: string, masks: Masks, virtual = false): void {
  const isTrue = (index: number) => index < 0 || holds[index] === '1';
  for (const register of compileStructure(structure).registers) {
    if (!isTrue(register.when)) continue;
    const start = at + register.offset;
    if (register.behaviour !== undefined)
      masks.behaviours.push({ behaviour: register.behaviour, at, ...inDword(start, 256 ** register.bytes - 1) });
    let rw = 0;
    let rw1c = 0;
    let sticky = 0;
    let keptByFlr = 0;
    let reset = 0;
    for (const field of register.fields) {
      const which = field.attributes.findIndex(({ when }) => isTrue(when));
      const { attr, behaviour } = field.attributes[which]!;
      const isRw = (attr === 'RW' || attr === 'RWS') && !(virtual && field.physicalOnly);
      if (isRw) rw += field.mask;
      if (attr === 'RW1C' || attr === 'RW1CS') rw1c += field.mask;
      if (attr === 'RWS' || attr === 'RW1CS' || attr === 'ROS') sticky += field.mask;
      if (field.keptByFlr) keptByFlr += field.mask;
      if (which === 0 || attr.startsWith('RW')) reset += field.reset;
      if (behaviour !== undefined && (isRw || isAction(behaviour) || behaviour === 'doe-read-data'))
        masks.behaviours.push({ behaviour, at, ...inDword(start, field.mask) });
    }
    for (let i = 0; i < register.bytes && start + i < masks.rw.length; i++) {
      const offset = start + i;
      const shift = 256 ** i;
      // Structures that overlap in broken bytes take nothing from each other.
      masks.rw[offset]! |= Math.floor(rw / shift) & 0xff & ~masks.rw1c[offset]!;
      masks.rw1c[offset]! |= Math.floor(rw1c / shift) & 0xff & ~masks.rw[offset]!;
      masks.sticky[offset]! |= Math.floor(sticky / shift) & 0xff;
      masks.keptByFlr[offset]! |= Math.floor(keptByFlr / shift) & 0xff;
      masks.reset[offset]! |= Math.floor(reset / shift) & 0xff;
    }
  }
}

/** Where a register's bits lie in the DWORD around it. */
function inDword(offset: number, mask: number): { dword: number; mask: number } {
  return { dword: offset & ~3, mask: mask * 256 ** (offset & 3) };
}

/**
 * The bits that the structure's conditions ask about, as behaviours: where a write changes one of them, the function's masks are
 * others.
 * @param express where the PCI Express Capability is; 0 where there is none
 */
export function askedBits(structure: Structure, at: number, express: number): PlacedBehaviour[] {
  const asked = (from: number) => (test: CompiledTest) => ({
    behaviour: 'layout' as const,
    at,
    ...inDword(from + test.offset, test.mask),
  });
  return compileStructure(structure).conditions.flatMap((condition) => [
    ...[...condition.tests, ...condition.anyTest].map(asked(at)),
    ...(express === 0 ? [] : condition.express.map(asked(express))),
  ]);
}

/** The registers that are there under `holds` (from `conditionsThatHold`). */
export function presentRegisters<S extends Structure>(structure: S, holds: string): S['registers'][number][] {
  const { registers } = compileStructure(structure);
  return structure.registers.filter((_, i) => registers[i]!.when < 0 || holds[registers[i]!.when] === '1');
}

/** The value of each register that is there after a reset, by name. */
export function resetValues(structure: Structure, holds: string): Map<string, number> {
  const isTrue = (index: number) => index < 0 || holds[index] === '1';
  const values = new Map<string, number>();
  for (const [i, register] of compileStructure(structure).registers.entries()) {
    if (!isTrue(register.when)) continue;
    const fields = register.fields.filter(({ attributes }) => isTrue(attributes[0]!.when));
    values.set(
      structure.registers[i]!.name,
      fields.reduce((sum, field) => sum + field.reset, 0),
    );
  }
  return values;
}
