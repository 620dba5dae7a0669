import { baseline } from './baseline.ts';
import type { Policy } from './policy.ts';

export const iommuCopy: Policy = {
  ...baseline,
  id: 'iommu-copy',
  phase: 'boot',
  does: 'the kdump kernel copies the translation tables that it finds: DMA in flight goes on, into memory of the first kernel',
  promises: "no more than the kernel itself: a port's refusal comes before any IOMMU",
  source: 'linux-iommu, 2014 (first series), 2015; copy_translation_tables()',
  status: 'merged, 4.2',
  needsIommu: true,
  kdumpIommu: 'copies',
};
