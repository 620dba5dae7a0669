/** MSI and MSI-X: the memory write of a vector, masks, and what is pending behind them. */
import { describe, expect, it } from 'vitest';
import { capability, type PlacedCapability, type0Function } from '../../src/config/builder.ts';
import { Fabric } from '../../src/fabric/fabric.ts';
import {
  DataObjectExchange,
  MsiCapability,
  MsiXCapability,
  PciExpressCapability,
  type TlpTypeName,
} from '../../src/spec/index.ts';
import { port } from '../generators/functions.ts';

const FN = 1;
const ID = 0x0100;

function fabricWith(...capabilities: readonly PlacedCapability[]) {
  const fabric = new Fabric([
    port('00:01.0', 'Root Port', 1, 1),
    type0Function({ bdf: '01:00.0', header: { 'Vendor ID': 0x1234, Command: 6 }, capabilities }),
  ]);
  const sent: { type: TlpTypeName; address: number }[] = [];
  const send = fabric.send.bind(fabric);
  fabric.send = (header, from, options) => {
    if (from === FN) sent.push({ type: header.type, address: header.addressHi * 2 ** 32 + header.addressLo });
    return send(header, from, options);
  };
  return { fabric, sent };
}

/** 64-bit, maskable, eight vectors capable, four allocated. */
const msi = (values: Record<string, number> = {}) =>
  capability(MsiCapability, 0x40, {
    'MSI Message Control': 0x01a7,
    'MSI Message Address': 0xfee01000,
    'MSI Message Data 64': 0x4040,
    ...values,
  });

describe('MSI', () => {
  it('writes its data, with the vector in the low bits, to its address', () => {
    const { fabric } = fabricWith(msi());
    expect(fabric.interrupts.signal(FN, 2)).toMatchObject({
      kind: 'sent',
      data: 0x4042,
      header: { type: 'MWr', requesterId: ID, addressLo: 0xfee01000, lengthDw: 1, firstBe: 15 },
      delivery: { outcome: 'delivered', at: -1 },
    });
    expect(fabric.interrupts.signal(FN, 5)).toMatchObject({ data: 0x4041 });
  });

  it('writes with four DWORDs of header above 4 GiB, and with Extended Message Data', () => {
    const { fabric } = fabricWith(
      msi({
        'MSI Message Control': 0x0781,
        'MSI Message Upper Address': 1,
        'MSI Extended Message Data 64': 0xabcd,
      }),
    );
    expect(fabric.interrupts.signal(FN, 0)).toMatchObject({
      data: 0xabcd4040,
      header: { type: 'MWr64', addressHi: 1 },
    });
  });

  it('is pending while it is masked, and goes out when the mask falls', () => {
    const { fabric, sent } = fabricWith(msi({ 'MSI Mask Bits 64': 0x5 }));
    expect(fabric.interrupts.signal(FN, 2)).toEqual({ kind: 'pending' });
    expect(fabric.interrupts.signal(FN, 1).kind).toBe('sent');
    expect(fabric.configRead(0, ID, 0x54, 4)).toBe(4);
    fabric.configWrite(0, ID, 0x50, 4, 0x4);
    expect(sent).toHaveLength(1);
    fabric.configWrite(0, ID, 0x50, 4, 0);
    expect(sent).toHaveLength(2);
    expect(fabric.configRead(0, ID, 0x54, 4)).toBe(0);
  });

  it('is sent when MSI comes on again, pending since before', () => {
    const { fabric, sent } = fabricWith(msi({ 'MSI Mask Bits 64': 0x4 }));
    fabric.interrupts.signal(FN, 2);
    fabric.configWrite(0, ID, 0x42, 2, 0x01a6);
    fabric.configWrite(0, ID, 0x50, 4, 0);
    expect(sent).toHaveLength(0);
    fabric.configWrite(0, ID, 0x42, 2, 0x01a7);
    expect([sent.length, fabric.configRead(0, ID, 0x54, 4)]).toEqual([1, 0]);
  });

  it('has vectors that are whole numbers', () => {
    const { fabric } = fabricWith(msi());
    for (const vector of [-1, 1.5]) expect(() => fabric.interrupts.signal(FN, vector)).toThrow("a vector's number");
    expect(() => fabric.interrupts.signal(7, 0)).toThrow('expected a function index');
  });

  it('is nothing while it is off, and does not get out without Bus Master Enable', () => {
    const { fabric } = fabricWith(msi());
    fabric.configWrite(0, ID, 4, 2, 2);
    expect(fabric.interrupts.signal(FN, 0)).toMatchObject({ kind: 'sent', delivery: { outcome: 'not-sent' } });
    fabric.configWrite(0, ID, 4, 2, 6);
    fabric.configWrite(0, 0x0008, 4, 2, 3);
    expect(fabric.interrupts.signal(FN, 0)).toMatchObject({ delivery: { outcome: 'unsupported-request', at: 0 } });
    fabric.configWrite(0, ID, 0x42, 2, 0);
    expect(fabric.interrupts.signal(FN, 0)).toEqual({ kind: 'disabled' });
  });
});

describe('MSI-X', () => {
  const msiX = (control = 0x8003) => capability(MsiXCapability, 0x60, { 'MSI-X Message Control': control });
  const armed = (control?: number) => {
    const machine = fabricWith(msiX(control));
    const table = machine.fabric.interrupts.table(FN)!;
    [0xfee02000, 0, 0x77, 0].forEach((value, i) => {
      table.write(16 + 4 * i, value);
    });
    return { ...machine, table };
  };

  it('has as many entries as Table Size says, all masked at first', () => {
    const { fabric } = fabricWith(msiX());
    const table = fabric.interrupts.table(FN)!;
    expect([table.size, table.read(0x0c), table.read(0x3c)]).toEqual([4, 1, 1]);
    expect(() => table.read(0x40)).toThrow('MSI-X table: expected a DWORD of 64 bytes, got 64');
    expect(fabric.interrupts.table(0)).toBeUndefined();
  });

  it('sends what its entry says', () => {
    const { fabric } = armed();
    expect(fabric.interrupts.signal(FN, 1)).toMatchObject({
      kind: 'sent',
      data: 0x77,
      header: { addressLo: 0xfee02000, requesterId: ID },
    });
    expect(() => fabric.interrupts.signal(FN, 4)).toThrow('01:00.0: expected an MSI-X vector in [0, 4), got 4');
  });

  it('is pending behind its own mask and behind Function Mask', () => {
    const { fabric, sent, table } = armed();
    expect(fabric.interrupts.signal(FN, 0)).toEqual({ kind: 'pending' });
    expect(table.readPending(0)).toBe(1);
    table.write(0x0c, 0);
    expect([sent.length, table.readPending(0)]).toEqual([1, 0]);
    fabric.configWrite(0, ID, 0x62, 2, 0xc000);
    expect(fabric.interrupts.signal(FN, 1)).toEqual({ kind: 'pending' });
    fabric.configWrite(0, ID, 0x62, 2, 0x8000);
    expect([sent.length, table.readPending(0)]).toEqual([2, 0]);
  });

  it('keeps reserved bits at 0, and forgets its table in a reset', () => {
    const { fabric, table } = armed();
    table.write(0x10, 0xffffffff);
    table.write(0x1c, 0xfffffffe);
    expect([table.read(0x10), table.read(0x1c)]).toEqual([0xfffffffc, 0]);
    fabric.arena.reset(FN, 'hot');
    expect([table.read(0x10), table.read(0x1c)]).toEqual([0, 1]);
  });

  it('goes before MSI', () => {
    const { fabric, sent } = fabricWith(msi(), msiX());
    expect(fabric.interrupts.signal(FN, 0)).toEqual({ kind: 'pending' });
    expect(sent).toEqual([]);
  });
});

it('a DOE mailbox with its interrupt on sends it', () => {
  const { fabric, sent } = fabricWith(
    capability(PciExpressCapability, 0x80, {}),
    msi(),
    capability(DataObjectExchange, 0x100, { 'DOE Capabilities': 0x7, 'DOE Control': 2 }),
  );
  for (const dword of [1, 3, 0]) fabric.configWrite(0, ID, 0x110, 4, dword);
  fabric.configWrite(0, ID, 0x108, 4, 0x80000002);
  expect(sent).toEqual([{ type: 'MWr', address: 0xfee01000 }]);
});
