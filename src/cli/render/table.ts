/** Tables and headings of the terminal output. */
import Table from 'cli-table3';
import pc from 'picocolors';

/** Only a terminal gets colour, whatever the environment says. */
const colours = pc.createColors(process.stdout.isTTY && process.env.NO_COLOR === undefined);

export function heading(text: string): string {
  return `\n${colours.bold(text)}\n${'─'.repeat(text.length)}`;
}

/** @param columnWidths of columns whose text must wrap; the rest are as wide as they need */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  columnWidths: readonly (number | null)[] = [],
): string {
  const grid = new Table({
    head: [...head],
    colWidths: [...columnWidths],
    wordWrap: true,
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) grid.push([...row]);
  return grid.toString();
}

export const yes = (holds: boolean) => (holds ? 'yes' : 'no');
