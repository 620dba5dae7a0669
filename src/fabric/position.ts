/** Where a TLP is on its way, between two hops. */

export interface Position {
  /** The function that sent it or handed it on last; NONE for the root complex. */
  at: number;
  /** The function that sent it, or NONE. */
  from: number;
  /** Where its IDs are looked for. */
  segment: number;
  /** Towards the root. */
  isUp: boolean;
  /** A port's ACS has sent it up: inside this switch nobody below may claim it any more. */
  redirected: boolean;
}

/** Before the first hop of what a function sends upwards, or the root complex (NONE) downwards. */
export function positionOf(from: number, segment: number): Position {
  return { at: from, from, segment, isUp: from >= 0, redirected: false };
}
