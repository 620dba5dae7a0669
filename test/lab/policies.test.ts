/** Every policy keeps what it promises, on any machine; and those that promise nothing can be caught. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { policies, policyNamed } from '../../src/linux/policies/index.ts';
import { runs } from '../generators/runs.ts';
import { plant } from '../generators/trees.ts';
import { anyCase, type Case, shutDown } from './shutdowns.ts';

describe('where a policy says that a situation is safe, there is no Unsupported Request', () => {
  it.each(policies.map((policy) => ({ id: policy.id, policy })))('$id', ({ policy }) => {
    let covered = 0;
    fc.assert(
      fc.property(anyCase, (one) => {
        const { isSafe, refusedBefore, refusals, completions, newlyShowing } = shutDown(one, policy);
        if (!isSafe || refusedBefore) return;
        covered++;
        expect({ refusals, completions, newlyShowing }).toEqual({ refusals: [], completions: 0, newlyShowing: [] });
      }),
      runs(250),
    );
    // A promise that never applies would be kept by chance.
    expect(covered).toBeGreaterThan(10);
  });
});

describe('policies that promise nothing in general: a small machine shows it', () => {
  const isClean = (one: Case, id: string) => {
    const { refusedBefore, refusals } = shutDown(one, policyNamed(id));
    return refusedBefore || refusals.length === 0;
  };

  /** Endpoints right below root ports: the simplest machines that have a port at all. */
  const flat = (one: Case): Case => ({
    ...one,
    path: 'crash',
    kernel: '6.1',
    rate: undefined,
    devices: one.devices.map((root) => ({ ...root, integrated: false, below: { ...root.below, kind: 'endpoint' } })),
  });

  it.each(['baseline-4.18..6.2', 'rfc-kdump-bme-nostate'])('%s', (id) => {
    const found = fc.check(
      fc.property(anyCase, (one) => isClean(flat(one), id)),
      { numRuns: 2000 },
    );
    expect(found.failed).toBe(true);
    const [one] = found.counterexample!;
    // At best one port that pcieport disables, and one function below it that nothing stops.
    const { functions, bindings } = plant(flat(one).devices);
    expect(functions.length).toBeLessThanOrEqual(4);
    expect(new Set(bindings.map(({ driver }) => driver))).toEqual(new Set(['pcieport', null]));
  });
});
