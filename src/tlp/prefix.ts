/** TLP prefixes: a DWORD each, before the header. PCIe 5.0 §2.2.10. */
import { type TlpPrefixName, tlpPrefixes } from '../../spec-tables/tlp-prefixes.ts';

/** A prefix as it is: its first byte in 31:24. */
export type TlpPrefix = number;

/** What a prefix says. Where a name is undefined, its type is reserved. */
export interface TlpPrefixFields {
  readonly name: TlpPrefixName | undefined;
  /** For the next link alone; else end to end. */
  readonly local: boolean;
  /** PASID: 20 bits, and what the access is for. */
  readonly pasid?: number;
  readonly executeRequested?: boolean;
  readonly privilegedModeRequested?: boolean;
  /** TPH: Steering Tag bits 15:8. */
  readonly steeringTagHigh?: number;
}

export function isPrefixByte(byte: number): boolean {
  return byte >> 5 === 0b100;
}

export function isLocalPrefix(prefix: TlpPrefix): boolean {
  return ((prefix >>> 28) & 1) === 0;
}

export function prefixFields(prefix: TlpPrefix): TlpPrefixFields {
  const type = (prefix >>> 24) & 0x1f;
  const name = tlpPrefixes.find((row) => row.type === type)?.name;
  const common = { name, local: isLocalPrefix(prefix) };
  if (name === 'PASID')
    return {
      ...common,
      pasid: prefix & 0xfffff,
      executeRequested: ((prefix >>> 20) & 1) === 1,
      privilegedModeRequested: ((prefix >>> 21) & 1) === 1,
    };
  if (name === 'TPH') return { ...common, steeringTagHigh: (prefix >>> 16) & 0xff };
  return common;
}

/**
 * A PASID prefix. PCIe 5.0 §6.20.2.1
 * @throws RangeError when `pasid` is not of 20 bits
 */
export function pasidPrefix(pasid: number, { execute = false, privileged = false } = {}): TlpPrefix {
  if (!(pasid >= 0 && pasid <= 0xfffff)) throw new RangeError(`PASID: expected 0 to 0xfffff, got ${pasid}`);
  return (0x91000000 | (privileged ? 1 << 21 : 0) | (execute ? 1 << 20 : 0) | pasid) >>> 0;
}

/** The prefix with Steering Tag bits 15:8, beside a header with TH. PCIe 5.0 §2.2.7.1 */
export function tphPrefix(steeringTagHigh: number): TlpPrefix {
  return (0x90000000 | ((steeringTagHigh & 0xff) << 16)) >>> 0;
}
