/**
 * What a write does to one bit, read from the spec tables one bit at a time. Shares nothing with the masks under test: no folding,
 * no compiled conditions, no capability walk; the caller says which structure stands where.
 */
import { portTypes } from '../../spec-tables/port-types.ts';
import type { Attribute, Condition, Field, FieldTest, Structure } from '../../src/spec/structure.ts';

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
/** Behaviours of fields that hold nothing: actions that read 0, and BARs, whose bits depend on a size. */
const noStorage = new Set<string>([
  'bar',
  'reads-zero',
  'function-level-reset',
  'retrain-link',
  'interlock',
  'dpc-software-trigger',
]);
/** PCIe 5.0 §6.6.2, as far as the spaces of these tests have it. */
const keptByFlr = new Set([
  'Max_Payload_Size',
  'Active State Power Management Control',
  'Read Completion Boundary',
  'Common Clock Configuration',
  'Extended Synch',
  'Enable Clock Power Management',
  'Hardware Autonomous Width Disable',
  'Hardware Autonomous Speed Disable',
]);

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
        const attr = this.#attribute(structure, at, field);
        const [high, low] = field.bits;
        for (let bit = low; bit <= high; bit++) {
          const position = (at + register.offset) * 8 + bit;
          if (this.bits.has(position)) this.claimedTwice.push(position);
          this.bits.set(position, { attr, field, index: bit - low });
        }
      }
    }
  }

  #attribute(structure: Structure, at: number, { attr, when, otherwise = 'RO' }: Field): Attribute {
    if (this.#holds(structure, at, when)) return attr;
    if (typeof otherwise === 'string') return otherwise;
    return this.#holds(structure, at, otherwise.when) ? otherwise.attr : (otherwise.otherwise ?? 'RO');
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
    const { portTypes: ports, headerTypes, fields = [], anyField, express, version } = condition;
    const code = this.portType();
    if (ports !== undefined && !ports.some((name) => portTypes[name] === code)) return false;
    if (headerTypes !== undefined && !headerTypes.includes(this.#bytes[0x0e]! & 0x7f)) return false;
    const passes = (test: FieldTest, asked: Structure, from: number) => {
      const value = this.#field(asked, from, test.register, test.field);
      return 'atLeast' in test ? value >= test.atLeast : value === test.equals;
    };
    if (!fields.every((test) => passes(test, structure, at))) return false;
    if (anyField !== undefined && !anyField.some((test) => passes(test, structure, at))) return false;
    if (express !== undefined) {
      const found = this.#placed.find((one) => one.structure.capabilityId === 0x10);
      if (found === undefined) return false;
      for (const test of express) {
        const inVersion2 = test.register.endsWith(' 2');
        if (inVersion2 && this.#field(found.structure, found.at, 'PCI Express Capabilities', 'Capability Version') < 2)
          return false;
        if (!passes(test, found.structure, found.at)) return false;
      }
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

  /**
   * What a write makes of the whole space, in place: bit by bit as the attributes say, then what the function itself does.
   * @param low offset of the DWORD
   * @param enables a bit for each byte of it that is written
   */
  write(space: Uint8Array, low: number, value: number, enables: number): void {
    const before = space.slice();
    const written = (offset: number) => Math.floor(value / 256 ** (offset - low)) % 256;
    const isWritten = (offset: number) => offset >= low && offset < low + 4 && ((enables >> (offset - low)) & 1) === 1;
    for (let offset = low; offset < low + 4; offset++)
      if (isWritten(offset)) space[offset] = this.#written(offset, space[offset]!, written(offset));
    for (const { structure, at } of this.#placed) {
      if (structure.capabilityId === 0x10) {
        if ((isWritten(at + 0x18) || isWritten(at + 0x19)) && this.#completesCommands(structure, at))
          space[at + 0x1a]! |= 0x10;
        const hasInterlock =
          this.#field(structure, at, 'Slot Capabilities', 'Electromechanical Interlock Present') === 1;
        const hasSlot = this.#field(structure, at, 'PCI Express Capabilities', 'Slot Implemented') === 1;
        if (hasSlot && hasInterlock && isWritten(at + 0x19) && ((written(at + 0x19) >> 3) & 1) === 1)
          space[at + 0x1a]! ^= 0x80;
        // Initiate Function Level Reset.
        const flr = this.#field(structure, at, 'Device Capabilities', 'Function Level Reset Capability') === 1;
        const isBridgeToPci = this.portType() === portTypes['PCI Express to PCI/PCI-X Bridge'];
        if (flr && !isBridgeToPci && isWritten(at + 9) && written(at + 9) >= 0x80) this.reset(space, 'flr');
      }
      // Initiate FLR of Advanced Features.
      if (structure.capabilityId === 0x13 && isWritten(at + 4) && written(at + 4) % 2 === 1)
        if (this.#field(structure, at, 'AF Capabilities', 'FLR Capability') === 1) this.reset(space, 'flr');
      if (structure.capabilityId === 0x01 && isWritten(at + 4)) {
        const [from, to, keeps] = [before[at + 4]! & 3, space[at + 4]! & 3, (space[at + 4]! & 8) !== 0];
        if (from === 3 && to === 0 && !keeps) this.reset(space, 'hot');
      }
    }
  }

  /** One byte after a write of `value` to it. */
  #written(offset: number, old: number, value: number): number {
    let result = 0;
    for (let i = 0; i < 8; i++) {
      const was = (old >> i) & 1;
      const to = (value >> i) & 1;
      result += this.#writtenBit(offset * 8 + i, was, to, value) * 2 ** i;
    }
    return result;
  }

  /** Whether a write to Slot Control is a hot-plug command that sets Command Completed (bit 4 of Slot Status). */
  #completesCommands(structure: Structure, at: number): boolean {
    const is = (register: string, field: string) => this.#field(structure, at, register, field) === 1;
    return (
      is('PCI Express Capabilities', 'Slot Implemented') &&
      is('Slot Capabilities', 'Hot-Plug Capable') &&
      !is('Slot Capabilities', 'No Command Completed Support')
    );
  }

  #writtenBit(position: number, was: number, to: number, byte: number): number {
    const bit = this.bits.get(position);
    if (bit === undefined || noStorage.has(bit.field.behaviour ?? '')) return was;
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

  /** Every bit that a reset defines gets its reset value, in place. `hot` and `flr` keep what is sticky, a fundamental reset nothing. */
  reset(space: Uint8Array, kind: 'fundamental' | 'hot' | 'flr'): void {
    this.#resetOnce(space, kind);
    // What was read-only by a field that the reset has changed is writable now, and has its reset value as well.
    new BitModel(space, this.#placed).#resetOnce(space, kind);
  }

  #resetOnce(space: Uint8Array, kind: 'fundamental' | 'hot' | 'flr'): void {
    for (const [position, { attr, field, index }] of this.bits) {
      if (noStorage.has(field.behaviour ?? '')) continue;
      const sticky = ['ROS', 'RWS', 'RW1CS'].includes(attr);
      if (kind !== 'fundamental' && sticky) continue;
      if (kind === 'flr' && keptByFlr.has(field.name)) continue;
      // Nothing is pending after a reset.
      if (!attr.startsWith('RW') && attr !== 'ROS' && field.name !== 'Pending Bits') continue;
      const value = Math.floor((field.reset ?? 0) / 2 ** index) % 2;
      const bit = 1 << (position & 7);
      space[position >> 3] = (space[position >> 3]! & ~bit) | (value * bit);
    }
  }
}
