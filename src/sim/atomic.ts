/** What an AtomicOp leaves in its target. PCIe 5.0 §6.15. */
import type { AtomicOperation } from './device-model.ts';

/**
 * @param before 4 or 8 bytes, little-endian, as the operands
 * @param operand of CAS the compare value, then the swap value
 */
export function atomicResult(operation: AtomicOperation, before: Uint8Array, operand: Uint8Array): Uint8Array {
  const size = before.length;
  if (operation === 'Swap') return operand.slice();
  if (operation === 'CAS') {
    const equal = before.every((byte, i) => byte === operand[i]);
    return equal ? operand.slice(size) : before.slice();
  }
  const sum = new Uint8Array(size);
  let carry = 0;
  for (let i = 0; i < size; i++) {
    carry += before[i]! + operand[i]!;
    sum[i] = carry;
    carry >>= 8;
  }
  return sum;
}
