/**
 * Every Fmt and Type of a TLP that is not a prefix. PCIe 5.0 §2.2.1, table 2-3.
 *
 * `fmt`: bit 0 set = 4DW header, bit 1 set = with data. `type`: for messages the low three bits are the routing and are 0
 * here. `kind` says which header layout the fields have; `posted` requests get no completion.
 */
export type TlpKind = 'memory' | 'io' | 'configuration' | 'message' | 'completion' | 'atomic';

export interface TlpTypeRow {
  readonly name: string;
  readonly fmt: number;
  readonly type: number;
  readonly kind: TlpKind;
  readonly posted: boolean;
}

export const tlpTypes = [
  { name: 'MRd', fmt: 0b000, type: 0b00000, kind: 'memory', posted: false },
  { name: 'MRd64', fmt: 0b001, type: 0b00000, kind: 'memory', posted: false },
  { name: 'MRdLk', fmt: 0b000, type: 0b00001, kind: 'memory', posted: false },
  { name: 'MRdLk64', fmt: 0b001, type: 0b00001, kind: 'memory', posted: false },
  { name: 'MWr', fmt: 0b010, type: 0b00000, kind: 'memory', posted: true },
  { name: 'MWr64', fmt: 0b011, type: 0b00000, kind: 'memory', posted: true },
  { name: 'DMWr', fmt: 0b010, type: 0b11011, kind: 'memory', posted: false },
  { name: 'DMWr64', fmt: 0b011, type: 0b11011, kind: 'memory', posted: false },
  { name: 'IORd', fmt: 0b000, type: 0b00010, kind: 'io', posted: false },
  { name: 'IOWr', fmt: 0b010, type: 0b00010, kind: 'io', posted: false },
  { name: 'CfgRd0', fmt: 0b000, type: 0b00100, kind: 'configuration', posted: false },
  { name: 'CfgWr0', fmt: 0b010, type: 0b00100, kind: 'configuration', posted: false },
  { name: 'CfgRd1', fmt: 0b000, type: 0b00101, kind: 'configuration', posted: false },
  { name: 'CfgWr1', fmt: 0b010, type: 0b00101, kind: 'configuration', posted: false },
  { name: 'FetchAdd', fmt: 0b010, type: 0b01100, kind: 'atomic', posted: false },
  { name: 'FetchAdd64', fmt: 0b011, type: 0b01100, kind: 'atomic', posted: false },
  { name: 'Swap', fmt: 0b010, type: 0b01101, kind: 'atomic', posted: false },
  { name: 'Swap64', fmt: 0b011, type: 0b01101, kind: 'atomic', posted: false },
  { name: 'CAS', fmt: 0b010, type: 0b01110, kind: 'atomic', posted: false },
  { name: 'CAS64', fmt: 0b011, type: 0b01110, kind: 'atomic', posted: false },
  { name: 'Msg', fmt: 0b001, type: 0b10000, kind: 'message', posted: true },
  { name: 'MsgD', fmt: 0b011, type: 0b10000, kind: 'message', posted: true },
  { name: 'Cpl', fmt: 0b000, type: 0b01010, kind: 'completion', posted: true },
  { name: 'CplD', fmt: 0b010, type: 0b01010, kind: 'completion', posted: true },
  { name: 'CplLk', fmt: 0b000, type: 0b01011, kind: 'completion', posted: true },
  { name: 'CplDLk', fmt: 0b010, type: 0b01011, kind: 'completion', posted: true },
] as const satisfies readonly TlpTypeRow[];

export type TlpType = (typeof tlpTypes)[number];
export type TlpTypeName = TlpType['name'];

/** Completion Status. PCIe 5.0 §2.2.9, table 2-35; the values that are not here are handled as UR. */
export const completionStatus = { SC: 0b000, UR: 0b001, CRS: 0b010, CA: 0b100 } as const;
