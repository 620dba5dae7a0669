import type { Structure } from '../src/spec/structure.ts';

/** Latency Tolerance Reporting (LTR) Extended Capability, 8 bytes. PCIe 5.0 §7.8.2. */
export const LatencyToleranceReporting = {
  name: 'Latency Tolerance Reporting',
  extendedCapabilityId: 0x0018,
  registers: [
    {
      name: 'Max Snoop Latency',
      offset: 0x04,
      width: 16,
      spec: 'PCIe 5.0 §7.8.2.2',
      fields: [
        { name: 'Max Snoop LatencyValue', bits: [9, 0], attr: 'RW' },
        { name: 'Max Snoop LatencyScale', bits: [12, 10], attr: 'RW' },
        { name: 'Reserved', bits: [15, 13], attr: 'RsvdP' },
      ],
    },
    {
      name: 'Max No-Snoop Latency',
      offset: 0x06,
      width: 16,
      spec: 'PCIe 5.0 §7.8.2.3',
      fields: [
        { name: 'Max No-Snoop LatencyValue', bits: [9, 0], attr: 'RW' },
        { name: 'Max No-Snoop LatencyScale', bits: [12, 10], attr: 'RW' },
        { name: 'Reserved', bits: [15, 13], attr: 'RsvdP' },
      ],
    },
  ],
} as const satisfies Structure;
