/** The bits of AER's Correctable Error Status and Mask. PCIe 5.0 §7.8.4.5, §7.8.4.6. `masked`: mask after reset. */
export interface CorrectableError {
  readonly bit: number;
  readonly name: string;
  readonly masked?: boolean;
}

export const correctableErrors = [
  { bit: 0, name: 'Receiver Error' },
  { bit: 6, name: 'Bad TLP' },
  { bit: 7, name: 'Bad DLLP' },
  { bit: 8, name: 'REPLAY_NUM Rollover' },
  { bit: 12, name: 'Replay Timer Timeout' },
  { bit: 13, name: 'Advisory Non-Fatal Error', masked: true },
  { bit: 14, name: 'Corrected Internal Error', masked: true },
  { bit: 15, name: 'Header Log Overflow', masked: true },
] as const satisfies readonly CorrectableError[];

export type CorrectableErrorName = (typeof correctableErrors)[number]['name'];
