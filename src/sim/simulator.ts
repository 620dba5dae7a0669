/**
 * A machine with something behind its registers: device models behind BARs, memory behind the root complex, and payloads that move
 * between them. Where a TLP goes is the fabric's to say; this moves what it carries.
 */
import type { FunctionImage } from '../config/function-image.ts';
import { barAt, barOffset } from '../fabric/address-decode.ts';
import type { Delivery } from '../fabric/delivery.ts';
import { HOST } from '../fabric/exact-router.ts';
import { Fabric } from '../fabric/fabric.ts';
import { HostMemory } from '../fabric/host-memory.ts';
import { requesterIdOf } from '../fabric/topology.ts';
import {
  DEVICE_CONTROL,
  DEVICE_CONTROL_MAX_PAYLOAD_SIZE,
  DEVICE_CONTROL_MAX_READ_REQUEST_SIZE,
} from '../spec/constants.ts';
import { tlpHeader } from '../tlp/header.ts';
import { atomicResult } from './atomic.ts';
import type { AtomicOperation, DeviceModel, DevicePort, Transfer } from './device-model.ts';
import { MsiXMemory } from './msi-x-memory.ts';
import { type RequestPart, splitRequest } from './split-request.ts';

/** A message that an interrupt controller takes: a write to the range that the platform keeps for them. */
export type MessageHandler = (address: bigint, data: number, requester: number) => void;

/** The first byte of a request that is enabled. */
type Place = Pick<RequestPart, 'addressHi' | 'addressLo' | 'firstBe'>;

/** 128 bytes: what a function without Device Control may move in a TLP. */
const SMALLEST_PAYLOAD = 128;
/** What a CPU asks for at once. */
const CPU_REQUEST = 64;

export class Simulator {
  readonly fabric: Fabric;
  readonly memory: HostMemory;
  /** Told of each MSI and MSI-X that reaches the root complex; the write lands in memory as well. */
  onMessage: MessageHandler | undefined;
  readonly #models = new Map<number, DeviceModel>();
  readonly #msiX: MsiXMemory;

  /**
   * @param machine functions, or a fabric of them
   * @param memory behind the root complex: that which the fabric's IOMMU has its tables in
   * @throws as `Fabric` does
   */
  constructor(machine: Fabric | readonly FunctionImage[], memory = new HostMemory()) {
    this.memory = memory;
    this.fabric = machine instanceof Fabric ? machine : new Fabric(machine);
    this.#msiX = new MsiXMemory(this.fabric);
    this.fabric.onReset = (fn, kind) => this.#models.get(fn)?.reset?.(kind);
    this.fabric.interrupts.onMessage = (fn, header, data, delivery) => {
      if (delivery.outcome !== 'delivered') return;
      const bytes = new Uint8Array(4);
      new DataView(bytes.buffer).setUint32(0, data, true);
      const arrived = whereItArrived(header, delivery);
      this.#putAt(delivery.at, arrived, bytes);
      if (delivery.at < 0) this.onMessage?.(addressOf(arrived), data, fn);
    };
  }

  /**
   * Gives a function its model.
   * @param model the model, or what makes it from the device's way out
   * @throws RangeError when there is no function of that index
   */
  attach<M extends DeviceModel>(fn: number, model: M | ((port: DevicePort) => M)): M {
    this.fabric.arena.expectFunction(fn);
    const made = typeof model === 'function' ? model(this.port(fn)) : model;
    this.#models.set(fn, made);
    return made;
  }

  /** A function's way out. */
  port(fn: number): DevicePort {
    this.fabric.arena.expectFunction(fn);
    return {
      fn,
      read: (address, length) => this.#read(fn, BigInt(address), length, this.#limit(fn, 'read')),
      write: (address, data) => this.#write(fn, BigInt(address), data, this.#limit(fn, 'write')),
      atomic: (operation, address, operand) => this.#atomic(fn, operation, BigInt(address), operand),
      interrupt: (vector) => this.fabric.interrupts.signal(fn, vector),
    };
  }

  /** A read by the CPU: of its own memory, or of what a device has behind a BAR. */
  cpuRead(address: number | bigint, length: number): Transfer {
    return this.#read(HOST, BigInt(address), length, CPU_REQUEST);
  }

  cpuWrite(address: number | bigint, data: Uint8Array): Transfer {
    return this.#write(HOST, BigInt(address), data, CPU_REQUEST);
  }

  #read(from: number, address: bigint, length: number, limit: number): Transfer {
    const bytes = new Uint8Array(length);
    for (const part of splitRequest(address, length, limit)) {
      const delivery = this.#send('MRd', from, part);
      const { outcome, at } = answered(delivery);
      if (outcome !== 'delivered') {
        // What a CPU gets of a read that fails. PCIe 5.0 §2.3.2.
        if (from === HOST) bytes.fill(0xff, part.start);
        return { outcome, at, bytes };
      }
      this.#get(delivery.at, whereItArrived(part, delivery), bytes.subarray(part.start, part.start + part.bytes));
    }
    return { outcome: 'delivered', at: -1, bytes };
  }

  #write(from: number, address: bigint, data: Uint8Array, limit: number): Transfer {
    const none = new Uint8Array(0);
    for (const part of splitRequest(address, data.length, limit)) {
      const delivery = this.#send('MWr', from, part);
      if (delivery.outcome !== 'delivered') return { outcome: delivery.outcome, at: delivery.at, bytes: none };
      this.#putAt(delivery.at, whereItArrived(part, delivery), data.subarray(part.start, part.start + part.bytes));
    }
    return { outcome: 'delivered', at: -1, bytes: none };
  }

  #atomic(from: number, operation: AtomicOperation, address: bigint, operand: Uint8Array): Transfer {
    const size = operation === 'CAS' ? operand.length / 2 : operand.length;
    if (size !== 4 && size !== 8) throw new RangeError(`${operation}: expected operands of 4 or 8 bytes, got ${size}`);
    if (address % BigInt(size) !== 0n)
      throw new RangeError(`${operation}: expected an address that its size divides, got 0x${address.toString(16)}`);
    const part = { ...splitRequest(address, size, SMALLEST_PAYLOAD)[0]!, lengthDw: operand.length / 4 };
    const delivery = this.#send(operation, from, { ...part, firstBe: 0, lastBe: 0 });
    const before = new Uint8Array(size);
    const { outcome, at } = answered(delivery);
    if (outcome !== 'delivered') return { outcome, at, bytes: before };
    const arrived = whereItArrived(part, delivery);
    this.#get(delivery.at, arrived, before);
    this.#putAt(delivery.at, arrived, atomicResult(operation, before, operand));
    return { outcome: 'delivered', at: -1, bytes: before };
  }

  #send(type: 'MRd' | 'MWr' | AtomicOperation, from: number, part: Omit<RequestPart, 'start' | 'bytes'>): Delivery {
    const { arena, topology } = this.fabric;
    const { addressHi, addressLo, lengthDw, firstBe, lastBe } = part;
    const requesterId = from === HOST ? 0 : requesterIdOf(arena, topology, from);
    const header = tlpHeader(addressHi === 0 ? type : `${type}64`, {
      requesterId,
      addressHi,
      addressLo,
      lengthDw,
      firstBe,
      lastBe,
    });
    const delivery = this.fabric.send(header, from);
    // What no function claims is the CPU's own memory, unless a map says where that is.
    const isOwn = from === HOST && delivery.at < 0 && this.fabric.router.options.memory === undefined;
    return isOwn ? { ...delivery, outcome: 'delivered' } : delivery;
  }

  #putAt(fn: number, part: Place, data: Uint8Array): void {
    if (fn < 0) {
      this.memory.write(addressOf(part) + firstByte(part), data);
      return;
    }
    const target = this.#target(fn, part);
    if (target !== undefined && !this.#msiX.write(fn, target.bar, target.offset, data))
      this.#models.get(fn)?.write?.(target.bar, target.offset, data);
  }

  #get(fn: number, part: Place, into: Uint8Array): void {
    if (fn < 0) {
      this.memory.read(addressOf(part) + firstByte(part), into);
      return;
    }
    into.fill(0);
    const target = this.#target(fn, part);
    if (target !== undefined && !this.#msiX.read(fn, target.bar, target.offset, into))
      this.#models.get(fn)?.read?.(target.bar, target.offset, into);
  }

  #target(fn: number, part: Place) {
    const { arena } = this.fabric;
    const bar = barAt(arena, fn, 'memory', part.addressHi, part.addressLo);
    return bar && barOffset(arena, fn, bar, addressOf(part) + firstByte(part));
  }

  /** Max_Read_Request_Size or Max_Payload_Size of the function, in bytes. PCIe 5.0 §7.5.3.4. */
  #limit(fn: number, what: 'read' | 'write'): number {
    const { arena } = this.fabric;
    const { pciExpress } = arena.layout[fn]!;
    if (pciExpress === 0) return SMALLEST_PAYLOAD;
    const control = arena.u16(fn, pciExpress + DEVICE_CONTROL);
    const field =
      what === 'read'
        ? (control & DEVICE_CONTROL_MAX_READ_REQUEST_SIZE) >> 12
        : (control & DEVICE_CONTROL_MAX_PAYLOAD_SIZE) >> 5;
    // Two values are reserved.
    return SMALLEST_PAYLOAD << Math.min(field, 5);
  }
}

/** Where a request went, which is another address behind an IOMMU. */
function whereItArrived({ addressHi, addressLo, firstBe }: Place, { remapped }: Delivery): Place {
  return remapped?.way === 'passes'
    ? { addressHi: remapped.addressHi, addressLo: remapped.addressLo, firstBe }
    : { addressHi, addressLo, firstBe };
}

function addressOf({ addressHi, addressLo }: Pick<RequestPart, 'addressHi' | 'addressLo'>): bigint {
  return (BigInt(addressHi >>> 0) << 32n) | BigInt(addressLo >>> 0);
}

/** Bytes from the first DWORD's start to the first that is enabled; 0 where none is said. */
function firstByte({ firstBe }: Pick<RequestPart, 'firstBe'>): bigint {
  return firstBe === 0 ? 0n : BigInt(31 - Math.clz32(firstBe & -firstBe));
}

/** Of a request that has an answer: `lost` where that is not back with the requester. */
function answered({ outcome, at, completion, isUnanswered }: Delivery): Pick<Delivery, 'outcome' | 'at'> {
  const isBack = completion !== undefined && isUnanswered !== true;
  return outcome === 'delivered' && !isBack ? { outcome: 'lost', at } : { outcome, at };
}
