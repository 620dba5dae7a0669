/** Machines made with the builder: every capability that has a table, in functions of every kind, with random values. */
import { capability, type0Function, type1Function } from '../../src/config/builder.ts';
import type { FunctionImage } from '../../src/config/function-image.ts';
import { conventionalCases } from './conventional.ts';
import { cxlCases } from './cxl.ts';
import type { Draw } from './draw.ts';
import { errorCases } from './errors.ts';
import { drawHeader, type Header } from './headers.ts';
import { linkCases } from './links.ts';
import { pciExpressCase } from './pci-express.ts';
import { resourceCases } from './resources.ts';
import { type CapabilityCase, hex, type Place, type Values } from './said.ts';
import { virtualizationCases } from './virtualization.ts';

export const standardCases: readonly CapabilityCase[] = [...conventionalCases, pciExpressCase];
export const extendedCases: readonly CapabilityCase[] = [
  ...errorCases,
  ...virtualizationCases,
  ...linkCases,
  ...resourceCases,
  ...cxlCases,
];

/** Every Device/Port Type with its header layout; conventional functions have none. */
export const kinds: readonly (readonly [name: string, headerType: 0 | 1, portType: number])[] = [
  ['conventional device', 0, -1],
  ['conventional bridge', 1, -1],
  ['endpoint', 0, 0],
  ['legacy endpoint', 0, 1],
  ['root port', 1, 4],
  ['switch upstream port', 1, 5],
  ['switch downstream port', 1, 6],
  ['bridge to PCI', 1, 7],
  ['bridge from PCI', 1, 8],
  ['integrated endpoint', 0, 9],
  ['event collector', 0, 10],
];

export interface Built {
  readonly image: FunctionImage;
  readonly bdf: string;
  readonly place: Place;
  readonly header: Header;
  readonly placed: readonly Placed[];
}

export interface Placed {
  readonly of: CapabilityCase;
  readonly offset: number;
  readonly version: number;
  readonly values: Values;
}

/** As many capabilities of the two lists as fit into one function, taken from them. */
function build(bdf: string, place: Place, draw: Draw, standard: CapabilityCase[], extended: CapabilityCase[]): Built {
  const placed: Placed[] = [];
  const put = (of: CapabilityCase, offset: number) => {
    const version = of.version ?? draw.between(1, 15);
    placed.push({ of, offset, version, values: of.values?.(draw, place) ?? {} });
  };
  const fill = (list: CapabilityCase[], from: number, end: number) => {
    for (let at = from; list.length > 0 && at + list[0]!.bytes <= end; ) {
      const of = list.shift()!;
      put(of, at);
      // With a gap, or without.
      at += Math.ceil(of.bytes / 4) * 4 + 4 * draw.bits(1);
    }
  };
  if (place.portType >= 0) put(pciExpressCase, 0x40);
  fill(standard, place.portType >= 0 ? 0x40 + pciExpressCase.bytes : 0x40, 0x100);
  if (place.portType >= 0) fill(extended, 0x100, 0x1000);
  const header = drawHeader(draw, place);
  const description = {
    bdf,
    capabilities: placed.map(({ of, offset, version, values }) => capability(of.structure, offset, values, version)),
  };
  const image =
    place.headerType === 0
      ? type0Function({ ...description, header: header.values })
      : type1Function({ ...description, header: header.values });
  return { image, bdf, place, header, placed };
}

/** A machine with every capability on every kind of function that has it, a function a bus. */
export function buildAll(draw: Draw): Built[] {
  const machine: Built[] = [];
  for (const [, headerType, portType] of kinds) {
    // A vendor of no capabilities that lspci knows more of.
    const place: Place = { headerType, portType, vendorId: 0x8086 };
    const fits = (of: CapabilityCase) => of.on === undefined || of.on(place);
    const standard = standardCases.filter((of) => of !== pciExpressCase && fits(of));
    const extended = portType >= 0 ? extendedCases.filter(fits) : [];
    do machine.push(build(`${hex(machine.length, 2)}:00.0`, place, draw, standard, extended));
    while (standard.length > 0 || extended.length > 0);
  }
  return machine;
}
