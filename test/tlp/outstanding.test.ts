/** A requester's tag table: what each completion is to it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { completionFor, completionsFor } from '../../src/tlp/completion.ts';
import { memoryRead, memoryWrite, type TlpHeader, tlpHeader } from '../../src/tlp/header.ts';
import { OutstandingRequests } from '../../src/tlp/outstanding.ts';
import { runs } from '../generators/runs.ts';

const ID = 0x0600;
const read = (lengthDw = 1, address = 0x1000) => memoryRead(0, 0, address, lengthDw);

function requester(options = {}) {
  return new OutstandingRequests(ID, options);
}

describe('tags', () => {
  it('are unique among waiting requests, and run out', () => {
    const table = requester({ tagBits: 5 });
    const tags = Array.from({ length: 32 }, () => table.issue(read())!.tag);
    expect(new Set(tags).size).toBe(32);
    expect(Math.max(...tags)).toBe(31);
    expect(table.issue(read())).toBeUndefined();
    table.receive(completionFor({ ...read(), requesterId: ID, tag: 7 }, 'SC', 0));
    expect(table.issue(read())).toMatchObject({ tag: 7, requesterId: ID });
  });

  it('of ten bits never look like eight', () => {
    const table = requester({ tagBits: 10 });
    const tags = Array.from({ length: 768 }, () => table.issue(read())!.tag);
    expect(Math.min(...tags)).toBe(256);
    expect(new Set(tags).size).toBe(768);
    expect(table.issue(read())).toBeUndefined();
  });

  it('are for requests that get a completion', () => {
    expect(() => requester().issue(memoryWrite(0, 0, 0x1000))).toThrow('expected a non-posted request, got MWr');
    expect(() => requester().receive(read())).toThrow('expected a completion, got MRd');
  });
});

describe('completions', () => {
  it('come in pieces, in any mix with those of other requests', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ dw: fc.integer({ min: 0, max: 1000 }), lengthDw: fc.integer({ min: 1, max: 24 }) }), {
          minLength: 1,
          maxLength: 6,
        }),
        fc.infiniteStream(fc.nat()),
        (reads, choice) => {
          const table = requester();
          const queues = reads.map(({ dw, lengthDw }) =>
            completionsFor(table.issue(read(lengthDw, dw * 4))!, { rcb: 64, pieces: 'boundary' }),
          );
          while (queues.some((queue) => queue.length > 0)) {
            const ready = queues.filter((queue) => queue.length > 0);
            const queue = ready[choice.next().value % ready.length]!;
            const { outcome } = table.receive(queue.shift()!);
            expect(outcome).toBe(queue.length === 0 ? 'done' : 'data');
          }
          expect(table.size).toBe(0);
        },
      ),
      runs(200),
    );
  });

  it('say where in the request their data belongs, and whether it is poisoned', () => {
    const table = requester();
    const [first, second] = completionsFor(table.issue({ ...read(48), firstBe: 0xc })!, { maxPayload: 128 });
    expect(table.receive(first!)).toMatchObject({ outcome: 'data', offset: 0, poisoned: false });
    expect(table.receive({ ...second!, ep: true })).toMatchObject({ outcome: 'done', offset: 126, poisoned: true });
  });

  it.each<[string, TlpHeader, 'SC' | 'UR' | 'CA' | 'CRS', object]>([
    ['a write', tlpHeader('CfgWr0', { lengthDw: 1, firstBe: 15 }), 'SC', { outcome: 'done' }],
    ['a deferrable write', tlpHeader('DMWr', { lengthDw: 8, firstBe: 15, lastBe: 15 }), 'SC', { outcome: 'done' }],
    ['a locked read', tlpHeader('MRdLk', { lengthDw: 1, firstBe: 15 }), 'SC', { outcome: 'done' }],
    ['a CAS', tlpHeader('CAS', { lengthDw: 4 }), 'SC', { outcome: 'done' }],
    ['a read refused', read(), 'UR', { outcome: 'failed', status: 'UR' }],
    ['a read aborted', read(), 'CA', { outcome: 'failed', status: 'CA' }],
    ['a configuration read put off', tlpHeader('CfgRd0', { lengthDw: 1, firstBe: 15 }), 'CRS', { outcome: 'retry' }],
  ])('end %s', (_, request, status, outcome) => {
    const table = requester();
    expect(table.receive(completionFor(table.issue(request)!, status, 0))).toMatchObject(outcome);
    expect(table.size).toBe(0);
  });

  it('with a reserved status count as UR, and end a read half way', () => {
    const table = requester();
    const [first, last] = completionsFor(table.issue(read(64))!, { failure: { status: 'UR', after: 1 } });
    expect(table.receive(first!)).toMatchObject({ outcome: 'data' });
    expect(table.receive({ ...last!, status: 5 })).toMatchObject({ outcome: 'failed', status: 'UR' });
    // Some completers count 4 and 0 in every failure.
    const other = completionFor(table.issue(read(64))!, 'UR', 0);
    expect(table.receive({ ...other, byteCount: 4, lowerAddress: 0 })).toMatchObject({ outcome: 'failed' });
  });

  it('that nobody waits for are unexpected', () => {
    const table = requester();
    const request = table.issue(read())!;
    const completion = completionFor(request, 'SC', 0);
    expect(table.receive({ ...completion, tag: request.tag + 1 })).toEqual({ outcome: 'unexpected' });
    expect(table.receive({ ...completion, requesterId: ID + 1 })).toEqual({ outcome: 'unexpected' });
    expect(table.receive(completion)).toMatchObject({ outcome: 'done' });
    expect(table.receive(completion)).toEqual({ outcome: 'unexpected' });
  });

  it.each<[string, Partial<TlpHeader>]>([
    ['TC: expected 0, got 1', { tc: 1 }],
    ['Attr[1:0]: expected 0, got 2', { attr: 2 }],
    ['Byte Count: expected 8, got 4', { byteCount: 4 }],
    ['Lower Address: expected 0, got 4', { lowerAddress: 4 }],
    ['Length: expected at most 2 DW, got 3', { lengthDw: 3 }],
    ['expected data, got none', { type: 'Cpl', lengthDw: 0 }],
    ['data that was not asked for', { status: 1 }],
    ['expected a completion without lock', { type: 'CplDLk' }],
    ['CRS answers configuration requests alone', { type: 'Cpl', status: 2, lengthDw: 0 }],
  ])('that do not fit: %s; the request waits on', (rule, change) => {
    const table = requester();
    const right = completionFor(table.issue(read(2))!, 'SC', 0);
    expect(table.receive({ ...right, ...change })).toMatchObject({ outcome: 'malformed', rule });
    expect(table.receive({ ...right, attr: 4 })).toMatchObject({ outcome: 'done' });
  });

  it('out of order within a request do not fit', () => {
    const table = requester();
    const [first, second] = completionsFor(table.issue(read(64))!, { rcb: 128 });
    expect(table.receive(second!)).toMatchObject({ outcome: 'malformed' });
    expect(table.receive(first!)).toMatchObject({ outcome: 'data' });
  });
});

describe('Completion Timeout', () => {
  it('ends what waits too long; a late completion is unexpected', () => {
    const table = requester({ timeout: 100 });
    const early = table.issue(read(), 0)!;
    const late = table.issue(read(), 60)!;
    expect(table.expire(99)).toEqual([]);
    expect(table.expire(100)).toEqual([early]);
    expect(table.receive(completionFor(early, 'SC', 0))).toEqual({ outcome: 'unexpected' });
    expect(table.receive(completionFor(late, 'SC', 0))).toMatchObject({ outcome: 'done' });
    expect(table.expire(1000)).toEqual([]);
  });
});
