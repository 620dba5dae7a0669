/** Step 3 of the life cycle: DMA in flight in a kdump kernel, with and without an IOMMU. */
import { describe, expect, it } from 'vitest';
import { runScenario } from '../../src/lab/case.ts';
import { crashMemory, DmaMemory } from '../../src/lab/dma-memory.ts';
import { dmaInFlight } from '../../src/lab/in-flight.ts';
import { observations } from '../../src/lab/observations.ts';
import { policyNamed } from '../../src/linux/policies/index.ts';
import { hpeGen9 } from '../../src/platforms/hpe-gen9.ts';

const [overNetwork, throughHpsa] = hpeGen9.scenarios as [(typeof hpeGen9.scenarios)[0], (typeof hpeGen9.scenarios)[0]];

describe('writes of functions without a driver', () => {
  it.each([
    [overNetwork, 1],
    [throughHpsa, 8],
  ])(
    '$id: copied tables let them into the first kernel, empty ones block them, none at all and none any more',
    (scenario, count) => {
      const found = Object.fromEntries(dmaInFlight(hpeGen9, scenario).map(({ iommu, ends }) => [iommu, ends]));
      expect(found).toEqual({
        none: { 'own page': count },
        copies: { 'own page': count },
        'switches off': { 'other memory': count },
        'starts anew': { fault: count },
      });
    },
  );

  it('each block is a fault record', () => {
    const log = (scenario: typeof overNetwork) =>
      dmaInFlight(hpeGen9, scenario).find(({ iommu }) => iommu === 'starts anew')!.log;
    const line = (bdf: string) =>
      `DMAR: [DMA Write NO_PASID] Request device [${bdf}] fault addr 0x100000 [fault reason 0x01] Present bit in root entry is clear`;
    expect(log(overNetwork)).toEqual(['DMAR: DRHD: handling fault status reg 2', line('07:00.0')]);
    expect(log(throughHpsa).slice(1)).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((n) => line(`06:00.${n}`)));
  });
});

describe('functions with a driver in the kdump kernel', () => {
  it('write to memory of that kernel, by a domain of their own', () => {
    const { fabric, result } = runScenario(hpeGen9, overNetwork, policyNamed('iommu-copy'));
    const ends = (result.dmaInFlight ?? []).map(({ fn, end }) => `${fabric.arena.name(fn)} ${end}`);
    expect(ends.sort()).toEqual([
      ...[0, 1, 2, 3, 4, 5, 6, 7].map((n) => `06:00.${n} crash memory`),
      '07:00.0 own page',
    ]);
  });

  it('and nothing but them reaches it: the tables are where the kernels put them', () => {
    const memory = new DmaMemory(true);
    runScenario(hpeGen9, overNetwork, policyNamed('iommu-copy'), { memory });
    const root = memory.unit!.read64(0x20);
    expect(root >= crashMemory.first && root <= crashMemory.last).toBe(true);
  });
});

describe('the shutdown', () => {
  it.each(['iommu-copy', 'iommu-off'])('%s: the port refuses as it does without an IOMMU', (policy) => {
    for (const scenario of [overNetwork, throughHpsa]) {
      const told = (id: string) => {
        const { fabric, result } = runScenario(hpeGen9, scenario, policyNamed(id));
        return result.unsupportedRequests.map(
          ({ requester, reporter, step, uncorrectableStatus }) =>
            `${fabric.arena.name(requester)} ${fabric.arena.name(reporter)} ${step} ${uncorrectableStatus}`,
        );
      };
      expect(told(policy)).toEqual(told('baseline'));
      expect(told(policy).length).toBeGreaterThan(0);
    }
  });

  it('is told among the observations, as it was computed', () => {
    const one = observations(hpeGen9).find(({ observed }) => observed.startsWith('IOMMU on'))!;
    expect(one).toEqual({
      observed: 'IOMMU on in the kdump kernel: still fails',
      verdict: 'reproduced',
      evidence:
        'tables copied, 1 of 1 writes in flight land in pages of the first kernel; at the shutdown 00:02.2 refuses, status 0x00100000, before the IOMMU: nmi',
    });
  });
});
