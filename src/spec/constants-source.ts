/** Derives the text of `constants.ts` from the spec tables: a register's offset, a field's mask within its register. */

import { messageCodes } from '../../spec-tables/message-codes.ts';
import { completionStatus } from '../../spec-tables/tlp-types.ts';
import { type Block, fieldMask, type Register } from './structure.ts';
import { structures } from './structures.ts';

/** `SERR# Enable` becomes `SERR_ENABLE`, `I/O Base` becomes `IO_BASE`. */
function constantName(...parts: readonly string[]): string {
  return parts
    .join(' ')
    .replaceAll('I/O', 'IO')
    .replaceAll('#', '')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toUpperCase();
}

const hex = (value: number, digits: number) => `0x${value.toString(16).padStart(digits, '0')}`;

/** @throws Error naming the constant, when two tables give one name two values. */
export function constantsSource(): string {
  const values = new Map<string, string>();
  const add = (name: string, value: string) => {
    const old = values.get(name);
    if (old !== undefined && old !== value) throw new Error(`${name}: expected one value, got ${old} and ${value}`);
    values.set(name, value);
  };
  for (const structure of structures) {
    if (structure.capabilityId !== undefined)
      add(constantName('capability id', structure.name), hex(structure.capabilityId, 2));
    if (structure.extendedCapabilityId !== undefined)
      add(constantName('extended capability id', structure.name), hex(structure.extendedCapabilityId, 4));
    addRegisters(structure.registers, add);
    addBlocks(structure.blocks ?? [], add);
  }
  for (const [name, { code }] of Object.entries(messageCodes)) add(constantName('message', name), hex(code, 2));
  for (const [name, code] of Object.entries(completionStatus)) add(constantName('completion status', name), `${code}`);
  const lines = [...values].map(([name, value]) => `export const ${name} = ${value};`);
  return `// Generated from spec-tables/ by \`npm run generate\`; a test fails when it has drifted.\n${lines.join('\n')}\n`;
}

type Add = (name: string, value: string) => void;

function addRegisters(registers: readonly Register[], add: Add): void {
  for (const register of registers) {
    const name = register.name.replace(/ ?\{[nm]\}/g, '');
    add(constantName(name), hex(register.offset, 2));
    for (const field of register.fields) {
      // A field that is the whole register, under its name, needs no mask; reserved bits need no name.
      if (field.name === register.name || /^(Reserved|Undefined)/.test(field.name)) continue;
      add(constantName(name, field.name), hex(fieldMask(field.bits), register.width / 4));
    }
  }
}

/** Offsets of a block's registers count from their element. */
function addBlocks(blocks: readonly Block[], add: Add): void {
  for (const block of blocks) {
    addRegisters(block.registers, add);
    addBlocks(block.blocks ?? [], add);
  }
}
