/** The way of an ERR_* message to the root port, and what the root port does with it. PCIe 5.0 §6.2.4.1.2, §6.2.6, figure 6-3. */

import type { ErrorMessageName } from '../../spec-tables/message-codes.ts';
import { portTypes } from '../../spec-tables/port-types.ts';
import type { ConfigArena } from '../config/arena.ts';
import * as C from '../spec/constants.ts';
import { eventCollectorOf } from './event-collectors.ts';
import { NONE, type Topology } from './topology.ts';

export interface MessageHop {
  readonly fn: number;
  readonly passed: boolean;
  readonly why: string;
}

/**
 * How the root port tells the system of the message, or why it does not. `none`: no root port received it. `not enabled`: by Root
 * Error Command. `pending`: an MSI went out for an earlier one whose status is still set.
 */
export type ErrorInterrupt =
  | 'none'
  | 'no AER'
  | 'not enabled'
  | 'INTx disabled'
  | 'INTx'
  | 'MSI'
  | 'MSI-X'
  | 'pending'
  | 'suppressed by Bus Master Enable';

export interface MessageDelivery {
  readonly message: ErrorMessageName;
  /** Each port on the way, nearest first, the root port or event collector included. */
  readonly hops: readonly MessageHop[];
  /** Root port, or event collector, that received it; NONE where a port stopped it or there is neither. */
  readonly rootPort: number;
  readonly interrupt: ErrorInterrupt;
  /** Root Control asks for a System Error on this kind of message. */
  readonly systemError: boolean;
}

/** Asked at a port that a message comes to; true where it triggers containment and goes no further. */
export type Contain = (port: number, message: ErrorMessageName, sourceId: number) => boolean;

/**
 * Takes the message from `reporter` up to its root port, setting Status, Secondary Status and Root Error Status on the way; from an
 * integrated endpoint to its event collector. Their own errors they receive as if a message had come to them.
 * @param contain asked at each port that the message comes to; true where it triggers containment and goes no further
 */
export function sendErrorMessage(
  arena: ConfigArena,
  topology: Topology,
  reporter: number,
  message: ErrorMessageName,
  contain?: Contain,
): MessageDelivery {
  const hops: MessageHop[] = [];
  const undelivered = { message, hops, rootPort: NONE, interrupt: 'none', systemError: false } as const;
  let at = reporter;
  const collector = eventCollectorOf(arena, topology, reporter);
  if (collector !== NONE) {
    const isOwn = collector === reporter;
    const why = isOwn
      ? 'the event collector reports to itself'
      : 'the event collector that the endpoint is associated with';
    return receiveErrorMessage(arena, collector, reporter, message, [{ fn: collector, passed: true, why }]);
  }
  while (arena.layout[at]!.portType !== portTypes['Root Port']) {
    const port = topology.parent[at]!;
    // An integrated endpoint without an event collector: how it reports is the root complex's own. A dump's missing root port too.
    if (port === NONE) return undelivered;
    const hop = passErrorMessage(arena, port, reporter, message, contain);
    hops.push(hop);
    if (!hop.passed) return undelivered;
    at = port;
  }
  if (at === reporter) hops.push({ fn: at, passed: true, why: 'the root port reports to itself' });
  return receiveErrorMessage(arena, at, reporter, message, hops);
}

/** The message comes to a port from below: what it leaves there, and whether it goes on. `contain` as in `sendErrorMessage`. */
export function passErrorMessage(
  arena: ConfigArena,
  port: number,
  reporter: number,
  message: ErrorMessageName,
  contain?: Contain,
): MessageHop {
  const uncorrectable = message !== 'ERR_COR';
  if (uncorrectable) arena.setBits(port, C.SECONDARY_STATUS, 2, C.SECONDARY_STATUS_RECEIVED_SYSTEM_ERROR);
  const stop =
    contain?.(port, message, arena.idOf(reporter)) === true
      ? 'it triggers Downstream Port Containment'
      : whyStopped(arena, port, uncorrectable);
  if (stop !== undefined) return { fn: port, passed: false, why: stop };
  if (uncorrectable && arena.layout[port]!.portType !== portTypes['Root Port'])
    arena.setBits(port, C.STATUS, 2, C.STATUS_SIGNALED_SYSTEM_ERROR);
  return { fn: port, passed: true, why: 'Bridge Control and Command let it pass' };
}

/** The message has come to its root port, or event collector. */
export function receiveErrorMessage(
  arena: ConfigArena,
  rootPort: number,
  reporter: number,
  message: ErrorMessageName,
  hops: readonly MessageHop[],
): MessageDelivery {
  const interrupt = receiveAtRootPort(arena, rootPort, message, arena.idOf(reporter));
  return { message, hops, rootPort, interrupt, systemError: raisesSystemError(arena, rootPort, message) };
}

/** PCIe 5.0 §7.5.1.3.13 (Bridge Control.SERR#: all three kinds), §7.5.1.1.3 (Command.SERR#: not ERR_COR). */
function whyStopped(arena: ConfigArena, port: number, uncorrectable: boolean): string | undefined {
  if ((arena.u16(port, C.BRIDGE_CONTROL) & C.BRIDGE_CONTROL_SERR_ENABLE) === 0)
    return 'Bridge Control.SERR# Enable is clear';
  if (uncorrectable && (arena.command(port) & C.COMMAND_SERR_ENABLE) === 0) return 'Command.SERR# Enable is clear';
  return undefined;
}

/** Root Error Status and Error Source Identification. PCIe 5.0 §7.8.4.10, §7.8.4.11. */
function receiveAtRootPort(
  arena: ConfigArena,
  fn: number,
  message: ErrorMessageName,
  sourceId: number,
): ErrorInterrupt {
  const { aer } = arena.layout[fn]!;
  if (aer === 0) return 'no AER';
  const before = arena.u32(fn, aer + C.ROOT_ERROR_STATUS);
  let set: number;
  if (message === 'ERR_COR') {
    const first = (before & C.ROOT_ERROR_STATUS_ERR_COR_RECEIVED) === 0;
    set = first ? C.ROOT_ERROR_STATUS_ERR_COR_RECEIVED : C.ROOT_ERROR_STATUS_MULTIPLE_ERR_COR_RECEIVED;
    if (first) arena.poke(fn, aer + C.ERROR_SOURCE_IDENTIFICATION, 2, sourceId);
  } else {
    const fatal = message === 'ERR_FATAL';
    const first = (before & C.ROOT_ERROR_STATUS_ERR_FATAL_NONFATAL_RECEIVED) === 0;
    set = fatal
      ? C.ROOT_ERROR_STATUS_FATAL_ERROR_MESSAGES_RECEIVED
      : C.ROOT_ERROR_STATUS_NON_FATAL_ERROR_MESSAGES_RECEIVED;
    if (first) {
      set |= C.ROOT_ERROR_STATUS_ERR_FATAL_NONFATAL_RECEIVED;
      if (fatal) set |= C.ROOT_ERROR_STATUS_FIRST_UNCORRECTABLE_FATAL;
      arena.poke(fn, aer + C.ERROR_SOURCE_IDENTIFICATION + 2, 2, sourceId);
    } else set |= C.ROOT_ERROR_STATUS_MULTIPLE_ERR_FATAL_NONFATAL_RECEIVED;
  }
  arena.setBits(fn, aer + C.ROOT_ERROR_STATUS, 4, set);
  const enabled = (status: number) => (enabledClasses(status) & arena.u32(fn, aer + C.ROOT_ERROR_COMMAND)) !== 0;
  return errorInterrupt(arena, fn, enabled(before), enabled(before | set));
}

/** The classes (as bits of Root Error Command) whose status bits are set. */
function enabledClasses(rootErrorStatus: number): number {
  return (
    (rootErrorStatus & C.ROOT_ERROR_STATUS_ERR_COR_RECEIVED
      ? C.ROOT_ERROR_COMMAND_CORRECTABLE_ERROR_REPORTING_ENABLE
      : 0) |
    (rootErrorStatus & C.ROOT_ERROR_STATUS_NON_FATAL_ERROR_MESSAGES_RECEIVED
      ? C.ROOT_ERROR_COMMAND_NON_FATAL_ERROR_REPORTING_ENABLE
      : 0) |
    (rootErrorStatus & C.ROOT_ERROR_STATUS_FATAL_ERROR_MESSAGES_RECEIVED
      ? C.ROOT_ERROR_COMMAND_FATAL_ERROR_REPORTING_ENABLE
      : 0)
  );
}

/** INTx follows the level; MSI and MSI-X go out on its rise, as a memory write, so Bus Master Enable must be set. PCIe 5.0 §6.2.4.1.2. */
export function errorInterrupt(arena: ConfigArena, fn: number, before: boolean, after: boolean): ErrorInterrupt {
  if (!after) return 'not enabled';
  const { msi, msiX } = arena.layout[fn]!;
  const viaMsiX =
    msiX !== 0 && (arena.u16(fn, msiX + C.MSI_X_MESSAGE_CONTROL) & C.MSI_X_MESSAGE_CONTROL_MSI_X_ENABLE) !== 0;
  const viaMsi = msi !== 0 && (arena.u16(fn, msi + C.MSI_MESSAGE_CONTROL) & C.MSI_MESSAGE_CONTROL_MSI_ENABLE) !== 0;
  if (viaMsiX || viaMsi) {
    if ((arena.command(fn) & C.COMMAND_BUS_MASTER_ENABLE) === 0) return 'suppressed by Bus Master Enable';
    if (before) return 'pending';
    return viaMsiX ? 'MSI-X' : 'MSI';
  }
  return (arena.command(fn) & C.COMMAND_INTERRUPT_DISABLE) === 0 ? 'INTx' : 'INTx disabled';
}

/** Root Control's three System Error enables. PCIe 5.0 §7.5.3.12. */
function raisesSystemError(arena: ConfigArena, fn: number, message: ErrorMessageName): boolean {
  const { pciExpress } = arena.layout[fn]!;
  if (pciExpress === 0) return false;
  const enable = {
    ERR_COR: C.ROOT_CONTROL_SYSTEM_ERROR_ON_CORRECTABLE_ERROR_ENABLE,
    ERR_NONFATAL: C.ROOT_CONTROL_SYSTEM_ERROR_ON_NON_FATAL_ERROR_ENABLE,
    ERR_FATAL: C.ROOT_CONTROL_SYSTEM_ERROR_ON_FATAL_ERROR_ENABLE,
  }[message];
  return (arena.u16(fn, pciExpress + C.ROOT_CONTROL) & enable) !== 0;
}
