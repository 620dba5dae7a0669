/** A whole TLP: prefixes, header, payload, digest. PCIe 5.0 §2.1.2, §2.2.2, §2.2.3, §2.2.10. */
import { decodeTlpHeader, encodeTlpHeader } from './codec.ts';
import { ecrcOf } from './ecrc.ts';
import { hasData, headerLength, type TlpHeader, tlpTypeNamed, tlpTypeOfByte } from './header.ts';
import { isLocalPrefix, isPrefixByte, type TlpPrefix } from './prefix.ts';

export interface Tlp {
  /** In the order of the wire. */
  readonly prefixes?: readonly TlpPrefix[];
  readonly header: TlpHeader;
  /** The first byte is that of the lowest address. */
  readonly payload?: Uint8Array;
  /** The digest, its first byte in 31:24; `'ecrc'` when encoding: the right one. */
  readonly digest?: number | 'ecrc' | undefined;
  /** Bytes that are more than Length and TD tell of, or the torn rest of a last DWORD. */
  readonly surplus?: Uint8Array;
}

export interface DecodedTlp extends Tlp {
  readonly prefixes: readonly TlpPrefix[];
  readonly payload: Uint8Array;
  readonly digest: number | undefined;
  readonly surplus: Uint8Array;
}

/** Why bytes have no header. */
export type Undecodable = 'nothing behind the prefixes' | 'cut short' | 'reserved type';

export interface UndecodableTlp {
  readonly prefixes: readonly TlpPrefix[];
  readonly header: undefined;
  readonly why: Undecodable;
  /** All that is behind the prefixes. */
  readonly rest: Uint8Array;
}

/**
 * Takes bytes apart, whatever they are: nothing is lost, and `encodeTlp` puts a decoded TLP together again.
 * @param bytes one TLP; a header alone will do
 */
export function decodeTlp(bytes: Uint8Array): DecodedTlp | UndecodableTlp {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const prefixes: TlpPrefix[] = [];
  let at = 0;
  while (at + 4 <= bytes.length && isPrefixByte(bytes[at]!)) {
    prefixes.push(view.getUint32(at));
    at += 4;
  }
  const fail = (why: Undecodable): UndecodableTlp => ({ prefixes, header: undefined, why, rest: bytes.subarray(at) });
  if (at === bytes.length) return fail('nothing behind the prefixes');
  const type = tlpTypeOfByte(bytes[at]!);
  if (type === undefined) return fail(isPrefixByte(bytes[at]!) ? 'cut short' : 'reserved type');
  if (bytes.length - at < headerLength(type)) return fail('cut short');
  const header = decodeTlpHeader(bytes, at);
  at += headerLength(type);
  const payloadEnd = Math.min(bytes.length, at + (hasData(type) ? header.lengthDw * 4 : 0));
  const payload = bytes.subarray(at, payloadEnd);
  const whole = !hasData(type) || payload.length === header.lengthDw * 4;
  if (!header.td || !whole || bytes.length - payloadEnd < 4)
    return { prefixes, header, payload, digest: undefined, surplus: bytes.subarray(payloadEnd) };
  return {
    prefixes,
    header,
    payload,
    digest: view.getUint32(payloadEnd),
    surplus: bytes.subarray(payloadEnd + 4),
  };
}

/** The bytes of a TLP, as its parts are, whether or not they fit each other. @throws RangeError when the type is unknown */
export function encodeTlp(tlp: Tlp): Uint8Array {
  const { prefixes = [], header, payload = new Uint8Array(), digest, surplus = new Uint8Array() } = tlp;
  const headerAt = prefixes.length * 4;
  const payloadAt = headerAt + headerLength(tlpTypeNamed(header.type));
  const digestAt = payloadAt + payload.length;
  const surplusAt = digestAt + (digest === undefined ? 0 : 4);
  const out = new Uint8Array(surplusAt + surplus.length);
  const view = new DataView(out.buffer);
  prefixes.forEach((prefix, index) => {
    view.setUint32(index * 4, prefix);
  });
  encodeTlpHeader(header, out, headerAt);
  out.set(payload, payloadAt);
  if (digest !== undefined) view.setUint32(digestAt, digest === 'ecrc' ? ecrcOfTlp(tlp) : digest);
  out.set(surplus, surplusAt);
  return out;
}

/** The digest that a TLP should have. */
export function ecrcOfTlp({ prefixes = [], header, payload }: Tlp): number {
  const covered = prefixes.filter((prefix) => !isLocalPrefix(prefix));
  return ecrcOf(
    encodeTlp({ prefixes: covered, header, ...(payload === undefined ? {} : { payload }) }),
    covered.length * 4,
  );
}
