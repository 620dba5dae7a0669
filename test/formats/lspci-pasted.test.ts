/** Dumps as they arrive: quoted in mail, from other systems' clipboards, a listing here and the hex there. */
import { describe, expect, it } from 'vitest';
import { readLspci } from '../../src/formats/lspci-text.ts';

const ROW = '86 80 c0 29 06 01 10 00 02 00 00 02 00 00 00 00';
const ZEROS = '00 '.repeat(16).trim();
const DUMP = ['00:1f.2 Ethernet controller: made up', `00: ${ROW}`, `10: ${ZEROS}`, `20: ${ZEROS}`, `30: ${ZEROS}`, ''];
const plain = readLspci(DUMP.join('\n'));

const utf16 = (text: string, littleEndian: boolean) => {
  const bytes = new Uint8Array(2 + 2 * text.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0xfeff, littleEndian);
  for (let i = 0; i < text.length; i++) view.setUint16(2 + 2 * i, text.charCodeAt(i), littleEndian);
  return bytes;
};

describe('reads the same from', () => {
  it.each<[string, string | Uint8Array]>([
    ['quoted mail', DUMP.map((line) => `> ${line}`).join('\n')],
    ['twice quoted mail', DUMP.map((line) => `>> ${line}`).join('\n')],
    ['CR line ends', DUMP.join('\r')],
    ['CRLF line ends', DUMP.join('\r\n')],
    ['a code block', DUMP.map((line) => `    ${line}`).join('\n')],
    ['tabs between the bytes', DUMP.map((line) => (/^\d0:/.test(line) ? line.replaceAll(' ', '\t') : line)).join('\n')],
    ['double blanks', DUMP.map((line) => (/^\d0:/.test(line) ? line.replaceAll(' ', '  ') : line)).join('\n')],
    ['upper case', DUMP.join('\n').toUpperCase()],
    ['an ASCII column', DUMP.map((line) => (/^\d0:/.test(line) ? `${line}  |..).....|` : line)).join('\n')],
    ['a table', DUMP.map((line) => `| ${line}`).join('\n')],
    ['a diff', DUMP.map((line) => `+${line}`).join('\n')],
    ['no-break spaces', DUMP.map((line) => `\u00a0${line}`).join('\n')],
    ['a byte order mark', `\ufeff${DUMP.join('\n')}`],
    ['UTF-16LE', utf16(DUMP.join('\r\n'), true)],
    ['UTF-16BE', utf16(DUMP.join('\r\n'), false)],
  ])('%s', (_, text) => {
    expect(readLspci(text)).toEqual(plain);
  });
});

it('takes drivers and BAR sizes from a listing that stands before or behind the hex', () => {
  const listing = [
    '00:1f.2 Ethernet controller: made up',
    '\tRegion 0: Memory at fe000000 (32-bit, non-prefetchable) [size=128K]',
    '\tKernel driver in use: e1000e',
    '',
  ];
  // A listing without -k says nothing of drivers, which takes nothing from one that does.
  const plainListing = ['00:1f.2 Ethernet controller: made up', ''];
  for (const text of [
    [...listing, ...DUMP],
    [...DUMP, ...listing],
    [...listing, ...plainListing, ...DUMP],
    [...plainListing, ...DUMP, ...listing],
  ]) {
    const { functions, hasDrivers, warnings } = readLspci(text.join('\n'));
    expect(functions).toMatchObject([{ driver: 'e1000e', barSizesLog2: [17] }]);
    expect([hasDrivers, warnings]).toEqual([true, []]);
  }
});

it('says nothing of drivers when only functions without hex have one', () => {
  const other = '00:1e.0 Other: made up\n\tKernel driver in use: foo\n\n';
  expect(readLspci(other + DUMP.join('\n')).hasDrivers).toBe(false);
});

it('counts warnings beyond a thousand instead of keeping them', () => {
  const { warnings } = readLspci(`${'00:00.0 x\n'.repeat(3)}${'00:1d.9 x\n'.repeat(5000)}${DUMP.join('\n')}`);
  expect(warnings).toHaveLength(1001);
  expect(warnings.at(-1)).toMatch(/and 400\d more of these/);
});

describe('files that were joined', () => {
  const second = DUMP.join('\n').replace('00:1f.2', '00:1e.0').replaceAll('86 80', 'f4 1a');
  const both = [0x00f0, 0x00fa];
  const utf16le = (text: string) => new Uint8Array(Buffer.from(text, 'utf16le'));

  it.each<[string, string | Uint8Array]>([
    ['UTF-8 with byte order marks', `\ufeff${DUMP.join('\n')}\ufeff${second}`],
    ['UTF-16LE with byte order marks', utf16le(`\ufeff${DUMP.join('\n')}\ufeff${second}`)],
  ])('%s give all functions', (_, text) => {
    const { functions, warnings } = readLspci(text);
    expect(functions.map(({ routingId }) => routingId).sort()).toEqual(both);
    expect(warnings).toEqual([]);
  });

  it('name the line where a second function begins without its own line, and keep the first', () => {
    const text = `${DUMP.join('\n')}?? ${second}`;
    const { functions, warnings } = readLspci(text, 'dump');
    expect(functions).toEqual(plain.functions);
    expect(warnings).toEqual([
      'dump line 7: expected a function line before row 00, which line 2 has for 00:1f.2; what follows is left out',
    ]);
  });
});

it('takes a last line of text for text, also where it begins like a row', () => {
  for (const line of ['ab: cd', '0f: 00', '10: see above'])
    expect(readLspci(DUMP.join('\n') + line).functions).toEqual(plain.functions);
});

it('takes no size of 0 and no seventh BAR from the text', () => {
  const text = DUMP.join('\n').replace('\n', '\n\tRegion 0: Memory [size=0]\n\tRegion 9: Memory [size=4K]\n');
  expect(readLspci(text).functions[0]!.barSizesLog2).toEqual([]);
});
