#include "group.h"

#include <string>

#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "c10d_bridge.h"
#include "guarded.h"

namespace {

using StopPointer = std::shared_ptr<canonical::StopSwitch>;
using std::chrono::milliseconds;

StopPointer& as_stop(void* stop) { return *static_cast<StopPointer*>(stop); }
canonical::Listener& as_listener(void* listener) { return *static_cast<canonical::Listener*>(listener); }

std::vector<uint8_t> as_bytes(const char* text) { return {text, text + strlen(text)}; }

bool reaches(const Group& group, const at::Tensor& tensor) {
  return tensor.device().type() == group.device.type();
}

// `tensor` where the group's backend can reach it: its own memory, or a copy on the group's device.
at::Tensor within_reach(const Group& group, const at::Tensor& tensor) {
  at::Tensor plain = tensor.detach();
  return reaches(group, plain) ? plain : plain.to(group.device);
}

// Gives `tensor` what the group left in `reached`, where that is a copy.
void take_back(const Group& group, const at::Tensor& tensor, const at::Tensor& reached) {
  if (!reaches(group, tensor)) tensor.detach().copy_(reached);
}

}  // namespace

void make_default(Group& group, c10d::ProcessGroup::BackendType type, int rank, int size) {
  group.group = group.store ? c10::make_intrusive<c10d::ProcessGroup>(group.store, rank, size)
                            : c10::make_intrusive<c10d::ProcessGroup>(rank, size);
  // otherwise NCCL's barrier guesses the device from the rank; setBackend hands it on
  if (group.device.is_cuda()) group.group->setBoundDeviceId(group.device);
  group.group->setBackend(group.device.type(), type, group.backend);
  group.group->setDefaultBackend(type);
  group.group->setGroupName("aixblock");
}

extern "C" {

char* store_serve(uint16_t port, void** store, uint16_t* bound_port) {
  return guarded([=] {
    c10d::TCPStoreOptions options;
    options.port = port;
    options.isServer = true;
    options.waitWorkers = false;
    auto served = c10::make_intrusive<c10d::TCPStore>("localhost", options);
    *bound_port = served->getPort();
    *store = new StorePointer(served);
  });
}

char* store_connect(const char* host, uint16_t port, int64_t timeout_ms, void** store) {
  return guarded([=] {
    c10d::TCPStoreOptions options;
    options.port = port;
    options.waitWorkers = false;
    options.timeout = milliseconds(timeout_ms);
    *store = new StorePointer(c10::make_intrusive<c10d::TCPStore>(std::string(host), options));
  });
}

char* store_free(void* store) {
  return guarded([=] { delete &as_store(store); });
}

char* store_set(void* store, const char* key, const uint8_t* value, size_t length) {
  return guarded([=] { as_store(store)->set(key, std::vector<uint8_t>(value, value + length)); });
}

char* store_get(void* store, const char* key, uint8_t** value, size_t* length) {
  return guarded([=] {
    *value = nullptr;
    if (!as_store(store)->check({key})) return;
    auto found = as_store(store)->get(key);
    // at least one byte, so that an empty value is not null
    auto* copy = static_cast<uint8_t*>(malloc(found.size() + 1));
    if (!copy) throw std::bad_alloc();
    std::copy(found.begin(), found.end(), copy);
    *value = copy;
    *length = found.size();
  });
}

char* store_add(void* store, const char* key, int64_t amount, int64_t* sum) {
  return guarded([=] { *sum = as_store(store)->add(key, amount); });
}

char* store_compare_set(void* store, const char* key, const char* expected, const char* desired) {
  return guarded([=] { as_store(store)->compareSet(key, as_bytes(expected), as_bytes(desired)); });
}

char* stop_switch_new(void** stop) {
  return guarded([=] { *stop = new StopPointer(std::make_shared<canonical::StopSwitch>()); });
}

void stop_switch_stop(void* stop, const char* message) { as_stop(stop)->stop(message); }

void stop_switch_free(void* stop) { delete &as_stop(stop); }

char* listener_new(const char* address, void** listener, uint16_t* port) {
  return guarded([=] {
    auto listening = std::make_unique<canonical::Listener>(canonical::listen_on(address));
    *port = listening->port;
    *listener = listening.release();
  });
}

void listener_free(void* listener) { delete &as_listener(listener); }

char* canonical_group_new(int rank, int size, void* listener, const char* const* addresses, const uint8_t* session,
                          int64_t join_timeout_ms, int64_t timeout_ms, int64_t silence_ms, void* stop,
                          const int32_t* postfix, size_t postfix_length, void** group) {
  return guarded([=] {
    canonical::Session secret;
    std::copy(session, session + secret.size(), secret.begin());
    canonical::Program sum{std::vector<uint32_t>(static_cast<size_t>(size), 1), {postfix, postfix + postfix_length}};
    sum.check();
    auto lanes = canonical::connect_all(as_listener(listener), rank, {addresses, addresses + size}, secret,
                                        canonical::kLanes, milliseconds(join_timeout_ms), *as_stop(stop));
    auto made = std::make_unique<Group>();
    made->canonical = c10::make_intrusive<canonical::CanonicalBackend>(
        rank, std::move(lanes), canonical::Patience{milliseconds(timeout_ms), milliseconds(silence_ms)}, as_stop(stop),
        std::move(sum));
    made->backend = made->canonical;
    make_default(*made, c10d::ProcessGroup::BackendType::CUSTOM, rank, size);
    *group = made.release();
  });
}

char* gloo_group_new(void* store, const char* prefix, int rank, int size, int64_t timeout_ms, const char* bind_address,
                     void** group) {
  return guarded([=] {
    auto made = std::make_unique<Group>();
    made->store = c10::make_intrusive<c10d::PrefixStore>(prefix, as_store(store));
    auto options = c10d::ProcessGroupGloo::Options::create(milliseconds(timeout_ms));
    options->devices.push_back(c10d::ProcessGroupGloo::createDeviceForHostname(bind_address));
    options->threads = 2;
    made->backend = c10::make_intrusive<c10d::ProcessGroupGloo>(made->store, rank, size, options);
    make_default(*made, c10d::ProcessGroup::BackendType::GLOO, rank, size);
    *group = made.release();
  });
}

char* group_free(void* group) {
  return guarded([=] { delete as_group(group); });
}

char* group_broadcast(void* group, void* tensor, int from_rank) {
  return guarded([=] {
    Group& shared = *as_group(group);
    std::vector<at::Tensor> tensors{within_reach(shared, as_tensor(tensor))};
    c10d::BroadcastOptions options;
    options.rootRank = from_rank;
    shared.backend->broadcast(tensors, options)->wait();
    take_back(shared, as_tensor(tensor), tensors.front());
  });
}

char* group_all_gather(void* group, void** outputs, void* input) {
  return guarded([=] {
    Group& shared = *as_group(group);
    auto wanted = as_tensors(outputs, static_cast<size_t>(shared.backend->getSize()));
    std::vector<std::vector<at::Tensor>> gathered(1);
    for (const at::Tensor& output : wanted) gathered[0].push_back(within_reach(shared, output));
    std::vector<at::Tensor> inputs{within_reach(shared, as_tensor(input))};
    shared.backend->allgather(gathered, inputs)->wait();
    for (size_t rank = 0; rank < wanted.size(); rank++) take_back(shared, wanted[rank], gathered[0][rank]);
  });
}

char* group_all_reduce(void* group, void* tensor) {
  return guarded([=] {
    Group& shared = *as_group(group);
    std::vector<at::Tensor> tensors{within_reach(shared, as_tensor(tensor))};
    shared.backend->allreduce(tensors)->wait();
    take_back(shared, as_tensor(tensor), tensors.front());
  });
}

char* group_barrier(void* group) {
  return guarded([=] { as_group(group)->backend->barrier()->wait(); });
}

char* group_close(void* group) {
  return guarded([=] { as_group(group)->backend->shutdown(); });
}

char* group_failure(void* group) {
  return guarded([=] {
    auto& canonical = as_group(group)->canonical;
    auto failure = canonical ? canonical->failure() : std::string();
    if (!failure.empty()) throw std::runtime_error(failure);
  });
}

}  // extern "C"
