/** Two machines of QEMU's, write by write: every read-back and every changed byte that the spec says something of. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseBdf } from '../../src/config/bdf.ts';
import { byteOwners } from '../../src/config/judged-bytes.ts';
import { Fabric } from '../../src/fabric/fabric.ts';
import { type ConfigTrace, readConfigTrace } from '../../src/formats/config-trace.ts';
import { imagesOf, readLspci } from '../../src/formats/lspci-text.ts';
import { qemu } from '../../src/lab/implementations/qemu.ts';
import { replay } from '../../src/lab/replay.ts';
import { withTraceBarSizes } from '../../src/lab/trace-bar-sizes.ts';

const fileUrl = (machine: string, name: string) => new URL(`../fixtures/qemu/${machine}/${name}`, import.meta.url);
const file = (machine: string, name: string) => readFileSync(fileUrl(machine, name));

function fabricFor(machine: string, trace: ConfigTrace): Fabric {
  return new Fabric(withTraceBarSizes(imagesOf(readLspci(file(machine, 'dump-initial.lspci'))), trace));
}

describe.each([
  ['q35-7.2', 3360],
  ['q35-11.1', 3680],
  ['q35-7.2-b', 3600],
  ['q35-7.2-c', 3120],
])('%s', (machine, writes) => {
  const trace = readConfigTrace(file(machine, 'trace.jsonl').toString(), machine);

  it('has no mismatch outside the rules, and few within', () => {
    const result = replay(fabricFor(machine, trace), trace, qemu);
    expect(result.mismatches).toEqual([]);
    expect(result.steps).toBe(writes);
    expect(result.compared).toBeGreaterThan(1000);
    const beyond = Object.entries(result.waivedByRule)
      .filter(([rule]) => rule !== 'command-parity' && rule !== 'device-control')
      .reduce((sum, [, bytes]) => sum + bytes, 0);
    expect(beyond / result.compared).toBeLessThan(0.03);
  });

  it('has mismatches without the rules, and where a byte is wrong', () => {
    expect(replay(fabricFor(machine, trace), trace, undefined).mismatched).toBeGreaterThan(20);
    const changed = trace.writes.map((write) =>
      write.changed?.has(4)
        ? { ...write, changed: new Map([...write.changed, [4, write.changed.get(4)! ^ 2]]) }
        : write,
    );
    expect(replay(fabricFor(machine, trace), { ...trace, writes: changed }, qemu).mismatched).toBeGreaterThan(0);
  });

  it('lets write what the tables let write, as probed', () => {
    const { arena } = fabricFor(machine, trace);
    const probed: Record<string, { wmask?: string }> = JSON.parse(file(machine, 'masks.json').toString()).functions;
    const wrong: string[] = [];
    for (const [bdf, { wmask }] of Object.entries(probed)) {
      const fn = arena.find(0, parseBdf(bdf)!.routingId);
      if (wmask === undefined || fn < 0) continue;
      const theirs = Buffer.from(wmask, 'hex');
      const { rw, size, capabilities } = arena.layout[fn]!;
      for (const [offset, owner] of byteOwners(arena.space(fn), capabilities).entries()) {
        if (typeof owner !== 'object' || offset >= Math.min(size, theirs.length)) continue;
        const { name } = owner.register;
        // BAR sizes are learned from the trace; three bits were held at 0 by the probe; SHPC's data is a window.
        if (/Base Address|VF BAR|SHPC DWORD Data/.test(name)) continue;
        const shift = 8 * (offset - owner.at - owner.register.offset);
        let bits = ((rw[offset]! ^ theirs[offset]!) << shift) >>> 0;
        if (name === 'Bridge Control') bits &= ~0x40;
        if (name === 'SR-IOV Control') bits &= ~0x01;
        for (const rule of qemu.rules) if (rule.register === name) bits &= ~(rule.mask ?? 0xffffffff);
        if (bits !== 0) wrong.push(`${bdf} ${name}: ${bits.toString(16)}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it.skipIf(!existsSync(fileUrl(machine, 'w1c.json')))('clears by writing 1 what QEMU clears so', () => {
    const { arena } = fabricFor(machine, trace);
    const { records } = JSON.parse(file(machine, 'w1c.json').toString()) as {
      records: { w1c: Record<string, { val: number; after_w0: number; after_w1: number }> }[];
    };
    let compared = 0;
    for (const { w1c } of records)
      for (const [place, { val, after_w0: kept, after_w1: left }] of Object.entries(w1c ?? {})) {
        const [bdf, hex] = place.split('+') as [string, string];
        const fn = arena.find(0, parseBdf(bdf)!.routingId);
        const offset = Number.parseInt(hex, 16);
        // What QEMU itself does not treat as RW1C is no evidence.
        if (val === 0 || kept !== val || left !== 0) continue;
        const mask = arena.layout[fn]!.rw1c[offset]!;
        expect(mask & val, place).toBe(val);
        compared++;
      }
    expect(compared).toBeGreaterThan(20);
  });
});

it('has at most forty rules, each with its evidence, none by BDF', () => {
  expect(qemu.rules.length).toBeLessThanOrEqual(40);
  expect(new Set(qemu.rules.map(({ id }) => id)).size).toBe(qemu.rules.length);
  for (const rule of qemu.rules) {
    expect(rule.evidence.length).toBeGreaterThan(10);
    expect(JSON.stringify(rule)).not.toMatch(/[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]/);
  }
});
