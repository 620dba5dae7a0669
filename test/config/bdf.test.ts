import { describe, expect, it } from 'vitest';
import { formatBdf, parseBdf, routingId } from '../../src/config/bdf.ts';

describe('BDF', () => {
  it.each([
    ['07:00.0', 0, 0x0700],
    ['00:1f.7', 0, 0x00ff],
    ['FF:1F.7', 0, 0xffff],
    ['0001:02:03.4', 1, 0x021c],
    ['10000:e1:00.0', 0x10000, 0xe100],
  ])('%s', (text, segment, id) => {
    expect(parseBdf(text)).toEqual({ segment, routingId: id });
    expect(formatBdf(segment, id)).toBe(text.toLowerCase());
  });

  it.each(['', '7:0.0', '00:20.0', '00:00.8', '00:00', '001:00:00.0', '00:00.0 ', 'g0:00.0'])(
    '"%s" is none',
    (text) => {
      expect(parseBdf(text)).toBeUndefined();
    },
  );

  it('shows segment 0 where it must', () => {
    expect(formatBdf(0, 0x0700, true)).toBe('0000:07:00.0');
    expect(routingId(7, 0x1f, 7)).toBe(0x07ff);
  });
});
