/** The thread's case on a built-in platform: every scenario under every remedy, and the first failure in full. */

import { portTypes } from '../../spec-tables/port-types.ts';
import type { Fabric } from '../fabric/fabric.ts';
import { type PlatformReaction, platformReactions } from '../fabric/platform-reaction.ts';
import { NONE } from '../fabric/topology.ts';
import { parseKernelVersion } from '../linux/kernel-version.ts';
import { type Policy, policies } from '../linux/policies/index.ts';
import type { Platform, PlatformScenario } from '../platforms/platform.ts';
import {
  ROOT_CONTROL,
  ROOT_CONTROL_SYSTEM_ERROR_ON_CORRECTABLE_ERROR_ENABLE,
  ROOT_CONTROL_SYSTEM_ERROR_ON_FATAL_ERROR_ENABLE,
  ROOT_CONTROL_SYSTEM_ERROR_ON_NON_FATAL_ERROR_ENABLE,
  ROOT_ERROR_COMMAND,
} from '../spec/constants.ts';
import { memoryFor } from './dma-memory.ts';
import { assemble, driverOf, machineOfPlatform } from './machine.ts';
import { type MemorySafety, memorySafety } from './memory-safety.ts';
import { type RefusalRegisters, refusalRegisters } from './refusal-registers.ts';
import { type RefusedRequest, runShutdown, type ShutdownOptions, type ShutdownResult } from './shutdown-run.ts';
import { functionNamed } from './shutdown-spec.ts';

export interface PolicyOutcome {
  readonly policy: Policy;
  readonly fabric: Fabric;
  readonly result: ShutdownResult;
  /** Undefined on a path without a crash. */
  readonly memory: MemorySafety | undefined;
  /** Its outcome rests on an IOMMU: by what it does, or because functions without a driver go on writing memory. */
  readonly needsIommu: boolean;
}

export interface ScenarioOutcome {
  readonly scenario: PlatformScenario;
  /** Endpoints with a driver in the kdump kernel, and those without. */
  readonly bound: readonly string[];
  readonly unbound: readonly string[];
  readonly policies: readonly PolicyOutcome[];
}

/** The first request of a run that a port refused, with everything that shows it. */
export interface Failure {
  /** As it stands at the run's end. */
  readonly fabric: Fabric;
  readonly result: ShutdownResult;
  readonly request: RefusedRequest;
  /** Of the port, right after. */
  readonly registers: RefusalRegisters;
}

/** Runs one scenario under one policy, on a fresh machine. */
export function runScenario(
  platform: Platform,
  scenario: PlatformScenario,
  policy: Policy,
  more: Partial<ShutdownOptions> & { prepare?: (fabric: Fabric) => void } = {},
): { fabric: Fabric; result: ShutdownResult } {
  const machine = machineOfPlatform(platform, scenario);
  const memory = more.memory ?? memoryFor([policy]);
  const { fabric } = assemble(machine, memory?.routing);
  more.prepare?.(fabric);
  const result = runShutdown(fabric, {
    memory,
    kernel: parseKernelVersion(machine.kernel),
    path: machine.path,
    policies: [policy],
    bindings: { osc: machine.osc },
    drivers: driverOf(machine),
    secondKernelDrivers: new Set(machine.kdumpDrivers),
    // What a live update would carry across: the functions that go on here.
    preserve: new Set(scenario.unbound.map((bdf) => functionNamed(fabric, 'unbound', bdf))),
    platform: machine.reaction,
    ...more,
  });
  return { fabric, result };
}

export function runScenarios(platform: Platform): ScenarioOutcome[] {
  const endpoints = Object.entries(platform.drivers).filter(([, driver]) => driver !== 'pcieport');
  return platform.scenarios.map((scenario) => ({
    scenario,
    bound: endpoints.filter(([, driver]) => scenario.kdumpDrivers.includes(driver)).map(([bdf]) => bdf),
    unbound: endpoints.filter(([, driver]) => !scenario.kdumpDrivers.includes(driver)).map(([bdf]) => bdf),
    policies: policies.map((policy) => outcomeOf(platform, scenario, policy)),
  }));
}

function outcomeOf(platform: Platform, scenario: PlatformScenario, policy: Policy): PolicyOutcome {
  const { fabric, result } = runScenario(platform, scenario, policy);
  const memory = result.strayDma && memorySafety(result.strayDma);
  return { policy, fabric, result, memory, needsIommu: policy.needsIommu ?? memory === 'at risk' };
}

/** The scenario under a policy, and its first refusal by a port; undefined where there is none. */
export function firstFailure(platform: Platform, scenario: PlatformScenario, policy: Policy): Failure | undefined {
  let machine: Fabric | undefined;
  let registers: RefusalRegisters | undefined;
  const { fabric, result } = runScenario(platform, scenario, policy, {
    prepare: (prepared) => {
      machine = prepared;
    },
    onAttempt: ({ delivery }) => {
      if (delivery.outcome === 'unsupported-request' && delivery.at !== NONE)
        registers ??= refusalRegisters(machine!.arena, delivery.at);
    },
  });
  const request = result.unsupportedRequests.find(({ reporter }) => reporter !== NONE);
  return request === undefined || registers === undefined ? undefined : { fabric, result, request, registers };
}

export interface ReactionOutcome {
  readonly reaction: PlatformReaction;
  /** How firmware and the OS share the registers for it. */
  readonly setup: string;
  readonly result: ShutdownResult;
}

const SYSTEM_ERRORS =
  ROOT_CONTROL_SYSTEM_ERROR_ON_CORRECTABLE_ERROR_ENABLE |
  ROOT_CONTROL_SYSTEM_ERROR_ON_NON_FATAL_ERROR_ENABLE |
  ROOT_CONTROL_SYSTEM_ERROR_ON_FATAL_ERROR_ENABLE;

/** The same failure on four platforms. */
export function runReactions(platform: Platform, scenario: PlatformScenario, policy: Policy): ReactionOutcome[] {
  const rootPorts = (fabric: Fabric) =>
    Array.from({ length: fabric.arena.count }, (_, fn) => fn).filter(
      (fn) => fabric.arena.layout[fn]!.portType === portTypes['Root Port'] && fabric.arena.layout[fn]!.headerType === 1,
    );
  const setups: Readonly<Record<PlatformReaction, { setup: string; options: Parameters<typeof runScenario>[3] }>> = {
    native: {
      setup: 'the OS owns AER',
      options: {
        bindings: { osc: { os_controls: [...platform.osControls, 'AER'] } },
        prepare: (fabric) => {
          const { arena } = fabric;
          for (const fn of rootPorts(fabric)) arena.poke(fn, arena.layout[fn]!.aer + ROOT_ERROR_COMMAND, 4, 0x7);
        },
      },
    },
    'serr-nmi': {
      setup: 'Root Control raises System Errors',
      options: {
        prepare: (fabric) => {
          const { arena } = fabric;
          for (const fn of rootPorts(fabric))
            arena.setBits(fn, arena.layout[fn]!.pciExpress + ROOT_CONTROL, 2, SYSTEM_ERRORS);
        },
      },
    },
    'firmware-first-nmi': { setup: 'firmware owns AER', options: {} },
    'firmware-first-reset': { setup: 'firmware owns AER', options: {} },
  };
  return platformReactions.map((reaction) => ({
    reaction,
    setup: setups[reaction].setup,
    result: runScenario(platform, scenario, policy, { ...setups[reaction].options, platform: reaction }).result,
  }));
}
