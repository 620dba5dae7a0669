/** The thread's case, as its mails tell it. */
import { describe, expect, it } from 'vitest';
import { firstFailure, runReactions, runScenario, runScenarios } from '../../src/lab/case.ts';
import { policyNamed } from '../../src/linux/policies/index.ts';
import { hpeGen9 } from '../../src/platforms/hpe-gen9.ts';

const [overNetwork, throughHpsa] = hpeGen9.scenarios as [(typeof hpeGen9.scenarios)[0], (typeof hpeGen9.scenarios)[0]];

/** Requester at reporter, with the reporter's AER Uncorrectable Error Status, each once. */
function refusals(scenario: typeof overNetwork, policy: string): string[] {
  const { fabric, result } = runScenario(hpeGen9, scenario, policyNamed(policy));
  return [
    ...new Set(
      result.unsupportedRequests.map(
        ({ requester, reporter, uncorrectableStatus }) =>
          `${fabric.arena.name(requester)} at ${fabric.arena.name(reporter)}: 0x${uncorrectableStatus.toString(16).padStart(8, '0')}`,
      ),
    ),
  ];
}

describe('the kernel of the thread', () => {
  it('hpsa left out: 07:00.0 still writes, and 00:02.2 refuses', () => {
    expect(refusals(overNetwork, 'baseline')).toEqual(['07:00.0 at 00:02.2: 0x00100000']);
  });

  it('the NIC left out: its functions still write, and 00:02.0 refuses', () => {
    expect(refusals(throughHpsa, 'baseline')).toEqual(
      [7, 6, 5, 4, 3, 2, 1, 0].map((n) => `06:00.${n} at 00:02.0: 0x00100000`).sort(),
    );
  });

  it('is lost to an NMI either way', () => {
    for (const scenario of [overNetwork, throughHpsa])
      expect(runScenario(hpeGen9, scenario, policyNamed('baseline')).result.outcome).toBe('nmi');
  });
});

describe('remedies', () => {
  const outcomes = runScenarios(hpeGen9);
  const of = (scenario: string, policy: string) =>
    outcomes.find((one) => one.scenario.id === scenario)!.policies.find((one) => one.policy.id === policy)!.result;
  const scenarios = ['dump-over-network', 'dump-through-hpsa'];

  it.each([
    ['rfc-kdump-bme', true],
    ['bme-all-always', true],
    ['bme-leaf-only', true],
    ['remove-before-crash', true],
    ['load-all-drivers', true],
    ['baseline-6.3+', false],
    ['baseline-7.x', false],
    ['skip-portdrv-disable', false],
    ['pcie_ports=compat', false],
  ])('%s: no Unsupported Request; DMA stopped %s', (policy, dmaStopped) => {
    for (const scenario of scenarios) {
      const { outcome, unsupportedRequests, dmaStopped: stopped } = of(scenario, policy);
      expect([scenario, outcome, unsupportedRequests.length, stopped]).toEqual([scenario, 'clean', 0, dmaStopped]);
    }
  });

  it.each(['baseline', 'baseline-4.18..6.2', 'rfc-kdump-bme-nostate'])('%s: an NMI', (policy) => {
    for (const scenario of scenarios) expect(of(scenario, policy).outcome).toBe('nmi');
  });

  it('say who is bound', () => {
    const nic = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => `06:00.${n}`);
    expect(outcomes.map(({ bound, unbound }) => ({ bound, unbound }))).toEqual([
      { bound: nic, unbound: ['07:00.0'] },
      { bound: ['07:00.0'], unbound: nic },
    ]);
  });
});

describe('the first failure', () => {
  it('is a memory write of 07:00.0 that 00:02.2 logs', () => {
    const failure = firstFailure(hpeGen9, overNetwork, policyNamed('baseline'))!;
    const { arena } = failure.fabric;
    expect(arena.name(failure.request.reporter)).toBe('00:02.2');
    expect(failure.request.hops.map(({ fn, action }) => [arena.name(fn), action])).toEqual([
      ['07:00.0', 'send'],
      ['00:02.2', 'refuse'],
    ]);
    expect(failure.registers.command & 4).toBe(0);
    expect(failure.registers.deviceStatus & 0xa).toBe(0xa);
    expect(failure.registers.aer).toMatchObject({
      uncorrectableStatus: 0x00100000,
      firstErrorPointer: 20,
      loggedTlp: { type: 'MWr', requesterId: 0x0700, lengthDw: 1 },
    });
    expect(failure.registers.aer!.headerLog[0]).toBe(0x40000001);
  });

  it('is none where a remedy works', () => {
    expect(firstFailure(hpeGen9, overNetwork, policyNamed('rfc-kdump-bme'))).toBeUndefined();
  });
});

describe('four platforms', () => {
  it('react to the same failure in their own ways', () => {
    const reactions = runReactions(hpeGen9, overNetwork, policyNamed('baseline'));
    const outcome = (id: string) => reactions.find(({ reaction }) => reaction === id)!.result.outcome;
    expect([outcome('serr-nmi'), outcome('firmware-first-nmi'), outcome('firmware-first-reset')]).toEqual([
      'nmi',
      'nmi',
      'reset',
    ]);
    // The OS that owns AER has taken the port's enables away, or its MSI is stopped with the port's Bus Master Enable.
    expect(outcome('native')).toBe('unreported');
  });
});
