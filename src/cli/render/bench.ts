import type { BenchReport } from '../../lab/bench/figures.ts';
import { table } from './table.ts';

export function renderBench({ machine, clock, native, results, targets }: BenchReport): string[] {
  return [
    `${machine.processor}, ${machine.cpus} CPUs, Node ${machine.node}; ${clock} time; ${native ?? 'no C compiler'}`,
    table(
      ['traffic', 'ns a TLP', 'M TLP/s', 'ratio to C'],
      results.map(({ name, ns_per_tlp, ratio_to_c }) => [
        name,
        ns_per_tlp.toFixed(2),
        (1000 / ns_per_tlp).toFixed(0),
        ratio_to_c === null ? '–' : ratio_to_c.toFixed(2),
      ]),
      [null, null, null, null],
    ),
    table(
      ['target', 'value', 'goal', 'met'],
      targets.map(({ id, value, target, met }) => [
        id,
        value === null ? '–' : `${value}`,
        `${target}`,
        met === null ? '–' : met ? 'yes' : 'no',
      ]),
      [null, null, null, null],
    ),
  ].flatMap((text) => text.split('\n'));
}
