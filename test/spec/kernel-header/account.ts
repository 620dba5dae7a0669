/** Holds each macro of the kernel's header against the tables. */
import { structures } from '../../../src/spec/structures.ts';
import { shifts, values, type Waiver, waivers } from './exceptions.ts';
import { commandOf } from './hypertransport-types.ts';
import { bitsTaken, type Macro } from './macros.ts';
import { codes, counts, fields, lengths, series } from './numbers.ts';
import { elementsOf, isFields, isFieldsOfDword, isInField, registersOf, startsField } from './registers.ts';
import { type Scope, scopes } from './scopes.ts';

/** What a macro turned out to be; `problem` says what is missing or different. */
export interface Account {
  readonly macro: string;
  readonly kind: 'id' | 'number' | 'offset' | 'field' | 'value' | 'shift' | 'waived' | 'unknown';
  readonly problem?: string;
}

const hex = (value: number) => `${value.toString(16).toUpperCase()}h`;
const fits = (patterns: readonly RegExp[], name: string) => patterns.some((pattern) => pattern.test(name));
const withoutNumber = (name: string) => name.replace(/\d+|\{\w\}/, '');
const numbers: Readonly<Record<string, number>> = { ...lengths, ...counts, ...codes, ...fields };

const isWaived = ({ macros, value }: Waiver, macro: Macro) =>
  macros.test(macro.name) && (value === undefined || value === macro.valueAt(0));

/** Every macro in the header's order. @throws Error when a macro cannot be read */
export function accountFor(macros: readonly Macro[]): Account[] {
  // Offset of the register that a scope's macros spoke of last.
  const lastOffset = new Map<Scope, number>();
  return macros.map((macro) => {
    const { name } = macro;
    if (waivers.some((waiver) => isWaived(waiver, macro))) return { macro: name, kind: 'waived' };
    return { macro: name, ...(accountForId(macro) ?? accountForNumber(macro) ?? accountInScope(macro, lastOffset)) };
  });
}

type Verdict = Omit<Account, 'macro'>;

function accountForId({ name, valueAt }: Macro): Verdict | undefined {
  if (/^HT_CAPTYPE_/.test(name))
    return commandOf(valueAt(0)) === undefined
      ? { kind: 'id', problem: `no command register for the type ${hex(valueAt(0))}` }
      : { kind: 'id' };
  const match = /^PCI_(EXT_)?CAP_ID_\w+$/.exec(name);
  if (match === null) return undefined;
  const id = valueAt(0);
  const isKnown = structures.some(({ capabilityId, extendedCapabilityId }) =>
    match[1] === undefined ? capabilityId === id : extendedCapabilityId === id,
  );
  return isKnown ? { kind: 'id' } : { kind: 'id', problem: `no table has the ID ${hex(id)}` };
}

function accountForNumber({ name, isFunction, valueAt }: Macro): Verdict | undefined {
  const expected = isFunction ? series[name] : numbers[name] === undefined ? undefined : [numbers[name]];
  if (expected === undefined) return undefined;
  const problem = expected
    .map((value, i) => (valueAt(i) === value ? '' : `is ${hex(valueAt(i))}, by the tables ${hex(value)}`))
    .find((text) => text !== '');
  return problem === undefined ? { kind: 'number' } : { kind: 'number', problem };
}

function accountInScope(macro: Macro, lastOffset: Map<Scope, number>): Verdict {
  const scope = scopes.find(({ macros }) => macros.test(macro.name));
  if (scope === undefined) return { kind: 'unknown', problem: 'nothing says what it is' };
  const isException = fits(shifts, macro.name) || fits(values, macro.name);
  if (!isException && isOffset(macro, scope)) {
    lastOffset.set(scope, macro.valueAt(0));
    return accountForOffset(macro, scope);
  }
  return accountForBits(macro, scope, lastOffset.get(scope) ?? -1);
}

function isOffset({ name, indent, isFunction, valueAt }: Macro, { offsets }: Scope): boolean {
  if (offsets !== undefined) return offsets.test(name);
  return isFunction ? valueAt(0) !== 0 : indent === 1;
}

const tablesOf = ({ structures: described, block }: Scope) =>
  block === undefined ? described.map(registersOf) : [elementsOf(block)];

function accountForOffset({ isFunction, valueAt }: Macro, scope: Scope): Verdict {
  const at = valueAt(0);
  const everyTable = (test: (names: (offset: number) => string[]) => boolean) =>
    tablesOf(scope).every((table) =>
      test((offset) => table.filter((register) => register.offset === offset).map(({ name }) => withoutNumber(name))),
    );
  if (!everyTable((names) => names(at).length > 0)) return { kind: 'offset', problem: `no register at ${hex(at)}` };
  // Of a function-like macro the next element must have the same register.
  const next = isFunction ? valueAt(1) : at;
  return everyTable((names) => names(next).some((name) => names(at).includes(name)))
    ? { kind: 'offset' }
    : { kind: 'offset', problem: `no such register at ${hex(next)}, as there is at ${hex(at)}` };
}

function accountForBits(macro: Macro, scope: Scope, at: number): Verdict {
  const { name } = macro;
  const value = macro.isFunction ? bitsTaken(macro) : macro.valueAt(0);
  const everyTable = (test: (registers: ReturnType<typeof registersOf>) => boolean) => tablesOf(scope).every(test);
  if (fits(shifts, name))
    return everyTable((registers) => startsField(registers, at, value))
      ? { kind: 'shift' }
      : { kind: 'shift', problem: `no field of the register at ${hex(at)} begins at bit ${value}` };
  if (fits(values, name))
    return everyTable((registers) => isInField(registers, at, value))
      ? { kind: 'value' }
      : { kind: 'value', problem: `${hex(value)} is in no field of the register at ${hex(at)}` };
  const isMask = scope.dwordMasks?.test(name) ? isFieldsOfDword : isFields;
  return everyTable((registers) => isMask(registers, at, value))
    ? { kind: 'field' }
    : { kind: 'field', problem: `no field of mask ${hex(value)} in the register at ${hex(at)}` };
}
