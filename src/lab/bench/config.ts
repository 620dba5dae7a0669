/** Configuration writes: among TLPs, and alone. */

import { isBridge } from '../../fabric/topology.ts';
import * as C from '../../spec/constants.ts';
import { add, type Bench, type Figures } from './figures.ts';
import { AER, chain, standardMachine } from './machines.ts';
import { interleaved } from './measure.ts';
import { loaded, slotsOf } from './throughput.ts';

const TLPS = 1000;
const WRITES = 10_000;

/** `std` with 0, 1 and 10 writes in 1,000 TLPs: Bus Master Enable of one endpoint after the other falls, and rises with the next. */
export function configMix(bench: Bench): Figures {
  const router = loaded(standardMachine(), 'std', slotsOf(bench));
  const { arena } = router.fabric;
  const endpoints = Array.from({ length: arena.count }, (_, fn) => fn).filter((fn) => !isBridge(arena, fn));
  const slots = Math.floor(slotsOf(bench) / TLPS) * TLPS;
  const step = (writes: number) => () => {
    let write = 0;
    for (let first = 0; first < slots; first += TLPS / Math.max(writes, 1)) {
      if (writes > 0) {
        const fn = endpoints[(write >> 1) % endpoints.length]!;
        arena.write(fn, C.COMMAND, 2, arena.command(fn) ^ C.COMMAND_BUS_MASTER_ENABLE);
        write++;
      }
      router.route(first, TLPS / Math.max(writes, 1));
    }
    // All on again.
    if (write % 2 === 1) {
      const fn = endpoints[(write >> 1) % endpoints.length]!;
      arena.write(fn, C.COMMAND, 2, arena.command(fn) | C.COMMAND_BUS_MASTER_ENABLE);
    }
  };
  const found = interleaved(bench.clock, bench.effort, { none: step(0), one: step(1), ten: step(10) });
  add(bench, 'std, 1 configuration write in 1,000 TLPs, TypeScript', found.one / slots, null);
  add(bench, 'std, 10 configuration writes in 1,000 TLPs, TypeScript', found.ten / slots, null);
  router.close();
  return { 'config-mix': found.one / found.none };
}

/** Four bytes of a register without a say in decoding, through the software door; against the same stores in a bare array. */
export function configWrite(bench: Bench): Figures {
  const { fabric, endpoint } = chain(1);
  const { arena } = fabric;
  const register = AER + C.UNCORRECTABLE_ERROR_MASK;
  const { rw, rw1c } = arena.layout[endpoint]!;
  const bytes = arena.space(endpoint);
  const found = interleaved(bench.clock, bench.effort, {
    arena: () => {
      for (let i = 0; i < WRITES; i++) arena.write(endpoint, register, 4, (i & 1) << 20);
    },
    bare: () => {
      for (let i = 0; i < WRITES; i++) {
        const value = (i & 1) << 20;
        for (let at = register, shift = 0; shift < 32; at++, shift += 8) {
          const byte = (value >>> shift) & 0xff;
          const mask = rw[at]!;
          bytes[at] = ((bytes[at]! & ~mask) | (byte & mask)) & ~(byte & rw1c[at]!);
        }
      }
    },
  });
  return { 'config-write': found.arena / found.bare };
}
