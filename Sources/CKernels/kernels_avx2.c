#include "CKernels.h"
#include "variants.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma,bmi,bmi2"))), apply_to = function)
#define VARIANT "avx2"
#define PRODUCT_ROWS 4
#define PRODUCT_BYTES 64
#define SUFFIX avx2
#include "kernels_variant.h"
#pragma clang attribute pop
#endif
