// aten's fused attention, forward and backward: what a product, a scaling, a mask, a softmax and a product compute one after
// another, without their tensors of queries by keys. The backward pass computes the weights again instead of keeping them.
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <tuple>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include "gemm.h"
#include "register.h"
#include "softmax_rows.h"

namespace canonical {
namespace {

using at::Tensor;

// Queries of a block. Where the mask is causal, keys after a block's last query are left out, and those before it that a query
// must not see count with a weight of zero.
constexpr int64_t QUERIES = 96;

struct Shape {
  int64_t samples, heads, queries, keys, width, value_width;
  bool causal;
  float scale;

  // Keys that the queries before `query` see.
  int64_t seen_before(int64_t query) const { return causal || queries == 0 ? std::min(keys, query) : keys; }
};

Shape shape_of(const Tensor& query, const Tensor& key, const Tensor& value, double dropout, bool causal,
               std::optional<double> scale) {
  for (const Tensor* tensor : {&query, &key, &value}) {
    TORCH_CHECK(tensor->scalar_type() == at::kFloat, "the canonical numeric profile has an attention of float32 only, not of ",
                tensor->scalar_type());
    TORCH_CHECK(tensor->dim() == 4, "attention needs tensors of samples, heads, tokens and width");
  }
  TORCH_CHECK(dropout == 0.0, "the canonical numeric profile has no dropout inside of attention");
  TORCH_CHECK(key.sizes().slice(0, 2) == query.sizes().slice(0, 2) && value.sizes().slice(0, 3) == key.sizes().slice(0, 3) &&
                  key.size(3) == query.size(3),
              "attention of shapes ", query.sizes(), ", ", key.sizes(), " and ", value.sizes());
  const double factor = scale.value_or(1.0 / std::sqrt(static_cast<double>(query.size(3))));
  return {query.size(0), query.size(1), query.size(2), key.size(2), query.size(3), value.size(3), causal,
          static_cast<float>(factor)};
}

// One head of one sample: tokens by width.
Operand head_of(const Tensor& tensor, int64_t sample, int64_t head) {
  return {tensor.const_data_ptr<float>() + sample * tensor.stride(0) + head * tensor.stride(1), tensor.stride(2),
          tensor.stride(3)};
}

Operand turned(Operand matrix) { return {matrix.data, matrix.column_stride, matrix.row_stride}; }

// Samples, heads, tokens and width, with the heads of a token beside each other in memory: what the next operator wants.
Tensor make(const Tensor& like, int64_t samples, int64_t heads, int64_t tokens, int64_t width) {
  return at::empty({samples, tokens, heads, width}, like.options()).transpose(1, 2);
}

Target target_of(const Tensor& tensor, int64_t sample, int64_t head) {
  return {tensor.mutable_data_ptr<float>() + sample * tensor.stride(0) + head * tensor.stride(1), tensor.stride(2)};
}

Target from_row(Target target, int64_t row) { return {target.data + row * target.row_stride, target.row_stride}; }

Operand as_operand(const std::vector<float>& matrix, int64_t columns) { return {matrix.data(), columns, 1}; }

// The mask as samples x heads x queries x keys, in strides alone.
std::optional<Tensor> expand(const std::optional<Tensor>& mask, const Shape& shape) {
  if (!mask.has_value() || !mask->defined()) return std::nullopt;
  TORCH_CHECK(mask->scalar_type() == at::kFloat, "the canonical numeric profile has masks of float32 or bool only, not of ",
              mask->scalar_type());
  return mask->expand({shape.samples, shape.heads, shape.queries, shape.keys});
}

// One head's weights of a block of queries.
class Weights {
 public:
  Weights(const Shape& shape, const Tensor& query, const Tensor& key, const std::optional<Tensor>& mask, int64_t sample,
          int64_t head)
      : shape_(shape), query_(head_of(query, sample, head)), key_(head_of(key, sample, head)) {
    if (mask.has_value()) mask_ = head_of(*mask, sample, head);
    weights_.resize(static_cast<size_t>(std::min(QUERIES, shape.queries) * shape.keys));
  }

  // Computes the weights of queries `first` to `last`, `keys` for each; `logarithms`, of sums of exponentials, may be null.
  void compute(int64_t first, int64_t last, int64_t keys, float* logarithms) {
    const Epilogue scaled{shape_.scale, 0.0f, nullptr, 0, 0};
    gemm_serial(last - first, keys, shape_.width, query_.from(first, 0), turned(key_), {weights_.data(), keys}, Start::Zero,
                &scaled);
    for (int64_t query = first; query < last; query++) {
      float* row = weights_.data() + (query - first) * keys;
      const int64_t seen = shape_.seen_before(query + 1);
      if (mask_.has_value()) {
        const float* added = mask_->data + query * mask_->row_stride;
        for (int64_t j = 0; j < seen; j++) row[j] += added[j * mask_->column_stride];
      }
      const float best = highest(row, seen);
      if (best == -std::numeric_limits<float>::infinity()) {
        // sees nothing
        std::fill(row, row + keys, 0.0f);
        if (logarithms != nullptr) logarithms[query] = best;
        continue;
      }
      const double sum = softmax_row_below(best, row, row, seen);
      if (logarithms != nullptr) logarithms[query] = static_cast<float>(best + _mm256_cvtsd_f64(log_of(all(sum))));
      std::fill(row + seen, row + keys, 0.0f);
    }
  }

  const std::vector<float>& values() const { return weights_; }

 private:
  const Shape& shape_;
  Operand query_, key_;
  std::optional<Operand> mask_;
  std::vector<float> weights_;
};

// Calls block(first, last, keys) for each block of queries, in ascending order.
template <typename Block>
void for_each_block(const Shape& shape, Block block) {
  for (int64_t first = 0; first < shape.queries; first += QUERIES) {
    const int64_t last = std::min(first + QUERIES, shape.queries);
    block(first, last, shape.seen_before(last));
  }
}

// Calls one(sample, head) for each, in parallel.
template <typename One>
void for_each_head(const Shape& shape, One one) {
  at::parallel_for(0, shape.samples * shape.heads, 1, [&](int64_t from, int64_t to) {
    for (int64_t index = from; index < to; index++) one(index / shape.heads, index % shape.heads);
  });
}

std::tuple<Tensor, Tensor> attention(const Tensor& query, const Tensor& key, const Tensor& value, double dropout, bool causal,
                                     const std::optional<Tensor>& given_mask, std::optional<double> scale) {
  const Shape shape = shape_of(query, key, value, dropout, causal, scale);
  const auto mask = expand(given_mask, shape);
  Tensor out = make(query, shape.samples, shape.heads, shape.queries, shape.value_width);
  Tensor logarithms = at::empty({shape.samples, shape.heads, shape.queries}, query.options());
  float* of_sums = logarithms.mutable_data_ptr<float>();
  for_each_head(shape, [&](int64_t sample, int64_t head) {
    Weights weights(shape, query, key, mask, sample, head);
    const Operand values = head_of(value, sample, head);
    const Target target = target_of(out, sample, head);
    for_each_block(shape, [&](int64_t first, int64_t last, int64_t keys) {
      weights.compute(first, last, keys, of_sums + (sample * shape.heads + head) * shape.queries);
      gemm_serial(last - first, shape.value_width, keys, as_operand(weights.values(), keys), values, from_row(target, first),
                  Start::Zero, nullptr);
    });
  });
  return {out, logarithms};
}

// Adds the products of a block of queries to the rows of `keys` keys; those that earlier blocks did not see begin with them.
void add_block(const Shape& shape, int64_t first, int64_t keys, int64_t queries, int64_t width, Operand left, Operand right,
               Target sums) {
  const int64_t before = first == 0 ? 0 : shape.seen_before(first);
  if (before > 0) gemm_serial(before, width, queries, left, right, sums, Start::Accumulate, nullptr);
  if (keys > before) {
    gemm_serial(keys - before, width, queries, left.from(before, 0), right, from_row(sums, before), Start::Zero, nullptr);
  }
}

// Keys that no query sees have no gradient.
void clear_rest(const Shape& shape, int64_t width, Target sums) {
  for (int64_t key = shape.seen_before(shape.queries); key < shape.keys; key++) {
    std::fill_n(sums.data + key * sums.row_stride, width, 0.0f);
  }
}

std::tuple<Tensor, Tensor, Tensor> attention_backward(const Tensor& gradient, const Tensor& query, const Tensor& key,
                                                      const Tensor& value, const Tensor&, const Tensor&, double dropout,
                                                      bool causal, const std::optional<Tensor>& given_mask,
                                                      std::optional<double> scale) {
  const Shape shape = shape_of(query, key, value, dropout, causal, scale);
  const auto mask = expand(given_mask, shape);
  Tensor of_query = make(query, shape.samples, shape.heads, shape.queries, shape.width);
  Tensor of_key = make(query, shape.samples, shape.heads, shape.keys, shape.width);
  Tensor of_value = make(query, shape.samples, shape.heads, shape.keys, shape.value_width);
  for_each_head(shape, [&](int64_t sample, int64_t head) {
    Weights weights(shape, query, key, mask, sample, head);
    std::vector<float> of_weights(weights.values().size());
    const Operand queries = head_of(query, sample, head), keys_of_head = head_of(key, sample, head);
    const Operand values = head_of(value, sample, head), gradients = head_of(gradient, sample, head);
    for_each_block(shape, [&](int64_t first, int64_t last, int64_t keys) {
      const int64_t rows = last - first;
      weights.compute(first, last, keys, nullptr);
      const Operand used = as_operand(weights.values(), keys), scores = as_operand(of_weights, keys);
      add_block(shape, first, keys, rows, shape.value_width, turned(used), gradients.from(first, 0),
                target_of(of_value, sample, head));
      gemm_serial(rows, keys, shape.value_width, gradients.from(first, 0), turned(values), {of_weights.data(), keys},
                  Start::Zero, nullptr);
      for (int64_t query_place = first; query_place < last; query_place++) {
        float* row = of_weights.data() + (query_place - first) * keys;
        const int64_t seen = shape.seen_before(query_place + 1);
        softmax_gradient_row(row, weights.values().data() + (query_place - first) * keys, row, seen);
        for (int64_t j = 0; j < seen; j++) row[j] *= shape.scale;
        std::fill(row + seen, row + keys, 0.0f);
      }
      gemm_serial(rows, shape.width, keys, scores, keys_of_head, from_row(target_of(of_query, sample, head), first), Start::Zero,
                  nullptr);
      add_block(shape, first, keys, rows, shape.width, turned(scores), queries.from(first, 0),
                target_of(of_key, sample, head));
    });
    clear_rest(shape, shape.value_width, target_of(of_value, sample, head));
    clear_rest(shape, shape.width, target_of(of_key, sample, head));
  });
  return {of_query, of_key, of_value};
}

}  // namespace

void register_attention_operators(Registrar& registrar) {
  registrar.own("_scaled_dot_product_flash_attention_for_cpu", attention);
  registrar.own("_scaled_dot_product_flash_attention_for_cpu_backward", attention_backward);
}

}  // namespace canonical
