/**
 * The cases in which an uncorrectable error of non-fatal severity is advisory: the function that finds it is not the one that must
 * act on it, so it sends ERR_COR at most. PCIe 5.0 §6.2.3.2.4.
 */
import type { UncorrectableErrorName } from './uncorrectable-errors.ts';

/**
 * What the function that finds an error is to the TLP. `receiver`: its target, or the function that refuses it; for a Completion
 * Timeout the requester. `recovering receiver`: a target that goes on without the data. `retrying requester`: sends the request again.
 */
export type ErrorRole = 'receiver' | 'intermediate receiver' | 'recovering receiver' | 'retrying requester';

export interface AdvisoryCase {
  readonly errors: readonly UncorrectableErrorName[];
  /**
   * `completer`: of a non-posted request, whose completion tells the requester. Not where the request is poisoned as well: that error,
   * which alone would not be advisory, is hidden behind the first.
   */
  readonly when: 'completer' | 'always' | Exclude<ErrorRole, 'receiver'>;
  readonly spec: string;
}

export const advisoryCases: readonly AdvisoryCase[] = [
  {
    errors: [
      'Unsupported Request Error',
      'Completer Abort',
      'ACS Violation',
      'AtomicOp Egress Blocked',
      'TLP Prefix Blocked Error',
      // Not in any source that we have: by analogy, since each of them is answered by a completion too.
      'Poisoned TLP Egress Blocked',
      'DMWr Request Egress Blocked',
      'TLP Translation Egress Blocked',
    ],
    when: 'completer',
    spec: 'PCIe 5.0 §6.2.3.2.4.1',
  },
  {
    errors: ['Poisoned TLP Received', 'ECRC Error'],
    when: 'intermediate receiver',
    spec: 'PCIe 5.0 §6.2.3.2.4.2',
  },
  { errors: ['Poisoned TLP Received'], when: 'recovering receiver', spec: 'PCIe 5.0 §6.2.3.2.4.3' },
  { errors: ['Completion Timeout'], when: 'retrying requester', spec: 'PCIe 5.0 §6.2.3.2.4.4' },
  { errors: ['Unexpected Completion'], when: 'always', spec: 'PCIe 5.0 §6.2.3.2.4.5' },
];
