/**
 * Which DWORDs of a function say where TLPs go, and which say what an error does: whoever keeps something that follows from them is
 * told when one changes. All else in a function can change without a word.
 */
import * as C from '../spec/constants.ts';
import type { Bar } from './bars.ts';

/** Bits of `Layout.marked`: what a change of a DWORD is, beyond its bytes. */
export const Mark = {
  /** A field of it has a behaviour. */
  behaves: 1,
  /** It says who may send, what is claimed, or which links and ports let requests pass. */
  decodes: 2,
  /** It says what a port does with an error or an error message, or is where that shows. */
  reports: 4,
} as const;

/** Either kind of watched register. */
export const WATCHED = Mark.decodes | Mark.reports;

/** Told after the change. `before`: the DWORD as it was, unsigned; what it is now can be read. */
export interface RegisterWatch {
  changed(fn: number, dword: number, before: number): void;
  /** Any register of the function may have changed, and its layout. Also: its bus number, or its link, which are no registers. */
  replaced(fn: number): void;
  /** Any register of any function may have changed. */
  restored(): void;
}

/** Where a function has what is watched: a part of its `Layout`. */
interface Places {
  readonly headerType: number;
  readonly bars: readonly Bar[];
  readonly vfBars: readonly Bar[];
  readonly powerManagement: number;
  readonly pciExpress: number;
  readonly aer: number;
  readonly acs: number;
  readonly multicast: number;
  readonly dpc: number;
  readonly sriov: number;
  readonly enhancedAllocation: number;
}

/** Adds the bits of `Mark.decodes` and `Mark.reports` to those that are there. @param marked one entry a DWORD */
export function markWatched(marked: Uint8Array, layout: Places): void {
  const mark = (kind: number, from: number, bytes = 4) => {
    for (let dw = from >> 2; dw < (from + bytes + 3) >> 2 && dw < marked.length; dw++) marked[dw]! |= kind;
  };
  const { headerType, pciExpress, sriov } = layout;
  const isBridge = headerType === 1 || headerType === 2;
  mark(Mark.decodes, C.VENDOR_ID);
  mark(Mark.decodes | (isBridge ? Mark.reports : 0), C.COMMAND);
  for (const { offset, kind } of [...layout.bars, ...layout.vfBars])
    mark(Mark.decodes, offset, kind === 'memory64' ? 8 : 4);
  if (isBridge) {
    mark(Mark.decodes, C.PRIMARY_BUS_NUMBER);
    mark(Mark.reports, C.SECONDARY_STATUS);
    // A CardBus bridge has its memory windows where others have I/O and prefetchable ones.
    mark(Mark.decodes, headerType === 2 ? C.CARDBUS_MEMORY_BASE_0 : C.MEMORY_BASE, WINDOW_BYTES);
    mark(Mark.decodes | Mark.reports, C.BRIDGE_CONTROL);
  }
  if (layout.powerManagement !== 0) mark(Mark.decodes, layout.powerManagement + C.POWER_MANAGEMENT_CONTROL_STATUS);
  if (isBridge && pciExpress !== 0) {
    mark(Mark.reports, pciExpress, EXPRESS_BYTES);
    for (const register of [C.PCI_EXPRESS_CAPABILITIES, C.LINK_CONTROL, C.SLOT_CAPABILITIES, C.SLOT_CONTROL])
      mark(Mark.decodes, pciExpress + register);
  }
  if (isBridge && layout.aer !== 0) mark(Mark.reports, layout.aer, AER_BYTES);
  if (layout.dpc !== 0) mark(Mark.decodes | Mark.reports, layout.dpc, DPC_BYTES);
  if (isBridge && layout.acs !== 0) mark(Mark.decodes, layout.acs + C.ACS_CAPABILITY);
  if (isBridge && layout.multicast !== 0) mark(Mark.decodes, layout.multicast + C.MULTICAST_CONTROL);
  if (sriov !== 0) for (const register of [C.SR_IOV_CONTROL, C.NUMVFS]) mark(Mark.decodes, sriov + register);
  // Its entries are as many and as long as its own bytes say.
  if (layout.enhancedAllocation !== 0) mark(Mark.decodes, layout.enhancedAllocation, 4 * marked.length);
}

/** Four registers: memory and prefetchable windows with their upper halves, or two of CardBus. */
const WINDOW_BYTES = 16;
/** Up to Root Status. PCIe 5.0 §7.5.3. */
const EXPRESS_BYTES = C.ROOT_STATUS + 4;
/** Up to Error Source Identification. PCIe 5.0 §7.8.4. */
const AER_BYTES = C.ERROR_SOURCE_IDENTIFICATION + 4;
/** Capability, Control, Status, Error Source ID. PCIe 5.0 §7.9.15. */
const DPC_BYTES = C.DPC_ERROR_SOURCE_ID + 2;
