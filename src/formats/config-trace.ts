/**
 * A recorded trace of configuration writes: JSON lines with what each write changed, as `oracles/qemu` has them, or QEMU's own
 * `pci_cfg_write DEVICE bb:dd.f @0xOFF <- 0xVAL` lines, with or without console text between them.
 */
import { InputError } from './input-error.ts';

export interface TraceWrite {
  /** Line of the trace, from 1. */
  readonly line: number;
  readonly bdf: string;
  readonly offset: number;
  /** Undefined where the trace does not say. */
  readonly size: 1 | 2 | 4 | undefined;
  readonly value: number;
  /** What a read of the same bytes gave right after. */
  readonly readBack: number | undefined;
  /** Every byte of the function that the write changed, by offset; undefined where the trace does not say. */
  readonly changed: ReadonlyMap<number, number> | undefined;
}

export interface ConfigTrace {
  /** Bytes at the start, by function; empty where the trace has none. */
  readonly initial: ReadonlyMap<string, Uint8Array>;
  readonly writes: readonly TraceWrite[];
}

const QEMU_WRITE = /pci_cfg_write \S+ ([0-9a-f]{2}:[0-9a-f]{2}\.[0-7]) @0x([0-9a-f]+) <- 0x([0-9a-f]+)/g;

/** @throws InputError naming the line, when a JSON line is broken, or there is no write at all */
export function readConfigTrace(text: string, name: string): ConfigTrace {
  const initial = new Map<string, Uint8Array>();
  const writes: TraceWrite[] = [];
  const lines = text.split('\n');
  for (const [i, line] of lines.entries()) {
    if (line.startsWith('{')) readJsonLine(line, i + 1, name, initial, writes);
    else
      for (const [, bdf, offset, value] of line.matchAll(QEMU_WRITE))
        writes.push({
          line: i + 1,
          bdf: bdf!,
          offset: Number.parseInt(offset!, 16),
          size: undefined,
          value: Number.parseInt(value!, 16),
          readBack: undefined,
          changed: undefined,
        });
  }
  if (writes.length === 0)
    throw new InputError(
      `${name}: expected config writes (JSON lines, or pci_cfg_write …), got ${lines.length} lines and none`,
    );
  return { initial, writes };
}

function readJsonLine(
  line: string,
  number: number,
  name: string,
  initial: Map<string, Uint8Array>,
  writes: TraceWrite[],
): void {
  const fail = (expected: string): never => {
    throw new InputError(`${name} line ${number}: expected ${expected}, got "${line.slice(0, 60)}"`);
  };
  let record: Record<string, unknown>;
  try {
    record = JSON.parse(line);
  } catch {
    fail('a JSON object');
    return;
  }
  if (record.k === 'init') {
    const { bdf, hex } = record;
    if (typeof bdf !== 'string' || typeof hex !== 'string' || !/^([0-9a-f]{2})+$/i.test(hex)) fail('bdf and hex');
    initial.set(
      bdf as string,
      Uint8Array.from((hex as string).match(/../g)!, (byte) => Number.parseInt(byte, 16)),
    );
  }
  if (record.k !== 'w') return;
  const { f, o, s, v, rb, d } = record;
  if (typeof f !== 'string' || !Number.isInteger(o) || !Number.isInteger(v) || (s !== 1 && s !== 2 && s !== 4)) {
    fail('f, o, s (1, 2 or 4) and v');
    return;
  }
  writes.push({
    line: number,
    bdf: f,
    offset: o as number,
    size: s,
    value: v as number,
    readBack: Number.isInteger(rb) ? (rb as number) : undefined,
    changed:
      typeof d === 'object' && d !== null
        ? new Map(Object.entries(d).map(([offset, byte]) => [Number.parseInt(offset, 16), byte as number]))
        : undefined,
  });
}
