/**
 * What a function does when certain fields are written: the named behaviours of the tables, as far as they concern the function
 * alone. What reaches beyond it is announced; the fabric does that part.
 */
import type { Behaviour } from '../spec/behaviour.ts';
import {
  DEVICE_CAPABILITIES,
  DEVICE_CAPABILITIES_FUNCTION_LEVEL_RESET_CAPABILITY,
  DOE_CAPABILITIES,
  DOE_CAPABILITIES_DOE_INTERRUPT_SUPPORT,
  DOE_CONTROL,
  DOE_CONTROL_DOE_INTERRUPT_ENABLE,
  DOE_READ_DATA_MAILBOX,
  DOE_STATUS,
  DOE_STATUS_DATA_OBJECT_READY,
  DOE_STATUS_DOE_ERROR,
  DOE_STATUS_DOE_INTERRUPT_STATUS,
  MSI_MESSAGE_CONTROL,
  MSI_MESSAGE_CONTROL_64_BIT_ADDRESS_CAPABLE,
  MSI_MESSAGE_CONTROL_PER_VECTOR_MASKING_CAPABLE,
  MSI_PENDING_BITS_32,
  MSI_PENDING_BITS_64,
  POWER_MANAGEMENT_CAPABILITIES,
  POWER_MANAGEMENT_CAPABILITIES_D1_SUPPORT,
  POWER_MANAGEMENT_CAPABILITIES_D2_SUPPORT,
  POWER_MANAGEMENT_CONTROL_STATUS,
  POWER_MANAGEMENT_CONTROL_STATUS_NO_SOFT_RESET,
  SLOT_CAPABILITIES,
  SLOT_CAPABILITIES_HOT_PLUG_CAPABLE,
  SLOT_CAPABILITIES_NO_COMMAND_COMPLETED_SUPPORT,
  SLOT_STATUS,
  SLOT_STATUS_COMMAND_COMPLETED,
  SLOT_STATUS_ELECTROMECHANICAL_INTERLOCK_STATUS,
  VPD_ADDRESS,
  VPD_ADDRESS_F,
} from '../spec/constants.ts';
import type { FieldEvent, Registers } from './registers.ts';
import { CONTROL_TO_CAPABILITY, isSupportedBarSize } from './resizable-bars.ts';
import { accessVitalProductData } from './vital-product-data.ts';

/** A configuration write to a field with a behaviour, after the masks have done their part. All values lie as in the DWORD, unsigned. */
export interface BehaviourWrite {
  readonly fn: number;
  /** Start of the structure. */
  readonly at: number;
  /** Offset of the DWORD. */
  readonly dword: number;
  /** The field's bits. */
  readonly mask: number;
  /** The DWORD before the write. */
  readonly before: number;
  /** What was written; 0 in bytes that were not enabled. */
  readonly written: number;
  /** Bits of the enabled bytes. */
  readonly enabled: number;
}

type Handler = (registers: Registers, write: BehaviourWrite) => void;

export const behaviours: { readonly [name in Behaviour]?: Handler } = {
  'power-state': changePowerState,
  'function-level-reset': functionLevelReset,
  'hot-plug-command': completeCommand,
  interlock: toggleInterlock,
  'bar-size': keepSupportedBarSize,
  'vpd-address': vpdAddress,
  'doe-abort': doeAbort,
  'doe-go': doeGo,
  'doe-write-data': doeWriteData,
  'doe-read-data': doeReadData,
  'secondary-bus-reset': announceChange('secondary-bus-reset'),
  'link-disable': announceChange('link-disable'),
  'slot-power': announceChange('slot-power'),
  'vf-enable': announceChange('vf-enable'),
  'interrupt-mask': announceChange('interrupt-mask'),
  'error-status': announceClear('error-status-clear'),
  'dpc-status': announceClear('dpc-status-clear'),
  'dpc-software-trigger': announceAction('dpc-software-trigger'),
  'retrain-link': announceAction('retrain-link'),
};

/** Writing 1 does something, whatever the bit reads. */
function announceAction(kind: FieldEvent['kind']): Handler {
  return (registers, { fn, at, mask, written }) => {
    if ((written & mask) !== 0) registers.announce({ fn, at, kind, before: 0, after: mask });
  };
}

function announceChange(kind: FieldEvent['kind']): Handler {
  return (registers, { fn, at, dword, mask, before: was }) => {
    const before = (was & mask) >>> 0;
    const after = (registers.u32(fn, dword) & mask) >>> 0;
    if (before !== after) registers.announce({ fn, at, kind, before, after });
  };
}

/** Status bits that software clears: those that did, as `before`. */
function announceClear(kind: FieldEvent['kind']): Handler {
  return (registers, { fn, at, dword, mask, before: was }) => {
    const before = (was & mask & ~registers.u32(fn, dword)) >>> 0;
    if (before !== 0) registers.announce({ fn, at, kind, before, after: 0 });
  };
}

const D3_HOT = 3;

/** A state that the function does not support is dropped; D3hot to D0 resets it, unless No_Soft_Reset. PCIe 5.0 §5.3.1.4, §7.5.2.2. */
function changePowerState(registers: Registers, { fn, at, mask, before }: BehaviourWrite): void {
  const offset = at + POWER_MANAGEMENT_CONTROL_STATUS;
  const register = registers.u16(fn, offset);
  const state = register & mask;
  const capabilities = registers.u16(fn, at + POWER_MANAGEMENT_CAPABILITIES);
  const supported =
    state === 1
      ? (capabilities & POWER_MANAGEMENT_CAPABILITIES_D1_SUPPORT) !== 0
      : state !== 2 || (capabilities & POWER_MANAGEMENT_CAPABILITIES_D2_SUPPORT) !== 0;
  const old = before & mask;
  if (!supported) registers.poke(fn, offset, 2, (register & ~mask) | old);
  else if (old === D3_HOT && state === 0 && (register & POWER_MANAGEMENT_CONTROL_STATUS_NO_SOFT_RESET) === 0)
    registers.reset(fn, 'hot');
}

/** Initiate Function Level Reset of the PCI Express Capability, and that of Advanced Features. PCIe 5.0 §6.6.2, §7.9.22. */
function functionLevelReset(registers: Registers, { fn, at, mask, written }: BehaviourWrite): void {
  if ((written & mask) === 0) return;
  const { pciExpress } = registers.layout[fn]!;
  const capable =
    at !== pciExpress ||
    (registers.u32(fn, at + DEVICE_CAPABILITIES) & DEVICE_CAPABILITIES_FUNCTION_LEVEL_RESET_CAPABILITY) !== 0;
  if (capable) registers.reset(fn, 'flr');
}

/** Electromechanical Interlock Control. PCIe 5.0 §7.5.3.10, §7.5.3.11. */
function toggleInterlock(registers: Registers, { fn, at, mask, written }: BehaviourWrite): void {
  if ((written & mask) === 0) return;
  const offset = at + SLOT_STATUS;
  registers.poke(fn, offset, 2, registers.u16(fn, offset) ^ SLOT_STATUS_ELECTROMECHANICAL_INTERLOCK_STATUS);
}

/** A hot-plug capable slot without No Command Completed Support says when a command is done: at once. PCIe 5.0 §6.7.3.2, §7.5.3.9. */
function completeCommand(registers: Registers, { fn, at }: BehaviourWrite): void {
  const slot = registers.u32(fn, at + SLOT_CAPABILITIES);
  if (
    (slot & SLOT_CAPABILITIES_HOT_PLUG_CAPABLE) !== 0 &&
    (slot & SLOT_CAPABILITIES_NO_COMMAND_COMPLETED_SUPPORT) === 0
  )
    registers.setBits(fn, at + SLOT_STATUS, 2, SLOT_STATUS_COMMAND_COMPLETED);
}

/** A size that the BAR does not support has no defined result; here the old one stays. PCIe 5.0 §7.8.6.3. */
function keepSupportedBarSize(registers: Registers, { fn, dword, mask, before }: BehaviourWrite): void {
  const control = registers.u32(fn, dword);
  if (!isSupportedBarSize(registers.u32(fn, dword - CONTROL_TO_CAPABILITY), control))
    registers.poke(fn, dword, 4, (control & ~mask) | (before & mask));
}

/** Only a write that holds the flag asks for something. */
function vpdAddress(registers: Registers, { fn, at, enabled }: BehaviourWrite): void {
  if ((enabled & (VPD_ADDRESS_F << (8 * VPD_ADDRESS))) !== 0) accessVitalProductData(registers, fn, at);
}

function doeAbort(registers: Registers, { fn, at, mask, written }: BehaviourWrite): void {
  if ((written & mask) === 0) return;
  registers.mailbox(fn, at).clear();
  const status = registers.u32(fn, at + DOE_STATUS) & ~DOE_STATUS_DOE_ERROR;
  registers.poke(fn, at + DOE_STATUS, 4, status);
  showResponse(registers, fn, at);
}

function doeGo(registers: Registers, { fn, at, mask, written }: BehaviourWrite): void {
  if ((written & mask) === 0) return;
  registers.mailbox(fn, at).go();
  showResponse(registers, fn, at);
  if ((registers.u32(fn, at + DOE_STATUS) & DOE_STATUS_DATA_OBJECT_READY) !== 0) doeInterrupt(registers, fn, at);
}

function doeWriteData(registers: Registers, { fn, at, mask, written, enabled }: BehaviourWrite): void {
  // The mailbox takes whole DWORDs.
  if (enabled >>> 0 !== mask) return;
  if (!registers.mailbox(fn, at).push(written)) doeError(registers, fn, at);
}

/** A write of any value takes the DWORD off. PCIe 6.0 §7.9.24.6. */
function doeReadData(registers: Registers, { fn, at }: BehaviourWrite): void {
  if (registers.mailbox(fn, at).pop()) showResponse(registers, fn, at);
  else doeError(registers, fn, at);
}

/** What a reset does to registers that no attribute covers: nothing is pending afterwards. PCIe 5.0 §7.7.1.8, PCIe 6.0 §7.9.24. */
export function resetBehaviours(registers: Registers, fn: number): void {
  const { msi, dataObjectExchanges } = registers.layout[fn]!;
  if (msi !== 0) {
    const control = registers.u16(fn, msi + MSI_MESSAGE_CONTROL);
    if ((control & MSI_MESSAGE_CONTROL_PER_VECTOR_MASKING_CAPABLE) !== 0) {
      const is64 = (control & MSI_MESSAGE_CONTROL_64_BIT_ADDRESS_CAPABLE) !== 0;
      registers.poke(fn, msi + (is64 ? MSI_PENDING_BITS_64 : MSI_PENDING_BITS_32), 4, 0);
    }
  }
  for (const offset of dataObjectExchanges) {
    registers.mailbox(fn, offset).clear();
    registers.poke(fn, offset + DOE_STATUS, 4, 0);
    showResponse(registers, fn, offset);
  }
}

/** Takes a request and a response out of a mailbox; its registers show none. */
export function dropDataObject(registers: Registers, fn: number, at: number): void {
  registers.mailbox(fn, at).clear();
  showResponse(registers, fn, at);
}

function showResponse(registers: Registers, fn: number, at: number): void {
  const { current } = registers.mailbox(fn, at);
  registers.poke(fn, at + DOE_READ_DATA_MAILBOX, 4, current ?? 0);
  const status = registers.u32(fn, at + DOE_STATUS) & ~DOE_STATUS_DATA_OBJECT_READY;
  registers.poke(fn, at + DOE_STATUS, 4, current === undefined ? status : status | DOE_STATUS_DATA_OBJECT_READY);
}

function doeError(registers: Registers, fn: number, at: number): void {
  registers.setBits(fn, at + DOE_STATUS, 4, DOE_STATUS_DOE_ERROR);
  doeInterrupt(registers, fn, at);
}

function doeInterrupt(registers: Registers, fn: number, at: number): void {
  const supported = (registers.u32(fn, at + DOE_CAPABILITIES) & DOE_CAPABILITIES_DOE_INTERRUPT_SUPPORT) !== 0;
  if (!supported || (registers.u32(fn, at + DOE_CONTROL) & DOE_CONTROL_DOE_INTERRUPT_ENABLE) === 0) return;
  registers.setBits(fn, at + DOE_STATUS, 4, DOE_STATUS_DOE_INTERRUPT_STATUS);
  registers.announce({ fn, at, kind: 'doe-interrupt', before: 0, after: 1 });
}
