import type { Fabric } from '../../fabric/fabric.ts';
import { NONE } from '../../fabric/topology.ts';
import { memoryFor } from '../../lab/dma-memory.ts';
import { assemble } from '../../lab/machine.ts';
import { refusalRegisters } from '../../lab/refusal-registers.ts';
import { shutdownJson } from '../../lab/shutdown-json.ts';
import { type PhaseName, runShutdown, type ShutdownResult } from '../../lab/shutdown-run.ts';
import { optionsOf, policyOf, type ShutdownSpec } from '../../lab/shutdown-spec.ts';
import { type Policy, policyNamed } from '../../linux/policies/index.ts';
import { DONE, FOUND } from '../exit.ts';
import { DEFAULT_PLATFORM } from '../load-dump.ts';
import { loadMachine } from '../load-machine.ts';
import { print, printJson, printNotes } from '../output.ts';
import { renderRegisters } from '../render/registers.ts';
import { heading, yes } from '../render/table.ts';
import { renderWalk, reporterName, requestName, stepName } from '../render/walk.ts';
import { machineNotes, type ShutdownFlags, specFromFlags, wholeNumber } from '../shutdown-flags.ts';

export async function shutdownCommand(
  name: string = DEFAULT_PLATFORM,
  flags: ShutdownFlags & { json?: boolean },
): Promise<number> {
  const machine = await loadMachine(name);
  const spec = await specFromFlags(flags, machine);
  const memory = memoryFor(spec.policies.map(policyOf));
  const { fabric, problems } = assemble(machine, memory?.routing);
  const options = optionsOf(spec, machine, fabric, wholeNumber('--seed', flags.seed, 0, 0xffffffff));
  const result = runShutdown(fabric, { ...options, memory, firmwareReports: true });
  printNotes([...machineNotes(machine, spec), ...problems, ...runNotes(spec, result)]);
  if (flags.json) printJson(shutdownJson(fabric.arena, result));
  else print(render(machine.name, spec, fabric, result));
  return result.unsupportedRequests.length > 0 ? FOUND : DONE;
}

const phaseTitles: Readonly<Record<PhaseName, string>> = {
  setup: 'Before',
  crash: 'The crashed kernel, before the jump',
  shutdown: 'Shutdown',
  boot: 'Boot of the second kernel',
  second_kernel_shutdown: 'Shutdown of the second kernel',
};

function runNotes(spec: ShutdownSpec, result: ShutdownResult): string[] {
  const notes = result.unknownDrivers.map(
    (driver) =>
      `driver ${driver} is not in the tables: it neither stops DMA nor clears BME; teach it with --driver ${driver}=stops,clears`,
  );
  const late = spec.policies.filter((id) => actsAroundCrash(policyNamed(id)));
  if (result.path !== 'crash' && late.length > 0)
    notes.push(`${late.join(', ')}: acts around a crash alone; on path ${result.path} there is none`);
  const assumed = result.path === 'crash' && spec.bindings.second_kernel == null && spec.kdumpDrivers === undefined;
  if (assumed)
    notes.push(
      'the second kernel is taken to have all drivers of the first; name those of the kdump initramfs with --kdump-drivers',
    );
  return notes;
}

/** Parameters and rules of a kdump kernel hold for any kernel that shuts down. */
function actsAroundCrash({ beforeCrash, crashTable, atCrash, atBoot }: Policy): boolean {
  return [beforeCrash, crashTable, atCrash, atBoot].some((act) => act !== undefined);
}

function render(name: string, spec: ShutdownSpec, fabric: Fabric, result: ShutdownResult): string[] {
  const lines = [`${name}: kernel ${spec.kernel}, path ${result.path}, policy ${spec.policies.join(' + ')}`];
  for (const [phaseName, phase] of Object.entries(result.phases)) {
    lines.push(heading(phaseTitles[phaseName as PhaseName]));
    if (phaseName === 'shutdown' && phase.shutdownCalls.length === 0)
      lines.push('  device_shutdown is not called: no configuration write');
    const refused = result.unsupportedRequests.filter((request) => request.phase === phaseName);
    lines.push(...renderWalk(fabric, phase, refused));
    if (phase.bmeCleared.length > 0)
      lines.push(`  Bus Master Enable falls, in order: ${phase.bmeCleared.map((dev) => dev.name).join(' ')}`);
  }
  lines.push(heading('Who may still send'));
  if (result.unsupportedRequests.length === 0) lines.push('  no Unsupported Request');
  for (const request of result.unsupportedRequests)
    lines.push(
      `  ${request.phase} ${stepName(request.step)}: ${fabric.arena.name(request.requester)}'s ${requestName(request)} refused by ${reporterName(fabric, request.reporter)}: ${request.reaction}, ${request.why}`,
      `    rule: ${request.hops.at(-1)?.rule}`,
    );
  const told = result.unsupportedRequests.find(({ firmwareReport }) => firmwareReport?.kernelLog !== undefined);
  if (told?.firmwareReport?.kernelLog !== undefined)
    lines.push(
      `  what the kernel prints of the first, if it lives to do so:`,
      ...told.firmwareReport.kernelLog.map((line) => `    ${line}`),
    );
  for (const request of result.masterAborts)
    lines.push(
      `  ${request.phase} ${stepName(request.step)}: ${fabric.arena.name(request.requester)}'s ${requestName(request)} ends in Master-Abort below ${reporterName(fabric, request.reporter)}`,
    );
  const reporters = new Set(result.unsupportedRequests.map(({ reporter }) => reporter).filter((fn) => fn !== NONE));
  for (const reporter of reporters)
    if (fabric.arena.layout[reporter]!.pciExpress !== 0)
      lines.push(
        heading(`${fabric.arena.name(reporter)} at the end`),
        ...renderRegisters(fabric.arena.name(reporter), refusalRegisters(fabric.arena, reporter)),
      );
  lines.push('', `outcome: ${result.outcome}; DMA stopped: ${yes(result.dmaStopped)}`);
  return lines;
}
