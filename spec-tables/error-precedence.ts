/**
 * Which error of one TLP is reported where it has several: the first of these. PCIe 5.0 §6.2.3.2.3, which recommends it and does not
 * require it. Errors of one rank exclude each other.
 *
 * Revision 1.1 (ECN "Error Reporting", 2005) has ECRC before Malformed, and Flow Control Protocol after Receiver Overflow. Later
 * orders are known from descriptions only; that of the blocked kinds among each other is the least certain.
 */
import type { UncorrectableErrorName } from './uncorrectable-errors.ts';

export const errorPrecedence: readonly (readonly UncorrectableErrorName[])[] = [
  ['Uncorrectable Internal Error'],
  ['Receiver Overflow'],
  ['Flow Control Protocol Error'],
  ['Malformed TLP'],
  ['ECRC Error'],
  ['AtomicOp Egress Blocked', 'DMWr Request Egress Blocked'],
  ['TLP Prefix Blocked Error'],
  ['ACS Violation', 'TLP Translation Egress Blocked'],
  ['MC Blocked TLP'],
  ['Unsupported Request Error', 'Completer Abort', 'Unexpected Completion'],
  ['Poisoned TLP Received', 'Poisoned TLP Egress Blocked'],
];
