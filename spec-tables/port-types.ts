/** Device/Port Type, PCI Express Capabilities Register bits 7:4. PCIe 5.0 §7.5.3.2, table 7-13. */
export const portTypes = {
  'PCI Express Endpoint': 0x0,
  'Legacy PCI Express Endpoint': 0x1,
  'Root Port': 0x4,
  'Switch Upstream Port': 0x5,
  'Switch Downstream Port': 0x6,
  'PCI Express to PCI/PCI-X Bridge': 0x7,
  'PCI/PCI-X to PCI Express Bridge': 0x8,
  'Root Complex Integrated Endpoint': 0x9,
  'Root Complex Event Collector': 0xa,
  /** No PCI Express Capability at all; not a code of the register. */
  'Conventional PCI': -1,
} as const;

export type PortType = keyof typeof portTypes;
