/** Downstream Port Containment: triggers, what is held, release, RP PIO. The machine is that of `machine.ts`; 02:00.0 and 00:1d.0 have DPC. */
import { describe, expect, it } from 'vitest';
import { HOST } from '../../src/fabric/exact-router.ts';
import { NONE } from '../../src/fabric/topology.ts';
import { memoryRead, memoryWrite, tlpHeader } from '../../src/tlp/header.ts';
import { AER, DPC, EXPRESS, type PortOptions } from '../generators/functions.ts';
import { machine, type Name } from './machine.ts';

const EP_BAR = 0xf0000000;
const EP2_BAR = 0xf1000000;
const RAM = 0x40000000;
/** Capabilities: RP extensions, poisoned egress blocking, software trigger, log of 4, DL_Active ERR_COR. */
const CAPABLE = 0x14e0;
const FATAL_ONLY = 1;
const NON_FATAL_TOO = 2;
const CHOOSE_UR = 4;
const INTERRUPT = 8;
const ERR_COR = 0x10;
const BLOCK_POISONED = 0x20;
const SOFTWARE_TRIGGER = 0x40;
const DL_ACTIVE = 0x80;

const open: PortOptions = { command: 0x0107, bridgeControl: 0x0002, deviceControl: 0xf };

function lab(control: number, options: Partial<Record<Name, PortOptions>> = {}) {
  const names = ['1c', 'up', 'downA', 'ep', '1d', 'ep2'] as const;
  const dpc = { 'DPC Capability': CAPABLE, 'DPC Control': control, 'DPC Status': 0x1f00 };
  const own = (name: Name): PortOptions => (name === 'downA' || name === '1d' ? { ...open, dpc } : open);
  const it = machine(Object.fromEntries(names.map((name) => [name, { ...own(name), ...options[name] }])));
  const { arena } = it.fabric;
  const of = (name: Name) => {
    const fn = it.fn[name];
    return {
      fn,
      status: () => arena.u16(fn, DPC + 8) & 0x7f,
      source: () => arena.u16(fn, DPC + 0x0a),
      release: () => arena.write(fn, DPC + 8, 2, 0x0001),
    };
  };
  const isReached = () => it.fabric.configRead(0, 0x0300, 0, 4) !== 0xffffffff;
  return { ...it, arena, downA: of('downA'), '1d': of('1d'), isReached };
}

const refusedWrite = memoryWrite(0x0300, 0, EP_BAR + 0x100000);

describe('a trigger', () => {
  it.each([
    [0, 'ERR_FATAL', false],
    [0, 'ERR_NONFATAL', false],
    [FATAL_ONLY, 'ERR_FATAL', true],
    [FATAL_ONLY, 'ERR_NONFATAL', false],
    [NON_FATAL_TOO, 'ERR_FATAL', true],
    [NON_FATAL_TOO, 'ERR_NONFATAL', true],
    [3, 'ERR_FATAL', false],
  ])('Trigger Enable %i, %s from below: %s', (control, message, triggers) => {
    const { fabric, fn, downA, arena, isReached } = lab(control);
    const error = message === 'ERR_FATAL' ? 'Malformed TLP' : 'Completion Timeout';
    const { errorMessage, containment } = fabric.injectError(fn.ep, { error });
    expect(errorMessage?.message).toBe(message);
    expect(containment?.reason).toBe(triggers ? message : undefined);
    expect(errorMessage?.rootPort).toBe(triggers ? NONE : fn['1c']);
    expect(downA.status()).toBe(triggers ? (message === 'ERR_FATAL' ? 0b101 : 0b011) : 0);
    expect(downA.source()).toBe(triggers ? 0x0300 : 0);
    expect(isReached()).toBe(!triggers);
    // Received System Error all the same.
    expect(arena.u16(fn.downA, 0x1e) & 0x4000).toBe(0x4000);
  });

  it('comes before the gates of the bridge', () => {
    const { fabric, fn, downA } = lab(FATAL_ONLY, {
      downA: { command: 7, bridgeControl: 0, dpc: { 'DPC Control': 1 } },
    });
    fabric.injectError(fn.ep, { error: 'Malformed TLP' });
    expect(downA.status()).toBe(0b101);
  });

  it.each([FATAL_ONLY, NON_FATAL_TOO])(
    'Trigger Enable %i: an unmasked uncorrectable error of its own, in place of a message',
    (control) => {
      const { fabric, fn, downA, arena } = lab(control, {
        downA: { ...open, command: 0x0103, dpc: { 'DPC Control': control } },
      });
      const { outcome, report, errorMessage, errors } = fabric.send(refusedWrite, fn.ep);
      expect([outcome, report?.message, errorMessage]).toEqual(['unsupported-request', undefined, undefined]);
      expect(errors[0]?.containment?.reason).toBe('uncorrectable error');
      expect([downA.status(), downA.source()]).toEqual([1, 0]);
      expect(arena.u32(fn.downA, AER + 4)).toBe(0x00100000);
      expect(arena.u16(fn.downA, 6) & 0x4000).toBe(0);
    },
  );

  it('is no advisory, no correctable and no masked error', () => {
    const { fabric, downA } = lab(NON_FATAL_TOO, {
      downA: { ...open, uncorrectableMask: 0x00040000, correctableMask: 0, dpc: { 'DPC Control': 2 } },
    });
    fabric.injectError(downA.fn, { error: 'Malformed TLP' });
    fabric.injectError(downA.fn, { error: 'Unsupported Request Error', header: memoryRead(0x0300, 0, 0) });
    fabric.injectError(downA.fn, { error: 'Bad TLP' });
    expect(downA.status()).toBe(0);
  });

  it('by software, once enabled', () => {
    for (const control of [0, FATAL_ONLY]) {
      const { arena, downA } = lab(control);
      arena.write(downA.fn, DPC + 6, 2, control | SOFTWARE_TRIGGER);
      expect(downA.status()).toBe(control === 0 ? 0 : 0b0100111);
      expect(arena.u16(downA.fn, DPC + 6)).toBe(control);
    }
  });

  it('is the first only, until it is released', () => {
    const { fabric, fn, downA } = lab(NON_FATAL_TOO);
    fabric.injectError(fn.ep, { error: 'Malformed TLP' });
    const second = fabric.injectError(fn.ep, { error: 'Completion Timeout' });
    expect([second.containment, downA.status()]).toEqual([undefined, 0b101]);
    downA.release();
    fabric.arena.write(fn.ep, EXPRESS + 8, 2, 0xf);
    fabric.injectError(fn.ep, { error: 'Completion Timeout' });
    expect(downA.status()).toBe(0b011);
  });
});

describe('while it is contained', () => {
  it.each([
    [0, 'completer-abort', 4, 0x1000],
    [CHOOSE_UR, 'unsupported-request', 1, 0x2000],
  ])('Completion Control %i: %s for what goes down, a write is dropped', (choice, outcome, status, received) => {
    const { fabric, fn, arena } = lab(FATAL_ONLY | choice);
    fabric.injectError(fn.ep, { error: 'Malformed TLP' });
    const before = arena.u32(fn.downA, AER + 0x10);
    const read = fabric.send(memoryRead(0, 0, EP_BAR), HOST);
    expect([read.outcome, read.at, read.completion?.status]).toEqual([outcome, fn.downA, status]);
    expect(arena.u16(fn['1c'], 0x1e) & 0x3000).toBe(received);
    expect(arena.u32(fn.downA, AER + 0x10)).toBe(before);
    expect(fabric.send(memoryWrite(0, 0, EP_BAR), HOST).outcome).toBe('dropped');
    expect(fabric.send(memoryWrite(0x0300, 0, RAM), fn.ep, { ignoresBusMasterEnable: true }).outcome).toBe('not-sent');
  });

  it('what is below has been reset; after the release it answers again', () => {
    const { fabric, fn, downA, isReached } = lab(FATAL_ONLY);
    fabric.injectError(fn.ep, { error: 'Malformed TLP' });
    expect(isReached()).toBe(false);
    fabric.arena.write(downA.fn, DPC + 8, 2, 0x0008);
    expect(isReached()).toBe(false);
    downA.release();
    expect([downA.status() & 1, isReached()]).toEqual([0, true]);
    expect(fabric.configRead(0, 0x0300, 4, 2)).toBe(0);
  });
});

describe('how the system hears of it', () => {
  it('by the interrupt of the port', () => {
    const cases = [
      [FATAL_ONLY, 'msi', 0x0107, 'not enabled', 0],
      [FATAL_ONLY | INTERRUPT, 'msi', 0x0107, 'MSI', 8],
      [FATAL_ONLY | INTERRUPT, 'msi', 0x0103, 'suppressed by Bus Master Enable', 8],
      [FATAL_ONLY | INTERRUPT, undefined, 0x0107, 'INTx', 8],
    ] as const;
    for (const [control, armed, command, interrupt, status] of cases) {
      const { fabric, fn, downA } = lab(control, {
        downA: { ...open, command, ...(armed === undefined ? {} : { armed }), dpc: { 'DPC Control': control } },
      });
      expect(fabric.injectError(fn.ep, { error: 'Malformed TLP' }).containment?.interrupt).toBe(interrupt);
      expect(downA.status() & 8).toBe(status);
    }
  });

  it('by ERR_COR, where DPC and Device Control enable it; AER or not', () => {
    for (const enabled of [false, true])
      for (const correctable of [false, true]) {
        const { fabric, fn } = lab(0, {
          downA: {
            ...open,
            aer: false,
            deviceControl: correctable ? 1 : 0,
            dpc: { 'DPC Control': FATAL_ONLY | (enabled ? ERR_COR : 0) },
          },
        });
        const { containment } = fabric.injectError(fn.ep, { error: 'Malformed TLP' });
        expect(containment?.errorMessage?.message).toBe(enabled && correctable ? 'ERR_COR' : undefined);
        expect(fabric.arena.u32(fn['1c'], AER + 0x30)).toBe(enabled && correctable ? 1 : 0);
      }
  });

  it('by ERR_COR when the link is up again', () => {
    for (const control of [FATAL_ONLY, FATAL_ONLY | DL_ACTIVE]) {
      const { fabric, fn, downA, arena } = lab(control);
      fabric.injectError(fn.ep, { error: 'Malformed TLP' });
      expect(arena.u32(fn['1c'], AER + 0x30)).toBe(0);
      downA.release();
      expect(arena.u32(fn['1c'], AER + 0x30)).toBe((control & DL_ACTIVE) !== 0 ? 1 : 0);
    }
  });
});

describe('Poisoned TLP Egress Blocking', () => {
  const poisoned = { ...memoryWrite(0, 0, EP_BAR), ep: true };
  it.each([0, BLOCK_POISONED])('DPC Control %i', (control) => {
    const { fabric, fn, arena } = lab(control, {
      downA: { ...open, uncorrectableMask: 0, dpc: { 'DPC Capability': CAPABLE, 'DPC Control': control } },
    });
    const { outcome, at, report } = fabric.send(poisoned, HOST);
    const blocked = control !== 0;
    expect([outcome, at]).toEqual(blocked ? ['poisoned-egress-blocked', fn.downA] : ['delivered', fn.ep]);
    expect(report?.error).toBe(blocked ? 'Poisoned TLP Egress Blocked' : undefined);
    expect(arena.u32(fn.downA, AER + 4)).toBe(blocked ? 0x04000000 : 0);
    expect(arena.u32(fn.ep, AER + 4)).toBe(blocked ? 0 : 0x1000);
  });
});

describe('RP PIO', () => {
  const kinds = [
    ['configuration', 0, tlpHeader('CfgRd1', { destinationId: 0x0601, lengthDw: 1, firstBe: 0xf })],
    ['memory', 16, memoryRead(0, 0, EP2_BAR)],
  ] as const;
  /** Mask, severity, system error, exception of all bits; RP PIO registers lie behind the others. */
  function rootPort(control: number, on: { mask?: boolean; severity?: boolean; system?: boolean } = {}) {
    const it = lab(0, {
      '1d': {
        ...open,
        dpc: {
          'DPC Capability': CAPABLE,
          'DPC Control': control,
          'DPC Status': 0x1f00,
          'RP PIO Mask': on.mask === true ? 0x00070707 : 0,
          'RP PIO Severity': on.severity === true ? 0x00070707 : 0,
          'RP PIO SysError': on.system === true ? 0x00070707 : 0,
        },
      },
    });
    const u32 = (offset: number) => it.arena.u32(it.fn['1d'], DPC + offset);
    const pointer = () => (it.arena.u16(it.fn['1d'], DPC + 8) >> 8) & 0x1f;
    return { ...it, u32, pointer };
  }

  it.each(kinds)('%s: UR, CA and no answer have a bit each', (_, base, request) => {
    const ways = [
      ['UR', 0],
      ['CA', 1],
      ['none', 2],
    ] as const;
    for (const [answer, way] of ways) {
      const { fabric, fn, u32, pointer } = rootPort(0);
      // Function 1 of the device does not exist: its function 0 refuses the configuration request.
      if (base === 0 && answer !== 'UR') continue;
      fabric.answer(fn.ep2, () => answer);
      const { rootPortIo } = fabric.send(request, HOST);
      expect(rootPortIo).toMatchObject({ port: fn['1d'], bit: base + way, masked: false, headerLogged: true });
      expect(u32(0x0c)).toBe(2 ** (base + way));
      expect(pointer()).toBe(base + way);
      expect(u32(0x20)).toBe(base === 0 ? 0x05000001 : 0x00000001);
      expect(rootPortIo?.errorMessage?.message).toBe('ERR_COR');
    }
  });

  it('masked: the status bit and no more', () => {
    const { fabric, fn, u32, pointer } = rootPort(FATAL_ONLY, { mask: true, severity: true, system: true });
    fabric.answer(fn.ep2, () => 'UR');
    expect(fabric.send(memoryRead(0, 0, EP2_BAR), HOST).rootPortIo).toMatchObject({
      masked: true,
      headerLogged: false,
      systemError: false,
      containment: undefined,
      errorMessage: undefined,
    });
    expect([u32(0x0c), pointer(), u32(0x20)]).toEqual([0x10000, 0x1f, 0]);
  });

  it('keeps the first header while its bit is set', () => {
    const { fabric, fn, arena, u32 } = rootPort(0);
    fabric.answer(fn.ep2, () => 'UR');
    const read = (offset: number) => fabric.send(memoryRead(0, 0, EP2_BAR + offset), HOST).rootPortIo?.headerLogged;
    expect([read(0x10), read(0x20), u32(0x28)]).toEqual([true, false, EP2_BAR + 0x10]);
    arena.write(fn['1d'], DPC + 0x0c, 4, 0x10000);
    expect([read(0x30), u32(0x28)]).toEqual([true, EP2_BAR + 0x30]);
  });

  it('of uncorrectable severity triggers containment', () => {
    const { fabric, fn, '1d': port } = rootPort(FATAL_ONLY, { severity: true, system: true });
    fabric.answer(fn.ep2, () => 'CA');
    const { rootPortIo } = fabric.send(memoryRead(0, 0, EP2_BAR), HOST);
    expect(rootPortIo).toMatchObject({ systemError: true, containment: { reason: 'RP PIO error' } });
    expect(port.status()).toBe(0b0000111);
  });

  it('is none of a request from below, nor of a port without the extensions', () => {
    const { fabric, fn, u32 } = rootPort(0);
    fabric.send(memoryRead(0x0600, 0, EP2_BAR + 0x200000), fn.ep2);
    expect(u32(0x0c)).toBe(0);
    fabric.answer(fn.ep, () => 'UR');
    expect(fabric.send(memoryRead(0, 0, EP_BAR), HOST).rootPortIo).toBeUndefined();
  });
});
