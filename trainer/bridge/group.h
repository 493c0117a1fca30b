// A group of processes behind the C interface.
#pragma once
#include <torch/csrc/distributed/c10d/ProcessGroup.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>

#include "canonical/backend.h"

using StorePointer = c10::intrusive_ptr<c10d::Store>;

// Members are destroyed from the last to the first: group, backend, store.
struct Group {
  // Where the backend's tensors are.
  at::Device device{at::kCPU};
  StorePointer store;
  c10::intrusive_ptr<c10d::Backend> backend;
  // The backend again, where it is the canonical one.
  c10::intrusive_ptr<canonical::CanonicalBackend> canonical;
  c10::intrusive_ptr<c10d::ProcessGroup> group;
};

inline Group* as_group(void* group) { return static_cast<Group*>(group); }
inline StorePointer& as_store(void* store) { return *static_cast<StorePointer*>(store); }

// Makes the group's backend, which is of `type`, the one that its process group calls.
void make_default(Group& group, c10d::ProcessGroup::BackendType type, int rank, int size);
