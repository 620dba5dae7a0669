/**
 * Config space of all functions in one buffer, and the two doors into a register.
 *
 * The software door (`write`, `writeDw`) is what a configuration request does: RW bits take the value, RW1C bits clear where it
 * has a 1, all else stays, and only in enabled bytes. The hardware door (`setBits`, `poke`) is what the function itself does to
 * its registers. Nothing else touches the bytes.
 */
import {
  COMMAND,
  EXTENDED_CAPABILITY_ID_RESIZABLE_BAR,
  EXTENDED_CAPABILITY_ID_VF_RESIZABLE_BAR,
  NUMVFS,
  SR_IOV_CONTROL,
  SR_IOV_CONTROL_VF_ENABLE,
  VENDOR_ID,
} from '../spec/constants.ts';
import { sizedBars } from './bar-sizes.ts';
import { type Bar, barRegisters, smallestBarLog2 } from './bars.ts';
import { formatBdf } from './bdf.ts';
import { type BehaviourWrite, behaviours, dropDataObject, resetBehaviours } from './behaviours.ts';
import { walkCapabilities } from './capabilities.ts';
import { DataObjectMailbox } from './data-object-mailbox.ts';
import type { FunctionImage } from './function-image.ts';
import { type Layout, Layouts } from './layout.ts';
import { UNKNOWN_PORT } from './placed-structures.ts';
import type { AccessSize, BehaviourEvent, Registers } from './registers.ts';
import { type ResetKind, resetBytes, resetKinds } from './reset.ts';
import { resizableBarSizes } from './resizable-bars.ts';
import { Mark, type RegisterWatch, WATCHED } from './watched-registers.ts';

/** Bytes of the configuration space of a PCI Express function. PCIe 5.0 §7.2. */
export const CONFIG_SPACE_SIZE = 0x1000;
const NO_FUNCTION = -1;

/** A Virtual Function: whose it is, and its number, 1 to NumVFs. */
export interface VirtualFunction {
  readonly physical: number;
  readonly number: number;
}

export class ConfigArena implements Registers {
  /** Number of functions; a function is named by its index, 0 to count - 1. It grows by `add`, and never shrinks. */
  count = 0;
  /** All functions' bytes, each function's space at `base[i]`, `layout[i].size` long. Another buffer after `add`. */
  bytes = new Uint8Array(0);
  /** The same buffer. Registers are little-endian. */
  view = new DataView(this.bytes.buffer);
  base = new Uint32Array(0);
  /** What each function's bytes are. A write can change it: a BAR that is resized, a condition on a field that is RW. */
  readonly layout: Layout[] = [];
  segment = new Uint32Array(0);
  /** Bus in 15:8, device in 7:3, function in 2:0: where the function was found. */
  routingId = new Uint16Array(0);
  /** Bus number that each function has captured: of the last Type 0 configuration write that it took. PCIe 5.0 §2.2.6.2. */
  capturedBus = new Uint8Array(0);
  /** 1 for a port whose link is down for a reason that is in no register of it: cable or partner gone. */
  linkLost = new Uint8Array(0);
  /** The VFs among the functions, as far as their PF is there. */
  readonly virtualFunctions = new Map<number, VirtualFunction>();
  /** Told of what a write does beyond the function that was written. */
  onBehaviour: ((event: BehaviourEvent) => void) | undefined;
  /** Function index by segment and Routing ID. */
  readonly #index = new Map<number, number>();
  /** As they came, but for the bytes: those of functions with resizable BARs alone are kept, for the default sizes. */
  readonly #images: FunctionImage[] = [];
  readonly #layouts = new Layouts();
  /** Functions whose layout has changed since they were added. */
  readonly #relaid = new Set<number>();
  /** By function and place of the capability: one number, `fn * CONFIG_SPACE_SIZE + at`. */
  readonly #mailboxes = new Map<number, DataObjectMailbox>();
  readonly #watches: RegisterWatch[] = [];
  #showSegment = false;

  /**
   * @param images in any order; functions are numbered as they come
   * @throws Error naming the function, when a function comes twice or a space is neither 256 nor 4,096 bytes long
   * @throws RangeError when a segment or a Routing ID is out of range
   */
  constructor(images: readonly FunctionImage[]) {
    this.add(images);
  }

  /** More functions, numbered from `count` on. @throws Error and RangeError as the constructor */
  add(images: readonly FunctionImage[]): void {
    const first = this.count;
    const showSegment = this.#showSegment || images.some((image) => image.segment !== 0);
    let total = this.bytes.length;
    const keys = new Set<number>();
    for (const { segment, routingId, bytes } of images) {
      expectWhole('segment', segment, 0xffffffff);
      expectWhole('Routing ID', routingId, 0xffff);
      const name = formatBdf(segment, routingId, showSegment);
      if (bytes.length !== 256 && bytes.length !== CONFIG_SPACE_SIZE)
        throw new Error(`${name}: expected a configuration space of 256 or 4096 bytes, got ${bytes.length}`);
      const key = keyOf(segment, routingId);
      if (this.#index.has(key) || keys.has(key)) throw new Error(`${name}: expected each function once, got it twice`);
      keys.add(key);
      total += bytes.length;
    }
    this.#showSegment = showSegment;
    this.count = first + images.length;
    let base = this.bytes.length;
    this.bytes = grown(this.bytes, new Uint8Array(total));
    this.view = new DataView(this.bytes.buffer);
    this.base = grown(this.base, new Uint32Array(this.count));
    this.segment = grown(this.segment, new Uint32Array(this.count));
    this.routingId = grown(this.routingId, new Uint16Array(this.count));
    this.capturedBus = grown(this.capturedBus, new Uint8Array(this.count));
    this.linkLost = grown(this.linkLost, new Uint8Array(this.count));
    const stated = images.map(withStatedSizes);
    const bars = sizedBars(stated);
    stated.forEach((image, i) => {
      const fn = first + i;
      this.#index.set(keyOf(image.segment, image.routingId), fn);
      this.base[fn] = base;
      this.segment[fn] = image.segment;
      this.routingId[fn] = image.routingId;
      this.capturedBus[fn] = image.routingId >> 8;
      this.bytes.set(image.bytes, base);
      base += image.bytes.length;
      const layout = this.#layouts.layoutOf(image.bytes, bars[i]!, image.headerOnly, image.barSizesLog2);
      this.layout.push(layout);
      this.#images.push(hasResizableBars(layout) ? image : { ...image, bytes: noBytes });
    });
  }

  /** Index of the function, or -1. */
  find(segment: number, routingId: number): number {
    return this.#index.get(keyOf(segment, routingId)) ?? NO_FUNCTION;
  }

  /**
   * The function as text; with its segment where any function of the arena has one other than 0.
   * @throws RangeError when there is no function of that index
   */
  name(fn: number): string {
    this.expectFunction(fn);
    return formatBdf(this.segment[fn]!, this.routingId[fn]!, this.#showSegment);
  }

  /** The function's ID in TLPs: the bus that it, or a VF's PF, has captured, and its device and function number. PCIe 5.0 §2.2.6.2. */
  idOf(fn: number): number {
    const virtual = this.layout[fn]!.isVirtual ? this.virtualFunctions.get(fn) : undefined;
    if (virtual !== undefined)
      return (
        (((this.capturedBus[virtual.physical]! + this.busesFromPhysical(fn)) & 0xff) << 8) |
        (this.routingId[fn]! & 0xff)
      );
    return (this.capturedBus[fn]! << 8) | (this.routingId[fn]! & 0xff);
  }

  /** How many buses a VF lies behind its PF's; 0 for all else. PCIe 5.0 §9.2.1.2. */
  busesFromPhysical(fn: number): number {
    const virtual = this.virtualFunctions.get(fn);
    return virtual === undefined ? 0 : (this.routingId[fn]! >> 8) - (this.routingId[virtual.physical]! >> 8);
  }

  /** One function's space: a view, not a copy. @throws RangeError when there is no function of that index */
  space(fn: number): Uint8Array {
    this.expectFunction(fn);
    const base = this.base[fn]!;
    return this.bytes.subarray(base, base + this.layout[fn]!.size);
  }

  /**
   * False for a function whose bytes read all ones: it does not answer (powered down, link down, gone). PCIe 5.0 §2.3.2. A VF is
   * there while its PF has it enabled. PCIe 5.0 §9.3.3.3.1.
   */
  isPresent(fn: number): boolean {
    return this.u16(fn, VENDOR_ID) !== 0xffff || (this.layout[fn]!.isVirtual && this.#isEnabledVirtual(fn));
  }

  #isEnabledVirtual(fn: number): boolean {
    const virtual = this.virtualFunctions.get(fn);
    if (virtual === undefined) return true;
    const { physical, number } = virtual;
    const { sriov } = this.layout[physical]!;
    return (
      (this.u16(physical, sriov + SR_IOV_CONTROL) & SR_IOV_CONTROL_VF_ENABLE) !== 0 &&
      number <= this.u16(physical, sriov + NUMVFS)
    );
  }

  /** One byte as it stands. Neither `fn` nor `offset` (within the function's own space) is checked: see `read`. */
  u8(fn: number, offset: number): number {
    return this.bytes[this.base[fn]! + offset]!;
  }

  /** Two bytes as they stand, little-endian; unchecked, as `u8`. */
  u16(fn: number, offset: number): number {
    return this.view.getUint16(this.base[fn]! + offset, true);
  }

  /** Four bytes as they stand, little-endian, unsigned; unchecked, as `u8`. */
  u32(fn: number, offset: number): number {
    return this.view.getUint32(this.base[fn]! + offset, true);
  }

  /** The Command register. PCIe 5.0 §7.5.1.1.3. */
  command(fn: number): number {
    return this.u16(fn, COMMAND);
  }

  /**
   * What a configuration read gives: `size` bytes, little-endian, unsigned. Beyond the end of a 256-byte space: all ones.
   * @throws RangeError naming the function, when the access leaves the space or its DWORD
   */
  read(fn: number, offset: number, size: AccessSize): number {
    this.#check(fn, offset, size);
    if (offset >= this.layout[fn]!.size) return size === 4 ? 0xffffffff : 2 ** (8 * size) - 1;
    if (size === 4) return this.u32(fn, offset);
    return size === 2 ? this.u16(fn, offset) : this.u8(fn, offset);
  }

  /**
   * The software door: `size` bytes of `value`, little-endian. Beyond the end of a 256-byte space nothing happens.
   * @throws RangeError naming the function, when the access leaves the space or its DWORD
   */
  write(fn: number, offset: number, size: AccessSize, value: number): void {
    this.#check(fn, offset, size);
    const layout = this.layout[fn]!;
    if (offset >= layout.size) return;
    if (layout.marked[offset >> 2] !== 0)
      this.#writeMarked(fn, offset & ~3, value << (8 * (offset & 3)), ((1 << size) - 1) << (offset & 3));
    else for (let i = 0; i < size; i++) this.#writeByte(fn, layout, offset + i, (value >>> (8 * i)) & 0xff);
  }

  /**
   * The software door as a configuration TLP uses it: one DWORD at `offset` (a multiple of 4), the bytes whose bit of
   * `byteEnables` (First DW BE, bit 0 = lowest byte) is set.
   * @throws RangeError naming the function, when the offset is not that of a DWORD of the space
   */
  writeDw(fn: number, offset: number, value: number, byteEnables: number): void {
    this.#check(fn, offset, 4);
    const layout = this.layout[fn]!;
    if (offset >= layout.size) return;
    if (layout.marked[offset >> 2] !== 0) this.#writeMarked(fn, offset, value, byteEnables);
    else this.#writeBytes(fn, layout, offset, value, byteEnables);
  }

  #writeBytes(fn: number, layout: Layout, offset: number, value: number, byteEnables: number): void {
    for (let i = 0; i < 4; i++)
      if ((byteEnables & (1 << i)) !== 0) this.#writeByte(fn, layout, offset + i, (value >>> (8 * i)) & 0xff);
  }

  #writeByte(fn: number, layout: Layout, offset: number, value: number): void {
    const at = this.base[fn]! + offset;
    const old = this.bytes[at]!;
    const rw = layout.rw[offset]!;
    this.bytes[at] = ((old & ~rw) | (value & rw)) & ~(value & layout.rw1c[offset]!);
  }

  /** A DWORD that is marked: first what the masks say, then what the behaviours do; then those who watch it are told. */
  #writeMarked(fn: number, dword: number, value: number, byteEnables: number): void {
    const layout = this.layout[fn]!;
    const before = this.u32(fn, dword);
    this.#writeBytes(fn, layout, dword, value, byteEnables);
    const marks = layout.marked[dword >> 2]!;
    if ((marks & Mark.behaves) !== 0) this.#behave(fn, layout, dword, value, byteEnables, before);
    if ((marks & WATCHED) !== 0 && this.#watches.length > 0) this.#tell(fn, dword, before);
  }

  #behave(fn: number, layout: Layout, dword: number, value: number, byteEnables: number, before: number): void {
    const enabled = enabledBits(byteEnables);
    const written = (value & enabled) >>> 0;
    let isRelaid = false;
    for (const { behaviour, at, mask } of layout.behaviours.get(dword)!) {
      if ((mask & enabled) === 0) continue;
      const write: BehaviourWrite = { fn, at, dword, mask, before, written, enabled };
      if (behaviour !== 'layout') behaviours[behaviour]?.(this, write);
      if (behaviour === 'layout' || behaviour === 'bar-size' || behaviour === 'page-size')
        isRelaid ||= ((before ^ this.u32(fn, dword)) & mask) !== 0;
    }
    if (isRelaid) this.#relayout(fn);
  }

  /** A resizable BAR's default size is the device's own affair: that which it had when it was added. PCIe 5.0 §7.8.6.3. */
  #restoreBarSizes(fn: number): void {
    const { bytes } = this.#images[fn]!;
    const first = new DataView(bytes.buffer, bytes.byteOffset);
    for (const [dword, list] of this.layout[fn]!.behaviours)
      for (const { behaviour, mask } of list)
        if (behaviour === 'bar-size')
          this.poke(fn, dword, 4, (this.u32(fn, dword) & ~mask) | (first.getUint32(dword, true) & mask));
  }

  /** What the bytes are now: masks, BARs. Address bits that a BAR has lost read 0. */
  #relayout(fn: number): void {
    const bytes = this.space(fn);
    const { bars, vfBars } = this.#takeLayout(fn);
    for (const { offset, kind, sizeLog2 } of [...bars, ...vfBars])
      for (let bit = smallestBarLog2(kind); bit < sizeLog2; bit++) bytes[offset + (bit >> 3)]! &= ~(1 << (bit & 7));
    this.#tellReplaced(fn);
  }

  #takeLayout(fn: number): Layout {
    this.#relaid.add(fn);
    const bytes = this.space(fn);
    const old = this.layout[fn]!;
    const sizes: (number | undefined)[] = [];
    for (const { index, sizeLog2 } of [...old.bars, ...old.vfBars]) sizes[index] = sizeLog2;
    for (const known of [this.#images[fn]!.barSizesLog2 ?? [], resizableBarSizes(bytes, old.capabilities)])
      known.forEach((size, index) => {
        if (size !== undefined) sizes[index] = size;
      });
    const bars = barRegisters(bytes, (index) => sizes[index] !== undefined).map(
      ({ addressHi: _, addressLo: __, ...bar }): Bar => ({
        ...bar,
        sizeLog2: Math.max(sizes[bar.index] ?? 0, smallestBarLog2(bar.kind)),
      }),
    );
    const layout = this.#layouts.layoutOf(bytes, bars, old.portType === UNKNOWN_PORT, sizes);
    this.layout[fn] = layout;
    return layout;
  }

  /**
   * Registers as they were, for all functions that there were then; those that came later keep theirs. A data object that was under
   * way is gone.
   * @param capturedBus captured bus numbers at that time, and `linkLost` the links that were lost; as they are where not given
   */
  restore(bytes: Uint8Array, capturedBus?: Uint8Array, linkLost?: Uint8Array): void {
    this.bytes.set(bytes);
    for (const fn of this.#relaid) this.#takeLayout(fn);
    for (const key of this.#mailboxes.keys())
      dropDataObject(this, Math.floor(key / CONFIG_SPACE_SIZE), key % CONFIG_SPACE_SIZE);
    if (capturedBus !== undefined) this.capturedBus.set(capturedBus);
    if (linkLost !== undefined) {
      this.linkLost.fill(0);
      this.linkLost.set(linkLost);
    }
    for (const watch of this.#watches) watch.restored();
  }

  /** A reset of one function: see `ResetKind`. */
  reset(fn: number, kind: ResetKind): void {
    this.expectFunction(fn);
    if (!resetKinds.includes(kind)) throw new RangeError(`reset: expected ${resetKinds.join(', ')}, got ${kind}`);
    resetBytes(this.space(fn), this.layout[fn]!, kind);
    resetBehaviours(this, fn);
    if (dependsOnBytes(this.layout[fn]!)) {
      this.#restoreBarSizes(fn);
      this.#relayout(fn);
      // What was read-only by the old layout (NumVFs, while VF Enable was set) has its reset value as well.
      resetBytes(this.space(fn), this.layout[fn]!, kind);
      this.#restoreBarSizes(fn);
      this.#relayout(fn);
    }
    this.#tellReplaced(fn);
    this.announce({ fn, kind: 'reset', reset: kind });
  }

  announce(event: BehaviourEvent): void {
    this.onBehaviour?.(event);
  }

  vitalProductData(fn: number): Uint8Array | undefined {
    return this.#images[fn]!.vitalProductData;
  }

  mailbox(fn: number, at: number): DataObjectMailbox {
    const key = fn * CONFIG_SPACE_SIZE + at;
    let mailbox = this.#mailboxes.get(key);
    if (mailbox === undefined) {
      mailbox = new DataObjectMailbox(this.#images[fn]!.dataObjects ?? []);
      this.#mailboxes.set(key, mailbox);
    }
    return mailbox;
  }

  /** The hardware door: sets bits of a register of `size` bytes, whatever its attributes. @throws RangeError as `poke` */
  setBits(fn: number, offset: number, size: AccessSize, mask: number): void {
    this.poke(fn, offset, size, this.read(fn, offset, size) | mask);
  }

  /**
   * The hardware door: a register's new value, whatever its attributes.
   * @throws RangeError naming the function, when the access leaves its own space or its DWORD
   */
  poke(fn: number, offset: number, size: AccessSize, value: number): void {
    this.#check(fn, offset, size);
    if (offset >= this.layout[fn]!.size)
      throw new RangeError(
        `${this.name(fn)}: expected offset in [0, 0x${this.layout[fn]!.size.toString(16)}), got 0x${offset.toString(16)}`,
      );
    const isWatched = this.#watches.length > 0 && (this.layout[fn]!.marked[offset >> 2]! & WATCHED) !== 0;
    const before = isWatched ? this.u32(fn, offset & ~3) : 0;
    const at = this.base[fn]! + offset;
    if (size === 4) this.view.setUint32(at, value, true);
    else if (size === 2) this.view.setUint16(at, value, true);
    else this.view.setUint8(at, value);
    if (isWatched) this.#tell(fn, offset & ~3, before);
  }

  /** Has changes of the registers of `markWatched` told to `watch`, from now on. */
  watch(watch: RegisterWatch): void {
    this.#watches.push(watch);
  }

  unwatch(watch: RegisterWatch): void {
    const i = this.#watches.indexOf(watch);
    if (i >= 0) this.#watches.splice(i, 1);
  }

  #tell(fn: number, dword: number, before: number): void {
    if (this.u32(fn, dword) === before) return;
    for (const watch of this.#watches) watch.changed(fn, dword, before);
  }

  #tellReplaced(fn: number): void {
    for (const watch of this.#watches) watch.replaced(fn);
  }

  /** The function takes a configuration write on that bus, or is reset, and has the number of it from then on. */
  captureBus(fn: number, bus: number): void {
    if (this.capturedBus[fn] === bus) return;
    this.capturedBus[fn] = bus;
    this.#tellReplaced(fn);
  }

  /** See `linkLost`. */
  loseLink(port: number, isLost: boolean): void {
    this.linkLost[port] = isLost ? 1 : 0;
    this.#tellReplaced(port);
  }

  #check(fn: number, offset: number, size: number): void {
    const isSize = size === 1 || size === 2 || size === 4;
    if ((offset & 0xfff) === offset && (offset & 3) + size <= 4 && isSize && fn >>> 0 === fn && fn < this.count) return;
    this.expectFunction(fn);
    if (!isSize) throw new RangeError(`${this.name(fn)}: expected an access of 1, 2 or 4 bytes, got ${size}`);
    const hex = Number.isInteger(offset) && offset >= 0 ? `0x${offset.toString(16)}` : `${offset}`;
    if ((offset & 0xfff) !== offset)
      throw new RangeError(`${this.name(fn)}: expected offset in [0, 0x1000), got ${hex}`);
    throw new RangeError(`${this.name(fn)}: expected an access within one DWORD, got ${size} bytes at ${hex}`);
  }

  /** @throws RangeError when there is no function of that index */
  expectFunction(fn: number): void {
    if (!(Number.isInteger(fn) && fn >= 0 && fn < this.count))
      throw new RangeError(`expected a function index in [0, ${this.count}), got ${fn}`);
  }
}

function expectWhole(what: string, value: number, last: number): void {
  if (!(Number.isInteger(value) && value >= 0 && value <= last))
    throw new RangeError(`expected a ${what} from 0 to 0x${last.toString(16)}, got ${value}`);
}

function keyOf(segment: number, routingId: number): number {
  return segment * 0x10000 + routingId;
}

function grown<T extends { set(from: ArrayLike<number>): void }>(from: ArrayLike<number>, to: T): T {
  to.set(from);
  return to;
}

/** First DW BE as bits of the DWORD. */
function enabledBits(byteEnables: number): number {
  let bits = 0;
  for (let i = 0; i < 4; i++) if ((byteEnables & (1 << i)) !== 0) bits |= 0xff << (8 * i);
  return bits >>> 0;
}

/** The image with the BAR sizes that its own bytes give, which only resizable BARs do. */
function withStatedSizes(image: FunctionImage): FunctionImage {
  if (image.bytes.length !== CONFIG_SPACE_SIZE) return image;
  const resizable = resizableBarSizes(image.bytes, walkCapabilities(image.bytes).entries);
  if (resizable.length === 0) return image;
  return { ...image, barSizesLog2: Object.assign([...(image.barSizesLog2 ?? [])], resizable) };
}

const noBytes = /* @__PURE__ */ new Uint8Array(0);

function hasResizableBars({ capabilities }: Layout): boolean {
  return capabilities.some(
    ({ id, extended }) =>
      extended && (id === EXTENDED_CAPABILITY_ID_RESIZABLE_BAR || id === EXTENDED_CAPABILITY_ID_VF_RESIZABLE_BAR),
  );
}

function dependsOnBytes({ behaviours: all }: Layout): boolean {
  for (const list of all.values())
    if (list.some(({ behaviour }) => behaviour === 'layout' || behaviour === 'bar-size' || behaviour === 'page-size'))
      return true;
  return false;
}
