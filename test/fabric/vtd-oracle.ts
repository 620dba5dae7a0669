/**
 * What a VT-d unit makes of a request, by the tables of the specification alone: entries are strings of bits, bit 63 first. Shares no
 * code with `src`. VT-d 5.1 §3.15, §4.2.1, §7.1.3 table 30, §9.1, §9.3, §9.8; a unit of 46 bits of host address that has everything.
 */

export interface Question {
  readonly id: number;
  readonly address: bigint;
  /** Address Type, as two bits. */
  readonly at: 0 | 1 | 2;
  readonly reads: boolean;
  readonly writes: boolean;
}

const HOST_BITS = 46;

/** @param qword 8 bytes of memory @returns `fault CONDITION`, `to ADDRESS`, or `ask RIGHTS` */
export function oracle(qword: (address: bigint) => bigint, root: bigint, question: Question): string {
  const bits = (address: bigint) => qword(address).toString(2).padStart(64, '0');
  const field = (entry: string, high: number, low: number) => entry.slice(63 - high, 64 - low);
  const isZero = (text: string) => !text.includes('1');
  const number = (text: string) => BigInt(`0b${text}`);
  const pointer = (entry: string) => number(field(entry, HOST_BITS - 1, 12)) * 4096n;
  const { id, address, at, reads, writes } = question;

  const rootEntry = bits(root + 16n * BigInt(id >> 8));
  if (field(rootEntry, 0, 0) === '0') return 'fault LRT.2';
  const rootUpper = bits(root + 16n * BigInt(id >> 8) + 8n);
  if (!isZero(field(rootEntry, 63, HOST_BITS) + field(rootEntry, 11, 1) + rootUpper)) return 'fault LRT.3';

  const contextAt = pointer(rootEntry) + 16n * BigInt(id & 0xff);
  const [lower, upper] = [bits(contextAt), bits(contextAt + 8n)];
  if (field(lower, 0, 0) === '0') return 'fault LCT.2';
  const type = field(lower, 3, 2);
  const reserved = field(lower, 11, 4) + field(upper, 63, 24) + field(upper, 7, 7);
  if (!isZero(reserved + (type === '10' ? '' : field(lower, 63, HOST_BITS)))) return 'fault LCT.3';
  const levels = { '001': 3, '010': 4 }[field(upper, 2, 0)];
  if (levels === undefined) return 'fault LCT.4.1';
  if (type === '11') return 'fault LCT.4.2';
  if (at !== 0 && type !== '01') return 'fault LCT.5';
  if (at === 2) return address >= 2n ** 46n ? 'fault LGN.1.2' : `to ${address}`;
  if (type === '10') return address >= 2n ** 46n ? 'fault LGN.1.3' : `to ${address}`;

  const input = address.toString(2).padStart(64, '0');
  if (!isZero(field(input, 63, { 3: 39, 4: 48 }[levels]!))) return at === 1 ? 'ask 00' : 'fault LGN.1.1';
  let table = pointer(lower);
  let [canRead, canWrite] = [true, true];
  for (let level = levels; ; level--) {
    const low = { 4: 39, 3: 30, 2: 21, 1: 12 }[level]!;
    const entry = bits(table + 8n * number(field(input, low + 8, low)));
    canRead &&= field(entry, 0, 0) === '1';
    canWrite &&= field(entry, 1, 1) === '1';
    if (at === 1 && !canRead && !canWrite) return 'ask 00';
    if (at === 0 && writes && !canWrite) return 'fault LGN.2';
    if (at === 0 && reads && !canRead) return 'fault LGN.3';
    const isLarge = field(entry, 7, 7) === '1' && (level === 2 || level === 3);
    const isLast = isLarge || level === 1;
    const always = field(entry, 62, 62) + field(entry, 51, HOST_BITS);
    const here = isLast ? (low > 12 ? field(entry, low - 1, 12) : '') : field(entry, 11, 11) + field(entry, 7, 7);
    if (!isZero(always + here)) return 'fault LSS.2';
    if (!isLast) {
      table = pointer(entry);
      continue;
    }
    const to = number(field(entry, HOST_BITS - 1, low)) * 2n ** BigInt(low) + number(field(input, low - 1, 0));
    if (to / 0x100000n === 0xfeen) return 'fault LGN.4';
    return at === 1 ? `ask ${canWrite ? 1 : 0}${canRead ? 1 : 0}` : `to ${to}`;
  }
}
