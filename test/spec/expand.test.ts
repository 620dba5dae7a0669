/** Blocks written out as plain registers, and the conditions that their elements carry. */
import { describe, expect, it } from 'vitest';
import { DynamicPowerAllocation } from '../../spec-tables/index.ts';
import { expandStructure } from '../../src/spec/expand.ts';
import { conditionsThatHold, emptyMasks, foldStructure, presentRegisters } from '../../src/spec/fold.ts';
import type { Structure } from '../../src/spec/structure.ts';

const AT = 0x10;

/** Shelves of a byte each: a count of boxes, whether they open, and whether the shelf has a label; boxes are a byte each. */
const Shelves = {
  name: 'Shelves',
  registers: [
    { name: 'Shelf Count', offset: 0, width: 8, spec: '-', fields: [{ name: 'Count', bits: [7, 0], attr: 'RO' }] },
  ],
  blocks: [
    {
      offset: 1,
      count: { register: 'Shelf Count', field: 'Count' },
      registers: [
        {
          name: 'Shelf {n}',
          offset: 0,
          width: 8,
          spec: '-',
          fields: [
            { name: 'Boxes', bits: [3, 0], attr: 'RO' },
            { name: 'Opens', bits: [4, 4], attr: 'RO' },
            { name: 'Labelled', bits: [5, 5], attr: 'RO' },
            {
              name: 'Locked',
              bits: [7, 7],
              attr: 'RW',
              when: { fields: [{ register: 'Shelf {n}', field: 'Opens', equals: 1 }] },
            },
          ],
        },
      ],
      blocks: [
        {
          when: { fields: [{ register: 'Shelf {n}', field: 'Labelled', equals: 1 }] },
          registers: [
            { name: 'Label {m}', offset: 0, width: 8, spec: '-', fields: [{ name: 'Text', bits: [7, 0], attr: 'RW' }] },
          ],
        },
        {
          count: { register: 'Shelf {n}', field: 'Boxes' },
          registers: [
            {
              name: 'Box {m}.{n}',
              offset: 0,
              width: 8,
              spec: '-',
              fields: [
                {
                  name: 'Content',
                  bits: [7, 0],
                  attr: 'RW',
                  when: { fields: [{ register: 'Shelf {m}', field: 'Opens', equals: 1 }] },
                },
              ],
            },
          ],
        },
      ],
    },
  ],
} as const satisfies Structure;

function expand(structure: Structure, hex: string, at = AT, size = 256) {
  const bytes = new Uint8Array(size);
  bytes.set(
    hex.split(' ').map((byte) => Number.parseInt(byte, 16)),
    at,
  );
  return { bytes, expanded: expandStructure(structure, { bytes, at, portType: -1, express: 0, lanes: 0 }) };
}

/** Names of the registers that are there, each with the bits that a write changes. */
function writable(structure: Structure, hex: string): string[] {
  const { bytes, expanded } = expand(structure, hex);
  const masks = emptyMasks(bytes.length);
  const holds = conditionsThatHold(expanded, bytes, AT, -1, 0);
  foldStructure(expanded, AT, holds, masks);
  return presentRegisters(expanded, holds).map(({ name, offset }) => `${name}: ${masks.rw[AT + offset]!.toString(16)}`);
}

describe('a condition in a block', () => {
  it('asks a register of its own element, and of the element around it', () => {
    // Three shelves: two boxes that open, one that does not, one that opens and a label.
    expect(writable(Shelves, '03 12 aa bb 01 cc 31 dd ee')).toEqual([
      'Shelf Count: 0',
      'Shelf 0: 80',
      'Box 0.0: ff',
      'Box 0.1: ff',
      'Shelf 1: 0',
      'Box 1.0: 0',
      'Shelf 2: 80',
      'Label 2: ff',
      'Box 2.0: ff',
    ]);
  });
});

/** A drawer: what it says of itself decides whether it locks, or is sealed by the function's PCI Express Capability. */
const Drawer = {
  name: 'Drawer',
  registers: [
    {
      name: 'Drawer Capabilities',
      offset: 0,
      width: 8,
      spec: '-',
      fields: [
        { name: 'Key', bits: [0, 0], attr: 'RO' },
        { name: 'Code', bits: [1, 1], attr: 'RO' },
        { name: 'Sealed', bits: [2, 2], attr: 'RO' },
      ],
    },
    {
      name: 'Drawer Control',
      offset: 1,
      width: 8,
      spec: '-',
      fields: [
        {
          name: 'Lock',
          bits: [0, 0],
          attr: 'RW',
          when: {
            anyField: [
              { register: 'Drawer Capabilities', field: 'Key', equals: 1 },
              { register: 'Drawer Capabilities', field: 'Code', equals: 1 },
            ],
          },
        },
        {
          name: 'Tagged',
          bits: [1, 1],
          attr: 'RW',
          when: {
            express: [{ register: 'Device Capabilities', field: 'Extended Tag Field Supported', equals: 1 }],
          },
        },
        {
          name: 'Completer',
          bits: [2, 2],
          attr: 'RW',
          when: {
            express: [{ register: 'Device Capabilities 2', field: '10-Bit Tag Completer Supported', equals: 1 }],
          },
        },
        {
          name: 'Seal',
          bits: [3, 3],
          attr: 'RWS',
          when: { fields: [{ register: 'Drawer Capabilities', field: 'Sealed', equals: 1 }] },
          otherwise: {
            when: { fields: [{ register: 'Drawer Capabilities', field: 'Key', equals: 1 }] },
            attr: 'RW1C',
            otherwise: 'RsvdP',
          },
        },
      ],
    },
  ],
} as const satisfies Structure;

describe('a condition', () => {
  const DRAWER = 0x10;
  const EXPRESS = 0x40;

  /** Masks of the drawer's control, in hex: RW, RW1C, sticky. */
  const masksOf = (capabilities: number, express: readonly number[] | undefined) => {
    const bytes = new Uint8Array(256);
    bytes[DRAWER] = capabilities;
    bytes.set(express ?? [], EXPRESS);
    const holds = conditionsThatHold(Drawer, bytes, DRAWER, -1, express === undefined ? 0 : EXPRESS);
    const masks = emptyMasks(bytes.length);
    foldStructure(Drawer, DRAWER, holds, masks);
    return [masks.rw, masks.rw1c, masks.sticky].map((mask) => mask[DRAWER + 1]!.toString(16)).join(' ');
  };

  it('of several fields takes one of them', () => {
    expect([0b00, 0b10].map((capabilities) => masksOf(capabilities, undefined))).toEqual(['0 0 0', '1 0 0']);
  });

  it('that fails gives way to a second one, and that to the attribute behind it', () => {
    expect([0b000, 0b001, 0b100, 0b101].map((capabilities) => masksOf(capabilities, undefined))).toEqual([
      '0 0 0',
      '1 8 0',
      '8 0 8',
      '9 0 8',
    ]);
  });

  it('asks the PCI Express Capability, where there is one whose version has the register', () => {
    // Device Capabilities (04h) bit 5 and Device Capabilities 2 (24h) bit 16, without and with version 2.
    const express = (version: number) => {
      const bytes = new Array<number>(0x3c).fill(0);
      bytes[2] = version;
      bytes[4] = 0x20;
      bytes[0x26] = 0x01;
      return bytes;
    };
    expect(masksOf(0, express(1))).toBe('2 0 0');
    expect(masksOf(0, express(2))).toBe('6 0 0');
    expect(masksOf(0, undefined)).toBe('0 0 0');
  });
});

describe('expandStructure', () => {
  it('gives the same object for the same shape, whatever conditions hold in it', () => {
    const { expanded } = expand(Shelves, '02 01 00 01 00');
    expect(expand(Shelves, '02 11 ff 01 ff').expanded).toBe(expanded);
    expect(expand(Shelves, '02 01 00 21 00 00').expanded).not.toBe(expanded);
    expect(expand(Shelves, '02 00 02 00 00').expanded).not.toBe(expanded);
  });

  it('does not take what the end of the space cut off for the whole', () => {
    const substates32 = '16 00 01 00 1f 00 00 00';
    const cut = expand(DynamicPowerAllocation, substates32, 4096 - 0x18, 4096).expanded.registers.length;
    const whole = expand(DynamicPowerAllocation, substates32, 0x100, 4096).expanded.registers.length;
    expect(whole).toBe(4 + 32);
    expect(cut).toBeLessThan(whole);
  });
});
