/**
 * The header logs of AER: First Error Pointer, Header Log and TLP Prefix Log of each function, and the headers that wait behind
 * them. PCIe 5.0 §6.2.4.2, §7.8.4.7, §7.8.4.8, §7.8.4.12.
 */
import type { ConfigArena } from '../config/arena.ts';
import * as C from '../spec/constants.ts';
import { encodeTlpHeader } from '../tlp/codec.ts';
import type { TlpHeader } from '../tlp/header.ts';

/** TLP Prefix Log 1. PCIe 5.0 §7.8.4.12. */
export const PREFIX_LOG = 0x38;
const HEADER_DWORDS = 4;
const PREFIX_DWORDS = 4;
/** How many headers wait at most: the spec leaves it to the function. */
const QUEUE_LENGTH = 8;

export interface OffendingTlp {
  readonly header: TlpHeader;
  /** End-end prefixes as DWORDs, the first on the wire in bits 31:24; four at most are kept. */
  readonly prefixes?: readonly number[];
}

interface Entry {
  /** Bit of Uncorrectable Error Status. */
  readonly bit: number;
  readonly tlp: OffendingTlp | undefined;
}

/** `overflow`: there was no room left to remember it. PCIe 5.0 §6.2.4.2. */
export type LogResult = 'logged' | 'queued' | 'not logged' | 'overflow';

export class HeaderLogs {
  readonly arena: ConfigArena;
  /** Errors behind the one that the pointer names, by function. Hidden state of the function: no register shows it. */
  #queues: ReadonlyMap<number, readonly Entry[]> = new Map();

  constructor(arena: ConfigArena) {
    this.arena = arena;
  }

  /**
   * Sets the status bit. The first unmasked error takes pointer and log; it holds them while the bit that the pointer names is
   * set. With Multiple Header Recording Enable, those after it wait.
   * @param fn a function with AER
   * @param tlp undefined for an error that logs none: the log stays as it is
   */
  record(fn: number, bit: number, masked: boolean, tlp: OffendingTlp | undefined): LogResult {
    const { arena } = this;
    const { aer } = arena.layout[fn]!;
    const isBusy = this.#pointsAtSetBit(fn);
    arena.setBits(fn, aer + C.UNCORRECTABLE_ERROR_STATUS, 4, 2 ** bit);
    if (masked) return 'not logged';
    if (!isBusy) {
      this.#load(fn, { bit, tlp });
      return tlp === undefined ? 'not logged' : 'logged';
    }
    if (!this.#recordsSeveral(fn)) return 'not logged';
    const queue = this.#queues.get(fn) ?? [];
    if (queue.length === QUEUE_LENGTH) return 'overflow';
    this.#set(fn, [...queue, { bit, tlp }]);
    return 'queued';
  }

  /** After software has cleared status bits: where the pointer's is among them, the next error takes its place, status bit and all. */
  statusCleared(fn: number): void {
    const [next, ...rest] = this.#queues.get(fn) ?? [];
    if (next === undefined || this.#pointsAtSetBit(fn)) return;
    if (!this.#recordsSeveral(fn)) {
      this.discard(fn);
      return;
    }
    this.#set(fn, rest);
    this.arena.setBits(fn, this.arena.layout[fn]!.aer + C.UNCORRECTABLE_ERROR_STATUS, 4, 2 ** next.bit);
    this.#load(fn, next);
  }

  /** Forgets what waits, as a fundamental reset does. */
  discard(fn: number): void {
    if (this.#queues.has(fn)) this.#set(fn, []);
  }

  /** What waits, to be given to `restore`. */
  checkpoint(): ReadonlyMap<number, readonly Entry[]> {
    return this.#queues;
  }

  restore(queues: ReadonlyMap<number, readonly Entry[]>): void {
    this.#queues = queues;
  }

  #set(fn: number, queue: readonly Entry[]): void {
    this.#queues = new Map([...this.#queues, [fn, queue]]);
  }

  #control(fn: number): number {
    return this.arena.u32(fn, this.arena.layout[fn]!.aer + C.ADVANCED_ERROR_CAPABILITIES_AND_CONTROL);
  }

  #recordsSeveral(fn: number): boolean {
    return (this.#control(fn) & C.ADVANCED_ERROR_CAPABILITIES_AND_CONTROL_MULTIPLE_HEADER_RECORDING_ENABLE) !== 0;
  }

  #pointsAtSetBit(fn: number): boolean {
    const status = this.arena.u32(fn, this.arena.layout[fn]!.aer + C.UNCORRECTABLE_ERROR_STATUS);
    const pointer = this.#control(fn) & C.ADVANCED_ERROR_CAPABILITIES_AND_CONTROL_FIRST_ERROR_POINTER;
    return ((status >>> pointer) & 1) !== 0;
  }

  #load(fn: number, { bit, tlp }: Entry): void {
    const { arena } = this;
    const { aer } = arena.layout[fn]!;
    const present = C.ADVANCED_ERROR_CAPABILITIES_AND_CONTROL_TLP_PREFIX_LOG_PRESENT;
    let control = (this.#control(fn) & ~C.ADVANCED_ERROR_CAPABILITIES_AND_CONTROL_FIRST_ERROR_POINTER) | bit;
    if (tlp !== undefined) {
      pokeTlpHeader(arena, fn, aer + C.HEADER_LOG_0, tlp.header);
      control &= ~present;
      const { prefixes = [] } = tlp;
      if (prefixes.length > 0 && hasPrefixLog(arena, fn)) {
        control |= present;
        for (let i = 0; i < PREFIX_DWORDS; i++) arena.poke(fn, aer + PREFIX_LOG + 4 * i, 4, prefixes[i] ?? 0);
      }
    }
    arena.poke(fn, aer + C.ADVANCED_ERROR_CAPABILITIES_AND_CONTROL, 4, control);
  }
}

/** Writes a header into four log registers: TLP byte 0 in bits 31:24 of the first. PCIe 5.0 §7.8.4.8. */
export function pokeTlpHeader(arena: ConfigArena, fn: number, offset: number, header: TlpHeader): void {
  const bytes = new Uint8Array(4 * HEADER_DWORDS);
  encodeTlpHeader(header, bytes);
  const words = new DataView(bytes.buffer);
  for (let i = 0; i < 4 * HEADER_DWORDS; i += 4) arena.poke(fn, offset + i, 4, words.getUint32(i));
}

/** Four registers, where the function takes end-end prefixes and the log is not one of flit mode. PCIe 5.0 §7.8.4.12, 6.0 §7.8.4.7. */
export function hasPrefixLog(arena: ConfigArena, fn: number): boolean {
  const { aer, pciExpress } = arena.layout[fn]!;
  if (aer === 0 || pciExpress === 0) return false;
  const version =
    arena.u16(fn, pciExpress + C.PCI_EXPRESS_CAPABILITIES) & C.PCI_EXPRESS_CAPABILITIES_CAPABILITY_VERSION;
  const control = arena.u32(fn, aer + C.ADVANCED_ERROR_CAPABILITIES_AND_CONTROL);
  return (
    version >= 2 &&
    (control & C.ADVANCED_ERROR_CAPABILITIES_AND_CONTROL_HEADER_LOG_SIZE) === 0 &&
    (arena.u32(fn, pciExpress + C.DEVICE_CAPABILITIES_2) & C.DEVICE_CAPABILITIES_2_END_END_TLP_PREFIX_SUPPORTED) !== 0
  );
}
