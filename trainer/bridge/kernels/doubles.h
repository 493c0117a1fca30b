// Functions of four doubles at once, by additions, multiplications, divisions, roots and fused multiply-adds only: the same
// bits on every processor. Relative errors are below 1e-14 where a comment does not say otherwise.
#pragma once
#include <immintrin.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <limits>

namespace canonical {


using Doubles = __m256d;
using Longs = __m256i;

constexpr double LN2 = 0x1.62e42fefa39efp-1;
constexpr double LN2_REST = 0x1.abc9e3b39803fp-56;  // ln 2 - LN2
constexpr double LOG2_E = 0x1.71547652b82fep+0;
constexpr double LOG10_E = 0x1.bcb7b1526e50ep-2;
constexpr double HALF_PI = 0x1.921fb54442d18p+0;
constexpr double TWO_OVER_SQRT_PI = 0x1.20dd750429b6dp+0;
// Adding it leaves the nearest integer in the low bits of a double.
constexpr double ROUND = 0x1.8p52;

inline Doubles all(double value) { return _mm256_set1_pd(value); }
inline Doubles fma(Doubles a, Doubles b, Doubles c) { return _mm256_fmadd_pd(a, b, c); }
inline Doubles select(Doubles where, Doubles yes, Doubles no) { return _mm256_blendv_pd(no, yes, where); }
inline Doubles below(Doubles a, Doubles b) { return _mm256_cmp_pd(a, b, _CMP_LT_OQ); }
inline Doubles sign_of(Doubles x) { return _mm256_and_pd(x, all(-0.0)); }
inline Doubles magnitude(Doubles x) { return _mm256_andnot_pd(all(-0.0), x); }
// min and max that hand a NaN in `x` on
inline Doubles at_most(Doubles x, double limit) { return _mm256_min_pd(all(limit), x); }
inline Doubles at_least(Doubles x, double limit) { return _mm256_max_pd(all(limit), x); }

// Sum of coefficients[i] x^i, from the last one on.
template <size_t N>
inline Doubles polynomial(Doubles x, const std::array<double, N>& coefficients) {
  Doubles sum = all(coefficients[N - 1]);
  for (size_t i = N - 1; i-- > 0;) sum = fma(sum, x, all(coefficients[i]));
  return sum;
}

// 1/1!, 1/2!, ...: (e^x - 1) / x
constexpr std::array<double, 14> exponential_series() {
  std::array<double, 14> series{};
  double factorial = 1.0;
  for (size_t i = 0; i < series.size(); i++) {
    factorial *= static_cast<double>(i + 1);
    series[i] = 1.0 / factorial;
  }
  return series;
}

// 2, 2/3, 2/5, ...: 2 atanh(s) / s in powers of s^2
constexpr std::array<double, 13> logarithm_series() {
  std::array<double, 13> series{};
  for (size_t i = 0; i < series.size(); i++) series[i] = 2.0 / static_cast<double>(2 * i + 1);
  return series;
}

// erf(x) / x in powers of x^2; enough terms for |x| <= 4
constexpr std::array<double, 64> error_series() {
  std::array<double, 64> series{};
  double factorial = 1.0;
  for (size_t i = 0; i < series.size(); i++) {
    if (i > 0) factorial *= -static_cast<double>(i);
    series[i] = TWO_OVER_SQRT_PI / factorial / static_cast<double>(2 * i + 1);
  }
  return series;
}

// 1, -1/3!, 1/5!, ... and 1, -1/2!, 1/4!, ...
constexpr std::array<double, 10> circular_series(int first) {
  std::array<double, 10> series{};
  double factorial = 1.0;
  for (size_t i = 0; i < series.size(); i++) {
    series[i] = 1.0 / factorial;
    const double next = static_cast<double>(first) + 2.0 * static_cast<double>(i);
    factorial *= -(next + 1.0) * (next + 2.0);
  }
  return series;
}

constexpr auto EXPONENTIAL = exponential_series();
constexpr auto LOGARITHM = logarithm_series();
constexpr auto ERROR = error_series();
constexpr auto SINE = circular_series(1);
constexpr auto COSINE = circular_series(0);

// e^x - 1 for |x| < 0.35
inline Doubles small_expm1(Doubles x) { return _mm256_mul_pd(x, polynomial(x, EXPONENTIAL)); }

inline Doubles power_of_two(Doubles shifted) {
  const Longs exponent = _mm256_add_epi64(_mm256_castpd_si256(shifted), _mm256_set1_epi64x(1023));
  return _mm256_castsi256_pd(_mm256_slli_epi64(exponent, 52));
}

// Far below and above a float's range, within a double's.
constexpr double LOWEST_EXPONENT = -150.0;
constexpr double HIGHEST_EXPONENT = 130.0;
inline Doubles clamp_exponent(Doubles x) { return at_most(at_least(x, LOWEST_EXPONENT), HIGHEST_EXPONENT); }

inline Doubles exp_of(Doubles argument) {
  const Doubles x = clamp_exponent(argument);
  const Doubles shifted = fma(x, all(LOG2_E), all(ROUND));
  const Doubles whole = _mm256_sub_pd(shifted, all(ROUND));
  const Doubles rest = fma(whole, all(-LN2_REST), fma(whole, all(-LN2), x));
  const Doubles scale = power_of_two(shifted);
  return fma(scale, small_expm1(rest), scale);
}

inline Doubles exp2_of(Doubles argument) {
  const Doubles x = at_most(at_least(argument, -200.0), 200.0);
  const Doubles shifted = _mm256_add_pd(x, all(ROUND));
  const Doubles rest = _mm256_sub_pd(x, _mm256_sub_pd(shifted, all(ROUND)));
  const Doubles scale = power_of_two(shifted);
  return fma(scale, small_expm1(_mm256_mul_pd(rest, all(LN2))), scale);
}

inline Doubles expm1_of(Doubles x) {
  return select(below(magnitude(x), all(0.35)), small_expm1(x), _mm256_sub_pd(exp_of(x), all(1.0)));
}

// log((1 + s) / (1 - s))
inline Doubles log_ratio(Doubles s) {
  return _mm256_mul_pd(s, polynomial(_mm256_mul_pd(s, s), LOGARITHM));
}

inline Doubles log_of(Doubles x) {
  // the mantissa comes to lie in [sqrt(1/2), sqrt(2))
  const Longs bits = _mm256_castpd_si256(x);
  const Longs above = _mm256_sub_epi64(bits, _mm256_set1_epi64x(0x3fe6a09e667f3bcd));
  const Longs exponent = _mm256_and_si256(above, _mm256_set1_epi64x(static_cast<int64_t>(0xfff0000000000000)));
  const Doubles mantissa = _mm256_castsi256_pd(_mm256_sub_epi64(bits, exponent));
  // the exponent, a small signed integer in the upper bits, as a double
  const Longs biased = _mm256_add_epi64(_mm256_srli_epi64(exponent, 52), _mm256_set1_epi64x(0x800));
  const Longs wrapped = _mm256_and_si256(biased, _mm256_set1_epi64x(0xfff));
  const Doubles count = _mm256_sub_pd(
      _mm256_castsi256_pd(_mm256_or_si256(wrapped, _mm256_castpd_si256(all(0x1p52)))), all(0x1p52 + 0x800));
  const Doubles part = _mm256_sub_pd(mantissa, all(1.0));
  const Doubles small = log_ratio(_mm256_div_pd(part, _mm256_add_pd(mantissa, all(1.0))));
  const Doubles result = fma(count, all(LN2), fma(count, all(LN2_REST), small));
  const Doubles infinity = all(std::numeric_limits<double>::infinity());
  const Doubles zero = _mm256_setzero_pd();
  Doubles special = select(_mm256_cmp_pd(x, zero, _CMP_EQ_OQ), _mm256_sub_pd(zero, infinity), result);
  special = select(below(x, zero), all(std::numeric_limits<double>::quiet_NaN()), special);
  // infinity and NaN stay what they are
  return select(_mm256_cmp_pd(x, infinity, _CMP_NLT_UQ), x, special);
}

inline Doubles log1p_of(Doubles x) {
  const Doubles near = log_ratio(_mm256_div_pd(x, _mm256_add_pd(x, all(2.0))));
  return select(below(magnitude(x), all(0.25)), near, log_of(_mm256_add_pd(x, all(1.0))));
}

inline Doubles tanh_of(Doubles x) {
  // above 20 a float's tanh is 1
  const Doubles e = expm1_of(_mm256_mul_pd(at_most(magnitude(x), 20.0), all(2.0)));
  return _mm256_or_pd(_mm256_div_pd(e, _mm256_add_pd(e, all(2.0))), sign_of(x));
}

inline Doubles erf_of(Doubles x) {
  const Doubles near = at_most(magnitude(x), 4.0);
  const Doubles value = _mm256_mul_pd(near, polynomial(_mm256_mul_pd(near, near), ERROR));
  // above 4 a float's erf is 1
  return _mm256_or_pd(select(below(near, all(4.0)), value, at_least(near, 1.0) - all(3.0)), sign_of(x));
}

// x - quarters * pi/2, and the quarters, for |x| < 2^20.
struct Reduced {
  Doubles rest;
  Longs quarters;
};

inline Reduced reduce(Doubles x) {
  const Doubles shifted = fma(x, all(2.0 / 3.14159265358979323846), all(ROUND));
  const Doubles whole = _mm256_sub_pd(shifted, all(ROUND));
  // pi/2 in three parts; the products with the first two are exact
  Doubles rest = fma(whole, all(-0x1.921fb544p+0), x);
  rest = fma(whole, all(-0x1.0b4611a6p-34), rest);
  rest = fma(whole, all(-0x1.3198a2e037073p-69), rest);
  return {rest, _mm256_castpd_si256(shifted)};
}

// Sine where `quarters` is even, cosine where it is odd, negated for the second half of the circle.
inline Doubles circular(Doubles rest, Longs quarters) {
  const Doubles square = _mm256_mul_pd(rest, rest);
  const Doubles sine = _mm256_mul_pd(rest, polynomial(square, SINE));
  const Doubles cosine = polynomial(square, COSINE);
  const Doubles odd = _mm256_castsi256_pd(_mm256_slli_epi64(quarters, 63));
  const Longs half = _mm256_slli_epi64(_mm256_srli_epi64(quarters, 1), 63);
  return _mm256_xor_pd(select(odd, cosine, sine), _mm256_castsi256_pd(half));
}

// The same reduction for any float, by multiplying the mantissa with the bits of 2/pi that matter (Payne and Hanek, 1983).
inline double reduce_large(float x, int64_t& quarters) {
  constexpr std::array<uint32_t, 7> TWO_OVER_PI = {0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0,
                                                   0xdb629599, 0x3c439041, 0xfe5163ab};
  uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  const uint32_t mantissa = (bits & 0x7fffff) | 0x800000;
  // x = mantissa * 2^exponent; whole turns come from the first `skip` bits and do not matter
  const int exponent = static_cast<int>((bits >> 23) & 0xff) - 150;
  const int skip = exponent - 2;
  unsigned __int128 window = 0;
  for (int bit = 0; bit < 96; bit++) {
    const int place = skip + bit;
    const bool set = place >= 0 && place < 224 && ((TWO_OVER_PI[place / 32] >> (31 - place % 32)) & 1) != 0;
    window = window << 1 | (set ? 1 : 0);
  }
  // window / 2^94 is 2/pi * 2^exponent without whole turns, so 94 bits of the product lie behind the point
  const unsigned __int128 product = window * mantissa;
  const unsigned __int128 turn = product & ((static_cast<unsigned __int128>(1) << 96) - 1);
  const auto nearest = (turn + (static_cast<unsigned __int128>(1) << 93)) >> 94;
  const auto rest = static_cast<__int128>(turn - (nearest << 94));
  const double angle = static_cast<double>(static_cast<int64_t>(rest >> 34)) * 0x1p-60 * HALF_PI;
  quarters = static_cast<int64_t>(nearest);
  if (bits >> 31 == 0) return angle;
  quarters = -quarters;
  return -angle;
}

inline Doubles circular_of(Doubles x, int64_t shift) {
  const Doubles large = _mm256_cmp_pd(magnitude(x), all(0x1p20), _CMP_NLT_UQ);
  Reduced reduced = reduce(x);
  if (_mm256_movemask_pd(large) != 0) {
    alignas(32) double values[4], rests[4];
    alignas(32) int64_t quarters[4];
    _mm256_store_pd(values, x);
    _mm256_store_pd(rests, reduced.rest);
    _mm256_store_si256(reinterpret_cast<__m256i*>(quarters), reduced.quarters);
    for (int lane = 0; lane < 4; lane++) {
      const double value = values[lane];
      if (value - value != 0.0) {
        rests[lane] = std::numeric_limits<double>::quiet_NaN();
      } else if (value >= 0x1p20 || value <= -0x1p20) {
        rests[lane] = reduce_large(static_cast<float>(value), quarters[lane]);
      }
    }
    reduced.rest = _mm256_load_pd(rests);
    reduced.quarters = _mm256_load_si256(reinterpret_cast<const __m256i*>(quarters));
  }
  return circular(reduced.rest, _mm256_add_epi64(reduced.quarters, _mm256_set1_epi64x(shift)));
}

inline Doubles sigmoid_of(Doubles x) {
  const Doubles one = all(1.0);
  return _mm256_div_pd(one, _mm256_add_pd(one, exp_of(_mm256_sub_pd(_mm256_setzero_pd(), x))));
}

inline Doubles floor_of(Doubles x) { return _mm256_round_pd(x, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC); }

// x to the power y, with the special values of IEEE 754.
inline Doubles pow_of(Doubles x, Doubles y) {
  const Doubles zero = _mm256_setzero_pd(), one = all(1.0);
  const auto equal = [](Doubles a, Doubles b) { return _mm256_cmp_pd(a, b, _CMP_EQ_OQ); };
  const Doubles absolute = magnitude(x);
  Doubles result = exp_of(_mm256_mul_pd(y, log_of(absolute)));
  result = select(equal(absolute, one), select(_mm256_cmp_pd(y, y, _CMP_UNORD_Q), y, one), result);
  const Doubles half = _mm256_mul_pd(y, all(0.5));
  const Doubles integer = equal(floor_of(y), y);
  const Doubles odd = _mm256_andnot_pd(equal(floor_of(half), half), integer);
  result = _mm256_or_pd(result, _mm256_and_pd(odd, sign_of(x)));
  const Doubles no_root = _mm256_andnot_pd(integer, _mm256_and_pd(below(x, zero), below(absolute, all(std::numeric_limits<double>::infinity()))));
  result = select(no_root, all(std::numeric_limits<double>::quiet_NaN()), result);
  return select(_mm256_or_pd(equal(y, zero), equal(x, one)), one, result);
}

// Calls write(i, lanes, values...) for every four numbers of the arrays, the last time for 1 to 4 of them; lanes without a
// number hold zero.
template <typename Write, typename... Arrays>
void for_each_four(int64_t count, Write write, const Arrays*... arrays) {
  int64_t i = 0;
  for (; i + 4 <= count; i += 4) write(i, 4, _mm256_cvtps_pd(_mm_loadu_ps(arrays + i))...);
  if (i == count) return;
  const int64_t rest = count - i;
  const auto load = [&](const float* array) {
    alignas(16) float lanes[4] = {0.0f, 0.0f, 0.0f, 0.0f};
    std::memcpy(lanes, array + i, static_cast<size_t>(rest) * sizeof(float));
    return _mm256_cvtps_pd(_mm_load_ps(lanes));
  };
  write(i, rest, load(arrays)...);
}

// Rounds up to four doubles to floats.
inline void store(float* out, int64_t lanes, Doubles values) {
  if (lanes == 4) return _mm_storeu_ps(out, _mm256_cvtpd_ps(values));
  alignas(16) float all_lanes[4];
  _mm_store_ps(all_lanes, _mm256_cvtpd_ps(values));
  std::memcpy(out, all_lanes, static_cast<size_t>(lanes) * sizeof(float));
}

// out[i] = function(arrays[i]...), rounded once. `out` may be one of the arrays.
template <typename Function, typename... Arrays>
void map(float* out, int64_t count, Function function, const Arrays*... arrays) {
  for_each_four(count, [&](int64_t i, int64_t lanes, auto... values) { store(out + i, lanes, function(values...)); },
                arrays...);
}

}  // namespace canonical
