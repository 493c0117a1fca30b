// A group of processes behind the C interface.
#pragma once
#include <torch/csrc/distributed/c10d/ProcessGroup.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>

#include "canonical/backend.h"

// Members are destroyed from the last to the first: group, backend, store.
struct Group {
  c10::intrusive_ptr<c10d::Store> store;
  c10::intrusive_ptr<c10d::Backend> backend;
  // The backend again, where it is the canonical one.
  c10::intrusive_ptr<canonical::CanonicalBackend> canonical;
  c10::intrusive_ptr<c10d::ProcessGroup> group;
};

inline Group* as_group(void* group) { return static_cast<Group*>(group); }
