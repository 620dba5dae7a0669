import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { completionFor, completionsFor, requestByteCount, requestLowerAddress } from '../../src/tlp/completion.ts';
import { memoryRead, tlpHeader } from '../../src/tlp/header.ts';
import { runs } from '../generators/runs.ts';

/** Addresses of the bytes that a request asks for, one by one. */
function enabledBytes(address: number, lengthDw: number, firstBe: number, lastBe: number): number[] {
  const result: number[] = [];
  for (let dw = 0; dw < lengthDw; dw++) {
    const enables = dw === 0 ? firstBe : dw === lengthDw - 1 ? lastBe : 0xf;
    for (let byte = 0; byte < 4; byte++) if (((enables >> byte) & 1) === 1) result.push(address + 4 * dw + byte);
  }
  return result;
}

/** Byte enables that PCIe 5.0 §2.2.5 allows for the length. */
const request = fc
  .record({
    dw: fc.integer({ min: 0, max: 0x3fffffff }),
    lengthDw: fc.oneof(fc.constantFrom(1, 2, 1024), fc.integer({ min: 1, max: 1024 })),
    firstBe: fc.integer({ min: 0, max: 15 }),
    lastBe: fc.integer({ min: 1, max: 15 }),
  })
  .map(({ dw, lengthDw, firstBe, lastBe }) => ({
    addressLo: dw * 4,
    lengthDw,
    firstBe: lengthDw === 1 ? firstBe : Math.max(firstBe, 1),
    lastBe: lengthDw === 1 ? 0 : lastBe,
  }));

describe('Byte Count and Lower Address of a memory read', () => {
  it('span the enabled bytes from the first to the last', () => {
    fc.assert(
      fc.property(request, ({ addressLo, lengthDw, firstBe, lastBe }) => {
        const bytes = enabledBytes(addressLo, lengthDw, firstBe, lastBe);
        const count = bytes.length === 0 ? 1 : bytes.at(-1)! - bytes[0]! + 1;
        expect(requestByteCount(firstBe, lastBe, lengthDw)).toBe(count);
        expect(requestLowerAddress(firstBe, addressLo)).toBe((bytes[0] ?? addressLo) % 128);
      }),
      runs(1000),
    );
  });

  // PCIe 5.0 table 2-37, rows with one DWORD.
  it.each([
    [0b1001, 4],
    [0b0101, 3],
    [0b1010, 3],
    [0b0011, 2],
    [0b0110, 2],
    [0b1100, 2],
    [0b0001, 1],
    [0b1000, 1],
    [0b0000, 1],
  ])('First DW BE %i of one DWORD: %i', (firstBe, count) => {
    expect(requestByteCount(firstBe, 0, 1)).toBe(count);
  });
});

describe('completionFor', () => {
  it('copies TC, Attr, Tag and Requester ID, and names the completer', () => {
    const read = { ...memoryRead(0x0600, 0, 0x1234, 1, 0x3a5), tc: 5, attr: 6 };
    expect(completionFor(read, 'UR', 0x0012)).toEqual(
      tlpHeader('Cpl', {
        tc: 5,
        attr: 6,
        tag: 0x3a5,
        requesterId: 0x0600,
        completerId: 0x0012,
        status: 1,
        byteCount: 4,
        lowerAddress: 0x34,
      }),
    );
  });

  it('gives the data of a memory read only with SC; count and address with every status', () => {
    const read = { ...memoryRead(0x0600, 1, 0x7c, 3), firstBe: 0xe, lastBe: 0x3 };
    expect(completionFor(read, 'SC', 0)).toMatchObject({
      type: 'CplD',
      status: 0,
      lengthDw: 3,
      byteCount: 9,
      lowerAddress: 0x7d,
    });
    for (const [status, code] of [
      ['UR', 1],
      ['CA', 4],
      ['CRS', 2],
    ] as const)
      expect(completionFor(read, status, 0)).toMatchObject({
        type: 'Cpl',
        status: code,
        lengthDw: 0,
        byteCount: 9,
        lowerAddress: 0x7d,
      });
  });

  it('has 4 and 0 for I/O and configuration, whatever the byte enables', () => {
    for (const type of ['IORd', 'IOWr', 'CfgRd0', 'CfgWr0', 'CfgRd1', 'CfgWr1'] as const)
      for (const status of ['SC', 'UR'] as const) {
        const answer = completionFor(
          tlpHeader(type, { lengthDw: 1, firstBe: 2, addressLo: 0xcfc, register: 0x44 }),
          status,
          0,
        );
        expect(answer, type).toMatchObject({ byteCount: 4, lowerAddress: 0 });
        const reads = type.includes('Rd');
        expect(answer.type, type).toBe(status === 'SC' && reads ? 'CplD' : 'Cpl');
        expect(answer.lengthDw, type).toBe(status === 'SC' && reads ? 1 : 0);
      }
  });

  it('gives an AtomicOp its old operand back', () => {
    const fields = { addressLo: 0x1010, firstBe: 0xf, lastBe: 0xf };
    expect(completionFor(tlpHeader('FetchAdd', { ...fields, lengthDw: 2 }), 'SC', 0)).toMatchObject({
      type: 'CplD',
      lengthDw: 2,
      byteCount: 8,
      lowerAddress: 0,
    });
    // A CAS carries two operands and returns one.
    expect(completionFor(tlpHeader('CAS64', { ...fields, lengthDw: 4 }), 'SC', 0)).toMatchObject({
      lengthDw: 2,
      byteCount: 8,
    });
    expect(completionFor(tlpHeader('Swap', { ...fields, lengthDw: 1 }), 'UR', 0)).toMatchObject({
      type: 'Cpl',
      byteCount: 4,
    });
  });

  it('answers a locked read locked, and a deferrable write without data', () => {
    expect(completionFor(tlpHeader('MRdLk', { lengthDw: 1, firstBe: 15 }), 'SC', 0).type).toBe('CplDLk');
    expect(completionFor(tlpHeader('MRdLk64', { lengthDw: 1, firstBe: 15 }), 'UR', 0).type).toBe('CplLk');
    expect(completionFor(tlpHeader('DMWr', { lengthDw: 8, firstBe: 15, lastBe: 15 }), 'SC', 0).type).toBe('Cpl');
  });
});

describe('completionsFor', () => {
  const shape = (headers: readonly ReturnType<typeof completionFor>[]) =>
    headers.map(({ lengthDw, byteCount, lowerAddress }) => [lengthDw, byteCount, lowerAddress]);

  it('cuts a read at multiples of the RCB', () => {
    // 256 bytes from 0x1_0024: to the first boundary, then on.
    const read = memoryRead(0x0100, 1, 0x24, 64);
    expect(shape(completionsFor(read, { rcb: 64, maxPayload: 128 }))).toEqual([
      [23, 256, 0x24],
      [32, 164, 0],
      [9, 36, 0],
    ]);
    expect(shape(completionsFor(read, { rcb: 64, pieces: 'boundary' }))).toEqual([
      [7, 256, 0x24],
      [16, 228, 0x40],
      [16, 164, 0],
      [16, 100, 0x40],
      [9, 36, 0],
    ]);
    expect(shape(completionsFor(read, { rcb: 128, maxPayload: 256 }))).toEqual([
      [55, 256, 0x24],
      [9, 36, 0],
    ]);
    expect(completionsFor(read, { maxPayload: 512 })).toHaveLength(1);
  });

  it('counts from the first enabled byte to the last', () => {
    const read = { ...memoryRead(0, 0, 0x7c, 3), firstBe: 0x8, lastBe: 0x1 };
    expect(shape(completionsFor(read, { rcb: 64, pieces: 'boundary' }))).toEqual([
      [1, 6, 0x7f],
      [2, 5, 0],
    ]);
  });

  it('ends with a failure’s own completion, with what is left', () => {
    const read = memoryRead(0x0100, 0, 0x0, 96);
    const headers = completionsFor(read, { completerId: 7, failure: { status: 'CA', after: 2 } });
    expect(shape(headers)).toEqual([
      [32, 384, 0],
      [32, 256, 0],
      [0, 128, 0],
    ]);
    expect(headers[2]).toMatchObject({ type: 'Cpl', status: 4, completerId: 7 });
    const configuration = tlpHeader('CfgRd0', { lengthDw: 1, firstBe: 15 });
    expect(completionsFor(configuration, { failure: { status: 'CRS', after: 0 } })).toEqual([
      completionFor(configuration, 'CRS', 0),
    ]);
  });

  it('gives one completion for all but memory reads, whatever their size', () => {
    for (const [type, lengthDw] of [
      ['IORd', 1],
      ['CfgWr0', 1],
      ['CAS', 8],
      ['DMWr', 32],
    ] as const)
      expect(completionsFor(tlpHeader(type, { lengthDw, firstBe: 15 }), { rcb: 64 })).toHaveLength(1);
  });

  it('takes all bytes as enabled where a hint has the byte enables’ place', () => {
    const read = { ...memoryRead(0, 0, 0x1000, 2), th: true, firstBe: 0x2, lastBe: 0x1 };
    expect(shape(completionsFor(read))).toEqual([[2, 8, 0]]);
  });

  it('wants a real Max_Payload_Size', () => {
    expect(() => completionsFor(memoryRead(0, 0, 0), { maxPayload: 100 })).toThrow(
      new RangeError('Max_Payload_Size: expected 128, 256, 512, 1024, 2048 or 4096, got 100'),
    );
  });

  it('covers every DWORD once, within MPS, cut at boundaries alone, with the counts of the bytes that are left', () => {
    const options = fc.record({
      rcb: fc.constantFrom(64 as const, 128 as const),
      maxPayload: fc.constantFrom(128, 256, 512, 1024, 2048, 4096),
      pieces: fc.constantFrom('largest' as const, 'boundary' as const),
    });
    fc.assert(
      fc.property(request, options, ({ addressLo, lengthDw, firstBe, lastBe }, given) => {
        const read = { ...memoryRead(0x0600, 0, addressLo, lengthDw), firstBe, lastBe };
        const enabled = enabledBytes(addressLo, lengthDw, firstBe, lastBe);
        const first = enabled[0] ?? addressLo;
        const last = enabled.at(-1) ?? addressLo;
        let at = addressLo;
        for (const completion of completionsFor(read, given)) {
          const from = Math.max(at, first);
          expect(completion.byteCount).toBe(last - from + 1);
          expect(completion.lowerAddress).toBe(from % 128);
          expect(completion.lengthDw * 4).toBeLessThanOrEqual(given.maxPayload);
          if (at !== addressLo) expect(at % given.rcb).toBe(0);
          at += completion.lengthDw * 4;
        }
        expect(at).toBe(addressLo + lengthDw * 4);
      }),
      runs(500),
    );
  });
});
