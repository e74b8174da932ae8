// What `fused_step --check` does: gradients, losses and Adam again, in plain loops and double precision.

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
  for (long i = 0; i < BLOCK; i++) {
    order[i] = (int32_t)(split_mix() % (uint64_t)data->rows);
    logits[i] = 4 * uniform() - 2;
  }
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
