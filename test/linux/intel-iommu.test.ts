/** The VT-d driver: its tables byte by byte, and how one kernel takes over those of another. Linux 6.1 drivers/iommu/intel/iommu.c. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HostMemory } from '../../src/fabric/host-memory.ts';
import { VtdUnit } from '../../src/fabric/vtd/unit.ts';
import { IntelIommu } from '../../src/linux/intel-iommu.ts';
import { KernelPages } from '../../src/linux/kernel-pages.ts';
import { memoryWrite } from '../../src/tlp/header.ts';

const FIRST = 0x100000n;
const SECOND = 0x900000n;
const IOVA = 0xffff_f000n;

function qword(memory: HostMemory, address: bigint): string {
  const bytes = new Uint8Array(8);
  memory.read(address, bytes);
  return new DataView(bytes.buffer).getBigUint64(0, true).toString(16);
}

/** Where a write of the requester ends. */
function end(unit: VtdUnit, id: number, address = IOVA): string {
  const remapped = unit.translate(memoryWrite(id, 0, Number(address)), 0);
  return remapped.way === 'passes' ? remapped.addressLo.toString(16) : remapped.rule;
}

/** The unit as the driver sees it; told after each write of 32 bits, which is how translation goes on and off. */
function watched(unit: VtdUnit, onWrite: () => void) {
  return {
    read32: (offset: number) => unit.read32(offset),
    read64: (offset: number) => unit.read64(offset),
    write64: (offset: number, value: bigint) => unit.write64(offset, value),
    write32: (offset: number, value: number) => {
      unit.write32(offset, value);
      onWrite();
    },
  };
}

/** A first kernel with two devices at work. */
function machine() {
  const memory = new HostMemory();
  const unit = new VtdUnit(memory);
  const kernel = new IntelIommu(unit, new KernelPages(memory, FIRST));
  const result = kernel.initDmars(false);
  for (const [id, page] of [
    [0x0600, 0x5000n],
    [0x0700, 0x6000n],
  ] as const) {
    const domain = kernel.allocDomain();
    kernel.domainMapping(domain, IOVA, page, 1, 3);
    kernel.domainContextMapping(domain, id);
  }
  return { memory, unit, result };
}

describe('a first kernel', () => {
  it('begins with empty tables, and translation on', () => {
    const { unit, result } = machine();
    expect(result).toBe('enabled');
    expect([unit.read64(0x20), unit.read32(0x1c)]).toEqual([FIRST, 0xc0000000]);
    expect([end(unit, 0x0600), end(unit, 0x0700)]).toEqual(['5000', '6000']);
    expect(end(unit, 0x0701)).toBe('the context entry is not present: fault reason 2h');
    expect(end(unit, 0x0700, 0x1000n)).toBe('a paging entry gives no write permission: fault reason 5h');
  });

  it('makes entries as they are read: root, context (48 bits, domain 1), four levels', () => {
    const { memory } = machine();
    // Pages in order: root, PML4, PDPT, PD, PT of the first domain, context table of bus 6.
    expect(qword(memory, 0x100060n)).toBe('105001');
    expect([qword(memory, 0x105000n), qword(memory, 0x105008n)]).toEqual(['101001', '102']);
    expect(qword(memory, 0x101000n)).toBe('102003');
    expect(qword(memory, 0x102018n)).toBe('103003');
    expect(qword(memory, 0x103ff8n)).toBe('104003');
    expect(qword(memory, 0x104ff8n)).toBe('5003');
  });

  it('by 39 bits where the unit has no more', () => {
    const memory = new HostMemory();
    const unit = new VtdUnit(memory, { levels: [3] });
    const kernel = new IntelIommu(unit, new KernelPages(memory, FIRST));
    kernel.initDmars(false);
    const domain = kernel.allocDomain();
    kernel.domainMapping(domain, IOVA, 0x5000n, 1, 3);
    kernel.domainContextMapping(domain, 0x0600);
    expect(end(unit, 0x0600)).toBe('5000');
  });

  it('that finds the unit on, switches it off before it begins', () => {
    const { memory, unit } = machine();
    const states: boolean[] = [];
    const host = watched(unit, () => states.push(unit.isTranslating));
    expect(new IntelIommu(host, new KernelPages(memory, SECOND)).initDmars(false)).toBe('enabled');
    expect(states).toEqual([false, false, true]);
    expect(end(unit, 0x0700)).toBe('the root entry is not present: fault reason 1h');
  });
});

describe('a kdump kernel', () => {
  it('copies context entries into tables of its own, and translation is never off', () => {
    const { memory, unit } = machine();
    let wasOff = false;
    const host = watched(unit, () => {
      wasOff ||= !unit.isTranslating;
    });
    expect(new IntelIommu(host, new KernelPages(memory, SECOND)).initDmars(true)).toBe('copied');
    expect(wasOff).toBe(false);
    expect(unit.read64(0x20)).toBe(SECOND);
    expect([end(unit, 0x0600), end(unit, 0x0700)]).toEqual(['5000', '6000']);
    // The first kernel's root and context tables are no longer read.
    memory.write(FIRST, new Uint8Array(4096));
    memory.write(0x105000n, new Uint8Array(4096));
    expect([end(unit, 0x0600), end(unit, 0x0700)]).toEqual(['5000', '6000']);
  });

  it('a device gets a domain of its own when its driver binds; the others go on; no domain id is used twice', () => {
    const { memory, unit } = machine();
    const kernel = new IntelIommu(unit, new KernelPages(memory, SECOND));
    kernel.initDmars(true);
    const domain = kernel.allocDomain();
    expect(domain.id).toBe(3);
    kernel.domainMapping(domain, 0x1000n, 0xa00000n, 1, 3);
    kernel.domainContextMapping(domain, 0x0600);
    expect([end(unit, 0x0600, 0x1000n), end(unit, 0x0700)]).toEqual(['a00000', '6000']);
    expect(end(unit, 0x0600)).toBe('a paging entry gives no write permission: fault reason 5h');
    // Now it is this kernel's: another attachment changes nothing.
    kernel.domainContextMapping(kernel.allocDomain(), 0x0600);
    expect(end(unit, 0x0600, 0x1000n)).toBe('a00000');
  });

  it('begins anew where there is nothing to copy', () => {
    const { memory, unit } = machine();
    unit.write64(0x20, 0n);
    expect(new IntelIommu(unit, new KernelPages(memory, SECOND)).initDmars(true)).toBe('copy failed');
    expect([unit.isTranslating, end(unit, 0x0700)]).toEqual([true, 'the root entry is not present: fault reason 1h']);
  });

  it('with intel_iommu=off: every address is its own', () => {
    const { memory, unit } = machine();
    new IntelIommu(unit, new KernelPages(memory, SECOND)).disableTranslation();
    expect([end(unit, 0x0700), unit.read32(0x1c)]).toEqual(['fffff000', 0x40000000]);
  });

  it('translates as the first did, whatever was mapped', () => {
    const mapping = fc.record({
      id: fc.nat(0xffff),
      page: fc.integer({ min: 1, max: 0xff000 }),
      slot: fc.nat(0xfedff),
    });
    fc.assert(
      fc.property(fc.uniqueArray(mapping, { selector: ({ id }) => id, minLength: 1, maxLength: 8 }), (mappings) => {
        const memory = new HostMemory();
        const unit = new VtdUnit(memory);
        const kernel = new IntelIommu(unit, new KernelPages(memory, 0x1_0000_0000n));
        kernel.initDmars(false);
        for (const { id, page, slot } of mappings) {
          const domain = kernel.allocDomain();
          kernel.domainMapping(domain, BigInt(slot) << 12n, BigInt(page) << 12n, 1, 3);
          kernel.domainContextMapping(domain, id);
        }
        new IntelIommu(unit, new KernelPages(memory, 0x2_0000_0000n)).initDmars(true);
        for (const { id, page, slot } of mappings)
          expect(end(unit, id, BigInt(slot) << 12n)).toBe((page * 4096).toString(16));
      }),
      { numRuns: 50 },
    );
  });
});

describe('pages', () => {
  it('begin at one', () => {
    expect(() => new KernelPages(new HostMemory(), 0x1001n)).toThrow('expected the address of a page, got 0x1001');
  });
});
