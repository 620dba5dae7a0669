import { baseline } from './baseline.ts';
import type { Policy } from './policy.ts';

export const iommuOff: Policy = {
  ...baseline,
  id: 'iommu-off',
  phase: 'boot',
  does: 'the kdump kernel switches the IOMMU off (intel_iommu=off): DMA in flight goes to its untranslated addresses',
  promises: "no more than the kernel itself: a port's refusal comes before any IOMMU",
  source: 'linux-pci, January 2020; intel_disable_iommus()',
  status: 'discouraged: memory',
  needsIommu: false,
  kdumpIommu: 'switches off',
};
