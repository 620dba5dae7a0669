/** PCIe 5.0 table 2-40 and its notes, as printed. Nothing here is taken from `src`. */

/** Row pass column? Columns 2 to 5: posted request, read request, non-posted request with data, completion. */
const printed: Readonly<Record<'A' | 'B' | 'C' | 'D', readonly string[]>> = {
  A: ['a) No b) Y/N', 'Yes', 'Yes', 'a) Y/N b) Yes'],
  B: ['a) No b) Y/N', 'Y/N', 'Y/N', 'Y/N'],
  C: ['a) No b) Y/N', 'Y/N', 'Y/N', 'Y/N'],
  D: ['a) No b) Y/N', 'Yes', 'Yes', 'a) Y/N b) No'],
};

export interface Printed {
  readonly type: string;
  readonly tc: number;
  readonly attr: number;
  readonly tag: number;
  readonly requesterId: number;
  readonly completerId: number;
}

export type Verdict = 'No' | 'Y/N' | 'Yes';

function rowOf(type: string): 'A' | 'B' | 'C' | 'D' {
  if (/^Cpl/.test(type)) return 'D';
  if (/^(MWr|Msg)/.test(type)) return 'A';
  if (/^(MRd|IORd|CfgRd)/.test(type)) return 'B';
  if (/^(IOWr|CfgWr|DMWr|FetchAdd|Swap|CAS)/.test(type)) return 'C';
  throw new Error(type);
}

/** @param answers type of the request that a completion (the later one) answers */
export function verdict(later: Printed, earlier: Printed, answers?: string): Verdict {
  if (later.tc !== earlier.tc) return 'Y/N';
  const row = rowOf(later.type);
  const column = 'ABCD'.indexOf(rowOf(earlier.type));
  const relaxed = Math.floor(later.attr / 2) % 2 === 1;
  const idBased = Math.floor(later.attr / 4) % 2 === 1;
  switch (`${row}${column + 2}`) {
    case 'A2':
    case 'C2':
      return relaxed || (idBased && later.requesterId !== earlier.requesterId) ? 'Y/N' : 'No';
    case 'B2':
      return idBased && later.requesterId !== earlier.requesterId ? 'Y/N' : 'No';
    case 'D2':
      if (relaxed || /^(IOWr|CfgWr)/.test(answers ?? '')) return 'Y/N';
      return idBased && later.completerId !== earlier.requesterId ? 'Y/N' : 'No';
    case 'D5':
      return later.requesterId === earlier.requesterId && later.tag === earlier.tag ? 'No' : 'Y/N';
    // b) is of bridges to PCI.
    case 'A5':
      return 'Y/N';
    default:
      return printed[row][column] as Verdict;
  }
}
