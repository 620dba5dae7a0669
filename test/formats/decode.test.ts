/** Decoding by the tables: what lspci finds is found and no other, every register has a name, and differences show by field. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { formatBdf } from '../../src/config/bdf.ts';
import { decodeFunction, differences } from '../../src/formats/decode.ts';
import { imagesOf, readLspci } from '../../src/formats/lspci-text.ts';
import { hpeGen9 } from '../../src/platforms/hpe-gen9.ts';

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
const hasLspci = lspci('--version') !== undefined;

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
