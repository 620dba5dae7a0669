/** TLP headers: fields, bytes, rules, completions. */
export {
  completionStatus,
  type TlpKind,
  type TlpType,
  type TlpTypeName,
  tlpTypes,
} from '../../spec-tables/tlp-types.ts';
export { decodeTlpHeader, encodeTlpHeader } from './codec.ts';
export { completionFor, requestByteCount, requestLowerAddress } from './completion.ts';
export {
  hasData,
  headerLength,
  kindOf,
  memoryRead,
  memoryWrite,
  type TlpHeader,
  tlpHeader,
  tlpTypeNamed,
  tlpTypeOfByte,
} from './header.ts';
export { type BrokenRule, brokenRules } from './validate.ts';
