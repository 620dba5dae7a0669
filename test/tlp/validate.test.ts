import { describe, expect, it } from 'vitest';
import { memoryRead, memoryWrite, type TlpHeader, tlpHeader } from '../../src/tlp/header.ts';
import { brokenRules } from '../../src/tlp/validate.ts';

const rules = (header: TlpHeader) => brokenRules(header).map(({ rule }) => rule);
const configuration = { lengthDw: 1, firstBe: 0xf, destinationId: 0x0100 };

describe('well-formed headers break nothing', () => {
  it.each<[string, TlpHeader]>([
    ['MWr', memoryWrite(0x0100, 0, 0x1000)],
    ['MWr64', memoryWrite(0x0100, 1, 0x1000, 1024)],
    ['MRd up to the end of a page', memoryRead(0x0100, 0, 0x1ff0, 4)],
    ['zero-length read', { ...memoryRead(0x0100, 0, 0x1000), firstBe: 0 }],
    ['CfgRd0', tlpHeader('CfgRd0', configuration)],
    ['CfgWr1', tlpHeader('CfgWr1', configuration)],
    ['IOWr', tlpHeader('IOWr', { lengthDw: 1, firstBe: 3, addressLo: 0xcf8 })],
    ['FetchAdd of 8 bytes', tlpHeader('FetchAdd', { lengthDw: 2, addressLo: 0x1008 })],
    ['CAS of 16 bytes', tlpHeader('CAS64', { lengthDw: 8, addressHi: 1, addressLo: 0x1010 })],
    ['Cpl', tlpHeader('Cpl', { status: 1, byteCount: 4 })],
    ['CplD', tlpHeader('CplD', { lengthDw: 4, byteCount: 16 })],
    ['Msg', tlpHeader('Msg', { routing: 4, messageCode: 0x20 })],
  ])('%s', (_, header) => {
    expect(rules(header)).toEqual([]);
  });
});

describe('each rule', () => {
  it.each<[string, TlpHeader, string]>([
    ['MWr', memoryWrite(0, 0, 0x1ffc, 2), 'a memory request must not cross a 4 KiB boundary'],
    ['MRd64', memoryRead(0, 1, 0x4, 1024), 'a memory request must not cross a 4 KiB boundary'],
    ['MWr64', tlpHeader('MWr64', { lengthDw: 1, firstBe: 15 }), 'an address below 4 GiB must use the 32-bit format'],
    ['CfgRd0', tlpHeader('CfgRd0', { ...configuration, lengthDw: 2 }), 'Length must be 1'],
    ['CfgWr0', tlpHeader('CfgWr0', { ...configuration, lastBe: 1 }), 'Last DW BE must be 0000b'],
    ['IORd', tlpHeader('IORd', { lengthDw: 1, firstBe: 1, tc: 1 }), 'TC must be 0'],
    ['IOWr', tlpHeader('IOWr', { lengthDw: 1, firstBe: 1, attr: 2 }), 'Attr[1:0] must be 0'],
    ['CfgWr1', tlpHeader('CfgWr1', { ...configuration, at: 2 }), 'AT must be 0'],
    ['Swap', tlpHeader('Swap', { lengthDw: 4, addressLo: 0x1000 }), 'a FetchAdd or Swap carries 1 or 2 DWORDs'],
    ['CAS', tlpHeader('CAS', { lengthDw: 1, addressLo: 0x1000 }), 'a CAS carries 2, 4 or 8 DWORDs'],
    [
      'FetchAdd',
      tlpHeader('FetchAdd', { lengthDw: 2, addressLo: 0x1004 }),
      'the address must be aligned to the operand',
    ],
    [
      'CAS64',
      tlpHeader('CAS64', { lengthDw: 4, addressHi: 1, addressLo: 4 }),
      'the address must be aligned to the operand',
    ],
    ['Swap64', tlpHeader('Swap64', { lengthDw: 1 }), 'an address below 4 GiB must use the 32-bit format'],
    ['CplD', tlpHeader('CplD', { lengthDw: 1, status: 1, byteCount: 4 }), 'only a Successful Completion carries data'],
    [
      'CplD',
      tlpHeader('CplD', { lengthDw: 3, byteCount: 7, lowerAddress: 1 }),
      'a completion must not carry more than its Byte Count',
    ],
    ['Msg', tlpHeader('Msg', { routing: 4, messageCode: 0x20, tc: 1 }), 'Assert_INTA must use TC0'],
    ['MsgD', tlpHeader('MsgD', { routing: 4, messageCode: 0x50, lengthDw: 2 }), 'Set_Slot_Power_Limit carries 1 DW'],
  ])('%s: %#', (_, header, rule) => {
    expect(rules(header)).toEqual([rule]);
  });

  it('names its section, and what a receiver does', () => {
    expect(brokenRules(memoryWrite(0, 0, 0x1ffc, 2))).toEqual([
      {
        rule: 'a memory request must not cross a 4 KiB boundary',
        spec: '§2.2.7',
        reaction: 'Malformed TLP where checked',
      },
    ]);
    expect(brokenRules(tlpHeader('Swap', { lengthDw: 3 }))[0]?.reaction).toBe('Malformed TLP');
    expect(brokenRules(memoryWrite(0, 0, 0)).length).toBe(0);
    expect(brokenRules(tlpHeader('MWr64', { lengthDw: 1, firstBe: 1 }))[0]?.reaction).toBe('not specified');
  });

  it('does not look at Attr[2] of I/O and configuration requests: it is reserved there', () => {
    expect(rules(tlpHeader('CfgRd0', { ...configuration, attr: 4 }))).toEqual([]);
    expect(rules(tlpHeader('IOWr', { lengthDw: 1, firstBe: 3, attr: 5 }))).toEqual(['Attr[1:0] must be 0']);
  });
});

describe('byte enables of memory requests', () => {
  /** PCIe 5.0 §2.2.5, by looking at the bytes: nothing between the first and the last may be left out. */
  function isAllowed(lengthDw: number, qwordAligned: boolean, firstBe: number, lastBe: number): boolean {
    if (lengthDw === 1) return lastBe === 0;
    if (firstBe === 0 || lastBe === 0) return false;
    if (lengthDw === 2 && qwordAligned) return true;
    const bits =
      firstBe.toString(2).padStart(4, '0').split('').reverse().join('') +
      lastBe.toString(2).padStart(4, '0').split('').reverse().join('');
    return /^0*1+0*$/.test(bits) && bits.slice(3, 5) === '11';
  }

  it.each([1, 2, 3, 16])('Length %i, all of them, at both halves of a QWORD', (lengthDw) => {
    for (const addressLo of [0x1000, 0x1004])
      for (let firstBe = 0; firstBe < 16; firstBe++)
        for (let lastBe = 0; lastBe < 16; lastBe++)
          for (const type of ['MRd', 'MWr'] as const) {
            const header = tlpHeader(type, { lengthDw, addressLo, firstBe, lastBe });
            const about = `${type} ${lengthDw} ${addressLo} ${firstBe} ${lastBe}`;
            expect(rules(header).length === 0, about).toBe(isAllowed(lengthDw, addressLo % 8 === 0, firstBe, lastBe));
          }
  });

  it('are a Steering Tag with a processing hint, but for a write, which has it in its tag', () => {
    const fields = { lengthDw: 4, firstBe: 0, lastBe: 0, th: true };
    expect(rules(tlpHeader('MRd', fields))).toEqual([]);
    expect(rules(tlpHeader('DMWr', fields))).toEqual([]);
    expect(rules(tlpHeader('MWr', fields))).toHaveLength(2);
  });

  it('and the 4 KiB boundary do not mind the hint in address bits 1:0', () => {
    expect(rules({ ...memoryWrite(0, 0, 0x1ff8 | 3, 2), th: true, firstBe: 1, lastBe: 8 })).toEqual([]);
    expect(rules(tlpHeader('Swap', { lengthDw: 2, addressLo: 0x1008 | 2, th: true }))).toEqual([]);
  });

  it('of the write in the tg3 report are not allowed', () => {
    const header = tlpHeader('MWr', { lengthDw: 1, tag: 2, firstBe: 0xf, lastBe: 0xe, addressLo: 0x90028090 });
    expect(rules(header)).toEqual(['Last DW BE must be 0000b when Length is 1']);
  });
});

describe('what depends on the receiver', () => {
  it('MPS, for all that carries data; MRRS, for reads', () => {
    const write = memoryWrite(0, 0, 0x1000, 33);
    expect(brokenRules(write, { maxPayload: 128 })).toEqual([
      { rule: 'the payload must not exceed Max_Payload_Size, 128 bytes', spec: '§2.2.2', reaction: 'Malformed TLP' },
    ]);
    expect(brokenRules(write, { maxPayload: 256, maxReadRequest: 128 })).toEqual([]);
    const read = memoryRead(0, 0, 0x1000, 129);
    expect(brokenRules(read, { maxPayload: 128, maxReadRequest: 512 })[0]).toMatchObject({ reaction: 'not checked' });
    expect(brokenRules(read, { maxPayload: 128, maxReadRequest: 1024 })).toEqual([]);
    const completion = tlpHeader('CplD', { lengthDw: 64, byteCount: 256 });
    expect(brokenRules(completion, { maxPayload: 128 })).toHaveLength(1);
  });

  it('the way of a message', () => {
    const to = (routing: number, messageCode: number) => tlpHeader('Msg', { routing, messageCode });
    const broken = (header: TlpHeader, direction: 'up' | 'down') => brokenRules(header, { direction }).length;
    expect([broken(to(0, 0x30), 'up'), broken(to(0, 0x30), 'down')]).toEqual([0, 1]);
    expect([broken(to(3, 0x19), 'up'), broken(to(3, 0x19), 'down')]).toEqual([1, 0]);
    expect([broken(to(4, 0x20), 'up'), broken(to(4, 0x20), 'down')]).toEqual([0, 1]);
    expect([broken(to(4, 0x52), 'up'), broken(to(4, 0x52), 'down')]).toEqual([0, 0]);
  });
});
