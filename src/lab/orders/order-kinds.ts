/** Which orders there can be, and how a random one of them is made of a random permutation. */
import { subtree, type Topology } from '../../fabric/topology.ts';
import type { KernelRules } from '../../linux/kernel-rules.ts';

/** `any`: every permutation. `async`: what is behind a bridge before the bridge, as with the kernel's asynchronous shutdown. */
export type OrderSet = 'any' | 'async';

/** `kset`: what probes, deferred probes and device links can make of `devices_kset`; which set that is, depends on the release. */
export const orderKinds = ['any', 'async', 'kset'] as const;
export type OrderKind = (typeof orderKinds)[number];

/**
 * Up to 4.17 each attempt to probe moves one function alone to the tail of the list: function after function, any order comes about. From
 * 4.18 on (722e5f2b1eec) only a deferred probe (device_pm_move_to_tail()) or a new device link (device_reorder_to_tail()) moves one, and
 * all behind it with it: then a bridge is always before what is behind it in the list, and function after function, any such order comes
 * about. drivers/base/core.c, drivers/base/dd.c.
 */
export function orderSetOf(kind: OrderKind, rules: KernelRules): OrderSet {
  if (kind !== 'kset') return kind;
  return rules.devicesKset === 'registration' ? 'async' : 'any';
}

/**
 * Turns permutations into orders of a set, each of which comes of equally many of them. For `async`, bridges from the leaves up: the
 * functions behind the bridge move one place forward each, and the bridge has the last place. Where the bridge stood among them says
 * nothing of how they stand, so nothing is more likely for it.
 */
export class OrderSettler {
  /** Bridges from the leaves up, and for each which functions are behind it, itself among them. */
  readonly #bridges: readonly { readonly fn: number; readonly isBehind: Uint8Array }[];

  constructor(topology: Topology, set: OrderSet) {
    const { children } = topology;
    const bridges =
      set === 'any'
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
