import type { Structure } from '../src/spec/structure.ts';

/** Shadow Functions Extended Capability: 0Ch bytes and 4 for each shadow function. PCIe 6.0 §7.9.25. */
export const ShadowFunctions = {
  name: 'Shadow Functions',
  extendedCapabilityId: 0x002d,
  registers: [
    {
      name: 'Shadow Functions Capability',
      offset: 0x04,
      width: 32,
      spec: 'PCIe 6.0 §7.9.25.2',
      fields: [
        // 0 stands for one.
        { name: 'Number of Shadow Functions', bits: [7, 0], attr: 'HwInit' },
        { name: 'Reserved', bits: [31, 8], attr: 'RsvdP' },
      ],
    },
    {
      name: 'Shadow Functions Control',
      offset: 0x08,
      width: 32,
      spec: 'PCIe 6.0 §7.9.25.3',
      fields: [
        { name: 'Shadow Functions Enable', bits: [0, 0], attr: 'RW' },
        { name: 'Reserved', bits: [31, 1], attr: 'RsvdP' },
      ],
    },
  ],
  blocks: [
    {
      count: { register: 'Shadow Functions Capability', field: 'Number of Shadow Functions', plus: 1 },
      registers: [
        {
          name: 'Shadow Functions Instance {n}',
          offset: 0x00,
          width: 32,
          spec: 'PCIe 6.0 §7.9.25.4',
          fields: [
            { name: 'Shadow Function Number', bits: [15, 0], attr: 'HwInit' },
            { name: 'Reserved', bits: [31, 16], attr: 'RsvdP' },
          ],
        },
      ],
    },
  ],
} as const satisfies Structure;
