/** Configuration requests of the root complex, and what a write does where it arrives. PCIe 5.0 §2.2.7.1, §2.2.6.2. */
import type { ConfigArena } from '../config/arena.ts';
import type { AccessSize } from '../config/registers.ts';
import { type TlpHeader, tlpHeader } from '../tlp/header.ts';

/**
 * @param offset 0 to FFFh
 * @param size bytes; the access must lie within one DWORD
 * @throws RangeError when it leaves its DWORD or the space
 */
export function configRequest(
  type: 'CfgRd1' | 'CfgWr1',
  routingId: number,
  offset: number,
  size: AccessSize,
): TlpHeader {
  if (size !== 1 && size !== 2 && size !== 4)
    throw new RangeError(`configuration access: expected 1, 2 or 4 bytes, got ${size}`);
  if (offset < 0 || offset > 0xfff || (offset & 3) + size > 4)
    throw new RangeError(
      `configuration access: expected one DWORD in [0, 0x1000), got ${size} bytes at 0x${offset.toString(16)}`,
    );
  return tlpHeader(type, {
    destinationId: routingId,
    register: offset & 0xffc,
    lengthDw: 1,
    firstBe: ((1 << size) - 1) << (offset & 3),
  });
}

/** The function takes the bytes that are enabled, and captures its bus number. @param dword value of the whole DWORD */
export function takeConfigWrite(arena: ConfigArena, fn: number, header: TlpHeader, dword: number): void {
  arena.writeDw(fn, header.register, dword, header.firstBe);
  arena.captureBus(fn, header.destinationId >> 8);
}
