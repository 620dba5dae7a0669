/**
 * What a piece of the model reads and changes, cell by cell: every byte of config space, and every field that the kernel keeps of a
 * function. Reads are seen as they happen, so what a result can depend on is recorded and not guessed.
 */
import { CONFIG_SPACE_SIZE, type ConfigArena } from '../../config/arena.ts';
import type { PciDev } from '../../linux/pci-dev.ts';

/** A byte of the arena, by its index there; behind them the kernel's fields. */
export type Cell = number;

/** The machine, the kernel or the program is such that orders can't be taken apart into steps; `runShutdown` can still run them. */
export class NotDecomposable extends Error {}

/** Fields of a function that the scan sets and nothing changes: its name, its place, its neighbours. */
const fixedFields: ReadonlySet<string> = new Set(['segment', 'routingId', 'name', 'bridge', 'subordinate']);

interface Field {
  value: unknown;
  /** Of a value that is no list; undefined until it is asked for. */
  number: number | undefined;
}

export class Watch {
  readonly #arena: ConfigArena;
  /** Bytes of the arena; the cells from here on are fields. */
  readonly bytes: number;
  readonly #fields: Field[] = [];
  /** Contents that fields have had, as cells hold them: numbers. */
  readonly #numbers = new Map<string, number>();
  readonly #contents: unknown[] = [];
  #reads: Set<Cell> | undefined;
  /** Fields that may hold something else since `takeTouched`. */
  #touched = new Set<Cell>();

  constructor(arena: ConfigArena, devices: readonly PciDev[]) {
    this.#arena = arena;
    this.bytes = arena.bytes.length;
    this.#watchArena();
    for (const dev of devices)
      for (const name of Object.keys(dev)) if (!fixedFields.has(name)) this.#watchField(dev, name);
  }

  /** Number of fields. */
  get fields(): number {
    return this.#fields.length;
  }

  /** Runs something. @returns every cell that it has read; a field that it has set counts as read */
  during(run: () => void): Set<Cell> {
    const reads = new Set<Cell>();
    this.#reads = reads;
    try {
      run();
    } finally {
      this.#reads = undefined;
    }
    return reads;
  }

  /** What the cell holds now. */
  value(cell: Cell): number {
    if (cell < this.bytes) return this.#arena.bytes[cell]!;
    const field = this.#fields[cell - this.bytes]!;
    // Somebody may have changed a list in place.
    if (Array.isArray(field.value)) return this.#numberOf(field.value);
    field.number ??= this.#numberOf(field.value);
    return field.number;
  }

  /** The fields that have been set, or whose list somebody has had in hand, since this was asked last. */
  takeTouched(): Set<Cell> {
    const touched = this.#touched;
    this.#touched = new Set();
    return touched;
  }

  set(cell: Cell, value: number): void {
    if (cell < this.bytes) this.#arena.bytes[cell] = value;
    else {
      const content = this.#contents[value];
      const field = this.#fields[cell - this.bytes]!;
      // A list that somebody changes in place must not be the one that is remembered.
      field.value = Array.isArray(content) ? [...content] : content;
      field.number = value;
    }
  }

  /** Own methods of the one arena hide those that all arenas share, which are as fast as they were. */
  #watchArena(): void {
    const arena = this.#arena;
    const { u8, u16, u32, space } = arena;
    const read = (fn: number, offset: number, size: number) => {
      if (this.#reads !== undefined) for (let i = 0; i < size; i++) this.#reads.add(arena.base[fn]! + offset + i);
    };
    arena.u8 = (fn, offset) => {
      read(fn, offset, 1);
      return u8.call(arena, fn, offset);
    };
    arena.u16 = (fn, offset) => {
      read(fn, offset, 2);
      return u16.call(arena, fn, offset);
    };
    arena.u32 = (fn, offset) => {
      read(fn, offset, 4);
      return u32.call(arena, fn, offset);
    };
    arena.space = (fn) => {
      read(fn, 0, Math.min(arena.layout[fn]!.size, CONFIG_SPACE_SIZE));
      return space.call(arena, fn);
    };
  }

  #watchField(dev: PciDev, name: string): void {
    const cell = this.bytes + this.#fields.length;
    const field: Field = { value: dev[name as keyof PciDev], number: undefined };
    this.#fields.push(field);
    Object.defineProperty(dev, name, {
      enumerable: true,
      get: () => {
        this.#reads?.add(cell);
        if (Array.isArray(field.value)) this.#touched.add(cell);
        return field.value;
      },
      set: (value: unknown) => {
        this.#reads?.add(cell);
        this.#touched.add(cell);
        field.value = value;
        field.number = undefined;
      },
    });
  }

  /** @throws NotDecomposable for what has no text that says all of it */
  #numberOf(content: unknown): number {
    const isPlain = (value: unknown) => value === null || value === undefined || typeof value !== 'object';
    if (!isPlain(content) && !(Array.isArray(content) && content.every(isPlain)))
      throw new NotDecomposable('a field of a function holds more than a value or a list of values');
    const text = `${typeof content} ${JSON.stringify(content)}`;
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.#contents.push(Array.isArray(content) ? [...content] : content) - 1;
      this.#numbers.set(text, number);
    }
    return number;
  }
}
