/** Errors that traffic causes: who reports them, with which bits, and what the requester sees. The machine is that of `machine.ts`. */
import { describe, expect, it } from 'vitest';
import { HOST } from '../../src/fabric/exact-router.ts';
import type { Hop } from '../../src/fabric/hop.ts';
import { NONE } from '../../src/fabric/topology.ts';
import { memoryRead, memoryWrite, tlpHeader } from '../../src/tlp/header.ts';
import type { PortOptions } from '../generators/functions.ts';
import { AER, EXPRESS } from '../generators/functions.ts';
import { machine, type Name } from './machine.ts';

const RAM = 0x40000000;
const EP_BAR = 0xf0000000;
const EP2_BAR = 0xf1000000;
const POISONED = 0x1000;
const CTO = 0x4000;
const ABORT = 0x8000;
const UNEXPECTED = 0x10000;
const MALFORMED = 0x40000;
const ECRC = 0x80000;
const UR = 0x100000;

/** Advisory errors are not masked, so that they show in Uncorrectable Error Status; Parity Error Response everywhere. */
const open: PortOptions = { correctableMask: 0, command: 0x0147, bridgeControl: 0x0003, deviceControl: 0xf };

function lab(options: Partial<Record<Name, PortOptions>> = {}) {
  const names = ['1c', 'up', 'downA', 'ep', 'downB', '1d', 'ep2'] as const;
  const it = machine(Object.fromEntries(names.map((name) => [name, { ...open, ...options[name] }])));
  const { arena } = it.fabric;
  /** Uncorrectable Error Status of those where it is not 0. */
  const uncorrectable = () =>
    Object.fromEntries(
      names.map((name) => [name, arena.u32(it.fn[name], AER + 4)] as const).filter(([, value]) => value !== 0),
    );
  /** Error bits of Status and Secondary Status where any is set; Secondary Status in the upper half. SSE and RSE left out. */
  const status = () =>
    Object.fromEntries(
      names
        .map((name) => {
          const secondary = name === 'ep' || name === 'ep2' ? 0 : arena.u16(it.fn[name], 0x1e) & 0xb900;
          return [name, secondary * 0x10000 + (arena.u16(it.fn[name], 6) & 0xb900)] as const;
        })
        .filter(([, value]) => value !== 0),
    );
  return { ...it, arena, uncorrectable, status };
}

describe('a target that aborts', () => {
  it('a read from the CPU: CA, Signaled Target Abort there, Received at the root port', () => {
    const { fabric, fn, uncorrectable, status } = lab();
    fabric.answer(fn.ep, () => 'CA');
    const { outcome, at, report, completion } = fabric.send(memoryRead(0, 0, EP_BAR), HOST);
    expect([outcome, at, completion?.status, completion?.byteCount]).toEqual(['completer-abort', fn.ep, 4, 4]);
    expect(report).toMatchObject({ severity: 'advisory non-fatal', message: 'ERR_COR', reporter: fn.ep });
    expect(uncorrectable()).toEqual({ ep: ABORT });
    expect(status()).toEqual({ ep: 0x0800, '1c': 0x10000000 });
  });

  it('a write: no completion, an uncorrectable error', () => {
    const { fabric, fn, status } = lab();
    fabric.answer(fn.ep, () => 'CA');
    const { report, completion } = fabric.send(memoryWrite(0, 0, EP_BAR), HOST);
    expect([report?.message, completion]).toEqual(['ERR_NONFATAL', undefined]);
    expect(status()).toEqual({ ep: 0x0800 });
  });

  it('that refuses as unsupported, or goes back to Successful Completion', () => {
    const { fabric, fn, uncorrectable } = lab();
    fabric.answer(fn.ep, () => 'UR');
    expect(fabric.send(memoryRead(0, 0, EP_BAR), HOST).completion?.status).toBe(1);
    fabric.answer(fn.ep, undefined);
    expect(fabric.send(memoryRead(0, 0, EP_BAR), HOST)).toMatchObject({ outcome: 'delivered', errors: [] });
    expect(uncorrectable()).toEqual({ ep: UR });
  });

  it('a read of a peer: Received Target Abort at the function that asked', () => {
    const bar = lab({ downB: { portBar: 0xf01 } });
    bar.fabric.answer(bar.fn.downB, () => 'CA');
    const { outcome } = bar.fabric.send(memoryRead(0x0300, 0, 0xf0100000), bar.fn.ep);
    expect(outcome).toBe('completer-abort');
    expect(bar.status()).toEqual({ downB: 0x0800, ep: 0x1000 });
  });
});

describe('a poisoned write', () => {
  it('to memory: advisory at each receiver on the way, uncorrectable at the root port; parity bits on each side', () => {
    const { fabric, fn, uncorrectable, status, arena } = lab();
    const { outcome, at, errors } = fabric.send({ ...memoryWrite(0x0300, 0, RAM), ep: true }, fn.ep);
    expect([outcome, at]).toEqual(['delivered', NONE]);
    expect(errors.map(({ report: { reporter, severity } }) => [reporter, severity])).toEqual([
      [fn.downA, 'advisory non-fatal'],
      [fn['1c'], 'non-fatal'],
    ]);
    expect(uncorrectable()).toEqual({ downA: POISONED, '1c': POISONED });
    // DPE on the side it came in by, MDPE on the side it left by.
    expect(status()).toEqual({ ep: 0x0100, downA: 0x80000100, up: 0x80000100, '1c': 0x80000100 });
    expect(arena.u32(fn.downA, AER + 0x1c)).toBe(0x40004001);
  });

  it('from the CPU to a BAR: the endpoint reports it', () => {
    const { fabric, fn, uncorrectable, status } = lab();
    const { outcome, errors } = fabric.send({ ...memoryWrite(0, 0, EP_BAR), ep: true }, HOST);
    expect(outcome).toBe('delivered');
    expect(errors.at(-1)?.report).toMatchObject({ reporter: fn.ep, severity: 'non-fatal', message: 'ERR_NONFATAL' });
    expect(uncorrectable()).toEqual({ up: POISONED, ep: POISONED });
    expect(status()).toEqual({ '1c': 0x01008000, up: 0x01008000, downA: 0x01008000, ep: 0x8000 });
  });

  it('Detected Parity Error whatever Parity Error Response says; Master Data Parity Error only with it', () => {
    const { fabric, fn, status } = lab({
      ep: { command: 7 },
      downA: { command: 7 },
      up: { command: 7 },
      '1c': { command: 7 },
    });
    fabric.send({ ...memoryWrite(0x0300, 0, RAM), ep: true }, fn.ep);
    expect(status()).toEqual({ downA: 0x80000000, up: 0x80000000, '1c': 0x80000000 });
  });

  it('to configuration space: refused, and not as an advisory error', () => {
    const { fabric, fn, uncorrectable } = lab();
    const { outcome, at, report, completion } = fabric.send(
      tlpHeader('CfgWr1', { destinationId: 0x0300, lengthDw: 1, firstBe: 0xf, register: 0x3c, ep: true }),
      HOST,
    );
    expect([outcome, at, completion?.status]).toEqual(['unsupported-request', fn.ep, 1]);
    expect(report).toMatchObject({ error: 'Unsupported Request Error', severity: 'non-fatal' });
    expect(uncorrectable()).toEqual({ up: POISONED, ep: UR });
  });

  it('a request without data is not poisoned by EP', () => {
    const { fabric, fn, uncorrectable } = lab();
    expect(fabric.send({ ...memoryRead(0x0300, 0, RAM), ep: true }, fn.ep).errors).toEqual([]);
    expect(uncorrectable()).toEqual({});
  });
});

describe('faults', () => {
  it('a request that is lost: Completion Timeout at the requester', () => {
    const { fabric, fn, uncorrectable } = lab();
    fabric.inject({ kind: 'drop', at: fn.up });
    const { outcome, at, completion, errors } = fabric.send(memoryRead(0x0300, 0, RAM), fn.ep);
    expect([outcome, at, completion]).toEqual(['lost', fn.up, undefined]);
    expect(errors).toHaveLength(1);
    expect(uncorrectable()).toEqual({ ep: CTO });
    expect(fabric.send(memoryRead(0x0300, 0, RAM), fn.ep).outcome).toBe('delivered');
  });

  it('a write that is lost leaves no trace', () => {
    const { fabric, fn, arena } = lab();
    const before = arena.bytes.slice();
    fabric.inject({ kind: 'drop', at: fn.ep });
    expect(fabric.send(memoryWrite(0x0300, 0, RAM), fn.ep)).toMatchObject({ outcome: 'lost', errors: [] });
    expect(arena.bytes).toEqual(before);
  });

  it('a read of the CPU that nobody answers: the root port times out; with the timeout disabled it waits', () => {
    for (const disabled of [false, true]) {
      const { fabric, fn, uncorrectable } = lab({ '1c': { deviceControl2: disabled ? 0x10 : 0 } });
      fabric.answer(fn.ep, () => 'none');
      fabric.send(memoryRead(0, 0, EP_BAR), HOST);
      expect(uncorrectable()).toEqual(disabled ? {} : { '1c': CTO });
    }
  });

  it('a completion that is lost, late, poisoned', () => {
    const kinds = { drop: CTO, delay: CTO | UNEXPECTED, poison: POISONED } as const;
    for (const kind of ['drop', 'delay', 'poison'] as const) {
      const { fabric, fn, uncorrectable, status } = lab();
      fabric.inject({ kind, at: fn['1c'], of: 'completion' });
      const bar = lab({ downB: { portBar: 0xf01 } });
      bar.fabric.inject({ kind, at: bar.fn.downB, of: 'completion' });
      bar.fabric.send(memoryRead(0x0300, 0, 0xf0100000), bar.fn.ep);
      expect(bar.uncorrectable(), kind).toEqual({ ep: kinds[kind] });
      expect(fabric.send(memoryRead(0, 0, EP2_BAR), HOST).errors, 'another way').toEqual([]);
      expect([uncorrectable(), status()]).toEqual([{}, {}]);
    }
  });

  it('befall as many TLPs as asked for, of the kind asked for', () => {
    const { fabric, fn } = lab();
    fabric.inject({ kind: 'drop', at: fn.ep, of: 'completion' });
    fabric.inject({ kind: 'drop', at: fn.ep, times: 2, of: 'request' });
    const outcomes = [1, 2, 3].map(() => fabric.send(memoryWrite(0x0300, 0, RAM), fn.ep).outcome);
    expect(outcomes).toEqual(['lost', 'lost', 'delivered']);
  });

  it('of no function or kind are refused', () => {
    const { fabric } = lab();
    expect(() => fabric.inject({ kind: 'drop', at: 99 })).toThrow(RangeError);
    expect(() => fabric.inject({ kind: 'bend' as 'drop', at: 0 })).toThrow(/expected one of drop/);
    expect(() => fabric.inject({ kind: 'drop', at: 0, times: 0 })).toThrow(/1 TLP or more/);
  });

  it('corruption shows where there is a digest, at a target that checks it', () => {
    for (const td of [false, true])
      for (const checks of [false, true]) {
        const { fabric, fn, arena, uncorrectable } = lab();
        if (checks) arena.setBits(fn['1c'], AER + 0x18, 4, 0x100);
        fabric.inject({ kind: 'corrupt', at: fn.up });
        const { outcome } = fabric.send({ ...memoryRead(0x0300, 0, RAM), td }, fn.ep);
        const found = td && checks;
        expect(outcome).toBe(found ? 'ecrc-error' : 'delivered');
        expect(uncorrectable()).toEqual(found ? { '1c': ECRC, ep: CTO } : {});
      }
  });

  it('a malformed TLP ends at the first receiver behind the fault', () => {
    const { fabric, fn, uncorrectable } = lab();
    fabric.inject({ kind: 'malform', at: fn.up });
    const { outcome, at, report } = fabric.send(memoryWrite(0x0300, 0, RAM), fn.ep);
    expect([outcome, at, report?.message]).toEqual(['malformed', fn['1c'], 'ERR_FATAL']);
    expect(uncorrectable()).toEqual({ '1c': MALFORMED });
  });
});

describe('a malformed request', () => {
  const bad = { ...memoryWrite(0x0300, 0, RAM), lengthDw: 2 };
  it('is discarded by the first receiver, which says so', () => {
    const { fabric, fn, uncorrectable } = lab();
    const trace: Hop[] = [];
    const { outcome, at } = fabric.send(bad, fn.ep, { trace });
    expect([outcome, at]).toEqual(['malformed', fn.downA]);
    expect(uncorrectable()).toEqual({ downA: MALFORMED });
    expect(trace.map(({ fn: where, action }) => [where, action])).toEqual([
      [fn.ep, 'send'],
      [fn.downA, 'refuse'],
    ]);
  });

  it('that is not posted is never answered', () => {
    const { fabric, fn, uncorrectable } = lab();
    fabric.send({ ...memoryRead(0x0300, 0, RAM), lengthDw: 2 }, fn.ep);
    expect(uncorrectable()).toEqual({ downA: MALFORMED, ep: CTO });
  });

  it('is reported before any other error of the TLP', () => {
    const { fabric, fn, uncorrectable } = lab({ downA: { ...open, command: 0x0103 } });
    fabric.send({ ...bad, ep: true }, fn.ep);
    expect(uncorrectable()).toEqual({ downA: MALFORMED });
  });
});

describe('a link that is lost', () => {
  it.each([
    [true, 0, true],
    [false, 0, false],
    [true, 0x60, false],
    [true, 0x40, true],
  ])('reporting capable %s, Slot Capabilities %i: an error %s', (capable, slot, isError) => {
    const { fabric, fn } = lab({
      downA: {
        ...open,
        express: {
          'Link Capabilities': capable ? 0x00180000 : 0,
          ...(slot === 0 ? {} : { 'PCI Express Capabilities': 0x0162, 'Slot Capabilities': slot }),
        },
      },
    });
    const down = fabric.surpriseDown(fn.downA);
    expect(down !== undefined).toBe(isError);
    if (isError) expect(down?.report).toMatchObject({ error: 'Surprise Down Error', severity: 'fatal' });
  });

  it('of a port without a slot is an error, whatever Slot Capabilities hold', () => {
    const { fabric, fn, arena } = lab({ downA: { ...open, express: { 'Link Capabilities': 0x00180000 } } });
    arena.setBits(fn.downA, EXPRESS + 0x14, 4, 0x60);
    expect(fabric.surpriseDown(fn.downA)).toBeDefined();
  });

  it('takes away what is behind it, until it is back', () => {
    const { fabric, fn } = lab();
    const checkpoint = fabric.checkpoint();
    fabric.surpriseDown(fn.downA);
    expect(fabric.configRead(0, 0x0300, 0, 4)).toBe(0xffffffff);
    expect(fabric.send(memoryWrite(0x0300, 0, RAM), fn.ep, { ignoresBusMasterEnable: true }).outcome).toBe('not-sent');
    fabric.restoreLink(fn.downA);
    expect(fabric.configRead(0, 0x0300, 0, 4)).toBe(0x10d38086);
    // Reset in between.
    expect(fabric.configRead(0, 0x0300, 4, 2)).toBe(0);
    fabric.surpriseDown(fn.downA);
    fabric.restore(checkpoint);
    expect(fabric.configRead(0, 0x0300, 4, 2)).toBe(0x0147);
  });

  it('is one of a port', () => {
    const { fabric, fn } = lab();
    expect(() => fabric.surpriseDown(fn.ep)).toThrow(/03:00\.0: expected a root port or switch downstream port/);
  });
});

describe('injection by register', () => {
  it('has a function report any error, and its message go all the way', () => {
    const { fabric, fn, arena } = lab();
    const { report, errorMessage } = fabric.injectError(fn.ep, { error: 'Data Link Protocol Error' });
    expect([report.message, errorMessage?.rootPort]).toEqual(['ERR_FATAL', fn['1c']]);
    expect(arena.u32(fn['1c'], AER + 0x34) >>> 16).toBe(0x0300);
    expect(() => fabric.injectError(99, { error: 'Bad TLP' })).toThrow(RangeError);
  });
});
