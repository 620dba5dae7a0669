/** What is refused before the shutdown writes anything, and what a partial binding leaves as it was. */
import { expect, it } from 'vitest';
import { Fabric } from '../../src/fabric/fabric.ts';
import { printLspci } from '../../src/formats/lspci-dump.ts';
import { imagesOf, readLspci } from '../../src/formats/lspci-text.ts';
import { assemble, driverOf, machineOfPlatform } from '../../src/lab/machine.ts';
import { shutdownJson } from '../../src/lab/shutdown-json.ts';
import { runShutdown } from '../../src/lab/shutdown-run.ts';
import { defaultSpec, optionsOf } from '../../src/lab/shutdown-spec.ts';
import { parseKernelVersion } from '../../src/linux/kernel-version.ts';
import { hpeGen9 } from '../../src/platforms/hpe-gen9.ts';

const machine = machineOfPlatform(hpeGen9);

it('reports a request that is refused before the first write, with step -1, writes or none', () => {
  for (const kernel of ['6.1', '6.12']) {
    const { fabric } = assemble(machine);
    const port = fabric.arena.find(0, 0x0012);
    fabric.arena.poke(port, 4, 2, 0x0003);
    const result = runShutdown(fabric, {
      kernel: parseKernelVersion(kernel),
      path: 'reboot',
      drivers: () => null,
      dma: new Set([fabric.arena.find(0, 0x0700)]),
    });
    expect(shutdownJson(fabric.arena, result).unsupported_requests).toMatchObject([
      { step: -1, requester: '07:00.0', reporter: '00:02.2', kind: 'dma' },
      { step: -1, requester: '07:00.0', reporter: '00:02.2', kind: 'msi' },
    ]);
  }
});

it('keeps the first kernel’s driver where a second_kernel entry does not name one', () => {
  const { fabric } = assemble(machine);
  const bindings = { osc: machine.osc, second_kernel: [{ bdf: '00:02.2', enable_count: 1 }] };
  const result = runShutdown(fabric, optionsOf({ ...defaultSpec(machine), bindings }, machine, fabric));
  expect(result.outcome).toBe('nmi');
});

it('shows a refusal below a port of which only the header is known', () => {
  const text = printLspci(hpeGen9.functions().map((image) => ({ ...image, bytes: image.bytes.slice(0, 64) })));
  const fabric = new Fabric(imagesOf(readLspci(text)));
  const result = runShutdown(fabric, {
    kernel: parseKernelVersion('6.1'),
    path: 'reboot',
    drivers: (dev) => (dev.isBridge ? 'pcieport' : driverOf(machine)(dev)),
    dma: new Set([fabric.arena.find(0, 0x0700)]),
  });
  expect(result.phases.shutdown?.bmeCleared.map(({ name }) => name)).toContain('00:02.2');
  // hpsa stops its device first; without a driver it would go on.
  expect(result.outcome).toBe('clean');
  const unbound = runShutdown(new Fabric(imagesOf(readLspci(text))), {
    kernel: parseKernelVersion('6.1'),
    path: 'reboot',
    drivers: (dev) => (dev.isBridge ? 'pcieport' : null),
  });
  expect(unbound.outcome).toBe('unreported');
});
