#include "script_module.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <caffe2/serialize/inline_container.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/script.h>

namespace {

using at::Tensor;
using torch::jit::Module;
using torch::jit::Node;

// A tensor of a module, where it lies.
struct Slot {
  std::string name;
  c10::intrusive_ptr<c10::ivalue::Object> object;
  size_t place;
  Tensor tensor;
  uint32_t version;
};

struct ScriptModule {
  Module module;
  std::vector<Slot> parameters;
  // Everything else that a pass could change: buffers and frozen parameters.
  std::vector<Slot> constants;
};

template <typename Body>
char* guarded(Body body) {
  try {
    body();
    return nullptr;
  } catch (const c10::Error& error) {
    return strdup(error.what_without_backtrace());
  } catch (const std::exception& error) {
    return strdup(error.what());
  } catch (...) {
    return strdup("an exception that is not a std::exception");
  }
}

// Code that would run while the module is read, before anything can be checked.
void refuse_code_at_load(const std::string& bytes) {
  std::istringstream stream(bytes);
  caffe2::serialize::PyTorchStreamReader reader(&stream);
  for (const std::string& name : reader.getAllRecords()) {
    if (name.rfind("code/", 0) != 0) continue;
    const auto record = reader.getRecord(name);
    const std::string text(static_cast<const char*>(std::get<0>(record).get()), std::get<1>(record));
    TORCH_CHECK(text.find("__setstate__") == std::string::npos,
                "a class of the module has a method __setstate__, which runs while the module is read: export it without");
  }
}

std::vector<Slot> slots_of(const Module& module, bool parameters) {
  std::vector<Slot> slots;
  std::set<std::pair<const void*, size_t>> seen;
  for (const auto& part : module.named_modules()) {
    const auto object = part.value._ivalue();
    const auto collect = [&](const std::string& own, const Tensor& tensor) {
      const size_t place = object->type()->getAttributeSlot(own);
      // one module in two places has the same tensors under two names
      TORCH_CHECK(seen.insert({object.get(), place}).second, "parameter ", own, " of ", part.name,
                  " is reached under two names: export the module with parts of its own in each place");
      const std::string name = part.name.empty() ? own : part.name + "." + own;
      slots.push_back({name, object, place, tensor, tensor.unsafeGetTensorImpl()->version_counter().current_version()});
    };
    if (parameters) {
      for (const auto& own : part.value.named_parameters(false)) collect(own.name, own.value);
    } else {
      for (const auto& own : part.value.named_buffers(false)) {
        if (own.value.defined()) collect(own.name, own.value);
      }
    }
  }
  std::sort(slots.begin(), slots.end(), [](const Slot& left, const Slot& right) { return left.name < right.name; });
  return slots;
}

void check_parameters(const std::vector<Slot>& parameters) {
  TORCH_CHECK(!parameters.empty(), "the module has no parameter that requires gradients");
  for (size_t i = 0; i < parameters.size(); i++) {
    const Slot& slot = parameters[i];
    TORCH_CHECK(slot.tensor.layout() == at::kStrided && slot.tensor.scalar_type() == at::kFloat, "parameter ", slot.name,
                " is of kind ", slot.tensor.scalar_type(), ": export the module after module.float()");
    TORCH_CHECK(slot.tensor.numel() > 0, "parameter ", slot.name, " has no values");
    for (size_t j = 0; j < i; j++) {
      TORCH_CHECK(!slot.tensor.is_alias_of(parameters[j].tensor), "parameters ", parameters[j].name, " and ", slot.name,
                  " share their memory: tied weights cannot be trained, give each its own");
    }
  }
}

std::set<std::string> names_in(const std::string& list) {
  std::set<std::string> names;
  std::istringstream lines(list);
  for (std::string line; std::getline(lines, line);) {
    const size_t space = line.find(' ');
    if (!line.empty() && line[0] != '#' && space != std::string::npos) names.insert(line.substr(space + 1));
  }
  return names;
}

// The name without namespace and without the underscore of an operator in place.
std::string base_name(const std::string& full) {
  const std::string name = full.substr(full.find("::") + 2);
  const bool in_place = name.size() > 1 && name.back() == '_' && name[name.size() - 2] != '_';
  return in_place ? name.substr(0, name.size() - 1) : name;
}

bool has_argument(const c10::FunctionSchema& schema, const std::string& name) {
  return schema.argumentIndexWithName(name).has_value();
}

// Whether an operator computes tensors; others are the interpreter's own, for numbers, lists and text.
std::optional<c10::OperatorHandle> in_dispatcher(const Node* node) {
  const auto* schema = node->maybeSchema();
  if (schema == nullptr) return std::nullopt;
  return c10::Dispatcher::singleton().findSchema(schema->operator_name());
}

void check_operator(const Node* node, const std::set<std::string>& allowed) {
  const std::string kind = node->kind().toQualString();
  TORCH_CHECK(kind != "prim::SetAttr", "the module assigns to its attribute ", node->s(torch::jit::attr::name),
              ": a step must depend on nothing but the parameters and the batch");
  const auto handle = in_dispatcher(node);
  if (!handle.has_value()) {
    TORCH_CHECK(allowed.count(kind) != 0, "the module calls ", kind, ", which a checked run may not call, because it ",
                "reaches outside of the pass or depends on the machine: compute it before the export, or do without "
                "(trainer/golden/interpreter.operators lists what may be called)");
    return;
  }
  const auto& schema = handle->schema();
  const bool has_rate = has_argument(schema, "dropout_p") || has_argument(schema, "dropout");
  TORCH_CHECK(has_rate || !handle->hasTag(at::Tag::nondeterministic_seeded), "the module calls ", kind,
              ", which draws random numbers that no other machine can draw again: export it without");
  using c10::DispatchKey;
  const bool composed = handle->hasKernelForDispatchKey(DispatchKey::CompositeImplicitAutograd) &&
                        !handle->hasKernelForDispatchKey(DispatchKey::CPU);
  const bool computes = handle->hasComputedKernelForDispatchKey(DispatchKey::CPU) && !composed;
  // set_data changes a tensor without a trace that check_unchanged could see
  const bool known = kind.rfind("aten::", 0) == 0 && allowed.count(base_name(kind)) != 0;
  TORCH_CHECK(kind != "aten::set_data" && (!computes || known), "the module calls ", kind,
              ", which is not in the canonical numeric profile: its bits are not known to be the same on every machine "
              "(docs/numerics.md lists the operators that are)");
}

void check_block(const torch::jit::Block* block, const std::set<std::string>& allowed) {
  for (const Node* node : block->nodes()) {
    check_operator(node, allowed);
    for (const auto* inner : node->blocks()) check_block(inner, allowed);
  }
}

Tensor& as_tensor(void* tensor) { return *static_cast<Tensor*>(tensor); }

uint32_t version_of(const Tensor& tensor) { return tensor.unsafeGetTensorImpl()->version_counter().current_version(); }

bool is_unchanged(const Slot& slot) {
  const auto& now = slot.object->getSlot(slot.place);
  return now.isTensor() && now.toTensor().is_same(slot.tensor) && version_of(slot.tensor) == slot.version;
}

void check_unchanged(const ScriptModule& script) {
  for (const Slot& slot : script.parameters) {
    TORCH_CHECK(is_unchanged(slot), "the module changes its parameter ", slot.name, " in a pass: only the optimiser may");
  }
  for (const Slot& slot : script.constants) {
    TORCH_CHECK(is_unchanged(slot), "the module changes its buffer ", slot.name,
                " in a pass, which nothing commits to: use a normalisation without running statistics, as GroupNorm or LayerNorm");
  }
}

}  // namespace

extern "C" {

char* script_module_load(const void* bytes, size_t length, const char* list, void** module) {
  return guarded([&] {
    const std::string text(static_cast<const char*>(bytes), length);
    refuse_code_at_load(text);
    std::istringstream stream(text);
    auto loaded = std::make_unique<ScriptModule>();
    loaded->module = torch::jit::load(stream, c10::Device(c10::kCPU));
    const auto forward = loaded->module.find_method("forward");
    TORCH_CHECK(forward.has_value(), "the module has no method forward");
    auto graph = forward->graph()->copy();
    torch::jit::Inline(*graph);
    check_block(graph->block(), names_in(list));
    for (Slot& slot : slots_of(loaded->module, true)) {
      auto& group = slot.tensor.requires_grad() ? loaded->parameters : loaded->constants;
      group.push_back(std::move(slot));
    }
    for (Slot& slot : slots_of(loaded->module, false)) loaded->constants.push_back(std::move(slot));
    check_parameters(loaded->parameters);
    *module = loaded.release();
  });
}

char* script_module_move(void* module, int cuda_device) {
  return guarded([=] {
    auto& script = *static_cast<ScriptModule*>(module);
    script.module.to(c10::Device(c10::kCUDA, static_cast<c10::DeviceIndex>(cuda_device)));
    for (Slot& slot : script.constants) {
      slot.tensor = slot.object->getSlot(slot.place).toTensor();
      slot.version = version_of(slot.tensor);
    }
  });
}

void script_module_free(void* module) { delete static_cast<ScriptModule*>(module); }

size_t script_module_parameter_count(const void* module) {
  return static_cast<const ScriptModule*>(module)->parameters.size();
}

char* script_module_parameter(const void* module, size_t index, char** name, void** tensor) {
  return guarded([&] {
    const Slot& slot = static_cast<const ScriptModule*>(module)->parameters.at(index);
    auto copy = std::make_unique<Tensor>(slot.tensor.detach().contiguous());
    *name = strdup(slot.name.c_str());
    *tensor = copy.release();
  });
}

char* script_module_forward(void* module, void** parameters, size_t count, void* inputs, int training, void** scores) {
  return guarded([&] {
    auto& script = *static_cast<ScriptModule*>(module);
    TORCH_CHECK(count == script.parameters.size(), "the module has ", script.parameters.size(), " parameters, not ", count);
    for (size_t i = 0; i < count; i++) {
      Slot& slot = script.parameters[i];
      slot.tensor = as_tensor(parameters[i]);
      slot.version = version_of(slot.tensor);
      slot.object->setSlot(slot.place, slot.tensor);
    }
    script.module.train(training != 0);
    // the optimised executor computes other gradients from the second pass on than in the first
    torch::jit::GraphOptimizerEnabledGuard plain(false);
    const auto result = script.module.forward({as_tensor(inputs)});
    TORCH_CHECK(result.isTensor() && result.toTensor().scalar_type() == at::kFloat, "forward returns ",
                result.tagKind(), " and not one tensor of float32 scores");
    check_unchanged(script);
    *scores = new Tensor(result.toTensor());
  });
}
}
