/** What a command reads: a dump from a file or standard input (`-`), other text, and the built-in platforms by name. */
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { FunctionImage } from '../config/function-image.ts';
import { InputError } from '../formats/input-error.ts';
import { imagesOf, type LspciDump, LspciReader } from '../formats/lspci-text.ts';
import { platforms } from '../platforms/index.ts';
import type { Platform } from '../platforms/platform.ts';

export const DEFAULT_PLATFORM = 'hpe-gen9';

export function platformNamed(name: string): Platform | undefined {
  return platforms.find(({ id }) => id === name);
}

/** @throws InputError when there is no such platform */
export function expectPlatform(name: string): Platform {
  const platform = platformNamed(name);
  if (platform === undefined)
    throw new InputError(`expected a platform (${platforms.map(({ id }) => id).join(', ')}), got "${name}"`);
  return platform;
}

/**
 * The functions of a built-in platform or a dump, for a command that needs no machine of them.
 * @throws InputError when the file can't be read or holds nothing readable
 */
export async function loadFunctions(
  name: string,
): Promise<{ functions: readonly FunctionImage[]; notes: readonly string[] }> {
  const platform = platformNamed(name);
  if (platform !== undefined) return { functions: platform.functions(), notes: [] };
  const dump = await loadDump(name);
  return { functions: imagesOf(dump), notes: dump.warnings };
}

/** @throws InputError when the file can't be read or holds nothing readable */
export async function loadDump(name: string): Promise<LspciDump> {
  const reader = new LspciReader(name === '-' ? 'standard input' : name);
  const stream: AsyncIterable<Uint8Array> =
    name === '-' ? process.stdin : createReadStream(name, { highWaterMark: 1 << 20 });
  try {
    for await (const chunk of stream) reader.push(chunk);
  } catch (error) {
    throw new InputError(
      fileMistake(name, error, `a platform (${platforms.map(({ id }) => id).join(', ')}) or an lspci dump`),
    );
  }
  return reader.end();
}

/** @throws InputError when the file can't be read */
export async function loadText(name: string, what: string): Promise<string> {
  return (await loadBytes(name, what)).toString('utf8');
}

/** @throws InputError when the file can't be read */
export async function loadBytes(name: string, what: string): Promise<Buffer> {
  try {
    return await readFile(name);
  } catch (error) {
    throw new InputError(fileMistake(name, error, what));
  }
}

/** The one line for a file that could not be read or written. */
export function fileMistake(name: string, error: unknown, expected: string): string {
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'no such file',
    EISDIR: 'a folder',
    EACCES: 'a file that may not be read',
    ENOTDIR: 'no such file',
  };
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return `${name}: expected ${expected}, got ${reasons[code] ?? (error as Error).message}`;
}
