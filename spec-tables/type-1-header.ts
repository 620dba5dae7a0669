import type { Condition, Structure } from '../src/spec/structure.ts';
import { commonHeaderRegisters, expansionRom, secondaryStatusFields } from './header-common.ts';

const io32: Condition = { fields: [{ register: 'I/O Base', field: 'I/O Base Addressing', equals: 1 }] };
const prefetch64: Condition = {
  fields: [{ register: 'Prefetchable Memory Base', field: 'Prefetchable Base Addressing', equals: 1 }],
};

/** What only a conventional bus has. PCI-to-PCI Bridge 1.2 §3.2.5.6, §3.2.5.18. */
const conventionalSecondary: Condition = { portTypes: ['Conventional PCI', 'PCI Express to PCI/PCI-X Bridge'] };

/** PCIe 5.0 §7.5.1.3. */
export const Type1Header = {
  name: 'Type 1 Header',
  headerType: 1,
  registers: [
    ...commonHeaderRegisters,
    {
      name: 'Base Address Register 0',
      offset: 0x10,
      width: 32,
      spec: 'PCIe 5.0 §7.5.1.2.1',
      fields: [{ name: 'Base Address', bits: [31, 0], attr: 'RW', behaviour: 'bar' }],
    },
    {
      name: 'Base Address Register 1',
      offset: 0x14,
      width: 32,
      spec: 'PCIe 5.0 §7.5.1.2.1',
      fields: [{ name: 'Base Address', bits: [31, 0], attr: 'RW', behaviour: 'bar' }],
    },
    {
      name: 'Primary Bus Number',
      offset: 0x18,
      width: 8,
      spec: 'PCIe 5.0 §7.5.1.3.2',
      fields: [{ name: 'Primary Bus Number', bits: [7, 0], attr: 'RW' }],
    },
    {
      name: 'Secondary Bus Number',
      offset: 0x19,
      width: 8,
      spec: 'PCIe 5.0 §7.5.1.3.3',
      fields: [{ name: 'Secondary Bus Number', bits: [7, 0], attr: 'RW' }],
    },
    {
      name: 'Subordinate Bus Number',
      offset: 0x1a,
      width: 8,
      spec: 'PCIe 5.0 §7.5.1.3.4',
      fields: [{ name: 'Subordinate Bus Number', bits: [7, 0], attr: 'RW' }],
    },
    {
      name: 'Secondary Latency Timer',
      offset: 0x1b,
      width: 8,
      spec: 'PCIe 5.0 §7.5.1.3.5',
      fields: [{ name: 'Secondary Latency Timer', bits: [7, 0], attr: 'RW', when: conventionalSecondary }],
    },
    {
      name: 'I/O Base',
      offset: 0x1c,
      width: 8,
      spec: 'PCIe 5.0 §7.5.1.3.6',
      fields: [
        { name: 'I/O Base Addressing', bits: [3, 0], attr: 'RO' },
        { name: 'I/O Base Address 15:12', bits: [7, 4], attr: 'RW' },
      ],
    },
    {
      name: 'I/O Limit',
      offset: 0x1d,
      width: 8,
      spec: 'PCIe 5.0 §7.5.1.3.6',
      fields: [
        { name: 'I/O Limit Addressing', bits: [3, 0], attr: 'RO' },
        { name: 'I/O Limit Address 15:12', bits: [7, 4], attr: 'RW' },
      ],
    },
    {
      name: 'Secondary Status',
      offset: 0x1e,
      width: 16,
      spec: 'PCIe 5.0 §7.5.1.3.7',
      fields: secondaryStatusFields,
    },
    {
      name: 'Memory Base',
      offset: 0x20,
      width: 16,
      spec: 'PCIe 5.0 §7.5.1.3.8',
      fields: [
        { name: 'Reserved', bits: [3, 0], attr: 'RO' },
        { name: 'Memory Base Address 31:20', bits: [15, 4], attr: 'RW' },
      ],
    },
    {
      name: 'Memory Limit',
      offset: 0x22,
      width: 16,
      spec: 'PCIe 5.0 §7.5.1.3.8',
      fields: [
        { name: 'Reserved', bits: [3, 0], attr: 'RO' },
        { name: 'Memory Limit Address 31:20', bits: [15, 4], attr: 'RW' },
      ],
    },
    {
      name: 'Prefetchable Memory Base',
      offset: 0x24,
      width: 16,
      spec: 'PCIe 5.0 §7.5.1.3.9',
      fields: [
        { name: 'Prefetchable Base Addressing', bits: [3, 0], attr: 'RO' },
        { name: 'Prefetchable Base Address 31:20', bits: [15, 4], attr: 'RW' },
      ],
    },
    {
      name: 'Prefetchable Memory Limit',
      offset: 0x26,
      width: 16,
      spec: 'PCIe 5.0 §7.5.1.3.9',
      fields: [
        { name: 'Prefetchable Limit Addressing', bits: [3, 0], attr: 'RO' },
        { name: 'Prefetchable Limit Address 31:20', bits: [15, 4], attr: 'RW' },
      ],
    },
    {
      name: 'Prefetchable Base Upper 32 Bits',
      offset: 0x28,
      width: 32,
      spec: 'PCIe 5.0 §7.5.1.3.10',
      fields: [{ name: 'Prefetchable Base Upper 32 Bits', bits: [31, 0], attr: 'RW', when: prefetch64 }],
    },
    {
      name: 'Prefetchable Limit Upper 32 Bits',
      offset: 0x2c,
      width: 32,
      spec: 'PCIe 5.0 §7.5.1.3.10',
      fields: [{ name: 'Prefetchable Limit Upper 32 Bits', bits: [31, 0], attr: 'RW', when: prefetch64 }],
    },
    {
      name: 'I/O Base Upper 16 Bits',
      offset: 0x30,
      width: 16,
      spec: 'PCIe 5.0 §7.5.1.3.11',
      fields: [{ name: 'I/O Base Upper 16 Bits', bits: [15, 0], attr: 'RW', when: io32 }],
    },
    {
      name: 'I/O Limit Upper 16 Bits',
      offset: 0x32,
      width: 16,
      spec: 'PCIe 5.0 §7.5.1.3.11',
      fields: [{ name: 'I/O Limit Upper 16 Bits', bits: [15, 0], attr: 'RW', when: io32 }],
    },
    {
      name: 'Bridge Expansion ROM Base Address',
      offset: 0x38,
      width: 32,
      spec: 'PCIe 5.0 §7.5.1.3.12',
      fields: expansionRom,
    },
    {
      name: 'Bridge Control',
      offset: 0x3e,
      width: 16,
      spec: 'PCIe 5.0 §7.5.1.3.13',
      fields: [
        { name: 'Parity Error Response Enable', bits: [0, 0], attr: 'RW' },
        { name: 'SERR# Enable', bits: [1, 1], attr: 'RW' },
        { name: 'ISA Enable', bits: [2, 2], attr: 'RW' },
        { name: 'VGA Enable', bits: [3, 3], attr: 'RW' },
        { name: 'VGA 16-bit Decode', bits: [4, 4], attr: 'RW' },
        { name: 'Master Abort Mode', bits: [5, 5], attr: 'RW', when: conventionalSecondary },
        { name: 'Secondary Bus Reset', bits: [6, 6], attr: 'RW', behaviour: 'secondary-bus-reset' },
        { name: 'Fast Back-to-Back Transactions Enable', bits: [7, 7], attr: 'RW', when: conventionalSecondary },
        { name: 'Primary Discard Timer', bits: [8, 8], attr: 'RW', when: conventionalSecondary },
        { name: 'Secondary Discard Timer', bits: [9, 9], attr: 'RW', when: conventionalSecondary },
        { name: 'Discard Timer Status', bits: [10, 10], attr: 'RW1C', when: conventionalSecondary },
        { name: 'Discard Timer SERR# Enable', bits: [11, 11], attr: 'RW', when: conventionalSecondary },
        { name: 'Reserved', bits: [15, 12], attr: 'RsvdP' },
      ],
    },
  ],
} as const satisfies Structure;
