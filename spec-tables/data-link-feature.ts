import type { Structure } from '../src/spec/structure.ts';

/** Data Link Feature Extended Capability, 0Ch bytes. PCIe 5.0 §7.7.4; bits 7:1 PCIe 6.0. */
export const DataLinkFeature = {
  name: 'Data Link Feature',
  extendedCapabilityId: 0x0025,
  registers: [
    {
      name: 'Data Link Feature Capabilities',
      offset: 0x04,
      width: 32,
      spec: 'PCIe 5.0 §7.7.4.2',
      fields: [
        { name: 'Local Scaled Flow Control Supported', bits: [0, 0], attr: 'HwInit' },
        { name: 'Local Immediate Readiness', bits: [1, 1], attr: 'HwInit' },
        { name: 'Local Extended VC Count', bits: [4, 2], attr: 'HwInit' },
        { name: 'Local L0p Exit Latency', bits: [7, 5], attr: 'HwInit' },
        { name: 'Reserved', bits: [30, 8], attr: 'RsvdP' },
        { name: 'Data Link Feature Exchange Enable', bits: [31, 31], attr: 'HwInit' },
      ],
    },
    {
      name: 'Data Link Feature Status',
      offset: 0x08,
      width: 32,
      spec: 'PCIe 5.0 §7.7.4.3',
      fields: [
        { name: 'Remote Scaled Flow Control Supported', bits: [0, 0], attr: 'RO' },
        { name: 'Remote Immediate Readiness', bits: [1, 1], attr: 'RO' },
        { name: 'Remote Extended VC Count', bits: [4, 2], attr: 'RO' },
        { name: 'Remote L0p Exit Latency', bits: [7, 5], attr: 'RO' },
        { name: 'Reserved', bits: [30, 8], attr: 'RsvdZ' },
        { name: 'Remote Data Link Feature Supported Valid', bits: [31, 31], attr: 'RO' },
      ],
    },
  ],
} as const satisfies Structure;
