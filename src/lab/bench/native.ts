/** The same algorithm in C, compiled where a compiler is found and called in this process, on the same memory. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import source from '../../../bench/native/router.c';
import type { Tables } from '../../fabric/decode-cache/tables.ts';

export interface NativeRouter {
  /** The compiler and its flags. */
  readonly name: string;
  /** Routes slots of the ring. @returns TLPs that it leaves to the exact router */
  route(tables: Tables, first: number, count: number): number;
  /** Reads a word of each header and writes a result for it, no more. */
  touch(tables: Tables, first: number, count: number): void;
}

const COMPILERS = ['clang', 'gcc', 'cc'];
const FLAGS = ['-O3', '-march=native', '-fno-tree-vectorize', '-fno-slp-vectorize'];
const MODULE_FLAGS = process.platform === 'darwin' ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-shared', '-fPIC'];

/** Undefined where no compiler is there, or what it makes can't be loaded. */
export function nativeRouter(): NativeRouter | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'rootport-bench-'));
  try {
    const input = join(folder, 'router.c');
    const output = join(folder, 'router.node');
    writeFileSync(input, source);
    for (const compiler of COMPILERS) {
      const flags = FLAGS.filter((flag) => compiler === 'clang' || flag !== '-fno-slp-vectorize');
      const { status } = spawnSync(compiler, [...flags, ...MODULE_FLAGS, '-o', output, input], { stdio: 'ignore' });
      if (status !== 0) continue;
      const { call } = createRequire(import.meta.url)(output) as { call: Call };
      return {
        name: `${compiler} ${flags.join(' ')}`,
        route: (tables, first, count) => call(tables.memory, offsetsOf(tables), first, count, 0),
        touch: (tables, first, count) => {
          call(tables.memory, offsetsOf(tables), first, count, 1);
        },
      };
    }
    return undefined;
  } catch {
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Call = (
  memory: ArrayBuffer | SharedArrayBuffer,
  offsets: ArrayBuffer | SharedArrayBuffer,
  first: number,
  count: number,
  what: 0 | 1,
) => number;

/** In the order in which `router.c` reads them. */
function offsetsOf(tables: Tables): ArrayBufferLike {
  const views = [
    tables.headers,
    tables.results,
    tables.slow,
    tables.control,
    tables.placeFunction,
    tables.placeAbove,
    tables.placeDepth,
    tables.placeGate,
    tables.placeStop,
    tables.placeFlags,
    tables.placeQuiet,
    tables.senderState,
    tables.senderPlace,
    tables.senderFunction,
    tables.lowIndex,
    tables.rangeStart,
    tables.rangeTaker,
    tables.rangePlace,
  ];
  return Int32Array.from(views, (view) => view.byteOffset).buffer;
}
