// Copies of operands in the order in which the innermost loop reads them.
#pragma once
#include <cstdint>

#include "gemm.h"

namespace canonical {

// Floats behind a packed block of a that packing may overwrite.
constexpr int64_t PACK_SLACK = 16;

// Packs `rows` x `depth` of a: panels of 6 rows, in each panel 6 values for each step of the depth, missing rows as zeros.
void pack_a(Operand a, int64_t rows, int64_t depth, float* out);

// Packs `depth` x `columns` of b: panels of 16 columns, in each panel 16 values for each step, missing columns as zeros.
// `out` is aligned to 64 bytes.
void pack_b(Operand b, int64_t depth, int64_t columns, float* out);

}  // namespace canonical
