/** The catalogue of remedies on the thread's machine: who refuses, whether DMA stops, what becomes of memory; and what each promises anywhere. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fabric } from '../../src/fabric/fabric.ts';
import { NONE } from '../../src/fabric/topology.ts';
import { runScenario, runScenarios } from '../../src/lab/case.ts';
import { Random } from '../../src/lab/random.ts';
import { runShutdown } from '../../src/lab/shutdown-run.ts';
import { kernelRules } from '../../src/linux/kernel-rules.ts';
import { parseKernelVersion } from '../../src/linux/kernel-version.ts';
import { expectNoContradiction, policies, policyNamed } from '../../src/linux/policies/index.ts';
import { hpeGen9 } from '../../src/platforms/hpe-gen9.ts';
import { device, port } from '../generators/functions.ts';
import { runs } from '../generators/runs.ts';
import { anyCase, type Case, shutDown } from './shutdowns.ts';

const outcomes = runScenarios(hpeGen9);

/** Remedy; who refuses when hpsa is left out, and when the NIC is; whether DMA stops; memory; the outcome. */
const catalogue: readonly (readonly [string, string, string, boolean, string, string])[] = [
  ['baseline-4.3..4.17', '', '', false, 'at risk', 'clean'],
  ['baseline-4.18..6.2', '00:02.2', '00:02.0', false, 'at risk', 'nmi'],
  ['baseline-6.3+', '', '', false, 'at risk', 'clean'],
  ['baseline-7.x', '', '', false, 'at risk', 'clean'],
  ['kexec', '', '', true, 'no crash', 'clean'],
  ['rfc-kdump-bme', '', '', true, 'at risk', 'clean'],
  ['rfc-kdump-bme-nostate', '00:02.2', '00:02.0', false, 'at risk', 'nmi'],
  ['bme-all-always', '', '', true, 'at risk', 'clean'],
  ['bme-leaf-only', '', '', true, 'at risk', 'clean'],
  ['skip-portdrv-disable', '', '', false, 'at risk', 'clean'],
  ['portdrv-walk-children', '', '', true, 'at risk', 'clean'],
  ['reverse-order-bug', '00:02.2 00:02.0', '00:02.2 00:02.0', false, 'at risk', 'nmi'],
  ['crash-shootdown', '', '', true, 'safe', 'clean'],
  ['crash-table', '', '', true, 'safe', 'clean'],
  // What the root complex refuses no port reports; then the kernel closes the port all the same.
  ['crash-hostbridge', 'root complex 00:02.2', 'root complex 00:02.0', false, 'safe', 'nmi'],
  ['boot-bme-clear', '', '', true, 'safe after boot', 'clean'],
  ['boot-bme-clear-topdown', '00:02.0 00:02.2', '00:02.0 00:02.2', true, 'safe after boot', 'nmi'],
  ['efi-disable-early-dma', '00:02.0 00:02.2', '00:02.0 00:02.2', false, 'at risk', 'nmi'],
  ['boot-hot-reset', '', '', true, 'safe after boot', 'clean'],
  ['boot-flr', '', '', true, 'safe after boot', 'clean'],
  ['link-disable', '', '', true, 'safe after boot', 'clean'],
  ['reset_devices', '00:02.2', '00:02.0', false, 'at risk', 'nmi'],
  ['load-all-drivers', '', '', true, 'safe after boot', 'clean'],
  ['iommu-copy', '00:02.2', '00:02.0', false, 'at risk', 'nmi'],
  ['iommu-off', '00:02.2', '00:02.0', false, 'at risk', 'nmi'],
  ['pcie_ports=compat', '', '', false, 'at risk', 'clean'],
  ['pci=noaer', '00:02.2', '00:02.0', false, 'at risk', 'nmi'],
  ['mask-ur', '00:02.2', '00:02.0', false, 'at risk', 'unreported'],
  // The machine's ports have no DPC; see below for one that has.
  ['dpc', '00:02.2', '00:02.0', false, 'at risk', 'nmi'],
  ['live-update-preserve', '', '', false, 'no crash', 'clean'],
  ['remove-before-crash', '', '', true, 'safe after boot', 'clean'],
];

describe("the catalogue on the thread's machine", () => {
  it.each(catalogue)('%s', (id, hpsaLeftOut, nicLeftOut, stops, memory, outcome) => {
    const seen = outcomes.map(({ policies: all }) => {
      const one = all.find(({ policy }) => policy.id === id)!;
      const { arena } = one.fabric;
      const reporters = new Set(
        one.result.unsupportedRequests.map(({ reporter }) =>
          reporter === NONE ? 'root complex' : arena.name(reporter),
        ),
      );
      return [[...reporters].join(' '), one.result.dmaStopped, one.memory ?? 'no crash', one.result.outcome];
    });
    expect(seen).toEqual([
      [hpsaLeftOut, stops, memory, outcome],
      [nicLeftOut, stops, memory, outcome],
    ]);
  });

  it('has every remedy', () => {
    const rows = new Set(catalogue.map(([id]) => id));
    expect(policies.map(({ id }) => id).filter((id) => !rows.has(id) && id !== 'baseline')).toEqual([]);
  });
});

const [overNetwork] = hpeGen9.scenarios as [(typeof hpeGen9.scenarios)[0]];
const run = (id: string) => runScenario(hpeGen9, overNetwork, policyNamed(id)).result;

describe('what is written, and when', () => {
  const commandsOf = (id: string, phase: 'setup' | 'crash' | 'boot') =>
    run(id).phases[phase]!.writes.map(
      ({ dev, offset, value }) => `${dev.name} ${offset.toString(16)} ${value.toString(16)}`,
    );

  it('crash-shootdown and crash-table write the same, leaves first', () => {
    const writes = commandsOf('crash-shootdown', 'crash');
    expect(writes).toEqual(commandsOf('crash-table', 'crash'));
    expect([writes[0], writes.at(-1), writes.length]).toEqual(['07:00.0 4 542', '00:01.0 4 403', 14]);
  });

  it('crash-table reads nothing after the panic', () => {
    const functions = hpeGen9.functions();
    const reads = (id: string) => {
      const fabric = new Fabric(functions);
      let count = 0;
      let crashed = false;
      const read = fabric.configRead.bind(fabric);
      fabric.configRead = (...access) => {
        if (crashed) count++;
        return read(...access);
      };
      runShutdown(fabric, {
        kernel: parseKernelVersion('5.5'),
        path: 'crash',
        policies: [policyNamed(id)],
        onAttempt: (_, { phase }) => {
          crashed = phase === 'crash';
        },
      });
      return count;
    };
    // One of each function; beside them, the model looks at Command around each write.
    expect(reads('crash-shootdown') - reads('crash-table')).toBe(functions.length);
  });

  it('crash-hostbridge writes no configuration space', () => {
    expect(run('crash-hostbridge').phases.crash!.writes).toEqual([]);
  });

  it('efi-disable-early-dma closes the five bridges; pcieport opens them', () => {
    const { phases } = run('efi-disable-early-dma');
    const bridges = ['00:01.0', '00:01.1', '00:02.0', '00:02.1', '00:02.2'];
    expect(phases.boot!.bmeCleared.map(({ name }) => name)).toEqual(bridges);
    const opened = phases.boot!.writes.filter(
      ({ commandBefore, commandAfter }) => (~commandBefore & commandAfter & 4) !== 0,
    );
    expect(opened.map(({ dev }) => dev.name)).toEqual(bridges);
  });

  it('boot-hot-reset pulses Bridge Control bit 6 of the two ports above devices', () => {
    const pulses = run('boot-hot-reset').phases.boot!.writes.filter(
      ({ offset, dev }) => offset === 0x3e && dev.isBridge,
    );
    expect(pulses.map(({ dev, value }) => [dev.name, value & 0x40])).toEqual([
      ['00:02.0', 0x40],
      ['00:02.0', 0],
      ['00:02.2', 0x40],
      ['00:02.2', 0],
    ]);
  });

  it('link-disable: the port above the function that nobody drives', () => {
    const { writes } = run('link-disable').phases.boot!;
    expect(writes.at(-1)).toMatchObject({ dev: { name: '00:02.2' }, offset: 0x90 + 0x10, value: 0x52 });
  });

  it('reset_devices: the driver that heeds it clears and sets BME of its own device', () => {
    const { result } = runScenario(hpeGen9, hpeGen9.scenarios[1]!, policyNamed('reset_devices'));
    const commands = result.phases.boot!.writes.filter(({ dev, offset }) => dev.name === '07:00.0' && offset === 4);
    expect(commands.map(({ value }) => value & 4)).toEqual([0, 4]);
  });

  it('a remedy of the shutdown has no phase of its own', () => {
    expect(Object.keys(run('rfc-kdump-bme').phases)).toEqual(['shutdown', 'second_kernel_shutdown']);
    expect(Object.keys(run('crash-table').phases)).toEqual(['crash', 'shutdown', 'boot', 'second_kernel_shutdown']);
    expect(Object.keys(run('dpc').phases)).toEqual(['setup', 'shutdown', 'boot', 'second_kernel_shutdown']);
  });
});

it('boot-hot-reset spares the port above a VGA', () => {
  const fabric = new Fabric([
    port('00:01.0', 'Root Port', 1, 1),
    device('01:00.0', { classCode: 0x030000 }),
    port('00:02.0', 'Root Port', 2, 2),
    device('02:00.0'),
  ]);
  const { phases, strayDma } = runShutdown(fabric, {
    kernel: parseKernelVersion('6.12'),
    path: 'crash',
    policies: [policyNamed('boot-hot-reset')],
  });
  expect(phases.boot!.bmeCleared).toEqual([]);
  expect(strayDma!.afterBoot.map((fn) => fabric.arena.name(fn))).toEqual(['01:00.0']);
});

it('boot-flr leaves a function without FLR as it is', () => {
  const flr = { express: { 'Device Capabilities': 0x10008000 } };
  const fabric = new Fabric([
    port('00:01.0', 'Root Port', 1, 1),
    device('01:00.0', flr),
    port('00:02.0', 'Root Port', 2, 2),
    device('02:00.0'),
  ]);
  const { strayDma } = runShutdown(fabric, {
    kernel: parseKernelVersion('6.1'),
    path: 'crash',
    policies: [policyNamed('boot-flr')],
  });
  expect(strayDma!.afterBoot.map((fn) => fabric.arena.name(fn))).toEqual(['02:00.0']);
});

describe('dpc, at a port that has it', () => {
  const contained = (policy: string, os: readonly string[] = []) => {
    const fabric = new Fabric([
      port('00:01.0', 'Root Port', 1, 1, { dpc: {}, deviceControl: 0x000f }),
      device('01:00.0'),
    ]);
    const result = runShutdown(fabric, {
      kernel: parseKernelVersion('6.1'),
      path: 'crash',
      policies: [policyNamed(policy)],
      bindings: { osc: { os_controls: [...os] } },
      drivers: (dev) => (dev.isBridge ? 'pcieport' : null),
      platform: 'firmware-first-nmi',
    });
    return [result.unsupportedRequests.length, result.dmaStopped, result.outcome];
  };

  it('the UR is contained: DMA stops, and no message goes up', () => {
    expect(contained('baseline')).toEqual([1, false, 'nmi']);
    expect(contained('dpc')).toEqual([1, true, 'unreported']);
  });
});

describe('what acts before the shutdown', () => {
  const early = (ids: readonly string[]) => ids.map((id) => ({ id, policy: policyNamed(id) }));
  const onCrash = (one: Case): Case => ({ ...one, path: 'crash', shuffled: false });

  it.each(
    early([
      'crash-shootdown',
      'crash-table',
      'boot-bme-clear',
      'boot-hot-reset',
      'boot-flr',
      'link-disable',
      'mask-ur',
      'dpc',
      'remove-before-crash',
    ]),
  )('$id: no refusal until the shutdown, where nothing is closed at first', ({ policy }) => {
    let covered = 0;
    fc.assert(
      fc.property(anyCase, (one) => {
        const { earlierRefusals, brokenAtStart } = shutDown(onCrash(one), policy);
        if (brokenAtStart) return;
        covered++;
        expect(earlierRefusals).toEqual([]);
      }),
      runs(60),
    );
    expect(covered).toBeGreaterThan(5);
  });

  it.each(early(['boot-bme-clear-topdown', 'efi-disable-early-dma']))('$id: a small machine refuses', ({ policy }) => {
    const found = fc.check(
      fc.property(anyCase, (one) => {
        const { earlierRefusals, brokenAtStart } = shutDown(onCrash(one), policy);
        return brokenAtStart || earlierRefusals.length === 0;
      }),
      { numRuns: 500 },
    );
    expect(found.failed).toBe(true);
    expect(found.counterexample![0].devices.length).toBe(1);
  });

  it.each(early(['crash-shootdown', 'crash-table', 'crash-hostbridge', 'boot-bme-clear']))(
    '$id: once drivers have probed, no function without one writes memory',
    ({ policy }) => {
      fc.assert(
        fc.property(anyCase, (one) => {
          const { strayDma } = shutDown(onCrash(one), policy).result;
          expect(strayDma!.afterBoot).toEqual([]);
          if (policy.phase === 'crash') expect(strayDma!.atJump).toEqual([]);
        }),
        runs(60),
      );
    },
  );

  it('mask-ur: whatever a port with AER refuses, it sends no message', () => {
    let refused = 0;
    fc.assert(
      fc.property(anyCase, (one) => {
        const { result, fabric } = shutDown(onCrash(one), policyNamed('mask-ur'));
        for (const { reporter, phase, attempt } of result.unsupportedRequests) {
          if (phase !== 'second_kernel_shutdown' || reporter === NONE || fabric.arena.layout[reporter]!.aer === 0)
            continue;
          refused++;
          expect(attempt.delivery.report?.message).toBeUndefined();
        }
      }),
      runs(100),
    );
    expect(refused).toBeGreaterThan(5);
  });
});

it('portdrv-walk-children: no refusal in any order where only the port driver closes ports', () => {
  fc.assert(
    fc.property(anyCase, fc.nat(), (one, seed) => {
      const random = new Random(seed);
      const { refusals, refusedBefore } = shutDown(
        { ...one, path: one.path === 'kexec' ? 'reboot' : one.path },
        policyNamed('portdrv-walk-children'),
        undefined,
        () => ({ order: (order) => random.shuffled(order) }),
      );
      if (!refusedBefore) expect(refusals).toEqual([]);
    }),
    runs(150),
  );
});

it('live-update-preserve: nothing preserved is refused, nothing else goes on, where states are known', () => {
  let preserved = 0;
  fc.assert(
    fc.property(anyCase, fc.infiniteStream(fc.boolean()), (one, bits) => {
      const kept = new Set<number>();
      const { refusals, refusedBefore, result, fabric } = shutDown(
        { ...one, kernel: '7.3', path: 'kexec', shuffled: false, rate: undefined, devices: withoutStates(one.devices) },
        policyNamed('live-update-preserve'),
        undefined,
        ({ arena }) => {
          for (let fn = 0; fn < arena.count; fn++)
            if (arena.layout[fn]!.headerType === 0 && bits.next().value === true) kept.add(fn);
          return { preserve: kept };
        },
      );
      if (refusedBefore) return;
      expect(refusals).toEqual([]);
      const { arena } = fabric;
      for (const dev of result.devices) {
        const fn = arena.find(dev.segment, dev.routingId);
        if (dev.isBridge || (arena.command(fn) & 4) === 0) continue;
        // What still may send was preserved.
        expect([dev.name, kept.has(fn)]).toEqual([dev.name, true]);
        preserved++;
      }
    }),
    runs(100),
  );
  expect(preserved).toBeGreaterThan(20);
});

/** Every function in D0, as enumeration left it. */
function withoutStates(devices: Case['devices']): Case['devices'] {
  return JSON.parse(JSON.stringify(devices), (key, value) =>
    key === 'powerState' ? undefined : key === 'asleep' ? false : value,
  ) as Case['devices'];
}

it('link-disable and mask-ur act before a reboot as well', () => {
  for (const id of ['link-disable', 'mask-ur']) {
    const { phases, unsupportedRequests, outcome } = runScenario(hpeGen9, overNetwork, policyNamed(id), {
      path: 'reboot',
      drivers: (dev) => (dev.isBridge ? 'pcieport' : null),
    }).result;
    expect(phases.setup!.writes.length).toBeGreaterThan(0);
    expect([id, unsupportedRequests.length > 0, outcome === 'nmi']).toEqual([id, id === 'mask-ur', false]);
  }
});

describe('several remedies at once', () => {
  const release = kernelRules(parseKernelVersion('5.5'));
  const contradiction = (...ids: string[]) => {
    try {
      expectNoContradiction(ids.map(policyNamed), release);
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  };

  it.each([
    [['rfc-kdump-bme', 'bme-leaf-only'], 'each says when a shutdown clears Bus Master Enable'],
    [['kexec', 'live-update-preserve'], undefined],
    [['baseline-6.3+', 'baseline-7.x'], 'each stands for a release'],
    [['load-all-drivers', 'remove-before-crash'], 'each says which drivers the second kernel has'],
    [['efi-disable-early-dma', 'rfc-kdump-bme'], undefined],
    [['rfc-kdump-bme', 'rfc-kdump-bme-nostate'], undefined],
    [['pcie_ports=compat', 'skip-portdrv-disable', 'baseline-4.18..6.2', 'mask-ur'], undefined],
  ])('%j: %s', (ids, what) => {
    expect(contradiction(...ids)).toBe(
      what === undefined ? undefined : `${ids[0]} and ${ids[1]} contradict each other: ${what}`,
    );
  });

  it('what comes of them does not depend on their order', () => {
    const all = fc.subarray(
      policies.filter(({ preserves }) => !preserves).map(({ id }) => id),
      { maxLength: 3 },
    );
    fc.assert(
      fc.property(anyCase, all, (one, ids) => {
        if (contradiction(...ids) !== undefined) return;
        const seen = [ids, [...ids].reverse()].map((order) => {
          const { result, refusals } = shutDown(one, order.map(policyNamed));
          return { refusals, outcome: result.outcome, stopped: result.dmaStopped, stray: result.strayDma };
        });
        expect(seen[0]).toEqual(seen[1]);
      }),
      runs(100),
    );
  });

  it('and where each of them promises it, there is no Unsupported Request', () => {
    let covered = 0;
    const some = fc.subarray(
      policies.map(({ id }) => id),
      { minLength: 2, maxLength: 3 },
    );
    fc.assert(
      fc.property(anyCase, some, (one, ids) => {
        if (contradiction(...ids) !== undefined) return;
        const { isSafe, refusals } = shutDown(one, ids.map(policyNamed));
        if (!isSafe) return;
        covered++;
        expect([ids, refusals]).toEqual([ids, []]);
      }),
      runs(200),
    );
    expect(covered).toBeGreaterThan(20);
  });

  it('the RFC does not help where bridges come first, nor after the EFI stub has closed them', () => {
    const of = (...ids: string[]) =>
      runScenario(hpeGen9, overNetwork, policyNamed('baseline'), { policies: ids.map(policyNamed) }).result;
    expect(of('reverse-order-bug', 'rfc-kdump-bme').outcome).toBe('nmi');
    const both = of('efi-disable-early-dma', 'rfc-kdump-bme');
    expect([...new Set(both.unsupportedRequests.map(({ phase }) => phase))]).toEqual(['boot']);
    expect(both.dmaStopped).toBe(true);
  });
});
