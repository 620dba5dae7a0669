/** What a function does to itself when certain fields are written: the behaviours that no mask says. */
import { describe, expect, it } from 'vitest';
import { ConfigArena } from '../../src/config/arena.ts';
import { capability, type PlacedCapability, type0Function, type1Function } from '../../src/config/builder.ts';
import type { DataObjectProtocol } from '../../src/config/data-object-mailbox.ts';
import {
  AdvancedErrorReporting,
  AdvancedFeaturesCapability,
  DataObjectExchange,
  MsiCapability,
  PciExpressCapability,
  PowerManagementCapability,
  ResizableBar,
  SingleRootIoVirtualization,
  VfResizableBar,
  VirtualChannel,
  VitalProductDataCapability,
} from '../../src/spec/index.ts';

const FLR_CAPABLE = 0x10008000;

const express = (values: Record<string, number> = {}) =>
  capability(PciExpressCapability, 0x80, { 'Device Capabilities': FLR_CAPABLE, ...values });

function endpoint(capabilities: readonly PlacedCapability[], barSizes: Record<number, number> = {}) {
  return type0Function({
    bdf: '01:00.0',
    header: { 'Vendor ID': 0x1234, 'Device ID': 1, 'Base Address Register 0': 0x0000000c },
    barSizes: { 0: 0x10000, ...barSizes },
    capabilities,
  });
}

const arenaOf = (...capabilities: readonly PlacedCapability[]) => new ConfigArena([endpoint(capabilities)]);

describe('Function Level Reset', () => {
  it('resets what is neither sticky nor of the link, and reads 0', () => {
    const arena = arenaOf(
      express(),
      capability(AdvancedErrorReporting, 0x100, {}),
      capability(VirtualChannel, 0x200, {}),
    );
    arena.write(0, 0x04, 2, 0x0546);
    arena.write(0, 0x10, 4, 0xabcd0000);
    arena.write(0, 0x88, 2, 0x203f);
    arena.write(0, 0x90, 2, 0x00c3);
    arena.write(0, 0x108, 4, 0x00100000);
    arena.setBits(0, 0x104, 4, 0x00100000);
    arena.write(0, 0x88, 2, 0x8000 | arena.read(0, 0x88, 2));
    expect(arena.read(0, 0x04, 2)).toBe(0);
    expect(arena.read(0, 0x10, 4)).toBe(0x0000000c);
    // Max_Payload_Size stays; the rest has its reset values.
    expect(arena.read(0, 0x88, 2)).toBe(0x2830);
    expect(arena.read(0, 0x90, 2)).toBe(0x00c3);
    expect(arena.read(0, 0x104, 4)).toBe(0x00100000);
    expect(arena.read(0, 0x108, 4)).toBe(0x00100000);
    expect(arena.read(0, 0x00, 4)).toBe(0x00011234);
  });

  it('is nothing without the capability, nor in a bridge to PCI, where the bit is another', () => {
    const plain = arenaOf(express({ 'Device Capabilities': 0x8000 }));
    plain.write(0, 0x04, 2, 0x0006);
    plain.write(0, 0x88, 2, 0x8000);
    expect(plain.read(0, 0x04, 2)).toBe(0x0006);
    expect(plain.read(0, 0x88, 2)).toBe(0);
    const bridge = new ConfigArena([
      type1Function({
        bdf: '01:00.0',
        header: { 'Vendor ID': 0x1234 },
        capabilities: [express({ 'PCI Express Capabilities': 0x72 })],
      }),
    ]);
    bridge.write(0, 0x04, 2, 0x0006);
    bridge.write(0, 0x88, 2, 0x8000);
    expect(bridge.read(0, 0x04, 2)).toBe(0x0006);
    expect(bridge.read(0, 0x88, 2)).toBe(0x8000);
  });

  it('comes from Advanced Features as well', () => {
    const arena = arenaOf(capability(AdvancedFeaturesCapability, 0x40, { 'AF Capabilities': 3 }));
    arena.write(0, 0x04, 2, 0x0006);
    arena.write(0, 0x44, 1, 0);
    expect(arena.read(0, 0x04, 2)).toBe(0x0006);
    arena.write(0, 0x44, 1, 1);
    expect(arena.read(0, 0x04, 2)).toBe(0);
    expect(arena.read(0, 0x44, 1)).toBe(0);
  });

  it('needs the byte to be enabled', () => {
    const arena = arenaOf(express());
    arena.write(0, 0x04, 2, 0x0006);
    arena.writeDw(0, 0x88, 0x8000, 0b1101);
    expect(arena.read(0, 0x04, 2)).toBe(0x0006);
    arena.writeDw(0, 0x88, 0x8000, 0b0010);
    expect(arena.read(0, 0x04, 2)).toBe(0);
  });
});

describe('PowerState', () => {
  const power = (noSoftReset: number) =>
    arenaOf(
      capability(PowerManagementCapability, 0x40, {
        'Power Management Capabilities': 0xc803,
        'Power Management Control/Status': noSoftReset,
      }),
    );

  it('resets on the way from D3hot to D0 without No_Soft_Reset, but for what is sticky', () => {
    const arena = power(0);
    arena.write(0, 0x04, 2, 0x0006);
    arena.write(0, 0x44, 2, 0x0103);
    expect(arena.read(0, 0x04, 2)).toBe(0x0006);
    arena.write(0, 0x44, 2, 0x0100);
    expect(arena.read(0, 0x04, 2)).toBe(0);
    expect(arena.read(0, 0x44, 2)).toBe(0x0100);
  });

  it('keeps everything with No_Soft_Reset', () => {
    const arena = power(8);
    arena.write(0, 0x04, 2, 0x0006);
    arena.write(0, 0x44, 2, 3);
    arena.write(0, 0x44, 2, 0);
    expect(arena.read(0, 0x04, 2)).toBe(0x0006);
  });

  it('keeps the old state where D1 and D2 are not there', () => {
    const arena = power(0);
    for (const state of [1, 2]) {
      arena.write(0, 0x44, 2, state);
      expect(arena.read(0, 0x44, 2)).toBe(0);
    }
  });
});

describe('Resizable BAR', () => {
  // BAR 0: 1 MiB to 16 MiB (sizes 0 to 4), now 1 MiB.
  const resizable = () =>
    arenaOf(
      express(),
      capability(ResizableBar, 0x100, { 'Resizable BAR Capability 0': 0x1f0, 'Resizable BAR Control 0': 0x0020 }),
    );
  const sizing = (arena: ConfigArena) => {
    arena.write(0, 0x10, 4, 0xffffffff);
    return arena.read(0, 0x10, 4);
  };

  it('says how large the BAR is, whatever else is said', () => {
    expect(sizing(resizable())).toBe(0xfff0000c);
  });

  it('resizes the BAR, whose lost address bits read 0', () => {
    const arena = resizable();
    arena.write(0, 0x10, 4, 0xe0300000);
    arena.write(0, 0x108, 4, 0x0320);
    expect(arena.read(0, 0x108, 4)).toBe(0x0320);
    expect(arena.read(0, 0x10, 4)).toBe(0xe000000c);
    expect(sizing(arena)).toBe(0xff80000c);
    expect(arena.layout[0]!.bars[0]!.sizeLog2).toBe(23);
    arena.write(0, 0x109, 1, 0);
    expect(sizing(arena)).toBe(0xfff0000c);
  });

  it('keeps its size when one is asked for that it lacks', () => {
    const arena = resizable();
    arena.write(0, 0x108, 4, 0x0520);
    expect(arena.read(0, 0x108, 4)).toBe(0x0020);
    expect(sizing(arena)).toBe(0xfff0000c);
  });

  it('has after a reset the size that it began with, which it supports', () => {
    const arena = arenaOf(
      express(),
      capability(ResizableBar, 0x100, { 'Resizable BAR Capability 0': 0x1ff000, 'Resizable BAR Control 0': 0x0920 }),
    );
    arena.write(0, 0x108, 4, 0x0a20);
    arena.reset(0, 'flr');
    expect(arena.read(0, 0x108, 4)).toBe(0x0920);
    expect(arena.layout[0]!.bars[0]!.sizeLog2).toBe(29);
  });

  it('restores every byte, of a BAR too whose address does not fit its size', () => {
    const image = endpoint([
      express(),
      capability(ResizableBar, 0x100, { 'Resizable BAR Capability 0': 0x1f0, 'Resizable BAR Control 0': 0x0420 }),
    ]);
    image.bytes[0x12] = 0x30;
    const arena = new ConfigArena([image]);
    const before = arena.bytes.slice();
    arena.write(0, 0x108, 4, 0x0020);
    arena.restore(before);
    expect(Buffer.from(arena.bytes).equals(Buffer.from(before))).toBe(true);
  });

  it('goes back to its first size on a reset, and with a checkpoint', () => {
    const arena = resizable();
    arena.write(0, 0x108, 4, 0x0420);
    const large = arena.bytes.slice();
    arena.reset(0, 'hot');
    expect(arena.read(0, 0x108, 4)).toBe(0x0020);
    expect(sizing(arena)).toBe(0xfff0000c);
    arena.restore(large);
    expect(sizing(arena)).toBe(0xff00000c);
  });
});

describe('VF BARs', () => {
  const arena = () =>
    arenaOf(
      express(),
      capability(SingleRootIoVirtualization, 0x100, {
        'SR-IOV Control': 0,
        TotalVFs: 8,
        InitialVFs: 8,
        'Supported Page Sizes': 0x553,
        'VF BAR 0': 0xc,
      }),
      capability(VfResizableBar, 0x200, {
        'VF Resizable BAR Capability 0': 0x70,
        'VF Resizable BAR Control 0': 0x0120,
      }),
    );

  it('take their size from VF Resizable BAR', () => {
    const one = arena();
    one.write(0, 0x124, 4, 0xffffffff);
    expect(one.read(0, 0x124, 4)).toBe(0xffe0000c);
    one.write(0, 0x208, 4, 0x0220);
    one.write(0, 0x124, 4, 0xffffffff);
    expect(one.read(0, 0x124, 4)).toBe(0xffc0000c);
  });

  it('are at least a System Page', () => {
    const sriov = { TotalVFs: 8, 'Supported Page Sizes': 0x553, 'VF BAR 0': 4 };
    const one = new ConfigArena([
      endpoint([express(), capability(SingleRootIoVirtualization, 0x100, sriov)], { 7: 0x1000 }),
    ]);
    one.write(0, 0x124, 4, 0xffffffff);
    expect(one.read(0, 0x124, 4)).toBe(0xfffff004);
    one.write(0, 0x120, 4, 0x10);
    expect(one.read(0, 0x124, 4)).toBe(0xffff0004);
  });

  it('leave NumVFs alone while VF Enable is set', () => {
    const one = arena();
    one.write(0, 0x110, 2, 4);
    one.write(0, 0x108, 2, 1);
    one.write(0, 0x110, 2, 2);
    expect(one.read(0, 0x110, 2)).toBe(4);
    one.write(0, 0x108, 2, 0);
    one.write(0, 0x110, 2, 2);
    expect(one.read(0, 0x110, 2)).toBe(2);
  });
});

describe('Vital Product Data', () => {
  const withStore = (vitalProductData?: Uint8Array) =>
    new ConfigArena([
      {
        ...endpoint([capability(VitalProductDataCapability, 0x40, {})]),
        ...(vitalProductData === undefined ? {} : { vitalProductData }),
      },
    ]);

  it('reads and writes one DWORD of its store, and flags when it is done', () => {
    const store = Uint8Array.from({ length: 16 }, (_, i) => i);
    const arena = withStore(store);
    arena.write(0, 0x42, 2, 0x0004);
    expect(arena.read(0, 0x40, 4) >>> 16).toBe(0x8004);
    expect(arena.read(0, 0x44, 4)).toBe(0x07060504);
    arena.write(0, 0x44, 4, 0xddccbbaa);
    arena.write(0, 0x42, 2, 0x8008);
    expect(arena.read(0, 0x40, 4) >>> 16).toBe(0x0008);
    expect([...store.slice(8, 12)]).toEqual([0xaa, 0xbb, 0xcc, 0xdd]);
  });

  it('reads all ones beyond the store, and does nothing for a write of half the address', () => {
    const arena = withStore(Uint8Array.of(1, 2));
    arena.write(0, 0x42, 2, 0);
    expect(arena.read(0, 0x44, 4)).toBe(0xffff0201);
    const unknown = withStore();
    unknown.write(0, 0x42, 1, 0x10);
    expect(unknown.read(0, 0x42, 2)).toBe(0x0010);
    expect(unknown.read(0, 0x44, 4)).toBe(0);
    unknown.write(0, 0x42, 2, 0x0010);
    expect(unknown.read(0, 0x44, 4)).toBe(0xffffffff);
  });
});

describe('Data Object Exchange', () => {
  const CONTROL = 0x108;
  const STATUS = 0x10c;
  const WRITE = 0x110;
  const READ = 0x114;
  const GO = 0x80000000;
  const READY = 0x80000000;

  const twice: DataObjectProtocol = {
    vendorId: 0x1e98,
    type: 2,
    respond: (request) => request.map((dword) => 2 * dword),
  };
  const withMailbox = () =>
    new ConfigArena([
      {
        ...endpoint([express(), capability(DataObjectExchange, 0x100, { 'DOE Capabilities': 1 })]),
        dataObjects: [twice],
      },
    ]);

  function exchange(arena: ConfigArena, ...dwords: number[]): number[] {
    for (const dword of dwords) arena.write(0, WRITE, 4, dword);
    arena.write(0, CONTROL, 4, GO + (arena.read(0, CONTROL, 4) & 2));
    const response: number[] = [];
    while ((arena.read(0, STATUS, 4) & READY) !== 0) {
      response.push(arena.read(0, READ, 4));
      arena.write(0, READ, 4, 0);
    }
    return response;
  }

  it('answers Discovery: itself, then each type, then the end', () => {
    const arena = withMailbox();
    expect(exchange(arena, 0x0001, 3, 0)).toEqual([0x0001, 3, 0x01000001]);
    expect(exchange(arena, 0x0001, 3, 1)).toEqual([0x0001, 3, 0x00021e98]);
    expect(exchange(arena, 0x0001, 3, 2)).toEqual([0x0001, 3, 0xffff]);
  });

  it('answers what the function knows, and drops what it does not or what is cut', () => {
    const arena = withMailbox();
    expect(exchange(arena, 0x00021e98, 4, 5, 6)).toEqual([0x00021e98, 4, 10, 12]);
    expect(exchange(arena, 0x00031e98, 3, 5)).toEqual([]);
    expect(exchange(arena, 0x00021e98, 5, 5, 6)).toEqual([]);
    expect(arena.read(0, STATUS, 4)).toBe(0);
  });

  it('has an error where nothing is there to be read, until DOE Abort', () => {
    const arena = withMailbox();
    arena.write(0, READ, 4, 0);
    expect(arena.read(0, STATUS, 4)).toBe(4);
    arena.write(0, CONTROL, 4, 1);
    expect(arena.read(0, STATUS, 4)).toBe(0);
  });

  it('forgets a request and a response on DOE Abort and on a reset', () => {
    for (const forget of [
      (arena: ConfigArena) => arena.write(0, CONTROL, 4, 1),
      (arena: ConfigArena) => arena.reset(0, 'flr'),
    ]) {
      const arena = withMailbox();
      for (const dword of [0x0001, 3, 0]) arena.write(0, WRITE, 4, dword);
      arena.write(0, CONTROL, 4, GO);
      arena.write(0, WRITE, 4, 0x0001);
      forget(arena);
      expect([arena.read(0, STATUS, 4), arena.read(0, READ, 4)]).toEqual([0, 0]);
      expect(exchange(arena, 0x0001, 3, 0)).toHaveLength(3);
    }
  });

  it('has no data object after a restore', () => {
    const arena = withMailbox();
    for (const dword of [0x0001, 3, 0]) arena.write(0, WRITE, 4, dword);
    arena.write(0, CONTROL, 4, GO);
    const ready = arena.bytes.slice();
    arena.restore(ready);
    expect([arena.read(0, STATUS, 4), arena.read(0, READ, 4)]).toEqual([0, 0]);
    expect(exchange(arena, 0x0001, 3, 0)).toHaveLength(3);
  });

  it('sets its interrupt status where it is enabled, and says so', () => {
    const arena = withMailbox();
    const events: string[] = [];
    arena.onBehaviour = ({ kind }) => events.push(kind);
    exchange(arena, 0x0001, 3, 0);
    expect(events).toEqual([]);
    arena.write(0, CONTROL, 4, 2);
    exchange(arena, 0x0001, 3, 0);
    expect(arena.read(0, STATUS, 4)).toBe(2);
    expect(events).toEqual(['doe-interrupt']);
  });
});

describe('a reset', () => {
  it('leaves no MSI pending', () => {
    const arena = arenaOf(capability(MsiCapability, 0x40, { 'MSI Message Control': 0x0180 }));
    arena.poke(0, 0x54, 4, 1);
    arena.reset(0, 'hot');
    expect(arena.read(0, 0x54, 4)).toBe(0);
  });
});

describe('hot-plug commands', () => {
  const slot = (capabilities: number) =>
    new ConfigArena([
      type1Function({
        bdf: '00:01.0',
        header: { 'Vendor ID': 0x1234 },
        capabilities: [express({ 'PCI Express Capabilities': 0x142, 'Slot Capabilities': capabilities })],
      }),
    ]);
  it.each([
    ['complete at once', 0x40, 0x10],
    ['are not told of with No Command Completed Support', 0x40040, 0],
    ['are none without Hot-Plug Capable', 0, 0],
  ])('%s', (_, capabilities, status) => {
    const arena = slot(capabilities);
    arena.write(0, 0x99, 1, 0x02);
    expect(arena.read(0, 0x9a, 2)).toBe(status);
  });

  it('open and close the interlock, where there is one', () => {
    const arena = slot(0x20000);
    const states = [0x0800, 0x0000, 0x0800, 0x0800].map((value) => {
      arena.write(0, 0x98, 2, value);
      return [arena.read(0, 0x98, 2) & 0x0800, arena.read(0, 0x9a, 2)];
    });
    expect(states).toEqual([
      [0, 0x80],
      [0, 0x80],
      [0, 0x00],
      [0, 0x80],
    ]);
    const without = slot(0);
    without.write(0, 0x98, 2, 0x0800);
    expect(without.read(0, 0x9a, 2)).toBe(0);
  });
});
