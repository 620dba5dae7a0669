/** The README's coverage table: how much of each structure is in the tables, and what it was held against. */
import { readFileSync } from 'node:fs';
import { structures } from '../../spec-tables/index.ts';
import { walkCapabilities } from '../../src/config/capabilities.ts';
import { placedStructures } from '../../src/config/placed-structures.ts';
import { imagesOf, readLspci } from '../../src/formats/lspci-text.ts';
import type { Block, Register, Structure } from '../../src/spec/structure.ts';
import { scopes } from './kernel-header/scopes.ts';

/** Structures that occur in the published dumps that the decode test reads; recorded here, since the dumps are not ours to keep. */
const inRealDumps = new Set(
  readFileSync(new URL('../fixtures/dumps/structures.txt', import.meta.url), 'utf8')
    .trim()
    .split('\n'),
);
/** Structures whose registers the kernel header test compares. */
const inKernelHeader = new Set(scopes.flatMap(({ structures: described }) => described.map(({ name }) => name)));

function registersOf(structure: Structure): Register[] {
  const inBlocks = (blocks: readonly Block[]): Register[] =>
    blocks.flatMap((block) => [...block.registers, ...inBlocks(block.blocks ?? [])]);
  return [...structure.registers, ...inBlocks(structure.blocks ?? [])];
}

/** Names of the structures that the functions of a dump have. */
export function structuresIn(text: string | Uint8Array): Set<string> {
  const names = new Set<string>();
  for (const { bytes } of imagesOf(readLspci(text)))
    for (const { structure } of placedStructures(bytes, walkCapabilities(bytes).entries)) names.add(structure.name);
  return names;
}

export function coverageTable(): string {
  const qemu = new Set(
    ['q35-7.2', 'q35-11.1'].flatMap((machine) => [
      ...structuresIn(readFileSync(new URL(`../fixtures/qemu/${machine}/dump-initial.lspci`, import.meta.url))),
    ]),
  );
  const rows = structures.map((structure) => {
    const registers = registersOf(structure);
    const fields = registers.flatMap((register) => register.fields);
    const bits = fields.reduce((sum, { bits: [high, low] }) => sum + high - low + 1, 0);
    const checks = [
      qemu.has(structure.name) ? 'QEMU' : '',
      inRealDumps.has(structure.name) ? 'lspci on real dumps' : '',
      inKernelHeader.has(structure.name) ? 'kernel header' : '',
    ].filter((check) => check !== '');
    return [structure.name, registers.length, fields.length, bits, checks.join(', ') || 'pasted vectors only'];
  });
  const total = [1, 2, 3].map((column) => rows.reduce((sum, row) => sum + Number(row[column]), 0));
  return [
    '| structure | registers | fields | bits | held against |',
    '|---|---|---|---|---|',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
    `| **${rows.length} structures** | ${total.join(' | ')} | |`,
  ].join('\n');
}
