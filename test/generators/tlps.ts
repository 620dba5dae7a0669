/** Headers whose fields are all in range, whether or not they keep the rules. */
import fc from 'fast-check';
import { tlpTypes } from '../../spec-tables/tlp-types.ts';
import { type TlpHeader, tlpHeader } from '../../src/tlp/header.ts';

const below = (count: number) => fc.integer({ min: 0, max: count - 1 });
const id = below(0x10000);
const dword = fc.integer({ min: 0, max: 0xffffffff });
const aligned = below(2 ** 30).map((dw) => dw * 4);

const common = {
  tc: below(8),
  attr: below(8),
  ln: fc.boolean(),
  th: fc.boolean(),
  td: fc.boolean(),
  ep: fc.boolean(),
  at: below(3),
  tag: below(1024),
  requesterId: id,
};

/** Every type, each as often. */
export const anyHeader: fc.Arbitrary<TlpHeader> = fc.constantFrom(...tlpTypes).chain((type) => {
  const data = (type.fmt & 2) !== 0;
  const is64 = (type.fmt & 1) !== 0;
  const length = { lengthDw: fc.integer({ min: 1, max: 1024 }) };
  const noLength = { lengthDw: fc.constant(0) };
  const make = (fields: { [name in keyof Omit<TlpHeader, 'type'>]?: fc.Arbitrary<TlpHeader[name]> }) =>
    fc.record({ ...common, ...fields }).map((values) => tlpHeader(type.name, values as Partial<TlpHeader>));
  const address = { addressHi: is64 ? dword : fc.constant(0), addressLo: aligned };
  const enables = { firstBe: below(16), lastBe: below(16) };
  switch (type.kind) {
    case 'configuration':
      return make({ ...length, ...enables, destinationId: id, register: below(1024).map((dw) => dw * 4) });
    case 'completion':
      return make({
        ...(data ? length : noLength),
        completerId: id,
        status: below(8),
        bcm: fc.boolean(),
        byteCount: fc.integer({ min: 1, max: 4096 }),
        lowerAddress: below(128),
      });
    case 'message':
      return below(6).chain((routing) =>
        make({
          ...(data ? length : noLength),
          routing: fc.constant(routing),
          messageCode: below(256),
          addressLo: dword,
          ...(routing === 2 ? { destinationId: id } : { addressHi: dword }),
        }),
      );
    default:
      return make({ ...length, ...enables, ...address });
  }
});
