/** What a kernel takes from bindings, and what its drivers and its boot do, seen in the registers. */
import { describe, expect, it } from 'vitest';
import { Fabric } from '../../src/fabric/fabric.ts';
import { runShutdown, type ShutdownOptions } from '../../src/lab/shutdown-run.ts';
import { parseKernelVersion } from '../../src/linux/kernel-version.ts';
import type { PciDev } from '../../src/linux/pci-dev.ts';
import { policyNamed } from '../../src/linux/policies/index.ts';
import { device, EXPRESS, type PortOptions, port } from '../generators/functions.ts';
import { fabricOf, recording } from './recorded.ts';

const PORT = 0;
const ENDPOINT = 1;
const PM_CONTROL = 0x44;
const AER_ROOT_COMMAND = 0x12c;
const ROOT_CONTROL = EXPRESS + 0x1c;

const small = (options: PortOptions = {}, command = 0x0007) =>
  new Fabric([port('00:01.0', 'Root Port', 1, 1, options), device('01:00.0', { command })]);

/** The kernel's view of its devices just before the shutdown that counts. */
function seenBefore(fabric: Fabric, options: Partial<ShutdownOptions>) {
  let devices: readonly Pick<PciDev, 'name' | 'driver' | 'enableCnt' | 'services'>[] = [];
  runShutdown(fabric, {
    kernel: parseKernelVersion('6.1'),
    path: 'reboot',
    ...options,
    onSituation: ({ kernel }) => {
      devices = kernel.devices.map((dev) => ({ ...dev }));
    },
  });
  return Object.fromEntries(devices.map((dev) => [dev.name, dev]));
}

describe('a driver that puts its function to sleep', () => {
  it.each([
    ['poweroff', 3],
    ['reboot', 0],
  ] as const)('on %s leaves PowerState %i', (path, state) => {
    const fabric = small();
    runShutdown(fabric, {
      kernel: parseKernelVersion('6.12'),
      path,
      drivers: (dev) => (dev.isBridge ? null : 'ixgbe'),
    });
    expect(fabric.arena.u16(ENDPOINT, PM_CONTROL) & 3).toBe(state);
  });
});

it('does not run a path that there is not', () => {
  expect(() => seenBefore(small(), { path: 'halt' as 'reboot' })).toThrow(
    new RangeError('path: expected one of reboot, poweroff, kexec, crash, got "halt"'),
  );
});

describe('recorded bindings', () => {
  const recorded = { bdf: '00:01.0', driver: 'pcieport', enable_count: 2, power_state: 'D0', services: ['PME', 'AER'] };

  it('count as recorded', () => {
    const port = seenBefore(small(), { bindings: { first_kernel: [recorded] }, drivers: () => null })['00:01.0']!;
    expect([port.driver, port.enableCnt, port.services]).toEqual(['pcieport', 2, ['PME', 'AER']]);
  });

  it('of pcieport no longer hold without it', () => {
    const port = seenBefore(small(), {
      policies: [policyNamed('pcie_ports=compat')],
      bindings: { first_kernel: [recorded] },
      drivers: () => null,
    })['00:01.0']!;
    expect([port.driver, port.enableCnt, port.services]).toEqual([null, 0, []]);
  });

  it.each<[string, PortOptions, string[]]>([
    ['no AER', { aer: false }, ['PME']],
    ['everything', {}, ['PME', 'AER']],
  ])('name services that a port with %s has registers for', (_, options, services) => {
    const all = { ...recorded, services: ['PME', 'AER', 'pciehp', 'DPC', 'bwctrl'] };
    const port = seenBefore(small(options), { bindings: { first_kernel: [all] } })['00:01.0']!;
    expect(port.services).toEqual(services);
  });
});

describe('a dump of headers alone, with the bindings of the machine', () => {
  const recorded = recording('61-all-reboot');

  it.each(['reboot', 'kexec', 'crash'] as const)('on %s has no write but to Command', (path) => {
    const full = fabricOf(recorded);
    const headers = Array.from({ length: full.arena.count }, (_, fn) => ({
      segment: full.arena.segment[fn]!,
      routingId: full.arena.routingId[fn]!,
      bytes: Uint8Array.from({ length: 256 }, (_, i) => (i < 64 ? full.arena.u8(fn, i) : 0)),
      headerOnly: true,
    }));
    const fabric = new Fabric(headers);
    const before = fabric.checkpoint();
    const result = runShutdown(fabric, {
      kernel: parseKernelVersion('6.1'),
      path,
      bindings: { ...recorded, second_kernel: path === 'crash' ? recorded.first_kernel : null },
      dma: 'none',
    });
    const offsets = Object.values(result.phases).flatMap((phase) => phase.writes.map(({ offset }) => offset));
    // i801_smbus writes its own host configuration back.
    expect([...new Set(offsets)].filter((offset) => offset !== 0x40)).toEqual([4]);
    for (let fn = 0; fn < fabric.arena.count; fn++)
      expect(fabric.arena.space(fn).slice(8, 64), fabric.arena.name(fn)).toEqual(
        before.bytes.slice(fabric.arena.base[fn]! + 8, fabric.arena.base[fn]! + 64),
      );
  });
});

describe('the boot of a second kernel', () => {
  const crash: Partial<ShutdownOptions> = {
    path: 'crash',
    drivers: (dev) => (dev.isBridge ? 'pcieport' : 'hpsa'),
  };

  it('sets what the services need', () => {
    const fabric = small({ rootErrorCommand: 0 });
    let seen: number[] = [];
    runShutdown(fabric, {
      kernel: parseKernelVersion('6.1'),
      path: 'crash',
      ...crash,
      onSituation: () => {
        seen = [fabric.arena.u16(PORT, ROOT_CONTROL), fabric.arena.u32(PORT, AER_ROOT_COMMAND)];
      },
    });
    // PME Interrupt Enable; Root Error Command's three enables.
    expect(seen).toEqual([0x0008, 0x0007]);
  });

  it('keeps a recorded count above 1: one pci_disable_device() then leaves Bus Master Enable', () => {
    const run = (enable_count: number) => {
      const fabric = small();
      const second_kernel = [{ bdf: '01:00.0', driver: 'hpsa', enable_count }];
      runShutdown(fabric, { kernel: parseKernelVersion('6.12'), path: 'crash', ...crash, bindings: { second_kernel } });
      return fabric.arena.command(ENDPOINT) & 4;
    };
    expect([run(1), run(2)]).toEqual([0, 4]);
  });

  it('sets a device to work again that the first kernel stopped', () => {
    const fabric = small();
    const senders: string[] = [];
    runShutdown(fabric, {
      kernel: parseKernelVersion('6.12'),
      path: 'kexec',
      drivers: crash.drivers!,
      bindings: { second_kernel: [{ bdf: '01:00.0', driver: 'hpsa' }] },
      onAttempt: ({ fn }, { phase, step }) => senders.push(`${phase} ${step} ${fabric.arena.name(fn)}`),
    });
    expect(senders).toContain('second_kernel_shutdown -1 01:00.0');
  });

  it('opens the bridges above a function whose Command is recorded, as far as theirs are not', () => {
    const commands = (second_kernel: { bdf: string; driver: string | null; command: string }[]) => {
      const fabric = small({ command: 0x0003 });
      let seen: number[] = [];
      runShutdown(fabric, {
        kernel: parseKernelVersion('6.12'),
        path: 'crash',
        drivers: (dev) => (dev.isBridge ? null : 'hpsa'),
        bindings: { second_kernel },
        onSituation: () => {
          seen = [fabric.arena.command(PORT), fabric.arena.command(ENDPOINT)];
        },
      });
      return seen;
    };
    const endpoint = { bdf: '01:00.0', driver: 'hpsa', command: '0506' };
    expect(commands([endpoint])).toEqual([0x0007, 0x0506]);
    expect(commands([endpoint, { bdf: '00:01.0', driver: null, command: '0003' }])).toEqual([0x0003, 0x0506]);
  });
});

describe('a function that sleeps in D3hot without No_Soft_Reset', () => {
  const asleep = (path: 'reboot' | 'crash') => {
    const [bridge, nvme] = [
      port('00:01.0', 'Root Port', 1, 1, { powerState: 3 }),
      device('01:00.0', { powerState: 3 }),
    ];
    // The generators' functions have No_Soft_Reset.
    for (const { bytes } of [bridge, nvme]) bytes[0x44]! &= ~8;
    const fabric = new Fabric([bridge, nvme]);
    const result = runShutdown(fabric, {
      kernel: parseKernelVersion('6.1'),
      path,
      drivers: (dev) => (dev.isBridge ? 'pcieport' : 'nvme'),
    });
    return { fabric, result };
  };

  it.each(['reboot', 'crash'] as const)('gets back what waking it has reset: %s', (path) => {
    const { fabric, result } = asleep(path);
    expect([fabric.arena.u8(0, 0x19), fabric.arena.u16(0, 0x20)]).toEqual([1, 0xfff0]);
    const phase = result.phases.second_kernel_shutdown ?? result.phases.shutdown!;
    expect(phase.bmeCleared.map(({ name }) => name)).toEqual(['01:00.0', '00:01.0']);
    expect(fabric.arena.command(1) & 4).toBe(0);
  });
});
