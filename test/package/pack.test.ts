import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dependencies, entries, isBuilt, root, unbuilt } from './dist.ts';

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string; readonly mode: number }[];
}

/** Sends a TLP through a machine and says where it went; the same text for both module systems. */
const program = `
const { Fabric, FastRouter } = fabric;
const { memoryWrite } = tlp;
const machine = new Fabric(root.hpeGen9.functions());
const from = machine.arena.find(0, 0x0700);
if (!(machine.arena instanceof config.ConfigArena) || root.ConfigArena !== config.ConfigArena) throw new Error('two ConfigArenas');
if (new FastRouter(machine).accelerator !== 'wasm') throw new Error('no accelerator');
console.log(machine.send(memoryWrite(0x0700, 0, 0x100000), from).outcome);
`;

describe.skipIf(!isBuilt)(`the packed package in an empty project${unbuilt}`, () => {
  let project = '';
  let packed: Packed;
  const run = (...args: string[]) => execFileSync(process.execPath, args, { cwd: project, encoding: 'utf8' });

  beforeAll(() => {
    project = mkdtempSync(join(tmpdir(), 'rootport-pack-'));
    // --ignore-scripts: what is in dist, not a new build under the other tests' feet.
    const out = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', project], {
      cwd: root,
      encoding: 'utf8',
      shell: process.platform === 'win32',
    });
    packed = (JSON.parse(out) as Packed[])[0]!;
    // By hand what an installation would do, so that no registry is needed.
    const modules = join(project, 'node_modules');
    mkdirSync(join(modules, 'rootport'), { recursive: true });
    execFileSync('tar', ['-xzf', packed.filename, '--strip-components=1', '-C', join('node_modules', 'rootport')], {
      cwd: project,
    });
    for (const name of dependencies) {
      mkdirSync(join(modules, name, '..'), { recursive: true });
      symlinkSync(join(root, 'node_modules', name), join(modules, name), 'junction');
    }
    writeFileSync(join(project, 'package.json'), '{ "private": true }\n');
  }, 60_000);

  afterAll(() => {
    if (project !== '') rmSync(project, { recursive: true, force: true });
  });

  test('holds dist and the papers, nothing else', () => {
    const others = packed.files.map(({ path }) => path).filter((path) => !path.startsWith('dist/'));
    expect(others.filter((path) => !['LICENSE', 'README.md', 'package.json'].includes(path))).toEqual([]);
    expect(others).toContain('LICENSE');
  });

  test('import', () => {
    const lines = entries.map((entry) => `import * as ${entry.split('/')[1] ?? 'root'} from '${entry}';`);
    writeFileSync(join(project, 'program.mjs'), `${lines.join('\n')}${program}`);
    expect(run('program.mjs')).toBe('delivered\n');
  });

  test('require', () => {
    const lines = entries.map((entry) => `const ${entry.split('/')[1] ?? 'root'} = require('${entry}');`);
    writeFileSync(join(project, 'program.cjs'), `${lines.join('\n')}${program}`);
    expect(run('program.cjs')).toBe('delivered\n');
  });

  test('both module systems see the same names', () => {
    const compare = `
      const required = require(process.argv[1]);
      import(process.argv[1]).then((imported) => {
        const names = (module) => Object.keys(module).filter((name) => name !== 'default' && name !== 'module.exports').sort();
        console.log(JSON.stringify([names(imported), names(required)]));
      });`;
    for (const entry of entries) {
      const [imported, required] = JSON.parse(run('-e', compare, entry)) as [string[], string[]];
      expect(imported, entry).toEqual(required);
      expect(imported.length, entry).toBeGreaterThan(0);
    }
  });

  test('the command runs', () => {
    const { bin } = JSON.parse(readFileSync(join(project, 'node_modules/rootport/package.json'), 'utf8')) as {
      bin: { rootport: string };
    };
    const command = packed.files.find(({ path }) => path === bin.rootport.replace(/^\.\//, ''));
    expect(command!.mode & 0o111, 'executable').toBe(0o111);
    const story = JSON.parse(run(join('node_modules/rootport', bin.rootport), 'case', '--json')) as {
      scenarios: unknown[];
    };
    expect(story.scenarios.length).toBeGreaterThan(0);
  });
});
