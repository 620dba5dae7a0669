/** Texts that other programs write and read. */
export { readBindings } from './bindings-json.ts';
export { InputError } from './input-error.ts';
export { printLspci } from './lspci-dump.ts';
export { imagesOf, type LspciDump, type LspciFunction, LspciReader, readLspci } from './lspci-text.ts';
export { lspciTree, type TreeFunction } from './lspci-tree.ts';
export { describeTlp, formatAddress, type TlpJson, tlpJson } from './tlp-json.ts';
export { parseTlp } from './tlp-text.ts';
