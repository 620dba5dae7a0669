/** An order that fails, and what is refused in it. */
import type { OrderJson } from '../../lab/orders/exact-orders.ts';
import type { OrderKind } from '../../lab/orders/order-kinds.ts';
import { stepName } from './walk.ts';

export const orderNames: Readonly<Record<OrderKind, string>> = {
  any: 'orders',
  async: 'orders with everything behind a bridge before it',
  kset: "orders of the kernel's device list",
};

/** @param what it is, such as `counterexample` */
export function renderOrder(what: string, { order, unsupported_requests }: OrderJson): string[] {
  return [
    order.length === 0
      ? `${what}: refused already, whoever shuts down`
      : `${what}: only these shut down, in this order: ${order.join(' ')}`,
    ...unsupported_requests.map(
      ({ requester, address, reporter, step }) =>
        `  ${requester} to ${address}: refused by ${reporter} ${stepName(step)}`,
    ),
  ];
}
