/** The shutdown model against what real kernels did, write by write. */
import { describe, expect, it } from 'vitest';
import { shutdownJson } from '../../src/lab/shutdown-json.ts';
import { runShutdown, type ShutdownOptions } from '../../src/lab/shutdown-run.ts';
import { parseKernelVersion } from '../../src/linux/kernel-version.ts';
import { busMasterFalls, fabricOf, type Recording, recording, recordings } from './recorded.ts';

const shutdownPhases = ['shutdown', 'second_kernel_shutdown'] as const;

function run(recorded: Recording, more: Partial<ShutdownOptions>) {
  const fabric = fabricOf(recorded);
  const result = runShutdown(fabric, {
    kernel: parseKernelVersion(recorded.kernel),
    path: recorded.path,
    bindings: recorded,
    ...more,
  });
  return { fabric, result, json: shutdownJson(fabric.arena, result) };
}

const hex16 = (value: number) => value.toString(16).padStart(4, '0');

it('has all recordings', () => {
  expect(recordings.map(({ name }) => name)).toEqual([
    '61-all-kexec',
    '61-all-reboot',
    '61-crash-kdump',
    '61-few-reboot',
    '61-msi-crash',
    '61-msi-reboot',
    '61-two-kexec',
    '61-two-reboot',
    '612-all-reboot',
    '612-crash-kdump',
    '612-few-kexec',
    '612-few-reboot',
    '612-msi-reboot',
    '612-two-crash',
    '73-all-kexec',
    '73-all-reboot',
    '73-crash-kdump',
    '73-few-reboot',
    '73-msi-reboot',
    '73-two-kexec',
  ]);
});

describe.each(recordings)('$name', (recorded) => {
  const phases = shutdownPhases.filter((name) => recorded.phases[name] !== undefined);

  it('calls the same functions and makes the same writes, in order', () => {
    const { json } = run(recorded, { dma: 'none' });
    expect(Object.keys(json.phases)).toEqual(phases);
    for (const name of phases) {
      expect(json.phases[name]!.shutdown_calls).toEqual(recorded.phases[name]!.shutdown_calls);
      expect(json.phases[name]!.writes).toEqual(recorded.phases[name]!.writes);
    }
  });

  it('leaves the same Command registers', () => {
    expect(run(recorded, { dma: 'none' }).json.command_after).toEqual(recorded.command_after);
  });

  const handoff = recorded.command_at_handoff;
  if (handoff !== null && recorded.path === 'kexec')
    it('hands the same Command registers over', () => {
      const { json } = run(recorded, { dma: 'none', bindings: { ...recorded, second_kernel: null } });
      expect(json.command_after).toEqual(handoff);
    });
  if (handoff !== null && recorded.path === 'crash')
    it('hands the Command registers over as they were: the crashed kernel writes nothing', () => {
      const { arena } = fabricOf(recorded);
      const commands = Array.from({ length: arena.count }, (_, fn) => [arena.name(fn), hex16(arena.command(fn))]);
      expect(Object.fromEntries(commands)).toEqual(handoff);
      expect(run(recorded, { dma: 'all' }).json.phases.shutdown).toEqual({
        shutdown_calls: [],
        writes: [],
        bme_cleared: [],
      });
    });

  it('clears Bus Master Enable in the same order while every function sends', () => {
    const { json } = run(recorded, { dma: 'all' });
    for (const name of phases) {
      const before = name === 'shutdown' ? recorded.first_kernel : recorded.second_kernel!;
      expect(json.phases[name]!.bme_cleared).toEqual(busMasterFalls(before, recorded.phases[name]!.writes));
    }
  });
});

describe('who is refused while every function sends', () => {
  const refusals = (name: string) =>
    run(recording(name), { dma: 'all' }).json.unsupported_requests.map(
      ({ requester, reporter }) => `${requester} at ${reporter}`,
    );

  it('6.1 in a kdump kernel: what no driver stopped, at the first port above that was disabled', () => {
    const refused = refusals('61-crash-kdump');
    expect(refused).toEqual(
      expect.arrayContaining(['07:01.0 at 03:02.0', '05:00.0 at 03:01.0', '04:00.0 at 03:00.0', '01:00.0 at 00:01.0']),
    );
    expect(refused.filter((text) => text.startsWith('00:'))).toEqual([]);
  });

  it.each(['612-crash-kdump', '73-crash-kdump', '612-all-reboot', '612-few-reboot', '73-all-reboot', '73-few-reboot'])(
    '%s: nobody, since ports keep Bus Master Enable',
    (name) => {
      expect(refusals(name)).toEqual([]);
    },
  );
});
