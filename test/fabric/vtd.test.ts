/** A VT-d unit: tables as they lie in memory, every fault condition of legacy mode, fault records, registers. VT-d 5.1. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type VtdFaultCondition, vtdFaults } from '../../spec-tables/vtd-faults.ts';
import { MemoryMap } from '../../src/fabric/memory-map.ts';
import { type VtdOptions, VtdUnit } from '../../src/fabric/vtd/unit.ts';
import { memoryRead, memoryWrite, type TlpHeader, tlpHeader } from '../../src/tlp/header.ts';
import { oracle } from './vtd-oracle.ts';
import { ROOT, Tables } from './vtd-tables.ts';

const ID = 0x0100;
const write = (address: bigint, id = ID) => memoryWrite(id, Number(address >> 32n), Number(address & 0xffffffffn));
const read = (address: bigint, id = ID) => memoryRead(id, Number(address >> 32n), Number(address & 0xffffffffn));
const question = (address: bigint) => ({ ...read(address), lengthDw: 2, lastBe: 0xf, at: 1 });
const translated = (address: bigint) => ({ ...write(address), at: 2 });

/** `0x…` where it goes, or the status that it is blocked with. */
function end(unit: VtdUnit, header: TlpHeader): string {
  const remapped = unit.translate(header, 0);
  if (remapped.way === 'blocked') return remapped.status;
  if (remapped.way === 'answered') return `answer ${remapped.translation.toString(16)}`;
  return `0x${((BigInt(remapped.addressHi) << 32n) | BigInt(remapped.addressLo)).toString(16)}`;
}

describe('registers', () => {
  it('after a reset: no translation, faults masked; capabilities as the options have it', () => {
    const unit = new VtdUnit(new Tables().memory, { faultRecords: 3, hostAddressWidth: 39 });
    expect(unit.read32(0x00)).toBe(0x10);
    // ND 6, SAGAW 39 and 48 bits, MGAW 48, ZLR, FRO 200h, 2 MiB and 1 GiB pages, NFR 3.
    expect(unit.read64(0x08).toString(16)).toBe('20c206f0606');
    // DT, PT, SC, IRO f0h.
    expect(unit.read64(0x10).toString(16)).toBe('fc4');
    expect([unit.read32(0x1c), unit.read32(0x34), unit.read32(0x38)]).toEqual([0, 0, 0x80000000]);
    expect(end(unit, write(0x1234000n))).toBe('0x1234000');
  });

  it('the root table counts when Set Root Table Pointer is asked for, not when its register is written', () => {
    const tables = new Tables();
    const top = tables.context();
    tables.map(top, 4, 0x5000n, 0x777000n | 3n);
    const unit = tables.unit();
    unit.write64(0x20, 0x900000n);
    expect([end(unit, write(0x5000n)), unit.read32(0x1c)]).toEqual(['0x777000', 0xc0000000]);
    unit.write32(0x18, 0xc0000000);
    expect(end(unit, write(0x5000n))).toBe('UR');
  });

  it('an invalidation is done at once, in the granularity asked for', () => {
    const unit = new VtdUnit(new Tables().memory);
    unit.write64(0x28, 0xa000_0000_0000_0000n);
    expect(unit.read64(0x28).toString(16)).toBe('2800000000000000');
    unit.write64(0xf8, 0x9000_0000_0000_0000n);
    expect(unit.read64(0xf8).toString(16)).toBe('1200000000000000');
  });

  it('name the offset that is none', () => {
    const unit = new VtdUnit(new Tables().memory);
    expect(() => unit.read32(2)).toThrow('VT-d register: expected a multiple of 4 in [0, 0x1000), got 0x2');
    expect(() => unit.read64(0x1000)).toThrow('got 0x1000');
    expect(() => new VtdUnit(new Tables().memory, { hostAddressWidth: 64 })).toThrow(
      'VT-d hostAddressWidth: expected 32 to 52, got 64',
    );
  });
});

describe('translation', () => {
  const tables = new Tables();
  const top = tables.context();
  tables.map(top, 4, 0x12_3456_7000n, 0xabc_d000n | 3n);
  tables.map(top, 4, 0x40_0000n, 0x80_0000n | 0x83n, 2);
  tables.map(top, 4, 0x1_0000_0000n, 0xc000_0000n | 0x83n, 3);
  const unit = tables.unit();

  it.each([
    [0x12_3456_7abcn, '0xabcdabc'],
    [0x5f_fffcn, '0x9ffffc'],
    [0x1_3fff_fffcn, '0xfffffffc'],
    [0x60_0000n, 'UR'],
  ])('of %#x: %s', (address, expected) => {
    expect(end(unit, write(address))).toBe(expected);
  });

  it('by three levels where Address Width says 39 bits', () => {
    const three = new Tables();
    three.map(three.context({ hi: 1n }), 3, 0x7f_ffff_f000n, 0x1000n | 3n);
    expect(end(three.unit(), write(0x7f_ffff_f004n))).toBe('0x1004');
  });

  it('is by requester: bus, device and function', () => {
    const two = new Tables();
    two.map(two.context({ id: 0x0100 }), 4, 0n, 0x111000n | 3n);
    two.map(two.context({ id: 0x0107 }), 4, 0n, 0x222000n | 3n);
    const both = two.unit();
    expect([
      end(both, write(0n)),
      end(both, write(0n, 0x0107)),
      end(both, write(0n, 0x0101)),
      end(both, write(0n, 0x0200)),
    ]).toEqual(['0x111000', '0x222000', 'UR', 'UR']);
  });

  it('of another segment, passes', () => {
    expect(unit.translate(write(0x60_0000n), 1).way).toBe('passes');
  });

  it('agrees with the list of what was mapped, for any list', () => {
    const page = fc.record({
      slot: fc.nat(40),
      frame: fc.bigInt(1n, 2n ** 33n),
      rights: fc.nat(3),
      large: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(page, { selector: ({ slot }) => slot, maxLength: 12 }),
        fc.constantFrom(3, 4),
        (pages, levels) => {
          const some = new Tables();
          const first = some.context({ hi: BigInt(levels - 2) });
          // Each in a region of 2 MiB of its own, far apart.
          const place = (slot: number) =>
            (BigInt(slot) * 0x3_4560_0000n) & ((1n << BigInt(12 + 9 * levels)) - 1n) & ~0x1f_ffffn;
          const frameOf = ({ frame, large }: (typeof pages)[0]) => (frame << 12n) & ~(large ? 0x1f_ffffn : 0xfffn);
          for (const one of pages)
            some.map(
              first,
              levels,
              place(one.slot),
              frameOf(one) | BigInt(one.rights) | (one.large ? 0x80n : 0n),
              one.large ? 2 : 1,
            );
          const remapping = some.unit();
          for (let slot = 0; slot <= 40; slot++)
            for (const [header, right] of [
              [write(place(slot) + 0x804n), 2],
              [read(place(slot) + 0x804n), 1],
            ] as const) {
              const one = pages.find((candidate) => candidate.slot === slot);
              const expected =
                one !== undefined && (one.rights & right) !== 0 ? `0x${(frameOf(one) + 0x804n).toString(16)}` : 'UR';
              // A frame in the interrupt range is blocked, whoever maps it.
              if (one === undefined || frameOf(one) >> 20n !== 0xfeen) expect(end(remapping, header)).toBe(expected);
            }
        },
      ),
    );
  });
});

/** What makes each condition: the tables, the unit, the untranslated request that meets it. */
interface Case {
  readonly context?: { lo?: bigint; hi?: bigint; root?: bigint };
  readonly entry?: bigint;
  readonly options?: VtdOptions;
  readonly request?: TlpHeader;
  readonly more?: (tables: Tables, top: bigint) => void;
}
const ADDRESS = 0x5000n;
const memoryUpTo = (last: bigint) => new MemoryMap({ ram: [[0, last]] });
const cases: Readonly<Record<VtdFaultCondition, Case>> = {
  'LRT.1': { options: { map: memoryUpTo(0xffffn) } },
  'LRT.2': { context: { root: 0n } },
  'LRT.3': { context: { root: 3n } },
  'LCT.1': { options: { map: memoryUpTo(0x1ffffn) } },
  'LCT.2': { context: { lo: 0n } },
  'LCT.3': { context: { lo: 0x11n } },
  'LCT.4.1': { context: { hi: 3n } },
  'LCT.4.2': { context: { lo: 0xdn } },
  'LCT.4.3': { options: { map: memoryUpTo(0xfffffn) } },
  'LCT.5': { request: translated(ADDRESS) },
  'LSS.1': { options: { map: memoryUpTo(0x101fffn) } },
  'LSS.2': { entry: 3n | (1n << 62n) },
  'LGN.1.1': { request: write(1n << 48n) },
  'LGN.1.2': { context: { lo: 5n }, request: translated(1n << 46n) },
  'LGN.1.3': { context: { lo: 9n }, request: write(1n << 46n) },
  'LGN.2': { entry: 1n },
  'LGN.3': { entry: 2n, request: read(ADDRESS) },
  'LGN.4': { entry: 0xfee0_0003n },
  'RTA.1': {},
};

function madeFor(condition: VtdFaultCondition, bits = 0n, options: VtdOptions = {}) {
  const { context = {}, entry = 0x9003n, options: own } = cases[condition];
  const tables = new Tables();
  const top = tables.context({ ...context, lo: (context.lo ?? 1n) | bits });
  tables.map(top, 4, ADDRESS, entry);
  const unit = tables.unit({ ...own, ...options });
  if (condition === 'RTA.1') {
    unit.write64(0x20, ROOT | 0x400n);
    unit.write32(0x18, 0xc0000000);
  }
  return { unit, request: cases[condition].request ?? write(ADDRESS) };
}

describe.each(Object.entries(vtdFaults) as [VtdFaultCondition, (typeof vtdFaults)[VtdFaultCondition]][])(
  '%s',
  (condition, fault) => {
    it(`is fault reason ${fault.reason.toString(16)}h, recorded with requester, page and type`, () => {
      const { unit, request } = madeFor(condition);
      const remapped = unit.translate(request, 0);
      expect(remapped).toMatchObject({ way: 'blocked', status: 'UR' });
      expect(remapped.spec).toBe(`VT-d 5.1 §7.1.3 ${condition}`);
      unit.record(request, 0);
      const address = (BigInt(request.addressHi) << 32n) | BigInt(request.addressLo);
      // Bits beyond 48 are reserved: the page of LGN.1.1 is told as 0.
      expect(unit.read64(0x200)).toBe(address & 0xffff_ffff_f000n);
      const type = request.type.startsWith('MRd') ? 1n : 0n;
      expect(unit.read64(0x208)).toBe(
        (1n << 63n) | (type << 62n) | (BigInt(request.at) << 60n) | (BigInt(fault.reason) << 32n) | BigInt(ID),
      );
      expect(unit.read32(0x34)).toBe(2);
    });

    it(`${fault.qualified ? 'is kept out of the records by' : 'is recorded in spite of'} Fault Processing Disable`, () => {
      const { unit, request } = madeFor(condition, 2n);
      expect(unit.translate(request, 0).way).toBe('blocked');
      unit.record(request, 0);
      expect(unit.faults.pending().length).toBe(fault.qualified ? 0 : 1);
    });

    it('is completed with CA where the unit is made so', () => {
      const { unit, request } = madeFor(condition, 0n, { completesWith: 'CA' });
      expect(end(unit, request)).toBe('CA');
    });
  },
);

describe('reserved bits of a paging entry', () => {
  const blocked = (entry: bigint, level: number, options: VtdOptions = {}) => {
    const tables = new Tables();
    tables.map(tables.context(), 4, 0n, entry, level);
    return end(tables.unit(options), write(0n)) === 'UR';
  };
  /** Bits that make a leaf of the level fault; 46 bits of host address. */
  const faulting = (base: bigint, level: number, options?: VtdOptions) =>
    Array.from({ length: 64 }, (_, bit) => bit).filter((bit) => blocked(base | (1n << BigInt(bit)), level, options));
  const beyondHost = [46, 47, 48, 49, 50, 51, 62];

  it('of a 4 KiB page, a 2 MiB page and a 1 GiB page: VT-d 5.1 tables 43, 45, 47', () => {
    expect(faulting(3n, 1)).toEqual(beyondHost);
    expect(faulting(0x83n, 2)).toEqual([12, 13, 14, 15, 16, 17, 18, 19, 20, ...beyondHost]);
    expect(faulting(0x83n, 3)).toEqual([...Array.from({ length: 18 }, (_, i) => 12 + i), ...beyondHost]);
  });

  it('Snoop without Snoop Control; Page Size without large pages, and in a level that has none', () => {
    expect(faulting(3n, 1, { snoopControl: false })).toEqual([11, ...beyondHost]);
    expect(blocked(0x83n, 2, { largePageLevels: [] })).toBe(true);
    expect(blocked(0x83n, 4)).toBe(true);
  });
});

describe('rights', () => {
  it('are those that every level gives', () => {
    for (const level of [1, 2, 3, 4])
      for (const rights of [0n, 1n, 2n, 3n]) {
        const tables = new Tables();
        const top = tables.context({ lo: 5n });
        tables.map(top, 4, ADDRESS, 0x9003n);
        let table = top;
        for (let at = 4; at > level; at--)
          table = tables.get(table + 8n * ((ADDRESS >> BigInt(12 + 9 * (at - 1))) & 511n)) & ~0xfffn;
        const slot = table + 8n * ((ADDRESS >> BigInt(12 + 9 * (level - 1))) & 511n);
        tables.put(slot, (tables.get(slot) & ~3n) | rights);
        const unit = tables.unit();
        const ends = (header: TlpHeader) => end(unit, header) !== 'UR';
        const swap = tlpHeader('Swap', { requesterId: ID, addressLo: Number(ADDRESS), lengthDw: 1 });
        expect([ends(read(ADDRESS)), ends(write(ADDRESS)), ends(swap)]).toEqual([
          (rights & 1n) !== 0n,
          (rights & 2n) !== 0n,
          rights === 3n,
        ]);
        expect(end(unit, question(ADDRESS))).toBe(`answer ${(rights === 0n ? 0n : 0x9000n | rights).toString(16)}`);
      }
  });

  it('a read of no bytes needs none to read where the unit says so (ZLR)', () => {
    const tables = new Tables();
    tables.map(tables.context(), 4, ADDRESS, 0x9002n);
    const flush = { ...read(ADDRESS), firstBe: 0 };
    expect(end(tables.unit(), flush)).toBe('0x9000');
    expect(end(tables.unit({ zeroLengthReads: false }), flush)).toBe('UR');
  });
});

describe('the interrupt range', () => {
  const tables = new Tables();
  tables.map(tables.context(), 4, 0xfee0_0000n, 0x9003n);
  const unit = tables.unit();
  it('is not remapped for messages, whatever tables say; anything else there is blocked', () => {
    expect(end(unit, write(0xfee0_1004n))).toBe('0xfee01004');
    expect(end(unit, write(0xfee0_1004n, 0x0900))).toBe('0xfee01004');
    expect(end(unit, { ...read(0xfee0_0000n), firstBe: 0 })).toBe('0xfee00000');
    expect(end(unit, read(0xfee0_0000n))).toBe('UR');
    expect(end(unit, memoryWrite(ID, 0, 0xfee0_0000, 2))).toBe('UR');
    expect(end(unit, translated(0xfee0_0000n))).toBe('UR');
  });
});

describe('Address Types', () => {
  const made = (lo: bigint, entry = 0x9003n, level = 1, options: VtdOptions = {}) => {
    const tables = new Tables();
    tables.map(tables.context({ lo }), 4, level === 1 ? ADDRESS : 0x20_0000n, entry, level);
    return tables.unit(options);
  };
  it('a translation is answered where the Translation Type is 01b: address, size, rights', () => {
    expect(end(made(5n), question(ADDRESS))).toBe('answer 9003');
    expect(end(made(5n, 0x9001n), question(ADDRESS))).toBe('answer 9001');
    expect(end(made(5n, 0x9803n), question(ADDRESS))).toBe('answer 9403');
    // 2 MiB: bits 19:12 all ones, bit 20 zero.
    expect(end(made(5n, 0x4000_0083n, 2), question(0x20_0000n))).toBe('answer 400ff803');
    expect(end(made(5n, 0n), question(ADDRESS))).toBe('answer 0');
    expect(end(made(5n), question(0xfee0_0000n))).toBe('answer 6');
  });

  it('and gets UR or CA where the tables forbid it or are wrong', () => {
    expect(end(made(1n), question(ADDRESS))).toBe('UR');
    expect(end(made(9n), question(ADDRESS))).toBe('UR');
    expect(end(made(0n), question(ADDRESS))).toBe('UR');
    expect(end(made(0x15n), question(ADDRESS))).toBe('CA');
    expect(end(made(5n, 0x9003n, 1, { deviceTlb: false }), question(ADDRESS))).toBe('CA');
    expect(end(made(5n), { ...write(ADDRESS), at: 1 })).toBe('UR');
    expect(end(made(5n), { ...write(ADDRESS), at: 3 })).toBe('UR');
  });

  it('translated requests pass as they are where the Translation Type is 01b', () => {
    expect(end(made(5n), translated(0x1234_5678_9000n))).toBe('0x123456789000');
    expect(end(made(1n), translated(ADDRESS))).toBe('UR');
  });

  it('untranslated ones pass through at 10b, and alone pass a unit that is off', () => {
    expect(end(made(9n), write(0x1234_5000n))).toBe('0x12345000');
    const off = made(5n);
    off.write32(0x18, 0);
    expect([end(off, write(ADDRESS)), end(off, translated(ADDRESS)), end(off, question(ADDRESS))]).toEqual([
      '0x5000',
      'UR',
      'UR',
    ]);
    off.record(translated(ADDRESS), 0);
    expect(off.read32(0x34)).toBe(0);
  });
});

describe('fault records', () => {
  const made = (options: VtdOptions = {}) => {
    const tables = new Tables();
    tables.context({ root: 0n });
    const unit = tables.unit({ faultRecords: 2, ...options });
    const events: string[] = [];
    unit.onFaultEvent = (address, data) => events.push(`${address.toString(16)} ${data.toString(16)}`);
    unit.write32(0x3c, 0x4021);
    unit.write32(0x40, 0xfee0_1003);
    return { unit, events, fault: (page: number, id = ID) => unit.record(write(BigInt(page) << 12n, id), 0) };
  };
  const pages = (unit: VtdUnit) => unit.faults.pending().map(({ address }) => Number(address >> 12n));

  it('fill in turn; the next one overflows and is lost, until software has cleared all', () => {
    const { unit, fault } = made();
    for (const page of [1, 2, 3, 4]) fault(page);
    expect([pages(unit), unit.read32(0x34)]).toEqual([[1, 2], 3]);
    unit.write32(0x20c, 0x80000000);
    expect([pages(unit), unit.read32(0x34)]).toEqual([[], 3]);
    unit.write32(0x21c, 0x80000000);
    expect(unit.read32(0x34)).toBe(1);
    fault(5);
    expect(unit.read32(0x34)).toBe(1);
    unit.write32(0x34, 1);
    fault(6);
    expect([pages(unit), unit.read32(0x34)]).toEqual([[6], 2]);
  });

  it('begin where the index says', () => {
    const { unit, fault } = made();
    fault(1);
    unit.write32(0x20c, 0x80000000);
    fault(2);
    expect([pages(unit), unit.read32(0x34)]).toEqual([[2], 0x102]);
    unit.write32(0x21c, 0x80000000);
    unit.write32(0x18, 0);
    unit.write32(0x18, 0x80000000);
    fault(3);
    expect([pages(unit), unit.read32(0x34)]).toEqual([[3], 2]);
  });

  it('outlive a hot reset, which ends translation; not a fundamental one', () => {
    const { unit, fault } = made();
    for (const page of [1, 2, 3]) fault(page);
    unit.reset('hot');
    expect([pages(unit), unit.read32(0x34), unit.isTranslating, unit.read64(0x20), unit.read32(0x38)]).toEqual([
      [1, 2],
      3,
      false,
      0n,
      0x80000000,
    ]);
    unit.reset('fundamental');
    expect([pages(unit), unit.read32(0x34), unit.read64(0x208), unit.read32(0x00)]).toEqual([[], 0, 0n, 0x10]);
  });

  it('compressed: one pending fault a requester', () => {
    const { unit, fault } = made({ compressesFaults: true });
    fault(1);
    fault(2);
    fault(3, 0x0200);
    expect([pages(unit), unit.read32(0x34)]).toEqual([[1, 3], 2]);
  });

  it('interrupt once until they are served; a masked one waits for the mask to fall', () => {
    const { unit, events, fault } = made();
    fault(1);
    fault(2);
    expect([events, unit.read32(0x38)]).toEqual([[], 0xc0000000]);
    unit.write32(0x38, 0);
    expect([events, unit.read32(0x38)]).toEqual([['fee01000 4021'], 0]);
    unit.write32(0x20c, 0x80000000);
    unit.write32(0x21c, 0x80000000);
    fault(3);
    expect(events.length).toBe(2);
  });
});

describe('an oracle of bits', () => {
  /** Bits of entries on the way, flipped or not: most of them mean something. */
  const flips = fc.array(fc.record({ step: fc.nat(7), bit: fc.oneof(fc.nat(63), fc.constantFrom(0, 1, 7)) }), {
    maxLength: 3,
  });
  const page = fc
    .tuple(fc.bigInt(0n, 2n ** 34n - 1n), fc.constantFrom(0xfee00n, undefined))
    .map(([any, given]) => given ?? any);
  const seen = new Set<string>();

  it('agrees, whatever bits of the tables are flipped', () => {
    fc.assert(
      fc.property(
        fc.record({
          address: fc.oneof(
            fc.bigInt(0n, 2n ** 48n - 1n),
            fc.bigInt(0n, 2n ** 39n - 1n),
            fc.bigInt(0n, 2n ** 64n - 1n),
          ),
          levels: fc.constantFrom(3, 4),
          leaf: fc.constantFrom(1, 1, 2, 3),
          type: fc.constantFrom(0n, 1n, 1n, 2n),
          rights: fc.constantFrom(3n, 3n, 1n, 2n),
          at: fc.constantFrom(0 as const, 0 as const, 1 as const, 2 as const),
          kind: fc.constantFrom('MRd64' as const, 'MWr64' as const, 'FetchAdd64' as const),
          frame: page,
          flips,
        }),
        ({ address, levels, leaf, type, rights, at, kind, frame, flips: bits }) => {
          const inside = address & ~3n & ~(at === 1 ? 1n : 0n);
          fc.pre(inside >> 20n !== 0xfeen && !(at === 1 && kind !== 'MRd64'));
          const tables = new Tables();
          const top = tables.context({ lo: 1n | (type << 2n), hi: BigInt(levels - 2) });
          const shift = BigInt(12 + 9 * (leaf - 1));
          const aligned = ((frame << 12n) >> shift) << shift;
          tables.map(
            top,
            levels,
            inside & ((1n << BigInt(12 + 9 * levels)) - 1n),
            aligned | rights | (leaf > 1 ? 0x80n : 0n),
            leaf,
          );
          // The slots on the way: root, its upper half, context, its upper half, then a paging entry for each level.
          const slots = [ROOT + 16n, ROOT + 24n, 0x20000n, 0x20008n];
          let table = top;
          for (let level = levels; level >= leaf; level--) {
            slots.push(table + 8n * ((inside >> BigInt(12 + 9 * (level - 1))) & 511n));
            table = tables.get(slots.at(-1)!) & 0x3fff_ffff_f000n;
          }
          for (const { step, bit } of bits) {
            const slot = slots[step % slots.length]!;
            // Fault Processing Disable has a test of its own.
            if (!(step % slots.length === 2 && bit === 1)) tables.put(slot, tables.get(slot) ^ (1n << BigInt(bit)));
          }
          const isRead = kind === 'MRd64';
          const header = tlpHeader(kind, {
            requesterId: ID,
            addressHi: Number(inside >> 32n),
            addressLo: Number(inside & 0xffffffffn),
            lengthDw: at === 1 ? 2 : 1,
            firstBe: 0xf,
            at,
          });
          const remapped = tables.unit().translate(header, 0);
          const expected = oracle((from) => tables.get(from), ROOT, {
            id: ID,
            address: inside,
            at,
            reads: isRead || kind === 'FetchAdd64',
            writes: !isRead,
          });
          const condition = remapped.spec.split(' ').at(-1)!;
          const found =
            remapped.way === 'blocked'
              ? `fault ${condition}`
              : remapped.way === 'answered'
                ? `ask ${(remapped.translation & 3n).toString(2).padStart(2, '0')}`
                : `to ${(BigInt(remapped.addressHi) << 32n) | BigInt(remapped.addressLo)}`;
          seen.add(expected.startsWith('fault') ? expected : expected.split(' ')[0]!);
          expect(found).toBe(expected);
        },
      ),
      { numRuns: 4000 },
    );
    expect([...seen].sort()).toEqual([
      'ask',
      ...[
        'LCT.2',
        'LCT.3',
        'LCT.4.1',
        'LCT.4.2',
        'LCT.5',
        'LGN.1.1',
        'LGN.1.2',
        'LGN.1.3',
        'LGN.2',
        'LGN.3',
        'LGN.4',
        'LRT.2',
        'LRT.3',
        'LSS.2',
      ].map((name) => `fault ${name}`),
      'to',
    ]);
  });
});
