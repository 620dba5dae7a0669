import type { Condition, Structure } from '../src/spec/structure.ts';
import { firstHeaderRegisters, interruptRegisters, secondaryStatusFields } from './header-common.ts';

const io32 = (window: 0 | 1): Condition => ({
  fields: [{ register: `CardBus I/O Base ${window}`, field: 'I/O Addressing', equals: 1 }],
});

/** Header of a CardBus bridge; 48h bytes, so that it reaches into what other headers leave to capabilities. PC Card Standard 8.0. */
export const Type2Header = {
  name: 'Type 2 Header',
  headerType: 2,
  registers: [
    ...firstHeaderRegisters,
    {
      name: 'CardBus Socket Base Address',
      offset: 0x10,
      width: 32,
      spec: 'PC Card Standard 8.0 (Electrical) §4.5',
      fields: [
        { name: 'Reserved', bits: [11, 0], attr: 'RO' },
        { name: 'Socket Base Address 31:12', bits: [31, 12], attr: 'RW' },
      ],
    },
    {
      name: 'CardBus Capabilities Pointer',
      offset: 0x14,
      width: 8,
      spec: 'PC Card Standard 8.0 (Electrical) §4.5',
      fields: [{ name: 'CardBus Capabilities Pointer', bits: [7, 0], attr: 'RO' }],
    },
    {
      name: 'CardBus Reserved',
      offset: 0x15,
      width: 8,
      spec: 'PC Card Standard 8.0 (Electrical) §4.5',
      fields: [{ name: 'Reserved', bits: [7, 0], attr: 'RsvdP' }],
    },
    {
      name: 'CardBus Secondary Status',
      offset: 0x16,
      width: 16,
      spec: 'PC Card Standard 8.0 (Electrical) §4.5',
      fields: secondaryStatusFields,
    },
    {
      name: 'PCI Bus Number',
      offset: 0x18,
      width: 8,
      spec: 'PC Card Standard 8.0 (Electrical) §4.5',
      fields: [{ name: 'PCI Bus Number', bits: [7, 0], attr: 'RW' }],
    },
    {
      name: 'CardBus Bus Number',
      offset: 0x19,
      width: 8,
      spec: 'PC Card Standard 8.0 (Electrical) §4.5',
      fields: [{ name: 'CardBus Bus Number', bits: [7, 0], attr: 'RW' }],
    },
    {
      name: 'CardBus Subordinate Bus Number',
      offset: 0x1a,
      width: 8,
      spec: 'PC Card Standard 8.0 (Electrical) §4.5',
      fields: [{ name: 'CardBus Subordinate Bus Number', bits: [7, 0], attr: 'RW' }],
    },
    {
      name: 'CardBus Latency Timer',
      offset: 0x1b,
      width: 8,
      spec: 'PC Card Standard 8.0 (Electrical) §4.5',
      fields: [{ name: 'CardBus Latency Timer', bits: [7, 0], attr: 'RW' }],
    },
    {
      name: 'CardBus Memory Base 0',
      offset: 0x1c,
      width: 32,
      spec: 'PC Card Standard 8.0 (Electrical) §4.5',
      fields: [
        { name: 'Reserved', bits: [11, 0], attr: 'RO' },
        { name: 'Memory Base Address 31:12', bits: [31, 12], attr: 'RW' },
      ],
    },
    {
      name: 'CardBus Memory Limit 0',
      offset: 0x20,
      width: 32,
      spec: 'PC Card Standard 8.0 (Electrical) §4.5',
      fields: [
        { name: 'Reserved', bits: [11, 0], attr: 'RO' },
        { name: 'Memory Limit Address 31:12', bits: [31, 12], attr: 'RW' },
      ],
    },
    {
      name: 'CardBus Memory Base 1',
      offset: 0x24,
      width: 32,
      spec: 'PC Card Standard 8.0 (Electrical) §4.5',
      fields: [
        { name: 'Reserved', bits: [11, 0], attr: 'RO' },
        { name: 'Memory Base Address 31:12', bits: [31, 12], attr: 'RW' },
      ],
    },
    {
      name: 'CardBus Memory Limit 1',
      offset: 0x28,
      width: 32,
      spec: 'PC Card Standard 8.0 (Electrical) §4.5',
      fields: [
        { name: 'Reserved', bits: [11, 0], attr: 'RO' },
        { name: 'Memory Limit Address 31:12', bits: [31, 12], attr: 'RW' },
      ],
    },
    {
      name: 'CardBus I/O Base 0',
      offset: 0x2c,
      width: 16,
      spec: 'PC Card Standard 8.0 (Electrical) §4.5',
      fields: [
        { name: 'I/O Addressing', bits: [1, 0], attr: 'RO' },
        { name: 'I/O Base Address 15:2', bits: [15, 2], attr: 'RW' },
      ],
    },
    {
      name: 'CardBus I/O Base 0 Upper',
      offset: 0x2e,
      width: 16,
      spec: 'PC Card Standard 8.0 (Electrical) §4.5',
      fields: [{ name: 'I/O Base Address 31:16', bits: [15, 0], attr: 'RW', when: io32(0) }],
    },
    {
      name: 'CardBus I/O Limit 0',
      offset: 0x30,
      width: 16,
      spec: 'PC Card Standard 8.0 (Electrical) §4.5',
      fields: [
        { name: 'Reserved', bits: [1, 0], attr: 'RO' },
        { name: 'I/O Limit Address 15:2', bits: [15, 2], attr: 'RW' },
      ],
    },
    {
      name: 'CardBus I/O Limit 0 Upper',
      offset: 0x32,
      width: 16,
      spec: 'PC Card Standard 8.0 (Electrical) §4.5',
      fields: [{ name: 'I/O Limit Address 31:16', bits: [15, 0], attr: 'RW', when: io32(0) }],
    },
    {
      name: 'CardBus I/O Base 1',
      offset: 0x34,
      width: 16,
      spec: 'PC Card Standard 8.0 (Electrical) §4.5',
      fields: [
        { name: 'I/O Addressing', bits: [1, 0], attr: 'RO' },
        { name: 'I/O Base Address 15:2', bits: [15, 2], attr: 'RW' },
      ],
    },
    {
      name: 'CardBus I/O Base 1 Upper',
      offset: 0x36,
      width: 16,
      spec: 'PC Card Standard 8.0 (Electrical) §4.5',
      fields: [{ name: 'I/O Base Address 31:16', bits: [15, 0], attr: 'RW', when: io32(1) }],
    },
    {
      name: 'CardBus I/O Limit 1',
      offset: 0x38,
      width: 16,
      spec: 'PC Card Standard 8.0 (Electrical) §4.5',
      fields: [
        { name: 'Reserved', bits: [1, 0], attr: 'RO' },
        { name: 'I/O Limit Address 15:2', bits: [15, 2], attr: 'RW' },
      ],
    },
    {
      name: 'CardBus I/O Limit 1 Upper',
      offset: 0x3a,
      width: 16,
      spec: 'PC Card Standard 8.0 (Electrical) §4.5',
      fields: [{ name: 'I/O Limit Address 31:16', bits: [15, 0], attr: 'RW', when: io32(1) }],
    },
    ...interruptRegisters,
    {
      name: 'CardBus Bridge Control',
      offset: 0x3e,
      width: 16,
      spec: 'PC Card Standard 8.0 (Electrical) §4.5',
      fields: [
        { name: 'Parity Error Response Enable', bits: [0, 0], attr: 'RW' },
        { name: 'SERR# Enable', bits: [1, 1], attr: 'RW' },
        { name: 'ISA Enable', bits: [2, 2], attr: 'RW' },
        { name: 'VGA Enable', bits: [3, 3], attr: 'RW' },
        { name: 'Reserved 4', bits: [4, 4], attr: 'RsvdP' },
        { name: 'Master Abort Mode', bits: [5, 5], attr: 'RW' },
        { name: 'CardBus Reset', bits: [6, 6], attr: 'RW', reset: 1 },
        { name: 'IREQ-INT Enable', bits: [7, 7], attr: 'RW' },
        { name: 'Memory 0 Prefetch Enable', bits: [8, 8], attr: 'RW', reset: 1 },
        { name: 'Memory 1 Prefetch Enable', bits: [9, 9], attr: 'RW', reset: 1 },
        { name: 'Write Posting Enable', bits: [10, 10], attr: 'RW' },
        { name: 'Reserved 15:11', bits: [15, 11], attr: 'RsvdP' },
      ],
    },
    {
      name: 'CardBus Subsystem Vendor ID',
      offset: 0x40,
      width: 16,
      spec: 'PC Card Standard 8.0 (Electrical) §4.5',
      fields: [{ name: 'Subsystem Vendor ID', bits: [15, 0], attr: 'HwInit' }],
    },
    {
      name: 'CardBus Subsystem ID',
      offset: 0x42,
      width: 16,
      spec: 'PC Card Standard 8.0 (Electrical) §4.5',
      fields: [{ name: 'Subsystem ID', bits: [15, 0], attr: 'HwInit' }],
    },
    {
      name: 'PC Card 16-bit Legacy Mode Base Address',
      offset: 0x44,
      width: 32,
      spec: 'PC Card Standard 8.0 (Electrical) §4.5',
      fields: [
        { name: 'I/O Space', bits: [0, 0], attr: 'RO', reset: 1 },
        { name: 'Legacy Mode Base Address 31:1', bits: [31, 1], attr: 'RW' },
      ],
    },
  ],
} as const satisfies Structure;
