/**
 * The bits of AER's Uncorrectable Error Status, Mask and Severity. PCIe 5.0 §7.8.4.2–§7.8.4.4; 27 and up PCIe 6.0.
 *
 * `fatal`: severity after reset. `masked`: mask after reset. `logsHeader`: the offending TLP's header is logged
 * (PCIe 5.0 §6.2.7, table 6-5; Linux 7.2 drivers/pci/pcie/aer.c), or only where Completion Timeout Prefix/Header Log Capable
 * says so. `ports`: only root and switch downstream ports have it.
 */
export interface UncorrectableError {
  readonly bit: number;
  readonly name: string;
  readonly fatal: boolean;
  readonly masked?: boolean;
  readonly logsHeader?: boolean | 'where capable';
  readonly ports?: boolean;
}

export const uncorrectableErrors = [
  { bit: 4, name: 'Data Link Protocol Error', fatal: true },
  { bit: 5, name: 'Surprise Down Error', fatal: true, ports: true },
  { bit: 12, name: 'Poisoned TLP Received', fatal: false, logsHeader: true },
  { bit: 13, name: 'Flow Control Protocol Error', fatal: true },
  { bit: 14, name: 'Completion Timeout', fatal: false, logsHeader: 'where capable' },
  { bit: 15, name: 'Completer Abort', fatal: false, logsHeader: true },
  { bit: 16, name: 'Unexpected Completion', fatal: false, logsHeader: true },
  { bit: 17, name: 'Receiver Overflow', fatal: true },
  { bit: 18, name: 'Malformed TLP', fatal: true, logsHeader: true },
  { bit: 19, name: 'ECRC Error', fatal: false, logsHeader: true },
  { bit: 20, name: 'Unsupported Request Error', fatal: false, logsHeader: true },
  { bit: 21, name: 'ACS Violation', fatal: false, logsHeader: true },
  { bit: 22, name: 'Uncorrectable Internal Error', fatal: true, masked: true },
  { bit: 23, name: 'MC Blocked TLP', fatal: false, logsHeader: true },
  { bit: 24, name: 'AtomicOp Egress Blocked', fatal: false, logsHeader: true },
  { bit: 25, name: 'TLP Prefix Blocked Error', fatal: false, logsHeader: true },
  { bit: 26, name: 'Poisoned TLP Egress Blocked', fatal: false, masked: true, logsHeader: true },
  // Where a port has it, IDE Check Failed is fatal after a reset (PCIe 6.0 §7.8.4.4); since hardly any has, its bit resets to 0
  // here, as one that a port has not does.
  { bit: 27, name: 'DMWr Request Egress Blocked', fatal: false, logsHeader: true },
  { bit: 28, name: 'IDE Check Failed', fatal: false, logsHeader: true },
  { bit: 29, name: 'Misrouted IDE TLP', fatal: false, logsHeader: true },
  { bit: 30, name: 'PCRC Check Failed', fatal: false, logsHeader: true },
  { bit: 31, name: 'TLP Translation Egress Blocked', fatal: false, logsHeader: true },
] as const satisfies readonly UncorrectableError[];

export type UncorrectableErrorName = (typeof uncorrectableErrors)[number]['name'];
