/**
 * TLP types of Flit Mode, and what may follow their header base. PCIe 6.0 §2.2.1.2, table 2-5; OHC: figures 2-7 to 2-13.
 *
 * A type is a whole byte here. All but NOP and MRd have the byte of Non-Flit Mode (Fmt and Type). Codes that are not listed are
 * reserved, and are no malformed TLPs. Taken from secondary sources.
 */
export type FlitKind =
  | 'nop'
  | 'memory'
  | 'io'
  | 'configuration'
  | 'message'
  | 'completion'
  | 'atomic'
  | 'uio request'
  | 'uio completion';

export interface FlitTypeRow {
  readonly name: string;
  /** For messages with the routing, the low three bits, at 0. */
  readonly code: number;
  readonly kind: FlitKind;
  /** DWORDs of the header base. */
  readonly baseDw: 1 | 3 | 4;
  readonly data: boolean;
}

export const flitTypes = [
  { name: 'NOP', code: 0x00, kind: 'nop', baseDw: 1, data: false },
  { name: 'MRdLk', code: 0x01, kind: 'memory', baseDw: 3, data: false },
  { name: 'IORd', code: 0x02, kind: 'io', baseDw: 3, data: false },
  { name: 'MRd', code: 0x03, kind: 'memory', baseDw: 3, data: false },
  { name: 'CfgRd0', code: 0x04, kind: 'configuration', baseDw: 3, data: false },
  { name: 'CfgRd1', code: 0x05, kind: 'configuration', baseDw: 3, data: false },
  { name: 'Cpl', code: 0x0a, kind: 'completion', baseDw: 3, data: false },
  { name: 'CplLk', code: 0x0b, kind: 'completion', baseDw: 3, data: false },
  { name: 'UIOWrCpl', code: 0x0c, kind: 'uio completion', baseDw: 3, data: false },
  { name: 'UIORdCpl', code: 0x0d, kind: 'uio completion', baseDw: 3, data: false },
  { name: 'MRd64', code: 0x20, kind: 'memory', baseDw: 4, data: false },
  { name: 'MRdLk64', code: 0x21, kind: 'memory', baseDw: 4, data: false },
  { name: 'UIOMRd', code: 0x22, kind: 'uio request', baseDw: 4, data: false },
  { name: 'Msg', code: 0x30, kind: 'message', baseDw: 4, data: false },
  { name: 'MWr', code: 0x40, kind: 'memory', baseDw: 3, data: true },
  { name: 'IOWr', code: 0x42, kind: 'io', baseDw: 3, data: true },
  { name: 'CfgWr0', code: 0x44, kind: 'configuration', baseDw: 3, data: true },
  { name: 'CfgWr1', code: 0x45, kind: 'configuration', baseDw: 3, data: true },
  { name: 'UIORdCplD', code: 0x48, kind: 'uio completion', baseDw: 3, data: true },
  { name: 'CplD', code: 0x4a, kind: 'completion', baseDw: 3, data: true },
  { name: 'CplDLk', code: 0x4b, kind: 'completion', baseDw: 3, data: true },
  { name: 'FetchAdd', code: 0x4c, kind: 'atomic', baseDw: 3, data: true },
  { name: 'Swap', code: 0x4d, kind: 'atomic', baseDw: 3, data: true },
  { name: 'CAS', code: 0x4e, kind: 'atomic', baseDw: 3, data: true },
  { name: 'DMWr', code: 0x5b, kind: 'memory', baseDw: 3, data: true },
  { name: 'MWr64', code: 0x60, kind: 'memory', baseDw: 4, data: true },
  { name: 'UIOMWr', code: 0x61, kind: 'uio request', baseDw: 4, data: true },
  { name: 'FetchAdd64', code: 0x6c, kind: 'atomic', baseDw: 4, data: true },
  { name: 'Swap64', code: 0x6d, kind: 'atomic', baseDw: 4, data: true },
  { name: 'CAS64', code: 0x6e, kind: 'atomic', baseDw: 4, data: true },
  { name: 'MsgD', code: 0x70, kind: 'message', baseDw: 4, data: true },
  { name: 'DMWr64', code: 0x7b, kind: 'memory', baseDw: 4, data: true },
] as const satisfies readonly FlitTypeRow[];

export type FlitType = (typeof flitTypes)[number];
export type FlitTypeName = FlitType['name'];

/** Local prefixes of Flit Mode, a DWORD each. */
export const FLIT_PREFIX_FIRST = 0x8d;
export const FLIT_PREFIX_LAST = 0x8f;

/** Bytes of the trailer for each value of TS. Of the contents only 1 (ECRC) is told here. */
export const flitTrailerBytes = [0, 4, 4, 8, 8, 12, 16, 20] as const;

/** A field of an OHC DWORD: bits [high, low]; several ranges are joined, the highest first. */
export type OhcLayout = Readonly<Record<string, readonly (readonly [high: number, low: number])[]>>;

/** Orthogonal Header Content. Which of A1 to A5 it is, the TLP's type says; what no field covers is reserved. */
export const ohcLayouts = {
  A1: {
    noWrite: [[31, 31]],
    pasidValid: [[30, 30]],
    privilegedModeRequested: [[29, 29]],
    executeRequested: [[28, 28]],
    pasid: [[27, 8]],
    lastBe: [[7, 4]],
    firstBe: [[3, 0]],
  },
  A2: { lastBe: [[7, 4]], firstBe: [[3, 0]] },
  A3: { destinationSegment: [[31, 24]], destinationSegmentValid: [[15, 15]], lastBe: [[7, 4]], firstBe: [[3, 0]] },
  A4: {
    destinationSegment: [[31, 24]],
    destinationSegmentValid: [[15, 15]],
    pasidValid: [[14, 14]],
    pasid: [
      [11, 8],
      [23, 16],
      [7, 0],
    ],
  },
  A5: {
    destinationSegment: [[31, 24]],
    completerSegment: [[23, 16]],
    destinationSegmentValid: [[15, 15]],
    lowerAddress: [[4, 3]],
    status: [[2, 0]],
  },
  /** On a TLP that has no use for it. */
  Ax: {},
  B: { steeringTag: [[23, 8]], ph: [[7, 6]], hintsValid: [[5, 4]], ama: [[3, 1]], amaValid: [[0, 0]] },
  C: {
    requesterSegment: [[31, 24]],
    prSentCounter: [[23, 16]],
    streamId: [[15, 8]],
    subStream: [[6, 4]],
    requesterSegmentValid: [[3, 3]],
    k: [[1, 1]],
    t: [[0, 0]],
  },
} as const satisfies Record<string, OhcLayout>;

export type OhcName = keyof typeof ohcLayouts;
