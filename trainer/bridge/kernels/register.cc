#include "register.h"

#include <memory>
#include <set>
#include <sstream>

#include <ATen/Parallel.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/util/Exception.h>

namespace canonical {
namespace {

using c10::DispatchKey;
using c10::DispatchKeySet;
using c10::OperatorHandle;

// Namespaces whose operators compute nothing that a model sees.
const std::set<std::string> OUTSIDE = {"_c10d_functional", "_c10d_functional_autograd", "c10d", "prim", "prims",
                                       "profiler"};

struct Classes {
  std::set<std::string> own, serial, libtorchs;
};

Classes parse(const std::string& list) {
  Classes classes;
  std::istringstream lines(list);
  for (std::string line; std::getline(lines, line);) {
    const size_t space = line.find(' ');
    if (line.empty() || line[0] == '#' || space == std::string::npos) continue;
    const std::string name = line.substr(space + 1), kind = line.substr(0, space);
    auto& group = kind == "own" ? classes.own : kind == "serial" ? classes.serial : classes.libtorchs;
    TORCH_CHECK(kind == "own" || kind == "serial" || kind == "libtorch", "no class of operators is called ", kind);
    group.insert(name);
  }
  return classes;
}

class OneThread {
 public:
  OneThread() : before_(at::get_num_threads()) {
    if (before_ != 1) at::set_num_threads(1);
  }
  ~OneThread() {
    if (before_ != 1) at::set_num_threads(before_);
  }

 private:
  int before_;
};

struct Serial final : c10::OperatorKernel {
  explicit Serial(c10::SafeKernelFunction original) : original(std::move(original)) {}

  void operator()(const OperatorHandle& op, DispatchKeySet keys, torch::jit::Stack* stack) {
    OneThread guard;
    original.callBoxed(op, keys, stack);
  }

  c10::SafeKernelFunction original;
};

void refuse(const OperatorHandle& op, torch::jit::Stack*) {
  TORCH_CHECK(false, "the operator ", op.operator_name(),
              " is not in the canonical numeric profile: its bits are not known to be the same on every machine "
              "(docs/numerics.md lists the operators that are)");
}

// The name without overload and without the underscore of an operator in place.
std::string base_name(const c10::OperatorName& name) {
  const std::string full = name.name.substr(name.name.find("::") + 2);
  const bool in_place = full.size() > 1 && full.back() == '_' && full[full.size() - 2] != '_';
  return in_place ? full.substr(0, full.size() - 1) : full;
}

std::string name_space(const c10::OperatorName& name) { return name.name.substr(0, name.name.find("::")); }

bool reaches_processor(const OperatorHandle& op) {
  if (!op.hasComputedKernelForDispatchKey(DispatchKey::CPU)) return false;
  const bool composed = op.hasKernelForDispatchKey(DispatchKey::CompositeImplicitAutograd);
  return !composed || op.hasKernelForDispatchKey(DispatchKey::CPU);
}

class Silent : public c10::WarningHandler {
  void process(const c10::Warning&) override {}
};

void register_others(Registrar& registrar, const Classes& classes) {
  const std::set<std::string> owned(registrar.owned.begin(), registrar.owned.end());
  auto& dispatcher = c10::Dispatcher::singleton();
  for (const c10::OperatorName& name : dispatcher.getAllOpNames()) {
    if (OUTSIDE.count(name_space(name)) != 0) continue;
    const auto op = dispatcher.findSchema(name);
    if (!op.has_value() || !reaches_processor(*op)) continue;
    const bool aten = name_space(name) == "aten";
    const std::string overload = name.overload_name.empty() ? "" : "." + name.overload_name;
    if (aten && owned.count(name.name.substr(6) + overload) != 0) continue;
    const std::string base = base_name(name);
    if (aten && classes.libtorchs.count(base) != 0) continue;
    auto kernel = c10::KernelFunction::makeFromBoxedFunction<refuse>();
    if (aten && classes.serial.count(base) != 0) {
      kernel = c10::KernelFunction::makeFromBoxedFunctor(
          std::make_unique<Serial>(op->getComputedKernelForDispatchKey(DispatchKey::CPU)));
    }
    registrar.others.push_back(dispatcher.registerImpl(name, DispatchKey::CPU, std::move(kernel), std::nullopt, nullptr,
                                                       "the canonical numeric profile"));
  }
}

}  // namespace

void register_kernels(const std::string& list) {
  // never destroyed: kernels must outlive every thread that may call one
  static auto* registrar = [&] {
    const Classes classes = parse(list);
    Silent silent;
    c10::WarningUtils::WarningHandlerGuard guard(&silent);
    auto* made = new Registrar{{torch::Library::IMPL, "aten", DispatchKey::CPU, __FILE__, __LINE__},
                               {torch::Library::IMPL, "aten", DispatchKey::AutogradCPU, __FILE__, __LINE__},
                               {},
                               {}};
    register_activation_operators(*made);
    register_softmax_operators(*made);
    register_attention_operators(*made);
    register_norm_operators(*made);
    register_matrix_operators(*made);
    register_elementwise_operators(*made);
    register_convolution_operators(*made);
    for (const std::string& name : made->owned) {
      TORCH_CHECK(classes.own.count(base_name({"aten::" + name.substr(0, name.find('.')), ""})) != 0, name,
                  " has a canonical kernel and is not in the list of operators");
    }
    register_others(*made, classes);
    return made;
  }();
  (void)registrar;
}

}  // namespace canonical
