#ifndef EQUIPOISE_CKERNELS_H
#define EQUIPOISE_CKERNELS_H

// Element-wise kernels of the engine, once for single and once for double precision, each compiled for several
// instruction sets. A table of functions is chosen when the process starts; tests ask for each table by name and
// compare them. Pointers are untyped, so that one table type serves both precisions: all point at `float` in the
// single table, at `double` in the double one. Matrices are dense, row after row.

#include <stdint.h>

#pragma clang assume_nonnull begin

/// The lanes of the noise generator. Fixed for all instruction sets, so that they draw the same numbers.
#define EQ_LANES 16

/// Sixteen xoshiro128++ generators side by side (Blackman and Vigna 2021): word w of lane l stands at [w][l].
typedef struct eq_noise {
  uint32_t words[4][EQ_LANES];
} eq_noise;

/// Element-wise functions of one operand; `p` is their parameter.
typedef enum eq_unary {
  EQ_SCALE,       // p·x
  EQ_SHIFT,       // x + p
  EQ_RELU,        // max(x, 0)
  EQ_LEAKY_RELU,  // x where x > 0, else p·x
  EQ_TANH,
  EQ_SIGMOID,
  EQ_SOFTPLUS,    // log(1 + exp(x))
  EQ_EXP,
  EQ_LOG,
  EQ_SQUARE,
  EQ_SQRT,
  EQ_ABS,
  EQ_RECIPROCAL,
} eq_unary;

/// Element-wise functions of two operands that broadcast.
typedef enum eq_binary { EQ_ADD, EQ_SUBTRACT, EQ_MULTIPLY } eq_binary;

/// Losses of a row's logit x and target t.
typedef enum eq_loss {
  EQ_BINARY_CROSS_ENTROPY,  // max(x, 0) − x·t + log1p(exp(−|x|))
  EQ_SQUARED_ERROR,         // (x − t)²
  EQ_HINGE,                 // max(0, 1 − (2t − 1)·x)
} eq_loss;

/// A matrix seen through strides: 0 repeats the only row or column.
typedef struct eq_view {
  const void *data;
  long row_stride;
  long column_stride;
} eq_view;

/// Rows that mostly agree with a base row: row r is `base` plus values[p] in column columns[p], for p from starts[r]
/// up to starts[r + 1]. One-hot features are such rows, standardised or not.
typedef struct eq_rows {
  const void *base;
  const int32_t *starts;
  const int32_t *columns;
  const void *values;
} eq_rows;

/// What Adam needs besides its vectors. `corrected_rate` is rate / (1 − β₁ᵗ); `second_root` is √(1 − β₂ᵗ). Where the
/// gradient stays 0, as behind a dead unit, the moments decay into subnormal numbers, which are slow by a factor of a
/// hundred: with `flushes`, which every few dozen steps is enough for, moments too small to change a parameter become 0.
typedef struct eq_adam {
  double beta1, beta2, epsilon, weight_decay, rate, corrected_rate, second_root;
  int flushes;
} eq_adam;

/// What follows a product in a layer: y = drop(max(y + bias, 0)), each part as asked. `drop` is the probability with which
/// a value becomes 0, and needs noise; what stays is multiplied by 1/(1 − drop).
typedef struct eq_activation {
  const void *bias;
  int relu;
  double drop;
  eq_noise *_Nullable noise;
} eq_activation;

/// The largest number of values in a thin right operand.
#define EQ_THIN_VALUES 1024

typedef struct eq_kernels {
  const char *name;

  void (*unary)(eq_unary op, long n, double p, const void *x, void *y);
  /// dx = or += dy·f′(x), where y = f(x).
  void (*unary_gradient)(eq_unary op, long n, double p, const void *x, const void *y, const void *dy, void *dx,
                         int accumulate);

  void (*binary)(eq_binary op, long rows, long columns, eq_view a, eq_view b, void *out);
  /// target += (sign·dy)·other, summed over the axes on which the target's strides are 0; no `other` means 1.
  void (*binary_gradient)(long rows, long columns, double sign, const void *dy, eq_view other, int has_other,
                          void *target, long row_stride, long column_stride);

  /// out = scale · the sum of x over its columns, its rows or both, as the strides of `out` are 0.
  void (*reduce)(long rows, long columns, double scale, const void *x, void *out, long row_stride,
                 long column_stride);
  /// out = or += scale · view.
  void (*broadcast)(long rows, long columns, double scale, eq_view x, void *out, int accumulate);

  void (*softmax)(long rows, long columns, const void *x, void *y);
  void (*softmax_gradient)(long rows, long columns, const void *y, const void *dy, void *dx, int accumulate);
  void (*log_sum_exp)(long rows, long columns, const void *x, void *y);
  void (*log_sum_exp_gradient)(long rows, long columns, const void *x, const void *y, const void *dy, void *dx,
                               int accumulate);

  /// Copies, or adds, a block of columns between matrices of different width.
  void (*copy_columns)(long rows, long columns, const void *from, long from_stride, void *to, long to_stride,
                       int accumulate);

  /// mask = 1/(1 − p) or 0 (with probability p); y = x·mask.
  void (*dropout)(long n, double p, const void *x, void *y, void *mask, eq_noise *noise);
  /// Passes over so many draws of sixteen words each.
  void (*skip_noise)(long draws, eq_noise *noise);
  /// out = or += a·b, element by element.
  void (*product)(long n, const void *a, const void *b, void *out, int accumulate);

  /// In place: what follows a product.
  void (*bias_activation)(long rows, long columns, void *y, const eq_activation *after);
  /// In place: dy becomes the gradient before bias and activation; bias_gradient = or += its sum over rows.
  void (*bias_activation_gradient)(long rows, long columns, const void *y, void *dy, int relu, double p,
                                   void *_Nullable bias_gradient, int accumulate);

  void (*loss)(eq_loss op, long n, const void *x, const void *t, const void *_Nullable weights, void *y);
  /// dx = or += dy·w·∂loss/∂x.
  void (*loss_gradient)(eq_loss op, long n, const void *x, const void *t, const void *_Nullable weights,
                        const void *dy, void *dx, int accumulate);
  /// A row's loss is logsumexp(x) − Σ t·x, times its weight.
  void (*cross_entropy)(long rows, long columns, const void *x, const void *t, const void *_Nullable weights,
                        void *y);
  void (*cross_entropy_gradient)(long rows, long columns, const void *x, const void *t,
                                 const void *_Nullable weights, const void *dy, void *dx, int accumulate);

  /// c = or += a·b, where a[i, l] stands at i·a_row_stride + l·a_inner_stride, so that a may be transposed, and b is
  /// [inner, columns]. For `columns` a multiple of 16. Each sum adds up in the order of the inner index, whatever the
  /// shape. What follows, if anything, is done while the rows are at hand.
  void (*tile_product)(long rows, long columns, long inner, const void *a, long a_row_stride, long a_inner_stride,
                       const void *b, void *c, int accumulate, const eq_activation *_Nullable after);
  /// to = fromᵀ, where `from` is [rows, columns].
  void (*transpose)(long rows, long columns, const void *from, void *to);

  /// out = x·w where x is one column [rows, 1] and w one row [1, columns].
  void (*outer)(long rows, long columns, const void *x, const void *w, void *out);
  /// out = or += x·w, [rows, width], where x is [rows, columns] and w [columns, width]: for a width of a few columns.
  /// `columns`·`width` is at most EQ_THIN_VALUES unless `width` is 1.
  void (*thin_product)(long rows, long columns, long width, const void *x, const void *w, void *out, int accumulate);
  /// out = or += xᵀ·w, [columns, width], where x is [rows, columns] and w [rows, width]: for a width of a few columns.
  void (*thin_gradient)(long rows, long columns, long width, const void *x, const void *w, void *out, int accumulate);

  /// out = x·w, where row i of x is row indices[i] of `rows`, w is [inner, columns].
  void (*sparse_product)(long count, long inner, long columns, eq_rows rows, const int32_t *indices, const void *w,
                         void *out, const eq_activation *_Nullable after);
  /// dw = or += xᵀ·dy.
  void (*sparse_product_gradient)(long count, long inner, long columns, eq_rows rows, const int32_t *indices,
                                  const void *dy, void *dw, int accumulate);

  /// to[i] = from[indices[i]], whole rows.
  void (*gather_rows)(long rows, long columns, const int32_t *indices, const void *from, void *to);

  double (*dot)(long n, const void *a, const void *b);
  void (*axpy)(long n, double scale, const void *x, void *y);
  void (*adam)(long n, void *parameters, const void *gradient, void *first, void *second, eq_adam settings);
  void (*sgd)(long n, void *parameters, const void *gradient, void *velocity, double rate, double momentum,
              double weight_decay, int nesterov, int first_step);
  void (*adagrad)(long n, void *parameters, const void *gradient, void *sum, double rate, double epsilon,
                  double weight_decay);
} eq_kernels;

/// The kernels for this machine, in single or double precision.
const eq_kernels *eq_kernels_single(void);
const eq_kernels *eq_kernels_double(void);

/// The number of kernel variants this machine can run; variant 0 is the plain one, the last is the chosen one.
int eq_kernels_count(void);
const eq_kernels *eq_kernels_variant_single(int index);
const eq_kernels *eq_kernels_variant_double(int index);

#pragma clang assume_nonnull end
#endif
