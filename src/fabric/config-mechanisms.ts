/** The two ways in which a CPU makes configuration requests: I/O ports CF8h and CFCh, and memory-mapped ECAM. */
import type { AccessSize } from '../config/registers.ts';
import type { Fabric } from './fabric.ts';

const ADDRESS_PORT = 0xcf8;
const DATA_PORT = 0xcfc;
const ENABLE = 0x80000000;

/** Configuration mechanism #1: segment 0, the first 256 bytes. PCI Local Bus 3.0 §3.2.2.3.2. */
export class ConfigAddressPorts {
  #address = 0;
  readonly #fabric: Fabric;

  constructor(fabric: Fabric) {
    this.#fabric = fabric;
  }

  /** Reads of a disabled window, and of the address port in other sizes than 4, give all ones. */
  read(port: number, size: AccessSize): number {
    if (port === ADDRESS_PORT && size === 4) return this.#address;
    const target = this.#target(port, size);
    if (target === undefined) return size === 4 ? 0xffffffff : 2 ** (8 * size) - 1;
    return this.#fabric.configRead(0, target.routingId, target.offset, size);
  }

  /** Byte and word writes to the address port are not for it and are lost. */
  write(port: number, size: AccessSize, value: number): void {
    // Bits 30:24 and 1:0 are reserved and read 0.
    if (port === ADDRESS_PORT && size === 4) this.#address = (value & 0x80fffffc) >>> 0;
    else {
      const target = this.#target(port, size);
      if (target !== undefined) this.#fabric.configWrite(0, target.routingId, target.offset, size, value);
    }
  }

  #target(port: number, size: number): { routingId: number; offset: number } | undefined {
    if (port < DATA_PORT || port + size > DATA_PORT + 4 || (this.#address & ENABLE) === 0) return undefined;
    return { routingId: (this.#address >>> 8) & 0xffff, offset: (this.#address & 0xfc) | (port & 3) };
  }
}

/** Byte offset of a register in a segment's ECAM window. PCIe 5.0 §7.2.2, table 7-1. */
export function ecamOffset(routingId: number, register: number): number {
  return routingId * 0x1000 + register;
}

const ECAM_SIZE = 0x10000000;

/** A segment's ECAM window of 256 MiB. */
export class EcamWindow {
  readonly #fabric: Fabric;
  readonly #segment: number;

  constructor(fabric: Fabric, segment = 0) {
    this.#fabric = fabric;
    this.#segment = segment;
  }

  /**
   * @param offset from the window's start, 0 to FFFFFFFh; the access must lie within one DWORD
   * @throws RangeError when it does not, or leaves the window
   */
  read(offset: number, size: AccessSize): number {
    expectInWindow(offset);
    return this.#fabric.configRead(this.#segment, offset >>> 12, offset & 0xfff, size);
  }

  /** As `read`. */
  write(offset: number, size: AccessSize, value: number): void {
    expectInWindow(offset);
    this.#fabric.configWrite(this.#segment, offset >>> 12, offset & 0xfff, size, value);
  }
}

function expectInWindow(offset: number): void {
  if (!(Number.isInteger(offset) && offset >= 0 && offset < ECAM_SIZE))
    throw new RangeError(`ECAM: expected an offset in [0, 0x${ECAM_SIZE.toString(16)}), got ${offset}`);
}
