// aten's activations and powers. libtorch's kernels compute the elements that fill no register with the C library's functions,
// so their bits depend on its version and on where threads divide the work.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include "doubles.h"
#include "register.h"

namespace canonical {
namespace {

using at::Scalar;
using at::Tensor;

constexpr double SQRT_HALF = 0x1.6a09e667f3bcdp-1;
constexpr double ONE_OVER_SQRT_TWO_PI = 0x1.9884533d43651p-2;
constexpr double SQRT_TWO_OVER_PI = 0x1.9884533d43651p-1;
constexpr double GELU_CUBE = 0.044715;

Doubles times(Doubles a, Doubles b) { return _mm256_mul_pd(a, b); }
Doubles plus(Doubles a, Doubles b) { return _mm256_add_pd(a, b); }
Doubles minus(Doubles a, Doubles b) { return _mm256_sub_pd(a, b); }

void expect_float(const Tensor& tensor) {
  TORCH_CHECK(tensor.scalar_type() == at::kFloat, "the canonical numeric profile computes this function in float32 only, not in ",
              tensor.scalar_type(), ": convert the tensor first");
}

template <typename Function>
Tensor map_one(const Tensor& self, Function function) {
  expect_float(self);
  const Tensor in = self.is_non_overlapping_and_dense() ? self : self.contiguous();
  Tensor out = at::empty_like(in);
  const float* from = in.const_data_ptr<float>();
  float* to = out.mutable_data_ptr<float>();
  at::parallel_for(0, in.numel(), 8192, [&](int64_t begin, int64_t end) {
    map(to + begin, end - begin, function, from + begin);
  });
  return out;
}

template <typename Function>
Tensor map_two(const Tensor& first, const Tensor& second, Function function) {
  expect_float(first);
  expect_float(second);
  const auto tensors = at::broadcast_tensors({first, second});
  const Tensor a = tensors[0].contiguous(), b = tensors[1].contiguous();
  Tensor out = at::empty_like(a);
  const float *left = a.const_data_ptr<float>(), *right = b.const_data_ptr<float>();
  float* to = out.mutable_data_ptr<float>();
  at::parallel_for(0, a.numel(), 8192, [&](int64_t begin, int64_t end) {
    map(to + begin, end - begin, function, left + begin, right + begin);
  });
  return out;
}

Tensor& put(const Tensor& result, Tensor& out) {
  if (out.sizes() != result.sizes()) out.resize_(result.sizes());
  return out.copy_(result);
}

Tensor sigmoid(const Tensor& self) { return map_one(self, sigmoid_of); }

Tensor silu(const Tensor& self) {
  return map_one(self, [](Doubles x) { return times(x, sigmoid_of(x)); });
}

Tensor silu_backward(const Tensor& gradient, const Tensor& self) {
  return map_two(gradient, self, [](Doubles g, Doubles x) {
    const Doubles s = sigmoid_of(x);
    return times(times(g, s), fma(x, minus(all(1.0), s), all(1.0)));
  });
}

Doubles gelu_argument(Doubles x) {
  return times(all(SQRT_TWO_OVER_PI), fma(times(times(x, x), x), all(GELU_CUBE), x));
}

bool by_tanh(c10::string_view approximate) {
  TORCH_CHECK(approximate == "none" || approximate == "tanh", "gelu has no approximation ", std::string(approximate));
  return approximate == "tanh";
}

Tensor gelu(const Tensor& self, c10::string_view approximate) {
  if (by_tanh(approximate)) {
    return map_one(self, [](Doubles x) {
      return times(times(all(0.5), x), plus(all(1.0), tanh_of(gelu_argument(x))));
    });
  }
  return map_one(self, [](Doubles x) {
    return times(times(all(0.5), x), plus(all(1.0), erf_of(times(x, all(SQRT_HALF)))));
  });
}

Tensor gelu_backward(const Tensor& gradient, const Tensor& self, c10::string_view approximate) {
  if (by_tanh(approximate)) {
    return map_two(gradient, self, [](Doubles g, Doubles x) {
      const Doubles t = tanh_of(gelu_argument(x));
      const Doubles slope = times(all(SQRT_TWO_OVER_PI), fma(times(x, x), all(3.0 * GELU_CUBE), all(1.0)));
      const Doubles rest = times(times(x, minus(all(1.0), times(t, t))), slope);
      return times(g, times(all(0.5), plus(plus(all(1.0), t), rest)));
    });
  }
  return map_two(gradient, self, [](Doubles g, Doubles x) {
    const Doubles below_x = times(all(0.5), plus(all(1.0), erf_of(times(x, all(SQRT_HALF)))));
    const Doubles density = times(all(ONE_OVER_SQRT_TWO_PI), exp_of(times(all(-0.5), times(x, x))));
    return times(g, fma(x, density, below_x));
  });
}

Doubles positive(Doubles x) { return below(_mm256_setzero_pd(), x); }

Tensor elu(const Tensor& self, const Scalar& alpha, const Scalar& scale, const Scalar& input_scale) {
  const double a = alpha.toDouble() * scale.toDouble(), s = scale.toDouble(), in = input_scale.toDouble();
  return map_one(self, [=](Doubles x) {
    return select(positive(x), times(x, all(s)), times(expm1_of(times(x, all(in))), all(a)));
  });
}

Tensor elu_backward(const Tensor& gradient, const Scalar& alpha, const Scalar& scale, const Scalar& input_scale,
                    bool is_result, const Tensor& self_or_result) {
  const double a = alpha.toDouble() * scale.toDouble(), s = scale.toDouble(), in = input_scale.toDouble();
  return map_two(gradient, self_or_result, [=](Doubles g, Doubles x) {
    const Doubles slope = is_result ? plus(x, all(a)) : times(exp_of(times(x, all(in))), all(a));
    return times(g, select(positive(x), all(s), times(all(in), slope)));
  });
}

Tensor softplus(const Tensor& self, const Scalar& beta, const Scalar& threshold) {
  const double b = beta.toDouble(), limit = threshold.toDouble();
  return map_one(self, [=](Doubles x) {
    const Doubles scaled = times(x, all(b));
    return select(below(all(limit), scaled), x, _mm256_div_pd(log1p_of(exp_of(scaled)), all(b)));
  });
}

Tensor softplus_backward(const Tensor& gradient, const Tensor& self, const Scalar& beta, const Scalar& threshold) {
  const double b = beta.toDouble(), limit = threshold.toDouble();
  return map_two(gradient, self, [=](Doubles g, Doubles x) {
    const Doubles scaled = times(x, all(b));
    return select(below(all(limit), scaled), g, times(g, sigmoid_of(scaled)));
  });
}

Doubles negated(Doubles x) { return _mm256_xor_pd(x, all(-0.0)); }

std::tuple<Tensor, Tensor> log_sigmoid_forward(const Tensor& self) {
  // the buffer saves libtorch's backward an exponential; this one needs none
  return {map_one(self, [](Doubles x) { return minus(at_most(x, 0.0), log1p_of(exp_of(negated(magnitude(x))))); }),
          at::empty({0}, self.options())};
}

Tensor log_sigmoid_backward(const Tensor& gradient, const Tensor& self, const Tensor&) {
  return map_two(gradient, self, [](Doubles g, Doubles x) { return times(g, sigmoid_of(negated(x))); });
}

Tensor mish(const Tensor& self) {
  return map_one(self, [](Doubles x) { return times(x, tanh_of(log1p_of(exp_of(x)))); });
}

Tensor mish_backward(const Tensor& gradient, const Tensor& self) {
  return map_two(gradient, self, [](Doubles g, Doubles x) {
    const Doubles t = tanh_of(log1p_of(exp_of(x)));
    return times(g, plus(t, times(times(x, sigmoid_of(x)), minus(all(1.0), times(t, t)))));
  });
}

Tensor pow_scalar(const Tensor& self, const Scalar& exponent) {
  const double y = exponent.toDouble();
  if (y == 0.5) return map_one(self, [](Doubles x) { return _mm256_sqrt_pd(x); });
  if (y == 1.0) return map_one(self, [](Doubles x) { return x; });
  if (y == 2.0) return map_one(self, [](Doubles x) { return times(x, x); });
  if (y == 3.0) return map_one(self, [](Doubles x) { return times(times(x, x), x); });
  if (y == -1.0) return map_one(self, [](Doubles x) { return _mm256_div_pd(all(1.0), x); });
  return map_one(self, [=](Doubles x) { return pow_of(x, all(y)); });
}

Tensor pow_tensor(const Tensor& self, const Tensor& exponent) { return map_two(self, exponent, pow_of); }

Tensor pow_of_scalar(const Scalar& base, const Tensor& exponent) {
  const double x = base.toDouble();
  return map_one(exponent, [=](Doubles y) { return pow_of(all(x), y); });
}

Tensor& sigmoid_out(const Tensor& self, Tensor& out) { return put(canonical::sigmoid(self), out); }
Tensor& sigmoid_(Tensor& self) { return self.copy_(canonical::sigmoid(self)); }
Tensor& silu_out(const Tensor& self, Tensor& out) { return put(canonical::silu(self), out); }
Tensor& silu_(Tensor& self) { return self.copy_(canonical::silu(self)); }
Tensor& gelu_out(const Tensor& self, c10::string_view approximate, Tensor& out) {
  return put(canonical::gelu(self, approximate), out);
}
Tensor& gelu_(Tensor& self, c10::string_view approximate) { return self.copy_(canonical::gelu(self, approximate)); }
Tensor& elu_(Tensor& self, const Scalar& alpha, const Scalar& scale, const Scalar& input_scale) {
  return self.copy_(canonical::elu(self, alpha, scale, input_scale));
}
Tensor& mish_(Tensor& self) { return self.copy_(canonical::mish(self)); }
Tensor& pow_scalar_(Tensor& self, const Scalar& exponent) { return self.copy_(pow_scalar(self, exponent)); }
Tensor& pow_tensor_(Tensor& self, const Tensor& exponent) { return self.copy_(pow_tensor(self, exponent)); }
Tensor& pow_scalar_out(const Tensor& self, const Scalar& exponent, Tensor& out) {
  return put(pow_scalar(self, exponent), out);
}
Tensor& pow_tensor_out(const Tensor& self, const Tensor& exponent, Tensor& out) {
  return put(pow_tensor(self, exponent), out);
}

}  // namespace

void register_activation_operators(Registrar& registrar) {
  registrar.own("sigmoid", sigmoid);
  registrar.own("sigmoid.out", sigmoid_out);
  registrar.own("sigmoid_", sigmoid_);
  registrar.own("silu", silu);
  registrar.own("silu.out", silu_out);
  registrar.own("silu_", silu_);
  registrar.own("silu_backward", silu_backward);
  registrar.own("gelu", gelu);
  registrar.own("gelu.out", gelu_out);
  registrar.own("gelu_", gelu_);
  registrar.own("gelu_backward", gelu_backward);
  registrar.own("elu", elu);
  registrar.own("elu_", elu_);
  registrar.own("elu_backward", elu_backward);
  registrar.own("softplus", softplus);
  registrar.own("softplus_backward", softplus_backward);
  registrar.own("log_sigmoid_forward", log_sigmoid_forward);
  registrar.own("log_sigmoid_backward", log_sigmoid_backward);
  registrar.own("mish", mish);
  registrar.own("mish_", mish_);
  registrar.own("mish_backward", mish_backward);
  registrar.own("pow.Tensor_Scalar", pow_scalar);
  registrar.own("pow.Tensor_Scalar_out", pow_scalar_out);
  registrar.own("pow_.Scalar", pow_scalar_);
  registrar.own("pow.Tensor_Tensor", pow_tensor);
  registrar.own("pow.Tensor_Tensor_out", pow_tensor_out);
  registrar.own("pow_.Tensor", pow_tensor_);
  registrar.own("pow.Scalar", pow_of_scalar);
}

}  // namespace canonical
