/** Reads a bindings file: the shape of `oracles/linux/*.json`; what is not about bindings is left alone. */
import { parseBdf } from '../config/bdf.ts';
import { type Bindings, type FunctionBinding, type Osc, oscControls } from '../linux/bindings.ts';
import { portServices, powerStateNames } from '../linux/pci-dev.ts';
import { portServiceNamed } from '../linux/port-services.ts';
import { InputError } from './input-error.ts';

/**
 * @param name of the file, for messages
 * @throws InputError naming the place, what was expected and what was there
 */
export function readBindings(text: string, name: string): Bindings {
  const check = new Checker(name);
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new InputError(`${name}: expected JSON, got an error: ${(error as Error).message.split('\n')[0]}`);
  }
  const root = check.object(value, 'the file');
  const osc = root.osc === undefined || root.osc === null ? undefined : readOsc(check, root.osc);
  const first = readList(check, root.first_kernel, 'first_kernel');
  const second = readList(check, root.second_kernel, 'second_kernel');
  if (osc === undefined && first === undefined && second === undefined)
    throw new InputError(`${name}: expected osc, first_kernel or second_kernel, got none of them`);
  return {
    ...(osc === undefined ? {} : { osc }),
    ...(first === undefined ? {} : { first_kernel: first }),
    ...(second === undefined ? {} : { second_kernel: second }),
  };
}

function readOsc(check: Checker, value: unknown): Osc {
  const osc = check.object(value, 'osc');
  const given = osc.os_controls === undefined ? [] : check.strings(osc.os_controls, 'osc.os_controls');
  const controls = given.map((name, i) => {
    const known = oscControls.find((control) => control.toLowerCase() === name.toLowerCase());
    return known ?? check.fail(`osc.os_controls[${i}]`, `one of ${oscControls.join(', ')}`, `"${name}"`);
  });
  return { os_controls: controls };
}

function readList(check: Checker, value: unknown, where: string): FunctionBinding[] | undefined {
  if (value === undefined || value === null) return undefined;
  const seen = new Set<string>();
  return check.array(value, where).map((entry, i) => {
    const binding = readBinding(check, entry, `${where}[${i}]`);
    const address = parseBdf(binding.bdf);
    if (address === undefined) check.fail(`${where}[${i}].bdf`, 'a function such as 07:00.0', `"${binding.bdf}"`);
    // One function has several spellings: with the domain and without, in either case.
    const key = `${address.segment} ${address.routingId}`;
    if (seen.has(key)) check.fail(`${where}[${i}].bdf`, 'each function once', `${binding.bdf} again`);
    seen.add(key);
    return binding;
  });
}

function readBinding(check: Checker, value: unknown, where: string): FunctionBinding {
  const entry = check.object(value, where);
  const binding: { -readonly [K in keyof FunctionBinding]: FunctionBinding[K] } = {
    bdf: check.string(entry.bdf, `${where}.bdf`),
  };
  if (entry.driver !== undefined)
    binding.driver = entry.driver === null ? null : check.string(entry.driver, `${where}.driver`);
  if (entry.enable_count !== undefined) binding.enable_count = check.count(entry.enable_count, `${where}.enable_count`);
  if (entry.power_state !== undefined)
    binding.power_state = check.oneOf(entry.power_state, powerStateNames, `${where}.power_state`);
  if (entry.runtime !== undefined)
    binding.runtime = check.oneOf(entry.runtime, ['active', 'suspended', 'unsupported', 'error'], `${where}.runtime`);
  if (entry.command !== undefined) {
    binding.command = check.string(entry.command, `${where}.command`);
    if (!/^[0-9a-f]{1,4}$/i.test(binding.command))
      check.fail(`${where}.command`, 'up to four hex digits', `"${binding.command}"`);
  }
  if (entry.services !== undefined) {
    binding.services = check.strings(entry.services, `${where}.services`);
    for (const [i, service] of binding.services.entries())
      if (portServiceNamed(service) === undefined)
        check.fail(`${where}.services[${i}]`, `one of ${portServices.join(', ')}`, `"${service}"`);
  }
  return binding;
}

class Checker {
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  fail(where: string, expected: string, got: string): never {
    throw new InputError(`${this.#name} ${where}: expected ${expected}, got ${got}`);
  }

  object(value: unknown, where: string): Record<string, unknown> {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      this.fail(where, 'an object', describe(value));
    return value as Record<string, unknown>;
  }

  array(value: unknown, where: string): unknown[] {
    if (!Array.isArray(value)) this.fail(where, 'a list', describe(value));
    return value;
  }

  string(value: unknown, where: string): string {
    if (typeof value !== 'string') this.fail(where, 'a string', describe(value));
    return value;
  }

  strings(value: unknown, where: string): string[] {
    return this.array(value, where).map((item, i) => this.string(item, `${where}[${i}]`));
  }

  count(value: unknown, where: string): number {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0)
      this.fail(where, 'a whole number from 0 on', describe(value));
    return value;
  }

  oneOf(value: unknown, choices: readonly string[], where: string): string {
    const text = this.string(value, where);
    if (!choices.includes(text)) this.fail(where, `one of ${choices.join(', ')}`, `"${text}"`);
    return text;
  }
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : JSON.stringify(value);
}
