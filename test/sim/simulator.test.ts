/** Device models, memory and the CPU: what a TLP carries goes where the fabric says, and nowhere where it is refused. */
import { describe, expect, it } from 'vitest';
import { capability, type0Function } from '../../src/config/builder.ts';
import type { FunctionImage } from '../../src/config/function-image.ts';
import { Fabric } from '../../src/fabric/fabric.ts';
import { HostMemory } from '../../src/fabric/host-memory.ts';
import { MemoryMap } from '../../src/fabric/memory-map.ts';
import { VtdUnit } from '../../src/fabric/vtd/unit.ts';
import { Simulator } from '../../src/sim/simulator.ts';
import { EnhancedAllocationCapability, MsiXCapability, PciExpressCapability } from '../../src/spec/index.ts';
import { EXPRESS, port } from '../generators/functions.ts';

const BAR = 0xf0000000;
const RAM = 0x100000;
const text = (value: string) => new TextEncoder().encode(value);

function withRegister(image: FunctionImage, offset: number, value: number): FunctionImage {
  new DataView(image.bytes.buffer).setUint32(offset, value, true);
  return image;
}

function images({ deviceControl = 0x2810, barSize = 0x4000 } = {}): FunctionImage[] {
  return [
    // Completes AtomicOps of 4 and 8 bytes, and CAS of 16.
    withRegister(port('00:01.0', 'Root Port', 1, 1, { memory: [0xf00, 0xf00] }), EXPRESS + 0x24, 0x380),
    type0Function({
      bdf: '01:00.0',
      header: { 'Vendor ID': 0x1234, Command: 6, 'Base Address Register 0': BAR },
      barSizes: { 0: barSize },
      capabilities: [
        capability(PciExpressCapability, 0x40, {
          'Device Control': deviceControl,
          // AtomicOp Requester Enable.
          'Device Control 2': 0x0040,
        }),
        capability(MsiXCapability, 0x90, {
          'MSI-X Message Control': 0x8001,
          'MSI-X Table': 0x2000,
          'MSI-X PBA': 0x3000,
        }),
      ],
    }),
  ];
}

function machine(options: Parameters<typeof images>[0] = {}) {
  return { sim: new Simulator(images(options)), fn: 1 };
}

/** Keeps the BAR's bytes, and says what was asked. */
class Memory {
  readonly bytes = new Uint8Array(0x4000);
  readonly asked: string[] = [];
  read(bar: number, offset: number, into: Uint8Array) {
    this.asked.push(`read ${bar} ${offset} ${into.length}`);
    into.set(this.bytes.subarray(offset, offset + into.length));
  }
  write(bar: number, offset: number, data: Uint8Array) {
    this.asked.push(`write ${bar} ${offset} ${data.length}`);
    this.bytes.set(data, offset);
  }
  reset(kind: string) {
    this.asked.push(`reset ${kind}`);
  }
}

describe('the CPU', () => {
  it('reads and writes its own memory, and what a device has behind a BAR, byte-exactly', () => {
    const { sim, fn } = machine();
    const model = sim.attach(fn, new Memory());
    sim.cpuWrite(RAM + 0xffd, text('across a page'));
    expect(new TextDecoder().decode(sim.cpuRead(RAM + 0xffd, 13).bytes)).toBe('across a page');
    sim.cpuWrite(BAR + 5, text('abc'));
    expect([...model.bytes.subarray(4, 9)]).toEqual([0, 97, 98, 99, 0]);
    expect(model.asked).toEqual(['write 0 5 3']);
    expect(new TextDecoder().decode(sim.cpuRead(BAR + 6, 2).bytes)).toBe('bc');
  });

  it('reads zeros of a function without a model, and its writes are swallowed', () => {
    const { sim } = machine();
    expect(sim.cpuWrite(BAR, text('x')).outcome).toBe('delivered');
    expect([...sim.cpuRead(BAR, 2).bytes]).toEqual([0, 0]);
  });

  it('is told of a refusal where Memory Space is off', () => {
    const { sim, fn } = machine();
    sim.fabric.arena.poke(fn, 4, 2, 4);
    expect(sim.cpuRead(BAR, 4)).toMatchObject({ outcome: 'unsupported-request', at: fn });
  });
});

describe('a device', () => {
  it('reads and writes host memory, in TLPs as long as Device Control allows', () => {
    const { sim, fn } = machine({ deviceControl: 0x0000 });
    const sent: string[] = [];
    const send = sim.fabric.send.bind(sim.fabric);
    sim.fabric.send = (header, from, options) => {
      sent.push(`${header.type} ${header.addressLo.toString(16)} ${header.lengthDw}`);
      return send(header, from, options);
    };
    const data = Uint8Array.from({ length: 300 }, (_, i) => i);
    const out = sim.port(fn);
    expect(out.write(RAM + 0xf02, data).outcome).toBe('delivered');
    expect(sent).toEqual(['MWr 100f00 32', 'MWr 100f80 32', 'MWr 101000 12']);
    expect(out.read(RAM + 0xf02, 300).bytes).toEqual(data);
  });

  it('uses four DWORDs of header above 4 GiB, and BigInt where a number is not exact', () => {
    const { sim, fn } = machine();
    const far = 0xfedc_ba98_7654_3210n;
    sim.port(fn).write(far, text('far'));
    expect(new TextDecoder().decode(sim.port(fn).read(far, 3).bytes)).toBe('far');
    expect(() => sim.port(fn).read(2n ** 64n - 1n, 2)).toThrow('expected an access within 64 bits');
    expect(() => sim.port(fn).read(0, 0)).toThrow('expected a length above 0, got 0');
  });

  it('is stopped by its own Bus Master Enable and by a bridge, and no byte moves', () => {
    const { sim, fn } = machine();
    sim.fabric.configWrite(0, 0x0008, 4, 2, 3);
    expect(sim.port(fn).write(RAM, text('no'))).toMatchObject({ outcome: 'unsupported-request', at: 0 });
    sim.fabric.configWrite(0, 0x0100, 4, 2, 2);
    expect(sim.port(fn).write(RAM, text('no'))).toMatchObject({ outcome: 'not-sent', at: fn });
    expect([...sim.cpuRead(RAM, 2).bytes]).toEqual([0, 0]);
  });

  it.each([
    ['FetchAdd', [1, 0, 0, 0], [255, 255, 0, 0], [0, 0, 1, 0]],
    ['Swap', [9, 9, 9, 9], [1, 2, 3, 4], [9, 9, 9, 9]],
    ['CAS', [1, 2, 3, 4, 7, 7, 7, 7], [1, 2, 3, 4], [7, 7, 7, 7]],
    ['CAS', [1, 2, 3, 5, 7, 7, 7, 7], [1, 2, 3, 4], [1, 2, 3, 4]],
  ] as const)('%s %j on %j leaves %j', (operation, operand, before, after) => {
    const { sim, fn } = machine();
    sim.cpuWrite(RAM, Uint8Array.from(before));
    const { bytes } = sim.port(fn).atomic(operation, RAM, Uint8Array.from(operand));
    expect([...bytes]).toEqual([...before]);
    expect([...sim.cpuRead(RAM, 4).bytes]).toEqual([...after]);
  });

  it('makes no AtomicOp of another size, nor across its size', () => {
    const { sim, fn } = machine();
    expect(() => sim.port(fn).atomic('Swap', RAM, new Uint8Array(3))).toThrow(
      'expected operands of 4 or 8 bytes, got 3',
    );
    expect(() => sim.port(fn).atomic('Swap', RAM + 4, new Uint8Array(8))).toThrow('its size divides');
  });

  it('has its MSI-X table in BAR memory, where software arms it', () => {
    const { sim, fn } = machine();
    const model = sim.attach(fn, new Memory());
    const messages: string[] = [];
    sim.onMessage = (address, data, from) => messages.push(`${address.toString(16)} ${data} ${from}`);
    const entry = new Uint8Array(Uint32Array.of(0xfee01000, 0, 77, 1).buffer);
    sim.cpuWrite(BAR + 0x2010, entry);
    expect(sim.port(fn).interrupt(1)).toEqual({ kind: 'pending' });
    expect([...sim.cpuRead(BAR + 0x3000, 4).bytes]).toEqual([2, 0, 0, 0]);
    sim.cpuWrite(BAR + 0x201c, new Uint8Array(4));
    expect(messages).toEqual(['fee01000 77 1']);
    expect(sim.cpuRead(BAR + 0x2018, 4).bytes[0]).toBe(77);
    expect(model.asked).toEqual([]);
  });

  it.each(['drop', 'delay', 'malform'] as const)('has nothing of a read whose completion meets a fault: %s', (kind) => {
    const { sim, fn } = machine();
    sim.cpuWrite(RAM, text('data'));
    sim.fabric.inject({ kind, at: 0, of: 'completion' });
    expect(sim.port(fn).read(RAM, 4)).toEqual({ outcome: 'lost', at: -1, bytes: new Uint8Array(4) });
    expect(new TextDecoder().decode(sim.port(fn).read(RAM, 4).bytes)).toBe('data');
  });

  it('that does not answer gives the CPU ones, and loses an AtomicOp', () => {
    const { sim, fn } = machine();
    sim.attach(fn, new Memory());
    sim.fabric.answer(fn, () => 'none');
    expect(sim.cpuRead(BAR, 2)).toEqual({ outcome: 'lost', at: fn, bytes: Uint8Array.of(0xff, 0xff) });
    expect(sim.cpuWrite(BAR, text('x')).outcome).toBe('delivered');
    sim.fabric.inject({ kind: 'drop', at: 0, of: 'completion' });
    expect(sim.port(fn).atomic('FetchAdd', RAM, Uint8Array.of(1, 0, 0, 0)).outcome).toBe('lost');
  });

  it('is told of a reset', () => {
    const { sim, fn } = machine();
    const model = sim.attach(fn, new Memory());
    sim.fabric.configWrite(0, 0x0008, 0x3e, 2, 0x40);
    expect(model.asked).toEqual(['reset hot']);
  });
});

it('finds the BAR that an Enhanced Allocation entry stands for', () => {
  const sim = new Simulator([
    type0Function({
      bdf: '00:05.0',
      header: { 'Vendor ID': 0x177d, Command: 6 },
      capabilities: [
        capability(EnhancedAllocationCapability, 0x40, {
          'EA Capability': 1,
          'EA Entry 0': 0x80000022,
          'EA Entry 0 Base': 0x90001000,
          'EA Entry 0 MaxOffset': 0xffc,
        }),
      ],
    }),
  ]);
  const model = sim.attach(0, new Memory());
  sim.cpuWrite(0x90001010, text('x'));
  expect(model.asked).toEqual(['write 2 16 1']);
});

describe('an IOMMU', () => {
  function remapped() {
    const memory = new HostMemory();
    const put = (address: bigint, value: bigint) =>
      memory.write(address, new Uint8Array(BigUint64Array.of(value).buffer));
    // 01:00.0 by three levels: 5000h to 9000h, read and write; 6000h to a000h, read.
    put(0x10010n, 0x20001n);
    put(0x20000n, 0x30001n);
    put(0x20008n, 1n);
    put(0x30000n, 0x31003n);
    put(0x31000n, 0x32003n);
    put(0x32028n, 0x9003n);
    put(0x32030n, 0xa001n);
    const iommu = new VtdUnit(memory);
    iommu.write64(0x20, 0x10000n);
    iommu.write32(0x18, 0x40000000);
    iommu.write32(0x18, 0x80000000);
    return { sim: new Simulator(new Fabric(images(), { iommu }), memory), iommu };
  }

  it('moves what a device writes, reads and combines, and nothing of what it blocks', () => {
    const { sim, iommu } = remapped();
    const out = sim.port(1);
    expect(out.write(0x5ffd, text('abc'))).toMatchObject({ outcome: 'delivered' });
    expect(new TextDecoder().decode(sim.cpuRead(0x9ffd, 3).bytes)).toBe('abc');
    sim.cpuWrite(0xa000, text('read'));
    expect(new TextDecoder().decode(out.read(0x6000, 4).bytes)).toBe('read');
    expect(out.atomic('FetchAdd', 0x5000, Uint8Array.of(7, 0, 0, 0)).outcome).toBe('delivered');
    expect(sim.cpuRead(0x9000, 1).bytes[0]).toBe(7);
    expect(out.write(0x6000, text('no')).outcome).toBe('iommu-fault');
    expect(new TextDecoder().decode(sim.cpuRead(0xa000, 4).bytes)).toBe('read');
    expect(iommu.faults.pending()).toMatchObject([{ reason: 5, requesterId: 0x0100, address: 0x6000n }]);
  });

  it('a transfer over two pages goes where each is mapped, and ends at the first that is not', () => {
    const { sim } = remapped();
    expect(sim.port(1).read(0x5ff0, 32).outcome).toBe('delivered');
    expect(sim.port(1).write(0x5ff0, new Uint8Array(32).fill(1)).outcome).toBe('iommu-fault');
    expect([sim.cpuRead(0x9fff, 1).bytes[0], sim.cpuRead(0xa000, 1).bytes[0]]).toEqual([1, 0]);
  });
});

describe('a map of memory', () => {
  it('the CPU reads nothing where there is none', () => {
    const memory = new MemoryMap({ ram: [[0, 0x1fffff]] });
    const sim = new Simulator(new Fabric(images(), { memory }));
    expect([sim.cpuWrite(RAM, text('x')).outcome, sim.cpuRead(RAM, 1).bytes[0]]).toEqual(['delivered', 120]);
    expect(sim.cpuRead(0x200000, 4)).toEqual({
      outcome: 'unsupported-request',
      at: -1,
      bytes: new Uint8Array(4).fill(0xff),
    });
    expect(sim.port(1).write(0x200000, text('x'))).toMatchObject({ outcome: 'unsupported-request', at: 0 });
  });
});
