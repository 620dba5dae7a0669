/** The machine as `lspci -t` draws it (pciutils 3.9, ls-tree.c): buses behind bridges, by their bus number registers. */
import { u16At } from '../config/little-endian.ts';
import {
  CLASS_CODE,
  HEADER_TYPE,
  HEADER_TYPE_HEADER_LAYOUT,
  PRIMARY_BUS_NUMBER,
  SECONDARY_BUS_NUMBER,
  SUBORDINATE_BUS_NUMBER,
} from '../spec/constants.ts';

/** One function, as a tree needs it. */
export interface TreeFunction {
  readonly segment: number;
  readonly routingId: number;
  /** At least its header's 64 bytes. */
  readonly bytes: Uint8Array;
  /** Text behind the function's number. */
  readonly label?: string;
}

interface Bridge {
  readonly segment: number;
  readonly primary: number;
  readonly secondary: number;
  readonly subordinate: number;
  readonly children: Bridge[];
  readonly buses: Bus[];
}

interface Bus {
  readonly segment: number;
  readonly number: number;
  readonly functions: TreeFunction[];
}

const CLASS_BRIDGE_PCI = 0x0604;
const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');

/** Lines, without line ends. */
export function lspciTree(functions: readonly TreeFunction[]): string[] {
  const sorted = [...functions].sort((a, b) => a.segment - b.segment || a.routingId - b.routingId);
  const bridgeOf = new Map<TreeFunction, Bridge>();
  for (const fn of sorted) if (isPciBridge(fn)) bridgeOf.set(fn, bridgeFrom(fn));
  // The host bridge stands above all and covers every bus of every segment.
  const host: Bridge = { segment: 0, primary: 256, secondary: 0, subordinate: 256, children: [], buses: [] };
  const all = [host, ...bridgeOf.values()];
  for (const bridge of bridgeOf.values()) {
    let best: Bridge | undefined;
    for (const above of all) {
      if (above === bridge || (above !== host && above.segment !== bridge.segment)) continue;
      if (bridge.primary < above.secondary || bridge.primary > above.subordinate) continue;
      if (best === undefined || reach(best) > reach(above)) best = above;
    }
    best?.children.unshift(bridge);
  }
  for (const bridge of all) busOf(bridge, bridge.segment, bridge.secondary);
  for (const fn of sorted) insert(fn, host);

  const lines: string[] = [];
  drawBridge(host, host, bridgeOf, '', lines);
  return lines;
}

function isPciBridge({ bytes }: TreeFunction): boolean {
  const type = bytes[HEADER_TYPE]! & HEADER_TYPE_HEADER_LAYOUT;
  return u16At(bytes, CLASS_CODE) === CLASS_BRIDGE_PCI && (type === 1 || type === 2);
}

function bridgeFrom({ segment, bytes }: TreeFunction): Bridge {
  return {
    segment,
    primary: bytes[PRIMARY_BUS_NUMBER]!,
    secondary: bytes[SECONDARY_BUS_NUMBER]!,
    subordinate: bytes[SUBORDINATE_BUS_NUMBER]!,
    children: [],
    buses: [],
  };
}

function reach(bridge: Bridge): number {
  return bridge.subordinate - bridge.primary;
}

/** The bus of that number right behind the bridge; a new one stands last. */
function busOf(bridge: Bridge, segment: number, number: number): Bus {
  const known = bridge.buses.find((bus) => bus.segment === segment && bus.number === number);
  if (known !== undefined) return known;
  const bus = { segment, number, functions: [] };
  bridge.buses.push(bus);
  return bus;
}

function insert(fn: TreeFunction, bridge: Bridge): void {
  const number = fn.routingId >> 8;
  const known = bridge.buses.find((bus) => bus.segment === fn.segment && bus.number === number);
  if (known !== undefined) {
    known.functions.push(fn);
    return;
  }
  const below = bridge.children.find(
    (child) => child.segment === fn.segment && child.secondary <= number && number <= child.subordinate,
  );
  if (below !== undefined && below !== bridge) insert(fn, below);
  else busOf(bridge, fn.segment, number).functions.push(fn);
}

/** @param text the line so far; what stands in it becomes the indent of the lines below */
function drawBridge(
  bridge: Bridge,
  host: Bridge,
  bridgeOf: ReadonlyMap<TreeFunction, Bridge>,
  text: string,
  lines: string[],
): void {
  const prefix = `${text}-`;
  const name = (bus: Bus) => `[${hex(bus.segment, 4)}:${hex(bus.number, 2)}]-`;
  if (bridge.buses.length === 1) {
    const bus = bridge.buses[0]!;
    drawBus(bus, bridgeOf, host, bridge === host ? prefix + name(bus) : prefix, lines);
    return;
  }
  branch(bridge.buses, prefix, lines, (bus, line) => drawBus(bus, bridgeOf, host, line + name(bus), lines));
}

function drawBus(
  bus: Bus,
  bridgeOf: ReadonlyMap<TreeFunction, Bridge>,
  host: Bridge,
  text: string,
  lines: string[],
): void {
  const draw = (fn: TreeFunction, line: string) => {
    const head = `${line}${hex((fn.routingId >> 3) & 0x1f, 2)}.${fn.routingId & 7}`;
    const bridge = bridgeOf.get(fn);
    if (bridge === undefined) {
      lines.push(fn.label === undefined ? head : `${head}  ${fn.label}`);
      return;
    }
    const { secondary, subordinate } = bridge;
    const range = secondary === subordinate ? hex(secondary, 2) : `${hex(secondary, 2)}-${hex(subordinate, 2)}`;
    drawBridge(bridge, host, bridgeOf, `${head}-[${range}]-`, lines);
  };
  if (bus.functions.length === 0) lines.push(text);
  else if (bus.functions.length === 1) draw(bus.functions[0]!, `${text}--`);
  else branch(bus.functions, text, lines, draw);
}

/** Draws each item on lines of its own: the first behind `text`, the rest below it. */
function branch<T>(items: readonly T[], text: string, lines: string[], draw: (item: T, line: string) => void): void {
  let line = text;
  items.forEach((item, i) => {
    const from = lines.length;
    draw(item, `${line}${i < items.length - 1 ? '+-' : '\\-'}`);
    // Behind the first line, all that is left of the way here is its vertical strokes.
    for (let j = from + 1; j < lines.length; j++)
      lines[j] = indent(lines[j]!.slice(0, text.length)) + lines[j]!.slice(text.length);
    line = indent(text);
  });
}

function indent(text: string): string {
  return text.replace(/[^+|]/g, ' ').replace(/\+/g, '|');
}
