/**
 * The fast router: many TLPs at once, with the outcome, the registers and the counts that `Fabric.send` would have given each of them
 * in turn. It looks at tables, not at config bytes, in two phases: a first look that settles nearly all, then the others in order. What
 * the tables can't tell goes through `Fabric.send`; when that has changed where TLPs go, the rest of the chunk is looked at again.
 *
 * A TLP comes from the function that has its Requester ID (a completion: from the one with its Completer ID), of several with one ID
 * from the first; from the root complex where none has it. Answers to requests are not sent here.
 */

import * as C from '../../spec/constants.ts';
import { decodeTlpHeader, encodeTlpHeader } from '../../tlp/codec.ts';
import { type TlpHeader, tlpTypeOfByte } from '../../tlp/header.ts';
import { mostRanges } from '../decode-cache/address-map.ts';
import { DecodeCache } from '../decode-cache/decode-cache.ts';
import { bytesOf, CHUNK, Control, HEADER_BYTES, type Room, Tables } from '../decode-cache/tables.ts';
import type { Fabric } from '../fabric.ts';
import type { RoutingOptions } from '../routing-options.ts';
import { NONE } from '../topology.ts';
import type { TransactionOptions } from '../transactions.ts';
import { Accelerator, type AcceleratorMemory, acceleratorMemory } from './accelerator/accelerator.ts';
import { classify } from './classify.ts';
import { codeOf, codeOfResult, DELIVERED, MAX_FUNCTIONS, resultOf, ringOutcomes } from './results.ts';
import { settle } from './settle.ts';

export interface FastRouterOptions {
  /** Whose Requester IDs the senders are found by; 0 where not given. */
  readonly segment?: number;
  /** TLPs that the ring holds, a power of 2; 4,096 where not given. */
  readonly slots?: number;
  /**
   * A `WebAssembly.Memory`, or a buffer, which only TypeScript can look at; either may be shared with other threads.
   * `FastRouter.memoryBytes` says how much.
   */
  readonly memory?: AcceleratorMemory | ArrayBuffer | SharedArrayBuffer;
  /**
   * Each completion in the ring answers a request that whoever fills it keeps account of; see `TransactionOptions.isExpected`. Without it
   * one that no request of the fabric's waits for is unexpected.
   */
  readonly expectsCompletions?: boolean;
  /** Who looks first; results are the same. `auto` where not given: WebAssembly with SIMD where it is to be had, else TypeScript. */
  readonly accelerator?: 'auto' | 'wasm' | 'typescript';
}

const DEFAULT_SLOTS = 4096;
/** What the tables know of. A machine with another option is the exact router's alone. */
const knownOptions: readonly string[] = ['peerToPeer', 'windowsOfDisabledSpace'] satisfies (keyof RoutingOptions)[];

export class FastRouter {
  readonly fabric: Fabric;
  readonly tables: Tables;
  /** TLPs by outcome, since the beginning: indices are those of `ringOutcomes`. */
  readonly counts = new Float64Array(ringOutcomes.length);
  readonly #accelerator: Accelerator | undefined;
  readonly #cache: DecodeCache;
  readonly #knowsOptions: boolean;
  readonly #exactOptions: Pick<TransactionOptions, 'segment' | 'isExpected'>;

  /**
   * @throws RangeError when the number of slots is no power of 2, the memory too small, or the machine too large, and when the
   * accelerator must be WebAssembly's and can't be
   */
  constructor(fabric: Fabric, options: FastRouterOptions = {}) {
    const { segment = 0, accelerator = 'auto' } = options;
    if (fabric.arena.count > MAX_FUNCTIONS)
      throw new RangeError(`fast router: expected at most ${MAX_FUNCTIONS} functions, got ${fabric.arena.count}`);
    this.fabric = fabric;
    const room = roomFor(fabric, options);
    const memory = options.memory ?? (accelerator === 'typescript' ? undefined : acceleratorMemory(bytesOf(room)));
    const isBuffer = memory === undefined || 'byteLength' in memory;
    this.tables = new Tables(room, isBuffer ? memory : memory.buffer);
    this.#accelerator = isBuffer || accelerator === 'typescript' ? undefined : Accelerator.of(this.tables, memory);
    if (accelerator === 'wasm' && this.#accelerator === undefined)
      throw new RangeError(
        `accelerator: expected WebAssembly with SIMD and its memory, got ${isBuffer && memory ? 'a buffer' : 'none here'}`,
      );
    this.#cache = new DecodeCache(fabric.router, this.tables, segment);
    this.tables.control[Control.peerToPeer] = fabric.router.options.peerToPeer === true ? 1 : 0;
    this.tables.control[Control.expectsCompletions] = options.expectsCompletions === true ? 1 : 0;
    this.#exactOptions = { segment, isExpected: options.expectsCompletions };
    this.#knowsOptions = Object.entries(fabric.router.options).every(
      ([name, value]) => value === undefined || value === false || knownOptions.includes(name),
    );
  }

  /** Bytes of memory that a router of this machine needs. */
  static memoryBytes(fabric: Fabric, options: FastRouterOptions = {}): number {
    return bytesOf(roomFor(fabric, options));
  }

  /** Who looks first. */
  get accelerator(): 'wasm' | 'typescript' {
    return this.#accelerator === undefined ? 'typescript' : 'wasm';
  }

  /** Looks at no register any more. */
  close(): void {
    this.#cache.close();
  }

  /** TLPs that wait in the ring. */
  get waiting(): number {
    const { control } = this.tables;
    return (control[Control.tail]! - control[Control.head]!) >>> 0;
  }

  /** Puts a TLP into the ring. @returns its slot @throws RangeError when the ring is full */
  push(header: TlpHeader): number {
    const { control, headerBytes, room } = this.tables;
    if (this.waiting === room.slots) throw new RangeError(`ring: expected room, got ${room.slots} TLPs that wait`);
    const slot = control[Control.tail]! & (room.slots - 1);
    encodeTlpHeader(header, headerBytes, slot * HEADER_BYTES);
    control[Control.tail]!++;
    return slot;
  }

  /** Routes what waits in the ring. @returns how many TLPs that was */
  run(): number {
    const { control, room } = this.tables;
    const count = this.waiting;
    const first = control[Control.head]! & (room.slots - 1);
    const straight = Math.min(count, room.slots - first);
    this.route(first, straight);
    this.route(0, count - straight);
    control[Control.head] = control[Control.tail]!;
    return count;
  }

  /**
   * Routes the TLPs of the slots `first` to `first + count - 1`, whatever the ring's head and tail say; results are in
   * `tables.results`, by slot.
   * @throws RangeError when these are not slots of the ring
   */
  route(first: number, count: number): void {
    const { room, results, control } = this.tables;
    if (!(first >= 0 && count >= 0 && first + count <= room.slots))
      throw new RangeError(`ring: expected slots in [0, ${room.slots}), got ${first} to ${first + count - 1}`);
    this.#cache.refresh();
    control[Control.hasAnswers] = this.fabric.transactions.answers.size === 0 ? 0 : 1;
    const end = first + count;
    const { router, transactions } = this.fabric;
    if (!this.#knowsOptions || router.inboundBlocked || !transactions.faults.isEmpty) {
      for (let slot = first; slot < end; slot++) this.#exact(slot);
      return;
    }
    const { tables } = this;
    const accelerator = this.#accelerator;
    let at = first;
    while (at < end) {
      const chunkEnd = Math.min(at + CHUNK, end);
      results.fill(0, at, chunkEnd);
      const count = chunkEnd - at;
      const slow = accelerator === undefined ? classify(tables, at, count) : accelerator.classify(tables, at, count);
      at = this.#settle(slow, at, chunkEnd);
    }
  }

  /**
   * The second phase.
   * @param found how many entries of `tables.slow` there are
   * @returns the slot that is to be looked at next: `end`, unless the rest may go another way now
   */
  #settle(found: number, first: number, end: number): number {
    const { tables, counts } = this;
    const { slow, control, placeQuiet, placeFunction } = tables;
    const { revision } = this.#cache;
    for (let i = settle(tables, 0, found, counts); i < found; i = settle(tables, i + 1, found, counts)) {
      const refuser = control[Control.refuser]!;
      // Whatever the refusal changes makes the place loud again.
      if (refuser !== 0 && !this.#recordsSeveral(placeFunction[refuser]!)) placeQuiet[refuser] = 1;
      const slot = slow[i]!;
      this.#exact(slot);
      if (this.#cache.revision === revision) continue;
      this.#cache.refresh();
      counts[DELIVERED]! += slot - first - i;
      return slot + 1;
    }
    counts[DELIVERED]! += end - first - found;
    return end;
  }

  /** With several headers on record, what one more refusal leaves is not in registers alone. */
  #recordsSeveral(port: number): boolean {
    const { arena } = this.fabric;
    const { aer } = arena.layout[port]!;
    const enable = C.ADVANCED_ERROR_CAPABILITIES_AND_CONTROL_MULTIPLE_HEADER_RECORDING_ENABLE;
    return aer !== 0 && (arena.u32(port, aer + C.ADVANCED_ERROR_CAPABILITIES_AND_CONTROL) & enable) !== 0;
  }

  #exact(slot: number): void {
    const { headerBytes, results, senderFunction } = this.tables;
    const at = slot * HEADER_BYTES;
    let result: number;
    if (tlpTypeOfByte(headerBytes[at]!) === undefined) result = resultOf(codeOf('undecodable'), NONE);
    else {
      const sender = senderFunction[(headerBytes[at + 4]! << 8) | headerBytes[at + 5]!]!;
      const delivery = this.fabric.send(decodeTlpHeader(headerBytes, at), sender, this.#exactOptions);
      result = resultOf(codeOf(delivery.outcome), delivery.at);
    }
    results[slot] = result;
    this.counts[codeOfResult(result)]!++;
  }
}

function roomFor(fabric: Fabric, { slots = DEFAULT_SLOTS }: FastRouterOptions): Room {
  return { ranges: mostRanges(fabric.arena), slots };
}
