/**
 * Functions that are not ready after a reset answer configuration requests with Configuration Request Retry Status (RRS since
 * PCIe 6.0). Time is counted in requests, since nothing else passes here. PCIe 5.0 §2.3.1, §6.6.1, §6.6.2.
 */
import { portTypes } from '../../spec-tables/port-types.ts';
import type { ConfigArena } from '../config/arena.ts';
import { ROOT_CONTROL, ROOT_CONTROL_CRS_SOFTWARE_VISIBILITY_ENABLE, VENDOR_ID } from '../spec/constants.ts';
import { NONE, type Topology } from './topology.ts';

/** What a read of the Vendor ID gives while the function is not ready and the root complex lets software see it. */
const NOT_READY_VENDOR_ID = 0x0001;

export class Readiness {
  readonly #requests = new Map<number, number>();
  readonly #left = new Map<number, number>();

  /**
   * @param requests configuration requests that the function answers with CRS after each reset; 0: it is ready at once
   * @throws RangeError for anything but a whole number
   */
  setRequestsUntilReady(fn: number, requests: number): void {
    if (!(Number.isSafeInteger(requests) && requests >= 0))
      throw new RangeError(`readiness: expected a whole number of requests, got ${requests}`);
    this.#requests.set(fn, requests);
  }

  /** The function was reset. */
  wasReset(fn: number): void {
    const requests = this.#requests.get(fn) ?? 0;
    if (requests > 0) this.#left.set(fn, requests);
    else this.#left.delete(fn);
  }

  /** Takes one configuration request. @returns whether the function answers it with CRS */
  retries(fn: number): boolean {
    const left = this.#left.get(fn);
    if (left === undefined) return false;
    if (left === 1) this.#left.delete(fn);
    else this.#left.set(fn, left - 1);
    return true;
  }
}

/**
 * What the CPU gets for a read that was answered with CRS: for one that holds both bytes of the Vendor ID below a root port with CRS
 * Software Visibility, 0001h and all ones; undefined where the root complex asks again instead. PCIe 5.0 §2.3.2.
 */
export function visibleRetry(
  arena: ConfigArena,
  topology: Topology,
  fn: number,
  offset: number,
  size: number,
): number | undefined {
  if (offset !== VENDOR_ID || size < 2) return undefined;
  let port = fn;
  while (topology.parent[port] !== NONE) port = topology.parent[port]!;
  const { portType, pciExpress } = arena.layout[port]!;
  if (port === fn || portType !== portTypes['Root Port'] || pciExpress === 0) return undefined;
  if ((arena.u16(port, pciExpress + ROOT_CONTROL) & ROOT_CONTROL_CRS_SOFTWARE_VISIBILITY_ENABLE) === 0)
    return undefined;
  return size === 2 ? NOT_READY_VENDOR_ID : 0xffff0000 + NOT_READY_VENDOR_ID;
}
