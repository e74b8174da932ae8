// Runs every kernel of CKernels' plain variant on fixed numbers and prints what it made, one line per kernel, so that
// two machines can be compared. Compiled twice by Scripts/arm64/check: for this machine and for arm64.

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CKernels.h"

enum { ROWS = 37, COLUMNS = 32, INNER = 21, COUNT = ROWS * COLUMNS };

#define LIST(...) ((const int32_t[]){__VA_ARGS__})

static uint32_t state;

/// Numbers in -1...1 that do not depend on the machine.
static double number(void) {
  state = state * 1664525u + 1013904223u;
  return (double)(int32_t)state / 2147483648.0;
}

#define CHECKS(scalar, suffix, table)                                                                                 \
  static scalar *filled_##suffix(long n, double low, double high) {                                                   \
    scalar *values = malloc((size_t)n * sizeof(scalar));                                                              \
    for (long i = 0; i < n; i++) values[i] = (scalar)(low + (high - low) * 0.5 * (number() + 1));                     \
    return values;                                                                                                    \
  }                                                                                                                   \
  static void show_##suffix(const char *name, int code, const scalar *values, long n) {                               \
    double sum = 0, size = 0;                                                                                         \
    for (long i = 0; i < n; i++) {                                                                                    \
      sum += (double)values[i] * (1 + (double)(i % 7));                                                               \
      size += fabs((double)values[i]);                                                                                \
    }                                                                                                                 \
    printf("%s %s %d %.17g %.17g %.17g %.17g\n", #scalar, name, code, sum, size, (double)values[0],                  \
           (double)values[n - 1]);                                                                                    \
  }                                                                                                                   \
  static void check_##suffix(void) {                                                                                  \
    const eq_kernels *k = table(0);                                                                                   \
    state = 1;                                                                                                        \
    scalar *x = filled_##suffix(COUNT, -3, 3), *p = filled_##suffix(COUNT, 0.1, 3), *t = filled_##suffix(COUNT, 0, 1);\
    scalar *dy = filled_##suffix(COUNT, -1, 1), *y = filled_##suffix(COUNT, 0, 0), *z = filled_##suffix(COUNT, 0, 0); \
    scalar *a = filled_##suffix(ROWS * INNER, -1, 1), *b = filled_##suffix(INNER * COLUMNS, -1, 1);                   \
    scalar *bias = filled_##suffix(COLUMNS, -1, 1), *w = filled_##suffix(COUNT, 0.5, 2);                              \
    for (int op = EQ_SCALE; op <= EQ_RECIPROCAL; op++) {                                                              \
      const scalar *from = op == EQ_LOG || op == EQ_SQRT || op == EQ_RECIPROCAL ? p : x;                              \
      k->unary((eq_unary)op, COUNT, 0.3, from, y);                                                                    \
      show_##suffix("unary", op, y, COUNT);                                                                           \
      k->unary_gradient((eq_unary)op, COUNT, 0.3, from, y, dy, z, 0);                                                 \
      show_##suffix("unary_gradient", op, z, COUNT);                                                                  \
    }                                                                                                                 \
    eq_view full = {x, COLUMNS, 1}, row = {bias, 0, 1};                                                               \
    for (int op = EQ_ADD; op <= EQ_MULTIPLY; op++) {                                                                  \
      k->binary((eq_binary)op, ROWS, COLUMNS, full, row, y);                                                          \
      show_##suffix("binary", op, y, COUNT);                                                                          \
    }                                                                                                                 \
    memset(z, 0, COUNT * sizeof(scalar));                                                                             \
    k->binary_gradient(ROWS, COLUMNS, -1, dy, full, 1, z, 0, 1);                                                      \
    show_##suffix("binary_gradient", 0, z, COLUMNS);                                                                  \
    k->reduce(ROWS, COLUMNS, 0.5, x, z, 1, 0);                                                                        \
    show_##suffix("reduce", 0, z, ROWS);                                                                              \
    k->reduce(ROWS, COLUMNS, 0.5, x, z, 0, 1);                                                                        \
    show_##suffix("reduce", 1, z, COLUMNS);                                                                           \
    k->broadcast(ROWS, COLUMNS, 2, row, z, 0);                                                                        \
    show_##suffix("broadcast", 0, z, COUNT);                                                                          \
    k->softmax(ROWS, COLUMNS, x, y);                                                                                  \
    show_##suffix("softmax", 0, y, COUNT);                                                                            \
    k->softmax_gradient(ROWS, COLUMNS, y, dy, z, 0);                                                                  \
    show_##suffix("softmax_gradient", 0, z, COUNT);                                                                   \
    k->log_sum_exp(ROWS, COLUMNS, x, y);                                                                              \
    show_##suffix("log_sum_exp", 0, y, ROWS);                                                                         \
    k->log_sum_exp_gradient(ROWS, COLUMNS, x, y, dy, z, 0);                                                           \
    show_##suffix("log_sum_exp_gradient", 0, z, COUNT);                                                               \
    k->copy_columns(ROWS, 16, x, COLUMNS, z, COLUMNS, 1);                                                             \
    show_##suffix("copy_columns", 0, z, COUNT);                                                                       \
    eq_noise noise;                                                                                                   \
    for (int word = 0; word < 4; word++)                                                                              \
      for (int lane = 0; lane < EQ_LANES; lane++) noise.words[word][lane] = (uint32_t)(word * 977 + lane * 7919 + 1); \
    k->dropout(COUNT, 0.2, x, y, z, &noise);                                                                          \
    show_##suffix("dropout", 0, y, COUNT);                                                                            \
    show_##suffix("dropout", 1, z, COUNT);                                                                            \
    k->product(COUNT, x, dy, z, 1);                                                                                   \
    show_##suffix("product", 0, z, COUNT);                                                                            \
    eq_activation after = {bias, 1, 0.2, &noise};                                                                     \
    memcpy(y, x, COUNT * sizeof(scalar));                                                                             \
    k->bias_activation(ROWS, COLUMNS, y, &after);                                                                     \
    show_##suffix("bias_activation", 0, y, COUNT);                                                                    \
    memcpy(z, dy, COUNT * sizeof(scalar));                                                                            \
    k->bias_activation_gradient(ROWS, COLUMNS, y, z, 1, 0.2, bias, 1);                                                \
    show_##suffix("bias_activation_gradient", 0, z, COUNT);                                                           \
    show_##suffix("bias_activation_gradient", 1, bias, COLUMNS);                                                      \
    for (int op = EQ_BINARY_CROSS_ENTROPY; op <= EQ_HINGE; op++) {                                                    \
      k->loss((eq_loss)op, COUNT, x, t, w, y);                                                                        \
      show_##suffix("loss", op, y, COUNT);                                                                            \
      k->loss_gradient((eq_loss)op, COUNT, x, t, w, dy, z, 0);                                                        \
      show_##suffix("loss_gradient", op, z, COUNT);                                                                   \
    }                                                                                                                 \
    k->cross_entropy(ROWS, COLUMNS, x, t, w, y);                                                                      \
    show_##suffix("cross_entropy", 0, y, ROWS);                                                                       \
    k->cross_entropy_gradient(ROWS, COLUMNS, x, t, w, dy, z, 0);                                                      \
    show_##suffix("cross_entropy_gradient", 0, z, COUNT);                                                             \
    k->tile_product(ROWS, COLUMNS, INNER, a, INNER, 1, b, y, 0, &after);                                              \
    show_##suffix("tile_product", 0, y, COUNT);                                                                       \
    k->tile_product(INNER, COLUMNS, ROWS, a, 1, INNER, x, y, 1, NULL);                                                \
    show_##suffix("tile_product", 1, y, INNER * COLUMNS);                                                             \
    k->transpose(ROWS, COLUMNS, x, y);                                                                                \
    show_##suffix("transpose", 0, y, COUNT);                                                                          \
    k->outer(ROWS, COLUMNS, x, bias, y);                                                                              \
    show_##suffix("outer", 0, y, COUNT);                                                                              \
    k->thin_product(ROWS, COLUMNS, 3, x, w, y, 0);                                                                    \
    show_##suffix("thin_product", 0, y, ROWS * 3);                                                                    \
    k->thin_gradient(ROWS, COLUMNS, 3, x, w, y, 0);                                                                   \
    show_##suffix("thin_gradient", 0, y, COLUMNS * 3);                                                                \
    eq_rows rows = {b, LIST(0, 2, 3, 6), LIST(1, 20, 7, 0, 3, 19), a};                                                \
    k->sparse_product(4, INNER, COLUMNS, rows, LIST(2, 0, 1, 2), p, y, &after);                                       \
    show_##suffix("sparse_product", 0, y, 4 * COLUMNS);                                                               \
    k->sparse_product_gradient(4, INNER, COLUMNS, rows, LIST(2, 0, 1, 2), dy, y, 0);                                  \
    show_##suffix("sparse_product_gradient", 0, y, INNER * COLUMNS);                                                  \
    k->gather_rows(4, COLUMNS, LIST(30, 2, 2, 36), x, y);                                                             \
    show_##suffix("gather_rows", 0, y, 4 * COLUMNS);                                                                  \
    y[0] = (scalar)k->dot(COUNT, x, dy);                                                                              \
    show_##suffix("dot", 0, y, 1);                                                                                    \
    k->axpy(COUNT, 0.3, x, y);                                                                                        \
    show_##suffix("axpy", 0, y, COUNT);                                                                               \
    eq_adam adam = {0.9, 0.999, 1e-8, 0.01, 0.001, 0.01, 0.0316, 1};                                                  \
    k->adam(COUNT, x, dy, z, p, adam);                                                                                \
    show_##suffix("adam", 0, x, COUNT);                                                                               \
    k->sgd(COUNT, x, dy, z, 0.1, 0.9, 0.01, 1, 0);                                                                    \
    show_##suffix("sgd", 0, x, COUNT);                                                                                \
    k->adagrad(COUNT, x, dy, p, 0.1, 1e-8, 0.01);                                                                     \
    show_##suffix("adagrad", 0, x, COUNT);                                                                            \
  }

CHECKS(float, single, eq_kernels_variant_single)
CHECKS(double, double, eq_kernels_variant_double)

int main(void) {
  check_single();
  check_double();
  return 0;
}
