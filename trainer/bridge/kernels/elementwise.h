// Functions of one number that libtorch leaves to MKL, whose code depends on the processor. Each is computed in double
// precision by additions, multiplications and fused multiply-adds, and rounded to float once, so the result depends on the
// argument alone; the error is at most 0.51 units in the last place.
#pragma once
#include <cstdint>

namespace canonical {

// out[i] = f(in[i]); `in` and `out` may be the same array.
using Elementwise = void (*)(const float* in, float* out, int64_t count);

void exp(const float* in, float* out, int64_t count);
void exp2(const float* in, float* out, int64_t count);
void expm1(const float* in, float* out, int64_t count);
void log(const float* in, float* out, int64_t count);
void log2(const float* in, float* out, int64_t count);
void log10(const float* in, float* out, int64_t count);
void log1p(const float* in, float* out, int64_t count);
void sqrt(const float* in, float* out, int64_t count);
void tanh(const float* in, float* out, int64_t count);
void erf(const float* in, float* out, int64_t count);
void sin(const float* in, float* out, int64_t count);
void cos(const float* in, float* out, int64_t count);

}  // namespace canonical
