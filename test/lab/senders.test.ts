/** Who sends, by the bytes alone. */
import { describe, expect, it } from 'vitest';
import { Fabric } from '../../src/fabric/fabric.ts';
import { type Attempt, Senders } from '../../src/lab/senders.ts';
import { device, port } from '../generators/functions.ts';

const ENDPOINT = 1;
const MSI = 0x48;
const MSI_X = 0x60;

function below(window: readonly [number, number], options: Parameters<typeof device>[1]) {
  const fabric = new Fabric([port('00:01.0', 'Root Port', 1, 1, { memory: window }), device('01:00.0', options)]);
  const senders = new Senders(fabric, { dma: 'all' });
  const tried = () => {
    const attempts: Attempt[] = [];
    senders.tryAll([ENDPOINT], (attempt) => attempts.push(attempt));
    return attempts.map(({ kind, header, delivery }) => ({ kind, lo: header.addressLo, outcome: delivery.outcome }));
  };
  return { fabric, senders, tried };
}

describe('memory writes', () => {
  it('come from a function in D0 with Bus Master Enable, and from no other', () => {
    expect(below([0xf00, 0xf00], {}).senders.sending()).toEqual([ENDPOINT]);
    expect(below([0xf00, 0xf00], { command: 0x0003 }).senders.sending()).toEqual([]);
    expect(below([0xf00, 0xf00], { powerState: 3 }).senders.sending()).toEqual([]);
  });
});

describe('after a write', () => {
  const PORT = 0;
  const OTHER = 2;

  function attempts(rates?: ReadonlyMap<number, number>) {
    const fabric = new Fabric([
      port('00:01.0', 'Root Port', 1, 1, { command: 0x0103 }),
      device('01:00.0'),
      device('00:02.0', {}, 'Root Complex Integrated Endpoint'),
    ]);
    const senders = new Senders(fabric, { dma: 'all', rates });
    const after = (written: number) => {
      const tried: [number, boolean][] = [];
      senders.tryAfter(written, ({ fn, repeats }) => tried.push([fn, repeats]));
      return tried;
    };
    return [PORT, OTHER, OTHER, PORT].map(after);
  }

  it('a function tries that the write touched, and once more that was refused just before', () => {
    expect(attempts()).toEqual([
      [[ENDPOINT, false]],
      [
        [OTHER, false],
        [ENDPOINT, true],
      ],
      [[OTHER, false]],
      [[ENDPOINT, false]],
    ]);
  });

  it('one with a rate has its turn each time, and one turn only', () => {
    for (const tried of attempts(new Map([[ENDPOINT, Number.POSITIVE_INFINITY]])))
      expect(tried.filter(([fn]) => fn === ENDPOINT)).toEqual([[ENDPOINT, false]]);
  });
});

describe('the message of an armed function', () => {
  it('of MSI-X goes to the range of interrupt messages', () => {
    expect(below([0xf00, 0xf00], { armed: 'msi-x' }).tried()).toContainEqual({
      kind: 'msi',
      lo: 0xfee00000,
      outcome: 'delivered',
    });
  });

  it('of MSI-X goes to host memory where a window above holds that range', () => {
    expect(below([0x800, 0xffe], { armed: 'msi-x' }).tried()).toEqual([
      { kind: 'dma', lo: 0x100000, outcome: 'delivered' },
      { kind: 'msi', lo: 0x100000, outcome: 'delivered' },
    ]);
  });

  it('is not sent while MSI-X has its Function Mask set', () => {
    const { fabric, senders } = below([0xf00, 0xf00], { armed: 'msi-x' });
    expect(senders.armed()).toEqual([ENDPOINT]);
    fabric.arena.poke(ENDPOINT, MSI_X + 2, 2, 0xc003);
    expect(senders.armed()).toEqual([]);
  });

  // Message Control: enable, 2^n vectors in 6:4, 64-bit address in 7, Per-Vector Masking Capable in 8.
  it.each<[string, number, number, boolean]>([
    ['one vector, masked', 0x0101, 0x1, false],
    ['one vector, another mask bit', 0x0101, 0x2, true],
    ['two vectors, one masked', 0x0111, 0x1, true],
    ['two vectors, both masked', 0x0111, 0x3, false],
    ['32 vectors, all masked', 0x015b, 0xffffffff, false],
    ['32 vectors, one left', 0x015b, 0x7fffffff, true],
    ['64-bit address, masked', 0x0181, 0x1, false],
    ['no Per-Vector Masking', 0x0001, 0x1, true],
  ])('of MSI, %s', (_, control, mask, sends) => {
    const { fabric, senders } = below([0xf00, 0xf00], { armed: 'msi' });
    fabric.arena.poke(ENDPOINT, MSI + 2, 2, control);
    fabric.arena.poke(ENDPOINT, MSI + ((control & 0x80) !== 0 ? 0x10 : 0x0c), 4, mask);
    expect(senders.armed()).toEqual(sends ? [ENDPOINT] : []);
  });
});
