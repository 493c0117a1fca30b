#include "gemm.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>

#include <ATen/Parallel.h>

#include "microkernel.h"
#include "packing.h"

namespace canonical {
namespace {

// A panel of b (DEPTH x 16) stays in the first-level cache, a block of a (ROWS x DEPTH) in the second, a block of b
// (DEPTH x COLUMNS) in the third. They decide speed only.
constexpr int64_t DEPTH = 256;
constexpr int64_t ROWS = 32 * TILE_ROWS;
constexpr int64_t COLUMNS = 128 * TILE_COLUMNS;
// Products with fewer multiplications are not worth a second thread.
constexpr int64_t PARALLEL_FROM = 1 << 17;

struct Free {
  void operator()(float* memory) const { std::free(memory); }
};

// Packed operands of one thread.
struct Workspace {
  std::unique_ptr<float, Free> a = allocate(ROWS * DEPTH + PACK_SLACK);
  std::unique_ptr<float, Free> b = allocate(COLUMNS * DEPTH);

  static std::unique_ptr<float, Free> allocate(int64_t floats) {
    auto* memory = static_cast<float*>(std::aligned_alloc(64, (floats * sizeof(float) + 63) / 64 * 64));
    if (memory == nullptr) throw std::bad_alloc();
    return std::unique_ptr<float, Free>(memory);
  }
};

Workspace& workspace() {
  static thread_local Workspace own;
  return own;
}

int64_t round_up(int64_t value, int64_t unit) { return (value + unit - 1) / unit * unit; }

void finish_row(float* sums, int64_t count, const Epilogue& epilogue, int64_t row, int64_t column) {
  if (epilogue.alpha != 1.0f) {
    for (int64_t j = 0; j < count; j++) sums[j] *= epilogue.alpha;
  }
  if (epilogue.added == nullptr) return;
  const float* added = epilogue.added + row * epilogue.row_stride + column * epilogue.column_stride;
  if (epilogue.beta == 1.0f && epilogue.column_stride == 1) {
    for (int64_t j = 0; j < count; j++) sums[j] += added[j];
  } else {
    for (int64_t j = 0; j < count; j++) sums[j] += epilogue.beta * added[j * epilogue.column_stride];
  }
}

void finish(int64_t m, int64_t n, Target c, const Epilogue& epilogue, int64_t row, int64_t column) {
  for (int64_t i = 0; i < m; i++) finish_row(c.data + i * c.row_stride, n, epilogue, row + i, column);
}

}  // namespace

void gemm_serial(int64_t m, int64_t n, int64_t k, Operand a, Operand b, Target c, Start start,
                 const Epilogue* epilogue) {
  Workspace& packed = workspace();
  for (int64_t column = 0; column < n; column += COLUMNS) {
    const int64_t columns = std::min(COLUMNS, n - column);
    int64_t depth = 0;
    do {
      const int64_t deep = std::min(DEPTH, k - depth);
      const bool load = depth > 0 || start == Start::Accumulate;
      const bool last = depth + deep == k;
      pack_b(b.from(depth, column), deep, columns, packed.b.get());
      for (int64_t row = 0; row < m; row += ROWS) {
        const int64_t rows = std::min(ROWS, m - row);
        pack_a(a.from(row, depth), rows, deep, packed.a.get());
        for (int64_t j = 0; j < columns; j += TILE_COLUMNS) {
          const int64_t width = std::min(TILE_COLUMNS, columns - j);
          for (int64_t i = 0; i < rows; i += TILE_ROWS) {
            const int64_t height = std::min(TILE_ROWS, rows - i);
            float* tile = c.data + (row + i) * c.row_stride + column + j;
            multiply_tile(packed.a.get() + i * deep, packed.b.get() + j * deep, deep, tile, c.row_stride, height,
                          width, load);
            if (last && epilogue != nullptr) {
              finish(height, width, {tile, c.row_stride}, *epilogue, row + i, column + j);
            }
          }
        }
      }
      depth += deep;
    } while (depth < k);
  }
}

void gemm(int64_t m, int64_t n, int64_t k, Operand a, Operand b, Target c, Start start, const Epilogue* epilogue) {
  const int64_t threads = at::in_parallel_region() ? 1 : at::get_num_threads();
  if (threads == 1 || m * n * std::max<int64_t>(k, 1) < PARALLEL_FROM) {
    gemm_serial(m, n, k, a, b, c, start, epilogue);
    return;
  }
  // strips along the longer side: the operand that every thread packs for itself is then the smaller one
  const bool by_rows = m >= n;
  const int64_t strip = by_rows ? round_up((m + threads - 1) / threads, TILE_ROWS)
                                : round_up((n + threads - 1) / threads, TILE_COLUMNS);
  const int64_t length = by_rows ? m : n;
  at::parallel_for(0, (length + strip - 1) / strip, 1, [&](int64_t from, int64_t to) {
    for (int64_t index = from; index < to; index++) {
      const int64_t begin = index * strip;
      const int64_t size = std::min(strip, length - begin);
      const int64_t row = by_rows ? begin : 0;
      const int64_t column = by_rows ? 0 : begin;
      Epilogue shifted;
      if (epilogue != nullptr) {
        shifted = *epilogue;
        if (shifted.added != nullptr) shifted.added += row * shifted.row_stride + column * shifted.column_stride;
      }
      gemm_serial(by_rows ? size : m, by_rows ? n : size, k, a.from(row, 0), b.from(0, column),
                  {c.data + row * c.row_stride + column, c.row_stride}, start,
                  epilogue == nullptr ? nullptr : &shifted);
    }
  });
}

}  // namespace canonical
