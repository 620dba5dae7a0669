/** Numbers for what some cells of one function hold, so that a walk compares and follows numbers instead of bytes. */
import type { Contents } from './rehearsal.ts';
import type { Cell } from './watch.ts';

/** The contents that a function's cells have had, numbered from 0 (the start) on, and how changes lead from one to another. */
export class Classes {
  readonly cells: readonly Cell[];
  readonly #read: (cell: Cell, value: number) => number;
  readonly #numbers = new Map<string, number>();
  readonly #values: (readonly number[])[] = [];
  readonly #edits = new Map<string, number>();
  readonly #editValues: (readonly (number | undefined)[])[] = [];
  /** By edit, then by class; undefined where nobody has been yet. */
  readonly #next: (number | undefined)[][] = [];

  /**
   * @param atStart what a cell holds at the start
   * @param read what of a cell's contents counts
   */
  constructor(cells: readonly Cell[], atStart: (cell: Cell) => number, read: (cell: Cell, value: number) => number) {
    this.cells = cells;
    this.#read = read;
    this.#numberOf(cells.map((cell) => read(cell, atStart(cell))));
  }

  /** What the cells of a class hold, as far as it counts. */
  contents(number: number): (readonly [Cell, number])[] {
    return this.cells.map((cell, i) => [cell, this.#values[number]![i]!]);
  }

  /** Number of a change; -1 where it leaves these cells alone. */
  edit(changes: Contents): number {
    const values = this.cells.map((cell) => {
      const value = changes.get(cell);
      return value === undefined ? undefined : this.#read(cell, value);
    });
    if (values.every((value) => value === undefined)) return -1;
    const key = values.join();
    let number = this.#edits.get(key);
    if (number === undefined) {
      number = this.#editValues.push(values) - 1;
      this.#next.push([]);
      this.#edits.set(key, number);
    }
    return number;
  }

  /** Every class that the known changes lead to from the start, in whatever order. */
  reachable(): number[] {
    const found = new Set([0]);
    for (const number of found)
      for (let edit = 0; edit < this.#next.length; edit++) found.add(this.after(edit, number));
    return [...found];
  }

  /** The class that a change makes of another. */
  after(edit: number, number: number): number {
    const known = this.#next[edit]![number];
    return known === undefined ? this.#learn(edit, number) : known;
  }

  #learn(edit: number, number: number): number {
    const values = this.#values[number]!;
    const next = this.#numberOf(this.#editValues[edit]!.map((value, i) => value ?? values[i]!));
    this.#next[edit]![number] = next;
    return next;
  }

  #numberOf(values: readonly number[]): number {
    const key = values.join();
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#values.push(values) - 1;
      this.#numbers.set(key, number);
    }
    return number;
  }
}
