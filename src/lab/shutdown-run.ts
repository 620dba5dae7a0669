/** One shutdown from start to end: the kernels, their writes, who sends after each, and what the platform makes of a refusal. */
import type { Delivery } from '../fabric/delivery.ts';
import type { Fabric } from '../fabric/fabric.ts';
import type { Hop } from '../fabric/hop.ts';
import { type PlatformReaction, type ReactionResult, react } from '../fabric/platform-reaction.ts';
import { NONE } from '../fabric/topology.ts';
import type { Bindings, FunctionBinding } from '../linux/bindings.ts';
import { deviceShutdown } from '../linux/device-shutdown.ts';
import type { EndpointDriver } from '../linux/endpoint-drivers.ts';
import { type ConfigWrite, Kernel, type KernelHooks } from '../linux/kernel.ts';
import { type KernelRules, kernelRules } from '../linux/kernel-rules.ts';
import type { KernelVersion } from '../linux/kernel-version.ts';
import type { PciDev } from '../linux/pci-dev.ts';
import {
  composedClearMasterRule,
  composedPath,
  composedRules,
  expectNoContradiction,
  type Policy,
  type ShutdownPath,
  type Situation,
  shutdownPaths,
  withBridgesAbove,
} from '../linux/policies/index.ts';
import { PORT_DRIVER } from '../linux/portdrv.ts';
import { bootSecondKernel } from '../linux/second-kernel.ts';
import { COMMAND, COMMAND_BUS_MASTER_ENABLE, UNCORRECTABLE_ERROR_STATUS } from '../spec/constants.ts';
import type { DmaEnd, DmaMemory } from './dma-memory.ts';
import { type FirmwareReport, firmwareReport } from './firmware-report.ts';
import { type Attempt, type DmaChoice, Senders } from './senders.ts';

/**
 * In order of time: hardware's settings and what a person does before the crash; the crashed kernel up to the jump; the first kernel's
 * shutdown; the second kernel's boot and shutdown. The first two and the boot are there only where a remedy acts before the shutdown.
 */
export const phaseNames = ['setup', 'crash', 'shutdown', 'boot', 'second_kernel_shutdown'] as const;
export type PhaseName = (typeof phaseNames)[number];

export interface ShutdownOptions {
  readonly kernel: KernelVersion;
  readonly path: ShutdownPath;
  /** Composed; they must not contradict each other. */
  readonly policies?: readonly Policy[];
  readonly bindings?: Bindings;
  /** Driver of a function that the bindings do not name, under the first kernel. */
  readonly drivers?: (dev: PciDev) => string | null;
  /** Drivers that the second kernel has; absent: all that the first has. */
  readonly secondKernelDrivers?: ReadonlySet<string>;
  readonly taughtDrivers?: ReadonlyMap<string, EndpointDriver>;
  readonly platform?: PlatformReaction;
  /** Have the record of each refusal that firmware handles first, and what the kernel prints of it. */
  readonly firmwareReports?: boolean;
  readonly dma?: DmaChoice;
  readonly rates?: ReadonlyMap<number, number>;
  /** Of what the rates draw. */
  readonly seed?: number;
  readonly ignoreBusMasterEnable?: ReadonlySet<number>;
  /** That in front of which the fabric was made (`DmaMemory.routing`): the kernels' tables are then in it. */
  readonly memory?: DmaMemory | undefined;
  /** Functions that a live update carries across kexec, for the policy that does. */
  readonly preserve?: ReadonlySet<number>;
  /** Another order for the shutdown that counts (the only one, or the second kernel's). */
  readonly order?: (devices: readonly PciDev[]) => readonly PciDev[];
  /** Called just before the shutdown that counts. */
  readonly onSituation?: (situation: Situation) => void;
  /** Called for every attempt, refused or not. */
  readonly onAttempt?: (attempt: Attempt, at: { phase: PhaseName; step: number }) => void;
  readonly onWrite?: (write: ConfigWrite, at: { phase: PhaseName; step: number }) => void;
  readonly onShutdown?: (dev: PciDev, phase: PhaseName) => void;
}

/** Step of a request that was refused already when the phase began. */
const BEFORE_THE_FIRST_WRITE = -1;

export interface RefusedRequest {
  /** Index into the phase's writes of the one after which the request was refused; -1: it was refused before any. */
  readonly step: number;
  readonly phase: PhaseName;
  readonly requester: number;
  /** NONE: the root complex. */
  readonly reporter: number;
  readonly kind: Attempt['kind'];
  readonly attempt: Attempt;
  /** AER Uncorrectable Error Status of the reporter right after; 0 without AER. */
  readonly uncorrectableStatus: number;
  /** The request's way, up to where it ended. */
  readonly hops: readonly Hop[];
  readonly reaction: ReactionResult;
  /** Why the platform reacts as it does. */
  readonly why: string;
  /** Where `firmwareReports` asks for it and firmware handles the error first. */
  readonly firmwareReport?: FirmwareReport;
}

export interface PhaseWrite extends ConfigWrite {
  /** Index into the phase's shutdown calls of the function during whose turn it was made. */
  readonly visit: number;
}

export interface PhaseResult {
  readonly shutdownCalls: readonly PciDev[];
  readonly writes: readonly PhaseWrite[];
  /** Functions whose Bus Master Enable fell, in order. */
  readonly bmeCleared: readonly PciDev[];
}

export interface ShutdownResult {
  /** What was run: that of the options, or of a policy that has one. */
  readonly path: ShutdownPath;
  readonly phases: Partial<Record<PhaseName, PhaseResult>>;
  /** Each requester, reporter and address once a phase: the first time. */
  readonly unsupportedRequests: readonly RefusedRequest[];
  /** Requests that ended in Master-Abort on a conventional bus, the first time each. */
  readonly masterAborts: readonly RefusedRequest[];
  /** No function that could send at the crash or when the shutdown began can send at the end. */
  readonly dmaStopped: boolean;
  /** After a crash: the functions without a driver of the kdump kernel whose writes get to host memory. */
  readonly strayDma: StrayDma | undefined;
  /** After a crash: how many configuration writes were made from the panic on. */
  readonly writesAfterPanic: WritesAfterPanic | undefined;
  /** `clean` without an Unsupported Request, else the worst reaction to one. */
  readonly outcome: 'clean' | ReactionResult;
  /** Bound drivers that no table knows. */
  readonly unknownDrivers: readonly string[];
  /** Functions in scan order. */
  readonly devices: readonly PciDev[];
  /** With `memory`, on path `crash`: where the first write of each function ended that sent one when the second kernel had booted. */
  readonly dmaInFlight?: readonly { readonly fn: number; readonly end: DmaEnd }[];
}

export interface StrayDma {
  /** When the crashed kernel jumps; no function has a driver of the kdump kernel then. */
  readonly atJump: readonly number[];
  readonly afterBoot: readonly number[];
  readonly atEnd: readonly number[];
}

export interface WritesAfterPanic {
  /** By the crashed kernel, before the jump. */
  readonly crash: number;
  /** By the kdump kernel's boot, and by its shutdown. */
  readonly boot: number;
  readonly shutdown: number;
}

const severity: readonly ReactionResult[] = ['unreported', 'aer', 'nmi', 'reset'];

/**
 * Runs a shutdown. The fabric's registers are changed; take a checkpoint to go back.
 * On path `crash` the first kernel writes nothing and the second, a kdump kernel, shuts down; on `kexec` the second kernel's
 * shutdown follows where the bindings have a second kernel.
 * @throws RangeError when the path is none of `shutdownPaths`, the kernel no release that the model knows, or two policies contradict
 * each other
 */
export function runShutdown(fabric: Fabric, options: ShutdownOptions): ShutdownResult {
  return new ShutdownRun(fabric, options).run();
}

/** A machine at the moment when the shutdown that counts begins. */
export interface BegunShutdown {
  readonly path: ShutdownPath;
  readonly phase: PhaseName;
  readonly kernel: Kernel;
  readonly senders: Senders;
  readonly firstBindings: readonly FunctionBinding[];
  /** Functions that could send at the crash, or can now. */
  readonly mightSend: readonly number[];
  /** Requests that were refused already, while a remedy acted. */
  readonly refused: readonly RefusedRequest[];
  readonly afterCrash?: AfterCrash;
}

/** `StrayDma` so far, and how many configuration writes had been made at the jump and after the boot. */
interface AfterCrash {
  readonly atJump: readonly number[];
  readonly afterBoot: readonly number[];
  readonly jumped: number;
  readonly booted: number;
}

/** Goes up to where `runShutdown` begins to shut down. @throws RangeError as `runShutdown` */
export function beginShutdown(fabric: Fabric, options: ShutdownOptions): BegunShutdown {
  return new ShutdownRun(fabric, options).begin();
}

/** After kexec a second kernel may shut down as well, in its own order. */
export function hasShutdownAfter(path: ShutdownPath, options: ShutdownOptions): boolean {
  return path === 'kexec' && options.bindings?.second_kernel != null;
}

/** A release's rules as the policies change them. @throws RangeError when the release is none that the model knows */
export function rulesOf(kernel: KernelVersion, policies: readonly Policy[]): KernelRules {
  return composedRules(policies, kernelRules(kernel));
}

class ShutdownRun {
  readonly #fabric: Fabric;
  readonly #options: ShutdownOptions;
  readonly #senders: Senders;
  readonly #refused: RefusedRequest[] = [];
  readonly #aborted: RefusedRequest[] = [];
  readonly #seen = new Set<string>();
  readonly #unknownDrivers = new Set<string>();
  readonly #phases: Partial<Record<PhaseName, PhaseResult>> = {};
  readonly #host;
  #firmwareReports = 0;

  constructor(fabric: Fabric, options: ShutdownOptions) {
    this.#fabric = fabric;
    this.#options = options;
    const { arena } = fabric;
    this.#senders = new Senders(fabric, {
      dma: options.dma ?? 'all',
      rates: options.rates,
      seed: options.seed,
      ignoreBusMasterEnable: options.ignoreBusMasterEnable,
      dmaAddress: options.memory && ((requesterId) => options.memory!.addressFor(requesterId)),
    });
    this.#host = {
      functions: Array.from({ length: arena.count }, (_, fn) => ({
        segment: arena.segment[fn]!,
        routingId: arena.routingId[fn]!,
      })),
      configRead: fabric.configRead.bind(fabric),
      configWrite: fabric.configWrite.bind(fabric),
      blockInbound: () => {
        fabric.router.inboundBlocked = true;
      },
    };
  }

  /** Everything up to the shutdown that counts. */
  begin(): BegunShutdown {
    const options = this.#options;
    expectNoContradiction(this.#policies, kernelRules(options.kernel));
    const path = composedPath(this.#policies, options.path);
    if (!shutdownPaths.includes(path))
      throw new RangeError(`path: expected one of ${shutdownPaths.join(', ')}, got "${path}"`);
    const first = this.#kernel(path !== 'crash');
    const drivers = options.drivers ?? ((dev: PciDev) => (dev.isForPortDriver ? PORT_DRIVER : null));
    first.bind(options.bindings?.first_kernel ?? [], drivers);
    const senders = this.#senders;
    const firstBindings = first.devices.map((dev) => ({ bdf: dev.name, driver: dev.driver }));
    options.memory?.bootFirst(senders.sending().map((fn) => senders.destination(fn)));
    const begun = { path, senders, firstBindings };
    if (path === 'crash') {
      const mightSend = senders.sending();
      const bindings = this.#secondBindings(firstBindings);
      this.#crash(first, bindings);
      // Without a remedy no function is touched in the crashed kernel: every device goes on as it was.
      this.#phases.shutdown = { shutdownCalls: [], writes: [], bmeCleared: [] };
      const jumped = this.#made;
      const atJump = senders.reachingMemory();
      const kernel = this.#bootSecond(bindings, firstBindings, true);
      return {
        ...begun,
        phase: 'second_kernel_shutdown',
        kernel,
        mightSend: [...mightSend, ...senders.sending()],
        refused: [...this.#refused],
        afterCrash: { atJump, afterBoot: this.#strays(kernel), jumped, booted: this.#made },
      };
    }
    if (this.#some('setUp', 'whenProbed'))
      this.#record('setup', () => {
        this.#each(({ setUp }) => setUp?.(first));
        this.#each(({ whenProbed }) => whenProbed?.(first));
      });
    if (this.#some('preserves')) first.preserved = this.#preservedIn(first);
    first.kexecInProgress = path === 'kexec';
    first.poweringOff = path === 'poweroff';
    return { ...begun, phase: 'shutdown', kernel: first, mightSend: senders.sending(), refused: [...this.#refused] };
  }

  run(): ShutdownResult {
    const { path, phase, kernel, firstBindings, mightSend, afterCrash } = this.begin();
    const { memory } = this.#options;
    if (memory !== undefined && path === 'crash') this.#land(this.#senders.sending(), memory);
    let last = kernel;
    this.#shutDown(kernel, phase, path, true);
    const atEnd = afterCrash && this.#strays(kernel);
    if (hasShutdownAfter(path, this.#options)) {
      last = this.#bootSecond(this.#secondBindings(firstBindings), firstBindings, false);
      this.#shutDown(last, 'second_kernel_shutdown', 'reboot', false);
    }
    const stillSending = new Set(this.#senders.sending());
    const reactions = this.#refused.map(({ reaction }) => severity.indexOf(reaction));
    return {
      path,
      phases: this.#phases,
      unsupportedRequests: this.#refused,
      masterAborts: this.#aborted,
      dmaStopped: !mightSend.some((fn) => stillSending.has(fn)),
      strayDma: afterCrash && { atJump: afterCrash.atJump, afterBoot: afterCrash.afterBoot, atEnd: atEnd! },
      writesAfterPanic: afterCrash && this.#writesAfterPanic(afterCrash),
      outcome: reactions.length === 0 ? 'clean' : severity[Math.max(...reactions)]!,
      unknownDrivers: [...this.#unknownDrivers],
      devices: last.devices,
      ...(memory === undefined || path !== 'crash' ? {} : { dmaInFlight: this.#landed }),
    };
  }

  #writesAfterPanic({ jumped, booted }: AfterCrash): WritesAfterPanic {
    const crash = this.#phases.crash?.writes.length ?? 0;
    return { crash, boot: booted - jumped, shutdown: this.#made - booted };
  }

  get #policies(): readonly Policy[] {
    return this.#options.policies ?? [];
  }

  /** @param withPolicies false for a kernel that crashes: remedies change the one that shuts down */
  #kernel(withPolicies: boolean): Kernel {
    const options = this.#options;
    const policies = withPolicies ? this.#policies : [];
    return new Kernel(this.#host, rulesOf(options.kernel, policies), {
      osc: options.bindings?.osc,
      ...(options.taughtDrivers === undefined ? {} : { taughtDrivers: options.taughtDrivers }),
      clearMasterRule: composedClearMasterRule(policies),
      hooks: this.#hooks(),
    });
  }

  #calls: PciDev[] = [];
  #writes: PhaseWrite[] = [];
  #phase: PhaseName = 'shutdown';
  /** Configuration writes made so far, listed or not. */
  #made = 0;
  #recording = false;

  #hooks(): KernelHooks {
    const options = this.#options;
    return {
      onShutdown: (dev) => {
        this.#calls.push(dev);
        options.onShutdown?.(dev, this.#phase);
      },
      onWrite: (write) => {
        this.#made++;
        if (!this.#recording) return;
        const at = { phase: this.#phase, step: this.#writes.push({ ...write, visit: this.#calls.length - 1 }) - 1 };
        options.onWrite?.(write, at);
        this.#senders.tryAfter(this.#fn(write.dev), (attempt) => this.#attempted(attempt, at));
      },
      onDmaStopped: (dev) => this.#senders.stop(this.#fn(dev)),
      onUnknownDriver: (dev) => this.#unknownDrivers.add(dev.driver!),
    };
  }

  #each(act: (policy: Policy) => void): void {
    for (const policy of this.#policies) act(policy);
  }

  #some(...keys: (keyof Policy)[]): boolean {
    return this.#policies.some((policy) => keys.some((key) => policy[key] !== undefined));
  }

  /** From the machine's settings to the jump into the crash kernel. */
  #crash(first: Kernel, bindings: readonly FunctionBinding[]): void {
    if (this.#some('setUp', 'beforeCrash')) {
      const leftOut = new Set(bindings.filter(({ driver }) => driver == null).map(({ bdf }) => bdf));
      this.#record('setup', () => {
        this.#each(({ setUp }) => setUp?.(first));
        this.#each(({ beforeCrash }) => beforeCrash?.(first, leftOut));
      });
    }
    if (!this.#some('crashTable', 'atCrash')) return;
    const table = this.#policies.flatMap(({ crashTable }) => crashTable?.(first) ?? []);
    this.#record('crash', () => {
      for (const { dev, offset, size, value } of table) dev.write(offset, size, value);
      this.#each(({ atCrash }) => atCrash?.(first));
    });
  }

  #preservedIn(kernel: Kernel): Set<PciDev> {
    const { preserve } = this.#options;
    return withBridgesAbove(kernel.devices.filter((dev) => preserve?.has(this.#fn(dev)) ?? false));
  }

  /** Functions without a driver of the kernel that runs, whose writes get to host memory. */
  #strays(kernel: Kernel): number[] {
    const driven = new Set(kernel.devices.filter(({ driver }) => driver !== null).map((dev) => this.#fn(dev)));
    return this.#senders.reachingMemory().filter((fn) => !driven.has(fn));
  }

  #secondBindings(firstBindings: readonly FunctionBinding[]): FunctionBinding[] {
    const { bindings, secondKernelDrivers } = this.#options;
    const given = new Map((bindings?.second_kernel ?? []).map((binding) => [binding.bdf, binding]));
    const inSecond = (driver: string | null) =>
      driver === null || driver === PORT_DRIVER || secondKernelDrivers === undefined || secondKernelDrivers.has(driver);
    return firstBindings.map(
      ({ bdf, driver = null }): FunctionBinding => ({
        bdf,
        driver: inSecond(driver) ? driver : null,
        ...given.get(bdf),
      }),
    );
  }

  #bootSecond(bindings: readonly FunctionBinding[], firstBindings: readonly FunctionBinding[], kdump: boolean): Kernel {
    const second = this.#kernel(true);
    second.isKdumpKernel = kdump;
    if (kdump)
      this.#options.memory?.bootKdump(this.#policies.findLast((policy) => policy.kdumpIommu)?.kdumpIommu ?? 'copies');
    const changed = bindings.map((binding, i) =>
      this.#policies.reduce((now, policy) => policy.secondBinding?.(now, firstBindings[i]!) ?? now, binding),
    );
    const boot = () => {
      if (kdump) this.#each(({ atBoot }) => atBoot?.(second));
      bootSecondKernel(second, changed, () => null);
      this.#each(({ afterBoot }) => afterBoot?.(second));
      this.#each(({ whenProbed }) => whenProbed?.(second));
    };
    // What enumeration and probes write is listed where a remedy acts before the shutdown.
    if (this.#policies.some(({ phase }) => phase !== 'shutdown')) this.#record('boot', boot);
    else boot();
    // A driver that binds sets its device to work, whatever the first kernel did to it.
    for (const dev of second.devices)
      if (dev.driver !== null) {
        this.#senders.start(this.#fn(dev));
        if (kdump) this.#options.memory?.attach(this.#senders.destination(this.#fn(dev)));
      }
    return second;
  }

  readonly #landed: { readonly fn: number; readonly end: DmaEnd }[] = [];

  /** Before the shutdown: each writes once. */
  #land(functions: readonly number[], memory: DmaMemory): void {
    this.#senders.tryAll(functions, (attempt) => {
      if (attempt.kind === 'dma') this.#landed.push({ fn: attempt.fn, end: memory.endOf(attempt) });
    });
  }

  #shutDown(kernel: Kernel, phase: PhaseName, path: ShutdownPath, counts: boolean): void {
    const { order, onSituation } = this.#options;
    if (counts) onSituation?.({ kernel, path, senders: this.#sendersOf(kernel) });
    this.#record(phase, () => deviceShutdown(kernel, counts ? order?.([...kernel.devicesKset].reverse()) : undefined));
  }

  /** Has the writes of a phase listed, while functions go on sending. */
  #record(phase: PhaseName, act: () => void): void {
    this.#phase = phase;
    this.#calls = [];
    this.#writes = [];
    this.#seen.clear();
    this.#recording = true;
    // What is refused already, before the first write.
    const before = { phase, step: BEFORE_THE_FIRST_WRITE };
    this.#senders.tryAll(this.#senders.behindBridges(), (attempt) => this.#attempted(attempt, before));
    act();
    this.#recording = false;
    const bmeCleared = this.#writes
      .filter(
        ({ offset, commandBefore, commandAfter }) =>
          offset === COMMAND && (commandBefore & ~commandAfter & COMMAND_BUS_MASTER_ENABLE) !== 0,
      )
      .map(({ dev }) => dev);
    this.#phases[phase] = { shutdownCalls: this.#calls, writes: this.#writes, bmeCleared };
  }

  #sendersOf(kernel: Kernel): PciDev[] {
    const sending = new Set([...this.#senders.sending(), ...this.#senders.armed()]);
    return kernel.devices.filter((dev) => sending.has(this.#fn(dev)));
  }

  #attempted(attempt: Attempt, at: { phase: PhaseName; step: number }): void {
    this.#options.onAttempt?.(attempt, at);
    const { outcome, at: reporter } = attempt.delivery;
    if (outcome !== 'unsupported-request' && outcome !== 'master-abort') return;
    const key = `${attempt.fn} ${reporter} ${attempt.header.addressHi} ${attempt.header.addressLo}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    (outcome === 'master-abort' ? this.#aborted : this.#refused).push(this.#refusal(attempt, at));
  }

  #refusal(attempt: Attempt, at: { phase: PhaseName; step: number }): RefusedRequest {
    const { arena } = this.#fabric;
    const { delivery, fn, kind } = attempt;
    const aer = delivery.at === NONE ? 0 : arena.layout[delivery.at]!.aer;
    const { platform = 'native', firmwareReports = false, kernel } = this.#options;
    const reaction = react(platform, delivery.errorMessage);
    const report = firmwareReports
      ? firmwareReport(arena, delivery, platform, kernel, this.#firmwareReports + 1)
      : undefined;
    if (report !== undefined) this.#firmwareReports++;
    return {
      ...at,
      requester: fn,
      reporter: delivery.at,
      kind,
      attempt,
      hops: this.#wayOf(attempt),
      uncorrectableStatus: aer === 0 ? 0 : arena.u32(delivery.at, aer + UNCORRECTABLE_ERROR_STATUS),
      reaction: reaction.result,
      why: whyThat(delivery, reaction.why),
      ...(report === undefined ? {} : { firmwareReport: report }),
    };
  }

  /** A refusal changes no register that decides about the way, so the same way is found again. */
  #wayOf({ header, fn }: Attempt): readonly Hop[] {
    const { router } = this.#fabric;
    const hops: Hop[] = [];
    router.trace = hops;
    this.#senders.route(fn, header);
    router.trace = undefined;
    return hops;
  }

  #fn(dev: PciDev): number {
    return this.#fabric.arena.find(dev.segment, dev.routingId);
  }
}

/** Why the platform reacts as it does, or why it can't know. */
function whyThat(delivery: Delivery, reaction: string): string {
  if (delivery.at === NONE) return 'the root complex refuses it: no port reports';
  if (delivery.report !== undefined && delivery.report.message === undefined) return delivery.report.why;
  return delivery.outcome === 'master-abort' ? 'nobody claims it: the requester keeps Received Master Abort' : reaction;
}
