// Groups over NCCL: compiled only with the feature `nccl`, against a libtorch for CUDA.
#include <memory>

#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>

#include "c10d_bridge.h"
#include "group.h"
#include "guarded.h"

extern "C" {

char* nccl_group_new(void* store, const char* prefix, int rank, int size, int64_t timeout_ms, int device, void** group) {
  return guarded([=] {
    auto made = std::make_unique<Group>();
    made->device = at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(device));
    made->store = c10::make_intrusive<c10d::PrefixStore>(prefix, as_store(store));
    auto options = c10d::ProcessGroupNCCL::Options::create();
    options->timeout = std::chrono::milliseconds(timeout_ms);
    made->backend = c10::make_intrusive<c10d::ProcessGroupNCCL>(made->store, rank, size, options);
    make_default(*made, c10d::ProcessGroup::BackendType::NCCL, rank, size);
    *group = made.release();
  });
}

}  // extern "C"
