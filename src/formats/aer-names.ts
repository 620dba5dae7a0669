/** What the kernel's AER driver calls errors, layers and agents: shared by all that prints in its words. Linux 6.1 drivers/pci/pcie/aer.c. */

/** The kernel's short names, by bit. */
const correctableNames: Readonly<Record<number, string>> = {
  0: 'RxErr',
  6: 'BadTLP',
  7: 'BadDLLP',
  8: 'Rollover',
  12: 'Timeout',
  13: 'NonFatalErr',
  14: 'CorrIntErr',
  15: 'HeaderOF',
};
const uncorrectableNames: Readonly<Record<number, string>> = {
  0: 'Undefined',
  4: 'DLP',
  5: 'SDES',
  12: 'TLP',
  13: 'FCP',
  14: 'CmpltTO',
  15: 'CmpltAbrt',
  16: 'UnxCmplt',
  17: 'RxOF',
  18: 'MalfTLP',
  19: 'ECRC',
  20: 'UnsupReq',
  21: 'ACSViol',
  22: 'UncorrIntErr',
  23: 'BlockedTLP',
  24: 'AtomicOpBlocked',
  25: 'TLPBlockedErr',
  26: 'PoisonTLPBlocked',
  27: 'DMWrReqBlocked',
  28: 'IDECheck',
  29: 'MisIDETLP',
  30: 'PCRC_CHECK',
  31: 'TLPXlatBlocked',
};

/** AER_LOG_TLP_MASKS of 6.1: the errors that it prints a header for. */
export const errorsWithHeaderIn61 = bits([12, 15, 16, 18, 19, 20]);

/**
 * A line for each error, without the function's name.
 * @param first bit that is marked as the first; -1: none
 */
export function errorLines(errors: number, isCorrectable: boolean, first: number): string[] {
  const names = isCorrectable ? correctableNames : uncorrectableNames;
  const lines: string[] = [];
  for (let bit = 0; bit < 32; bit++)
    if (((errors >>> bit) & 1) !== 0) {
      const error = (names[bit] ?? 'Unknown Error Bit').padEnd(22);
      lines.push(`   [${`${bit}`.padStart(2)}] ${error}${bit === first ? ' (First)' : ''}`);
    }
  return lines;
}

export function layerOf(status: number, isCorrectable: boolean): string {
  if (isCorrectable && (status & bits([0])) !== 0) return 'Physical Layer';
  return (status & (isCorrectable ? bits([6, 7, 8, 12]) : bits([4]))) !== 0 ? 'Data Link Layer' : 'Transaction Layer';
}

/** Who is to blame. The kernel calls the function that refuses a request its Requester. */
export function agentOf(status: number, isCorrectable: boolean): string {
  if (isCorrectable) return (status & bits([8, 12])) !== 0 ? 'Transmitter ID' : 'Receiver ID';
  if ((status & bits([15])) !== 0) return 'Completer ID';
  return (status & bits([14, 20])) !== 0 ? 'Requester ID' : 'Receiver ID';
}

/**
 * As `errorLines`, in the columns of 7.3: each error has its own agent and layer.
 * @param first bit that is marked as the first; -1: none
 */
export function errorColumns(errors: number, isCorrectable: boolean, first: number): string[] {
  const [names, places] = isCorrectable
    ? [correctableNames, correctablePlaces]
    : [uncorrectableNames, uncorrectablePlaces];
  const lines: string[] = [];
  for (let bit = 0; bit < 32; bit++) {
    if (((errors >>> bit) & 1) === 0) continue;
    const name = names[bit];
    const [agent, layer] = name === undefined ? ['', ''] : (places[bit] ?? ['Receiver', 'Transaction Layer']);
    const columns = [(name ?? 'Unknown Error Bit').padEnd(17), agent.padEnd(11), layer.padEnd(17)].join(' | ');
    lines.push(`  [${`${bit}`.padStart(2)}] ${columns}${bit === first ? ' (First)' : ''}`);
  }
  return lines;
}

/** Agent and layer by bit, where they are not Receiver and Transaction Layer. Linux 7.3 AER_GET_AGENT(), AER_GET_LAYER_ERROR(). */
type Places = Readonly<Record<number, readonly [agent: string, layer: string]>>;

const correctablePlaces: Places = {
  0: ['Receiver', 'Physical Layer'],
  6: ['Receiver', 'Data Link Layer'],
  7: ['Receiver', 'Data Link Layer'],
  8: ['Transmitter', 'Data Link Layer'],
  12: ['Transmitter', 'Data Link Layer'],
  13: ['', ''],
  14: ['Component', 'General'],
  15: ['Component', 'General'],
};
const uncorrectablePlaces: Places = {
  4: ['Receiver', 'Data Link Layer'],
  5: ['Component', 'Data Link Layer'],
  14: ['Requester', 'Transaction Layer'],
  15: ['Completer', 'Transaction Layer'],
  22: ['Component', 'General'],
  24: ['Transmitter', 'Transaction Layer'],
  25: ['Transmitter', 'Transaction Layer'],
  26: ['Transmitter', 'Transaction Layer'],
  27: ['Transmitter', 'Transaction Layer'],
  31: ['Transmitter', 'Transaction Layer'],
};

/** A mask of these bits. */
export function bits(list: readonly number[]): number {
  return list.reduce((mask, bit) => mask | (1 << bit), 0);
}
