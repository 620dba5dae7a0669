import type { Structure } from '../src/spec/structure.ts';

/**
 * Flit Performance Measurement Extended Capability: 10h bytes and four for each LTSSM tracking register. PCIe 6.0 §7.8.12.
 */
export const FlitPerformanceMeasurement = {
  name: 'Flit Performance Measurement',
  extendedCapabilityId: 0x0033,
  registers: [
    {
      name: 'Flit Performance Measurement Capability',
      offset: 0x04,
      width: 32,
      spec: 'PCIe 6.0 §7.8.12.2',
      fields: [
        { name: 'Interrupt Vector', bits: [9, 0], attr: 'HwInit' },
        { name: 'LTSSM Tracking Register Count', bits: [12, 10], attr: 'HwInit' },
        { name: 'Reserved', bits: [31, 13], attr: 'RsvdP' },
      ],
    },
    {
      name: 'Flit Performance Measurement Control',
      offset: 0x08,
      width: 32,
      spec: 'PCIe 6.0 §7.8.12.3',
      fields: [
        { name: 'Flit Latency Measurement Enable', bits: [0, 0], attr: 'RW' },
        { name: 'Flit Response Type', bits: [3, 1], attr: 'RW' },
        { name: 'Flit Type', bits: [5, 4], attr: 'RW' },
        { name: 'Number of Flits to Track', bits: [10, 6], attr: 'RW' },
        { name: 'Flit Latency Interrupt Threshold', bits: [13, 11], attr: 'RW' },
        { name: 'LTSSM Transition to Track', bits: [18, 14], attr: 'RW' },
        { name: 'Number of LTSSM Transitions to Track', bits: [23, 19], attr: 'RW' },
        { name: 'LTSSM Interrupt Threshold', bits: [26, 24], attr: 'RW' },
        { name: 'LTSSM L1.2 Interrupt Threshold', bits: [29, 27], attr: 'RW' },
      ],
    },
    {
      name: 'Flit Performance Measurement Status',
      offset: 0x0c,
      width: 32,
      spec: 'PCIe 6.0 §7.8.12.4',
      fields: [
        { name: 'Flit Tracking Status', bits: [1, 0], attr: 'RO' },
        { name: 'Number of Flits Tracked', bits: [6, 2], attr: 'RO' },
        { name: 'Interrupt Generated', bits: [7, 7], attr: 'RW1C' },
        { name: 'Flit Tracking Counter', bits: [23, 8], attr: 'RO' },
      ],
    },
  ],
  blocks: [
    {
      count: { register: 'Flit Performance Measurement Capability', field: 'LTSSM Tracking Register Count' },
      registers: [
        {
          name: 'LTSSM Performance Measurement Status {n}',
          offset: 0x00,
          width: 32,
          spec: 'PCIe 6.0 §7.8.12.5',
          fields: [
            { name: 'LTSSM Tracking Status', bits: [1, 0], attr: 'ROS' },
            { name: 'Number of LTSSM Transitions Tracked', bits: [6, 2], attr: 'ROS' },
            { name: 'Interrupt Generated', bits: [7, 7], attr: 'RW1CS' },
            { name: 'LTSSM Tracking Counter', bits: [23, 8], attr: 'ROS' },
            { name: 'Reserved', bits: [31, 24], attr: 'RsvdZ' },
          ],
        },
      ],
    },
  ],
} as const satisfies Structure;
