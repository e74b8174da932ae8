// Adam in single precision for AVX-512. The processor's own square root and division take four fifths of the step's
// time; approximations of 14 bits, each refined once by Newton's method to about one unit in the last place, take
// little. Otherwise as in kernels_template.h.

#include <immintrin.h>

static inline __attribute__((always_inline)) void adam_lanes(float *parameters, const float *gradient, float *first,
                                                             float *second, __mmask16 lanes, int decays, int flushes,
                                                             const eq_adam *settings) {
  const __m512 rest1 = _mm512_set1_ps((float)(1 - settings->beta1));
  const __m512 beta2 = _mm512_set1_ps((float)settings->beta2);
  const __m512 rest2 = _mm512_set1_ps((float)(1 - settings->beta2));
  const __m512 epsilon = _mm512_set1_ps((float)(settings->epsilon * settings->second_root));
  const __m512 rate = _mm512_set1_ps((float)(settings->corrected_rate * settings->second_root));
  const __m512 half = _mm512_set1_ps(0.5f), three_halves = _mm512_set1_ps(1.5f), two = _mm512_set1_ps(2.0f);
  // Whatever is smaller has no root that could be told from 0 beside ε.
  const __m512 least = _mm512_set1_ps(1e-37f);
  __m512 p = _mm512_maskz_loadu_ps(lanes, parameters), g = _mm512_maskz_loadu_ps(lanes, gradient);
  __m512 m = _mm512_maskz_loadu_ps(lanes, first), v = _mm512_maskz_loadu_ps(lanes, second);
  if (decays) g = _mm512_fmadd_ps(_mm512_set1_ps((float)settings->weight_decay), p, g);
  m = _mm512_fmadd_ps(rest1, _mm512_sub_ps(g, m), m);
  v = _mm512_fmadd_ps(_mm512_mul_ps(rest2, g), g, _mm512_mul_ps(beta2, v));
  if (flushes) {
    // Negated comparisons, so that a NaN is kept.
    const __m512 tiny = _mm512_set1_ps(1e-30f);
    m = _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(_mm512_abs_ps(m), tiny, _CMP_NLT_UQ), m);
    v = _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(v, tiny, _CMP_NLT_UQ), v);
  }
  _mm512_mask_storeu_ps(first, lanes, m);
  _mm512_mask_storeu_ps(second, lanes, v);
  // The inverse root of 0 would be infinite. The maximum of a NaN and a number is the second operand.
  __m512 square = _mm512_max_ps(least, v);
  __m512 inverse = _mm512_rsqrt14_ps(square);
  inverse = _mm512_mul_ps(
      inverse, _mm512_fnmadd_ps(_mm512_mul_ps(half, square), _mm512_mul_ps(inverse, inverse), three_halves));
  __m512 divisor = _mm512_fmadd_ps(square, inverse, epsilon);
  __m512 reciprocal = _mm512_rcp14_ps(divisor);
  reciprocal = _mm512_mul_ps(reciprocal, _mm512_fnmadd_ps(divisor, reciprocal, two));
  _mm512_mask_storeu_ps(parameters, lanes, _mm512_fnmadd_ps(_mm512_mul_ps(rate, m), reciprocal, p));
}

static void single_kernel_adam(long n, void *parametersv, const void *gradientv, void *firstv, void *secondv,
                               eq_adam settings) {
  float *restrict parameters = parametersv, *restrict first = firstv, *restrict second = secondv;
  const float *restrict gradient = gradientv;
  long whole = n - n % 16;
  __mmask16 rest = (__mmask16)((1u << (n % 16)) - 1);
#define EACH(decays, flushes)                                                                                         \
  do {                                                                                                                \
    for (long i = 0; i < whole; i += 16)                                                                              \
      adam_lanes(parameters + i, gradient + i, first + i, second + i, 0xffff, decays, flushes, &settings);            \
    if (rest)                                                                                                         \
      adam_lanes(                                                                                                     \
          parameters + whole, gradient + whole, first + whole, second + whole, rest, decays, flushes, &settings);     \
  } while (0)
  if (settings.weight_decay != 0)
    EACH(1, 1);
  else if (settings.flushes)
    EACH(0, 1);
  else
    EACH(0, 0);
#undef EACH
}
