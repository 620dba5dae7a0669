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
  /** Any `Kernel driver in use:` line at all: without one, the text says nothing of drivers. */
  readonly hasDrivers: boolean;
  /** What was left out or filled in, each with its line. */
  readonly warnings: readonly string[];
}

const FUNCTION_LINE = /^[ \t]*((?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-9a-f])(?:[ \t]|$)/i;
const ROW = /^[ \t]*([0-9a-f]{2,3}):((?: [0-9a-f]{2}){16})(?:[ \t]+(?![0-9a-f]{2}(?:[ \t]|$))|$)/i;
/** Looks like a row, but is not 16 bytes long. */
const ROW_LIKE = /^[ \t]*([0-9a-f]{2,3}):((?:[ \t]+[0-9a-f]{1,2})*)[ \t]*$/i;
/** What a row looks like when the file ends before its colon. */
const ROW_START = /^[ \t]*[0-9a-f]{1,3}$/i;
const DRIVER = /^[ \t]*Kernel driver in use: (\S+)/;
const REGION = /^[ \t]*(?:Region (\d): |(?:\[virtual\] )?(Expansion ROM) at ).*\[size=(\d+)([KMGT]?)\]/;

/** Lines are kept no longer than this: no line that counts is. */
const MAX_LINE = 4096;
const ROW_BYTES = 16;
const MAX_SPACE = 4096;

interface OpenFunction {
  readonly segment: number;
  readonly routingId: number;
  readonly line: number;
  readonly bytes: Uint8Array;
  /** Line of each row that was read, by offset / 16. */
  readonly rowLines: (number | undefined)[];
  /** Rows that a warning has named already. */
  readonly badRows: Set<number>;
  length: number;
  driver: string | undefined;
  barSizesLog2: (number | undefined)[];
}

/** Takes the text in pieces of any size; `end` gives the dump. */
export class LspciReader {
  readonly #name: string;
  readonly #functions = new Map<string, LspciFunction & { readonly line: number }>();
  readonly #warnings: string[] = [];
  #open: OpenFunction | undefined;
  #line = 0;
  #lineBytes = new Uint8Array(MAX_LINE);
  #lineLength = 0;
  #lineIsOpen = false;
  #offset = 0;
  #firstNul = -1;
  #utf16 = false;
  #hasDrivers = false;
  #functionLines = 0;
  /** The last line that was not blank, when it was a row or looked like one. */
  #lastRow: 'row' | 'short' | undefined;

  /** @param name of the file, for messages */
  constructor(name = 'lspci dump') {
    this.#name = name;
  }

  push(chunk: Uint8Array): void {
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]!;
      const position = this.#offset + i;
      // UTF-16LE, as PowerShell redirects: every second byte is the high half, 0 for all that counts here.
      if (position === 1 && byte === 0xfe && this.#lineBytes[0] === 0xff) {
        this.#utf16 = true;
        this.#lineLength = 0;
      }
      if (this.#utf16 && (position & 1) === 1) continue;
      if (byte === 0x0a) {
        this.#endLine();
        continue;
      }
      this.#lineIsOpen = true;
      if (byte === 0 && this.#firstNul < 0) this.#firstNul = position;
      if (this.#lineLength < MAX_LINE) this.#lineBytes[this.#lineLength++] = byte;
    }
    this.#offset += chunk.length;
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
    const functions = [...this.#functions.values()].map(({ line: _, ...rest }) => rest);
    return { functions, hasDrivers: this.#hasDrivers, warnings: this.#warnings };
  }

  #shortBytes = 0;

  #nothingReadable(): string {
    const expected = 'expected lspci -xxxx text';
    if (this.#offset === 0) return `${this.#name}: ${expected}, got an empty file`;
    if (this.#functionLines > 0)
      return `${this.#name}: ${expected}, got ${this.#functionLines} functions without a hex row (lspci without -x?)`;
    if (this.#firstNul >= 0 && !this.#utf16)
      return `${this.#name}: ${expected}, got a binary file (byte 00 at offset ${this.#firstNul})`;
    return `${this.#name}: ${expected}, got ${this.#line} lines and no function line such as "00:1c.0 …"`;
  }

  #lineText(): string {
    let length = this.#lineLength;
    if (length > 0 && this.#lineBytes[length - 1] === 0x0d) length--;
    const [first, second, third] = this.#lineBytes;
    const start = this.#line === 0 && first === 0xef && second === 0xbb && third === 0xbf ? 3 : 0;
    return String.fromCharCode(...this.#lineBytes.subarray(start, length));
  }

  #endLine(): void {
    const text = this.#lineCounts() ? this.#lineText() : '';
    const blank = this.#lineLength === 0 || (this.#lineLength === 1 && this.#lineBytes[0] === 0x0d);
    this.#line++;
    this.#lineLength = 0;
    this.#lineIsOpen = false;
    if (blank) return;
    this.#lastRow = undefined;
    if (text !== '') this.#take(text);
  }

  /** A quick look, so that megabytes of other text cost little: rows and functions start with a hex digit, `-v` text is in a function. */
  #lineCounts(): boolean {
    if (this.#open !== undefined || this.#line === 0) return true;
    for (let i = 0; i < this.#lineLength; i++) {
      const byte = this.#lineBytes[i]!;
      if (byte === 0x20 || byte === 0x09) continue;
      const lower = byte | 0x20;
      return (byte >= 0x30 && byte <= 0x39) || (lower >= 0x61 && lower <= 0x66);
    }
    return false;
  }

  #take(text: string): void {
    const start = FUNCTION_LINE.exec(text);
    if (start !== null) {
      this.#begin(start[1]!);
      return;
    }
    const open = this.#open;
    if (open === undefined) return;
    const row = ROW.exec(text);
    if (row !== null) {
      this.#lastRow = 'row';
      this.#row(open, Number.parseInt(row[1]!, 16), row[2]!);
      return;
    }
    const like = ROW_LIKE.exec(text);
    if (like !== null) {
      this.#badRow(
        open,
        Number.parseInt(like[1]!, 16),
        like[2]!.split(/[ \t]+/).filter((byte) => byte.length === 2).length,
      );
      return;
    }
    this.#verboseText(open, text);
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
      bytes: new Uint8Array(MAX_SPACE).fill(0xff),
      rowLines: [],
      badRows: new Set(),
      length: 0,
      driver: undefined,
      barSizesLog2: [],
    };
  }

  #row(open: OpenFunction, offset: number, hex: string): void {
    if (offset + ROW_BYTES > MAX_SPACE) {
      this.#warn(this.#line, `expected a row within 4096 bytes, got one at ${offset.toString(16)}; it is left out`);
      return;
    }
    for (let i = 0; i < ROW_BYTES; i++) open.bytes[offset + i] = Number.parseInt(hex.slice(3 * i + 1, 3 * i + 3), 16);
    open.length = Math.max(open.length, offset + ROW_BYTES);
    open.rowLines[offset >> 4] = this.#line;
  }

  #badRow(open: OpenFunction, offset: number, bytes: number): void {
    if (bytes < ROW_BYTES) {
      this.#lastRow = 'short';
      this.#shortBytes = bytes;
    }
    if (offset + ROW_BYTES > MAX_SPACE) return;
    open.badRows.add(offset >> 4);
    this.#warn(this.#line, `expected ${ROW_BYTES} hex bytes, got ${bytes}; the row reads ff`);
  }

  #verboseText(open: OpenFunction, text: string): void {
    const driver = DRIVER.exec(text);
    if (driver !== null) {
      open.driver = driver[1];
      this.#hasDrivers = true;
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
    const name = formatBdf(open.segment, open.routingId);
    if (open.length === 0) {
      this.#warn(open.line, `${name} has no hex row; it is left out`);
      return;
    }
    const length = printedLength(open);
    if (open.length < 64)
      this.#warn(open.line, `${name} has ${open.length} of the header's 64 bytes; the rest reads ff`);
    this.#warnOfGaps(open, name, Math.min(length, open.length));
    const key = `${open.segment}:${open.routingId}`;
    const earlier = this.#functions.get(key);
    if (earlier !== undefined) {
      this.#warn(open.line, `${name} stands at line ${earlier.line} already; the later one counts`);
      this.#functions.delete(key);
    }
    this.#functions.set(key, {
      segment: open.segment,
      routingId: open.routingId,
      line: open.line,
      bytes: open.bytes.slice(0, length),
      driver: open.driver,
      barSizesLog2: open.barSizesLog2,
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
    this.#warnings.push(`${this.#name} line ${line}: ${text}`);
  }
}

/** lspci reads and prints 64 bytes, 128 of a CardBus bridge, 256 or 4,096, as far as all of them are there. */
function printedLength({ bytes, length }: OpenFunction): number {
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
    return { segment, routingId, bytes: space, barSizesLog2 };
  });
}
