/** The registers in which a refusal shows, as they stand. */
import { portTypes } from '../../spec-tables/port-types.ts';
import type { ConfigArena } from '../config/arena.ts';
import * as C from '../spec/constants.ts';
import { decodeTlpHeader } from '../tlp/codec.ts';
import type { TlpHeader } from '../tlp/header.ts';

export interface RefusalRegisters {
  readonly command: number;
  readonly deviceControl: number;
  readonly deviceStatus: number;
  readonly status: number;
  /** Absent without AER. */
  readonly aer?: {
    readonly uncorrectableStatus: number;
    readonly uncorrectableMask: number;
    readonly uncorrectableSeverity: number;
    readonly firstErrorPointer: number;
    /** Four registers, as read: TLP byte 0 in bits 31:24 of the first. */
    readonly headerLog: readonly number[];
    readonly loggedTlp: TlpHeader;
    /** 0 for all but root ports. */
    readonly rootErrorStatus: number;
    readonly errorSource: number;
  };
}

/** @throws Error when the function has no PCI Express Capability: nothing can be read of it */
export function refusalRegisters(arena: ConfigArena, fn: number): RefusalRegisters {
  const { pciExpress, aer, portType } = arena.layout[fn]!;
  if (pciExpress === 0) throw new Error(`${arena.name(fn)}: expected a PCI Express Capability, got none`);
  const base = {
    command: arena.command(fn),
    status: arena.u16(fn, C.STATUS),
    deviceControl: arena.u16(fn, pciExpress + C.DEVICE_CONTROL),
    deviceStatus: arena.u16(fn, pciExpress + C.DEVICE_STATUS),
  };
  if (aer === 0) return base;
  const headerLog = [0, 4, 8, 12].map((offset) => arena.u32(fn, aer + C.HEADER_LOG_0 + offset));
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  for (const [i, word] of headerLog.entries()) view.setUint32(4 * i, word);
  const root = portType === portTypes['Root Port'];
  return {
    ...base,
    aer: {
      uncorrectableStatus: arena.u32(fn, aer + C.UNCORRECTABLE_ERROR_STATUS),
      uncorrectableMask: arena.u32(fn, aer + C.UNCORRECTABLE_ERROR_MASK),
      uncorrectableSeverity: arena.u32(fn, aer + C.UNCORRECTABLE_ERROR_SEVERITY),
      firstErrorPointer:
        arena.u32(fn, aer + C.ADVANCED_ERROR_CAPABILITIES_AND_CONTROL) &
        C.ADVANCED_ERROR_CAPABILITIES_AND_CONTROL_FIRST_ERROR_POINTER,
      headerLog,
      loggedTlp: decodeTlpHeader(bytes),
      rootErrorStatus: root ? arena.u32(fn, aer + C.ROOT_ERROR_STATUS) : 0,
      errorSource: root ? arena.u32(fn, aer + C.ERROR_SOURCE_IDENTIFICATION) : 0,
    },
  };
}
