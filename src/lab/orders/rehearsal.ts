/**
 * One function's shutdown, run by the real kernel model on the real fabric from the moment when the shutdown begins, and what it reads
 * and writes. What a function would send is asked of the real router in the same way.
 */
import type { Checkpoint, Fabric } from '../../fabric/fabric.ts';
import { NONE } from '../../fabric/topology.ts';
import { pciDeviceShutdown } from '../../linux/device-shutdown.ts';
import type { KernelRules } from '../../linux/kernel-rules.ts';
import { PciDev } from '../../linux/pci-dev.ts';
import type { TlpHeader } from '../../tlp/header.ts';
import type { Attempt, Senders } from '../senders.ts';
import { type BegunShutdown, beginShutdown, type RefusedRequest, type ShutdownOptions } from '../shutdown-run.ts';
import { type Cell, NotDecomposable, Watch } from './watch.ts';

/** Cells and what they hold. */
export type Contents = ReadonlyMap<Cell, number>;

/** What one configuration write, or a driver that stops its device, has changed. */
export interface Change {
  /** Index of the write among the step's; of the next one for a device that stops. */
  readonly write: number;
  /** Function that was written. */
  readonly fn: number;
  readonly cells: Contents;
}

/** A function's shutdown. It depends on nothing but what `reads` held when it began. */
export interface Step {
  readonly reads: ReadonlySet<Cell>;
  /** In order, one a write and one a stop, those included that change nothing. */
  readonly changes: readonly Change[];
  /** Number of configuration writes. */
  readonly writes: number;
  /** Cells that hold something else at its end. */
  readonly after: Contents;
}

/** What becomes of all that a function would send. */
export interface Fate {
  readonly reads: ReadonlySet<Cell>;
  /** Whether it would send anything. */
  readonly sends: boolean;
  /** The first Unsupported Request; `reporter` NONE: the root complex. */
  readonly refusal: { readonly reporter: number; readonly kind: Attempt['kind'] } | undefined;
  /** What requests that end otherwise than well, and not as an Unsupported Request, leave in registers. */
  readonly marks: ReadonlySet<Cell>;
}

export class Rehearsal {
  readonly fabric: Fabric;
  readonly watch: Watch;
  /** Of the kernel that shuts down. */
  readonly rules: KernelRules;
  /** The functions in the order in which the kernel shuts them down. */
  readonly order: readonly number[];
  readonly #begun: BegunShutdown;
  readonly #senders: Senders;
  readonly #devices: readonly (PciDev | undefined)[];
  readonly #start: Checkpoint;
  readonly #fieldsAtStart: readonly number[];
  readonly #stopped: Uint8Array;
  /** Bytes as the last write has left them. */
  readonly #remembered: Uint8Array;
  /** What may hold something else than at the start: bytes, or all of them, and fields. */
  readonly #dirty = new Set<Cell>();
  readonly #dirtyFields = new Set<Cell>();
  #isAllDirty: boolean;
  /** Headers that wait behind the logs are in no register: a checkpoint has them. */
  readonly #hasHeaderLogs: boolean;
  #layouts: Fabric['arena']['layout'];
  readonly #stoppedAtStart: Uint8Array;
  #onWrite: ((fn: number, offset: number, size: number) => void) | undefined;
  #onStop: ((fn: number) => void) | undefined;

  /** The first request that was refused while a remedy acted, before any order counts. */
  get refusedBefore(): RefusedRequest | undefined {
    return this.#begun.refused[0];
  }

  /**
   * @param fabric for this one to keep: it is watched from now on
   * @throws NotDecomposable when requests come at random, which no order alone decides
   */
  constructor(fabric: Fabric, options: ShutdownOptions) {
    if (options.rates !== undefined) throw new NotDecomposable('a function sends at random times');
    this.fabric = fabric;
    const { arena } = fabric;
    // Before the kernel takes hold of it. A write counts even where it is lost on its way.
    const write = fabric.configWrite.bind(fabric);
    fabric.configWrite = (segment, routingId, offset, size, value) => {
      write(segment, routingId, offset, size, value);
      this.#onWrite?.(arena.find(segment, routingId), offset, size);
    };
    const fnOf = (dev: PciDev) => arena.find(dev.segment, dev.routingId);
    this.#begun = beginShutdown(fabric, options);
    const { kernel, senders } = this.#begun;
    this.rules = kernel.rules;
    this.#senders = senders;
    const devices: PciDev[] = [];
    for (const dev of kernel.devices) devices[fnOf(dev)] = dev;
    this.#devices = devices;
    this.order = [...kernel.devicesKset].reverse().map(fnOf);
    this.#start = fabric.checkpoint();
    this.#stoppedAtStart = Uint8Array.from({ length: arena.count }, (_, fn) => (senders.isStopped(fn) ? 1 : 0));
    this.#stopped = this.#stoppedAtStart.slice();
    this.#remembered = arena.bytes.slice();
    this.#hasHeaderLogs = (this.#start.headerLogs?.size ?? 0) > 0;
    this.#isAllDirty = this.#hasHeaderLogs;
    this.#layouts = [...arena.layout];
    for (const dev of kernel.devices) lookUpCapabilities(dev);
    this.watch = new Watch(arena, kernel.devices);
    const { bytes, fields } = this.watch;
    this.#fieldsAtStart = Array.from({ length: fields }, (_, i) => this.watch.value(bytes + i));
    kernel.hooks = { onDmaStopped: (dev) => this.#onStop?.(fnOf(dev)) };
  }

  /** The function that the cell is of, NONE for a field of the kernel's. */
  functionOf(cell: Cell): number {
    const { base, layout, count } = this.fabric.arena;
    if (cell >= this.watch.bytes) return cell >= this.#firstStopped ? cell - this.#firstStopped : NONE;
    let low = 0;
    for (let high = count; high - low > 1; ) {
      const middle = (low + high) >> 1;
      if (base[middle]! <= cell) low = middle;
      else high = middle;
    }
    if (cell - base[low]! >= layout[low]!.size) throw new RangeError(`expected a cell of a function, got ${cell}`);
    return low;
  }

  /** The cell that holds 1 once the function's driver has stopped it. */
  stoppedCell(fn: number): Cell {
    return this.#firstStopped + fn;
  }

  get #firstStopped(): Cell {
    return this.watch.bytes + this.watch.fields;
  }

  /** What the cell holds when the shutdown begins. */
  atStart(cell: Cell): number {
    if (cell < this.watch.bytes) return this.#start.bytes[cell]!;
    const field = cell - this.watch.bytes;
    return field < this.#fieldsAtStart.length
      ? this.#fieldsAtStart[field]!
      : this.#stoppedAtStart[cell - this.#firstStopped]!;
  }

  /** Shuts one function down. @param context what cells hold that do not hold what they held at the start */
  step(fn: number, context: Contents): Step {
    const { arena } = this.fabric;
    this.#enter(context);
    const now = this.#remembered;
    const changes: Change[] = [];
    let writes = 0;
    const stops = new Set<number>();
    const written = new Set<Cell>();
    this.#onWrite = (to, offset, size) => {
      for (let i = offset; i < Math.min(offset + size, arena.layout[to]!.size); i++) written.add(arena.base[to]! + i);
      changes.push({ write: writes++, fn: to, cells: takeChanges(arena, to, now) });
    };
    this.#onStop = (stopped) => {
      stops.add(stopped);
      changes.push({ write: writes, fn: stopped, cells: new Map([[this.stoppedCell(stopped), 1]]) });
    };
    let reads: Set<Cell>;
    try {
      reads = this.watch.during(() => pciDeviceShutdown(this.#begun.kernel, this.#devices[fn]!));
    } finally {
      this.#onWrite = undefined;
      this.#onStop = undefined;
    }
    this.#expectOnlyRegisters();
    const after = new Map<Cell, number>();
    for (const { cells } of changes)
      for (const cell of cells.keys())
        if (cell < this.watch.bytes && now[cell] !== (context.get(cell) ?? this.#start.bytes[cell]))
          after.set(cell, now[cell]!);
    for (const cell of this.watch.takeTouched()) {
      this.#dirtyFields.add(cell);
      const value = this.watch.value(cell);
      if (value !== (context.get(cell) ?? this.atStart(cell))) after.set(cell, value);
    }
    for (const stopped of stops) after.set(this.stoppedCell(stopped), 1);
    for (const { cells } of changes) for (const cell of cells.keys()) this.#dirty.add(cell);
    // What is written counts as read: whether that changes anything depends on what was there, and so do bits that are read-only, or
    // cleared by ones.
    for (const cell of written) reads.add(cell);
    for (const { cells } of changes) for (const cell of cells.keys()) reads.add(cell);
    for (const cell of after.keys()) reads.add(cell);
    return { reads, changes, writes, after };
  }

  /** What becomes of the function's requests. @param context as for `step` */
  fate(fn: number, context: Contents): Fate {
    this.#enter(context);
    let sends = false;
    let refusal: Fate['refusal'];
    const lost: TlpHeader[] = [];
    const reads = this.watch.during(() => {
      for (const { kind, header } of this.#senders.pending(fn)) {
        sends = true;
        const { outcome, at } = this.#senders.route(fn, header);
        if (outcome === 'unsupported-request') refusal ??= { reporter: at, kind };
        else if (outcome !== 'delivered' && outcome !== 'not-sent') lost.push(header);
      }
    });
    reads.add(this.stoppedCell(fn));
    return { reads, sends, refusal, marks: refusal === undefined ? this.#marksOf(fn, lost) : new Set() };
  }

  /** Sends twice, since registers count a second error in other bits than the first. */
  #marksOf(fn: number, headers: readonly TlpHeader[]): Set<Cell> {
    const { arena } = this.fabric;
    const marks = new Set<Cell>();
    if (headers.length === 0) return marks;
    this.#isAllDirty = true;
    for (const header of [...headers, ...headers]) this.#senders.send(fn, header);
    for (let one = 0; one < arena.count; one++)
      for (const cell of takeChanges(arena, one, this.#remembered).keys()) marks.add(cell);
    return marks;
  }

  /** The machine and the kernel as they were when the shutdown began, but for the context. */
  #enter(context: Contents): void {
    const { watch } = this;
    this.#leave();
    for (const [cell, value] of context)
      if (cell >= this.#firstStopped) this.#stopped[cell - this.#firstStopped] = value;
      else {
        watch.set(cell, value);
        if (cell < watch.bytes) {
          this.#remembered[cell] = value;
          this.#dirty.add(cell);
        } else this.#dirtyFields.add(cell);
      }
    this.#stopped.forEach((stopped, fn) => {
      if (stopped === 1) this.#senders.stop(fn);
      else this.#senders.start(fn);
    });
  }

  /** Back to the start, byte by byte where it is known which have changed. */
  #leave(): void {
    const { watch } = this;
    const { arena } = this.fabric;
    const { bytes } = this.#start;
    if (this.#isAllDirty || arena.layout.some((layout, fn) => layout !== this.#layouts[fn])) {
      this.fabric.restore(this.#start);
      this.#remembered.set(bytes);
      this.#layouts = [...arena.layout];
      this.#isAllDirty = this.#hasHeaderLogs;
    } else
      for (const cell of this.#dirty) {
        arena.bytes[cell] = bytes[cell]!;
        this.#remembered[cell] = bytes[cell]!;
      }
    for (const cell of [...this.#dirtyFields, ...watch.takeTouched()]) watch.set(cell, this.atStart(cell));
    this.#dirty.clear();
    this.#dirtyFields.clear();
    this.#stopped.set(this.#stoppedAtStart);
  }

  /** @throws NotDecomposable when something else has changed than the registers that were written */
  #expectOnlyRegisters(): void {
    const { arena } = this.fabric;
    const same = (a: Uint8Array, b: Uint8Array | undefined) => b !== undefined && a.every((value, i) => value === b[i]);
    if (arena.bytes.length !== this.watch.bytes) throw new NotDecomposable('functions have joined');
    const now = dwordsOf(arena.bytes);
    const then = dwordsOf(this.#remembered);
    for (let i = 0; i < now.length; i++)
      if (now[i] !== then[i])
        throw new NotDecomposable(`${arena.name(this.functionOf(4 * i))} changes beside what is written`);
    if (!same(arena.capturedBus, this.#start.capturedBus)) throw new NotDecomposable('captured bus numbers change');
    if (!same(arena.linkLost, this.#start.linkLost)) throw new NotDecomposable('a link is lost');
  }
}

/** The kernel looks for a capability once, and remembers where it is: no step is to read the lists because it is the first. */
function lookUpCapabilities(dev: PciDev): void {
  for (const [name, { get }] of Object.entries(Object.getOwnPropertyDescriptors(PciDev.prototype)))
    if (get !== undefined) void dev[name as keyof PciDev];
}

/** The function's bytes that differ from those remembered, which are brought up to date. */
function takeChanges(arena: Fabric['arena'], fn: number, remembered: Uint8Array): Map<Cell, number> {
  const { bytes } = arena;
  const first = arena.base[fn]!;
  const { size } = arena.layout[fn]!;
  const changed = new Map<Cell, number>();
  const now = dwordsOf(bytes, first, size);
  const then = dwordsOf(remembered, first, size);
  for (let dword = 0; dword < now.length; dword++) {
    if (now[dword] === then[dword]) continue;
    for (let cell = first + 4 * dword; cell < first + 4 * dword + 4; cell++)
      if (bytes[cell] !== remembered[cell]) {
        remembered[cell] = bytes[cell]!;
        changed.set(cell, bytes[cell]!);
      }
  }
  return changed;
}

function dwordsOf(bytes: Uint8Array, first = 0, size = bytes.length): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset + first, size / 4);
}
