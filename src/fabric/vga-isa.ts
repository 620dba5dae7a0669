/**
 * The legacy addresses of VGA and ISA: what a bridge takes beside its windows, what it leaves out of its I/O window, and what a VGA
 * device claims without a BAR. PCIe 5.0 §7.5.1.3.13; PCI-to-PCI Bridge 1.2 §3.2.5.18, §4.5; PCI 3.0 appendix D (class 03h).
 */
import type { ConfigArena } from '../config/arena.ts';
import {
  BRIDGE_CONTROL,
  BRIDGE_CONTROL_ISA_ENABLE,
  BRIDGE_CONTROL_VGA_16_BIT_DECODE,
  BRIDGE_CONTROL_VGA_ENABLE,
  CLASS_CODE,
  PROGRAMMING_INTERFACE,
} from '../spec/constants.ts';

const VGA_MEMORY_FIRST = 0xa0000;
const VGA_MEMORY_LAST = 0xbffff;
/** ISA's I/O space: VGA and ISA Enable look at no address above it. */
const ISA_IO_END = 0x10000;
/** A[9:0], the bits that an ISA card decodes. */
const ISA_DECODED = 0x3ff;
/** A[9:8]: a card's addresses lie above the first 256 bytes of each KiB. */
const ISA_CARD = 0x300;

const CLASS_VGA_COMPATIBLE = 0x0300;
/** Unclassified, VGA-compatible: a device from before class codes. */
const CLASS_OLD_VGA = 0x0001;

/** A0000h–BFFFFh. */
export function isVgaMemory(hi: number, lo: number): boolean {
  return hi === 0 && lo >= VGA_MEMORY_FIRST && lo <= VGA_MEMORY_LAST;
}

/** 3B0h–3BBh and 3C0h–3DFh; unless all 16 bits are decoded, in every KiB of the first 64. */
function isVgaIo(address: number, decodes16Bits: boolean): boolean {
  if (address >= ISA_IO_END) return false;
  const port = decodes16Bits ? address : address & ISA_DECODED;
  return (port >= 0x3b0 && port <= 0x3bb) || (port >= 0x3c0 && port <= 0x3df);
}

/** VGA Enable of the bridge takes the address down, whatever its windows and ISA Enable say. */
export function takesVga(arena: ConfigArena, bridge: number, space: 'memory' | 'io', hi: number, lo: number): boolean {
  // The address first: nearly none is VGA's, and no register need be read then.
  if (space === 'memory' ? !isVgaMemory(hi, lo) : !isVgaIo(lo, false)) return false;
  const control = arena.u16(bridge, BRIDGE_CONTROL);
  if ((control & BRIDGE_CONTROL_VGA_ENABLE) === 0) return false;
  return space === 'memory' || isVgaIo(lo, (control & BRIDGE_CONTROL_VGA_16_BIT_DECODE) !== 0);
}

/** ISA Enable leaves the address out of the I/O window: the last 768 bytes of each KiB of the first 64. */
export function leavesToIsa(arena: ConfigArena, bridge: number, address: number): boolean {
  return (
    address < ISA_IO_END &&
    (address & ISA_CARD) !== 0 &&
    (arena.u16(bridge, BRIDGE_CONTROL) & BRIDGE_CONTROL_ISA_ENABLE) !== 0
  );
}

/** A device that its class says is a VGA: it has the legacy addresses and all their aliases, as far as its Command lets it. */
export function isVgaDevice(arena: ConfigArena, fn: number): boolean {
  if (arena.layout[fn]!.headerType !== 0 || arena.u8(fn, PROGRAMMING_INTERFACE) !== 0) return false;
  const classCode = arena.u16(fn, CLASS_CODE);
  return classCode === CLASS_VGA_COMPATIBLE || classCode === CLASS_OLD_VGA;
}

export function isVgaAddress(space: 'memory' | 'io', hi: number, lo: number): boolean {
  return space === 'memory' ? isVgaMemory(hi, lo) : isVgaIo(lo, false);
}
