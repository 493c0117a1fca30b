#include "c10d_bridge.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/CPUFunctions.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroup.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#include <torch/csrc/distributed/c10d/comm.hpp>
#include <torch/csrc/distributed/c10d/reducer.hpp>

#include "kernels/register.h"

namespace {

using at::Tensor;

// Members are destroyed from the last to the first: group, backend, store.
struct Group {
  c10::intrusive_ptr<c10d::TCPStore> tcp_store;
  c10::intrusive_ptr<c10d::Store> store;
  c10::intrusive_ptr<c10d::ProcessGroupGloo> gloo;
  c10::intrusive_ptr<c10d::ProcessGroup> group;
  int rank;
  int world_size;
};

// What the hook gathered in the last backward pass: for each bucket, one flat tensor for each rank.
using GatheredBuckets = std::vector<std::vector<Tensor>>;

struct GatherContext {
  Group* group;
  GatheredBuckets gathered;
};

// Gathers a bucket from every rank and hands the local gradient back unchanged. The sum is taken outside, in an order
// that depends neither on the number of processes nor on the buckets.
class GatherHook : public c10d::CppCommHookInterface<GatherContext*> {
 public:
  explicit GatherHook(GatherContext* context) : CppCommHookInterface<GatherContext*>(context) {}

  c10::intrusive_ptr<c10::ivalue::Future> runHook(c10d::GradBucket& bucket) override {
    Tensor local = bucket.getBuffer();
    std::vector<std::vector<Tensor>> outputs(1);
    for (int rank = 0; rank < state_->group->world_size; rank++) outputs[0].push_back(at::empty_like(local));
    std::vector<Tensor> inputs{local};
    state_->gathered.at(bucket.getIndex()) = outputs[0];
    auto work = state_->group->gloo->allgather(outputs, inputs);
    return work->getFuture()->then(
        [local](c10::ivalue::Future& future) {
          if (future.hasError()) std::rethrow_exception(future.exception_ptr());
          return c10::IValue(local);
        },
        c10::TensorType::get());
  }
};

// Where a parameter's gradient lies.
struct Place {
  size_t bucket;
  int64_t offset;
  int64_t length;
};

struct GatherReducer {
  GatherContext context;
  std::vector<Place> places;
  std::unique_ptr<c10d::Reducer> reducer;
};

Tensor& as_tensor(void* tensor) { return *static_cast<Tensor*>(tensor); }
Group* as_group(void* group) { return static_cast<Group*>(group); }
GatherReducer* as_reducer(void* reducer) { return static_cast<GatherReducer*>(reducer); }

template <typename Body>
char* guarded(Body body) {
  try {
    body();
    return nullptr;
  } catch (const std::exception& error) {
    return strdup(error.what());
  } catch (...) {
    return strdup("an exception that is not a std::exception");
  }
}

std::vector<std::vector<size_t>> assign_buckets(const std::vector<Tensor>& parameters, size_t first_bucket_bytes,
                                                size_t bucket_bytes) {
  std::vector<bool> expect_sparse(parameters.size(), false);
  auto assignment =
      c10d::compute_bucket_assignment_by_size(parameters, {first_bucket_bytes, bucket_bytes}, expect_sparse);
  auto buckets = std::get<0>(assignment);
  // gradients become ready from the last parameter to the first
  std::reverse(buckets.begin(), buckets.end());
  return buckets;
}

std::vector<Place> places_of(const std::vector<Tensor>& parameters, const std::vector<std::vector<size_t>>& buckets) {
  std::vector<Place> places(parameters.size());
  for (size_t bucket = 0; bucket < buckets.size(); bucket++) {
    int64_t offset = 0;
    for (size_t parameter : buckets[bucket]) {
      places[parameter] = Place{bucket, offset, parameters[parameter].numel()};
      offset += parameters[parameter].numel();
    }
  }
  return places;
}

}  // namespace

extern "C" {

void bridge_free_message(char* message) { free(message); }

char* bridge_apply_canonical_profile(int threads) {
  return guarded([=] {
    at::set_num_threads(threads);
    if (at::get_num_interop_threads() != 1) at::set_num_interop_threads(1);
    auto& context = at::globalContext();
    context.setUserEnabledMkldnn(false);
    context.setDeterministicAlgorithms(true, false);
    context.setDeterministicFillUninitializedMemory(false);
    // attention is then composed of matrix products and a softmax
    context.setSDPUseFlash(false);
    context.setSDPUseMemEfficient(false);
    context.setSDPUseMath(true);
  });
}

char* bridge_register_kernels(const char* list) {
  return guarded([=] { canonical::register_kernels(list); });
}

char* bridge_own_product_of_libtorch(void* a, void* b, void** product) {
  return guarded([=] { *product = new Tensor(at::cpu::mm(as_tensor(a).detach(), as_tensor(b).detach())); });
}

char* bridge_clear_gradients(void** tensors, size_t count) {
  return guarded([=] {
    for (size_t i = 0; i < count; i++) as_tensor(tensors[i]).mutable_grad() = Tensor();
  });
}

char* process_group_new(const char* master_address, uint16_t port, int rank, int world_size, int64_t timeout_ms,
                        const char* bind_address, void** out) {
  return guarded([=] {
    auto timeout = std::chrono::milliseconds(timeout_ms);
    c10d::TCPStoreOptions store_options;
    store_options.port = port;
    store_options.isServer = rank == 0;
    store_options.numWorkers = static_cast<size_t>(world_size);
    store_options.waitWorkers = true;
    store_options.timeout = timeout;
    auto group = std::make_unique<Group>();
    group->rank = rank;
    group->world_size = world_size;
    group->tcp_store = c10::make_intrusive<c10d::TCPStore>(std::string(master_address), store_options);
    group->store = c10::make_intrusive<c10d::PrefixStore>("aixblock", group->tcp_store);
    auto gloo_options = c10d::ProcessGroupGloo::Options::create(timeout);
    gloo_options->devices.push_back(c10d::ProcessGroupGloo::createDeviceForHostname(bind_address));
    gloo_options->threads = 2;
    group->gloo = c10::make_intrusive<c10d::ProcessGroupGloo>(group->store, rank, world_size, gloo_options);
    group->group = c10::make_intrusive<c10d::ProcessGroup>(group->store, rank, world_size);
    group->group->setBackend(c10::DeviceType::CPU, c10d::ProcessGroup::BackendType::GLOO, group->gloo);
    group->group->setDefaultBackend(c10d::ProcessGroup::BackendType::GLOO);
    group->group->setGroupName("aixblock");
    *out = group.release();
  });
}

char* process_group_free(void* group) {
  return guarded([=] { delete as_group(group); });
}

char* process_group_broadcast(void* group, void* tensor, int from_rank) {
  return guarded([=] {
    std::vector<Tensor> tensors{as_tensor(tensor).detach()};
    c10d::BroadcastOptions options;
    options.rootRank = from_rank;
    options.rootTensor = 0;
    as_group(group)->gloo->broadcast(tensors, options)->wait();
  });
}

char* process_group_all_gather(void* group, void** outputs, void* input) {
  return guarded([=] {
    std::vector<std::vector<Tensor>> gathered(1);
    for (int rank = 0; rank < as_group(group)->world_size; rank++) gathered[0].push_back(as_tensor(outputs[rank]));
    std::vector<Tensor> inputs{as_tensor(input).detach()};
    as_group(group)->gloo->allgather(gathered, inputs)->wait();
  });
}

char* process_group_barrier(void* group) {
  return guarded([=] { as_group(group)->gloo->barrier()->wait(); });
}

char* gather_reducer_new(void* group, void** parameters, size_t count, size_t first_bucket_bytes, size_t bucket_bytes,
                         void** out) {
  return guarded([=] {
    std::vector<Tensor> tensors;
    for (size_t i = 0; i < count; i++) tensors.push_back(as_tensor(parameters[i]));
    auto buckets = assign_buckets(tensors, first_bucket_bytes, bucket_bytes);
    auto owner = std::make_unique<GatherReducer>();
    owner->context = GatherContext{as_group(group), GatheredBuckets(buckets.size())};
    owner->places = places_of(tensors, buckets);
    owner->reducer = std::make_unique<c10d::Reducer>(
        tensors, buckets, as_group(group)->group, /*expect_sparse_gradients=*/std::vector<bool>(count, false),
        static_cast<int64_t>(bucket_bytes), /*find_unused_parameters=*/false, /*gradient_as_bucket_view=*/false,
        /*param_names=*/std::unordered_map<size_t, std::string>{}, static_cast<int64_t>(first_bucket_bytes),
        /*skip_all_reduce_unused_params=*/false, /*use_python_reducer=*/false, std::vector<int64_t>{});
    owner->reducer->register_comm_hook(std::make_unique<GatherHook>(&owner->context));
    *out = owner.release();
  });
}

char* gather_reducer_free(void* reducer) {
  return guarded([=] {
    std::unique_ptr<GatherReducer> owner(as_reducer(reducer));
    owner->reducer->remove_autograd_hooks();
  });
}

char* gather_reducer_prepare_forward(void* reducer) {
  return guarded([=] { as_reducer(reducer)->reducer->prepare_for_forward(); });
}

char* gather_reducer_prepare_backward(void* reducer) {
  return guarded([=] { as_reducer(reducer)->reducer->prepare_for_backward({}); });
}

char* gather_reducer_copy_gradient(void* reducer, size_t parameter, int rank, float* values, size_t length) {
  return guarded([=] {
    auto* owner = as_reducer(reducer);
    const Place& place = owner->places.at(parameter);
    const Tensor& flat = owner->context.gathered.at(place.bucket).at(rank);
    if (place.length != static_cast<int64_t>(length) || flat.numel() < place.offset + place.length ||
        flat.scalar_type() != at::kFloat || !flat.is_contiguous()) {
      throw std::runtime_error("a gathered gradient has another layout than its parameter");
    }
    std::memcpy(values, flat.const_data_ptr<float>() + place.offset, length * sizeof(float));
  });
}

}  // extern "C"
