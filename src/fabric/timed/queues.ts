/** The queues of all ports: one for each side that a TLP leaves by, in the order of arrival. Which may pass which says `ordering.ts`. */
import { NONE } from '../topology.ts';
import type { TimedTlp } from './timed-tlp.ts';

export type QueuesCheckpoint = ReadonlyMap<number, readonly TimedTlp[]>;

const empty: readonly TimedTlp[] = [];

export class Queues {
  #byPlace = new Map<number, readonly TimedTlp[]>();

  /** Those that hold something, in no order that means anything. */
  get all(): Iterable<readonly TimedTlp[]> {
    return this.#byPlace.values();
  }

  get isEmpty(): boolean {
    return this.#byPlace.size === 0;
  }

  /** @param isUp the primary side of the function; false for the secondary side, and for the root complex */
  of(fn: number, isUp: boolean): readonly TimedTlp[] {
    return this.#byPlace.get(placeOf(fn, isUp)) ?? empty;
  }

  add(tlp: TimedTlp): void {
    const { at, isUp } = tlp.position;
    this.#byPlace.set(placeOf(at, isUp), [...this.of(at, isUp), tlp]);
  }

  remove(tlp: TimedTlp): void {
    const { at, isUp } = tlp.position;
    const left = this.of(at, isUp).filter((one) => one !== tlp);
    if (left.length === 0) this.#byPlace.delete(placeOf(at, isUp));
    else this.#byPlace.set(placeOf(at, isUp), left);
  }

  checkpoint(): QueuesCheckpoint {
    return new Map(this.#byPlace);
  }

  restore(checkpoint: QueuesCheckpoint): void {
    this.#byPlace = new Map(checkpoint);
  }
}

function placeOf(fn: number, isUp: boolean): number {
  return 2 * (fn - NONE) + (isUp ? 1 : 0);
}
