import { describe, expect, it } from 'vitest';
import { encodeTlpHeader } from '../../src/tlp/codec.ts';
import { memoryRead, memoryWrite, tlpHeader } from '../../src/tlp/header.ts';
import { processingHint, withProcessingHint } from '../../src/tlp/processing-hint.ts';
import { hexOf } from './hex.ts';

const hint = { ph: 2, steeringTag: 0xa5 };

describe('a processing hint', () => {
  it('of a write is in the tag byte and address bits 1:0', () => {
    const header = withProcessingHint(memoryWrite(0x0100, 0, 0x1000, 2), hint);
    const out = new Uint8Array(12);
    encodeTlpHeader(header, out);
    expect(hexOf(out)).toBe('400100020100a5ff00001002');
    expect(processingHint(header)).toEqual(hint);
  });

  it.each(['MRd', 'DMWr', 'FetchAdd'] as const)('of a %s is in the byte of the byte enables', (type) => {
    const header = withProcessingHint({ ...tlpHeader(type, { lengthDw: 1, addressLo: 0xfffff000 }), tag: 7 }, hint);
    expect(header).toMatchObject({ tag: 7, lastBe: 0xa, firstBe: 0x5, addressLo: 0xfffff002 });
    expect(processingHint(header)).toEqual(hint);
  });

  it('is none without TH, or on other TLPs', () => {
    expect(processingHint(memoryRead(0, 0, 0x1000))).toBeUndefined();
    expect(processingHint(tlpHeader('CfgRd0', { th: true }))).toBeUndefined();
  });
});
