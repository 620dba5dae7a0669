/** The recorded shutdowns under `fixtures/linux`, and fabrics that stand where they began. */
import { readdirSync, readFileSync } from 'node:fs';
import { Fabric } from '../../src/fabric/fabric.ts';
import { imagesOf, readLspci } from '../../src/formats/lspci-text.ts';
import type { Bindings, FunctionBinding } from '../../src/linux/bindings.ts';
import type { ShutdownPath } from '../../src/linux/policies/index.ts';

const folder = new URL('../fixtures/linux/', import.meta.url);

export type RecordedWrite = readonly [bdf: string, offset: number, hex: string, size: number | null];

export interface Recording extends Bindings {
  readonly name: string;
  readonly kernel: string;
  readonly path: ShutdownPath;
  readonly first_kernel: readonly FunctionBinding[];
  readonly second_kernel: readonly FunctionBinding[] | null;
  readonly phases: Readonly<
    Record<string, { readonly shutdown_calls?: readonly string[]; readonly writes: readonly RecordedWrite[] }>
  >;
  readonly command_at_handoff: Readonly<Record<string, string>> | null;
  readonly command_after: Readonly<Record<string, string>>;
}

export const recordings: readonly Recording[] = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Recording);

export function recording(name: string): Recording {
  const found = recordings.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`fixtures/linux: expected ${name}.json, got none`);
  return found;
}

export function fabricOf(recorded: Recording): Fabric {
  const text = readFileSync(new URL(`${recorded.name}.lspci`, folder));
  return new Fabric(imagesOf(readLspci(text, `${recorded.name}.lspci`)));
}

/** Functions whose Bus Master Enable falls, in order: from the recorded writes to Command, and what Command held before. */
export function busMasterFalls(before: readonly FunctionBinding[], writes: readonly RecordedWrite[]): string[] {
  const commands = new Map(before.map(({ bdf, command = '0' }) => [bdf, Number.parseInt(command, 16)]));
  const falls: string[] = [];
  for (const [bdf, offset, hex] of writes) {
    if (offset !== 4) continue;
    const value = Number.parseInt(hex, 16);
    if (((commands.get(bdf) ?? 0) & 4) !== 0 && (value & 4) === 0) falls.push(bdf);
    commands.set(bdf, value);
  }
  return falls;
}
