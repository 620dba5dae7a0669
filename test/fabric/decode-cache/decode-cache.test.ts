/** What is decoded is at any moment what would be decoded of the bytes afresh. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mostRanges } from '../../../src/fabric/decode-cache/address-map.ts';
import { DecodeCache } from '../../../src/fabric/decode-cache/decode-cache.ts';
import { Control, Tables } from '../../../src/fabric/decode-cache/tables.ts';
import { Fabric } from '../../../src/fabric/fabric.ts';
import { Changer, changes, machines } from '../../generators/fabrics.ts';
import { PATIENCE, runs } from '../../generators/runs.ts';

/** Everything that is decoded, without the ring and what only saves work. */
function decoded({ tables }: DecodeCache): Record<string, Buffer> {
  const count = tables.control[Control.rangeCount]!;
  const views: Record<string, Int32Array | Uint8Array | Float64Array> = {
    control: tables.control.subarray(Control.lowFirst),
    placeFunction: tables.placeFunction,
    placeAbove: tables.placeAbove,
    placeDepth: tables.placeDepth,
    placeGate: tables.placeGate,
    placeStop: tables.placeStop,
    placeFlags: tables.placeFlags,
    placeFirstBus: tables.placeFirstBus,
    placeLastBus: tables.placeLastBus,
    idFlags: tables.idFlags,
    senderState: tables.senderState,
    senderPlace: tables.senderPlace,
    senderFunction: tables.senderFunction,
    lowIndex: tables.lowIndex,
    rangeStart: tables.rangeStart.subarray(0, count),
    rangeTaker: tables.rangeTaker.subarray(0, count),
    rangePlace: tables.rangePlace.subarray(0, count),
  };
  return Object.fromEntries(
    Object.entries(views).map(([name, view]) => [name, Buffer.from(view.buffer, view.byteOffset, view.byteLength)]),
  );
}

describe('the decode cache', () => {
  it(
    'is after any change what it would be afresh',
    () => {
      fc.assert(
        fc.property(machines, fc.array(changes, { minLength: 1, maxLength: 100, size: 'max' }), (images, list) => {
          const fabric = new Fabric(images);
          const room = { ranges: mostRanges(fabric.arena), slots: 1 };
          const cache = new DecodeCache(fabric.router, new Tables(room), 0);
          const afresh = new Tables(room);
          const changer = new Changer(fabric);
          for (const change of list) {
            changer.do(change);
            cache.refresh();
            const fresh = new DecodeCache(fabric.router, afresh, 0);
            fresh.refresh();
            const [is, shouldBe] = [decoded(cache), decoded(fresh)];
            fresh.close();
            for (const [name, bytes] of Object.entries(shouldBe))
              expect(Buffer.compare(is[name]!, bytes), `${name} after ${JSON.stringify(change)}`).toBe(0);
          }
        }),
        runs(25),
      );
    },
    PATIENCE,
  );
});
