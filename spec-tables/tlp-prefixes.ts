/** TLP prefixes: Fmt 100b, then Type. Type bit 4 clear: local to a link; set: end to end. PCIe 5.0 §2.2.10, tables 2-36, 2-37. */
export interface TlpPrefixRow {
  readonly name: string;
  readonly type: number;
  readonly spec: string;
}

export const tlpPrefixes = [
  { name: 'MR-IOV', type: 0b00000, spec: 'PCIe 5.0 §2.2.10.1' },
  { name: 'Flit Mode', type: 0b01101, spec: 'PCIe 6.0 §2.2.10.3' },
  { name: 'Vendor Defined Local 0', type: 0b01110, spec: 'PCIe 5.0 §2.2.10.1.1' },
  { name: 'Vendor Defined Local 1', type: 0b01111, spec: 'PCIe 5.0 §2.2.10.1.1' },
  { name: 'TPH', type: 0b10000, spec: 'PCIe 5.0 §2.2.7.1' },
  { name: 'PASID', type: 0b10001, spec: 'PCIe 5.0 §6.20.2.1' },
  { name: 'IDE', type: 0b10010, spec: 'PCIe 6.0 §6.33' },
  { name: 'Vendor Defined End-End 0', type: 0b11110, spec: 'PCIe 5.0 §2.2.10.2.1' },
  { name: 'Vendor Defined End-End 1', type: 0b11111, spec: 'PCIe 5.0 §2.2.10.2.1' },
] as const satisfies readonly TlpPrefixRow[];

export type TlpPrefixName = (typeof tlpPrefixes)[number]['name'];
