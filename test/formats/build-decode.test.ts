/** decode(build(x)) = x: what was given to the builder is what decode finds, capability by capability and register by register. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeFunction } from '../../src/formats/decode.ts';
import { runs } from '../generators/runs.ts';
import { Draw } from '../lspci/draw.ts';
import { buildAll } from '../lspci/machines.ts';

it('decode gives back every capability and every value that was built', () => {
  let registers = 0;
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      for (const { bdf, image, placed, header } of buildAll(new Draw(seed))) {
        const decoded = decodeFunction(image.bytes);
        expect(decoded.problems, bdf).toEqual([]);
        for (const [name, value] of Object.entries(header.values)) {
          // Capabilities List is the builder's to say.
          const expected = name === 'Status' && placed.length > 0 ? value | 0x10 : value;
          expect(decoded.header?.registers.find((register) => register.name === name)?.value, name).toBe(expected);
        }
        expect(
          decoded.capabilities.map(({ name, offset, extended, version }) => [name, offset, extended ? version : 0]),
          bdf,
        ).toEqual(
          placed.map(({ of: { structure }, offset, version }) => [
            structure.name,
            offset,
            structure.extendedCapabilityId === undefined ? 0 : version,
          ]),
        );
        for (const [i, { of, values }] of placed.entries())
          for (const [name, value] of Object.entries(values)) {
            const found = decoded.capabilities[i]!.registers.find((register) => register.name === name);
            expect(found?.value, `${bdf} ${of.structure.name}: ${name}`).toBe(value);
            registers++;
          }
      }
    }),
    runs(10),
  );
  expect(registers).toBeGreaterThan(5000);
});
