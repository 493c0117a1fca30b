#include "gemm.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>

#include <ATen/Parallel.h>

#include "microkernel.h"
#include "microkernel512.h"
#include "packing.h"

namespace canonical {
namespace {

// A panel of b (a tile's DEPTH x its columns) stays in the first-level cache, a block of a (ROWS x DEPTH) in the second, a block
// of b (DEPTH x columns) in the second or third: a small one where a need not be packed anew for each. They decide speed only.
constexpr int64_t ROWS = 192;
constexpr int64_t MANY_COLUMNS = 1024;
constexpr int64_t FEW_COLUMNS = 256;
constexpr int64_t DEEPEST = std::max(Narrow::DEPTH, Wide::DEPTH);
// Products with fewer multiplications are not worth a second thread.
constexpr int64_t PARALLEL_FROM = 1 << 17;

struct Free {
  void operator()(float* memory) const { std::free(memory); }
};

// Packed operands of one thread.
struct Workspace {
  std::unique_ptr<float, Free> a = allocate(ROWS * DEEPEST + PACK_SLACK);
  std::unique_ptr<float, Free> b = allocate(MANY_COLUMNS * DEEPEST);

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

// Whether a tile can apply it to its sums before it stores them; the bits are those of finish_later.
bool finishes_itself(const Epilogue& epilogue) {
  return epilogue.added == nullptr || (epilogue.beta == 1.0f && epilogue.column_stride == 1);
}

// For the tile whose first element is at `row` and `column`.
Finish finish_of(const Epilogue& epilogue, int64_t row, int64_t column) {
  const float* added = epilogue.added == nullptr ? nullptr : epilogue.added + row * epilogue.row_stride + column;
  return {epilogue.alpha, added, epilogue.row_stride};
}

void finish_later(int64_t m, int64_t n, Target c, const Epilogue& epilogue, int64_t row, int64_t column) {
  for (int64_t i = 0; i < m; i++) {
    float* sums = c.data + i * c.row_stride;
    const float* added = epilogue.added + (row + i) * epilogue.row_stride + column * epilogue.column_stride;
    for (int64_t j = 0; j < n; j++) {
      sums[j] = sums[j] * epilogue.alpha + epilogue.beta * added[j * epilogue.column_stride];
    }
  }
}

template <int64_t COLUMNS>
void pack(Operand b, int64_t depth, int64_t deep, int64_t column, int64_t columns, float* out) {
  pack_b<COLUMNS>(b.from(depth, column), deep, columns, out);
}

template <int64_t COLUMNS>
void pack(Unfolded b, int64_t depth, int64_t deep, int64_t column, int64_t columns, float* out) {
  if (b.transposed) {
    pack_transposed_patches<COLUMNS>(*b.patches, depth, deep, b.first_column + column, columns, out);
  } else {
    pack_patches<COLUMNS>(*b.patches, depth, deep, b.first_column + column, columns, out);
  }
}

Operand from_column(Operand b, int64_t column) { return b.from(0, column); }
Unfolded from_column(Unfolded b, int64_t column) { return {b.patches, b.transposed, b.first_column + column}; }

template <typename Tile>
const float* panels(Operand a, int64_t row, int64_t rows, int64_t depth, int64_t deep, float* memory) {
  pack_a<Tile::ROWS>(a.from(row, depth), rows, deep, memory);
  return memory;
}

template <typename Tile>
const float* panels(const Packed& a, int64_t row, int64_t, int64_t depth, int64_t deep, float*) {
  return a.panels(row, depth, deep);
}

template <typename Tile, typename Left, typename Right>
void multiply(int64_t m, int64_t n, int64_t k, const Left& a, Right b, Target c, Start start, const Epilogue* epilogue) {
  constexpr int64_t COLUMNS = std::is_same_v<Left, Packed> ? FEW_COLUMNS : MANY_COLUMNS;
  Workspace& packed = workspace();
  for (int64_t column = 0; column < n; column += COLUMNS) {
    const int64_t columns = std::min(COLUMNS, n - column);
    int64_t depth = 0;
    do {
      const int64_t deep = std::min(Tile::DEPTH, k - depth);
      const bool load = depth > 0 || start == Start::Accumulate;
      const bool last = depth + deep == k;
      const bool at_once = last && epilogue != nullptr && finishes_itself(*epilogue);
      pack<Tile::COLUMNS>(b, depth, deep, column, columns, packed.b.get());
      for (int64_t row = 0; row < m; row += ROWS) {
        const int64_t rows = std::min(ROWS, m - row);
        const float* left = panels<Tile>(a, row, rows, depth, deep, packed.a.get());
        for (int64_t j = 0; j < columns; j += Tile::COLUMNS) {
          const int64_t width = std::min(Tile::COLUMNS, columns - j);
          for (int64_t i = 0; i < rows; i += Tile::ROWS) {
            const int64_t height = std::min(Tile::ROWS, rows - i);
            float* tile = c.data + (row + i) * c.row_stride + column + j;
            Finish finish;
            if (at_once) finish = finish_of(*epilogue, row + i, column + j);
            Tile::multiply(left + i * deep, packed.b.get() + j * deep, deep, tile, c.row_stride, height, width, load,
                           at_once ? &finish : nullptr);
            if (last && epilogue != nullptr && !at_once) {
              finish_later(height, width, {tile, c.row_stride}, *epilogue, row + i, column + j);
            }
          }
        }
      }
      depth += deep;
    } while (depth < k);
  }
}

template <typename Left, typename Right>
void serial(int64_t m, int64_t n, int64_t k, const Left& a, Right b, Target c, Start start, const Epilogue* epilogue) {
  if (is_wide()) return multiply<Wide>(m, n, k, a, b, c, start, epilogue);
  return multiply<Narrow>(m, n, k, a, b, c, start, epilogue);
}

template <typename Right>
void parallel(int64_t m, int64_t n, int64_t k, Operand a, Right b, Target c, Start start, const Epilogue* epilogue) {
  const int64_t threads = at::in_parallel_region() ? 1 : at::get_num_threads();
  if (threads == 1 || m * n * std::max<int64_t>(k, 1) < PARALLEL_FROM) {
    serial(m, n, k, a, b, c, start, epilogue);
    return;
  }
  // strips along the longer side: the operand that every thread packs for itself is then the smaller one
  const bool by_rows = m >= n;
  const int64_t strip = by_rows ? round_up((m + threads - 1) / threads, is_wide() ? Wide::ROWS : Narrow::ROWS)
                                : round_up((n + threads - 1) / threads, is_wide() ? Wide::COLUMNS : Narrow::COLUMNS);
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
      serial(by_rows ? size : m, by_rows ? n : size, k, a.from(row, 0), from_column(b, column),
             {c.data + row * c.row_stride + column, c.row_stride}, start,
             epilogue == nullptr ? nullptr : &shifted);
    }
  });
}

template <typename Tile>
void pack_all(Operand a, int64_t rows, int64_t depth, int64_t padded_rows, float* out) {
  for (int64_t begin = 0; begin < depth; begin += Tile::DEPTH) {
    pack_a<Tile::ROWS>(a.from(0, begin), rows, std::min(Tile::DEPTH, depth - begin), out + begin * padded_rows);
  }
}

}  // namespace

Packed::Packed(Operand a, int64_t rows, int64_t depth)
    : padded_rows_(round_up(rows, is_wide() ? Wide::ROWS : Narrow::ROWS)),
      memory_(new float[static_cast<size_t>(padded_rows_ * depth + PACK_SLACK)]) {
  if (is_wide()) {
    pack_all<Wide>(a, rows, depth, padded_rows_, memory_.get());
  } else {
    pack_all<Narrow>(a, rows, depth, padded_rows_, memory_.get());
  }
}

bool is_wide() {
  static const bool wide = [] {
    const char* wanted = std::getenv("AIXBLOCK_KERNELS");
    return __builtin_cpu_supports("avx512f") && (wanted == nullptr || std::strcmp(wanted, "avx2") != 0);
  }();
  return wide;
}

void gemm_serial(int64_t m, int64_t n, int64_t k, Operand a, Operand b, Target c, Start start,
                 const Epilogue* epilogue) {
  serial(m, n, k, a, b, c, start, epilogue);
}

void gemm_serial(int64_t m, int64_t n, int64_t k, const Packed& a, Operand b, Target c, Start start,
                 const Epilogue* epilogue) {
  serial(m, n, k, a, b, c, start, epilogue);
}

void gemm_serial(int64_t m, int64_t n, int64_t k, const Packed& a, Unfolded b, Target c, Start start,
                 const Epilogue* epilogue) {
  serial(m, n, k, a, b, c, start, epilogue);
}

void gemm(int64_t m, int64_t n, int64_t k, Operand a, Operand b, Target c, Start start, const Epilogue* epilogue) {
  parallel(m, n, k, a, b, c, start, epilogue);
}

void gemm(int64_t m, int64_t n, int64_t k, Operand a, Unfolded b, Target c, Start start, const Epilogue* epilogue) {
  parallel(m, n, k, a, b, c, start, epilogue);
}

}  // namespace canonical
