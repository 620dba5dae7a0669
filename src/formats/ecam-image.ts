/**
 * Configuration space as memory-mapped ECAM has it (PCIe 5.0 §7.2.2), for programs that map a file of it: pciutils from 3.10 on,
 * `lspci -A ecam -O devmem.path=FILE -O ecam.addrs=ADDRESSES`. One window a segment, from bus 0 to the highest bus that has a
 * function, the windows one behind the other.
 */
import { ecamOffset } from '../fabric/config-mechanisms.ts';
import {
  HEADER_TYPE,
  HEADER_TYPE_HEADER_LAYOUT,
  HEADER_TYPE_MULTI_FUNCTION_DEVICE,
  SECONDARY_BUS_NUMBER,
} from '../spec/constants.ts';
import { InputError } from './input-error.ts';
import type { LspciFunction } from './lspci-text.ts';

type Imaged = Pick<LspciFunction, 'segment' | 'routingId' | 'bytes'>;

/** A window onto the buses of one segment. */
export interface EcamWindowPlace {
  readonly segment: number;
  readonly firstBus: number;
  readonly lastBus: number;
  /** Bytes from the start of the image to the first bus. */
  readonly offset: number;
}

const FUNCTION_SIZE = 0x1000;
export const BUS_SIZE = 0x100000;
const FUNCTIONS_OF_BUS = BUS_SIZE / FUNCTION_SIZE;
/** Without extended capabilities, a function ends here. */
const CONVENTIONAL_SIZE = 0x100;
/** The MCFG table, which says where windows are, has 16 bits for the segment. PCI Firmware 3.3 §4.1.2. */
const MAX_SEGMENT = 0xffff;

/** Where each segment's window lies in the image. Functions in segments above FFFFh, which no ECAM window reaches, are not in it. */
export function ecamWindows(functions: readonly Imaged[]): EcamWindowPlace[] {
  const lastBus = new Map<number, number>();
  for (const { segment, routingId } of functions)
    if (segment <= MAX_SEGMENT) lastBus.set(segment, Math.max(lastBus.get(segment) ?? 0, routingId >> 8));
  let offset = 0;
  return [...lastBus]
    .sort(([a], [b]) => a - b)
    .map(([segment, last]) => {
      const window = { segment, firstBus: 0, lastBus: last, offset };
      offset += (last + 1) * BUS_SIZE;
      return window;
    });
}

/** What a reader of the image won't find of these functions, a line each. */
export function ecamLosses(functions: readonly Imaged[]): string[] {
  const found = scanned(functions);
  const count = (keep: (fn: Imaged) => boolean, text: string) => {
    const some = functions.filter(keep).length;
    return some === 0 ? [] : [`${some} function${some === 1 ? '' : 's'} ${text}`];
  };
  return [
    ...count(({ segment }) => segment > MAX_SEGMENT, 'in segments above ffff, which ECAM does not reach; left out'),
    ...count(({ bytes }) => bytes.length < CONVENTIONAL_SIZE, 'with a header only; the rest reads ff'),
    ...count(
      (fn) => fn.segment <= MAX_SEGMENT && !found.has(fn),
      'that a scan from bus 0 does not find; lspci -M looks on every bus',
    ),
  ];
}

/** What software finds that begins at bus 0 of each segment and goes down through the bridges. PCI Local Bus 3.0 §6.2.1, §3.2.2.3.4. */
function scanned(functions: readonly Imaged[]): Set<Imaged> {
  const byAddress = new Map(functions.map((fn) => [fn.segment * 0x10000 + fn.routingId, fn]));
  const found = new Set<Imaged>();
  const scannedBuses = new Set<number>();
  const scanBus = (segment: number, bus: number) => {
    const busKey = segment * 0x10000 + bus * FUNCTIONS_OF_BUS;
    if (scannedBuses.has(busKey)) return;
    scannedBuses.add(busKey);
    for (let device = busKey; device < busKey + FUNCTIONS_OF_BUS; device += 8) {
      let count = 1;
      for (let i = 0; i < count; i++) {
        const fn = byAddress.get(device + i);
        if (fn === undefined || isAbsent(fn.bytes, 0)) continue;
        found.add(fn);
        const type = fn.bytes[HEADER_TYPE]!;
        if (i === 0 && (type & HEADER_TYPE_MULTI_FUNCTION_DEVICE) !== 0) count = 8;
        // Both kinds of bridges have it at 19h.
        if ((type & HEADER_TYPE_HEADER_LAYOUT) !== 0) scanBus(segment, fn.bytes[SECONDARY_BUS_NUMBER]!);
      }
    }
  };
  for (const { segment } of ecamWindows(functions)) scanBus(segment, 0);
  return found;
}

/**
 * The image, a bus of 1 MiB at a time, in the order of the file. What is not there reads all ones, as a request does that no
 * function completes (§2.3.2): absent functions, and bytes behind the end of one. Chunks may be shared: don't write to them.
 */
export function* ecamImage(functions: readonly Imaged[]): Generator<Uint8Array> {
  const onBus = new Map<string, Imaged[]>();
  for (const fn of functions) {
    const key = `${fn.segment}:${fn.routingId >> 8}`;
    const others = onBus.get(key);
    if (others === undefined) onBus.set(key, [fn]);
    else others.push(fn);
  }
  const empty = new Uint8Array(BUS_SIZE).fill(0xff);
  for (const { segment, firstBus, lastBus } of ecamWindows(functions))
    for (let bus = firstBus; bus <= lastBus; bus++) {
      const present = onBus.get(`${segment}:${bus}`);
      const chunk = present === undefined ? empty : empty.slice();
      for (const { routingId, bytes } of present ?? []) chunk.set(bytes, ecamOffset(routingId & 0xff, 0));
      yield chunk;
    }
}

/**
 * The functions of one bus of an image. A function whose first DWORD is all ones or 0 is absent; one whose bytes from 100h on are
 * all ones has 256 bytes, and any other 4,096.
 * @param chunk the bus from its first byte on; a file may end inside it
 */
export function* functionsOfEcamBus(segment: number, bus: number, chunk: Uint8Array): Generator<Imaged> {
  for (let i = 0; i < FUNCTIONS_OF_BUS; i++) {
    const at = ecamOffset(i, 0);
    if (at + FUNCTION_SIZE > chunk.length) return;
    if (isAbsent(chunk, at)) continue;
    // A copy, also of a Buffer, whose slice is none.
    const bytes = new Uint8Array(chunk.subarray(at, at + FUNCTION_SIZE));
    const extended = bytes.subarray(CONVENTIONAL_SIZE).some((byte) => byte !== 0xff);
    yield {
      segment,
      routingId: bus * FUNCTIONS_OF_BUS + i,
      bytes: extended ? bytes : bytes.slice(0, CONVENTIONAL_SIZE),
    };
  }
}

function isAbsent(bytes: Uint8Array, at: number): boolean {
  const first = bytes[at]!;
  return (first === 0 || first === 0xff) && [1, 2, 3].every((i) => bytes[at + i] === first);
}

/** The windows as pciutils takes them in `ecam.addrs`: `segment:first-last:offset`, comma-separated, all in hex. */
export function formatEcamAddresses(windows: readonly EcamWindowPlace[]): string {
  const bus = (value: number) => value.toString(16).padStart(2, '0');
  return windows
    .map(
      ({ segment, firstBus, lastBus, offset }) =>
        `${segment.toString(16)}:${bus(firstBus)}-${bus(lastBus)}:${offset.toString(16)}`,
    )
    .join(',');
}

const WINDOW =
  /^(?:(?:0x)?([0-9a-f]{1,4}):)?(?:0x)?([0-9a-f]{1,2})(?:-(?:0x)?([0-9a-f]{1,2}))?:(?:0x)?([0-9a-f]{1,13})(?:\+(?:0x)?([0-9a-f]{1,8}))?$/i;

/**
 * Reads pciutils' `ecam.addrs`: `[segment:]first_bus[-last_bus]:offset[+length],…`, all in hex. Without a last bus, the length
 * says which it is, or it is FFh.
 * @throws InputError when a window is none of these, or ends before it begins
 */
export function parseEcamAddresses(text: string): EcamWindowPlace[] {
  return text.split(',').map((part) => {
    const [, segment = '0', first = '', last, offset = '', length] = WINDOW.exec(part) ?? [];
    const firstBus = Number.parseInt(first, 16);
    const buses = length === undefined ? undefined : Math.ceil(Number.parseInt(length, 16) / BUS_SIZE);
    const end = Math.min(
      last === undefined ? 0xff : Number.parseInt(last, 16),
      buses === undefined ? 0xff : firstBus + buses - 1,
    );
    if (Number.isNaN(firstBus) || end < firstBus)
      throw new InputError(`ECAM windows: expected such as 0:00-1f:0 (segment, buses, offset in hex), got "${part}"`);
    return {
      segment: Number.parseInt(segment, 16),
      firstBus,
      lastBus: end,
      offset: Number.parseInt(offset, 16),
    };
  });
}
