/** Linux's emulated root port, as facts, and the same port made of our tables. */
import { readFileSync } from 'node:fs';
import { capability, type1Function } from '../../src/config/builder.ts';
import { PciExpressCapability } from '../../src/spec/index.ts';

/** Masks of the DWORD at `offset`, in hex. */
interface Behaviour {
  readonly offset: number;
  readonly ro: string;
  readonly rw: string;
  readonly w1c: string;
}

/** What Linux says of one bit; `reserved` is in no mask. */
export interface LinuxBit {
  readonly offset: number;
  readonly bit: number;
  readonly kinds: readonly ('RO' | 'RW' | 'RW1C')[];
}

const { header, pciExpress } = JSON.parse(
  readFileSync(new URL('../fixtures/linux-source/pci-bridge-emul.json', import.meta.url), 'utf8'),
) as { readonly header: readonly Behaviour[]; readonly pciExpress: readonly Behaviour[] };

function bitsOf(behaviours: readonly Behaviour[]): LinuxBit[] {
  return behaviours.flatMap(({ offset, ro, rw, w1c }) =>
    Array.from({ length: 32 }, (_, bit) => {
      const isSet = (mask: string) => ((Number.parseInt(mask, 16) >>> bit) & 1) === 1;
      const masks = [
        ['RO', ro],
        ['RW', rw],
        ['RW1C', w1c],
      ] as const;
      return { offset, bit, kinds: masks.filter(([, mask]) => isSet(mask)).map(([kind]) => kind) };
    }),
  );
}

export const headerBits: readonly LinuxBit[] = bitsOf(header);
export const pciExpressBits: readonly LinuxBit[] = bitsOf(pciExpress);

export const EXPRESS = 0x40;

/** With every feature that the emulation has and that makes a bit writable. */
export const port = type1Function({
  bdf: '00:00.0',
  header: {
    'I/O Base': 0xf1,
    'I/O Limit': 0x01,
    'Prefetchable Memory Base': 0xfff1,
    'Prefetchable Memory Limit': 0x0001,
  },
  capabilities: [
    capability(PciExpressCapability, EXPRESS, {
      'PCI Express Capabilities': 0x0142,
      'Link Capabilities': 0x00300000,
      'Link Capabilities 2': 0x80000000,
      'Slot Capabilities': 0x0000007f,
      'Root Capabilities': 0x0001,
      'Device Capabilities 2': 0x802fffff,
      'Slot Capabilities 2': 0x00000001,
    }),
  ],
});
