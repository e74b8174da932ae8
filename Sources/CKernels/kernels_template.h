// The kernels' source, included once for each precision and instruction set. The including file defines
//   T         the scalar type
//   TU        the unsigned integer type of the same width
//   NAME(x)   the function name x with the variant's suffix
//   T_EXP, T_LOG, T_LOG1P, T_TANH   elementary functions that the compiler can vectorise in single precision
// Loops are written so that the compiler vectorises them: no aliasing where operands differ, no branches inside,
// sums over a fixed number of lanes, so that their order does not depend on the machine's vector width.

#define LANES 16
#define RESTRICT restrict

// Sixteen values side by side, whatever the width of the machine's registers: loops over them have neither a remainder
// nor a trip count that the compiler would have to guess.
typedef T NAME(lanes) __attribute__((ext_vector_type(LANES)));
typedef TI NAME(mask) __attribute__((ext_vector_type(LANES)));
typedef T NAME(quarter) __attribute__((ext_vector_type(4)));
#define V NAME(lanes)

static inline __attribute__((always_inline)) V NAME(load)(const T *from) {
  V v;
  memcpy(&v, from, sizeof v);
  return v;
}

static inline __attribute__((always_inline)) void NAME(store)(T *to, V v) { memcpy(to, &v, sizeof v); }

/// The first `count` lanes, the others 0.
static inline V NAME(load_part)(const T *from, long count) {
  V v = 0;
  memcpy(&v, from, (size_t)count * sizeof(T));
  return v;
}

static inline void NAME(store_part)(T *to, V v, long count) { memcpy(to, &v, (size_t)count * sizeof(T)); }

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

// to[j] = or += scale · the sum of the lanes of column j.
static inline void NAME(fold)(V sums, long columns, T scale, T *to, int accumulate) {
  T lanes[LANES];
  NAME(store)(lanes, sums);
  for (long j = 0; j < columns; j++) {
    T sum = 0;
    for (long l = j; l < LANES; l += columns) sum += lanes[l];
    to[j] = accumulate ? to[j] + scale * sum : scale * sum;
  }
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
  } else if (LANES % columns == 0) {
    // Lane l holds sums of column l % columns.
    V sums = 0;
    long count = rows * columns, i = 0;
    for (; i + LANES <= count; i += LANES) sums += NAME(load)(x + i);
    if (i < count) sums += NAME(load_part)(x + i, count - i);
    NAME(fold)(sums, columns, s, out, 0);
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
    eq_words words = noise_next(&g);
    memcpy(bits, &words, sizeof bits);
    long end = n - i < LANES ? n - i : LANES;
    for (long l = 0; l < end; l++) {
      mask[i + l] = bits[l] >= threshold ? scale : 0;
      y[i + l] = x[i + l] * mask[i + l];
    }
  }
  noise_store(noise, &g);
}

static void NAME(skip_noise)(long draws, eq_noise *noise) {
  eq_generator g;
  noise_load(&g, noise);
  for (long i = 0; i < draws; i++) noise_next(&g);
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

static inline __attribute__((always_inline)) V NAME(drop)(V v, T scale, uint32_t threshold, eq_generator *generator) {
  NAME(mask) kept = __builtin_convertvector((eq_signed_words)(noise_next(generator) >= threshold), NAME(mask));
  return kept ? v * scale : (V)0;
}

// Functions of their own, so that their registers do not press on those of a product.
#define EACH(expression)                                                                        \
  for (long i = 0; i < rows; i++, y += columns) {                                               \
    long j = 0;                                                                                 \
    for (; j + LANES <= columns; j += LANES) {                                                  \
      V v = NAME(load)(y + j) + NAME(load)(bias + j);                                           \
      v = v < floor ? (V)floor : v;                                                             \
      NAME(store)(y + j, expression);                                                           \
    }                                                                                           \
    if (j < columns) {                                                                          \
      V v = NAME(load_part)(y + j, columns - j) + NAME(load_part)(bias + j, columns - j);       \
      v = v < floor ? (V)floor : v;                                                             \
      NAME(store_part)(y + j, expression, columns - j);                                         \
    }                                                                                           \
  }

static __attribute__((noinline)) void NAME(activate_keeping)(long rows, long columns, T *RESTRICT y,
                                                             const T *RESTRICT bias, T floor) {
  EACH(v)
}

static __attribute__((noinline)) void NAME(activate_dropping)(long rows, long columns, T *RESTRICT y,
                                                              const T *RESTRICT bias, T floor, double p,
                                                              eq_noise *noise) {
  T scale = (T)(1 / (1 - p));
  uint32_t threshold = noise_threshold(p);
  eq_generator generator;
  noise_load(&generator, noise);
  EACH(NAME(drop)(v, scale, threshold, &generator))
  noise_store(noise, &generator);
}
#undef EACH

// Rows so narrow that a vector holds several of them, whole ones: lane l is of column l % columns, a power of two.
static void NAME(activate_narrow)(long rows, long columns, T *RESTRICT y, const T *RESTRICT bias, T floor) {
  T repeated[LANES];
  for (long l = 0; l < LANES; l++) repeated[l] = bias[l & (columns - 1)];
  V b = NAME(load)(repeated);
  long count = rows * columns, i = 0;
  for (; i + LANES <= count; i += LANES) {
    V v = NAME(load)(y + i) + b;
    NAME(store)(y + i, v < floor ? (V)floor : v);
  }
  if (i < count) {
    V v = NAME(load_part)(y + i, count - i) + b;
    NAME(store_part)(y + i, v < floor ? (V)floor : v, count - i);
  }
}

static void NAME(bias_activation)(long rows, long columns, void *y, const eq_activation *after) {
  // With no ReLU the floor is −∞, so that one loop serves both; a NaN stays a NaN.
  T floor = after->relu ? 0 : -T_INFINITY;
  if (after->drop == 0 && LANES % columns == 0)
    NAME(activate_narrow)(rows, columns, y, after->bias, floor);
  else if (after->drop == 0)
    NAME(activate_keeping)(rows, columns, y, after->bias, floor);
  else
    NAME(activate_dropping)(rows, columns, y, after->bias, floor, after->drop, after->noise);
}

// Where the value is 0 the unit was off or dropped; both pass nothing on. Only ReLU makes that certain, so the planner
// fuses dropout with ReLU alone.
static inline __attribute__((always_inline)) V NAME(gradient_behind)(V y, V dy, T scale) {
  V passed = y > 0 ? dy * scale : (V)0;
  return y != y ? y : passed;
}

static inline __attribute__((always_inline)) void NAME(bias_activation_gradient_tile)(
    long rows, long width, long columns, const T *RESTRICT y, T *RESTRICT dy, int relu, T scale, T *RESTRICT bias,
    int accumulate) {
  V sums[4] = {0};
  for (long i = 0; i < rows; i++)
    for (long l = 0; l < width / LANES; l++) {
      T *place = dy + i * columns + l * LANES;
      V g = NAME(load)(place);
      if (relu) {
        g = NAME(gradient_behind)(NAME(load)(y + i * columns + l * LANES), g, scale);
        NAME(store)(place, g);
      }
      sums[l] += g;
    }
  if (!bias) return;
  for (long l = 0; l < width / LANES; l++)
    NAME(store)(bias + l * LANES, accumulate ? NAME(load)(bias + l * LANES) + sums[l] : sums[l]);
}

static void NAME(bias_activation_gradient)(long rows, long columns, const void *yv, void *dyv, int relu, double p,
                                           void *biasv, int accumulate) {
  const T *y = yv;
  T *dy = dyv, *bias = biasv;
  T scale = (T)(1 / (1 - p));
  if (LANES % columns == 0) {
    V sums = 0;
    long count = rows * columns;
    for (long i = 0; i < count; i += LANES) {
      long part = count - i < LANES ? count - i : LANES;
      V g = part == LANES ? NAME(load)(dy + i) : NAME(load_part)(dy + i, part);
      if (relu) {
        V value = part == LANES ? NAME(load)(y + i) : NAME(load_part)(y + i, part);
        g = NAME(gradient_behind)(value, g, scale);
        if (part == LANES)
          NAME(store)(dy + i, g);
        else
          NAME(store_part)(dy + i, g, part);
      }
      sums += g;
    }
    if (bias) NAME(fold)(sums, columns, 1, bias, accumulate);
    return;
  }
  long j = 0;
#define TILES(width)                                                                                              \
  for (; j + width <= columns; j += width)                                                                        \
    NAME(bias_activation_gradient_tile)(rows, width, columns, y + j, dy + j, relu, scale, bias ? bias + j : 0,    \
                                        accumulate);
  TILES(64)
  TILES(32)
  TILES(16)
#undef TILES
  if (j == columns) return;
  V sum = 0;
  for (long i = 0; i < rows; i++) {
    T *place = dy + i * columns + j;
    V g = NAME(load_part)(place, columns - j);
    if (relu) {
      g = NAME(gradient_behind)(NAME(load_part)(y + i * columns + j, columns - j), g, scale);
      NAME(store_part)(place, g, columns - j);
    }
    sum += g;
  }
  if (!bias) return;
  if (accumulate) sum += NAME(load_part)(bias + j, columns - j);
  NAME(store_part)(bias + j, sum, columns - j);
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

// Lane l becomes x[l ^ distance]: where the lane's bit is set, of the second vector, else of the first.
#define ACROSS(l, d) (((l) & (d)) ? LANES + ((l) ^ (d)) : ((l) ^ (d)))
#define WITHIN(l, d) (((l) & (d)) ? LANES + (l) : (l))
#define SHUFFLE(x, y, pick, d)                                                                                        \
  __builtin_shufflevector(x, y, pick(0, d), pick(1, d), pick(2, d), pick(3, d), pick(4, d), pick(5, d), pick(6, d), \
                          pick(7, d), pick(8, d), pick(9, d), pick(10, d), pick(11, d), pick(12, d), pick(13, d),    \
                          pick(14, d), pick(15, d))

/// A vector of the sums of sixteen vectors: halves are added until one is left.
static inline __attribute__((always_inline)) V NAME(sums)(V *v) {
#define HALVE(d) \
  for (int i = 0; i < d; i++) v[i] = SHUFFLE(v[i], v[i + d], WITHIN, d) + SHUFFLE(v[i], v[i + d], ACROSS, d);
  HALVE(8)
  HALVE(4)
  HALVE(2)
  HALVE(1)
#undef HALVE
  return v[0];
}

/// x·w for `count` (at most 16) rows of x; w is one column.
static inline __attribute__((always_inline)) V NAME(dots)(long count, long columns, const T *RESTRICT x,
                                                          const T *RESTRICT w) {
  V totals[LANES] = {0};
  long j = 0;
  for (; j + LANES <= columns; j += LANES) {
    V factor = NAME(load)(w + j);
    for (long i = 0; i < count; i++) totals[i] += NAME(load)(x + i * columns + j) * factor;
  }
  if (j < columns) {
    V factor = NAME(load_part)(w + j, columns - j);
    for (long i = 0; i < count; i++) totals[i] += NAME(load_part)(x + i * columns + j, columns - j) * factor;
  }
  return NAME(sums)(totals);
}

// Sixteen rows of four columns become four rows of sixteen. Quarters of a vector come from four rows, so that only the
// four values within each quarter are left to be turned.
static inline __attribute__((always_inline)) void NAME(transpose_tile)(const T *RESTRICT from, long from_stride,
                                                                       T *RESTRICT to, long to_stride) {
  V v[4];
  for (int k = 0; k < 4; k++) {
    NAME(quarter) q[4];
    for (int i = 0; i < 4; i++) memcpy(&q[i], from + (4 * i + k) * from_stride, sizeof q[i]);
    v[k] = __builtin_shufflevector(__builtin_shufflevector(q[0], q[1], 0, 1, 2, 3, 4, 5, 6, 7),
                                   __builtin_shufflevector(q[2], q[3], 0, 1, 2, 3, 4, 5, 6, 7), 0, 1, 2, 3, 4, 5, 6, 7,
                                   8, 9, 10, 11, 12, 13, 14, 15);
  }
#define QUARTERS(a, b, c, d) \
  a, b, c, d, (a) + 4, (b) + 4, (c) + 4, (d) + 4, (a) + 8, (b) + 8, (c) + 8, (d) + 8, (a) + 12, (b) + 12, (c) + 12, (d) + 12
  V low = __builtin_shufflevector(v[0], v[1], QUARTERS(0, 16, 1, 17));
  V high = __builtin_shufflevector(v[0], v[1], QUARTERS(2, 18, 3, 19));
  V other_low = __builtin_shufflevector(v[2], v[3], QUARTERS(0, 16, 1, 17));
  V other_high = __builtin_shufflevector(v[2], v[3], QUARTERS(2, 18, 3, 19));
  NAME(store)(to, __builtin_shufflevector(low, other_low, QUARTERS(0, 1, 16, 17)));
  NAME(store)(to + to_stride, __builtin_shufflevector(low, other_low, QUARTERS(2, 3, 18, 19)));
  NAME(store)(to + 2 * to_stride, __builtin_shufflevector(high, other_high, QUARTERS(0, 1, 16, 17)));
  NAME(store)(to + 3 * to_stride, __builtin_shufflevector(high, other_high, QUARTERS(2, 3, 18, 19)));
#undef QUARTERS
}

static void NAME(transpose)(long rows, long columns, const void *fromv, void *tov) {
  const T *from = fromv;
  T *to = tov;
  if (columns == 2) {
    long i = 0;
    for (; i + LANES <= rows; i += LANES) {
      V a = NAME(load)(from + 2 * i), b = NAME(load)(from + 2 * i + LANES);
      NAME(store)(to + i, __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30));
      NAME(store)
      (to + rows + i, __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31));
    }
    for (; i < rows; i++) {
      to[i] = from[2 * i];
      to[rows + i] = from[2 * i + 1];
    }
    return;
  }
  long whole_rows = rows - rows % LANES, whole_columns = columns - columns % 4;
  for (long i = 0; i < whole_rows; i += LANES)
    for (long j = 0; j < whole_columns; j += 4)
      NAME(transpose_tile)(from + i * columns + j, columns, to + j * rows + i, rows);
  for (long i = 0; i < rows; i++)
    for (long j = i < whole_rows ? whole_columns : 0; j < columns; j++) to[j * rows + i] = from[i * columns + j];
}

static void NAME(thin_product)(long rows, long columns, long width, const void *xv, const void *wv, void *outv,
                               int accumulate) {
  const T *x = xv, *w = wv;
  T *out = outv;
  T packed[EQ_THIN_VALUES];
  if (width > 1) {
    NAME(transpose)(columns, width, w, packed);
    w = packed;
  }
  for (long i = 0; i < rows; i += LANES) {
    long count = rows - i < LANES ? rows - i : LANES;
    const T *rows_of_x = x + i * columns;
    T *place = out + i * width;
    if (count == LANES && width <= 2 && !accumulate) {
      V first = NAME(dots)(LANES, columns, rows_of_x, w);
      if (width == 1) {
        NAME(store)(place, first);
        continue;
      }
      V second = NAME(dots)(LANES, columns, rows_of_x, w + columns);
      NAME(store)(place, __builtin_shufflevector(first, second, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23));
      NAME(store)(place + LANES, __builtin_shufflevector(first, second, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29,
                                                         14, 30, 15, 31));
      continue;
    }
    for (long j = 0; j < width; j++) {
      T values[LANES];
      NAME(store)(values, NAME(dots)(count, columns, rows_of_x, w + j * columns));
      for (long l = 0; l < count; l++)
        place[l * width + j] = accumulate ? place[l * width + j] + values[l] : values[l];
    }
  }
}

static inline __attribute__((always_inline)) void NAME(thin_gradient_tile)(long rows, long columns, long width,
                                                                           long part, const T *RESTRICT x,
                                                                           const T *RESTRICT w, T *RESTRICT out,
                                                                           long out_stride, int accumulate) {
  V even = 0, odd = 0;
  long i = 0;
  // Two sums, so that an addition need not wait for the one before it.
  for (; i + 2 <= rows; i += 2) {
    const T *row = x + i * columns;
    even += (part == LANES ? NAME(load)(row) : NAME(load_part)(row, part)) * w[i * width];
    odd += (part == LANES ? NAME(load)(row + columns) : NAME(load_part)(row + columns, part)) * w[(i + 1) * width];
  }
  if (i < rows) even += NAME(load_part)(x + i * columns, part) * w[i * width];
  T values[LANES];
  NAME(store)(values, even + odd);
  for (long l = 0; l < part; l++) {
    T *place = out + l * out_stride;
    *place = accumulate ? *place + values[l] : values[l];
  }
}

static void NAME(thin_gradient)(long rows, long columns, long width, const void *xv, const void *wv, void *outv,
                                int accumulate) {
  for (long k = 0; k < columns; k += LANES) {
    long part = columns - k < LANES ? columns - k : LANES;
    const T *x = (const T *)xv + k;
    for (long j = 0; j < width; j++) {
      const T *w = (const T *)wv + j;
      T *out = (T *)outv + k * width + j;
      if (part == LANES)
        NAME(thin_gradient_tile)(rows, columns, width, LANES, x, w, out, width, accumulate);
      else
        NAME(thin_gradient_tile)(rows, columns, width, part, x, w, out, width, accumulate);
    }
  }
}

// PRODUCT_ROWS rows and PRODUCT_BYTES of columns of the product stay in registers while the inner index goes by, as many
// as the instruction set has room for. With `activates`, a constant at each call like `count` and `width`, the bias is
// added at the end, and what is below `floor` raised to it; a NaN stays a NaN.
#define PRODUCT_COLUMNS (long)(PRODUCT_BYTES / sizeof(T))
static inline __attribute__((always_inline)) void NAME(product_tile)(long count, long width, long columns, long inner,
                                                                     const T *RESTRICT a, long a_row_stride,
                                                                     long a_inner_stride, const T *RESTRICT b,
                                                                     long b_stride, T *RESTRICT c, int accumulate,
                                                                     int activates, const T *RESTRICT bias, T floor) {
  T sums[PRODUCT_ROWS][PRODUCT_COLUMNS];
  for (long i = 0; i < count; i++)
    for (long l = 0; l < width; l++) sums[i][l] = accumulate ? c[i * columns + l] : 0;
  for (long p = 0; p < inner; p++) {
    const T *row = b + p * b_stride;
    for (long i = 0; i < count; i++) {
      T value = a[i * a_row_stride + p * a_inner_stride];
      for (long l = 0; l < width; l++) sums[i][l] += value * row[l];
    }
  }
  for (long i = 0; i < count; i++)
    for (long l = 0; l < width; l++) {
      T value = activates ? sums[i][l] + bias[l] : sums[i][l];
      c[i * columns + l] = activates && value < floor ? floor : value;
    }
}

#define TILE(count, width)                                                                                            \
  if (bias)                                                                                                           \
    NAME(product_tile)(count, width, columns, depth, a, a_row_stride, a_inner_stride, b, b_stride, c + j, adds, 1,    \
                       bias + j, floor);                                                                              \
  else                                                                                                                \
    NAME(product_tile)(count, width, columns, depth, a, a_row_stride, a_inner_stride, b, b_stride, c + j, adds, 0, 0, 0)

// A `b` beyond the first cache, for many rows: each strip of its columns is laid out without gaps, as rows that lie a power
// of two apart would push one another out, and stays in the first cache while all rows go by.
static __attribute__((noinline)) void NAME(wide_product)(long rows, long columns, long inner, const void *av,
                                                         long a_row_stride, long a_inner_stride, const T *RESTRICT bv,
                                                         T *RESTRICT cv, int accumulate, const T *RESTRICT activation,
                                                         T floor) {
  enum { DEPTH = 128 };
  T strip[DEPTH * PRODUCT_COLUMNS];
  for (long p = 0; p < inner; p += DEPTH) {
    long depth = inner - p < DEPTH ? inner - p : DEPTH;
    int adds = accumulate || p > 0;
    const T *bias = p + depth == inner ? activation : 0;
    for (long j = 0; j < columns; j += PRODUCT_COLUMNS) {
      long b_stride = columns - j < PRODUCT_COLUMNS ? 16 : PRODUCT_COLUMNS, i = 0;
      for (long k = 0; k < depth; k++)
        memcpy(strip + k * b_stride, bv + (p + k) * columns + j, (size_t)b_stride * sizeof(T));
      const T *b = strip;
#define ROWS(count)                                                                                                   \
  for (; i + count <= rows; i += count) {                                                                             \
    const T *a = (const T *)av + i * a_row_stride + p * a_inner_stride;                                               \
    T *c = cv + i * columns;                                                                                          \
    if (b_stride < PRODUCT_COLUMNS)                                                                                   \
      TILE(count, 16);                                                                                                \
    else                                                                                                              \
      TILE(count, PRODUCT_COLUMNS);                                                                                   \
  }
      ROWS(PRODUCT_ROWS)
      ROWS(1)
#undef ROWS
    }
  }
}

// The inner index is taken in pieces whose part of `b` fits the first cache, the rows in blocks that are still there when
// bias and activation follow. As the columns come in sixteens, only tiles of 32 may leave some over. Every sum is added up
// in the order of the inner index, however the work is divided.
static void NAME(tile_product)(long rows, long columns, long inner, const void *av, long a_row_stride,
                               long a_inner_stride, const void *bv, void *cv, int accumulate,
                               const eq_activation *after) {
  enum { BLOCK = 64, PIECE_VALUES = 4096 };
  T floor = after && after->relu ? 0 : -T_INFINITY;
  if (inner * columns > 2 * PIECE_VALUES && rows >= BLOCK) {
    int drops = after && after->drop != 0;
    NAME(wide_product)(rows, columns, inner, av, a_row_stride, a_inner_stride, bv, cv, accumulate,
                       after && !drops ? after->bias : 0, floor);
    if (drops) NAME(bias_activation)(rows, columns, cv, after);
    return;
  }
  long piece = PIECE_VALUES / columns > 16 ? PIECE_VALUES / columns : 16;
  if (inner <= 2 * piece) piece = inner;
  for (long p = 0; p < inner; p += piece) {
    long depth = inner - p < piece ? inner - p : piece, b_stride = columns;
    int adds = accumulate || p > 0;
    // Bias and ReLU are done in registers; noise asks for whole rows, in order.
    int ends = after && p + depth == inner, drops = ends && after->drop != 0;
    const T *bias = ends && !drops ? after->bias : 0;
    for (long block = 0; block < rows; block += BLOCK) {
      long end = rows - block < BLOCK ? rows : block + BLOCK, i = block;
#define ROWS(count)                                                                                                   \
  for (; i + count <= end; i += count) {                                                                              \
    const T *a = (const T *)av + i * a_row_stride + p * a_inner_stride;                                               \
    T *c = (T *)cv + i * columns;                                                                                     \
    for (long j = 0; j < columns; j += PRODUCT_COLUMNS) {                                                             \
      const T *b = (const T *)bv + p * columns + j;                                                                   \
      if (columns - j < PRODUCT_COLUMNS)                                                                              \
        TILE(count, 16);                                                                                              \
      else                                                                                                            \
        TILE(count, PRODUCT_COLUMNS);                                                                                 \
    }                                                                                                                 \
  }
      ROWS(PRODUCT_ROWS)
      ROWS(1)
#undef ROWS
      if (drops) NAME(bias_activation)(end - block, columns, (T *)cv + block * columns, after);
    }
  }
}
#undef TILE
#undef PRODUCT_COLUMNS

// Columns are taken in tiles of up to TILE, whose sums stay in registers while a row's deviations go by. `width` is a
// constant at each call, so that the loops over it unroll.
#define TILE 64

// start[l] = Σₖ base[k]·w[k, l], in four sums, so that an addition need not wait for the one before it.
static inline __attribute__((always_inline)) void NAME(base_product)(long inner, long columns, const T *RESTRICT base,
                                                                     const T *RESTRICT w, T *RESTRICT start,
                                                                     long width) {
  T parts[4][TILE] = {0};
  long k = 0;
  for (; k + 4 <= inner; k += 4)
    for (long q = 0; q < 4; q++)
      for (long l = 0; l < width; l++) parts[q][l] += base[k + q] * w[(k + q) * columns + l];
  for (; k < inner; k++)
    for (long l = 0; l < width; l++) parts[0][l] += base[k] * w[k * columns + l];
  for (long l = 0; l < width; l++) start[l] = (parts[0][l] + parts[1][l]) + (parts[2][l] + parts[3][l]);
}

static inline __attribute__((always_inline)) void NAME(sparse_tile)(long count, long columns, eq_rows rows,
                                                                    const int32_t *RESTRICT indices,
                                                                    const T *RESTRICT start, const T *RESTRICT w,
                                                                    T *RESTRICT out, T floor, long width) {
  const T *values = rows.values;
  for (long i = 0; i < count; i++) {
    T sums[TILE];
    for (long l = 0; l < width; l++) sums[l] = start[l];
    for (int32_t p = rows.starts[indices[i]]; p < rows.starts[indices[i] + 1]; p++) {
      const T *RESTRICT row = w + (long)rows.columns[p] * columns;
      T value = values[p];
      for (long l = 0; l < width; l++) sums[l] += value * row[l];
    }
    for (long l = 0; l < width; l++) out[i * columns + l] = sums[l] < floor ? floor : sums[l];
  }
}

static void NAME(sparse_product)(long count, long inner, long columns, eq_rows rows, const int32_t *indices,
                                 const void *wv, void *outv, const eq_activation *after) {
  int drops = after && after->drop != 0;
  const T *bias = after && !drops ? after->bias : 0;
  T floor = after && !drops && after->relu ? 0 : -T_INFINITY;
  for (long j = 0; j < columns; j += TILE) {
    const T *w = (const T *)wv + j;
    T *out = (T *)outv + j;
    T start[TILE];
    long width = columns - j < TILE ? columns - j : TILE;
#define CASE(width)                                                                       \
  {                                                                                       \
    NAME(base_product)(inner, columns, rows.base, w, start, width);                       \
    if (bias)                                                                             \
      for (long l = 0; l < width; l++) start[l] += bias[j + l];                           \
    NAME(sparse_tile)(count, columns, rows, indices, start, w, out, floor, width);        \
    break;                                                                                \
  }
    switch (width) {
      case 16: CASE(16)
      case 32: CASE(32)
      case 64: CASE(64)
      default: CASE(width)
    }
#undef CASE
  }
  if (drops) NAME(bias_activation)(count, columns, outv, after);
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
  if (columns < LANES) {
    for (long i = 0; i < rows; i++)
      for (long j = 0; j < columns; j++) to[i * columns + j] = from[(long)indices[i] * columns + j];
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
    if (settings.flushes) {
      m = T_ABS(m) < T_TINY ? 0 : m;
      v = v < T_TINY ? 0 : v;
    }
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
    .skip_noise = NAME(skip_noise),
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
    .thin_product = NAME(thin_product),
    .thin_gradient = NAME(thin_gradient),
    .sparse_product = NAME(sparse_product),
    .sparse_product_gradient = NAME(sparse_product_gradient),
    .gather_rows = NAME(gather_rows),
    .dot = NAME(dot),
    .axpy = NAME(axpy),
    .adam = NAME(adam),
    .sgd = NAME(sgd),
    .adagrad = NAME(adagrad),
};

#undef V
#undef ACROSS
#undef WITHIN
#undef SHUFFLE
#undef LANES
#undef RESTRICT
