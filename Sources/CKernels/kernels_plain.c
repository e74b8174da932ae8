#include "CKernels.h"
#include "variants.h"

#define VARIANT "plain"
#define PRODUCT_ROWS 4
#define PRODUCT_BYTES 64
#define SUFFIX plain
#include "kernels_variant.h"
