/** Machines as deep as wanted: root port, then switches, then one endpoint. Depth is Type 1 functions between it and the root complex. */
import { AdvancedErrorReporting, PciExpressCapability } from '../spec-tables/index.ts';
import { type PortType, portTypes } from '../spec-tables/port-types.ts';
import { capability, type PlacedCapability, type0Function, type1Function } from '../src/config/builder.ts';
import type { FunctionImage } from '../src/config/function-image.ts';
import { Fabric } from '../src/fabric/fabric.ts';

export const PCI_EXPRESS = 0x40;
export const AER = 0x100;
export const ENDPOINT_BAR = 0x10;

/** Memory, Bus Master, SERR#. */
const COMMAND_ON = 0x0106;
/** MiB of address space that every port on the way opens; the endpoint's BAR is in it. */
const FIRST_MEBIBYTE = 0x900;

function express(type: PortType): PlacedCapability[] {
  return [
    capability(PciExpressCapability, PCI_EXPRESS, {
      'PCI Express Capabilities': 0x2 | (portTypes[type] << 4),
      'Device Capabilities': 0x8001,
      // All four reporting enables.
      'Device Control': 0x000f,
      // 8 GT/s, x8.
      'Link Status': 0x2083,
    }),
    capability(AdvancedErrorReporting, AER, {}),
  ];
}

function port(type: PortType, bus: number, secondary: number, subordinate: number): FunctionImage {
  return type1Function({
    bdf: `${bus.toString(16).padStart(2, '0')}:00.0`,
    header: {
      'Vendor ID': 0x1234,
      'Device ID': 0x0001,
      Command: COMMAND_ON,
      'Class Code': 0x0604,
      'Primary Bus Number': bus,
      'Secondary Bus Number': secondary,
      'Subordinate Bus Number': subordinate,
      'Memory Base': FIRST_MEBIBYTE << 4,
      'Memory Limit': FIRST_MEBIBYTE << 4,
      // Closed: the base lies above the limit.
      'Prefetchable Memory Base': 0xfff1,
      'Prefetchable Memory Limit': 0x0001,
      'I/O Base': 0xf0,
    },
    capabilities: express(type),
  });
}

export interface Chain {
  readonly fabric: Fabric;
  readonly rootPort: number;
  readonly endpoint: number;
  readonly endpointId: number;
}

/** @param depth odd: the root port, and an upstream and a downstream port for each switch */
export function chain(depth: number): Chain {
  if (depth % 2 !== 1) throw new Error(`chain: expected an odd number of bridges, got ${depth}`);
  const types: PortType[] = ['Root Port'];
  while (types.length < depth) types.push('Switch Upstream Port', 'Switch Downstream Port');
  const endpointBus = depth;
  const fabric = new Fabric([
    ...types.map((type, bus) => port(type, bus, bus + 1, endpointBus)),
    type0Function({
      bdf: `${endpointBus.toString(16).padStart(2, '0')}:00.0`,
      header: {
        'Vendor ID': 0x1234,
        'Device ID': 0x0002,
        Command: COMMAND_ON,
        'Class Code': 0x0200,
        'Base Address Register 0': FIRST_MEBIBYTE * 2 ** 20,
      },
      capabilities: express('PCI Express Endpoint'),
      barSizes: { 0: 2 ** 16 },
    }),
  ]);
  if (fabric.topology.problems.length > 0) throw new Error(`chain: ${fabric.topology.problems[0]!.text}`);
  const endpointId = endpointBus << 8;
  return { fabric, rootPort: fabric.arena.find(0, 0), endpoint: fabric.arena.find(0, endpointId), endpointId };
}
