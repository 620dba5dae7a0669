/**
 * Legacy interrupts: four level-triggered wires below each port, as virtual wires of Assert_INTx and Deassert_INTx messages on links.
 * A level is read from config bytes alone: a function asserts its pin while Interrupt Status is set and nothing forbids it.
 * PCIe 5.0 §2.2.8.1, §6.1.2, §7.5.1.1.3, §7.5.1.1.4; PCI-to-PCI Bridge 1.2 §9.1.
 */
import { messageCodes, messageRouting } from '../../spec-tables/message-codes.ts';
import type { ConfigArena } from '../config/arena.ts';
import * as C from '../spec/constants.ts';
import { type TlpHeader, tlpHeader } from '../tlp/header.ts';
import { isLinkUp } from './link.ts';
import { enabledMsi } from './msi.ts';
import { hasConventionalSecondary, isBridge, leadsToLink, type Topology } from './topology.ts';

const PINS = 4;
const ASSERT_INTA = messageCodes.Assert_INTA.code;
const DEASSERT_INTA = messageCodes.Deassert_INTA.code;

/** What the wires need of a machine; an `ExactRouter` has it. */
export interface IntxHost {
  readonly arena: ConfigArena;
  readonly topology: Topology;
  powerState(fn: number): number;
}

/** A message that a link has carried. */
export interface IntxMessage {
  /** The function at the upper end of the link, where the message ends. */
  readonly port: number;
  readonly header: TlpHeader;
}

export class IntxWires {
  readonly #host: IntxHost;
  /** What each link last carried: bit n for pin n. */
  readonly #carried = new Map<number, number>();

  constructor(host: IntxHost) {
    this.#host = host;
  }

  /** The function has an interrupt to tell, or no longer: Interrupt Status, whatever Interrupt Disable says. */
  setPending(fn: number, pending: boolean): void {
    const { arena } = this.#host;
    arena.expectFunction(fn);
    const status = arena.u16(fn, C.STATUS);
    arena.poke(fn, C.STATUS, 2, pending ? status | C.STATUS_INTERRUPT_STATUS : status & ~C.STATUS_INTERRUPT_STATUS);
  }

  /** Pin that the function asserts, 0 to 3 for INTA to INTD; undefined where it asserts none. */
  assertedPin(fn: number): number | undefined {
    const { arena } = this.#host;
    const pin = arena.u8(fn, C.INTERRUPT_PIN);
    if (pin < 1 || pin > PINS || !arena.isPresent(fn)) return undefined;
    if ((arena.u16(fn, C.STATUS) & C.STATUS_INTERRUPT_STATUS) === 0) return undefined;
    if ((arena.command(fn) & C.COMMAND_INTERRUPT_DISABLE) !== 0) return undefined;
    // With message signaled interrupts on, or below D0, a function must not use its pin. PCIe 5.0 §6.1.4, §5.3.1.
    return usesMessages(arena, fn) || this.#host.powerState(fn) !== 0 ? undefined : pin - 1;
  }

  /**
   * The wires at a bridge, as bits (bit 0: INTA), each the OR of what is asserted below: the pins that the bridge passes on to its
   * primary side. Its own pin is not among them.
   */
  below(bridge: number): number {
    const { arena, topology } = this.#host;
    if (!isLinkUp(arena, bridge)) return 0;
    let wires = 0;
    for (const fn of topology.children[bridge]!) {
      const device = leadsToLink(arena, bridge) ? 0 : (arena.routingId[fn]! >> 3) & 0x1f;
      wires |= swizzled(this.#of(fn), device);
    }
    return wires;
  }

  /** What a function puts on its bus: its own pin, and of a bridge what comes from below. */
  #of(fn: number): number {
    const { arena } = this.#host;
    if (!arena.isPresent(fn)) return 0;
    const own = this.assertedPin(fn);
    return (own === undefined ? 0 : 1 << own) | (isBridge(arena, fn) ? this.below(fn) : 0);
  }

  /**
   * Level of a pin of a function on a root bus, 0 to 3: what the root complex has on that wire of it.
   * A root port that passes on INTB from below and one whose own pin is INTB are one level.
   */
  level(fn: number, pin: number): boolean {
    return ((this.#of(fn) >> pin) & 1) === 1;
  }

  /**
   * The Assert and Deassert messages that have gone over links since the last call: of each wire one, when its level changes, however
   * many functions share it. Deepest links first.
   */
  messages(): IntxMessage[] {
    const { arena, topology } = this.#host;
    const sent: IntxMessage[] = [];
    const visit = (port: number) => {
      for (const fn of topology.children[port]!) if (isBridge(arena, fn)) visit(fn);
      if (hasConventionalSecondary(arena, port) || !leadsToLink(arena, port)) return;
      const before = this.#carried.get(port) ?? 0;
      const after = this.below(port);
      this.#carried.set(port, after);
      // Of a link that is down the port lets all wires fall by itself. PCIe 5.0 §2.2.8.1.
      if (!isLinkUp(arena, port)) return;
      const sender = topology.children[port]!.find((fn) => arena.isPresent(fn));
      for (let pin = 0; pin < PINS; pin++)
        if (sender !== undefined && (((before ^ after) >> pin) & 1) === 1)
          sent.push({ port, header: intxMessage(((after >> pin) & 1) === 1, pin, arena.idOf(sender)) });
    };
    for (const root of topology.rootBuses) for (const fn of root.functions) if (isBridge(arena, fn)) visit(fn);
    return sent;
  }
}

/** Pin n of device d on the secondary bus is pin (d + n) mod 4 of the bridge. PCI-to-PCI Bridge 1.2 §9.1; PCIe 5.0 table 2-21. */
export function swizzledPin(device: number, pin: number): number {
  return (device + pin) % PINS;
}

function swizzled(wires: number, device: number): number {
  let result = 0;
  for (let pin = 0; pin < PINS; pin++) if (((wires >> pin) & 1) === 1) result |= 1 << swizzledPin(device, pin);
  return result;
}

function intxMessage(asserts: boolean, pin: number, requesterId: number): TlpHeader {
  return tlpHeader('Msg', {
    // A message for a wire comes from no function: the function number is 0.
    requesterId: requesterId & ~0x7,
    messageCode: (asserts ? ASSERT_INTA : DEASSERT_INTA) + pin,
    routing: messageRouting.local,
  });
}

function usesMessages(arena: ConfigArena, fn: number): boolean {
  if (enabledMsi(arena, fn) !== undefined) return true;
  const { msiX } = arena.layout[fn]!;
  return msiX !== 0 && (arena.u16(fn, msiX + C.MSI_X_MESSAGE_CONTROL) & C.MSI_X_MESSAGE_CONTROL_MSI_X_ENABLE) !== 0;
}
