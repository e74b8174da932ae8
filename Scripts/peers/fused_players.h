// The two players of fused_step.c: data, loss, and the gradient of a batch in blocks of rows.

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
