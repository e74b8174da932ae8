#include "CKernels.h"
#include "variants.h"

#define VARIANT "plain"
#define SUFFIX plain
#include "kernels_variant.h"
