/** A shutdown's result as the command's JSON has it. BDFs as the dump spells them; numbers by the contract's conventions. */
import type { ConfigArena } from '../config/arena.ts';
import { NONE } from '../fabric/topology.ts';
import { formatAddress } from '../formats/tlp-json.ts';
import { COMMAND } from '../spec/constants.ts';
import type { PhaseResult, RefusedRequest, ShutdownResult, WritesAfterPanic } from './shutdown-run.ts';

export interface RequestJson {
  readonly step: number;
  readonly phase: string;
  readonly requester: string;
  /** `root complex` where no function refused. */
  readonly reporter: string;
  readonly kind: 'dma' | 'msi';
  readonly address: string;
  /** Of the reporter right after; all zeros without AER. */
  readonly uncorrectable_status: string;
  readonly reaction: string;
  readonly why: string;
  /** Where firmware handles errors first: the bytes of its record. */
  readonly error_record?: string;
  /** What the kernel prints of it, where firmware tells the kernel. */
  readonly kernel_log?: readonly string[];
}

export interface ShutdownJson {
  readonly phases: Readonly<
    Record<
      string,
      {
        readonly shutdown_calls: readonly string[];
        readonly writes: readonly (readonly [string, number, string, number])[];
        readonly bme_cleared: readonly string[];
      }
    >
  >;
  readonly command_after: Readonly<Record<string, string>>;
  readonly unsupported_requests: readonly RequestJson[];
  readonly master_aborts: readonly RequestJson[];
  readonly dma_stopped: boolean;
  /** After a crash: see `StrayDma` and `WritesAfterPanic`. */
  readonly stray_dma?: { readonly at_jump: string[]; readonly after_boot: string[]; readonly at_end: string[] };
  readonly writes_after_panic?: WritesAfterPanic;
  readonly outcome: string;
}

export function requestJson(arena: ConfigArena, request: RefusedRequest): RequestJson {
  const { addressHi, addressLo } = request.attempt.header;
  const report = request.firmwareReport;
  return {
    step: request.step,
    phase: request.phase,
    requester: arena.name(request.requester),
    reporter: request.reporter === NONE ? 'root complex' : arena.name(request.reporter),
    kind: request.kind,
    address: formatAddress(addressHi, addressLo),
    uncorrectable_status: `0x${request.uncorrectableStatus.toString(16).padStart(8, '0')}`,
    reaction: request.reaction,
    why: request.why,
    ...(report === undefined ? {} : { error_record: hexOf(report.record) }),
    ...(report?.kernelLog === undefined ? {} : { kernel_log: report.kernelLog }),
  };
}

export function shutdownJson(arena: ConfigArena, result: ShutdownResult): ShutdownJson {
  const phases = Object.entries(result.phases).map(([name, phase]) => [name, phaseJson(phase)]);
  return {
    phases: Object.fromEntries(phases),
    command_after: Object.fromEntries(
      result.devices.map((dev) => [
        dev.name,
        arena.u16(arena.find(dev.segment, dev.routingId), COMMAND).toString(16).padStart(4, '0'),
      ]),
    ),
    unsupported_requests: result.unsupportedRequests.map((request) => requestJson(arena, request)),
    master_aborts: result.masterAborts.map((request) => requestJson(arena, request)),
    dma_stopped: result.dmaStopped,
    ...afterCrash(arena, result),
    outcome: result.outcome,
  };
}

function afterCrash(
  arena: ConfigArena,
  { strayDma, writesAfterPanic }: ShutdownResult,
): Pick<ShutdownJson, 'stray_dma' | 'writes_after_panic'> {
  if (strayDma === undefined || writesAfterPanic === undefined) return {};
  const names = (functions: readonly number[]) => functions.map((fn) => arena.name(fn));
  return {
    stray_dma: {
      at_jump: names(strayDma.atJump),
      after_boot: names(strayDma.afterBoot),
      at_end: names(strayDma.atEnd),
    },
    writes_after_panic: writesAfterPanic,
  };
}

function phaseJson(phase: PhaseResult): ShutdownJson['phases'][string] {
  return {
    shutdown_calls: phase.shutdownCalls.map((dev) => dev.name),
    writes: phase.writes.map(({ dev, offset, value, size }) => [dev.name, offset, value.toString(16), size]),
    bme_cleared: phase.bmeCleared.map((dev) => dev.name),
  };
}

function hexOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
