/** The README's coverage table: how much of each structure is in the tables, and what it was checked against. */
import { readFileSync } from 'node:fs';
import { walkCapabilities } from '../../src/config/capabilities.ts';
import { type PlacedStructure, placedStructures } from '../../src/config/placed-structures.ts';
import { imagesOf, readLspci } from '../../src/formats/lspci-text.ts';
import type { Block, Register, Structure } from '../../src/spec/structure.ts';
import { structures } from '../../src/spec/structures.ts';
import * as bridgeEmulation from '../config/bridge-emulation-port.ts';
import * as silicon from '../config/silicon-port.ts';
import { scopes } from './kernel-header/scopes.ts';

/** Structures that occur in the published dumps that the decode test reads; recorded here, since the dumps are not ours to keep. */
const inRealDumps = new Set(
  readFileSync(new URL('../fixtures/dumps/structures.txt', import.meta.url), 'utf8')
    .trim()
    .split('\n'),
);
/** Structures whose registers the kernel header test compares. */
const inKernelHeader = new Set(scopes.flatMap(({ structures: described }) => described.map(({ name }) => name)));
/** Structures of which silicon has a writable bit. */
const inSilicon = namesAt(
  silicon.port.bytes,
  silicon.siliconBits.filter(({ access }) => access !== 'other').map(({ offset }) => offset),
);
/** Structures of which Linux's emulated root port has masks. */
const inLinuxSource = namesAt(bridgeEmulation.port.bytes, [
  ...bridgeEmulation.headerBits.map(({ offset }) => offset),
  ...bridgeEmulation.pciExpressBits.map(({ offset }) => bridgeEmulation.EXPRESS + offset),
]);

/** Names of the structures of one function that have a register in the DWORDs at these offsets. */
function namesAt(bytes: Uint8Array, offsets: readonly number[]): Set<string> {
  const dwords = new Set(offsets);
  const placed = placedStructures(bytes, walkCapabilities(bytes).entries);
  const isThere = ({ structure, at }: PlacedStructure) =>
    structure.registers.some(({ offset }) => dwords.has((at + offset) & ~3));
  return new Set(placed.filter(isThere).map(({ structure }) => structure.name));
}

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
      inRealDumps.has(structure.name) ? 'lspci, real dump' : '',
      inKernelHeader.has(structure.name) ? 'kernel header' : '',
      inSilicon.has(structure.name) ? 'silicon' : '',
      inLinuxSource.has(structure.name) ? 'Linux source' : '',
    ].filter((check) => check !== '');
    return [structure.name, registers.length, fields.length, bits, checks.join(', ') || 'none'];
  });
  const total = [1, 2, 3].map((column) => rows.reduce((sum, row) => sum + Number(row[column]), 0));
  return [
    '| structure | registers | fields | bits | checked against |',
    '|---|---|---|---|---|',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
    `| **${rows.length} structures** | ${total.join(' | ')} | |`,
  ].join('\n');
}
