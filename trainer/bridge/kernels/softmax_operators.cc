// aten's softmax and its logarithm, forward and backward.
#include <algorithm>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include "register.h"
#include "softmax_rows.h"

namespace canonical {
namespace {

using at::Tensor;

void expect_float(const Tensor& tensor) {
  TORCH_CHECK(tensor.scalar_type() == at::kFloat, "the canonical numeric profile has a softmax of float32 only, not of ",
              tensor.scalar_type());
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
