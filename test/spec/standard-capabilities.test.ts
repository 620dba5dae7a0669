/** Standard capabilities and the CardBus header: pasted bytes, read back by the tables; what a write does to them. */
import { describe, expect, it } from 'vitest';
import { ConfigArena } from '../../src/config/arena.ts';
import { decodeFunction } from '../../src/formats/decode.ts';

const AT = 0x50;

interface Pasted {
  readonly name: string;
  /** Offset behind the last register, from the capability's start. */
  readonly length: number;
  readonly registers: readonly string[];
  field(register: string, field: string): number;
  value(register: string): number;
  /** What the register reads after software wrote `value`, and before that the hardware set `hardware`. */
  written(register: string, value: number, hardware?: number): number;
}

function hexBytes(hex: string): number[] {
  return hex
    .trim()
    .split(/\s+/)
    .map((byte) => Number.parseInt(byte, 16));
}

/** @param bytes a function's space; its registers are read through the decoder, its writes go through an arena */
function pastedSpace(bytes: Uint8Array, which: 'header' | 'capability'): Pasted {
  const decoded = decodeFunction(bytes);
  const found = which === 'header' ? decoded.header! : decoded.capabilities[0]!;
  expect(decoded.problems).toEqual([]);
  const start = which === 'header' ? 0 : AT;
  const registerNamed = (name: string) => {
    const register = found.registers.find((candidate) => candidate.name === name);
    if (register === undefined)
      throw new Error(`no ${name} among ${found.registers.map((candidate) => candidate.name).join(', ')}`);
    return register;
  };
  return {
    name: found.name,
    length: Math.max(...found.registers.map(({ offset, width }) => offset + width / 8)) - start,
    registers: found.registers.map(({ name }) => name),
    field(register, field) {
      const value = registerNamed(register).fields[field];
      if (value === undefined) throw new Error(`no ${field} in ${register}`);
      return value;
    },
    value: (register) => registerNamed(register).value,
    written(register, value, hardware) {
      const { offset, width } = registerNamed(register);
      const size = (width / 8) as 1 | 2 | 4;
      const arena = new ConfigArena([{ segment: 0, routingId: 0, bytes: bytes.slice() }]);
      if (hardware !== undefined) arena.setBits(0, offset, size, hardware);
      arena.write(0, offset, size, value);
      return arena.read(0, offset, size);
    },
  };
}

/** A function whose only capability is the pasted one, from its ID on. */
function paste(hex: string, headerType: 0 | 1 = 0): Pasted {
  return pastedSpace(spaceWith(hex, headerType), 'capability');
}

function spaceWith(hex: string, headerType: 0 | 1 = 0): Uint8Array {
  const bytes = new Uint8Array(256);
  bytes[0x06] = 0x10;
  bytes[0x0e] = headerType;
  bytes[0x34] = AT;
  bytes.set(hexBytes(hex), AT);
  return bytes;
}

describe('without registers of their own', () => {
  it.each([
    ['00 00 00 00', 'Null'],
    ['0b 00 34 12', 'CompactPCI Central Resource Control'],
    ['0e 00 34 12', 'AGP 8x'],
  ])('%s: %s', (hex, name) => {
    const capability = paste(hex);
    expect(capability.name).toBe(name);
    expect(capability.registers).toEqual([]);
  });

  it('keep their bytes, read-only', () => {
    const bytes = new Uint8Array(256);
    bytes.set([0x10], 0x06);
    bytes.set([AT], 0x34);
    bytes.set(hexBytes('0b 00 34 12'), AT);
    const arena = new ConfigArena([{ segment: 0, routingId: 0, bytes }]);
    arena.write(0, AT, 4, 0xffffffff);
    expect(arena.u32(0, AT)).toBe(0x1234000b);
  });
});

describe('AGP', () => {
  it('version 2.0: 1x and 2x, 32 requests', () => {
    const agp = paste('02 00 20 00 03 02 00 1f 00 00 00 00');
    expect(agp.length).toBe(12);
    expect(agp.field('AGP Revision', 'AGP Major Revision')).toBe(2);
    expect(agp.field('AGP Status', 'RATE')).toBe(3);
    expect(agp.field('AGP Status', 'SBA')).toBe(1);
    expect(agp.field('AGP Status', 'RQ')).toBe(0x1f);
    expect(agp.written('AGP Status', 0)).toBe(0x1f000203);
    expect(agp.written('AGP Command', 0xffffffff)).toBe(0xff00ffb7);
  });

  it('version 3.0: isochronous, 8x', () => {
    const agp = paste('02 00 30 00 1b 4a 02 ff 02 03 00 1f');
    expect(agp.field('AGP Status', 'AGP3.0_MODE')).toBe(1);
    expect(agp.field('AGP Status', 'FW')).toBe(1);
    expect(agp.field('AGP Status', 'CAL_CYCLE')).toBe(2);
    expect(agp.field('AGP Status', 'ARQSZ')).toBe(2);
    expect(agp.field('AGP Status', 'ISOCH SUPPORT')).toBe(1);
    expect(agp.field('AGP Command', 'AGP_ENABLE')).toBe(1);
    expect(agp.field('AGP Command', 'DRATE')).toBe(2);
    expect(agp.field('AGP Command', 'PRQ')).toBe(0x1f);
  });
});

describe('Vital Product Data', () => {
  it('is an address with a flag, and data', () => {
    const vpd = paste('03 00 24 80 82 0b 00 41');
    expect(vpd.length).toBe(8);
    expect(vpd.field('VPD Address', 'VPD Address')).toBe(0x24);
    expect(vpd.field('VPD Address', 'F')).toBe(1);
    expect(vpd.value('VPD Data')).toBe(0x41000b82);
    // A read is done at once, and F says so.
    expect(vpd.written('VPD Address', 0x0028)).toBe(0x8028);
    expect(vpd.written('VPD Data', 0x12345678)).toBe(0x12345678);
  });
});

describe('Slot Identification', () => {
  it('has four slots in the first bridge of chassis 2', () => {
    const slots = paste('04 00 24 02', 1);
    expect(slots.length).toBe(4);
    expect(slots.field('Expansion Slot', 'Expansion Slots Provided')).toBe(4);
    expect(slots.field('Expansion Slot', 'First in Chassis')).toBe(1);
    expect(slots.value('Chassis Number')).toBe(2);
    expect(slots.written('Expansion Slot', 0xff)).toBe(0x24);
    expect(slots.written('Chassis Number', 0x77)).toBe(0x77);
  });
});

describe('CompactPCI Hot Swap', () => {
  it('clears insertion and extraction by writing 1', () => {
    const swap = paste('06 00 1a 00');
    expect(swap.length).toBe(4);
    expect(swap.field('Hot Swap Control and Status', 'LED On/Off')).toBe(1);
    expect(swap.field('Hot Swap Control and Status', 'Programming Interface')).toBe(1);
    expect(swap.written('Hot Swap Control and Status', 0x80, 0xc0)).toBe(0x50);
    expect(swap.written('Hot Swap Control and Status', 0x0b, 0xc0)).toBe(0xdb);
    expect(swap.written('Hot Swap Control and Status', 0xff)).toBe(0x1b);
  });
});

describe('PCI-X', () => {
  it('of a function: 8 bytes without ECC', () => {
    const pciX = paste('07 00 08 00 08 01 03 01');
    expect(pciX.name).toBe('PCI-X');
    expect(pciX.length).toBe(8);
    expect(pciX.field('PCI-X Command', 'Maximum Memory Read Byte Count')).toBe(2);
    expect(pciX.field('PCI-X Status', 'Bus Number')).toBe(1);
    expect(pciX.field('PCI-X Status', 'Device Number')).toBe(1);
    expect(pciX.field('PCI-X Status', '64-bit Device')).toBe(1);
    expect(pciX.field('PCI-X Status', '133 MHz Capable')).toBe(1);
    expect(pciX.field('PCI-X Status', 'Designed Maximum Outstanding Split Transactions')).toBe(2);
    expect(pciX.written('PCI-X Command', 0xffff)).toBe(0x007f);
  });

  it('of a function: 24 bytes from version 1 on; errors clear by writing 1', () => {
    const pciX = paste('07 00 02 20 f8 00 03 c0 00 00 00 80 00 10 00 00 00 00 00 00 78 56 34 12');
    expect(pciX.length).toBe(24);
    expect(pciX.field('PCI-X Command', 'Version')).toBe(2);
    expect(pciX.field('PCI-X Status', 'PCI-X 533 Capable')).toBe(1);
    expect(pciX.field('PCI-X ECC Control and Status', 'ECC Mode')).toBe(1);
    expect(pciX.value('PCI-X ECC First Address')).toBe(0x1000);
    expect(pciX.value('PCI-X ECC Attribute')).toBe(0x12345678);
    expect(pciX.written('PCI-X Status', 0x20040000, 0x200c0000)).toBe(0xc00b00f8);
    expect(pciX.written('PCI-X ECC Control and Status', 0x0000007d, 0x0000017c)).toBe(0x00000100);
  });

  it('of a bridge: 16 bytes, another layout', () => {
    const pciX = paste('07 00 03 00 10 00 03 00 10 00 20 00 30 00 40 00', 1);
    expect(pciX.registers).toEqual([
      'PCI-X Secondary Status',
      'PCI-X Bridge Status',
      'PCI-X Upstream Split Transaction Control',
      'PCI-X Downstream Split Transaction Control',
    ]);
    expect(pciX.length).toBe(16);
    expect(pciX.field('PCI-X Bridge Status', 'Device Number')).toBe(2);
    expect(pciX.field('PCI-X Upstream Split Transaction Control', 'Split Transaction Capacity')).toBe(0x10);
    expect(pciX.field('PCI-X Downstream Split Transaction Control', 'Split Transaction Commitment Limit')).toBe(0x40);
    expect(pciX.written('PCI-X Secondary Status', 0x0004, 0x003c)).toBe(0x003b);
    expect(pciX.written('PCI-X Bridge Status', 0xffffffff, 0x003c0000)).toBe(0x00030010);
    expect(pciX.written('PCI-X Upstream Split Transaction Control', 0xffffffff)).toBe(0xffff0010);
  });

  it('of a bridge: 32 bytes from version 1 on', () => {
    const bytes = `07 00 03 10 ${'00 '.repeat(28)}`;
    const pciX = paste(bytes, 1);
    expect(pciX.length).toBe(32);
    expect(pciX.written('PCI-X Bridge ECC Control and Status', 1)).toBe(1);
    expect(paste('07 00 00 10 00 00 00 00 00 00 00 00').written('PCI-X ECC Control and Status', 1)).toBe(0);
  });
});

describe('HyperTransport', () => {
  it('slave or primary interface: 28 bytes', () => {
    const slave = paste('08 00 a1 00 20 00 11 11 40 00 11 77 40 05 75 00 02 00 75 00 00 00 00 00 12 34 07 00');
    expect(slave.name).toBe('HyperTransport');
    expect(slave.length).toBe(28);
    expect(slave.field('HT Slave Command', 'Capability Type 15:13')).toBe(0);
    expect(slave.field('HT Slave Command', 'Base UnitID')).toBe(1);
    expect(slave.field('HT Slave Command', 'Unit Count')).toBe(5);
    expect(slave.field('HT Slave Link Control 0', 'Initialization Complete')).toBe(1);
    expect(slave.field('HT Slave Link Control 1', 'End of Chain')).toBe(1);
    expect(slave.field('HT Slave Link Configuration 1', 'Link Width Out')).toBe(7);
    expect(slave.field('HT Slave Revision ID', 'Major Revision')).toBe(2);
    expect(slave.field('HT Slave Link Frequency/Error 0', 'Link Frequency')).toBe(5);
    expect(slave.value('HT Slave Link Frequency Capability 1')).toBe(0x75);
    expect(slave.field('HT Slave Feature Capability', 'LDTSTOP# Supported')).toBe(1);
    expect(slave.value('HT Slave Memory Limit Upper')).toBe(0x34);
    expect(slave.value('HT Slave Bus Number')).toBe(7);
    expect(slave.written('HT Slave Link Control 0', 0x0310, 0x0710)).toBe(0x0420);
    expect(slave.written('HT Slave Command', 0xffff)).toBe(0x18bf);
  });

  it('host or secondary interface: 24 bytes', () => {
    const host = paste('08 00 05 20 20 00 11 11 22 06 75 00 03 03 00 00 34 12 00 02 00 00 00 00');
    expect(host.length).toBe(24);
    expect(host.field('HT Host Command', 'Capability Type 15:13')).toBe(1);
    expect(host.field('HT Host Command', 'Device Number')).toBe(1);
    expect(host.field('HT Host Command', 'Warm Reset')).toBe(1);
    expect(host.field('HT Host Link Frequency/Error', 'Link Frequency')).toBe(6);
    expect(host.field('HT Host Feature Capability', 'Extended Register Set')).toBe(1);
    expect(host.value('HT Host Enumeration Scratchpad')).toBe(0x1234);
    expect(host.written('HT Host Error Handling', 0x0200)).toBe(0);
  });

  it('MSI Mapping: an address only where it is not fixed', () => {
    const movable = paste('08 00 01 a8 00 00 e0 fe 0f 00 00 00');
    expect(movable.length).toBe(12);
    expect(movable.field('HT MSI Mapping Command', 'Enable')).toBe(1);
    expect(movable.field('HT MSI Mapping Address Lower', 'Mapping Address 31:20')).toBe(0xfee);
    expect(movable.written('HT MSI Mapping Address Lower', 0xffffffff)).toBe(0xfff00000);
    expect(movable.written('HT MSI Mapping Command', 0)).toBe(0xa800);
    expect(paste('08 00 03 a8').registers).toEqual(['HT MSI Mapping Command']);
  });

  it('address mapping: as many DMA windows as it says, in the 40-bit layout only', () => {
    const windows = '00 00 10 20 33 00 44 00 55 00 66 77 88 00 99 00';
    const mapping = paste(`08 00 02 a0 00 00 00 80 00 00 00 90 ${windows}`);
    expect(mapping.length).toBe(12 + 2 * 8);
    expect(mapping.field('HT Secondary Bus Prefetchable Window', 'Window Control')).toBe(9);
    expect(mapping.field('HT DMA Window 0 Primary Base', 'Window Control')).toBe(2);
    expect(mapping.value('HT DMA Window 0 Secondary Limit')).toBe(0x33);
    expect(mapping.value('HT DMA Window 1 Secondary Base')).toBe(0x99);
    const wide = paste(`08 00 02 a2 ${'00 '.repeat(12)}`);
    expect(wide.length).toBe(16);
    expect(wide.registers).toContain('HT Address Mapping Data Upper');
  });

  it.each([
    ['40', 'HT Switch Command', 24],
    ['80', 'HT Interrupt Command', 8],
    ['88', 'HT Revision Command', 4],
    ['90', 'HT UnitID Clumping Command', 12],
    ['98', 'HT Extended Configuration Command', 12],
    ['b0', 'HT DirectRoute Command', 12],
    ['b8', 'HT VCSet Command', 16],
    ['c0', 'HT Retry Command', 12],
    ['c8', 'HT x86 Command', 4],
    ['d0', 'HT Gen3 Command', 4],
    ['d8', 'HT Function Extension Command', 4],
    ['e0', 'HT Power Management Command', 4],
  ])('type %s: %s, %i bytes', (type, command, length) => {
    const capability = paste(`08 00 00 ${type} ${'00 '.repeat(28)}`);
    expect(capability.registers[0]).toBe(command);
    expect(capability.length).toBe(length);
    expect(capability.written(command, 0xffff) & 0xf800).toBe(Number.parseInt(type, 16) << 8);
  });
});

describe('Vendor-Specific', () => {
  it('has a length, and what the vendor wants', () => {
    const vendor = paste('09 00 14 05 00 00 00 00');
    expect(vendor.value('Vendor-Specific Capability Length')).toBe(0x14);
    expect(vendor.registers.length).toBe(1);
    expect(vendor.written('Vendor-Specific Capability Length', 0xff)).toBe(0x14);
  });
});

describe('Debug Port', () => {
  it('names a BAR and an offset', () => {
    const port = paste('0a 00 a0 20');
    expect(port.length).toBe(4);
    expect(port.field('Debug Port Offset', 'BAR Number')).toBe(1);
    expect(port.field('Debug Port Offset', 'Offset')).toBe(0xa0);
    expect(port.written('Debug Port Offset', 0xffff)).toBe(0x20a0);
  });
});

describe('Standard Hot-Plug Controller', () => {
  it('is a select and a data register', () => {
    const controller = paste('0c 00 00 08 01 00 01 01', 1);
    expect(controller.length).toBe(8);
    expect(controller.field('SHPC Pending', 'Controller Interrupt Pending')).toBe(1);
    expect(controller.value('SHPC DWORD Data')).toBe(0x01010001);
    expect(controller.written('SHPC DWORD Select', 0x05)).toBe(0x05);
    expect(controller.written('SHPC Pending', 0xff)).toBe(0x08);
  });
});

describe('Secure Device', () => {
  it('is an IOMMU by its type: 20 bytes, 24 with CapExt', () => {
    const iommu = paste('0f 00 0b 0e 01 00 20 fd 00 00 00 00 80 00 10 ff 00 30 20 08');
    expect(iommu.length).toBe(20);
    expect(iommu.field('Secure Device Header', 'Capability Revision')).toBe(1);
    expect(iommu.field('Secure Device Header', 'EFRSup')).toBe(1);
    expect(iommu.field('IOMMU Base Address Low', 'Enable')).toBe(1);
    expect(iommu.field('IOMMU Base Address Low', 'Base Address 31:14')).toBe(0xfd200000 / 2 ** 14);
    expect(iommu.field('IOMMU Range', 'RngValid')).toBe(1);
    expect(iommu.field('IOMMU Range', 'FirstDevice')).toBe(0x10);
    expect(iommu.field('IOMMU Miscellaneous Information 0', 'PAsize')).toBe(0x30);
    expect(iommu.field('IOMMU Miscellaneous Information 0', 'VAsize')).toBe(0x40);
    expect(iommu.field('IOMMU Miscellaneous Information 0', 'MsiNumPPR')).toBe(1);
    expect(iommu.written('IOMMU Base Address Low', 0)).toBe(0xfd200001);
    expect(paste(`0f 00 0b 1e ${'00 '.repeat(20)}`).length).toBe(24);
    expect(paste('0f 00 02 00').registers).toEqual(['Secure Device Header']);
  });
});

describe('SATA', () => {
  it('points to a BAR, or has its index and data pair itself', () => {
    const bar = paste('12 00 10 00 48 00 00 00');
    expect(bar.length).toBe(8);
    expect(bar.field('SATA Capability 0', 'Major Revision')).toBe(1);
    expect(bar.field('SATA Capability 1', 'BAR Location')).toBe(8);
    expect(bar.field('SATA Capability 1', 'BAR Offset')).toBe(4);
    const inline = paste('12 00 10 00 0f 00 00 00 04 00 00 00 78 56 34 12');
    expect(inline.length).toBe(16);
    expect(inline.value('SATA Data')).toBe(0x12345678);
    expect(inline.written('SATA Index', 0xffffffff)).toBe(0xfffffffc);
  });
});

describe('Advanced Features', () => {
  it('starts a function level reset, which reads zero', () => {
    const features = paste('13 00 06 03 00 00');
    expect(features.length).toBe(6);
    expect(features.field('AF Capabilities', 'Transactions Pending Capability')).toBe(1);
    expect(features.field('AF Capabilities', 'FLR Capability')).toBe(1);
    expect(features.written('AF Control', 0xff)).toBe(0);
    expect(features.written('AF Status', 0, 1)).toBe(1);
    expect(features.written('AF Length', 0)).toBe(6);
  });
});

describe('Enhanced Allocation', () => {
  it('of a function: entries as long as each of them says', () => {
    const allocation = paste(`14 00 03 00
      04 00 ff 80  02 00 00 00  fe ff ff 3f  30 84 00 00  00 00 00 00
      42 00 ff 80  00 00 00 f0  fc ff 0f 00
      93 04 ff 00  02 00 00 a0  fc ff 1f 00  30 84 00 00`);
    expect(allocation.length).toBe(4 + 20 + 12 + 16);
    expect(allocation.field('EA Capability', 'Num Entries')).toBe(3);
    expect(allocation.registers.filter((name) => / (Base|MaxOffset) Upper$/.test(name))).toEqual([
      'EA Entry 0 Base Upper',
      'EA Entry 0 MaxOffset Upper',
      'EA Entry 2 Base Upper',
    ]);
    expect(allocation.value('EA Entry 0 Base Upper')).toBe(0x8430);
    expect(allocation.field('EA Entry 1', 'BAR Equivalent Indicator')).toBe(4);
    expect(allocation.field('EA Entry 1 MaxOffset', 'MaxOffset 31:2')).toBe(0x3ffff);
    expect(allocation.field('EA Entry 2', 'Primary Properties')).toBe(4);
    expect(allocation.field('EA Entry 2', 'Enable')).toBe(0);
    expect(allocation.value('EA Entry 2 Base Upper')).toBe(0x8430);
    expect(allocation.written('EA Entry 1', 0)).toBe(0x00ff0042);
    expect(allocation.written('EA Entry 1 Base', 0)).toBe(0xf0000000);
  });

  it('of a function: an entry may be longer than its fields', () => {
    const allocation = paste(`14 00 02 00
      04 00 ff 80  00 00 00 e0  fc ff 0f 00  00 00 00 00  00 00 00 00
      12 00 ff 80  00 00 00 f0  fc ff 0f 00`);
    expect(allocation.value('EA Entry 1 Base')).toBe(0xf0000000);
    expect(allocation.length).toBe(4 + 20 + 12);
  });

  it('lets software place an entry that says so, and no other', () => {
    const allocation = paste(`14 00 02 00
      04 08 ff 40  02 00 00 00  fe ff ff 3f  30 84 00 00  00 00 00 00
      42 00 ff 80  00 00 00 f0  fc ff 0f 00`);
    expect(allocation.field('EA Entry 0', 'Writable')).toBe(1);
    const halves = ['Base', 'MaxOffset', 'Base Upper', 'MaxOffset Upper'].map((half) => `EA Entry 0 ${half}`);
    // The size of a half decides where the next entry is: it stays.
    expect(halves.map((half) => allocation.written(half, 0xffffffff))).toEqual([
      0xfffffffe, 0xfffffffe, 0xffffffff, 0xffffffff,
    ]);
    expect(allocation.written('EA Entry 1 Base', 0xffffffff)).toBe(0xf0000000);
    expect(allocation.written('EA Entry 1 MaxOffset', 0xffffffff)).toBe(0x000ffffc);
  });

  it('of a bridge: fixed bus numbers come first', () => {
    const allocation = paste('14 00 01 00 02 05 00 00 73 00 ff 80 02 00 00 00 fc ff ff 1f 30 84 00 00', 1);
    expect(allocation.length).toBe(24);
    expect(allocation.field('EA Fixed Bus Numbers', 'Fixed Secondary Bus Number')).toBe(2);
    expect(allocation.field('EA Fixed Bus Numbers', 'Fixed Subordinate Bus Number')).toBe(5);
    expect(allocation.field('EA Entry 0', 'BAR Equivalent Indicator')).toBe(7);
    expect(allocation.value('EA Entry 0 Base Upper')).toBe(0x8430);
  });
});

describe('Flattening Portal Bridge', () => {
  const vectors = '01 00 08 00  18 00 00 00  11 00 00 80  01 00 00 40  02 00 00 00  05 80 00 00  78 56 34 12';

  it('is 36 bytes: three decoders and a window into their vectors', () => {
    const bridge = paste(`15 00 00 00  0f 00 02 05  ${vectors}`, 1);
    expect(bridge.length).toBe(36);
    expect(bridge.field('FPB Capabilities', 'FPB Num Sec Dev')).toBe(1);
    expect(bridge.field('FPB Capabilities', 'FPB MEM Low Vector Size Supported')).toBe(2);
    expect(bridge.field('FPB Capabilities', 'FPB MEM High Vector Size Supported')).toBe(5);
    expect(bridge.field('FPB RID Vector Control 1', 'FPB RID Decode Mechanism Enable')).toBe(1);
    expect(bridge.field('FPB RID Vector Control 1', 'FPB RID Vector Start')).toBe(1);
    expect(bridge.field('FPB RID Vector Control 2', 'RID Secondary Start')).toBe(3);
    expect(bridge.field('FPB MEM Low Vector Control', 'FPB MEM Low Vector Granularity')).toBe(1);
    expect(bridge.field('FPB MEM Low Vector Control', 'FPB MEM Low Vector Start')).toBe(0x800);
    expect(bridge.field('FPB MEM High Vector Control 1', 'FPB MEM High Vector Start Lower')).toBe(4);
    expect(bridge.value('FPB MEM High Vector Control 2')).toBe(2);
    expect(bridge.field('FPB Vector Access Control', 'FPB Vector Select')).toBe(2);
    expect(bridge.value('FPB Vector Access Data')).toBe(0x12345678);
    expect(bridge.written('FPB RID Vector Control 1', 0xffffffff)).toBe(0xfff800f1);
    expect(bridge.written('FPB MEM High Vector Control 1', 0xffffffff)).toBe(0xf00000f1);
  });

  it('lets a decoder that it lacks not be enabled', () => {
    const bridge = paste(`15 00 00 00  02 00 00 00  ${vectors}`, 1);
    expect(bridge.written('FPB RID Vector Control 1', 0)).toBe(0x00080001);
    expect(bridge.written('FPB MEM Low Vector Control', 0)).toBe(0);
  });
});

describe('Power Management', () => {
  /** @param support the byte that ends in PME_Support, a bit a state from D0 to D3cold */
  const power = (support: string, more = '00 00 00 00') => paste(`01 00 03 ${support} ${more}`);
  const register = 'Power Management Control/Status';

  it('has PME by the states that it comes from', () => {
    expect(['00', '08', 'f8'].map((support) => power(support).written(register, 0xffff, 0x8000))).toEqual([
      0x8003, 0x0103, 0x0103,
    ]);
  });

  it('keeps PME over a hot reset where it comes from D3cold', () => {
    const afterReset = (support: string) => {
      const bytes = spaceWith(`01 00 03 ${support} 00 81 00 00`);
      const arena = new ConfigArena([{ segment: 0, routingId: 0, bytes }]);
      arena.reset(0, 'hot');
      return arena.read(0, AT + 4, 2);
    };
    expect(['78', 'f8'].map(afterReset)).toEqual([0, 0x8100]);
  });

  it('selects data where there is any', () => {
    expect(power('00').written(register, 0x1e00)).toBe(0);
    expect(power('00', '00 00 00 0a').written(register, 0x1e00)).toBe(0x1e00);
    expect(power('00', '00 20 00 00').written(register, 0x1e00)).toBe(0x3e00);
  });
});

describe('PCI Express', () => {
  /** A capability of 3Ch bytes at its version, port and flit mode, and with further DWORDs by their offsets. */
  const express = (capabilities: string, dwords: Record<number, number> = {}) => {
    const bytes = new Uint8Array(0x3c);
    bytes.set(hexBytes(`10 00 ${capabilities}`));
    for (const [at, value] of Object.entries(dwords)) new DataView(bytes.buffer).setUint32(Number(at), value, true);
    return paste([...bytes].map((byte) => byte.toString(16)).join(' '), capabilities.startsWith('0') ? 0 : 1);
  };
  const rootPort = '42 01';

  it('is 3Ch bytes', () => {
    expect([express(rootPort).name, express(rootPort).length]).toEqual(['PCI Express', 0x3c]);
  });

  it('controls in its slot what the slot has', () => {
    const slot = (capabilities: number, more = {}) =>
      express(rootPort, { 20: capabilities, ...more }).written('Slot Control', 0xffff);
    expect([slot(0), slot(0x00040000)]).toEqual([0x3038, 0x3028]);
    // Attention button, power controller, MRL sensor, either indicator, hot-plug, interlock (its control reads 0).
    expect([1, 2, 4, 8, 0x10, 0x40, 0x20000].map((bit) => slot(bit) - 0x3038)).toEqual([
      0x001, 0x402, 0x004, 0x0c0, 0x300, 0x000, 0x000,
    ]);
    expect(slot(0, { 52: 1 })).toBe(0x7038);
  });

  it('has the second controls by the second capabilities and the kind of function', () => {
    const written = (capabilities: string, capabilities2: number) =>
      express(capabilities, { 36: capabilities2 }).written('Device Control 2', 0xffff);
    expect([written('02 00', 0), written(rootPort, 0), written('62 01', 0)]).toEqual([0x0350, 0x0350, 0x0010]);
    const bits = [0x1, 0x20, 0x40, 0x800, 0x20000, 0x40000, 0x200000];
    expect(bits.map((bit) => written(rootPort, bit) - 0x0350)).toEqual([
      0x000f, 0x0020, 0x0080, 0x0400, 0x1000, 0x6000, 0x8000,
    ]);
    expect([written('02 00', 0x1000000), written(rootPort, 0x1000000)]).toEqual([0x0b50, 0x0350]);
    // An endpoint forwards and blocks nothing.
    expect([0x20, 0x40, 0x200000].map((bit) => written('02 00', bit) - 0x0350)).toEqual([0, 0, 0]);
  });

  it('knows emergency power reduction from version 2 on, in an upstream port', () => {
    const left = (capabilities: string) =>
      express(capabilities, { 36: 0x01000000 }).written('Device Status', 0x40, 0x40);
    expect(['02 00', '01 00', rootPort].map(left)).toEqual([0, 0x40, 0x40]);
  });

  it('has Flit Mode and SRIS in a downstream port of PCIe 6.0', () => {
    const control = (capabilities: string, speed: number) =>
      express(capabilities, { 12: speed }).written('Link Control', 0x3000);
    expect([control('42 81', 6), control('42 81', 5), control('42 01', 6), control('02 80', 6)]).toEqual([
      0x3000, 0x2000, 0x1000, 0,
    ]);
  });

  it('is told whether all below is in Flit Mode, in a root port that has it', () => {
    const control = (capabilities: string) => express(capabilities).written('Root Control', 0xffff);
    expect(['42 81', '42 01', 'a2 80'].map(control)).toEqual([0x2f, 0x0f, 0x0f]);
  });

  it('says what PCIe 6.0 adds to Device Capabilities', () => {
    const fn = express('02 00', { 4: 0x60020000 });
    const names = ['Rx_MPS_Fixed', 'Mixed_MPS_Supported', 'TEE-IO Supported'];
    expect(names.map((name) => fn.field('Device Capabilities', name))).toEqual([1, 1, 1]);
  });

  it('receives DRS messages in a downstream port that supports them', () => {
    const left = (capabilities: string, capabilities2: number) =>
      express(capabilities, { 44: capabilities2 }).written('Link Status 2', 0x8000, 0x8000);
    expect([left(rootPort, 0x80000000), left(rootPort, 0), left('02 00', 0x80000000)]).toEqual([0, 0x8000, 0x8000]);
  });
});

describe('MSI', () => {
  it.each([
    ['0000', 10],
    ['0080', 14],
    ['0100', 20],
    ['0180', 24],
    ['0200', 12],
    ['0280', 16],
    ['0300', 20],
    ['0380', 24],
  ])('Message Control %s: %i bytes', (control, length) => {
    const msi = paste(`05 00 ${control.slice(2)} ${control.slice(0, 2)} ${'00 '.repeat(20)}`);
    expect(msi.length).toBe(length);
    const extended = msi.registers.find((name) => name.startsWith('MSI Extended Message Data'));
    expect(extended !== undefined).toBe((Number.parseInt(control, 16) & 0x0200) !== 0);
    if (extended !== undefined) expect(msi.written(extended, 0xffff)).toBe(0xffff);
  });
});

describe('the CardBus header', () => {
  const header = `
    4c 10 56 ac 07 00 10 02 01 00 07 06 20 a8 82 00
    00 00 00 d0 a0 00 00 42 02 03 06 b0 00 00 00 30
    00 f0 ff 33 00 00 00 d4 00 f0 ff d7 01 40 00 00
    fc 40 01 00 00 44 00 00 fc 44 00 00 0b 01 40 05
    28 10 64 01 01 00 00 00`;
  const bytes = new Uint8Array(256);
  bytes.set(hexBytes(header));
  bytes.set(hexBytes('01 00 02 fe'), 0xa0);
  const bridge = pastedSpace(bytes, 'header');

  it('is 72 bytes, and its capabilities begin at 14h', () => {
    expect(bridge.name).toBe('Type 2 Header');
    expect(bridge.length).toBe(0x48);
    expect(bridge.value('CardBus Capabilities Pointer')).toBe(0xa0);
    expect(decodeFunction(bytes).capabilities.map(({ name, offset }) => [name, offset])).toEqual([
      ['Power Management', 0xa0],
    ]);
    expect(bridge.registers).not.toContain('Capabilities Pointer');
  });

  it('has bus numbers, windows and a subsystem', () => {
    expect(bridge.field('CardBus Socket Base Address', 'Socket Base Address 31:12')).toBe(0xd0000);
    expect(bridge.value('PCI Bus Number')).toBe(2);
    expect(bridge.value('CardBus Bus Number')).toBe(3);
    expect(bridge.value('CardBus Subordinate Bus Number')).toBe(6);
    expect(bridge.value('CardBus Memory Base 0')).toBe(0x30000000);
    expect(bridge.value('CardBus Memory Limit 1')).toBe(0xd7fff000);
    expect(bridge.field('CardBus I/O Base 0', 'I/O Addressing')).toBe(1);
    expect(bridge.value('CardBus I/O Limit 0 Upper')).toBe(1);
    expect(bridge.value('Interrupt Line')).toBe(0x0b);
    expect(bridge.field('CardBus Bridge Control', 'CardBus Reset')).toBe(1);
    expect(bridge.field('CardBus Bridge Control', 'Write Posting Enable')).toBe(1);
    expect(bridge.value('CardBus Subsystem Vendor ID')).toBe(0x1028);
    expect(bridge.field('PC Card 16-bit Legacy Mode Base Address', 'I/O Space')).toBe(1);
  });

  it('takes writes to what software sets, and clears errors by 1', () => {
    for (const name of ['PCI Bus Number', 'CardBus Bus Number', 'CardBus Subordinate Bus Number'])
      expect(bridge.written(name, 0x5a), name).toBe(0x5a);
    expect(bridge.written('CardBus Memory Base 1', 0xffffffff)).toBe(0xfffff000);
    expect(bridge.written('CardBus I/O Base 0', 0xffff)).toBe(0xfffd);
    expect(bridge.written('CardBus I/O Base 0 Upper', 0xffff)).toBe(0xffff);
    // A 16-bit window has no upper half.
    expect(bridge.written('CardBus I/O Limit 1 Upper', 0xffff)).toBe(0);
    expect(bridge.written('CardBus Bridge Control', 0xffff)).toBe(0x07ef);
    expect(bridge.written('CardBus Secondary Status', 0x2000, 0x3000)).toBe(0x5200);
    expect(bridge.written('PC Card 16-bit Legacy Mode Base Address', 0)).toBe(1);
    expect(bridge.written('CardBus Subsystem ID', 0)).toBe(0x0164);
  });
});

describe('the expansion ROM', () => {
  it('says whether its contents are valid, in bits that no write changes', () => {
    const bytes = new Uint8Array(256);
    bytes.set([0x37, 0x07, 0xc0, 0xf7], 0x30);
    const header = pastedSpace(bytes, 'header');
    const register = 'Expansion ROM Base Address';
    expect(
      ['Enable', 'Validation Status', 'Validation Details'].map((name) =>
        header.field(register, `Expansion ROM ${name}`),
      ),
    ).toEqual([1, 3, 3]);
    expect(header.field(register, register)).toBe(0xf7c00000 >>> 11);
    expect([0, 0xffffffff].map((value) => header.written(register, value) & 0x7fe)).toEqual([0x736, 0x736]);
  });
});

describe('BIST', () => {
  it('starts only where it is there, and reads done', () => {
    const bytes = new Uint8Array(256);
    expect(pastedSpace(bytes, 'header').written('BIST', 0xff)).toBe(0);
    bytes[0x0f] = 0x80;
    expect(pastedSpace(bytes, 'header').written('BIST', 0x40)).toBe(0x80);
  });
});
