/** What a receiver makes of a TLP of Flit Mode. PCIe 6.0 §2.2; the rules of the other mode hold where none is named. */
import { flitTrailerBytes } from '../../spec-tables/flit-types.ts';
import { type FlitTlp, flitByteEnables, flitStatus, flitTypeNamed, type UndecodableFlitTlp } from './flit.ts';
import { type TlpHeader, tlpHeader } from './header.ts';
import { type BrokenRule, brokenRules } from './validate.ts';
import type { Verdict, VerdictOptions } from './verdict.ts';

const V6 = 'PCIe 6.0 ';

export function verdictOfFlit(tlp: FlitTlp | UndecodableFlitTlp, options: VerdictOptions = {}): Verdict {
  if (tlp.header === undefined) {
    if (tlp.why === 'reserved type') {
      // Switches route reserved types, by what the table says of their code.
      const rule = `type 0x${tlp.rest[0]!.toString(16).padStart(2, '0')} is reserved; a completion is then unexpected`;
      const notes: BrokenRule[] = [{ rule, spec: `${V6}§2.2.1.2`, reaction: 'Unsupported Request' }];
      return { malformed: false, headerOnly: false, rules: [], notes };
    }
    const rule = tlp.why === 'cut short' ? 'the header must be whole' : 'a TLP must have a header';
    const rules: BrokenRule[] = [{ rule, spec: `${V6}§2.2.10`, reaction: 'Malformed TLP' }];
    return { malformed: true, headerOnly: false, rules, notes: [] };
  }
  const { header, payload, trailer, surplus } = tlp;
  const { data, kind } = flitTypeNamed(header.type);
  const behind = payload.length + trailer.length + surplus.length;
  const headerOnly = options.headerLog === true || (behind === 0 && data);
  const rules: BrokenRule[] = sameRules(tlp, options);
  const expected = (data ? header.lengthDw * 4 : 0) + flitTrailerBytes[header.ts]!;
  // A receiver finds the next TLP by Length: it can't see the mistake as such.
  if (!headerOnly && behind !== expected)
    rules.push({
      rule: `Length and TS ask for ${expected} bytes, ${behind} bytes follow the header`,
      spec: `${V6}§2.2.2`,
      reaction: 'not checked',
    });
  const notes: BrokenRule[] = [];
  if (kind === 'io' && header.ohcA === undefined)
    notes.push({ rule: 'an I/O request must have OHC-A2', spec: `${V6}§2.2.5.2`, reaction: 'Unsupported Request' });
  if (kind === 'configuration' && header.ohcA === undefined)
    notes.push({
      rule: 'a configuration request must have OHC-A3',
      spec: `${V6}§2.2.5.2`,
      reaction: 'Unsupported Request',
    });
  if (header.ep && payload.length > 0)
    notes.push({ rule: 'the payload is poisoned', spec: '§2.7.2.2', reaction: 'Poisoned TLP Received' });
  return { malformed: rules.length > 0, headerOnly, rules, notes };
}

/** Rules that both modes have in common, asked of the other mode's header. */
function sameRules({ header }: FlitTlp, options: VerdictOptions): BrokenRule[] {
  const { kind } = flitTypeNamed(header.type);
  if (kind === 'nop' || kind === 'uio request' || kind === 'uio completion') return [];
  const { ohcA, ohcB, ohcC, ohcE, ts, type, ...fields } = header;
  return brokenRules(
    tlpHeader(type as TlpHeader['type'], {
      ...fields,
      ...flitByteEnables(header),
      lastBe: kind === 'memory' || ohcA?.lastBe !== undefined ? flitByteEnables(header).lastBe : 0,
      status: flitStatus(header),
      lowerAddress: header.lowerAddress | (kind === 'completion' ? (ohcA?.lowerAddress ?? 0) : 0),
    }),
    options,
  );
}
