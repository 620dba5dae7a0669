/**
 * Registers of a Virtual Function whose RW fields are reserved or read-only there, but for those listed: the PF's setting holds
 * for all its VFs, or the matter is the PF's. RW1C fields are each VF's own. PCIe 5.0 §9.3.4 (header and PCI Express Capability),
 * §9.3.5, §9.3.7.
 */
export const virtualFunctionWritable: readonly { readonly register: string; readonly fields: readonly string[] }[] = [
  { register: 'Command', fields: ['Bus Master Enable'] },
  { register: 'Cache Line Size', fields: [] },
  { register: 'Interrupt Line', fields: [] },
  { register: 'Device Control', fields: [] },
  { register: 'Link Control', fields: [] },
  { register: 'Device Control 2', fields: [] },
  { register: 'Link Control 2', fields: [] },
  { register: 'Uncorrectable Error Mask', fields: [] },
  { register: 'Uncorrectable Error Severity', fields: [] },
  { register: 'Correctable Error Mask', fields: [] },
  { register: 'ARI Control', fields: [] },
  // The Smallest Translation Unit is the PF's: pci_enable_ats() writes none to a VF.
  { register: 'ATS Control', fields: ['ATS Enable'] },
];
