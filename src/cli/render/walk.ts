/** A shutdown's walk: each function visited, and each configuration write with the Command register around it. */
import type { ConfigArena } from '../../config/arena.ts';
import { registerNameAt } from '../../config/register-name.ts';
import { HOST } from '../../fabric/exact-router.ts';
import type { Fabric } from '../../fabric/fabric.ts';
import type { Hop } from '../../fabric/hop.ts';
import { formatAddress } from '../../formats/tlp-json.ts';
import type { PhaseResult, RefusedRequest } from '../../lab/shutdown-run.ts';
import type { ConfigWrite } from '../../linux/kernel.ts';
import type { PciDev } from '../../linux/pci-dev.ts';
import { COMMAND, COMMAND_BUS_MASTER_ENABLE } from '../../spec/constants.ts';
import { hex } from './hex.ts';

export function renderWalk(fabric: Fabric, phase: PhaseResult, refused: readonly RefusedRequest[]): string[] {
  const { arena } = fabric;
  const refusals = new Map<number, string[]>();
  for (const request of refused) {
    const text = `           ✗ ${arena.name(request.requester)}'s ${requestName(request)} is refused by ${reporterName(fabric, request.reporter)}`;
    refusals.set(request.step, [...(refusals.get(request.step) ?? []), text]);
  }
  const before = refusals.get(-1) ?? [];
  const lines = before.length === 0 ? [] : ['  before any write', ...before];
  let step = 0;
  const written = (visited: PciDev | undefined) => [
    `      ${String(step).padStart(3)}  ${renderWrite(arena, phase.writes[step]!, visited)}`,
    ...(refusals.get(step) ?? []),
  ];
  // Outside device_shutdown no function has its turn.
  for (; phase.writes[step]?.visit === -1; step++) lines.push(...written(undefined));
  for (const [visit, dev] of phase.shutdownCalls.entries()) {
    lines.push(`  ${dev.name}  ${dev.driver ?? 'no driver: skipped'}`);
    // AER's removal writes other functions too, so writes belong to the visit during which they were made.
    for (; phase.writes[step]?.visit === visit; step++) lines.push(...written(dev));
  }
  return lines;
}

function renderWrite(arena: ConfigArena, write: ConfigWrite, visited: PciDev | undefined): string {
  const fn = arena.find(write.dev.segment, write.dev.routingId);
  const register = registerNameAt(arena, fn, write.offset) ?? `offset 0x${hex(write.offset, 2)}`;
  const on = write.dev === visited ? '' : `${write.dev.name} `;
  const change =
    write.offset === COMMAND
      ? `${hex(write.commandBefore, 4)} → ${hex(write.commandAfter, 4)}${bmeNote(write.commandBefore, write.commandAfter)}`
      : `← ${hex(write.value, 2 * write.size)}`;
  return `${on}${register}  ${change}`;
}

function bmeNote(before: number, after: number): string {
  return (before & ~after & COMMAND_BUS_MASTER_ENABLE) !== 0 ? '  Bus Master Enable falls' : '';
}

/** When a request was refused: `step` as in RefusedRequest. */
export function stepName(step: number): string {
  return step < 0 ? 'before any write' : `after write ${step}`;
}

export function requestName(request: RefusedRequest): string {
  const { addressHi, addressLo } = request.attempt.header;
  return `${request.kind === 'msi' ? 'MSI' : 'memory write'} to ${formatAddress(addressHi, addressLo)}`;
}

export function reporterName(fabric: Fabric, fn: number): string {
  return fn === HOST ? 'the root complex' : fabric.arena.name(fn);
}

export function renderHops(fabric: Fabric, hops: readonly Hop[]): string[] {
  return hops.map((hop) => {
    const read = hop.register === undefined ? '' : `  [${hop.register} ${hop.value}]`;
    return `  ${reporterName(fabric, hop.fn)}  ${hop.action}: ${hop.rule}${read}  (${hop.spec})`;
  });
}
