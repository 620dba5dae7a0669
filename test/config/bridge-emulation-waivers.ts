/** Bits of which Linux's emulated root port and our tables say different things, and why. Offsets are those of the DWORDs. */
import type { Waiver } from './access.ts';

/** Writable in one and not in the other. */
export const headerWaivers: readonly Waiver[] = [
  { offset: 0x04, bits: [10, 10], reason: 'Interrupt Disable: the emulation has no interrupt of its own' },
  {
    offset: 0x0c,
    bits: [7, 0],
    reason: 'Cache Line Size: RW by PCIe 5.0 §7.5.1.1.7; conventional bridges may do without',
  },
  { offset: 0x18, bits: [24, 24], reason: 'the bus numbers end at 23: the mask is a bit too wide' },
  { offset: 0x3c, bits: [20, 20], reason: 'VGA 16-bit Decode: the emulation does without' },
];
export const pciExpressWaivers: readonly Waiver[] = [
  { offset: 0x10, bits: [3, 3], reason: 'Read Completion Boundary: RO in a root port, by PCIe 5.0 §7.5.3.7' },
  { offset: 0x10, bits: [5, 5], reason: 'Retrain Link: an action; it reads 0, by PCIe 5.0 §7.5.3.7' },
  { offset: 0x18, bits: [11, 11], reason: 'Electromechanical Interlock Control: an action; it reads 0' },
  { offset: 0x30, bits: [6, 6], reason: 'Selectable De-emphasis: HwInit, by PCIe 5.0 §7.5.3.19' },
];

/** Read-only there, reserved here. */
export const readOnlyWaivers: readonly Waiver[] = [
  { offset: 0x0c, bits: [29, 28], reason: 'reserved bits of BIST: the emulation has the whole register read-only' },
  { offset: 0x38, bits: [10, 8], reason: 'reserved bits of the expansion ROM: it has the whole register read-only' },
];
