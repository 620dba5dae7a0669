/**
 * `classify` of `../../classify.ts` in AssemblyScript, four headers at a time, over the same memory. Words and masks have the names
 * that they have there. A header's words are big-endian: those with arithmetic are swapped, the second is looked at as it lies.
 */

/** Lane numbers of the lanes that a mask of four bits names, in order: what is beyond them is overwritten by the next group. */
const lanesOf = memory.data<u32>([
  0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 1, 2, 0, 0, 0, 1, 2, 0, 3, 0, 0, 0, 0, 3, 0,
  0, 1, 3, 0, 0, 0, 1, 3, 0, 2, 3, 0, 0, 0, 2, 3, 0, 1, 2, 3, 0, 0, 1, 2, 3,
]);

/** By `swizzle`: a shuffle would have its pattern made anew each time (V8). */
function swapped(words: v128): v128 {
  return v128.swizzle(words, i8x16(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
}

/** The Requester IDs of four second words as they lie, 16 bits each. */
function requesterIds(words: v128): u64 {
  return i64x2.extract_lane(v128.swizzle(words, i8x16(1, 0, 5, 4, 9, 8, 13, 12, 1, 0, 5, 4, 9, 8, 13, 12)), 0);
}

/**
 * @param at address of the first header
 * @param slot number of its slot
 * @param count of headers, a multiple of 4
 * @param slow address of the list that slots are written to; of what lies after the last, up to `count` words are overwritten
 * @param senderState address of the table
 * @returns how many slots there are
 */
export function classify(
  at: usize,
  slot: i32,
  count: i32,
  slow: usize,
  senderState: usize,
  lowFirst: i32,
  lowLast: i32,
  highFirst: i32,
  highLast: i32,
): i32 {
  const end = slot + count;
  let next = slow;
  for (; slot < end; slot += 4, at += 64) {
    const a = v128.load(at);
    const b = v128.load(at, 16);
    const c = v128.load(at, 32);
    const d = v128.load(at, 48);
    const ab = v128.shuffle<u32>(a, b, 0, 4, 1, 5);
    const cd = v128.shuffle<u32>(c, d, 0, 4, 1, 5);
    const abAddress = v128.shuffle<u32>(a, b, 2, 6, 3, 7);
    const cdAddress = v128.shuffle<u32>(c, d, 2, 6, 3, 7);
    const word0 = swapped(v128.shuffle<u64>(ab, cd, 0, 2));
    const word1AsItLies = v128.shuffle<u64>(ab, cd, 1, 3);
    const word2 = v128.shuffle<u64>(abAddress, cdAddress, 0, 2);
    const word3 = v128.shuffle<u64>(abAddress, cdAddress, 1, 3);
    const is64 = i32x4.shr_s(i32x4.shl(word0, 2), 31);
    const lo = swapped(v128.bitselect(word3, word2, is64));
    const hi = swapped(v128.and(word2, is64));
    const beyondFirst = v128.and(i32x4.sub(word0, i32x4.splat(1)), i32x4.splat(0x3ff));
    const whole = i32x4.shl(i32x4.gt_s(beyondFirst, i32x4.splat(0)), 24);
    const lastInPage = i32x4.add(v128.and(i32x4.shr_u(lo, 2), i32x4.splat(0x3ff)), beyondFirst);
    const odd = v128.or(
      v128.or(v128.and(word0, i32x4.splat(0x9f014c00)), i32x4.shr_u(hi, 19)),
      v128.or(
        v128.and(v128.xor(word1AsItLies, whole), v128.or(whole, i32x4.splat(0xf0000000))),
        i32x4.shr_u(lastInPage, 10),
      ),
    );
    const mebibyte = v128.or(i32x4.shl(hi, 12), i32x4.shr_u(lo, 20));
    const notLow = v128.or(i32x4.lt_s(mebibyte, i32x4.splat(lowFirst)), i32x4.gt_s(mebibyte, i32x4.splat(lowLast)));
    const notHigh = v128.or(i32x4.lt_s(mebibyte, i32x4.splat(highFirst)), i32x4.gt_s(mebibyte, i32x4.splat(highLast)));
    const ids = requesterIds(word1AsItLies);
    let states = v128.load8_lane(senderState + (<usize>ids & 0xffff), i32x4.splat(0), 0);
    states = v128.load8_lane(senderState + (<usize>(ids >> 16) & 0xffff), states, 4);
    states = v128.load8_lane(senderState + (<usize>(ids >> 32) & 0xffff), states, 8);
    states = v128.load8_lane(senderState + <usize>(ids >> 48), states, 12);
    const isFine = i32x4.eq(v128.or(v128.or(odd, states), v128.and(notLow, notHigh)), i32x4.splat(0));
    const needs = i32x4.bitmask(isFine) ^ 15;
    v128.store(next, i32x4.add(i32x4.splat(slot), v128.load(lanesOf + ((<usize>needs) << 4))));
    next += (<usize>popcnt<i32>(needs)) << 2;
  }
  return <i32>((next - slow) >> 2);
}
