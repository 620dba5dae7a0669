/** Decoding by the tables: what lspci finds is found and no other, every register has a name, and differences show by field. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { formatBdf } from '../../src/config/bdf.ts';
import { decodeFunction, differences } from '../../src/formats/decode.ts';
import { imagesOf, readLspci } from '../../src/formats/lspci-text.ts';
import { hpeGen9 } from '../../src/platforms/hpe-gen9.ts';
import { type PrintedField, printedFields } from './lspci-fields.ts';

/** A bridge has other registers in its PCI-X Capability than another function, of which lspci prints the same names. */
const mayBeAbsent = /^PCI-X (Bridge )?Status$/;

const dumps = new URL('../../../shared/dumps/', import.meta.url);
const hasDumps = existsSync(dumps);
const files = hasDumps ? readdirSync(dumps) : [];

function lspci(...args: string[]): string | undefined {
  try {
    return execFileSync('lspci', args, { stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1 << 28 }).toString();
  } catch {
    return undefined;
  }
}
const version = lspci('--version') ?? '';
const hasLspci = version !== '';

/** `offset version` of each capability that lspci lists, by function; the version of extended ones only. */
function capabilitiesByLspci(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of text.split('\n')) {
    const fn = /^((?:[0-9a-f]{4,}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]) /.exec(line);
    if (fn !== null) {
      current = [];
      found.set(fn[1]!.replace(/^0000:/, ''), current);
    }
    const capability = /^\tCapabilities: \[([0-9a-f]+)(?: v(\d+))?\] /.exec(line);
    if (capability !== null) current.push(`${capability[1]} ${capability[2] ?? '-'}`);
  }
  return found;
}

/** By function, by capability (offset; '' for what stands before them): the lines of each label, joined. '' is the first line. */
function labelsByLspci(text: string): Map<string, Map<string, Map<string, string>>> {
  const functions = new Map<string, Map<string, Map<string, string>>>();
  let capabilities = new Map<string, Map<string, string>>();
  let labels = new Map<string, string>();
  let label = '';
  for (const line of text.split('\n')) {
    const fn = /^((?:[0-9a-f]{4,}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]) /.exec(line);
    const capability = /^\tCapabilities: \[([0-9a-f]+)(?: v\d+)?\] (.*)$/.exec(line);
    // Labels of the header are indented once, those of a capability twice; what is deeper goes on.
    const indent = labels === capabilities.get('') ? '\t' : '\t\t';
    const labelled = new RegExp(`^${indent}([A-Z][^\\t:]*):\\s*(.*)$`).exec(line);
    if (fn !== null) {
      capabilities = new Map([['', new Map<string, string>()]]);
      labels = capabilities.get('')!;
      label = '';
      functions.set(fn[1]!.replace(/^0000:/, ''), capabilities);
    } else if (capability !== null) {
      labels = new Map([['', capability[2]!]]);
      label = '';
      capabilities.set(capability[1]!, labels);
    } else if (labelled !== null) {
      label = labelled[1]!;
      labels.set(label, labelled[2]!);
    } else if (/^\t/.test(line) && label !== '') labels.set(label, `${labels.get(label)} ${line.trim()}`);
  }
  return functions;
}

describe.skipIf(!hasDumps || !hasLspci)('real dumps (skipped without ../shared/dumps and lspci)', () => {
  it.each(files)('%s: the capabilities that lspci finds, and no other', (file) => {
    const path = new URL(file, dumps).pathname;
    const text = lspci('-F', path, '-vvv');
    const dump = readLspci(readFileSync(path));
    for (const [i, image] of imagesOf(dump).entries()) {
      // lspci reads no capabilities of a function that it has only the header of.
      if (dump.functions[i]!.bytes.length < 256) continue;
      const decoded = decodeFunction(image.bytes);
      for (const { name, extended, id, registers } of decoded.capabilities) {
        expect(name, `${extended ? 'extended ' : ''}${id.toString(16)}`).not.toMatch(/^unknown/);
        for (const register of registers) expect(register.name).not.toBe('');
      }
      if (text === undefined) continue;
      const bdf = formatBdf(image.segment, image.routingId, image.segment !== 0);
      const theirs = capabilitiesByLspci(text).get(bdf);
      const ours = decoded.capabilities.map(
        ({ offset, extended, version }) => `${offset.toString(16).padStart(2, '0')} ${extended ? version : '-'}`,
      );
      expect(ours, bdf).toEqual(theirs);
    }
  });

  it('every field that lspci prints a value of, in all dumps', () => {
    const compared = new Set<PrintedField>();
    const wrong: string[] = [];
    let values = 0;
    for (const file of files) {
      const path = new URL(file, dumps).pathname;
      const text = lspci('-F', path, '-vvv');
      if (text === undefined) continue;
      const labels = labelsByLspci(text);
      for (const image of imagesOf(readLspci(readFileSync(path)))) {
        const bdf = formatBdf(image.segment, image.routingId, image.segment !== 0);
        const { header, capabilities } = decodeFunction(image.bytes, image.headerOnly);
        const parts = [
          // The two other layouts are printed under the names of their own.
          { at: '', name: 'Header', registers: header?.name === 'Type 2 Header' ? [] : (header?.registers ?? []) },
          ...capabilities.map(({ offset, name, registers }) => ({
            at: offset.toString(16).padStart(2, '0'),
            name,
            registers,
          })),
        ];
        for (const { at, name, registers } of parts)
          for (const printed of printedFields) {
            if (printed.structure !== name) continue;
            const theirs = printed.pattern.exec(labels.get(bdf)?.get(at)?.get(printed.label) ?? '')?.[1];
            const register = registers.find((candidate) => candidate.name === printed.register);
            if (theirs === undefined || (register === undefined && mayBeAbsent.test(printed.register))) continue;
            compared.add(printed);
            values++;
            const ours = register?.fields[printed.field];
            if (ours !== printed.value(theirs))
              wrong.push(`${file} ${bdf} [${at}] ${printed.register}, ${printed.field}: ${ours}, lspci ${theirs}`);
          }
      }
    }
    expect(wrong).toEqual([]);
    // Another release prints some under other names.
    const never = printedFields.filter((printed) => version.includes(' 3.9.') && !compared.has(printed));
    expect(never.map(({ register, field }) => `${register}, ${field}`)).toEqual([]);
    expect(values).toBeGreaterThan(10_000);
  });
});

it('gives a field what its bits hold', () => {
  const port = hpeGen9.functions().find(({ routingId }) => routingId === 0x0012)!;
  const { header, capabilities } = decodeFunction(port.bytes);
  expect(header?.registers.find(({ name }) => name === 'Command')).toMatchObject({
    offset: 4,
    value: 0x0407,
    fields: { 'Bus Master Enable': 1, 'SERR# Enable': 0, 'Interrupt Disable': 1 },
  });
  const express = capabilities.find(({ name }) => name === 'PCI Express');
  expect(express).toMatchObject({ offset: 0x90, id: 0x10, version: 2, extended: false });
  expect(express?.registers.find(({ name }) => name === 'Device Control')?.fields).toMatchObject({
    'Unsupported Request Reporting Enable': 1,
    Max_Payload_Size: 1,
  });
});

it('tells two states of a function apart by field', () => {
  const port = hpeGen9.functions().find(({ routingId }) => routingId === 0x0012)!;
  const after = port.bytes.slice();
  after[4]! &= ~4;
  after[0x148 + 4 + 2]! |= 0x10;
  expect(differences(decodeFunction(port.bytes), decodeFunction(after))).toEqual([
    { where: 'Header', register: 'Command', field: 'Bus Master Enable', before: 1, after: 0 },
    {
      where: 'Advanced Error Reporting [148]',
      register: 'Uncorrectable Error Status',
      field: 'Unsupported Request Error',
      before: 0,
      after: 1,
    },
  ]);
});

it('reports chains that are broken and never loops', () => {
  const bytes = new Uint8Array(4096);
  bytes[6] = 0x10;
  bytes[0x34] = 0x40;
  bytes.set([0x10, 0x40], 0x40);
  bytes.set([0x01, 0x00, 0x01, 0x10], 0x100);
  const { capabilities, problems } = decodeFunction(bytes);
  expect(capabilities.map(({ offset }) => offset)).toEqual([0x40, 0x100]);
  expect(problems).toHaveLength(2);
});

/** A function with one capability list: the hex of each lies at its offset, pointers given. */
function functionWith(...pieces: readonly (readonly [number, string])[]): Uint8Array {
  const bytes = new Uint8Array(4096);
  bytes[6] = 0x10;
  bytes[0x34] = 0x40;
  for (const [offset, hex] of pieces) bytes.set(Buffer.from(hex.replaceAll(' ', ''), 'hex'), offset);
  return bytes;
}

it("keeps a vendor's capability as bytes of its stated length", () => {
  const bytes = functionWith(
    [0x40, '09 50 07 aa bb cc dd ee'],
    [0x50, '10 00 02 00'],
    [0x100, '0b 00 01 20 34 12 c0 00 01 02 03 04 05'],
    [0x200, '23 00 01 00 98 1e d0 00 ff ff 77 88 99 aa'],
  );
  const [vendor, express, vsec, dvsec] = decodeFunction(bytes).capabilities;
  const hex = (data: Uint8Array | undefined) => data && Buffer.from(data).toString('hex');
  expect(hex(vendor?.data)).toBe('095007aabbccdd');
  expect(express?.data).toBeUndefined();
  expect(hex(vsec?.data)).toBe('0b0001203412c00001020304');
  expect(hex(dvsec?.data)).toBe('23000100981ed000ffff778899');
  // Not the bytes behind its part of the space.
  const [long] = decodeFunction(functionWith([0x34, 'f0'], [0xf0, '09 00 30'], [0x100, 'ff ff'])).capabilities;
  expect(hex(long?.data)).toBe(`090030${'00'.repeat(13)}`);
  const after = bytes.slice();
  after[0x46] = 0xde;
  after[0x47] = 0;
  expect(differences(decodeFunction(bytes), decodeFunction(after))).toEqual([
    { where: 'Vendor-Specific [40]', register: 'data', field: '46', before: 0xdd, after: 0xde },
  ]);
});

it('shows a register that the function should not have, where its bytes are not 0', () => {
  // A root port without a slot, with Slot Capabilities all the same.
  const bytes = functionWith([0x40, '10 00 42 00'], [0x54, '60 00 04 00']);
  const shown = (image: Uint8Array) =>
    decodeFunction(image).capabilities[0]!.registers.filter(({ name }) => name.startsWith('Slot '));
  expect(shown(bytes)).toMatchObject([{ name: 'Slot Capabilities', offset: 0x54, value: 0x40060, implemented: false }]);
  // Behind its last register the bytes are not the capability's: version 1 has no Device Capabilities 2.
  const short = functionWith([0x40, '10 00 01 00'], [0x64, '1f']);
  expect(decodeFunction(short).capabilities[0]!.registers.filter(({ implemented }) => !implemented)).toEqual([]);
  bytes.fill(0, 0x54, 0x58);
  expect(shown(bytes)).toEqual([]);
  bytes[0x43] = 1;
  expect(shown(bytes).slice(0, 2)).toMatchObject([
    { name: 'Slot Capabilities', implemented: true },
    { name: 'Slot Control', implemented: true },
  ]);
});

it('looks for no capabilities where only the header is known', () => {
  const { header, capabilities, problems } = decodeFunction(functionWith([0x40, '01 00']), true);
  expect(header?.name).toBe('Type 0 Header');
  expect([capabilities, problems]).toEqual([[], []]);
});

it('tells bits apart that no field has', () => {
  const bytes = functionWith([0x40, '10 00 02 00'], [0x100, '01 00 02 00']);
  const after = bytes.slice();
  // Bit 1 of Uncorrectable Error Mask.
  after[0x108] = 0x02;
  expect(differences(decodeFunction(bytes), decodeFunction(after))).toEqual([
    {
      where: 'Advanced Error Reporting [100]',
      register: 'Uncorrectable Error Mask',
      field: 'other bits',
      before: 0,
      after: 2,
    },
  ]);
});
