// aten's layer normalisation, forward and backward. Sums over a row are taken in double precision, in eight lanes whose
// elements follow each other at a distance of eight; gradients of weight and bias are one chain over the rows.
#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include "register.h"

#include <immintrin.h>

namespace canonical {
namespace {

using at::Tensor;
using Floats = __m256;

constexpr int64_t LANES = 8;
// Rows whose part of the weights' gradients is added while they are in the first-level cache.
constexpr int64_t ROWS = 16;
// Columns of a thread's share of the weights' gradients.
constexpr int64_t COLUMNS = 64;

struct Sums {
  __m256d low = _mm256_setzero_pd(), high = _mm256_setzero_pd();

  void add(Floats values) {
    low = _mm256_add_pd(low, _mm256_cvtps_pd(_mm256_castps256_ps128(values)));
    high = _mm256_add_pd(high, _mm256_cvtps_pd(_mm256_extractf128_ps(values, 1)));
  }

  void add_products(Floats a, Floats b) {
    low = _mm256_fmadd_pd(_mm256_cvtps_pd(_mm256_castps256_ps128(a)), _mm256_cvtps_pd(_mm256_castps256_ps128(b)), low);
    high = _mm256_fmadd_pd(_mm256_cvtps_pd(_mm256_extractf128_ps(a, 1)), _mm256_cvtps_pd(_mm256_extractf128_ps(b, 1)), high);
  }

  double total() const {
    alignas(32) double lanes[4];
    _mm256_store_pd(lanes, _mm256_add_pd(low, high));
    return (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
  }
};

__m256i mask_of(int64_t lanes) {
  const __m256i places = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(lanes)), places);
}

// Calls part(i, load, store) for each eight numbers up to `count`; lanes without a number load as zero and store nothing.
template <typename Part>
void for_each_eight(int64_t from, int64_t count, Part part) {
  int64_t i = from;
  for (; i + LANES <= count; i += LANES) {
    part(i, [](const float* in) { return _mm256_loadu_ps(in); }, [](float* out, Floats v) { _mm256_storeu_ps(out, v); });
  }
  if (i >= count) return;
  const __m256i mask = mask_of(count - i);
  part(i, [=](const float* in) { return _mm256_maskload_ps(in, mask); },
       [=](float* out, Floats v) { _mm256_maskstore_ps(out, mask, v); });
}

// What the elements of a layer normalisation share.
struct Layer {
  int64_t rows, width;
  const float* weight;  // null: one
  const float* bias;    // null: zero
};

struct Operands {
  Tensor input, weight, bias;
  Layer layer;
  std::vector<int64_t> shape_of_statistics;
};

Tensor dense(const Tensor& tensor) {
  if (!tensor.defined()) return tensor;
  TORCH_CHECK(tensor.scalar_type() == at::kFloat, "the canonical numeric profile normalises float32 only, not ",
              tensor.scalar_type());
  return tensor.contiguous();
}

Operands operands(const Tensor& input, at::IntArrayRef shape, const std::optional<Tensor>& weight,
                  const std::optional<Tensor>& bias) {
  TORCH_CHECK(!shape.empty() && input.dim() >= static_cast<int64_t>(shape.size()) &&
                  input.sizes().slice(static_cast<size_t>(input.dim()) - shape.size()) == shape,
              "layer normalisation over ", shape, " of a tensor of shape ", input.sizes());
  Operands made{dense(input), dense(weight.value_or(Tensor())), dense(bias.value_or(Tensor())), {}, {}};
  TORCH_CHECK((!made.weight.defined() || made.weight.sizes() == shape) && (!made.bias.defined() || made.bias.sizes() == shape),
              "weight and bias of a layer normalisation over ", shape, " have another shape");
  const int64_t width = c10::multiply_integers(shape);
  const size_t outer = static_cast<size_t>(input.dim()) - shape.size();
  const auto data = [](const Tensor& tensor) { return tensor.defined() ? tensor.const_data_ptr<float>() : nullptr; };
  made.layer = {width == 0 ? 0 : input.numel() / width, width, data(made.weight), data(made.bias)};
  made.shape_of_statistics = input.sizes().vec();
  std::fill(made.shape_of_statistics.begin() + static_cast<int64_t>(outer), made.shape_of_statistics.end(), 1);
  return made;
}

void normalise_row(const Layer& layer, double eps, const float* in, float* out, float* mean, float* rstd) {
  Sums sums;
  for_each_eight(0, layer.width, [&](int64_t i, auto load, auto) { sums.add(load(in + i)); });
  const double centre = sums.total() / static_cast<double>(layer.width);
  *mean = static_cast<float>(centre);
  const Floats shift = _mm256_set1_ps(*mean);
  Sums squares;
  int64_t whole = layer.width / LANES * LANES;
  for_each_eight(0, whole, [&](int64_t i, auto load, auto) {
    const Floats centred = _mm256_sub_ps(load(in + i), shift);
    squares.add_products(centred, centred);
  });
  for_each_eight(whole, layer.width, [&](int64_t i, auto load, auto) {
    // lanes without a number must not count
    const Floats centred = _mm256_and_ps(_mm256_sub_ps(load(in + i), shift), _mm256_castsi256_ps(mask_of(layer.width - i)));
    squares.add_products(centred, centred);
  });
  *rstd = static_cast<float>(1.0 / std::sqrt(squares.total() / static_cast<double>(layer.width) + eps));
  const Floats factor = _mm256_set1_ps(*rstd);
  for_each_eight(0, layer.width, [&](int64_t i, auto load, auto store) {
    Floats value = _mm256_mul_ps(_mm256_sub_ps(load(in + i), shift), factor);
    if (layer.weight != nullptr) value = _mm256_mul_ps(value, load(layer.weight + i));
    if (layer.bias != nullptr) value = _mm256_add_ps(value, load(layer.bias + i));
    store(out + i, value);
  });
}

std::tuple<Tensor, Tensor, Tensor> layer_norm(const Tensor& input, c10::SymIntArrayRef symbolic_shape,
                                              const std::optional<Tensor>& weight, const std::optional<Tensor>& bias,
                                              double eps) {
  const Operands given = operands(input, C10_AS_INTARRAYREF_SLOW(symbolic_shape), weight, bias);
  const Layer& layer = given.layer;
  Tensor out = at::empty_like(given.input);
  Tensor means = at::empty(given.shape_of_statistics, input.options());
  Tensor rstds = at::empty(given.shape_of_statistics, input.options());
  const float* from = given.input.const_data_ptr<float>();
  float *to = out.mutable_data_ptr<float>(), *mean = means.mutable_data_ptr<float>(),
        *rstd = rstds.mutable_data_ptr<float>();
  at::parallel_for(0, layer.rows, std::max<int64_t>(1, 8192 / std::max<int64_t>(1, layer.width)), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      normalise_row(layer, eps, from + row * layer.width, to + row * layer.width, mean + row, rstd + row);
    }
  });
  return {out, means, rstds};
}

// The gradient of one row's inputs.
void input_gradient_row(const Layer& layer, const float* gradient, const float* in, float mean, float rstd, float* out) {
  const Floats shift = _mm256_set1_ps(mean), factor = _mm256_set1_ps(rstd);
  const auto weighted = [&](int64_t i, auto load) {
    const Floats g = load(gradient + i);
    return layer.weight == nullptr ? g : _mm256_mul_ps(g, load(layer.weight + i));
  };
  Sums sums, products;
  for_each_eight(0, layer.width, [&](int64_t i, auto load, auto) {
    const Floats g = weighted(i, load);
    sums.add(g);
    // lanes without a number have a gradient of zero
    products.add_products(g, _mm256_mul_ps(_mm256_sub_ps(load(in + i), shift), factor));
  });
  const auto count = static_cast<double>(layer.width);
  const Floats constant = _mm256_set1_ps(static_cast<float>(sums.total() / count));
  const Floats slope = _mm256_set1_ps(static_cast<float>(products.total() / count));
  for_each_eight(0, layer.width, [&](int64_t i, auto load, auto store) {
    const Floats normal = _mm256_mul_ps(_mm256_sub_ps(load(in + i), shift), factor);
    const Floats rest = _mm256_fnmadd_ps(normal, slope, _mm256_sub_ps(weighted(i, load), constant));
    store(out + i, _mm256_mul_ps(rest, factor));
  });
}

// Adds what `rows` rows say about the weights and biases of columns `from` to `to`.
void add_weight_gradients(const Layer& layer, int64_t first_row, int64_t rows, int64_t from, int64_t to, const float* gradient,
                          const float* in, const float* mean, const float* rstd, float* of_weight, float* of_bias) {
  for_each_eight(from, to, [&](int64_t i, auto load, auto store) {
    Floats weight = load(of_weight + i), bias = load(of_bias + i);
    for (int64_t row = first_row; row < first_row + rows; row++) {
      const Floats g = load(gradient + row * layer.width + i);
      const Floats centred = _mm256_sub_ps(load(in + row * layer.width + i), _mm256_set1_ps(mean[row]));
      weight = _mm256_fmadd_ps(g, _mm256_mul_ps(centred, _mm256_set1_ps(rstd[row])), weight);
      bias = _mm256_add_ps(bias, g);
    }
    store(of_weight + i, weight);
    store(of_bias + i, bias);
  });
}

std::tuple<Tensor, Tensor, Tensor> layer_norm_backward(const Tensor& gradient, const Tensor& input,
                                                       c10::SymIntArrayRef symbolic_shape, const Tensor& means,
                                                       const Tensor& rstds, const std::optional<Tensor>& weight,
                                                       const std::optional<Tensor>& bias, std::array<bool, 3> wanted) {
  const Operands given = operands(input, C10_AS_INTARRAYREF_SLOW(symbolic_shape), weight, bias);
  const Layer& layer = given.layer;
  const Tensor gradients = dense(gradient), mean_values = dense(means), rstd_values = dense(rstds);
  Tensor of_input = wanted[0] ? at::empty_like(given.input) : Tensor();
  const bool weights_wanted = (wanted[1] && given.weight.defined()) || (wanted[2] && given.bias.defined());
  const auto shape = C10_AS_INTARRAYREF_SLOW(symbolic_shape);
  Tensor of_weight = weights_wanted ? at::zeros(shape, input.options()) : Tensor();
  Tensor of_bias = weights_wanted ? at::zeros(shape, input.options()) : Tensor();
  const float *g = gradients.const_data_ptr<float>(), *in = given.input.const_data_ptr<float>();
  const float *mean = mean_values.const_data_ptr<float>(), *rstd = rstd_values.const_data_ptr<float>();
  float* out = wanted[0] ? of_input.mutable_data_ptr<float>() : nullptr;
  const auto inputs = [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; out != nullptr && row < end; row++) {
      const int64_t at = row * layer.width;
      input_gradient_row(layer, g + at, in + at, mean[row], rstd[row], out + at);
    }
  };
  const auto weights = [&](int64_t begin, int64_t end, int64_t from, int64_t to) {
    if (!weights_wanted) return;
    add_weight_gradients(layer, begin, end - begin, from, to, g, in, mean, rstd, of_weight.mutable_data_ptr<float>(),
                         of_bias.mutable_data_ptr<float>());
  };
  if (at::get_num_threads() == 1 || at::in_parallel_region()) {
    for (int64_t row = 0; row < layer.rows; row += ROWS) {
      const int64_t end = std::min(row + ROWS, layer.rows);
      inputs(row, end);
      weights(row, end, 0, layer.width);
    }
  } else {
    at::parallel_for(0, layer.rows, std::max<int64_t>(1, 8192 / std::max<int64_t>(1, layer.width)), inputs);
    at::parallel_for(0, (layer.width + COLUMNS - 1) / COLUMNS, 1, [&](int64_t from, int64_t to) {
      weights(0, layer.rows, from * COLUMNS, std::min(to * COLUMNS, layer.width));
    });
  }
  return {of_input, wanted[1] && given.weight.defined() ? of_weight : Tensor(),
          wanted[2] && given.bias.defined() ? of_bias : Tensor()};
}

}  // namespace

void register_norm_operators(Registrar& registrar) {
  registrar.own("native_layer_norm", layer_norm);
  registrar.own("native_layer_norm_backward", layer_norm_backward);
}

}  // namespace canonical
