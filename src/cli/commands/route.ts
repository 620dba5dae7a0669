import type { ConfigArena } from '../../config/arena.ts';
import { formatBdf } from '../../config/bdf.ts';
import { refusals } from '../../fabric/delivery.ts';
import { HOST } from '../../fabric/exact-router.ts';
import type { Fabric } from '../../fabric/fabric.ts';
import type { Hop } from '../../fabric/hop.ts';
import { type AddressRange, MemoryMap } from '../../fabric/memory-map.ts';
import { NONE } from '../../fabric/topology.ts';
import { InputError } from '../../formats/input-error.ts';
import { hasHeaderLog, readTlpInput } from '../../formats/tlp-input.ts';
import { describeTlp, tlpJson } from '../../formats/tlp-json.ts';
import { describePrefix, prefixJson } from '../../formats/tlp-report.ts';
import { parseWrittenTlp, startsTlp } from '../../formats/tlp-text.ts';
import { assemble } from '../../lab/machine.ts';
import { functionNamed } from '../../lab/shutdown-spec.ts';
import { CLASS_CODE } from '../../spec/constants.ts';
import type { TlpHeader } from '../../tlp/header.ts';
import { kindOf } from '../../tlp/header.ts';
import { decodeTlp } from '../../tlp/packet.ts';
import { brokenRules } from '../../tlp/validate.ts';
import { DONE, FOUND } from '../exit.ts';
import { DEFAULT_PLATFORM } from '../load-dump.ts';
import { loadMachine } from '../load-machine.ts';
import { print, printJson, printNotes } from '../output.ts';
import { renderHops } from '../render/walk.ts';

const CLASS_HOST_BRIDGE = 0x0600;

export interface RouteFlags {
  readonly json?: boolean;
  readonly from?: string;
  readonly ram?: string;
  readonly holes?: string;
}

/** @param words DUMP and TLP; the TLP alone goes to the default platform */
export async function routeCommand(words: readonly string[], flags: RouteFlags): Promise<number> {
  if (words.length === 0) throw new InputError('route: expected a TLP, got none');
  const [name, text] = splitWords(words);
  const { header, prefixes, segment } = tlpOf(text);
  const machine = await loadMachine(name);
  const memory = memoryMap(flags);
  const { fabric, problems } = assemble(machine, memory === undefined ? {} : { memory });
  const { arena } = fabric;
  const from = ingress(fabric, header, segment, flags.from);
  printNotes([...machine.notes, ...problems, ...senderNotes(arena, header, segment, from, flags.from)]);
  const hops: Hop[] = [];
  const delivery = fabric.send(header, from, {
    trace: hops,
    prefixes,
    ...(from === HOST && segment !== undefined ? { segment } : {}),
  });
  const broken = brokenRules(header);
  const fnName = (fn: number) => (fn === NONE ? 'root complex' : arena.name(fn));
  if (flags.json)
    printJson({
      outcome: delivery.outcome,
      at: fnName(delivery.at),
      ...(delivery.copies === undefined ? {} : { copies: delivery.copies.map(fnName) }),
      hops: hops.map(({ fn, ...hop }) => ({ bdf: fnName(fn), ...hop })),
      ...(prefixes.length === 0 ? {} : { prefixes: prefixes.map(prefixJson) }),
      tlp: tlpJson(header),
      broken_rules: broken.map(({ rule, spec }) => `${rule} (PCIe 5.0 ${spec})`),
      completion: delivery.completion === undefined ? null : tlpJson(delivery.completion),
      error_message: delivery.report?.message ?? null,
    });
  else
    print([
      [describeTlp(header), ...prefixes.map(describePrefix), `from ${fnName(from)}`].join(', '),
      ...broken.map(({ rule, spec, reaction }) => `  malformed: ${rule} (PCIe 5.0 ${spec}): ${reaction}`),
      ...renderHops(fabric, hops),
      `outcome: ${delivery.outcome} at ${fnName(delivery.at)}`,
      ...(delivery.copies === undefined ? [] : [`copies: ${delivery.copies.map(fnName).join(', ')}`]),
      ...(delivery.completion === undefined ? [] : [`completion: ${describeTlp(delivery.completion)}`]),
      ...(delivery.report === undefined
        ? []
        : [`error message: ${delivery.report.message ?? 'none'}: ${delivery.report.why}`]),
    ]);
  return delivery.outcome in refusals ? FOUND : DONE;
}

/** @throws InputError when a range is not `FIRST-LAST` */
function memoryMap({ ram, holes }: RouteFlags): MemoryMap | undefined {
  if (ram === undefined && holes === undefined) return undefined;
  return new MemoryMap({
    ...(ram === undefined ? {} : { ram: ranges('--ram', ram) }),
    ...(holes === undefined ? {} : { holes: ranges('--holes', holes) }),
  });
}

function ranges(flag: string, text: string): AddressRange[] {
  return text.split(',').map((range) => {
    const [, first, last] = /^(0x[0-9a-f]{1,16}|\d{1,19})-(0x[0-9a-f]{1,16}|\d{1,19})$/i.exec(range.trim()) ?? [];
    if (first === undefined || last === undefined || BigInt(last) < BigInt(first))
      throw new InputError(`${flag}: expected a range such as 0-0x7fffffff, got "${range}"`);
    return [BigInt(first), BigInt(last)];
  });
}

/** As people write it, or a line of a log with the header. */
function tlpOf(text: string): ReturnType<typeof parseWrittenTlp> {
  if (!hasHeaderLog(text)) return parseWrittenTlp(text);
  const { bytes, flit } = readTlpInput(text);
  if (flit) throw new InputError('route: expected a TLP of another mode than Flit Mode, got one of that');
  const tlp = decodeTlp(bytes);
  if (tlp.header === undefined)
    throw new InputError(`route: expected a TLP with a header, got one that has none: ${tlp.why}`);
  return { header: tlp.header, prefixes: tlp.prefixes, segment: undefined };
}

/** The ID of a function that is not there is more often a slip than the root complex's own. */
function senderNotes(
  arena: ConfigArena,
  header: TlpHeader,
  segment: number | undefined,
  from: number,
  asked: string | undefined,
): string[] {
  const kind = kindOf(header);
  const id = kind === 'completion' ? header.completerId : header.requesterId;
  if (from !== HOST || asked !== undefined || kind === 'configuration' || id === 0) return [];
  const segments = segment === undefined ? [...new Set(arena.segment)] : [segment];
  if (segments.some((candidate) => arena.find(candidate, id) >= 0)) return [];
  return [`no function ${formatBdf(segment ?? 0, id)}: the root complex sends it; choose with --from`];
}

/** A first word that starts a TLP leaves the machine out, also where the TLP has a fault; not where a whole TLP follows the word. */
function splitWords(words: readonly string[]): [machine: string, tlp: string] {
  const [first = '', ...rest] = words;
  if (rest.length === 0) return [DEFAULT_PLATFORM, first];
  const [whole, behind] = [words.join(' '), rest.join(' ')];
  return isTlp(whole) || (startsTlp(first) && !isTlp(behind)) ? [DEFAULT_PLATFORM, whole] : [first, behind];
}

function isTlp(text: string): boolean {
  try {
    tlpOf(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Where the TLP starts: `--from`, else the function with the Requester ID (of a completion: the Completer ID). A host bridge's ID
 * is the root complex's own, as is one that no function has; and configuration requests always come from there.
 */
function ingress(fabric: Fabric, header: TlpHeader, segment: number | undefined, from: string | undefined): number {
  if (from === 'host') return HOST;
  if (from !== undefined) return functionNamed(fabric, '--from', from);
  const kind = kindOf(header);
  if (kind === 'configuration') return HOST;
  const { arena } = fabric;
  const id = kind === 'completion' ? header.completerId : header.requesterId;
  const segments = segment === undefined ? [...new Set(arena.segment)] : [segment];
  const candidates = segments.map((candidate) => arena.find(candidate, id)).filter((fn) => fn >= 0);
  const [fn, other] = candidates;
  if (fn === undefined || arena.u16(fn, CLASS_CODE) === CLASS_HOST_BRIDGE) return HOST;
  if (other !== undefined)
    throw new InputError(
      `route: expected one function with that ID, got ${candidates.map((candidate) => arena.name(candidate)).join(', ')}; choose with --from`,
    );
  return fn;
}
