/** Functions as a dump holds them, with any bytes at all. */
import fc from 'fast-check';
import type { LspciFunction } from '../../src/formats/lspci-text.ts';

export type DumpedFunction = Pick<LspciFunction, 'segment' | 'routingId' | 'bytes'>;

/** What lspci prints of a function: 64 bytes, 128 of a CardBus bridge, 256 or 4,096. */
const bytes: fc.Arbitrary<Uint8Array> = fc
  .tuple(
    fc.constantFrom(64, 128, 256, 4096),
    fc.uint8Array({ minLength: 96, maxLength: 96 }),
    fc.integer({ min: 1, max: 250 }),
  )
  .map(([length, some, step]) => {
    const result = Uint8Array.from({ length }, (_, i) => some[i] ?? (i * step) & 0xff);
    if (length === 128) result[0x0e] = 2 | (result[0x0e]! & 0x80);
    if (length === 64) result[0x0e]! &= 0x81;
    return result;
  });

/** @param segments PCI segment groups to choose from */
export function dumpedFunctions(segments: readonly number[]): fc.Arbitrary<DumpedFunction[]> {
  return fc.uniqueArray(
    fc.record({ segment: fc.constantFrom(...segments), routingId: fc.integer({ min: 0, max: 0xffff }), bytes }),
    { minLength: 1, maxLength: 5, selector: ({ segment, routingId }) => `${segment}:${routingId}` },
  );
}
