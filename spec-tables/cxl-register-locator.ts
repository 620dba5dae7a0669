import type { Structure } from '../src/spec/structure.ts';
import { dvsecHeader, dvsecLength } from './dvsec-header.ts';

/** CXL Register Locator DVSEC: 0Ch bytes and 8 for each block, by the length it states. CXL 3.1 §8.1.9. */
export const CxlRegisterLocator = {
  name: 'CXL Register Locator',
  extendedCapabilityId: 0x0023,
  dvsec: { vendor: 0x1e98, id: 0x0008 },
  length: dvsecLength,
  registers: [...dvsecHeader],
  blocks: [
    {
      offset: 0x0c,
      count: { register: 'Designated Vendor-Specific Header 1', field: 'DVSEC Length', plus: -12, times: 1 / 8 },
      registers: [
        {
          name: 'CXL Register Block {n} Offset Low',
          offset: 0x00,
          width: 32,
          spec: 'CXL 3.1 §8.1.9',
          fields: [
            { name: 'Register BIR', bits: [2, 0], attr: 'HwInit' },
            { name: 'Reserved', bits: [7, 3], attr: 'RsvdP' },
            { name: 'Register Block Identifier', bits: [15, 8], attr: 'HwInit' },
            { name: 'Register Block Offset Low', bits: [31, 16], attr: 'HwInit' },
          ],
        },
        {
          name: 'CXL Register Block {n} Offset High',
          offset: 0x04,
          width: 32,
          spec: 'CXL 3.1 §8.1.9',
          fields: [{ name: 'Register Block Offset High', bits: [31, 0], attr: 'HwInit' }],
        },
      ],
    },
  ],
} as const satisfies Structure;
