#pragma once
#include <cblas.h>

// What OpenBLAS calls itself before a fork; absent where it was built without threads of its own.
extern int blas_thread_shutdown_(void) __attribute__((weak));

static inline void eq_openblas_end_threads(void) {
  if (blas_thread_shutdown_) blas_thread_shutdown_();
}
