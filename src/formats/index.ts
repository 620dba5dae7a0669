/** Texts that other programs write and read. */
export { type AerLogOptions, type AerLogStyle, aerLog, aerLogStyles } from './aer-log.ts';
export { readBindings } from './bindings-json.ts';
export { type ConfigTrace, readConfigTrace, type TraceWrite } from './config-trace.ts';
export {
  type DecodedCapability,
  type DecodedFunction,
  type DecodedRegister,
  decodeFunction,
  differences,
  type FieldDifference,
} from './decode.ts';
export { dmarLog } from './dmar-log.ts';
export {
  type EcamWindowPlace,
  ecamImage,
  ecamWindows,
  formatEcamAddresses,
  functionsOfEcamBus,
  parseEcamAddresses,
} from './ecam-image.ts';
export {
  type ErrorRecord,
  type ErrorRecordOptions,
  type ErrorSection,
  type ErrorStatusBlock,
  errorRecord,
  genericErrorStatus,
  type PcieError,
  readErrorRecord,
  readGenericErrorStatus,
} from './error-record.ts';
export { type GhesLogOptions, type GhesLogStyle, ghesLog, ghesLogStyles } from './ghes-log.ts';
export { InputError } from './input-error.ts';
export { printLspci } from './lspci-dump.ts';
export { imagesOf, type LspciDump, type LspciFunction, LspciReader, readLspci } from './lspci-text.ts';
export { lspciTree, type TreeFunction } from './lspci-tree.ts';
export { type PciIds, readPciIds } from './pci-ids.ts';
export { hasNoTlp, readTlpInput, type TlpInput } from './tlp-input.ts';
export { describeTlp, formatAddress, type TlpJson, tlpJson } from './tlp-json.ts';
export { reportTlp, type TlpReport, tlpBytesOfJson } from './tlp-report.ts';
export { parseTlp } from './tlp-text.ts';
