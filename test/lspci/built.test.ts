/**
 * Built spaces as the real lspci decodes them: every capability that has a table, in functions of every kind, with random values;
 * each is listed where it lies, and what lspci says of its fields is what was set. The expectations are lspci's words over the
 * values given, and share nothing with src.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { printLspci } from '../../src/formats/lspci-dump.ts';
import { structures } from '../../src/spec/index.ts';
import { runs } from '../generators/runs.ts';
import { Draw } from './draw.ts';
import { type Built, buildAll, extendedCases, kinds, standardCases } from './machines.ts';
import { type Lspci, lspcis } from './programs.ts';
import { type CapabilityCase, hex } from './said.ts';
import { expectGroups, readVerboseText, type SaidFunction } from './text.ts';

const work = mkdtempSync(join(tmpdir(), 'rootport-'));
afterAll(() => rmSync(work, { recursive: true }));

/** What no line may say. */
const BROKEN =
  /<unassigned>|<ignored>|<access denied>|<chain|<unreadable>|<error|<broken|<unknown>|!!!|\?\?|\bunknown\b|\breserved\b/i;

/** The heading of a capability that lspci does not know. */
function unknownHeading(of: CapabilityCase): RegExp {
  const { capabilityId, extendedCapabilityId } = of.structure;
  return extendedCapabilityId === undefined
    ? new RegExp(`^Capability ID 0x${hex(capabilityId!)} `)
    : new RegExp(`^Extended Capability ID 0x${hex(extendedCapabilityId)}$`);
}

function expectSaid({ bdf, place, header, placed }: Built, said: SaidFunction): void {
  expectGroups(said.header, header.says, `${bdf} header`);
  expect(
    said.capabilities.map(({ offset, version }) => ({ offset, version })),
    bdf,
  ).toEqual(
    placed.map(({ of, offset, version }) => ({
      offset,
      version: of.structure.extendedCapabilityId === undefined ? undefined : version,
    })),
  );
  for (const [i, { of, offset, values }] of placed.entries()) {
    const where = `${bdf} [${hex(offset)}] ${of.structure.name}`;
    const [heading = '', ...groups] = said.capabilities[i]!.groups;
    if (unknownHeading(of).test(heading)) continue;
    const name = typeof of.name === 'function' ? of.name(values, place) : of.name;
    expectGroups([heading], [[name]], where);
    // Older releases name some that newer ones decode.
    if (!heading.endsWith('<?>')) expectGroups(groups, of.says?.(values, place) ?? [], where);
  }
}

it('has a case for every capability that has a table', () => {
  const cases = [...standardCases, ...extendedCases];
  const missing = structures.filter(
    (structure) => structure.headerType === undefined && !cases.some((of) => of.structure === structure),
  );
  expect(missing.map(({ name }) => name)).toEqual([]);
  for (const of of cases)
    expect(
      kinds.some(([, headerType, portType]) => of.on?.({ headerType, portType, vendorId: 0 }) ?? true),
      of.structure.name,
    ).toBe(true);
});

/** One that is not there, so that what is skipped has a name. */
const none: Lspci = { version: '(none)', hasEcam: false, run: () => '' };
const programs = lspcis.length > 0 ? lspcis : [none];

describe.skipIf(lspcis.length === 0)('what lspci says of built spaces (skipped where it is not installed)', () => {
  it.each(programs)('lspci $version: all capabilities in all kinds of functions', ({ run }) => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const machine = buildAll(new Draw(seed));
        const file = join(work, 'built.lspci');
        writeFileSync(file, printLspci(machine.map(({ image }) => image)));
        const text = run('-F', file, '-n', '-vvv');
        const said = readVerboseText(text);
        for (const built of machine) expectSaid(built, said.get(built.bdf)!);
        expect(text.split('\n').filter((line) => BROKEN.test(line))).toEqual([]);
      }),
      runs(15),
    );
  });

  // What is checked above is read by these, so a case that lspci does not know at all would go unseen.
  it.each(programs)('lspci $version knows by name all but a few', ({ run }) => {
    const machine = buildAll(new Draw(1));
    const file = join(work, 'names.lspci');
    writeFileSync(file, printLspci(machine.map(({ image }) => image)));
    const said = readVerboseText(run('-F', file, '-n', '-vvv'));
    const unknown = machine.flatMap(({ bdf, placed }) =>
      placed.filter(({ of }, i) => unknownHeading(of).test(said.get(bdf)!.capabilities[i]!.groups[0]!)),
    );
    const newSince3_9 = ['Lane Margining at the Receiver', 'Integrity and Data Encryption', 'Physical Layer 32.0 GT/s'];
    const neverKnown = [
      ...['Flattening Portal Bridge', 'Configuration Access Correlation', 'Alternate Protocol'],
      ...['System Firmware Intermediary', 'Device 3', 'Flit Logging', 'Flit Performance Measurement'],
      ...['Flit Error Injection', 'Streamlined Virtual Channel', 'MMIO Register Block Locator', 'NOP Flit'],
      'Shadow Functions',
      ...['Scalable I/O Virtualization', 'Physical Layer 64.0 GT/s', 'Physical Layer 128.0 GT/s', 'Captured Data'],
    ];
    for (const { of } of unknown) expect([...newSince3_9, ...neverKnown]).toContain(of.structure.name);
  });
});
