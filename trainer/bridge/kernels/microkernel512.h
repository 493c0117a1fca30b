// The innermost loop of a matrix product on processors with AVX-512: a tile of 12 x 32 sums in 24 registers. Each sum is the
// same chain as in microkernel.h, so its bits are the same; there are only more of them at a time.
#pragma once
#include <immintrin.h>

#include <cstdint>

#include "tile.h"
#include "wide.h"

namespace canonical {
namespace wide {

constexpr int64_t ROWS = 12;
constexpr int64_t LANES = 16;
constexpr int64_t COLUMNS = 2 * LANES;

template <int HEIGHT, int VECTORS>
CANONICAL_WIDE void multiply(const float* a, const float* b, int64_t depth, float* c, int64_t stride, int64_t lanes,
                             bool load, const Finish* finish) {
  __m512 sums[HEIGHT][VECTORS];
  const auto last = static_cast<__mmask16>((1u << lanes) - 1);
#pragma GCC unroll 12
  for (int row = 0; row < HEIGHT; row++) {
    _mm_prefetch(reinterpret_cast<const char*>(c + row * stride), _MM_HINT_T0);
#pragma GCC unroll 2
    for (int vector = 0; vector < VECTORS; vector++) {
      const __mmask16 mask = vector + 1 < VECTORS ? static_cast<__mmask16>(0xffff) : last;
      const float* from = c + row * stride + vector * LANES;
      sums[row][vector] = load ? _mm512_maskz_loadu_ps(mask, from) : _mm512_setzero_ps();
    }
  }
  for (; depth > 0; depth--, a += ROWS, b += COLUMNS) {
    __m512 columns[VECTORS];
    _mm_prefetch(reinterpret_cast<const char*>(a + 16 * ROWS), _MM_HINT_T0);
#pragma GCC unroll 2
    for (int vector = 0; vector < VECTORS; vector++) {
      columns[vector] = _mm512_load_ps(b + vector * LANES);
      _mm_prefetch(reinterpret_cast<const char*>(b + 8 * COLUMNS + vector * LANES), _MM_HINT_T0);
    }
#pragma GCC unroll 12
    for (int row = 0; row < HEIGHT; row++) {
      const __m512 value = _mm512_set1_ps(a[row]);
#pragma GCC unroll 2
      for (int vector = 0; vector < VECTORS; vector++) {
        sums[row][vector] = _mm512_fmadd_ps(value, columns[vector], sums[row][vector]);
      }
    }
  }
  if (finish != nullptr) {
    const __m512 alpha = _mm512_set1_ps(finish->alpha);
#pragma GCC unroll 12
    for (int row = 0; row < HEIGHT; row++) {
#pragma GCC unroll 2
      for (int vector = 0; vector < VECTORS; vector++) {
        const __mmask16 mask = vector + 1 < VECTORS ? static_cast<__mmask16>(0xffff) : last;
        sums[row][vector] = _mm512_mul_ps(sums[row][vector], alpha);
        if (finish->added == nullptr) continue;
        const float* added = finish->added + row * finish->row_stride + vector * LANES;
        sums[row][vector] = _mm512_add_ps(sums[row][vector], _mm512_maskz_loadu_ps(mask, added));
      }
    }
  }
#pragma GCC unroll 12
  for (int row = 0; row < HEIGHT; row++) {
#pragma GCC unroll 2
    for (int vector = 0; vector < VECTORS; vector++) {
      const __mmask16 mask = vector + 1 < VECTORS ? static_cast<__mmask16>(0xffff) : last;
      _mm512_mask_storeu_ps(c + row * stride + vector * LANES, mask, sums[row][vector]);
    }
  }
}

template <int VECTORS>
CANONICAL_WIDE void multiply_rows(const float* a, const float* b, int64_t depth, float* c, int64_t stride,
                                  int64_t height, int64_t lanes, bool load, const Finish* finish) {
  switch (height) {
    case 1: return multiply<1, VECTORS>(a, b, depth, c, stride, lanes, load, finish);
    case 2: return multiply<2, VECTORS>(a, b, depth, c, stride, lanes, load, finish);
    case 3: return multiply<3, VECTORS>(a, b, depth, c, stride, lanes, load, finish);
    case 4: return multiply<4, VECTORS>(a, b, depth, c, stride, lanes, load, finish);
    case 5: return multiply<5, VECTORS>(a, b, depth, c, stride, lanes, load, finish);
    case 6: return multiply<6, VECTORS>(a, b, depth, c, stride, lanes, load, finish);
    case 7: return multiply<7, VECTORS>(a, b, depth, c, stride, lanes, load, finish);
    case 8: return multiply<8, VECTORS>(a, b, depth, c, stride, lanes, load, finish);
    case 9: return multiply<9, VECTORS>(a, b, depth, c, stride, lanes, load, finish);
    case 10: return multiply<10, VECTORS>(a, b, depth, c, stride, lanes, load, finish);
    case 11: return multiply<11, VECTORS>(a, b, depth, c, stride, lanes, load, finish);
    default: return multiply<12, VECTORS>(a, b, depth, c, stride, lanes, load, finish);
  }
}

}  // namespace wide

// For processors with AVX-512.
struct Wide {
  static constexpr int64_t ROWS = wide::ROWS;
  static constexpr int64_t COLUMNS = wide::COLUMNS;
  static constexpr int64_t DEPTH = 384;

  // As Narrow::multiply.
  static void multiply(const float* a, const float* b, int64_t depth, float* c, int64_t stride, int64_t height,
                       int64_t width, bool load, const Finish* finish) {
    if (width > wide::LANES) {
      return wide::multiply_rows<2>(a, b, depth, c, stride, height, width - wide::LANES, load, finish);
    }
    return wide::multiply_rows<1>(a, b, depth, c, stride, height, width, load, finish);
  }
};

}  // namespace canonical
