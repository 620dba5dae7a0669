/** An IOMMU at the root complex: what comes up is judged by the address that it gives. */
import { describe, expect, it } from 'vitest';
import { HOST } from '../../src/fabric/exact-router.ts';
import type { Hop } from '../../src/fabric/hop.ts';
import { MemoryMap } from '../../src/fabric/memory-map.ts';
import type { RoutingOptions } from '../../src/fabric/routing-options.ts';
import { NONE } from '../../src/fabric/topology.ts';
import type { VtdOptions } from '../../src/fabric/vtd/unit.ts';
import { memoryRead, memoryWrite, tlpHeader } from '../../src/tlp/header.ts';
import { machine } from './machine.ts';
import { Tables } from './vtd-tables.ts';

const MASTER_ABORT = 0x2000;
const TARGET_ABORT = 0x1000;

/** 06:00.0 has 5000h at 9000h, 6000h at the BAR of 03:00.0, 7000h in a hole, and the address of the interrupt range. */
function remapped(options: VtdOptions = {}, routing: RoutingOptions = {}) {
  const tables = new Tables();
  const top = tables.context({ id: 0x0600 });
  tables.map(top, 4, 0x5000n, 0x9003n);
  tables.map(top, 4, 0x6000n, 0xf000_0003n);
  tables.map(top, 4, 0x7000n, 0xe000_0003n);
  const unit = tables.unit(options);
  const memory = new MemoryMap({ ram: [[0, 0xdfff_ffff]] });
  return { ...machine({}, { iommu: unit, memory, ...routing }), unit };
}

describe('a memory request from below', () => {
  it('goes on to the address of the tables, and a hop says so', () => {
    const { fabric, fn } = remapped();
    const hops: Hop[] = [];
    const delivery = fabric.send(memoryWrite(0x0600, 0, 0x5008), fn.ep2, { trace: hops });
    expect(delivery).toMatchObject({
      outcome: 'delivered',
      at: NONE,
      remapped: { way: 'passes', addressHi: 0, addressLo: 0x9008 },
    });
    expect(hops.slice(-2)).toEqual([
      { fn: NONE, action: 'translate', rule: 'second-stage tables map the page: on to 0x9008', spec: 'VT-d 5.1 §3.7' },
      { fn: NONE, action: 'deliver', rule: 'host memory', spec: 'PCIe 5.0 §1.3.1' },
    ]);
  });

  it('without a mapping is dropped, recorded once, and reported by no port', () => {
    const { fabric, fn, unit } = remapped();
    const before = fabric.arena.bytes.slice();
    const delivery = fabric.send(memoryWrite(0x0600, 0, 0x100000), fn.ep2);
    expect(delivery).toMatchObject({
      outcome: 'iommu-fault',
      at: NONE,
      completion: undefined,
      report: undefined,
      errors: [],
    });
    expect(delivery.remapped).toBeUndefined();
    expect(fabric.arena.bytes).toEqual(before);
    expect(unit.faults.pending()).toEqual([
      { reason: 5, requesterId: 0x0600, address: 0x100000n, isWrite: true, isAtomic: false, addressType: 0 },
    ]);
  });

  it('that only asks for the way leaves no record', () => {
    const { fabric, fn, unit } = remapped();
    expect(fabric.router.route(memoryWrite(0x0600, 0, 0x100000), fn.ep2).outcome).toBe('iommu-fault');
    expect(unit.faults.pending()).toEqual([]);
  });

  it.each([
    ['UR', 'iommu-fault', 1, MASTER_ABORT],
    ['CA', 'iommu-abort', 4, TARGET_ABORT],
  ] as const)('a read is completed with %s', (completesWith, outcome, status, bit) => {
    const { fabric, fn } = remapped({ completesWith });
    const delivery = fabric.send(memoryRead(0x0600, 0, 0x100000), fn.ep2);
    expect([delivery.outcome, delivery.completion?.status]).toEqual([outcome, status]);
    expect(fabric.arena.u16(fn.ep2, 6) & (MASTER_ABORT | TARGET_ABORT)).toBe(bit);
  });

  it('an AtomicOp needs to read and write', () => {
    const { fabric, fn, unit } = remapped();
    const swap = tlpHeader('Swap', { requesterId: 0x0600, addressLo: 0x100000, lengthDw: 1 });
    expect(fabric.send(swap, fn.ep2).completion?.status).toBe(1);
    expect(unit.faults.pending()).toMatchObject([{ reason: 5, isWrite: false, isAtomic: true }]);
  });

  it('translated into a hole is refused by its root port, whose header log has the address that came in', () => {
    const { fabric, fn } = remapped();
    const delivery = fabric.send(memoryWrite(0x0600, 0, 0x7000), fn.ep2);
    expect(delivery).toMatchObject({ outcome: 'unsupported-request', at: fn['1d'] });
  });

  it('to a peer: by the translated address, where the root complex routes peer to peer', () => {
    const write = memoryWrite(0x0600, 0, 0x6000);
    const refused = remapped();
    expect(refused.fabric.send(write, refused.fn.ep2)).toMatchObject({ outcome: 'unsupported-request', at: NONE });
    const { fabric, fn } = remapped({}, { peerToPeer: true });
    expect(fabric.send(write, fn.ep2)).toMatchObject({
      outcome: 'delivered',
      at: fn.ep,
      remapped: { addressLo: 0xf0000000 },
    });
    // The untranslated address of a peer's BAR is nobody's.
    expect(fabric.send(memoryWrite(0x0600, 0, 0xf0000000), fn.ep2).outcome).toBe('iommu-fault');
  });

  it('of a bridge to PCI comes with the ID of its secondary bus', () => {
    const tables = new Tables();
    tables.map(tables.context({ id: 0x0500 }), 4, 0x5000n, 0x9003n);
    const { fabric, fn } = machine({}, { iommu: tables.unit() });
    expect(fabric.send(memoryWrite(0x0500, 0, 0x5000), fn.pci1).outcome).toBe('delivered');
    expect(fabric.send(memoryWrite(0x0508, 0, 0x5000), fn.pci1).outcome).toBe('iommu-fault');
  });
});

describe('what an IOMMU has no say in', () => {
  it('a port refuses before it: nothing is recorded', () => {
    const { fabric, fn, unit } = remapped();
    fabric.arena.poke(fn['1d'], 4, 2, 3);
    expect(fabric.send(memoryWrite(0x0600, 0, 0x100000), fn.ep2)).toMatchObject({
      outcome: 'unsupported-request',
      at: fn['1d'],
    });
    expect(unit.faults.pending()).toEqual([]);
  });

  it('interrupt messages, the CPU, completions, and what stays below a switch', () => {
    const { fabric, fn } = remapped();
    expect(fabric.send(memoryWrite(0x0600, 0, 0xfee0_0000), fn.ep2)).toMatchObject({ outcome: 'delivered', at: NONE });
    expect(fabric.send(memoryRead(0, 0, 0xf000_0000), HOST)).toMatchObject({ outcome: 'delivered', at: fn.ep });
    const completion = tlpHeader('CplD', { completerId: 0x0600, requesterId: 0, byteCount: 4, lengthDw: 1 });
    expect(fabric.send(completion, fn.ep2, { isExpected: true })).toMatchObject({ outcome: 'delivered', at: NONE });
    expect(fabric.send(memoryWrite(0x0400, 0, 0xf000_0000), fn.bridge)).toMatchObject({
      outcome: 'delivered',
      at: fn.ep,
    });
  });

  it('a function on a bus of another segment', () => {
    const tables = new Tables();
    const { fabric, fn } = machine({}, { iommu: tables.unit({ segment: 1 }) });
    expect(fabric.send(memoryWrite(0x0600, 0, 0x5000), fn.ep2).outcome).toBe('delivered');
  });
});

describe('a reset of the machine', () => {
  it('is one of the unit', () => {
    const { fabric, unit } = remapped();
    fabric.reset();
    expect(unit.isTranslating).toBe(false);
  });
});

describe('an ATS translation request', () => {
  it('is answered, or completed with UR', () => {
    const tables = new Tables();
    tables.map(tables.context({ id: 0x0600, lo: 5n }), 4, 0x5000n, 0x9003n);
    const { fabric, fn } = machine({}, { iommu: tables.unit() });
    const question = { ...memoryRead(0x0600, 0, 0x5000, 2), at: 1 };
    const delivery = fabric.send(question, fn.ep2);
    expect(delivery).toMatchObject({ outcome: 'delivered', remapped: { way: 'answered', translation: 0x9003n } });
    expect(delivery.completion).toMatchObject({ type: 'CplD', lengthDw: 2, status: 0 });
    expect(fabric.send({ ...question, requesterId: 0x0601 }, fn.ep2).completion?.status).toBe(1);
  });
});
