// C interface to modules that were exported from PyTorch as TorchScript. A module runs here as a pure function: its trained
// parameters are given with each call, and everything that would make its result depend on something else is refused when
// it is loaded. Every function that can fail returns a message, to be released with bridge_free_message, or null on success.
#pragma once
#include <cstddef>

extern "C" {
// Reads a module's file and checks every operator of its forward method against `list`: that of kernels/register.h, and lines
// "interpreter NAMESPACE::NAME" for operators of the interpreter alone.
char* script_module_load(const void* bytes, size_t length, const char* list, void** module);
// Moves what the module holds to a CUDA device; its parameters come with each call anyway.
char* script_module_move(void* module, int cuda_device);
void script_module_free(void* module);
// Number of parameters that require gradients.
size_t script_module_parameter_count(const void* module);
// Name, to be released with bridge_free_message, and a new tensor of parameter `index`, in ascending order of names.
char* script_module_parameter(const void* module, size_t index, char** name, void** tensor);
// Writes a new tensor to `scores`: what forward returns for `inputs` with these parameters, in the order of their names.
char* script_module_forward(void* module, void** parameters, size_t count, void* inputs, int training, void** scores);
}
