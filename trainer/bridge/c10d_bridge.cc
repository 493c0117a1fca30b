#include "c10d_bridge.h"

#include <ATen/CPUFunctions.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include "guarded.h"
#include "kernels/register.h"

extern "C" {

void bridge_free_message(char* message) { free(message); }

void bridge_free_bytes(uint8_t* bytes) { free(bytes); }

char* bridge_apply_canonical_profile(int threads) {
  return guarded([=] {
    at::set_num_threads(threads);
    if (at::get_num_interop_threads() != 1) at::set_num_interop_threads(1);
    auto& context = at::globalContext();
    context.setUserEnabledMkldnn(false);
    context.setDeterministicAlgorithms(true, false);
    context.setDeterministicFillUninitializedMemory(false);
    // attention is then composed of matrix products and a softmax, unless kernels are registered
    context.setSDPUseFlash(false);
    context.setSDPUseMemEfficient(false);
    context.setSDPUseMath(true);
  });
}

char* bridge_register_kernels(const char* list) {
  return guarded([=] {
    canonical::register_kernels(list);
    // there is a kernel of our own for it
    at::globalContext().setSDPUseFlash(true);
  });
}

char* bridge_own_product_of_libtorch(void* a, void* b, void** product) {
  return guarded([=] { *product = new at::Tensor(at::cpu::mm(as_tensor(a).detach(), as_tensor(b).detach())); });
}

char* bridge_clear_gradients(void** tensors, size_t count) {
  return guarded([=] {
    for (size_t i = 0; i < count; i++) as_tensor(tensors[i]).mutable_grad() = at::Tensor();
  });
}

char* bridge_use_cuda_device(int index) {
  return guarded([=] {
    const c10::Device device(c10::DeviceType::CUDA, static_cast<c10::DeviceIndex>(index));
    c10::impl::VirtualGuardImpl(device.type()).setDevice(device);
  });
}

}  // extern "C"
