/** The lines of Linux's VT-d driver: as kernels of 5.16 and later print them. */
import { describe, expect, it } from 'vitest';
import { HostMemory } from '../../src/fabric/host-memory.ts';
import { VtdUnit } from '../../src/fabric/vtd/unit.ts';
import { dmarLog } from '../../src/formats/dmar-log.ts';
import { memoryRead, memoryWrite } from '../../src/tlp/header.ts';

/** A unit whose one context entry, of 00:02.0, leads to empty tables. */
function unit(): VtdUnit {
  const memory = new HostMemory();
  const put = (address: bigint, value: bigint) =>
    memory.write(address, new Uint8Array(BigUint64Array.of(value).buffer));
  put(0x1000n, 0x2001n);
  put(0x2100n, 0x3001n);
  put(0x2108n, 2n);
  const made = new VtdUnit(memory);
  made.write64(0x20, 0x1000n);
  made.write32(0x18, 0x40000000);
  made.write32(0x18, 0x80000000);
  return made;
}

describe('the log', () => {
  it('is as a real one: two faults of a graphics device, and one of a function that has no entry', () => {
    const made = unit();
    expect(dmarLog(made)).toEqual([]);
    made.record(memoryWrite(0x0010, 0, 0xfed69004), 0);
    made.record(memoryRead(0x0010, 1, 0x3dffc000), 0);
    made.record(memoryWrite(0x00d0, 0, 0), 0);
    // The second line is one that linux-cifs has of 2022-03-17.
    expect(dmarLog(made)).toEqual([
      'DMAR: DRHD: handling fault status reg 2',
      'DMAR: [DMA Write NO_PASID] Request device [00:02.0] fault addr 0xfed69000 [fault reason 0x05] PTE Write access is not set',
      'DMAR: [DMA Read NO_PASID] Request device [00:02.0] fault addr 0x13dffc000 [fault reason 0x06] PTE Read access is not set',
      'DMAR: [DMA Write NO_PASID] Request device [00:1a.0] fault addr 0x0 [fault reason 0x02] Present bit in context entry is clear',
    ]);
  });
});
