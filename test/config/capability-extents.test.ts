/** Capabilities that overlap or run beyond their space are reported; the bytes of each are pasted here. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFunction } from '../../src/formats/decode.ts';
import { runs } from '../generators/runs.ts';

/** A function with a capability list through the given [offset, hex without ID and pointer's place], and an extended list from 100h. */
function space(
  standard: readonly (readonly [number, string])[],
  extended: readonly (readonly [number, string])[] = [],
) {
  const bytes = new Uint8Array(4096);
  bytes[0x06] = 0x10;
  let link = 0x34;
  for (const [offset, hex] of standard) {
    bytes.set(Buffer.from(hex.replaceAll(' ', ''), 'hex'), offset);
    bytes[link] = offset;
    link = offset + 1;
  }
  bytes[link] = 0;
  extended.forEach(([offset, hex], i) => {
    bytes.set(Buffer.from(hex.replaceAll(' ', ''), 'hex'), offset);
    const next = extended[i + 1]?.[0] ?? 0;
    bytes[offset + 2] = (bytes[offset + 2]! & 0x0f) | ((next & 0xf) << 4);
    bytes[offset + 3] = next >> 4;
  });
  return bytes;
}

const problems = (bytes: Uint8Array) => decodeFunction(bytes).problems;
const PM = '01 00 03 00 00 00 00 00';
const MSI = '05 00 00 00 00 00 00 00 00 00';
const MSI_64_MASKED = '05 00 80 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00';
const EXPRESS = '10 00 02 00';
/** Version 2, of no stated length. */
const AER = '01 00 02 00';
const vsec = (length: number) =>
  `0b 00 01 00 34 12 ${((length & 0xf) << 4).toString(16).padStart(2, '0')} ${(length >> 4).toString(16).padStart(2, '0')}`;
const dvsec = (length: number) => vsec(length).replace('0b', '23');
const vendor = (length: number) => `09 00 ${length.toString(16).padStart(2, '0')} ab`;

describe('what is right', () => {
  it.each<[string, Uint8Array]>([
    [
      'capabilities back to back',
      space([
        [0x40, PM],
        [0x48, MSI],
        [0x54, EXPRESS],
      ]),
    ],
    [
      'lists out of order',
      space(
        [
          [0x60, EXPRESS],
          [0x50, MSI],
          [0x48, PM],
        ],
        [
          [0x100, AER],
          [0x300, vsec(0x10)],
          [0x200, vsec(0x100)],
        ],
      ),
    ],
    [
      'one that ends where the space ends',
      space(
        [
          [0x40, EXPRESS],
          [0xf8, PM],
        ],
        [[0x100, vsec(0xf00)]],
      ),
    ],
    ["a vendor's that ends where the standard part ends", space([[0xf0, vendor(0x10)]])],
  ])('%s', (_, bytes) => expect(problems(bytes)).toEqual([]));
});

describe('overlaps', () => {
  it('inside the registers of another', () => {
    expect(
      problems(
        space([
          [0x40, PM],
          [0x44, MSI],
        ]),
      ),
    ).toEqual([{ offset: 0x44, text: 'MSI overlaps Power Management at 40h, which reaches to 47h' }]);
    expect(
      problems(
        space(
          [[0x40, EXPRESS]],
          [
            [0x100, AER],
            [0x110, vsec(8)],
          ],
        ),
      )[0],
    ).toEqual({
      offset: 0x110,
      text: 'Vendor-Specific Extended Capability overlaps Advanced Error Reporting at 100h, which reaches to 12Bh',
    });
  });

  it('inside registers that its own bits make', () => {
    const at = (hex: string) =>
      problems(
        space([
          [0x40, hex],
          [0x50, PM],
        ]),
      );
    expect(at(MSI)).toEqual([]);
    expect(at(MSI_64_MASKED)).toEqual([
      { offset: 0x50, text: 'Power Management overlaps MSI at 40h, which reaches to 57h' },
    ]);
  });

  it('inside the stated length of another', () => {
    expect(
      problems(
        space([
          [0x40, vendor(0x21)],
          [0x60, PM],
        ]),
      ),
    ).toEqual([{ offset: 0x60, text: 'Power Management overlaps Vendor-Specific at 40h, which reaches to 60h' }]);
    expect(
      problems(
        space(
          [[0x40, EXPRESS]],
          [
            [0x100, vsec(0x104)],
            [0x200, dvsec(0x10)],
          ],
        ),
      ),
    ).toEqual([
      {
        offset: 0x200,
        text: 'Designated Vendor-Specific overlaps Vendor-Specific Extended Capability at 100h, which reaches to 203h',
      },
    ]);
  });

  it('of more than the next one', () => {
    expect(
      problems(
        space([
          [0x40, vendor(0x30)],
          [0x50, PM],
          [0x60, PM],
        ]),
      ).map(({ offset }) => offset),
    ).toEqual([0x50, 0x60]);
  });
});

describe('lengths', () => {
  it('beyond the space', () => {
    expect(
      problems(
        space(
          [[0x40, EXPRESS]],
          [
            [0x100, AER],
            [0xf00, vsec(0x104)],
          ],
        ),
      ),
    ).toEqual([
      {
        offset: 0xf00,
        text: 'Vendor-Specific Extended Capability runs beyond its space, which ends at FFFh',
      },
    ]);
    expect(problems(space([[0xe0, vendor(0x30)]]))).toEqual([
      { offset: 0xe0, text: 'Vendor-Specific runs beyond its space, which ends at FFh' },
    ]);
    expect(problems(space([[0xfc, PM]]))).toEqual([
      { offset: 0xfc, text: 'Power Management runs beyond its space, which ends at FFh' },
    ]);
  });

  it.each([
    // Two link entries of 16 bytes from FF0h on: the first ends where the space does.
    ['Root Complex Link Declaration', 0xfe0, '05 00 01 00 00 02 00 00'],
    // Six BARs of 8 bytes from FE4h on: the fourth lies on the end.
    ['Resizable BAR', 0xfe0, '15 00 01 00 f0 ff ff 00 c0 00 00 00'],
  ])('beyond the space by a count: %s', (name, offset, hex) => {
    const found = problems(
      space(
        [[0x40, EXPRESS]],
        [
          [0x100, AER],
          [offset, hex],
        ],
      ),
    );
    expect(found).toEqual([{ offset, text: `${name} runs beyond its space, which ends at FFFh` }]);
  });

  it.each([0, 1, 7])('shorter than the header: %i', (length) => {
    const text = (name: string, least: number) =>
      `${name} states a length of ${length} bytes, less than its first ${least}`;
    expect(
      problems(
        space(
          [[0x40, EXPRESS]],
          [
            [0x100, vsec(length)],
            [0x200, dvsec(length)],
          ],
        ),
      ),
    ).toEqual([
      { offset: 0x100, text: text('Vendor-Specific Extended Capability', 8) },
      { offset: 0x200, text: text('Designated Vendor-Specific', 10) },
    ]);
    if (length < 3)
      expect(problems(space([[0x40, vendor(length)]]))).toEqual([{ offset: 0x40, text: text('Vendor-Specific', 3) }]);
  });
});

it('decodes any bytes at all, with every register inside the space', () => {
  fc.assert(
    fc.property(
      fc.infiniteStream(fc.integer({ min: 0, max: 255 })),
      fc.constantFrom(256, 4096),
      fc.constantFrom(0, 1, 2),
      (stream, size, headerType) => {
        const bytes = Uint8Array.from({ length: size }, () => stream.next().value!);
        bytes[0x06]! |= 0x10;
        bytes[0x0e] = headerType;
        // So that the extended list is walked.
        bytes.set([0x40], headerType === 2 ? 0x14 : 0x34);
        bytes[0x40] = 0x10;
        const { header, capabilities } = decodeFunction(bytes);
        for (const { offset, width } of [...header!.registers, ...capabilities.flatMap(({ registers }) => registers)])
          expect(offset + width / 8).toBeLessThanOrEqual(size);
        for (const { data, offset } of capabilities) expect(offset + (data?.length ?? 0)).toBeLessThanOrEqual(size);
      },
    ),
    runs(50),
  );
});
