#include "CKernels.h"
#include "variants.h"

// Variants are nested: a machine that runs one runs all before it.
int eq_kernels_count(void) {
#if defined(__x86_64__)
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") || !__builtin_cpu_supports("bmi2")) return 1;
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
      !__builtin_cpu_supports("avx512dq") || !__builtin_cpu_supports("avx512vl"))
    return 2;
  return 3;
#else
  return 1;
#endif
}

const eq_kernels *eq_kernels_variant_single(int index) {
#if defined(__x86_64__)
  if (index == 2) return eq_single_avx512();
  if (index == 1) return eq_single_avx2();
#endif
  (void)index;
  return eq_single_plain();
}

const eq_kernels *eq_kernels_variant_double(int index) {
#if defined(__x86_64__)
  if (index == 2) return eq_double_avx512();
  if (index == 1) return eq_double_avx2();
#endif
  (void)index;
  return eq_double_plain();
}

const eq_kernels *eq_kernels_single(void) { return eq_kernels_variant_single(eq_kernels_count() - 1); }
const eq_kernels *eq_kernels_double(void) { return eq_kernels_variant_double(eq_kernels_count() - 1); }
