/** `rootport decode`: what it prints of dumps that are whole, broken, or not alike. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { hpeGen9 } from '../../src/platforms/hpe-gen9.ts';
import { captureCli } from './capture.ts';

const work = mkdtempSync(join(tmpdir(), 'rootport-'));
afterAll(() => rmSync(work, { recursive: true }));

function dump(name: string, functions: Readonly<Record<string, Uint8Array>>): string {
  const path = join(work, name);
  const lines = Object.entries(functions).flatMap(([bdf, bytes]) => [
    `${bdf} 0600: 8086:1234`,
    ...Array.from({ length: bytes.length / 16 }, (_, row) => {
      const hex = [...bytes.subarray(row * 16, row * 16 + 16)].map((byte) => byte.toString(16).padStart(2, '0'));
      return `${(row * 16).toString(16).padStart(2, '0')}: ${hex.join(' ')}`;
    }),
    '',
  ]);
  writeFileSync(path, lines.join('\n'));
  return path;
}

/** Memory enabled; Power Management at 40h, a vendor's seven bytes at 50h. */
function device(): Uint8Array {
  const bytes = new Uint8Array(256);
  bytes.set([0x86, 0x80, 0x34, 0x12, 0x02, 0x00, 0x10, 0x00]);
  bytes[0x34] = 0x40;
  bytes.set([0x01, 0x50, 0x03, 0x00], 0x40);
  bytes.set([0x09, 0x00, 0x07, 0xaa, 0xbb, 0xcc, 0xdd, 0xee], 0x50);
  return bytes;
}
function changed(...at: readonly (readonly [number, number])[]): Uint8Array {
  const bytes = device();
  for (const [offset, value] of at) bytes[offset] = value;
  return bytes;
}

it("gives a vendor's bytes, in rows and in JSON", async () => {
  const path = dump('vendor', { '00:00.0': device() });
  const text = await captureCli(['decode', path]);
  expect(text.stdout).toContain('\t\t[50] data: 09 00 07 aa bb cc dd\n');
  expect(text.code).toBe(0);
  const { functions } = JSON.parse((await captureCli(['decode', '--json', path])).stdout);
  expect(functions[0].capabilities.map(({ data }: { data?: string }) => data)).toEqual([undefined, '090007aabbccdd']);
  expect(functions[0].capabilities[1].registers).toEqual([
    {
      name: 'Vendor-Specific Capability Length',
      offset: 0x52,
      width: 8,
      value: '0x07',
      fields: { 'Capability Length': '0x7' },
    },
  ]);
});

it('says of a register that such a function should not have that it is none', async () => {
  // A root port without a slot, with Slot Capabilities all the same.
  const bytes = changed([0x51, 0x60], [0x60, 0x10], [0x62, 0x42], [0x74, 0x60]);
  const { stdout } = await captureCli(['decode', dump('no-slot', { '00:00.0': bytes })]);
  expect(stdout).toMatch(/Slot Capabilities: 00000060 \(no register of such a function, yet not 0\)/);
  expect(stdout.match(/no register of such a function/g)).toHaveLength(1);
});

it('reports broken lists in text and in JSON, and goes on', async () => {
  const path = dump('broken', { '00:00.0': changed([0x51, 0x44], [0x44, 0x05], [0x45, 0x40]), '00:01.0': device() });
  const { stdout, code } = await captureCli(['decode', path]);
  expect(code).toBe(0);
  expect(stdout).toContain('\tProblem at 45: capability list comes back to 40h\n');
  expect(stdout).toContain('\tProblem at 44: MSI overlaps Power Management at 40h, which reaches to 47h\n');
  expect(stdout).toContain('00:01.0');
  const { functions } = JSON.parse((await captureCli(['decode', '--json', path])).stdout);
  expect(functions.map(({ problems }: { problems: unknown[] }) => problems.length)).toEqual([2, 0]);
});

it('says so where a dump has only headers', async () => {
  const { stdout, stderr, code } = await captureCli(['decode', dump('short', { '00:00.0': device().subarray(0, 64) })]);
  expect(code).toBe(0);
  expect(stdout).not.toContain('Capabilities:');
  expect(stderr).toMatch(/1 of 1 functions with only their header/);
});

it('compares two dumps by field', async () => {
  const a = dump('a', { '00:00.0': device(), '00:01.0': device(), '00:02.0': device() });
  const b = dump('b', { '00:00.0': changed([4, 0x06], [0x56, 0xde]), '00:01.0': device(), '00:03.0': device() });
  const text = await captureCli(['decode', '--diff', a, b]);
  expect(text).toEqual({
    code: 1,
    stderr: '',
    stdout: `00:00.0
\tHeader  Command, Bus Master Enable: 0 → 1
\tVendor-Specific [50]  data, 56: dd → de
00:02.0  only in ${a}
00:03.0  only in ${b}
`,
  });
  const json = await captureCli(['decode', '--json', '--diff', a, b]);
  expect(json.code).toBe(1);
  expect(JSON.parse(json.stdout)).toEqual({
    functions: [
      {
        bdf: '00:00.0',
        changes: [
          { where: 'Header', register: 'Command', field: 'Bus Master Enable', before: '0x0', after: '0x1' },
          { where: 'Vendor-Specific [50]', register: 'data', field: '56', before: '0xdd', after: '0xde' },
        ],
      },
      { bdf: '00:02.0', only_in: a, changes: [] },
      { bdf: '00:03.0', only_in: b, changes: [] },
    ],
  });
});

it('finds none between a dump and itself', async () => {
  const a = dump('same', { '00:00.0': device() });
  expect(await captureCli(['decode', '--diff', a, a])).toEqual({ code: 0, stdout: '', stderr: '' });
  expect((await captureCli(['decode', '--diff', '--json', a, a])).stdout).toBe('{"functions":[]}\n');
});

it('says a capability that one of them lacks in one line, and every field in JSON', async () => {
  const a = dump('with', { '00:00.0': device() });
  const b = dump('without', { '00:00.0': changed([0x41, 0]) });
  expect((await captureCli(['decode', '--diff', a, b])).stdout).toBe(`00:00.0\n\tVendor-Specific [50]  only in ${a}\n`);
  const { functions } = JSON.parse((await captureCli(['decode', '--diff', '--json', b, a])).stdout);
  expect(functions[0].changes[0]).toEqual({
    where: 'Vendor-Specific [50]',
    register: 'Vendor-Specific Capability Length',
    field: 'Capability Length',
    before: null,
    after: '0x7',
  });
});

it('names segments where any function is in another than 0', async () => {
  const a = dump('one', { '0000:00:00.0': device(), '0001:00:00.0': device() });
  const b = dump('other', { '0000:00:00.0': changed([4, 0]), '0001:00:00.0': changed([4, 3]) });
  const { stdout } = await captureCli(['decode', '--diff', a, b]);
  expect(stdout.split('\n').filter((line) => line !== '' && !line.startsWith('\t'))).toEqual([
    '0000:00:00.0',
    '0001:00:00.0',
  ]);
});

it('compares what both have of a function', async () => {
  const a = dump('long', { '00:00.0': device() });
  const b = dump('header', { '00:00.0': device().subarray(0, 64) });
  const { code, stdout, stderr } = await captureCli(['decode', '--diff', a, b]);
  expect([code, stdout]).toEqual([0, '']);
  expect(stderr).toContain(`00:00.0: ${a} has 256 bytes of it and ${b} 64; what both have is compared`);
});

it.each([
  [['decode', 'no-such-file'], /^rootport: no-such-file: expected .*, got no such file\n$/],
  [['decode', '--diff', 'hpe-gen9'], /^rootport: decode --diff: expected two dumps, got 1\n$/],
  [['decode', 'hpe-gen9', 'hpe-gen9'], /^rootport: decode: expected one dump, got 2; two go with --diff\n$/],
])('refuses %j with one line', async (args, line) => {
  const { code, stdout, stderr } = await captureCli(args);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(line);
});

it('takes a built-in platform', async () => {
  const { functions } = JSON.parse((await captureCli(['decode', '--json'])).stdout);
  expect(functions).toHaveLength(hpeGen9.functions().length);
});
