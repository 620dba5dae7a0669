/** A real root port's registers, as facts, and the same capabilities at the same offsets made of our tables. */
import { readFileSync } from 'node:fs';
import { capability, type1Function } from '../../src/config/builder.ts';
import {
  AccessControlServices,
  AdvancedErrorReporting,
  EnhancedAllocationCapability,
  MsiXCapability,
  PciExpressCapability,
  PowerManagementCapability,
  SecondaryPciExpress,
} from '../../src/spec/index.ts';
import type { Access } from './access.ts';

interface SiliconField {
  readonly bits: readonly [number, number];
  readonly access: string;
  readonly mnemonic: string;
}

export interface SiliconBit {
  /** Of the DWORD. */
  readonly offset: number;
  readonly bit: number;
  readonly access: Access;
  readonly mnemonic: string;
}

const { registers } = JSON.parse(
  readFileSync(new URL('../fixtures/silicon/cavium-root-port.json', import.meta.url), 'utf8'),
) as { registers: readonly { readonly offset: number; readonly fields: readonly SiliconField[] }[] };

const accessOfField = (access: string): Access =>
  access.startsWith('R/W1C') ? 'RW1C' : access.startsWith('R/W') ? 'RW' : 'other';

/** Each bit of a field; what is in no field is reserved. */
export const siliconBits: readonly SiliconBit[] = registers.flatMap(({ offset, fields }) =>
  fields.flatMap(({ bits: [high, low], access, mnemonic }) =>
    Array.from({ length: high - low + 1 }, (_, i) => ({
      offset,
      bit: low + i,
      access: accessOfField(access),
      mnemonic,
    })),
  ),
);

/** With every optional feature that makes a bit writable there. */
export const port = type1Function({
  bdf: '00:00.0',
  header: {
    'Vendor ID': 0x177d,
    'I/O Base': 0xf1,
    'I/O Limit': 0x01,
    'Prefetchable Memory Base': 0xfff1,
    'Prefetchable Memory Limit': 0x0001,
  },
  capabilities: [
    capability(PowerManagementCapability, 0x40, { 'Power Management Capabilities': 0xfe03 }),
    capability(EnhancedAllocationCapability, 0x50, { 'EA Capability': 0x0001 }),
    capability(PciExpressCapability, 0x70, {
      'PCI Express Capabilities': 0x0142,
      'Link Capabilities': 0x00240080,
      'Slot Capabilities': 0x0000007f,
      'Device Capabilities 2': 0x0000002f,
    }),
    capability(MsiXCapability, 0xb0, {}),
    capability(AdvancedErrorReporting, 0x100, { 'Advanced Error Capabilities and Control': 0x000000a0 }),
    capability(SecondaryPciExpress, 0x158, {}),
    capability(AccessControlServices, 0x300, { 'ACS Capability': 0x207f }),
  ],
});
