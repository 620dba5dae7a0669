/** What Linux's VT-d driver prints for the faults that a unit has recorded: dmar_fault(), from the registers as they stand. Nothing is cleared. */

import { FSTS } from '../fabric/vtd/registers.ts';
import type { VtdUnit } from '../fabric/vtd/unit.ts';

/** The kernel's words, by fault reason. Linux 6.1 drivers/iommu/intel/dmar.c; a reason that it has no words for is Unknown. */
const reasons: Readonly<Record<number, string>> = {
  0: 'Software',
  1: 'Present bit in root entry is clear',
  2: 'Present bit in context entry is clear',
  3: 'Invalid context entry',
  4: 'Access beyond MGAW',
  5: 'PTE Write access is not set',
  6: 'PTE Read access is not set',
  7: 'Next page table ptr is invalid',
  8: 'Root table address invalid',
  9: 'Context table ptr is invalid',
  10: 'non-zero reserved fields in RTP',
  11: 'non-zero reserved fields in CTP',
  12: 'non-zero reserved fields in PTE',
  13: 'PCE for translation request specifies blocking',
  48: 'SM: Invalid Root Table Address',
};

/** A line for the unit, and one for each record; none without a fault. As 5.16 and later print them, no rate limit. */
export function dmarLog(unit: VtdUnit): string[] {
  const status = unit.read32(FSTS);
  if (status === 0) return [];
  return [
    `DMAR: DRHD: handling fault status reg ${status.toString(16)}`,
    ...unit.faults.pending().map(({ reason, requesterId, address, isWrite }) => {
      const bdf = `${hex(requesterId >> 8)}:${hex((requesterId >> 3) & 0x1f)}.${requesterId & 7}`;
      const kind = isWrite ? 'DMA Write' : 'DMA Read';
      const why = `[fault reason 0x${hex(reason)}] ${reasons[reason] ?? 'Unknown'}`;
      return `DMAR: [${kind} NO_PASID] Request device [${bdf}] fault addr 0x${address.toString(16)} ${why}`;
    }),
  ];
}

function hex(value: number): string {
  return value.toString(16).padStart(2, '0');
}
