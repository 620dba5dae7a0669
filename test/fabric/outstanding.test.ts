/** Requests that are answered later, completions that are sent on their own, and those that nobody expects. The machine is that of `machine.ts`. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOST } from '../../src/fabric/exact-router.ts';
import { NONE } from '../../src/fabric/topology.ts';
import { completionFor, completionsFor } from '../../src/tlp/completion.ts';
import { memoryRead, type TlpHeader, tlpHeader } from '../../src/tlp/header.ts';
import { AER, type PortOptions } from '../generators/functions.ts';
import { runs } from '../generators/runs.ts';
import { machine, type Name } from './machine.ts';

const RAM = 0x40000000;
const EP_BAR = 0xf0000000;
const EP2_BAR = 0xf1000000;
const CTO = 0x4000;
const UNEXPECTED = 0x10000;
const POISONED = 0x1000;
const MALFORMED = 0x40000;

const read = (requesterId: number, address: number, lengthDw = 1, tag = 0): TlpHeader => ({
  ...memoryRead(requesterId, 0, address, lengthDw),
  tag,
  lastBe: lengthDw === 1 ? 0 : 0xf,
});

function lab(options: Partial<Record<Name, PortOptions>> = {}) {
  const names = ['1c', 'up', 'downA', 'ep', 'downB', 'bridge', '1d', 'ep2', 'rciep'] as const;
  const open: PortOptions = { correctableMask: 0, deviceControl: 0xf };
  const it = machine(Object.fromEntries(names.map((name) => [name, { ...open, ...options[name] }])));
  const { arena } = it.fabric;
  /** Uncorrectable Error Status of those where it is not 0. */
  const uncorrectable = () =>
    Object.fromEntries(
      names.map((name) => [name, arena.u32(it.fn[name], AER + 4)] as const).filter(([, value]) => value !== 0),
    );
  /** Received Target and Master Abort, in Status and Secondary Status. */
  const aborts = (name: Name) => [arena.u16(it.fn[name], 6) & 0x3000, arena.u16(it.fn[name], 0x1e) & 0x3000];
  /** A read of `to` by `from` that `to` answers later. */
  const asks = (request: TlpHeader, from: number, to: number) => {
    it.fabric.answer(to, () => 'later');
    const delivery = it.fabric.send(request, from);
    expect([delivery.outcome, delivery.at, delivery.completion]).toEqual(['delivered', to, undefined]);
    it.fabric.answer(to, undefined);
    return request;
  };
  return { ...it, arena, uncorrectable, aborts, asks };
}

describe('a request that is answered later', () => {
  it.each([
    ['of the CPU, by an endpoint', 'host', 'ep', read(0, EP_BAR)],
    ['of an endpoint, by memory', 'ep', 'host', read(0x300, RAM)],
    ['of an integrated endpoint, by memory', 'rciep', 'host', read(0x00f8, RAM)],
    ['of a device on a conventional bus, whose bridge waits', 'pci0', 'ep', read(0x500, EP_BAR)],
  ] as const)('%s: waits until its completion comes, and once', (_, from, to, request) => {
    const { fabric, fn, asks, uncorrectable } = lab();
    const [sender, completer] = [from === 'host' ? HOST : fn[from], to === 'host' ? HOST : fn[to]];
    asks(request, sender, completer);
    expect(fabric.outstanding(sender)).toEqual([request]);
    const completion = completionFor(request, 'SC', to === 'host' ? 0 : 0x300);
    const requester = from === 'pci0' ? fn.bridge : from === 'host' ? NONE : fn[from];
    const taken = fabric.send(completion, completer);
    expect([taken.outcome, taken.at, taken.answers]).toEqual([
      'delivered',
      requester,
      { outcome: 'done', request, offset: 0, poisoned: false },
    ]);
    expect([fabric.outstanding(sender), uncorrectable()]).toEqual([[], {}]);
    expect(fabric.send(completion, completer)).toMatchObject({ outcome: 'unexpected-completion', at: requester });
  });

  it('comes in pieces', () => {
    const { fabric, fn, asks, uncorrectable } = lab();
    const request = asks(read(0x300, RAM, 96), fn.ep, HOST);
    const pieces = completionsFor(request, { rcb: 64, pieces: 'boundary' });
    expect(pieces).toHaveLength(6);
    expect(pieces.map((piece) => fabric.send(piece, HOST).answers?.outcome)).toEqual([
      ...Array(5).fill('data'),
      'done',
    ]);
    expect(uncorrectable()).toEqual({});
  });

  it('fails: Received Master or Target Abort where the completion arrives', () => {
    for (const [status, bit] of [
      ['UR', 0x2000],
      ['CA', 0x1000],
    ] as const) {
      const { fabric, fn, asks, aborts } = lab();
      const ofCpu = asks(read(0, EP_BAR), HOST, fn.ep);
      expect(fabric.send(completionFor(ofCpu, status, 0x300), fn.ep).answers).toMatchObject({
        outcome: 'failed',
        status,
      });
      expect(aborts('1c')).toEqual([0, bit]);
      const ofEndpoint = asks(read(0x600, RAM), fn.ep2, HOST);
      fabric.send(completionFor(ofEndpoint, status, 0), HOST);
      expect(aborts('ep2')[0]).toBe(bit);
    }
  });

  it('two of one requester wait each for its own; one of the same Transaction ID takes the place of the first', () => {
    const { fabric, fn, asks } = lab();
    const [first, second] = [asks(read(0x300, RAM, 1, 1), fn.ep, HOST), asks(read(0x300, RAM, 1, 2), fn.ep, HOST)];
    expect(fabric.send(completionFor(second, 'SC', 0), HOST).outcome).toBe('delivered');
    expect(fabric.outstanding(fn.ep)).toEqual([first]);
    const again = asks(read(0x300, RAM, 8, 1), fn.ep, HOST);
    expect(fabric.outstanding(fn.ep)).toEqual([again]);
  });

  it('that is answered at once never waits', () => {
    const { fabric, fn } = lab();
    const request = read(0x300, RAM);
    expect(fabric.send(request, fn.ep).completion?.status).toBe(0);
    expect(fabric.send(completionFor(request, 'SC', 0), HOST)).toMatchObject({
      outcome: 'unexpected-completion',
      at: fn.ep,
    });
  });

  it('posted ones have no answer', () => {
    const { fabric, fn } = lab();
    fabric.answer(fn.ep, () => 'later');
    fabric.send(tlpHeader('MWr', { addressLo: EP_BAR, lengthDw: 1, firstBe: 0xf }), HOST);
    expect(fabric.outstanding(HOST)).toEqual([]);
  });

  it('a configuration read that is not answered in time reads as all ones', () => {
    const { fabric, fn } = lab();
    fabric.answer(fn.ep, () => 'later');
    expect(fabric.configRead(0, 0x300, 0, 4)).toBe(0xffffffff);
    expect(fabric.outstanding(HOST).map(({ type }) => type)).toEqual(['CfgRd1']);
  });

  it('a reset of the requester forgets it, and a checkpoint keeps it', () => {
    const { fabric, fn, asks } = lab();
    const request = asks(read(0x300, RAM, 32), fn.ep, HOST);
    const before = fabric.checkpoint();
    const [piece] = completionsFor(request, { rcb: 64, pieces: 'boundary' });
    fabric.send(piece!, HOST);
    fabric.arena.reset(fn.ep, 'flr');
    expect(fabric.outstanding(fn.ep)).toEqual([]);
    expect(fabric.send(piece!, HOST).outcome).toBe('unexpected-completion');
    for (let i = 0; i < 2; i++) {
      fabric.restore(before);
      expect(fabric.send(piece!, HOST).answers?.outcome).toBe('data');
    }
  });
});

describe('Completion Timeout', () => {
  it('of an endpoint: it reports; what comes later is unexpected', () => {
    const { fabric, fn, asks, uncorrectable } = lab();
    const request = asks(read(0x300, RAM), fn.ep, HOST);
    const [error, ...others] = fabric.timeOut(fn.ep);
    expect(error?.report).toMatchObject({ reporter: fn.ep, error: 'Completion Timeout', message: 'ERR_NONFATAL' });
    expect(others).toEqual([]);
    expect(fabric.timeOut(fn.ep)).toEqual([]);
    expect(fabric.send(completionFor(request, 'SC', 0), HOST).outcome).toBe('unexpected-completion');
    expect(uncorrectable()).toEqual({ ep: CTO | UNEXPECTED });
  });

  it('of the CPU: the root port that its request went through reports', () => {
    const { fabric, fn, asks, uncorrectable } = lab();
    asks(read(0, EP_BAR, 1, 1), HOST, fn.ep);
    asks(read(0, EP2_BAR, 1, 2), HOST, fn.ep2);
    expect(fabric.timeOut(HOST).map(({ report }) => report.reporter)).toEqual([fn['1c'], fn['1d']]);
    expect(uncorrectable()).toEqual({ '1c': CTO, '1d': CTO });
  });

  it('disabled: it waits on', () => {
    const { fabric, fn, asks } = lab({ ep: { deviceControl2: 0x10 } });
    const request = asks(read(0x300, RAM), fn.ep, HOST);
    expect(fabric.timeOut(fn.ep)).toEqual([]);
    expect(fabric.outstanding(fn.ep)).toEqual([request]);
  });

  it('a completion that is sent and delayed comes too late; one that is lost leaves the request waiting', () => {
    for (const [kind, left, status] of [
      ['delay', 0, { ep: CTO | UNEXPECTED }],
      ['drop', 1, {}],
    ] as const) {
      const { fabric, fn, asks, uncorrectable } = lab();
      const request = asks(read(0x300, RAM), fn.ep, HOST);
      fabric.inject({ kind, at: fn.downA });
      fabric.send(completionFor(request, 'SC', 0), HOST);
      expect([fabric.outstanding(fn.ep).length, uncorrectable()]).toEqual([left, status]);
    }
  });
});

describe('an Unexpected Completion', () => {
  it('is advisory, logged at its receiver, and never answered', () => {
    const { fabric, fn, arena, uncorrectable } = lab();
    const { outcome, at, report, completion } = fabric.send(completionFor(read(0x300, RAM, 1, 9), 'SC', 0x1234), HOST);
    expect([outcome, at, completion]).toEqual(['unexpected-completion', fn.ep, undefined]);
    expect(report).toMatchObject({ severity: 'advisory non-fatal', message: 'ERR_COR', headerLogged: true });
    expect(uncorrectable()).toEqual({ ep: UNEXPECTED });
    expect(arena.u32(fn.ep, AER + 0x1c)).toBe(0x4a000001);
    expect(arena.u32(fn.ep, AER + 0x24)).toBe(0x03000900);
  });

  it('at the root complex is one of the root port that it came through', () => {
    const { fabric, fn, uncorrectable } = lab();
    const { at, report } = fabric.send(completionFor(read(0, EP_BAR), 'SC', 0x300), fn.ep);
    expect([at, report?.reporter]).toEqual([NONE, fn['1c']]);
    expect(uncorrectable()).toEqual({ '1c': UNEXPECTED });
  });

  it.each([
    ['of another tag', { tag: 3 }],
    ['for another function', { requesterId: 0x301 }],
  ])('%s: the request waits on', (_, change) => {
    const { fabric, fn, asks, uncorrectable } = lab();
    const request = asks(read(0x300, RAM), fn.ep, HOST);
    const { outcome, at } = fabric.send({ ...completionFor(request, 'SC', 0), ...change }, HOST);
    expect([outcome, at]).toEqual(['unexpected-completion', fn.ep]);
    expect([fabric.outstanding(fn.ep), uncorrectable()]).toEqual([[request], { ep: UNEXPECTED }]);
  });

  it.each([
    ['that no port below leads to', 0x0207, 'up'],
    ['that no device on the link has', 0x0307, 'ep'],
  ] as const)('for an ID %s is found by the one that can not send it on', (_, requesterId, receiver) => {
    const { fabric, fn, uncorrectable } = lab();
    const id = requesterId === 0x0207 ? 0x0238 : requesterId;
    const { outcome, at } = fabric.send(completionFor(read(id, RAM), 'SC', 0), HOST);
    expect([outcome, at, uncorrectable()]).toEqual(['unexpected-completion', fn[receiver], { [receiver]: UNEXPECTED }]);
  });

  it('comes before that it is poisoned', () => {
    const { fabric, uncorrectable } = lab();
    fabric.send({ ...completionFor(read(0x300, RAM), 'SC', 0), ep: true }, HOST);
    expect(uncorrectable()).toEqual({ up: POISONED, ep: UNEXPECTED });
  });

  it('poisoned and awaited: its request is over', () => {
    const { fabric, fn, asks, uncorrectable } = lab();
    const request = asks(read(0x300, RAM), fn.ep, HOST);
    const { answers } = fabric.send({ ...completionFor(request, 'SC', 0), ep: true }, HOST);
    expect(answers).toMatchObject({ outcome: 'done', poisoned: true });
    expect([fabric.outstanding(fn.ep), uncorrectable()]).toEqual([[], { up: POISONED, ep: POISONED }]);
  });
});

it.each([
  ['TC', { tc: 1 }, /^TC: expected 0, got 1/],
  ['No Snoop', { attr: 1 }, /^Attr/],
  ['Byte Count', { byteCount: 8 }, /^Byte Count: expected 4, got 8/],
  ['Lower Address', { lowerAddress: 4 }, /^Lower Address/],
  ['Length', { lengthDw: 2, byteCount: 8 }, /Byte Count|Length/],
] as const)(
  'a completion of another %s than its request wants is malformed, and the request waits on',
  (_, change, rule) => {
    const { fabric, fn, asks, uncorrectable } = lab();
    const request = asks(read(0x300, RAM), fn.ep, HOST);
    const { outcome, at, answers } = fabric.send({ ...completionFor(request, 'SC', 0), ...change }, HOST);
    expect([outcome, at, uncorrectable()]).toEqual(['malformed', fn.ep, { ep: MALFORMED }]);
    expect(fabric.outstanding(fn.ep)).toEqual([request]);
    expect(answers).toMatchObject({ outcome: 'malformed', rule: expect.stringMatching(rule) });
  },
);

it('a request of a device on a conventional bus that fails is told to its bridge', () => {
  const { fabric, fn, asks, aborts } = lab();
  const request = asks(read(0x500, EP_BAR), fn.pci0, fn.ep);
  fabric.send(completionFor(request, 'UR', 0x300), fn.ep);
  expect(aborts('bridge')[0]).toBe(0x2000);
});

it('any order of requests, completions and timeouts: each request ends once, each completion beyond that is unexpected', () => {
  const step = fc.record({ tag: fc.nat(3), what: fc.constantFrom('ask', 'complete', 'time out') });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { fabric, fn } = lab();
      fabric.answer(HOST, () => 'later');
      // The oracle: tags that wait.
      const waiting = new Set<number>();
      for (const { tag, what } of steps) {
        const request = read(0x300, RAM, 1, tag);
        if (what === 'ask') {
          fabric.send(request, fn.ep);
          waiting.add(tag);
        } else if (what === 'complete') {
          const { outcome } = fabric.send(completionFor(request, 'SC', 0), HOST);
          expect(outcome).toBe(waiting.delete(tag) ? 'delivered' : 'unexpected-completion');
        } else {
          expect(fabric.timeOut(fn.ep)).toHaveLength(waiting.size);
          waiting.clear();
        }
        expect(new Set(fabric.outstanding(fn.ep).map((header) => header.tag))).toEqual(waiting);
      }
    }),
    runs(100),
  );
});
