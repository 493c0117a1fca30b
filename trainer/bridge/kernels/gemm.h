// Matrix products whose every element is one fixed chain of fused multiply-adds.
//
//   c[i][j] = fma(a[i][k-1], b[k-1][j], ... fma(a[i][1], b[1][j], fma(a[i][0], b[0][j], start)))
//
// `start` is +0, or the element that is already there. A partial sum that waits in memory is a float, as it is in a
// register, so the result depends neither on blocks nor on threads nor on which other elements are computed with it:
// a loop over std::fma gives the same bits.
#pragma once
#include <cstdint>
#include <memory>

#include "patches.h"

namespace canonical {

// A matrix in memory; strides in elements.
struct Operand {
  const float* data;
  int64_t row_stride;
  int64_t column_stride;

  Operand from(int64_t row, int64_t column) const {
    return {data + row * row_stride + column * column_stride, row_stride, column_stride};
  }
};

// The left operand of several products, packed once for all of them.
class Packed {
 public:
  Packed(Operand a, int64_t rows, int64_t depth);

  // Its panels from `row` on, a multiple of a tile's rows, for the `deep` steps from `depth` on.
  const float* panels(int64_t row, int64_t depth, int64_t deep) const {
    return memory_.get() + depth * padded_rows_ + row * deep;
  }

 private:
  int64_t padded_rows_;
  std::unique_ptr<float[]> memory_;
};

// Where results go; columns are contiguous, `row_stride` in elements.
struct Target {
  float* data;
  int64_t row_stride;
};

enum class Start { Zero, Accumulate };

// What happens to a finished sum s: s * alpha + beta * added, each operation rounded. Without it the sum stays as it is.
struct Epilogue {
  float alpha;
  float beta;
  const float* added;  // null: nothing is added
  int64_t row_stride;  // 0 where one row is added to all
  int64_t column_stride;
};

// c = a b in the calling thread; a is m x k, b is k x n. `epilogue` may be null.
void gemm_serial(int64_t m, int64_t n, int64_t k, Operand a, Operand b, Target c, Start start,
                 const Epilogue* epilogue);

// The same, with the tiles of c spread over ATen's threads.
void gemm(int64_t m, int64_t n, int64_t k, Operand a, Operand b, Target c, Start start, const Epilogue* epilogue);

// The unfolded matrix of a convolution, k rows by n pixels, or its transpose, k pixels by n rows.
struct Unfolded {
  const Patches* patches;
  bool transposed;
  int64_t first_column = 0;
};
void gemm(int64_t m, int64_t n, int64_t k, Operand a, Unfolded b, Target c, Start start, const Epilogue* epilogue);

// In the calling thread, a packed operand of m x k times either.
void gemm_serial(int64_t m, int64_t n, int64_t k, const Packed& a, Operand b, Target c, Start start,
                 const Epilogue* epilogue);
void gemm_serial(int64_t m, int64_t n, int64_t k, const Packed& a, Unfolded b, Target c, Start start,
                 const Epilogue* epilogue);

}  // namespace canonical
