import { runScenarios, type ScenarioOutcome } from '../../lab/case.ts';
import { dmaInFlight } from '../../lab/in-flight.ts';
import { observations } from '../../lab/observations.ts';
import { requestJson } from '../../lab/shutdown-json.ts';
import type { Platform } from '../../platforms/platform.ts';
import { DONE } from '../exit.ts';
import { DEFAULT_PLATFORM, expectPlatform } from '../load-dump.ts';
import { print, printJson } from '../output.ts';
import { renderCase } from '../render/story.ts';
import { wholeNumber } from '../shutdown-flags.ts';

export async function caseCommand(
  name: string = DEFAULT_PLATFORM,
  flags: { json?: boolean; seed: string },
): Promise<number> {
  const platform = expectPlatform(name);
  const seed = wholeNumber('--seed', flags.seed, 0, 0xffffffff);
  const scenarios = runScenarios(platform);
  const observed = observations(platform, seed);
  if (flags.json)
    printJson({
      platform: platform.id,
      kernel: platform.kernel,
      scenarios: scenarios.map((outcome) => scenarioJson(platform, outcome)),
      observations: observed,
    });
  else print(renderCase(platform, scenarios, observed));
  return DONE;
}

function scenarioJson(platform: Platform, { scenario, bound, unbound, policies }: ScenarioOutcome) {
  return {
    id: scenario.id,
    bound,
    unbound,
    dma_in_flight: dmaInFlight(platform, scenario),
    policies: policies.map(({ policy, fabric, result, memory, needsIommu }) => ({
      id: policy.id,
      phase: policy.phase,
      unsupported_requests: result.unsupportedRequests.map((request) => requestJson(fabric.arena, request)),
      dma_stopped: result.dmaStopped,
      outcome: result.outcome,
      memory: memory ?? null,
      writes_after_panic: result.writesAfterPanic ?? null,
      needs_iommu: needsIommu,
      status: policy.status,
    })),
  };
}
