/**
 * Who takes a memory request, by address: one range after the other, from page 0 to the last. Built as a request from the root complex
 * would be decoded, level by level, and so that it holds for one from below as well: a range has a taker only where exactly one
 * function claims it on each level, all claims lie within the windows above them, and everything on the way down is powered and
 * linked. What nobody claims anywhere is host memory. All else is unclear, and the exact router's.
 */
import type { ConfigArena } from '../../config/arena.ts';
import { spaceIsEnabled } from '../address-decode.ts';
import type { ExactRouter } from '../exact-router.ts';
import { isLinkUp } from '../link.ts';
import { hasConventionalSecondary, isBridge, NONE } from '../topology.ts';
import { barRanges, type PageRange, windowRanges } from './memory-ranges.ts';
import { Control, LOW_MEBIBYTES, type Tables, Taker } from './tables.ts';

const PAGES_PER_MEBIBYTE = 2 ** 8;
/** The legacy region: what is claimed there depends on VGA Enable, and on what the root complex keeps for itself. */
const FIRST_PAGE = PAGES_PER_MEBIBYTE;
/** A request to an address beyond 2^51 goes to the exact router unseen: the number of its MiB fits no signed 32-bit integer. */
const END_PAGE = 2 ** 39;
const PAGES_PER_4_GIB = 2 ** 20;
/** Messages of interrupts: the root complex's own where they reach it, whoever claims them. */
const MESSAGES: Range = { first: 0xfee00, last: 0xfeeff };
const everything: readonly Range[] = [{ first: FIRST_PAGE, last: END_PAGE - 1 }];

interface Range {
  readonly first: number;
  readonly last: number;
}

interface Claim extends PageRange {
  readonly fn: number;
  readonly isWindow: boolean;
  isDisputed: boolean;
}

/** Ranges that the functions of this machine can have at most, unless VFs without number join it. */
export function mostRanges(arena: ConfigArena): number {
  let claims = 1;
  for (let fn = 0; fn < arena.count; fn++) {
    const { bars, vfBars, enhancedAllocation } = arena.layout[fn]!;
    claims += bars.length + (isBridge(arena, fn) ? 2 : 0) + (enhancedAllocation === 0 ? 0 : LARGEST_ENTRIES);
    claims += vfBars.length * USUAL_VFS;
  }
  return 2 * claims + 2;
}

const LARGEST_ENTRIES = 63;
const USUAL_VFS = 256;

/** Fills the address map of the tables, and the ranges of host memory in the control words. */
export function fillAddressMap(router: ExactRouter, tables: Tables, placeOf: (fn: number) => number): void {
  const map = new AddressMap(router);
  map.add(router.topology.rootClaimants, everything);
  map.write(tables, placeOf);
}

class AddressMap {
  readonly #router: ExactRouter;
  readonly #arena: ConfigArena;
  /** Do not overlap, nor do windows of one level. */
  readonly #taken: (Range & { readonly fn: number })[] = [];
  readonly #windows: Range[] = [];
  readonly #unclear: Range[] = [];

  constructor(router: ExactRouter) {
    this.#router = router;
    this.#arena = router.arena;
  }

  /** The functions of a bus, and all behind them. @param reached what gets to that bus from above */
  add(functions: readonly number[], reached: readonly Range[]): void {
    const arena = this.#arena;
    const claims = functions.flatMap((fn) => this.#claimsOf(fn));
    markDisputed(claims);
    const windows = new Map<number, Range[]>();
    for (const claim of claims) {
      const { fn, isWindow, isPartial, isDisputed } = claim;
      const isReached = reached.some(({ first, last }) => claim.first >= first && claim.last <= last);
      const isPort = !isWindow && isBridge(arena, fn);
      if (isPartial || isDisputed || !isReached || isPort || this.#router.powerState(fn) !== 0)
        this.#unclear.push(claim);
      else if (!isWindow) this.#taken.push(claim);
      else {
        this.#windows.push(claim);
        const here = windows.get(fn);
        if (here === undefined) windows.set(fn, [claim]);
        else here.push(claim);
      }
    }
    const { children } = this.#router.topology;
    for (const fn of functions) {
      if (children[fn]!.length === 0) continue;
      const leads = isLinkUp(arena, fn) && !hasConventionalSecondary(arena, fn);
      this.add(children[fn]!, (leads ? windows.get(fn) : undefined) ?? []);
    }
  }

  #claimsOf(fn: number): Claim[] {
    const arena = this.#arena;
    if (!arena.isPresent(fn)) return [];
    const isBridging = isBridge(arena, fn);
    const claims: Claim[] = [];
    const add = (ranges: PageRange[], isWindow: boolean) => {
      for (const { first, last, isPartial } of ranges)
        if (last >= FIRST_PAGE && first < END_PAGE)
          claims.push({
            first: Math.max(first, FIRST_PAGE),
            last: Math.min(last, END_PAGE - 1),
            isPartial,
            fn,
            isWindow,
            isDisputed: false,
          });
    };
    if (spaceIsEnabled(arena, fn, 'memory')) {
      add(barRanges(arena, fn), false);
      if (isBridging) add(windowRanges(arena, fn), true);
    } else if (isBridging && this.#router.options.windowsOfDisabledSpace === 'kept') {
      // They still stop what comes from below.
      this.#unclear.push(...windowRanges(arena, fn));
    }
    return claims;
  }

  write(tables: Tables, placeOf: (fn: number) => number): void {
    const { rangeStart, rangeTaker, rangePlace, room } = tables;
    const overlapsMessages = ({ first, last }: Range) => first <= MESSAGES.last && last >= MESSAGES.first;
    if (this.#taken.some(overlapsMessages) || this.#windows.some(overlapsMessages)) this.#unclear.push(MESSAGES);
    let count = 0;
    let last: number = Taker.none;
    const put = (start: number, taker: number) => {
      if (count > 0 && taker === last) return;
      last = taker;
      if (count < room.ranges) {
        rangeStart[count] = start;
        rangeTaker[count] = taker;
        rangePlace[count] = taker < 0 ? 0 : placeOf(taker);
      }
      count++;
    };
    put(0, Taker.unclear);
    sweep(this.#taken, this.#windows, this.#unclear, put);
    if (count > room.ranges) {
      // More than there is room for: the exact router has them all.
      count = 1;
      rangeTaker[0] = Taker.unclear;
    }
    writeIndex(tables, count);
    writeHostMemory(tables, count);
  }
}

/** Two functions of a level, or two ranges of one, that claim the same page: neither counts as its taker. */
function markDisputed(claims: Claim[]): void {
  claims.sort((a, b) => a.first - b.first);
  let furthest: Claim | undefined;
  for (const claim of claims) {
    if (furthest !== undefined && claim.first <= furthest.last) {
      claim.isDisputed = true;
      furthest.isDisputed = true;
    }
    if (furthest === undefined || claim.last > furthest.last) furthest = claim;
  }
}

/**
 * Tells each range from FIRST_PAGE to END_PAGE and its taker, in order. What is unclear lies over what is taken, and that over the
 * windows, of which the rest is unclear too: nobody behind them claims it.
 */
function sweep(
  taken: readonly (Range & { readonly fn: number })[],
  windows: readonly Range[],
  unclear: readonly Range[],
  put: (start: number, taker: number) => void,
): void {
  const edges: { page: number; fn: number; covers: number; takes: number }[] = [];
  const add = (first: number, last: number, fn: number, covers: number, takes: number) => {
    if (last < FIRST_PAGE || first >= END_PAGE) return;
    edges.push({ page: Math.max(first, FIRST_PAGE), fn, covers, takes });
    edges.push({ page: last + 1, fn, covers: -covers, takes: -takes });
  };
  for (const { first, last, fn } of taken) add(first, last, fn, 0, 1);
  for (const { first, last } of windows) add(first, last, NONE, WINDOW, 0);
  for (const { first, last } of unclear) add(first, last, NONE, UNCLEAR, 0);
  // Of one page, ends come before beginnings: the next taker may be there already.
  edges.sort((a, b) => a.page - b.page || a.takes - b.takes);
  let covered = 0;
  let taker = NONE;
  const now = () =>
    covered >= UNCLEAR ? Taker.unclear : taker !== NONE ? taker : covered > 0 ? Taker.unclear : Taker.none;
  if (edges[0]?.page !== FIRST_PAGE) put(FIRST_PAGE, Taker.none);
  for (let i = 0; i < edges.length; ) {
    const { page } = edges[i]!;
    for (; i < edges.length && edges[i]!.page === page; i++) {
      const { fn, covers, takes } = edges[i]!;
      covered += covers;
      if (takes !== 0) taker = takes > 0 ? fn : NONE;
    }
    if (page < END_PAGE) put(page, now());
  }
  put(END_PAGE, Taker.unclear);
}

/** Summands of what covers a page: as many windows as there can be count less than one range that is unclear. */
const WINDOW = 1;
const UNCLEAR = 2 ** 24;

function writeIndex({ control, rangeStart, lowIndex }: Tables, count: number): void {
  control[Control.rangeCount] = count;
  let range = 0;
  for (let mebibyte = 0; mebibyte <= LOW_MEBIBYTES; mebibyte++) {
    while (range + 1 < count && rangeStart[range + 1]! <= mebibyte * PAGES_PER_MEBIBYTE) range++;
    lowIndex[mebibyte] = range;
  }
}

/** Host memory lies from 1 MiB and from 4 GiB on, up to the first page that anything claims. */
function writeHostMemory({ control, rangeStart, rangeTaker, lowIndex }: Tables, count: number): void {
  const lastMebibyte = (first: number, limit: number) => {
    const range = lowIndex[first]!;
    if (rangeTaker[range] !== Taker.none) return first - 1;
    const end = range + 1 < count ? Math.min(rangeStart[range + 1]!, limit) : limit;
    return Math.floor(end / PAGES_PER_MEBIBYTE) - 1;
  };
  control[Control.lowFirst] = 1;
  control[Control.lowLast] = lastMebibyte(1, PAGES_PER_4_GIB);
  control[Control.highFirst] = LOW_MEBIBYTES;
  control[Control.highLast] = lastMebibyte(LOW_MEBIBYTES, END_PAGE);
}
