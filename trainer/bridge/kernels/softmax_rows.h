// Softmax of one row and its logarithm, forward and backward. A row's sums are taken in double precision, in four lanes whose
// elements follow each other at a distance of four, so that they depend on the row alone.
#pragma once
#include <algorithm>
#include <limits>

#include "doubles.h"
#include "wide.h"

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

// exp_of, of eight.
CANONICAL_WIDE inline __m512d exp_of_eight(__m512d argument) {
  const auto all_eight = [](double value) CANONICAL_WIDE { return _mm512_set1_pd(value); };
  const __m512d x = _mm512_min_pd(all_eight(HIGHEST_EXPONENT), _mm512_max_pd(all_eight(LOWEST_EXPONENT), argument));
  const __m512d shifted = _mm512_fmadd_pd(x, all_eight(LOG2_E), all_eight(ROUND));
  const __m512d whole = _mm512_sub_pd(shifted, all_eight(ROUND));
  const __m512d rest =
      _mm512_fmadd_pd(whole, all_eight(-LN2_REST), _mm512_fmadd_pd(whole, all_eight(-LN2), x));
  const __m512i exponent = _mm512_add_epi64(_mm512_castpd_si512(shifted), _mm512_set1_epi64(1023));
  const __m512d scale = _mm512_castsi512_pd(_mm512_slli_epi64(exponent, 52));
  __m512d sum = all_eight(EXPONENTIAL.back());
  for (size_t i = EXPONENTIAL.size() - 1; i-- > 0;) sum = _mm512_fmadd_pd(sum, rest, all_eight(EXPONENTIAL[i]));
  return _mm512_fmadd_pd(scale, _mm512_mul_pd(rest, sum), scale);
}

// The exponentials of as many of a row's numbers, less `shift`, as there are whole eights, and their number. Adds them to `sums`.
CANONICAL_WIDE inline int64_t exponentials_of_eights(float shift, const float* in, float* out, int64_t count, Doubles& sums) {
  const __m512d all_shift = _mm512_set1_pd(shift);
  int64_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const __m512d e = exp_of_eight(_mm512_sub_pd(_mm512_cvtps_pd(_mm256_loadu_ps(in + i)), all_shift));
    sums = _mm256_add_pd(sums, _mm512_castpd512_pd256(e));
    sums = _mm256_add_pd(sums, _mm512_extractf64x4_pd(e, 1));
    _mm256_storeu_ps(out + i, _mm512_cvtpd_ps(e));
  }
  return i;
}

// Softmax of a row whose highest number is known. Returns the sum of the exponentials of what lies below it.
inline double softmax_row_below(float highest_number, const float* in, float* out, int64_t count) {
  const Doubles shift = all(highest_number);
  Doubles sums = _mm256_setzero_pd();
  const int64_t done = is_wide() ? exponentials_of_eights(highest_number, in, out, count, sums) : 0;
  for_each_four(count - done, [&](int64_t i, int64_t lanes, Doubles x) {
    const Doubles e = exp_of(_mm256_sub_pd(x, shift));
    sums = _mm256_add_pd(sums, only(lanes, e));
    store(out + done + i, lanes, e);
  }, in + done);
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
