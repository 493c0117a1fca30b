// AdamW by libtorch's fused kernels, for the tiers that nobody verifies: on the processor and on CUDA devices.
#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include "c10d_bridge.h"
#include "guarded.h"

namespace {

std::vector<at::Tensor> gradients_of(const std::vector<at::Tensor>& parameters) {
  std::vector<at::Tensor> gradients;
  for (const at::Tensor& parameter : parameters) {
    TORCH_CHECK(parameter.grad().defined(), "a parameter has no gradient: the loss does not depend on it");
    gradients.push_back(parameter.grad());
  }
  return gradients;
}

}  // namespace

extern "C" {

char* bridge_scale_gradients(void** parameters, size_t count, double scale, double clip_norm) {
  return guarded([=] {
    if (count == 0) return;
    c10::NoGradGuard no_history;
    auto gradients = gradients_of(as_tensors(parameters, count));
    at::_foreach_mul_(gradients, at::Scalar(scale));
    if (clip_norm <= 0) return;
    // stays on the device, so that the host does not wait for it; a norm that is no number gives no number
    at::Tensor norm = at::linalg_vector_norm(at::stack(at::_foreach_norm(gradients)));
    at::_foreach_mul_(gradients, (clip_norm / norm).clamp_max(1.0));
  });
}

char* bridge_adamw(void** parameters, void** first_moments, void** second_moments, size_t count, double learning_rate,
                   double beta1, double beta2, double weight_decay, double eps, uint32_t update) {
  return guarded([=] {
    if (count == 0) return;
    c10::NoGradGuard no_history;
    auto tensors = as_tensors(parameters, count);
    auto gradients = gradients_of(tensors);
    auto first = as_tensors(first_moments, count);
    auto second = as_tensors(second_moments, count);
    auto options = at::TensorOptions().dtype(at::kFloat).device(tensors.front().device());
    std::vector<at::Tensor> updates(count, at::full({}, static_cast<double>(update), options));
    at::_fused_adamw_(tensors, gradients, first, second, /*max_exp_avg_sqs=*/{}, updates, learning_rate, beta1, beta2,
                      weight_decay, eps, /*amsgrad=*/false, /*maximize=*/false);
  });
}

}  // extern "C"
