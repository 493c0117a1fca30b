#include "packing.h"

#include <algorithm>
#include <cstring>

#include "microkernel.h"

namespace canonical {
namespace {

// Rows of 8 become columns of 8.
inline void transpose(__m256 (&v)[8]) {
  const __m256 a0 = _mm256_unpacklo_ps(v[0], v[1]), a1 = _mm256_unpackhi_ps(v[0], v[1]);
  const __m256 a2 = _mm256_unpacklo_ps(v[2], v[3]), a3 = _mm256_unpackhi_ps(v[2], v[3]);
  const __m256 a4 = _mm256_unpacklo_ps(v[4], v[5]), a5 = _mm256_unpackhi_ps(v[4], v[5]);
  const __m256 a6 = _mm256_unpacklo_ps(v[6], v[7]), a7 = _mm256_unpackhi_ps(v[6], v[7]);
  const __m256 b0 = _mm256_shuffle_ps(a0, a2, 0x44), b1 = _mm256_shuffle_ps(a0, a2, 0xee);
  const __m256 b2 = _mm256_shuffle_ps(a1, a3, 0x44), b3 = _mm256_shuffle_ps(a1, a3, 0xee);
  const __m256 b4 = _mm256_shuffle_ps(a4, a6, 0x44), b5 = _mm256_shuffle_ps(a4, a6, 0xee);
  const __m256 b6 = _mm256_shuffle_ps(a5, a7, 0x44), b7 = _mm256_shuffle_ps(a5, a7, 0xee);
  v[0] = _mm256_permute2f128_ps(b0, b4, 0x20);
  v[1] = _mm256_permute2f128_ps(b1, b5, 0x20);
  v[2] = _mm256_permute2f128_ps(b2, b6, 0x20);
  v[3] = _mm256_permute2f128_ps(b3, b7, 0x20);
  v[4] = _mm256_permute2f128_ps(b0, b4, 0x31);
  v[5] = _mm256_permute2f128_ps(b1, b5, 0x31);
  v[6] = _mm256_permute2f128_ps(b2, b6, 0x31);
  v[7] = _mm256_permute2f128_ps(b3, b7, 0x31);
}

// Step by step, for any strides and for what is left at an edge. `width` values stand beside each other in `out`.
void pack_any(const float* data, int64_t across, int64_t along, int64_t size, int64_t depth, int64_t width,
              float* out) {
  for (int64_t step = 0; step < depth; step++, out += width) {
    const float* from = data + step * along;
    for (int64_t place = 0; place < size; place++) out[place] = from[place * across];
    for (int64_t place = size; place < width; place++) out[place] = 0.0f;
  }
}

// Six rows whose values lie along the depth. Each store writes two values too many, which the next one overwrites.
void pack_rows(const float* data, int64_t stride, int64_t depth, float* out) {
  int64_t step = 0;
  for (; step + LANES < depth; step += LANES, out += LANES * TILE_ROWS) {
    __m256 v[8];
    for (int row = 0; row < TILE_ROWS; row++) v[row] = _mm256_loadu_ps(data + row * stride + step);
    v[6] = v[7] = _mm256_setzero_ps();
    transpose(v);
    for (int place = 0; place < LANES; place++) _mm256_storeu_ps(out + place * TILE_ROWS, v[place]);
  }
  pack_any(data + step, stride, 1, TILE_ROWS, depth - step, TILE_ROWS, out);
}

// Six rows that stand beside each other.
void pack_row_steps(const float* data, int64_t stride, int64_t depth, float* out) {
  int64_t step = 0;
  for (; step + 1 < depth; step++, out += TILE_ROWS) {
    _mm_storeu_ps(out, _mm_loadu_ps(data + step * stride));
    _mm_storel_pi(reinterpret_cast<__m64*>(out + 4), _mm_castsi128_ps(_mm_loadl_epi64(
                                                         reinterpret_cast<const __m128i*>(data + step * stride + 4))));
  }
  pack_any(data + step * stride, 1, stride, TILE_ROWS, depth - step, TILE_ROWS, out);
}

// Sixteen columns whose values lie along the depth.
void pack_columns(const float* data, int64_t stride, int64_t depth, float* out) {
  int64_t step = 0;
  for (; step + LANES <= depth; step += LANES, out += LANES * TILE_COLUMNS) {
    for (int half = 0; half < 2; half++) {
      __m256 v[8];
      for (int column = 0; column < LANES; column++) {
        v[column] = _mm256_loadu_ps(data + (half * LANES + column) * stride + step);
      }
      transpose(v);
      for (int place = 0; place < LANES; place++) _mm256_store_ps(out + place * TILE_COLUMNS + half * LANES, v[place]);
    }
  }
  pack_any(data + step, stride, 1, TILE_COLUMNS, depth - step, TILE_COLUMNS, out);
}

// Sixteen columns that stand beside each other.
void pack_column_steps(const float* data, int64_t stride, int64_t depth, float* out) {
  for (int64_t step = 0; step < depth; step++, out += TILE_COLUMNS) {
    _mm256_store_ps(out, _mm256_loadu_ps(data + step * stride));
    _mm256_store_ps(out + LANES, _mm256_loadu_ps(data + step * stride + LANES));
  }
}

}  // namespace

void pack_a(Operand a, int64_t rows, int64_t depth, float* out) {
  for (int64_t row = 0; row < rows; row += TILE_ROWS, out += TILE_ROWS * depth) {
    const float* data = a.data + row * a.row_stride;
    const int64_t size = std::min(TILE_ROWS, rows - row);
    if (size == TILE_ROWS && a.column_stride == 1) {
      pack_rows(data, a.row_stride, depth, out);
    } else if (size == TILE_ROWS && a.row_stride == 1) {
      pack_row_steps(data, a.column_stride, depth, out);
    } else {
      pack_any(data, a.row_stride, a.column_stride, size, depth, TILE_ROWS, out);
    }
  }
}

void pack_b(Operand b, int64_t depth, int64_t columns, float* out) {
  for (int64_t column = 0; column < columns; column += TILE_COLUMNS, out += TILE_COLUMNS * depth) {
    const float* data = b.data + column * b.column_stride;
    const int64_t size = std::min(TILE_COLUMNS, columns - column);
    if (size == TILE_COLUMNS && b.column_stride == 1) {
      pack_column_steps(data, b.row_stride, depth, out);
    } else if (size == TILE_COLUMNS && b.row_stride == 1) {
      pack_columns(data, b.column_stride, depth, out);
    } else {
      pack_any(data, b.column_stride, b.row_stride, size, depth, TILE_COLUMNS, out);
    }
  }
}

}  // namespace canonical
