/** Bytes of a TLP from what people have: hex in any grouping, or a line of a kernel's log. */
import { headerLength, tlpTypeOfByte } from '../tlp/header.ts';
import { decodeTlp } from '../tlp/packet.ts';
import { verdictOf } from '../tlp/verdict.ts';
import { InputError } from './input-error.ts';

export interface TlpInput {
  readonly bytes: Uint8Array;
  /** A header log: nothing behind the header was written down. */
  readonly headerLog: boolean;
  /** A header of Flit Mode. */
  readonly flit: boolean;
}

/**
 * What a header log has before it: Linux's `TLP Header:` (to 6.13 with bare words, then with 0x, prefixes and Flit Mode), its trace
 * event's `TLP Header={`, its CPER printer's `aer_tlp_header:`, and lspci's `HeaderLog:`.
 */
const LOG = /(?:\bTLP Header(?<flit> \(Flit\))?|\bHeaderLog|\baer_tlp_header)\s*[:=]\s*(?<words>.*)$/i;
const PREFIXES = /E-E Prefixes:/i;

/** Whether the line has a header log. */
export function hasHeaderLog(line: string): boolean {
  return LOG.test(line);
}

/** Whether the line is one of a log or of prose, with no TLP in it. */
export function hasNoTlp(line: string): boolean {
  if (LOG.test(line)) return false;
  return /[:=[\]()]/.test(line) || !/^\s*(?:0x)?[0-9a-f]{2}/i.test(line);
}

/**
 * Reads one TLP.
 *
 * - A kernel's or lspci's header log, wherever in the line.
 * - Hex in words of any whole number of bytes, byte 0 first; words with `0x` are DWORDs, or bytes where all have two digits, as in C.
 *
 * Four DWORDs in words, without more, are a header log too: a header of three DWORDs leaves its fourth one over. They are a whole TLP
 * where the fourth fits as payload and is not 0. Without blanks it is the other way round: 16 bytes are a header log only where the
 * last four do not fit and are 0.
 * @throws InputError that says which word is wrong
 */
export function readTlpInput(text: string, flit = false): TlpInput {
  const log = LOG.exec(text);
  if (log !== null) return headerLog(log.groups!.words!, flit || log.groups!.flit !== undefined);
  const words = text.split(/[\s,{}]+/).filter((word) => word !== '');
  if (words.length === 0) throw new InputError('TLP: expected hex, got nothing');
  const isBytes = words.every((word) => /^0x[0-9a-f]{2}$/i.test(word));
  const bytes = Uint8Array.from(
    words.flatMap((word, index) => bytesOf(isBytes ? word.slice(2) : word, `word ${index + 1}`)),
  );
  if (flit) return { bytes, headerLog: false, flit };
  const type = tlpTypeOfByte(bytes[0]!);
  if (bytes.length !== 16 || type === undefined) return { bytes, headerLog: false, flit };
  const fits = headerLength(type) === 12 && !verdictOf(decodeTlp(bytes)).rules.some(({ spec }) => isOfSize(spec));
  const empty = bytes.subarray(12).every((byte) => byte === 0);
  const inDwords = words.length === 4 && words.every((word) => /^(?:0x[0-9a-f]+|[0-9a-f]{8})$/i.test(word));
  const isLog = inDwords ? !fits || empty : headerLength(type) === 12 && !fits && empty;
  return isLog
    ? { bytes: bytes.slice(0, headerLength(type)), headerLog: true, flit }
    : { bytes, headerLog: false, flit };
}

function isOfSize(spec: string): boolean {
  return spec === '§2.2.2' || spec === '§2.2.3';
}

/** @param text what follows the label */
function headerLog(text: string, flit: boolean): TlpInput {
  const [header = '', prefixes = ''] = text.split(PREFIXES);
  const words = leadingDwords(header);
  if (words.length < (flit ? 1 : 4))
    throw new InputError(`TLP Header: expected four DWORDs in hex, got ${words.length}: "${header.trim()}"`);
  const bytesOfHeader = words.slice(0, flit ? undefined : 4).flatMap((word) => bytesOf(word, 'TLP Header'));
  const type = flit ? undefined : tlpTypeOfByte(bytesOfHeader[0]!);
  const bytes = Uint8Array.from([
    ...leadingDwords(prefixes).flatMap((word) => bytesOf(word, 'E-E Prefixes')),
    ...bytesOfHeader.slice(0, type === undefined ? undefined : headerLength(type)),
  ]);
  return { bytes, headerLog: true, flit };
}

/** DWORDs up to the first word that is none. */
function leadingDwords(text: string): string[] {
  const words = text.split(/[\s,{}]+/).filter((word) => word !== '');
  const end = words.findIndex((word) => !/^(?:0x)?[0-9a-f]{1,8}$/i.test(word));
  return (end < 0 ? words : words.slice(0, end)).map((word) => `0x${word.replace(/^0x/i, '')}`);
}

function bytesOf(word: string, where: string): number[] {
  const hasMark = /^0x/i.test(word);
  const digits = hasMark ? word.slice(2) : word;
  if (!/^[0-9a-f]+$/i.test(digits)) throw new InputError(`TLP ${where}: expected hex, got "${word}"`);
  // With the mark it is a number: a DWORD whose leading zeros may be missing.
  const padded = hasMark && digits.length < 8 ? digits.padStart(8, '0') : digits;
  if (padded.length % 2 !== 0)
    throw new InputError(`TLP ${where}: expected whole bytes, got the ${digits.length} digits "${word}"`);
  return padded.match(/../g)!.map((pair) => Number.parseInt(pair, 16));
}

/** Arguments as TLPs: each its own where each is long enough for a header, else all together the words of one. */
export function tlpTexts(args: readonly string[]): string[] {
  const whole = (arg: string) => /\s/.test(arg.trim()) || /^(?:0x)?[0-9a-f]{16,}$/i.test(arg);
  return args.length > 1 && args.every(whole) ? [...args] : [args.join(' ')];
}
