/** Evaluates a C constant expression: literals, names, calls, and the operators that header files use. */

/** Binary operators by how strongly they bind. */
const PRECEDENCE: Readonly<Record<string, number>> = { '|': 1, '&': 2, '<<': 3, '>>': 3, '+': 4, '-': 4, '*': 5 };
const TOKEN = /\s*(0[xX][0-9a-fA-F]+|\d+|\w+|<<|>>|[-+*&|~(),])([uUlL]*)/y;

export type Resolve = (name: string, args: readonly bigint[] | undefined) => bigint;

/**
 * The value, as C's widest integers would have it.
 * @param resolve the value of a name, or of a call when `args` are given
 * @throws Error when the text is not such an expression, or `resolve` throws
 */
export function evaluate(text: string, resolve: Resolve): bigint {
  const tokens = tokensOf(text);
  let at = 0;
  const take = (expected?: string): string => {
    const token = tokens[at++];
    if (token === undefined || (expected !== undefined && token !== expected))
      throw new Error(`"${text}": expected ${expected ?? 'an operand'}, got ${token ?? 'the end'}`);
    return token;
  };
  const callArguments = (): bigint[] => {
    take('(');
    const args = [binary(1)];
    while (tokens[at] === ',') {
      take(',');
      args.push(binary(1));
    }
    take(')');
    return args;
  };
  const unary = (): bigint => {
    const token = take();
    if (token === '~') return ~unary();
    if (token === '-') return -unary();
    if (token === '(') {
      const value = binary(1);
      take(')');
      return value;
    }
    if (/^\d/.test(token)) return BigInt(token);
    if (!/^\w/.test(token)) throw new Error(`"${text}": expected an operand, got ${token}`);
    return resolve(token, tokens[at] === '(' ? callArguments() : undefined);
  };
  const binary = (least: number): bigint => {
    let left = unary();
    for (;;) {
      const operator = tokens[at];
      const strength = operator === undefined ? undefined : PRECEDENCE[operator];
      if (strength === undefined || strength < least) return left;
      at++;
      left = apply(operator!, left, binary(strength + 1));
    }
  };
  const value = binary(1);
  if (at !== tokens.length) throw new Error(`"${text}": expected an operator, got ${tokens[at]}`);
  return value;
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  const trimmed = text.trimEnd();
  while (TOKEN.lastIndex < trimmed.length) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(trimmed);
    if (match === null) throw new Error(`"${text}": expected a token, got ${trimmed.slice(from)}`);
    tokens.push(match[1]!);
  }
  return tokens;
}

function apply(operator: string, left: bigint, right: bigint): bigint {
  switch (operator) {
    case '|':
      return left | right;
    case '&':
      return left & right;
    case '<<':
      return left << right;
    case '>>':
      return left >> right;
    case '+':
      return left + right;
    case '-':
      return left - right;
    default:
      return left * right;
  }
}
