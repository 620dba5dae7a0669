import type { Structure } from '../src/spec/structure.ts';
import { virtualChannelBlocks, virtualChannelRegisters } from './virtual-channel-registers.ts';

const names = { prefix: 'MFVC ', arbitration: 'Function', section: 'PCIe 5.0 §7.9.2' } as const;

/** Multi-Function Virtual Channel Extended Capability; laid out as Virtual Channel is. PCIe 5.0 §7.9.2. */
export const MultiFunctionVirtualChannel = {
  name: 'Multi-Function Virtual Channel',
  extendedCapabilityId: 0x0008,
  registers: /* @__PURE__ */ virtualChannelRegisters(names),
  blocks: /* @__PURE__ */ virtualChannelBlocks(names),
} as const satisfies Structure;
