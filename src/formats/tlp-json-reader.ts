/** A TLP from JSON with the field names that decoding gives: the way back from `tlp-report.ts`. */
import { type TlpType, tlpTypes } from '../../spec-tables/tlp-types.ts';
import { parseBdf } from '../config/bdf.ts';
import { hasData, type TlpHeader, tlpHeader } from '../tlp/header.ts';
import type { Tlp } from '../tlp/packet.ts';
import { withProcessingHint } from '../tlp/processing-hint.ts';
import { InputError } from './input-error.ts';

/** What decoding says of a TLP beside its fields; it is not read. */
const TOLD = ['hex', 'verdict', 'rules', 'notes', 'message', 'flit', 'uncertain'];

/** Is told of each field that was not read. */
export type OnUnknownField = (message: string) => void;

const refuse: OnUnknownField = (message) => {
  throw new InputError(message);
};

/** Reads values out of an object, and knows which it was not asked for. */
export class FieldReader {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #seen = new Set(TOLD);
  readonly #onUnknown: OnUnknownField;

  constructor(value: unknown, onUnknown = refuse) {
    this.#onUnknown = onUnknown;
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new InputError(`TLP: expected a JSON object, got ${JSON.stringify(value)?.slice(0, 40)}`);
    this.#fields = value as Record<string, unknown>;
  }

  get(name: string): unknown {
    this.#seen.add(name);
    return this.#fields[name];
  }

  /** A number, or a string that is one in decimal or with 0x. */
  number(name: string, most: number, otherwise = 0): number {
    const value = this.get(name);
    if (value === undefined) return otherwise;
    const number = typeof value === 'string' && /^(?:0x[0-9a-f]+|[0-9]+)$/i.test(value) ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isInteger(number) || number < 0 || number > most)
      throw new InputError(`TLP ${name}: expected 0 to ${most}, got ${JSON.stringify(value)}`);
    return number;
  }

  flag(name: string): boolean {
    const value = this.get(name);
    if (value === undefined || value === false || value === 0) return false;
    if (value === true || value === 1) return true;
    throw new InputError(`TLP ${name}: expected true or false, got ${JSON.stringify(value)}`);
  }

  /** A BDF, or a Routing ID as a number. */
  id(name: string): number {
    const value = this.get(name);
    const id = typeof value === 'string' ? parseBdf(value)?.routingId : undefined;
    if (id !== undefined) return id;
    if (typeof value === 'string' && !value.startsWith('0x'))
      throw new InputError(`TLP ${name}: expected a function such as 07:00.0, got "${value}"`);
    return this.number(name, 0xffff);
  }

  /** A 64-bit address as `0x…`. */
  address(name: string, bits: 32 | 48 | 64): { addressHi: number; addressLo: number } {
    const value = this.get(name) ?? '0x0';
    const text = typeof value === 'number' ? value.toString() : value;
    const address = typeof text === 'string' && /^(?:0x[0-9a-f]+|[0-9]+)$/i.test(text) ? BigInt(text) : -1n;
    if (address < 0n || address >= 1n << BigInt(bits))
      throw new InputError(`TLP ${name}: expected ${bits} bits as "0x…", got ${JSON.stringify(value)}`);
    return { addressHi: Number(address >> 32n), addressLo: Number(address & 0xffffffffn) };
  }

  bytes(name: string): Uint8Array {
    const value = this.get(name) ?? '';
    if (typeof value !== 'string' || !/^(?:[0-9a-f]{2})*$/i.test(value))
      throw new InputError(`TLP ${name}: expected whole bytes in hex, got ${JSON.stringify(value)?.slice(0, 40)}`);
    return Uint8Array.from(value.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  }

  /** A DWORD as eight hex digits. */
  dword(name: string, value = this.get(name)): number {
    if (typeof value !== 'string' || !/^[0-9a-f]{8}$/i.test(value))
      throw new InputError(`TLP ${name}: expected eight hex digits, got ${JSON.stringify(value)?.slice(0, 40)}`);
    return Number.parseInt(value, 16);
  }

  list(name: string): readonly unknown[] {
    const value = this.get(name) ?? [];
    if (!Array.isArray(value)) throw new InputError(`TLP ${name}: expected a list, got ${JSON.stringify(value)}`);
    return value;
  }

  /** Tells of the fields that nobody asked for. */
  end(type: string): void {
    for (const name of Object.keys(this.#fields))
      if (!this.#seen.has(name)) this.#onUnknown(`TLP ${name}: a ${type} has no such field`);
  }
}

/**
 * The TLP that these fields make, right or wrong. Fields that are missing are 0, but for Length (that of the payload, or 1) and byte
 * enables (all).
 * @param onUnknown what to do about a field that the TLP does not have; default: refuse
 * @throws InputError for a value that its field has no room for
 */
export function tlpOfJson(value: unknown, onUnknown?: OnUnknownField): Tlp {
  const read = new FieldReader(value, onUnknown);
  const name = read.get('type');
  const type = tlpTypes.find((candidate) => candidate.name === name);
  if (type === undefined)
    throw new InputError(
      `TLP type: expected one of ${tlpTypes.map((row) => row.name).join(', ')}, got ${JSON.stringify(name)}`,
    );
  const payload = read.bytes('payload');
  const header = headerOf(type, read, payload.length);
  const prefixes = read.list('prefixes').map((prefix) => prefixOf(prefix, read));
  const given = read.get('digest');
  const digest = given === undefined ? undefined : given === 'ecrc' ? 'ecrc' : read.dword('digest');
  const surplus = read.bytes('surplus');
  read.end(type.name);
  return { prefixes, header, payload, digest, surplus };
}

/** A prefix is its hex, alone or in the object that decoding gives. */
function prefixOf(prefix: unknown, read: FieldReader): number {
  const hex = typeof prefix === 'object' && prefix !== null && 'hex' in prefix ? prefix.hex : prefix;
  return read.dword('prefixes', hex);
}

function headerOf(type: TlpType, read: FieldReader, payloadBytes: number): TlpHeader {
  const common = {
    tc: read.number('tc', 7),
    attr: read.number('attr', 7),
    ln: read.flag('ln'),
    th: read.flag('th'),
    td: read.flag('td'),
    ep: read.flag('ep'),
    at: read.number('at', 3),
    tag: read.number('tag', 1023),
    requesterId: read.id('requesterId'),
  };
  const counts = hasData(type) || (type.kind !== 'completion' && type.kind !== 'message');
  const lengthDw = read.number('lengthDw', 1024, counts ? Math.max(1, Math.ceil(payloadBytes / 4)) : 0);
  const fields = { ...common, lengthDw };
  const byteEnables = () => ({
    firstBe: read.number('firstBe', 15, 15),
    lastBe: read.number('lastBe', 15, type.kind === 'configuration' || type.kind === 'io' || lengthDw === 1 ? 0 : 15),
  });
  let routing = 0;
  let header: TlpHeader;
  switch (type.kind) {
    case 'configuration': {
      const register = read.number('register', 0xffc);
      if (register % 4 !== 0) throw new InputError(`TLP register: expected a multiple of 4, got ${register}`);
      const reserved = reservedBits(read, 0xf003);
      header = tlpHeader(type.name, {
        ...fields,
        ...byteEnables(),
        destinationId: read.id('destinationId'),
        register,
        reserved,
      });
      break;
    }
    case 'completion':
      header = tlpHeader(type.name, {
        ...fields,
        completerId: read.id('completerId'),
        status: read.number('status', 7),
        bcm: read.flag('bcm'),
        byteCount: read.number('byteCount', 4096, 4),
        lowerAddress: read.number('lowerAddress', 127),
        reserved: reservedBits(read, 0x80),
      });
      break;
    case 'message': {
      const typeCode = read.get('typeCode');
      routing = read.number('routing', 7, typeof typeCode === 'number' ? typeCode & 7 : 0);
      header = tlpHeader(type.name, {
        ...fields,
        routing,
        messageCode: read.number('messageCode', 255),
        ...(routing === 2 ? { destinationId: read.id('destinationId') } : {}),
        ...read.address('address', routing === 2 ? 48 : 64),
      });
      break;
    }
    default: {
      header = tlpHeader(type.name, {
        ...fields,
        ...byteEnables(),
        ...read.address('address', (type.fmt & 1) === 0 ? 32 : 64),
      });
      header = hinted(header, read);
    }
  }
  sameNumber(read, 'fmt', type.fmt, type.name);
  sameNumber(read, 'typeCode', type.type | routing, type.name);
  return header;
}

/** `ph` and `steeringTag`, which have their place in other fields. */
function hinted(header: TlpHeader, read: FieldReader): TlpHeader {
  const ph = read.number('ph', 3, header.addressLo & 3);
  if (read.get('steeringTag') === undefined)
    return header.th ? { ...header, addressLo: ((header.addressLo & ~3) | ph) >>> 0 } : header;
  const steeringTag = read.number('steeringTag', 255);
  if (!header.th) throw new InputError('TLP steeringTag: expected th to be true beside it');
  return withProcessingHint(header, { ph, steeringTag });
}

function reservedBits(read: FieldReader, mask: number): number {
  const reserved = read.number('reserved', 0xffff);
  if ((reserved & ~mask) !== 0)
    throw new InputError(`TLP reserved: expected bits of 0x${mask.toString(16)}, got 0x${reserved.toString(16)}`);
  return reserved;
}

function sameNumber(read: FieldReader, name: string, expected: number, type: string): void {
  const got = read.number(name, 255, expected);
  if (got !== expected) throw new InputError(`TLP ${name}: a ${type} has ${expected}, got ${got}`);
}
