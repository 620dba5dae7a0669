/** Where things go: results to stdout, all else to stderr. */

/** One JSON object, and nothing else. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, process.stdout.isTTY ? 2 : undefined)}\n`);
}

export function print(lines: string | readonly string[]): void {
  process.stdout.write(`${typeof lines === 'string' ? lines : lines.join('\n')}\n`);
}

/** Notes beyond this many are counted, not printed. */
const MAX_NOTES = 20;

export function printNotes(notes: readonly string[]): void {
  for (const note of notes.slice(0, MAX_NOTES)) process.stderr.write(`rootport: ${note}\n`);
  if (notes.length > MAX_NOTES) process.stderr.write(`rootport: and ${notes.length - MAX_NOTES} more of these\n`);
}
