/**
 * Message Signaled Interrupts: the memory write that a vector makes, or the pending bit that it leaves while it is masked.
 * PCIe 5.0 §6.1.4.
 */
import type { ConfigArena } from '../config/arena.ts';
import {
  MSI_X_MESSAGE_CONTROL,
  MSI_X_MESSAGE_CONTROL_FUNCTION_MASK,
  MSI_X_MESSAGE_CONTROL_MSI_X_ENABLE,
  MSI_X_MESSAGE_CONTROL_TABLE_SIZE,
} from '../spec/constants.ts';
import { memoryWrite, type TlpHeader } from '../tlp/header.ts';
import { enabledMsi, type MsiState } from './msi.ts';
import { MsiXTable } from './msi-x-table.ts';
import { requesterIdOf, type Topology } from './topology.ts';

/** What interrupts need of a machine. */
export interface InterruptHost<Delivery> {
  readonly arena: ConfigArena;
  readonly topology: Topology;
  send(header: TlpHeader, from: number): Delivery;
}

export type Interrupt<Delivery> =
  /** The message went out, as a memory write of one DWORD; whether it arrived is in `delivery`. */
  | {
      readonly kind: 'sent';
      readonly header: TlpHeader;
      readonly data: number;
      readonly delivery: Delivery;
    }
  /** Masked: its pending bit is set, and it goes out when the mask falls. */
  | { readonly kind: 'pending' }
  /** Neither MSI nor MSI-X is on. */
  | { readonly kind: 'disabled' };

export class Interrupts<Delivery> {
  readonly #host: InterruptHost<Delivery>;
  readonly #tables = new Map<number, MsiXTable>();
  /** Told of each message that was sent, and what became of it. */
  onMessage: ((fn: number, header: TlpHeader, data: number, delivery: Delivery) => void) | undefined;
  /** When set, messages go this way and not by the host's `send`. */
  carry: ((header: TlpHeader, from: number, data: number) => Delivery) | undefined;

  constructor(host: InterruptHost<Delivery>) {
    this.#host = host;
  }

  /**
   * The function has something to tell. MSI: of a vector beyond those that software allocated, the low bits count.
   * @throws RangeError when there is no such function, or MSI-X is on and has no such vector
   */
  signal(fn: number, vector: number): Interrupt<Delivery> {
    const { arena } = this.#host;
    arena.expectFunction(fn);
    if (!(Number.isSafeInteger(vector) && vector >= 0))
      throw new RangeError(`${arena.name(fn)}: expected a vector's number, got ${vector}`);
    const control = this.#msiXControl(fn);
    if ((control & MSI_X_MESSAGE_CONTROL_MSI_X_ENABLE) !== 0) {
      const table = this.table(fn)!;
      if (vector >= table.size)
        throw new RangeError(`${arena.name(fn)}: expected an MSI-X vector in [0, ${table.size}), got ${vector}`);
      if ((control & MSI_X_MESSAGE_CONTROL_FUNCTION_MASK) !== 0 || table.isMasked(vector)) {
        table.setPending(vector, true);
        return { kind: 'pending' };
      }
      return this.#send(fn, table.message(vector));
    }
    const msi = enabledMsi(arena, fn);
    if (msi === undefined) return { kind: 'disabled' };
    const allocated = vector % msi.vectors;
    if (msi.maskBits !== 0 && ((arena.u32(fn, msi.maskBits) >>> allocated) & 1) === 1) {
      arena.setBits(fn, msi.pendingBits, 4, 1 << allocated);
      return { kind: 'pending' };
    }
    return this.#send(fn, msiMessage(msi, allocated));
  }

  /** The MSI-X table of a function, whose first state is that after a reset; undefined for a function without MSI-X. */
  table(fn: number): MsiXTable | undefined {
    const { arena } = this.#host;
    arena.expectFunction(fn);
    const { msiX } = arena.layout[fn]!;
    if (msiX === 0) return undefined;
    let table = this.#tables.get(fn);
    if (table === undefined) {
      const size = (arena.u16(fn, msiX + MSI_X_MESSAGE_CONTROL) & MSI_X_MESSAGE_CONTROL_TABLE_SIZE) + 1;
      table = new MsiXTable(size, () => this.maskChanged(fn));
      this.#tables.set(fn, table);
    }
    return table;
  }

  /** After a write to a mask or an enable: what is pending and no longer masked goes out. PCIe 5.0 §6.1.4.5. */
  maskChanged(fn: number): void {
    const { arena } = this.#host;
    const control = this.#msiXControl(fn);
    if ((control & MSI_X_MESSAGE_CONTROL_MSI_X_ENABLE) !== 0) {
      const table = this.#tables.get(fn);
      if (table === undefined || (control & MSI_X_MESSAGE_CONTROL_FUNCTION_MASK) !== 0) return;
      for (let vector = 0; vector < table.size; vector++)
        if (table.isPending(vector) && !table.isMasked(vector)) {
          table.setPending(vector, false);
          this.#send(fn, table.message(vector));
        }
      return;
    }
    const msi = enabledMsi(arena, fn);
    if (msi === undefined || msi.maskBits === 0) return;
    for (let vector = 0; vector < msi.vectors; vector++) {
      const pending = arena.u32(fn, msi.pendingBits);
      if (((pending & ~arena.u32(fn, msi.maskBits)) >>> vector) & 1) {
        arena.poke(fn, msi.pendingBits, 4, pending & ~(1 << vector));
        this.#send(fn, msiMessage(msi, vector));
      }
    }
  }

  wasReset(fn: number): void {
    this.#tables.get(fn)?.reset();
  }

  #msiXControl(fn: number): number {
    const { arena } = this.#host;
    const { msiX } = arena.layout[fn]!;
    return msiX === 0 ? 0 : arena.u16(fn, msiX + MSI_X_MESSAGE_CONTROL);
  }

  #send(
    fn: number,
    { addressHi, addressLo, data }: { addressHi: number; addressLo: number; data: number },
  ): Interrupt<Delivery> {
    const { arena, topology } = this.#host;
    const header = memoryWrite(requesterIdOf(arena, topology, fn), addressHi, addressLo);
    const delivery = this.carry?.(header, fn, data) ?? this.#host.send(header, fn);
    this.onMessage?.(fn, header, data, delivery);
    return { kind: 'sent', header, data, delivery };
  }
}

/** The low bits of the data are the vector's number. PCIe 5.0 §7.7.1.5. */
function msiMessage({ addressHi, addressLo, data, vectors }: MsiState, vector: number) {
  return { addressHi, addressLo, data: ((data & ~(vectors - 1)) | vector) >>> 0 };
}
