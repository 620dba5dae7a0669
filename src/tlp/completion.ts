/** The completion that answers a request. PCIe 5.0 §2.2.9, §2.3.1.1. */
import { completionStatus } from '../../spec-tables/tlp-types.ts';
import { hasData, kindOf, type TlpHeader, tlpHeader, tlpTypeNamed } from './header.ts';

/** Bytes from the first to the last enabled byte of a memory request, 1 to 4,096. PCIe 5.0 table 2-37. */
export function requestByteCount(firstBe: number, lastBe: number, lengthDw: number): number {
  // A zero-length read counts as one byte.
  if (firstBe === 0) return 1;
  const lowest = Math.log2(firstBe & -firstBe);
  if (lastBe === 0) return Math.floor(Math.log2(firstBe)) - lowest + 1;
  return lengthDw * 4 - lowest - (3 - Math.floor(Math.log2(lastBe)));
}

/** Lower Address of the first completion of a memory read. PCIe 5.0 table 2-38. */
export function requestLowerAddress(firstBe: number, addressLo: number): number {
  const lowest = firstBe === 0 ? 0 : Math.log2(firstBe & -firstBe);
  return (addressLo & 0x7c) | lowest;
}

/**
 * The header of the (first and only) completion for a request.
 * @param status SC, UR, CRS or CA; all but SC carry no data and end the request
 */
export function completionFor(
  request: TlpHeader,
  status: keyof typeof completionStatus,
  completerId: number,
): TlpHeader {
  const kind = kindOf(request);
  const isMemoryRead = kind === 'memory' && !hasData(tlpTypeNamed(request.type));
  const locked = request.type === 'MRdLk' || request.type === 'MRdLk64';
  const withData = status === 'SC' && (isMemoryRead || kind === 'atomic' || isRead(request));
  const operandDw = request.type.startsWith('CAS') ? request.lengthDw / 2 : request.lengthDw;
  return tlpHeader(locked ? (withData ? 'CplDLk' : 'CplLk') : withData ? 'CplD' : 'Cpl', {
    tc: request.tc,
    attr: request.attr,
    tag: request.tag,
    requesterId: request.requesterId,
    completerId,
    status: completionStatus[status],
    lengthDw: withData ? operandDw : 0,
    // A memory read's count and address hold for every status; I/O and configuration requests always have 4 and 0.
    byteCount: isMemoryRead
      ? requestByteCount(request.firstBe, request.lastBe, request.lengthDw)
      : kind === 'atomic'
        ? operandDw * 4
        : 4,
    lowerAddress: isMemoryRead ? requestLowerAddress(request.firstBe, request.addressLo) : 0,
  });
}

function isRead(request: TlpHeader): boolean {
  return !hasData(tlpTypeNamed(request.type));
}
