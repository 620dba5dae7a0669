/** Shutdowns in given orders on the fabric itself, each from the same start. */
import type { Checkpoint, Fabric } from '../../fabric/fabric.ts';
import type { KernelRules } from '../../linux/kernel-rules.ts';
import type { PciDev } from '../../linux/pci-dev.ts';
import { assemble, type Machine } from '../machine.ts';
import { type RequestJson, requestJson } from '../shutdown-json.ts';
import { rulesOf, runShutdown, type ShutdownOptions, type ShutdownResult } from '../shutdown-run.ts';
import { optionsOf, type ShutdownSpec } from '../shutdown-spec.ts';

/** What is told of an order that fails. */
export interface OrderJson {
  /** The functions that shut down, in this order. */
  readonly order: readonly string[];
  readonly unsupported_requests: readonly RequestJson[];
}

export class ExactOrders {
  readonly #machine: Machine;
  readonly #shutdown: ShutdownSpec;
  readonly fabric: Fabric;
  /** Of the kernel that shuts down. */
  readonly rules: KernelRules;
  readonly #start: Checkpoint;

  /** @throws InputError as `optionsOf` does */
  constructor(machine: Machine, shutdown: ShutdownSpec) {
    this.#machine = machine;
    this.#shutdown = shutdown;
    this.fabric = assemble(machine).fabric;
    this.#start = this.fabric.checkpoint();
    const { kernel, policies = [] } = optionsOf(shutdown, machine, this.fabric);
    this.rules = rulesOf(kernel, policies);
  }

  /** @param seed of what rates draw */
  run(order: NonNullable<ShutdownOptions['order']>, seed = 0): ShutdownResult {
    this.fabric.restore(this.#start);
    return runShutdown(this.fabric, { ...optionsOf(this.#shutdown, this.#machine, this.fabric, seed), order });
  }

  /** What was shut down in the last run, and what was refused. */
  told(result: ShutdownResult): OrderJson {
    const calls = result.phases[result.path === 'crash' ? 'second_kernel_shutdown' : 'shutdown']?.shutdownCalls ?? [];
    return {
      order: calls.map((dev) => dev.name),
      unsupported_requests: result.unsupportedRequests.map((request) => requestJson(this.fabric.arena, request)),
    };
  }
}

/** Of all functions only these, in this order. */
export function inOrder(wanted: readonly string[]): (devices: readonly PciDev[]) => readonly PciDev[] {
  return (devices) => wanted.flatMap((name) => devices.filter((dev) => dev.name === name));
}
