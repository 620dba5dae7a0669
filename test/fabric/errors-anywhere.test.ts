/** Any TLP, any fault, any error, anywhere: an outcome each time, and registers that agree with what was said of them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { correctableErrors } from '../../spec-tables/correctable-errors.ts';
import { uncorrectableErrors } from '../../spec-tables/uncorrectable-errors.ts';
import type { Delivery } from '../../src/fabric/delivery.ts';
import type { SignaledError } from '../../src/fabric/error-signaling.ts';
import { HOST } from '../../src/fabric/exact-router.ts';
import { Fabric } from '../../src/fabric/fabric.ts';
import { faultKinds } from '../../src/fabric/faults.ts';
import { leadsToLink, NONE } from '../../src/fabric/topology.ts';
import { imagesOf, readLspci } from '../../src/formats/lspci-text.ts';
import { tlpTypeNamed } from '../../src/tlp/header.ts';
import { anyHeader } from '../generators/tlps.ts';

const folder = new URL('../fixtures/linux/', import.meta.url);
const dumps = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.lspci')) : [];

const below = (count: number) => fc.integer({ min: 0, max: count - 1 });
const fraction = below(0x10000);
const errors = [...uncorrectableErrors, ...correctableErrors].map(({ name }) => name);

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('send' as const),
      header: anyHeader,
      from: fraction,
      target: fraction,
      aims: fc.boolean(),
      isSound: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('inject' as const), kind: fc.constantFrom(...faultKinds), at: fraction }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('error' as const),
      error: fc.constantFrom(...errors),
      at: fraction,
      header: anyHeader,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('answer' as const),
      answer: fc.constantFrom('SC', 'UR', 'CA', 'CRS', 'none'),
      at: fraction,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('link' as const), isUp: fc.boolean(), at: fraction }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('write' as const), at: fraction, offset: below(64), value: below(0x10000) }),
  },
);

/** Of a report: what the registers must hold. */
function agrees(fabric: Fabric, { report, errorMessage, containment }: SignaledError): void {
  const { arena } = fabric;
  const { aer, pciExpress } = arena.layout[report.reporter]!;
  if (report.message !== undefined) expect(pciExpress).not.toBe(0);
  expect(errorMessage !== undefined).toBe(report.message !== undefined);
  if (report.masked) expect(report.message).toBeUndefined();
  if (containment !== undefined)
    expect(arena.u16(containment.port, arena.layout[containment.port]!.dpc + 8) & 1).toBe(1);
  if (!report.headerLogged) return;
  const pointer = arena.u32(report.reporter, aer + 0x18) & 0x1f;
  expect((arena.u32(report.reporter, aer + 4) >>> pointer) & 1).toBe(1);
}

describe.each(dumps)('%s', (file) => {
  it('has an outcome for each, and says of it what the registers hold', () => {
    const images = imagesOf(readLspci(readFileSync(new URL(file, folder), 'utf8'), file));
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 20 }), (steps) => {
        const fabric = new Fabric(images);
        const { arena } = fabric;
        const at = (value: number) => value % arena.count;
        for (const one of steps)
          switch (one.do) {
            case 'send': {
              const from = at(one.from) === 0 ? HOST : at(one.from);
              const bar = arena.layout[at(one.target)]!.bars[0];
              const header = { ...one.header, ep: one.header.ep && !one.isSound };
              // Aimed at what is there, or else hardly any comes anywhere.
              if (one.aims) {
                header.destinationId = arena.routingId[at(one.target)]!;
                header.requesterId = from === HOST ? 0 : arena.idOf(from);
                if (bar !== undefined) header.addressLo = arena.u32(at(one.target), bar.offset) & ~0xf;
              }
              if (one.isSound) Object.assign(header, { lengthDw: 1, firstBe: 0xf, lastBe: 0, tc: 0, attr: 0, at: 0 });
              const delivery: Delivery = fabric.send(header, from, { ignoresBusMasterEnable: one.isSound });
              expect(delivery.at === NONE || (delivery.at >= 0 && delivery.at < arena.count)).toBe(true);
              if (tlpTypeNamed(header.type).posted) expect(delivery.completion).toBeUndefined();
              if (delivery.report !== undefined)
                expect(delivery.errors.some(({ report }) => report === delivery.report)).toBe(true);
              const last = delivery.errors.at(-1);
              if (last !== undefined) agrees(fabric, last);
              break;
            }
            case 'inject':
              fabric.inject({ kind: one.kind, at: at(one.at) });
              break;
            case 'error':
              agrees(fabric, fabric.injectError(at(one.at), { error: one.error, header: one.header }));
              break;
            case 'answer':
              fabric.answer(at(one.at), () => one.answer);
              break;
            case 'link':
              if (!leadsToLink(arena, at(one.at))) break;
              if (one.isUp) fabric.restoreLink(at(one.at));
              else fabric.surpriseDown(at(one.at));
              break;
            case 'write': {
              const { aer, dpc, pciExpress } = arena.layout[at(one.at)]!;
              // Masks and status, containment, or the enables of Device Control and Command.
              const start = [aer, dpc, 0][one.value % 3]!;
              if (start !== 0) arena.write(at(one.at), start + (one.offset & ~1), 2, one.value);
              else arena.write(at(one.at), 4, 2, one.value | 0x0106);
              if (start === 0 && pciExpress !== 0) arena.write(at(one.at), pciExpress + 8, 2, one.value & 0xf);
            }
          }
      }),
      { numRuns: 60 },
    );
  });
});
