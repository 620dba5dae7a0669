/** TLPs with end-end prefixes: who may not get them, who lets none out, and what is logged. The machine is that of `machine.ts`. */
import { describe, expect, it } from 'vitest';
import { HOST } from '../../src/fabric/exact-router.ts';
import type { Hop } from '../../src/fabric/hop.ts';
import type { RoutingOptions } from '../../src/fabric/routing-options.ts';
import { memoryRead, memoryWrite, tlpHeader } from '../../src/tlp/header.ts';
import { pasidPrefix } from '../../src/tlp/prefix.ts';
import { AER, DPC, type PortOptions } from '../generators/functions.ts';
import { machine, type Name } from './machine.ts';

const RAM = 0x40000000;
const EP_BAR = 0xf0000000;
const EP2_BAR = 0xf1000000;
const MALFORMED = 0x40000;
const UNEXPECTED = 0x10000;
const UR = 0x100000;
const BLOCKED = 0x2000000;

/** AtomicOps of all kinds, three bits of Fmt, end-end prefixes; four at most. */
const SUPPORTED = 0x103003e0;
const upTo = (most: number) => SUPPORTED | (most << 22);
const BLOCKING = { deviceControl2: 0x8000 };
const pasid = pasidPrefix(0x12345);
const several = (count: number) => Array.from({ length: count }, (_, i) => pasidPrefix(i));

function lab(options: Partial<Record<Name, PortOptions>> = {}, routing: RoutingOptions = {}) {
  const names = ['1c', 'up', 'downA', 'ep', 'downB', 'bridge', '1d', 'ep2', 'rciep'] as const;
  const able: PortOptions = { deviceCapabilities2: SUPPORTED, correctableMask: 0, deviceControl: 0xf };
  const it = machine(Object.fromEntries(names.map((name) => [name, { ...able, ...options[name] }])), routing);
  const { arena } = it.fabric;
  /** Uncorrectable Error Status of those where it is not 0. */
  const uncorrectable = () =>
    Object.fromEntries(
      names.map((name) => [name, arena.u32(it.fn[name], AER + 4)] as const).filter(([, value]) => value !== 0),
    );
  const prefixLog = (name: Name) => [arena.u32(it.fn[name], AER + 0x18) & 0x800, arena.u32(it.fn[name], AER + 0x38)];
  return { ...it, arena, uncorrectable, prefixLog };
}

describe('a TLP with end-end prefixes', () => {
  it('goes as without, where all that receive it support them', () => {
    const { fabric, fn, uncorrectable } = lab();
    expect(fabric.send(memoryWrite(0x300, 0, RAM), fn.ep, { prefixes: several(4) }).outcome).toBe('delivered');
    const read = fabric.send(memoryRead(0, 0, EP_BAR), HOST, { prefixes: [pasid] });
    expect([read.outcome, read.at, read.completion?.status]).toEqual(['delivered', fn.ep, 0]);
    expect(uncorrectable()).toEqual({});
  });

  it.each([
    ['downA', 'ep', 'downA'],
    ['up', 'ep', '1c'],
    ['1c', 'ep', '1c'],
  ] as const)('is malformed to a receiver on a link without support: %s', (lacking, from, receiver) => {
    const { fabric, fn, uncorrectable, prefixLog } = lab({ [lacking]: { deviceCapabilities2: 0x100003e0 } });
    const sent = fabric.send(memoryRead(0x300, 0, RAM), fn[from], { prefixes: [pasid] });
    // What comes from inside the switch does not come over a link.
    if (lacking === 'up') {
      expect([sent.outcome, uncorrectable()]).toEqual(['delivered', {}]);
      return;
    }
    expect([sent.outcome, sent.at, sent.completion]).toEqual(['malformed', fn[receiver], undefined]);
    expect(uncorrectable()).toEqual({ [receiver]: MALFORMED, ep: 0x4000 });
    // It has no log for what it does not know.
    expect(prefixLog(receiver)[0]).toBe(0);
  });

  it('is malformed to an endpoint without support, and to a switch from above', () => {
    for (const lacking of ['ep', 'up'] as const) {
      const { fabric, fn, uncorrectable } = lab({ [lacking]: { deviceCapabilities2: 0x100003e0 } });
      const { outcome, at } = fabric.send(memoryWrite(0, 0, EP_BAR), HOST, { prefixes: [pasid] });
      expect([outcome, at]).toEqual(['malformed', fn[lacking]]);
      expect(uncorrectable()).toEqual({ [lacking]: MALFORMED });
    }
  });

  it('with more than its receiver can have is malformed; at a root port a UR, or an Unexpected Completion', () => {
    for (const [most, count, outcome] of [
      [2, 2, 'delivered'],
      [2, 3, 'malformed'],
      [0, 4, 'delivered'],
      [0, 5, 'malformed'],
    ] as const) {
      const { fabric } = lab({ ep: { deviceCapabilities2: upTo(most) } });
      expect(fabric.send(memoryWrite(0, 0, EP_BAR), HOST, { prefixes: several(count) }).outcome).toBe(outcome);
    }
    const { fabric, fn, uncorrectable } = lab({ '1c': { deviceCapabilities2: upTo(1) } });
    const request = fabric.send(memoryRead(0x300, 0, RAM), fn.ep, { prefixes: several(2) });
    expect([request.outcome, request.at, request.completion?.status]).toEqual(['unsupported-request', fn['1c'], 1]);
    const completion = tlpHeader('Cpl', { completerId: 0x300, requesterId: 0, byteCount: 4 });
    const refused = fabric.send(completion, fn.ep, { prefixes: several(2) });
    expect([refused.outcome, refused.at, refused.report?.message]).toEqual([
      'unexpected-completion',
      fn['1c'],
      'ERR_COR',
    ]);
    expect(uncorrectable()).toEqual({ '1c': UR | UNEXPECTED });
  });
});

it('RP PIO logs the prefixes of a request of the CPU that fails, as many as its log has room for', () => {
  for (const [size, logged] of [
    [5, [0, 0]],
    [6, [pasid, 0]],
    [8, [pasid, 0x9e000001]],
  ] as const) {
    const dpc = { 'DPC Capability': 0x0020 | (size << 8), 'DPC Status': 0x1f00, 'RP PIO Mask': 0 };
    const { fabric, fn, arena } = lab({ '1d': { dpc } });
    fabric.answer(fn.ep2, () => 'UR');
    fabric.send(memoryRead(0, 0, EP2_BAR), HOST, { prefixes: [pasid, 0x9e000001] });
    expect(arena.u32(fn['1d'], DPC + 0x0c)).toBe(0x10000);
    expect([0x34, 0x38].map((offset) => arena.u32(fn['1d'], DPC + offset))).toEqual(logged);
  }
});

describe('End-End TLP Prefix Blocking', () => {
  it('of a switch: a read that would leave upwards is completed with UR, an advisory error with its prefixes', () => {
    const { fabric, fn, uncorrectable, prefixLog, arena } = lab({ up: BLOCKING });
    const hops: Hop[] = [];
    const sent = fabric.send(memoryRead(0x300, 7, RAM), fn.ep, { prefixes: [pasid, 0x9e000001], trace: hops });
    expect([sent.outcome, sent.at, sent.completion?.status]).toEqual(['prefix-blocked', fn.up, 1]);
    expect(sent.report).toMatchObject({ error: 'TLP Prefix Blocked Error', message: 'ERR_COR', headerLogged: true });
    expect(uncorrectable()).toEqual({ up: BLOCKED });
    expect(prefixLog('up')).toEqual([0x800, pasid]);
    expect(arena.u32(fn.up, AER + 0x3c)).toBe(0x9e000001);
    expect(hops.at(-1)).toEqual({
      fn: fn.up,
      action: 'refuse',
      rule: 'End-End TLP Prefix Blocking: no TLP with such a prefix leaves by this port',
      spec: 'PCIe 5.0 §7.5.3.16',
      register: 'Device Control 2',
      value: '8000',
    });
    expect(fabric.send(memoryRead(0x300, 7, RAM), fn.ep).outcome).toBe('delivered');
  });

  it('a write has no answer, and is an uncorrectable error', () => {
    const { fabric, fn } = lab({ up: BLOCKING });
    const { outcome, report, completion } = fabric.send(memoryWrite(0x300, 0, RAM), fn.ep, { prefixes: [pasid] });
    expect([outcome, report?.message, completion]).toEqual(['prefix-blocked', 'ERR_NONFATAL', undefined]);
  });

  it.each([
    ['1c', 'prefix-blocked'],
    ['up', 'delivered'],
    ['downA', 'prefix-blocked'],
    ['downB', 'delivered'],
  ] as const)('from above it counts where the TLP leaves by a link: %s', (name, outcome) => {
    const { fabric, fn } = lab({ [name]: BLOCKING });
    const sent = fabric.send(memoryWrite(0, 0, EP_BAR), HOST, { prefixes: [pasid] });
    expect([sent.outcome, sent.at]).toEqual([outcome, outcome === 'delivered' ? fn.ep : fn[name]]);
  });

  it.each([
    ['1c', 'delivered'],
    ['up', 'prefix-blocked'],
    ['downA', 'delivered'],
  ] as const)('from below: %s', (name, outcome) => {
    const { fabric, fn } = lab({ [name]: BLOCKING });
    expect(fabric.send(memoryWrite(0x300, 0, RAM), fn.ep, { prefixes: [pasid] }).outcome).toBe(outcome);
  });

  it('says nothing in a function that does not support prefixes, nor in an endpoint', () => {
    for (const options of [{ ep: BLOCKING }, { rciep: BLOCKING }]) {
      const { fabric, fn } = lab(options);
      expect(fabric.send(memoryWrite(0x300, 0, RAM), fn.ep, { prefixes: [pasid] }).outcome).toBe('delivered');
      expect(fabric.send(memoryWrite(0x00f8, 0, RAM), fn.rciep, { prefixes: [pasid] }).outcome).toBe('delivered');
    }
  });

  it('from one root port to another: by the one that it leaves by, which must be able to', () => {
    for (const [options, outcome] of [
      [{}, 'delivered'],
      [BLOCKING, 'prefix-blocked'],
      [{ deviceCapabilities2: 0x100003e0 }, 'unsupported-request'],
    ] as const) {
      const { fabric, fn } = lab({ '1d': options }, { peerToPeer: true });
      const { at, ...sent } = fabric.send(memoryWrite(0x300, 0, EP2_BAR), fn.ep, { prefixes: [pasid] });
      expect([sent.outcome, at]).toEqual([outcome, outcome === 'delivered' ? fn.ep2 : fn['1d']]);
    }
  });

  it('an Unsupported Request of a port before it comes first; a malformed TLP always', () => {
    const before = lab({ up: BLOCKING, downA: { command: 0x3 } });
    expect(before.fabric.send(memoryWrite(0x300, 0, RAM), before.fn.ep, { prefixes: [pasid] }).at).toBe(
      before.fn.downA,
    );
    // It crosses a 4 KiB boundary.
    const malformed = { ...memoryWrite(0, 0, EP_BAR + 0xffc), lengthDw: 2, lastBe: 0xf };
    for (const [blocking, end] of [
      ['downA', 'up'],
      // What the root complex does not let out nobody receives.
      ['1c', '1c'],
    ] as const) {
      const { fabric, fn, uncorrectable } = lab({ [blocking]: BLOCKING });
      const { outcome, at } = fabric.send(malformed, HOST, { prefixes: [pasid] });
      expect([outcome, at]).toEqual([end === '1c' ? 'prefix-blocked' : 'malformed', fn[end]]);
      expect(uncorrectable()).toEqual({ [end]: end === '1c' ? BLOCKED : MALFORMED });
    }
  });

  it('of a poisoned TLP: one error, and parity bits up to where it ends', () => {
    const { fabric, fn, arena, uncorrectable } = lab({ downA: BLOCKING });
    fabric.send({ ...memoryWrite(0, 0, EP_BAR), ep: true }, HOST, { prefixes: [pasid] });
    // The switch's upstream port is an intermediate receiver, and says so.
    expect(uncorrectable()).toEqual({ up: 0x1000, downA: BLOCKED });
    expect([arena.u16(fn.downA, 6) & 0x8000, arena.u16(fn.ep, 6) & 0x8000]).toEqual([0x8000, 0]);
  });
});

it('takes end-end prefixes alone', () => {
  const { fabric, fn } = lab();
  for (const prefix of [0x8e000000, 0x40000001, 0xf0000000])
    expect(() => fabric.send(memoryWrite(0x300, 0, RAM), fn.ep, { prefixes: [prefix] })).toThrow(
      `prefixes: expected end-end TLP prefixes, 0x90000000 to 0x9fffffff, got 0x${prefix.toString(16)}`,
    );
});
