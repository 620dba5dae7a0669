/** TLPs aimed at what is there: at BARs, at the edges of windows, at host memory and at each other's IDs, most of them sound. */
import fc from 'fast-check';
import { windowRanges } from '../../src/fabric/decode-cache/memory-ranges.ts';
import type { Fabric } from '../../src/fabric/fabric.ts';
import { isBridge } from '../../src/fabric/topology.ts';
import type { TlpHeader } from '../../src/tlp/header.ts';
import { anyHeader } from './tlps.ts';

const fraction = fc.nat(0xffff);

export interface Shot {
  readonly header: TlpHeader;
  readonly from: number;
  readonly aim: 'memory' | 'high memory' | 'BAR' | 'edge' | 'message' | 'anywhere';
  readonly target: number;
  readonly offset: number;
  /** `one`: a request of one DWORD; `whole`: all bytes of some DWORDs; `odd`: fields as they come. */
  readonly form: 'one' | 'whole' | 'odd';
  readonly kind: 'MWr' | 'MRd' | 'CplD' | 'any';
}

export const shots: fc.Arbitrary<Shot> = fc.record({
  header: anyHeader,
  from: fraction,
  aim: fc.constantFrom('memory', 'high memory', 'BAR', 'BAR', 'BAR', 'edge', 'message', 'anywhere'),
  target: fraction,
  offset: fc.nat(0xfff),
  form: fc.constantFrom('one', 'one', 'whole', 'whole', 'odd'),
  kind: fc.constantFrom('MWr', 'MWr', 'MWr', 'MRd', 'CplD', 'any'),
});

/** The header as it is for this machine, at this moment. */
export function aimed(fabric: Fabric, { header: drawn, from, aim, target, offset, form, kind }: Shot): TlpHeader {
  const { arena } = fabric;
  const header: TlpHeader = { ...drawn };
  const sender = from % arena.count;
  const other = target % arena.count;
  // Now and then an ID that nobody has.
  header.requesterId = from % 17 === 0 ? from : arena.idOf(sender);
  header.completerId = header.requesterId;
  header.destinationId = arena.routingId[other]!;
  if (kind === 'CplD') {
    // For the root complex, for a bus that nobody leads to, or for another function; now and then with more data than is left.
    const to = [0, 0xff00, arena.idOf(other)][offset % 3]!;
    const lengthDw = 1 + (offset % 16);
    return {
      ...header,
      type: 'CplD',
      requesterId: to,
      lengthDw,
      byteCount: 4 * lengthDw - (offset % 5),
      ep: form === 'odd',
    };
  }
  if (header.type === 'Cpl' || header.type === 'CplD') header.requesterId = arena.idOf(other);
  const [hi, lo] = addressOf(fabric, aim, other, offset);
  if (aim !== 'anywhere') {
    header.addressHi = hi;
    header.addressLo = lo;
  }
  if (kind !== 'any') header.type = (header.addressHi === 0 && offset % 3 !== 0) || hi === 0 ? kind : `${kind}64`;
  if (kind !== 'any' && !header.type.endsWith('64')) header.addressHi = 0;
  if (form === 'odd') return header;
  const lengthDw = form === 'one' ? 1 : 2 + (offset % 64);
  return Object.assign(header, {
    ep: false,
    th: false,
    at: 0,
    lengthDw: kind === 'any' ? header.lengthDw : lengthDw,
    firstBe: 0xf,
    lastBe: lengthDw === 1 ? 0 : 0xf,
  });
}

function addressOf(fabric: Fabric, aim: Shot['aim'], fn: number, offset: number): readonly [hi: number, lo: number] {
  const { arena } = fabric;
  const layout = arena.layout[fn]!;
  const dword = (offset & 0xffc) >>> 0;
  switch (aim) {
    case 'memory':
      return [0, 0x100000 + offset * 0x1000 + dword];
    case 'high memory':
      return [1 + (offset & 7), dword];
    case 'message':
      return [0, 0xfee00000 + dword];
    case 'edge': {
      if (!isBridge(arena, fn)) return [0, 0x1000 * offset];
      const range = windowRanges(arena, fn)[offset & 1];
      if (range === undefined) return [0, 0xe0000000 + offset * 0x1000];
      const page = [range.first, range.last, range.last + 1, Math.max(range.first - 1, 0)][offset >> 10]!;
      return [Math.floor(page / 2 ** 20), ((page % 2 ** 20) << 12) >>> 0];
    }
    default: {
      const physical = arena.virtualFunctions.get(fn)?.physical;
      const bar = physical === undefined ? layout.bars[0] : arena.layout[physical]!.vfBars[0];
      if (bar === undefined) return [0, 0xe0000000 + offset * 0x4000];
      const register = arena.u32(physical ?? fn, bar.offset) & ~0xf;
      return [
        bar.kind === 'memory64' ? arena.u32(fn, bar.offset + 4) : 0,
        (register + (offset & 3) * 0x4000 + dword) >>> 0,
      ];
    }
  }
}
