/**
 * Config space of all functions in one buffer, and the two doors into a register.
 *
 * The software door (`write`, `writeDw`) is what a configuration request does: RW bits take the value, RW1C bits clear where it
 * has a 1, all else stays, and only in enabled bytes. The hardware door (`setBits`, `poke`) is what the function itself does to
 * its registers. Nothing else touches the bytes.
 */
import {
  COMMAND,
  POWER_MANAGEMENT_CAPABILITIES,
  POWER_MANAGEMENT_CAPABILITIES_D1_SUPPORT,
  POWER_MANAGEMENT_CAPABILITIES_D2_SUPPORT,
  POWER_MANAGEMENT_CONTROL_STATUS,
  POWER_MANAGEMENT_CONTROL_STATUS_POWERSTATE,
  SLOT_CONTROL,
  SLOT_STATUS,
  SLOT_STATUS_COMMAND_COMPLETED,
  VENDOR_ID,
} from '../spec/constants.ts';
import { sizedBars } from './bar-sizes.ts';
import { formatBdf } from './bdf.ts';
import type { FunctionImage } from './function-image.ts';
import { type Layout, Layouts } from './layout.ts';

/** Bytes of the configuration space of a PCI Express function. PCIe 5.0 §7.2. */
export const CONFIG_SPACE_SIZE = 0x1000;
const NO_FUNCTION = -1;

export type AccessSize = 1 | 2 | 4;

export class ConfigArena {
  /** Number of functions; a function is named by its index, 0 to count - 1. */
  readonly count: number;
  /** All functions' bytes, each function's space at `base[i]`, `layout[i].size` long. */
  readonly bytes: Uint8Array;
  /** The same buffer. Registers are little-endian. */
  readonly view: DataView;
  readonly base: Uint32Array;
  readonly layout: readonly Layout[];
  readonly segment: Uint32Array;
  /** Bus in 15:8, device in 7:3, function in 2:0: where the function was found. */
  readonly routingId: Uint16Array;
  /** Function index by segment and Routing ID. */
  readonly #index = new Map<number, number>();
  readonly #showSegment: boolean;

  /**
   * @param images in any order; functions are numbered as they come
   * @throws Error naming the function, when a function comes twice or a space is neither 256 nor 4,096 bytes long
   */
  constructor(images: readonly FunctionImage[]) {
    this.count = images.length;
    this.base = new Uint32Array(images.length);
    this.segment = new Uint32Array(images.length);
    this.routingId = new Uint16Array(images.length);
    this.#showSegment = images.some((image) => image.segment !== 0);
    let total = 0;
    images.forEach((image, fn) => {
      const { segment, routingId, bytes } = image;
      const name = formatBdf(segment, routingId, this.#showSegment);
      if (bytes.length !== 256 && bytes.length !== CONFIG_SPACE_SIZE)
        throw new Error(`${name}: expected a configuration space of 256 or 4096 bytes, got ${bytes.length}`);
      const key = segment * 0x10000 + routingId;
      if (this.#index.has(key)) throw new Error(`${name}: expected each function once, got it twice`);
      this.#index.set(key, fn);
      this.base[fn] = total;
      this.segment[fn] = segment;
      this.routingId[fn] = routingId;
      total += bytes.length;
    });
    this.bytes = new Uint8Array(total);
    this.view = new DataView(this.bytes.buffer);
    const layouts = new Layouts();
    const bars = sizedBars(images);
    this.layout = images.map((image, fn) => {
      this.bytes.set(image.bytes, this.base[fn]);
      return layouts.layoutOf(image.bytes, bars[fn]!, image.headerOnly, image.barSizesLog2);
    });
  }

  /** Index of the function, or -1. */
  find(segment: number, routingId: number): number {
    return this.#index.get(segment * 0x10000 + routingId) ?? NO_FUNCTION;
  }

  /** The function as text; with its segment where any function of the arena has one other than 0. */
  name(fn: number): string {
    return formatBdf(this.segment[fn]!, this.routingId[fn]!, this.#showSegment);
  }

  /** One function's space: a view, not a copy. @throws RangeError when there is no function of that index */
  space(fn: number): Uint8Array {
    this.expectFunction(fn);
    const base = this.base[fn]!;
    return this.bytes.subarray(base, base + this.layout[fn]!.size);
  }

  /** False for a function whose bytes read all ones: it does not answer (powered down, link down, gone). PCIe 5.0 §2.3.2. */
  isPresent(fn: number): boolean {
    return this.u16(fn, VENDOR_ID) !== 0xffff;
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
    if (offset >= this.layout[fn]!.size) return;
    for (let i = 0; i < size; i++) this.#writeByte(fn, offset + i, (value >>> (8 * i)) & 0xff);
    this.#afterWrite(fn, offset, size);
  }

  /**
   * The software door as a configuration TLP uses it: one DWORD at `offset` (a multiple of 4), the bytes whose bit of
   * `byteEnables` (First DW BE, bit 0 = lowest byte) is set.
   * @throws RangeError naming the function, when the offset is not that of a DWORD of the space
   */
  writeDw(fn: number, offset: number, value: number, byteEnables: number): void {
    this.#check(fn, offset, 4);
    if (offset >= this.layout[fn]!.size) return;
    for (let i = 0; i < 4; i++)
      if ((byteEnables & (1 << i)) !== 0) this.#writeByte(fn, offset + i, (value >>> (8 * i)) & 0xff);
    if (byteEnables !== 0) this.#afterWrite(fn, offset, 4, byteEnables);
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
    const at = this.base[fn]! + offset;
    if (size === 4) this.view.setUint32(at, value, true);
    else if (size === 2) this.view.setUint16(at, value, true);
    else this.view.setUint8(at, value);
  }

  /** What the function itself does on a write. */
  #afterWrite(fn: number, offset: number, size: number, byteEnables = 0xf): void {
    const { slotControl } = this.layout[fn]!;
    if (slotControl === 0) return;
    for (let i = 0; i < size; i++)
      if ((byteEnables & (1 << i)) !== 0 && (offset + i === slotControl || offset + i === slotControl + 1)) {
        // A hot-plug command is done at once. PCIe 5.0 §6.7.3.2.
        this.setBits(fn, slotControl + SLOT_STATUS - SLOT_CONTROL, 2, SLOT_STATUS_COMMAND_COMPLETED);
        return;
      }
  }

  #writeByte(fn: number, offset: number, value: number): void {
    const layout = this.layout[fn]!;
    const at = this.base[fn]! + offset;
    const old = this.bytes[at]!;
    const rw = layout.rw[offset]!;
    let next = ((old & ~rw) | (value & rw)) & ~(value & layout.rw1c[offset]!);
    if (offset === layout.powerManagement + POWER_MANAGEMENT_CONTROL_STATUS && layout.powerManagement !== 0)
      next = this.#keepSupportedPowerState(fn, old, next);
    this.bytes[at] = next;
  }

  /** A write of a state that the function does not support is dropped. PCIe 5.0 §7.5.2.2. */
  #keepSupportedPowerState(fn: number, old: number, next: number): number {
    const capabilities = this.u16(fn, this.layout[fn]!.powerManagement + POWER_MANAGEMENT_CAPABILITIES);
    const state = next & POWER_MANAGEMENT_CONTROL_STATUS_POWERSTATE;
    const supported =
      state === 1
        ? (capabilities & POWER_MANAGEMENT_CAPABILITIES_D1_SUPPORT) !== 0
        : state !== 2 || (capabilities & POWER_MANAGEMENT_CAPABILITIES_D2_SUPPORT) !== 0;
    const mask = POWER_MANAGEMENT_CONTROL_STATUS_POWERSTATE;
    return supported ? next : (next & ~mask) | (old & mask);
  }

  #check(fn: number, offset: number, size: number): void {
    const isSize = size === 1 || size === 2 || size === 4;
    if ((offset & 0xfff) === offset && (offset & 3) + size <= 4 && isSize && fn >= 0 && fn < this.count) return;
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
