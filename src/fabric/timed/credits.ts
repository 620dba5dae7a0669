/**
 * Flow control credits: how much of each type a receiver's buffer holds. PCIe 5.0 §2.6.1. All Traffic Classes share one Virtual
 * Channel.
 */
import { hasData, type TlpHeader, tlpTypeNamed } from '../../tlp/header.ts';
import { orderingClassOf } from './ordering.ts';

/** Headers, and units of 4 DWORDs of data, by type: posted, non-posted, completion. `Infinity`: never limited. */
export interface Credits {
  readonly ph: number;
  readonly pd: number;
  readonly nph: number;
  readonly npd: number;
  readonly cplh: number;
  readonly cpld: number;
}

/** Of a port that is told nothing: enough for one TLP of 4 KiB of each type. */
export const defaultCredits: Credits = { ph: 8, pd: 256, nph: 8, npd: 8, cplh: 8, cpld: 256 };

export type CreditType = 'p' | 'np' | 'cpl';

const DATA_UNIT_DW = 4;

export function creditTypeOf(header: TlpHeader): CreditType {
  const row = orderingClassOf(header);
  return row === 'posted' ? 'p' : row === 'completion' ? 'cpl' : 'np';
}

/** Data credits that a TLP takes beside its one header credit. */
export function dataCreditsOf(header: TlpHeader): number {
  return hasData(tlpTypeNamed(header.type)) ? Math.ceil(header.lengthDw / DATA_UNIT_DW) : 0;
}

/**
 * Whether a receiver has room for one more.
 * @param held what is in its buffer
 * @throws RangeError when it would not have room even if it were empty; the text names the credits
 */
export function hasRoom(credits: Credits, held: readonly TlpHeader[], next: TlpHeader): boolean {
  const type = creditTypeOf(next);
  const [headers, data] = [credits[`${type}h`], credits[`${type}d`]];
  const needed = dataCreditsOf(next);
  if (headers < 1 || needed > data)
    throw new RangeError(
      `credits: expected ${type}h of 1 and ${type}d of ${needed} or more for ${next.type} of ${next.lengthDw} DW, got ${headers} and ${data}`,
    );
  let usedHeaders = 0;
  let usedData = 0;
  for (const one of held)
    if (creditTypeOf(one) === type) {
      usedHeaders++;
      usedData += dataCreditsOf(one);
    }
  return usedHeaders + 1 <= headers && usedData + needed <= data;
}

/** @throws RangeError where one is no whole number from 1 on, nor Infinity */
export function expectCredits(credits: Credits, place: string): Credits {
  for (const [name, value] of Object.entries(credits))
    if (!(value === Number.POSITIVE_INFINITY || (Number.isInteger(value) && value >= 1)))
      throw new RangeError(`${place}, ${name}: expected a whole number of credits above 0, or Infinity, got ${value}`);
  return credits;
}
