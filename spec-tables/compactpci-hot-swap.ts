import type { Structure } from '../src/spec/structure.ts';

/** CompactPCI Hot Swap Capability, 4 bytes. PICMG 2.1 R2.0 §7.2. */
export const CompactPciHotSwapCapability = {
  name: 'CompactPCI Hot Swap',
  capabilityId: 0x06,
  registers: [
    {
      name: 'Hot Swap Control and Status',
      offset: 0x02,
      width: 8,
      spec: 'PICMG 2.1 R2.0 §7.2',
      fields: [
        { name: 'Device Hiding Arm', bits: [0, 0], attr: 'RW' },
        { name: 'ENUM# Signal Mask', bits: [1, 1], attr: 'RW' },
        { name: 'Pending Insert or Extract', bits: [2, 2], attr: 'RO' },
        { name: 'LED On/Off', bits: [3, 3], attr: 'RW' },
        { name: 'Programming Interface', bits: [5, 4], attr: 'RO' },
        { name: 'ENUM# Status Extraction', bits: [6, 6], attr: 'RW1C' },
        { name: 'ENUM# Status Insertion', bits: [7, 7], attr: 'RW1C' },
      ],
    },
    {
      name: 'Hot Swap Reserved',
      offset: 0x03,
      width: 8,
      spec: 'PICMG 2.1 R2.0 §7.2',
      fields: [{ name: 'Reserved', bits: [7, 0], attr: 'RsvdP' }],
    },
  ],
} as const satisfies Structure;
