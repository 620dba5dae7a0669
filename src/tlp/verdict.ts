/** What a receiver makes of a TLP as it came: whether it is well-formed, and each rule that it breaks or stretches. */
import { messageRouting } from '../../spec-tables/message-codes.ts';
import { hasData, type TlpHeader, tlpTypeNamed } from './header.ts';
import { type DecodedTlp, ecrcOfTlp, type Undecodable, type UndecodableTlp } from './packet.ts';
import { isLocalPrefix, prefixFields, type TlpPrefix } from './prefix.ts';
import {
  type BrokenRule,
  brokenRules,
  messageOfCode,
  operandBytesOf,
  type Receiver,
  type ReceiverReaction,
} from './validate.ts';

export interface Verdict {
  /** A rule of its format is broken: `rules` is not empty. */
  readonly malformed: boolean;
  /** The header alone was there, without the data that it speaks of: nothing is said of length and digest. */
  readonly headerOnly: boolean;
  readonly rules: readonly BrokenRule[];
  /** What a receiver does otherwise than usual though the format is right: a UR, a poisoned payload, bits that it ignores. */
  readonly notes: readonly BrokenRule[];
}

export interface VerdictOptions extends Receiver {
  /** The bytes come from a header log: no payload is to be expected. */
  readonly headerLog?: boolean;
}

/** `well-formed`, `header only`, `malformed`, or `malformed, header only`. */
export function verdictText({ malformed, headerOnly }: Verdict): string {
  if (!malformed) return headerOnly ? 'header only' : 'well-formed';
  return headerOnly ? 'malformed, header only' : 'malformed';
}

const undecodable: Record<Undecodable, string> = {
  'nothing behind the prefixes': 'a TLP must have a header',
  'cut short': 'the header must be whole',
  'reserved type': 'Fmt and Type must be of table 2-3',
};

/** @param tlp what `decodeTlp` made of the bytes */
export function verdictOf(tlp: DecodedTlp | UndecodableTlp, options: VerdictOptions = {}): Verdict {
  const { prefixes } = tlp;
  if (tlp.header === undefined) {
    const spec = tlp.why === 'reserved type' ? '§2.3' : '§2.2.10';
    const rules: BrokenRule[] = [{ rule: undecodable[tlp.why], spec, reaction: 'Malformed TLP' }];
    return {
      malformed: true,
      headerOnly: false,
      rules: [...prefixRules(prefixes), ...rules],
      notes: prefixNotes(prefixes),
    };
  }
  const { header, payload, digest, surplus } = tlp;
  const behindHeader = payload.length + surplus.length + (digest === undefined ? 0 : 4);
  const headerOnly = options.headerLog === true || (behindHeader === 0 && hasData(tlpTypeNamed(header.type)));
  const rules = [...prefixRules(prefixes), ...brokenRules(header, options), ...(headerOnly ? [] : sizeRules(tlp))];
  return {
    malformed: rules.length > 0,
    headerOnly,
    rules,
    notes: [...prefixNotes(prefixes), ...(headerOnly ? [] : contentNotes(tlp)), ...headerNotes(header, options)],
  };
}

/** End-to-end prefixes that a TLP may have. PCIe 5.0 §2.2.10.2 */
const MAX_END_TO_END = 4;

function prefixRules(prefixes: readonly TlpPrefix[]): BrokenRule[] {
  const broken: BrokenRule[] = [];
  const firstEndToEnd = prefixes.findIndex((prefix) => !isLocalPrefix(prefix));
  const endToEnd = prefixes.filter((prefix) => !isLocalPrefix(prefix)).length;
  if (firstEndToEnd >= 0 && prefixes.slice(firstEndToEnd).some(isLocalPrefix))
    broken.push({ rule: 'local prefixes come before end-to-end ones', spec: '§2.2.10', reaction: 'Malformed TLP' });
  if (endToEnd > MAX_END_TO_END)
    broken.push({ rule: 'at most 4 end-to-end prefixes', spec: '§2.2.10.2', reaction: 'Malformed TLP' });
  for (const prefix of prefixes) {
    const { name, local } = prefixFields(prefix);
    if (name === 'Flit Mode')
      broken.push({
        rule: 'the Flit Mode prefix is for Flit Mode alone',
        spec: 'PCIe 6.0 §2.2.10.3',
        reaction: 'Malformed TLP',
      });
    else if (name === undefined && local)
      broken.push({ rule: `local prefix ${typeOf(prefix)} is reserved`, spec: '§2.2.10.1', reaction: 'Malformed TLP' });
  }
  return broken;
}

function prefixNotes(prefixes: readonly TlpPrefix[]): BrokenRule[] {
  return prefixes
    .filter((prefix) => prefixFields(prefix).name === undefined && !isLocalPrefix(prefix))
    .map((prefix) => ({
      rule: `end-to-end prefix ${typeOf(prefix)} is reserved`,
      spec: '§2.2.10.2',
      reaction: 'Unsupported Request',
    }));
}

function typeOf(prefix: TlpPrefix): string {
  return `0x${(prefix >>> 24).toString(16)}`;
}

/** PCIe 5.0 §2.2.2, §2.2.3. */
function sizeRules({ header, payload, digest, surplus }: DecodedTlp): BrokenRule[] {
  const expected = hasData(tlpTypeNamed(header.type)) ? header.lengthDw : 0;
  const behind = payload.length + surplus.length + (digest === undefined ? 0 : 4);
  if (behind === expected * 4 + (header.td ? 4 : 0)) return [];
  const [reaction, got] = ['Malformed TLP', `${behind} bytes follow the header`] as const;
  // One DWORD more or less than Length is what TD would explain.
  if (behind === expected * 4 + (header.td ? 0 : 4))
    return [
      {
        rule: `TD is ${header.td ? 1 : 0}: expected ${behind + (header.td ? 4 : -4)} bytes, ${got}`,
        spec: '§2.2.3',
        reaction,
      },
    ];
  const data = expected === 0 ? 'no data' : `${expected} DW of data`;
  return [{ rule: `expected ${data}${header.td ? ' and a digest' : ''}, ${got}`, spec: '§2.2.2', reaction }];
}

function contentNotes(tlp: DecodedTlp): BrokenRule[] {
  const { header, digest, payload } = tlp;
  const notes: BrokenRule[] = [];
  if (header.ep && payload.length > 0)
    notes.push({ rule: 'the payload is poisoned', spec: '§2.7.2.2', reaction: 'Poisoned TLP Received' });
  if (digest !== undefined) {
    const right = ecrcOfTlp(tlp);
    const hex = (value: number) => value.toString(16).padStart(8, '0');
    if (right !== digest)
      notes.push({
        rule: `ECRC: expected ${hex(right)}, got ${hex(digest)}`,
        spec: '§2.7.1',
        reaction: 'ECRC Check Failed',
      });
  }
  return notes;
}

/** What of a well-formed header a receiver does not take as it is. */
function headerNotes(header: TlpHeader, { atomicOperands }: Receiver): BrokenRule[] {
  const { kind, fmt } = tlpTypeNamed(header.type);
  const notes: BrokenRule[] = [];
  const note = (applies: boolean, rule: string, spec: string, reaction: ReceiverReaction) => {
    if (applies) notes.push({ rule, spec, reaction });
  };
  const byAddress = kind === 'memory' || kind === 'atomic';
  if (kind === 'message') messageNotes(header, note);
  if (kind === 'completion') {
    note(
      [3, 5, 6, 7].includes(header.status),
      'a reserved Completion Status counts as UR',
      '§2.3.2',
      'Unsupported Request',
    );
    note(header.bcm, 'only a PCI-X completer sets BCM', '§2.2.9', 'ignored');
  }
  if (kind === 'atomic' && atomicOperands !== undefined) {
    const bytes = operandBytesOf(header.type, header.lengthDw);
    note(!atomicOperands.includes(bytes), `no operand of ${bytes} bytes here`, '§2.2.7', 'Unsupported Request');
  }
  note(byAddress && header.at === 3, 'AT 11b is reserved', '§10.2.1', 'not specified');
  note(
    header.at === 1 && byAddress && header.type !== 'MRd' && header.type !== 'MRd64',
    'a translation request is a memory read',
    '§10.2.1',
    'not specified',
  );
  note(!byAddress && header.th, 'TH is reserved', '§2.2.7', 'ignored');
  note(kind === 'message' && header.at !== 0, 'AT must be 0', '§2.2.8', 'ignored');
  note(kind === 'completion' && header.at !== 0, 'AT must be 0', '§2.2.9', 'ignored');
  note((kind === 'io' || kind === 'configuration') && header.attr > 3, 'Attr[2] is reserved', '§2.2.7', 'ignored');
  note((fmt & 2) === 0 && header.ep, 'EP says nothing without data', '§2.7.2.1', 'ignored');
  note(
    (fmt & 2) === 0 && !isRequestWithLength(kind) && header.lengthDw !== 0,
    'Length is reserved',
    '§2.2.2',
    'ignored',
  );
  note(byAddress && !header.th && (header.addressLo & 3) !== 0, 'PH is reserved without TH', '§2.2.4.1', 'ignored');
  note(kind === 'io' && (header.addressLo & 3) !== 0, 'address bits 1:0 are reserved', '§2.2.7', 'ignored');
  note(header.ln && kind !== 'memory' && kind !== 'completion', 'byte 1 bit 1 is reserved', '§2.2.1', 'ignored');
  note(header.reserved !== 0, 'reserved bits are set', '§2.2.1', 'ignored');
  return notes;
}

function isRequestWithLength(kind: string): boolean {
  return kind !== 'completion' && kind !== 'message';
}

/** PCIe 5.0 §2.3.1: code, routing, and Msg or MsgD must be a combination that is defined, else the message is a UR. */
function messageNotes(
  header: TlpHeader,
  note: (applies: boolean, rule: string, spec: string, reaction: ReceiverReaction) => void,
): void {
  const code = `0x${header.messageCode.toString(16).padStart(2, '0')}`;
  const message = messageOfCode(header.messageCode);
  if (message === undefined) {
    note(true, `no message has code ${code}`, '§2.3.1', 'Unsupported Request');
    return;
  }
  const { name, row } = message;
  const dropped = row.spec === '§2.2.8.7';
  note(dropped, `${name} is obsolete`, '§2.2.8.7', 'ignored');
  note(
    !row.routing.some((way) => messageRouting[way] === header.routing),
    `${name} is not routed ${header.routing.toString(2).padStart(3, '0')}b`,
    row.spec,
    name === 'Vendor_Defined Type 1' || dropped ? 'ignored' : 'Unsupported Request',
  );
  const withData = header.type === 'MsgD';
  if (row.dataDw !== undefined && row.withAndWithoutData !== true)
    note(
      withData !== row.dataDw > 0,
      `${name} is a ${withData ? 'Msg' : 'MsgD'}`,
      row.spec,
      dropped ? 'ignored' : 'Unsupported Request',
    );
  note(
    (header.attr & 3) !== 0 && !name.startsWith('Vendor_Defined'),
    `Attr[1:0] of ${name} is reserved`,
    '§2.2.8',
    'ignored',
  );
}
