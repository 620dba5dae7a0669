/** Reads the `#define`s of a C header, with their values as 32-bit registers see them. */
import { evaluate } from './expression.ts';

export interface Macro {
  readonly name: string;
  /** Blanks between `#define` and the name; the kernel has one before a register and more before what is in it. */
  readonly indent: number;
  /** A function-like macro has one parameter. */
  readonly isFunction: boolean;
  /** The value, unsigned, cut to 32 bits; of a function-like macro that for `argument`. */
  valueAt(argument: number): number;
}

/** Macros that <linux/const.h> and <linux/bits.h> define. */
const builtIn: Readonly<Record<string, (...args: bigint[]) => bigint>> = {
  __GENMASK: (high, low) => ((1n << (high! - low! + 1n)) - 1n) << low!,
  GENMASK: (high, low) => builtIn.__GENMASK!(high!, low!),
  _BITUL: (bit) => 1n << bit!,
  _BITULL: (bit) => 1n << bit!,
  BIT: (bit) => 1n << bit!,
};

interface Definition {
  readonly parameter: string | undefined;
  readonly body: string;
}

/** Every macro that has a value, in the header's order. Values are read when they are asked for. */
export function macrosOf(header: string): Macro[] {
  const text = header.replace(/\\\n/g, ' ').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, ' ');
  const definitions = new Map<string, Definition>();
  const resolve = (name: string, args: readonly bigint[] | undefined): bigint => {
    if (args !== undefined && builtIn[name] !== undefined) return builtIn[name](...args);
    const definition = definitions.get(name);
    if (definition === undefined) throw new Error(`expected a macro, got ${name}`);
    return evaluateBody(definition, args?.[0]);
  };
  const evaluateBody = ({ parameter, body }: Definition, argument: bigint | undefined): bigint =>
    evaluate(body, (name, args) =>
      name === parameter && args === undefined && argument !== undefined ? argument : resolve(name, args),
    );
  const macros: Macro[] = [];
  for (const line of text.split('\n')) {
    const match = /^#\s*define(\s+)(\w+)(?:\((\w+)\))?\s+(\S.*)$/.exec(line);
    if (match === null) continue;
    const [, blanks, name, parameter, body] = match;
    const definition = { parameter, body: body! };
    definitions.set(name!, definition);
    macros.push({
      name: name!,
      indent: blanks!.length,
      isFunction: parameter !== undefined,
      valueAt: (argument) => Number(BigInt.asUintN(32, evaluateBody(definition, BigInt(argument)))),
    });
  }
  return macros;
}

/** The bits that a function-like macro lets through, as in `((x) >> 8) & 0xff`. */
export function bitsTaken({ valueAt }: Macro): number {
  let mask = 0;
  for (let bit = 0; bit < 32; bit++) if (valueAt(2 ** bit) !== 0) mask += 2 ** bit;
  return mask;
}
