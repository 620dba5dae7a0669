import { assemble } from '../../lab/machine.ts';
import type { OrderKind } from '../../lab/orders/order-kinds.ts';
import { type ProveResult, prove } from '../../lab/prove.ts';
import { DONE, FOUND } from '../exit.ts';
import { DEFAULT_PLATFORM } from '../load-dump.ts';
import { loadMachine } from '../load-machine.ts';
import { print, printJson, printNotes } from '../output.ts';
import { orderNames, renderOrder } from '../render/order.ts';
import { machineNotes, orderKind, type ShutdownFlags, specFromFlags } from '../shutdown-flags.ts';

interface ProveFlags extends ShutdownFlags {
  readonly orders: string;
  readonly json?: boolean;
}

export async function proveCommand(name: string = DEFAULT_PLATFORM, flags: ProveFlags): Promise<number> {
  const machine = await loadMachine(name);
  const shutdown = await specFromFlags(flags, machine);
  const kind = orderKind(flags.orders);
  printNotes([...machineNotes(machine, shutdown), ...assemble(machine).problems]);
  const result = prove(machine, shutdown, kind);
  if (flags.json) printJson(result);
  else
    print([
      `${machine.name}: ${machine.functions.length} functions, policy ${shutdown.policies.join(' + ')}, kernel ${shutdown.kernel}, path ${shutdown.path}`,
      ...render(result, kind),
    ]);
  return result.safe ? DONE : FOUND;
}

function render({ safe, orders, counterexample }: ProveResult, kind: OrderKind): string[] {
  if (safe) return [`safe: no Unsupported Request in any of ${orders} ${orderNames[kind]}`];
  return [
    `not safe: an Unsupported Request in some of ${orders} ${orderNames[kind]}`,
    ...renderOrder('shortest counterexample', counterexample!),
  ];
}
