// aten's convolution, forward and backward, on top of gemm.
//
// The image is unfolded into a matrix with one row for each (input channel, kernel row, kernel column), in that order, and
// one column for each output pixel. Outputs are products along that row order; gradients of weights are chains over samples
// and pixels in ascending order; gradients of inputs add the kernel's places in ascending order.
#include <immintrin.h>

#include <array>
#include <tuple>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include "gemm.h"
#include "register.h"

namespace canonical {
namespace {

using at::IntArrayRef;
using at::Tensor;

// Sizes of one convolution of images; a sequence is an image with one row.
struct Geometry {
  int64_t samples, groups;
  int64_t in_channels, in_height, in_width;     // of one group
  int64_t out_channels, out_height, out_width;  // of one group
  int64_t kernel_height, kernel_width;
  std::array<int64_t, 2> stride, padding, dilation;

  int64_t rows() const { return in_channels * kernel_height * kernel_width; }
  int64_t pixels() const { return out_height * out_width; }
  int64_t image() const { return in_channels * in_height * in_width; }
  bool unfolded_already() const {
    return kernel_height == 1 && kernel_width == 1 && stride[0] == 1 && stride[1] == 1 && padding[0] == 0 &&
           padding[1] == 0;
  }
};

// Of a sequence's one setting, or an image's one or two.
std::array<int64_t, 2> setting(IntArrayRef values, bool sequence, int64_t of_one_row) {
  return {sequence ? of_one_row : values.front(), values.back()};
}

Geometry geometry_of(const Tensor& input, const Tensor& weight, IntArrayRef stride, IntArrayRef padding,
                     IntArrayRef dilation, bool transposed, int64_t groups) {
  TORCH_CHECK(!transposed, "the canonical numeric profile has no transposed convolution");
  TORCH_CHECK((input.dim() == 3 || input.dim() == 4) && weight.dim() == input.dim(),
              "the canonical numeric profile has convolutions of sequences and images only, not of ", input.dim() - 2,
              " dimensions");
  TORCH_CHECK(input.scalar_type() == at::kFloat && weight.scalar_type() == at::kFloat,
              "the canonical numeric profile convolves float32 only, not ", input.scalar_type());
  TORCH_CHECK(groups > 0 && input.size(1) == weight.size(1) * groups && weight.size(0) % groups == 0,
              "convolution of ", input.size(1), " channels by weights of shape ", weight.sizes(), " in ", groups, " groups");
  const bool sequence = input.dim() == 3;
  Geometry g;
  g.samples = input.size(0);
  g.groups = groups;
  g.in_channels = input.size(1) / groups;
  g.in_height = sequence ? 1 : input.size(2);
  g.in_width = input.size(-1);
  g.out_channels = weight.size(0) / groups;
  g.kernel_height = sequence ? 1 : weight.size(2);
  g.kernel_width = weight.size(-1);
  g.stride = setting(stride, sequence, 1);
  g.padding = setting(padding, sequence, 0);
  g.dilation = setting(dilation, sequence, 1);
  g.out_height = (g.in_height + 2 * g.padding[0] - g.dilation[0] * (g.kernel_height - 1) - 1) / g.stride[0] + 1;
  g.out_width = (g.in_width + 2 * g.padding[1] - g.dilation[1] * (g.kernel_width - 1) - 1) / g.stride[1] + 1;
  TORCH_CHECK(g.out_height > 0 && g.out_width > 0, "the kernel of the convolution is larger than its input");
  return g;
}

// Sizes with the border of zeros.
int64_t bordered_height(const Geometry& g) { return g.in_height + 2 * g.padding[0]; }
int64_t bordered_width(const Geometry& g) { return g.in_width + 2 * g.padding[1]; }
int64_t bordered_image(const Geometry& g) { return g.in_channels * bordered_height(g) * bordered_width(g); }

Patches patches_of(const Geometry& g, const float* bordered) {
  return {bordered, bordered_height(g), bordered_width(g), g.kernel_height, g.kernel_width, g.stride, g.dilation,
          g.out_width};
}

std::vector<float>& scratch(int64_t size) {
  static thread_local std::vector<float> memory;
  if (static_cast<int64_t>(memory.size()) < size) memory.resize(static_cast<size_t>(size));
  return memory;
}

// The image with its border of zeros: itself where it has none, else a copy in `memory`.
const float* with_border(const Geometry& g, const float* image, float* memory) {
  if (g.padding[0] == 0 && g.padding[1] == 0) return image;
  std::fill_n(memory, bordered_image(g), 0.0f);
  for (int64_t line = 0; line < g.in_channels * g.in_height; line++) {
    const int64_t to = line / g.in_height * bordered_height(g) + line % g.in_height + g.padding[0];
    copy_line(image + line * g.in_width, memory + to * bordered_width(g) + g.padding[1], g.in_width);
  }
  return memory;
}

void add_line(const float* from, float* to, int64_t stride, int64_t length) {
  int64_t i = 0;
  if (stride == 1) {
    for (; i + 8 <= length; i += 8) {
      _mm256_storeu_ps(to + i, _mm256_add_ps(_mm256_loadu_ps(to + i), _mm256_loadu_ps(from + i)));
    }
  }
  for (; i < length; i++) to[i * stride] += from[i];
}

// Adds an unfolded matrix back onto the image that it came from, row after row. `memory` holds an image with its border.
void fold(const Geometry& g, const float* matrix, float* image, float* memory) {
  std::fill_n(memory, bordered_image(g), 0.0f);
  const Patches patches = patches_of(g, memory);
  for (int64_t row = 0; row < g.rows(); row++) {
    float* to = memory + patches.start(row);
    for (int64_t line = 0; line < g.out_height; line++, matrix += g.out_width) {
      add_line(matrix, to + line * g.stride[0] * patches.width, g.stride[1], g.out_width);
    }
  }
  for (int64_t line = 0; line < g.in_channels * g.in_height; line++) {
    const int64_t from = line / g.in_height * patches.height + line % g.in_height + g.padding[0];
    copy_line(memory + from * patches.width + g.padding[1], image + line * g.in_width, g.in_width);
  }
}

// Calls body(sample * groups + group, multiply), where multiply takes the product of left(group), rows x depth, with what it
// is given: in parallel over the images where there are enough of them, otherwise with a product that is parallel in itself.
template <typename Left, typename Body>
void for_each_image(const Geometry& g, int64_t rows, int64_t depth, Left left, Body body) {
  const int64_t images = g.samples * g.groups;
  if (images < at::get_num_threads()) {
    for (int64_t image = 0; image < images; image++) {
      body(image, [&](auto... right) { gemm(rows, g.pixels(), depth, left(image % g.groups), right...); });
    }
    return;
  }
  std::vector<Packed> packed;
  for (int64_t group = 0; group < g.groups; group++) packed.emplace_back(left(group), rows, depth);
  at::parallel_for(0, images, 1, [&](int64_t from, int64_t to) {
    for (int64_t image = from; image < to; image++) {
      const Packed& own = packed[static_cast<size_t>(image % g.groups)];
      body(image, [&](auto... right) { gemm_serial(rows, g.pixels(), depth, own, right...); });
    }
  });
}

std::vector<int64_t> output_shape(const Tensor& input, const Geometry& g) {
  const int64_t channels = g.out_channels * g.groups;
  if (input.dim() == 3) return {g.samples, channels, g.out_width};
  return {g.samples, channels, g.out_height, g.out_width};
}

Tensor convolution(const Tensor& input, const Tensor& weight, const std::optional<Tensor>& bias, IntArrayRef stride,
                   IntArrayRef padding, IntArrayRef dilation, bool transposed, IntArrayRef /*output_padding*/,
                   int64_t groups) {
  const Geometry g = geometry_of(input, weight, stride, padding, dilation, transposed, groups);
  const Tensor images = input.contiguous(), kernels = weight.contiguous();
  const Tensor shift = bias.has_value() && bias->defined() ? bias->contiguous() : Tensor();
  Tensor out = at::empty(output_shape(input, g), input.options());
  const auto* from = images.const_data_ptr<float>();
  const auto* kernel = kernels.const_data_ptr<float>();
  const auto* added = shift.defined() ? shift.const_data_ptr<float>() : nullptr;
  auto* to = out.mutable_data_ptr<float>();
  const auto left = [&](int64_t group) { return Operand{kernel + group * g.out_channels * g.rows(), g.rows(), 1}; };
  for_each_image(g, g.out_channels, g.rows(), left, [&](int64_t image, auto multiply) {
    const int64_t group = image % g.groups;
    const Patches patches =
        patches_of(g, with_border(g, from + image * g.image(), scratch(bordered_image(g)).data()));
    const Epilogue epilogue{1.0f, 1.0f, added == nullptr ? nullptr : added + group * g.out_channels, 1, 0};
    multiply(Unfolded{&patches, false},
             Target{to + image * g.out_channels * g.pixels(), g.pixels()}, Start::Zero,
             added == nullptr ? static_cast<const Epilogue*>(nullptr) : &epilogue);
  });
  return out;
}

Tensor gradient_of_input(const Geometry& g, const Tensor& gradient, const Tensor& weight, const Tensor& input) {
  Tensor out = at::empty(input.sizes(), input.options());
  const auto* from = gradient.const_data_ptr<float>();
  const auto* kernel = weight.const_data_ptr<float>();
  auto* to = out.mutable_data_ptr<float>();
  const auto left = [&](int64_t group) { return Operand{kernel + group * g.out_channels * g.rows(), 1, g.rows()}; };
  for_each_image(g, g.rows(), g.out_channels, left, [&](int64_t image, auto multiply) {
    float* memory = scratch(g.rows() * g.pixels() + bordered_image(g)).data();
    float* matrix = g.unfolded_already() ? to + image * g.image() : memory;
    multiply(Operand{from + image * g.out_channels * g.pixels(), g.pixels(), 1}, Target{matrix, g.pixels()},
             Start::Zero, static_cast<const Epilogue*>(nullptr));
    if (!g.unfolded_already()) fold(g, matrix, to + image * g.image(), memory + g.rows() * g.pixels());
  });
  return out;
}

Tensor gradient_of_weight(const Geometry& g, const Tensor& gradient, const Tensor& weight, const Tensor& input) {
  Tensor out = at::zeros(weight.sizes(), weight.options());
  const auto* from = gradient.const_data_ptr<float>();
  const auto* images = input.const_data_ptr<float>();
  auto* to = out.mutable_data_ptr<float>();
  for (int64_t image = 0; image < g.samples * g.groups; image++) {
    const int64_t group = image % g.groups;
    const Patches patches =
        patches_of(g, with_border(g, images + image * g.image(), scratch(bordered_image(g)).data()));
    gemm(g.out_channels, g.rows(), g.pixels(),
         Operand{from + image * g.out_channels * g.pixels(), g.pixels(), 1}, Unfolded{&patches, true},
         Target{to + group * g.out_channels * g.rows(), g.rows()}, Start::Accumulate, nullptr);
  }
  return out;
}

std::tuple<Tensor, Tensor, Tensor> convolution_backward(const Tensor& grad_output, const Tensor& input,
                                                        const Tensor& weight, at::OptionalIntArrayRef /*bias_sizes*/,
                                                        IntArrayRef stride, IntArrayRef padding, IntArrayRef dilation,
                                                        bool transposed, IntArrayRef /*output_padding*/,
                                                        int64_t groups, std::array<bool, 3> wanted) {
  const Geometry g = geometry_of(input, weight, stride, padding, dilation, transposed, groups);
  const Tensor gradient = grad_output.contiguous();
  TORCH_CHECK(gradient.scalar_type() == at::kFloat, "the canonical numeric profile convolves float32 only");
  std::tuple<Tensor, Tensor, Tensor> out;
  if (wanted[0]) std::get<0>(out) = gradient_of_input(g, gradient, weight.contiguous(), input);
  if (wanted[1]) std::get<1>(out) = gradient_of_weight(g, gradient, weight.contiguous(), input.contiguous());
  if (wanted[2]) {
    std::get<2>(out) = input.dim() == 3 ? gradient.sum(IntArrayRef{0, 2}) : gradient.sum(IntArrayRef{0, 2, 3});
  }
  return out;
}

// What traced modules call: the same with settings of cuDNN, which do not matter here.
Tensor traced_convolution(const Tensor& input, const Tensor& weight, const std::optional<Tensor>& bias,
                          IntArrayRef stride, IntArrayRef padding, IntArrayRef dilation, bool transposed,
                          IntArrayRef output_padding, int64_t groups, bool, bool, bool, bool) {
  return at::convolution(input, weight, bias, stride, padding, dilation, transposed, output_padding, groups);
}

}  // namespace

void register_convolution_operators(Registrar& registrar) {
  registrar.own("convolution", convolution);
  registrar.own("convolution_backward", convolution_backward);
  registrar.own("_convolution", traced_convolution);
  registrar.above_autograd("_convolution", traced_convolution);
}

}  // namespace canonical
