/** Step 3 of the life cycle: where the writes of functions without a driver end in the kdump kernel, by what stands before the memory. */
import { dmarLog } from '../formats/dmar-log.ts';
import { policyNamed } from '../linux/policies/index.ts';
import type { KdumpIommu } from '../linux/policies/policy.ts';
import type { Platform, PlatformScenario } from '../platforms/platform.ts';
import { runScenario } from './case.ts';
import { type DmaEnd, DmaMemory } from './dma-memory.ts';

export interface InFlight {
  /** What the kdump kernel does with the IOMMU that the first has on; `none`: neither has one. */
  readonly iommu: KdumpIommu | 'none';
  /** How many writes ended where. */
  readonly ends: Readonly<Partial<Record<DmaEnd, number>>>;
  /** What the kernel prints of the unit's fault records then. */
  readonly log: readonly string[];
}

const setups = ['none', 'copies', 'switches off', 'starts anew'] as const satisfies readonly InFlight['iommu'][];

/** One write of each function without a driver, tried when the kdump kernel has booted. */
export function dmaInFlight(platform: Platform, scenario: PlatformScenario): InFlight[] {
  return setups.map((iommu) => {
    const memory = new DmaMemory(iommu !== 'none');
    const policy = { ...policyNamed('baseline'), ...(iommu === 'none' ? {} : { kdumpIommu: iommu }) };
    let log: string[] = [];
    const { fabric, result } = runScenario(platform, scenario, policy, {
      memory,
      onSituation: () => {
        if (memory.unit !== undefined) log = dmarLog(memory.unit);
      },
    });
    const ends: Partial<Record<DmaEnd, number>> = {};
    for (const { fn, end } of result.dmaInFlight ?? [])
      if (scenario.unbound.includes(fabric.arena.name(fn))) ends[end] = (ends[end] ?? 0) + 1;
    return { iommu, ends, log };
  });
}
