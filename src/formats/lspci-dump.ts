/** Prints functions as `lspci -F FILE -n -xxxx` does (pciutils 3.9, ls-kernel and lspci.c's show_terse and show_hex_dump). */
import { formatBdf } from '../config/bdf.ts';
import { u16At } from '../config/little-endian.ts';
import type { LspciFunction } from './lspci-text.ts';

type Printed = Pick<LspciFunction, 'segment' | 'routingId' | 'bytes'>;

const hexByte = /* @__PURE__ */ Array.from({ length: 256 }, (_, byte) => ` ${byte.toString(16).padStart(2, '0')}`);

/** All functions in order of domain, bus, device and function, a blank line behind each. Domains show where any is not 0. */
export function printLspci(functions: readonly Printed[]): string {
  return [...printLspciFunctions(functions)].join('');
}

/** As `printLspci`, a function at a time: the whole of a large machine is more than a string can hold. */
export function* printLspciFunctions(functions: readonly Printed[]): Generator<string> {
  const withDomain = functions.some(({ segment }) => segment !== 0);
  const sorted = [...functions].sort((a, b) => a.segment - b.segment || a.routingId - b.routingId);
  for (const fn of sorted) yield `${firstLine(fn, withDomain)}\n${rows(fn.bytes)}\n`;
}

function firstLine({ segment, routingId, bytes }: Printed, withDomain: boolean): string {
  const word = (offset: number) => u16At(bytes, offset).toString(16).padStart(4, '0');
  const revision = bytes[8] === 0 ? '' : ` (rev ${bytes[8]!.toString(16).padStart(2, '0')})`;
  return `${formatBdf(segment, routingId, withDomain)} ${word(0x0a)}: ${word(0)}:${word(2)}${revision}`;
}

function rows(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 16) {
    text += `${i.toString(16).padStart(2, '0')}:`;
    for (let j = i; j < i + 16; j++) text += hexByte[bytes[j]!];
    text += '\n';
  }
  return text;
}
