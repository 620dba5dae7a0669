/** The first look in WebAssembly is that of TypeScript, and takes its place where it can be had. */
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { CHUNK, Control, Sender, Tables } from '../../../../src/fabric/decode-cache/tables.ts';
import { Fabric } from '../../../../src/fabric/fabric.ts';
import { Accelerator, acceleratorMemory } from '../../../../src/fabric/fast-router/accelerator/accelerator.ts';
import { moduleText } from '../../../../src/fabric/fast-router/accelerator/module.ts';
import { classify } from '../../../../src/fabric/fast-router/classify.ts';
import { FastRouter } from '../../../../src/fabric/fast-router/fast-router.ts';
import { hpeGen9 } from '../../../../src/platforms/index.ts';
import { memoryWrite } from '../../../../src/tlp/header.ts';
import { runs } from '../../../generators/runs.ts';

const word = fc.integer({ min: 0, max: 0xffff_ffff });
/** A header as four words, often one that nothing is odd about, or one thing. */
const headers = fc.tuple(
  fc.oneof(fc.constantFrom(0x4000_0001, 0x6000_0001, 0x0000_0001, 0x2000_0001, 0x6000_0040, 0x4000_0000), word),
  fc.oneof(
    fc.nat(0xffff).map((id) => id * 0x1_0000 + 0xff),
    fc.nat(0xffff).map((id) => id * 0x1_0000 + 0x0f),
    word,
  ),
  fc.oneof(fc.nat(0x2000), fc.constantFrom(0x8_0000, 0x7_ffff), word),
  fc.oneof(word, fc.nat(0x20_0000)),
);
const mebibytes = fc.oneof(fc.nat(0x1000), fc.nat(0x7fff_ffff));

const SLOTS = 64;

function tablesWith(engineMemory = acceleratorMemory(2 ** 20)!): [Tables, Accelerator] {
  const tables = new Tables({ ranges: 2, slots: SLOTS }, engineMemory.buffer);
  return [tables, Accelerator.of(tables, engineMemory)!];
}

const machine = () => new Fabric(hpeGen9.functions());

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

describe('the accelerator', () => {
  it('finds the slots that classify finds, in its order', () => {
    const [tables, accelerator] = tablesWith();
    let found = 0;
    let looked = 0;
    fc.assert(
      fc.property(
        fc.array(headers, { maxLength: SLOTS, size: 'max' }),
        fc.nat(SLOTS),
        fc.array(mebibytes, { minLength: 4, maxLength: 4 }),
        fc.uint8Array({ minLength: 1, maxLength: 97, max: Sender.nobody }),
        fc.boolean(),
        (ring, start, limits, states, isOpen) => {
          const first = Math.min(start, SLOTS - ring.length);
          for (const [i, words] of ring.entries())
            for (const [j, value] of words.entries()) tables.headers.setUint32((first + i) * 16 + j * 4, value);
          tables.control.set(limits, Control.lowFirst);
          tables.senderState.fill(Sender.open);
          if (!isOpen) for (let id = 0; id < 0x1_0000; id++) tables.senderState[id] = states[id % states.length]!;
          const expected = classify(tables, first, ring.length);
          const slots = [...tables.slow.subarray(0, expected)];
          tables.slow.fill(-1);
          expect(accelerator.classify(tables, first, ring.length)).toBe(expected);
          expect([...tables.slow.subarray(0, expected)]).toEqual(slots);
          found += expected;
          looked += ring.length;
        },
      ),
      runs(3000),
    );
    // A fair part of both.
    expect(found).toBeGreaterThan(looked * 0.2);
    expect(looked - found).toBeGreaterThan(looked * 0.01);
  });

  it('writes nothing but the list', () => {
    const [tables, accelerator] = tablesWith();
    tables.headerBytes.fill(0xff);
    tables.senderState.fill(Sender.nobody);
    const before = Buffer.from(new Uint8Array(tables.memory)).fill(
      0,
      tables.slow.byteOffset,
      tables.senderState.byteOffset,
    );
    expect(accelerator.classify(tables, 0, SLOTS)).toBe(SLOTS);
    tables.slow.fill(0);
    expect(Buffer.compare(Buffer.from(tables.memory), before)).toBe(0);
  });

  it('fills the list of a whole chunk and no more', () => {
    const memory = acceleratorMemory(2 ** 20)!;
    const tables = new Tables({ ranges: 2, slots: CHUNK }, memory.buffer);
    tables.senderState.fill(Sender.nobody);
    expect(Accelerator.of(tables, memory)!.classify(tables, 0, CHUNK)).toBe(CHUNK);
    expect([...tables.slow]).toEqual([...new Array(CHUNK).keys()]);
    expect(tables.senderState[0]).toBe(Sender.nobody);
  });

  it('has less than the 4 KiB that a page may compile at once', () => {
    for (const text of Object.values(moduleText)) expect(Buffer.from(text, 'base64').length).toBeLessThan(4096);
  });
});

describe('accelerator, of the options of a fast router', () => {
  const delivers = (router: FastRouter) => {
    const write = memoryWrite(0x0700, 0, 0x10_0000);
    for (let i = 0; i < 5; i++) router.push(write);
    router.run();
    return router.counts[0];
  };

  it('auto takes WebAssembly over memory of its own, typescript never', () => {
    const routers = [undefined, 'auto', 'wasm', 'typescript'] as const;
    const made = routers.map((accelerator) => new FastRouter(machine(), accelerator && { accelerator }));
    expect(made.map((router) => router.accelerator)).toEqual(['wasm', 'wasm', 'wasm', 'typescript']);
    expect(made.map(delivers)).toEqual([5, 5, 5, 5]);
  });

  it('takes a memory that is given, shared or not', () => {
    const { Memory } = (
      globalThis as unknown as { WebAssembly: { Memory: new (size: object) => { buffer: ArrayBuffer } } }
    ).WebAssembly;
    const pages = FastRouter.memoryBytes(machine()) / 0x1_0000;
    for (const shared of [false, true]) {
      const memory = new Memory({ initial: pages, maximum: pages, shared });
      const router = new FastRouter(machine(), { memory });
      expect([router.accelerator, router.tables.memory === memory.buffer]).toEqual(['wasm', true]);
      expect(delivers(router)).toBe(5);
    }
  });

  it('leaves a mere buffer to TypeScript', () => {
    const memory = new SharedArrayBuffer(FastRouter.memoryBytes(machine()));
    const router = new FastRouter(machine(), { memory });
    expect([router.accelerator, delivers(router)]).toEqual(['typescript', 5]);
    expect(() => new FastRouter(machine(), { memory, accelerator: 'wasm' })).toThrow(
      new RangeError('accelerator: expected WebAssembly with SIMD and its memory, got a buffer'),
    );
  });

  const engine = (globalThis as unknown as { WebAssembly: object }).WebAssembly;
  const refuses = class {
    constructor() {
      throw new Error('refused');
    }
  };
  it.each([
    ['no WebAssembly', undefined],
    [
      'no SIMD in it',
      { Memory: Reflect.get(engine, 'Memory'), Instance: Reflect.get(engine, 'Instance'), Module: refuses },
    ],
    [
      'no room for one more memory',
      { Module: Reflect.get(engine, 'Module'), Instance: Reflect.get(engine, 'Instance'), Memory: refuses },
    ],
  ])('falls to TypeScript where there is %s', async (_, here) => {
    vi.stubGlobal('WebAssembly', here);
    vi.resetModules();
    const fresh = await import('../../../../src/fabric/fast-router/fast-router.ts');
    const router = new fresh.FastRouter(machine());
    expect([router.accelerator, delivers(router)]).toEqual(['typescript', 5]);
    expect(() => new fresh.FastRouter(machine(), { accelerator: 'wasm' })).toThrow(
      /^accelerator: expected WebAssembly .*, got none here$/,
    );
  });

  it('compiles with the first router that wants it, once', async () => {
    const Module = vi.fn(Reflect.get(engine, 'Module'));
    vi.stubGlobal('WebAssembly', {
      Module,
      Instance: Reflect.get(engine, 'Instance'),
      Memory: Reflect.get(engine, 'Memory'),
    });
    vi.resetModules();
    const fresh = await import('../../../../src/fabric/index.ts');
    new fresh.FastRouter(machine(), { accelerator: 'typescript' });
    expect(Module).toHaveBeenCalledTimes(0);
    for (let i = 0; i < 2; i++) expect(new fresh.FastRouter(machine()).accelerator).toBe('wasm');
    expect(Module).toHaveBeenCalledTimes(1);
  });
});
