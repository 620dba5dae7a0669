import type { Structure } from '../src/spec/structure.ts';
import { dvsecHeader, dvsecLength } from './dvsec-header.ts';

/** CXL DVSEC for a Multi-Logical Device, 10h bytes. CXL 3.1 §8.1.10. */
export const CxlMld = {
  name: 'CXL Multi-Logical Device',
  extendedCapabilityId: 0x0023,
  dvsec: { vendor: 0x1e98, id: 0x0009 },
  length: dvsecLength,
  registers: [
    ...dvsecHeader,
    {
      name: 'CXL Number of LDs Supported',
      offset: 0x0a,
      width: 16,
      spec: 'CXL 3.1 §8.1.10',
      fields: [{ name: 'Number of LDs Supported', bits: [15, 0], attr: 'HwInit' }],
    },
    // No public source gives its attribute.
    { name: 'CXL LD-ID Hot Reset Vector', offset: 0x0c, width: 16, spec: 'CXL 3.1 §8.1.10', fields: [] },
  ],
} as const satisfies Structure;
