/** Primary fault logging: fault records, Fault Status, and the interrupt that tells of them. VT-d 5.1 §7.2.1, §7.3, §11.4.7. */
import * as R from './registers.ts';

export interface FaultRecord {
  readonly reason: number;
  readonly requesterId: number;
  /** Of the page. */
  readonly address: bigint;
  readonly isWrite: boolean;
  readonly isAtomic: boolean;
  readonly addressType: number;
}

const PAGE_MASK = ~0xfffn & ((1n << 64n) - 1n);

export class FaultRecords {
  readonly #registers: DataView;
  readonly count: number;
  readonly #compresses: boolean;
  readonly #onEvent: () => void;
  /** Where the next one goes. */
  #next = 0;

  /**
   * @param registers of the unit
   * @param compresses a second fault of a requester whose first is still pending is not recorded
   * @param onEvent told of each interrupt
   */
  constructor(registers: DataView, count: number, compresses: boolean, onEvent: () => void) {
    this.#registers = registers;
    this.count = count;
    this.#compresses = compresses;
    this.#onEvent = onEvent;
  }

  add(fault: FaultRecord): void {
    const before = this.#status;
    if ((before & R.FSTS_PFO) !== 0) return;
    if (this.#compresses && this.pending().some(({ requesterId }) => requesterId === fault.requesterId)) return;
    const at = this.#at(this.#next);
    if (this.#isPending(this.#next)) {
      this.#status = before | R.FSTS_PFO;
      this.#tell(before);
      return;
    }
    const registers = this.#registers;
    registers.setBigUint64(at, fault.address & PAGE_MASK, true);
    registers.setBigUint64(
      at + 8,
      R.FRCD_F |
        (fault.isWrite ? 0n : R.FRCD_T1) |
        (fault.isAtomic ? R.FRCD_T2 : 0n) |
        (BigInt(fault.addressType) << R.FRCD_AT) |
        (BigInt(fault.reason) << R.FRCD_FR) |
        BigInt(fault.requesterId),
      true,
    );
    const index = (before & R.FSTS_PPF) === 0 ? this.#next : (before >> R.FSTS_FRI) & 0xff;
    this.#status = (before & R.FSTS_PFO) | R.FSTS_PPF | (index << R.FSTS_FRI);
    this.#next = (this.#next + 1) % this.count;
    this.#tell(before);
  }

  /** What software finds, from the Fault Record Index on to the first record that is free. */
  pending(): FaultRecord[] {
    const records: FaultRecord[] = [];
    const first = (this.#status >> R.FSTS_FRI) & 0xff;
    for (let i = 0; i < this.count && this.#isPending((first + i) % this.count); i++)
      records.push(this.#read((first + i) % this.count));
    return records;
  }

  /** Software has written 1 to the Fault field of a record, or to fields of Fault Status. */
  clear(record: number | undefined, status: number): void {
    if (record !== undefined) this.#registers.setBigUint64(this.#at(record) + 8, this.#upper(record) & ~R.FRCD_F, true);
    let now = this.#status & ~(status & R.FSTS_PFO) & ~R.FSTS_PPF;
    for (let i = 0; i < this.count; i++) if (this.#isPending(i)) now |= R.FSTS_PPF;
    this.#status = now;
    if ((now & (R.FSTS_PFO | R.FSTS_PPF)) === 0) this.#control &= ~R.FECTL_IP;
  }

  /** Software has written Interrupt Mask. */
  setMask(isMasked: boolean): void {
    const control = this.#control;
    this.#control = isMasked ? control | R.FECTL_IM : control & ~R.FECTL_IM;
    if (!isMasked && (control & R.FECTL_IP) !== 0) {
      this.#control &= ~R.FECTL_IP;
      this.#onEvent();
    }
  }

  /** Translation is off: records begin at the first again. */
  restart(): void {
    this.#next = 0;
  }

  /** None has been recorded. */
  discard(): void {
    for (let at = R.FRCD; at < R.FRCD + this.count * R.FRCD_SIZE; at += 4) this.#registers.setUint32(at, 0, true);
    this.#status = 0;
  }

  /** An interrupt, unless one is still to be served. */
  #tell(before: number): void {
    if ((before & (R.FSTS_PFO | R.FSTS_PPF)) !== 0) return;
    if ((this.#control & R.FECTL_IM) !== 0) this.#control |= R.FECTL_IP;
    else this.#onEvent();
  }

  #read(record: number): FaultRecord {
    const upper = this.#upper(record);
    return {
      reason: Number((upper >> R.FRCD_FR) & 0xffn),
      requesterId: Number(upper & 0xffffn),
      address: this.#registers.getBigUint64(this.#at(record), true),
      isWrite: (upper & R.FRCD_T1) === 0n,
      isAtomic: (upper & R.FRCD_T2) !== 0n,
      addressType: Number((upper >> R.FRCD_AT) & 3n),
    };
  }

  #at(record: number): number {
    return R.FRCD + R.FRCD_SIZE * record;
  }

  #upper(record: number): bigint {
    return this.#registers.getBigUint64(this.#at(record) + 8, true);
  }

  #isPending(record: number): boolean {
    return (this.#upper(record) & R.FRCD_F) !== 0n;
  }

  get #status(): number {
    return this.#registers.getUint32(R.FSTS, true);
  }

  set #status(value: number) {
    this.#registers.setUint32(R.FSTS, value, true);
  }

  get #control(): number {
    return this.#registers.getUint32(R.FECTL, true);
  }

  set #control(value: number) {
    this.#registers.setUint32(R.FECTL, value, true);
  }
}
