/** What `tlp decode` says of a TLP: fields and verdict as JSON, and as sentences. */
import { formatBdf } from '../config/bdf.ts';
import { decodeFlitTlp, encodeFlitTlp, uncertainParts } from '../tlp/flit.ts';
import { verdictOfFlit } from '../tlp/flit-verdict.ts';
import { kindOf, type TlpHeader } from '../tlp/header.ts';
import { decodeTlp, encodeTlp } from '../tlp/packet.ts';
import { prefixFields, type TlpPrefix } from '../tlp/prefix.ts';
import { processingHint } from '../tlp/processing-hint.ts';
import { type BrokenRule, impliesByteEnables, messageOfCode, type Receiver } from '../tlp/validate.ts';
import { type Verdict, verdictOf, verdictText } from '../tlp/verdict.ts';
import { describeFlit, flitJson, flitOfJson } from './flit-json.ts';
import { InputError } from './input-error.ts';
import type { TlpInput } from './tlp-input.ts';
import { describeTlp, tlpJson } from './tlp-json.ts';
import { type OnUnknownField, tlpOfJson } from './tlp-json-reader.ts';

export interface TlpReport {
  readonly json: Readonly<Record<string, unknown>>;
  readonly sentences: readonly string[];
  readonly malformed: boolean;
}

export function reportTlp(input: TlpInput, receiver: Receiver = {}): TlpReport {
  const options = { ...receiver, headerLog: input.headerLog };
  const hex = hexOf(input.bytes);
  if (input.flit) {
    const tlp = decodeFlitTlp(input.bytes);
    const verdict = verdictOfFlit(tlp, options);
    if (tlp.header === undefined) return undecodable({ flit: true }, tlp.rest, hex, verdict);
    const uncertain = uncertainParts(tlp.header);
    const json = {
      ...flitJson(tlp.header),
      prefixes: tlp.prefixes.map(dword),
      ...ifAny({ payload: tlp.payload, trailer: tlp.trailer, surplus: tlp.surplus }),
      hex,
      uncertain,
      ...told(verdict),
    };
    const doubt = uncertain.length === 0 ? [] : [`  uncertain: ${uncertain.join(', ')}`];
    return { json, ...sentencesOf(describeFlit(tlp.header), verdict, doubt) };
  }
  const tlp = decodeTlp(input.bytes);
  const verdict = verdictOf(tlp, options);
  const prefixes = tlp.prefixes.map(prefixJson);
  if (tlp.header === undefined) return undecodable({ prefixes }, tlp.rest, hex, verdict);
  const { header, payload, surplus, digest } = tlp;
  const json = {
    ...tlpJson(header),
    ...(kindOf(header) === 'message' ? { message: messageOfCode(header.messageCode)?.name ?? null } : {}),
    prefixes,
    ...ifAny({ payload }),
    ...(digest === undefined ? {} : { digest: dword(digest) }),
    ...ifAny({ surplus }),
    hex,
    ...told(verdict),
  };
  const details = [...detailsOf(header), ...tlp.prefixes.map(describePrefix)];
  return { json, ...sentencesOf([describeTlp(header), ...details].join(', '), verdict) };
}

export interface EncodeOptions {
  /** Refuse what is malformed. */
  readonly strict?: boolean;
  /** Takes the message about a field that the TLP does not have; without it, that is a mistake. */
  readonly onUnknown?: OnUnknownField;
}

/**
 * The bytes of a TLP in JSON, as `reportTlp` gives it.
 * @throws InputError for values that don't fit, and what `strict` refuses
 */
export function tlpBytesOfJson(value: unknown, { strict = false, onUnknown }: EncodeOptions = {}): Uint8Array {
  const isFlit = typeof value === 'object' && value !== null && (value as { flit?: unknown }).flit === true;
  const bytes = isFlit ? encodeFlitTlp(flitOfJson(value, onUnknown)) : encodeTlp(tlpOfJson(value, onUnknown));
  if (!strict) return bytes;
  const { rules } = isFlit ? verdictOfFlit(decodeFlitTlp(bytes)) : verdictOf(decodeTlp(bytes));
  if (rules.length > 0) throw new InputError(`TLP malformed: ${rules.map(describeRule).join('; ')}`);
  return bytes;
}

function undecodable(start: object, rest: Uint8Array, hex: string, verdict: Verdict): TlpReport {
  const [first] = rest;
  const code = first === undefined ? {} : { fmt: first >> 5, typeCode: first & 0x1f };
  const json = { type: null, ...code, ...start, hex, ...told(verdict) };
  return { json, ...sentencesOf(hex === '' ? 'nothing' : hex, verdict) };
}

function told(verdict: Verdict) {
  return { verdict: verdictText(verdict), rules: verdict.rules, notes: verdict.notes };
}

function sentencesOf(what: string, verdict: Verdict, more: readonly string[] = []) {
  const sentences = [
    `${what}: ${verdictText(verdict)}`,
    ...verdict.rules.map((rule) => `  malformed: ${describeRule(rule)}`),
    ...verdict.notes.map((note) => `  note: ${describeRule(note)}`),
    ...more,
  ];
  return { sentences, malformed: verdict.malformed };
}

/** `TC must be 0 (PCIe 5.0 §2.2.7): Malformed TLP where checked`. */
function describeRule({ rule, spec, reaction }: BrokenRule): string {
  return `${rule} (${spec.startsWith('PCIe') ? spec : `PCIe 5.0 ${spec}`}): ${reaction}`;
}

/** What is worth telling beyond type, ends and length. */
function detailsOf(header: TlpHeader): string[] {
  const kind = kindOf(header);
  const details: string[] = [];
  const hint = processingHint(header);
  if (kind === 'completion') details.push(`${header.byteCount} bytes left from ..${header.lowerAddress.toString(16)}h`);
  else if (kind === 'configuration') details.push(`from ${formatBdf(0, header.requesterId)}`);
  if (kind !== 'message') details.push(`tag 0x${header.tag.toString(16)}`);
  if ((kind === 'memory' || kind === 'io' || kind === 'configuration') && !impliesByteEnables(header))
    details.push(`byte enables ${header.lastBe.toString(16)} ${header.firstBe.toString(16)}`);
  if (header.tc !== 0) details.push(`TC${header.tc}`);
  for (const [bit, name] of [
    [4, 'IDO'],
    [2, 'RO'],
    [1, 'NS'],
  ] as const)
    if ((header.attr & bit) !== 0) details.push(name);
  if (header.at !== 0) details.push(['', 'translation request', 'translated address', 'AT 11b'][header.at]!);
  if (hint !== undefined) details.push(`PH ${hint.ph}, Steering Tag 0x${hint.steeringTag.toString(16)}`);
  if (header.td) details.push('ECRC');
  if (header.ep) details.push('poisoned');
  return details;
}

export function describePrefix(prefix: TlpPrefix): string {
  const { name, pasid } = prefixFields(prefix);
  return pasid === undefined ? `prefix ${name ?? dword(prefix)}` : `PASID 0x${pasid.toString(16)}`;
}

export function prefixJson(prefix: TlpPrefix) {
  const { name, ...fields } = prefixFields(prefix);
  return { hex: dword(prefix), name: name ?? null, ...fields };
}

function ifAny(parts: Readonly<Record<string, Uint8Array>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parts)
      .filter(([, bytes]) => bytes.length > 0)
      .map(([name, bytes]) => [name, hexOf(bytes)]),
  );
}

function dword(value: number): string {
  return value.toString(16).padStart(8, '0');
}

export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
