/** Extended capabilities 01h-1Bh and 1Dh: pasted bytes, read back by the tables. */
import { describe, expect, it } from 'vitest';
import { type PortType, portTypes } from '../../spec-tables/port-types.ts';
import { ConfigArena } from '../../src/config/arena.ts';
import { walkCapabilities } from '../../src/config/capabilities.ts';
import { expressOf, placedStructures, portTypeOf } from '../../src/config/placed-structures.ts';
import { readField } from '../../src/spec/expand.ts';
import { conditionsThatHold, presentRegisters } from '../../src/spec/fold.ts';
import { fieldNamed, type Register } from '../../src/spec/structure.ts';
import { structures } from '../../src/spec/structures.ts';

const AT = 0x100;

/** A function whose only extended capability is the pasted one, at 100h. */
class Pasted {
  readonly arena: ConfigArena;
  readonly registers: readonly Register[];
  readonly name: string;

  /**
   * @param hex bytes from the capability's header on, as a dump has them
   * @param express DWORDs of the PCI Express Capability, by offset
   */
  constructor(hex: string, portType: PortType = 'PCI Express Endpoint', express: Record<number, number> = {}) {
    const bytes = new Uint8Array(4096);
    bytes[0x06] = 0x10;
    bytes[0x0e] = portType.endsWith('Port') ? 1 : 0;
    bytes[0x34] = 0x40;
    for (const [offset, value] of Object.entries(express))
      new DataView(bytes.buffer).setUint32(0x40 + Number(offset), value, true);
    bytes.set([0x10, 0, 0x02 | (portTypes[portType] << 4)], 0x40);
    bytes.set(
      hex
        .trim()
        .split(/\s+/)
        .map((byte) => Number.parseInt(byte, 16)),
      AT,
    );
    this.arena = new ConfigArena([{ segment: 0, routingId: 0, bytes }]);
    const { entries } = walkCapabilities(bytes);
    const { structure } = placedStructures(bytes, entries).find(({ at }) => at === AT)!;
    this.name = structure.name;
    this.registers = presentRegisters(
      structure,
      conditionsThatHold(structure, bytes, AT, portTypeOf(bytes, entries), expressOf(entries)),
    );
  }

  get length(): number {
    return Math.max(...this.registers.map(({ offset, width }) => offset + width / 8));
  }

  register(name: string): Register {
    const register = this.registers.find((candidate) => candidate.name === name);
    if (register === undefined) throw new Error(`${name} is not among ${this.names().join(', ')}`);
    return register;
  }

  names(pattern = /./): string[] {
    return this.registers.map(({ name }) => name).filter((name) => pattern.test(name));
  }

  field(registerName: string, field: string): number {
    const register = this.register(registerName);
    return readField(this.arena.space(0), AT + register.offset, register.width, fieldNamed(register, field));
  }

  value(name: string): number {
    const { offset, width } = this.register(name);
    return this.arena.read(0, AT + offset, (width / 8) as 1 | 2 | 4);
  }

  write(name: string, value: number): void {
    const { offset, width } = this.register(name);
    this.arena.write(0, AT + offset, (width / 8) as 1 | 2 | 4, value);
  }

  /** What is left of a register after a write of all ones. */
  afterOnes(name: string): number {
    this.write(name, 0xffffffff);
    return this.value(name);
  }
}

const zeros = (count: number) => ' 00'.repeat(count);

describe('Virtual Channel', () => {
  // Two further VCs, VC arbitration of 32 phases at 50h, port arbitration of 4-bit entries for VC0 (32 phases at 60h), VC1
  // (time-based, 128 phases at 70h) and VC2 (32 and 64 phases at B0h).
  const hex = `02 00 01 00 12 08 00 00 02 00 00 05 02 00 00 00
               02 80 10 06 ff 00 00 80 00 00 00 00 10 00 1f 07
               00 00 00 01 00 00 02 00 06 00 00 0b 80 00 00 82
               00 00 00 00`;

  it('has as many VCs as its count says, and its tables where the registers say', () => {
    const vc = new Pasted(hex);
    expect(vc.names(/Resource Control/)).toEqual([
      'VC0 Resource Control',
      'VC1 Resource Control',
      'VC2 Resource Control',
    ]);
    expect(vc.field('Port VC Capability 1', 'Extended VC Count')).toBe(2);
    expect(vc.field('Port VC Capability 1', 'Low Priority Extended VC Count')).toBe(1);
    expect(vc.field('Port VC Capability 1', 'Port Arbitration Table Entry Size')).toBe(2);
    expect(vc.field('VC0 Resource Capability', 'Reject Snoop Transactions')).toBe(1);
    expect(vc.field('VC1 Resource Capability', 'Maximum Time Slots')).toBe(0x1f);
    expect(vc.field('VC2 Resource Control', 'VC ID')).toBe(2);
    expect(vc.field('VC2 Resource Control', 'VC Enable')).toBe(1);
    expect(vc.field('VC1 Resource Status', 'VC Negotiation Pending')).toBe(1);
    const tables = (pattern: RegExp) => [vc.names(pattern).length, vc.register(vc.names(pattern)[0]!).offset];
    expect(tables(/^VC Arbitration Table/)).toEqual([4, 0x50]);
    expect(tables(/^VC0 Port Arbitration Table/)).toEqual([4, 0x60]);
    expect(tables(/^VC1 Port Arbitration Table/)).toEqual([16, 0x70]);
    expect(tables(/^VC2 Port Arbitration Table/)).toEqual([8, 0xb0]);
    expect(vc.length).toBe(0xd0);
  });

  it('lets software enable all VCs but VC0, which is always on, and map all classes but TC0', () => {
    const vc = new Pasted(hex);
    expect(vc.afterOnes('VC0 Resource Control')).toBe(0x800e00ff);
    expect(vc.afterOnes('VC1 Resource Control')).toBe(0x870e00fe);
    vc.write('VC0 Resource Control', 0);
    expect(vc.value('VC0 Resource Control')).toBe(0x80000001);
    expect(vc.afterOnes('Port VC Control')).toBe(0x001e);
    expect(vc.afterOnes('VC Arbitration Table 0')).toBe(0x77777777);
    vc.arena.reset(0, 'hot');
    expect([vc.value('VC0 Resource Control'), vc.value('VC1 Resource Control')]).toEqual([0x800000ff, 0]);
  });

  it('has an arbitration to choose where there is one, time slots where it goes by time, and a snoop to reject at a root', () => {
    const fixed = new Pasted(`02 00 01 00 00 00 00 00${zeros(12)}`, 'Root Port');
    expect([fixed.afterOnes('Port VC Control'), fixed.afterOnes('VC0 Resource Control')]).toEqual([0x10, 0xfe]);
    const attributes = (vc: Pasted, name: string) =>
      vc.register('VC0 Resource Capability').fields.find((field) => field.name === name)!;
    expect(attributes(fixed, 'Reject Snoop Transactions').when?.portTypes).toEqual(['Root Port']);
    expect(attributes(fixed, 'Maximum Time Slots').otherwise).toBe('RsvdP');
  });

  it('shares flow control between VCs in Flit Mode', () => {
    const flitMode = { 0: 0x80000000 };
    const control = (count: string, express: Record<number, number>) =>
      new Pasted(`02 00 01 00 ${count} 00 00 00${zeros(12)}`, 'Root Port', express).afterOnes('VC0 Resource Control');
    expect([control('01', flitMode), control('00', flitMode), control('01', {})]).toEqual([0x780000fe, 0xfe, 0xfe]);
  });

  it('of one VC without tables is 1Ch bytes, under either ID', () => {
    for (const id of ['02', '09']) expect(new Pasted(`${id} 00 01 00${zeros(24)}`).length).toBe(0x1c);
    expect(new Pasted('09 00 01 00').name).toBe('Virtual Channel with MFVC');
  });

  it('of eight VCs is 70h bytes', () => {
    expect(new Pasted('02 00 01 00 07 00 00 00').length).toBe(0x70);
  });

  it('gives 256 phases of 8 bits 64 DWORDs', () => {
    const vc = new Pasted(`02 00 01 00 00 0c 00 00 00 00 00 00 00 00 00 00 3e 00 00 02`);
    expect(vc.names(/VC0 Port Arbitration Table/)).toHaveLength(64);
  });
});

describe('Multi-Function Virtual Channel', () => {
  it('arbitrates between functions', () => {
    const mfvc = new Pasted(`08 00 01 00 01 00 00 00 00 00 00 00 00 00 00 00 02 00 00 03 ff 00 00 80${zeros(16)}`);
    expect(mfvc.names(/Resource Control/)).toEqual(['MFVC VC0 Resource Control', 'MFVC VC1 Resource Control']);
    expect(mfvc.register('MFVC VC0 Function Arbitration Table 0').offset).toBe(0x30);
    expect(mfvc.field('MFVC VC0 Resource Capability', 'Function Arbitration WRR 32 Phases')).toBe(1);
    expect(mfvc.length).toBe(0x34);
    expect([0, 1].map((vc) => mfvc.afterOnes(`MFVC VC${vc} Resource Control`))).toEqual([0x800e00ff, 0x870000fe]);
  });
});

describe('Device Serial Number', () => {
  it('is 0Ch bytes, low half first, read-only', () => {
    const dsn = new Pasted('03 00 01 00 e8 24 80 ff ff 31 4e a4');
    expect(dsn.length).toBe(0x0c);
    expect([dsn.afterOnes('Serial Number Upper'), dsn.afterOnes('Serial Number Lower')]).toEqual([
      0xa44e31ff, 0xff8024e8,
    ]);
  });
});

describe('Power Budgeting', () => {
  it('shows what Data Select chooses, and how', () => {
    const power = new Pasted('04 00 01 00 01 00 00 00 32 e5 09 00 01 00 00 00');
    const fields = ['Base Power', 'Data Scale', 'PM Sub State', 'PM State', 'Type', 'Power Rail'];
    expect(fields.map((field) => power.field('Power Budgeting Data', field))).toEqual([0x32, 1, 1, 3, 3, 2]);
    expect(power.field('Power Budget Capability', 'System Allocated')).toBe(1);
    expect(power.length).toBe(0x10);
    expect(power.afterOnes('Power Budgeting Data Select')).toBe(0xff);
    expect(power.afterOnes('Power Budgeting Data')).toBe(0x0009e532);
    expect(power.afterOnes('Power Budgeting Control')).toBe(0);
  });

  it('has limits and connectors from PCIe 6.0 on', () => {
    const power = new Pasted('04 00 01 00 00 00 40 00 32 e5 29 82 0e 3a 00 a0');
    expect(power.field('Power Budgeting Control', 'Out of Band Power Limit PM Sub State')).toBe(1);
    const names = ['Data Scale 2', 'Connector Number', 'Connector Type', 'Extended Power Budgeting Present'];
    expect(names.map((name) => power.field('Power Budgeting Data', name))).toEqual([1, 0, 1, 1]);
    const sense = [0, 1, 7].map((n) => power.field('Power Budget Capability', `Connector Number ${n} Sense Data`));
    expect(sense).toEqual([2, 7, 5]);
    power.write('Power Budgeting Control', 0xffff);
    expect(power.value('Power Budgeting Control')).toBe(0x5f);
    power.arena.reset(0, 'hot');
    expect(power.value('Power Budgeting Control')).toBe(0x5e);
  });
});

describe('Root Complex Link Declaration', () => {
  it('has 10h bytes for each link entry', () => {
    const declaration = new Pasted(
      `05 00 01 00 00 02 01 02 ${zeros(8)}
       01 00 01 00 00 00 00 00 00 90 d1 fe 00 00 00 00
       03 00 03 04 00 00 00 00 00 80 00 00 01 00 00 00`,
    );
    expect(declaration.length).toBe(0x30);
    expect(declaration.field('Element Self Description', 'Port Number')).toBe(2);
    expect(declaration.field('Link Description 0', 'Target Component ID')).toBe(1);
    expect(declaration.value('Link Address Lower 0')).toBe(0xfed19000);
    expect(declaration.field('Link Description 1', 'Link Type')).toBe(1);
    expect(declaration.field('Link Description 1', 'Target Port Number')).toBe(4);
    expect(declaration.value('Link Address Upper 1')).toBe(1);
    expect(declaration.afterOnes('Link Address Upper 1')).toBe(1);
  });

  it('of no entry ends behind its description', () => {
    expect(new Pasted('05 00 01 00 00 00 01 00').length).toBe(8);
  });
});

describe('Root Complex Internal Link Control', () => {
  it('has link registers of its own', () => {
    const link = new Pasted('06 00 01 00 42 fc 00 00 00 00 42 00');
    expect(link.length).toBe(0x0c);
    expect(link.field('Root Complex Link Capabilities', 'Max Link Speed')).toBe(2);
    expect(link.field('Root Complex Link Capabilities', 'Maximum Link Width')).toBe(4);
    expect(link.field('Root Complex Link Capabilities', 'ASPM Support')).toBe(3);
    expect(link.field('Root Complex Link Status', 'Negotiated Link Width')).toBe(4);
    expect(link.afterOnes('Root Complex Link Control')).toBe(0x0083);
  });
});

describe('Root Complex Event Collector Endpoint Association', () => {
  it('is 8 bytes in version 1, 0Ch from version 2 on', () => {
    const body = '00 00 03 00 00 34 37 00';
    expect(new Pasted(`07 00 01 00 ${body}`, 'Root Complex Event Collector').length).toBe(8);
    const collector = new Pasted(`07 00 02 00 ${body}`, 'Root Complex Event Collector');
    expect(collector.length).toBe(0x0c);
    expect(collector.value('RCEC Association Bitmap')).toBe(0x00030000);
    expect(collector.field('RCEC Associated Bus Numbers', 'RCEC Next Bus')).toBe(0x34);
    expect(collector.field('RCEC Associated Bus Numbers', 'RCEC Last Bus')).toBe(0x37);
  });
});

describe('RCRB Header', () => {
  it('lets CRS be made visible where it can be', () => {
    const body = '86 80 34 3e';
    const able = new Pasted(`0a 00 01 00 ${body} 01 00 00 00 00 00 00 00`);
    expect([able.value('RCRB Vendor ID'), able.value('RCRB Device ID'), able.length]).toEqual([0x8086, 0x3e34, 0x14]);
    expect(able.afterOnes('RCRB Control')).toBe(1);
    expect(new Pasted(`0a 00 01 00 ${body} 00 00 00 00 00 00 00 00`).afterOnes('RCRB Control')).toBe(0);
  });
});

describe('Vendor-Specific Extended Capability', () => {
  it('is as long as it says, and opaque', () => {
    const vsec = new Pasted('0b 00 01 00 02 00 31 01 ef be ad de 78 56 34 12 11 00 00');
    expect(vsec.field('VSEC Header', 'VSEC ID')).toBe(2);
    expect(vsec.field('VSEC Header', 'VSEC Rev')).toBe(1);
    expect(vsec.field('VSEC Header', 'VSEC Length')).toBe(0x13);
    expect(vsec.names(/Registers/)).toHaveLength(3);
    expect(vsec.afterOnes('VSEC Registers 0')).toBe(0xdeadbeef);
  });

  it('has no registers where the length ends with the header, or before', () => {
    for (const length of ['80 00', '00 00']) expect(new Pasted(`0b 00 01 00 02 00 ${length}`).length).toBe(8);
  });
});

describe('what is withdrawn or not public', () => {
  it('Configuration Access Correlation has one register, read-only', () => {
    expect(new Pasted('0c 00 01 00 78 56 34 12').afterOnes('CAC Device Correlation')).toBe(0x12345678);
  });

  it('Multi-Root I/O Virtualization has a name only; its bytes stay', () => {
    const multiRoot = new Pasted('11 00 01 00 78 56 34 12');
    expect([multiRoot.name, multiRoot.registers]).toEqual(['Multi-Root I/O Virtualization', []]);
    multiRoot.arena.write(0, AT + 4, 4, 0);
    expect(multiRoot.arena.u32(0, AT + 4)).toBe(0x12345678);
  });

  it('14h is reserved: no table', () => {
    expect(structures.filter(({ extendedCapabilityId }) => extendedCapabilityId === 0x14)).toEqual([]);
  });
});

describe('Alternative Routing-ID Interpretation', () => {
  it('enables the function groups that it has', () => {
    const ari = new Pasted('0e 00 01 00 02 03 00 00');
    expect(ari.field('ARI Capability', 'Next Function Number')).toBe(3);
    expect([ari.afterOnes('ARI Control'), ari.length]).toEqual([0x0072, 8]);
    expect(new Pasted('0e 00 01 00 01 03 00 00').afterOnes('ARI Control')).toBe(0x0071);
  });
});

describe('Address Translation Services', () => {
  it('has its enable bit and the smallest unit writable', () => {
    const ats = new Pasted('0f 00 01 00 e3 00 05 80');
    expect(ats.field('ATS Capability', 'Invalidate Queue Depth')).toBe(3);
    expect(ats.field('ATS Capability', 'Global Invalidate Supported')).toBe(1);
    expect(ats.field('ATS Control', 'Smallest Translation Unit')).toBe(5);
    expect(ats.field('ATS Control', 'ATS Enable')).toBe(1);
    expect([ats.afterOnes('ATS Control'), ats.length]).toEqual([0x801f, 8]);
  });
});

describe('Single Root I/O Virtualization', () => {
  const rest = `00 00 00 00 08 00 08 00 08 00 00 00 80 00 02 00 00 00 ca 10
                53 05 00 00 01 00 00 00 0c 00 00 fe ${zeros(24)}`;

  it('is 40h bytes', () => {
    const iov = new Pasted(`10 00 01 00 06 00 00 00 ${rest}`);
    expect(iov.length).toBe(0x40);
    expect([iov.value('TotalVFs'), iov.value('NumVFs'), iov.value('VF Stride')]).toEqual([8, 8, 2]);
    expect([iov.value('First VF Offset'), iov.value('VF Device ID')]).toEqual([0x80, 0x10ca]);
    expect(iov.value('Supported Page Sizes')).toBe(0x553);
    expect(iov.value('VF BAR 0')).toBe(0xfe00000c);
  });

  it('offers only what its capability bits say', () => {
    expect(new Pasted(`10 00 01 00 00 00 00 00 ${rest}`).afterOnes('SR-IOV Control')).toBe(0x0019);
    expect(new Pasted(`10 00 01 00 01 00 00 00 ${rest}`).afterOnes('SR-IOV Control')).toBe(0x001f);
    expect(new Pasted(`10 00 01 00 0c 00 00 00 ${rest}`).afterOnes('SR-IOV Control')).toBe(0x0079);
  });

  it('clears a migration status by writing 1, and NumVFs and the page size in a reset', () => {
    const iov = new Pasted(`10 00 01 00 01 00 00 00 00 00 01 00 ${rest.slice(12)}`);
    iov.write('SR-IOV Status', 0);
    expect(iov.value('SR-IOV Status')).toBe(1);
    expect(iov.afterOnes('SR-IOV Status')).toBe(0);
    expect([iov.afterOnes('NumVFs'), iov.afterOnes('TotalVFs')]).toEqual([0xffff, 8]);
    iov.write('System Page Size', 0x10);
    iov.arena.reset(0, 'hot');
    expect([iov.value('NumVFs'), iov.value('System Page Size')]).toEqual([0, 1]);
  });
});

describe('Multicast', () => {
  const hex = `12 00 01 00 3f 01 05 80 0c f0 ff fe${zeros(28)} 06 00 00 a0`;

  it('is 28h bytes in an endpoint, 30h in a port', () => {
    expect(new Pasted(hex).length).toBe(0x28);
    const port = new Pasted(hex, 'Switch Upstream Port');
    expect(port.length).toBe(0x30);
    expect(port.field('MC_Overlay_BAR Lower', 'MC_Overlay_Size')).toBe(6);
    expect(port.afterOnes('MC_Overlay_BAR Lower')).toBe(0xffffffff);
  });

  it('has its window and vectors writable', () => {
    const multicast = new Pasted(hex);
    expect(multicast.field('Multicast Capability', 'MC_Window_Size_Requested')).toBe(1);
    expect(multicast.field('Multicast Control', 'MC_Num_Group')).toBe(5);
    expect(multicast.field('MC_Base_Address Lower', 'MC_Index_Position')).toBe(0x0c);
    expect(multicast.afterOnes('Multicast Control')).toBe(0x803f);
    expect(multicast.afterOnes('MC_Base_Address Lower')).toBe(0xfffff03f);
    expect(multicast.afterOnes('MC_Block_Untranslated Upper')).toBe(0xffffffff);
  });
});

describe('Page Request Interface', () => {
  it('clears its errors by writing 1, and its Reset bit reads 0', () => {
    const pri = new Pasted('13 00 01 00 00 00 03 81 00 02 00 00 00 00 00 00');
    expect(pri.field('Page Request Status', 'Stopped')).toBe(1);
    expect(pri.value('Outstanding Page Request Capacity')).toBe(0x200);
    expect(pri.length).toBe(0x10);
    expect(pri.afterOnes('Page Request Control')).toBe(0x0001);
    pri.write('Page Request Status', 0x0001);
    expect(pri.value('Page Request Status')).toBe(0x8102);
    expect(pri.afterOnes('Outstanding Page Request Allocation')).toBe(0xffffffff);
    expect(pri.afterOnes('Outstanding Page Request Capacity')).toBe(0x200);
  });
});

describe('Resizable BAR', () => {
  it('has 8 bytes for each BAR', () => {
    const bars = new Pasted(`15 00 01 00 00 03 00 00 44 04 00 00 f0 ff 0f 00 02 08 01 00`);
    expect(bars.length).toBe(4 + 8 * 2);
    expect(bars.field('Resizable BAR Control 0', 'BAR Index')).toBe(4);
    expect(bars.field('Resizable BAR Control 0', 'Number of Resizable BARs')).toBe(2);
    expect(bars.field('Resizable BAR Capability 0', 'Supported BAR Sizes')).toBe(0x30);
    expect(bars.field('Resizable BAR Control 1', 'BAR Index')).toBe(2);
    expect(bars.field('Resizable BAR Control 1', 'Supported BAR Sizes Upper')).toBe(1);
    // 3Fh is no size that it lists.
    expect(bars.afterOnes('Resizable BAR Control 1')).toBe(0x00010802);
  });

  it('has one to six of them', () => {
    const length = (count: number) =>
      new Pasted(`15 00 01 00 00 00 00 00 ${(count * 32).toString(16)} 00 00 00`).length;
    expect([1, 2, 3, 4, 5, 6].map(length)).toEqual([12, 20, 28, 36, 44, 52]);
  });
});

describe('Dynamic Power Allocation', () => {
  it('has a byte for each substate', () => {
    const power = new Pasted('16 00 01 00 02 11 14 64 04 00 00 00 01 01 00 00 0a 08 05');
    expect(power.length).toBe(0x13);
    expect([0, 1, 2].map((n) => power.value(`DPA Power Allocation ${n}`))).toEqual([10, 8, 5]);
    expect(power.field('DPA Capability', 'Transition Latency Unit')).toBe(1);
    expect(power.field('DPA Capability', 'Power Allocation Scale')).toBe(1);
    expect(power.field('DPA Capability', 'Transition Latency Value 1')).toBe(100);
    expect(power.afterOnes('DPA Control')).toBe(0x1f);
    expect(power.afterOnes('DPA Status')).toBe(0x0001);
    power.arena.reset(0, 'hot');
    expect(power.field('DPA Status', 'Substate Control Enabled')).toBe(1);
  });
});

describe('TPH Requester', () => {
  const hex = (low: string, location: string) => `17 00 01 00 ${low} ${location} 03 00 00 00 00 00 11 22 33 44`;

  it('has a table only where it says that it is here', () => {
    expect(new Pasted(hex('07', '02')).length).toBe(0x0c + 2 * 4);
    expect(new Pasted(hex('07', '02')).field('TPH ST Table 1', 'ST Lower')).toBe(0x33);
    expect(new Pasted(hex('07', '00')).length).toBe(0x0c);
    expect(new Pasted(hex('07', '04')).length).toBe(0x0c);
  });

  it('has the upper byte of an entry writable where it is an extended requester', () => {
    expect(new Pasted(hex('07', '02')).afterOnes('TPH ST Table 0')).toBe(0x22ff);
    expect(new Pasted(hex('07', '03')).afterOnes('TPH ST Table 3')).toBe(0xffff);
    expect(new Pasted(hex('07', '03')).afterOnes('TPH Requester Control')).toBe(0x0307);
  });
});

describe('Latency Tolerance Reporting', () => {
  it('has value and scale', () => {
    const ltr = new Pasted('18 00 01 00 03 10 fa 08');
    expect(ltr.field('Max Snoop Latency', 'Max Snoop LatencyScale')).toBe(4);
    expect(ltr.field('Max No-Snoop Latency', 'Max No-Snoop LatencyValue')).toBe(0x0fa);
    expect([ltr.afterOnes('Max Snoop Latency'), ltr.length]).toEqual([0x1fff, 8]);
  });
});

describe('Protocol Multiplexing', () => {
  it('has four bytes for each protocol', () => {
    const pmux = new Pasted('1a 00 01 00 02 0c 00 00 01 02 00 00 00 02 00 00 34 12 78 56 01 00 02 00');
    expect(pmux.length).toBe(0x18);
    expect(pmux.field('PMUX Capability', 'PMUX Supported Link Speeds')).toBe(0x0c);
    expect(pmux.field('PMUX Control', 'PMUX Channel 1 Assignment')).toBe(2);
    expect(pmux.field('PMUX Status', 'PMUX Channel 1 Disabled: Link Width')).toBe(1);
    expect(pmux.field('PMUX Protocol 0', 'Authority ID')).toBe(0x5678);
    expect(pmux.field('PMUX Protocol 1', 'Protocol ID')).toBe(1);
    expect(pmux.afterOnes('PMUX Control')).toBe(0x3f3f3f3f);
  });
});

describe('Process Address Space ID', () => {
  it('enables what it supports', () => {
    const pasid = new Pasted('1b 00 01 00 04 14 05 00');
    expect(pasid.field('PASID Capability', 'Max PASID Width')).toBe(20);
    expect(pasid.field('PASID Control', 'Privileged Mode Enable')).toBe(1);
    expect([pasid.afterOnes('PASID Control'), pasid.length]).toEqual([0x0005, 8]);
    expect(new Pasted('1b 00 01 00 0e 14 00 00').afterOnes('PASID Control')).toBe(0x000f);
  });
});

describe('Downstream Port Containment', () => {
  const dpc = (low: string, high: string, express = {}) =>
    new Pasted(`1d 00 01 00 ${low} ${high} 00 00`, 'Root Port', express);

  it('is as long as the extensions and the log size make it', () => {
    const lengths = (sizes: readonly string[]) => sizes.map((size) => dpc('20', size).length);
    expect(dpc('00', '00').length).toBe(0x0c);
    expect(dpc('00', '05').length).toBe(0x0c);
    expect(lengths(['00', '04', '05', '06', '09', '0f'])).toEqual([0x30, 0x30, 0x34, 0x38, 0x44, 0x5c]);
    // PCIe 6.0: a fifth bit.
    expect(lengths(['20', '24', '2f'])).toEqual([0x60, 0x70, 0x9c]);
    expect(dpc('20', '06').names(/ImpSpec|Prefix/)).toEqual(['RP PIO ImpSpec Log', 'RP PIO TLP Prefix Log 0']);
  });

  it('has enable bits by what it supports; a trigger reads 0', () => {
    expect(dpc('00', '00').afterOnes('DPC Control')).toBe(0x001f);
    expect(dpc('c0', '10').afterOnes('DPC Control')).toBe(0x00bf);
  });

  it('signals to system firmware where Device Capabilities has the subclass of ERR_COR', () => {
    const port = dpc('00', '00', { 4: 0x00010000 });
    expect(port.afterOnes('DPC Control')).toBe(0x011f);
    port.arena.setBits(0, AT + 0x08, 4, 0x2000);
    port.write('DPC Status', 0x2000);
    expect(port.value('DPC Status')).toBe(0);
    port.arena.reset(0, 'fundamental');
    expect(port.value('DPC Status')).toBe(0);
  });

  it('masks all root port errors after power-on, and keeps mask and status over a hot reset', () => {
    const port = dpc('20', '05');
    port.arena.reset(0, 'fundamental');
    expect(port.value('RP PIO Mask')).toBe(0x00070707);
    expect(port.field('DPC Status', 'RP PIO First Error Pointer')).toBe(0x1f);
    for (const name of ['RP PIO Mask', 'RP PIO Severity', 'RP PIO SysError', 'RP PIO Exception'])
      expect(port.afterOnes(name)).toBe(0x00070707);
    port.arena.setBits(0, AT + 0x0c, 4, 0x00010004);
    port.arena.setBits(0, AT + 0x30, 4, 0x1234);
    port.write('RP PIO Mask', 0x00000100);
    port.arena.reset(0, 'hot');
    expect([port.value('RP PIO Mask'), port.value('RP PIO Status'), port.value('RP PIO ImpSpec Log')]).toEqual([
      0x100, 0x00010004, 0x1234,
    ]);
    port.write('RP PIO Status', 4);
    expect(port.value('RP PIO Status')).toBe(0x00010000);
    port.arena.reset(0, 'fundamental');
    expect([port.value('RP PIO Status'), port.value('RP PIO ImpSpec Log')]).toEqual([0, 0]);
  });
});

describe('Advanced Error Reporting', () => {
  const aer = (control: string, portType: PortType = 'PCI Express Endpoint', express = {}) =>
    new Pasted(`01 00 03 00${zeros(20)} ${control}${zeros(0x48)}`, portType, express);
  /** Device Capabilities 2: End-End TLP Prefix Supported. */
  const prefixes = { 36: 0x00200000 };

  it('is 2Ch bytes, 38h with root registers, longer with a prefix or a flit-mode header log', () => {
    expect(aer('a0 02 00 00').length).toBe(0x2c);
    expect(aer('a0 02 00 00', 'Root Port').length).toBe(0x38);
    expect(aer('a0 02 00 00', 'PCI Express Endpoint', prefixes).length).toBe(0x48);
    expect(aer('a0 02 00 00', 'Root Port', prefixes).names(/Prefix/)).toEqual(
      [0, 1, 2, 3].map((n) => `TLP Prefix Log ${n}`),
    );
    // Header Log Size 4: the four of old. 14: ten more.
    expect(aer('a0 82 00 00').length).toBe(0x2c);
    expect(aer('a0 c2 01 00').length).toBe(0x60);
    expect(aer('a0 c2 01 00', 'PCI Express Endpoint', prefixes).length).toBe(0x60);
  });

  it('names what a flit-mode log is', () => {
    const flit = aer('1c c0 75 00');
    const control = 'Advanced Error Capabilities and Control';
    expect(flit.field(control, 'First Error Pointer')).toBe(0x1c);
    expect(flit.field(control, 'Header Log Size')).toBe(14);
    expect(flit.field(control, 'Logged TLP was Flit Mode')).toBe(1);
    expect(flit.field(control, 'Logged TLP Size')).toBe(14);
  });

  it('has bits 27 to 31 sticky as the others', () => {
    const function0 = aer('a0 00 00 00');
    function0.arena.setBits(0, AT + 4, 4, 0xf8000000);
    expect(function0.field('Uncorrectable Error Status', 'IDE Check Failed')).toBe(1);
    function0.arena.reset(0, 'hot');
    expect(function0.value('Uncorrectable Error Status')).toBe(0xf8000000);
    function0.write('Uncorrectable Error Status', 0x10000000);
    expect(function0.value('Uncorrectable Error Status')).toBe(0xe8000000);
    expect(function0.afterOnes('Uncorrectable Error Mask')).toBe(0xfffff010);
    function0.arena.reset(0, 'fundamental');
    expect(function0.value('Uncorrectable Error Mask')).toBe(0x04400000);
    expect(function0.value('Uncorrectable Error Severity')).toBe(0x00462010);
  });

  it('knows Surprise Down in a port that can report it', () => {
    const capable = { 12: 0x00080000 };
    const mask = (port: PortType, express = {}) =>
      aer('00 00 00 00', port, express).afterOnes('Uncorrectable Error Mask');
    expect([mask('Root Port', capable), mask('Root Port'), mask('PCI Express Endpoint', capable)]).toEqual([
      0xfffff030, 0xfffff010, 0xfffff010,
    ]);
  });

  it('hands ERR_COR messages to system firmware only where it can', () => {
    expect(aer('00 00 00 00', 'Root Port').afterOnes('Root Error Command')).toBe(0x07);
    expect(aer('00 00 00 01', 'Root Port').afterOnes('Root Error Command')).toBe(0x3f);
    const port = aer('00 00 00 01', 'Root Port');
    port.arena.setBits(0, AT + 0x30, 4, 0xffffffff);
    expect(port.afterOnes('Root Error Status')).toBe(0xfffff980);
  });
});

describe('Access Control Services', () => {
  const acs = (low: string, size: string) => new Pasted(`0d 00 01 00 ${low} ${size} 00 00`, 'Root Port');

  it('has a vector of as many DWORDs as its bits need, where it has egress control', () => {
    const lengths = ['01', '20', '21', 'ff', '00'].map((size) => acs('3f', size).length);
    expect(lengths).toEqual([0x0c, 0x0c, 0x10, 0x28, 0x28]);
    expect(acs('1f', '20').length).toBe(8);
    expect(acs('3f', '08').afterOnes('ACS Egress Control Vector 0')).toBe(0xffffffff);
  });
});
