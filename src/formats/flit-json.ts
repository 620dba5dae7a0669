/** A TLP of Flit Mode as JSON, and back. `flit` is true in it. */
import { type FlitType, flitTypes } from '../../spec-tables/flit-types.ts';
import { formatBdf } from '../config/bdf.ts';
import {
  encodeOhc,
  type FlitHeader,
  type FlitTlp,
  flitByteEnables,
  flitHeader,
  flitStatus,
  flitTypeNamed,
  type Ohc,
  ohcAName,
} from '../tlp/flit.ts';
import { InputError } from './input-error.ts';
import { formatAddress } from './tlp-json.ts';
import { FieldReader, type OnUnknownField } from './tlp-json-reader.ts';

const hex = (dword: number) => dword.toString(16).padStart(8, '0');
const bdf = (id: number) => formatBdf(0, id);

/** All fields of a header. Byte enables, status and the whole Lower Address are in `ohc`, where they are not implied. */
export function flitJson(header: FlitHeader): Record<string, unknown> {
  const { kind } = flitTypeNamed(header.type);
  const { type, tc, attr, ts, ep, tag, lengthDw, reserved } = header;
  const ohc = {
    ...(header.ohcA === undefined ? {} : { [ohcAName(header)]: header.ohcA }),
    ...(header.ohcB === undefined ? {} : { B: header.ohcB }),
    ...(header.ohcC === undefined ? {} : { C: header.ohcC }),
    ...(header.ohcE.length === 0 ? {} : { E: header.ohcE.map(hex) }),
  };
  const common = { tc, attr, ts, ep, tag, requesterId: bdf(header.requesterId), lengthDw, reserved, ohc };
  switch (kind) {
    case 'nop':
      return { flit: true, type, tc, attr, ts, lengthDw, ohc };
    case 'configuration':
      return { flit: true, type, destinationId: bdf(header.destinationId), register: header.register, ...common };
    case 'completion':
      return {
        flit: true,
        type,
        completerId: bdf(header.completerId),
        byteCount: header.byteCount,
        lowerAddress: header.lowerAddress,
        ...common,
      };
    case 'uio completion':
      return { flit: true, type, completerId: bdf(header.completerId), ...common };
    case 'message':
      return {
        flit: true,
        type,
        messageCode: header.messageCode,
        routing: header.routing,
        ...(header.routing === 2 ? { destinationId: bdf(header.destinationId) } : {}),
        address: formatAddress(header.addressHi, header.addressLo),
        ...common,
      };
    default:
      return { flit: true, type, address: formatAddress(header.addressHi, header.addressLo), at: header.at, ...common };
  }
}

/** `MWr of Flit Mode from 07:00.0 to 0x2000, 2 DW`. */
export function describeFlit(header: FlitHeader): string {
  const { kind } = flitTypeNamed(header.type);
  const name = `${header.type} of Flit Mode`;
  const from = bdf(header.requesterId);
  switch (kind) {
    case 'nop':
      return name;
    case 'configuration':
      return `${name} to ${bdf(header.destinationId)} register 0x${header.register.toString(16)}`;
    case 'completion':
    case 'uio completion':
      return `${name} from ${bdf(header.completerId)} to ${from}, status ${flitStatus(header)}`;
    case 'message':
      return `${name} code 0x${header.messageCode.toString(16).padStart(2, '0')} from ${from}`;
    default: {
      const { firstBe, lastBe } = flitByteEnables(header);
      const enables = `byte enables ${lastBe.toString(16)} ${firstBe.toString(16)}`;
      return `${name} from ${from} to ${formatAddress(header.addressHi, header.addressLo)}, ${header.lengthDw} DW, ${enables}`;
    }
  }
}

/** @throws InputError as `tlpOfJson` */
export function flitOfJson(value: unknown, onUnknown?: OnUnknownField): FlitTlp {
  const read = new FieldReader(value, onUnknown);
  const name = read.get('type');
  const type = flitTypes.find((candidate) => candidate.name === name);
  if (type === undefined)
    throw new InputError(
      `TLP type: expected one of ${flitTypes.map((row) => row.name).join(', ')}, got ${JSON.stringify(name)}`,
    );
  const payload = read.bytes('payload');
  const header = headerOf(type, read, payload.length);
  Object.assign(header, ohcOf(header, read.get('ohc') ?? {}));
  const prefixes = read.list('prefixes').map((prefix) => read.dword('prefixes', prefix));
  const tlp = { prefixes, header, payload, trailer: read.bytes('trailer'), surplus: read.bytes('surplus') };
  read.end(type.name);
  return tlp;
}

function headerOf({ name, kind, data }: FlitType, read: FieldReader, payloadBytes: number): FlitHeader {
  const counts = data || (kind !== 'completion' && kind !== 'message' && kind !== 'nop');
  const common = {
    tc: read.number('tc', 7),
    attr: read.number('attr', 7),
    ts: read.number('ts', 7),
    lengthDw: read.number('lengthDw', 1024, counts ? Math.max(1, Math.ceil(payloadBytes / 4)) : 0),
  };
  if (kind === 'nop') return flitHeader(name, common);
  const fields = {
    ...common,
    ep: read.flag('ep'),
    tag: read.number('tag', kind === 'message' ? 0x7f : 0x3fff),
    requesterId: read.id('requesterId'),
    reserved: reservedBits(read, kind),
  };
  switch (kind) {
    case 'configuration': {
      const register = read.number('register', 0xffc);
      if (register % 4 !== 0) throw new InputError(`TLP register: expected a multiple of 4, got ${register}`);
      return flitHeader(name, { ...fields, destinationId: read.id('destinationId'), register });
    }
    case 'completion': {
      const lowerAddress = read.number('lowerAddress', 0x7c);
      if (lowerAddress % 4 !== 0)
        throw new InputError('TLP lowerAddress: expected a multiple of 4; bits 1:0 are in OHC-A5');
      return flitHeader(name, {
        ...fields,
        completerId: read.id('completerId'),
        byteCount: read.number('byteCount', 4096, 4),
        lowerAddress,
      });
    }
    case 'uio completion':
      return flitHeader(name, { ...fields, completerId: read.id('completerId') });
    case 'message': {
      const routing = read.number('routing', 7);
      return flitHeader(name, {
        ...fields,
        routing,
        messageCode: read.number('messageCode', 255),
        ...(routing === 2 ? { destinationId: read.id('destinationId') } : {}),
        ...read.address('address', routing === 2 ? 48 : 64),
      });
    }
    default: {
      const address = read.address('address', flitTypeNamed(name).baseDw === 3 ? 32 : 64);
      if (address.addressLo % 4 !== 0)
        throw new InputError('TLP address: expected a multiple of 4; AT is a field of its own');
      return flitHeader(name, { ...fields, ...address, at: read.number('at', 3) });
    }
  }
}

/** Where each kind has reserved bits in DW1 (bit 16) and DW2 (15:0), see `FlitHeader.reserved`. */
const RESERVED: Partial<Record<FlitType['kind'], number>> = {
  configuration: 0x1f003,
  completion: 0,
  message: 0,
  'uio completion': 0x1ffff,
};

function reservedBits(read: FieldReader, kind: FlitType['kind']): number {
  const mask = RESERVED[kind] ?? 0x10000;
  const reserved = read.number('reserved', 0x1ffff);
  if ((reserved & ~mask) !== 0)
    throw new InputError(`TLP reserved: expected bits of 0x${mask.toString(16)}, got 0x${reserved.toString(16)}`);
  return reserved;
}

function ohcOf(header: FlitHeader, value: unknown): Pick<FlitHeader, 'ohcA' | 'ohcB' | 'ohcC' | 'ohcE'> {
  const read = new FieldReader(value);
  const a = ohcAName(header);
  const part = (name: typeof a): Ohc | undefined => {
    const fields = read.get(name);
    if (fields === undefined) return undefined;
    new FieldReader(fields);
    try {
      encodeOhc(name, fields as Ohc);
    } catch (error) {
      throw new InputError(`TLP ${(error as Error).message}`);
    }
    return fields as Ohc;
  };
  const ohcE = read.list('E').map((dword) => read.dword('OHC-E', dword));
  if (![0, 1, 2, 4].includes(ohcE.length))
    throw new InputError(`TLP OHC-E: expected 0, 1, 2 or 4 DWORDs, got ${ohcE.length}`);
  const result = { ohcA: part(a), ohcB: part('B'), ohcC: part('C'), ohcE };
  read.end(`${header.type}'s OHC`);
  return result;
}
