/** lspci's verbose text, taken apart: functions, their capabilities, and the groups of lines of each. */
import { expect } from 'vitest';
import type { Said } from './said.ts';

export interface SaidCapability {
  readonly offset: number;
  /** Of an extended capability. */
  readonly version: number | undefined;
  /** The heading first; blanks and line ends are one blank. */
  readonly groups: readonly string[];
}

export interface SaidFunction {
  /** Lines before the first capability. */
  readonly header: readonly string[];
  readonly capabilities: readonly SaidCapability[];
}

const HEADING = /^\tCapabilities: \[([0-9a-f]+)(?: v(\d+))?\] (.*)$/;

function groupsOf(lines: readonly string[]): string[] {
  const groups: string[] = [];
  for (const line of lines)
    if (/^\t{3}/.test(line)) groups.push(`${groups.pop() ?? ''} ${line}`);
    else groups.push(line);
  return groups.map((group) => group.replaceAll(/\s+/g, ' ').trim());
}

function readCapability(lines: readonly string[]): SaidCapability {
  const [, offset = '', version, heading = ''] = HEADING.exec(lines[0]!) ?? [];
  return {
    offset: Number.parseInt(offset, 16),
    version: version === undefined ? undefined : Number(version),
    groups: groupsOf([heading, ...lines.slice(1)]),
  };
}

/** By address as printed. */
export function readVerboseText(text: string): Map<string, SaidFunction> {
  const functions = new Map<string, SaidFunction>();
  for (const section of text.split('\n\n').filter((each) => each !== '')) {
    const lines = section.split('\n');
    const starts = lines.flatMap((line, i) => (HEADING.test(line) ? [i] : []));
    functions.set(lines[0]!.split(' ')[0]!, {
      header: lines.slice(0, starts[0]).map((line) => line.trim()),
      capabilities: starts.map((start, i) => readCapability(lines.slice(start, starts[i + 1]))),
    });
  }
  return functions;
}

function escaped(word: string): string {
  return word.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function hasWord(group: string, word: string): boolean {
  return new RegExp(`(?<![\\w.])${escaped(word)}(?![\\w.])`).test(group);
}

/** Each expected group is there, in order, with its words. */
export function expectGroups(groups: readonly string[], said: readonly Said[], where: string): void {
  let at = 0;
  for (const [label = '', ...words] of said) {
    const labels = typeof label === 'string' ? [label] : label;
    const found = groups.findIndex((group, i) => i >= at && labels.some((start) => group.startsWith(start)));
    if (found < 0) expect.fail(`${where}: expected a line "${labels.join('" or "')}", got\n${groups.join('\n')}`);
    at = found + 1;
    const group = groups[found]!;
    for (const word of words) {
      const alternatives = typeof word === 'string' ? [word] : word;
      const isSaid = alternatives.some((each) =>
        each.startsWith('?') ? !hasWord(group, otherSign(each.slice(1))) : hasWord(group, each),
      );
      if (!isSaid) expect.fail(`${where}: expected "${alternatives.join('" or "')}" in "${group}"`);
    }
  }
}

function otherSign(flag: string): string {
  return flag.slice(0, -1) + (flag.endsWith('+') ? '-' : '+');
}
