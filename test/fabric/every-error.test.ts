/** Every error of AER, reported by a function: registers, message, logs, the headers that wait. */
import { describe, expect, it } from 'vitest';
import type { ErrorRole } from '../../spec-tables/advisory-errors.ts';
import { correctableErrors } from '../../spec-tables/correctable-errors.ts';
import { uncorrectableErrors } from '../../spec-tables/uncorrectable-errors.ts';
import { type DetectedError, firstByPrecedence, reportError } from '../../src/fabric/error-reporting.ts';
import { Fabric } from '../../src/fabric/fabric.ts';
import { memoryRead, memoryWrite, tlpHeader } from '../../src/tlp/header.ts';
import { AER, device, EXPRESS, type FunctionOptions, port } from '../generators/functions.ts';

const ADVISORY = 0x2000;
const write = memoryWrite(0x0100, 0, 0x1000000);
const read = memoryRead(0x0100, 0, 0x1000000);

/** 00:01.0 root port, 01:00.0 endpoint; `report` is of the endpoint. */
function machine(options: FunctionOptions = {}) {
  const fabric = new Fabric([
    port('00:01.0', 'Root Port', 1, 1),
    device('01:00.0', { deviceControl: 0xf, uncorrectableMask: 0, correctableMask: 0, ...options }),
  ]);
  const { arena } = fabric;
  const u32 = (offset: number) => arena.u32(1, AER + offset);
  return {
    fabric,
    arena,
    report: (detected: DetectedError) => reportError(fabric.signaling.headerLogs, 1, detected),
    deviceStatus: () => arena.u16(1, EXPRESS + 0x0a),
    uncorrectable: () => u32(0x04),
    correctable: () => u32(0x10),
    pointer: () => u32(0x18) & 0x1f,
    log: () => [0x1c, 0x20, 0x24, 0x28].map(u32),
    setControl: (bits: number) => arena.setBits(1, AER + 0x18, 4, bits),
    clear: (bits: number) => arena.write(1, AER + 4, 4, bits),
  };
}

const ofEndpoints = uncorrectableErrors.filter(({ bit }) => bit !== 5);
/** PCIe 5.0 table 6-5: those without a TLP, or whose TLP nobody keeps. */
const withoutHeader = [4, 13, 14, 17, 22];

describe('an uncorrectable error', () => {
  it.each(ofEndpoints)('$bit $name: by severity and mask', ({ bit, name }) => {
    for (const fatal of [false, true])
      for (const masked of [false, true]) {
        const about = JSON.stringify({ fatal, masked });
        const one = machine({ uncorrectableSeverity: fatal ? 2 ** bit : 0, uncorrectableMask: masked ? 2 ** bit : 0 });
        const report = one.report({ error: name, header: write });
        // An Unexpected Completion is the one that is advisory whatever the request.
        const advisory = bit === 16 && !fatal;
        expect(one.deviceStatus(), about).toBe((bit === 20 ? 8 : 0) | (advisory ? 1 : fatal ? 4 : 2));
        expect(one.uncorrectable(), about).toBe(2 ** bit);
        expect(one.correctable(), about).toBe(advisory ? ADVISORY : 0);
        expect(one.pointer(), about).toBe(masked ? 0 : bit);
        const logs = !masked && !withoutHeader.includes(bit);
        expect(report.headerLogged, about).toBe(logs);
        expect(one.log()[0], about).toBe(logs ? 0x40000001 : 0);
        expect(report.message, about).toBe(
          advisory ? 'ERR_COR' : masked ? undefined : fatal ? 'ERR_FATAL' : 'ERR_NONFATAL',
        );
      }
  });

  it.each(ofEndpoints)('$bit $name: which enables let its message out', ({ bit, name }) => {
    for (let enables = 0; enables < 16; enables++)
      for (const serr of [false, true])
        for (const fatal of [false, true]) {
          const one = machine({
            deviceControl: enables,
            command: serr ? 0x0107 : 0x0007,
            uncorrectableSeverity: fatal ? 2 ** bit : 0,
          });
          const { message } = one.report({ error: name, header: write });
          const ofRequests = bit !== 20 || (enables & 8) !== 0;
          if (bit === 16 && !fatal) expect(message).toBe((enables & 1) !== 0 ? 'ERR_COR' : undefined);
          else
            expect(message !== undefined, JSON.stringify({ enables, serr, fatal })).toBe(
              serr || (ofRequests && (enables & (fatal ? 4 : 2)) !== 0),
            );
        }
  });

  it('without AER goes out by Device Control all the same', () => {
    const one = machine({ aer: false });
    expect(one.report({ error: 'Malformed TLP', header: write })).toMatchObject({
      message: 'ERR_NONFATAL',
      headerLogged: false,
    });
    expect(one.deviceStatus()).toBe(2);
  });

  it('that the function has no status bit for leaves nothing', () => {
    const one = machine();
    const before = one.arena.bytes.slice();
    expect(one.report({ error: 'Surprise Down Error' }).message).toBeUndefined();
    expect(one.arena.bytes).toEqual(before);
  });

  it('of no name is refused', () => {
    expect(() => machine().report({ error: 'Bad Luck' as 'Bad TLP' })).toThrow(/name of an error, got "Bad Luck"/);
  });
});

describe('a correctable error', () => {
  it.each(correctableErrors)('$bit $name', ({ bit, name }) => {
    for (const masked of [false, true])
      for (const enabled of [false, true]) {
        const one = machine({
          correctableMask: masked ? 2 ** bit : 0,
          deviceControl: enabled ? 1 : 0xe,
          command: 0x107,
        });
        const { message, severity } = one.report({ error: name });
        expect([message, severity]).toEqual([enabled && !masked ? 'ERR_COR' : undefined, 'correctable']);
        expect([one.deviceStatus(), one.correctable(), one.uncorrectable()]).toEqual([1, 2 ** bit, 0]);
        expect(one.arena.u16(1, 6) & 0x4000).toBe(0);
      }
  });
});

describe('the advisory cases', () => {
  const cas = tlpHeader('CAS', { lengthDw: 2, firstBe: 0xf, ep: true });
  it.each<[DetectedError['error'], ErrorRole, typeof write, boolean]>([
    ['Unsupported Request Error', 'receiver', write, false],
    ['Unsupported Request Error', 'receiver', read, true],
    ['Unsupported Request Error', 'receiver', cas, false],
    ['Completer Abort', 'receiver', read, true],
    ['Completer Abort', 'receiver', write, false],
    ['ACS Violation', 'receiver', read, true],
    ['AtomicOp Egress Blocked', 'receiver', { ...cas, ep: false }, true],
    ['MC Blocked TLP', 'receiver', write, false],
    ['Poisoned TLP Received', 'receiver', write, false],
    ['Poisoned TLP Received', 'intermediate receiver', write, true],
    ['Poisoned TLP Received', 'recovering receiver', write, true],
    ['ECRC Error', 'receiver', read, false],
    ['ECRC Error', 'intermediate receiver', read, true],
    ['Completion Timeout', 'receiver', read, false],
    ['Completion Timeout', 'retrying requester', read, true],
    ['Unexpected Completion', 'receiver', tlpHeader('Cpl', { status: 0 }), true],
    ['Malformed TLP', 'intermediate receiver', write, false],
  ])('%s, %s: %#', (error, role, header, advisory) => {
    const one = machine({ uncorrectableSeverity: 0 });
    expect(one.report({ error, role, header }).severity).toBe(advisory ? 'advisory non-fatal' : 'non-fatal');
    const fatal = machine({ uncorrectableSeverity: 0xffffffff });
    expect(fatal.report({ error, role, header }).severity).toBe('fatal');
    const old = machine({ uncorrectableSeverity: 0, roleBased: false });
    expect(old.report({ error, role, header }).severity).toBe('non-fatal');
  });
});

describe('a Completion Timeout', () => {
  it('logs its request only where the function says that it can', () => {
    for (const capable of [false, true]) {
      const one = machine();
      if (capable) one.setControl(0x1000);
      one.report({ error: 'Completion Timeout', header: read });
      expect(one.log()[0]).toBe(capable ? 0x00000001 : 0);
    }
  });
});

describe('the headers of several errors', () => {
  const at = (address: number) => memoryWrite(0x0100, 0, address);
  const three = (one: ReturnType<typeof machine>) => {
    one.report({ error: 'Poisoned TLP Received', header: at(0x1000) });
    one.report({ error: 'Unsupported Request Error', header: at(0x2000) });
    one.report({ error: 'Poisoned TLP Received', header: at(0x3000) });
  };

  it('are lost but the first, without Multiple Header Recording', () => {
    const one = machine();
    three(one);
    expect([one.pointer(), one.log()[2], one.uncorrectable()]).toEqual([12, 0x1000, 0x00101000]);
    one.clear(0x00001000);
    expect([one.pointer(), one.log()[2], one.uncorrectable()]).toEqual([12, 0x1000, 0x00100000]);
    expect(one.correctable()).toBe(0);
  });

  it('come one by one with it, as software clears the bit that the pointer names', () => {
    const one = machine();
    one.setControl(0x600);
    three(one);
    const seen: number[][] = [];
    for (let i = 0; i < 4; i++) {
      seen.push([one.pointer(), one.log()[2]!, one.uncorrectable()]);
      one.clear(2 ** one.pointer());
    }
    expect(seen).toEqual([
      [12, 0x1000, 0x00101000],
      [20, 0x2000, 0x00100000],
      [12, 0x3000, 0x00001000],
      [12, 0x3000, 0],
    ]);
  });

  it('wait where another bit is cleared, and are not lost where all are', () => {
    const one = machine();
    one.setControl(0x600);
    three(one);
    one.clear(0x00100000);
    expect([one.pointer(), one.log()[2]]).toEqual([12, 0x1000]);
    one.clear(0xffffffff);
    expect([one.pointer(), one.log()[2], one.uncorrectable()]).toEqual([20, 0x2000, 0x00100000]);
  });

  it('beyond what the queue holds: Header Log Overflow, an error that is reported', () => {
    const one = machine();
    one.setControl(0x600);
    const overflows = Array.from({ length: 10 }, (_, i) => {
      const { overflow } = one.report({ error: 'Unsupported Request Error', header: at(0x1000 * i) });
      return overflow?.message;
    });
    expect(overflows).toEqual([...Array(9).fill(undefined), 'ERR_COR']);
    expect(one.correctable()).toBe(0x8000);
    expect(one.deviceStatus()).toBe(0b1011);
  });

  it('survive a hot reset and a checkpoint, not a fundamental reset', () => {
    const one = machine();
    one.setControl(0x600);
    three(one);
    const checkpoint = one.fabric.checkpoint();
    one.arena.reset(1, 'hot');
    one.clear(0x1000);
    expect(one.log()[2]).toBe(0x2000);
    one.fabric.restore(checkpoint);
    one.clear(0x1000);
    expect(one.log()[2]).toBe(0x2000);
    one.fabric.restore(checkpoint);
    one.arena.reset(1, 'fundamental');
    one.setControl(0x600);
    one.report({ error: 'Poisoned TLP Received', header: at(0x9000) });
    one.clear(0x1000);
    expect([one.log()[2], one.uncorrectable()]).toEqual([0x9000, 0]);
  });
});

describe('the TLP Prefix Log', () => {
  const END_END_PREFIXES = 0x00200000;
  it.each([true, false])('of a function that takes prefixes (%s)', (supported) => {
    const one = machine();
    if (supported) one.arena.setBits(1, EXPRESS + 0x24, 4, END_END_PREFIXES);
    const prefixes = [0x91000001, 0x92000002];
    one.report({ error: 'Poisoned TLP Received', header: write, prefixes });
    const control = () => one.arena.u32(1, AER + 0x18) & 0x800;
    const log = () => [0x38, 0x3c, 0x40, 0x44].map((offset) => one.arena.u32(1, AER + offset));
    expect(control()).toBe(supported ? 0x800 : 0);
    expect(log()).toEqual(supported ? [...prefixes, 0, 0] : [0, 0, 0, 0]);
    one.clear(0x1000);
    one.report({ error: 'Poisoned TLP Received', header: write });
    expect(control()).toBe(0);
  });
});

describe('precedence', () => {
  it.each([
    [['Poisoned TLP Received', 'Unsupported Request Error'], 'Unsupported Request Error'],
    [['Unsupported Request Error', 'ACS Violation'], 'ACS Violation'],
    [['ECRC Error', 'Malformed TLP', 'Poisoned TLP Received'], 'Malformed TLP'],
    [['Completion Timeout'], 'Completion Timeout'],
  ] as const)('%j: %s', (errors, first) => {
    expect(firstByPrecedence(errors)).toBe(first);
    expect(firstByPrecedence([...errors].reverse())).toBe(first);
  });
});
