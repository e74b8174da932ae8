// What one core of this machine can do at most: fused multiply-adds in registers, and OpenBLAS's sgemm, over all the
// products of one classifier step (93-32-32-32-1) and at 1024 × 1024. Prints one JSON object.
//
//   cc -O3 -march=native -ffast-math ceilings.c $(pkg-config --cflags --libs openblas) -o ceilings && ./ceilings 32

#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#ifdef __AVX512F__
#define LANES 16
#else
#define LANES 8
#endif
typedef float Lane __attribute__((vector_size(LANES * sizeof(float))));

// Enough independent sums to hide the latency of an FMA on two ports, few enough for the registers.
enum { SUMS = 12, REPETITIONS = 200 };

static volatile float sink;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

// After a short sleep a process has a whole time slice before it: of many short measurements some are undisturbed.
static void nap(void) { nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL); }

static double fma_gigaflops(void) {
  enum { ROUNDS = 500000 };  // about a millisecond
  double best = 0;
  for (int repetition = 0; repetition < REPETITIONS; repetition++) {
    Lane sums[SUMS], factor = (Lane){0} + 0.999999f + 1e-9f * (float)repetition, addend = (Lane){0} + 1e-6f;
    // Lanes that differ, and all of them read in the end: a compiler narrows what it can foresee.
    for (int i = 0; i < SUMS; i++)
      for (int l = 0; l < LANES; l++) sums[i][l] = (float)(i + l);
    nap();
    double start = now();
    for (int round = 0; round < ROUNDS; round++) {
#pragma GCC unroll 12
      for (int i = 0; i < SUMS; i++) sums[i] = sums[i] * factor + addend;
      __asm__ volatile("");  // one round stays one round
    }
    double seconds = now() - start;
    for (int i = 0; i < SUMS; i++)
      for (int l = 0; l < LANES; l++) sink = sink + sums[i][l];
    double rate = 2.0 * LANES * SUMS * ROUNDS / seconds / 1e9;
    if (rate > best) best = rate;
  }
  return best;
}

// The shortest time of one product, in seconds. Where `a` is transposed it is stored [k, m]; likewise `b`.
static double product(CBLAS_TRANSPOSE a, CBLAS_TRANSPOSE b, int m, int n, int k) {
  float *left = malloc(sizeof(float) * (size_t)m * k), *right = malloc(sizeof(float) * (size_t)k * n);
  float *result = calloc((size_t)m * n, sizeof(float));
  for (int i = 0; i < m * k; i++) left[i] = (float)(i % 7) * 0.1f;
  for (int i = 0; i < k * n; i++) right[i] = (float)(i % 5) * 0.1f;
  int calls = 1 + (int)(2e7 / ((double)m * n * k + 1e4));
  double best = 1e9;
  int repetitions = m > 512 && n > 512 ? 10 : REPETITIONS / 4;
  for (int repetition = 0; repetition < repetitions; repetition++) {
    nap();
    double start = now();
    for (int call = 0; call < calls; call++) {
      cblas_sgemm(
          CblasRowMajor, a, b, m, n, k, 1, left, a == CblasTrans ? m : k, right, b == CblasTrans ? k : n, 0, result, n);
    }
    double seconds = (now() - start) / calls;
    if (seconds < best) best = seconds;
  }
  sink = result[0];
  free(left);
  free(right);
  free(result);
  return best;
}

int main(int count, char **arguments) {
  int rows = count > 1 ? atoi(arguments[1]) : 32;
  if (rows < 1) {
    fprintf(stderr, "usage: ceilings [BATCH-SIZE]\n");
    return 64;
  }
  openblas_set_num_threads(1);
  static const int widths[] = {93, 32, 32, 32, 1};
  double step = 0, operations = 0;
  for (int layer = 0; layer < 4; layer++) {
    int inputs = widths[layer], outputs = widths[layer + 1];
    step += product(CblasNoTrans, CblasNoTrans, rows, outputs, inputs);  // forward
    step += product(CblasTrans, CblasNoTrans, inputs, outputs, rows);    // weights' gradient
    operations += 4.0 * rows * inputs * outputs;
    if (layer > 0) {
      step += product(CblasNoTrans, CblasTrans, rows, inputs, outputs);  // input's gradient
      operations += 2.0 * rows * inputs * outputs;
    }
  }
  double peak = fma_gigaflops(), large = product(CblasNoTrans, CblasNoTrans, 1024, 1024, 1024);
  printf(
      "{\"fmaGigaflops\": %.2f, \"sgemm1024Gigaflops\": %.2f, \"stepProductsMicroseconds\": %.4f, "
      "\"stepAtPeakMicroseconds\": %.4f, \"stepOperations\": %.0f, \"lanes\": %d, \"openBLASCore\": \"%s\", "
      "\"openBLAS\": \"%s\"}\n",
      peak, 2.0 * 1024 * 1024 * 1024 / large / 1e9, step * 1e6, operations / peak / 1e3, operations, LANES,
      openblas_get_corename(), openblas_get_config());
  return 0;
}
