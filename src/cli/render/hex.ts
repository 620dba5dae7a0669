/** Numbers as registers are written: lower-case hex without a prefix. Apart from the tables, whose library takes time to load. */

export const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
