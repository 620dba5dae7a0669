import type { Structure } from '../src/spec/structure.ts';

/** Device Serial Number Extended Capability, 0Ch bytes: an EUI-64. PCIe 5.0 §7.9.3. */
export const DeviceSerialNumber = {
  name: 'Device Serial Number',
  extendedCapabilityId: 0x0003,
  registers: [
    {
      name: 'Serial Number Lower',
      offset: 0x04,
      width: 32,
      spec: 'PCIe 5.0 §7.9.3.2',
      fields: [{ name: 'Serial Number 31:0', bits: [31, 0], attr: 'HwInit' }],
    },
    {
      name: 'Serial Number Upper',
      offset: 0x08,
      width: 32,
      spec: 'PCIe 5.0 §7.9.3.2',
      fields: [{ name: 'Serial Number 63:32', bits: [31, 0], attr: 'HwInit' }],
    },
  ],
} as const satisfies Structure;
