// Adam in single precision for AVX-512. The processor's own square root and division take four fifths of the step's
// time; approximations of 14 bits, each refined once by Newton's method to about one unit in the last place, take
// little. Otherwise as in kernels_template.h.

#include <immintrin.h>

static void single_kernel_adam(long n, void *parametersv, const void *gradientv, void *firstv, void *secondv,
                               eq_adam settings) {
  float *restrict parameters = parametersv, *restrict first = firstv, *restrict second = secondv;
  const float *restrict gradient = gradientv;
  const __m512 rest1 = _mm512_set1_ps((float)(1 - settings.beta1));
  const __m512 beta2 = _mm512_set1_ps((float)settings.beta2);
  const __m512 rest2 = _mm512_set1_ps((float)(1 - settings.beta2));
  const __m512 epsilon = _mm512_set1_ps((float)(settings.epsilon * settings.second_root));
  const __m512 decay = _mm512_set1_ps((float)settings.weight_decay);
  const __m512 rate = _mm512_set1_ps((float)(settings.corrected_rate * settings.second_root));
  const __m512 tiny = _mm512_set1_ps(1e-30f), half = _mm512_set1_ps(0.5f);
  const __m512 three_halves = _mm512_set1_ps(1.5f), two = _mm512_set1_ps(2.0f);
  for (long i = 0; i < n; i += 16) {
    __mmask16 lanes = n - i < 16 ? (__mmask16)((1u << (n - i)) - 1) : (__mmask16)0xffff;
    __m512 p = _mm512_maskz_loadu_ps(lanes, parameters + i);
    __m512 m = _mm512_maskz_loadu_ps(lanes, first + i);
    __m512 v = _mm512_maskz_loadu_ps(lanes, second + i);
    __m512 g = _mm512_fmadd_ps(decay, p, _mm512_maskz_loadu_ps(lanes, gradient + i));
    m = _mm512_fmadd_ps(rest1, _mm512_sub_ps(g, m), m);
    v = _mm512_fmadd_ps(_mm512_mul_ps(rest2, g), g, _mm512_mul_ps(beta2, v));
    // Negated comparisons, so that a NaN is kept.
    m = _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(_mm512_abs_ps(m), tiny, _CMP_NLT_UQ), m);
    __mmask16 positive = _mm512_cmp_ps_mask(v, tiny, _CMP_NLT_UQ);
    v = _mm512_maskz_mov_ps(positive, v);
    __m512 inverse = _mm512_rsqrt14_ps(v);
    inverse = _mm512_mul_ps(
        inverse, _mm512_fnmadd_ps(_mm512_mul_ps(half, v), _mm512_mul_ps(inverse, inverse), three_halves));
    // Where v is 0 its inverse root is infinite, and the root 0.
    __m512 divisor = _mm512_add_ps(_mm512_maskz_mul_ps(positive, v, inverse), epsilon);
    __m512 reciprocal = _mm512_rcp14_ps(divisor);
    reciprocal = _mm512_mul_ps(reciprocal, _mm512_fnmadd_ps(divisor, reciprocal, two));
    p = _mm512_fnmadd_ps(_mm512_mul_ps(rate, m), reciprocal, p);
    _mm512_mask_storeu_ps(parameters + i, lanes, p);
    _mm512_mask_storeu_ps(first + i, lanes, m);
    _mm512_mask_storeu_ps(second + i, lanes, v);
  }
}
