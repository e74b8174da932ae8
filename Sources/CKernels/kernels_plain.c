#include "CKernels.h"
#include "variants.h"

#define VARIANT "plain"
#define PRODUCT_ROWS 8
#define PRODUCT_BYTES 128
#define SUFFIX plain
#include "kernels_variant.h"
