// The tables of each instruction set, chosen from in dispatch.c.
#ifndef EQUIPOISE_VARIANTS_H
#define EQUIPOISE_VARIANTS_H

#include "CKernels.h"

#pragma clang assume_nonnull begin
const eq_kernels *eq_single_plain(void);
const eq_kernels *eq_double_plain(void);
#if defined(__x86_64__)
const eq_kernels *eq_single_avx2(void);
const eq_kernels *eq_double_avx2(void);
const eq_kernels *eq_single_avx512(void);
const eq_kernels *eq_double_avx512(void);
#endif
#pragma clang assume_nonnull end

#endif
