import type { Structure } from '../src/spec/structure.ts';

/** PCI Standard Hot-Plug Controller Capability, 8 bytes: a window into the controller's working registers. SHPC 1.0 §4.1. */
export const StandardHotPlugControllerCapability = {
  name: 'Standard Hot-Plug Controller',
  capabilityId: 0x0c,
  registers: [
    {
      name: 'SHPC DWORD Select',
      offset: 0x02,
      width: 8,
      spec: 'SHPC 1.0 §4.1',
      fields: [{ name: 'DWORD Select', bits: [7, 0], attr: 'RW' }],
    },
    {
      name: 'SHPC Pending',
      offset: 0x03,
      width: 8,
      spec: 'SHPC 1.0 §4.1',
      fields: [
        { name: 'Reserved 1:0', bits: [1, 0], attr: 'RsvdP' },
        { name: 'Controller SERR Pending', bits: [2, 2], attr: 'RO' },
        { name: 'Controller Interrupt Pending', bits: [3, 3], attr: 'RO' },
        { name: 'Reserved 7:4', bits: [7, 4], attr: 'RsvdP' },
      ],
    },
    {
      name: 'SHPC DWORD Data',
      offset: 0x04,
      width: 32,
      spec: 'SHPC 1.0 §4.1',
      fields: [{ name: 'DWORD Data', bits: [31, 0], attr: 'RW' }],
    },
  ],
} as const satisfies Structure;
