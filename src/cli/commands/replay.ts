import { gunzipSync } from 'node:zlib';
import { Fabric } from '../../fabric/fabric.ts';
import { NONE } from '../../fabric/topology.ts';
import { readConfigTrace } from '../../formats/config-trace.ts';
import { InputError } from '../../formats/input-error.ts';
import { formatAddress } from '../../formats/tlp-json.ts';
import { implementations } from '../../lab/implementations/index.ts';
import { type ReplayResult, replay } from '../../lab/replay.ts';
import { Senders } from '../../lab/senders.ts';
import { functionNamed } from '../../lab/shutdown-spec.ts';
import { withTraceBarSizes } from '../../lab/trace-bar-sizes.ts';
import { DONE, FOUND } from '../exit.ts';
import { loadBytes } from '../load-dump.ts';
import { loadMachine } from '../load-machine.ts';
import { print, printJson, printNotes } from '../output.ts';
import { hex } from '../render/hex.ts';

/** Mismatches beyond these are counted. */
const MAX_MISMATCHES = 100;

export async function replayCommand(
  name: string,
  traceFile: string,
  flags: { json?: boolean; dma: string; implementation?: string },
): Promise<number> {
  const machine = await loadMachine(name);
  const trace = readConfigTrace(await loadTrace(traceFile), traceFile);
  printNotes(machine.notes);
  const fabric = new Fabric(withTraceBarSizes(machine.functions, trace));
  const result = replay(fabric, trace, implementationNamed(flags.implementation), sendersFor(fabric, flags.dma));
  const nameOf = (fn: number) => (fn === NONE ? 'root complex' : fabric.arena.name(fn));
  const refusals = firstOfEach(result).map(({ step, attempt }) => ({
    step,
    line: trace.writes[step]!.line,
    requester: nameOf(attempt.fn),
    reporter: nameOf(attempt.delivery.at),
    kind: attempt.kind,
    address: formatAddress(attempt.header.addressHi, attempt.header.addressLo),
  }));
  if (flags.json)
    printJson({
      steps: result.steps,
      compared: result.compared,
      waived: result.waived,
      waived_by_rule: result.waivedByRule,
      mismatched: result.mismatched,
      mismatches: result.mismatches.slice(0, MAX_MISMATCHES).map(({ expected, got, ...where }) => ({
        ...where,
        expected: `0x${hex(expected, 2)}`,
        got: `0x${hex(got, 2)}`,
      })),
      unsupported_requests: refusals,
    });
  else
    print([
      `${result.steps} writes; ${result.compared} compared, ${result.waived} waived, ${result.mismatched} mismatched`,
      ...Object.entries(result.waivedByRule).map(([rule, bytes]) => `  waived by ${rule}: ${bytes} bytes`),
      ...result.mismatches
        .slice(0, MAX_MISMATCHES)
        .map(
          ({ line, bdf, offset, register, expected, got }) =>
            `  line ${line}: ${bdf} byte ${hex(offset, 2)} (${register}): expected ${hex(expected, 2)}, got ${hex(got, 2)}`,
        ),
      ...refusals.map(
        ({ line, requester, reporter, kind, address }) =>
          `  line ${line}: ${requester}'s ${kind === 'msi' ? 'MSI' : 'memory write'} to ${address} refused by ${reporter}`,
      ),
    ]);
  return result.mismatched > 0 || refusals.length > 0 ? FOUND : DONE;
}

/** The first refusal of each requester by each port. */
function firstOfEach({ refusals }: ReplayResult): ReplayResult['refusals'] {
  const seen = new Set<string>();
  return refusals.filter(({ attempt: { fn, kind, delivery } }) => {
    const key = `${fn} ${kind} ${delivery.at}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function sendersFor(fabric: Fabric, dma: string): Senders | undefined {
  if (dma === 'none') return undefined;
  const chosen = dma === 'all' ? 'all' : new Set(dma.split(',').map((bdf) => functionNamed(fabric, '--dma', bdf)));
  return new Senders(fabric, { dma: chosen });
}

function implementationNamed(id: string | undefined) {
  if (id === undefined) return undefined;
  const found = implementations.find((candidate) => candidate.id === id);
  if (found === undefined)
    throw new InputError(
      `--implementation: expected one of ${implementations.map((candidate) => candidate.id).join(', ')}, got "${id}"`,
    );
  return found;
}

/** A trace as text, unpacked where it is a gzip file. */
async function loadTrace(file: string): Promise<string> {
  const bytes = await loadBytes(file, 'a trace');
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes.toString('latin1');
  try {
    return gunzipSync(bytes).toString('latin1');
  } catch (error) {
    throw new InputError(`${file}: expected a gzip file, got ${(error as Error).message}`);
  }
}
