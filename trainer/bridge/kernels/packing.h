// Copies of operands in the order in which the innermost loop reads them.
#pragma once
#include <cstdint>

#include "gemm.h"

namespace canonical {

// Floats behind a packed block of a that packing may overwrite.
constexpr int64_t PACK_SLACK = 16;

// Packs `rows` x `depth` of a: panels of ROWS rows, in each panel ROWS values for each step of the depth, missing rows as
// zeros. There are ROWS of 6 and 12.
template <int64_t ROWS>
void pack_a(Operand a, int64_t rows, int64_t depth, float* out);

// Packs `depth` x `columns` of b: panels of COLUMNS columns, in each panel COLUMNS values for each step, missing columns as
// zeros. `out` is aligned to 64 bytes. There are COLUMNS of 16 and 32.
template <int64_t COLUMNS>
void pack_b(Operand b, int64_t depth, int64_t columns, float* out);

}  // namespace canonical
