/*
 * The fast router's two phases in C, scalar, over the very memory of `src/fabric/decode-cache/tables.ts`: what TypeScript is measured
 * against. What only the exact router can tell is counted and left. Built as a module of Node by `src/lab/bench/native.ts`, which gives
 * the offsets.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The few functions of Node-API that it takes (its ABI does not change), so that no header of Node need be there. */
typedef struct napi_env__ *napi_env;
typedef struct napi_value__ *napi_value;
typedef struct napi_callback_info__ *napi_callback_info;
typedef napi_value (*napi_callback)(napi_env, napi_callback_info);
extern int napi_get_cb_info(napi_env, napi_callback_info, size_t *, napi_value *, napi_value *, void **);
extern int napi_get_arraybuffer_info(napi_env, napi_value, void **, size_t *);
extern int napi_get_value_int32(napi_env, napi_value, int32_t *);
extern int napi_create_int32(napi_env, int32_t, napi_value *);
extern int napi_create_function(napi_env, const char *, size_t, napi_callback, void *, napi_value *);
extern int napi_set_named_property(napi_env, napi_value, const char *, napi_value);

enum { DELIVERED = 0, NOT_SENT = 1, UNSUPPORTED_REQUEST = 2, NONE = -1, EXACT = -1 };
enum { SILENT = 1, UNCLEAR = 3 };
enum { GATE_REFUSES = 1, GATE_DOWN = 2, GATE_UNCLEAR = 3 };
enum { IS_DOWNSTREAM_PORT = 1, CONTROLS = 4 };
enum { TAKER_NONE = -1, TAKER_UNCLEAR = -2 };

#define NOT_PLAIN 0x9f014c00u
#define BEYOND 0xfff80000u
#define FOUR_DW 0x20000000u
#define HAS_DATA 0x40000000u

struct tables {
  const uint8_t *headers;
  int32_t *results;
  int32_t *slow;
  const int32_t *control;
  const int32_t *place_function, *place_above, *place_depth, *place_gate, *place_stop, *place_flags, *place_quiet;
  const uint8_t *sender_state, *sender_place;
  const int32_t *sender_function;
  const int32_t *low_index;
  const double *range_start;
  const int32_t *range_taker;
  const uint8_t *range_place;
};

static inline uint32_t word(const uint8_t *header, int at) {
  uint32_t value;
  memcpy(&value, header + at, 4);
  return __builtin_bswap32(value);
}

static inline uint32_t odd(uint32_t word0, uint32_t word1, uint32_t hi, uint32_t lo) {
  uint32_t beyond_first = (word0 - 1) & 0x3ff;
  uint32_t whole = (uint32_t)((int32_t)(0 - beyond_first) >> 31) & 0xff;
  return (word0 & NOT_PLAIN) | (hi & BEYOND) | ((word1 ^ whole) & (whole | 0xf0)) |
         (((lo & 0xffc) + (beyond_first << 2)) & 0x1000);
}

static int32_t classify(const struct tables *t, int32_t first, int32_t count) {
  const uint8_t *restrict headers = t->headers;
  const uint8_t *restrict sender_state = t->sender_state;
  int32_t *restrict slow = t->slow;
  const int32_t low_first = t->control[2], low_last = t->control[3];
  const int32_t high_first = t->control[4], high_last = t->control[5];
  int32_t found = 0;
  for (int32_t slot = first; slot < first + count; slot++) {
    const uint8_t *header = headers + 16 * (size_t)slot;
    uint32_t word0 = word(header, 0), word1 = word(header, 4), word2 = word(header, 8), word3 = word(header, 12);
    uint32_t is64 = (uint32_t)((int32_t)(word0 << 2) >> 31);
    uint32_t lo = word2 ^ ((word2 ^ word3) & is64);
    uint32_t hi = word2 & is64;
    int32_t mebibyte = (int32_t)((hi << 12) | (lo >> 20));
    int32_t not_low = (mebibyte - low_first) | (low_last - mebibyte);
    int32_t not_high = (mebibyte - high_first) | (high_last - mebibyte);
    uint32_t needs = odd(word0, word1, hi, lo) | sender_state[word1 >> 16] | ((uint32_t)(not_low & not_high) >> 31);
    slow[found] = slot;
    found += needs != 0;
  }
  return found;
}

static inline int32_t result_of(int32_t code, int32_t at) { return (code << 24) | (at + 1); }

static inline int32_t range_of(const struct tables *t, uint32_t hi, uint32_t lo) {
  double page = (double)hi * 1048576.0 + (double)(lo >> 12);
  int32_t mebibyte = hi == 0 ? (int32_t)(lo >> 20) : 4096;
  int32_t first = t->low_index[mebibyte];
  int32_t last = hi == 0 ? t->low_index[mebibyte + 1] : t->control[6] - 1;
  while (first < last) {
    int32_t middle = (int32_t)((uint32_t)(first + last + 1) >> 1);
    if (t->range_start[middle] <= page) first = middle;
    else last = middle - 1;
  }
  return first;
}

static inline int32_t refusal(const struct tables *t, int32_t place, uint32_t id, int posted) {
  int32_t gate = t->place_gate[place];
  if (gate == GATE_UNCLEAR) return EXACT;
  if (gate == GATE_DOWN) return result_of(NOT_SENT, t->sender_function[id]);
  if (!posted || t->place_quiet[place] != 1) return EXACT;
  return result_of(UNSUPPORTED_REQUEST, t->place_function[place]);
}

static inline int32_t settle(const struct tables *t, int32_t slot) {
  const uint8_t *header = t->headers + 16 * (size_t)slot;
  uint32_t word0 = word(header, 0), word1 = word(header, 4), word2 = word(header, 8);
  int four_dw = (word0 & FOUR_DW) != 0;
  uint32_t hi = four_dw ? word2 : 0;
  uint32_t lo = four_dw ? word(header, 12) : word2;
  uint32_t id = word1 >> 16;
  int32_t state = t->sender_state[id];
  if (state >= UNCLEAR || odd(word0, word1, hi, lo) != 0) return EXACT;
  if (state == SILENT) return result_of(NOT_SENT, t->sender_function[id]);
  int32_t range = range_of(t, hi, lo);
  int32_t taker = t->range_taker[range];
  if (taker == TAKER_UNCLEAR) return EXACT;
  int32_t place = t->sender_place[id];
  int32_t stop = t->place_stop[place];
  int posted = (word0 & HAS_DATA) != 0;
  if (taker == TAKER_NONE) return stop == 0 ? DELIVERED : refusal(t, stop, id, posted);
  if ((t->place_flags[place] & CONTROLS) != 0) return EXACT;
  int32_t meeting = place, other = t->range_place[range], below = 0;
  while (meeting != other) {
    if (t->place_depth[meeting] >= t->place_depth[other]) {
      below = meeting;
      meeting = t->place_above[meeting];
    } else other = t->place_above[other];
  }
  if (meeting == 0) {
    if (stop != 0) return refusal(t, stop, id, posted);
    return posted && t->control[7] == 0 ? result_of(UNSUPPORTED_REQUEST, NONE) : EXACT;
  }
  int32_t depth = t->place_depth[meeting];
  int32_t stop_depth = stop == 0 ? 0 : t->place_depth[stop];
  int shared = below != 0 && (t->place_flags[below] & IS_DOWNSTREAM_PORT) != 0;
  if (stop_depth > depth || (stop_depth == depth && !(shared && t->place_gate[stop] == GATE_REFUSES)))
    return refusal(t, stop, id, posted);
  if (!shared) return refusal(t, meeting, id, posted);
  return t->control[8] == 0 ? result_of(DELIVERED, taker) : EXACT;
}

static int32_t route(const struct tables *t, int32_t first, int32_t count) {
  int32_t left = 0;
  for (int32_t at = first; at < first + count; at += 4096) {
    int32_t chunk = first + count - at < 4096 ? first + count - at : 4096;
    memset(t->results + at, 0, 4 * (size_t)chunk);
    int32_t found = classify(t, at, chunk);
    for (int32_t i = 0; i < found; i++) {
      int32_t slot = t->slow[i];
      int32_t result = settle(t, slot);
      t->results[slot] = result;
      left += result < 0;
    }
  }
  return left;
}

/* Reads a word of each header and writes a result for it: the least that any router does. */
static int32_t touch(const struct tables *t, int32_t first, int32_t count) {
  for (int32_t slot = first; slot < first + count; slot++)
    t->results[slot] = (int32_t)word(t->headers + 16 * (size_t)slot, 4);
  return 0;
}

enum { OFFSETS = 18 };

/* (memory, offsets as an ArrayBuffer of int32, first slot, count, 0 to route and 1 to touch) -> TLPs left to the exact router */
static napi_value call(napi_env env, napi_callback_info info) {
  napi_value args[5], result;
  size_t given = 5, length;
  void *memory, *offset_bytes;
  int32_t first, count, what;
  if (napi_get_cb_info(env, info, &given, args, NULL, NULL) != 0 || given != 5) return NULL;
  if (napi_get_arraybuffer_info(env, args[0], &memory, &length) != 0) return NULL;
  if (napi_get_arraybuffer_info(env, args[1], &offset_bytes, &length) != 0 || length != 4 * OFFSETS) return NULL;
  napi_get_value_int32(env, args[2], &first);
  napi_get_value_int32(env, args[3], &count);
  napi_get_value_int32(env, args[4], &what);
  uint8_t *at[OFFSETS];
  for (int i = 0; i < OFFSETS; i++) at[i] = (uint8_t *)memory + ((const int32_t *)offset_bytes)[i];
  struct tables t = {
      .headers = at[0],
      .results = (int32_t *)at[1],
      .slow = (int32_t *)at[2],
      .control = (int32_t *)at[3],
      .place_function = (int32_t *)at[4],
      .place_above = (int32_t *)at[5],
      .place_depth = (int32_t *)at[6],
      .place_gate = (int32_t *)at[7],
      .place_stop = (int32_t *)at[8],
      .place_flags = (int32_t *)at[9],
      .place_quiet = (int32_t *)at[10],
      .sender_state = at[11],
      .sender_place = at[12],
      .sender_function = (int32_t *)at[13],
      .low_index = (int32_t *)at[14],
      .range_start = (double *)at[15],
      .range_taker = (int32_t *)at[16],
      .range_place = at[17],
  };
  napi_create_int32(env, what == 0 ? route(&t, first, count) : touch(&t, first, count), &result);
  return result;
}

napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  napi_value function;
  napi_create_function(env, "call", 4, call, NULL, &function);
  napi_set_named_property(env, exports, "call", function);
  return exports;
}
