/** TLP Processing Hints: where a header with TH keeps them. PCIe 5.0 §2.2.7.1 (TPH Rules). */
import { kindOf, type TlpHeader } from './header.ts';
import { impliesByteEnables } from './validate.ts';

export interface ProcessingHint {
  /** Who uses the data: 0 both, 1 the requester, 2 the target, 3 the target, soon again. */
  readonly ph: number;
  /** Bits 7:0; 15:8 are in a TPH prefix. */
  readonly steeringTag: number;
}

/** The hint of a memory or atomic request with TH; undefined for all others. */
export function processingHint(header: TlpHeader): ProcessingHint | undefined {
  const kind = kindOf(header);
  if (!header.th || (kind !== 'memory' && kind !== 'atomic')) return undefined;
  const ph = header.addressLo & 3;
  // A posted write has no use for its tag; all others lend the byte of their byte enables.
  const steeringTag = impliesByteEnables(header) ? (header.lastBe << 4) | header.firstBe : header.tag & 0xff;
  return { ph, steeringTag };
}

/** The header with TH and this hint; what was in its place is gone. */
export function withProcessingHint(header: TlpHeader, { ph, steeringTag }: ProcessingHint): TlpHeader {
  const hinted = { ...header, th: true, addressLo: ((header.addressLo & ~3) | (ph & 3)) >>> 0 };
  if (!impliesByteEnables(hinted)) return { ...hinted, tag: (header.tag & 0x300) | (steeringTag & 0xff) };
  return { ...hinted, firstBe: steeringTag & 0xf, lastBe: (steeringTag >> 4) & 0xf };
}
