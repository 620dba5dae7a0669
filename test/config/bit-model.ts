/**
 * What a write does to one bit, read from the spec tables one bit at a time. Shares nothing with the masks under test: no folding,
 * no compiled conditions, no capability walk; the caller says which structure stands where.
 */
import { portTypes } from '../../spec-tables/port-types.ts';
import type { Attribute, Condition, Field, Structure } from '../../src/spec/structure.ts';

export interface Placed {
  readonly structure: Structure;
  readonly at: number;
}

export interface Bit {
  readonly attr: Attribute;
  readonly field: Field;
  /** Place of the bit within its field. */
  readonly index: number;
}

const none = -1;

function bitAt(bytes: Uint8Array, position: number): number {
  return ((bytes[Math.floor(position / 8)] ?? 0) >> (position % 8)) & 1;
}

export class BitModel {
  readonly #bytes: Uint8Array;
  readonly #placed: readonly Placed[];
  /** By bit position in the space: byte offset times 8, plus bit. */
  readonly bits = new Map<number, Bit>();
  /** Positions that two registers claim. */
  readonly claimedTwice: number[] = [];

  constructor(bytes: Uint8Array, placed: readonly Placed[]) {
    this.#bytes = bytes;
    this.#placed = placed;
    for (const one of placed) this.#add(one);
  }

  #add({ structure, at }: Placed): void {
    for (const register of structure.registers) {
      if (!this.#holds(structure, at, register.when)) continue;
      for (const field of register.fields) {
        const attr = this.#holds(structure, at, field.when) ? field.attr : (field.otherwise ?? 'RO');
        const [high, low] = field.bits;
        for (let bit = low; bit <= high; bit++) {
          const position = (at + register.offset) * 8 + bit;
          if (this.bits.has(position)) this.claimedTwice.push(position);
          this.bits.set(position, { attr, field, index: bit - low });
        }
      }
    }
  }

  #field(structure: Structure, at: number, registerName: string, fieldName: string): number {
    const register = structure.registers.find(({ name }) => name === registerName)!;
    const [high, low] = register.fields.find(({ name }) => name === fieldName)!.bits;
    let value = 0;
    for (let bit = high; bit >= low; bit--) value = value * 2 + bitAt(this.#bytes, (at + register.offset) * 8 + bit);
    return value;
  }

  #holds(structure: Structure, at: number, condition: Condition | undefined): boolean {
    if (condition === undefined) return true;
    const { portTypes: ports, fields = [], version } = condition;
    const code = this.portType();
    if (ports !== undefined && !ports.some((name) => portTypes[name] === code)) return false;
    for (const test of fields) {
      const value = this.#field(structure, at, test.register, test.field);
      if ('atLeast' in test ? value < test.atLeast : value !== test.equals) return false;
    }
    if (version === undefined) return true;
    const { register, field } = structure.versionField!;
    return this.#field(structure, at, register, field) >= version.atLeast;
  }

  portType(): number {
    const express = this.#placed.find(({ structure }) => structure.capabilityId === 0x10);
    return express === undefined
      ? none
      : this.#field(express.structure, express.at, 'PCI Express Capabilities', 'Device/Port Type');
  }

  /** One byte after a write of `value` to it. */
  written(offset: number, old: number, value: number): number {
    let result = 0;
    for (let i = 0; i < 8; i++) {
      const was = (old >> i) & 1;
      const to = (value >> i) & 1;
      result += this.#writtenBit(offset * 8 + i, was, to, value) * 2 ** i;
    }
    return result;
  }

  /**
   * The byte of Slot Status in which a write to this byte of Slot Control sets Command Completed (bit 4); undefined where it is
   * no hot-plug command that completes.
   */
  commandCompletedBy(offset: number): number | undefined {
    const express = this.#placed.find(({ structure }) => structure.capabilityId === 0x10);
    if (express === undefined) return undefined;
    const { structure, at } = express;
    const is = (register: string, field: string) => this.#field(structure, at, register, field) === 1;
    const completes =
      is('PCI Express Capabilities', 'Slot Implemented') &&
      is('Slot Capabilities', 'Hot-Plug Capable') &&
      !is('Slot Capabilities', 'No Command Completed Support');
    return completes && (offset === at + 0x18 || offset === at + 0x19) ? at + 0x1a : undefined;
  }

  #writtenBit(position: number, was: number, to: number, byte: number): number {
    const bit = this.bits.get(position);
    if (bit === undefined || bit.field.behaviour === 'reads-zero' || bit.field.behaviour === 'bar') return was;
    if (bit.field.behaviour === 'power-state' && !this.#supportsState(byte & 3)) return was;
    switch (bit.attr) {
      case 'RW':
      case 'RWS':
        return to;
      case 'RW1C':
      case 'RW1CS':
        return to === 1 ? 0 : was;
      default:
        return was;
    }
  }

  /** D1 and D2 are there where the Power Management Capabilities say so. */
  #supportsState(state: number): boolean {
    const { structure, at } = this.#placed.find((one) => one.structure.capabilityId === 0x01)!;
    if (state === 1 || state === 2)
      return this.#field(structure, at, 'Power Management Capabilities', `D${state}_Support`) === 1;
    return true;
  }

  /** One bit after a reset; `hot` keeps what is sticky, a fundamental reset nothing. Undefined: not a bit that a reset defines. */
  afterReset(position: number, hot: boolean): number | undefined {
    const bit = this.bits.get(position);
    if (bit === undefined || bit.field.behaviour === 'bar') return undefined;
    if (bit.field.behaviour === 'reads-zero') return undefined;
    const sticky = bit.attr.endsWith('S') && bit.attr !== 'ROS' ? true : bit.attr === 'ROS';
    const defined = bit.attr.startsWith('RW') || bit.attr === 'ROS';
    if (!defined || (hot && sticky)) return undefined;
    return Math.floor((bit.field.reset ?? 0) / 2 ** bit.index) % 2;
  }
}
