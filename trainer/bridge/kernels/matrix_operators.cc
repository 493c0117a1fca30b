// aten's matrix products on top of gemm.
#include <vector>

#include <ATen/ATen.h>
#include <ATen/ExpandUtils.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include "gemm.h"
#include "register.h"

namespace canonical {
namespace {

using at::Scalar;
using at::Tensor;

void expect_float(const Tensor& tensor) {
  TORCH_CHECK(tensor.scalar_type() == at::kFloat, "the canonical numeric profile multiplies matrices of float32 only, not of ",
              tensor.scalar_type(), ": convert them first");
}

Operand operand(const Tensor& matrix) {
  return {matrix.const_data_ptr<float>(), matrix.stride(-2), matrix.stride(-1)};
}

// A tensor that gemm can write to.
bool writable(const Tensor& matrix) {
  return matrix.stride(-1) == 1 && matrix.stride(-2) >= matrix.size(-1);
}

Epilogue epilogue_of(const Tensor& added, const Scalar& beta, const Scalar& alpha) {
  const auto factor = beta.to<float>();
  // with a factor of zero, NaN and infinity are not passed on
  return {alpha.to<float>(), factor, factor == 0.0f ? nullptr : added.const_data_ptr<float>(), added.stride(-2),
          added.stride(-1)};
}

void check_product(const Tensor& a, const Tensor& b) {
  TORCH_CHECK(a.dim() == 2 && b.dim() == 2, "matrix product of tensors with ", a.dim(), " and ", b.dim(), " dimensions");
  TORCH_CHECK(a.size(1) == b.size(0), "matrix product of shapes ", a.sizes(), " and ", b.sizes());
  expect_float(a);
  expect_float(b);
}

Tensor product(const Tensor& a, const Tensor& b, const Epilogue* epilogue) {
  Tensor out = at::empty({a.size(0), b.size(1)}, a.options());
  gemm(a.size(0), b.size(1), a.size(1), operand(a), operand(b), {out.mutable_data_ptr<float>(), b.size(1)}, Start::Zero,
       epilogue);
  return out;
}

Tensor mm(const Tensor& a, const Tensor& b) {
  check_product(a, b);
  return product(a, b, nullptr);
}

Tensor addmm(const Tensor& added, const Tensor& a, const Tensor& b, const Scalar& beta, const Scalar& alpha) {
  check_product(a, b);
  expect_float(added);
  const Tensor expanded = added.expand({a.size(0), b.size(1)});
  const Epilogue epilogue = epilogue_of(expanded, beta, alpha);
  return product(a, b, &epilogue);
}

Tensor batched(const Tensor& a, const Tensor& b, const Epilogue* epilogue, int64_t added_stride) {
  const int64_t batch = a.size(0), m = a.size(1), n = b.size(2), k = a.size(2);
  Tensor out = at::empty({batch, m, n}, a.options());
  auto* to = out.mutable_data_ptr<float>();
  auto one = [&](int64_t index, bool parallel) {
    Operand left = operand(a), right = operand(b);
    left.data += index * a.stride(0);
    right.data += index * b.stride(0);
    Epilogue own;
    if (epilogue != nullptr) {
      own = *epilogue;
      if (own.added != nullptr) own.added += index * added_stride;
    }
    const Target target{to + index * m * n, n};
    const Epilogue* shifted = epilogue == nullptr ? nullptr : &own;
    if (parallel) return gemm(m, n, k, left, right, target, Start::Zero, shifted);
    return gemm_serial(m, n, k, left, right, target, Start::Zero, shifted);
  };
  if (batch < at::get_num_threads()) {
    for (int64_t index = 0; index < batch; index++) one(index, true);
  } else {
    const int64_t grain = std::max<int64_t>(1, (1 << 17) / std::max<int64_t>(1, m * n * k));
    at::parallel_for(0, batch, grain, [&](int64_t from, int64_t to_index) {
      for (int64_t index = from; index < to_index; index++) one(index, false);
    });
  }
  return out;
}

void check_batched(const Tensor& a, const Tensor& b) {
  TORCH_CHECK(a.dim() == 3 && b.dim() == 3 && a.size(0) == b.size(0) && a.size(2) == b.size(1),
              "batched matrix product of shapes ", a.sizes(), " and ", b.sizes());
  expect_float(a);
  expect_float(b);
}

Tensor bmm(const Tensor& a, const Tensor& b) {
  check_batched(a, b);
  return batched(a, b, nullptr, 0);
}

Tensor baddbmm(const Tensor& added, const Tensor& a, const Tensor& b, const Scalar& beta, const Scalar& alpha) {
  check_batched(a, b);
  expect_float(added);
  const Tensor expanded = added.expand({a.size(0), a.size(1), b.size(2)});
  const Epilogue epilogue = epilogue_of(expanded, beta, alpha);
  return batched(a, b, &epilogue, expanded.stride(0));
}

Tensor mv(const Tensor& a, const Tensor& vector) {
  TORCH_CHECK(vector.dim() == 1, "a vector was expected, not ", vector.dim(), " dimensions");
  return canonical::mm(a, vector.unsqueeze(1)).squeeze(1);
}

Tensor addmv(const Tensor& added, const Tensor& a, const Tensor& vector, const Scalar& beta, const Scalar& alpha) {
  TORCH_CHECK(vector.dim() == 1 && added.dim() <= 1, "addmv of other than vectors");
  return canonical::addmm(added.expand({a.size(0)}).unsqueeze(1), a, vector.unsqueeze(1), beta, alpha).squeeze(1);
}

Tensor dot(const Tensor& a, const Tensor& b) {
  TORCH_CHECK(a.dim() == 1 && b.dim() == 1, "dot product of other than vectors");
  return canonical::mm(a.unsqueeze(0), b.unsqueeze(1)).reshape({});
}

// Puts `result` into a tensor that the caller gave.
Tensor& put(const Tensor& result, Tensor& out) {
  if (out.sizes() != result.sizes()) out.resize_(result.sizes());
  return out.copy_(result);
}

Tensor& mm_out(const Tensor& a, const Tensor& b, Tensor& out) {
  check_product(a, b);
  const bool apart = !out.is_alias_of(a) && !out.is_alias_of(b);
  if (apart && out.dim() == 2 && out.scalar_type() == at::kFloat && out.size(0) == a.size(0) &&
      out.size(1) == b.size(1) && writable(out)) {
    gemm(a.size(0), b.size(1), a.size(1), operand(a), operand(b), {out.mutable_data_ptr<float>(), out.stride(0)},
         Start::Zero, nullptr);
    return out;
  }
  return put(canonical::mm(a, b), out);
}

Tensor& addmm_out(const Tensor& added, const Tensor& a, const Tensor& b, const Scalar& beta, const Scalar& alpha,
                  Tensor& out) {
  return put(canonical::addmm(added, a, b, beta, alpha), out);
}
Tensor& addmm_(Tensor& self, const Tensor& a, const Tensor& b, const Scalar& beta, const Scalar& alpha) {
  return self.copy_(canonical::addmm(self, a, b, beta, alpha));
}
Tensor& bmm_out(const Tensor& a, const Tensor& b, Tensor& out) { return put(canonical::bmm(a, b), out); }
Tensor& baddbmm_out(const Tensor& added, const Tensor& a, const Tensor& b, const Scalar& beta, const Scalar& alpha,
                    Tensor& out) {
  return put(canonical::baddbmm(added, a, b, beta, alpha), out);
}
Tensor& baddbmm_(Tensor& self, const Tensor& a, const Tensor& b, const Scalar& beta, const Scalar& alpha) {
  return self.copy_(canonical::baddbmm(self, a, b, beta, alpha));
}
Tensor& mv_out(const Tensor& a, const Tensor& vector, Tensor& out) { return put(canonical::mv(a, vector), out); }
Tensor& addmv_out(const Tensor& added, const Tensor& a, const Tensor& vector, const Scalar& beta, const Scalar& alpha,
                  Tensor& out) {
  return put(canonical::addmv(added, a, vector, beta, alpha), out);
}
Tensor& addmv_(Tensor& self, const Tensor& a, const Tensor& vector, const Scalar& beta, const Scalar& alpha) {
  return self.copy_(canonical::addmv(self, a, vector, beta, alpha));
}
Tensor& dot_out(const Tensor& a, const Tensor& b, Tensor& out) { return put(canonical::dot(a, b), out); }

}  // namespace

void register_matrix_operators(Registrar& registrar) {
  registrar.own("mm", mm);
  registrar.own("mm.out", mm_out);
  registrar.own("addmm", addmm);
  registrar.own("addmm.out", addmm_out);
  registrar.own("addmm_", addmm_);
  registrar.own("bmm", bmm);
  registrar.own("bmm.out", bmm_out);
  registrar.own("baddbmm", baddbmm);
  registrar.own("baddbmm.out", baddbmm_out);
  registrar.own("baddbmm_", baddbmm_);
  registrar.own("mv", mv);
  registrar.own("mv.out", mv_out);
  registrar.own("addmv", addmv);
  registrar.own("addmv.out", addmv_out);
  registrar.own("addmv_", addmv_);
  registrar.own("dot", dot);
  registrar.own("dot.out", dot_out);
  registrar.own("vdot", dot);
  registrar.own("vdot.out", dot_out);
}

}  // namespace canonical
