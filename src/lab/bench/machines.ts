/** Machines to measure on: chains as deep as wanted, the one of the standard traces, and one with as many functions as wanted. */
import { AdvancedErrorReporting, PciExpressCapability } from '../../../spec-tables/index.ts';
import { type PortType, portTypes } from '../../../spec-tables/port-types.ts';
import { capability, type PlacedCapability, type0Function, type1Function } from '../../config/builder.ts';
import type { FunctionImage } from '../../config/function-image.ts';
import { Fabric } from '../../fabric/fabric.ts';

export const PCI_EXPRESS = 0x40;
export const AER = 0x100;
export const ENDPOINT_BAR = 0x10;

/** Memory, Bus Master, SERR#. */
const COMMAND_ON = 0x0106;
const MIB = 2 ** 20;
const PAGE = 0x1000;
/** Where BARs begin. */
const FIRST_MEBIBYTE = 0xc00;
const PAGES_PER_MIB = 256;

function expressRegisters(type: PortType): Record<string, number> {
  return {
    'PCI Express Capabilities': 0x2 | (portTypes[type] << 4),
    'Device Capabilities': 0x8001,
    // All four reporting enables.
    'Device Control': 0x000f,
    // 8 GT/s, x8.
    'Link Status': 0x2083,
  };
}

function errorReporting(type: PortType): PlacedCapability {
  return capability(AdvancedErrorReporting, AER, type === 'Root Port' ? { 'Root Error Command': 7 } : {});
}

function bdf(bus: number, devfn: number): string {
  return `${bus.toString(16).padStart(2, '0')}:${(devfn >> 3).toString(16).padStart(2, '0')}.${devfn & 7}`;
}

const templates = new Map<string, FunctionImage>();

/** Built once for each kind and copied: a description takes a millisecond to become bytes, and a large machine has 65,536 functions. */
function endpoint(bus: number, devfn: number, page: number, pages: number, type: PortType): FunctionImage {
  const key = `${type} ${pages}`;
  let template = templates.get(key);
  if (template === undefined) {
    const { 'Link Status': _, ...registers } = expressRegisters(type);
    template = type0Function({
      bdf: '00:00.0',
      header: {
        'Vendor ID': 0x1234,
        'Device ID': 0x0002,
        Command: COMMAND_ON,
        'Class Code': 0x0200,
        'Base Address Register 0': FIRST_MEBIBYTE * MIB,
      },
      capabilities: [capability(PciExpressCapability, PCI_EXPRESS, registers), errorReporting(type)],
      barSizes: { 0: pages * PAGE },
    });
    templates.set(key, template);
  }
  const bytes = template.bytes.slice();
  new DataView(bytes.buffer).setUint32(ENDPOINT_BAR, page * PAGE, true);
  return { ...template, routingId: (bus << 8) | devfn, bytes };
}

/** Lays functions out as a scan would number them: a port's buses and windows are what comes behind it. */
class Plan {
  readonly functions: FunctionImage[] = [];
  #lastBus = 0;
  /** The next 4 KiB page that no BAR has. */
  #page = FIRST_MEBIBYTE * PAGES_PER_MIB;

  port(type: PortType, bus: number, devfn: number, below: (bus: number) => void): void {
    const secondary = ++this.#lastBus;
    this.#align();
    const first = this.#page / PAGES_PER_MIB;
    const at = this.functions.length;
    below(secondary);
    this.#align();
    const last = this.#page / PAGES_PER_MIB - 1;
    const image = type1Function({
      bdf: bdf(bus, devfn),
      header: {
        'Vendor ID': 0x1234,
        'Device ID': 0x0001,
        Command: COMMAND_ON,
        'Class Code': 0x0604,
        'Primary Bus Number': bus,
        'Secondary Bus Number': secondary,
        'Subordinate Bus Number': this.#lastBus,
        // Closed where nothing is behind it: the base lies above the limit.
        'Memory Base': last < first ? 0xfff0 : first << 4,
        'Memory Limit': last < first ? 0 : last << 4,
        'Prefetchable Memory Base': 0xfff1,
        'Prefetchable Memory Limit': 0x0001,
        'I/O Base': 0xf0,
        'Bridge Control': 2,
      },
      capabilities: [capability(PciExpressCapability, PCI_EXPRESS, expressRegisters(type)), errorReporting(type)],
    });
    this.functions.splice(at, 0, image);
  }

  /** Endpoints of one bus, with a BAR of so many pages each. */
  endpoints(bus: number, count: number, pages: number, firstDevfn = 0, type: PortType = 'PCI Express Endpoint'): void {
    for (let i = 0; i < count; i++) {
      this.functions.push(endpoint(bus, firstDevfn + i, this.#page, pages, type));
      this.#page += pages;
    }
  }

  #align(): void {
    this.#page = Math.ceil(this.#page / PAGES_PER_MIB) * PAGES_PER_MIB;
  }

  fabric(): Fabric {
    return new Fabric(this.functions);
  }
}

export interface Chain {
  readonly fabric: Fabric;
  readonly rootPort: number;
  readonly endpoint: number;
  readonly endpointId: number;
}

/**
 * A root port, then switches, then one endpoint.
 * @param depth Type 1 functions between the endpoint and the root complex; an even one has a second port inside the last switch
 */
export function chain(depth: number): Chain {
  const plan = new Plan();
  const add = (level: number, bus: number): void => {
    if (level === depth) plan.endpoints(bus, 1, PAGES_PER_MIB);
    else plan.port(chainType(level, depth), bus, 0, (below) => add(level + 1, below));
  };
  add(0, 0);
  const fabric = plan.fabric();
  const endpointId = depth << 8;
  return { fabric, rootPort: fabric.arena.find(0, 0), endpoint: fabric.arena.find(0, endpointId), endpointId };
}

function chainType(level: number, depth: number): PortType {
  if (level === 0) return 'Root Port';
  // With an even depth the last bridge is an upstream port, and the endpoint lies on the bus inside its switch.
  if (level === depth - 1 && depth % 2 === 0) return 'Switch Upstream Port';
  return level % 2 === 1 ? 'Switch Upstream Port' : 'Switch Downstream Port';
}

/** 58 endpoints with 1 MiB each behind 82 bridges: ten 1 bridge deep, sixteen 3, thirty-two 5. */
export function standardMachine(): Fabric {
  const plan = new Plan();
  const root = (devfn: number, below: (bus: number) => void) => plan.port('Root Port', 0, devfn, below);
  const aSwitch = (bus: number, downs: readonly ((bus: number) => void)[]) =>
    plan.port('Switch Upstream Port', bus, 0, (inside) => {
      downs.forEach((below, i) => {
        plan.port('Switch Downstream Port', inside, i << 3, below);
      });
    });
  const device = (functions: number) => (bus: number) => plan.endpoints(bus, functions, PAGES_PER_MIB);
  // 00:00.0 is the root complex's own.
  let devfn = 8;
  for (let i = 0; i < 10; i++) root(devfn++, device(1));
  for (let i = 0; i < 4; i++) root(devfn++, (bus) => aSwitch(bus, [device(1), device(1), device(1), device(1)]));
  const second = [device(2), device(1), device(1)];
  for (let i = 0; i < 4; i++)
    root(devfn++, (bus) => aSwitch(bus, [(link) => aSwitch(link, second), (link) => aSwitch(link, second)]));
  return plan.fabric();
}

/**
 * One switch with functions on all of its buses, a 4 KiB BAR each.
 * @param count 16 to 65,536, which is every ID of a segment
 */
export function wideMachine(count: number): Fabric {
  const plan = new Plan();
  const downs = Math.min(Math.max(Math.round((count - 2) / 257), 3), 253);
  const behind = Math.min(count - 2 - downs, 256 * downs);
  let left = count - 2 - downs - behind;
  const onBus0 = Math.min(left, 255);
  left -= onBus0;
  const onBus1 = Math.min(left, 255);
  left -= onBus1;
  plan.port('Root Port', 0, 0, (link) => {
    plan.port('Switch Upstream Port', link, 0, (inside) => {
      for (let i = 0; i < downs; i++) {
        const share = Math.floor((behind * (i + 1)) / downs) - Math.floor((behind * i) / downs);
        plan.port('Switch Downstream Port', inside, i, (bus) => plan.endpoints(bus, share, 1));
      }
      plan.endpoints(inside, left, 1, downs);
    });
    plan.endpoints(link, onBus1, 1, 1);
  });
  plan.endpoints(0, onBus0, 1, 1, 'Root Complex Integrated Endpoint');
  const fabric = plan.fabric();
  if (fabric.arena.count !== count) throw new Error(`machine: expected ${count} functions, got ${fabric.arena.count}`);
  return fabric;
}
