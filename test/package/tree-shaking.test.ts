import { readFileSync } from 'node:fs';
import { build } from 'esbuild';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { isBuilt, root, unbuilt } from './dist.ts';

/** Names that a file declares at its top level. */
function topLevelNames(text: string): string[] {
  return ts.createSourceFile('file.ts', text, ts.ScriptTarget.ES2022).statements.flatMap((statement) => {
    if (ts.isVariableStatement(statement))
      return statement.declarationList.declarations.map(({ name }) =>
        ts.isIdentifier(name) ? name.text : '(pattern)',
      );
    if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement))
      return [statement.name?.text ?? '(anonymous)'];
    return [];
  });
}

/** The bundle that an application gets which exports these names of that entry. */
async function bundle(names: string, entry: string): Promise<string> {
  const result = await build({
    stdin: { contents: `export { ${names} } from '${entry}';`, resolveDir: root },
    bundle: true,
    write: false,
    format: 'esm',
    // The warning that an import without names is left out: that is what is wanted.
    logLevel: 'error',
  });
  return result.outputFiles[0]!.text;
}

const codec = ['src/tlp/codec.ts', 'src/tlp/header.ts', 'spec-tables/tlp-types.ts'];
const inCodec = new Set(codec.flatMap((file) => topLevelNames(readFileSync(`${root}${file}`, 'utf8'))));

describe.skipIf(!isBuilt)(`tree-shaking${unbuilt}`, () => {
  test.each(['rootport', 'rootport/tlp'])('a bundle of the TLP codec from %s holds that alone', async (entry) => {
    const text = await bundle('decodeTlpHeader, encodeTlpHeader', entry);
    const names = topLevelNames(text);
    expect(names).toContain('decodeTlpHeader');
    expect(names).toContain('tlpTypes');
    expect(names.filter((name) => !inCodec.has(name))).toEqual([]);
    expect(text.length).toBeLessThan(10_000);
  });

  test('a constant costs one line', async () => {
    const text = await bundle('COMMAND_BUS_MASTER_ENABLE', 'rootport');
    expect(topLevelNames(text)).toEqual(['COMMAND_BUS_MASTER_ENABLE']);
  });
});
