// C interface of the bridge to libtorch's c10d. Every function that can fail returns a message, to be released with
// bridge_free_message, or null on success: no C++ exception crosses this boundary.
#pragma once
#include <cstddef>
#include <cstdint>

extern "C" {
void bridge_free_message(char* message);

// Sets what every canonical numeric profile needs inside this process: `threads` threads, no oneDNN, deterministic kernels.
char* bridge_apply_canonical_profile(int threads);
// Puts the canonical kernels into libtorch's dispatcher, for the life of this process: kernels/register.h has the list's form.
char* bridge_register_kernels(const char* list);
// Writes a new tensor to `product`: libtorch's own matrix product of two matrices of float32, also where the canonical
// kernels are registered.
char* bridge_own_product_of_libtorch(void* a, void* b, void** product);
// Releases the gradients of `count` tensors, so that the next backward pass sets them instead of adding to them.
char* bridge_clear_gradients(void** tensors, size_t count);

// Joins a group of `world_size` processes over gloo; rank 0 also serves the rendezvous store on `port`.
char* process_group_new(const char* master_address, uint16_t port, int rank, int world_size, int64_t timeout_ms,
                        const char* bind_address, void** group);
char* process_group_free(void* group);
char* process_group_broadcast(void* group, void* tensor, int from_rank);
// Fills `outputs`, one tensor for each rank, with every rank's `input`.
char* process_group_all_gather(void* group, void** outputs, void* input);
char* process_group_barrier(void* group);

// A c10d Reducer over `count` parameters whose communication hook gathers every rank's gradient and adds nothing.
char* gather_reducer_new(void* group, void** parameters, size_t count, size_t first_bucket_bytes, size_t bucket_bytes,
                         void** reducer);
char* gather_reducer_free(void* reducer);
char* gather_reducer_prepare_forward(void* reducer);
char* gather_reducer_prepare_backward(void* reducer);
// Copies the gradient of parameter `parameter` on `rank`, as gathered by the last backward pass, into `values`.
char* gather_reducer_copy_gradient(void* reducer, size_t parameter, int rank, float* values, size_t length);
}
