import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mayPass, orderingClassOf, orderingTable } from '../../../src/fabric/timed/ordering.ts';
import { memoryRead, memoryWrite, tlpHeader } from '../../../src/tlp/header.ts';
import { anyHeader } from '../../generators/tlps.ts';
import { verdict } from './printed-table.ts';

const RELAXED = 2;
const ID_BASED = 4;

describe('who may pass whom', () => {
  const write = memoryWrite(0x0700, 0, 0x1000);
  const read = memoryRead(0x0700, 0, 0x1000);
  const completion = tlpHeader('CplD', { requesterId: 0x0000, completerId: 0x0700, tag: 1, lengthDw: 1, byteCount: 4 });
  const configWrite = tlpHeader('CfgWr1', { lengthDw: 1, firstBe: 15 });

  it.each([
    ['a write no write', write, write, undefined, false],
    ['a relaxed write a write', { ...write, attr: RELAXED }, write, undefined, true],
    ['a write a relaxed one', write, { ...write, attr: RELAXED }, undefined, false],
    ['by IDO not its own', { ...write, attr: ID_BASED }, write, undefined, false],
    ["by IDO another's", { ...write, attr: ID_BASED, requesterId: 0x0800 }, write, undefined, true],
    ['a read no write', read, write, undefined, false],
    ['a relaxed read neither', { ...read, attr: RELAXED }, write, undefined, false],
    ['an AtomicOp by RO', { ...tlpHeader('Swap', { lengthDw: 1 }), attr: RELAXED }, write, undefined, true],
    ['a message no write', tlpHeader('Msg', { requesterId: 0x0700 }), write, undefined, false],
    ['a write of another Traffic Class', { ...write, tc: 1 }, write, undefined, true],
    ['a completion no write', completion, write, memoryRead(0, 0, 0x1000), false],
    ['a read of configuration space neither', completion, write, tlpHeader('CfgRd1'), false],
    ['of a configuration write it may', { ...completion, type: 'Cpl' as const }, write, configWrite, true],
    ['by IDO of another completer', { ...completion, attr: ID_BASED, completerId: 0x0800 }, write, undefined, true],
    ['two of one request never', completion, completion, undefined, false],
    ['two of two requests', { ...completion, tag: 2 }, completion, undefined, true],
  ])('%s', (_, later, earlier, request, may) => {
    expect(mayPass({ header: later, request: request && { header: request } }, { header: earlier })).toBe(may);
  });

  it('is as the table has it, for any two TLPs', () => {
    const requests = [undefined, configWrite, tlpHeader('IOWr'), tlpHeader('CfgRd0'), memoryRead(0, 0, 0)];
    fc.assert(
      fc.property(anyHeader, anyHeader, fc.constantFrom(...requests), fc.boolean(), (later, other, request, alike) => {
        // Random TLPs seldom have a Traffic Class or an ID in common.
        const { tc, requesterId, tag } = later;
        const earlier = alike ? { ...other, tc, requesterId, tag } : { ...other, tc };
        const said = verdict(later, earlier, request?.type);
        expect(mayPass({ header: later, request: request && { header: request } }, { header: earlier })).toBe(
          said !== 'No',
        );
        if (said === 'Yes') expect(orderingTable[orderingClassOf(later)][orderingClassOf(earlier)]).toBe('yes');
      }),
      { numRuns: 5000 },
    );
  });
});
