// aten's softmax and its logarithm, forward and backward. A row's sums are taken in double precision, in four lanes whose
// elements follow each other at a distance of four, so that they depend on the row alone.
#include <algorithm>
#include <limits>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include "doubles.h"
#include "register.h"

namespace canonical {
namespace {

using at::Tensor;

void expect_float(const Tensor& tensor) {
  TORCH_CHECK(tensor.scalar_type() == at::kFloat, "the canonical numeric profile has a softmax of float32 only, not of ",
              tensor.scalar_type());
}

double add_lanes(Doubles sums) {
  alignas(32) double lanes[4];
  _mm256_store_pd(lanes, sums);
  return (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
}

float highest(const float* row, int64_t count) {
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
Doubles only(int64_t lanes, Doubles values) {
  if (lanes == 4) return values;
  alignas(32) double kept[4];
  _mm256_store_pd(kept, values);
  std::fill(kept + lanes, kept + 4, 0.0);
  return _mm256_load_pd(kept);
}

void softmax_row(const float* in, float* out, int64_t count) {
  const Doubles shift = all(highest(in, count));
  Doubles sums = _mm256_setzero_pd();
  for_each_four(count, [&](int64_t i, int64_t lanes, Doubles x) {
    const Doubles e = exp_of(_mm256_sub_pd(x, shift));
    sums = _mm256_add_pd(sums, only(lanes, e));
    store(out + i, lanes, e);
  }, in);
  const Doubles factor = all(1.0 / add_lanes(sums));
  map(out, count, [=](Doubles e) { return _mm256_mul_pd(e, factor); }, out);
}

void log_softmax_row(const float* in, float* out, int64_t count) {
  const Doubles shift = all(highest(in, count));
  Doubles sums = _mm256_setzero_pd();
  for_each_four(count, [&](int64_t, int64_t lanes, Doubles x) {
    sums = _mm256_add_pd(sums, only(lanes, exp_of(_mm256_sub_pd(x, shift))));
  }, in);
  const Doubles logarithm = log_of(all(add_lanes(sums)));
  map(out, count, [=](Doubles x) { return _mm256_sub_pd(_mm256_sub_pd(x, shift), logarithm); }, in);
}

void softmax_gradient_row(const float* gradient, const float* output, float* out, int64_t count) {
  Doubles sums = _mm256_setzero_pd();
  for_each_four(count, [&](int64_t, int64_t, Doubles g, Doubles y) { sums = fma(g, y, sums); }, gradient, output);
  const Doubles sum = all(add_lanes(sums));
  map(out, count, [=](Doubles g, Doubles y) { return _mm256_mul_pd(y, _mm256_sub_pd(g, sum)); }, gradient, output);
}

void log_softmax_gradient_row(const float* gradient, const float* output, float* out, int64_t count) {
  Doubles sums = _mm256_setzero_pd();
  for_each_four(count, [&](int64_t, int64_t, Doubles g) { sums = _mm256_add_pd(sums, g); }, gradient);
  const Doubles sum = all(add_lanes(sums));
  map(out, count, [=](Doubles g, Doubles y) { return fma(exp_of(y), _mm256_sub_pd(_mm256_setzero_pd(), sum), g); },
      gradient, output);
}

// Calls row(index) for each row of `count` numbers, in parallel.
template <typename Row>
void for_each_row(int64_t numel, int64_t count, Row row) {
  if (numel == 0) return;
  at::parallel_for(0, numel / count, std::max<int64_t>(1, 8192 / count), [&](int64_t from, int64_t to) {
    for (int64_t index = from; index < to; index++) row(index * count);
  });
}

// With `dim` as the last dimension, in memory.
Tensor in_rows(const Tensor& tensor, int64_t dim) {
  return (tensor.dim() == 0 ? tensor.reshape({1}) : tensor.transpose(dim, -1)).contiguous();
}

Tensor back(const Tensor& rows, const Tensor& like, int64_t dim) {
  return like.dim() == 0 ? rows.reshape({}) : rows.transpose(dim, -1).contiguous();
}

template <void (*ROW)(const float*, float*, int64_t)>
Tensor forward(const Tensor& self, int64_t dim, bool) {
  expect_float(self);
  const Tensor in = in_rows(self, dim);
  Tensor out = at::empty_like(in);
  const float* from = in.const_data_ptr<float>();
  float* to = out.mutable_data_ptr<float>();
  const int64_t count = in.size(-1);
  for_each_row(in.numel(), count, [&](int64_t begin) { ROW(from + begin, to + begin, count); });
  return back(out, self, dim);
}

template <void (*ROW)(const float*, const float*, float*, int64_t)>
Tensor backward(const Tensor& gradient, const Tensor& output, int64_t dim, at::ScalarType) {
  expect_float(gradient);
  const Tensor left = in_rows(gradient, dim), right = in_rows(output, dim);
  Tensor out = at::empty_like(left);
  const float *g = left.const_data_ptr<float>(), *y = right.const_data_ptr<float>();
  float* to = out.mutable_data_ptr<float>();
  const int64_t count = left.size(-1);
  for_each_row(left.numel(), count, [&](int64_t begin) { ROW(g + begin, y + begin, to + begin, count); });
  return back(out, gradient, dim);
}

template <void (*ROW)(const float*, float*, int64_t)>
Tensor& forward_out(const Tensor& self, int64_t dim, bool half_to_float, Tensor& out) {
  const Tensor result = forward<ROW>(self, dim, half_to_float);
  if (out.sizes() != result.sizes()) out.resize_(result.sizes());
  return out.copy_(result);
}

}  // namespace

void register_softmax_operators(Registrar& registrar) {
  registrar.own("_softmax", forward<softmax_row>);
  registrar.own("_softmax.out", forward_out<softmax_row>);
  registrar.own("_log_softmax", forward<log_softmax_row>);
  registrar.own("_log_softmax.out", forward_out<log_softmax_row>);
  registrar.own("_softmax_backward_data", backward<softmax_gradient_row>);
  registrar.own("_log_softmax_backward_data", backward<log_softmax_gradient_row>);
}

}  // namespace canonical
