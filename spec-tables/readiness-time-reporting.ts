import type { Structure } from '../src/spec/structure.ts';

/** Readiness Time Reporting Extended Capability, 0Ch bytes. PCIe 5.0 §7.9.17. */
export const ReadinessTimeReporting = {
  name: 'Readiness Time Reporting',
  extendedCapabilityId: 0x0022,
  registers: [
    {
      name: 'Readiness Time Reporting 1',
      offset: 0x04,
      width: 32,
      spec: 'PCIe 5.0 §7.9.17.2',
      fields: [
        { name: 'Reset Time', bits: [11, 0], attr: 'HwInit' },
        { name: 'DL_Up Time', bits: [23, 12], attr: 'HwInit' },
        { name: 'Reserved', bits: [30, 24], attr: 'RsvdP' },
        { name: 'Valid', bits: [31, 31], attr: 'HwInit' },
      ],
    },
    {
      name: 'Readiness Time Reporting 2',
      offset: 0x08,
      width: 32,
      spec: 'PCIe 5.0 §7.9.17.3',
      fields: [
        { name: 'FLR Time', bits: [11, 0], attr: 'HwInit' },
        { name: 'D3hot to D0 Time', bits: [23, 12], attr: 'HwInit' },
        { name: 'Reserved', bits: [31, 24], attr: 'RsvdP' },
      ],
    },
  ],
} as const satisfies Structure;
