#include "packing.h"

#include <algorithm>
#include <cstring>

#include "microkernel.h"
#include "transpose.h"

namespace canonical {
namespace {

// Steps of the depth that are packed before the next panel's.
constexpr int64_t STEPS = 8;
// Floats in a line of the cache.
constexpr int64_t LINE = 16;

// What is packed next: rows are too short for the processor to see them coming. The address may be beyond the matrix.
void ahead(const float* next) { _mm_prefetch(reinterpret_cast<const char*>(next), _MM_HINT_T1); }

// Step by step, for any strides and for what is left at an edge. `width` values stand beside each other in `out`.
void pack_any(const float* data, int64_t across, int64_t along, int64_t size, int64_t depth, int64_t width,
              float* out) {
  for (int64_t step = 0; step < depth; step++, out += width) {
    const float* from = data + step * along;
    for (int64_t place = 0; place < size; place++) out[place] = from[place * across];
    for (int64_t place = size; place < width; place++) out[place] = 0.0f;
  }
}

// Rows whose values lie along the depth. Eight rows are turned at once, and the four behind them; six of eight write two values
// too many, which the next store overwrites.
template <int64_t ROWS>
void pack_rows(const float* data, int64_t stride, int64_t depth, float* out) {
  static_assert(ROWS == 6 || ROWS == 12);
  int64_t step = 0;
  for (; step + LANES < depth; step += LANES, out += LANES * ROWS) {
    __m256 v[LANES];
    for (int64_t row = 0; row < ROWS; row++) ahead(data + (ROWS + row) * stride + step);
    for (int64_t row = 0; row < LANES; row++) {
      v[row] = row < ROWS ? _mm256_loadu_ps(data + row * stride + step) : _mm256_setzero_ps();
    }
    transpose(v);
    for (int64_t place = 0; place < LANES; place++) _mm256_storeu_ps(out + place * ROWS, v[place]);
    if constexpr (ROWS == 12) {
      __m256 w[4];
      for (int64_t row = 0; row < 4; row++) w[row] = _mm256_loadu_ps(data + (8 + row) * stride + step);
      transpose_four(w);
      for (int64_t place = 0; place < 4; place++) {
        _mm_storeu_ps(out + place * ROWS + 8, _mm256_castps256_ps128(w[place]));
        _mm_storeu_ps(out + (place + 4) * ROWS + 8, _mm256_extractf128_ps(w[place], 1));
      }
    }
  }
  pack_any(data + step, stride, 1, ROWS, depth - step, ROWS, out);
}

// Rows that stand beside each other, `size` >= ROWS of them in panels: a few steps of all panels at a time, so that memory is read
// along its lines.
template <int64_t ROWS>
void pack_row_steps(const float* data, int64_t stride, int64_t size, int64_t depth, float* out) {
  for (int64_t begin = 0; begin < depth; begin += STEPS) {
    const int64_t end = std::min(begin + STEPS, depth);
    for (int64_t row = 0; row + ROWS <= size; row += ROWS) {
      for (int64_t step = begin; step < end; step++) {
        const float* from = data + step * stride + row;
        float* to = out + row * depth + step * ROWS;
        ahead(from + STEPS * stride);
        if constexpr (ROWS == 12) {
          _mm256_storeu_ps(to, _mm256_loadu_ps(from));
          _mm_storeu_ps(to + 8, _mm_loadu_ps(from + 8));
        } else {
          static_assert(ROWS == 6);
          _mm_storeu_ps(to, _mm_loadu_ps(from));
          _mm_storel_pi(reinterpret_cast<__m64*>(to + 4),
                        _mm_castsi128_ps(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(from + 4))));
        }
      }
    }
  }
}

// Columns whose values lie along the depth.
template <int64_t COLUMNS>
void pack_columns(const float* data, int64_t stride, int64_t depth, float* out) {
  int64_t step = 0;
  for (; step + LANES <= depth; step += LANES, out += LANES * COLUMNS) {
    for (int64_t first = 0; first < COLUMNS; first += LANES) {
      __m256 v[8];
      for (int column = 0; column < LANES; column++) {
        v[column] = _mm256_loadu_ps(data + (first + column) * stride + step);
        ahead(data + (COLUMNS + first + column) * stride + step);
      }
      transpose(v);
      for (int place = 0; place < LANES; place++) _mm256_store_ps(out + place * COLUMNS + first, v[place]);
    }
  }
  pack_any(data + step, stride, 1, COLUMNS, depth - step, COLUMNS, out);
}

// Columns that stand beside each other, `size` >= COLUMNS of them, in the same order.
template <int64_t COLUMNS>
void pack_column_steps(const float* data, int64_t stride, int64_t size, int64_t depth, float* out) {
  for (int64_t begin = 0; begin < depth; begin += STEPS) {
    const int64_t end = std::min(begin + STEPS, depth);
    for (int64_t column = 0; column + COLUMNS <= size; column += COLUMNS) {
      for (int64_t step = begin; step < end; step++) {
        const float* from = data + step * stride + column;
        float* to = out + column * depth + step * COLUMNS;
        for (int64_t first = 0; first < COLUMNS; first += LINE) ahead(from + STEPS * stride + first);
        for (int64_t first = 0; first < COLUMNS; first += LANES) _mm256_store_ps(to + first, _mm256_loadu_ps(from + first));
      }
    }
  }
}

}  // namespace

template <int64_t ROWS>
void pack_a(Operand a, int64_t rows, int64_t depth, float* out) {
  int64_t row = 0;
  if (a.row_stride == 1 && a.column_stride != 1) {
    row = rows / ROWS * ROWS;
    pack_row_steps<ROWS>(a.data, a.column_stride, row, depth, out);
  }
  for (out += row * depth; row < rows; row += ROWS, out += ROWS * depth) {
    const float* data = a.data + row * a.row_stride;
    const int64_t size = std::min(ROWS, rows - row);
    if (size == ROWS && a.column_stride == 1) {
      pack_rows<ROWS>(data, a.row_stride, depth, out);
    } else {
      pack_any(data, a.row_stride, a.column_stride, size, depth, ROWS, out);
    }
  }
}

template <int64_t COLUMNS>
void pack_b(Operand b, int64_t depth, int64_t columns, float* out) {
  int64_t column = 0;
  if (b.column_stride == 1) {
    column = columns / COLUMNS * COLUMNS;
    pack_column_steps<COLUMNS>(b.data, b.row_stride, column, depth, out);
  }
  for (out += column * depth; column < columns; column += COLUMNS, out += COLUMNS * depth) {
    const float* data = b.data + column * b.column_stride;
    const int64_t size = std::min(COLUMNS, columns - column);
    if (size == COLUMNS && b.row_stride == 1) {
      pack_columns<COLUMNS>(data, b.column_stride, depth, out);
    } else {
      pack_any(data, b.column_stride, b.row_stride, size, depth, COLUMNS, out);
    }
  }
}

template void pack_a<6>(Operand, int64_t, int64_t, float*);
template void pack_a<12>(Operand, int64_t, int64_t, float*);
template void pack_b<16>(Operand, int64_t, int64_t, float*);
template void pack_b<32>(Operand, int64_t, int64_t, float*);

}  // namespace canonical
