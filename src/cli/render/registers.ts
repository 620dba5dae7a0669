/** Registers of a refusal, decoded for reading. */

import { AdvancedErrorReporting, PciExpressCapability, Type0Header } from '../../../spec-tables/index.ts';
import { formatBdf } from '../../config/bdf.ts';
import { describeTlp } from '../../formats/tlp-json.ts';
import type { RefusalRegisters } from '../../lab/refusal-registers.ts';
import { COMMAND_BUS_MASTER_ENABLE } from '../../spec/constants.ts';
import { registerNamed, type Structure } from '../../spec/structure.ts';
import { hex } from './hex.ts';

/** Names of the single-bit fields that are set. */
function bitsSet(structure: Structure, registerName: string, value: number): string {
  const names = registerNamed(structure, registerName)
    .fields.filter(({ bits: [high, low] }) => high === low && (value & (2 ** low)) !== 0)
    .map(({ name }) => name);
  return names.length === 0 ? 'none' : names.join(', ');
}

export function renderRegisters(name: string, registers: RefusalRegisters): string[] {
  const { aer } = registers;
  const lines = [
    `  ${name} Command                          ${hex(registers.command, 4)}      ${commandBits(registers.command)}`,
    `  ${name} Device Control                   ${hex(registers.deviceControl, 4)}      ${bitsSet(PciExpressCapability, 'Device Control', registers.deviceControl)}`,
    `  ${name} Device Status                    ${hex(registers.deviceStatus, 4)}      ${bitsSet(PciExpressCapability, 'Device Status', registers.deviceStatus)}`,
  ];
  if (aer === undefined) return [...lines, `  ${name} has no AER`];
  const bits = (register: string, value: number) => bitsSet(AdvancedErrorReporting, register, value);
  lines.push(
    `  ${name} AER Uncorrectable Error Status   ${hex(aer.uncorrectableStatus, 8)}  ${bits('Uncorrectable Error Status', aer.uncorrectableStatus)}`,
    `  ${name} AER Uncorrectable Error Mask     ${hex(aer.uncorrectableMask, 8)}  ${bits('Uncorrectable Error Mask', aer.uncorrectableMask)}`,
    `  ${name} AER Uncorrectable Error Severity ${hex(aer.uncorrectableSeverity, 8)}  fatal: ${bits('Uncorrectable Error Severity', aer.uncorrectableSeverity)}`,
    `  ${name} AER First Error Pointer          ${hex(aer.firstErrorPointer, 2)}        bit ${aer.firstErrorPointer}`,
    `  ${name} AER Header Log                   ${aer.headerLog.map((word) => hex(word, 8)).join(' ')}`,
    `  ${' '.repeat(name.length)}   that is ${describeTlp(aer.loggedTlp)}`,
    `  ${name} AER Root Error Status            ${hex(aer.rootErrorStatus, 8)}  ${bits('Root Error Status', aer.rootErrorStatus)}`,
    `  ${name} AER Error Source Identification  ${hex(aer.errorSource, 8)}  ${errorSource(aer.errorSource)}`,
  );
  return lines;
}

/** The bit that is asked for most is named either way. */
function commandBits(command: number): string {
  const set = bitsSet(Type0Header, 'Command', command);
  return (command & COMMAND_BUS_MASTER_ENABLE) === 0 ? `${set}; Bus Master Enable clear` : set;
}

/** ERR_COR source in 15:0, ERR_FATAL/NONFATAL source in 31:16. */
function errorSource(value: number): string {
  return `ERR_COR ${formatBdf(0, value & 0xffff)}, ERR_FATAL/NONFATAL ${formatBdf(0, value >>> 16)}`;
}
