import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ecrcOf } from '../../src/tlp/ecrc.ts';
import { tlpHeader } from '../../src/tlp/header.ts';
import { decodeTlp, ecrcOfTlp, encodeTlp } from '../../src/tlp/packet.ts';
import { pasidPrefix } from '../../src/tlp/prefix.ts';
import { runs } from '../generators/runs.ts';
import { anyHeader } from '../generators/tlps.ts';
import { bytesOf } from './hex.ts';

/**
 * PCIe 5.0 §2.7.1 step by step: a shift register, bit 0 of byte 0 first, complemented; then result bit 0 goes to digest bit 7, 1 to
 * 6, … 8 to 15, and so on: each byte mirrored in place.
 */
function shiftRegister(bytes: Uint8Array, headerAt: number): number {
  let register = 0xffffffff;
  bytes.forEach((byte, index) => {
    const value = index === headerAt ? byte | 1 : index === headerAt + 2 ? byte | 0x40 : byte;
    for (let bit = 0; bit < 8; bit++) {
      const feedback = ((register >>> 31) & 1) !== ((value >> bit) & 1);
      register = (register << 1) >>> 0;
      if (feedback) register = (register ^ 0x04c11db7) >>> 0;
    }
  });
  register = ~register >>> 0;
  let digest = 0;
  for (let bit = 0; bit < 32; bit++) if (((register >>> bit) & 1) === 1) digest += 2 ** ((bit & ~7) + 7 - (bit & 7));
  return digest;
}

describe('ECRC', () => {
  it('is what the shift register of the spec gives', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 80 }), fc.nat(40), (bytes, headerAt) => {
        expect(ecrcOf(bytes, headerAt)).toBe(shiftRegister(bytes, headerAt));
      }),
      runs(300),
    );
  });

  it('is the CRC-32 of Ethernet, low byte first', () => {
    // Check value CBF43926h of "123456789"; far-off variant bits.
    expect(ecrcOf(new TextEncoder().encode('123456789'), 100)).toBe(0x2639f4cb);
  });

  it('does not see the bits that a switch may change', () => {
    const digest = (hex: string) => ecrcOf(bytesOf(hex));
    const configuration = digest('04008001 00000a0f 01000000');
    expect(digest('05008001 00000a0f 01000000')).toBe(configuration);
    expect(digest('0400c001 00000a0f 01000000')).toBe(configuration);
    expect(digest('04000001 00000a0f 01000000')).not.toBe(configuration);
    expect(digest('04008001 00000b0f 01000000')).not.toBe(configuration);
  });

  it('covers end-to-end prefixes and the payload, not local ones', () => {
    const header = tlpHeader('MWr', { lengthDw: 1, td: true, firstBe: 15, addressLo: 0x1000 });
    const payload = Uint8Array.of(1, 2, 3, 4);
    const plain = ecrcOfTlp({ header, payload });
    expect(ecrcOfTlp({ header, payload, prefixes: [0x8e123456] })).toBe(plain);
    expect(ecrcOfTlp({ header, payload, prefixes: [pasidPrefix(5)] })).not.toBe(plain);
    expect(ecrcOfTlp({ header, payload: Uint8Array.of(1, 2, 3, 5) })).not.toBe(plain);
  });

  it('is appended on demand, and found right when it comes back', () => {
    fc.assert(
      fc.property(anyHeader, (header) => {
        const tlp = { header: { ...header, td: true }, payload: new Uint8Array(), prefixes: [pasidPrefix(1)] };
        const withData = decodeTlp(encodeTlp(tlp));
        if (withData.header === undefined) throw new Error('undecodable');
        const payload = new Uint8Array(dataBytes(encodeTlp(tlp)[4]!, header.lengthDw)).fill(0x5a);
        const back = decodeTlp(encodeTlp({ ...tlp, payload, digest: 'ecrc' }));
        expect(back).toMatchObject({ header: tlp.header, payload, digest: ecrcOfTlp({ ...tlp, payload }) });
      }),
      runs(200),
    );
  });
});

/** Bytes of payload that this first byte and Length ask for. */
function dataBytes(first: number, lengthDw: number): number {
  return (first & 0x40) !== 0 ? lengthDw * 4 : 0;
}
