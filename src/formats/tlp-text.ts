/** A TLP as people write it: its header in hex, or `TYPE REQUESTER TARGET [DWORDS]`. */

import { type TlpTypeName, tlpTypes } from '../../spec-tables/tlp-types.ts';
import { parseBdf } from '../config/bdf.ts';
import { decodeTlpHeader } from '../tlp/codec.ts';
import { type TlpHeader, tlpHeader, tlpTypeNamed } from '../tlp/header.ts';
import { decodeTlp } from '../tlp/packet.ts';
import { isLocalPrefix, type TlpPrefix } from '../tlp/prefix.ts';
import { InputError } from './input-error.ts';

const MAX_LENGTH_DW = 1024;

/**
 * A header in hex, with or without blanks, byte 0 first: `40000001 0700000f 00100000`, as the words of a kernel's AER log are; its
 * end-end prefixes may stand before it, as they do on the wire. Or a TLP in words: `MWr 07:00.0 0x100000 1` is a request by a function
 * to an address, `CfgRd0 00:00.0 07:00.0 0x4` one to a function's register, `Cpl 00:00.0 07:00.0` a completion to a requester.
 * @throws InputError
 */
export function parseTlp(text: string): TlpHeader {
  return parseWrittenTlp(text).header;
}

export interface WrittenTlp {
  readonly header: TlpHeader;
  /** End-end prefixes that stand before a header in hex. */
  readonly prefixes: readonly TlpPrefix[];
  /** Of the first function that is written with one (`0001:07:00.0`). */
  readonly segment: number | undefined;
}

/** As `parseTlp`, with what else was written. */
export function parseWrittenTlp(text: string): WrittenTlp {
  const words = text.trim().split(/\s+/);
  const type = typeNamed(words[0]!);
  if (type !== undefined) {
    const withSegment = words.find((word) => /^[0-9a-f]{4,8}:/i.test(word));
    return {
      header: fromWords(type.name, words.slice(1)),
      prefixes: [],
      segment: withSegment === undefined ? undefined : parseBdf(withSegment)?.segment,
    };
  }
  const hex = words.map((word) => word.replace(/^0x/i, '')).join('');
  if (!/^(?:[0-9a-f]{2})+$/i.test(hex))
    throw new InputError(
      `TLP: expected a header in hex, or a type such as MWr with requester and address, got "${text}"`,
    );
  const bytes = Uint8Array.from(hex.match(/../g)!, (byte) => Number.parseInt(byte, 16));
  const { prefixes } = decodeTlp(bytes);
  if (prefixes.some(isLocalPrefix))
    throw new InputError(
      'TLP: expected end-end prefixes before its header, got a local one, which is for one link alone',
    );
  try {
    return { header: decodeTlpHeader(bytes, 4 * prefixes.length), prefixes, segment: undefined };
  } catch (error) {
    throw new InputError((error as Error).message);
  }
}

/** Whether a word is what a TLP starts with: the name of a type, or the header's first eight hex digits. */
export function startsTlp(word: string): boolean {
  return typeNamed(word) !== undefined || /^(?:0x)?[0-9a-f]{8}$/i.test(word);
}

function typeNamed(word: string): (typeof tlpTypes)[number] | undefined {
  return tlpTypes.find(({ name }) => name.toLowerCase() === word.toLowerCase());
}

function fromWords(name: TlpTypeName, words: readonly string[]): TlpHeader {
  const { kind } = tlpTypeNamed(name);
  const [requester = '', target = '', more, ...rest] = words;
  if (rest.length > 0)
    throw new InputError(`TLP: expected TYPE REQUESTER TARGET [DWORDS], got "${rest.join(' ')}" behind it`);
  const requesterId = routingIdOf(requester, 'requester');
  switch (kind) {
    case 'memory':
    case 'io':
    case 'atomic': {
      const address = numberOf(target, 'address', 2n ** 64n);
      const lengthDw = more === undefined ? 1 : Number(numberOf(more, 'length in DWORDs', BigInt(MAX_LENGTH_DW) + 1n));
      if (address % 4n !== 0n) throw new InputError(`TLP address: expected a multiple of 4, got "${target}"`);
      if (lengthDw === 0) throw new InputError('TLP length in DWORDs: expected 1 to 1024, got 0');
      const addressHi = Number(address >> 32n);
      return tlpHeader(wideEnough(name, addressHi), {
        requesterId,
        addressHi,
        addressLo: Number(address & 0xfffffffcn),
        lengthDw,
        firstBe: 0xf,
        lastBe: lengthDw === 1 ? 0 : 0xf,
      });
    }
    case 'configuration':
      return tlpHeader(name, {
        requesterId,
        destinationId: routingIdOf(target, 'target'),
        register: Number(numberOf(more ?? '0', 'register', 0x1000n)) & 0xffc,
        lengthDw: 1,
        firstBe: 0xf,
      });
    case 'completion':
      return tlpHeader(name, { completerId: requesterId, requesterId: routingIdOf(target, 'requester'), byteCount: 4 });
    case 'message':
      return tlpHeader(name, {
        requesterId,
        messageCode: Number(numberOf(target, 'message code', 0x100n)),
      });
  }
}

/** The 64-bit type where the address needs it: `MWr` to an address above 4 GiB is `MWr64`. */
function wideEnough(name: TlpTypeName, addressHi: number): TlpTypeName {
  const wide = tlpTypes.find((type) => type.name === `${name}64`)?.name;
  return addressHi !== 0 && wide !== undefined ? wide : name;
}

function routingIdOf(text: string, what: string): number {
  const address = parseBdf(text);
  if (address === undefined) throw new InputError(`TLP ${what}: expected a function such as 07:00.0, got "${text}"`);
  return address.routingId;
}

function numberOf(text: string, what: string, below: bigint): bigint {
  const value = /^(0x[0-9a-f]+|[0-9]+)$/i.test(text) ? BigInt(text) : -1n;
  if (value < 0n || value >= below)
    throw new InputError(`TLP ${what}: expected a number below 0x${below.toString(16)}, got "${text}"`);
  return value;
}
