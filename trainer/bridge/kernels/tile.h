// What the tiles of microkernel.h and microkernel512.h share.
#pragma once
#include <cstdint>

namespace canonical {

// What happens to a tile's finished sums s: s * alpha + added, each operation rounded.
struct Finish {
  float alpha;
  const float* added;  // of the tile's first element; null: nothing is added
  int64_t row_stride;  // 0 where one row is added to all
};

}  // namespace canonical
