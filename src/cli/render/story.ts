/** The case as a story for the terminal. */

import { lspciTree } from '../../formats/lspci-tree.ts';
import { describeTlp } from '../../formats/tlp-json.ts';
import { type Failure, firstFailure, runReactions, type ScenarioOutcome } from '../../lab/case.ts';
import type { DmaEnd } from '../../lab/dma-memory.ts';
import { dmaInFlight, type InFlight } from '../../lab/in-flight.ts';
import { assemble, machineOfPlatform } from '../../lab/machine.ts';
import type { Observation } from '../../lab/observations.ts';
import { Senders } from '../../lab/senders.ts';
import type { RefusedRequest, ShutdownResult } from '../../lab/shutdown-run.ts';
import { powerStateNames } from '../../linux/pci-dev.ts';
import { policyNamed } from '../../linux/policies/index.ts';
import type { Platform, PlatformScenario } from '../../platforms/platform.ts';
import { COMMAND } from '../../spec/constants.ts';
import { encodeTlpHeader } from '../../tlp/codec.ts';
import type { TlpHeader } from '../../tlp/header.ts';
import { hex } from './hex.ts';
import { renderRegisters } from './registers.ts';
import { heading, table, yes } from './table.ts';
import { renderHops, renderWalk, reporterName } from './walk.ts';

const baseline = policyNamed('baseline');

export function renderCase(
  platform: Platform,
  scenarios: readonly ScenarioOutcome[],
  observed: readonly Observation[],
): string[] {
  const lines = [
    'A kdump kernel shuts down a root port while a device below it, whose driver was never loaded, goes on writing memory.',
    `Platform ${platform.id}: ${platform.about}.`,
    ...platform.provenance.map((line) => `  ${line}`),
    heading('The machine'),
    ...lspciTree(platform.functions()),
    ...driverLines(platform),
  ];
  const [first, ...others] = scenarios;
  if (first !== undefined) lines.push(...renderFirst(platform, first));
  for (const other of others) lines.push(...renderOther(platform, other));
  lines.push(...renderObservations(observed), ...renderRemedies(scenarios));
  return lines;
}

function driverLines(platform: Platform): string[] {
  const byDriver = new Map<string, string[]>();
  for (const [bdf, driver] of Object.entries(platform.drivers))
    byDriver.set(driver, [...(byDriver.get(driver) ?? []), bdf]);
  return [...byDriver].map(([driver, bdfs]) => `  ${driver}: ${bdfs.join(' ')}`);
}

function renderFirst(platform: Platform, { scenario, bound, unbound }: ScenarioOutcome): string[] {
  const failure = firstFailure(platform, scenario, baseline);
  if (failure === undefined) return [heading(scenario.title), '  no request is refused'];
  const { fabric, result } = failure;
  const phase = result.phases.second_kernel_shutdown;
  const { sent, delivered } = writesAtStart(platform, scenario);
  return [
    heading(`Scenario ${scenario.id}: ${scenario.title}`),
    `1. First kernel (${platform.kernel}): devices do DMA. ${delivered} of ${sent} functions' memory writes are delivered.`,
    `2. Crash. device_shutdown is not called: ${result.phases.shutdown?.writes.length ?? 0} configuration writes; every device stays alive and goes on.`,
    `3. The kdump kernel boots in reserved memory. Where a write of each function that it leaves without a driver ends:`,
    ...dmaInFlight(platform, scenario).flatMap(inFlightLines),
    `4. Drivers of the kdump initramfs: ${scenario.kdumpDrivers.join(', ')} (${range(bound)} bound). Left out: ${range(unbound)},`,
    `   whose power state the kernel does not know (${kernelView(result, unbound[0])}), and which goes on writing.`,
    '5. vmcore saved; the kdump kernel reboots: device_shutdown, from the tail of the list.',
    '',
    ...(phase === undefined ? [] : renderWalk(fabric, phase, result.unsupportedRequests)),
    ...renderFailure(failure),
    ...renderReactions(platform, scenario),
  ];
}

const iommuNames: Readonly<Record<InFlight['iommu'], string>> = {
  none: 'no IOMMU',
  copies: 'IOMMU on, the kdump kernel copies the tables',
  'switches off': 'IOMMU on, the kdump kernel switches it off',
  'starts anew': 'IOMMU on, the kdump kernel begins with empty tables',
};

const endNames: Readonly<Record<DmaEnd, string>> = {
  'own page': 'in its page of the first kernel',
  'other memory': 'in memory of the first kernel that is not its own',
  'crash memory': 'in the memory of the kdump kernel',
  fault: 'blocked by the IOMMU',
  refused: 'refused',
};

function inFlightLines({ iommu, ends, log }: InFlight): string[] {
  const told = Object.entries(ends).map(([end, count]) => `${count} ${endNames[end as DmaEnd]}`);
  return [`   ${iommuNames[iommu]}: ${told.join(', ')}`, ...log.slice(1, 2).map((line) => `     ${line}`)];
}

function renderFailure({ fabric, request, registers }: Failure): string[] {
  const { header, delivery } = request.attempt;
  const reporter = reporterName(fabric, request.reporter);
  const message = delivery.errorMessage;
  return [
    heading(`The next memory write of ${fabric.arena.name(request.requester)}, hop by hop`),
    `  ${describeTlp(header)}: ${headerWords(header)}`,
    ...renderHops(fabric, request.hops),
    heading(`The port that refuses it: ${reporter}`),
    ...renderRegisters(reporter, registers),
    heading('The error message on its way up'),
    `  ${reporter} sends ${delivery.report?.message ?? 'nothing'}: ${delivery.report?.why}`,
    ...(message?.hops ?? []).map(
      (hop) => `  ${reporterName(fabric, hop.fn)}  ${hop.passed ? 'receives it' : 'stops it'}: ${hop.why}`,
    ),
    `  Root Error Status and Source ID take it; interrupt to the OS: ${message?.interrupt ?? 'none'}; System Error by Root Control: ${yes(message?.systemError ?? false)}`,
    '  A posted write has no completion: nobody but the port knows.',
  ];
}

function renderReactions(platform: Platform, scenario: PlatformScenario): string[] {
  const rows = runReactions(platform, scenario, baseline).map(({ reaction, setup, result }) => [
    `${reaction}${reaction === platform.reaction ? ' *' : ''}`,
    setup,
    result.outcome,
    result.unsupportedRequests[0]?.why ?? '',
  ]);
  return [
    heading('What firmware makes of it'),
    table(['platform', 'set up so that', 'outcome', 'why'], rows, [null, 24, null, 62]),
    `  * taken for ${platform.id} below. unreported: only status bits tell; reset: firmware ends the run.`,
  ];
}

function renderOther(platform: Platform, { scenario, bound, unbound }: ScenarioOutcome): string[] {
  const failure = firstFailure(platform, scenario, baseline);
  if (failure === undefined) return [heading(scenario.title), '  no request is refused'];
  const { fabric, result, request, registers } = failure;
  const reporter = reporterName(fabric, request.reporter);
  return [
    heading(`Scenario ${scenario.id}: ${scenario.title}`),
    `  Bound: ${range(bound)}. Left out: ${range(unbound)}.`,
    `  ${whenRefused(result, request)}, ${fabric.arena.name(request.requester)}'s memory write is refused:`,
    ...renderRegisters(reporter, registers),
  ];
}

/** `After write 4 (00:02.0 Command ← 0003)`. */
function whenRefused(result: ShutdownResult, { phase, step }: RefusedRequest): string {
  const write = result.phases[phase]?.writes[step];
  if (write === undefined) return 'Before any write';
  return `After write ${step} (${write.dev.name} ${write.offset === COMMAND ? 'Command' : `offset 0x${hex(write.offset, 2)}`} ← ${hex(write.value, 2 * write.size)})`;
}

function renderObservations(observed: readonly Observation[]): string[] {
  return [
    heading('What was observed, and what the model shows'),
    table(
      ['observed', 'here', 'how'],
      observed.map(({ observed: text, verdict, evidence }) => [
        text,
        verdict === 'outside' ? 'no model can' : verdict,
        evidence,
      ]),
      [46, 14, 58],
    ),
  ];
}

function renderRemedies(scenarios: readonly ScenarioOutcome[]): string[] {
  const tables = scenarios.flatMap(({ scenario, policies }) => [
    heading(`Remedies, ${scenario.id}`),
    table(
      ['remedy', 'UR at', 'DMA', 'memory', 'writes', 'IOMMU', 'outcome', 'status'],
      policies.map(({ policy, fabric, result, memory, needsIommu }) => [
        policy.id,
        [...new Set(result.unsupportedRequests.map(({ reporter }) => reporterName(fabric, reporter)))].join(' ') || '–',
        result.dmaStopped ? 'stops' : 'goes on',
        memory?.replace('safe after boot', 'safe later') ?? '–',
        writesOf(result),
        yes(needsIommu),
        result.outcome,
        policy.status,
      ]),
      [null, 17, null, null, null, null, null, 22],
    ),
  ]);
  return [
    ...tables,
    '  UR at: who refuses. DMA: whether some function that was writing at the crash, or was set to work since, still can at the end.',
    '  memory: what functions without a driver write gets there from the jump on (at risk), until drivers have probed (safe later),',
    '  or not at all (safe). Where it is at risk, it takes an IOMMU to keep them from the kdump kernel.',
    '  writes: to configuration space after the panic, by the crashed kernel + the boot + the shutdown of the kdump kernel.',
  ];
}

function writesOf({ writesAfterPanic }: ShutdownResult): string {
  if (writesAfterPanic === undefined) return '–';
  const { crash, boot, shutdown } = writesAfterPanic;
  return `${crash}+${boot}+${shutdown}`;
}

function headerWords(header: TlpHeader): string {
  const bytes = new Uint8Array(16);
  const length = encodeTlpHeader(header, bytes);
  const view = new DataView(bytes.buffer);
  return Array.from({ length: length / 4 }, (_, i) => hex(view.getUint32(4 * i), 8)).join(' ');
}

/** Functions that write memory in the first kernel, and those whose write gets through. */
function writesAtStart(platform: Platform, scenario: PlatformScenario): { sent: number; delivered: number } {
  const { fabric } = assemble(machineOfPlatform(platform, scenario));
  const senders = new Senders(fabric, { dma: 'all' });
  const outcomes: string[] = [];
  senders.tryAll(senders.sending(), ({ kind, delivery }) => {
    if (kind === 'dma') outcomes.push(delivery.outcome);
  });
  return { sent: outcomes.length, delivered: outcomes.filter((outcome) => outcome === 'delivered').length };
}

/** `06:00.0–7`, `07:00.0`. */
function range(bdfs: readonly string[]): string {
  const [first, last] = [bdfs[0], bdfs.at(-1)];
  return bdfs.length > 2 && first?.slice(0, -1) === last?.slice(0, -1) ? `${first}–${last?.slice(-1)}` : bdfs.join(' ');
}

function kernelView(result: ShutdownResult, bdf: string | undefined): string {
  const dev = result.devices.find(({ name }) => name === bdf);
  return dev === undefined
    ? 'not there'
    : `current_state ${powerStateNames[dev.currentState]}, enable count ${dev.enableCnt}`;
}
