import { InputError } from '../../formats/input-error.ts';
import { assemble } from '../../lab/machine.ts';
import { type OrderKind, orderKinds } from '../../lab/orders/prove-orders.ts';
import { type ProveResult, prove } from '../../lab/prove.ts';
import { DONE, FOUND } from '../exit.ts';
import { DEFAULT_PLATFORM } from '../load-dump.ts';
import { loadMachine } from '../load-machine.ts';
import { print, printJson, printNotes } from '../output.ts';
import { renderOrder } from '../render/order.ts';
import { machineNotes, type ShutdownFlags, specFromFlags } from '../shutdown-flags.ts';

interface ProveFlags extends ShutdownFlags {
  readonly orders: string;
  readonly json?: boolean;
}

export async function proveCommand(name: string = DEFAULT_PLATFORM, flags: ProveFlags): Promise<number> {
  const machine = await loadMachine(name);
  const shutdown = await specFromFlags(flags, machine);
  const kind = orderKinds.find((one) => one === flags.orders);
  if (kind === undefined)
    throw new InputError(`--orders: expected one of ${orderKinds.join(', ')}, got "${flags.orders}"`);
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

const orderNames: Readonly<Record<OrderKind, string>> = {
  any: 'orders',
  async: 'orders with everything behind a bridge before it',
};

function render({ safe, orders, counterexample }: ProveResult, kind: OrderKind): string[] {
  if (safe) return [`safe: no Unsupported Request in any of ${orders} ${orderNames[kind]}`];
  return [
    `not safe: an Unsupported Request in some of ${orders} ${orderNames[kind]}`,
    ...renderOrder('shortest counterexample', counterexample!),
  ];
}
