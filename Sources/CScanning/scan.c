#include "CScanning.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// A bit at the top of each byte of the word that equals the byte repeated in `pattern`; exact for every byte.
static inline uint64_t equal_bytes(uint64_t word, uint64_t pattern) {
  const uint64_t sevens = 0x7f7f7f7f7f7f7f7f;
  uint64_t x = word ^ pattern;
  return ~(((x & sevens) + sevens) | x | sevens);
}

static long scan_plain(
    const uint8_t *bytes, long count, uint8_t separator, uint32_t *places, long room, long *covered) {
  const uint64_t ones = 0x0101010101010101;
  const uint64_t separators = separator * ones, feeds = '\n' * ones, quotes = '"' * ones;
  long found = 0, start = 0;
  while (start + EQ_SCAN_BLOCK <= count && found + EQ_SCAN_BLOCK <= room) {
    uint64_t words[EQ_SCAN_BLOCK / 8];
    uint64_t quoted = 0;
    __builtin_memcpy(words, bytes + start, EQ_SCAN_BLOCK);
    for (int index = 0; index < EQ_SCAN_BLOCK / 8; index++) {
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
      words[index] = __builtin_bswap64(words[index]);
#endif
      quoted |= equal_bytes(words[index], quotes);
    }
    if (quoted) break;
    for (int index = 0; index < EQ_SCAN_BLOCK / 8; index++) {
      uint64_t hits = equal_bytes(words[index], separators) | equal_bytes(words[index], feeds);
      for (; hits; hits &= hits - 1)
        places[found++] = (uint32_t)(start + 8 * index + (__builtin_ctzll(hits) >> 3));
    }
    start += EQ_SCAN_BLOCK;
  }
  *covered = start;
  return found;
}

#if defined(__x86_64__)

// Writes eight places whether there are as many or not, which saves a branch for each; the next block overwrites those
// beyond. The list has room for a whole block, so that nothing is written behind it.
#define EIGHT_PLACES(at)                                                      \
  for (int index = (at); index < (at) + 8; index++) {                         \
    target[index] = (uint32_t)start + (uint32_t)_tzcnt_u64(hits);             \
    hits = _blsr_u64(hits);                                                   \
  }

#define PUT_PLACES                                                            \
  {                                                                           \
    uint32_t *target = places + found;                                        \
    long number = (long)_mm_popcnt_u64(hits);                                 \
    EIGHT_PLACES(0)                                                           \
    if (number > 8) {                                                         \
      EIGHT_PLACES(8)                                                         \
      for (int at = 16; at < number; at += 8) { EIGHT_PLACES(at) }            \
    }                                                                         \
    found += number;                                                          \
  }

__attribute__((target("avx2,bmi,popcnt"))) static long scan_avx2(
    const uint8_t *bytes, long count, uint8_t separator, uint32_t *places, long room, long *covered) {
  const __m256i separators = _mm256_set1_epi8((char)separator);
  const __m256i feeds = _mm256_set1_epi8('\n'), quotes = _mm256_set1_epi8('"');
  long found = 0, start = 0;
  while (start + EQ_SCAN_BLOCK <= count && found + EQ_SCAN_BLOCK <= room) {
    __m256i low = _mm256_loadu_si256((const __m256i *)(bytes + start));
    __m256i high = _mm256_loadu_si256((const __m256i *)(bytes + start + 32));
    __m256i quoted = _mm256_or_si256(_mm256_cmpeq_epi8(low, quotes), _mm256_cmpeq_epi8(high, quotes));
    if (!_mm256_testz_si256(quoted, quoted)) break;
    __m256i in_low = _mm256_or_si256(_mm256_cmpeq_epi8(low, separators), _mm256_cmpeq_epi8(low, feeds));
    __m256i in_high = _mm256_or_si256(_mm256_cmpeq_epi8(high, separators), _mm256_cmpeq_epi8(high, feeds));
    uint64_t hits = (uint32_t)_mm256_movemask_epi8(in_low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(in_high) << 32;
    PUT_PLACES
    start += EQ_SCAN_BLOCK;
  }
  *covered = start;
  return found;
}

__attribute__((target("avx512f,avx512bw,bmi,popcnt"))) static long scan_avx512(
    const uint8_t *bytes, long count, uint8_t separator, uint32_t *places, long room, long *covered) {
  const __m512i separators = _mm512_set1_epi8((char)separator);
  const __m512i feeds = _mm512_set1_epi8('\n'), quotes = _mm512_set1_epi8('"');
  long found = 0, start = 0;
  while (start + EQ_SCAN_BLOCK <= count && found + EQ_SCAN_BLOCK <= room) {
    __m512i block = _mm512_loadu_si512(bytes + start);
    if (_mm512_cmpeq_epi8_mask(block, quotes)) break;
    uint64_t hits = _mm512_cmpeq_epi8_mask(block, separators) | _mm512_cmpeq_epi8_mask(block, feeds);
    PUT_PLACES
    start += EQ_SCAN_BLOCK;
  }
  *covered = start;
  return found;
}

#endif

int eq_delimiter_scanner_count(void) {
#if defined(__x86_64__)
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("bmi") || !__builtin_cpu_supports("popcnt")) return 1;
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw")) return 2;
  return 3;
#else
  return 1;
#endif
}

eq_delimiter_scanner eq_delimiter_scanner_variant(int index) {
#if defined(__x86_64__)
  if (index == 2) return scan_avx512;
  if (index == 1) return scan_avx2;
#endif
  (void)index;
  return scan_plain;
}

eq_delimiter_scanner eq_delimiter_scanner_best(void) {
  return eq_delimiter_scanner_variant(eq_delimiter_scanner_count() - 1);
}
