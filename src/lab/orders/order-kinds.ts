/** Which orders there can be, and how a random one of them is made of a random permutation. */
import { subtree, type Topology } from '../../fabric/topology.ts';

/** `any`: every permutation. `async`: what is behind a bridge before the bridge, as with the kernel's asynchronous shutdown. */
export const orderKinds = ['any', 'async'] as const;
export type OrderKind = (typeof orderKinds)[number];

/**
 * Turns permutations into orders of a kind, each of which comes of equally many of them. For `async`, bridges from the leaves up: the
 * functions behind the bridge move one place forward each, and the bridge has the last place. Where the bridge stood among them says
 * nothing of how they stand, so nothing is more likely for it.
 */
export class OrderSettler {
  /** Bridges from the leaves up, and for each which functions are behind it, itself among them. */
  readonly #bridges: readonly { readonly fn: number; readonly isBehind: Uint8Array }[];

  constructor(topology: Topology, kind: OrderKind) {
    const { children } = topology;
    const bridges =
      kind === 'any'
        ? []
        : Object.keys(children)
            .map(Number)
            .filter((fn) => children[fn]!.length > 0);
    this.#bridges = bridges
      .map((fn) => ({ fn, behind: subtree(topology, fn) }))
      .sort((a, b) => a.behind.length - b.behind.length)
      .map(({ fn, behind }) => {
        const isBehind = new Uint8Array(children.length);
        for (const one of behind) isBehind[one] = 1;
        return { fn, isBehind };
      });
  }

  /** @param order of functions, each at most once; changed in place */
  settle(order: Int32Array): void {
    for (let b = 0; b < this.#bridges.length; b++) {
      const { fn, isBehind } = this.#bridges[b]!;
      let free = order.indexOf(fn);
      if (free < 0) continue;
      for (let i = free + 1; i < order.length; i++)
        if (isBehind[order[i]!] === 1) {
          order[free] = order[i]!;
          free = i;
        }
      order[free] = fn;
    }
  }
}
