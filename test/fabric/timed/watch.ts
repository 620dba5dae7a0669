/** What must hold of every schedule, told from outside: by the printed table, and by names and targets of TLPs. */
import { expect } from 'vitest';
import { type Exploration, explore } from '../../../src/fabric/timed/explore.ts';
import type { TimedFabric } from '../../../src/fabric/timed/timed-fabric.ts';
import type { TimedTlp } from '../../../src/fabric/timed/timed-tlp.ts';
import { verdict } from './printed-table.ts';

/** Where a TLP is for, from its header alone: an address's MiB, or an ID. */
function targetOf({ header }: TimedTlp): string {
  if (header.type.startsWith('Cpl')) return `id ${header.requesterId}`;
  if (header.type.startsWith('Cfg')) return `id ${header.destinationId}`;
  if (header.type.startsWith('Msg')) return header.routing === 0 ? 'host' : `routing ${header.routing}`;
  const mebibyte = Math.floor(header.addressLo / 0x100000);
  return mebibyte >= 0xf00 ? `mebibyte ${mebibyte}` : 'host';
}

/** What the table forbids of a TLP that leaves its queue. */
export function broken(queues: readonly (readonly TimedTlp[])[], tlp: TimedTlp): string[] {
  const queue = queues.find((one) => one.includes(tlp))!;
  return queue
    .slice(0, queue.indexOf(tlp))
    .filter((earlier) => targetOf(earlier) === targetOf(tlp))
    .filter((earlier) => verdict(tlp.header, earlier.header, tlp.request?.header.type) === 'No')
    .map((earlier) => `${tlp.name} passed ${earlier.name}`);
}

/** Of two that one function sent to one place, the later came first although the table says No. */
export function outOfOrder(timed: TimedFabric): string[] {
  const sent = timed.deliveries.filter(({ tlp, outcome }) => /^\d+$/.test(tlp.name) && outcome !== 'not-sent');
  return sent.flatMap((first, i) =>
    sent
      .slice(i + 1)
      .filter(
        ({ tlp }) =>
          Number(tlp.name) < Number(first.tlp.name) &&
          tlp.from === first.tlp.from &&
          targetOf(tlp) === targetOf(first.tlp) &&
          verdict(first.tlp.header, tlp.header) === 'No',
      )
      .map(({ tlp }) => `${first.tlp.name} came before ${tlp.name}`),
  );
}

/** Each TLP that was sent has one end, and each non-posted request one completion, which has one too. */
export function lost(timed: TimedFabric, sent: number): string[] {
  const ends = new Map<string, number>();
  for (const { tlp } of timed.deliveries) ends.set(tlp.name, (ends.get(tlp.name) ?? 0) + 1);
  const wanted = Array.from({ length: sent }, (_, i) => `${i}`);
  for (const { tlp, completion } of timed.deliveries)
    if (completion !== undefined) wanted.push(`${tlp.name}.completion`);
  for (const { tlp, outcome } of timed.deliveries) {
    const { type } = tlp.header;
    const posted = /^(MWr|Msg|Cpl)/.test(type);
    // A Malformed TLP is discarded without an answer; on a conventional bus the initiator itself ends the cycle.
    const unanswered = ['not-sent', 'malformed', 'master-abort'].includes(outcome);
    if (!posted && !unanswered && !wanted.includes(`${tlp.name}.completion`)) wanted.push(`${tlp.name}.completion`);
  }
  return wanted.filter((name) => ends.get(name) !== 1);
}

/** Explores every schedule, and expects all of it to hold. */
export function expectSound(timed: TimedFabric, sent: number): Exploration {
  const result = explore(timed, {
    hop: (before, tlp) => expect(broken(before, tlp)).toEqual([]),
    end: (at) => {
      expect(outOfOrder(at)).toEqual([]);
      expect(lost(at, sent)).toEqual([]);
    },
    // So that no order of arrival is taken for another.
    key: (at) => at.deliveries.map(({ tlp }) => tlp.name).join(),
  });
  expect(result.deadlocks).toEqual([]);
  expect(result.ends).toBeGreaterThan(0);
  return result;
}
