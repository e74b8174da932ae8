// One instruction set: both precisions. The including file defines VARIANT (a string) and SUFFIX.

#include "elementary.h"

#define JOIN2(a, b) a##_##b
#define JOIN(a, b) JOIN2(a, b)

#define T float
#define TI int32_t
#define NAME(x) JOIN(single_kernel, x)
#define T_EXP single_exp
#define T_LOG single_log
#define T_LOG1P single_log1p
#define T_TANH single_tanh
// The built-in, unlike the library's function, sets no errno, and so can be vectorised.
#define T_SQRT __builtin_elementwise_sqrt
#define T_TINY 1e-30f
#define T_ABS fabsf
#define T_INFINITY INFINITY
#define T_RAMP(v) ((v) <= 0 ? 0 : (v))
#ifdef SINGLE_OWN_ADAM
#define T_OWN_ADAM
#endif
#include "kernels_template.h"
#undef T_OWN_ADAM
#undef T
#undef TI
#undef NAME
#undef T_EXP
#undef T_LOG
#undef T_LOG1P
#undef T_TANH
#undef T_SQRT
#undef T_ABS
#undef T_TINY

#define T double
#define TI int64_t
#define NAME(x) JOIN(double_kernel, x)
#define T_EXP exp
#define T_LOG log
#define T_LOG1P log1p
#define T_TANH tanh
#define T_SQRT __builtin_elementwise_sqrt
#define T_TINY 1e-290
#define T_ABS fabs
#include "kernels_template.h"

const eq_kernels *JOIN(eq_single, SUFFIX)(void) { return &single_kernel_table; }
const eq_kernels *JOIN(eq_double, SUFFIX)(void) { return &double_kernel_table; }
