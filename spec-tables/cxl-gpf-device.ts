import type { Structure } from '../src/spec/structure.ts';
import { dvsecHeader, dvsecLength } from './dvsec-header.ts';

/**
 * CXL DVSEC for the Global Persistent Flush of a device, 10h bytes. CXL 3.1 §8.1.7.
 * Both registers report what the device needs; QEMU lets them be written.
 */
export const CxlGpfDevice = {
  name: 'CXL GPF for Devices',
  extendedCapabilityId: 0x0023,
  dvsec: { vendor: 0x1e98, id: 0x0005 },
  length: dvsecLength,
  registers: [
    ...dvsecHeader,
    {
      name: 'CXL GPF Phase 2 Duration',
      offset: 0x0a,
      width: 16,
      spec: 'CXL 3.1 §8.1.7',
      fields: [
        { name: 'Device GPF Phase 2 Time Base', bits: [3, 0], attr: 'RO' },
        { name: 'Reserved 7:4', bits: [7, 4], attr: 'RsvdP' },
        { name: 'Device GPF Phase 2 Time Scale', bits: [11, 8], attr: 'RO' },
        { name: 'Reserved', bits: [15, 12], attr: 'RsvdP' },
      ],
    },
    {
      name: 'CXL GPF Phase 2 Power',
      offset: 0x0c,
      width: 32,
      spec: 'CXL 3.1 §8.1.7',
      fields: [{ name: 'GPF Phase 2 Active Power', bits: [31, 0], attr: 'RO' }],
    },
  ],
} as const satisfies Structure;
