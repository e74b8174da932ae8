// Vectors, random numbers, the players' weights with Adam, and the register tiles of fused_step.c.

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#ifdef __AVX2__
#include <immintrin.h>
#endif

#ifdef __AVX512F__
enum { LANES = 16, TILE = 8 };  // 8 rows × 2 vectors of sums, of 32 registers
#else
enum { LANES = 8, TILE = 2 };  // 2 rows × 4 vectors of sums, of 16 registers
#endif
enum {
  WIDTH = 32,
  VECTORS = WIDTH / LANES,
  FEATURES = 93,
  STRIDE = 96,     // of a dense row; weights of the columns beyond 93 are never used
  CHUNK = 8,       // deviations that are read together
  BLOCK = 64,      // rows that go forward and back together, so that they stay in the first cache
  ATTRIBUTES = 2,  // the adversary's outputs
};

typedef float Lane __attribute__((vector_size(LANES * 4)));
typedef int32_t Ints __attribute__((vector_size(LANES * 4)));
typedef uint32_t Bits __attribute__((vector_size(LANES * 4)));
#define INLINE static inline __attribute__((always_inline))

INLINE Lane load(const float *p) {
  Lane v;
  memcpy(&v, p, sizeof v);
  return v;
}
INLINE void store(float *p, Lane v) { memcpy(p, &v, sizeof v); }
INLINE Lane all(float x) { return x - (Lane){0}; }
INLINE Lane where(Ints condition, Lane v) { return (Lane)((Ints)v & condition); }

// The clock on the wall, or that of the processor's time for this process.
static clockid_t measured_clock = CLOCK_MONOTONIC;

static double now(void) {
  struct timespec time;
  clock_gettime(measured_clock, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

// After a short sleep a process has a whole time slice before it, so that of many short measurements some are whole.
static void nap(void) { nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL); }

// MARK: - Random numbers (xoshiro128++, a generator in each lane)

typedef struct {
  Bits a, b, c, d;
} Generator;

INLINE Bits draw(Generator *g) {
  Bits sum = g->a + g->d, result = ((sum << 7) | (sum >> 25)) + g->a, shifted = g->b << 9;
  g->c ^= g->a;
  g->d ^= g->b;
  g->b ^= g->c;
  g->a ^= g->d;
  g->c ^= shifted;
  g->d = (g->d << 11) | (g->d >> 21);
  return result;
}

static uint64_t seed_state = 7;
static uint64_t split_mix(void) {
  uint64_t z = seed_state += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}
static float uniform(void) { return (float)(split_mix() >> 40) * 0x1p-24f; }

// MARK: - Players

// A perceptron of three hidden layers of 32. Adam goes over the parameters as one run of numbers; what pads the last
// layer to whole vectors stays 0.
typedef struct {
  float b1[WIDTH], w2[WIDTH * WIDTH], b2[WIDTH], w3[WIDTH * WIDTH], b3[WIDTH];
  float w4[ATTRIBUTES * WIDTH], b4[16];  // w4 by outputs; the classifier has one output
  float w1[STRIDE * WIDTH];              // the adversary has one input
} Weights;

typedef struct {
  Weights weights, gradient, first, second;
  float w2_transposed[WIDTH * WIDTH], w3_transposed[WIDTH * WIDTH];
  double power1, power2;  // β₁ᵗ and β₂ᵗ
  int inputs, outputs;
} Player;

typedef struct {
  float h1[BLOCK * WIDTH], h2[BLOCK * WIDTH], h3[BLOCK * WIDTH], d1[BLOCK * WIDTH], d2[BLOCK * WIDTH],
      d3[BLOCK * WIDTH];
  float x[BLOCK * STRIDE];  // dense rows, or the adversary's input as one column
  float logits[ATTRIBUTES * BLOCK], dlogits[ATTRIBUTES * BLOCK], dx[BLOCK];
} Scratch;

static const float RATE = 0.001f, BETA1 = 0.9f, BETA2 = 0.999f, EPSILON = 1e-8f, DROPOUT = 0.2f;
static const float LAMBDAS[ATTRIBUTES] = {130, 30};

static long parameter_count(const Player *player) {
  return (long)(offsetof(Weights, w1) / sizeof(float)) + (long)player->inputs * WIDTH;
}

static void transpose(const float *restrict from, float *restrict to) {
#ifdef __AVX512F__
  // Four blocks of 16 × 16, each in four rounds of swaps at distances 1, 2, 4 and 8.
  for (int block = 0; block < 4; block++) {
    const float *source = from + (block / 2) * 16 * WIDTH + (block % 2) * 16;
    float *target = to + (block % 2) * 16 * WIDTH + (block / 2) * 16;
    __m512 r[16], t[16];
    for (int i = 0; i < 16; i++) r[i] = _mm512_loadu_ps(source + i * WIDTH);
    for (int i = 0; i < 16; i += 2) {
      t[i] = _mm512_unpacklo_ps(r[i], r[i + 1]);
      t[i + 1] = _mm512_unpackhi_ps(r[i], r[i + 1]);
    }
    for (int i = 0; i < 16; i += 4)
      for (int j = 0; j < 2; j++) {
        r[i + 2 * j] = _mm512_castpd_ps(
            _mm512_unpacklo_pd(_mm512_castps_pd(t[i + j]), _mm512_castps_pd(t[i + j + 2])));
        r[i + 2 * j + 1] = _mm512_castpd_ps(
            _mm512_unpackhi_pd(_mm512_castps_pd(t[i + j]), _mm512_castps_pd(t[i + j + 2])));
      }
    for (int i = 0; i < 16; i += 8)
      for (int j = 0; j < 4; j++) {
        t[i + j] = _mm512_shuffle_f32x4(r[i + j], r[i + j + 4], 0x88);
        t[i + j + 4] = _mm512_shuffle_f32x4(r[i + j], r[i + j + 4], 0xdd);
      }
    for (int j = 0; j < 8; j++) {
      _mm512_storeu_ps(target + j * WIDTH, _mm512_shuffle_f32x4(t[j], t[j + 8], 0x88));
      _mm512_storeu_ps(target + (j + 8) * WIDTH, _mm512_shuffle_f32x4(t[j], t[j + 8], 0xdd));
    }
  }
#else
  for (int i = 0; i < WIDTH; i++)
    for (int j = 0; j < WIDTH; j++) to[j * WIDTH + i] = from[i * WIDTH + j];
#endif
}

static void make_player(Player *player, int inputs, int outputs) {
  memset(player, 0, sizeof *player);
  player->inputs = inputs;
  player->outputs = outputs;
  player->power1 = player->power2 = 1;
  Weights *w = &player->weights;
  float narrow = 1 / sqrtf((float)inputs), wide = 1 / sqrtf(WIDTH);
  for (int i = 0; i < inputs * WIDTH; i++) w->w1[i] = narrow * (2 * uniform() - 1);
  for (int i = 0; i < WIDTH; i++) w->b1[i] = narrow * (2 * uniform() - 1);
  for (int i = 0; i < WIDTH * WIDTH; i++) w->w2[i] = wide * (2 * uniform() - 1);
  for (int i = 0; i < WIDTH * WIDTH; i++) w->w3[i] = wide * (2 * uniform() - 1);
  for (int i = 0; i < WIDTH; i++) w->b2[i] = wide * (2 * uniform() - 1), w->b3[i] = wide * (2 * uniform() - 1);
  for (int i = 0; i < outputs * WIDTH; i++) w->w4[i] = wide * (2 * uniform() - 1);
  for (int i = 0; i < outputs; i++) w->b4[i] = wide * (2 * uniform() - 1);
  transpose(w->w2, player->w2_transposed);
  transpose(w->w3, player->w3_transposed);
}

// Adam, and the gradient back to 0 for the next step. The moments are kept without their factors 1 − β, which go into
// the rate and ε. One division and one root a parameter, approximated and refined by a step of Newton's method. Moments
// below 1e-30 are replaced: subnormal numbers are slow by a factor of a hundred.
static void adam(Player *player) {
  player->power1 *= BETA1;
  player->power2 *= BETA2;
  double root = sqrt((1 - player->power2) / (1 - BETA2));
  float rate = (float)(RATE * (1 - BETA1) / (1 - player->power1) * root), epsilon = (float)(EPSILON * root);
  float *p = (float *)&player->weights, *g = (float *)&player->gradient;
  float *m = (float *)&player->first, *v = (float *)&player->second;
  const Lane tiny = all(1e-30f);
  for (long i = 0, n = parameter_count(player); i < n; i += LANES) {
    Lane gradient = load(g + i), moment = BETA1 * load(m + i) + gradient;
    Lane square = BETA2 * load(v + i) + gradient * gradient;
    store(g + i, all(0));
#ifdef __AVX512F__
    moment = (Lane)_mm512_maskz_mov_ps(
        _mm512_cmp_ps_mask(_mm512_abs_ps((__m512)moment), (__m512)tiny, _CMP_NLT_UQ), (__m512)moment);
    square = (Lane)_mm512_max_ps((__m512)square, (__m512)tiny);
    Lane inverse = (Lane)_mm512_rsqrt14_ps((__m512)square);
#else
    moment = where((moment >= tiny) | (moment <= -tiny), moment);
    square = where(square >= tiny, square) + where(square < tiny, tiny);
#endif
#if defined(__AVX2__) && !defined(__AVX512F__)
    Lane inverse = (Lane)_mm256_rsqrt_ps((__m256)square);
#endif
#ifdef __AVX2__
    Lane estimate = square * inverse;
    Lane divisor = (0.5f * inverse) * (square - estimate * estimate) + (estimate + epsilon);
#ifdef __AVX512F__
    Lane reciprocal = (Lane)_mm512_rcp14_ps((__m512)divisor);
#else
    Lane reciprocal = (Lane)_mm256_rcp_ps((__m256)divisor);
#endif
    Lane quotient = (moment * reciprocal) * (2 - divisor * reciprocal);
#else
    Lane divisor;
    for (int l = 0; l < LANES; l++) divisor[l] = sqrtf(square[l]) + epsilon;
    Lane quotient = moment / divisor;
#endif
    store(p + i, load(p + i) - rate * quotient);
    store(m + i, moment);
    store(v + i, square);
  }
  transpose(player->weights.w2, player->w2_transposed);
  transpose(player->weights.w3, player->w3_transposed);
}

// MARK: - Tiles

// sums[i] += Σₖ a[i·row + k·inner]·b[k], rows of 32, held in registers.
INLINE void multiply(int count, Lane sums[][VECTORS], const float *a, long row, long inner, long depth,
                     const float *b) {
  for (long k = 0; k < depth; k++) {
    Lane right[VECTORS];
#pragma GCC unroll 4
    for (int v = 0; v < VECTORS; v++) right[v] = load(b + k * WIDTH + v * LANES);
#pragma GCC unroll 8
    for (int i = 0; i < count; i++) {
      Lane left = all(a[i * row + k * inner]);
#pragma GCC unroll 4
      for (int v = 0; v < VECTORS; v++) sums[i][v] += left * right[v];
    }
  }
}

// A row's sums become its activations: ReLU, and dropout where `g` is given.
INLINE void activate(Lane sums[VECTORS], float *out, Generator *g) {
  const Bits threshold = (Bits){0} + (uint32_t)(DROPOUT * 4294967296.0);
#pragma GCC unroll 4
  for (int v = 0; v < VECTORS; v++) {
    Ints kept = sums[v] > 0;
    if (g) kept &= draw(g) >= threshold;
    store(out + v * LANES, where(kept, g ? sums[v] * (1 / (1 - DROPOUT)) : sums[v]));
  }
}

#define FOR_TILES(rows, body)          \
  do {                                 \
    long i = 0;                        \
    for (; i + TILE <= rows; i += TILE) body(TILE); \
    for (; i < rows; i++) body(1);     \
  } while (0)

// out = drop(relu(x·w + b)), x: [rows, depth].
INLINE void layer(long rows, const float *x, long stride, long depth, const float *w, const float *bias, float *out,
                  Generator *g) {
#define BODY(count)                                                       \
  {                                                                       \
    Lane sums[count][VECTORS];                                            \
    for (int t = 0; t < count; t++)                                       \
      for (int v = 0; v < VECTORS; v++) sums[t][v] = load(bias + v * LANES); \
    multiply(count, sums, x + i * stride, stride, 1, depth, w);           \
    for (int t = 0; t < count; t++) activate(sums[t], out + (i + t) * WIDTH, g); \
  }
  FOR_TILES(rows, BODY);
#undef BODY
}

// d = (upper·wᵀ) where the activation passed it, and the bias's gradient.
INLINE void backward(long rows, const float *upper, const float *transposed, const float *h, float *d, float *bias,
                     float scale) {
  Lane total[VECTORS];
  for (int v = 0; v < VECTORS; v++) total[v] = load(bias + v * LANES);
#define BODY(count)                                                            \
  {                                                                            \
    Lane sums[count][VECTORS];                                                 \
    for (int t = 0; t < count; t++)                                            \
      for (int v = 0; v < VECTORS; v++) sums[t][v] = all(0);                   \
    multiply(count, sums, upper + i * WIDTH, WIDTH, 1, WIDTH, transposed);     \
    for (int t = 0; t < count; t++)                                            \
      for (int v = 0; v < VECTORS; v++) {                                      \
        Lane value = where(load(h + (i + t) * WIDTH + v * LANES) > 0, scale * sums[t][v]); \
        store(d + (i + t) * WIDTH + v * LANES, value);                         \
        total[v] += value;                                                     \
      }                                                                        \
  }
  FOR_TILES(rows, BODY);
#undef BODY
  for (int v = 0; v < VECTORS; v++) store(bias + v * LANES, total[v]);
}

// gradient += xᵀ·d, x: [rows, width].
INLINE void weight_gradient(long rows, const float *x, long stride, long width, const float *d, float *gradient) {
#define BODY(count)                                                                       \
  {                                                                                       \
    Lane sums[count][VECTORS];                                                            \
    for (int t = 0; t < count; t++)                                                       \
      for (int v = 0; v < VECTORS; v++) sums[t][v] = load(gradient + (i + t) * WIDTH + v * LANES); \
    multiply(count, sums, x + i, 1, stride, rows, d);                                     \
    for (int t = 0; t < count; t++)                                                       \
      for (int v = 0; v < VECTORS; v++) store(gradient + (i + t) * WIDTH + v * LANES, sums[t][v]); \
  }
  FOR_TILES(width, BODY);
#undef BODY
}
