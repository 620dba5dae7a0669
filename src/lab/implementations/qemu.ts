/**
 * QEMU's q35 machine, 7.2 and 11.1: what it leaves out or does otherwise. Evidence: write masks probed through qtest, and the
 * sources of hw/pci (7.2). What QEMU does as the spec says has no rule.
 */
import type { Implementation } from './implementation.ts';

export const qemu: Implementation = {
  id: 'qemu',
  rules: [
    {
      id: 'command-parity',
      register: 'Command',
      mask: 0x0040,
      differs: 'Parity Error Response is not writable',
      evidence: 'pci_init_wmask(): the bit is in none of the masks',
    },
    {
      id: 'msi-multiple-message',
      register: 'MSI Message Control',
      mask: 0x0070,
      differs: 'Multiple Message Enable never goes above Multiple Message Capable',
      evidence: 'msi_write_config() clamps it',
    },
    {
      id: 'secondary-latency-timer',
      register: 'Secondary Latency Timer',
      portTypes: ['Root Port', 'Switch Upstream Port', 'Switch Downstream Port'],
      differs: 'writable on PCI Express ports, where the spec has it hardwired to 0',
      evidence: 'pci_init_mask_bridge() makes 18h–1Bh writable on every bridge',
    },
    {
      id: 'device-control',
      register: 'Device Control',
      differs: 'which bits are writable depends on the device; most are not',
      evidence: 'pcie_cap_deverr_init() sets the four reporting enables; devices add what they use',
    },
    {
      id: 'link-control',
      register: 'Link Control',
      differs: 'not writable',
      evidence: 'no mask is set for it by pcie_cap_init()',
    },
    {
      id: 'device-control-2',
      register: 'Device Control 2',
      differs:
        'only ARI Forwarding and End-End Prefix Blocking are writable, on functions where they mean nothing as well',
      evidence: 'pcie_cap_init() sets the mask to EETLPPB, pcie_cap_arifwd_init() adds ARI',
    },
    {
      id: 'link-control-2',
      register: 'Link Control 2',
      differs: 'not writable',
      evidence: 'no mask is set for it by pcie_cap_init()',
    },
    {
      id: 'slot-control',
      register: 'Slot Control',
      mask: 0x7006,
      differs: 'enables of events that QEMU never has are not writable',
      evidence: 'pcie_cap_slot_init(): power fault, MRL sensor, link state, and bits 13 and 14 are not in the mask',
    },
    ...['I/O Base', 'I/O Limit'].map((register) => ({
      id: `cxl-rp-${register === 'I/O Base' ? 'io-base' : 'io-limit'}`,
      register,
      device: [0x8086, 0x7075] as const,
      differs: 'read-only, and yet not 0: the CXL root port has no I/O window',
      evidence: 'cxl_rp_realize() clears the masks where no I/O is reserved, and leaves what the bridge came with',
    })),
    {
      id: 'cxl-control-2',
      register: 'CXL Device Control 2',
      mask: 0x0006,
      differs: 'the two actions are plain bits, and read back as written',
      evidence: 'cxl_component_create_dvsec() of 7.2 makes the low four bits writable',
    },
    {
      id: 'root-control',
      register: 'Root Control',
      mask: 0x0008,
      differs: 'PME Interrupt Enable is not writable',
      evidence: 'pcie_cap_root_init() sets the mask to the three System Error enables',
    },
    {
      id: 'pm-control',
      register: 'Power Management Control/Status',
      mask: 0x1f03,
      differs: 'on some devices PowerState or PME_En is not writable, and Data_Select is, without a data register',
      evidence: 'each device sets its own mask',
    },
    {
      id: 'aer-interrupt-message',
      register: 'Root Error Status',
      mask: 0xf8000000,
      device: [0x8086, 0x3420],
      differs:
        'Advanced Error Interrupt Message Number is 1 where more than one MSI vector is enabled; which it is, is the device’s to choose',
      evidence: 'ioh3420_aer_vector(), called on every write of MSI Message Control',
    },
    {
      id: 'aer-newer-errors',
      register: 'Uncorrectable Error Mask',
      mask: 0xfc000020,
      differs: 'the errors of PCIe 4.0 and later (bits 26 to 31) are not there; Surprise Down is, on every function',
      evidence: 'PCI_ERR_UNC_SUPPORTED',
    },
    {
      id: 'aer-mask-7.2',
      register: 'Uncorrectable Error Mask',
      differs: 'not writable before QEMU 8',
      evidence: 'pcie_aer_init() of 7.2 sets no mask for it',
    },
    {
      id: 'aer-newer-severities',
      register: 'Uncorrectable Error Severity',
      mask: 0xfc000020,
      differs: 'the errors of PCIe 4.0 and later (bits 26 to 31) are not there; Surprise Down is, on every function',
      evidence: 'PCI_ERR_UNC_SUPPORTED',
    },
    ...['TLP Prefix Log 2', 'TLP Prefix Log 3'].map((register, i) => ({
      id: `aer-prefix-log-${i + 2}`,
      register,
      differs: 'writable in igb, which says End-End TLP Prefix Supported and has no such log',
      evidence:
        'igb_pci_realize() gives the capability 40h bytes; what no capability has, pci_init_wmask() makes writable',
    })),
    {
      id: 'ari-function-group',
      register: 'ARI Control',
      mask: 0x0070,
      differs: 'Function Group is not writable',
      evidence: 'no mask is set for it by pcie_ari_init()',
    },
    {
      id: 'system-page-size',
      register: 'System Page Size',
      mask: 0xfffffaac,
      differs: 'keeps only the sizes that it supports (553h)',
      evidence: 'pcie_sriov_pf_init() sets the mask to SRIOV_SUPPORTED_PAGE_SIZE',
    },
  ],
};
