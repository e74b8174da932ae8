// The fused limit: the article's two players with nothing around the arithmetic. One classifier step 93-32-32-32-1 and
// one epoch of the game, written out in C for exactly these widths: register tiles for the products, bias, ReLU and
// dropout in the tiles' last instructions, loss gradient, backward pass and Adam, no graph and no call in between. What
// a general engine can do at best on this machine, and so what Equipoise is measured by.
//
//   clang -O3 -march=native -mprefer-vector-width=512 -ffp-contract=fast fused_step.c -lm -o fused_step
//   ./fused_step data.bin 32 [--dense] [--seconds 2]      prints one JSON object
//   ./fused_step data.bin 32 --check                      holds gradients and Adam against plain loops
//
// data.bin is what write_data.py writes: three 32-bit numbers (rows, 93, 2), then features, labels and sensitive
// attributes as 32-bit floats. The first layer is sparse unless --dense is given: rows are kept as deviations from the
// most frequent value of each column, which is how Equipoise keeps them.

#include "fused_tiles.h"
#include "fused_players.h"
#include "fused_check.h"

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

// MARK: - Main

int main(int count, char **arguments) {
  int dense = 0, checks = 0;
  double seconds = 1;
  long batch = count > 2 ? atol(arguments[2]) : 0;
  for (int i = 3; i < count; i++) {
    if (!strcmp(arguments[i], "--dense")) dense = 1;
    else if (!strcmp(arguments[i], "--check")) checks = 1;
    else if (!strcmp(arguments[i], "--cpu")) measured_clock = CLOCK_PROCESS_CPUTIME_ID;
    else if (!strcmp(arguments[i], "--seconds") && i + 1 < count) seconds = atof(arguments[++i]);
    else batch = 0;
  }
  if (batch < 1) {
    fprintf(stderr, "usage: fused_step DATA BATCH-SIZE [--dense] [--check] [--cpu] [--seconds S]\n");
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
