/**
 * A VT-d remapping unit in legacy mode: its registers, and tables in host memory. Nothing is cached: each request walks the tables, and
 * an invalidation is done as soon as it is asked for. Not there: scalable mode and PASIDs, interrupt remapping (messages go to the
 * interrupt range as they are), queued invalidation, protected memory regions. VT-d 5.1.
 */
import { type VtdFault, type VtdFaultCondition, vtdFaults } from '../../../spec-tables/vtd-faults.ts';
import { hasData, type TlpHeader, tlpTypeNamed } from '../../tlp/header.ts';
import type { Iommu, Remapped } from '../iommu.ts';
import type { MemoryMap } from '../memory-map.ts';
import * as E from './entries.ts';
import { type FaultRecord, FaultRecords } from './fault-records.ts';
import * as R from './registers.ts';
import { type Access, contextOf, type Page, pageOf, type VtdFeatures, type WalkFault } from './walk.ts';

/** What the unit reads its tables from. */
export interface TableMemory {
  /** Fills `into` with the bytes from `address` on. */
  read(address: bigint, into: Uint8Array): void;
}

export interface VtdOptions extends Partial<VtdFeatures> {
  /** Whose requests it remaps; those of other segments pass. 0 where not given. */
  readonly segment?: number;
  /** Where tables can be read; everywhere within the host address width where not given. */
  readonly map?: MemoryMap;
  /**
   * How a faulting request that is not posted is completed. Both are the specification's (§7.1.1); UR where not given. A posted one is
   * dropped. No error is reported by a port: that a root port logs one is nowhere said.
   */
  readonly completesWith?: 'UR' | 'CA';
  /** 1 to 224; 8 where not given. */
  readonly faultRecords?: number;
  /** A second fault of a requester whose first is pending is not recorded: left to implementations (§7.2.1). False where not given. */
  readonly compressesFaults?: boolean;
}

const defaults: VtdFeatures = {
  hostAddressWidth: 46,
  guestAddressWidth: 48,
  levels: [3, 4],
  largePageLevels: [2, 3],
  passThrough: true,
  deviceTlb: true,
  zeroLengthReads: true,
  snoopControl: true,
};

const addressTypes = { translationRequest: 1, translated: 2 };
const INTERRUPT_RANGE = 0xfeen;
const MEBIBYTE_SHIFT = 20n;
const MAX_FAULT_RECORDS = (R.REGISTERS_SIZE - R.FRCD) / R.FRCD_SIZE;

const SPEC = 'VT-d 5.1';

/** Of a request that may not be as it is, whatever the tables say: no fault is reported. */
type Verdict = { readonly remapped: Remapped; readonly fault?: VtdFault };

export class VtdUnit implements Iommu {
  readonly features: VtdFeatures;
  readonly faults: FaultRecords;
  /** Told of each fault event: the message that Fault Event Address and Data ask for. */
  onFaultEvent: ((address: bigint, data: number) => void) | undefined;
  readonly #memory: TableMemory;
  readonly #options: VtdOptions;
  readonly #registers = new DataView(new ArrayBuffer(R.REGISTERS_SIZE));
  /** RTADDR as it was when Set Root Table Pointer was last asked for. */
  #root = 0n;
  readonly #qword = new Uint8Array(8);

  /**
   * @param memory where the tables lie
   * @throws RangeError for address widths, levels or a number of fault records that no unit has
   */
  constructor(memory: TableMemory, options: VtdOptions = {}) {
    this.#memory = memory;
    this.#options = options;
    this.features = { ...defaults, ...options };
    const { hostAddressWidth, guestAddressWidth, levels } = this.features;
    const count = options.faultRecords ?? 8;
    expectWithin('hostAddressWidth', hostAddressWidth, 32, 52);
    expectWithin('guestAddressWidth', guestAddressWidth, 32, 57);
    expectWithin('faultRecords', count, 1, MAX_FAULT_RECORDS);
    for (const level of levels) expectWithin('levels', level, 3, 5);
    this.faults = new FaultRecords(this.#registers, count, options.compressesFaults ?? false, () =>
      this.onFaultEvent?.(
        (BigInt(this.read32(R.FEUADDR)) << 32n) | BigInt(this.read32(R.FEADDR)),
        this.read32(R.FEDATA),
      ),
    );
    this.#implement(count);
    this.reset('fundamental');
  }

  read32(offset: number): number {
    return this.#registers.getUint32(this.#expectOffset(offset, 4), true);
  }

  read64(offset: number): bigint {
    return this.#registers.getBigUint64(this.#expectOffset(offset, 8), true);
  }

  /** @throws RangeError when the offset is not one of the page, or not a multiple of 4 */
  write32(offset: number, value: number): void {
    const at = this.#expectOffset(offset, 4);
    if (at === R.GCMD) this.#command(value);
    else if (at === R.FSTS) this.faults.clear(undefined, value);
    else if (at === R.FECTL) this.faults.setMask((value & R.FECTL_IM) !== 0);
    else if (at >= R.FRCD) this.#clearFault(at, value);
    else this.#registers.setUint32(at, (value & writable(at)) | (this.read32(at) & ~writable(at)), true);
    // The upper half has the bit that asks for it.
    if (at === R.CCMD + 4) this.#invalidate(R.CCMD, R.CCMD_ICC, R.CCMD_CIRG, R.CCMD_CAIG);
    if (at === R.IOTLB + 4) this.#invalidate(R.IOTLB, R.IOTLB_IVT, R.IOTLB_IIRG, R.IOTLB_IAIG);
  }

  /** As two writes, the lower half first. */
  write64(offset: number, value: bigint): void {
    const at = this.#expectOffset(offset, 8);
    this.write32(at, Number(value & 0xffffffffn));
    this.write32(at + 4, Number((value >> 32n) & 0xffffffffn));
  }

  get isTranslating(): boolean {
    return (this.read32(R.GSTS) & R.GSTS_TES) !== 0;
  }

  translate(header: TlpHeader, segment: number): Remapped {
    return this.#judge(header, segment).remapped;
  }

  record(header: TlpHeader, segment: number): void {
    const { fault } = this.#judge(header, segment);
    if (fault === undefined) return;
    const { isAtomic, write } = accessOf(header);
    const { deviceTlb, levels } = this.features;
    // What an address has beyond the widest paging, and an Address Type without ATS, are reserved bits. VT-d 5.1 §11.4.7.6.
    const record: FaultRecord = {
      reason: fault.reason,
      requesterId: header.requesterId,
      address: addressOf(header) & ((1n << BigInt(E.widthOf(Math.max(...levels)))) - 1n),
      isWrite: write && !isAtomic,
      isAtomic,
      addressType: deviceTlb ? header.at : 0,
    };
    this.faults.add(record);
  }

  #judge(header: TlpHeader, segment: number): Verdict {
    if (segment !== (this.#options.segment ?? 0)) return passes(header, 'the unit has another segment', '§8.3');
    if (!this.isTranslating)
      return header.at === 0
        ? passes(header, 'translation is off', '§11.4.4.2')
        : this.#refuse('UR', 'translation is off: only untranslated requests pass', '§4.2.1');
    const { write, read, isAtomic, isZeroLength } = accessOf(header);
    if (header.at === 3) return this.#refuse('UR', 'the Address Type is reserved', '§4.2.1');
    if (header.at === addressTypes.translationRequest && (write || isAtomic))
      return this.#refuse('UR', 'a write can not ask for a translation', '§4.2.1');
    if ((this.#root & R.RTADDR_TTM) !== 0n) return this.#fault('RTA.1', header);
    if (addressOf(header) >> MEBIBYTE_SHIFT === INTERRUPT_RANGE) return this.#interruptRange(header);

    const qword = (address: bigint) => this.#readQword(address);
    const context = contextOf(qword, this.#root & E.ADDRESS, header.requesterId, this.features);
    if ('fault' in context) return this.#fault(context, header);
    const { type, disabled } = context;
    const address = addressOf(header);
    const isBeyondHost = address >> BigInt(this.features.hostAddressWidth) !== 0n;
    if (header.at !== 0 && type !== E.translationTypes.all) return this.#fault({ fault: 'LCT.5', disabled }, header);
    if (header.at === addressTypes.translated)
      return isBeyondHost
        ? this.#fault({ fault: 'LGN.1.2', disabled }, header)
        : passes(header, 'the request is translated, and the Translation Type allows it', '§4.2.5');
    if (type === E.translationTypes.passThrough)
      return isBeyondHost
        ? this.#fault({ fault: 'LGN.1.3', disabled }, header)
        : passes(header, 'the Translation Type is pass-through', '§9.3');

    const isQuestion = header.at === addressTypes.translationRequest;
    const page = pageOf(qword, context, address, isQuestion ? undefined : { read, write, isZeroLength }, this.features);
    if ('fault' in page) return this.#fault(page, header);
    if (page.address >> MEBIBYTE_SHIFT === INTERRUPT_RANGE) return this.#fault({ fault: 'LGN.4', disabled }, header);
    if (isQuestion) return answered(page);
    const to = `0x${page.address.toString(16)}`;
    return {
      remapped: {
        way: 'passes',
        addressHi: Number(page.address >> 32n),
        addressLo: Number(page.address & 0xffffffffn),
        rule: `second-stage tables map the page: on to ${to}`,
        spec: `${SPEC} §3.7`,
      },
    };
  }

  /** Messages, and what else comes there. VT-d 5.1 §3.15, table 30 S.1, S.2. */
  #interruptRange(header: TlpHeader): Verdict {
    const { write, isAtomic, isZeroLength } = accessOf(header);
    if (header.at === addressTypes.translationRequest) {
      // The No Write flag has the place of a reserved address bit.
      const isReadOnly = (header.addressLo & 1) !== 0;
      return answer(isReadOnly ? 0n : 6n, 'the interrupt range is reached untranslated only', '§7.1.3 S.1, S.2');
    }
    const isMessage = header.at === 0 && write && !isAtomic && header.lengthDw === 1;
    if (isMessage || (header.at === 0 && isZeroLength))
      return passes(header, 'the interrupt range is not remapped', '§3.15');
    // Blocked and reported as a fault; that the reason is this one is taken from its name.
    return this.#fault({ fault: 'LGN.4', disabled: false }, header);
  }

  #fault(walk: WalkFault | VtdFaultCondition, header: TlpHeader): Verdict {
    const { fault: condition, disabled } = typeof walk === 'string' ? { fault: walk, disabled: false } : walk;
    const fault: VtdFault = vtdFaults[condition];
    const isQuestion = header.at === addressTypes.translationRequest;
    if (isQuestion && fault.translation === 'success') return answer(0n, fault.name, `§7.1.3 ${condition}`);
    const status = isQuestion ? (fault.translation as 'UR' | 'CA') : (this.#options.completesWith ?? 'UR');
    const verdict = this.#refuse(
      status,
      `${fault.name}: fault reason ${fault.reason.toString(16)}h`,
      `§7.1.3 ${condition}`,
    );
    return disabled && fault.qualified ? verdict : { ...verdict, fault };
  }

  #refuse(status: 'UR' | 'CA', rule: string, spec: string): Verdict {
    return { remapped: { way: 'blocked', status, rule, spec: `${SPEC} ${spec}` } };
  }

  #readQword(address: bigint): bigint | undefined {
    const { map } = this.#options;
    if (address >> BigInt(this.features.hostAddressWidth) !== 0n) return undefined;
    if (map !== undefined && !map.holds(Number(address >> 32n), Number(address & 0xffffffffn))) return undefined;
    this.#memory.read(address, this.#qword);
    return new DataView(this.#qword.buffer).getBigUint64(0, true);
  }

  #clearFault(at: number, value: number): void {
    const record = Math.floor((at - R.FRCD) / R.FRCD_SIZE);
    if (record < this.faults.count && at % R.FRCD_SIZE === 12 && value >>> 31 === 1) this.faults.clear(record, 0);
  }

  /** Done at once, in the granularity that was asked for: there is no cache. VT-d 5.1 §11.4.6. */
  #invalidate(at: number, request: bigint, asked: bigint, done: bigint): void {
    const value = this.read64(at);
    if ((value & request) === 0n) return;
    const granularity = (value >> asked) & R.GRANULARITY;
    const now = (value & ~request & ~(R.GRANULARITY << done)) | (granularity << done);
    this.#registers.setBigUint64(at, now, true);
  }

  /** One command at a time: all others keep their state. VT-d 5.1 §11.4.4.1. */
  #command(value: number): void {
    let status = this.read32(R.GSTS);
    if ((value & R.GCMD_SRTP) !== 0) {
      this.#root = this.read64(R.RTADDR);
      status |= R.GSTS_RTPS;
    }
    const on = (value & R.GCMD_TE) !== 0;
    status = on ? status | R.GSTS_TES : status & ~R.GSTS_TES;
    this.#registers.setUint32(R.GSTS, status, true);
    if (!on) this.faults.restart();
  }

  /** Fault records and Primary Fault Overflow are sticky. VT-d 5.1 §11.4.7. */
  reset(kind: 'fundamental' | 'hot'): void {
    for (let at = R.GCMD; at < R.FRCD; at += 4) if (at !== R.FSTS) this.#registers.setUint32(at, 0, true);
    this.#registers.setUint32(R.FECTL, R.FECTL_IM, true);
    this.#root = 0n;
    this.faults.restart();
    if (kind === 'fundamental') this.faults.discard();
  }

  /** VT-d 5.1 §11.4.1 to §11.4.3. */
  #implement(faultRecords: number): void {
    const { features } = this;
    const largePages = features.largePageLevels.reduce((bits, level) => bits | (1n << BigInt(level - 2)), 0n);
    const widths = features.levels.reduce((bits, level) => bits | (1n << BigInt(level - 2)), 0n);
    // Number of Domains 110b: 16 bits of Domain Identifier.
    const capability =
      6n |
      (widths << 8n) |
      (BigInt(features.guestAddressWidth - 1) << 16n) |
      (features.zeroLengthReads ? 1n << 22n : 0n) |
      (BigInt(R.FRCD / 16) << 24n) |
      (largePages << 34n) |
      (BigInt(faultRecords - 1) << 40n);
    const extended =
      (features.deviceTlb ? 1n << 2n : 0n) |
      (features.passThrough ? 1n << 6n : 0n) |
      (features.snoopControl ? 1n << 7n : 0n) |
      (BigInt(R.IVA / 16) << 8n);
    this.#registers.setUint32(R.VER, 0x10, true);
    this.#registers.setBigUint64(R.CAP, capability, true);
    this.#registers.setBigUint64(R.ECAP, extended, true);
  }

  #expectOffset(offset: number, size: number): number {
    if (!(Number.isInteger(offset) && offset >= 0 && offset % size === 0 && offset + size <= R.REGISTERS_SIZE))
      throw new RangeError(
        `VT-d register: expected a multiple of ${size} in [0, 0x1000), got 0x${offset.toString(16)}`,
      );
    return offset;
  }
}

/** The bits of a register that software writes and the unit only keeps. */
function writable(at: number): number {
  switch (at) {
    case R.RTADDR:
      return 0xfffffc00;
    case R.FEADDR:
      return 0xfffffffc;
    case R.FEDATA:
      return 0xffff;
    case R.RTADDR + 4:
    case R.CCMD:
    case R.CCMD + 4:
    case R.FEUADDR:
    case R.IVA:
    case R.IVA + 4:
    case R.IOTLB:
    case R.IOTLB + 4:
      return 0xffffffff;
    default:
      return 0;
  }
}

function expectWithin(name: string, value: number, least: number, most: number): void {
  if (!(Number.isInteger(value) && value >= least && value <= most))
    throw new RangeError(`VT-d ${name}: expected ${least} to ${most}, got ${value}`);
}

function passes({ addressHi, addressLo }: TlpHeader, rule: string, spec: string): Verdict {
  return { remapped: { way: 'passes', addressHi, addressLo, rule, spec: `${SPEC} ${spec}` } };
}

function answer(translation: bigint, rule: string, spec: string): Verdict {
  return { remapped: { way: 'answered', translation, rule, spec: `${SPEC} ${spec}` } };
}

/** A page larger than 4 KiB is told by S, and by the lowest address bit that is 0. PCIe 5.0 §10.2.3.2, VT-d 5.1 §4.2.3. */
function answered({ address, shift, read, write, snoop }: Page): Verdict {
  const base = address & ~((1n << shift) - 1n);
  const size = shift > E.PAGE_SHIFT ? (((1n << (shift - 1n)) - 1n) & E.ADDRESS) | 0x800n : 0n;
  const rights = (write ? 2n : 0n) | (read ? 1n : 0n);
  return answer(base | size | (snoop ? 0x400n : 0n) | rights, 'second-stage tables map the page', '§4.2.3');
}

function accessOf(header: TlpHeader): Access & { readonly isAtomic: boolean } {
  const type = tlpTypeNamed(header.type);
  const isAtomic = type.kind === 'atomic';
  const write = hasData(type);
  const isZeroLength = !write && header.lengthDw === 1 && header.firstBe === 0 && !header.th;
  return { read: !write || isAtomic, write, isAtomic, isZeroLength };
}

function addressOf({ addressHi, addressLo }: TlpHeader): bigint {
  return (BigInt(addressHi >>> 0) << 32n) | BigInt(addressLo >>> 0);
}
