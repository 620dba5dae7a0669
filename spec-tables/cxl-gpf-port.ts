import type { Structure } from '../src/spec/structure.ts';
import { dvsecHeader, dvsecLength } from './dvsec-header.ts';

/** CXL DVSEC for the Global Persistent Flush of a port, 10h bytes. CXL 3.1 §8.1.6. */
export const CxlGpfPort = {
  name: 'CXL GPF for Ports',
  extendedCapabilityId: 0x0023,
  dvsec: { vendor: 0x1e98, id: 0x0004 },
  length: dvsecLength,
  registers: [
    ...dvsecHeader,
    {
      name: 'CXL GPF Phase 1 Control',
      offset: 0x0c,
      width: 16,
      spec: 'CXL 3.1 §8.1.6',
      fields: [
        { name: 'Port GPF Phase 1 Timeout Base', bits: [3, 0], attr: 'RW' },
        { name: 'Reserved 7:4', bits: [7, 4], attr: 'RsvdP' },
        { name: 'Port GPF Phase 1 Timeout Scale', bits: [11, 8], attr: 'RW' },
        { name: 'Reserved', bits: [15, 12], attr: 'RsvdP' },
      ],
    },
    {
      name: 'CXL GPF Phase 2 Control',
      offset: 0x0e,
      width: 16,
      spec: 'CXL 3.1 §8.1.6',
      fields: [
        { name: 'Port GPF Phase 2 Timeout Base', bits: [3, 0], attr: 'RW' },
        { name: 'Reserved 7:4', bits: [7, 4], attr: 'RsvdP' },
        { name: 'Port GPF Phase 2 Timeout Scale', bits: [11, 8], attr: 'RW' },
        { name: 'Reserved', bits: [15, 12], attr: 'RsvdP' },
      ],
    },
  ],
} as const satisfies Structure;
