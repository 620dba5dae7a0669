/**
 * The first look in WebAssembly, four headers at a time, over the memory of the tables. It is compiled when the first router that wants
 * it is made, not when this file is imported; at once, which a page may do where a module has less than 4 KiB.
 */
import { CHUNK, Control, Offset, type Tables } from '../../decode-cache/tables.ts';
import { classify } from '../classify.ts';
import { moduleText } from './module.ts';

/** A `WebAssembly.Memory`. While a router has it, it must not grow: its old buffer would be empty. */
export interface AcceleratorMemory {
  readonly buffer: ArrayBuffer | SharedArrayBuffer;
}

/** What is used of WebAssembly, whose types come with those of a page only. */
interface Engine {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: { readonly classify: Classify } };
  readonly Memory: new (size: { initial: number; maximum: number }) => AcceleratorMemory;
}

type Classify = (
  at: number,
  slot: number,
  count: number,
  slow: number,
  senderState: number,
  lowFirst: number,
  lowLast: number,
  highFirst: number,
  highLast: number,
) => number;

const PAGE = 0x10000;
const LANES = 4;

export class Accelerator {
  readonly #classify: Classify;
  readonly #headers: number;

  private constructor(classify: Classify, tables: Tables) {
    this.#classify = classify;
    this.#headers = tables.headers.byteOffset;
  }

  /**
   * @param memory that of the tables
   * @returns undefined where there is no WebAssembly, it has no SIMD, or a page's policy forbids it
   */
  static of(tables: Tables, memory: AcceleratorMemory): Accelerator | undefined {
    const engine = engineHere();
    const isShared = typeof SharedArrayBuffer === 'function' && memory.buffer instanceof SharedArrayBuffer;
    const module = engine && compiled(engine, isShared ? 'shared' : 'own');
    if (!engine || !module) return undefined;
    return new Accelerator(new engine.Instance(module, { env: { memory } }).exports.classify, tables);
  }

  /** As `classify`: the same slots in the same order. */
  classify(tables: Tables, first: number, count: number): number {
    const { control } = tables;
    const all = Math.min(count, CHUNK);
    const straight = all - (all % LANES);
    const found = this.#classify(
      this.#headers + (first << 4),
      first,
      straight,
      Offset.slow,
      Offset.senderState,
      control[Control.lowFirst]!,
      control[Control.lowLast]!,
      control[Control.highFirst]!,
      control[Control.highLast]!,
    );
    return straight === all ? found : classify(tables, first + straight, all - straight, found);
  }
}

/** @returns undefined where there is no WebAssembly, or no room for one more memory: each takes much address space */
export function acceleratorMemory(bytes: number): AcceleratorMemory | undefined {
  const engine = engineHere();
  if (!engine || !compiled(engine, 'own')) return undefined;
  const pages = Math.ceil(bytes / PAGE);
  try {
    return new engine.Memory({ initial: pages, maximum: pages });
  } catch {
    return undefined;
  }
}

function engineHere(): Engine | undefined {
  return (globalThis as { WebAssembly?: Engine }).WebAssembly;
}

/** null: not to be had. */
const modules: { own?: object | null; shared?: object | null } = {};

function compiled(engine: Engine, kind: 'own' | 'shared'): object | null {
  let module = modules[kind];
  if (module === undefined) {
    const bytes = Uint8Array.from(atob(moduleText[kind]), (character) => character.charCodeAt(0));
    try {
      module = new engine.Module(bytes);
    } catch {
      module = null;
    }
    modules[kind] = module;
  }
  return module;
}
