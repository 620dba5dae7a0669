/** A shutdown's walk: each function visited, and each configuration write with the Command register around it. */
import { registerNameAt } from '../../config/register-name.ts';
import { HOST } from '../../fabric/exact-router.ts';
import type { Fabric } from '../../fabric/fabric.ts';
import type { Hop } from '../../fabric/hop.ts';
import { formatAddress } from '../../formats/tlp-json.ts';
import type { PhaseResult, RefusedRequest } from '../../lab/shutdown-run.ts';
import { COMMAND } from '../../spec/constants.ts';
import { hex } from './table.ts';

export function renderWalk(fabric: Fabric, phase: PhaseResult, refused: readonly RefusedRequest[]): string[] {
  const lines: string[] = [];
  const { arena } = fabric;
  for (const [visit, dev] of phase.shutdownCalls.entries()) {
    // AER's removal writes other functions too, so writes belong to the visit during which they were made.
    const writes = phase.writes.map((write, step) => ({ ...write, step })).filter(({ visit: made }) => made === visit);
    const driver = dev.driver ?? 'no driver: skipped';
    lines.push(`  ${dev.name}  ${driver}`);
    for (const write of writes) {
      const fn = arena.find(write.dev.segment, write.dev.routingId);
      const register = registerNameAt(arena, fn, write.offset) ?? `offset 0x${hex(write.offset, 2)}`;
      const on = write.dev === dev ? '' : `${write.dev.name} `;
      const command =
        write.offset === COMMAND
          ? `${hex(write.commandBefore, 4)} → ${hex(write.commandAfter, 4)}${bmeNote(write.commandBefore, write.commandAfter)}`
          : `← ${hex(write.value, 2 * write.size)}`;
      lines.push(`      ${String(write.step).padStart(3)}  ${on}${register}  ${command}`);
      for (const request of refused.filter(({ step }) => step === write.step))
        lines.push(
          `           ✗ ${arena.name(request.requester)}'s ${requestName(request)} is refused by ${reporterName(fabric, request.reporter)}`,
        );
    }
  }
  return lines;
}

function bmeNote(before: number, after: number): string {
  return (before & ~after & 4) !== 0 ? '  Bus Master Enable falls' : '';
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
