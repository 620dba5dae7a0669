import { readFileSync } from 'node:fs';
import { formatBdf } from '../../config/bdf.ts';
import type { FunctionImage } from '../../config/function-image.ts';
import { u16At } from '../../config/little-endian.ts';
import { type DecodedFunction, type DecodedRegister, decodeFunction, differences } from '../../formats/decode.ts';
import { InputError } from '../../formats/input-error.ts';
import { type PciIds, readPciIds } from '../../formats/pci-ids.ts';
import { DONE, FOUND } from '../exit.ts';
import { DEFAULT_PLATFORM, loadFunctions } from '../load-dump.ts';
import { print, printJson, printNotes } from '../output.ts';
import { type FunctionDifference, renderDecoded, renderFunctionDifference } from '../render/decode.ts';
import { hex } from '../render/hex.ts';

/** Where distributions keep it. */
const PCI_IDS = ['/usr/share/misc/pci.ids', '/usr/share/hwdata/pci.ids', '/usr/share/pci.ids'];

export async function decodeCommand(
  names: readonly string[],
  flags: { json?: boolean; diff?: boolean },
): Promise<number> {
  if (flags.diff) return diff(names, flags.json ?? false);
  if (names.length > 1) throw new InputError(`decode: expected one dump, got ${names.length}; two go with --diff`);
  const name = names[0] ?? DEFAULT_PLATFORM;
  const { functions, notes } = await loadFunctions(name);
  printNotes(notes);
  const headers = functions.filter(({ headerOnly }) => headerOnly).length;
  if (headers > 0)
    printNotes([
      `${name}: ${headers} of ${functions.length} functions with only their header (lspci without root?): no capabilities are shown for these`,
    ]);
  const bdfOf = bdfNames(functions);
  if (flags.json) {
    printJson({ functions: functions.map((image) => functionJson(bdfOf(image), decode(image))) });
    return DONE;
  }
  const ids = systemPciIds();
  for (const image of functions) print([title(bdfOf(image), image.bytes, ids), ...renderDecoded(decode(image)), '']);
  return DONE;
}

function decode({ bytes, headerOnly }: FunctionImage): DecodedFunction {
  return decodeFunction(bytes, headerOnly);
}

async function diff(names: readonly string[], json: boolean): Promise<number> {
  const [a, b] = names;
  if (a === undefined || b === undefined || names.length > 2)
    throw new InputError(`decode --diff: expected two dumps, got ${names.length}`);
  const [before, after] = [await loadFunctions(a), await loadFunctions(b)];
  printNotes([...before.notes, ...after.notes]);
  const bdfOf = bdfNames([...before.functions, ...after.functions]);
  const byName = (functions: readonly FunctionImage[]) => new Map(functions.map((image) => [bdfOf(image), image]));
  const [old, now] = [byName(before.functions), byName(after.functions)];
  const functions = [...new Set([...old.keys(), ...now.keys()])].sort().flatMap((bdf): FunctionDifference[] => {
    const [x, y] = [old.get(bdf), now.get(bdf)];
    if (x === undefined || y === undefined) return [{ bdf, onlyIn: x === undefined ? b : a }];
    if (knownBytes(x) !== knownBytes(y))
      printNotes([
        `${bdf}: ${a} has ${knownBytes(x)} bytes of it and ${b} ${knownBytes(y)}; what both have is compared`,
      ]);
    const [from, to] = [decodeLike(x, y), decodeLike(y, x)];
    const changes = differences(from, to);
    return changes.length === 0 ? [] : [{ bdf, from, to, changes }];
  });
  if (json) printJson({ functions: functions.map(differenceJson) });
  else if (functions.length > 0) print(functions.flatMap((fn) => renderFunctionDifference(fn, a, b)));
  return functions.length > 0 ? FOUND : DONE;
}

/** 64 stands for a header alone. */
function knownBytes({ bytes, headerOnly }: FunctionImage): number {
  return headerOnly ? 64 : bytes.length;
}

/** The function as far as the other dump has it too. */
function decodeLike(image: FunctionImage, other: FunctionImage): DecodedFunction {
  const size = Math.min(image.bytes.length, other.bytes.length);
  return decodeFunction(image.bytes.subarray(0, size), image.headerOnly || other.headerOnly);
}

/** With its segment for every function, where any is in another than 0. */
function bdfNames(functions: readonly FunctionImage[]): (image: FunctionImage) => string {
  const withSegment = functions.some(({ segment }) => segment !== 0);
  return ({ segment, routingId }) => formatBdf(segment, routingId, withSegment);
}

function differenceJson(fn: FunctionDifference) {
  if ('onlyIn' in fn) return { bdf: fn.bdf, only_in: fn.onlyIn, changes: [] };
  return {
    bdf: fn.bdf,
    changes: fn.changes.map(({ before, after, ...where }) => ({
      ...where,
      before: before === undefined ? null : `0x${before.toString(16)}`,
      after: after === undefined ? null : `0x${after.toString(16)}`,
    })),
  };
}

function registersJson(registers: readonly DecodedRegister[]) {
  return registers.map(({ name, offset, width, value, fields, implemented }) => ({
    name,
    offset,
    width,
    value: `0x${hex(value, width / 4)}`,
    fields: Object.fromEntries(
      Object.entries(fields).map(([field, fieldValue]) => [field, `0x${fieldValue.toString(16)}`]),
    ),
    ...(implemented ? {} : { implemented }),
  }));
}

function functionJson(bdf: string, { header, capabilities, problems }: DecodedFunction) {
  return {
    bdf,
    header: header === undefined ? null : { name: header.name, registers: registersJson(header.registers) },
    capabilities: capabilities.map(({ offset, id, version, name, extended, registers, data }) => ({
      offset,
      id,
      version,
      name,
      extended,
      registers: registersJson(registers),
      ...(data === undefined ? {} : { data: Buffer.from(data).toString('hex') }),
    })),
    problems,
  };
}

function systemPciIds(): PciIds | undefined {
  for (const path of PCI_IDS) {
    try {
      // A byte a character: a megabyte of UTF-8 takes five times as long (measured), and a few names are all that is wanted.
      return readPciIds(readFileSync(path, 'latin1'));
    } catch {
      // Not there: the next place, or numbers alone.
    }
  }
  return undefined;
}

function title(bdf: string, bytes: Uint8Array, ids: PciIds | undefined): string {
  const [vendor, device, code] = [0, 2, 0x0a].map((offset) => u16At(bytes, offset)) as [number, number, number];
  const names = [ids?.classOf(code), ids?.vendor(vendor), ids?.device(vendor, device)].filter(
    (name) => name !== undefined,
  );
  const numbers = `${bdf} ${hex(code, 4)}: ${hex(vendor, 4)}:${hex(device, 4)}`;
  return names.length === 0 ? numbers : `${numbers}  ${Buffer.from(names.join(', '), 'latin1').toString('utf8')}`;
}
