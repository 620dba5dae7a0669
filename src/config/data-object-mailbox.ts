/** What lies behind the registers of one Data Object Exchange instance: a request coming in, a response going out. PCIe 6.0 §6.30.2. */

/** A kind of data object that a function answers. */
export interface DataObjectProtocol {
  /** PCI vendor that defines it; 0001h is PCI-SIG. */
  readonly vendorId: number;
  readonly type: number;
  /**
   * @param request the object's payload: the DWORDs behind its two header DWORDs
   * @returns the response's payload; undefined: the object is dropped without a response
   */
  readonly respond: (request: Uint32Array) => Uint32Array | undefined;
}

const PCI_SIG = 0x0001;
const DISCOVERY = 0x00;
const HEADER_DWORDS = 2;
/** Length is 18 bits wide; 0 stands for all of them. PCIe 6.0 §6.30.1, figure 6-65. */
const MAX_DWORDS = 2 ** 18;

export class DataObjectMailbox {
  readonly #protocols: readonly DataObjectProtocol[];
  #request: number[] = [];
  #response: number[] = [];

  constructor(protocols: readonly DataObjectProtocol[]) {
    this.#protocols = protocols;
  }

  /** The DWORD that DOE Read Data Mailbox shows; undefined while no response is there. */
  get current(): number | undefined {
    return this.#response[0];
  }

  /** @returns false when there is no room, which is a DOE Error */
  push(dword: number): boolean {
    if (this.#request.length >= MAX_DWORDS) return false;
    this.#request.push(dword >>> 0);
    return true;
  }

  /** DOE Go: takes the request. One of another length than it says, or of an unknown type, is silently dropped. */
  go(): void {
    const [header = 0, lengthField = 0, ...payload] = this.#request;
    const received = this.#request.length;
    this.#request = [];
    const length = lengthField % MAX_DWORDS || MAX_DWORDS;
    if (received < HEADER_DWORDS || length !== received) return;
    const vendorId = header & 0xffff;
    const type = (header >>> 16) & 0xff;
    const answer =
      vendorId === PCI_SIG && type === DISCOVERY
        ? this.#discover(payload[0] ?? 0)
        : this.#protocols
            .find((protocol) => protocol.vendorId === vendorId && protocol.type === type)
            ?.respond(Uint32Array.from(payload));
    if (answer !== undefined)
      this.#response = [header & 0xffffff, (answer.length + HEADER_DWORDS) % MAX_DWORDS, ...answer];
  }

  /** A write of DOE Read Data Mailbox: the next DWORD. @returns false when there was none, which is a DOE Error */
  pop(): boolean {
    return this.#response.shift() !== undefined;
  }

  /** DOE Abort, and every reset. */
  clear(): void {
    this.#request = [];
    this.#response = [];
  }

  /** DOE Discovery: one type an index, and the index of the next; 0 behind the last. PCIe 6.0 §6.30.1.1. */
  #discover(request: number): Uint32Array | undefined {
    const known = [{ vendorId: PCI_SIG, type: DISCOVERY }, ...this.#protocols];
    const index = request & 0xff;
    const entry = known[index];
    if (entry === undefined) return Uint32Array.of(0xffff);
    const next = index + 1 < known.length ? index + 1 : 0;
    return Uint32Array.of(((next << 24) | (entry.type << 16) | entry.vendorId) >>> 0);
  }
}
