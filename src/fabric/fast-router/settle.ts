/**
 * The second phase: a TLP that the first look has not settled. Memory requests that their sender may not issue, that a port refuses or
 * that a peer takes are settled from the tables; the exact router has the rest.
 */
import { Control, Gate, HEADER_BYTES, PlaceFlag, Sender, type Tables, Taker } from '../decode-cache/tables.ts';
import { NONE } from '../topology.ts';
import { isPlainRequest } from './classify.ts';
import { DELIVERED, NOT_SENT, resultOf, UNSUPPORTED_REQUEST } from './results.ts';

/** The exact router must tell. */
export const EXACT = -1;

const FOUR_DW = 0x20000000;
const HAS_DATA = 0x40000000;
const PAGES_PER_4_GIB = 2 ** 20;

/** @returns a result; EXACT; or EXACT less the place at which the exact router will refuse a posted request */
export function settle(tables: Tables, slot: number): number {
  const { headers, senderState, senderPlace, senderFunction, placeStop, placeFlags, rangeTaker } = tables;
  const at = slot * HEADER_BYTES;
  const word0 = headers.getInt32(at);
  const word1 = headers.getInt32(at + 4);
  const word2 = headers.getInt32(at + 8);
  const isFourDw = (word0 & FOUR_DW) !== 0;
  const hi = isFourDw ? word2 : 0;
  const lo = isFourDw ? headers.getInt32(at + 12) : word2;
  const id = word1 >>> 16;
  const state = senderState[id]!;
  if (state >= Sender.unclear || !isPlainRequest(word0, word1, hi, lo)) return EXACT;
  if (state === Sender.silent) return resultOf(NOT_SENT, senderFunction[id]!);
  const range = rangeOf(tables, hi, lo);
  const taker = rangeTaker[range]!;
  if (taker === Taker.unclear) return EXACT;
  const place = senderPlace[id]!;
  const stop = placeStop[place]!;
  const isPosted = (word0 & HAS_DATA) !== 0;
  if (taker === Taker.none) return stop === 0 ? DELIVERED : refusal(tables, stop, id, isPosted);
  if ((placeFlags[place]! & PlaceFlag.controls) !== 0) return EXACT;
  return toTaker(tables, place, stop, id, range, isPosted);
}

/** Some function claims the address: the request goes up until it meets the way to it. */
function toTaker(tables: Tables, place: number, stop: number, id: number, range: number, isPosted: boolean): number {
  const { control, placeDepth, placeAbove, placeFlags, placeGate, rangeTaker, rangePlace } = tables;
  let meeting = place;
  let other: number = rangePlace[range]!;
  let below = 0;
  while (meeting !== other) {
    if (placeDepth[meeting]! >= placeDepth[other]!) {
      below = meeting;
      meeting = placeAbove[meeting]!;
    } else other = placeAbove[other]!;
  }
  if (meeting === 0) {
    if (stop !== 0) return refusal(tables, stop, id, isPosted);
    // From one of its ports to another the root complex sends nothing, unless this machine's does.
    const isRefused = isPosted && control[Control.peerToPeer] === 0;
    return isRefused ? resultOf(UNSUPPORTED_REQUEST, NONE) : EXACT;
  }
  const depth = placeDepth[meeting]!;
  const stopDepth = stop === 0 ? 0 : placeDepth[stop]!;
  if (stopDepth > depth) return refusal(tables, stop, id, isPosted);
  // Inside a switch the peer takes it before the upstream port has a say, if the bus is there.
  const isShared = below !== 0 && (placeFlags[below]! & PlaceFlag.isDownstreamPort) !== 0;
  if (stopDepth === depth && !(isShared && placeGate[stop] === Gate.refuses))
    return refusal(tables, stop, id, isPosted);
  // On a link it lies in the window of the very port that it came to.
  if (!isShared) return refusal(tables, meeting, id, isPosted);
  return control[Control.hasAnswers] === 0 ? resultOf(DELIVERED, rangeTaker[range]!) : EXACT;
}

/** What a place refuses, by its gate or because the address lies in its own window. */
function refusal(tables: Tables, place: number, id: number, isPosted: boolean): number {
  const { placeGate, placeQuiet, placeFunction, senderFunction } = tables;
  const gate = placeGate[place]!;
  if (gate === Gate.unclear) return EXACT;
  if (gate === Gate.down) return resultOf(NOT_SENT, senderFunction[id]!);
  // What is not posted has an answer, which leaves a mark at its requester.
  if (!isPosted) return EXACT;
  return placeQuiet[place] === 1 ? resultOf(UNSUPPORTED_REQUEST, placeFunction[place]!) : EXACT - place;
}

/** Index of the range of the address map that the address lies in. */
function rangeOf({ control, lowIndex, rangeStart }: Tables, hi: number, lo: number): number {
  const page = (hi >>> 0) * PAGES_PER_4_GIB + (lo >>> 12);
  const mebibyte = hi === 0 ? lo >>> 20 : lowIndex.length - 1;
  let first = lowIndex[mebibyte]!;
  let last = hi === 0 ? lowIndex[mebibyte + 1]! : control[Control.rangeCount]! - 1;
  while (first < last) {
    const middle = (first + last + 1) >>> 1;
    if (rangeStart[middle]! <= page) first = middle;
    else last = middle - 1;
  }
  return first;
}
