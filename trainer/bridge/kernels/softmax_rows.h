// Softmax of one row and its logarithm, forward and backward. A row's sums are taken in double precision, in four lanes whose
// elements follow each other at a distance of four, so that they depend on the row alone.
#pragma once
#include <algorithm>
#include <limits>

#include "doubles.h"

namespace canonical {

inline double add_lanes(Doubles sums) {
  alignas(32) double lanes[4];
  _mm256_store_pd(lanes, sums);
  return (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
}

inline float highest(const float* row, int64_t count) {
  __m256 best = _mm256_set1_ps(-std::numeric_limits<float>::infinity());
  int64_t i = 0;
  for (; i + 8 <= count; i += 8) best = _mm256_max_ps(_mm256_loadu_ps(row + i), best);
  alignas(32) float lanes[8];
  _mm256_store_ps(lanes, best);
  float result = *std::max_element(lanes, lanes + 8);
  for (; i < count; i++) result = std::max(result, row[i]);
  return result;
}

// Lanes without a number must not count in a sum.
inline Doubles only(int64_t lanes, Doubles values) {
  if (lanes == 4) return values;
  alignas(32) double kept[4];
  _mm256_store_pd(kept, values);
  std::fill(kept + lanes, kept + 4, 0.0);
  return _mm256_load_pd(kept);
}

// Softmax of a row whose highest number is known. Returns the sum of the exponentials of what lies below it.
inline double softmax_row_below(float highest_number, const float* in, float* out, int64_t count) {
  const Doubles shift = all(highest_number);
  Doubles sums = _mm256_setzero_pd();
  for_each_four(count, [&](int64_t i, int64_t lanes, Doubles x) {
    const Doubles e = exp_of(_mm256_sub_pd(x, shift));
    sums = _mm256_add_pd(sums, only(lanes, e));
    store(out + i, lanes, e);
  }, in);
  const double sum = add_lanes(sums);
  const Doubles factor = all(1.0 / sum);
  map(out, count, [=](Doubles e) { return _mm256_mul_pd(e, factor); }, out);
  return sum;
}

inline void softmax_row(const float* in, float* out, int64_t count) {
  softmax_row_below(highest(in, count), in, out, count);
}

inline void log_softmax_row(const float* in, float* out, int64_t count) {
  const Doubles shift = all(highest(in, count));
  Doubles sums = _mm256_setzero_pd();
  for_each_four(count, [&](int64_t, int64_t lanes, Doubles x) {
    sums = _mm256_add_pd(sums, only(lanes, exp_of(_mm256_sub_pd(x, shift))));
  }, in);
  const Doubles logarithm = log_of(all(add_lanes(sums)));
  map(out, count, [=](Doubles x) { return _mm256_sub_pd(_mm256_sub_pd(x, shift), logarithm); }, in);
}

inline void softmax_gradient_row(const float* gradient, const float* output, float* out, int64_t count) {
  Doubles sums = _mm256_setzero_pd();
  for_each_four(count, [&](int64_t, int64_t, Doubles g, Doubles y) { sums = fma(g, y, sums); }, gradient, output);
  const Doubles sum = all(add_lanes(sums));
  map(out, count, [=](Doubles g, Doubles y) { return _mm256_mul_pd(y, _mm256_sub_pd(g, sum)); }, gradient, output);
}

inline void log_softmax_gradient_row(const float* gradient, const float* output, float* out, int64_t count) {
  Doubles sums = _mm256_setzero_pd();
  for_each_four(count, [&](int64_t, int64_t, Doubles g) { sums = _mm256_add_pd(sums, g); }, gradient);
  const Doubles sum = all(add_lanes(sums));
  map(out, count, [=](Doubles g, Doubles y) { return fma(exp_of(y), _mm256_sub_pd(_mm256_setzero_pd(), sum), g); },
      gradient, output);
}

}  // namespace canonical
