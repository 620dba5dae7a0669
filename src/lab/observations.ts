/** Every row of "What was observed" in the thread, held against the model: reproduced, a rate, or why a model can't. */
import { HOST } from '../fabric/exact-router.ts';
import type { Fabric } from '../fabric/fabric.ts';
import { policyNamed } from '../linux/policies/index.ts';
import type { Platform, PlatformScenario } from '../platforms/platform.ts';
import {
  COMMAND,
  COMMAND_BUS_MASTER_ENABLE,
  DEVICE_CONTROL,
  DEVICE_STATUS,
  UNCORRECTABLE_ERROR_STATUS,
} from '../spec/constants.ts';
import { type Failure, firstFailure, runReactions, runScenario } from './case.ts';
import { Random } from './random.ts';
import { firstWrite, hangProbability, meanWritesFor } from './rate.ts';
import { Senders } from './senders.ts';

export interface Observation {
  readonly observed: string;
  /** `outside`: no model of config space can show it, and `evidence` says why. */
  readonly verdict: 'reproduced' | 'rate' | 'outside' | 'not reproduced';
  readonly evidence: string;
}

const SIMULATED_RUNS = 10_000;
const baseline = policyNamed('baseline');

export function observations(platform: Platform, seed = 1): Observation[] {
  const [network, hpsa] = platform.scenarios as readonly [PlatformScenario, PlatformScenario];
  const failure = firstFailure(platform, network, baseline);
  const other = firstFailure(platform, hpsa, baseline);
  const reporter = failure === undefined ? 'nobody' : failure.fabric.arena.name(failure.request.reporter);
  const otherReporter = other === undefined ? 'nobody' : other.fabric.arena.name(other.request.reporter);
  const status = `0x${(failure?.registers.aer?.uncorrectableStatus ?? 0).toString(16).padStart(8, '0')}`;
  const clean = (policyId: string, scenario: PlatformScenario) =>
    runScenario(platform, scenario, policyNamed(policyId)).result.outcome === 'clean';
  const verdict = (holds: boolean): Observation['verdict'] => (holds ? 'reproduced' : 'not reproduced');
  const reactions = runReactions(platform, network, baseline);
  const firmwareFirst = reactions.find(({ reaction }) => reaction === 'firmware-first-nmi')?.result;

  return [
    {
      observed: 'last kernel output: "Restarting system", "machine restart", then dead',
      verdict: 'outside',
      evidence:
        'the refusal falls within device_shutdown, before these lines; how long firmware takes from the error message to the NMI is not in config space',
    },
    {
      observed: 'BMC log: PCI Bus Error 00:02.2, NMI, Uncorrectable PCI Express Error 00:02.2, status 0x00100000',
      verdict: verdict(reporter === '00:02.2' && status === '0x00100000' && firmwareFirst?.outcome === 'nmi'),
      evidence: `${reporter} refuses, AER Uncorrectable Error Status ${status}, platform reaction ${firmwareFirst?.outcome}`,
    },
    {
      observed: 'the reporter is the port, not the endpoint; the error is UR (bit 20)',
      verdict: verdict(failure?.registers.aer?.firstErrorPointer === 20 && endpointIsClear(failure)),
      evidence: `${reporter}, First Error Pointer ${failure?.registers.aer?.firstErrorPointer}; the endpoint's own status stays clear`,
    },
    rateObservation(platform, network, reporter, '00:02.2', seed),
    rateObservation(platform, hpsa, otherReporter, '00:02.0', seed + 1),
    {
      observed: 'hpsa removed through sysfs before the crash: never hangs',
      verdict: verdict(clean('remove-before-crash', network)),
      evidence: 'its driver lets go of 07:00.0: BME clear before the crash, nothing left to refuse',
    },
    {
      observed: 'NIC shut down in the first kernel, dump through hpsa: never hangs',
      verdict: verdict(clean('remove-before-crash', hpsa)),
      evidence: 'be2net stopped 06:00.0–7: BME clear before the crash',
    },
    {
      observed: 'the left-out driver added to the kdump initramfs: never hangs',
      verdict: verdict(clean('load-all-drivers', network) && clean('load-all-drivers', hpsa)),
      evidence: 'each driver stops its device before the port above is shut down',
    },
    {
      observed: 'kdump kernel left running for hours: no error until the reboot',
      verdict: verdict(deliveredWhileRunning(platform, network)),
      evidence: "every function's memory write is delivered until the port's BME falls, however many there are",
    },
    iommuObservation(platform, network),
    {
      observed: 'interrupt-remapping workaround: still hangs',
      verdict: verdict(failure !== undefined && requestsAreNoMessages(failure) && endsBelowTheRootComplex(failure)),
      evidence: 'what is refused is no interrupt message, and remapping, too, is behind the port that refuses',
    },
    {
      observed: 'GHES on: still hangs; the UR never reaches the kernel as AER',
      verdict: verdict(
        firmwareFirst?.outcome === 'nmi' && failure?.request.attempt.delivery.errorMessage?.interrupt === 'not enabled',
      ),
      evidence:
        'with firmware owning AER, Root Error Command lets no interrupt out; the message goes to firmware, which raises the NMI',
    },
    {
      observed: "the NMI's effect: sometimes a panic and a clean reset, sometimes a second NMI and a hang",
      verdict: 'outside',
      evidence: 'what the NMI handlers of that kernel and firmware do is not PCI; the model ends at the NMI',
    },
    {
      observed: "other vendors' machines with many devices under several bridges: not seen",
      verdict: verdict(silentElsewhere(platform, network)),
      evidence:
        'the same write is refused there as well; with the reporting enables clear no message is sent, and nothing is seen',
    },
  ];
}

/** The thread measured a share of hangs; a Poisson device with that share is simulated, each write routed as it would be. */
function rateObservation(
  platform: Platform,
  scenario: PlatformScenario,
  reporter: string,
  expected: string,
  seed: number,
): Observation {
  const meanWrites = meanWritesFor(scenario.observedHangs);
  const share = simulateHangs(platform, scenario, meanWrites, seed);
  const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
  return {
    observed: `${scenario.id}: ${expected} reports, about ${Math.round(scenario.observedHangs * 10)} times in 10`,
    verdict: reporter === expected ? 'rate' : 'not reproduced',
    evidence: `${reporter} reports; at ${meanWrites.toFixed(3)} writes a window (a fit to the thread's one figure) ${percent(hangProbability(meanWrites))} in closed form, ${percent(share)} of ${SIMULATED_RUNS} simulated reboots (seed ${seed})`,
  };
}

/**
 * Share of reboots in which the device's first write comes within the window and is refused.
 * @param meanWrites mean writes of the unbound device in one window
 */
export function simulateHangs(
  platform: Platform,
  scenario: PlatformScenario,
  meanWrites: number,
  seed: number,
): number {
  const { fabric, result } = runScenario(platform, scenario, baseline, { dma: 'all' });
  const request = result.unsupportedRequests[0];
  if (request === undefined) return 0;
  const after = fabric.checkpoint();
  let hangs = 0;
  for (let run = 0; run < SIMULATED_RUNS; run++) {
    if (firstWrite(meanWrites, new Random(seed, run)) >= 1) continue;
    fabric.restore(after);
    if (fabric.send(request.attempt.header, request.requester).outcome === 'unsupported-request') hangs++;
  }
  return hangs / SIMULATED_RUNS;
}

/** The requester's own Device Status and AER show nothing. */
function endpointIsClear({ fabric: { arena }, request }: Failure): boolean {
  const fn = request.requester;
  const { pciExpress, aer } = arena.layout[fn]!;
  return (
    fn !== request.reporter &&
    pciExpress !== 0 &&
    arena.u16(fn, pciExpress + DEVICE_STATUS) === 0 &&
    (aer === 0 || arena.u32(fn, aer + UNCORRECTABLE_ERROR_STATUS) === 0)
  );
}

/** A VT-d unit whose tables the kdump kernel has copied: in flight all goes well, and the port refuses all the same. */
function iommuObservation(platform: Platform, scenario: PlatformScenario): Observation {
  const { fabric, result } = runScenario(platform, scenario, policyNamed('iommu-copy'));
  const { arena } = fabric;
  const ends = (result.dmaInFlight ?? []).filter(({ fn }) => scenario.unbound.includes(arena.name(fn)));
  const own = ends.filter(({ end }) => end === 'own page').length;
  const request = result.unsupportedRequests[0];
  const atIommu = request?.hops.some(({ fn }) => fn === HOST) ?? true;
  const reporter = request === undefined ? 'nobody' : arena.name(request.reporter);
  const status = (request?.uncorrectableStatus ?? 0).toString(16).padStart(8, '0');
  const holds = ends.length > 0 && own === ends.length && !atIommu && result.outcome !== 'clean';
  return {
    observed: 'IOMMU on in the kdump kernel: still fails',
    verdict: holds ? 'reproduced' : 'not reproduced',
    evidence: `tables copied, ${own} of ${ends.length} writes in flight land in pages of the first kernel; at the shutdown ${reporter} refuses, status 0x${status}, ${atIommu ? 'at' : 'before'} the IOMMU: ${result.outcome}`,
  };
}

/** No hop is the root complex, where an IOMMU stands; and with the port's Bus Master Enable set the last one would be. */
function endsBelowTheRootComplex({ fabric, request }: Failure): boolean {
  const { arena, router } = fabric;
  const before = fabric.checkpoint();
  arena.setBits(request.reporter, COMMAND, 2, COMMAND_BUS_MASTER_ENABLE);
  const open = router.route(request.attempt.header, request.requester);
  fabric.restore(before);
  return request.hops.every(({ fn }) => fn !== HOST) && open.outcome === 'delivered' && open.at === HOST;
}

function requestsAreNoMessages({ result }: Failure): boolean {
  return result.unsupportedRequests.every(({ kind }) => kind === 'dma');
}

/** In the kdump kernel, before its shutdown, everything that can send is delivered. */
function deliveredWhileRunning(platform: Platform, scenario: PlatformScenario): boolean {
  const outcomes: string[] = [];
  let machine: Fabric | undefined;
  runScenario(platform, scenario, baseline, {
    prepare: (fabric) => {
      machine = fabric;
    },
    onSituation: () => {
      const senders = new Senders(machine!, { dma: 'all' });
      senders.tryAll(senders.sending(), ({ delivery }) => outcomes.push(delivery.outcome));
    },
  });
  return outcomes.length > 0 && outcomes.every((outcome) => outcome === 'delivered');
}

/** The same machine with the ports' reporting enables clear: refused all the same, and nobody hears of it. */
function silentElsewhere(platform: Platform, scenario: PlatformScenario): boolean {
  const { result } = runScenario(platform, scenario, baseline, {
    prepare: ({ arena }) => {
      for (let fn = 0; fn < arena.count; fn++) {
        const { pciExpress, headerType } = arena.layout[fn]!;
        if (pciExpress !== 0 && headerType === 1) arena.poke(fn, pciExpress + DEVICE_CONTROL, 2, 0);
      }
    },
  });
  return result.unsupportedRequests.length > 0 && result.outcome === 'unreported';
}
