/**
 * The machine of the fabric tests:
 *
 *     00:1c.0 root port ── 01:00.0 upstream ─┬─ 02:00.0 downstream ── 03:00.0 endpoint, BAR at F00h MiB
 *                                            └─ 02:01.0 downstream ── 04:00.0 bridge to PCI ─┬─ 05:00.0 BAR at F01h MiB
 *                                                                                            └─ 05:01.0
 *     00:1d.0 root port ── 06:00.0 endpoint, BAR at F10h MiB, prefetchable BAR at 38_0000_0000h
 *     00:1e.0 root port, nothing attached
 *     00:1f.0 integrated endpoint
 */
import { routingId } from '../../src/config/bdf.ts';
import { Fabric } from '../../src/fabric/fabric.ts';
import type { RoutingOptions } from '../../src/fabric/routing-options.ts';
import { conventional, device, type EndpointOptions, type PortOptions, port } from '../generators/functions.ts';

export type Name = '1c' | 'up' | 'downA' | 'downB' | 'ep' | 'bridge' | 'pci0' | 'pci1' | '1d' | 'ep2' | '1e' | 'rciep';

const PREFETCHABLE_MIB = 0x38_0000_0000 / 0x100000;

export interface TestMachine {
  readonly fabric: Fabric;
  readonly fn: Readonly<Record<Name, number>>;
}

/** ARI Forwarding; AtomicOps of every size and deferrable writes, routed and completed. */
const allRequests = { deviceCapabilities2: 0x100003e0, device3: { capabilities: 1 } } as const;

/** @param options what differs, by function */
export function machine(
  options: Partial<Record<Name, PortOptions & EndpointOptions>> = {},
  routing: RoutingOptions = {},
): TestMachine {
  const memory = [0xf00, 0xf01] as const;
  const names: Name[] = ['1c', 'up', 'downA', 'ep', 'downB', 'bridge', 'pci0', 'pci1', '1d', 'ep2', '1e', 'rciep'];
  const fabric = new Fabric(
    [
      port('00:1c.0', 'Root Port', 1, 5, { memory, io: [1, 2], ...allRequests, ...options['1c'] }),
      port('01:00.0', 'Switch Upstream Port', 2, 5, { memory, io: [1, 2], ...allRequests, ...options.up }),
      port('02:00.0', 'Switch Downstream Port', 3, 3, {
        memory: [0xf00, 0xf00],
        io: [1, 1],
        ...allRequests,
        ...options.downA,
      }),
      device('03:00.0', { bar: 0xf00, ioBar: 0x1000, ...allRequests, ...options.ep }),
      port('02:01.0', 'Switch Downstream Port', 4, 5, {
        memory: [0xf01, 0xf01],
        io: [2, 2],
        ...allRequests,
        ...options.downB,
      }),
      port('04:00.0', 'PCI Express to PCI/PCI-X Bridge', 5, 5, {
        memory: [0xf01, 0xf01],
        ...allRequests,
        ...options.bridge,
      }),
      conventional('05:00.0', { bar: 0xf01, ...options.pci0 }),
      conventional('05:01.0', { ...options.pci1 }),
      port('00:1d.0', 'Root Port', 6, 6, {
        memory: [0xf10, 0xf10],
        prefetchable: [PREFETCHABLE_MIB, PREFETCHABLE_MIB + 1],
        ...allRequests,
        ...options['1d'],
      }),
      device('06:00.0', { bar: 0xf10, ...allRequests, ...options.ep2 }),
      port('00:1e.0', 'Root Port', 7, 7, { memory: [0xf20, 0xf20], ...allRequests, ...options['1e'] }),
      device('00:1f.0', { ...allRequests, ...options.rciep }, 'Root Complex Integrated Endpoint'),
    ],
    routing,
  );
  const fn = Object.fromEntries(names.map((name, i) => [name, i])) as Record<Name, number>;
  return { fabric, fn };
}

export const id = routingId;
