/** One memory write to host memory through bridges, by the exact router; delivered, and refused by the root port. */

import { chain } from '../src/lab/bench/machines.ts';
import { COMMAND, COMMAND_BUS_MASTER_ENABLE } from '../src/spec/constants.ts';
import { memoryWrite } from '../src/tlp/header.ts';
import { type Case, sink } from './measure.ts';

const OPERATIONS = 1000;
const DEPTHS = [1, 3, 5];

export function routerCases(): Case[] {
  return DEPTHS.flatMap((depth) => {
    const bridges = `${depth} ${depth === 1 ? 'bridge' : 'bridges'}`;
    const open = chain(depth);
    const closed = chain(depth);
    closed.fabric.arena.write(
      closed.rootPort,
      COMMAND,
      2,
      closed.fabric.arena.command(closed.rootPort) & ~COMMAND_BUS_MASTER_ENABLE,
    );
    const header = memoryWrite(open.endpointId, 1, 0x100000);
    const check = ({ fabric, endpoint }: typeof open, outcome: string) => {
      const route = fabric.router.route(header, endpoint);
      if (route.outcome !== outcome) throw new Error(`${bridges}: expected ${outcome}, got ${route.outcome}`);
    };
    check(open, 'delivered');
    check(closed, 'unsupported-request');
    const routed =
      ({ fabric, endpoint }: typeof open) =>
      () => {
        for (let i = 0; i < OPERATIONS; i++) sink.value += fabric.router.route(header, endpoint).at;
      };
    const sent =
      ({ fabric, endpoint }: typeof open) =>
      () => {
        for (let i = 0; i < OPERATIONS; i++) sink.value += fabric.send(header, endpoint).at;
      };
    return [
      { name: `${bridges}, routed, delivered`, operations: OPERATIONS, run: routed(open) },
      { name: `${bridges}, routed, refused at the root port`, operations: OPERATIONS, run: routed(closed) },
      { name: `${bridges}, sent, delivered`, operations: OPERATIONS, run: sent(open) },
      { name: `${bridges}, sent, refused and reported`, operations: OPERATIONS, run: sent(closed) },
    ];
  });
}
