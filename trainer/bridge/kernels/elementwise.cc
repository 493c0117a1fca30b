#include "elementwise.h"

#include "doubles.h"

namespace canonical {

void exp(const float* in, float* out, int64_t count) { map(out, count, exp_of, in); }
void exp2(const float* in, float* out, int64_t count) { map(out, count, exp2_of, in); }
void expm1(const float* in, float* out, int64_t count) { map(out, count, expm1_of, in); }
void log(const float* in, float* out, int64_t count) { map(out, count, log_of, in); }
void log2(const float* in, float* out, int64_t count) {
  map(out, count, [](Doubles x) { return _mm256_mul_pd(log_of(x), all(LOG2_E)); }, in);
}
void log10(const float* in, float* out, int64_t count) {
  map(out, count, [](Doubles x) { return _mm256_mul_pd(log_of(x), all(LOG10_E)); }, in);
}
void log1p(const float* in, float* out, int64_t count) { map(out, count, log1p_of, in); }
// the root of a float, rounded to double and then to float, is the rounded root (Figueroa, 1995)
void sqrt(const float* in, float* out, int64_t count) {
  map(out, count, [](Doubles x) { return _mm256_sqrt_pd(x); }, in);
}
void tanh(const float* in, float* out, int64_t count) { map(out, count, tanh_of, in); }
void erf(const float* in, float* out, int64_t count) { map(out, count, erf_of, in); }
void sin(const float* in, float* out, int64_t count) {
  map(out, count, [](Doubles x) { return circular_of(x, 0); }, in);
}
void cos(const float* in, float* out, int64_t count) {
  map(out, count, [](Doubles x) { return circular_of(x, 1); }, in);
}

}  // namespace canonical
