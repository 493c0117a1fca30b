// Helpers of the C interface.
#pragma once
#include <cstring>
#include <exception>
#include <vector>

#include <ATen/ATen.h>

// Runs `body`; the message of an exception, to be freed, or null.
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

inline at::Tensor& as_tensor(void* tensor) { return *static_cast<at::Tensor*>(tensor); }

inline std::vector<at::Tensor> as_tensors(void** tensors, size_t count) {
  std::vector<at::Tensor> listed;
  for (size_t i = 0; i < count; i++) listed.push_back(as_tensor(tensors[i]));
  return listed;
}
