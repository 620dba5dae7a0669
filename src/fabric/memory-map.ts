/** Where there is memory behind the root complex. No register of PCI says so; firmware tells the OS (ACPI, E820), and a machine is told. */

/** First and last byte address, of up to 64 bits. */
export type AddressRange = readonly [first: number | bigint, last: number | bigint];

interface Bounds {
  readonly firstHi: number;
  readonly firstLo: number;
  readonly lastHi: number;
  readonly lastLo: number;
}

const END = 1n << 64n;

export class MemoryMap {
  readonly #ram: readonly Bounds[] | undefined;
  readonly #holes: readonly Bounds[];

  /**
   * @param ranges.ram where memory is; everywhere but in the holes where not given
   * @param ranges.holes where none is, RAM or not: room for MMIO
   * @throws RangeError for a range that ends before it starts, or beyond 64 bits
   */
  constructor(ranges: { readonly ram?: readonly AddressRange[]; readonly holes?: readonly AddressRange[] }) {
    this.#ram = ranges.ram?.map((range, i) => bounds(`ram[${i}]`, range));
    this.#holes = (ranges.holes ?? []).map((range, i) => bounds(`holes[${i}]`, range));
  }

  holds(addressHi: number, addressLo: number): boolean {
    return (
      (this.#ram === undefined || within(this.#ram, addressHi, addressLo)) && !within(this.#holes, addressHi, addressLo)
    );
  }
}

function within(ranges: readonly Bounds[], hi: number, lo: number): boolean {
  for (const { firstHi, firstLo, lastHi, lastLo } of ranges)
    if ((hi > firstHi || (hi === firstHi && lo >= firstLo)) && (hi < lastHi || (hi === lastHi && lo <= lastLo)))
      return true;
  return false;
}

function bounds(name: string, range: AddressRange): Bounds {
  const [first, last] = [BigInt(range[0]), BigInt(range[1])];
  if (first < 0n || last < first || last >= END)
    throw new RangeError(
      `${name}: expected a first and a last address within 64 bits, got 0x${first.toString(16)} to 0x${last.toString(16)}`,
    );
  return { firstHi: high(first), firstLo: low(first), lastHi: high(last), lastLo: low(last) };
}

function high(address: bigint): number {
  return Number(address >> 32n);
}

function low(address: bigint): number {
  return Number(address & 0xffffffffn);
}
