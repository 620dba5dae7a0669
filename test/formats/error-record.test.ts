/**
 * Error records of firmware, byte by byte as UEFI 2.10 appendix N and ACPI 6.5 §18.3.2.7.1 place them, and back into fields.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sectionTypes } from '../../spec-tables/error-records.ts';
import { Fabric } from '../../src/fabric/fabric.ts';
import {
  errorRecord,
  genericErrorStatus,
  readErrorRecord,
  readGenericErrorStatus,
} from '../../src/formats/error-record.ts';
import { InputError } from '../../src/formats/input-error.ts';
import { hpeGen9 } from '../../src/platforms/index.ts';
import { memoryWrite } from '../../src/tlp/header.ts';
import { device, port } from '../generators/functions.ts';

/** The thread's root port after it has refused a write. */
function refused() {
  const fabric = new Fabric(hpeGen9.functions());
  const [root, hpsa] = [fabric.arena.find(0, 0x0012), fabric.arena.find(0, 0x0700)];
  fabric.configWrite(0, 0x0012, 4, 2, 0x0003);
  fabric.send(memoryWrite(0x0700, 0, 0x100000), hpsa);
  return { arena: fabric.arena, root };
}

const hex = (bytes: Uint8Array, from: number, to: number) =>
  [...bytes.subarray(from, to)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');

describe('a record', () => {
  const { arena, root } = refused();
  const record = errorRecord(arena, root, {
    notification: 'NMI',
    timestamp: new Date(Date.UTC(2019, 11, 31, 23, 59, 58)),
    platformId: '00112233-4455-6677-8899-aabbccddeeff',
    recordId: 0x1122334455667788n,
    pcieVersion: { major: 3, minor: 10 },
    fruText: 'PcieError',
  });

  it('has its header in the first 128 bytes', () => {
    expect(record.length).toBe(408);
    expect(hex(record, 0, 24)).toBe('43 50 45 52 01 01 ff ff ff ff 01 00 00 00 00 00 03 00 00 00 98 01 00 00');
    // 2019-12-31 23:59:58 in BCD, precise.
    expect(hex(record, 24, 32)).toBe('58 59 23 01 31 12 19 20');
    // A GUID's first three groups are little-endian.
    expect(hex(record, 32, 48)).toBe('33 22 11 00 55 44 77 66 88 99 aa bb cc dd ee ff');
    expect(hex(record, 80, 96)).toBe('ff 89 ad 5b e6 b7 c9 42 81 4a cf 24 85 d6 e9 8a');
    expect(hex(record, 96, 104)).toBe('88 77 66 55 44 33 22 11');
  });

  it('has one descriptor, which names the section by offset, length and type', () => {
    expect(hex(record, 128, 144)).toBe('c8 00 00 00 d0 00 00 00 00 01 02 00 01 00 00 00');
    expect(hex(record, 144, 160)).toBe('54 e9 95 d9 c1 bb 0f 43 ad 91 b4 4d cb 3c 6f 35');
    expect(hex(record, 176, 200)).toBe('00 00 00 00 50 63 69 65 45 72 72 6f 72 00 00 00 00 00 00 00 00 00 00 00');
  });

  it('has the reporter’s registers in the section', () => {
    const section = record.subarray(200);
    expect(hex(section, 0, 8)).toBe('ef 00 00 00 00 00 00 00');
    expect(hex(section, 8, 24)).toBe('04 00 00 00 10 03 00 00 03 00 10 00 00 00 00 00');
    // 8086:2f06, 060400, function 2, device 2, segment 0, bus 0, secondary bus 7, slot 10.
    expect(hex(section, 24, 40)).toBe('86 80 06 2f 00 04 06 02 02 00 00 00 07 50 00 00');
    expect(hex(section, 40, 52)).toBe('00 00 00 00 00 00 00 00 00 00 12 00');
    expect(hex(section, 52, 112)).toBe(hex(arena.space(root), 0x90, 0x90 + 60));
    const aer = arena.layout[root]!.aer;
    expect(hex(section, 112, 112 + 0x38)).toBe(hex(arena.space(root), aer, aer + 0x38));
    expect(hex(section, 116, 120)).toBe('00 00 10 00');
    expect(hex(section, 140, 156)).toBe('01 00 00 40 0f 00 00 07 00 00 10 00 00 00 00 00');
  });
});

describe('an error status block', () => {
  it('has the same section behind an entry of revision 3', () => {
    const { arena, root } = refused();
    const block = genericErrorStatus(arena, root, { severity: 'fatal' });
    expect(hex(block, 0, 20)).toBe('11 00 00 00 00 00 00 00 00 00 00 00 18 01 00 00 01 00 00 00');
    expect(hex(block, 36, 48)).toBe('01 00 00 00 00 03 00 01 d0 00 00 00');
    expect(block.subarray(92)).toEqual(errorRecord(arena, root).subarray(200));
  });

  it('says correctable of a corrected error', () => {
    const { arena, root } = refused();
    expect(genericErrorStatus(arena, root, { severity: 'corrected' })[0]).toBe(0x12);
  });
});

describe('severity, where nobody decides it', () => {
  it.each([
    ['corrected without an uncorrectable error', 0, 0, 0, 2],
    ['recoverable by Uncorrectable Error Severity', 0x100000, 0, 0, 0],
    ['fatal by Uncorrectable Error Severity', 0x100000, 0, 0x100000, 1],
    ['corrected where the error is masked', 0x100000, 0x100000, 0x100000, 2],
  ])('%s', (_, status, uncorrectableMask, uncorrectableSeverity, code) => {
    const { arena } = new Fabric([device('00:01.0', { uncorrectableMask, uncorrectableSeverity })]);
    arena.poke(0, 0x104, 4, status);
    expect(readErrorRecord(errorRecord(arena, 0)).header.severity).toBe(code);
  });

  it('corrected where the error was an advisory one', () => {
    const { arena } = new Fabric([device('00:01.0', { uncorrectableMask: 0, uncorrectableSeverity: 0 })]);
    arena.poke(0, 0x104, 4, 0x100000);
    arena.poke(0, 0x110, 4, 0x2000);
    arena.poke(0, 0x7a, 2, 1);
    expect(readErrorRecord(errorRecord(arena, 0)).header.severity).toBe(2);
    arena.poke(0, 0x7a, 2, 3);
    expect(readErrorRecord(errorRecord(arena, 0)).header.severity).toBe(0);
  });

  it('by Device Status without AER', () => {
    const { arena } = new Fabric([device('00:01.0', { aer: false })]);
    const codes = [0, 1, 2, 4].map((status) => {
      arena.poke(0, 0x7a, 2, status);
      return readErrorRecord(errorRecord(arena, 0)).header.severity;
    });
    expect(codes).toEqual([2, 2, 0, 1]);
  });
});

describe('which fields are valid', () => {
  const validOf = (fabric: Fabric, fn: number) =>
    Number(readErrorRecord(errorRecord(fabric.arena, fn)).sections[0]?.pcie?.validationBits);
  it('bridge registers of a port, AER where there is one', () => {
    const fabric = new Fabric([
      port('00:01.0', 'Root Port', 1, 1),
      device('01:00.0', {}),
      device('01:00.1', { aer: false }),
    ]);
    expect([0, 1, 2].map((fn) => validOf(fabric, fn).toString(16))).toEqual(['ed', 'cd', '4d']);
  });

  it('nothing of a capability that lies behind a short one', () => {
    const { arena } = new Fabric([device('01:00.0', {})]);
    const { pcie } = readErrorRecord(errorRecord(arena, 0)).sections[0]!;
    // An endpoint's AER ends with its header log; what its bytes hold behind that is not AER's.
    arena.bytes.fill(0xff, arena.base[0]! + 0x12c, arena.base[0]! + 0x160);
    expect(readErrorRecord(errorRecord(arena, 0)).sections[0]!.pcie).toEqual(pcie);
  });
});

describe('what can’t be a record', () => {
  const { arena, root } = refused();
  it('a function that is not there, or has no PCI Express Capability', () => {
    expect(() => errorRecord(arena, arena.count)).toThrow(RangeError);
    const conventional = new Fabric(hpeGen9.functions());
    const plain = Array.from({ length: conventional.arena.count }, (_, fn) => fn).find(
      (fn) => conventional.arena.layout[fn]!.pciExpress === 0,
    );
    if (plain !== undefined) expect(() => errorRecord(conventional.arena, plain)).toThrow(/expected a PCI Express/);
  });

  it('an option that its field can’t hold', () => {
    expect(() => errorRecord(arena, root, { fruText: 'x'.repeat(21) })).toThrow(/FRU text: expected at most 20/);
    expect(() => errorRecord(arena, root, { pcieVersion: { major: 100, minor: 0 } })).toThrow(/BCD: .* got 100/);
    expect(() => errorRecord(arena, root, { platformId: 'none' })).toThrow(/GUID: .* got "none"/);
  });

  it('bytes that end early, or begin otherwise', () => {
    const record = errorRecord(arena, root);
    for (const length of [0, 127, 128, 199, 407])
      expect(() => readErrorRecord(record.subarray(0, length)), `${length}`).toThrow(InputError);
    expect(() => readErrorRecord(record.fill(0, 0, 4))).toThrow(/byte 0: expected "CPER"/);
    const block = genericErrorStatus(arena, root);
    for (const length of [0, 19, 83, 91, 299])
      expect(() => readGenericErrorStatus(block.subarray(0, length)), `${length}`).toThrow(InputError);
  });
});

describe('back into fields', () => {
  const { arena, root } = refused();
  const template = errorRecord(arena, root);

  /** By struct cper_sec_pcie's offsets, typed from the spec's table: name, offset, size. */
  const fields: readonly [string, number, 1 | 2 | 3 | 4 | 8][] = [
    ['validationBits', 0, 8],
    ['portType', 8, 4],
    ['version', 12, 4],
    ['command', 16, 2],
    ['status', 18, 2],
    ['vendorId', 24, 2],
    ['deviceId', 26, 2],
    ['classCode', 28, 3],
    ['functionNumber', 31, 1],
    ['deviceNumber', 32, 1],
    ['segment', 33, 2],
    ['bus', 35, 1],
    ['secondaryBus', 36, 1],
    ['slot', 37, 2],
    ['serialNumber', 40, 8],
    ['secondaryStatus', 48, 2],
    ['bridgeControl', 50, 2],
  ];

  it('any section reads as its bytes lie', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 208, maxLength: 208 }), (section) => {
        const record = template.slice();
        record.set(section, 200);
        const { pcie } = readErrorRecord(record).sections[0]!;
        for (const [name, offset, size] of fields) {
          const digits = [...section.subarray(offset, offset + size)].reverse();
          const value = BigInt(`0x${digits.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`);
          expect(BigInt(pcie![name as 'bus']), name).toBe(value);
        }
        expect(pcie!.capability).toEqual(section.slice(52, 112));
        expect(pcie!.aerInfo).toEqual(section.slice(112));
      }),
      { numRuns: 200 },
    );
  });

  it('any bytes are a record, or an error that names the place', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), fc.boolean(), (bytes, isMarked) => {
        if (isMarked) bytes.set(template.subarray(0, Math.min(10, bytes.length)));
        for (const read of [readErrorRecord, readGenericErrorStatus]) {
          try {
            read(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(InputError);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('several entries, an older one without a timestamp among them', () => {
    const section = template.slice(200);
    const block = new Uint8Array(20 + 64 + 208 + 64 + 5);
    const view = new DataView(block.buffer);
    view.setUint32(12, block.length - 20, true);
    for (const [at, length] of [
      [20, 208],
      [20 + 64 + 208, 5],
    ] as const) {
      view.setUint16(at + 20, 0x201, true);
      view.setUint32(at + 24, length, true);
    }
    block.set(template.subarray(144, 160), 20);
    block.set(section, 84);
    const { sections } = readGenericErrorStatus(block);
    expect(sections.map(({ bytes }) => bytes.length)).toEqual([208, 5]);
    expect(sections[0]!.sectionType).toBe(sectionTypes['PCI Express']);
    expect(sections[0]!.pcie?.deviceId).toBe(0x2f06);
    expect(sections[1]!.pcie).toBeUndefined();
  });
});
