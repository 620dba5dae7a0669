/**
 * The exact router: where a TLP goes, decided hop by hop from config bytes. It is the definition, to be read beside the spec, and
 * the oracle for anything faster. It changes nothing; what a refusal does to registers is in `error-reporting.ts`.
 *
 * Requests from below go up by inverse decode: a Type 1 function forwards what is not in its windows. Bus Master Enable of every
 * Type 1 function on the way decides whether the request may pass (PCIe 5.0 §7.5.1.1.3). Requests from above go down by
 * BARs and windows. Completions and configuration requests go by ID, and Bus Master Enable has no say in them.
 *
 * A way is `start`, then one `step` after the other, each judged by the bytes as they are then: `route` takes them all at once, the
 * timed fabric one a tick.
 */

import { portTypes } from '../../spec-tables/port-types.ts';
import type { TlpType } from '../../spec-tables/tlp-types.ts';
import type { ConfigArena } from '../config/arena.ts';
import {
  COMMAND_BUS_MASTER_ENABLE,
  DEVICE_CONTROL_2_ARI_FORWARDING_ENABLE,
  POWER_MANAGEMENT_CONTROL_STATUS,
  POWER_MANAGEMENT_CONTROL_STATUS_POWERSTATE,
  SECONDARY_BUS_NUMBER,
} from '../spec/constants.ts';
import { kindOf, type TlpHeader, tlpTypeNamed } from '../tlp/header.ts';
import { forwardsUpstream, ingressViolation, redirectsUnclaimed, wayToPeer } from './access-control.ts';
import {
  type AddressSpace,
  barAt,
  decodesSubtractively,
  spaceIsEnabled,
  type WindowName,
  windowAt,
} from './address-decode.ts';
import { bridgeTowards, functionOnBus, reachable } from './bus-numbers.ts';
import { describeSource, type Hop, type HopSource, type Route } from './hop.ts';
import { COMPLETION, startById, stepById } from './id-routing.ts';
import type { Iommu } from './iommu.ts';
import { isLinkUp } from './link.ts';
import { type MessageWalk, startMessage, stepMessage } from './message-routing.ts';
import { type MulticastWalk, multicastFromHost, multicastGroup, routeMulticast } from './multicast.ts';
import {
  blocksEgress,
  completes,
  deviceControl2,
  type OptionalRequest,
  optionalRequest,
  routes,
} from './optional-requests.ts';
import { type Position, positionOf } from './position.ts';
import type { RoutingOptions } from './routing-options.ts';
import { hasConventionalSecondary, isBridge, leadsToLink, NONE, type Topology } from './topology.ts';
import { isVgaAddress, isVgaDevice } from './vga-isa.ts';

/** Where a TLP enters the fabric when it comes from the root complex: the CPU's requests, and memory's completions. */
export const HOST = NONE;

/** Wiring has no circles, so a way is at most as long as there are bus numbers; more would be our own mistake. */
const MAX_HOPS = 512;

/** The root complex's own, whatever a window or BAR says: the legacy region (an unassigned window reads as all of it), and MSI. */
const LEGACY_REGION_END = 0x100000;
const MESSAGE_REGION = 0xfee;
const MEBIBYTE_SHIFT = 20;

const BME_SPEC = 'PCIe 5.0 §7.5.1.1.3';
const WINDOW_SPEC = 'PCIe 5.0 §7.5.1.3';
const ACS_SPEC = 'PCIe 5.0 §6.12.1';

const noBridges: readonly number[] = [];

const VGA_DEVICE = 'a VGA device: its class says that it has the legacy addresses';
const SENT_UP_BY_ACS = 'Bus Master Enable is set, and ACS sends the request up';
const SUBTRACTIVE = 'nobody on its bus claims the address: the bridge decodes subtractively';

export interface SendOptions {
  /** A fault of the sender: it goes on sending with its Bus Master Enable clear. */
  readonly ignoresBusMasterEnable?: boolean;
}

export class ExactRouter {
  readonly arena: ConfigArena;
  /** Another one when functions join. */
  topology: Topology;
  /** When set, each decision is appended. */
  trace: Hop[] | undefined;
  readonly options: RoutingOptions;
  /**
   * The root complex takes no memory request from below: a register of the platform's host bridge says so, none of PCI. What it
   * answers then is the platform's own; Unsupported Request here.
   */
  inboundBlocked = false;
  /** What the ways in other files need of this one. */
  readonly #walk: MessageWalk & MulticastWalk;
  /** That of `route`, which is over before it is asked again. */
  readonly #position = positionOf(NONE, NONE);

  constructor(arena: ConfigArena, topology: Topology, options: RoutingOptions = {}) {
    this.arena = arena;
    this.topology = topology;
    this.options = options;
    const router = this;
    this.#walk = {
      arena,
      get topology() {
        return router.topology;
      },
      peerToPeer: options.peerToPeer ?? false,
      note: (...hop) => this.#note(...hop),
      end: (...end) => this.#end(...end),
      byAddress: (header, position) => this.#requestStep('memory', header, position, undefined),
      enter: (header, port) => this.#expressGate('memory', header, port),
      up: (header, from) => this.#onward(header, positionOf(from, arena.segment[from]!)),
      down: (header, port) => this.#onward(header, { ...positionOf(port, arena.segment[port]!), isUp: false }),
    };
  }

  /**
   * @param from function that sends, or HOST
   * @param segment where a configuration request from the host goes, or a completion: IDs are unique in a segment only
   * @throws RangeError when `from` is no function, or the header's type is none
   */
  route(
    header: TlpHeader,
    from: number,
    segment = from === HOST ? 0 : this.arena.segment[from]!,
    options: SendOptions = {},
  ): Route {
    return this.start(header, from, segment, options, this.#position) ?? this.#onward(header, this.#position);
  }

  /**
   * The sender's part: whether it may send, and where the way begins.
   * @param position is set; `step` takes it further
   * @returns undefined where the TLP is on its way
   * @throws RangeError as `route` does
   */
  start(header: TlpHeader, from: number, segment: number, options: SendOptions, position: Position): Route | undefined {
    if (from !== HOST) this.arena.expectFunction(from);
    position.at = from;
    position.from = from;
    position.segment = segment;
    position.isUp = from !== HOST;
    position.redirected = false;
    const { kind } = tlpTypeNamed(header.type);
    switch (kind) {
      case 'configuration':
        return from === HOST ? undefined : this.#configurationFromBelow(from);
      case 'completion':
        return startById(this.#walk, COMPLETION, header.requesterId, position);
      case 'message':
        return startMessage(this.#walk, header, position);
      default:
        return from === HOST ? undefined : this.#maySend(from, options);
    }
  }

  /**
   * One hop: from the function that the TLP has left to the next one, which takes it, refuses it or hands it on.
   * @param position moves where the TLP is handed on
   * @returns undefined where it goes on
   */
  step(header: TlpHeader, position: Position): Route | undefined {
    return this.#step(tlpTypeNamed(header.type), header, position);
  }

  #step(type: TlpType, header: TlpHeader, position: Position): Route | undefined {
    switch (type.kind) {
      case 'memory':
      case 'atomic':
        return this.#requestStep('memory', header, position, optionalRequest(type));
      case 'io':
        return this.#requestStep('io', header, position, undefined);
      case 'configuration':
        return this.#configuration(header, position);
      case 'completion':
        return stepById(this.#walk, COMPLETION, header.requesterId, header, position);
      case 'message':
        return stepMessage(this.#walk, header, position);
    }
  }

  /** All hops that are left. */
  #onward(header: TlpHeader, position: Position): Route {
    const type = tlpTypeNamed(header.type);
    // What does not change from hop to hop is looked up once, and most TLPs are requests on their way up (measured: 3 ns a hop).
    const space = type.kind === 'io' ? 'io' : 'memory';
    const optional = optionalRequest(type);
    const isRequest = type.kind === 'memory' || type.kind === 'io' || type.kind === 'atomic';
    for (let hops = 0; hops < MAX_HOPS; hops++) {
      const route =
        isRequest && position.isUp ? this.#up(space, header, position, optional) : this.#step(type, header, position);
      if (route !== undefined) return route;
    }
    throw new Error(`${header.type}: expected an end of its way in ${MAX_HOPS} hops, got none`);
  }

  #requestStep(
    space: AddressSpace,
    header: TlpHeader,
    position: Position,
    optional: OptionalRequest | undefined,
  ): Route | undefined {
    if (position.isUp) return this.#up(space, header, position, optional);
    if (position.at === NONE) return this.#fromHost(space, header, position, optional);
    return this.#below(space, header, position, optional);
  }

  #maySend(fn: number, options: SendOptions): Route | undefined {
    const { arena } = this;
    if (!arena.isPresent(fn))
      return this.#end('not-sent', fn, 'drop', 'a function that does not answer sends nothing', '§2.3.2');
    if (this.powerState(fn) !== 0)
      return this.#end(
        'not-sent',
        fn,
        'drop',
        'below D0 a function issues no requests but PME',
        '§5.3.1',
        'PowerState',
      );
    if ((arena.command(fn) & COMMAND_BUS_MASTER_ENABLE) !== 0)
      this.#note(
        fn,
        'send',
        'Bus Master Enable is set: the function may issue memory and I/O requests',
        BME_SPEC,
        'Command',
      );
    else if (options.ignoresBusMasterEnable)
      this.#note(
        fn,
        'send',
        'Bus Master Enable is clear, and the function sends all the same (fault)',
        BME_SPEC,
        'Command',
      );
    else
      return this.#end(
        'not-sent',
        fn,
        'drop',
        'Bus Master Enable is clear: the function must not issue memory or I/O requests',
        BME_SPEC,
        'Command',
      );
    return undefined;
  }

  /** Towards the root, by inverse decode. */
  #up(
    space: AddressSpace,
    header: TlpHeader,
    position: Position,
    optional: OptionalRequest | undefined,
  ): Route | undefined {
    const { arena, topology } = this;
    const { at } = position;
    const port = topology.parent[at]!;
    if (port === NONE) return this.#atRootComplex(space, header, position, optional);
    if (!isLinkUp(arena, port)) {
      const why = 'the link is down, or in reset: nothing below sends';
      this.#note(port, 'drop', why, '§6.6.1');
      return { outcome: 'not-sent', at: position.from };
    }
    const conventional = hasConventionalSecondary(arena, port);
    if (optional !== undefined && isSwitchPort(arena, port) && !routes(arena, port, optional))
      return this.#unknownType(port, optional);
    // On a shared bus (conventional, or the one inside a switch) a neighbour may claim what the bridge above would take up.
    const shared = conventional || arena.layout[at]!.portType === portTypes['Switch Downstream Port'];
    if (shared && !position.redirected) {
      const peer = this.#claimant(topology.children[port]!, space, header.addressHi, header.addressLo, at);
      if (peer !== NONE) {
        const access = conventional ? 'direct' : this.#access(space, header, at, peer);
        if (access === 'direct') {
          const why = 'claimed on the same bus: the request does not go further up';
          this.#note(peer, 'peer to peer', why, WINDOW_SPEC);
          return this.#into(space, header, peer, position, optional);
        }
        if (access !== 'redirected') return access;
        position.redirected = true;
      }
    }
    const way: Route | 'forwarded' | 'redirected' = conventional
      ? this.#conventionalUp(space, header, port)
      : this.#expressUp(space, header, port, at, position.redirected);
    if (typeof way === 'object') return way;
    // A downstream port hands it on inside the switch; the upstream port lets it out.
    if (
      optional !== undefined &&
      arena.layout[port]!.portType === portTypes['Switch Upstream Port'] &&
      blocksEgress(arena, port, optional)
    )
      return this.#egressBlocked(port, optional);
    position.redirected = way === 'redirected';
    position.at = port;
    return undefined;
  }

  /**
   * The ACS of the port that the request came in by, where a peer or a port's own BAR would take it; a Route where that ends it.
   * @param ingress port that the request came in by
   * @param peer port that has the address, which may be the same one
   */
  #access(space: AddressSpace, header: TlpHeader, ingress: number, peer: number): 'direct' | 'redirected' | Route {
    const { arena } = this;
    if (arena.layout[ingress]!.acs === 0) return 'direct';
    const inBar = barAt(arena, peer, space, header.addressHi, header.addressLo) !== undefined;
    const { way, rule } = wayToPeer(arena, ingress, peer, space, header, inBar);
    if (way === 'violation')
      return this.#end('acs-violation', ingress, 'refuse', rule, `${ACS_SPEC}, tables 6-10, 6-11`, 'ACS Control');
    if (way === 'redirected') this.#note(ingress, 'redirect', rule, `${ACS_SPEC}, tables 6-10, 6-11`, 'ACS Control');
    return way;
  }

  /**
   * The secondary side of a root port or switch port. PCIe 5.0 §7.5.1.1.3, §7.5.1.3. Without a Route it is forwarded.
   * @param below what the request comes from: a function on the link, or a downstream port on the bus inside the switch
   * @param redirected by the ACS of that downstream port: nothing of this port's is looked at but whether it may forward
   */
  #expressUp(
    space: AddressSpace,
    header: TlpHeader,
    port: number,
    below: number,
    redirected: boolean,
  ): Route | 'forwarded' | 'redirected' {
    const { arena } = this;
    const { addressHi: hi, addressLo: lo } = header;
    const refused = this.#expressGate(space, header, port);
    if (refused !== undefined) return refused;
    // The access control of peers has no say in it.
    if (arena.layout[port]!.multicast !== 0 && !redirected && this.#ingress(port, below) === port) {
      const group = multicastGroup(arena, port, header);
      if (group !== undefined) return routeMulticast(this.#walk, header, port, group);
    }
    if (redirected) {
      this.#note(port, 'forward up', SENT_UP_BY_ACS, BME_SPEC, 'Command');
      return 'forwarded';
    }
    if (barAt(arena, port, space, hi, lo) !== undefined) {
      const access = this.#access(space, header, this.#ingress(port, below), port);
      if (access !== 'direct') return access;
      return this.#end('delivered', port, 'deliver', 'the address is in a BAR of the port itself', '§7.5.1.2.1');
    }
    const window = this.#windowFromBelow(port, space, hi, lo);
    if (window !== undefined && this.#sendsUp(port, this.#ingress(port, below))) {
      this.#note(port, 'forward up', SENT_UP_BY_ACS, BME_SPEC, 'Command');
      return 'redirected';
    }
    if (window !== undefined)
      return this.#end(
        'unsupported-request',
        port,
        'refuse',
        'the address lies in a window of the port itself, and nobody below claimed it: it would go back where it came from',
        WINDOW_SPEC,
        window,
      );
    this.#note(
      port,
      'forward up',
      'Bus Master Enable is set and no window holds the address: up by inverse decode',
      BME_SPEC,
      'Command',
    );
    return 'forwarded';
  }

  /** Whether a port takes requests from its secondary side at all. */
  #expressGate(space: AddressSpace, header: TlpHeader, port: number): Route | undefined {
    const { arena } = this;
    if (this.powerState(port) !== 0)
      return this.#end(
        'unsupported-request',
        port,
        'refuse',
        'below D0 a port forwards no requests',
        '§5.3.1.4.1',
        'PowerState',
      );
    // Before Bus Master Enable: an ACS Violation comes before an Unsupported Request. PCIe 5.0 §6.2.3.2.3.
    if (arena.layout[port]!.acs !== 0) {
      const violation = ingressViolation(arena, port, space, header);
      if (violation !== undefined)
        return this.#end('acs-violation', port, 'refuse', violation, ACS_SPEC, 'ACS Control');
    }
    if ((arena.command(port) & COMMAND_BUS_MASTER_ENABLE) === 0 && kindOf(header) !== 'message')
      return this.#end(
        'unsupported-request',
        port,
        'refuse',
        'Bus Master Enable is clear: memory and I/O requests from the secondary side are Unsupported Requests',
        BME_SPEC,
        'Command',
      );
    return undefined;
  }

  /** The port that a request came in by: of one that a downstream port has taken in, that one. */
  #ingress(port: number, below: number): number {
    return this.arena.layout[below]!.portType === portTypes['Switch Downstream Port'] ? below : port;
  }

  /** Whether ACS sends up what lies in the port's window and nobody below claims. */
  #sendsUp(port: number, ingress: number): boolean {
    const { arena } = this;
    if (arena.layout[ingress]!.acs === 0) return false;
    if (ingress === port && !forwardsUpstream(arena, port)) return false;
    if (ingress !== port && !redirectsUnclaimed(arena, ingress)) return false;
    const rule =
      ingress === port
        ? 'ACS Upstream Forwarding: what would go back where it came from goes up'
        : 'ACS Unclaimed Request Redirect: no downstream port claims the address';
    this.#note(ingress, 'redirect', rule, ACS_SPEC, 'ACS Control');
    return true;
  }

  /** A bridge to a conventional bus claims a cycle there, or nobody does. PCI-to-PCI Bridge Architecture 1.2 §3.2.4.3, §4. */
  #conventionalUp(space: AddressSpace, header: TlpHeader, bridge: number): Route | 'forwarded' {
    const { arena } = this;
    const spec = 'PCI-to-PCI Bridge 1.2 §3.2.4.3';
    if ((arena.command(bridge) & COMMAND_BUS_MASTER_ENABLE) === 0 || this.powerState(bridge) !== 0)
      return this.#end(
        'master-abort',
        bridge,
        'abort',
        'Bus Master Enable is clear: the bridge claims nothing on its secondary bus, and the cycle ends in Master-Abort',
        spec,
        'Command',
      );
    const { addressHi: hi, addressLo: lo } = header;
    const window = this.#windowFromBelow(bridge, space, hi, lo);
    if (window !== undefined)
      return this.#end(
        'master-abort',
        bridge,
        'abort',
        'the address lies in a window of the bridge itself, and no device on the bus claims it',
        'PCI-to-PCI Bridge 1.2 §4',
        window,
      );
    this.#note(bridge, 'forward up', 'Bus Master Enable is set and no window holds the address', spec, 'Command');
    return 'forwarded';
  }

  /** The window that keeps a request from below from going up. PCIe 5.0 §7.5.1.1.3. */
  #windowFromBelow(bridge: number, space: AddressSpace, hi: number, lo: number): WindowName | undefined {
    const { arena, options } = this;
    if (!spaceIsEnabled(arena, bridge, space) && options.windowsOfDisabledSpace !== 'kept') return undefined;
    return windowAt(arena, bridge, space, hi, lo);
  }

  /** A request from a root bus: to memory, or to another function below the root complex. */
  #atRootComplex(
    space: AddressSpace,
    header: TlpHeader,
    position: Position,
    optional: OptionalRequest | undefined,
  ): Route | undefined {
    const { iommu } = this.options;
    return iommu === undefined || space !== 'memory'
      ? this.#atHostAddress(space, header, position, optional)
      : this.#throughIommu(iommu, header, position, optional);
  }

  /** What decodes the address, decodes that which the IOMMU gives; to a peer the rest of the way is gone at once. PCIe 5.0 §10.1.1. */
  #throughIommu(iommu: Iommu, header: TlpHeader, position: Position, optional: OptionalRequest | undefined): Route {
    const remapped = iommu.translate(header, this.arena.segment[position.at]!);
    const { way, rule, spec } = remapped;
    if (way === 'blocked')
      return this.#end(remapped.status === 'UR' ? 'iommu-fault' : 'iommu-abort', NONE, 'refuse', rule, spec);
    if (way === 'answered') return { ...this.#end('delivered', NONE, 'deliver', rule, spec), remapped };
    this.#note(NONE, 'translate', rule, spec);
    const { addressHi, addressLo } = remapped;
    const translated = { ...header, addressHi, addressLo };
    const route = this.#atHostAddress('memory', translated, position, optional) ?? this.#onward(translated, position);
    return { ...route, remapped };
  }

  #atHostAddress(
    space: AddressSpace,
    header: TlpHeader,
    position: Position,
    optional: OptionalRequest | undefined,
  ): Route | undefined {
    const { addressHi: hi, addressLo: lo } = header;
    if (space === 'io' || !isRootComplexOwn(hi, lo)) {
      const peer = this.#claimant(this.topology.rootClaimants, space, hi, lo, NONE);
      if (peer !== NONE) return this.#toPeer(space, header, peer, position, optional);
    }
    if (space === 'io') return this.#noIo();
    const { at: ingress } = position;
    const { memory } = this.options;
    if (memory !== undefined && !memory.holds(hi, lo) && !isMessageRegion(hi, lo)) return this.#noMemory(ingress);
    // A root port says what the memory behind it can; an integrated endpoint has none. The request came from or through `ingress`.
    if (
      optional !== undefined &&
      this.arena.layout[ingress]!.portType === portTypes['Root Port'] &&
      !completes(this.arena, ingress, header, optional)
    )
      return this.#doesNotComplete(ingress, optional);
    if (this.inboundBlocked) {
      const rule = 'the host bridge is told to take nothing from below (a register of the platform)';
      return this.#end('unsupported-request', NONE, 'refuse', rule, '§1.3.1');
    }
    return this.#end('delivered', NONE, 'deliver', 'host memory', '§1.3.1');
  }

  /** Across the root complex, where it routes so. */
  #toPeer(
    space: AddressSpace,
    header: TlpHeader,
    peer: number,
    position: Position,
    optional: OptionalRequest | undefined,
  ): Route | undefined {
    if (this.options.peerToPeer) {
      // What is redirected here has arrived: the root complex judges it, and lets pass what it routes peer to peer.
      const access = this.#access(space, header, position.at, peer);
      if (typeof access === 'object') return access;
      this.#note(
        peer,
        'peer to peer',
        'claimed on a root bus, and the root complex routes peer to peer (an option of this machine)',
        '§1.3.1',
      );
      return this.#into(space, header, peer, position, optional);
    }
    if (space === 'io') return this.#noIo();
    return this.#end(
      'unsupported-request',
      NONE,
      'refuse',
      'a function on a root bus claims the address: peer to peer across the root complex is optional, and off',
      '§1.3.1',
    );
  }

  #noIo(): Route {
    const rule = 'the root complex takes no I/O requests from below';
    return this.#end('unsupported-request', NONE, 'refuse', rule, '§1.3.1');
  }

  /**
   * Neither memory nor claimed: an Unsupported Request (PCIe 5.0 §2.3.1). Its completer is the root complex, which has no error registers
   * but those of its ports: the one that the request came in by reports it. That it is this one is how PCIe 5.0 §6.2.4.1 is read here;
   * of an integrated endpoint's request, nobody is known to report.
   */
  #noMemory(ingress: number): Route {
    const isPort = this.arena.layout[ingress]!.portType === portTypes['Root Port'];
    const rule = 'no memory at the address, and nothing claims it';
    return this.#end('unsupported-request', isPort ? ingress : NONE, 'refuse', rule, '§2.3.1');
  }

  /** From the CPU: the function on a root bus that claims the address, and on down. */
  #fromHost(
    space: AddressSpace,
    header: TlpHeader,
    position: Position,
    optional: OptionalRequest | undefined,
  ): Route | undefined {
    const { addressHi: hi, addressLo: lo } = header;
    const { rootClaimants } = this.topology;
    // A bridge's unassigned window reads as all of the first MiB: only VGA takes anything of it from the root complex.
    const vga = isVgaAddress(space, hi, lo) ? this.#vgaClaimant(rootClaimants, space, hi, lo) : NONE;
    if (vga !== NONE) return this.#into(space, header, vga, position, optional);
    if (space === 'memory' && isRootComplexOwn(hi, lo))
      return this.#end('delivered', NONE, 'deliver', 'the root complex itself (legacy or message region)', '§1.3.1');
    if (space === 'memory' && rootClaimants.some((fn) => this.arena.layout[fn]!.multicast !== 0)) {
      const route = multicastFromHost(this.#walk, header, rootClaimants);
      if (route !== undefined) return route;
    }
    let target = this.#claimant(rootClaimants, space, hi, lo, NONE);
    if (target === NONE) target = this.#subtractiveClaimant(rootClaimants, space);
    if (target !== NONE) return this.#into(space, header, target, position, optional);
    if (space === 'memory' && this.options.memory?.holds(hi, lo))
      return this.#end('delivered', NONE, 'deliver', 'host memory', '§1.3.1');
    return this.#end(
      'unsupported-request',
      NONE,
      'refuse',
      'no function on a root bus claims the address',
      WINDOW_SPEC,
    );
  }

  /** Out of a port on its secondary side: the one behind it that claims it, or nobody. */
  #below(
    space: AddressSpace,
    header: TlpHeader,
    position: Position,
    optional: OptionalRequest | undefined,
  ): Route | undefined {
    const behind = reachable(this.arena, this.topology, position.at);
    let next = this.#claimant(behind, space, header.addressHi, header.addressLo, NONE);
    if (next === NONE) next = this.#subtractiveClaimant(behind, space);
    if (next !== NONE) return this.#into(space, header, next, position, optional);
    const rule = 'no BAR and no window of the device holds the address';
    return this.#unclaimedBelow(header, position.at, behind, rule, '§2.3.1');
  }

  /** Into a function that has claimed the address on its primary side. */
  #into(
    space: AddressSpace,
    header: TlpHeader,
    fn: number,
    position: Position,
    optional: OptionalRequest | undefined,
  ): Route | undefined {
    const { arena } = this;
    const { addressHi: hi, addressLo: lo } = header;
    if (this.powerState(fn) !== 0)
      return this.#end(
        'unsupported-request',
        fn,
        'refuse',
        'below D0 only configuration requests and messages are taken',
        '§5.3.1.4.1',
        'PowerState',
      );
    // A peer's port got it inside the switch, where the port that it came in by has looked.
    if (optional !== undefined && arena.layout[fn]!.portType === portTypes['Switch Upstream Port'])
      if (!routes(arena, fn, optional)) return this.#unknownType(fn, optional);
    const bar = barAt(arena, fn, space, hi, lo);
    if (bar !== undefined && optional !== undefined && !completes(arena, fn, header, optional))
      return this.#doesNotComplete(fn, optional);
    if (bar !== undefined) return this.#end('delivered', fn, 'deliver', 'the address lies in a BAR', '§7.5.1.2.1', bar);
    if (isVgaAddress(space, hi, lo) && isVgaDevice(arena, fn))
      return this.#end('delivered', fn, 'deliver', VGA_DEVICE, 'PCI 3.0 appendix D', 'Class Code');
    const window = windowAt(arena, fn, space, hi, lo);
    if (window !== undefined) this.#note(fn, 'forward down', 'the address lies in a window', WINDOW_SPEC, window);
    else this.#note(fn, 'forward down', SUBTRACTIVE, 'PCI-to-PCI Bridge 1.2 §3.2.5.3', 'Class Code');
    if (optional !== undefined && hasConventionalSecondary(arena, fn)) return this.#doesNotComplete(fn, optional);
    if (optional !== undefined && leadsToLink(arena, fn) && blocksEgress(arena, fn, optional))
      return this.#egressBlocked(fn, optional);
    position.at = fn;
    position.isUp = false;
    return undefined;
  }

  #unknownType(port: number, optional: OptionalRequest): Route {
    const [rule, source] =
      optional === 'AtomicOp'
        ? (['AtomicOp Routing Supported is clear', 'Device Capabilities 2'] as const)
        : (['DMWr Request Routing Supported is clear', 'Device Capabilities 3'] as const);
    return this.#end('malformed', port, 'refuse', `${rule}: the port does not know the type`, '§2.3', source);
  }

  #egressBlocked(port: number, optional: OptionalRequest): Route {
    const rule = `${optional} Egress Blocking: none leaves by this port`;
    if (optional === 'AtomicOp')
      return this.#end('atomicop-egress-blocked', port, 'refuse', rule, '§6.15.3', 'Device Control 2');
    return this.#end('dmwr-egress-blocked', port, 'refuse', rule, 'PCIe 6.0 §6.32', 'Device Control 3');
  }

  /** A completer that does not have the request, or not in its size. PCIe 5.0 §6.15.3.1. */
  #doesNotComplete(fn: number, optional: OptionalRequest): Route {
    const rule = `no completer of this ${optional}`;
    return this.#end('unsupported-request', fn, 'refuse', rule, '§7.5.3.15', 'Device Capabilities 2');
  }

  /** A request that a port has sent down and that nobody there takes. `rule` and `spec` are a device's reason to refuse it. */
  #unclaimedBelow(header: TlpHeader, port: number, behind: readonly number[], rule: string, spec: string): Route {
    const { arena } = this;
    if (hasConventionalSecondary(arena, port))
      return this.#end(
        'master-abort',
        port,
        'abort',
        'no device on the secondary bus claims it',
        'PCI-to-PCI Bridge 1.2 §4',
      );
    if (arena.layout[port]!.portType === portTypes['Switch Upstream Port'])
      return this.#end(
        'unsupported-request',
        port,
        'refuse',
        'nothing on the bus inside the switch claims it',
        '§2.3.1',
      );
    const device = behind.find((fn) => arena.isPresent(fn));
    if (device !== undefined) return this.#end('unsupported-request', device, 'refuse', rule, spec);
    // PCIe 5.0 §2.9.1: towards a link that is down.
    if (tlpTypeNamed(header.type).posted)
      return this.#end('dropped', port, 'drop', 'nothing is attached: a posted request is dropped', '§2.9.1');
    return this.#end('unsupported-request', port, 'refuse', 'nothing is attached: the port answers', '§2.9.1');
  }

  /** The first of the functions that claims the address, NONE where none does. `except` is the one it came from. */
  #claimant(functions: readonly number[], space: AddressSpace, hi: number, lo: number, except: number): number {
    for (const fn of functions) {
      if (fn === except || !this.arena.isPresent(fn) || !spaceIsEnabled(this.arena, fn, space)) continue;
      if (barAt(this.arena, fn, space, hi, lo) !== undefined) return fn;
      if (isBridge(this.arena, fn) && windowAt(this.arena, fn, space, hi, lo) !== undefined) return fn;
    }
    return isVgaAddress(space, hi, lo) ? this.#vgaClaimant(functions, space, hi, lo, except) : NONE;
  }

  /** The bridge with VGA Enable, or the VGA device. PCIe 5.0 §7.5.1.3.13. */
  #vgaClaimant(functions: readonly number[], space: AddressSpace, hi: number, lo: number, except = NONE): number {
    const { arena } = this;
    for (const fn of functions) {
      if (fn === except || !arena.isPresent(fn) || !spaceIsEnabled(arena, fn, space)) continue;
      if (isVgaDevice(arena, fn) || (isBridge(arena, fn) && windowAt(arena, fn, space, hi, lo) === 'VGA')) return fn;
    }
    return NONE;
  }

  /** The bridge that takes what nobody on its bus claims. */
  #subtractiveClaimant(functions: readonly number[], space: AddressSpace): number {
    const { arena } = this;
    for (const fn of functions)
      if (decodesSubtractively(arena, fn) && arena.isPresent(fn) && spaceIsEnabled(arena, fn, space)) return fn;
    return NONE;
  }

  /** A configuration request from the root complex. PCIe 5.0 §7.3.3. */
  #configuration(header: TlpHeader, position: Position): Route | undefined {
    const { arena, topology } = this;
    const { at, segment } = position;
    const id = header.destinationId;
    const bus = id >> 8;
    if (at !== NONE && arena.u8(at, SECONDARY_BUS_NUMBER) === bus) return this.#type0(header, at);
    if (at === NONE) {
      const found = arena.find(segment, id);
      if (found !== NONE && topology.parent[found] === NONE && arena.isPresent(found))
        return this.#end('delivered', found, 'deliver', 'on a root bus of the segment', '§7.3.3');
    }
    const behind = at === NONE ? (topology.rootBridges.get(segment) ?? noBridges) : reachable(arena, topology, at);
    const port = bridgeTowards(arena, behind, bus);
    if (port === NONE) {
      const virtual = at === NONE ? NONE : functionOnBus(arena, behind, at, id);
      if (virtual !== NONE && arena.isPresent(virtual))
        return this.#end('delivered', virtual, 'deliver', 'a VF on a further bus of its device', '§9.2.1.2');
      const rule = 'no bridge leads to the bus';
      return at === NONE
        ? this.#end('unsupported-request', NONE, 'refuse', rule, '§7.3.3')
        : this.#unclaimedBelow(header, at, behind, rule, '§7.3.3');
    }
    if (arena.u8(port, SECONDARY_BUS_NUMBER) !== bus)
      this.#note(port, 'forward down', 'the bus lies between the two', '§7.3.3', 'Secondary, Subordinate Bus Number');
    position.at = port;
    return undefined;
  }

  /** The bus is the port's secondary: the request becomes Type 0. */
  #type0(header: TlpHeader, port: number): Route {
    const { arena } = this;
    const behind = reachable(arena, this.topology, port);
    const id = header.destinationId;
    const ari = (deviceControl2(arena, port) & DEVICE_CONTROL_2_ARI_FORWARDING_ENABLE) !== 0;
    if (leadsToLink(arena, port) && ((id >> 3) & 0x1f) !== 0 && !ari)
      return this.#end(
        'unsupported-request',
        port,
        'refuse',
        'a link has only device 0 without ARI Forwarding',
        '§7.3.1',
      );
    const fn = functionOnBus(arena, behind, port, id);
    if (fn !== NONE && arena.isPresent(fn))
      return this.#end('delivered', fn, 'deliver', 'Type 0 on the secondary bus of the port above', '§7.3.3');
    return this.#unclaimedBelow(header, port, behind, 'the device has no such function', '§7.3.2');
  }

  #configurationFromBelow(from: number): Route {
    const port = this.topology.parent[from]!;
    return this.#end(
      'unsupported-request',
      port,
      'refuse',
      'only the root complex issues configuration requests',
      '§7.3.3',
    );
  }

  /** 0 to 3 for D0 to D3hot; a function without the capability is in D0, a VF without it in its PF's state. PCIe 5.0 §9.6. */
  powerState(fn: number): number {
    const { powerManagement, isVirtual } = this.arena.layout[fn]!;
    if (powerManagement === 0) {
      const virtual = isVirtual ? this.arena.virtualFunctions.get(fn) : undefined;
      return virtual === undefined ? 0 : this.powerState(virtual.physical);
    }
    return (
      this.arena.u16(fn, powerManagement + POWER_MANAGEMENT_CONTROL_STATUS) & POWER_MANAGEMENT_CONTROL_STATUS_POWERSTATE
    );
  }

  #note(fn: number, action: Hop['action'], rule: string, spec: string, source?: HopSource): void {
    if (this.trace === undefined) return;
    const read = source === undefined ? {} : describeSource(this.arena, fn, source);
    this.trace.push({ fn, action, rule, spec: spec.startsWith('§') ? `PCIe 5.0 ${spec}` : spec, ...read });
  }

  #end(
    outcome: Route['outcome'],
    at: number,
    action: Hop['action'],
    rule: string,
    spec: string,
    source?: HopSource,
  ): Route {
    this.#note(at, action, rule, spec, source);
    return { outcome, at };
  }
}

function isSwitchPort(arena: ConfigArena, fn: number): boolean {
  const { portType } = arena.layout[fn]!;
  return portType === portTypes['Switch Upstream Port'] || portType === portTypes['Switch Downstream Port'];
}

function isRootComplexOwn(hi: number, lo: number): boolean {
  return (hi === 0 && lo < LEGACY_REGION_END) || isMessageRegion(hi, lo);
}

function isMessageRegion(hi: number, lo: number): boolean {
  return hi === 0 && lo >>> MEBIBYTE_SHIFT === MESSAGE_REGION;
}
