/** The contract of the verbs: JSON, exit codes, and one line for every mistake. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseTlp } from '../../src/formats/tlp-text.ts';
import { assemble, machineOfPlatform } from '../../src/lab/machine.ts';
import { hpeGen9 } from '../../src/platforms/hpe-gen9.ts';
import { type Captured, captureCli } from './capture.ts';

const fixture = (name: string) => new URL(`../fixtures/linux/${name}`, import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'rootport-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: string | Uint8Array) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

describe('case', () => {
  it('tells the story and ends with 0', async () => {
    const { code, stdout, stderr } = await captureCli(['case']);
    expect(code).toBe(0);
    expect(stderr).toBe('');
    expect(stdout).toContain("07:00.0's memory write to 0x100000 is refused by 00:02.2");
  });

  it('has the thread’s values in its JSON', async () => {
    const { code, stdout } = await captureCli(['case', '--json']);
    expect(code).toBe(0);
    const { scenarios, observations } = JSON.parse(stdout);
    const baseline = (id: string) =>
      scenarios
        .find((scenario: { id: string }) => scenario.id === id)
        .policies.find((policy: { id: string }) => policy.id === 'baseline').unsupported_requests;
    expect(baseline('dump-over-network')).toMatchObject([
      { requester: '07:00.0', reporter: '00:02.2', uncorrectable_status: '0x00100000' },
    ]);
    for (const request of baseline('dump-through-hpsa'))
      expect(request).toMatchObject({ reporter: '00:02.0', uncorrectable_status: '0x00100000' });
    expect(observations.filter(({ verdict }: { verdict: string }) => verdict === 'not reproduced')).toEqual([]);
  });
});

describe('shutdown', () => {
  it.each([
    ['firmware-first-nmi', true, true],
    ['firmware-first-reset', true, false],
    ['native', false, false],
    ['serr-nmi', false, false],
  ])('%s: firmware’s record of a refusal, and what the kernel prints of it', async (reaction, hasRecord, hasLog) => {
    const flags = ['shutdown', 'hpe-gen9', '--reaction', reaction];
    const { unsupported_requests } = JSON.parse((await captureCli([...flags, '--json'])).stdout);
    const { error_record, kernel_log } = unsupported_requests[0];
    const { stdout } = await captureCli(flags);
    if (hasRecord) {
      expect(error_record).toMatch(/^43504552[0-9a-f]{808}$/);
      // The log of the request that was refused, in the section's copy of AER.
      expect(error_record).toContain('010000400f00000700001000');
    } else expect(error_record).toBeUndefined();
    expect(kernel_log?.[1]).toBe(hasLog ? '{1}[Hardware Error]: event severity: recoverable' : undefined);
    expect(stdout.includes('    {1}[Hardware Error]:   device_id: 0000:00:02.2\n')).toBe(hasLog);
  });

  it('gives the recorded kernel’s BME order in both phases, and the URs that QEMU hid', async () => {
    const { code, stdout } = await captureCli([
      'shutdown',
      fixture('61-crash-kdump.lspci'),
      ...['--kernel', '6.1', '--path', 'crash', '--json', '--bindings', fixture('61-crash-kdump.json')],
    ]);
    expect(code).toBe(1);
    const { phases, unsupported_requests: refused, command_after: after } = JSON.parse(stdout);
    expect(phases.shutdown.bme_cleared).toEqual([]);
    expect(phases.second_kernel_shutdown.bme_cleared).toEqual([
      ...['03:02.0', '03:01.0', '03:00.0', '02:00.0', '00:02.0', '00:01.0'],
    ]);
    const pairs = new Set(refused.map((r: { requester: string; reporter: string }) => `${r.requester} ${r.reporter}`));
    expect(pairs).toEqual(
      new Set([
        '07:01.0 03:02.0',
        '07:02.0 03:02.0',
        '07:03.0 03:02.0',
        '05:00.0 03:01.0',
        '04:00.0 03:00.0',
        '01:00.0 00:01.0',
      ]),
    );
    const recorded = JSON.parse(readFileSync(fixture('61-crash-kdump.json'), 'utf8'));
    expect(after).toEqual(recorded.command_after);
  });

  it('says once what driver it does not know', async () => {
    const bindings = file('unknown.json', '{"first_kernel":[{"bdf":"07:00.0","driver":"mystery"}]}');
    const flags = ['--path', 'reboot', '--bindings', bindings, '--json'];
    const unknown = await captureCli(['shutdown', 'hpe-gen9', ...flags]);
    expect(unknown.stderr.match(/mystery is not in the tables/g)).toHaveLength(1);
    expect(unknown.code).toBe(1);
    const taught = await captureCli(['shutdown', 'hpe-gen9', ...flags, '--driver', 'mystery=stops,clears']);
    expect(taught.stderr).toBe('');
    expect(taught.code).toBe(0);
  });

  it('takes _OSC controls in any case', async () => {
    const run = async (...controls: string[]) => {
      const bindings = file('osc.json', JSON.stringify({ osc: { os_controls: controls } }));
      return (await captureCli(['shutdown', 'hpe-gen9', '--path', 'reboot', '--json', '--bindings', bindings])).stdout;
    };
    expect(await run('pme', 'aer', 'PCIECAPABILITY')).toBe(await run('PME', 'AER', 'PCIeCapability'));
    expect(await run('PME', 'AER')).not.toBe(await run('PME'));
  });

  it('lets --dma and --ignore-bme choose who sends', async () => {
    const none = await captureCli(['shutdown', '--dma', 'none']);
    expect(none.code).toBe(0);
    const nic = await captureCli(['shutdown', '--dma', '06:00.1', '--json']);
    expect(JSON.parse(nic.stdout).unsupported_requests).toEqual([]);
    const faulty = await captureCli([
      'shutdown',
      '--dma',
      '07:00.0',
      '--policy',
      'bme-all-always',
      '--ignore-bme',
      '07:00.0',
      '--json',
    ]);
    expect(JSON.parse(faulty.stdout).unsupported_requests).toMatchObject([
      { requester: '07:00.0', reporter: '00:02.2' },
    ]);
  });

  it('draws rates from the seed', async () => {
    const draw = (seed: number) => captureCli(['shutdown', '--dma', '07:00.0', '--rate', '0.01', '--seed', `${seed}`]);
    const draws: Captured[] = [];
    for (let seed = 0; seed < 40; seed++) draws.push(await draw(seed));
    const refused = draws.filter(({ code }) => code === 1).length;
    expect(refused).toBeGreaterThan(0);
    expect(refused).toBeLessThan(40);
    expect(await draw(5)).toEqual(draws[5]);
  });
});

it('writes every address as 0x and hex digits', async () => {
  const { stdout } = await captureCli(['shutdown', fixture('61-msi-reboot.lspci'), '--path', 'reboot', '--json']);
  const { unsupported_requests: refused } = JSON.parse(stdout);
  expect(refused.some(({ kind }: { kind: string }) => kind === 'msi')).toBe(true);
  for (const { address } of refused) expect(address).toMatch(/^0x[0-9a-f]+$/);
});

describe('fuzz', () => {
  it('gives the same campaign whatever the shards', async () => {
    const run = async (...flags: string[]) =>
      JSON.parse((await captureCli(['fuzz', '--policy', 'rfc-kdump-bme', '--runs', '150', '--json', ...flags])).stdout);
    const whole = await run();
    const shards = [await run('--shard', '1/3'), await run('--shard', '2/3'), await run('--shard', '3/3')];
    expect(shards.reduce((sum, { runs }) => sum + runs, 0)).toBe(whole.runs);
    expect(shards.reduce((sum, { failures }) => sum + failures, 0)).toBe(whole.failures);
    expect(whole.ur_free_fraction).toBe((whole.runs - whole.failures) / whole.runs);
    expect(whole.counterexample.order).toEqual(['00:02.2']);
  });

  it('goes on where a results file ends, and takes no line for more than it is', async () => {
    const results = join(folder, 'results.jsonl');
    const flags = ['fuzz', '--policy', 'rfc-kdump-bme', '--runs', '200', '--json', '--resume', results];
    const first = await captureCli(flags);
    const lines = readFileSync(results, 'utf8').split('\n');
    // As a killed run leaves it: two chunks finished, the third cut in mid-line.
    writeFileSync(results, `${lines.slice(0, 3).join('\n')}\n${lines[3]!.slice(0, 10)}`);
    const again = await captureCli(flags);
    expect(again.stdout).toBe(first.stdout);
    expect(readFileSync(results, 'utf8').split('\n').toSorted()).toEqual(lines.toSorted());
    const other = await captureCli([...flags, '--seed', '2']);
    expect(other.code).toBe(2);
    expect(other.stderr).toContain('expected results of this campaign');
  });
});

describe('a results file that says what cannot be', () => {
  const flags = ['fuzz', '--policy', 'rfc-kdump-bme', '--runs', '67', '--json', '--resume'];
  const result = (chunk: number, runs: number, failures: number, firstFailure: number) =>
    JSON.stringify({ chunk, runs, failures, firstFailure });

  it.each<[string, string]>([
    ['null', 'null'],
    ['a list', '[]'],
    ['no such chunk', result(2, 64, 0, -1)],
    ['fewer runs than the chunk has', result(0, 63, 0, -1)],
    ['more runs than the last chunk has', result(1, 4, 0, -1)],
    ['a first failure without failures', result(0, 64, 0, 77)],
    ['failures without the first', result(0, 64, 1, -1)],
    ['a first failure of another chunk', result(1, 3, 1, 5)],
    ['more failures than runs are left', result(1, 3, 2, 66)],
    ['fewer than none', result(0, 64, -1, -1)],
  ])('%s', async (name, line) => {
    const results = join(folder, `${name}.jsonl`);
    await captureCli([...flags, results]);
    const [header] = readFileSync(results, 'utf8').split('\n');
    writeFileSync(results, `${header}\n${line}\n`);
    const { code, stderr } = await captureCli([...flags, results]);
    expect(stderr).toBe(
      `rootport: ${results} line 2: expected a finished chunk of this campaign, got "${line.slice(0, 60)}"\n`,
    );
    expect(code).toBe(2);
  });
});

describe('a request that is refused before any write', () => {
  const dump = async () => {
    const { stdout } = await captureCli(['dump']);
    const [before, after] = stdout.split('00:02.2 ') as [string, string];
    return file('closed.lspci', `${before}00:02.2 ${after.replace(/^(00: (?:.. ){4})../m, '$103')}`);
  };

  it('is shown as such', async () => {
    const { stdout } = await captureCli(['shutdown', await dump(), '--kernel', '6.12', '--path', 'reboot']);
    expect(stdout).toContain(
      "  before any write\n           ✗ 07:00.0's memory write to 0x100000 is refused by 00:02.2",
    );
    expect(stdout).toContain("shutdown before any write: 07:00.0's memory write");
    expect(stdout).toContain('    rule: Bus Master Enable is clear: memory and I/O requests from the secondary side');
    expect(stdout).toMatch(/00:02\.2 Command {10,}0003 {6}I\/O Space Enable, .*; Bus Master Enable clear/);
    expect(stdout).not.toContain('-1');
  });

  it('needs nobody to shut down', async () => {
    const { stdout } = await captureCli(['fuzz', await dump(), '--kernel', '6.12', '--path', 'reboot', '--runs', '1']);
    expect(stdout).toContain('shrunk from run 0: refused already, whoever shuts down');
    expect(stdout).toContain('refused by 00:02.2 before any write');
  });
});

it('names the path that a policy runs', async () => {
  const { stdout } = await captureCli(['shutdown', '--path', 'crash', '--policy', 'kexec']);
  expect(stdout).toContain('path kexec, policy kexec');
});

it('says of the port that refuses which Command bits are set, and by which rule', async () => {
  // The window of the root port reaches over all addresses that the function could write.
  const { stdout } = await captureCli(['dump']);
  const open = stdout.replace(/(^00:02\.2 [\s\S]*?^20: ).. .. .. ../m, '$100 00 f0 ff');
  const { stdout: text } = await captureCli([
    'shutdown',
    file('window.lspci', open),
    '--path',
    'reboot',
    '--kernel',
    '6.12',
  ]);
  expect(text).toMatch(/00:02\.2 Command .*Bus Master Enable(?!.*clear)/);
  expect(text).toContain('    rule: the address lies in a window of the port itself');
});

describe('route', () => {
  it('takes the line of a log that has the header', async () => {
    const words = await captureCli(['route', 'hpe-gen9', '40000001', '0700000f', '00100000']);
    for (const line of [
      'TLP Header: 40000001 0700000f 00100000 00000000',
      '[   12.3] pcieport 0000:00:02.2: AER:   TLP Header: 0x40000001 0x0700000f 0x00100000 0x00000000',
      '{1}[Hardware Error]:   TLP Header: 40000001 0700000f 00100000 00000000',
    ])
      for (const args of [['hpe-gen9', line], [line]])
        expect((await captureCli(['route', ...args])).stdout, line).toBe(words.stdout);
    const flit = await captureCli(['route', 'TLP Header (Flit): 0x40000001 0x00000000']);
    expect([flit.code, flit.stdout]).toEqual([2, '']);
  });

  it('says so when no function has the ID, and the root complex sends', async () => {
    const noted = async (...args: string[]) => (await captureCli(['route', ...args])).stderr;
    expect(await noted('MWr', '99:00.0', '0x1000')).toMatch(
      /no function 99:00\.0: the root complex sends it; choose with --from/,
    );
    expect(await noted('MWr', '0001:07:00.0', '0x1000')).toMatch(/no function 0001:07:00\.0/);
    expect(await noted('MWr', '07:00.0', '0x1000')).not.toMatch(/no function/);
    expect(await noted('MWr', '00:00.0', '0x1000')).not.toMatch(/no function/);
    expect(await noted('MWr', '99:00.0', '0x1000', '--from', 'host')).not.toMatch(/no function/);
  });

  it('of a TLP with a prefix: who does not let it pass', async () => {
    const { code, stdout } = await captureCli(['route', '91012345', '40000001', '0700000f', '00100000']);
    expect([code, stdout]).toEqual([
      1,
      `MWr from 07:00.0 to 0x100000, 1 DW, PASID 0x12345, from 07:00.0
  07:00.0  send: Bus Master Enable is set: the function may issue memory and I/O requests  [Command 0546]  (PCIe 5.0 §7.5.1.1.3)
  00:02.2  refuse: End-End TLP Prefix Supported is clear  [Device Capabilities 2 000013be]  (PCIe 5.0 §2.2.10.2)
outcome: malformed at 00:02.2
error message: ERR_FATAL: Device Control enables Fatal Error Reporting
`,
    ]);
    const local = await captureCli(['route', 'hpe-gen9', '8e000000', '40000001', '0700000f', '00100000']);
    expect([local.code, local.stderr]).toEqual([2, expect.stringMatching(/expected end-end prefixes .* local/)]);
  });

  it('explains each hop, and ends with 1 on an Unsupported Request', async () => {
    const { code, stdout } = await captureCli(['route', 'hpe-gen9', 'CfgRd0', '00:00.0', '06:01.0', '--json']);
    const { outcome, at, hops, completion } = JSON.parse(stdout);
    expect([code, outcome, at]).toEqual([1, 'unsupported-request', '00:02.0']);
    expect(hops).not.toEqual([]);
    expect(completion).toMatchObject({ type: 'Cpl', status: 1 });
  });

  it('names what is malformed, and the receiver that discards it', async () => {
    // Length 2 with Last DW BE 0000b.
    const malformed = ['40000002', '0700000f', '00100000'];
    const { code, stdout } = await captureCli(['route', ...malformed]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^ {2}malformed: Last DW BE .*\(PCIe 5\.0 §2\.2\.5\): Malformed TLP/m);
    expect(stdout).toContain('outcome: malformed at 00:02.2');
    expect(stdout).not.toContain('host memory');
    const { fabric } = assemble(machineOfPlatform(hpeGen9));
    const { arena } = fabric;
    const port = arena.find(0, 0x0012);
    fabric.send(parseTlp(malformed.join(' ')), arena.find(0, 0x0700));
    expect(arena.u32(port, arena.layout[port]!.aer + 0x04)).toBe(0x00040000);
  });

  it('knows where memory is, if told; the root port refuses what comes for a hole', async () => {
    const route = (...flags: string[]) => captureCli(['route', ...flags, 'hpe-gen9', 'MWr', '07:00.0', '0xc0000000']);
    expect((await route()).stdout).toContain('outcome: delivered at root complex');
    for (const flags of [
      ['--ram', '0-0x7fffffff'],
      ['--holes', '0x80000000-0xffffffff'],
    ]) {
      const { code, stdout } = await route(...flags);
      expect([code, stdout.split('\n').slice(-4, -1)]).toEqual([
        1,
        [
          '  00:02.2  refuse: no memory at the address, and nothing claims it  (PCIe 5.0 §2.3.1)',
          'outcome: unsupported-request at 00:02.2',
          'error message: ERR_NONFATAL: Device Control enables Unsupported Request and Non-Fatal Error Reporting',
        ],
      ]);
    }
    const wrong = await route('--ram', '1');
    expect([wrong.code, wrong.stderr]).toEqual([
      2,
      'rootport: --ram: expected a range such as 0-0x7fffffff, got "1"\n',
    ]);
  });

  it('takes a header in hex', async () => {
    const { code, stdout } = await captureCli(['route', '40000001', '0700000f', '00100000']);
    expect(code).toBe(0);
    expect(stdout).toContain('outcome: delivered at root complex');
    // From the second word on, this would be a header of its own: that of a CfgRd0.
    const long = await captureCli(['route', '60000001', '0400000f', '00000001', '00100000']);
    expect(long.stdout.split('\n')[0]).toMatch(/^MWr64 .*0x100100000/);
  });
});

it('a live update: what is preserved goes on, in JSON with what the run tells', async () => {
  const flags = ['--policy', 'live-update-preserve', '--preserve', '07:00.0', '--kernel', '7.3', '--json'];
  const { code, stdout } = await captureCli(['shutdown', ...flags]);
  const { phases, command_after, unsupported_requests, dma_stopped, stray_dma } = JSON.parse(stdout);
  expect([code, unsupported_requests, dma_stopped, stray_dma]).toEqual([0, [], false, undefined]);
  expect(Object.keys(phases)).toEqual(['shutdown']);
  const open = Object.entries<string>(command_after).filter(([, command]) => (Number.parseInt(command, 16) & 4) !== 0);
  expect(open.map(([bdf]) => bdf)).toEqual(['00:02.2', '07:00.0']);
});

it('remedies that act before the shutdown have their own phases, and say what a crash is for', async () => {
  const { stdout } = await captureCli(['shutdown', '--policy', 'crash-table,boot-flr', '--json']);
  const { phases, stray_dma, writes_after_panic } = JSON.parse(stdout);
  expect(Object.keys(phases)).toEqual(['crash', 'shutdown', 'boot', 'second_kernel_shutdown']);
  expect(phases.crash.writes[0]).toEqual(['07:00.0', 4, '542', 2]);
  expect(stray_dma).toEqual({ at_jump: [], after_boot: [], at_end: [] });
  expect(writes_after_panic).toEqual({
    crash: phases.crash.writes.length,
    boot: phases.boot.writes.length,
    shutdown: phases.second_kernel_shutdown.writes.length,
  });
  const { stderr } = await captureCli(['shutdown', '--policy', 'crash-table', '--path', 'reboot']);
  expect(stderr).toContain('crash-table: acts around a crash alone; on path reboot there is none');
});

describe('policies', () => {
  it('lists each with what it promises', async () => {
    const { stdout } = await captureCli(['policies', '--json']);
    for (const policy of JSON.parse(stdout).policies)
      expect(Object.keys(policy)).toEqual(['id', 'phase', 'does', 'promises', 'source', 'status']);
  });
});

describe('bad input is one line and exit code 2:', () => {
  const bindings = (text: string) => file(`b${text.length}.json`, text);
  const cut = readFileSync(fixture('61-crash-kdump.lspci'), 'latin1').slice(0, 4990);
  const cases: [string, string[], RegExp][] = [
    ['an empty file', ['dump', file('empty', '')], /got an empty file/],
    ['a binary file', ['dump', file('binary', new Uint8Array(4096).fill(0))], /got a binary file/],
    ['text without a function', ['dump', file('text', 'lorem ipsum\n'.repeat(9))], /9 lines and no function line/],
    ['a dump cut in mid-line', ['dump', file('cut', cut)], /line \d+: expected 16 hex bytes, got \d+ and the end/],
    ['no such file', ['dump', join(folder, 'nosuch')], /got no such file/],
    ['no such trace', ['replay', 'hpe-gen9', join(folder, 'nosuch')], /nosuch: expected a trace, got no such file/],
    ['a folder', ['dump', folder], /got a folder/],
    ['an unknown platform', ['case', 'hpe-gen8'], /expected a platform \(hpe-gen9\), got "hpe-gen8"/],
    ['an unknown kernel', ['shutdown', '--kernel', '5.99'], /--kernel: expected a kernel release/],
    ['an unknown policy', ['shutdown', '--policy', 'pray'], /--policy: expected a policy \(.*got "pray"/],
    [
      'policies that contradict each other',
      ['shutdown', '--policy', 'rfc-kdump-bme,bme-leaf-only'],
      /--policy: rfc-kdump-bme and bme-leaf-only contradict each other: each says when a shutdown clears Bus Master Enable$/m,
    ],
    [
      'a live update without functions',
      ['shutdown', '--policy', 'live-update-preserve'],
      /--policy: live-update-preserve expects the functions of --preserve, got none/,
    ],
    [
      'functions to preserve and no live update',
      ['shutdown', '--preserve', '07:00.0'],
      /--preserve: expected a policy that preserves functions, got baseline/,
    ],
    [
      'a function to preserve that is not there',
      ['shutdown', '--policy', 'live-update-preserve', '--preserve', '09:00.0'],
      /--preserve: .*09:00\.0, which is not there/,
    ],
    ['an unknown path', ['shutdown', '--path', 'halt'], /--path: expected one of/],
    ['an unknown reaction', ['shutdown', '--reaction', 'panic'], /--reaction: expected one of/],
    [
      'bindings for a function that is not there',
      ['shutdown', '--bindings', bindings('{"first_kernel":[{"bdf":"09:00.0"}]}')],
      /first_kernel\[0\]: .*09:00\.0, which is not there/,
    ],
    ['bindings that are no JSON', ['shutdown', '--bindings', bindings('{')], /expected JSON/],
    [
      'binary bindings',
      [
        'shutdown',
        '--bindings',
        file('binary.json', Uint8Array.from([0x1b, 0x5b, 0x32, 0x4a, 0x00, 0x0d, 0x9b, 0x41])),
      ],
      /expected JSON, got an error/,
    ],
    [
      'a name that would move the cursor',
      ['shutdown', '--bindings', bindings('{"first_kernel":[{"bdf":"\\u001b[2J\\u202e\\n00"}]}')],
      /got "\ufffd\[2J\ufffd00"/,
    ],
    [
      'bindings of another shape',
      ['shutdown', '--bindings', bindings('{"first_kernel":[{"bdf":7}]}')],
      /first_kernel\[0\]\.bdf: expected a string, got 7/,
    ],
    [
      'bindings that say nothing',
      ['shutdown', '--bindings', bindings('{ }')],
      /expected osc, first_kernel or second_kernel/,
    ],
    [
      'a service that is none',
      ['shutdown', '--bindings', bindings('{"first_kernel":[{"bdf":"00:02.0","services":["FOO"]}]}')],
      /services\[0\]: expected one of PME/,
    ],
    [
      'an _OSC control that is none',
      ['shutdown', '--bindings', bindings('{"osc":{"os_controls":["PME","AERx"]}}')],
      /osc\.os_controls\[1\]: expected one of PCIeHotplug, .*got "AERx"/,
    ],
    [
      'a function bound twice, in two spellings',
      ['shutdown', '--bindings', bindings('{"first_kernel":[{"bdf":"00:02.0"},{"bdf":"0000:00:02.0"}]}')],
      /first_kernel\[1\]\.bdf: expected each function once, got 0000:00:02\.0 again/,
    ],
    [
      'bindings of what is no function',
      ['shutdown', '--bindings', bindings('{"second_kernel":[{"bdf":"eth0"}]}')],
      /second_kernel\[0\]\.bdf: expected a function such as 07:00\.0, got "eth0"/,
    ],
    ['a TLP with an odd address', ['route', 'hpe-gen9', 'MWr', '07:00.0', '0x100003'], /expected a multiple of 4/],
    [
      'a TLP with words behind it',
      ['route', 'hpe-gen9', 'MWr', '07:00.0', '0x100000', '1', 'junk'],
      /got "junk" behind it/,
    ],
    ['a sender that is not there', ['shutdown', '--dma', '09:00.0'], /--dma: .*not there/],
    ['a rate that is no number', ['shutdown', '--rate', 'often'], /--rate: expected a number/],
    ['a driver taught nothing', ['shutdown', '--driver', 'foo'], /--driver: expected NAME=/],
    ['more runs than there are seeds', ['fuzz', '--runs', '100000000000000'], /--runs: expected .* to 4294967295/],
    ['a rate of two values', ['shutdown', '--rate', '07:00.0=1=2'], /--rate: .*got "07:00.0=1=2"/],
    ['a rate of no function', ['shutdown', '--rate', '__proto__=5'], /--rate: expected a function .*got "__proto__"/],
    [
      'a service by the name of what every object has',
      ['shutdown', '--bindings', file('proto.json', '{"first_kernel":[{"bdf":"00:02.2","services":["constructor"]}]}')],
      /services\[0\]: expected one of PME, AER, pciehp, DPC, bwctrl, got "constructor"/,
    ],
    ['no runs', ['fuzz', '--runs', '0'], /--runs: expected a whole number from 1 to 4294967295/],
    ['a shard beyond the last', ['fuzz', '--shard', '3/2'], /--shard: expected i\/n/],
    [
      'a results file of somebody else',
      ['fuzz', '--resume', file('notes', 'dear diary\n')],
      /line 1: expected a results file/,
    ],
    [
      'a TLP of too many DWORDs, without a machine',
      ['route', 'MWr', '06:00.0', '0x100000', '2000'],
      /TLP length in DWORDs: expected a number below 0x401, got "2000"/,
    ],
    [
      'a TLP to more than 64 bits, without a machine',
      ['route', 'mwr', '06:00.0', '0x10000000000000000'],
      /TLP address: expected a number below 0x10000000000000000/,
    ],
    [
      'a TLP in hex cut short, without a machine',
      ['route', '40000001', '0700000f'],
      /expected a header of at least 12 bytes, got 8/,
    ],
    [
      'a machine by the name of a type',
      ['route', 'Msg', 'MWr', '07:00.0', '0x100000'],
      /^rootport: Msg: .*no such file/,
    ],
    ['a TLP that is none', ['route', 'hpe-gen9', 'hello'], /TLP: expected a header in hex/],
    ['a TLP cut short', ['route', 'hpe-gen9', '40000001'], /TLP: expected a header of at least 12 bytes, got 4/],
    ['an unknown verb', ['dance'], /unknown command 'dance'/],
    ['an unknown flag', ['dump', '--loud'], /unknown option '--loud'/],
  ];

  it.each(cases)('%s', async (_, args, message) => {
    const { code, stdout, stderr } = await captureCli(args);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(stderr.trimEnd()).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect([code, stdout]).toEqual([2, '']);
  });
});
