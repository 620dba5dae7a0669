/** `tlp decode` and `tlp encode`: what comes in, what goes out, and the exit code. */
import { existsSync, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { type Captured, captureCli } from './capture.ts';

const stdin = Object.getOwnPropertyDescriptor(process, 'stdin')!;
afterEach(() => Object.defineProperty(process, 'stdin', stdin));

/** Runs `tlp …` with this text on standard input. */
function tlp(args: readonly string[], text?: string): Promise<Captured> {
  if (text !== undefined)
    Object.defineProperty(process, 'stdin', { value: Readable.from([Buffer.from(text)]), configurable: true });
  return captureCli(['tlp', ...args]);
}
const lines = (text: string) => text.trimEnd().split('\n');

const packed = lines(readFileSync(new URL('../fixtures/tlp/cocotbext-pcie.jsonl', import.meta.url), 'utf8'));

describe('1,100 TLPs of cocotbext-pcie', () => {
  it('decode from hex to their fields', async () => {
    const hex = packed.map((line) => (JSON.parse(line) as { hex: string }).hex);
    const { code, stdout, stderr } = await tlp(['decode', '--json'], `${hex.join('\n')}\n`);
    expect(lines(stdout).map((line) => JSON.parse(line))).toMatchObject(packed.map((line) => JSON.parse(line)));
    // Some have TC or Attr where these must be 0.
    expect([code, stderr]).toEqual([1, '']);
  });

  it('encode from their fields to hex, and from what decode prints', async () => {
    const hex = packed.map((line) => (JSON.parse(line) as { hex: string }).hex);
    const fields = packed.map((line) => JSON.stringify({ ...JSON.parse(line), hex: undefined }));
    const { code, stdout, stderr } = await tlp(['encode'], fields.join('\n'));
    expect([code, stderr]).toEqual([0, '']);
    expect(lines(stdout)).toEqual(hex);
    const decoded = await tlp(['decode', '--json', '-'], hex.join('\n'));
    expect(lines((await tlp(['encode'], decoded.stdout)).stdout)).toEqual(hex);
  });
});

const headers = new URL('../../../shared/oracles/tlp/aer-headers.txt', import.meta.url);
const here = existsSync(headers);
describe.skipIf(!here)(`headers from AER logs${here ? '' : ' (skipped: ../shared/oracles is not there)'}`, () => {
  it('all decode, each as a header alone', async () => {
    const text = readFileSync(headers, 'utf8');
    const { stdout, stderr } = await tlp(['decode', '--json'], text);
    expect(stderr).toBe('');
    expect(lines(stdout)).toHaveLength(lines(text).length);
    for (const line of lines(stdout)) {
      const { type, verdict, rules } = JSON.parse(line);
      expect(type).not.toBeNull();
      expect(verdict).toMatch(/header only$/);
      expect(rules.filter(({ spec }: { spec: string }) => spec === '§2.2.2' || spec === '§2.2.3')).toEqual([]);
    }
  });
});

describe('decode', () => {
  it('finds the headers in a kernel’s log, and says how many lines had none', async () => {
    const log = [
      '[ 12.1] pcieport 0000:00:1c.0: AER: Uncorrected (Fatal) error received: 0000:00:1c.0',
      '[ 12.2] pcieport 0000:00:1c.0: AER:    [18] MalfTLP                (First)',
      '[ 12.3] pcieport 0000:00:1c.0: AER:   TLP Header: 40000001 0000000f 95e7f000 00000000',
      '',
    ];
    const { code, stdout, stderr } = await tlp(['decode'], log.join('\r\n'));
    expect(stdout).toBe('MWr from 00:00.0 to 0x95e7f000, 1 DW, tag 0x0, byte enables 0 f: header only\n');
    expect(stderr).toBe('rootport: standard input: 2 lines without a TLP left out\n');
    expect(code).toBe(0);
  });

  it('takes a log line, or the words of a header, as arguments', async () => {
    const words = '[ 12.3] pcieport 0000:00:1c.0: AER: TLP Header: 40000001 0000000f 95e7f000 00000000'.split(' ');
    for (const args of [words, words.slice(7), [words.join(' ')], [words.slice(7).join('')]])
      expect((await tlp(['decode', ...args])).stdout).toContain('MWr from 00:00.0 to 0x95e7f000, 1 DW');
  });

  it('ends with 1 when one of several is malformed', async () => {
    const [good, bad] = ['000000010000000f95e7f000', '00000001000000ff95e7f000'];
    expect((await tlp(['decode', good, good])).code).toBe(0);
    const { code, stdout } = await tlp(['decode', '--json', bad, good]);
    expect(code).toBe(1);
    expect(lines(stdout).map((line) => JSON.parse(line).verdict)).toEqual(['malformed', 'well-formed']);
  });

  it('knows the receiver’s limits where they are given', async () => {
    const write = '40000040000000ff00001000';
    expect((await tlp(['decode', write])).code).toBe(0);
    expect((await tlp(['decode', '--mps', '256', write])).code).toBe(0);
    expect((await tlp(['decode', '--mps', '128', write])).code).toBe(1);
    expect((await tlp(['decode', '--mrrs', '128', '00000040000000ff00001000'])).code).toBe(1);
    expect(await tlp(['decode', '--mps', '100', write])).toMatchObject({
      code: 2,
      stderr: 'rootport: --mps: expected 128, 256, 512, 1024, 2048 or 4096, got "100"\n',
    });
  });

  it('reads Flit Mode when told so', async () => {
    const { stdout } = await tlp(['decode', '--flit', '--json', '030000010600000000001000']);
    expect(JSON.parse(stdout)).toMatchObject({ flit: true, type: 'MRd', address: '0x1000', uncertain: [] });
    expect((await tlp(['encode', stdout.trim()])).stdout).toBe('030000010600000000001000\n');
  });
});

describe('encode', () => {
  it('leaves a field out that the TLP does not have, and says so once; --strict refuses it', async () => {
    const line = '{"type":"MRd","byteCount":4}';
    expect(await tlp(['encode'], `${line}\n${line}\n`)).toEqual({
      code: 0,
      stdout: '000000010000000f00000000\n'.repeat(2),
      stderr: 'rootport: TLP byteCount: a MRd has no such field; left out\n',
    });
    expect(await tlp(['encode', '--strict', line])).toEqual({
      code: 2,
      stdout: '',
      stderr: 'rootport: TLP byteCount: a MRd has no such field\n',
    });
  });
});

describe('a mistake in the input', () => {
  it('in an argument is one line and exit code 2', async () => {
    for (const [args, message] of [
      [['decode', '4000000g'], 'TLP word 1: expected hex, got "4000000g"'],
      [['decode', '400'], 'TLP word 1: expected whole bytes, got the 3 digits "400"'],
      [['encode', '{"type":"MRd"'], 'TLP: expected a JSON object: '],
      [['encode', '{"type":"MRd","tc":9}'], 'TLP tc: expected 0 to 7, got 9'],
      [['encode', '--strict', '{"type":"IORd","tc":1}'], 'TLP malformed: TC must be 0 (PCIe 5.0 §2.2.7)'],
    ] as const) {
      const { code, stdout, stderr } = await tlp(args);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(/^rootport: .*\n$/);
      expect(stderr).toContain(message);
    }
  });

  it('on standard input names its line; the other lines are still done', async () => {
    const decoded = await tlp(
      ['decode'],
      '# a comment\n000000010000000f95e7f000\n0000000\n\n0000000g\n000000010000000f95e7f000\n',
    );
    expect(decoded.code).toBe(2);
    expect(lines(decoded.stdout)).toHaveLength(2);
    expect(lines(decoded.stderr)).toEqual([
      'rootport: standard input line 3: TLP word 1: expected whole bytes, got the 7 digits "0000000"',
      'rootport: standard input line 5: TLP word 1: expected hex, got "0000000g"',
    ]);
    const encoded = await tlp(['encode'], '{"type":"MRd"}\n{"type":"XRd"}\n');
    expect([encoded.code, encoded.stdout]).toEqual([2, '000000010000000f00000000\n']);
    expect(encoded.stderr).toMatch(/^rootport: standard input line 2: TLP type: expected one of MRd, .*, got "XRd"\n$/);
  });

  it('nothing at all is one, too', async () => {
    for (const verb of ['decode', 'encode'])
      expect(await tlp([verb], '\n')).toEqual({
        code: 2,
        stdout: '',
        stderr: 'rootport: standard input: expected TLPs, one a line, got none\n',
      });
    expect((await tlp(['decode'], 'no TLP: here\n')).code).toBe(2);
  });
});
