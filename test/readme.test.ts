/** The README's own snippets, executed: TypeScript blocks against their `// result` comments, console blocks against the command. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, describe, expect, it } from 'vitest';
import { captureCli } from './cli/capture.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

function blocks(language: string): string[] {
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map((match) => match[1]!);
}

/** Runs a snippet with its imports taken from the sources; gives what it logged, a line a call. */
async function runSnippet(source: string): Promise<string[]> {
  const names: string[] = [];
  const values: unknown[] = [];
  for (const [, list = '', path = ''] of source.matchAll(/^import \{ ([^}]*) \} from 'rootport\/([a-z]+)';$/gm)) {
    const module: Record<string, unknown> = await import(`../src/${path}/index.ts`);
    for (const name of list.split(', ')) {
      if (name.startsWith('type ')) continue;
      expect(module, `${path} exports ${name}`).toHaveProperty(name);
      names.push(name);
      values.push(module[name]);
    }
  }
  const body = ts.transpileModule(source.replaceAll(/^import .*$/gm, ''), {
    compilerOptions: { target: ts.ScriptTarget.ES2022 },
  }).outputText;
  const logged: string[] = [];
  const run = new Function('console', ...names, body);
  run({ log: (value: unknown) => logged.push(String(value)) }, ...values);
  return logged;
}

describe('the README', () => {
  const snippets = blocks('ts');
  it('has snippets', () => expect(snippets.length).toBeGreaterThanOrEqual(3));

  it.each(snippets.map((source) => [source.split('\n').find((line) => line.startsWith('const')) ?? source, source]))(
    'snippet: %s',
    async (_, source) => {
      const expected = [...source.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map((match) => match[1]);
      expect(expected.length).toBeGreaterThan(0);
      expect(await runSnippet(source)).toEqual(expected);
    },
  );

  const sessions = blocks('console').map((text): [string, string[]] => {
    const [command = '', ...output] = text.trimEnd().split('\n');
    return [command.replace(/^\$ rootport /, ''), output];
  });
  it('has console sessions', () => expect(sessions.length).toBeGreaterThanOrEqual(3));

  // What a session writes to /tmp goes to a folder of the test.
  const folder = mkdtempSync(join(tmpdir(), 'rootport-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(sessions)('rootport %s', async (command, output) => {
    const { stdout } = await captureCli(command.split(' ').map((word) => word.replace(/^\/tmp(?=\/)/, folder)));
    const printed = stdout.replaceAll(folder, '/tmp').split('\n');
    // A line of … stands for any lines; all others must come in order, and without a gap between them.
    let at = 0;
    let gap = false;
    for (const line of output) {
      if (line === '…') {
        gap = true;
        continue;
      }
      const next = gap ? printed.indexOf(line, at) : at;
      expect(printed[next], `line ${at} of rootport ${command}`).toBe(line);
      at = next + 1;
      gap = false;
    }
  });
});
