/** Who sends: the functions that try a memory write, and an MSI where armed, and what becomes of it. */
import type { ConfigArena } from '../config/arena.ts';
import { windowAt } from '../fabric/address-decode.ts';
import type { Delivery } from '../fabric/delivery.ts';
import { HOST } from '../fabric/exact-router.ts';
import type { Fabric } from '../fabric/fabric.ts';
import type { Route } from '../fabric/hop.ts';
import { enabledMsi } from '../fabric/msi.ts';
import { ancestors, isBridge, NONE, requesterIdOf, subtree } from '../fabric/topology.ts';
import * as C from '../spec/constants.ts';
import { memoryWrite, type TlpHeader } from '../tlp/header.ts';
import { Random } from './random.ts';

/** `all`: every Type 0 function. A set: just these, bridges too. */
export type DmaChoice = 'all' | 'none' | ReadonlySet<number>;

export interface SenderOptions {
  readonly dma: DmaChoice;
  /** Mean memory writes of a function between two configuration writes (Poisson); absent: it always tries. */
  readonly rates?: ReadonlyMap<number, number> | undefined;
  /** Of what the rates draw; 0 where not given. */
  readonly seed?: number | undefined;
  /** Where a requester writes, below 4 GiB; where undefined, the lowest MiB, from 1 MiB on, that no window above it holds. */
  readonly dmaAddress?: ((requesterId: number) => number | undefined) | undefined;
  /** Functions that go on sending with their Bus Master Enable clear. */
  readonly ignoreBusMasterEnable?: ReadonlySet<number> | undefined;
}

export interface Attempt {
  readonly fn: number;
  readonly kind: 'dma' | 'msi';
  readonly header: TlpHeader;
  readonly delivery: Delivery;
  /** No write has touched the function's way since it last was refused: the outcome is the same, and what registers count goes up. */
  readonly repeats: boolean;
}

/** In the range of interrupt messages on x86. Intel SDM 3A §11.11.1. */
const X86_MESSAGE_ADDRESS = 0xfee00000;
/** First address that no legacy region takes. */
const FIRST_DMA_ADDRESS = 0x100000;
const MEBIBYTE = 0x100000;

export class Senders {
  readonly #fabric: Fabric;
  readonly #options: SenderOptions;
  /** Functions whose device a driver has stopped. */
  readonly #stopped = new Set<number>();
  readonly #all: readonly number[];
  readonly #dmaAddress = new Map<number, number>();
  readonly #streams = new Map<number, Random>();
  /** Functions that were refused since the last write. */
  #refused = new Set<number>();

  constructor(fabric: Fabric, options: SenderOptions) {
    this.#fabric = fabric;
    this.#options = options;
    const { arena } = fabric;
    this.#all = Array.from({ length: arena.count }, (_, fn) => fn).filter(
      (fn) => arena.isPresent(fn) && (options.dma === 'all' || (options.dma !== 'none' && options.dma.has(fn))),
    );
  }

  stop(fn: number): void {
    this.#stopped.add(fn);
  }

  /** A driver has set the device to work again. */
  start(fn: number): void {
    this.#stopped.delete(fn);
  }

  isStopped(fn: number): boolean {
    return this.#stopped.has(fn);
  }

  /** The functions that a bridge can refuse: all but those on a root bus. */
  behindBridges(): number[] {
    return this.#all.filter((fn) => this.#fabric.topology.parent[fn] !== NONE);
  }

  /** Where a function's memory write goes. */
  destination(fn: number): { requesterId: number; address: bigint } {
    const { requesterId, addressLo } = this.#dma(fn);
    return { requesterId, address: BigInt(addressLo) };
  }

  /** The functions that may issue a memory write now. */
  sending(): number[] {
    return this.#all.filter((fn) => this.#sendsDma(fn) && this.#mayMaster(fn));
  }

  /** The functions whose memory write would get as far as host memory now. */
  reachingMemory(): number[] {
    const { router } = this.#fabric;
    return this.sending().filter((fn) => {
      const ignoresBusMasterEnable = this.#options.ignoreBusMasterEnable?.has(fn) ?? false;
      const { outcome, at } = router.route(this.#dma(fn), fn, undefined, { ignoresBusMasterEnable });
      return outcome === 'delivered' && at === HOST;
    });
  }

  /** The functions that may send an MSI or MSI-X now. */
  armed(): number[] {
    return this.#all.filter((fn) => !this.#stopped.has(fn) && this.#mayMaster(fn) && this.#message(fn) !== undefined);
  }

  /**
   * What is tried after a write to `fn`'s registers. Every function tries, and only these need to: those for which the write can have
   * made a difference, `fn` and all behind it; those with a rate, whose next write comes at a time of its own; and those that were
   * refused just before. A second refusal sets the MULTIPLE bits of Root Error Status; a third changes no register.
   */
  tryAfter(fn: number, onAttempt: (attempt: Attempt) => void): void {
    const refused = this.#refused;
    this.#refused = new Set();
    const touched = isBridge(this.#fabric.arena, fn) ? subtree(this.#fabric.topology, fn) : [fn];
    const { rates } = this.#options;
    const trying = rates === undefined ? touched : [...new Set([...touched, ...rates.keys()])];
    this.tryAll(trying, onAttempt);
    for (const one of trying) refused.delete(one);
    this.#tryAll(refused, true, onAttempt);
  }

  /** What the function would send now, whatever its rate; nothing is sent. */
  pending(fn: number): { readonly kind: Attempt['kind']; readonly header: TlpHeader }[] {
    if (!this.#tries(fn)) return [];
    const message = this.#message(fn);
    return [
      ...(this.#sendsDma(fn) ? [{ kind: 'dma' as const, header: this.#dma(fn) }] : []),
      ...(message === undefined ? [] : [{ kind: 'msi' as const, header: message }]),
    ];
  }

  /** Where a request of the function would end now; nothing is sent. */
  route(fn: number, header: TlpHeader): Route {
    const ignoresBusMasterEnable = this.#ignoresBusMasterEnable(fn);
    return this.#fabric.router.route(header, fn, undefined, { ignoresBusMasterEnable });
  }

  /** Sends a request of the function. */
  send(fn: number, header: TlpHeader): Delivery {
    return this.#fabric.send(header, fn, { ignoresBusMasterEnable: this.#ignoresBusMasterEnable(fn) });
  }

  /** Lets each of the functions try what it would send. */
  tryAll(functions: Iterable<number>, onAttempt: (attempt: Attempt) => void): void {
    this.#tryAll(functions, false, onAttempt);
  }

  #tryAll(functions: Iterable<number>, repeats: boolean, onAttempt: (attempt: Attempt) => void): void {
    for (const fn of functions) {
      if (!this.#tries(fn)) continue;
      if (this.#sendsDma(fn) && this.#sendsNow(fn)) this.#try(fn, 'dma', this.#dma(fn), repeats, onAttempt);
      const message = this.#message(fn);
      if (message !== undefined) this.#try(fn, 'msi', message, repeats, onAttempt);
    }
  }

  #try(
    fn: number,
    kind: Attempt['kind'],
    header: TlpHeader,
    repeats: boolean,
    onAttempt: (attempt: Attempt) => void,
  ): void {
    const delivery = this.send(fn, header);
    if (delivery.outcome === 'unsupported-request' && !repeats) this.#refused.add(fn);
    onAttempt({ fn, kind, header, delivery, repeats });
  }

  #tries(fn: number): boolean {
    const chosen = this.#options.dma;
    if (chosen === 'none' || (chosen !== 'all' && !chosen.has(fn))) return false;
    return this.#mayMaster(fn) && !this.#stopped.has(fn);
  }

  #mayMaster(fn: number): boolean {
    const { arena } = this.#fabric;
    if (!arena.isPresent(fn) || this.#fabric.router.powerState(fn) !== 0) return false;
    return (arena.command(fn) & C.COMMAND_BUS_MASTER_ENABLE) !== 0 || this.#ignoresBusMasterEnable(fn);
  }

  #ignoresBusMasterEnable(fn: number): boolean {
    return this.#options.ignoreBusMasterEnable?.has(fn) ?? false;
  }

  /** A bridge forwards; it has no engine of its own, unless it was named. */
  #sendsDma(fn: number): boolean {
    if (this.#stopped.has(fn)) return false;
    return !isBridge(this.#fabric.arena, fn) || this.#options.dma instanceof Set;
  }

  #sendsNow(fn: number): boolean {
    const rate = this.#options.rates?.get(fn);
    if (rate === undefined) return true;
    return this.#streamOf(fn).next() < 1 - Math.exp(-rate);
  }

  /** Each function draws from a stream of its own, so that who else draws, and when, makes no difference to it. */
  #streamOf(fn: number): Random {
    let stream = this.#streams.get(fn);
    if (stream === undefined) {
      stream = new Random(this.#options.seed ?? 0, fn);
      this.#streams.set(fn, stream);
    }
    return stream;
  }

  /** One DWORD to host memory. */
  #dma(fn: number): TlpHeader {
    const { arena, topology } = this.#fabric;
    const requesterId = requesterIdOf(arena, topology, fn);
    let address = this.#dmaAddress.get(fn);
    if (address === undefined) {
      address = this.#options.dmaAddress?.(requesterId) ?? dmaAddress(arena, ancestors(topology, fn));
      this.#dmaAddress.set(fn, address);
    }
    return memoryWrite(requesterId, 0, address);
  }

  /** The memory write that an armed MSI-X or MSI makes, unless every vector is masked. PCIe 5.0 §6.1.4. */
  #message(fn: number): TlpHeader | undefined {
    const { arena, topology } = this.#fabric;
    const { msiX } = arena.layout[fn]!;
    const control = msiX === 0 ? 0 : arena.u16(fn, msiX + C.MSI_X_MESSAGE_CONTROL);
    if ((control & C.MSI_X_MESSAGE_CONTROL_MSI_X_ENABLE) !== 0)
      return (control & C.MSI_X_MESSAGE_CONTROL_FUNCTION_MASK) !== 0 ? undefined : this.#msiXMessage(fn);
    const address = msiAddress(arena, fn);
    return address && memoryWrite(requesterIdOf(arena, topology, fn), address.hi, address.lo);
  }

  /**
   * An MSI-X message's address is in BAR memory, which config space does not show. On x86 it is in the range of interrupt messages;
   * where a window above holds that range, this is no x86, and the interrupt controller takes its messages as host memory.
   */
  #msiXMessage(fn: number): TlpHeader {
    const { arena, topology } = this.#fabric;
    const isX86 = !ancestors(topology, fn).some(
      (bridge) => windowAt(arena, bridge, 'memory', 0, X86_MESSAGE_ADDRESS) !== undefined,
    );
    return isX86 ? memoryWrite(requesterIdOf(arena, topology, fn), 0, X86_MESSAGE_ADDRESS) : this.#dma(fn);
  }
}

/** Where an enabled MSI writes; undefined where it is off or all its vectors are masked. PCIe 5.0 §7.7.1. */
function msiAddress(arena: ConfigArena, fn: number): { hi: number; lo: number } | undefined {
  const msi = enabledMsi(arena, fn);
  if (msi === undefined) return undefined;
  const all = 2 ** msi.vectors - 1;
  if (msi.maskBits !== 0 && arena.u32(fn, msi.maskBits) % 2 ** msi.vectors === all) return undefined;
  return { hi: msi.addressHi, lo: msi.addressLo };
}

/** The lowest MiB, from 1 MiB on, that no window above the function holds: host memory for inverse decode. */
function dmaAddress(arena: ConfigArena, above: readonly number[]): number {
  for (let address = FIRST_DMA_ADDRESS; address < 0xfee00000; address += MEBIBYTE)
    if (!above.some((bridge) => windowAt(arena, bridge, 'memory', 0, address) !== undefined)) return address;
  return FIRST_DMA_ADDRESS;
}
