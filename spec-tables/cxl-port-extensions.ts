import type { Structure } from '../src/spec/structure.ts';
import { dvsecHeader, dvsecLength } from './dvsec-header.ts';

/** CXL Extensions DVSEC for Ports, 28h bytes. CXL 3.1 §8.1.5. */
export const CxlPortExtensions = {
  name: 'CXL Extensions for Ports',
  extendedCapabilityId: 0x0023,
  dvsec: { vendor: 0x1e98, id: 0x0003 },
  length: dvsecLength,
  registers: [
    ...dvsecHeader,
    // It has a viral status as well, whose bit is in no public source.
    {
      name: 'CXL Port Extension Status',
      offset: 0x0a,
      width: 16,
      spec: 'CXL 3.1 §8.1.5',
      fields: [{ name: 'Port Power Management Initialization Complete', bits: [0, 0], attr: 'RO' }],
    },
    {
      name: 'CXL Port Control Extensions',
      offset: 0x0c,
      width: 16,
      spec: 'CXL 3.1 §8.1.5',
      fields: [
        { name: 'Unmask SBR', bits: [0, 0], attr: 'RW' },
        { name: 'Unmask Link Disable', bits: [1, 1], attr: 'RW' },
        { name: 'Alternate Memory and ID Space Enable', bits: [2, 2], attr: 'RW' },
        { name: 'Alternate BME', bits: [3, 3], attr: 'RW' },
        // CXL 4.0: Unordered I/O.
        {
          name: 'UIO To HDM Enable',
          bits: [4, 4],
          attr: 'RW',
          when: { portTypes: ['Switch Downstream Port'] },
          otherwise: 'RsvdP',
        },
        { name: 'Reserved 13:5', bits: [13, 5], attr: 'RsvdP' },
        { name: 'Viral Enable', bits: [14, 14], attr: 'RW' },
        { name: 'Reserved', bits: [15, 15], attr: 'RsvdP' },
      ],
    },
    {
      name: 'CXL Alternate Bus Base',
      offset: 0x0e,
      width: 8,
      spec: 'CXL 3.1 §8.1.5',
      fields: [{ name: 'Alternate Bus Base', bits: [7, 0], attr: 'RW' }],
    },
    {
      name: 'CXL Alternate Bus Limit',
      offset: 0x0f,
      width: 8,
      spec: 'CXL 3.1 §8.1.5',
      fields: [{ name: 'Alternate Bus Limit', bits: [7, 0], attr: 'RW' }],
    },
    {
      name: 'CXL Alternate Memory Base',
      offset: 0x10,
      width: 16,
      spec: 'CXL 3.1 §8.1.5',
      fields: [
        { name: 'Reserved', bits: [3, 0], attr: 'RsvdP' },
        { name: 'Alternate Memory Base', bits: [15, 4], attr: 'RW' },
      ],
    },
    {
      name: 'CXL Alternate Memory Limit',
      offset: 0x12,
      width: 16,
      spec: 'CXL 3.1 §8.1.5',
      fields: [
        { name: 'Reserved', bits: [3, 0], attr: 'RsvdP' },
        { name: 'Alternate Memory Limit', bits: [15, 4], attr: 'RW' },
      ],
    },
    {
      name: 'CXL Alternate Prefetchable Memory Base',
      offset: 0x14,
      width: 16,
      spec: 'CXL 3.1 §8.1.5',
      fields: [
        { name: 'Reserved', bits: [3, 0], attr: 'RsvdP' },
        { name: 'Alternate Prefetchable Memory Base', bits: [15, 4], attr: 'RW' },
      ],
    },
    {
      name: 'CXL Alternate Prefetchable Memory Limit',
      offset: 0x16,
      width: 16,
      spec: 'CXL 3.1 §8.1.5',
      fields: [
        { name: 'Reserved', bits: [3, 0], attr: 'RsvdP' },
        { name: 'Alternate Prefetchable Memory Limit', bits: [15, 4], attr: 'RW' },
      ],
    },
    {
      name: 'CXL Alternate Prefetchable Memory Base High',
      offset: 0x18,
      width: 32,
      spec: 'CXL 3.1 §8.1.5',
      fields: [{ name: 'Alternate Prefetchable Memory Base High', bits: [31, 0], attr: 'RW' }],
    },
    {
      name: 'CXL Alternate Prefetchable Memory Limit High',
      offset: 0x1c,
      width: 32,
      spec: 'CXL 3.1 §8.1.5',
      fields: [{ name: 'Alternate Prefetchable Memory Limit High', bits: [31, 0], attr: 'RW' }],
    },
    { name: 'CXL RCRB Base', offset: 0x20, width: 32, spec: 'CXL 3.1 §8.1.5', fields: [] },
    { name: 'CXL RCRB Base High', offset: 0x24, width: 32, spec: 'CXL 3.1 §8.1.5', fields: [] },
  ],
} as const satisfies Structure;
