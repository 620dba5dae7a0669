/** What every table must keep to, whatever it describes. */
import { describe, expect, it } from 'vitest';
import { PciExpressCapability } from '../../spec-tables/index.ts';
import {
  type Block,
  type Condition,
  type Count,
  type Field,
  fieldMask,
  type Register,
  type Structure,
} from '../../src/spec/structure.ts';
import { structures } from '../../src/spec/structures.ts';

/** Bits that are reserved in the revision of their name, and get it from a later one. */
const reservedByOtherName = new Set(['PTM Propagation Delay Adaptation Interpretation B']);

/** Where a register can be said to come from: a specification, its revision, and a section as that numbers it. */
const SPEC_FORMS = [
  /^PCIe [567]\.\d §(\d+(\.\d+){2,}|G\.\d+\.\d+)$/,
  // Revisions whose numbers for these sections no public source gives.
  /^PCIe (3\.1|6\.[12]|7\.0)$/,
  /^(CXL \d\.\d|PCI-X 2\.0a|AGP 3\.0|AMD IOMMU \d\.\d+|AHCI \d\.\d\.\d|SHPC 1\.0|PCI-to-PCI Bridge 1\.2|PICMG 2\.1 R2\.0) §\d+(\.\d+)+$/,
  /^EHCI 1\.\d §C\.\d+$/,
  /^PC Card Standard 8\.\d \(Electrical\) §\d+(\.\d+)+$/,
  // Chapter 7 has unnumbered sections for the blocks of the revisions after 1.05.
  /^HyperTransport 3\.1 §(7(\.\d+)+|7 \([\w -]+\))$/,
  /^Trusted Configuration Space ECN \(withdrawn\)$/,
];

interface Element {
  /** Blocks around the registers, the structure's own registers outermost; the element itself last. */
  readonly scopes: readonly (readonly Register[])[];
  readonly registers: readonly Register[];
  readonly block: Block | undefined;
}

/** The structure's own registers, then each block's. */
function elementsOf(structure: Structure): Element[] {
  const elements: Element[] = [{ scopes: [structure.registers], registers: structure.registers, block: undefined }];
  const add = (blocks: readonly Block[], scopes: readonly (readonly Register[])[]) => {
    for (const block of blocks) {
      const inner = [...scopes, block.registers];
      elements.push({ scopes: inner, registers: block.registers, block });
      add(block.blocks ?? [], inner);
    }
  };
  add(structure.blocks ?? [], [structure.registers]);
  return elements;
}

/** The fields that a condition may ask for in a register of the element or in the block's own `when`, by register name. */
function askable({ scopes }: Element, inRegister: boolean): ReadonlyMap<string, Register> {
  const found = new Map<string, Register>();
  const around = inRegister ? scopes : scopes.slice(0, -1);
  around.forEach((registers, i) => {
    const depth = around.length - 1 - i;
    for (const register of registers) {
      // `{n}` is the number of the element that speaks, `{m}` of the one around it; further out there is no name.
      if (depth === 0 || !register.name.includes('{')) found.set(register.name, register);
      else if (depth === 1) found.set(register.name.replaceAll('{n}', '{m}'), register);
    }
  });
  return found;
}

/** Whether no function can meet both: they ask one field for two values, or for two kinds of function. */
function exclude(a: Condition | undefined, b: Condition | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  const apart = <T>(one: readonly T[] | undefined, other: readonly T[] | undefined) =>
    one !== undefined && other !== undefined && !one.some((value) => other.includes(value));
  if (apart(a.headerTypes, b.headerTypes) || apart(a.portTypes, b.portTypes)) return true;
  return (a.fields ?? []).some((one) =>
    (b.fields ?? []).some(
      (other) =>
        one.register === other.register &&
        one.field === other.field &&
        'equals' in one &&
        'equals' in other &&
        one.equals !== other.equals,
    ),
  );
}

/** The conditions of a field: its own, and the one where that does not hold. */
const conditionsOf = ({ when, otherwise }: Field) => [when, typeof otherwise === 'object' ? otherwise.when : undefined];

const expressRegisters = new Map<string, Register>(
  PciExpressCapability.registers.map((register) => [register.name, register]),
);

const endOf = (register: Register) => register.offset + register.width / 8;

describe.each(structures.map((structure) => [structure.name, structure] as const))('%s', (_, structure) => {
  const elements = elementsOf(structure);

  it('has fields that are inside their register and apart, and in a standard structure cover all of its bits', () => {
    for (const register of elements.flatMap(({ registers }) => registers)) {
      let covered = 0;
      for (const { name, bits } of register.fields) {
        const [high, low] = bits;
        expect(high >= low && low >= 0 && high < register.width, `${register.name}, ${name}: bits`).toBe(true);
        const mask = fieldMask(bits);
        expect((covered & mask) >>> 0, `${register.name}, ${name}: overlap`).toBe(0);
        covered += mask;
      }
      // Extended capabilities leave out reserved bits that no revision has named: a gap reads 0 and ignores writes.
      if (structure.extendedCapabilityId === undefined)
        expect(covered.toString(16), `${register.name}: all bits`).toBe((2 ** register.width - 1).toString(16));
    }
  });

  it('calls reserved fields Reserved, and no two fields of a register the same', () => {
    for (const register of elements.flatMap(({ registers }) => registers)) {
      for (const { name, attr } of register.fields)
        if ((attr === 'RsvdP' || attr === 'RsvdZ') && !reservedByOtherName.has(name))
          expect(name, register.name).toMatch(/^Reserved/);
      const names = register.fields.map(({ name }) => name);
      expect(new Set(names).size, `${register.name}: ${names.join(', ')}`).toBe(names.length);
    }
  });

  it('has reset values that fit, and registers that are aligned', () => {
    for (const register of elements.flatMap(({ registers }) => registers)) {
      expect(register.offset % (register.width / 8), register.name).toBe(0);
      for (const { name, bits, reset } of register.fields)
        expect((reset ?? 0) < 2 ** (bits[0] - bits[1] + 1), `${register.name}, ${name}`).toBe(true);
    }
  });

  it('has no register over another under the same conditions', () => {
    for (const { registers } of elements)
      registers.forEach((a, i) => {
        for (const b of registers.slice(i + 1))
          expect(
            endOf(a) <= b.offset || endOf(b) <= a.offset || exclude(a.when, b.when),
            `${a.name} and ${b.name}`,
          ).toBe(true);
      });
  });

  it('has no register on its own header', () => {
    const header = structure.headerType !== undefined ? 0 : structure.capabilityId !== undefined ? 2 : 4;
    // An extended capability whose own version counts describes its header, too.
    const isHeader = ({ offset, width }: Register) => header === 4 && offset === 0 && width === 32;
    for (const register of structure.registers)
      expect(register.offset >= header || isHeader(register), register.name).toBe(true);
  });

  it('cites its source for every register', () => {
    for (const register of elements.flatMap(({ registers }) => registers))
      expect(register.spec, register.name).toMatch(/\S/);
  });

  it('refers to registers and fields that it has', () => {
    for (const element of elements) {
      const { scopes, registers, block } = element;
      const counts = [block?.offset, block?.count, block?.stride].filter(
        (count): count is Count => typeof count === 'object',
      );
      for (const { register, field } of counts) {
        const found = [...scopes].reverse().flatMap((scope) => scope.filter(({ name }) => name === register))[0];
        expect(
          found?.fields.map(({ name }) => name),
          `count ${register}.${field}`,
        ).toContain(field);
      }
      const conditions = [
        ...(block === undefined ? [] : [[block.when, askable(element, false)] as const]),
        ...registers
          .flatMap((register) => [register.when, ...register.fields.flatMap(conditionsOf)])
          .map((condition) => [condition, askable(element, true)] as const),
      ];
      for (const [condition, known] of conditions) {
        const tests = [
          ...[...(condition?.fields ?? []), ...(condition?.anyField ?? [])].map((test) => [test, known] as const),
          ...(condition?.express ?? []).map((test) => [test, expressRegisters] as const),
        ];
        for (const [test, registersAsked] of tests) {
          const { register, field } = test;
          const value = 'atLeast' in test ? test.atLeast : test.equals;
          const asked = registersAsked.get(register)?.fields.find(({ name }) => name === field);
          expect(asked, `condition ${register}.${field}`).toBeDefined();
          expect(value < 2 ** (asked!.bits[0] - asked!.bits[1] + 1), `condition ${register}.${field}`).toBe(true);
        }
        if (condition?.version !== undefined) expect(structure.versionField).toBeDefined();
      }
    }
    if (structure.versionField !== undefined) {
      const { register, field } = structure.versionField;
      const found = structure.registers.find(({ name }) => name === register);
      expect(
        found?.fields.map(({ name }) => name),
        `version ${register}.${field}`,
      ).toContain(field);
    }
  });
});

describe('all tables', () => {
  it('have one structure an ID', () => {
    const ids = structures.map(({ capabilityId, extendedCapabilityId, headerType, dvsec }) =>
      JSON.stringify({ capabilityId, extendedCapabilityId, headerType, dvsec }),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('cite a specification, its revision, and a section of it', () => {
    const cited = structures.flatMap(elementsOf).flatMap(({ registers }) => registers.map(({ spec }) => spec));
    expect([...new Set(cited)].filter((spec) => !SPEC_FORMS.some((form) => form.test(spec)))).toEqual([]);
  });

  it('have every standard capability from 00h to 15h, and every header', () => {
    const ids = structures.flatMap(({ capabilityId }) => (capabilityId === undefined ? [] : [capabilityId]));
    expect(ids.sort((a, b) => a - b)).toEqual(Array.from({ length: 0x16 }, (_, id) => id));
    expect(structures.flatMap(({ headerType }) => headerType ?? []).sort()).toEqual([0, 1, 2]);
  });

  it('give a register name to one register; where structures share one, it is the same', () => {
    const known = new Map<string, { readonly register: Register; readonly owner: string }>();
    for (const structure of structures.filter(({ headerType }) => headerType === undefined)) {
      const names = structure.registers.map(({ name }) => name);
      expect(new Set(names).size, structure.name).toBe(names.length);
      for (const register of structure.registers) {
        const other = known.get(register.name);
        if (other !== undefined)
          expect(register.fields, `${register.name} in ${other.owner} and ${structure.name}`).toEqual(
            other.register.fields,
          );
        known.set(register.name, { register, owner: structure.name });
      }
    }
  });
});
