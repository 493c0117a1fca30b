// aten's functions of one number on top of elementwise.h.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include "elementwise.h"
#include "register.h"

namespace canonical {
namespace {

using at::Tensor;

template <Elementwise FUNCTION>
Tensor apply(const Tensor& self) {
  const Tensor numbers = at::isIntegralType(self.scalar_type(), /*includeBool=*/true) ? self.to(at::kFloat) : self;
  TORCH_CHECK(numbers.scalar_type() == at::kFloat, "the canonical numeric profile computes this function in float32 only, not in ",
              self.scalar_type(), ": convert the tensor first");
  const Tensor in = numbers.is_non_overlapping_and_dense() ? numbers : numbers.contiguous();
  Tensor out = at::empty_like(in);
  const float* from = in.const_data_ptr<float>();
  float* to = out.mutable_data_ptr<float>();
  at::parallel_for(0, in.numel(), 8192, [&](int64_t begin, int64_t end) { FUNCTION(from + begin, to + begin, end - begin); });
  return out;
}

template <Elementwise FUNCTION>
Tensor& apply_out(const Tensor& self, Tensor& out) {
  const Tensor result = apply<FUNCTION>(self);
  if (out.sizes() != result.sizes()) out.resize_(result.sizes());
  return out.copy_(result);
}

template <Elementwise FUNCTION>
Tensor& apply_in_place(Tensor& self) {
  return self.copy_(apply<FUNCTION>(self));
}

template <Elementwise FUNCTION>
void add(Registrar& registrar, const std::string& name) {
  registrar.own(name, apply<FUNCTION>);
  registrar.own(name + ".out", apply_out<FUNCTION>);
  registrar.own(name + "_", apply_in_place<FUNCTION>);
}

}  // namespace

void register_elementwise_operators(Registrar& registrar) {
  add<exp>(registrar, "exp");
  add<exp2>(registrar, "exp2");
  add<expm1>(registrar, "expm1");
  add<log>(registrar, "log");
  add<log2>(registrar, "log2");
  add<log10>(registrar, "log10");
  add<log1p>(registrar, "log1p");
  add<sqrt>(registrar, "sqrt");
  add<tanh>(registrar, "tanh");
  add<erf>(registrar, "erf");
  add<sin>(registrar, "sin");
  add<cos>(registrar, "cos");
}

}  // namespace canonical
