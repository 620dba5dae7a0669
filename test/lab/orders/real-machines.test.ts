/** Dumps of real machines: a walk fails where the fabric refuses, and what is proved holds for the orders that are tried. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readLspci } from '../../../src/formats/lspci-text.ts';
import { Fuzzer } from '../../../src/lab/fuzz.ts';
import { machineOfDump } from '../../../src/lab/machine.ts';
import { prove } from '../../../src/lab/prove.ts';
import { defaultSpec } from '../../../src/lab/shutdown-spec.ts';

const folder = new URL('../../../../shared/dumps/', import.meta.url);
const dumps = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.lspci')) : [];
const whole = dumps.filter((name) => /^(dell|huananzhi|p61|talos2|pciutils-tree)/.test(name));

it.skipIf(whole.length === 0).each(whole.length === 0 ? ['(skipped: no dumps)'] : whole)(
  '%s',
  (name) => {
    const machine = machineOfDump(readLspci(readFileSync(new URL(name, folder), 'utf8')), name);
    for (const [kernel, path] of [
      ['6.1', 'reboot'],
      ['6.1', 'crash'],
      ['7.3', 'kexec'],
    ] as const) {
      const shutdown = { ...defaultSpec(machine), kernel, path };
      const fuzzer = new Fuzzer({ machine, shutdown, runs: 100, seed: 1, shard: { index: 1, of: 1 } });
      const runs = Array.from({ length: 4 }, (_, run) => run);
      const fails = runs.map((run) => fuzzer.fails(run));
      expect([kernel, path, fails]).toEqual([
        kernel,
        path,
        runs.map((run) => fuzzer.run(run).unsupportedRequests.length > 0),
      ]);
      if (prove(machine, shutdown).safe) expect(fails).toEqual(runs.map(() => false));
    }
  },
  60_000,
);
