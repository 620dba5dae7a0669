import type { Condition, Structure } from '../src/spec/structure.ts';
import { dvsecHeader, dvsecLength, dvsecRevision } from './dvsec-header.ts';

const rootOrDownstream: Condition = { portTypes: ['Root Port', 'Switch Downstream Port'] };
const revision1: Condition = { version: { atLeast: 1 } };
const revision2: Condition = { version: { atLeast: 2 } };

/**
 * CXL DVSEC for a Flex Bus port: 10h bytes at revision 0, 14h at 1, 20h at 2. CXL 3.1 §8.2.1.3.
 * The control is writable in root ports and switch downstream ports.
 */
export const CxlFlexBusPort = {
  name: 'CXL Flex Bus Port',
  extendedCapabilityId: 0x0023,
  dvsec: { vendor: 0x1e98, id: 0x0007 },
  length: dvsecLength,
  versionField: dvsecRevision,
  registers: [
    ...dvsecHeader,
    {
      name: 'CXL Flex Bus Port Capability',
      offset: 0x0a,
      width: 16,
      spec: 'CXL 3.1 §8.2.1.3.1',
      fields: [
        { name: 'Cache Capable', bits: [0, 0], attr: 'RO' },
        { name: 'IO Capable', bits: [1, 1], attr: 'RO' },
        { name: 'Mem Capable', bits: [2, 2], attr: 'RO' },
        { name: '68B Flit and VH Capable', bits: [5, 5], attr: 'RO' },
        { name: 'Multi-Logical Device Capable', bits: [6, 6], attr: 'RO' },
        { name: 'Latency Optimized 256B Flit Capable', bits: [13, 13], attr: 'RO' },
        { name: 'PBR Flit Capable', bits: [14, 14], attr: 'RO' },
      ],
    },
    // Which of 8, 9, 13 and 14 software may write is in no public source.
    {
      name: 'CXL Flex Bus Port Control',
      offset: 0x0c,
      width: 16,
      spec: 'CXL 3.1 §8.2.1.3.2',
      fields: [
        { name: 'Cache Enable', bits: [0, 0], attr: 'RW', when: rootOrDownstream },
        { name: 'IO Enable', bits: [1, 1], attr: 'RO' },
        { name: 'Mem Enable', bits: [2, 2], attr: 'RW', when: rootOrDownstream },
        { name: 'Sync Header Bypass Enable', bits: [3, 3], attr: 'RW', when: rootOrDownstream },
        { name: 'Drift Buffer Enable', bits: [4, 4], attr: 'RW', when: rootOrDownstream },
        { name: '68B Flit and VH Enable', bits: [5, 5], attr: 'RW', when: rootOrDownstream },
        {
          name: 'Multi-Logical Device Enable',
          bits: [6, 6],
          attr: 'RW',
          when: { portTypes: ['Switch Downstream Port'] },
        },
        { name: 'Disable RCD Training', bits: [7, 7], attr: 'RW', when: rootOrDownstream },
        { name: 'Retimer1 Present', bits: [8, 8], attr: 'RO' },
        { name: 'Retimer2 Present', bits: [9, 9], attr: 'RO' },
        { name: 'Latency Optimized 256B Flit Enable', bits: [13, 13], attr: 'RO' },
        { name: 'PBR Flit Enable', bits: [14, 14], attr: 'RO' },
      ],
    },
    // 12:7 hold RW1CS errors; their order is in no public source.
    {
      name: 'CXL Flex Bus Port Status',
      offset: 0x0e,
      width: 16,
      spec: 'CXL 3.1 §8.2.1.3.3',
      fields: [
        { name: 'Cache Enabled', bits: [0, 0], attr: 'RO' },
        { name: 'IO Enabled', bits: [1, 1], attr: 'RO' },
        { name: 'Mem Enabled', bits: [2, 2], attr: 'RO' },
        { name: 'Sync Header Bypass Enabled', bits: [3, 3], attr: 'RO' },
        { name: 'Drift Buffer Enabled', bits: [4, 4], attr: 'RO' },
        { name: '68B Flit and VH Enabled', bits: [5, 5], attr: 'RO' },
        { name: 'Multi-Logical Device Enabled', bits: [6, 6], attr: 'RO' },
        { name: 'Latency Optimized 256B Flit Enabled', bits: [13, 13], attr: 'RO' },
        { name: 'PBR Flit Enabled', bits: [14, 14], attr: 'RO' },
      ],
    },
    {
      name: 'CXL Flex Bus Port Received Modified TS Data Phase 1',
      offset: 0x10,
      width: 32,
      spec: 'CXL 3.1 §8.2.1.3.4',
      when: revision1,
      fields: [
        { name: 'Received Flex Bus Data Phase 1', bits: [23, 0], attr: 'RO' },
        { name: 'Reserved', bits: [31, 24], attr: 'RsvdP' },
      ],
    },
    {
      name: 'CXL Flex Bus Port Capability 2',
      offset: 0x14,
      width: 32,
      spec: 'CXL 3.1 §8.2.1.3.5',
      when: revision2,
      fields: [{ name: 'NOP Hint Capable', bits: [0, 0], attr: 'RO' }],
    },
    {
      name: 'CXL Flex Bus Port Control 2',
      offset: 0x18,
      width: 32,
      spec: 'CXL 3.1 §8.2.1.3.6',
      when: revision2,
      fields: [{ name: 'NOP Hint Enable', bits: [0, 0], attr: 'RW', when: rootOrDownstream }],
    },
    {
      name: 'CXL Flex Bus Port Status 2',
      offset: 0x1c,
      width: 32,
      spec: 'CXL 3.1 §8.2.1.3.7',
      when: revision2,
      fields: [],
    },
  ],
} as const satisfies Structure;
