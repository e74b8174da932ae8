// Elementary functions and noise that the compiler can inline into a vectorised loop. In single precision they are
// polynomials with branch-free range reduction (Cephes' coefficients, Moshier 1989), accurate to about 2 units in
// the last place; in double precision, where only gradient checks work, the C library's.

// Vectors wider than the instruction set's registers are passed between functions of this file alone, which all become
// part of their caller or share its conventions.
#pragma clang diagnostic ignored "-Wpsabi"

#include <math.h>
#include <stdint.h>
#include <string.h>

static inline float bits_to_float(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static inline uint32_t float_to_bits(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

static inline float single_exp(float x) {
  // Below and above, the result is 0 and +∞; a NaN fails both comparisons and goes through.
  float clamped = x < -87.33654f ? -87.33654f : x;
  clamped = clamped > 88.37626f ? 88.37626f : clamped;
  float shifted = clamped * 1.44269504088896341f + 12582912.0f;  // adding 1.5·2²³ rounds to a whole number
  float n = shifted - 12582912.0f;
  float r = clamped - n * 0.693359375f;
  r = r - n * -2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  float scale = bits_to_float((uint32_t)((int32_t)n + 127) << 23);
  float y = p * scale;
  y = x < -103.97208f ? 0.0f : y;
  return x > 88.72283f ? INFINITY : y;
}

static inline float single_log(float x) {
  uint32_t bits = float_to_bits(x);
  int32_t exponent = (int32_t)(bits >> 23) - 126;
  float m = bits_to_float((bits & 0x007fffffu) | 0x3f000000u);  // in [0.5, 1)
  int32_t low = m < 0.707106781186547524f;
  float e = (float)(exponent - low);
  m = (low ? m + m : m) - 1.0f;
  float z = m * m;
  float p = 7.0376836292e-2f;
  p = p * m + -1.1514610310e-1f;
  p = p * m + 1.1676998740e-1f;
  p = p * m + -1.2420140846e-1f;
  p = p * m + 1.4249322787e-1f;
  p = p * m + -1.6668057665e-1f;
  p = p * m + 2.0000714765e-1f;
  p = p * m + -2.4999993993e-1f;
  p = p * m + 3.3333331174e-1f;
  float y = p * m * z + e * -2.12194440e-4f - 0.5f * z;
  y = m + y + e * 0.693359375f;
  y = x > 3.4028235e38f ? x : y;                  // +∞
  y = x < 1.17549435e-38f ? -INFINITY : y;        // 0 and what is too small for a normal number
  y = x < 0 ? NAN : y;
  return x != x ? x : y;
}

/// log(1 + u) for u ≥ 0, accurate for small u too (Kahan's correction of log(w) by u / (w − 1)).
static inline float single_log1p(float u) {
  float w = 1.0f + u;
  float difference = w - 1.0f;
  float corrected = single_log(w) * (u / (difference == 0.0f ? 1.0f : difference));
  return difference == 0.0f ? u : corrected;
}

static inline float single_tanh(float x) {
  float a = fabsf(x);
  float z = x * x;
  float p = -5.70498872745e-3f;
  p = p * z + 2.06390887954e-2f;
  p = p * z + -5.37397155531e-2f;
  p = p * z + 1.33314422036e-1f;
  p = p * z + -3.33332819422e-1f;
  float small = x + x * z * p;
  float e = single_exp(-2.0f * a);
  float large = (1.0f - e) / (1.0f + e);
  large = x < 0 ? -large : large;
  return a < 0.625f ? small : large;
}

typedef uint32_t eq_words __attribute__((ext_vector_type(16)));
typedef int32_t eq_signed_words __attribute__((ext_vector_type(16)));
typedef struct {
  eq_words a, b, c, d;
} eq_generator;

static inline void noise_load(eq_generator *g, const eq_noise *noise) { memcpy(g, noise->words, sizeof *g); }

static inline void noise_store(eq_noise *noise, const eq_generator *g) { memcpy(noise->words, g, sizeof *g); }

/// The next sixteen words.
static inline __attribute__((always_inline)) eq_words noise_next(eq_generator *g) {
  eq_words sum = g->a + g->d;
  eq_words result = ((sum << 7) | (sum >> 25)) + g->a;
  eq_words shifted = g->b << 9;
  g->c ^= g->a;
  g->d ^= g->b;
  g->b ^= g->c;
  g->a ^= g->d;
  g->c ^= shifted;
  g->d = (g->d << 11) | (g->d >> 21);
  return result;
}

/// An element is dropped when its 32 random bits are below p·2³².
static inline uint32_t noise_threshold(double p) {
  double scaled = p * 4294967296.0;
  return scaled >= 4294967295.0 ? 4294967295u : (uint32_t)scaled;
}
