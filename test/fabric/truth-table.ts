/** What Command decides of each kind of TLP, at each place on its way: the table that the tests walk and the README shows. */

export type Place = 'sender' | 'port from below' | 'bridge from below' | 'from above' | 'target';

export const places: Readonly<Record<Place, string>> = {
  sender: 'at its sender',
  'port from below': 'at a port, from below',
  'bridge from below': 'at a bridge to PCI, from below',
  'from above': 'at a port or bridge, from above',
  target: 'at its target',
};

/** A Command bit that must be set, and what is else; or what happens whatever Command says. */
export type Cell =
  | { readonly needs: 'Bus Master' | 'Memory Space' | 'I/O Space'; readonly else: 'not sent' | 'UR' | 'Master-Abort' }
  | 'passes'
  | 'taken'
  | 'UR';

export interface Row {
  readonly title: string;
  readonly kinds: readonly string[];
  readonly cells: Readonly<Record<Place, Cell>>;
}

const masters = (space: 'Memory Space' | 'I/O Space'): Row['cells'] => ({
  sender: { needs: 'Bus Master', else: 'not sent' },
  'port from below': { needs: 'Bus Master', else: 'UR' },
  'bridge from below': { needs: 'Bus Master', else: 'Master-Abort' },
  'from above': { needs: space, else: 'UR' },
  target: { needs: space, else: 'UR' },
});
const free: Row['cells'] = {
  sender: 'passes',
  'port from below': 'passes',
  'bridge from below': 'passes',
  'from above': 'passes',
  target: 'taken',
};

/** PCIe 5.0 §7.5.1.1.3, §7.5.1.3; PCI-to-PCI Bridge 1.2 §3.2.4.3. */
export const truthTable: readonly Row[] = [
  { title: 'Memory, AtomicOp, DMWr, MSI', kinds: ['memory', 'atomic'], cells: masters('Memory Space') },
  { title: 'I/O', kinds: ['io'], cells: masters('I/O Space') },
  {
    title: 'Configuration',
    kinds: ['configuration'],
    cells: { ...free, 'port from below': 'UR', 'bridge from below': 'UR' },
  },
  { title: 'Message', kinds: ['message'], cells: free },
  { title: 'Completion', kinds: ['completion'], cells: free },
];

function text(cell: Cell): string {
  return typeof cell === 'string' ? cell : `${cell.needs}, else ${cell.else}`;
}

export function truthTableText(): string {
  const names = Object.keys(places) as Place[];
  const lines = [
    ['TLP', ...names.map((place) => places[place])],
    ['---', ...names.map(() => '---')],
    ...truthTable.map(({ title, cells }) => [title, ...names.map((place) => text(cells[place]))]),
  ];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
