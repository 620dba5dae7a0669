/** The comparison itself, on a few lines of a header: what it reads, and that it sees what is wrong. */
import { describe, expect, it } from 'vitest';
import { accountFor } from './account.ts';
import { evaluate } from './expression.ts';
import { bitsTaken, macrosOf } from './macros.ts';

const none = (name: string): bigint => {
  throw new Error(`expected no name, got ${name}`);
};
const problemsOf = (header: string) =>
  accountFor(macrosOf(header)).flatMap(({ macro, problem }) => (problem === undefined ? [] : [`${macro}: ${problem}`]));

describe('a constant expression', () => {
  it.each([
    ['0x10UL', 16n],
    ['(1 << 4) | 3', 19n],
    ['~0x0f & 0xff', 0xf0n],
    ['2 + 3 * 4 - 1', 13n],
    ['0xff >> 4 & 3', 3n],
    ['-(2)', -2n],
  ])('%s is %d', (text, value) => expect(evaluate(text, none)).toBe(value));

  it.each([
    ['1 +', '"1 +": expected an operand, got the end'],
    ['1 2', '"1 2": expected an operator, got 2'],
    ['(1', '"(1": expected ), got the end'],
    ['"text"', '""text"": expected a token, got "text"'],
    ['NAME', 'expected no name, got NAME'],
  ])('%s is refused', (text, message) => expect(() => evaluate(text, none)).toThrow(message));
});

describe('a macro', () => {
  it('has its value, whichever way it is written', () => {
    const header = [
      '#ifndef GUARD_H',
      '#define GUARD_H',
      '#define A 0x02 /* a comment */',
      '#define  B __GENMASK(5, 4)',
      '#define  C _BITUL(2)',
      '#define D A /* another',
      ' over two lines */',
      '#define E(x) (0x10 + (x) * A)',
      '#define  F(x) (((x) >> 8) & 0xff)',
      '#define  G (~0x0fUL)',
    ].join('\n');
    const macros = macrosOf(header);
    expect(macros.map(({ name }) => name).join('')).toBe('ABCDEFG');
    expect(macros.map(({ valueAt }) => valueAt(1))).toEqual([2, 0x30, 4, 2, 0x12, 0, 0xfffffff0]);
    expect(macros.map(({ indent }) => indent)).toEqual([1, 2, 2, 1, 1, 2, 2]);
    expect(bitsTaken(macros[5]!)).toBe(0xff00);
  });
});

describe('an account', () => {
  it('is clean where the tables agree', () => {
    expect(
      problemsOf(
        [
          '#define PCI_COMMAND 0x04',
          '#define  PCI_COMMAND_MASTER 0x4',
          '#define PCI_ARI_CAP 0x04',
          '#define  PCI_ARI_CAP_NFN(x) (((x) >> 8) & 0xff)',
          '#define PCI_EXT_CAP_ID_ARI 0x0e',
          '#define PCI_EXT_CAP_ARI_SIZEOF 8',
          '#define PCI_EXP_LNKSTA 0x12',
          '#define  PCI_EXP_LNKSTA_NLW_X4 0x40',
          '#define  PCI_EXP_LNKSTA_NLW_SHIFT 4',
        ].join('\n'),
      ),
    ).toEqual([]);
  });

  it.each([
    ['#define PCI_COMMAND 0x05', 'PCI_COMMAND: no register at 5h'],
    [
      '#define PCI_COMMAND 0x04\n#define  PCI_COMMAND_MASTER 0xc0000',
      'PCI_COMMAND_MASTER: no field of mask C0000h in the register at 4h',
    ],
    // A reserved field, half of a field, and more than one.
    [
      '#define PCI_EXP_SLTCAP2 0x34\n#define  PCI_EXP_SLTCAP2_NEW 0xfffffffe',
      'PCI_EXP_SLTCAP2_NEW: no field of mask FFFFFFFEh in the register at 34h',
    ],
    [
      '#define PCI_EXP_LNKSTA 0x12\n#define  PCI_EXP_LNKSTA_NLW 0x1f0',
      'PCI_EXP_LNKSTA_NLW: no field of mask 1F0h in the register at 12h',
    ],
    [
      '#define PCI_EXP_LNKSTA 0x12\n#define  PCI_EXP_LNKSTA_NLW_X4 0x48',
      'PCI_EXP_LNKSTA_NLW_X4: 48h is in no field of the register at 12h',
    ],
    [
      '#define PCI_EXP_LNKSTA 0x12\n#define  PCI_EXP_LNKSTA_NLW_SHIFT 5',
      'PCI_EXP_LNKSTA_NLW_SHIFT: no field of the register at 12h begins at bit 5',
    ],
    ['#define PCI_EXT_CAP_ID_NEW 0x7f', 'PCI_EXT_CAP_ID_NEW: no table has the ID 7Fh'],
    ['#define HT_CAPTYPE_NEW 0xf8', 'HT_CAPTYPE_NEW: no command register for the type F8h'],
    ['#define PCI_EXT_CAP_ARI_SIZEOF 12', 'PCI_EXT_CAP_ARI_SIZEOF: is Ch, by the tables 8h'],
    ['#define PCI_EXP_TYPE_RC_EC 0x9', 'PCI_EXP_TYPE_RC_EC: is 9h, by the tables Ah'],
    [
      '#define PCI_IDE_SEL_ADDR_1(x) (20 + (x) * 16)',
      'PCI_IDE_SEL_ADDR_1: no such register at 24h, as there is at 14h',
    ],
    ['#define PCI_NEW_THING 0x04', 'PCI_NEW_THING: nothing says what it is'],
    // A waiver that names a value holds for that value alone.
    [
      '#define PCI_REBAR_CTRL 8\n#define  PCI_REBAR_CTRL_BAR_SIZE 0xf00',
      'PCI_REBAR_CTRL_BAR_SIZE: no field of mask F00h in the register at 8h',
    ],
  ])('names what is wrong in %j', (header, problem) => expect(problemsOf(header)).toEqual([problem]));

  it('throws at a macro that it cannot read', () => {
    expect(() => problemsOf('#define PCI_COMMAND offsetof(struct pci, command)')).toThrow();
  });
});
