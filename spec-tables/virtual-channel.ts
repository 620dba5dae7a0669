import type { Structure } from '../src/spec/structure.ts';
import { virtualChannelBlocks, virtualChannelRegisters } from './virtual-channel-registers.ts';

const names = { prefix: '', arbitration: 'Port', section: 'PCIe 5.0 §7.9.1' } as const;
const registers = /* @__PURE__ */ virtualChannelRegisters(names);
const blocks = /* @__PURE__ */ virtualChannelBlocks(names);

/**
 * Virtual Channel Extended Capability: 1Ch bytes, 0Ch more for each further VC, then the arbitration tables where the registers
 * say. PCIe 5.0 §7.9.1.
 */
export const VirtualChannel = {
  name: 'Virtual Channel',
  extendedCapabilityId: 0x0002,
  registers,
  blocks,
} as const satisfies Structure;

/** The same, under the ID that it has in a device with a Multi-Function Virtual Channel Capability. */
export const VirtualChannelWithMfvc = {
  name: 'Virtual Channel with MFVC',
  extendedCapabilityId: 0x0009,
  registers,
  blocks,
} as const satisfies Structure;
