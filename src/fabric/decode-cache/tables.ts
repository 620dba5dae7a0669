/**
 * The one memory of a fast router: what is decoded of the config bytes, and the ring of TLPs. Config bytes are not in it. Every
 * place is named here, so that other code (a WebAssembly module, another thread) finds it: offsets are bytes, integers little-endian.
 */

/** A root complex or a bridge that something lies behind. Place 0 is the root complex; the others come parents first. */
export const MAX_PLACES = 256;
/** Requester IDs of a segment. */
export const REQUESTER_IDS = 0x10000;
/** TLPs that are classified at once: more, and V8 runs the loop in code that it has replaced on the stack (measured: half as slow again). */
export const CHUNK = 4096;
/** Below 4 GiB each MiB has its place in the index of the address map. */
export const LOW_MEBIBYTES = 4096;
/** Bytes of a header in the ring: 12 or 16 are used, as on the wire. */
export const HEADER_BYTES = 16;

/** Indices of 32-bit words at `Offset.control`. */
export const Control = {
  /** TLPs that have been routed, and that have been put into the ring, since the beginning; modulo 2^32. */
  head: 0,
  tail: 1,
  /**
   * Host memory for certain, where nothing on the way up can claim a request: two ranges of MiB, first and last, of which the last
   * lies below the first where there is none.
   */
  lowFirst: 2,
  lowLast: 3,
  highFirst: 4,
  highLast: 5,
  /** Ranges in the address map. */
  rangeCount: 6,
  /** 1 where the root complex routes peer to peer, and where functions were told how to answer. */
  peerToPeer: 7,
  hasAnswers: 8,
  /** The place at which the exact router is about to refuse a posted request; 0 where it is not known to. */
  refuser: 9,
  expectsCompletions: 10,
} as const;

const PLACE_BYTES = 4 * MAX_PLACES;

/** Where the fixed tables lie. */
export const Offset = {
  control: 0,
  /** Tables of 32-bit words, one a place. Function index of the bridge; NONE for place 0. */
  placeFunction: 0x100,
  /** The place above; 0 for a root port. */
  placeAbove: 0x100 + PLACE_BYTES,
  placeDepth: 0x100 + 2 * PLACE_BYTES,
  /** `Gate`. */
  placeGate: 0x100 + 3 * PLACE_BYTES,
  /** The nearest place from here up whose gate is not open; 0 where all are. */
  placeStop: 0x100 + 4 * PLACE_BYTES,
  /** `PlaceFlag`. */
  placeFlags: 0x100 + 5 * PLACE_BYTES,
  /** 1 where one more refused posted request would leave every register as it is. */
  placeQuiet: 0x100 + 6 * PLACE_BYTES,
  /** Hull of the bus numbers that this place and those above it lead to; first above last where there is none. */
  placeFirstBus: 0x100 + 7 * PLACE_BYTES,
  placeLastBus: 0x100 + 8 * PLACE_BYTES,
  /** Constants of the WebAssembly accelerator, which it brings itself. */
  accelerator: 0x3000,
  /** Indices of the TLPs of a chunk that the first look does not settle, as 32-bit words. */
  slow: 0x4000,
  /** One byte a Requester ID: `Sender`. */
  senderState: 0x8000,
  /** One byte a Requester ID: the place that its function lies behind. */
  senderPlace: 0x8000 + REQUESTER_IDS,
  /** One 32-bit word a Requester ID: index of its function, NONE where no function has it. */
  senderFunction: 0x8000 + 2 * REQUESTER_IDS,
  /** One 32-bit word a MiB below 4 GiB, and one more: index of the range in the address map that its first page lies in. */
  lowIndex: 0x8000 + 6 * REQUESTER_IDS,
  /** One byte an ID: `IdFlag`. */
  idFlags: 0x8000 + 6 * REQUESTER_IDS + 0x4100,
  /** What has no fixed size: the address map, then the ring. */
  rest: 0x8000 + 7 * REQUESTER_IDS + 0x4100,
} as const;

/** What becomes of a function's memory requests that nothing below the root complex claims. 0 is the common case. */
export const Sender = {
  /** They reach host memory. */
  open: 0,
  /** It may not send. */
  silent: 1,
  /** A port above stops them: see `placeStop`. */
  stopped: 2,
  /** Only the exact router can tell. */
  unclear: 3,
  /** No function has the ID: the TLP is taken to come from the root complex. */
  nobody: 4,
} as const;

export const IdFlag = {
  /** A function was found there on a root bus: completions for it end at it. */
  isOnRootBus: 1,
  /** The function that has the ID is a bridge: what it sends may go down. */
  isBridge: 2,
} as const;

/** A port, for memory requests from below. */
export const Gate = {
  open: 0,
  /** Unsupported Request at the port: Bus Master Enable is clear, or it is below D0. */
  refuses: 1,
  /** Its link is down: nothing below sends. */
  down: 2,
  unclear: 3,
} as const;

export const PlaceFlag = {
  isDownstreamPort: 1,
  /** Here or above, ACS Source Validation looks at the Requester ID. */
  validates: 2,
  /** Here or above, some ACS control is on. */
  controls: 4,
} as const;

/** Takers in the address map that are no function. */
export const Taker = {
  /** Nothing claims it. */
  none: -1,
  /** Only the exact router can tell. */
  unclear: -2,
} as const;

/** Ranges of the map, ring slots: what a memory must have room for. */
export interface Room {
  readonly ranges: number;
  /** A power of 2. */
  readonly slots: number;
}

function places(room: Room) {
  const rangeStart = Offset.rest;
  const rangeTaker = rangeStart + 8 * room.ranges;
  const rangePlace = rangeTaker + 4 * room.ranges;
  const headers = (rangePlace + room.ranges + 63) & ~63;
  const results = headers + HEADER_BYTES * room.slots;
  return { rangeStart, rangeTaker, rangePlace, headers, results, end: results + 4 * room.slots };
}

/** Views of the memory, carved once. */
export class Tables {
  readonly memory: ArrayBuffer | SharedArrayBuffer;
  readonly room: Room;
  readonly control: Int32Array;
  readonly placeFunction: Int32Array;
  readonly placeAbove: Int32Array;
  readonly placeDepth: Int32Array;
  readonly placeGate: Int32Array;
  readonly placeStop: Int32Array;
  readonly placeFlags: Int32Array;
  readonly placeQuiet: Int32Array;
  readonly placeFirstBus: Int32Array;
  readonly placeLastBus: Int32Array;
  readonly slow: Int32Array;
  readonly idFlags: Uint8Array;
  readonly senderState: Uint8Array;
  readonly senderPlace: Uint8Array;
  readonly senderFunction: Int32Array;
  readonly lowIndex: Int32Array;
  /** First page (4 KiB) of each range of the address map, ascending; the first is 0. Pages fit a double. */
  readonly rangeStart: Float64Array;
  /** Function that takes a request to it, or `Taker`; `rangePlace`: the place that the function lies behind. */
  readonly rangeTaker: Int32Array;
  readonly rangePlace: Uint8Array;
  /** Headers as on the wire, big-endian, 16 bytes a slot; `results`: see `results.ts`. */
  readonly headers: DataView;
  readonly headerBytes: Uint8Array;
  readonly results: Int32Array;

  /** @throws RangeError when the number of slots is no power of 2, or the memory is too small */
  constructor(room: Room, memory?: ArrayBuffer | SharedArrayBuffer) {
    if (!(Number.isInteger(room.slots) && room.slots > 0 && (room.slots & (room.slots - 1)) === 0))
      throw new RangeError(`ring: expected a power of 2 as the number of slots, got ${room.slots}`);
    const at = places(room);
    const bytes = bytesOf(room);
    this.memory = memory ?? new ArrayBuffer(bytes);
    if (this.memory.byteLength < bytes)
      throw new RangeError(`memory: expected ${bytes} bytes or more, got ${this.memory.byteLength}`);
    this.room = room;
    const words = (offset: number, length: number) => new Int32Array(this.memory, offset, length);
    this.control = words(Offset.control, 16);
    this.placeFunction = words(Offset.placeFunction, MAX_PLACES);
    this.placeAbove = words(Offset.placeAbove, MAX_PLACES);
    this.placeDepth = words(Offset.placeDepth, MAX_PLACES);
    this.placeGate = words(Offset.placeGate, MAX_PLACES);
    this.placeStop = words(Offset.placeStop, MAX_PLACES);
    this.placeFlags = words(Offset.placeFlags, MAX_PLACES);
    this.placeQuiet = words(Offset.placeQuiet, MAX_PLACES);
    this.placeFirstBus = words(Offset.placeFirstBus, MAX_PLACES);
    this.placeLastBus = words(Offset.placeLastBus, MAX_PLACES);
    this.idFlags = new Uint8Array(this.memory, Offset.idFlags, REQUESTER_IDS);
    this.slow = words(Offset.slow, CHUNK);
    this.senderState = new Uint8Array(this.memory, Offset.senderState, REQUESTER_IDS);
    this.senderPlace = new Uint8Array(this.memory, Offset.senderPlace, REQUESTER_IDS);
    this.senderFunction = words(Offset.senderFunction, REQUESTER_IDS);
    this.lowIndex = words(Offset.lowIndex, LOW_MEBIBYTES + 1);
    this.rangeStart = new Float64Array(this.memory, at.rangeStart, room.ranges);
    this.rangeTaker = words(at.rangeTaker, room.ranges);
    this.rangePlace = new Uint8Array(this.memory, at.rangePlace, room.ranges);
    this.headers = new DataView(this.memory, at.headers, HEADER_BYTES * room.slots);
    this.headerBytes = new Uint8Array(this.memory, at.headers, HEADER_BYTES * room.slots);
    this.results = words(at.results, room.slots);
  }
}

/** Bytes that a memory with that room takes, in whole WebAssembly pages. */
export function bytesOf(room: Room): number {
  return Math.ceil(places(room).end / 0x10000) * 0x10000;
}
