// Puts the canonical numeric profile's kernels into libtorch's dispatcher.
//
// Every operator that reaches the processor belongs to one of four classes:
//   own      a kernel of this folder
//   serial   libtorch's kernel, which shares its work among threads in a way that changes bits: run by one thread
//   libtorch libtorch's kernel; tests compare its bits between numbers of threads and processors
//   refused  all others; calling one is an error that names it
// Operators that libtorch composes of others are none of these: their parts are.
#pragma once
#include <string>
#include <vector>

#include <torch/library.h>

namespace canonical {

struct Registrar {
  torch::Library cpu;
  torch::Library autograd;
  std::vector<std::string> owned;
  std::vector<c10::RegistrationHandleRAII> others;

  // `name` with its overload, without the namespace.
  template <typename Function>
  void own(const std::string& name, Function function) {
    cpu.impl(name.c_str(), function);
    owned.push_back(name);
  }

  // For an operator whose parts have derivatives, which its own kernel calls.
  template <typename Function>
  void above_autograd(const std::string& name, Function function) {
    autograd.impl(name.c_str(), function);
  }
};

void register_activation_operators(Registrar& registrar);
void register_softmax_operators(Registrar& registrar);
void register_attention_operators(Registrar& registrar);
void register_norm_operators(Registrar& registrar);
void register_matrix_operators(Registrar& registrar);
void register_elementwise_operators(Registrar& registrar);
void register_convolution_operators(Registrar& registrar);

// Registers everything, once for the life of the process. `list` has lines "class name": `own`, `serial` or `libtorch`, and an
// operator's name without namespace, overload or trailing underscore; what it lacks is refused.
void register_kernels(const std::string& list);

}  // namespace canonical
