/** The VPD registers: an address, a flag that says when it is done, and one DWORD of the store behind them. PCIe 5.0 §7.9.19. */
import { VPD_ADDRESS, VPD_ADDRESS_F, VPD_DATA } from '../spec/constants.ts';
import type { Registers } from './registers.ts';

/**
 * A write of VPD Address: with F clear reads the store into VPD Data and sets F, with F set writes VPD Data to the store and
 * clears F; both at once. What lies beyond the store, or in one that nobody knows, reads all ones, as an empty EEPROM does.
 */
export function accessVitalProductData(registers: Registers, fn: number, at: number): void {
  const register = registers.u16(fn, at + VPD_ADDRESS);
  const address = register & ~VPD_ADDRESS_F & ~3;
  const store = registers.vitalProductData(fn);
  if ((register & VPD_ADDRESS_F) === 0) {
    let data = 0;
    for (let i = 3; i >= 0; i--) data = data * 256 + (store?.[address + i] ?? 0xff);
    registers.poke(fn, at + VPD_DATA, 4, data);
  } else if (store !== undefined)
    for (let i = 0; i < 4 && address + i < store.length; i++) store[address + i] = registers.u8(fn, at + VPD_DATA + i);
  registers.poke(fn, at + VPD_ADDRESS, 2, register ^ VPD_ADDRESS_F);
}
