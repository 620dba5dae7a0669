import { add, cycle, save, suite } from 'benny';

/** What is measured: `run` does the operation `operations` times, so that the call itself weighs nothing. */
export interface Case {
  readonly name: string;
  readonly operations: number;
  readonly run: () => void;
}

export interface Effort {
  readonly minTime?: number;
  readonly maxTime?: number;
  readonly minSamples?: number;
}

/** Results go here, so that no loop is found to be of no use. */
export const sink = { value: 0 };

const nanoseconds = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/**
 * Runs the cases and prints a line each: the median time of one operation.
 * @param folder where benny writes its JSON, `<title>.json`; nothing is written without it
 */
export async function measure(title: string, cases: readonly Case[], effort: Effort, folder?: string): Promise<void> {
  const operations = new Map(cases.map((entry) => [entry.name, entry.operations]));
  const width = Math.max(...cases.map(({ name }) => name.length));
  await suite(
    title,
    ...cases.map(({ name, run }) => add(name, run, effort)),
    cycle(({ name, details, margin, samples }) => {
      // benny counts in seconds of one call.
      const each = (details.median * 1e9) / operations.get(name)!;
      console.log(
        `  ${name.padEnd(width)}  ${nanoseconds.format(each).padStart(12)} ns  ±${margin.toFixed(1)}%  ${samples} samples`,
      );
    }),
    ...(folder === undefined ? [] : [save({ folder, file: title.replaceAll(' ', '-'), details: true })]),
  );
}
