// The innermost loop of a matrix product: a tile of 6 x 16 sums in twelve AVX registers.
#pragma once
#include <immintrin.h>

#include <cstdint>

#include "tile.h"

namespace canonical {

constexpr int64_t TILE_ROWS = 6;
constexpr int64_t TILE_COLUMNS = 16;
constexpr int64_t LANES = 8;

namespace detail {

inline __m256i lane_mask(int64_t lanes) {
  const __m256i numbers = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(lanes)), numbers);
}

// Adds `depth` products to each sum.
template <int HEIGHT, int VECTORS>
inline void add_products(const float* a, const float* b, int64_t depth, __m256 (&sums)[HEIGHT][VECTORS]) {
  for (; depth > 0; depth--, a += TILE_ROWS, b += TILE_COLUMNS) {
    __m256 columns[VECTORS];
#pragma GCC unroll 2
    for (int vector = 0; vector < VECTORS; vector++) columns[vector] = _mm256_load_ps(b + vector * LANES);
#pragma GCC unroll 6
    for (int row = 0; row < HEIGHT; row++) {
      const __m256 value = _mm256_broadcast_ss(a + row);
#pragma GCC unroll 2
      for (int vector = 0; vector < VECTORS; vector++) {
        sums[row][vector] = _mm256_fmadd_ps(value, columns[vector], sums[row][vector]);
      }
    }
  }
}

// The whole tile in assembly: compilers move its twelve sums between registers and the stack, which costs a quarter of
// the speed.
#define CANONICAL_TWO_ROWS(a, row, s0, s1, s2, s3)     \
  "vbroadcastss " #a "+4*" #row "(%[a]), %%ymm14\n\t"   \
  "vbroadcastss " #a "+4*" #row "+4(%[a]), %%ymm15\n\t" \
  "vfmadd231ps %%ymm12, %%ymm14, %[" #s0 "]\n\t"        \
  "vfmadd231ps %%ymm13, %%ymm14, %[" #s1 "]\n\t"        \
  "vfmadd231ps %%ymm12, %%ymm15, %[" #s2 "]\n\t"        \
  "vfmadd231ps %%ymm13, %%ymm15, %[" #s3 "]\n\t"
#define CANONICAL_STEP(a, b)                       \
  "vmovaps " #b "(%[b]), %%ymm12\n\t"              \
  "vmovaps " #b "+32(%[b]), %%ymm13\n\t"           \
  CANONICAL_TWO_ROWS(a, 0, s00, s01, s10, s11)     \
  CANONICAL_TWO_ROWS(a, 2, s20, s21, s30, s31)     \
  CANONICAL_TWO_ROWS(a, 4, s40, s41, s50, s51)
#define CANONICAL_SUMS                                                                                           \
  [s00] "+x"(sums[0][0]), [s01] "+x"(sums[0][1]), [s10] "+x"(sums[1][0]), [s11] "+x"(sums[1][1]),               \
      [s20] "+x"(sums[2][0]), [s21] "+x"(sums[2][1]), [s30] "+x"(sums[3][0]), [s31] "+x"(sums[3][1]),           \
      [s40] "+x"(sums[4][0]), [s41] "+x"(sums[4][1]), [s50] "+x"(sums[5][0]), [s51] "+x"(sums[5][1])
#define CANONICAL_CLOBBERED "xmm12", "xmm13", "xmm14", "xmm15", "memory"

template <>
inline void add_products<6, 2>(const float* a, const float* b, int64_t depth, __m256 (&sums)[6][2]) {
  for (; depth >= 4; depth -= 4, a += 4 * TILE_ROWS, b += 4 * TILE_COLUMNS) {
    asm volatile("prefetcht0 384(%[a])\n\t"
                 "prefetcht0 1024(%[b])\n\t" CANONICAL_STEP(0, 0) CANONICAL_STEP(24, 64)
                 "prefetcht0 1152(%[b])\n\t" CANONICAL_STEP(48, 128) CANONICAL_STEP(72, 192)
                 : CANONICAL_SUMS
                 : [a] "r"(a), [b] "r"(b)
                 : CANONICAL_CLOBBERED);
  }
  for (; depth > 0; depth--, a += TILE_ROWS, b += TILE_COLUMNS) {
    asm volatile(CANONICAL_STEP(0, 0) : CANONICAL_SUMS : [a] "r"(a), [b] "r"(b) : CANONICAL_CLOBBERED);
  }
}

#undef CANONICAL_TWO_ROWS
#undef CANONICAL_STEP
#undef CANONICAL_SUMS
#undef CANONICAL_CLOBBERED

// `a` holds 6 values for each of `depth` steps, `b` 16. HEIGHT rows by VECTORS registers are computed; in the last
// register of a row only `lanes` values are loaded and stored.
template <int HEIGHT, int VECTORS>
void multiply(const float* a, const float* b, int64_t depth, float* c, int64_t stride, int64_t lanes, bool load,
              const Finish* finish) {
  __m256 sums[HEIGHT][VECTORS];
  const __m256i mask = lane_mask(lanes);
  const bool whole = lanes == LANES;
#pragma GCC unroll 6
  for (int row = 0; row < HEIGHT; row++) {
    _mm_prefetch(reinterpret_cast<const char*>(c + row * stride), _MM_HINT_T0);
#pragma GCC unroll 2
    for (int vector = 0; vector < VECTORS; vector++) {
      const float* from = c + row * stride + vector * LANES;
      sums[row][vector] = !load                                ? _mm256_setzero_ps()
                          : whole || vector + 1 < VECTORS ? _mm256_loadu_ps(from)
                                                               : _mm256_maskload_ps(from, mask);
    }
  }
  add_products<HEIGHT, VECTORS>(a, b, depth, sums);
  if (finish != nullptr) {
    const __m256 alpha = _mm256_set1_ps(finish->alpha);
#pragma GCC unroll 6
    for (int row = 0; row < HEIGHT; row++) {
#pragma GCC unroll 2
      for (int vector = 0; vector < VECTORS; vector++) {
        sums[row][vector] = _mm256_mul_ps(sums[row][vector], alpha);
        if (finish->added == nullptr) continue;
        const float* added = finish->added + row * finish->row_stride + vector * LANES;
        const __m256 values =
            whole || vector + 1 < VECTORS ? _mm256_loadu_ps(added) : _mm256_maskload_ps(added, mask);
        sums[row][vector] = _mm256_add_ps(sums[row][vector], values);
      }
    }
  }
#pragma GCC unroll 6
  for (int row = 0; row < HEIGHT; row++) {
#pragma GCC unroll 2
    for (int vector = 0; vector < VECTORS; vector++) {
      float* to = c + row * stride + vector * LANES;
      if (whole || vector + 1 < VECTORS) {
        _mm256_storeu_ps(to, sums[row][vector]);
      } else {
        _mm256_maskstore_ps(to, mask, sums[row][vector]);
      }
    }
  }
}

template <int VECTORS>
void multiply_rows(const float* a, const float* b, int64_t depth, float* c, int64_t stride, int64_t height,
                   int64_t lanes, bool load, const Finish* finish) {
  switch (height) {
    case 1: return multiply<1, VECTORS>(a, b, depth, c, stride, lanes, load, finish);
    case 2: return multiply<2, VECTORS>(a, b, depth, c, stride, lanes, load, finish);
    case 3: return multiply<3, VECTORS>(a, b, depth, c, stride, lanes, load, finish);
    case 4: return multiply<4, VECTORS>(a, b, depth, c, stride, lanes, load, finish);
    case 5: return multiply<5, VECTORS>(a, b, depth, c, stride, lanes, load, finish);
    default: return multiply<6, VECTORS>(a, b, depth, c, stride, lanes, load, finish);
  }
}

}  // namespace detail

// For processors with AVX2.
struct Narrow {
  static constexpr int64_t ROWS = TILE_ROWS;
  static constexpr int64_t COLUMNS = TILE_COLUMNS;
  // Steps of a packed panel; where it ends decides no bit.
  static constexpr int64_t DEPTH = 256;

  // One tile of c, `height` <= ROWS by `width` <= COLUMNS, from a packed panel of a and one of b. Where `load` is set, the
  // sums go on from what is in c.
  static void multiply(const float* a, const float* b, int64_t depth, float* c, int64_t stride, int64_t height,
                       int64_t width, bool load, const Finish* finish) {
    if (width > LANES) return detail::multiply_rows<2>(a, b, depth, c, stride, height, width - LANES, load, finish);
    return detail::multiply_rows<1>(a, b, depth, c, stride, height, width, load, finish);
  }
};

}  // namespace canonical
