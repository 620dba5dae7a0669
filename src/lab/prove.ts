/** Whether a shutdown is safe in every order, and the shortest that is not. */
import { InputError } from '../formats/input-error.ts';
import type { Machine } from './machine.ts';
import { ExactOrders, inOrder, type OrderJson } from './orders/exact-orders.ts';
import { type OrderKind, orderSetOf } from './orders/order-kinds.ts';
import { orderModelOf } from './orders/order-model.ts';
import { type Proof, proveOrders, TooManyStates } from './orders/prove-orders.ts';
import { NotDecomposable } from './orders/watch.ts';
import type { ShutdownSpec } from './shutdown-spec.ts';

export interface ProveResult {
  readonly safe: boolean;
  /** How many orders it stands for: a number up to 2^53 - 1, above that its digits. */
  readonly orders: number | string;
  /** The fewest functions that still give a refusal, in an order with the fewest writes up to it: what the fabric does with them. */
  readonly counterexample: OrderJson | null;
}

/** @throws InputError as `optionsOf`, and where a shutdown is none of steps in an order: see `OrderModel` */
export function prove(machine: Machine, shutdown: ShutdownSpec, kind: OrderKind = 'any'): ProveResult {
  const exact = new ExactOrders(machine, shutdown);
  const { names, proof } = proved(machine, shutdown, kind);
  const orders = proof.orders <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(proof.orders) : `${proof.orders}`;
  if (proof.counterexample === undefined) return { safe: true, orders, counterexample: null };
  const counterexample = exact.told(exact.run(inOrder(proof.counterexample.map((fn) => names[fn]!))));
  if (counterexample.unsupported_requests.length === 0)
    throw new Error(`${counterexample.order.join(' ')}: expected the fabric to refuse a request as the model does`);
  return { safe: false, orders, counterexample };
}

function proved(machine: Machine, shutdown: ShutdownSpec, kind: OrderKind): { names: string[]; proof: Proof } {
  try {
    const model = orderModelOf(machine, shutdown);
    return { names: model.names, proof: proveOrders(model, orderSetOf(kind, model.rules)) };
  } catch (error) {
    if (error instanceof NotDecomposable)
      throw new InputError(
        `prove: expected a shutdown that steps and their order decide, got one where ${error.message}`,
      );
    if (error instanceof TooManyStates) throw new InputError(`prove: ${error.message}`);
    throw error;
  }
}
