/** The completions that answer a request. PCIe 5.0 §2.2.9, §2.3.1.1. */
import { completionStatus } from '../../spec-tables/tlp-types.ts';
import { hasData, type TlpHeader, tlpHeader, tlpTypeNamed } from './header.ts';
import { impliesByteEnables, operandBytesOf } from './validate.ts';

export type CompletionStatusName = keyof typeof completionStatus;

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

/** What the completions of a request must add up to. */
export interface ExpectedCompletion {
  /** Data comes back with Successful Completion. */
  readonly withData: boolean;
  /** Byte Count of the first completion. */
  readonly byteCount: number;
  /** Lower Address of the first completion. */
  readonly lowerAddress: number;
  /** DWORDs of data in all. */
  readonly lengthDw: number;
  /** Only a memory read may be answered in pieces. */
  readonly divisible: boolean;
  readonly locked: boolean;
}

export function expectedCompletion(request: TlpHeader): ExpectedCompletion {
  const type = tlpTypeNamed(request.type);
  const { lengthDw } = request;
  const reads = !hasData(type);
  // Written out, without a spread: a completion is made for every configuration write (measured, a third of a shutdown).
  if (type.kind === 'memory' && reads) {
    const implied = impliesByteEnables(request);
    const firstBe = implied ? 0xf : request.firstBe;
    const lastBe = implied ? (lengthDw === 1 ? 0 : 0xf) : request.lastBe;
    return {
      withData: true,
      byteCount: requestByteCount(firstBe, lastBe, lengthDw),
      lowerAddress: requestLowerAddress(firstBe, request.addressLo),
      lengthDw,
      divisible: true,
      locked: request.type === 'MRdLk' || request.type === 'MRdLk64',
    };
  }
  const isAtomic = type.kind === 'atomic';
  const operandBytes = operandBytesOf(request.type, lengthDw);
  return {
    withData: isAtomic || reads,
    // I/O and configuration requests and deferrable writes: always 4 and 0.
    byteCount: isAtomic ? operandBytes : 4,
    lowerAddress: 0,
    lengthDw: isAtomic ? operandBytes / 4 : reads ? 1 : 0,
    divisible: false,
    locked: false,
  };
}

/**
 * The header of a completion that answers the whole request.
 * @param status SC, UR, CRS or CA; all but SC carry no data and end the request
 */
export function completionFor(request: TlpHeader, status: CompletionStatusName, completerId: number): TlpHeader {
  const { withData, byteCount, lowerAddress, lengthDw, locked } = expectedCompletion(request);
  const data = withData && status === 'SC';
  return tlpHeader(locked ? (data ? 'CplDLk' : 'CplLk') : data ? 'CplD' : 'Cpl', {
    tc: request.tc,
    attr: request.attr,
    tag: request.tag,
    requesterId: request.requesterId,
    completerId,
    status: completionStatus[status],
    lengthDw: data ? lengthDw : 0,
    // A memory read's count and address hold for every status.
    byteCount,
    lowerAddress,
  });
}

export interface CompletionOptions {
  readonly completerId?: number;
  /** Read Completion Boundary in bytes: 64 or 128 for a root complex, 128 for all others. */
  readonly rcb?: 64 | 128;
  /** Max_Payload_Size in bytes. */
  readonly maxPayload?: number;
  /** `largest` pieces that Max_Payload_Size allows, or one `boundary` after the other. */
  readonly pieces?: 'largest' | 'boundary';
  /** What ends the request instead of more data: a status, after so many completions with data. */
  readonly failure?: { readonly status: Exclude<CompletionStatusName, 'SC'>; readonly after: number };
}

/**
 * Headers of all completions of a request, in the order of their addresses. A memory read is cut at multiples of the Read Completion
 * Boundary alone; one that crosses none is not cut. PCIe 5.0 §2.3.1.1
 * @throws RangeError when Max_Payload_Size is none of 128, 256, … 4096
 */
export function completionsFor(request: TlpHeader, options: CompletionOptions = {}): TlpHeader[] {
  const { completerId = 0, rcb = 128, maxPayload = 128, pieces = 'largest', failure } = options;
  if (![128, 256, 512, 1024, 2048, 4096].includes(maxPayload))
    throw new RangeError(`Max_Payload_Size: expected 128, 256, 512, 1024, 2048 or 4096, got ${maxPayload}`);
  const whole = completionFor(request, 'SC', completerId);
  const { divisible, withData } = expectedCompletion(request);
  const result = divisible
    ? cut(whole, request.addressLo & 0xffc, rcb, pieces === 'largest' ? maxPayload : rcb)
    : [whole];
  if (failure === undefined || failure.after >= result.length) return result;
  const { byteCount, lowerAddress } = result[failure.after]!;
  const last = completionFor(request, failure.status, completerId);
  return [...result.slice(0, failure.after), withData && divisible ? { ...last, byteCount, lowerAddress } : last];
}

/** @param start address of the first DWORD within its 4 KiB, of which every RCB is a part */
function cut(whole: TlpHeader, start: number, rcb: number, most: number): TlpHeader[] {
  const result: TlpHeader[] = [];
  const end = start + whole.lengthDw * 4;
  let { byteCount, lowerAddress } = whole;
  for (let at = start; at < end; ) {
    const boundary = at + most - ((at + most) % rcb);
    const next = Math.min(end, boundary);
    result.push({ ...whole, lengthDw: (next - at) / 4, byteCount, lowerAddress });
    byteCount -= next - at - (lowerAddress & 3);
    lowerAddress = next & 0x7f;
    at = next;
  }
  return result;
}
