/** Every policy keeps what it promises, on any machine; and those that promise nothing can be caught. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fabric } from '../../src/fabric/fabric.ts';
import { runShutdown } from '../../src/lab/shutdown-run.ts';
import { parseKernelVersion } from '../../src/linux/kernel-version.ts';
import { policies, policyNamed } from '../../src/linux/policies/index.ts';
import { device, port } from '../generators/functions.ts';
import { runs } from '../generators/runs.ts';
import { plant } from '../generators/trees.ts';
import { anyCase, type Case, shutDown } from './shutdowns.ts';

describe('where a policy says that a situation is safe, there is no Unsupported Request', () => {
  it.each(policies.map((policy) => ({ id: policy.id, policy })))(
    '$id',
    ({ policy }) => {
      let covered = 0;
      fc.assert(
        fc.property(anyCase, (one) => {
          const { isSafe, refusals, completions, newlyShowing } = shutDown(one, policy);
          if (!isSafe) return;
          covered++;
          expect({ refusals, completions, newlyShowing }).toEqual({ refusals: [], completions: 0, newlyShowing: [] });
        }),
        runs(120),
      );
      // A promise that never applies would be kept by chance.
      expect(covered).toBeGreaterThan(5);
    },
    20_000,
  );
});

describe('no policy promises anything for a machine that refuses already', () => {
  it.each([
    ['Bus Master Enable of the port is clear', { command: 0x0003 }, {}, 'reboot', -1],
    ['the port is in D3hot', { powerState: 3 }, {}, 'reboot', -1],
    ['Bus Master Enable of the port is clear', { command: 0x0003 }, {}, 'kexec', -1],
    ['and the function sleeps, until its driver wakes it', { command: 0x0003 }, { powerState: 3 }, 'reboot', 0],
  ] as const)('%s: %j, %j, %s', (_, ofPort, ofDevice, path, step) => {
    for (const policy of policies)
      for (const kernel of ['4.17', '6.1', '6.12', '7.3']) {
        const fabric = new Fabric([port('00:01.0', 'Root Port', 1, 1, ofPort), device('01:00.0', ofDevice)]);
        let isSafe: boolean | undefined;
        const { unsupportedRequests } = runShutdown(fabric, {
          kernel: parseKernelVersion(kernel),
          path,
          policies: [policy],
          drivers: (dev) => (dev.isBridge ? null : 'virtio-pci'),
          onSituation: (situation) => {
            isSafe = policy.isSafe(situation);
          },
        });
        expect([policy.id, isSafe, unsupportedRequests[0]?.step]).toEqual([policy.id, false, step]);
      }
  });
});

it('no policy counts a function as stopped whose driver wakes it and does not stop it', () => {
  for (const policy of policies) {
    const fabric = new Fabric([port('00:01.0', 'Root Port', 1, 1), device('01:00.0', { powerState: 3 })]);
    let isSafe: boolean | undefined;
    const { unsupportedRequests } = runShutdown(fabric, {
      kernel: parseKernelVersion('6.1'),
      path: 'reboot',
      policies: [policy],
      drivers: (dev) => (dev.isBridge ? 'pcieport' : 'virtio-pci'),
      onSituation: (situation) => {
        isSafe = policy.isSafe(situation);
      },
    });
    if (isSafe) expect([policy.id, unsupportedRequests.length]).toEqual([policy.id, 0]);
    if (policy.id === 'baseline') expect([isSafe, unsupportedRequests.length]).toEqual([false, 1]);
  }
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
    // At best one port whose Bus Master Enable falls, and one function below it that nothing stops.
    const { functions, bindings } = plant(flat(one).devices);
    expect(functions.length).toBeLessThanOrEqual(4);
    // Without the remedy only pcieport clears a port's bit.
    if (id.startsWith('baseline')) expect(bindings.map(({ driver }) => driver)).toContain('pcieport');
  });
});
