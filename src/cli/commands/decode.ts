import { readFileSync } from 'node:fs';
import { formatBdf } from '../../config/bdf.ts';
import type { FunctionImage } from '../../config/function-image.ts';
import { type DecodedFunction, type DecodedRegister, decodeFunction, differences } from '../../formats/decode.ts';
import { InputError } from '../../formats/input-error.ts';
import { type PciIds, readPciIds } from '../../formats/pci-ids.ts';
import { DONE, FOUND } from '../exit.ts';
import { DEFAULT_PLATFORM, loadFunctions } from '../load-dump.ts';
import { print, printJson, printNotes } from '../output.ts';
import { renderDecoded, renderDifference } from '../render/decode.ts';
import { hex } from '../render/hex.ts';

/** Where distributions keep it. */
const PCI_IDS = ['/usr/share/misc/pci.ids', '/usr/share/hwdata/pci.ids', '/usr/share/pci.ids'];

export async function decodeCommand(
  names: readonly string[],
  flags: { json?: boolean; diff?: boolean },
): Promise<number> {
  if (flags.diff) return diff(names, flags.json ?? false);
  if (names.length > 1) throw new InputError(`decode: expected one dump, got ${names.length}; two go with --diff`);
  const { functions, notes } = await loadFunctions(names[0] ?? DEFAULT_PLATFORM);
  printNotes(notes);
  const bdf = bdfNames(functions);
  if (flags.json) {
    printJson({ functions: functions.map(({ bytes }, i) => functionJson(bdf[i]!, decodeFunction(bytes))) });
    return DONE;
  }
  const ids = systemPciIds();
  for (const [i, { bytes }] of functions.entries())
    print([title(bdf[i]!, bytes, ids), ...renderDecoded(decodeFunction(bytes)), '']);
  return DONE;
}

async function diff(names: readonly string[], json: boolean): Promise<number> {
  const [a, b] = names;
  if (a === undefined || b === undefined || names.length > 2)
    throw new InputError(`decode --diff: expected two dumps, got ${names.length}`);
  const [before, after] = [await loadFunctions(a), await loadFunctions(b)];
  printNotes([...before.notes, ...after.notes]);
  const byName = (functions: readonly FunctionImage[]) =>
    new Map(functions.map((image) => [formatBdf(image.segment, image.routingId, true), image]));
  const [old, now] = [byName(before.functions), byName(after.functions)];
  const functions = [...new Set([...old.keys(), ...now.keys()])].sort().flatMap((bdf) => {
    const [x, y] = [old.get(bdf), now.get(bdf)];
    const name = bdf.replace(/^0000:/, '');
    if (x === undefined || y === undefined) return [{ bdf: name, only_in: x === undefined ? b : a, changes: [] }];
    const changes = differences(decodeFunction(x.bytes), decodeFunction(y.bytes));
    return changes.length === 0 ? [] : [{ bdf: name, changes }];
  });
  if (json)
    printJson({
      functions: functions.map(({ changes, ...rest }) => ({
        ...rest,
        changes: changes.map(({ before: x, after: y, ...where }) => ({
          ...where,
          before: x === undefined ? null : `0x${x.toString(16)}`,
          after: y === undefined ? null : `0x${y.toString(16)}`,
        })),
      })),
    });
  else
    print(
      functions.flatMap((fn) => [
        'only_in' in fn ? `${fn.bdf}  only in ${fn.only_in}` : fn.bdf,
        ...fn.changes.map(renderDifference),
      ]),
    );
  return functions.length > 0 ? FOUND : DONE;
}

function bdfNames(functions: readonly FunctionImage[]): string[] {
  const withSegment = functions.some(({ segment }) => segment !== 0);
  return functions.map(({ segment, routingId }) => formatBdf(segment, routingId, withSegment));
}

function registersJson(registers: readonly DecodedRegister[]) {
  return registers.map(({ name, offset, width, value, fields }) => ({
    name,
    offset,
    value: `0x${hex(value, width / 4)}`,
    fields: Object.fromEntries(
      Object.entries(fields).map(([field, fieldValue]) => [field, `0x${fieldValue.toString(16)}`]),
    ),
  }));
}

function functionJson(bdf: string, { header, capabilities, problems }: DecodedFunction) {
  return {
    bdf,
    header: header === undefined ? null : { name: header.name, registers: registersJson(header.registers) },
    capabilities: capabilities.map(({ offset, id, version, name, extended, registers }) => ({
      offset,
      id,
      version,
      name,
      extended,
      registers: registersJson(registers),
    })),
    problems,
  };
}

function systemPciIds(): PciIds | undefined {
  for (const path of PCI_IDS) {
    try {
      return readPciIds(readFileSync(path, 'utf8'));
    } catch {
      // Not there: the next place, or numbers alone.
    }
  }
  return undefined;
}

function title(bdf: string, bytes: Uint8Array, ids: PciIds | undefined): string {
  const word = (offset: number) => bytes[offset]! | (bytes[offset + 1]! << 8);
  const [vendor, device, code] = [word(0), word(2), word(0x0a)];
  const names = [ids?.classOf(code), ids?.vendor(vendor), ids?.device(vendor, device)].filter(
    (name) => name !== undefined,
  );
  const numbers = `${bdf} ${hex(code, 4)}: ${hex(vendor, 4)}:${hex(device, 4)}`;
  return names.length === 0 ? numbers : `${numbers}  ${names.join(', ')}`;
}
