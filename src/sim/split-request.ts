/** Cuts an access of any length into memory requests: none longer than allowed, none across a 4 KiB boundary. PCIe 5.0 §2.2.7. */

export interface RequestPart {
  readonly addressHi: number;
  /** Of the first DWORD. */
  readonly addressLo: number;
  readonly lengthDw: number;
  readonly firstBe: number;
  readonly lastBe: number;
  /** Place of the part's bytes within the whole access. */
  readonly start: number;
  readonly bytes: number;
}

const BOUNDARY = 4096;

/**
 * @param limit bytes of payload (Max_Payload_Size) or of data asked for (Max_Read_Request_Size): 128 to 4,096
 * @throws RangeError for a length that is not positive, or an access beyond 64 bits
 */
export function splitRequest(address: bigint, length: number, limit: number): RequestPart[] {
  if (!(Number.isInteger(length) && length > 0)) throw new RangeError(`expected a length above 0, got ${length}`);
  if (address < 0n || address + BigInt(length) > 1n << 64n)
    throw new RangeError(`expected an access within 64 bits, got ${length} bytes at 0x${address.toString(16)}`);
  const parts: RequestPart[] = [];
  for (let start = 0; start < length; ) {
    const at = address + BigInt(start);
    const low = Number(at & 0xffffffffn);
    const skip = low & 3;
    const room = Math.min(limit - skip, BOUNDARY - (low & (BOUNDARY - 1)));
    const bytes = Math.min(room, length - start);
    const lengthDw = Math.ceil((skip + bytes) / 4);
    const end = (skip + bytes) & 3;
    const last = end === 0 ? 0xf : 2 ** end - 1;
    const first = (0xf << skip) & 0xf;
    parts.push({
      addressHi: Number(at >> 32n),
      addressLo: (low & ~3) >>> 0,
      lengthDw,
      firstBe: lengthDw === 1 ? first & last : first,
      lastBe: lengthDw === 1 ? 0 : last,
      start,
      bytes,
    });
    start += bytes;
  }
  return parts;
}
