#include "CKernels.h"
#include "variants.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,bmi,bmi2"))), apply_to = function)
#define VARIANT "avx512"
#define PRODUCT_ROWS 8
#define PRODUCT_BYTES 128
#define SUFFIX avx512
#include "adam_avx512.h"
#define SINGLE_OWN_ADAM
#include "kernels_variant.h"
#pragma clang attribute pop
#endif
