/** The way through the tables that a request takes: root entry, context entry, paging entries. VT-d 5.1 §3.4.2, §3.7, §7.1.3. */
import type { VtdFaultCondition } from '../../../spec-tables/vtd-faults.ts';
import * as E from './entries.ts';

/** What a unit can do, of which its capability registers tell software. */
export interface VtdFeatures {
  /** Bits of a host address, of a guest address. */
  readonly hostAddressWidth: number;
  readonly guestAddressWidth: number;
  /** Levels of paging: 3, 4, 5. */
  readonly levels: readonly number[];
  /** Levels at which an entry may map a large page: 2 for 2 MiB, 3 for 1 GiB. */
  readonly largePageLevels: readonly number[];
  readonly passThrough: boolean;
  /** ATS. */
  readonly deviceTlb: boolean;
  readonly zeroLengthReads: boolean;
  readonly snoopControl: boolean;
}

export interface Access {
  readonly read: boolean;
  readonly write: boolean;
  /** A read of no bytes, which needs no read permission where the unit says so. VT-d 5.1 §3.14. */
  readonly isZeroLength: boolean;
}

/** Eight bytes, little-endian; undefined where they can't be read. */
export type ReadQword = (address: bigint) => bigint | undefined;

export interface WalkFault {
  readonly fault: VtdFaultCondition;
  /** Fault Processing Disable of a context entry on the way. */
  readonly disabled: boolean;
}

export interface Context {
  readonly lo: bigint;
  readonly levels: number;
  readonly type: bigint;
  readonly disabled: boolean;
}

export interface Page {
  readonly address: bigint;
  /** Bytes, as a power of two. */
  readonly shift: bigint;
  readonly read: boolean;
  readonly write: boolean;
  readonly snoop: boolean;
}

/** The context entry of a requester. */
export function contextOf(read: ReadQword, root: bigint, requesterId: number, unit: VtdFeatures): Context | WalkFault {
  const beyondHost = E.ADDRESS & ~((1n << BigInt(unit.hostAddressWidth)) - 1n);
  const fail = (fault: VtdFaultCondition, disabled = false): WalkFault => ({ fault, disabled });

  const rootAt = root + BigInt(E.ENTRY_SIZE * (requesterId >> 8));
  const rootLo = read(rootAt);
  const rootHi = read(rootAt + 8n);
  if (rootLo === undefined || rootHi === undefined) return fail('LRT.1');
  if ((rootLo & E.PRESENT) === 0n) return fail('LRT.2');
  if ((rootLo & (E.ROOT_RESERVED | beyondHost)) !== 0n || rootHi !== 0n) return fail('LRT.3');

  const contextAt = (rootLo & E.ADDRESS) + BigInt(E.ENTRY_SIZE * (requesterId & 0xff));
  const lo = read(contextAt);
  const hi = read(contextAt + 8n);
  if (lo === undefined || hi === undefined) return fail('LCT.1');
  const disabled = (lo & E.CONTEXT_FAULT_PROCESSING_DISABLE) !== 0n;
  if ((lo & E.PRESENT) === 0n) return fail('LCT.2', disabled);
  const type = (lo >> E.CONTEXT_TRANSLATION_TYPE) & 3n;
  const passes = type === E.translationTypes.passThrough;
  // The pointer is not looked at where all passes through.
  const reserved = E.CONTEXT_RESERVED | (passes ? 0n : beyondHost);
  if ((lo & reserved) !== 0n || (hi & E.CONTEXT_UPPER_RESERVED) !== 0n) return fail('LCT.3', disabled);
  const levels = E.levelsOf(hi & E.CONTEXT_ADDRESS_WIDTH);
  if (levels === undefined || !unit.levels.includes(levels)) return fail('LCT.4.1', disabled);
  if (type === 3n || (passes && !unit.passThrough) || (type === E.translationTypes.all && !unit.deviceTlb))
    return fail('LCT.4.2', disabled);
  return { lo, levels, type, disabled };
}

/**
 * The page that an address is in.
 * @param access that is to be allowed; undefined for a translation request, which learns what is
 */
export function pageOf(
  read: ReadQword,
  context: Context,
  address: bigint,
  access: Access | undefined,
  unit: VtdFeatures,
): Page | WalkFault {
  const { levels, disabled } = context;
  const fail = (fault: VtdFaultCondition): WalkFault => ({ fault, disabled });
  if (address >> BigInt(Math.min(unit.guestAddressWidth, E.widthOf(levels))) !== 0n) return fail('LGN.1.1');
  let table = context.lo & E.ADDRESS;
  const allowed = { read: true, write: true };
  for (let level = levels; ; level--) {
    const shift = E.shiftOf(level);
    const entry = read(table + BigInt(E.PAGING_ENTRY_SIZE) * ((address >> shift) & 0x1ffn));
    if (entry === undefined) return fail(level === levels ? 'LCT.4.3' : 'LSS.1');
    allowed.read &&= (entry & E.PAGING_READ) !== 0n;
    allowed.write &&= (entry & E.PAGING_WRITE) !== 0n;
    // Which of two faults of one entry is told is not said: that of its permissions, as QEMU has it.
    const denied = access === undefined ? neither(allowed) : refused(allowed, access, unit);
    if (denied !== undefined) return fail(denied);
    const isLeaf = level === 1 || ((entry & E.PAGING_LARGE) !== 0n && unit.largePageLevels.includes(level));
    if ((entry & reservedBits(level, isLeaf, unit)) !== 0n) return fail('LSS.2');
    if (!isLeaf) {
      table = entry & addressBits(shiftOfTable, unit);
      continue;
    }
    const offset = address & ((1n << shift) - 1n);
    return {
      address: (entry & addressBits(shift, unit)) | offset,
      shift,
      ...allowed,
      snoop: (entry & E.PAGING_SNOOP) !== 0n,
    };
  }
}

const shiftOfTable = E.PAGE_SHIFT;

function neither({ read, write }: { read: boolean; write: boolean }): VtdFaultCondition | undefined {
  return read || write ? undefined : 'LGN.3';
}

/** An AtomicOp needs both rights; which it lacks first is not said. */
function refused(
  allowed: { read: boolean; write: boolean },
  access: Access,
  unit: VtdFeatures,
): VtdFaultCondition | undefined {
  if (access.write && !allowed.write) return 'LGN.2';
  const waived = access.isZeroLength && unit.zeroLengthReads && allowed.write;
  return access.read && !allowed.read && !waived ? 'LGN.3' : undefined;
}

function addressBits(shift: bigint, { hostAddressWidth }: VtdFeatures): bigint {
  return ((1n << BigInt(hostAddressWidth)) - 1n) & ~((1n << shift) - 1n);
}

/** VT-d 5.1 tables 41 to 47. Bits 60:52 and 63 are software's; what Extended Memory Type has is ignored in legacy mode. */
function reservedBits(level: number, isLeaf: boolean, unit: VtdFeatures): bigint {
  const beyondHost = ((1n << 52n) - 1n) & ~((1n << BigInt(unit.hostAddressWidth)) - 1n);
  let reserved = E.PAGING_RESERVED | beyondHost;
  if (!isLeaf || !unit.snoopControl) reserved |= E.PAGING_SNOOP;
  if (!isLeaf) reserved |= E.PAGING_LARGE;
  else reserved |= ((1n << E.shiftOf(level)) - 1n) & ~0xfffn;
  return reserved;
}
