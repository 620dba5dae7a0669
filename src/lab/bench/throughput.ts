/** Nanoseconds a TLP: by mix, by depth, by number of functions. */
import { FastRouter } from '../../fabric/fast-router/fast-router.ts';
import { add, type Bench, type Figures } from './figures.ts';
import { chain, standardMachine, wideMachine } from './machines.ts';
import { interleaved } from './measure.ts';
import { fillTrace, type Mix } from './traces.ts';

const DEPTHS = [1, 2, 4, 6, 8];
const SIZES = [16, 256, 4096, 65_536];
const QUICK_SIZES = [16, 65_536];

/** TLPs of a trace. */
export function slotsOf({ isQuick }: Bench): number {
  return isQuick ? 2 ** 18 : 2 ** 20;
}

/** A router with a trace of the mix in its ring, routed once: what is refused has been reported by then. */
export function loaded(
  fabric: ConstructorParameters<typeof FastRouter>[0],
  mix: Mix,
  slots: number,
  accelerator: 'auto' | 'typescript' = 'typescript',
): FastRouter {
  const router = new FastRouter(fabric, { slots, accelerator, expectsCompletions: true });
  fillTrace(router, mix);
  router.route(0, slots);
  return router;
}

export function mixes(bench: Bench): Figures {
  const { native } = bench;
  const slots = slotsOf(bench);
  const nanoseconds: Partial<Record<Mix, number>> = {};
  const ratios: Partial<Record<Mix, number | null>> = {};
  for (const mix of ['std', 'up64', 'mixed'] as const) {
    const router = loaded(standardMachine(), mix, slots);
    const { tables } = router;
    const hasNative = native !== undefined && mix !== 'mixed';
    if (hasNative && native.route(tables, 0, slots) !== 0)
      throw new Error(`${mix}: expected C to settle every TLP of the trace`);
    const found = interleaved(bench.clock, bench.effort, {
      typescript: () => router.route(0, slots),
      ...(hasNative
        ? { c: () => void native.route(tables, 0, slots), touch: () => native.touch(tables, 0, slots) }
        : {}),
    } as Record<'typescript' | 'c' | 'touch', () => void>);
    const ratio = hasNative ? found.typescript / found.c : null;
    nanoseconds[mix] = found.typescript / slots;
    ratios[mix] = ratio;
    add(bench, `${mix}, TypeScript`, found.typescript / slots, ratio);
    if (hasNative) {
      add(bench, `${mix}, C`, found.c / slots, 1);
      add(bench, `${mix}, memory alone (C)`, found.touch / slots, found.touch / found.c);
    }
    router.close();
  }
  return { 'ts-std': ratios.std!, mixed: nanoseconds.mixed! / nanoseconds.std! };
}

/** The mixes with the first look in WebAssembly; nothing where it can't be had. */
export function acceleratedMixes(bench: Bench): Figures {
  const { native } = bench;
  const slots = slotsOf(bench);
  const figures: Record<string, number> = {};
  for (const mix of ['std', 'up64'] as const) {
    const router = loaded(standardMachine(), mix, slots, 'auto');
    if (router.accelerator !== 'wasm') return {};
    const found = interleaved(bench.clock, bench.effort, {
      wasm: () => router.route(0, slots),
      ...(native === undefined ? {} : { c: () => void native.route(router.tables, 0, slots) }),
    } as Record<'wasm' | 'c', () => void>);
    const ratio = native === undefined ? null : found.wasm / found.c;
    if (ratio !== null) figures[`wasm-${mix}`] = ratio;
    if (mix === 'up64') figures['wasm-up64-rate'] = (1000 * slots) / found.wasm;
    add(bench, `${mix}, WebAssembly`, found.wasm / slots, ratio);
    router.close();
  }
  return figures;
}

/** 1 to 8 bridges on the way, `up64`. */
export function depths(bench: Bench): Figures {
  const slots = slotsOf(bench);
  const routers = DEPTHS.map((depth) => loaded(chain(depth).fabric, 'up64', slots));
  const found = interleaved(
    bench.clock,
    bench.effort,
    Object.fromEntries(routers.map((router, i) => [DEPTHS[i]!, () => router.route(0, slots)])),
  );
  for (const depth of DEPTHS) add(bench, `up64, depth ${depth}, TypeScript`, found[depth]! / slots, null);
  return { depth: found[DEPTHS.at(-1)!]! / found[DEPTHS[0]!]! };
}

/** 16 to 65,536 functions, `std`. */
export function sizes(bench: Bench): Figures {
  const slots = slotsOf(bench);
  const counts = bench.isQuick ? QUICK_SIZES : SIZES;
  const routers = counts.map((count) => loaded(wideMachine(count), 'std', slots));
  const found = interleaved(
    bench.clock,
    bench.effort,
    Object.fromEntries(routers.map((router, i) => [counts[i]!, () => router.route(0, slots)])),
  );
  for (const count of counts) add(bench, `std, ${count} functions, TypeScript`, found[count]! / slots, null);
  return { size: found[counts.at(-1)!]! / found[counts[0]!]! };
}
