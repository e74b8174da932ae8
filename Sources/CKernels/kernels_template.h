// The kernels' source, included once for each precision and instruction set. The including file defines
//   T         the scalar type
//   TU        the unsigned integer type of the same width
//   NAME(x)   the function name x with the variant's suffix
//   T_EXP, T_LOG, T_LOG1P, T_TANH   elementary functions that the compiler can vectorise in single precision
// Loops are written so that the compiler vectorises them: no aliasing where operands differ, no branches inside,
// sums over a fixed number of lanes, so that their order does not depend on the machine's vector width.

#define LANES 16
#define RESTRICT restrict

static inline T NAME(sigmoid)(T x) {
  T e = T_EXP(x < 0 ? x : -x);
  T s = 1 / (1 + e);
  return x < 0 ? e * s : s;
}

static inline T NAME(softplus)(T x) { return (x > 0 ? x : 0) + T_LOG1P(T_EXP(x < 0 ? x : -x)); }

#define EACH(expression)                      \
  do {                                        \
    for (long i = 0; i < n; i++) {            \
      T v = x[i];                             \
      y[i] = (expression);                    \
    }                                         \
  } while (0)

static void NAME(unary)(eq_unary op, long n, double parameter, const void *xv, void *yv) {
  const T *RESTRICT x = xv;
  T *RESTRICT y = yv;
  T p = (T)parameter;
  switch (op) {
    case EQ_SCALE: EACH(p * v); break;
    case EQ_SHIFT: EACH(v + p); break;
    case EQ_RELU: EACH(v > 0 ? v : (v != v ? v : 0)); break;
    case EQ_LEAKY_RELU: EACH(v > 0 ? v : p * v); break;
    case EQ_TANH: EACH(T_TANH(v)); break;
    case EQ_SIGMOID: EACH(NAME(sigmoid)(v)); break;
    case EQ_SOFTPLUS: EACH(NAME(softplus)(v)); break;
    case EQ_EXP: EACH(T_EXP(v)); break;
    case EQ_LOG: EACH(T_LOG(v)); break;
    case EQ_SQUARE: EACH(v * v); break;
    case EQ_SQRT: EACH(T_SQRT(v)); break;
    case EQ_ABS: EACH(T_ABS(v)); break;
    case EQ_RECIPROCAL: EACH(1 / v); break;
  }
}
#undef EACH

#define EACH(expression)                                                                    \
  do {                                                                                      \
    if (accumulate)                                                                         \
      for (long i = 0; i < n; i++) { T v = x[i], w = y[i]; (void)v; (void)w; dx[i] += dy[i] * (expression); } \
    else                                                                                    \
      for (long i = 0; i < n; i++) { T v = x[i], w = y[i]; (void)v; (void)w; dx[i] = dy[i] * (expression); }  \
  } while (0)

static void NAME(unary_gradient)(eq_unary op, long n, double parameter, const void *xv, const void *yv,
                                 const void *dyv, void *dxv, int accumulate) {
  const T *RESTRICT x = xv, *RESTRICT y = yv, *RESTRICT dy = dyv;
  T *RESTRICT dx = dxv;
  T p = (T)parameter;
  switch (op) {
    case EQ_SCALE: EACH(p); break;
    case EQ_SHIFT: EACH((T)1); break;
    case EQ_RELU: EACH(v > 0 ? (T)1 : (T)0); break;
    case EQ_LEAKY_RELU: EACH(v > 0 ? (T)1 : p); break;
    case EQ_TANH: EACH(1 - w * w); break;
    case EQ_SIGMOID: EACH(w * (1 - w)); break;
    case EQ_SOFTPLUS: EACH(NAME(sigmoid)(v)); break;
    case EQ_EXP: EACH(w); break;
    case EQ_LOG: EACH(1 / v); break;
    case EQ_SQUARE: EACH(2 * v); break;
    case EQ_SQRT: EACH((T)0.5 / w); break;
    case EQ_ABS: EACH(v > 0 ? (T)1 : (v < 0 ? (T)-1 : (T)0)); break;
    case EQ_RECIPROCAL: EACH(-w * w); break;
  }
}
#undef EACH

#define EACH(expression)                                                         \
  for (long i = 0; i < rows; i++) {                                              \
    const T *ar = (const T *)a.data + i * a.row_stride;                          \
    const T *br = (const T *)b.data + i * b.row_stride;                          \
    T *RESTRICT o = out + i * columns;                                           \
    if (a.column_stride && b.column_stride)                                      \
      for (long j = 0; j < columns; j++) { T u = ar[j], v = br[j]; o[j] = (expression); } \
    else if (a.column_stride)                                                    \
      for (long j = 0; j < columns; j++) { T u = ar[j], v = br[0]; o[j] = (expression); } \
    else if (b.column_stride)                                                    \
      for (long j = 0; j < columns; j++) { T u = ar[0], v = br[j]; o[j] = (expression); } \
    else                                                                         \
      for (long j = 0; j < columns; j++) { T u = ar[0], v = br[0]; o[j] = (expression); } \
  }

static void NAME(binary)(eq_binary op, long rows, long columns, eq_view a, eq_view b, void *outv) {
  T *out = outv;
  switch (op) {
    case EQ_ADD: EACH(u + v); break;
    case EQ_SUBTRACT: EACH(u - v); break;
    case EQ_MULTIPLY: EACH(u * v); break;
  }
}
#undef EACH

static inline T NAME(lane_sum)(const T *RESTRICT lanes) {
  T sum = 0;
  for (int l = 0; l < LANES; l++) sum += lanes[l];
  return sum;
}

static void NAME(binary_gradient)(long rows, long columns, double sign, const void *dyv, eq_view other, int has_other,
                                  void *targetv, long row_stride, long column_stride) {
  const T *dy = dyv;
  T s = (T)sign;
  for (long i = 0; i < rows; i++) {
    const T *RESTRICT d = dy + i * columns;
    const T *RESTRICT o = has_other ? (const T *)other.data + i * other.row_stride : 0;
    T *RESTRICT t = (T *)targetv + i * row_stride;
    if (column_stride) {
      if (!has_other)
        for (long j = 0; j < columns; j++) t[j] += s * d[j];
      else if (other.column_stride)
        for (long j = 0; j < columns; j++) t[j] += s * d[j] * o[j];
      else
        for (long j = 0; j < columns; j++) t[j] += s * d[j] * o[0];
    } else {
      T lanes[LANES] = {0};
      long j = 0;
      for (; j + LANES <= columns; j += LANES)
        for (int l = 0; l < LANES; l++)
          lanes[l] += d[j + l] * (has_other ? o[(j + l) * other.column_stride] : 1);
      for (int l = 0; j < columns; j++, l++) lanes[l] += d[j] * (has_other ? o[j * other.column_stride] : 1);
      t[0] += s * NAME(lane_sum)(lanes);
    }
  }
}

static T NAME(sum)(long n, const T *RESTRICT x) {
  T lanes[LANES] = {0};
  long i = 0;
  for (; i + LANES <= n; i += LANES)
    for (int l = 0; l < LANES; l++) lanes[l] += x[i + l];
  for (int l = 0; i < n; i++, l++) lanes[l] += x[i];
  return NAME(lane_sum)(lanes);
}

static void NAME(reduce)(long rows, long columns, double scale, const void *xv, void *outv, long row_stride,
                         long column_stride) {
  const T *x = xv;
  T *RESTRICT out = outv;
  T s = (T)scale;
  if (!row_stride && !column_stride) {
    out[0] = s * NAME(sum)(rows * columns, x);
  } else if (row_stride) {
    for (long i = 0; i < rows; i++) out[i] = s * NAME(sum)(columns, x + i * columns);
  } else {
    for (long j = 0; j < columns; j++) out[j] = 0;
    for (long i = 0; i < rows; i++)
      for (long j = 0; j < columns; j++) out[j] += x[i * columns + j];
    for (long j = 0; j < columns; j++) out[j] *= s;
  }
}

static void NAME(broadcast)(long rows, long columns, double scale, eq_view x, void *outv, int accumulate) {
  T s = (T)scale;
  for (long i = 0; i < rows; i++) {
    const T *RESTRICT v = (const T *)x.data + i * x.row_stride;
    T *RESTRICT out = (T *)outv + i * columns;
    if (accumulate) {
      if (x.column_stride)
        for (long j = 0; j < columns; j++) out[j] += s * v[j];
      else
        for (long j = 0; j < columns; j++) out[j] += s * v[0];
    } else {
      if (x.column_stride)
        for (long j = 0; j < columns; j++) out[j] = s * v[j];
      else
        for (long j = 0; j < columns; j++) out[j] = s * v[0];
    }
  }
}

static T NAME(maximum)(long n, const T *RESTRICT x) {
  T best = x[0];
  for (long i = 1; i < n; i++) best = x[i] > best ? x[i] : best;
  return best;
}

static void NAME(softmax)(long rows, long columns, const void *xv, void *yv) {
  for (long i = 0; i < rows; i++) {
    const T *RESTRICT x = (const T *)xv + i * columns;
    T *RESTRICT y = (T *)yv + i * columns;
    T largest = NAME(maximum)(columns, x);
    for (long j = 0; j < columns; j++) y[j] = T_EXP(x[j] - largest);
    T factor = 1 / NAME(sum)(columns, y);
    for (long j = 0; j < columns; j++) y[j] *= factor;
  }
}

static void NAME(softmax_gradient)(long rows, long columns, const void *yv, const void *dyv, void *dxv,
                                   int accumulate) {
  for (long i = 0; i < rows; i++) {
    const T *RESTRICT y = (const T *)yv + i * columns, *RESTRICT dy = (const T *)dyv + i * columns;
    T *RESTRICT dx = (T *)dxv + i * columns;
    T inner = 0;
    for (long j = 0; j < columns; j++) inner += y[j] * dy[j];
    for (long j = 0; j < columns; j++) {
      T g = y[j] * (dy[j] - inner);
      dx[j] = accumulate ? dx[j] + g : g;
    }
  }
}

static void NAME(log_sum_exp)(long rows, long columns, const void *xv, void *yv) {
  T *RESTRICT y = yv;
  for (long i = 0; i < rows; i++) {
    const T *RESTRICT x = (const T *)xv + i * columns;
    T largest = NAME(maximum)(columns, x);
    T total = 0;
    for (long j = 0; j < columns; j++) total += T_EXP(x[j] - largest);
    y[i] = largest + T_LOG(total);
  }
}

static void NAME(log_sum_exp_gradient)(long rows, long columns, const void *xv, const void *yv, const void *dyv,
                                       void *dxv, int accumulate) {
  const T *RESTRICT y = yv, *RESTRICT dy = dyv;
  for (long i = 0; i < rows; i++) {
    const T *RESTRICT x = (const T *)xv + i * columns;
    T *RESTRICT dx = (T *)dxv + i * columns;
    for (long j = 0; j < columns; j++) {
      T g = dy[i] * T_EXP(x[j] - y[i]);
      dx[j] = accumulate ? dx[j] + g : g;
    }
  }
}

static void NAME(copy_columns)(long rows, long columns, const void *fromv, long from_stride, void *tov,
                               long to_stride, int accumulate) {
  for (long i = 0; i < rows; i++) {
    const T *RESTRICT from = (const T *)fromv + i * from_stride;
    T *RESTRICT to = (T *)tov + i * to_stride;
    if (accumulate)
      for (long j = 0; j < columns; j++) to[j] += from[j];
    else
      for (long j = 0; j < columns; j++) to[j] = from[j];
  }
}

static void NAME(dropout)(long n, double p, const void *xv, void *yv, void *maskv, eq_noise *noise) {
  const T *RESTRICT x = xv;
  T *RESTRICT y = yv, *RESTRICT mask = maskv;
  T scale = (T)(1 / (1 - p));
  uint32_t threshold = noise_threshold(p);
  eq_generator g;
  noise_load(&g, noise);
  for (long i = 0; i < n; i += LANES) {
    uint32_t bits[LANES];
    noise_next(&g, bits);
    long end = n - i < LANES ? n - i : LANES;
    for (long l = 0; l < end; l++) {
      mask[i + l] = bits[l] >= threshold ? scale : 0;
      y[i + l] = x[i + l] * mask[i + l];
    }
  }
  noise_store(noise, &g);
}

static void NAME(product)(long n, const void *av, const void *bv, void *outv, int accumulate) {
  const T *RESTRICT a = av, *RESTRICT b = bv;
  T *RESTRICT out = outv;
  if (accumulate)
    for (long i = 0; i < n; i++) out[i] += a[i] * b[i];
  else
    for (long i = 0; i < n; i++) out[i] = a[i] * b[i];
}

static void NAME(bias_activation)(long rows, long columns, const void *biasv, void *yv, int relu, double p,
                                  eq_noise *noise) {
  const T *RESTRICT bias = biasv;
  if (!relu && p == 0) {
    for (long i = 0; i < rows; i++) {
      T *RESTRICT y = (T *)yv + i * columns;
      for (long j = 0; j < columns; j++) y[j] += bias[j];
    }
    return;
  }
  // With no ReLU the floor is −∞, so that one loop serves both; a NaN stays a NaN.
  T floor = relu ? 0 : -T_INFINITY;
  if (p == 0) {
    for (long i = 0; i < rows; i++) {
      T *RESTRICT y = (T *)yv + i * columns;
      for (long j = 0; j < columns; j++) {
        T v = y[j] + bias[j];
        y[j] = v < floor ? floor : v;
      }
    }
    return;
  }
  T scale = (T)(1 / (1 - p));
  uint32_t threshold = noise_threshold(p);
  eq_generator g;
  noise_load(&g, noise);
  for (long i = 0; i < rows; i++) {
    T *RESTRICT y = (T *)yv + i * columns;
    long j = 0;
    for (; j + LANES <= columns; j += LANES) {
      uint32_t bits[LANES];
      noise_next(&g, bits);
      for (int l = 0; l < LANES; l++) {
        T v = y[j + l] + bias[j + l];
        v = v < floor ? floor : v;
        y[j + l] = bits[l] >= threshold ? v * scale : 0;
      }
    }
    if (j < columns) {
      uint32_t bits[LANES];
      noise_next(&g, bits);
      for (int l = 0; j < columns; j++, l++) {
        T v = y[j] + bias[j];
        v = v < floor ? floor : v;
        y[j] = bits[l] >= threshold ? v * scale : 0;
      }
    }
  }
  noise_store(noise, &g);
}

static void NAME(bias_activation_gradient)(long rows, long columns, const void *yv, void *dyv, int relu, double p,
                                           void *biasv, int accumulate) {
  T *RESTRICT bias = biasv;
  T scale = (T)(1 / (1 - p));
  if (relu || p != 0) {
    // Where the value is 0 the unit was off or dropped; both pass nothing on. Only ReLU makes that certain, so
    // the planner fuses dropout with ReLU alone.
    for (long i = 0; i < rows; i++) {
      const T *RESTRICT y = (const T *)yv + i * columns;
      T *RESTRICT dy = (T *)dyv + i * columns;
      for (long j = 0; j < columns; j++) dy[j] = y[j] > 0 ? dy[j] * scale : (y[j] != y[j] ? y[j] : 0);
    }
  }
  if (!bias) return;
  if (!accumulate)
    for (long j = 0; j < columns; j++) bias[j] = 0;
  for (long i = 0; i < rows; i++) {
    const T *RESTRICT dy = (const T *)dyv + i * columns;
    for (long j = 0; j < columns; j++) bias[j] += dy[j];
  }
}

#define EACH(expression)                                                                     \
  do {                                                                                       \
    if (weights)                                                                             \
      for (long i = 0; i < n; i++) { T v = x[i], u = t[i]; y[i] = weights[i] * (expression); } \
    else                                                                                     \
      for (long i = 0; i < n; i++) { T v = x[i], u = t[i]; y[i] = (expression); }             \
  } while (0)

static void NAME(loss)(eq_loss op, long n, const void *xv, const void *tv, const void *weightsv, void *yv) {
  const T *RESTRICT x = xv, *RESTRICT t = tv, *RESTRICT weights = weightsv;
  T *RESTRICT y = yv;
  switch (op) {
    case EQ_BINARY_CROSS_ENTROPY: EACH((v > 0 ? v : 0) - v * u + T_LOG1P(T_EXP(v < 0 ? v : -v))); break;
    case EQ_SQUARED_ERROR: EACH((v - u) * (v - u)); break;
    case EQ_HINGE: EACH(T_RAMP(1 - (2 * u - 1) * v)); break;
  }
}
#undef EACH

#define EACH(expression)                                                                           \
  do {                                                                                             \
    for (long i = 0; i < n; i++) {                                                                 \
      T v = x[i], u = t[i];                                                                        \
      T g = dy[i] * (weights ? weights[i] : 1) * (expression);                                     \
      dx[i] = accumulate ? dx[i] + g : g;                                                          \
    }                                                                                              \
  } while (0)

static void NAME(loss_gradient)(eq_loss op, long n, const void *xv, const void *tv, const void *weightsv,
                                const void *dyv, void *dxv, int accumulate) {
  const T *RESTRICT x = xv, *RESTRICT t = tv, *RESTRICT weights = weightsv, *RESTRICT dy = dyv;
  T *RESTRICT dx = dxv;
  switch (op) {
    case EQ_BINARY_CROSS_ENTROPY: EACH(NAME(sigmoid)(v) - u); break;
    case EQ_SQUARED_ERROR: EACH(2 * (v - u)); break;
    case EQ_HINGE: EACH((2 * u - 1) * v < 1 ? 1 - 2 * u : 0); break;
  }
}
#undef EACH

static void NAME(cross_entropy)(long rows, long columns, const void *xv, const void *tv, const void *weightsv,
                                void *yv) {
  const T *weights = weightsv;
  T *RESTRICT y = yv;
  for (long i = 0; i < rows; i++) {
    const T *RESTRICT x = (const T *)xv + i * columns, *RESTRICT t = (const T *)tv + i * columns;
    T largest = NAME(maximum)(columns, x);
    T total = 0, picked = 0, mass = 0;
    for (long j = 0; j < columns; j++) {
      total += T_EXP(x[j] - largest);
      picked += t[j] * (x[j] - largest);
      mass += t[j];
    }
    // The last term is 0 where the targets of a row sum to 1, as they should.
    y[i] = (weights ? weights[i] : 1) * (T_LOG(total) - picked + largest * (1 - mass));
  }
}

static void NAME(cross_entropy_gradient)(long rows, long columns, const void *xv, const void *tv,
                                         const void *weightsv, const void *dyv, void *dxv, int accumulate) {
  const T *weights = weightsv;
  const T *RESTRICT dy = dyv;
  for (long i = 0; i < rows; i++) {
    const T *RESTRICT x = (const T *)xv + i * columns, *RESTRICT t = (const T *)tv + i * columns;
    T *RESTRICT dx = (T *)dxv + i * columns;
    T largest = NAME(maximum)(columns, x);
    T total = 0;
    for (long j = 0; j < columns; j++) total += T_EXP(x[j] - largest);
    T factor = dy[i] * (weights ? weights[i] : 1);
    T share = 1 / total;
    for (long j = 0; j < columns; j++) {
      T g = factor * (T_EXP(x[j] - largest) * share - t[j]);
      dx[j] = accumulate ? dx[j] + g : g;
    }
  }
}

static void NAME(outer)(long rows, long columns, const void *xv, const void *wv, void *outv) {
  const T *RESTRICT x = xv, *RESTRICT w = wv;
  for (long i = 0; i < rows; i++) {
    T *RESTRICT out = (T *)outv + i * columns;
    for (long j = 0; j < columns; j++) out[j] = x[i] * w[j];
  }
}

static void NAME(row_dots)(long rows, long columns, const void *xv, const void *wv, void *outv, int accumulate) {
  const T *RESTRICT w = wv;
  T *RESTRICT out = outv;
  for (long i = 0; i < rows; i++) {
    const T *RESTRICT x = (const T *)xv + i * columns;
    T lanes[LANES] = {0};
    long j = 0;
    for (; j + LANES <= columns; j += LANES)
      for (int l = 0; l < LANES; l++) lanes[l] += x[j + l] * w[j + l];
    for (int l = 0; j < columns; j++, l++) lanes[l] += x[j] * w[j];
    T sum = NAME(lane_sum)(lanes);
    out[i] = accumulate ? out[i] + sum : sum;
  }
}

static void NAME(weighted_row_sum)(long rows, long columns, const void *xv, const void *wv, void *outv,
                                   int accumulate) {
  const T *RESTRICT w = wv;
  T *RESTRICT out = outv;
  if (!accumulate)
    for (long j = 0; j < columns; j++) out[j] = 0;
  for (long i = 0; i < rows; i++) {
    const T *RESTRICT x = (const T *)xv + i * columns;
    for (long j = 0; j < columns; j++) out[j] += x[j] * w[i];
  }
}

// Eight rows and 32 columns of the product stay in registers while the inner index goes by.
static inline __attribute__((always_inline)) void NAME(product_tile)(long count, long width, long columns, long inner,
                                                                     const T *RESTRICT a, long a_row_stride,
                                                                     long a_inner_stride, const T *RESTRICT b,
                                                                     T *RESTRICT c, int accumulate) {
  T sums[8][32];
  for (long i = 0; i < count; i++)
    for (long l = 0; l < width; l++) sums[i][l] = accumulate ? c[i * columns + l] : 0;
  for (long p = 0; p < inner; p++) {
    const T *row = b + p * columns;
    for (long i = 0; i < count; i++) {
      T value = a[i * a_row_stride + p * a_inner_stride];
      for (long l = 0; l < width; l++) sums[i][l] += value * row[l];
    }
  }
  for (long i = 0; i < count; i++)
    for (long l = 0; l < width; l++) c[i * columns + l] = sums[i][l];
}

static void NAME(tile_product)(long rows, long columns, long inner, const void *av, long a_row_stride,
                               long a_inner_stride, const void *bv, void *cv, int accumulate) {
  for (long j = 0; j < columns; j += 32) {
    long width = columns - j < 32 ? 16 : 32;
    const T *b = (const T *)bv + j;
    long i = 0;
#define ROWS(count)                                                                                                   \
  for (; i + count <= rows; i += count) {                                                                             \
    const T *a = (const T *)av + i * a_row_stride;                                                                    \
    T *c = (T *)cv + i * columns + j;                                                                                 \
    if (width == 32)                                                                                                  \
      NAME(product_tile)(count, 32, columns, inner, a, a_row_stride, a_inner_stride, b, c, accumulate);               \
    else                                                                                                              \
      NAME(product_tile)(count, 16, columns, inner, a, a_row_stride, a_inner_stride, b, c, accumulate);               \
  }
    ROWS(8)
    ROWS(1)
#undef ROWS
  }
}

static void NAME(transpose)(long rows, long columns, const void *fromv, void *tov) {
  const T *RESTRICT from = fromv;
  T *RESTRICT to = tov;
  for (long i = 0; i < rows; i += 8)
    for (long j = 0; j < columns; j++)
      for (long l = i; l < (i + 8 < rows ? i + 8 : rows); l++) to[j * rows + l] = from[l * columns + j];
}

// Columns are taken in tiles of up to TILE, whose sums stay in registers while a row's deviations go by. `width` is a
// constant at each call, so that the loops over it unroll.
#define TILE 64

static inline __attribute__((always_inline)) void NAME(sparse_tile)(long count, long inner, long columns, eq_rows rows,
                                                                    const int32_t *RESTRICT indices,
                                                                    const T *RESTRICT w, T *RESTRICT out, long width) {
  const T *base = rows.base, *values = rows.values;
  T start[TILE] = {0};
  for (long k = 0; k < inner; k++)
    for (long l = 0; l < width; l++) start[l] += base[k] * w[k * columns + l];
  for (long i = 0; i < count; i++) {
    T sums[TILE];
    for (long l = 0; l < width; l++) sums[l] = start[l];
    for (int32_t p = rows.starts[indices[i]]; p < rows.starts[indices[i] + 1]; p++) {
      const T *RESTRICT row = w + (long)rows.columns[p] * columns;
      T value = values[p];
      for (long l = 0; l < width; l++) sums[l] += value * row[l];
    }
    for (long l = 0; l < width; l++) out[i * columns + l] = sums[l];
  }
}

static void NAME(sparse_product)(long count, long inner, long columns, eq_rows rows, const int32_t *indices,
                                 const void *wv, void *outv) {
  for (long j = 0; j < columns; j += TILE) {
    const T *w = (const T *)wv + j;
    T *out = (T *)outv + j;
    long width = columns - j < TILE ? columns - j : TILE;
    switch (width) {
      case 16: NAME(sparse_tile)(count, inner, columns, rows, indices, w, out, 16); break;
      case 32: NAME(sparse_tile)(count, inner, columns, rows, indices, w, out, 32); break;
      case 64: NAME(sparse_tile)(count, inner, columns, rows, indices, w, out, 64); break;
      default: NAME(sparse_tile)(count, inner, columns, rows, indices, w, out, width); break;
    }
  }
}

static inline __attribute__((always_inline)) void NAME(sparse_gradient_tile)(
    long count, long inner, long columns, eq_rows rows, const int32_t *RESTRICT indices, const T *RESTRICT dy,
    T *RESTRICT dw, int accumulate, long width) {
  const T *base = rows.base, *values = rows.values;
  T sums[TILE] = {0};
  for (long i = 0; i < count; i++)
    for (long l = 0; l < width; l++) sums[l] += dy[i * columns + l];
  for (long k = 0; k < inner; k++) {
    T *RESTRICT row = dw + k * columns;
    T b = base[k];
    if (accumulate)
      for (long l = 0; l < width; l++) row[l] += b * sums[l];
    else
      for (long l = 0; l < width; l++) row[l] = b * sums[l];
  }
  for (long i = 0; i < count; i++) {
    T g[TILE];
    for (long l = 0; l < width; l++) g[l] = dy[i * columns + l];
    for (int32_t p = rows.starts[indices[i]]; p < rows.starts[indices[i] + 1]; p++) {
      T *RESTRICT row = dw + (long)rows.columns[p] * columns;
      T value = values[p];
      for (long l = 0; l < width; l++) row[l] += value * g[l];
    }
  }
}

static void NAME(sparse_product_gradient)(long count, long inner, long columns, eq_rows rows, const int32_t *indices,
                                          const void *dyv, void *dwv, int accumulate) {
  for (long j = 0; j < columns; j += TILE) {
    const T *dy = (const T *)dyv + j;
    T *dw = (T *)dwv + j;
    long width = columns - j < TILE ? columns - j : TILE;
    switch (width) {
      case 16: NAME(sparse_gradient_tile)(count, inner, columns, rows, indices, dy, dw, accumulate, 16); break;
      case 32: NAME(sparse_gradient_tile)(count, inner, columns, rows, indices, dy, dw, accumulate, 32); break;
      case 64: NAME(sparse_gradient_tile)(count, inner, columns, rows, indices, dy, dw, accumulate, 64); break;
      default: NAME(sparse_gradient_tile)(count, inner, columns, rows, indices, dy, dw, accumulate, width); break;
    }
  }
}
#undef TILE

static void NAME(gather_rows)(long rows, long columns, const int32_t *indices, const void *fromv, void *tov) {
  const T *from = fromv;
  T *RESTRICT to = tov;
  if (columns == 1) {
    for (long i = 0; i < rows; i++) to[i] = from[indices[i]];
    return;
  }
  for (long i = 0; i < rows; i++)
    memcpy(to + i * columns, from + (long)indices[i] * columns, (size_t)columns * sizeof(T));
}

static double NAME(dot)(long n, const void *av, const void *bv) {
  const T *RESTRICT a = av, *RESTRICT b = bv;
  double lanes[LANES] = {0};
  long i = 0;
  for (; i + LANES <= n; i += LANES)
    for (int l = 0; l < LANES; l++) lanes[l] += (double)a[i + l] * (double)b[i + l];
  for (int l = 0; i < n; i++, l++) lanes[l] += (double)a[i] * (double)b[i];
  double sum = 0;
  for (int l = 0; l < LANES; l++) sum += lanes[l];
  return sum;
}

static void NAME(axpy)(long n, double scale, const void *xv, void *yv) {
  const T *RESTRICT x = xv;
  T *RESTRICT y = yv;
  T s = (T)scale;
  for (long i = 0; i < n; i++) y[i] += s * x[i];
}

#ifndef T_OWN_ADAM
static void NAME(adam)(long n, void *parametersv, const void *gradientv, void *firstv, void *secondv,
                       eq_adam settings) {
  T *RESTRICT parameters = parametersv, *RESTRICT first = firstv, *RESTRICT second = secondv;
  const T *RESTRICT gradient = gradientv;
  T rest1 = (T)(1 - settings.beta1), beta2 = (T)settings.beta2, rest2 = (T)(1 - settings.beta2);
  T epsilon = (T)(settings.epsilon * settings.second_root), decay = (T)settings.weight_decay;
  T rate = (T)(settings.corrected_rate * settings.second_root);
  for (long i = 0; i < n; i++) {
    T g = gradient[i] + decay * parameters[i];
    T m = first[i] + rest1 * (g - first[i]);
    T v = beta2 * second[i] + rest2 * g * g;
    // Where the gradient stays 0, as behind a dead unit, the moments decay into subnormal numbers, which are slow by
    // a factor of a hundred. Below T_TINY neither changes a parameter.
    m = T_ABS(m) < T_TINY ? 0 : m;
    v = v < T_TINY ? 0 : v;
    first[i] = m;
    second[i] = v;
    // rate·m / (√v/root + ε), with one division.
    parameters[i] -= rate * m / (T_SQRT(v) + epsilon);
  }
}
#endif

static void NAME(sgd)(long n, void *parametersv, const void *gradientv, void *velocityv, double rate, double momentum,
                      double weight_decay, int nesterov, int first_step) {
  T *RESTRICT parameters = parametersv, *RESTRICT velocity = velocityv;
  const T *RESTRICT gradient = gradientv;
  T r = (T)rate, m = (T)momentum, d = (T)weight_decay;
  if (momentum == 0) {
    for (long i = 0; i < n; i++) parameters[i] -= r * (gradient[i] + d * parameters[i]);
    return;
  }
  for (long i = 0; i < n; i++) {
    T g = gradient[i] + d * parameters[i];
    velocity[i] = first_step ? g : m * velocity[i] + g;
    parameters[i] -= r * (nesterov ? g + m * velocity[i] : velocity[i]);
  }
}

static void NAME(adagrad)(long n, void *parametersv, const void *gradientv, void *sumv, double rate, double epsilon,
                          double weight_decay) {
  T *RESTRICT parameters = parametersv, *RESTRICT sum = sumv;
  const T *RESTRICT gradient = gradientv;
  T r = (T)rate, e = (T)epsilon, d = (T)weight_decay;
  for (long i = 0; i < n; i++) {
    T g = gradient[i] + d * parameters[i];
    sum[i] += g * g;
    parameters[i] -= r * g / (T_SQRT(sum[i]) + e);
  }
}

static const eq_kernels NAME(table) = {
    .name = VARIANT,
    .unary = NAME(unary),
    .unary_gradient = NAME(unary_gradient),
    .binary = NAME(binary),
    .binary_gradient = NAME(binary_gradient),
    .reduce = NAME(reduce),
    .broadcast = NAME(broadcast),
    .softmax = NAME(softmax),
    .softmax_gradient = NAME(softmax_gradient),
    .log_sum_exp = NAME(log_sum_exp),
    .log_sum_exp_gradient = NAME(log_sum_exp_gradient),
    .copy_columns = NAME(copy_columns),
    .dropout = NAME(dropout),
    .product = NAME(product),
    .bias_activation = NAME(bias_activation),
    .bias_activation_gradient = NAME(bias_activation_gradient),
    .loss = NAME(loss),
    .loss_gradient = NAME(loss_gradient),
    .cross_entropy = NAME(cross_entropy),
    .cross_entropy_gradient = NAME(cross_entropy_gradient),
    .tile_product = NAME(tile_product),
    .transpose = NAME(transpose),
    .outer = NAME(outer),
    .row_dots = NAME(row_dots),
    .weighted_row_sum = NAME(weighted_row_sum),
    .sparse_product = NAME(sparse_product),
    .sparse_product_gradient = NAME(sparse_product_gradient),
    .gather_rows = NAME(gather_rows),
    .dot = NAME(dot),
    .axpy = NAME(axpy),
    .adam = NAME(adam),
    .sgd = NAME(sgd),
    .adagrad = NAME(adagrad),
};

#undef LANES
#undef RESTRICT
