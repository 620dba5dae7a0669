/** `dump --ecam` and `--from-ecam`: an ECAM image there and back. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { captureCli } from './capture.ts';

const folder = mkdtempSync(join(tmpdir(), 'rootport-'));
afterAll(() => rmSync(folder, { recursive: true }));
const image = join(folder, 'gen9.ecam');
/** Bus 0, device 2, function 0, register 04h. */
const COMMAND_OF_00_02_0 = (0x02 << 15) | 0x04;

describe('dump --ecam', () => {
  it('writes the image and prints the command that reads it', async () => {
    const { code, stdout, stderr } = await captureCli(['dump', 'hpe-gen9', '--ecam', image]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toBe(`lspci -A ecam -O devmem.path=${image} -O ecam.addrs=0:00-07:0\n`);
    expect(statSync(image).size).toBe(8 * 0x100000);
  });

  it('prints a path that a shell would take apart in quotes', async () => {
    const odd = join(folder, "it's one");
    const { stdout } = await captureCli(['dump', '--ecam', odd]);
    expect(stdout).toContain(` devmem.path='${folder}/it'\\''s one' -O `);
  });

  it('--from-ecam gives the same text back', async () => {
    const text = await captureCli(['dump', 'hpe-gen9']);
    const back = await captureCli(['dump', image, '--from-ecam', '0:00-07:0']);
    expect(back).toEqual(text);
  });

  it('--from-ecam sees what another program wrote into the file', async () => {
    const before = await captureCli(['dump', image, '--from-ecam', '0:0:0']);
    const bytes = readFileSync(image);
    const command = bytes.readUInt16LE(COMMAND_OF_00_02_0);
    expect(command & 4, 'Bus Master Enable').toBe(4);
    bytes.writeUInt16LE(command & ~4, COMMAND_OF_00_02_0);
    const changed = join(folder, 'changed.ecam');
    writeFileSync(changed, bytes);
    const after = await captureCli(['dump', changed, '--from-ecam', '0:0:0']);
    const file = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const { stdout } = await captureCli([
      'decode',
      '--diff',
      file('a.lspci', before.stdout),
      file('b.lspci', after.stdout),
    ]);
    expect(stdout).toContain('00:02.0');
    expect(stdout.match(/Bus Master Enable/g)).toHaveLength(1);
  });

  it.each([
    [['dump', '--from-ecam', '0:0:0'], '--from-ecam: expected a file, got none'],
    [['dump', '-', '--from-ecam', '0:0:0'], '--from-ecam: expected a file, got standard input'],
    [['dump', 'none.ecam', '--from-ecam', '0:0:0'], 'none.ecam: expected an ECAM image, got no such file'],
    [['dump', image, '--from-ecam', '0'], 'ECAM windows: expected such as 0:00-1f:0'],
    [['dump', image, '--from-ecam', '0:20-2f:2000000'], 'expected an ECAM image, got no function at 0:20-2f:2000000'],
    [['dump', '--ecam', join(folder, 'none', 'x')], 'expected a file to write, got no such file'],
    [['dump', '--ecam', folder], 'expected a file to write, got a folder'],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await captureCli(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});
