/** TLP headers: fields, bytes, rules, completions. */
export { type FlitTypeName, flitTypes, type OhcName } from '../../spec-tables/flit-types.ts';
export {
  completionStatus,
  type TlpKind,
  type TlpType,
  type TlpTypeName,
  tlpTypes,
} from '../../spec-tables/tlp-types.ts';
export { decodeTlpHeader, encodeTlpHeader } from './codec.ts';
export {
  type CompletionOptions,
  type CompletionStatusName,
  completionFor,
  completionsFor,
  type ExpectedCompletion,
  expectedCompletion,
  requestByteCount,
  requestLowerAddress,
} from './completion.ts';
export { ecrcOf } from './ecrc.ts';
export {
  decodeFlitTlp,
  decodeOhc,
  encodeFlitTlp,
  encodeOhc,
  type FlitHeader,
  type FlitTlp,
  flitByteEnables,
  flitDwords,
  flitHeader,
  flitStatus,
  flitTypeOfByte,
  type Ohc,
  type UndecodableFlitTlp,
  uncertainParts,
} from './flit.ts';
export { verdictOfFlit } from './flit-verdict.ts';
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
export {
  type CompletionOutcome,
  type OutstandingOptions,
  OutstandingRequests,
  WaitingRequests,
} from './outstanding.ts';
export {
  type DecodedTlp,
  decodeTlp,
  ecrcOfTlp,
  encodeTlp,
  type Tlp,
  type Undecodable,
  type UndecodableTlp,
} from './packet.ts';
export { isLocalPrefix, pasidPrefix, prefixFields, type TlpPrefix, type TlpPrefixFields, tphPrefix } from './prefix.ts';
export { type ProcessingHint, processingHint, withProcessingHint } from './processing-hint.ts';
export { type BrokenRule, brokenRules, messageOfCode, type Receiver, type ReceiverReaction } from './validate.ts';
export { type Verdict, type VerdictOptions, verdictOf, verdictText } from './verdict.ts';
