/**
 * Reads `lspci -x`, `-xxx` or `-xxxx` text as people paste it. Three kinds of lines count: a function's first line (`00:1c.0 …`,
 * with or without a domain), rows of 16 hex bytes, and a few lines of `-v` text that say what the bytes don't (the driver, the
 * sizes of BARs). All other text is skipped, wherever it stands.
 */
import { ROM_BAR } from '../config/bars.ts';
import { formatBdf, parseBdf } from '../config/bdf.ts';
import type { FunctionImage } from '../config/function-image.ts';
import { InputError } from './input-error.ts';

export interface LspciFunction {
  readonly segment: number;
  /** Bus in 15:8, device in 7:3, function in 2:0. */
  readonly routingId: number;
  /** The bytes that lspci would print of it: 64, 128 (CardBus), 256 or 4,096. A missing row reads ff. */
  readonly bytes: Uint8Array;
  /** From `Kernel driver in use:`. */
  readonly driver: string | undefined;
  /** From `Region n: … [size=…]` and `Expansion ROM … [size=…]`, by BAR index. */
  readonly barSizesLog2: readonly (number | undefined)[];
}

export interface LspciDump {
  /** In the order of the text. A function given twice is there once, as given last. */
  readonly functions: readonly LspciFunction[];
  /** Any function has a `Kernel driver in use:` line: without one, the text says nothing of drivers. */
  readonly hasDrivers: boolean;
  /** What was left out or filled in, each with its line. */
  readonly warnings: readonly string[];
}

/**
 * What stands before a line on the way here, byte by byte: blanks (code blocks), `> ` (quoted mail), `| ` (tables), `+` (the new side
 * of a diff), a no-break space (C2 A0, or A0), a byte order mark where files were joined (EF BB BF, or FF of UTF-16).
 */
const PREFIX = ' \t>|+\u00a0\u00c2\u00ef\u00bb\u00bf\u00ff';
const FUNCTION_LINE = new RegExp(
  `^[${PREFIX}]*((?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[0-9a-f]{2}\\.[0-9a-f])(?:[ \\t]|$)`,
  'i',
);
/** What a row looks like when the file ends before its colon. */
const ROW_START = new RegExp(`^[${PREFIX}]*[0-9a-f]{1,3}$`, 'i');
const DRIVER = new RegExp(`^[${PREFIX}]*Kernel driver in use: (\\S+)`);
const REGION = new RegExp(
  `^[${PREFIX}]*(?:Region ([0-5]): |(?:\\[virtual\\] )?(Expansion ROM) at ).*\\[size=([1-9]\\d*)([KMGT]?)\\]`,
);

/** Lines are kept no longer than this: no line that counts is. */
const MAX_LINE = 4096;
const ROW_BYTES = 16;
const MAX_SPACE = 4096;
/** Warnings beyond these are counted. */
const MAX_WARNINGS = 1000;

const LF = 0x0a;
const CR = 0x0d;
const BLANK = 0x20;
const TAB = 0x09;
const COLON = 0x3a;

/** Value of a hex digit, -1 for any other byte. */
const nibble = /* @__PURE__ */ (() => {
  const table = new Int8Array(256).fill(-1);
  for (let digit = 0; digit < 16; digit++) {
    table[digit.toString(16).charCodeAt(0)] = digit;
    table[digit.toString(16).toUpperCase().charCodeAt(0)] = digit;
  }
  return table;
})();

const isPrefix = /* @__PURE__ */ (() => {
  const table = new Uint8Array(256);
  for (const char of PREFIX) table[char.charCodeAt(0)] = 1;
  return table;
})();

/** What the `-v` lines that count begin with: `Kernel driver`, `Region`, `Expansion ROM` or `[virtual] Expansion ROM`. */
const isVerbose = /* @__PURE__ */ (() => {
  const table = new Uint8Array(256);
  for (const char of 'KRE[') table[char.charCodeAt(0)] = 1;
  return table;
})();

interface OpenFunction {
  readonly segment: number;
  readonly routingId: number;
  readonly line: number;
  /** Made at the first row. */
  bytes: Uint8Array | undefined;
  /** Line of each row that was read, by offset / 16. */
  readonly rowLines: (number | undefined)[];
  /** Rows that a warning has named already. */
  readonly badRows: Set<number>;
  length: number;
  driver: string | undefined;
  barSizesLog2: (number | undefined)[];
}

interface ReadFunction extends LspciFunction {
  readonly line: number;
}

/** Takes the text in pieces of any size; `end` gives the dump. */
export class LspciReader {
  readonly #name: string;
  readonly #functions = new Map<number, ReadFunction>();
  /** What stands without a hex row, a listing by `lspci -k` say: its drivers go to the functions whose rows stand elsewhere. */
  readonly #withoutRows = new Map<number, Omit<ReadFunction, 'bytes'>>();
  readonly #warnings: string[] = [];
  #warningCount = 0;
  #open: OpenFunction | undefined;
  #line = 0;
  readonly #lineBytes = new Uint8Array(MAX_LINE);
  #lineLength = 0;
  #lineIsOpen = false;
  #afterCr = false;
  #offset = 0;
  #firstNul = -1;
  #byteOrder: 'none' | 'utf-16le' | 'utf-16be' = 'none';
  #functionLines = 0;
  /** The last line that was not blank, when it was a row or looked like one. */
  #lastRow: 'row' | 'short' | undefined;
  /** Bytes of the last row that was too short. */
  #shortBytes = 0;
  /** Of the line that was tried as a row: its offset, and its bytes. */
  #rowOffset = 0;
  readonly #row = new Uint8Array(ROW_BYTES);

  /** @param name of the file, for messages */
  constructor(name = 'lspci dump') {
    this.#name = name;
  }

  push(chunk: Uint8Array): void {
    for (let i = 0; i < chunk.length; i++) {
      // The rest of a line at once, where nothing but its end has a meaning of its own.
      if (this.#offset + i > 1 && this.#byteOrder === 'none') {
        i = this.#takeRestOfLine(chunk, i);
        if (i === chunk.length) break;
      }
      const byte = chunk[i]!;
      const position = this.#offset + i;
      // UTF-16, as PowerShell redirects: of all that counts here, one byte of the two is 0.
      if (position === 1 && this.#byteOrderMark(byte)) continue;
      if (this.#byteOrder !== 'none' && (position & 1) === (this.#byteOrder === 'utf-16le' ? 1 : 0)) continue;
      if (byte === LF || byte === CR) {
        // CR, LF, or both.
        if (byte === CR || !this.#afterCr) this.#endLine();
        this.#afterCr = byte === CR;
        continue;
      }
      this.#afterCr = false;
      this.#lineIsOpen = true;
      if (byte === 0 && this.#firstNul < 0) this.#firstNul = position;
      if (this.#lineLength < MAX_LINE) this.#lineBytes[this.#lineLength++] = byte;
    }
    this.#offset += chunk.length;
  }

  /** @returns where the line ends: the index of its LF or CR, or the chunk's length */
  #takeRestOfLine(chunk: Uint8Array, from: number): number {
    const line = this.#lineBytes;
    let length = this.#lineLength;
    let nul = -1;
    let i = from;
    for (; i < chunk.length; i++) {
      const byte = chunk[i]!;
      if (byte === LF || byte === CR) break;
      if (byte === 0 && nul < 0) nul = i;
      if (length < MAX_LINE) line[length++] = byte;
    }
    if (i > from) {
      this.#afterCr = false;
      this.#lineIsOpen = true;
      this.#lineLength = length;
      if (nul >= 0 && this.#firstNul < 0) this.#firstNul = this.#offset + nul;
    }
    return i;
  }

  /** @returns true when the first two bytes are a mark, which is no text */
  #byteOrderMark(second: number): boolean {
    const first = this.#lineLength === 1 ? this.#lineBytes[0] : undefined;
    if (first === 0xff && second === 0xfe) this.#byteOrder = 'utf-16le';
    if (first === 0xfe && second === 0xff) this.#byteOrder = 'utf-16be';
    if (this.#byteOrder === 'none') return false;
    this.#lineLength = 0;
    return true;
  }

  /** @throws InputError when nothing readable was found, or the text stops inside a row */
  end(): LspciDump {
    if (this.#lineIsOpen) {
      const text = this.#lineText();
      const inRow = this.#open !== undefined && this.#lastRow === 'row' && ROW_START.test(text);
      this.#endLine();
      if (inRow)
        throw new InputError(
          `${this.#name} line ${this.#line}: expected a row of 16 hex bytes, got the end of the file`,
        );
    }
    if (this.#lastRow === 'short')
      throw new InputError(
        `${this.#name} line ${this.#line}: expected ${ROW_BYTES} hex bytes, got ${this.#shortBytes} and the end of the file`,
      );
    this.#close();
    if (this.#functions.size === 0) throw new InputError(this.#nothingReadable());
    for (const [key, { line, segment, routingId }] of this.#withoutRows)
      if (!this.#functions.has(key))
        this.#warn(line, `${formatBdf(segment, routingId)} has no hex row; it is left out`);
    if (this.#warningCount > MAX_WARNINGS)
      this.#warnings.push(`${this.#name}: and ${this.#warningCount - MAX_WARNINGS} more of these`);
    const functions = [...this.#functions.entries()].map(([key, { line: _, ...fn }]): LspciFunction => {
      const listed = this.#withoutRows.get(key);
      return listed === undefined ? fn : { ...fn, ...merged(listed, fn) };
    });
    const hasDrivers = functions.some(({ driver }) => driver !== undefined);
    return { functions, hasDrivers, warnings: this.#warnings };
  }

  #nothingReadable(): string {
    const expected = 'expected lspci -xxxx text';
    if (this.#offset === 0) return `${this.#name}: ${expected}, got an empty file`;
    if (this.#functionLines > 0)
      return `${this.#name}: ${expected}, got ${this.#functionLines} functions without a hex row (lspci without -x?)`;
    if (this.#firstNul >= 0)
      return `${this.#name}: ${expected}, got a binary file (byte 00 at offset ${this.#firstNul})`;
    return `${this.#name}: ${expected}, got ${this.#line} lines and no function line such as "00:1c.0 …"`;
  }

  #lineText(): string {
    return String.fromCharCode(...this.#lineBytes.subarray(0, this.#lineLength));
  }

  #endLine(): void {
    if (this.#lineLength > 0) {
      // Rows are most of a dump: they are read from the bytes, without a string.
      const kind = this.#open === undefined ? 'text' : this.#readRow();
      const text = kind === 'text' && this.#lineCounts() ? this.#lineText() : '';
      this.#line++;
      this.#lastRow = undefined;
      if (kind === 'row') this.#takeRow(this.#open!);
      else if (kind !== 'text') this.#badRow(this.#open!, kind);
      else if (text !== '') this.#takeText(text);
    } else this.#line++;
    this.#lineLength = 0;
    this.#lineIsOpen = false;
  }

  /**
   * Tries the line as a row: two or three hex digits, a colon, 16 bytes of two digits with blanks before each; then the end, or
   * text that is no 17th byte.
   * @returns for a line that only looks like a row, the bytes that it has
   */
  #readRow(): 'row' | 'text' | number {
    const line = this.#lineBytes;
    const end = this.#lineLength;
    let at = 0;
    while (at < end && isPrefix[line[at]!] !== 0) at++;
    let offset = 0;
    let digits = 0;
    for (; digits < 4 && at < end && nibble[line[at]!]! >= 0; digits++, at++) offset = offset * 16 + nibble[line[at]!]!;
    if (digits < 2 || digits > 3 || line[at] !== COLON || at >= end) return 'text';
    at++;
    this.#rowOffset = offset;
    let count = 0;
    for (;;) {
      const before = at;
      while (at < end && (line[at] === BLANK || line[at] === TAB)) at++;
      if (at === end) return count === ROW_BYTES ? 'row' : offset % ROW_BYTES === 0 ? count : 'text';
      const high = nibble[line[at]!]!;
      const low = at + 1 < end ? nibble[line[at + 1]!]! : -1;
      const behind = at + 2 < end ? line[at + 2]! : BLANK;
      const isByte = at > before && high >= 0 && low >= 0 && (behind === BLANK || behind === TAB);
      if (!isByte) {
        // Half a byte at the end of a line that was cut; else text behind a row, or no row at all.
        const halfByte = at > before && high >= 0 && at + 1 === end;
        if (halfByte && count < ROW_BYTES && offset % ROW_BYTES === 0) return count;
        return count === ROW_BYTES && at > before ? 'row' : 'text';
      }
      if (count < ROW_BYTES) this.#row[count] = high * 16 + low;
      count++;
      at += 2;
    }
  }

  /** A quick look, so that megabytes of other text cost little: by the first byte that says something. */
  #lineCounts(): boolean {
    for (let i = 0; i < this.#lineLength; i++) {
      const byte = this.#lineBytes[i]!;
      if (isPrefix[byte] === 0) return nibble[byte]! >= 0 || (this.#open !== undefined && isVerbose[byte] !== 0);
    }
    return false;
  }

  #takeText(text: string): void {
    const start = FUNCTION_LINE.exec(text);
    if (start !== null) this.#begin(start[1]!);
    else if (this.#open !== undefined) this.#verboseText(this.#open, text);
  }

  #begin(bdf: string): void {
    this.#close();
    const address = parseBdf(bdf);
    if (address === undefined) {
      this.#warn(this.#line, `expected a device in 00–1f and a function in 0–7, got ${bdf}; its rows are left out`);
      return;
    }
    this.#functionLines++;
    this.#open = {
      ...address,
      line: this.#line,
      bytes: undefined,
      rowLines: [],
      badRows: new Set(),
      length: 0,
      driver: undefined,
      barSizesLog2: [],
    };
  }

  #takeRow(open: OpenFunction): void {
    this.#lastRow = 'row';
    const offset = this.#rowOffset;
    if (offset + ROW_BYTES > MAX_SPACE) {
      this.#warn(this.#line, `expected a row within 4096 bytes, got one at ${offset.toString(16)}; it is left out`);
      return;
    }
    if (offset % ROW_BYTES !== 0) {
      this.#warn(this.#line, `expected a row at a multiple of 10, got one at ${offset.toString(16)}; it is left out`);
      return;
    }
    const earlier = open.rowLines[offset >> 4];
    if (earlier !== undefined) {
      const row = offset.toString(16).padStart(2, '0');
      this.#warn(
        this.#line,
        `expected a function line before row ${row}, which line ${earlier} has for ${formatBdf(open.segment, open.routingId)}; what follows is left out`,
      );
      this.#close();
      return;
    }
    open.bytes ??= new Uint8Array(MAX_SPACE).fill(0xff);
    open.bytes.set(this.#row, offset);
    open.length = Math.max(open.length, offset + ROW_BYTES);
    open.rowLines[offset >> 4] = this.#line;
  }

  #badRow(open: OpenFunction, bytes: number): void {
    if (bytes < ROW_BYTES) {
      this.#lastRow = 'short';
      this.#shortBytes = bytes;
    }
    if (this.#rowOffset + ROW_BYTES > MAX_SPACE) return;
    open.badRows.add(this.#rowOffset >> 4);
    this.#warn(this.#line, `expected ${ROW_BYTES} hex bytes, got ${bytes}; the row reads ff`);
  }

  #verboseText(open: OpenFunction, text: string): void {
    const driver = DRIVER.exec(text);
    if (driver !== null) {
      open.driver = driver[1];
      return;
    }
    const region = REGION.exec(text);
    if (region === null) return;
    const index = region[2] === undefined ? Number(region[1]) : ROM_BAR;
    open.barSizesLog2[index] = Math.round(Math.log2(Number(region[3]))) + 10 * ' KMGT'.indexOf(region[4] || ' ');
  }

  #close(): void {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined) return;
    const { segment, routingId, bytes } = open;
    const key = segment * 0x10000 + routingId;
    if (bytes === undefined) {
      const listed = this.#withoutRows.get(key);
      const said = listed === undefined ? open : merged(listed, open);
      this.#withoutRows.set(key, {
        segment,
        routingId,
        line: open.line,
        driver: said.driver,
        barSizesLog2: said.barSizesLog2,
      });
      return;
    }
    const name = formatBdf(segment, routingId);
    const length = printedLength(bytes, open.length);
    if (open.length < 64)
      this.#warn(open.line, `${name} has ${open.length} of the header's 64 bytes; the rest reads ff`);
    this.#warnOfGaps(open, name, Math.min(length, open.length));
    const earlier = this.#functions.get(key);
    if (earlier !== undefined) {
      this.#warn(open.line, `${name} stands at line ${earlier.line} already; the later one counts`);
      this.#functions.delete(key);
    }
    this.#functions.set(key, {
      segment,
      routingId,
      line: open.line,
      bytes: bytes.slice(0, length),
      ...(earlier === undefined ? { driver: open.driver, barSizesLog2: open.barSizesLog2 } : merged(earlier, open)),
    });
  }

  /** One warning for each run of rows that is missing before a row that is there. */
  #warnOfGaps(open: OpenFunction, name: string, end: number): void {
    const hex = (offset: number) => offset.toString(16).padStart(2, '0');
    for (let row = 0; row < end >> 4; row++) {
      if (open.rowLines[row] !== undefined || open.badRows.has(row)) continue;
      let last = row;
      while (last + 1 < end >> 4 && open.rowLines[last + 1] === undefined && !open.badRows.has(last + 1)) last++;
      const line = open.rowLines[last + 1] ?? open.line;
      this.#warn(
        line,
        `${name}: expected row ${hex(row * 16)} before this one; bytes ${hex(row * 16)}–${hex(last * 16 + 15)} read ff`,
      );
      row = last;
    }
  }

  #warn(line: number, text: string): void {
    if (++this.#warningCount <= MAX_WARNINGS) this.#warnings.push(`${this.#name} line ${line}: ${text}`);
  }
}

type Said = Pick<LspciFunction, 'driver' | 'barSizesLog2'>;

/** What two places say of one function beside its bytes; the later one counts where both say something. */
function merged(earlier: Said, later: Said): Said {
  const barSizesLog2 = [...earlier.barSizesLog2];
  for (const [i, size] of later.barSizesLog2.entries()) if (size !== undefined) barSizesLog2[i] = size;
  return { driver: later.driver ?? earlier.driver, barSizesLog2 };
}

/** lspci reads and prints 64 bytes, 128 of a CardBus bridge, 256 or 4,096, as far as all of them are there. */
function printedLength(bytes: Uint8Array, length: number): number {
  if (length >= 4096) return 4096;
  if (length >= 256) return 256;
  return (bytes[0x0e]! & 0x7f) === 2 && length >= 128 ? 128 : 64;
}

/** @param name of the file, for messages; see `LspciReader.end` for what is thrown */
export function readLspci(text: string | Uint8Array, name?: string): LspciDump {
  const reader = new LspciReader(name);
  reader.push(typeof text === 'string' ? new TextEncoder().encode(text) : text);
  return reader.end();
}

/**
 * The functions as an arena takes them. Bytes that the dump doesn't have read 0, so that no capability is found there.
 */
export function imagesOf(dump: LspciDump): FunctionImage[] {
  return dump.functions.map(({ segment, routingId, bytes, barSizesLog2 }) => {
    const space = new Uint8Array(bytes.length > 256 ? 4096 : 256);
    space.set(bytes);
    return { segment, routingId, bytes: space, barSizesLog2, headerOnly: bytes.length < 256 };
  });
}
