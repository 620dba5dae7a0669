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
  for (const text of [
    [...listing, ...DUMP],
    [...DUMP, ...listing],
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
