import type { Structure } from '../src/spec/structure.ts';

/** Downstream Port Containment Extended Capability: what a kernel's shutdown writes; 0Ch bytes. PCIe 5.0 §7.9.15. */
export const DownstreamPortContainment = {
  name: 'Downstream Port Containment',
  extendedCapabilityId: 0x001d,
  registers: [
    {
      name: 'DPC Capability',
      offset: 0x04,
      width: 16,
      spec: 'PCIe 5.0 §7.9.15.2',
      fields: [
        { name: 'DPC Interrupt Message Number', bits: [4, 0], attr: 'RO' },
        { name: 'RP Extensions for DPC', bits: [5, 5], attr: 'RO' },
        { name: 'Poisoned TLP Egress Blocking Supported', bits: [6, 6], attr: 'RO' },
        { name: 'DPC Software Triggering Supported', bits: [7, 7], attr: 'RO' },
        { name: 'RP PIO Log Size', bits: [11, 8], attr: 'RO' },
        { name: 'DL_Active ERR_COR Signaling Supported', bits: [12, 12], attr: 'RO' },
        { name: 'Reserved', bits: [15, 13], attr: 'RsvdP' },
      ],
    },
    {
      name: 'DPC Control',
      offset: 0x06,
      width: 16,
      spec: 'PCIe 5.0 §7.9.15.3',
      fields: [
        { name: 'DPC Trigger Enable', bits: [1, 0], attr: 'RW' },
        { name: 'DPC Completion Control', bits: [2, 2], attr: 'RW' },
        { name: 'DPC Interrupt Enable', bits: [3, 3], attr: 'RW' },
        { name: 'DPC ERR_COR Enable', bits: [4, 4], attr: 'RW' },
        { name: 'Poisoned TLP Egress Blocking Enable', bits: [5, 5], attr: 'RW' },
        { name: 'DPC Software Trigger', bits: [6, 6], attr: 'RW', behaviour: 'reads-zero' },
        { name: 'DL_Active ERR_COR Enable', bits: [7, 7], attr: 'RW' },
        { name: 'DPC SIG_SFW Enable', bits: [8, 8], attr: 'RW' },
        { name: 'Reserved', bits: [15, 9], attr: 'RsvdP' },
      ],
    },
    {
      name: 'DPC Status',
      offset: 0x08,
      width: 16,
      spec: 'PCIe 5.0 §7.9.15.4',
      fields: [
        { name: 'DPC Trigger Status', bits: [0, 0], attr: 'RW1CS' },
        { name: 'DPC Trigger Reason', bits: [2, 1], attr: 'ROS' },
        { name: 'DPC Interrupt Status', bits: [3, 3], attr: 'RW1CS' },
        { name: 'DPC RP Busy', bits: [4, 4], attr: 'RO' },
        { name: 'DPC Trigger Reason Extension', bits: [6, 5], attr: 'ROS' },
        { name: 'Reserved 7', bits: [7, 7], attr: 'RsvdZ' },
        { name: 'RP PIO First Error Pointer', bits: [12, 8], attr: 'ROS', reset: 0x1f },
        { name: 'DPC SIG_SFW Status', bits: [13, 13], attr: 'RW1CS' },
        { name: 'Reserved', bits: [15, 14], attr: 'RsvdZ' },
      ],
    },
    {
      name: 'DPC Error Source ID',
      offset: 0x0a,
      width: 16,
      spec: 'PCIe 5.0 §7.9.15.5',
      fields: [{ name: 'DPC Error Source ID', bits: [15, 0], attr: 'ROS' }],
    },
  ],
} as const satisfies Structure;
