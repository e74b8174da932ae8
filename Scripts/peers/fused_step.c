// The fused limit: the article's two players with nothing around the arithmetic. One classifier step 93-32-32-32-1 and
// one epoch of the game, written out in C for exactly these widths: register tiles for the products, bias, ReLU and
// dropout in the tiles' last instructions, loss gradient, backward pass and Adam, no graph and no call in between. What
// a general engine can do at best on this machine, and so what Equipoise is measured by.
//
//   clang -O3 -march=native -ffp-contract=fast fused_step.c -lm -o fused_step
//   ./fused_step data.bin 32 [--dense] [--seconds 2]      prints one JSON object
//   ./fused_step data.bin 32 --check                      holds gradients and Adam against plain loops
//
// data.bin is what write_data.py writes: three 32-bit numbers (rows, 93, 2), then features, labels and sensitive
// attributes as 32-bit floats. The first layer is sparse unless --dense is given: rows are kept as deviations from the
// most frequent value of each column, which is how Equipoise keeps them.

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

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
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

// Adam, and the gradient back to 0 for the next step. The moments are kept without their factors 1 − β, which go into the
// rate and ε. One division and one root a parameter, approximated and refined by a step of Newton's method. Moments below
// 1e-30 are replaced: subnormal numbers are slow by a factor of a hundred.
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

// MARK: - Loss

INLINE Lane exponential(Lane x) {
  Lane bounded = where(x > -87, x) + where(x <= -87, all(-87));
  Lane shifted = bounded * 1.44269504f + 12582912.0f, n = shifted - 12582912.0f;
  Lane r = bounded - n * 0.693359375f + n * 2.12194440e-4f;
  Lane p = 1.9875691500e-4f * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1;
  return p * (Lane)((__builtin_convertvector(n, Ints) + 127) << 23);
}

// Probabilities σ(x) and losses max(x, 0) − x·y + log(1 + exp(−|x|)).
INLINE Lane sigmoid(Lane x, Lane *softplus) {
  Ints negative = x < 0;
  Lane e = exponential(where(negative, x) - where(~negative, x)), s = 1 / (1 + e);
  Lane q = e / (2 + e), z = q * q;  // log(1 + e) = 2·artanh(q), q ≤ 1/3
  Lane series = 1 / 11.0f * z + 1 / 9.0f;
  series = series * z + 1 / 7.0f;
  series = series * z + 1 / 5.0f;
  series = series * z + 1 / 3.0f;
  *softplus = 2 * q * (series * z + 1) + where(~negative, x);
  return where(negative, e * s) + where(~negative, s);
}

// dlogits = factor·(σ(logits) − targets), vectors at a time; returns the sum of losses over `rows`. The arrays are
// whole vectors long.
INLINE float loss_gradient(long rows, const float *logits, const float *targets, float *dlogits, float factor) {
  Lane total = all(0);
  Ints place;
  for (int l = 0; l < LANES; l++) place[l] = l;
  for (long i = 0; i < rows; i += LANES) {
    Ints present = place < (Ints){0} + (int32_t)(rows - i);
    Lane x = load(logits + i), y = load(targets + i), softplus, s = sigmoid(x, &softplus);
    store(dlogits + i, where(present, factor * (s - y)));
    total += where(present, softplus - x * y);
  }
  float sum = 0;
  for (int l = 0; l < LANES; l++) sum += total[l];
  return sum;
}

// MARK: - Blocks of rows

INLINE float sum_lanes(Lane v) {
#ifdef __AVX512F__
  return _mm512_reduce_add_ps((__m512)v);
#else
  float sum = 0;
  for (int l = 0; l < LANES; l++) sum += v[l];
  return sum;
#endif
}

// The layers above the first, and the outputs [outputs][BLOCK].
INLINE void upper_layers(const Weights *w, int outputs, long rows, Scratch *s, Generator *g) {
  layer(rows, s->h1, WIDTH, WIDTH, w->w2, w->b2, s->h2, g);
  layer(rows, s->h2, WIDTH, WIDTH, w->w3, w->b3, s->h3, g);
  for (int output = 0; output < outputs; output++)
    for (long i = 0; i < rows; i++) {
      Lane sum = all(0);
      for (int v = 0; v < VECTORS; v++)
        sum += load(s->h3 + i * WIDTH + v * LANES) * load(w->w4 + output * WIDTH + v * LANES);
      s->logits[output * BLOCK + i] = sum_lanes(sum) + w->b4[output];
    }
}

// From dlogits down to d1, with the gradients of all layers above the first, and of its bias, added up.
INLINE void upper_gradients(Player *player, int outputs, long rows, Scratch *s, float scale) {
  const Weights *w = &player->weights;
  Weights *g = &player->gradient;
  Lane last[ATTRIBUTES][VECTORS], weights[ATTRIBUTES][VECTORS], bias[VECTORS];
  for (int v = 0; v < VECTORS; v++) {
    bias[v] = load(g->b3 + v * LANES);
    for (int o = 0; o < outputs; o++) {
      last[o][v] = load(g->w4 + o * WIDTH + v * LANES);
      weights[o][v] = scale * load(w->w4 + o * WIDTH + v * LANES);
    }
  }
  for (long i = 0; i < rows; i++)
    for (int v = 0; v < VECTORS; v++) {
      Lane h = load(s->h3 + i * WIDTH + v * LANES), d = all(0);
      for (int o = 0; o < outputs; o++) {
        Lane upper = all(s->dlogits[o * BLOCK + i]);
        last[o][v] += upper * h;
        d += upper * weights[o][v];
      }
      d = where(h > 0, d);
      bias[v] += d;
      store(s->d3 + i * WIDTH + v * LANES, d);
    }
  for (int v = 0; v < VECTORS; v++) {
    store(g->b3 + v * LANES, bias[v]);
    for (int o = 0; o < outputs; o++) store(g->w4 + o * WIDTH + v * LANES, last[o][v]);
  }
  for (int o = 0; o < outputs; o++) {
    Lane sum = all(0);
    for (long i = 0; i < rows; i += LANES) sum += load(s->dlogits + o * BLOCK + i);
    g->b4[o] += sum_lanes(sum);
  }
  weight_gradient(rows, s->h2, WIDTH, WIDTH, s->d3, g->w3);
  backward(rows, s->d3, player->w3_transposed, s->h2, s->d2, g->b2, scale);
  weight_gradient(rows, s->h1, WIDTH, WIDTH, s->d2, g->w2);
  backward(rows, s->d2, player->w2_transposed, s->h1, s->d1, g->b1, scale);
}

// MARK: - Data

typedef struct {
  int32_t offset;  // of the column's weights
  float value;
} Deviation;

typedef struct {
  int32_t rows;
  float *features;            // [rows, STRIDE]
  float *labels, *sensitive;  // [rows], [rows, ATTRIBUTES]
  float base[FEATURES];
  Deviation *deviations;  // of each row in whole chunks, filled up with the value 0 for a column beyond 93
  int32_t *starts;
  long deviation_count;
} Data;

static int ascending(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

static Data read_data(const char *path) {
  FILE *file = fopen(path, "rb");
  int32_t head[3];
  if (!file || fread(head, 4, 3, file) != 3 || head[0] < BLOCK || head[1] != FEATURES || head[2] != ATTRIBUTES) {
    fprintf(stderr, "error: %s is not a file of write_data.py with %d features\n", path, FEATURES);
    exit(66);
  }
  Data data = {.rows = head[0]};
  size_t n = (size_t)head[0];
  data.features = calloc(n * STRIDE, 4);
  data.labels = malloc(n * 4);
  data.sensitive = malloc(n * ATTRIBUTES * 4);
  size_t whole = 0;
  for (size_t i = 0; i < n; i++) whole += fread(data.features + i * STRIDE, 4, FEATURES, file);
  whole += fread(data.labels, 4, n, file) + fread(data.sensitive, 4, n * ATTRIBUTES, file);
  fclose(file);
  if (whole != n * (FEATURES + 1 + ATTRIBUTES)) {
    fprintf(stderr, "error: %s ends too soon\n", path);
    exit(66);
  }
  float *column = malloc(n * 4);
  for (int j = 0; j < FEATURES; j++) {
    for (size_t i = 0; i < n; i++) column[i] = data.features[i * STRIDE + (size_t)j];
    qsort(column, n, 4, ascending);
    for (size_t i = 0, most = 0, run = 1; i < n; i++) {
      run = i > 0 && column[i] == column[i - 1] ? run + 1 : 1;
      if (run > most) most = run, data.base[j] = column[i];
    }
  }
  free(column);
  data.starts = malloc((n + 1) * 4);
  data.deviations = aligned_alloc(64, n * STRIDE * sizeof(Deviation));
  int32_t count = 0;
  for (size_t i = 0; i < n; i++) {
    data.starts[i] = count;
    for (int j = 0; j < FEATURES; j++) {
      float value = data.features[i * STRIDE + (size_t)j];
      if (value != data.base[j]) data.deviations[count++] = (Deviation){j * WIDTH, value - data.base[j]};
    }
    data.deviation_count += count - data.starts[i];
    // At least one chunk, so that the loop over chunks is seldom mispredicted.
    for (; count % CHUNK || count == data.starts[i]; count++)
      data.deviations[count] = (Deviation){(FEATURES + count % (STRIDE - FEATURES)) * WIDTH, 0};
  }
  data.starts[n] = count;
  return data;
}

// MARK: - The classifier

// The first layer of rows that all share base·w + b.
INLINE void sparse_layer(const Data *data, const int32_t *order, long rows, const float *w, const Lane start[VECTORS],
                         float *out, Generator *g) {
  for (long i = 0; i < rows; i++) {
    __builtin_prefetch(data->deviations + data->starts[order[i + 6 < rows ? i + 6 : i]]);
    const Deviation *d = data->deviations + data->starts[order[i]];
    const Deviation *end = data->deviations + data->starts[order[i] + 1];
    Lane sums[VECTORS];
    for (int v = 0; v < VECTORS; v++) sums[v] = start[v];
    do {
#pragma GCC unroll 8
      for (int c = 0; c < CHUNK; c++)
        for (int v = 0; v < VECTORS; v++) sums[v] += d[c].value * load(w + d[c].offset + v * LANES);
    } while ((d += CHUNK) < end);
    activate(sums, out + i * WIDTH, g);
  }
}

INLINE void base_product(const Data *data, const Weights *w, Lane start[VECTORS]) {
  // Four partial sums hide the latency.
  Lane sums[4][VECTORS];
  for (int t = 0; t < 4; t++)
    for (int v = 0; v < VECTORS; v++) sums[t][v] = t == 0 ? load(w->b1 + v * LANES) : all(0);
  for (int k = 0; k < FEATURES; k++)
    for (int v = 0; v < VECTORS; v++) sums[k % 4][v] += data->base[k] * load(w->w1 + k * WIDTH + v * LANES);
  for (int v = 0; v < VECTORS; v++) start[v] = sums[0][v] + sums[1][v] + (sums[2][v] + sums[3][v]);
}

INLINE void dense_rows(const Data *data, const int32_t *order, long rows, float *x) {
  for (long i = 0; i < rows; i++) memcpy(x + i * STRIDE, data->features + (size_t)order[i] * STRIDE, STRIDE * 4);
}

INLINE void first_layer(const Data *data, const int32_t *order, long rows, const Weights *w, const Lane start[VECTORS],
                        int dense, Scratch *s, Generator *g) {
  if (dense) {
    dense_rows(data, order, rows, s->x);
    layer(rows, s->x, STRIDE, FEATURES, w->w1, w->b1, s->h1, g);
  } else {
    sparse_layer(data, order, rows, w->w1, start, s->h1, g);
  }
}

// The first layer's weights, from d1. The base row's part, base ⊗ Σᵢ d1ᵢ, is added at the end of a step: b1's gradient
// is that sum.
INLINE void first_gradient(const Data *data, const int32_t *order, long rows, Weights *g, int dense, Scratch *s) {
  if (dense) {
    weight_gradient(rows, s->x, STRIDE, STRIDE, s->d1, g->w1);
    return;
  }
  for (long i = 0; i < rows; i++) {
    __builtin_prefetch(data->deviations + data->starts[order[i + 6 < rows ? i + 6 : i]]);
    const Deviation *d = data->deviations + data->starts[order[i]];
    const Deviation *end = data->deviations + data->starts[order[i] + 1];
    Lane upper[VECTORS];
    for (int v = 0; v < VECTORS; v++) upper[v] = load(s->d1 + i * WIDTH + v * LANES);
    do {
#pragma GCC unroll 8
      for (int c = 0; c < CHUNK; c++)
        for (int v = 0; v < VECTORS; v++) {
          float *target = g->w1 + d[c].offset + v * LANES;
          store(target, load(target) + d[c].value * upper[v]);
        }
    } while ((d += CHUNK) < end);
  }
}

INLINE void base_gradient(const Data *data, Weights *g) {
  Lane sum[VECTORS];
  for (int v = 0; v < VECTORS; v++) sum[v] = load(g->b1 + v * LANES);
  for (int k = 0; k < FEATURES; k++)
    for (int v = 0; v < VECTORS; v++) {
      float *target = g->w1 + k * WIDTH + v * LANES;
      store(target, load(target) + data->base[k] * sum[v]);
    }
}

// The gradient of one batch, left in player->gradient, which is 0 before; returns the mean loss. g: dropout, or none.
INLINE float classifier_gradient(const Data *data, Player *player, const int32_t *order, long rows, int dense,
                                 Scratch *s, Generator *g) {
  Lane start[VECTORS];
  if (!dense) base_product(data, &player->weights, start);
  float loss = 0, scale = g ? 1 / (1 - DROPOUT) : 1, targets[BLOCK] __attribute__((aligned(64)));
  for (long from = 0; from < rows; from += BLOCK) {
    long count = rows - from < BLOCK ? rows - from : BLOCK;
    const int32_t *block = order + from;
    first_layer(data, block, count, &player->weights, start, dense, s, g);
    for (long i = 0; i < count; i++) targets[i] = data->labels[block[i]];
    upper_layers(&player->weights, 1, count, s, g);
    loss += loss_gradient(count, s->logits, targets, s->dlogits, 1 / (float)rows);
    upper_gradients(player, 1, count, s, scale);
    first_gradient(data, block, count, &player->gradient, dense, s);
  }
  if (!dense) base_gradient(data, &player->gradient);
  return loss / (float)rows;
}

// A specialised copy for each combination, so that nothing is decided inside.
static float classifier_step(const Data *data, Player *player, const int32_t *order, long rows, int dense, Scratch *s,
                             Generator *g) {
  float loss = dense ? classifier_gradient(data, player, order, rows, 1, s, g)
                     : classifier_gradient(data, player, order, rows, 0, s, g);
  adam(player);
  return loss;
}

// The classifier's logits on all rows, dropout on: what the adversary's pass reads.
static void all_logits(const Data *data, const Player *player, float *logits, int dense, Scratch *s, Generator *g) {
  Lane start[VECTORS];
  int32_t order[BLOCK];
  if (!dense) base_product(data, &player->weights, start);
  for (int32_t from = 0; from < data->rows; from += BLOCK) {
    int32_t count = data->rows - from < BLOCK ? data->rows - from : BLOCK;
    for (int32_t i = 0; i < count; i++) order[i] = from + i;
    first_layer(data, order, count, &player->weights, start, dense, s, g);
    upper_layers(&player->weights, 1, count, s, g);
    memcpy(logits + from, s->logits, (size_t)count * 4);
  }
}

// MARK: - The adversary

// Forward and backward through the adversary on probabilities s->x; dx = ∂L_z/∂probability where asked for.
INLINE float adversary_gradient(const Data *data, Player *player, const int32_t *order, long count, long rows,
                                Scratch *s, float *dx) {
  const Weights *w = &player->weights;
  Weights *g = &player->gradient;
  for (long i = 0; i < count; i++) {
    Lane sums[VECTORS];
    for (int v = 0; v < VECTORS; v++) sums[v] = s->x[i] * load(w->w1 + v * LANES) + load(w->b1 + v * LANES);
    activate(sums, s->h1 + i * WIDTH, NULL);
  }
  upper_layers(w, ATTRIBUTES, count, s, NULL);
  float loss = 0, targets[BLOCK] __attribute__((aligned(64)));
  for (int o = 0; o < ATTRIBUTES; o++) {
    for (long i = 0; i < count; i++) targets[i] = data->sensitive[order[i] * ATTRIBUTES + o];
    float factor = LAMBDAS[o] / (float)(rows * ATTRIBUTES);
    loss += factor * loss_gradient(count, s->logits + o * BLOCK, targets, s->dlogits + o * BLOCK, factor);
  }
  upper_gradients(player, ATTRIBUTES, count, s, 1);
  Lane weights[VECTORS];
  for (int v = 0; v < VECTORS; v++) weights[v] = load(g->w1 + v * LANES);
  for (long i = 0; i < count; i++)
    for (int v = 0; v < VECTORS; v++) weights[v] += s->x[i] * load(s->d1 + i * WIDTH + v * LANES);
  for (int v = 0; v < VECTORS; v++) store(g->w1 + v * LANES, weights[v]);
  for (long i = 0; dx && i < count; i++) {
    Lane sum = all(0);
    for (int v = 0; v < VECTORS; v++) sum += load(s->d1 + i * WIDTH + v * LANES) * load(w->w1 + v * LANES);
    dx[i] = sum_lanes(sum);
  }
  return loss;
}

INLINE void probabilities(const float *logits, long count, float *x) {
  Lane softplus;
  for (long i = 0; i < count; i += LANES) store(x + i, sigmoid(load(logits + i), &softplus));
}

static float adversary_step(const Data *data, Player *player, const float *logits, const int32_t *order, long rows,
                            Scratch *s) {
  float loss = 0, gathered[BLOCK] __attribute__((aligned(64)));
  for (long from = 0; from < rows; from += BLOCK) {
    long count = rows - from < BLOCK ? rows - from : BLOCK;
    for (long i = 0; i < count; i++) gathered[i] = logits[order[from + i]];
    probabilities(gathered, count, s->x);
    loss += adversary_gradient(data, player, order + from, count, rows, s, NULL);
  }
  adam(player);
  return loss;
}

// The classifier's gradient of L_y − L_z through the frozen adversary.
static float game_gradient(const Data *data, Player *classifier, Player *adversary, const int32_t *order, long rows,
                           int dense, Scratch *s, Scratch *other, Generator *g) {
  Lane start[VECTORS];
  if (!dense) base_product(data, &classifier->weights, start);
  float loss = 0, scale = g ? 1 / (1 - DROPOUT) : 1, targets[BLOCK] __attribute__((aligned(64)));
  for (long from = 0; from < rows; from += BLOCK) {
    long count = rows - from < BLOCK ? rows - from : BLOCK;
    const int32_t *block = order + from;
    first_layer(data, block, count, &classifier->weights, start, dense, s, g);
    for (long i = 0; i < count; i++) targets[i] = data->labels[block[i]];
    upper_layers(&classifier->weights, 1, count, s, g);
    loss += loss_gradient(count, s->logits, targets, s->dlogits, 1 / (float)rows) / (float)rows;
    probabilities(s->logits, count, other->x);
    loss -= adversary_gradient(data, adversary, block, count, rows, other, other->dx);
    for (long i = 0; i < count; i++) s->dlogits[i] -= other->dx[i] * other->x[i] * (1 - other->x[i]);
    upper_gradients(classifier, 1, count, s, scale);
    first_gradient(data, block, count, &classifier->gradient, dense, s);
  }
  memset(&adversary->gradient, 0, sizeof adversary->gradient);
  if (!dense) base_gradient(data, &classifier->gradient);
  return loss;
}

// MARK: - Epochs

static void shuffle(int32_t *order, int32_t n) {
  for (int32_t last = n - 1; last > 0; last--) {
    int32_t other = (int32_t)(((split_mix() >> 32) * (uint64_t)(last + 1)) >> 32), kept = order[last];
    order[last] = order[other];
    order[other] = kept;
  }
}

static float sink;

static void classifier_epoch(const Data *data, Player *player, int32_t *order, long batch, int dense, Scratch *s,
                             Generator *g) {
  shuffle(order, data->rows);
  for (long from = 0; from + batch <= data->rows; from += batch)
    sink += classifier_step(data, player, order + from, batch, dense, s, g);
}

static void game_epoch(const Data *data, Player *classifier, Player *adversary, float *logits, int32_t *order,
                       long batch, int dense, Scratch *s, Scratch *other, Generator *g) {
  shuffle(order, data->rows);
  all_logits(data, classifier, logits, dense, s, g);
  long from = 0;
  for (; from + batch <= data->rows; from += batch)
    sink += adversary_step(data, adversary, logits, order + from, batch, other);
  sink += game_gradient(data, classifier, adversary, order + from - batch, batch, dense, s, other, g);
  adam(classifier);
}

// MARK: - The check: the same in plain loops and double precision

typedef struct {
  double h[3][WIDTH], d[3][WIDTH], z[ATTRIBUTES];
} Plain;

// Adds one row's gradient for given ∂L/∂logits. Units dropped by the fused code are known by their 0.
static void plain_row(const Player *player, const float *x, const float *const fused[3], double scale,
                      double (*losses)(const double *z, double *dz, const void *context), const void *context,
                      double *loss, double *gradient, double *dx) {
  const Weights *w = &player->weights;
  const float *matrices[3] = {w->w1, w->w2, w->w3}, *biases[3] = {w->b1, w->b2, w->b3};
  Plain p = {0};
  for (int l = 0; l < 3; l++)
    for (int j = 0; j < WIDTH; j++) {
      double sum = biases[l][j];
      for (int k = 0; k < (l == 0 ? player->inputs : WIDTH); k++)
        sum += (l == 0 ? (double)x[k] : p.h[l - 1][k]) * matrices[l][k * WIDTH + j];
      p.h[l][j] = sum > 0 && fused[l][j] > 0 ? sum * scale : 0;
    }
  double dz[ATTRIBUTES];
  for (int o = 0; o < player->outputs; o++) {
    p.z[o] = w->b4[o];
    for (int j = 0; j < WIDTH; j++) p.z[o] += p.h[2][j] * w->w4[o * WIDTH + j];
  }
  *loss += losses(p.z, dz, context);
#define AT(member) (gradient + offsetof(Weights, member) / sizeof(float))
  double *grad_matrices[3] = {AT(w1), AT(w2), AT(w3)}, *grad_biases[3] = {AT(b1), AT(b2), AT(b3)};
  for (int o = 0; o < player->outputs; o++) {
    AT(b4)[o] += dz[o];
    for (int j = 0; j < WIDTH; j++) {
      AT(w4)[o * WIDTH + j] += dz[o] * p.h[2][j];
      p.d[2][j] += dz[o] * w->w4[o * WIDTH + j];
    }
  }
#undef AT
  for (int l = 2; l >= 0; l--) {
    int inputs = l == 0 ? player->inputs : WIDTH;
    if (l == 0 && dx) *dx = 0;
    for (int j = 0; j < WIDTH; j++) {
      double d = p.h[l][j] > 0 ? p.d[l][j] * scale : 0;
      grad_biases[l][j] += d;
      for (int k = 0; k < inputs; k++) {
        grad_matrices[l][k * WIDTH + j] += d * (l == 0 ? (double)x[k] : p.h[l - 1][k]);
        if (l > 0) p.d[l - 1][k] += d * matrices[l][k * WIDTH + j];
        if (l == 0 && dx) *dx += d * matrices[0][k * WIDTH + j];
      }
    }
  }
}

static double cross_entropy(double z, double y) { return fmax(z, 0) - z * y + log1p(exp(-fabs(z))); }

typedef struct {
  const Data *data;
  int32_t row;
  long rows;
  const Player *adversary;
  const Scratch *other;
  long place;
  double *unused;
} Context;

static double label_loss(const double *z, double *dz, const void *context) {
  const Context *c = context;
  double y = c->data->labels[c->row];
  dz[0] = (1 / (1 + exp(-z[0])) - y) / (double)c->rows;
  return cross_entropy(z[0], y) / (double)c->rows;
}

static double attribute_loss(const double *z, double *dz, const void *context) {
  const Context *c = context;
  double loss = 0;
  for (int o = 0; o < ATTRIBUTES; o++) {
    double y = c->data->sensitive[c->row * ATTRIBUTES + o], factor = LAMBDAS[o] / (double)(c->rows * ATTRIBUTES);
    dz[o] = factor * (1 / (1 + exp(-z[o])) - y);
    loss += factor * cross_entropy(z[o], y);
  }
  return loss;
}

static double game_loss(const double *z, double *dz, const void *context) {
  const Context *c = context;
  double loss = label_loss(z, dz, context), opposed = 0, dx = 0, probability = 1 / (1 + exp(-z[0]));
  float x = (float)probability;
  const Scratch *s = c->other;
  const float *fused[3] = {s->h1 + c->place * WIDTH, s->h2 + c->place * WIDTH, s->h3 + c->place * WIDTH};
  plain_row(c->adversary, &x, fused, 1, attribute_loss, context, &opposed, c->unused, &dx);
  dz[0] -= dx * probability * (1 - probability);
  return loss - opposed;
}

static int failures = 0;

static void compare(const char *what, const float *fused, const double *plain, long n) {
  double worst = 0, largest = 0;
  for (long i = 0; i < n; i++) {
    worst = fmax(worst, fabs(fused[i] - plain[i]));
    largest = fmax(largest, fabs(plain[i]));
  }
  int fine = largest > 0 && worst < 2e-5 * largest;
  failures += !fine;
  printf("%-44s largest %.3e, largest difference %.1e%s\n", what, largest, worst, fine ? "" : "  DIFFERS");
}

static void check(const Data *data, Scratch *s, Scratch *other, Generator *g) {
  enum { COUNT = sizeof(Weights) / sizeof(float) };
  static Player classifier, adversary;
  static double gradient[COUNT], moments[2][COUNT], expected[COUNT], unused[COUNT];
  int32_t order[BLOCK];
  float logits[BLOCK] = {0};
  for (int trial = 0; trial < 8; trial++) {
    int dense = trial % 2, game = trial / 4;
    long rows = trial / 2 % 2 ? 13 : BLOCK;
    make_player(&classifier, FEATURES, 1);
    make_player(&adversary, 1, ATTRIBUTES);
    long n = parameter_count(&classifier);
    memset(moments, 0, sizeof moments);
    for (long i = 0; i < n; i++) expected[i] = ((float *)&classifier.weights)[i];
    for (int step = 1; step <= 3; step++) {
      for (long i = 0; i < rows; i++) order[i] = (int32_t)(split_mix() % (uint64_t)data->rows);
      float loss = game ? game_gradient(data, &classifier, &adversary, order, rows, dense, s, other, g)
                   : dense ? classifier_gradient(data, &classifier, order, rows, 1, s, g)
                           : classifier_gradient(data, &classifier, order, rows, 0, s, g);
      double plain_loss = 0;
      memset(gradient, 0, sizeof gradient);
      for (long i = 0; i < rows; i++) {
        const float *fused[3] = {s->h1 + i * WIDTH, s->h2 + i * WIDTH, s->h3 + i * WIDTH};
        Context context = {data, order[i], rows, &adversary, other, i, unused};
        plain_row(&classifier, data->features + (size_t)order[i] * STRIDE, fused, 1 / (1 - (double)DROPOUT),
                  game ? game_loss : label_loss, &context, &plain_loss, gradient, NULL);
      }
      char what[80];
      snprintf(what, sizeof what, "%s, %s, %ld rows, step %d", game ? "game step" : "classifier",
               dense ? "dense" : "sparse", rows, step);
      compare(what, (float *)&classifier.gradient, gradient, n);
      compare("  loss", &loss, &plain_loss, 1);
      for (long i = 0; i < n; i++) {
        moments[0][i] = BETA1 * moments[0][i] + (1 - BETA1) * gradient[i];
        moments[1][i] = BETA2 * moments[1][i] + (1 - BETA2) * gradient[i] * gradient[i];
        // From what the fused step holds, so that differences do not add up; tiny gradients have any sign.
        double rate = RATE / (1 - pow(BETA1, step)), root = sqrt(moments[1][i] / (1 - pow(BETA2, step)));
        double before = ((float *)&classifier.weights)[i];
        expected[i] = fabs(gradient[i]) > 1e-7 ? before - rate * moments[0][i] / (root + EPSILON) : 0;
      }
      adam(&classifier);
      for (long i = 0; i < n; i++)
        if (fabs(gradient[i]) <= 1e-7) expected[i] = ((float *)&classifier.weights)[i];
      compare("  parameters after Adam", (float *)&classifier.weights, expected, n);
    }
  }
  long zeros = 0;
  for (long i = 0; i < BLOCK; i++) {
    order[i] = (int32_t)(split_mix() % (uint64_t)data->rows);
    logits[i] = 4 * uniform() - 2;
  }
  (void)zeros;
  double plain_loss = 0;
  memset(gradient, 0, sizeof gradient);
  probabilities(logits, BLOCK, s->x);
  float loss = adversary_gradient(data, &adversary, order, BLOCK, BLOCK, s, NULL);
  for (long i = 0; i < BLOCK; i++) {
    const float *fused[3] = {s->h1 + i * WIDTH, s->h2 + i * WIDTH, s->h3 + i * WIDTH};
    Context context = {data, order[i], BLOCK, NULL, NULL, i, NULL};
    plain_row(&adversary, s->x + i, fused, 1, attribute_loss, &context, &plain_loss, gradient, NULL);
  }
  compare("adversary", (float *)&adversary.gradient, gradient, parameter_count(&adversary));
  compare("  loss", &loss, &plain_loss, 1);
}

// MARK: - Main

int main(int count, char **arguments) {
  int dense = 0, checks = 0;
  double seconds = 1;
  long batch = count > 2 ? atol(arguments[2]) : 0;
  for (int i = 3; i < count; i++) {
    if (!strcmp(arguments[i], "--dense")) dense = 1;
    else if (!strcmp(arguments[i], "--check")) checks = 1;
    else if (!strcmp(arguments[i], "--seconds") && i + 1 < count) seconds = atof(arguments[++i]);
    else batch = 0;
  }
  if (batch < 1) {
    fprintf(stderr, "usage: fused_step DATA BATCH-SIZE [--dense] [--check] [--seconds S]\n");
    return 64;
  }
  Data data = read_data(arguments[1]);
  if (batch > data.rows) {
    fprintf(stderr, "error: a batch of %ld from %d rows\n", batch, data.rows);
    return 64;
  }
  static Player classifier, adversary;
  static Scratch s __attribute__((aligned(64))), other __attribute__((aligned(64)));
  Generator g;
  for (int l = 0; l < LANES; l++)
    g.a[l] = (uint32_t)split_mix(), g.b[l] = (uint32_t)split_mix(), g.c[l] = (uint32_t)split_mix(), g.d[l] = 1;
  if (checks) {
    check(&data, &s, &other, &g);
    printf(failures ? "%d comparisons differ\n" : "all agree\n", failures);
    return failures != 0;
  }
  make_player(&classifier, FEATURES, 1);
  make_player(&adversary, 1, ATTRIBUTES);
  int32_t *order = malloc(sizeof(int32_t) * (size_t)data.rows);
  float *logits = malloc(sizeof(float) * (size_t)data.rows);
  for (int32_t i = 0; i < data.rows; i++) order[i] = i;
  double steps = (double)(data.rows / batch), best[2] = {1e9, 1e9};
  for (int part = 0; part < 2; part++) {
    double begun = now();
    for (int epoch = 0; epoch < 5 || now() - begun < seconds; epoch++) {
      nap();
      double start = now();
      if (part == 0) classifier_epoch(&data, &classifier, order, batch, dense, &s, &g);
      else game_epoch(&data, &classifier, &adversary, logits, order, batch, dense, &s, &other, &g);
      double time = now() - start;
      if (time < best[part]) best[part] = time;
    }
  }
  printf(
      "{\"classifierStepMicroseconds\": %.4f, \"gameEpochMilliseconds\": %.5f, \"firstLayer\": \"%s\", "
      "\"deviationsPerRow\": %.3f, \"lanes\": %d, \"loss\": %g}\n",
      best[0] / steps * 1e6, best[1] * 1e3, dense ? "dense" : "sparse",
      (double)data.deviation_count / (double)data.rows, LANES, (double)(sink / (float)steps));
  return 0;
}
