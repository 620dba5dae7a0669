/** A campaign's runs, as walks and on the fabric. */
import { describe, expect, it } from 'vitest';
import { Fuzzer, type FuzzSpec } from '../../src/lab/fuzz.ts';
import { machineOfPlatform } from '../../src/lab/machine.ts';
import { defaultSpec, type ShutdownSpec } from '../../src/lab/shutdown-spec.ts';
import { policies } from '../../src/linux/policies/index.ts';
import { hpeGen9 } from '../../src/platforms/hpe-gen9.ts';

const machine = machineOfPlatform(hpeGen9);

function campaign(shutdown: Partial<ShutdownSpec>): FuzzSpec {
  return {
    machine,
    shutdown: { ...defaultSpec(machine), ...shutdown },
    runs: 64,
    seed: 7,
    shard: { index: 1, of: 1 },
  };
}

describe('a run fails where it does on the fabric', () => {
  it.each(policies.map(({ id }) => id))('%s', (id) => {
    const fuzzer = new Fuzzer(campaign({ policies: [id] }));
    const onFabric = Array.from({ length: 24 }, (_, run) => fuzzer.run(run).unsupportedRequests.length > 0);
    expect(Array.from({ length: 24 }, (_, run) => fuzzer.fails(run))).toEqual(onFabric);
  });

  // What no order alone decides, and what is no order of one kernel.
  it.each<[string, Partial<ShutdownSpec>]>([
    ['rates', { policies: ['rfc-kdump-bme'], rates: { '*': 0.02 } }],
    ['a second kernel after kexec', { path: 'kexec', bindings: { second_kernel: [] } }],
  ])('%s', (_, shutdown) => {
    const fuzzer = new Fuzzer(campaign(shutdown));
    const { failures, firstFailure } = fuzzer.chunk(0);
    const failing = Array.from({ length: 64 }, (_, run) => run).filter(
      (run) => fuzzer.run(run).unsupportedRequests.length > 0,
    );
    expect([failures, firstFailure]).toEqual([failing.length, failing[0] ?? -1]);
    expect(failures).toBeGreaterThan(0);
    expect(failures).toBeLessThan(64);
  });
});
