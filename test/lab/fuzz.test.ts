/** A campaign's runs, as walks and on the fabric. */
import { describe, expect, it } from 'vitest';
import { Fuzzer, type FuzzSpec } from '../../src/lab/fuzz.ts';
import { machineOfPlatform } from '../../src/lab/machine.ts';
import { defaultSpec, type ShutdownSpec } from '../../src/lab/shutdown-spec.ts';
import { policies } from '../../src/linux/policies/index.ts';
import { hpeGen9 } from '../../src/platforms/hpe-gen9.ts';

const machine = machineOfPlatform(hpeGen9);

function campaign(shutdown: Partial<ShutdownSpec>, orders: FuzzSpec['orders'] = 'any'): FuzzSpec {
  return {
    machine,
    shutdown: { ...defaultSpec(machine), ...shutdown },
    runs: 24,
    seed: 7,
    shard: { index: 1, of: 1 },
    orders,
  };
}

describe('a run fails where it does on the fabric', () => {
  it.each(policies.map(({ id, preserves }) => ({ id, preserve: preserves ? ['07:00.0'] : [] })))(
    '$id',
    ({ id, preserve }) => {
      const fuzzer = new Fuzzer(campaign({ policies: [id], preserve }));
      const onFabric = Array.from({ length: 24 }, (_, run) => fuzzer.run(run).unsupportedRequests.length > 0);
      expect(Array.from({ length: 24 }, (_, run) => fuzzer.fails(run))).toEqual(onFabric);
    },
  );

  // What no order alone decides, and what is no order of one kernel.
  it.each<[string, Partial<ShutdownSpec>]>([
    ['rates', { policies: ['rfc-kdump-bme'], rates: { '*': 0.02 } }],
    ['a second kernel after kexec', { path: 'kexec', bindings: { second_kernel: [] } }],
  ])('%s', (_, shutdown) => {
    const fuzzer = new Fuzzer(campaign(shutdown));
    const { failures, firstFailure } = fuzzer.chunk(0);
    const failing = Array.from({ length: 24 }, (_, run) => run).filter(
      (run) => fuzzer.run(run).unsupportedRequests.length > 0,
    );
    expect([failures, firstFailure]).toEqual([failing.length, failing[0] ?? -1]);
    expect(failures).toBeGreaterThan(0);
    expect(failures).toBeLessThan(24);
  });
});

describe('asynchronous shutdown', () => {
  it('has everything behind a bridge before it, as a walk and on the fabric', () => {
    const fuzzer = new Fuzzer(campaign({ policies: ['rfc-kdump-bme'] }, 'async'));
    for (let run = 0; run < 24; run++) {
      const { phases, unsupportedRequests } = fuzzer.run(run);
      const place = phases.second_kernel_shutdown!.shutdownCalls.map(({ name }) => name);
      for (const [below, above] of [
        ['06:00.0', '00:02.0'],
        ['06:00.7', '00:02.0'],
        ['07:00.0', '00:02.2'],
      ] as const)
        expect(place.indexOf(below)).toBeLessThan(place.indexOf(above));
      expect([unsupportedRequests.length, fuzzer.fails(run)]).toEqual([0, false]);
    }
  });
});
