import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/formats/input-error.ts';
import { imagesOf, LspciReader, readLspci } from '../../src/formats/lspci-text.ts';

const byte = (value: number) => value.toString(16).padStart(2, '0');

/** A row whose bytes count up from `first`. */
function row(offset: number, first = offset): string {
  const bytes = Array.from({ length: 16 }, (_, i) => byte((first + i) & 0xff));
  return `${byte(offset)}: ${bytes.join(' ')}`;
}

function rows(length: number): string {
  return Array.from({ length: length / 16 }, (_, i) => row(16 * i)).join('\n');
}

const counting = (length: number) => Uint8Array.from({ length }, (_, i) => i & 0xff);

/** The header of a CardBus bridge: 0Eh is 02. */
const cardbusRows = rows(128).replace(
  '00: 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e',
  '00: 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 02',
);

describe('a dump as people paste it', () => {
  it('reads this one', () => {
    const { functions, warnings, hasDrivers } = readLspci(`
00:1c.0 PCI bridge: Intel Corporation Device 8c10 (rev d4) (prog-if 00 [Normal decode])
	Control: I/O+ Mem+ BusMaster+
	Region 0: Memory at f7d00000 (64-bit, non-prefetchable) [size=16K]
	Region 4: I/O ports at f040 [size=32]
	Expansion ROM at f7c00000 [disabled] [size=128K]
	Kernel driver in use: pcieport
00: 86 80 10 8c 07 04 10 00 d4 00 04 06 10 00 81 00
10: 00 00 00 00 00 00 00 00 00 01 01 00 f0 00 00 20
20: f0 ff 00 00 f1 ff 01 00 00 00 00 00 00 00 00 00
30: 00 00 00 00 40 00 00 00 00 00 00 00 0b 01 10 00
`);
    expect(warnings).toEqual([]);
    expect(hasDrivers).toBe(true);
    expect(functions).toHaveLength(1);
    const fn = functions[0]!;
    expect(fn.segment).toBe(0);
    expect(fn.routingId).toBe(0x00e0);
    expect(fn.driver).toBe('pcieport');
    expect(fn.bytes).toHaveLength(64);
    expect([...fn.bytes.subarray(0, 4)]).toEqual([0x86, 0x80, 0x10, 0x8c]);
    expect(fn.bytes[0x3e]).toBe(0x10);
    expect([fn.barSizesLog2[0], fn.barSizesLog2[4], fn.barSizesLog2[6], fn.barSizesLog2[1]]).toEqual([
      14,
      5,
      17,
      undefined,
    ]);
  });

  it.each([64, 256, 4096])('keeps %i bytes', (length) => {
    expect(readLspci(`00:00.0 x\n${rows(length)}\n`).functions[0]!.bytes).toEqual(counting(length));
  });

  it('keeps 128 bytes of a CardBus bridge', () => {
    expect(readLspci(`02:00.0 x\n${cardbusRows}\n`).functions[0]!.bytes).toHaveLength(128);
  });

  it('keeps the header alone of 128 bytes of anything else, as lspci prints it', () => {
    expect(readLspci(`02:00.0 x\n${rows(128)}\n`).functions[0]!.bytes).toEqual(counting(64));
  });

  it('reads CRLF', () => {
    expect(readLspci(`00:02.3 x\r\n${rows(64).replaceAll('\n', '\r\n')}\r\n\r\n`)).toEqual(
      readLspci(`00:02.3 x\n${rows(64)}\n`),
    );
  });

  it('reads UTF-16LE with a byte order mark, in pieces of one byte too', () => {
    const text = `\ufeff00:02.3 x\r\n${rows(64).replaceAll('\n', '\r\n')}\r\n`;
    const bytes = new Uint8Array(Buffer.from(text, 'utf16le'));
    const expected = readLspci(`00:02.3 x\n${rows(64)}\n`);
    expect(readLspci(bytes)).toEqual(expected);
    const reader = new LspciReader();
    for (const one of bytes) reader.push(Uint8Array.of(one));
    expect(reader.end()).toEqual(expected);
  });

  it('reads UTF-8 with a byte order mark', () => {
    expect(readLspci(`\ufeff00:02.3 x\n${rows(64)}\n`).functions[0]!.routingId).toBe(0x0013);
  });

  it('reads domains of four to eight digits', () => {
    const { functions } = readLspci(`0001:02:03.4 x\n${rows(64)}\n\n10000:e1:1f.7 y\n${rows(64)}\n`);
    expect(functions.map(({ segment, routingId }) => [segment, routingId])).toEqual([
      [1, 0x021c],
      [0x10000, 0xe1ff],
    ]);
  });

  it('skips text before, between and behind, indented and upper-case hex too', () => {
    const spread = rows(64)
      .split('\n')
      .map((line) => `    ${line.toUpperCase()}\nNote: the fan is loud\n`)
      .join('');
    const { functions, warnings } = readLspci(`$ lspci -xxx\nHello.\n> quoted\n  00:00.0 Host\n${spread}\n-- \nbye\n`);
    expect(warnings).toEqual([]);
    expect(functions[0]!.bytes).toEqual(counting(64));
  });

  it('skips what follows the sixteen bytes of a row, unless it is a seventeenth', () => {
    const seventeen = row(0x30);
    const text = (tail: string) => `00:00.0 x\n${row(0)}\n${row(16)}\n${row(32)}\n${seventeen}${tail}\n`;
    expect(readLspci(text('   ................')).functions[0]!.bytes).toEqual(counting(64));
    expect(readLspci(text(' 40')).functions[0]!.bytes[0x30]).toBe(0xff);
  });

  it('reads rev ff: all ones is a function that does not answer', () => {
    const gone = Array.from({ length: 4 }, (_, i) => `${byte(16 * i)}:${' ff'.repeat(16)}`).join('\n');
    const { functions, warnings } = readLspci(
      `01:00.0 VGA (rev ff) (prog-if ff)\n\t!!! Unknown header type 7f\n${gone}\n`,
    );
    expect(functions[0]!.bytes).toEqual(new Uint8Array(64).fill(0xff));
    expect(warnings).toEqual([]);
  });

  it('keeps the order of unsorted, concatenated dumps, and the later of a function that comes twice', () => {
    const { functions, warnings } = readLspci(
      `02:00.0 a\n${rows(64)}\n\n00:00.0 b\n${rows(64)}\n\n02:00.0 a again\n${rows(256)}\n`,
      'two.txt',
    );
    expect(functions.map(({ routingId, bytes }) => [routingId, bytes.length])).toEqual([
      [0x0000, 64],
      [0x0200, 256],
    ]);
    expect(warnings).toEqual(['two.txt line 13: 02:00.0 stands at line 1 already; the later one counts']);
  });

  it('gives the same for any cut into pieces', () => {
    const bytes = new TextEncoder().encode(`00:00.0 x\n${rows(64)}\n\n00:01.0 y\n${rows(256)}\n`);
    const whole = readLspci(bytes);
    for (const size of [1, 2, 7, 64]) {
      const reader = new LspciReader();
      for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
      expect(reader.end()).toEqual(whole);
    }
  });
});

describe('what is missing or wrong', () => {
  it('reads ff for a missing row, and names the line', () => {
    const { functions, warnings } = readLspci(`00:1c.0 x\n${row(0)}\n${row(0x30)}\n`, 'gap.txt');
    const { bytes } = functions[0]!;
    expect([...bytes.subarray(0x10, 0x30)]).toEqual(Array(32).fill(0xff));
    expect(bytes[0x30]).toBe(0x30);
    expect(warnings).toEqual(['gap.txt line 3: 00:1c.0: expected row 10 before this one; bytes 10–2f read ff']);
  });

  it('reads ff for a malformed row, and names the line', () => {
    const short = row(0x10).slice(0, -3);
    const { functions, warnings } = readLspci(
      `00:1c.0 x\n${row(0)}\n${short}\n${row(0x20)}\n${row(0x30)}\n`,
      'bad.txt',
    );
    expect([...functions[0]!.bytes.subarray(0x10, 0x20)]).toEqual(Array(16).fill(0xff));
    expect(warnings).toEqual(['bad.txt line 3: expected 16 hex bytes, got 15; the row reads ff']);
  });

  it('warns of a header that is not all there', () => {
    const { functions, warnings } = readLspci(`00:1c.0 x\n${row(0)}\n`, 'h.txt');
    expect(functions[0]!.bytes).toHaveLength(64);
    expect(functions[0]!.bytes[0x10]).toBe(0xff);
    expect(warnings).toEqual(["h.txt line 1: 00:1c.0 has 16 of the header's 64 bytes; the rest reads ff"]);
  });

  it('leaves a function out that has no row', () => {
    const { functions, warnings } = readLspci(`00:00.0 x\n00:01.0 y\n${rows(64)}\n`, 'n.txt');
    expect(functions).toHaveLength(1);
    expect(warnings).toEqual(['n.txt line 1: 00:00.0 has no hex row; it is left out']);
  });

  it.each(['00:20.0', '00:00.8', 'ff:3f.f'])('leaves %s out, with its rows', (bdf) => {
    const { functions, warnings } = readLspci(`00:00.0 x\n${rows(64)}\n${bdf} y\n${rows(256)}\n`, 'd.txt');
    expect(functions.map(({ bytes }) => bytes.length)).toEqual([64]);
    expect(warnings).toEqual([
      `d.txt line 6: expected a device in 00–1f and a function in 0–7, got ${bdf}; its rows are left out`,
    ]);
  });

  it('leaves a row beyond 4,096 bytes out', () => {
    const beyond = `1000:${row(0).slice(3)}`;
    expect(readLspci(`00:00.0 x\n${rows(4096)}\n${beyond}\n`).functions[0]!.bytes).toEqual(counting(4096));
  });

  it.each([
    ['after some bytes', row(0x30).slice(0, 20), 3],
    ['inside a byte', row(0x30).slice(0, -1), 3],
    ['after the colon', '30:', 3],
    ['in the offset', '3', 3],
  ])('throws where the file stops inside a row: %s', (_, cut) => {
    const text = `00:00.0 x\n${row(0)}\n${row(16)}\n${row(32)}\n${cut}`;
    expect(() => readLspci(text, 'cut.txt')).toThrow(InputError);
    expect(() => readLspci(text, 'cut.txt')).toThrow(
      /^cut\.txt line 5: expected .*16 hex bytes, got .*the end of the file$/,
    );
  });

  it('does not mind a last row without a newline', () => {
    expect(readLspci(`00:00.0 x\n${rows(64)}`).functions[0]!.bytes).toEqual(counting(64));
  });

  it.each([
    ['an empty file', '', 'x.txt: expected lspci -xxxx text, got an empty file'],
    [
      'text without functions',
      'hello\nworld\n',
      'x.txt: expected lspci -xxxx text, got 2 lines and no function line such as "00:1c.0 …"',
    ],
    [
      'lspci without -x',
      '00:00.0 Host bridge\n00:01.0 VGA\n',
      'x.txt: expected lspci -xxxx text, got 2 functions without a hex row (lspci without -x?)',
    ],
    [
      'a binary file',
      '\x7fELF\x02\x01\x01\x00\x00',
      'x.txt: expected lspci -xxxx text, got a binary file (byte 00 at offset 7)',
    ],
  ])('throws for %s', (_, text, message) => {
    expect(() => readLspci(text, 'x.txt')).toThrow(new InputError(message));
  });

  it('counts rows before any function line as other text', () => {
    expect(() => readLspci(`${rows(64)}\n`, 'x.txt')).toThrow(/no function line/);
  });
});

describe('imagesOf', () => {
  it('gives 256 or 4,096 bytes; what the dump lacks reads 0', () => {
    const images = imagesOf(
      readLspci(`00:00.0 a\n${rows(64)}\n\n00:01.0 b\n${rows(256)}\n\n00:02.0 c\n${rows(4096)}\n`),
    );
    expect(images.map(({ bytes }) => bytes.length)).toEqual([256, 256, 4096]);
    expect(images[0]!.bytes.subarray(0, 64)).toEqual(counting(64));
    expect(images[0]!.bytes.subarray(64).every((value) => value === 0)).toBe(true);
  });
});
