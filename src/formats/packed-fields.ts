/** Packed little-endian structures by their layout: bytes to values by field, and back. Every byte is kept. */
import type { RecordField, RecordLayout } from '../../spec-tables/error-records.ts';

export type FieldValue<F extends RecordField> = F extends 8
  ? bigint
  : F extends number
    ? number
    : F extends 'guid'
      ? string
      : Uint8Array;
export type PackedValues<L extends RecordLayout> = { readonly [K in keyof L]: FieldValue<L[K]> };

function sizeOfField(field: RecordField): number {
  if (typeof field === 'number') return field;
  return field === 'guid' ? 16 : Number(field.slice('bytes '.length));
}

/** In bytes. */
export function packedSize(layout: RecordLayout): number {
  return Object.values(layout).reduce((sum, field) => sum + sizeOfField(field), 0);
}

/** @param bytes as many as the layout has from `at` on, or more */
export function readPacked<L extends RecordLayout>(layout: L, bytes: Uint8Array, at = 0): PackedValues<L> {
  const values: Record<string, number | bigint | string | Uint8Array> = {};
  let offset = at;
  for (const [name, field] of Object.entries(layout)) {
    const size = sizeOfField(field);
    const part = bytes.slice(offset, offset + size);
    values[name] = field === 'guid' ? readGuid(part) : typeof field === 'string' ? part : readNumber(part);
    offset += size;
  }
  return values as PackedValues<L>;
}

/** What is not given is 0. Plain bytes that are fewer than the field's have zeros behind them. */
export function packed<L extends RecordLayout>(layout: L, values: Partial<PackedValues<L>>): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(packedSize(layout));
  let offset = 0;
  for (const [name, field] of Object.entries(layout)) {
    const size = sizeOfField(field);
    const value = values[name];
    if (value !== undefined) bytes.set(bytesOf(field, value, size), offset);
    offset += size;
  }
  return bytes;
}

function bytesOf(field: RecordField, value: number | bigint | string | Uint8Array, size: number): Uint8Array {
  if (value instanceof Uint8Array) return value.subarray(0, size);
  if (field === 'guid') return guidBytes(value as string);
  let rest = BigInt(value as number | bigint);
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++, rest >>= 8n) bytes[i] = Number(rest & 0xffn);
  return bytes;
}

function readNumber(bytes: Uint8Array): number | bigint {
  const value = bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return bytes.length === 8 ? value : Number(value);
}

/** Bytes in the order of the text's digits: the first three groups lie little-endian. UEFI 2.10 appendix A. */
const guidOrder = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];

function readGuid(bytes: Uint8Array): string {
  const digits = guidOrder.map((i) => bytes[i]!.toString(16).padStart(2, '0')).join('');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** @throws RangeError when the text is no GUID */
function guidBytes(text: string): Uint8Array {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text))
    throw new RangeError(`GUID: expected 8-4-4-4-12 hex digits, got "${text}"`);
  const digits = text.replaceAll('-', '');
  const bytes = new Uint8Array(16);
  guidOrder.forEach((to, i) => {
    bytes[to] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  });
  return bytes;
}
