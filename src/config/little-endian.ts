/** Registers in a space that has no place in an arena yet: unsigned, little-endian; beyond the end they read 0. */

/** Two bytes. */
export function u16At(bytes: Uint8Array, offset: number): number {
  return (bytes[offset] ?? 0) | ((bytes[offset + 1] ?? 0) << 8);
}

/** Four bytes. */
export function u32At(bytes: Uint8Array, offset: number): number {
  return (u16At(bytes, offset) | (u16At(bytes, offset + 2) << 16)) >>> 0;
}
