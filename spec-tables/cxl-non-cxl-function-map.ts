import type { Structure } from '../src/spec/structure.ts';
import { dvsecHeader, dvsecLength } from './dvsec-header.ts';

/** CXL DVSEC that says which functions of a device have no CXL.cache or CXL.mem, 2Ch bytes. CXL 3.1 §8.1.4. */
export const CxlNonCxlFunctionMap = {
  name: 'CXL Non-CXL Function Map',
  extendedCapabilityId: 0x0023,
  dvsec: { vendor: 0x1e98, id: 0x0002 },
  length: dvsecLength,
  registers: [
    ...dvsecHeader,
    {
      name: 'Non-CXL Function Map 0',
      offset: 0x0c,
      width: 32,
      spec: 'CXL 3.1 §8.1.4',
      fields: [{ name: 'Non-CXL Function Map', bits: [31, 0], attr: 'HwInit' }],
    },
    {
      name: 'Non-CXL Function Map 1',
      offset: 0x10,
      width: 32,
      spec: 'CXL 3.1 §8.1.4',
      fields: [{ name: 'Non-CXL Function Map', bits: [31, 0], attr: 'HwInit' }],
    },
    {
      name: 'Non-CXL Function Map 2',
      offset: 0x14,
      width: 32,
      spec: 'CXL 3.1 §8.1.4',
      fields: [{ name: 'Non-CXL Function Map', bits: [31, 0], attr: 'HwInit' }],
    },
    {
      name: 'Non-CXL Function Map 3',
      offset: 0x18,
      width: 32,
      spec: 'CXL 3.1 §8.1.4',
      fields: [{ name: 'Non-CXL Function Map', bits: [31, 0], attr: 'HwInit' }],
    },
    {
      name: 'Non-CXL Function Map 4',
      offset: 0x1c,
      width: 32,
      spec: 'CXL 3.1 §8.1.4',
      fields: [{ name: 'Non-CXL Function Map', bits: [31, 0], attr: 'HwInit' }],
    },
    {
      name: 'Non-CXL Function Map 5',
      offset: 0x20,
      width: 32,
      spec: 'CXL 3.1 §8.1.4',
      fields: [{ name: 'Non-CXL Function Map', bits: [31, 0], attr: 'HwInit' }],
    },
    {
      name: 'Non-CXL Function Map 6',
      offset: 0x24,
      width: 32,
      spec: 'CXL 3.1 §8.1.4',
      fields: [{ name: 'Non-CXL Function Map', bits: [31, 0], attr: 'HwInit' }],
    },
    {
      name: 'Non-CXL Function Map 7',
      offset: 0x28,
      width: 32,
      spec: 'CXL 3.1 §8.1.4',
      fields: [{ name: 'Non-CXL Function Map', bits: [31, 0], attr: 'HwInit' }],
    },
  ],
} as const satisfies Structure;
