/**
 * The second phase: a TLP that the first look has not settled. Memory requests that their sender may not issue, that a port refuses or
 * that a peer takes are settled from the tables; the exact router has the rest.
 */
import {
  Control,
  Gate,
  HEADER_BYTES,
  IdFlag,
  LOW_MEBIBYTES,
  PlaceFlag,
  Sender,
  type Tables,
  Taker,
} from '../decode-cache/tables.ts';
import { NONE } from '../topology.ts';
import { isPlainRequest } from './classify.ts';
import { DELIVERED, NOT_SENT, resultOf, UNSUPPORTED_REQUEST } from './results.ts';

const FOUR_DW = 0x20000000;
const HAS_DATA = 0x40000000;
/** Fmt and Type but for fmt[1], that are those of Cpl and CplD. */
const COMPLETION_TYPE = 0xbf000000 | 0;
const COMPLETION = 0x0a000000;
const POISONED = 0x4000;
const PAGES_PER_4_GIB = 2 ** 20;

/**
 * Settles the slots of `tables.slow` from the `from`-th on, and counts them.
 * @param found how many slots there are
 * @param counts by outcome
 * @returns index of the first that only the exact router can tell, `found` where there is none; `tables.control` says at which place it
 *   will refuse a posted request, 0 where it is not known to
 */
export function settle(tables: Tables, from: number, found: number, counts: Float64Array): number {
  // Out of the loop, and into the parts of it as arguments: read anew for each TLP they take as long as all the rest (measured).
  const { control, headers, results, slow, lowIndex, rangeStart, rangeTaker, rangePlace } = tables;
  const { senderState, senderPlace, senderFunction, idFlags, placeFirstBus, placeLastBus } = tables;
  const { placeStop, placeFlags, placeDepth, placeAbove, placeGate, placeQuiet, placeFunction } = tables;
  const rangeCount = control[Control.rangeCount]!;
  const peerToPeer = control[Control.peerToPeer] !== 0;
  const hasAnswers = control[Control.hasAnswers] !== 0;
  const expectsCompletions = control[Control.expectsCompletions] !== 0;
  control[Control.refuser] = 0;
  let delivered = 0;
  let notSent = 0;
  let unsupported = 0;
  let i = from;
  for (; i < found; i++) {
    const slot = slow[i]!;
    const at = slot * HEADER_BYTES;
    const word0 = headers.getInt32(at);
    const word1 = headers.getInt32(at + 4);
    const word2 = headers.getInt32(at + 8);
    const id = word1 >>> 16;
    const state = senderState[id]!;
    const place = senderPlace[id]!;
    if ((word0 & COMPLETION_TYPE) === COMPLETION) {
      if (!expectsCompletions) break;
      const flags = (idFlags[id]! & IdFlag.isBridge) | (idFlags[word2 >>> 16]! & IdFlag.isOnRootBus);
      if (state === Sender.nobody || flags !== 0 || peerToPeer || !isPlainCompletion(word0, word1, word2)) break;
      const bus = word2 >>> 24;
      if (bus >= placeFirstBus[place]! && bus <= placeLastBus[place]!) break;
      delivered++;
      continue;
    }
    const isFourDw = (word0 & FOUR_DW) !== 0;
    const hi = isFourDw ? word2 : 0;
    const lo = isFourDw ? headers.getInt32(at + 12) : word2;
    if (state >= Sender.unclear || !isPlainRequest(word0, word1, hi, lo)) break;
    if (state === Sender.silent) {
      results[slot] = resultOf(NOT_SENT, senderFunction[id]!);
      notSent++;
      continue;
    }
    const range = rangeOf(lowIndex, rangeStart, rangeCount, hi, lo);
    const taker = rangeTaker[range]!;
    if (taker === Taker.unclear) break;
    const stop = placeStop[place]!;
    // Who refuses it: 0 for nobody.
    let refuser = stop;
    if (taker !== Taker.none) {
      if ((placeFlags[place]! & PlaceFlag.controls) !== 0) break;
      // It goes up until it meets the way to its taker.
      let meeting = place;
      let other: number = rangePlace[range]!;
      let below = 0;
      while (meeting !== other) {
        if (placeDepth[meeting]! >= placeDepth[other]!) {
          below = meeting;
          meeting = placeAbove[meeting]!;
        } else other = placeAbove[other]!;
      }
      if (meeting === 0 && stop === 0) {
        // From one of its ports to another the root complex sends nothing, unless this machine's does.
        if (peerToPeer || (word0 & HAS_DATA) === 0) break;
        results[slot] = resultOf(UNSUPPORTED_REQUEST, NONE);
        unsupported++;
        continue;
      }
      const isShared = below !== 0 && (placeFlags[below]! & PlaceFlag.isDownstreamPort) !== 0;
      const depth = placeDepth[meeting]!;
      const stopDepth = placeDepth[stop]!;
      // Inside a switch the peer takes it before the upstream port has a say, if the bus is there.
      const isStopped = stopDepth > depth || (stopDepth === depth && !(isShared && placeGate[stop] === Gate.refuses));
      if (!isStopped && isShared) {
        if (hasAnswers) break;
        results[slot] = resultOf(DELIVERED, taker);
        delivered++;
        continue;
      }
      // On a link it lies in the window of the very port that it came to.
      if (!isStopped) refuser = meeting;
    }
    if (refuser === 0) {
      delivered++;
      continue;
    }
    const gate = placeGate[refuser]!;
    if (gate === Gate.down) {
      results[slot] = resultOf(NOT_SENT, senderFunction[id]!);
      notSent++;
      continue;
    }
    // What is not posted has an answer, which leaves a mark at its requester.
    if (gate === Gate.unclear || (word0 & HAS_DATA) === 0) break;
    if (placeQuiet[refuser] !== 1) {
      control[Control.refuser] = refuser;
      break;
    }
    results[slot] = resultOf(UNSUPPORTED_REQUEST, placeFunction[refuser]!);
    unsupported++;
  }
  counts[DELIVERED]! += delivered;
  counts[NOT_SENT]! += notSent;
  counts[UNSUPPORTED_REQUEST]! += unsupported;
  return i;
}

/** A completion that nobody on its way would look at twice: no more DWORDs than Byte Count says, from the lower address on. */
function isPlainCompletion(word0: number, word1: number, word2: number): boolean {
  if ((word0 & HAS_DATA) === 0) return true;
  const beyondFirst = (word0 - 1) & 0x3ff;
  const bytes = (((word1 & 0xfff) - 1) & 0xfff) + 1;
  return (word0 & POISONED) === 0 && 4 * beyondFirst < (word2 & 3) + bytes;
}

/** Index of the range of the address map that the address lies in. */
function rangeOf(lowIndex: Int32Array, rangeStart: Float64Array, rangeCount: number, hi: number, lo: number): number {
  const page = (hi >>> 0) * PAGES_PER_4_GIB + (lo >>> 12);
  const mebibyte = hi === 0 ? lo >>> 20 : LOW_MEBIBYTES;
  let first = lowIndex[mebibyte]!;
  let last = hi === 0 ? lowIndex[mebibyte + 1]! : rangeCount - 1;
  while (first < last) {
    const middle = (first + last + 1) >>> 1;
    if (rangeStart[middle]! <= page) first = middle;
    else last = middle - 1;
  }
  return first;
}
