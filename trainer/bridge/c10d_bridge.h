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
// Makes CUDA device `index` the current one of this thread.
char* bridge_use_cuda_device(int index);
// Multiplies the gradients of `count` parameters by `scale`, and then, where their common norm is above `clip_norm` and that
// is above 0, by what brings it down to it.
char* bridge_scale_gradients(void** parameters, size_t count, double scale, double clip_norm);
// Update number `update`, from 1, of AdamW with the parameters' own gradients.
char* bridge_adamw(void** parameters, void** first_moments, void** second_moments, size_t count, double learning_rate,
                   double beta1, double beta2, double weight_decay, double eps, uint32_t update);

// Serves a TCPStore on `port`, or on a free one where it is 0, until it is freed.
char* store_serve(uint16_t port, void** store, uint16_t* bound_port);
// Connects to a TCPStore; tries for `timeout_ms`, which is also how long an answer may take.
char* store_connect(const char* host, uint16_t port, int64_t timeout_ms, void** store);
char* store_free(void* store);
char* store_set(void* store, const char* key, const uint8_t* value, size_t length);
// Copies the value of `key`, which bridge_free_bytes releases; null where there is none.
char* store_get(void* store, const char* key, uint8_t** value, size_t* length);
char* store_add(void* store, const char* key, int64_t amount, int64_t* sum);
// Sets `key` to `desired` where it holds `expected`.
char* store_compare_set(void* store, const char* key, const char* expected, const char* desired);
void bridge_free_bytes(uint8_t* bytes);

// A switch that stops a group from any thread.
char* stop_switch_new(void** stop);
void stop_switch_stop(void* stop, const char* message);
void stop_switch_free(void* stop);

// Listens on a free port of `address` for the other ranks of a canonical group.
char* listener_new(const char* address, void** listener, uint16_t* port);
void listener_free(void* listener);

// Connects a canonical group: canonical/connect.h and canonical/mesh.h say what the times mean. `postfix` is the program of
// a plain all-reduce, one contribution of each rank.
char* canonical_group_new(int rank, int size, void* listener, const char* const* addresses, const uint8_t* session,
                          int64_t join_timeout_ms, int64_t timeout_ms, int64_t silence_ms, void* stop,
                          const int32_t* postfix, size_t postfix_length, void** group);
// Joins a group over gloo, whose ranks meet in `store` under `prefix`.
char* gloo_group_new(void* store, const char* prefix, int rank, int size, int64_t timeout_ms, const char* bind_address,
                     void** group);
// Joins a group over NCCL that computes on CUDA device `device`, one for each rank. Only in builds with the feature `nccl`.
char* nccl_group_new(void* store, const char* prefix, int rank, int size, int64_t timeout_ms, int device, void** group);
char* group_free(void* group);
// Tensors of the functions below may be on the processor also where the group is on a device: they are copied.
char* group_broadcast(void* group, void* tensor, int from_rank);
// Fills `outputs`, one tensor for each rank, with every rank's `input`.
char* group_all_gather(void* group, void** outputs, void* input);
// Overwrites `tensor` with the sum of all ranks' tensors.
char* group_all_reduce(void* group, void* tensor);
char* group_barrier(void* group);
// Waits until no rank needs this one any more. A group over NCCL that is freed without is aborted.
char* group_close(void* group);
// What broke a canonical group, as a message; null where it works.
char* group_failure(void* group);

// A c10d Reducer over `count` parameters that averages as DistributedDataParallel does.
char* averaging_reducer_new(void* group, void** parameters, size_t count, size_t first_bucket_bytes,
                            size_t bucket_bytes, void** reducer);
// A c10d Reducer over `count` parameters of a canonical group. Each rank plays one virtual rank after another, a backward
// pass each; in the last one the buckets' sums travel, and become the result of the program (`contributions`: one number for
// each rank), scaled. Gradients lie in flat tensors, bucket after bucket: `places` gets the place of each parameter's first
// value.
char* tree_reducer_new(void* group, void** parameters, size_t count, size_t first_bucket_bytes, size_t bucket_bytes,
                       const uint32_t* contributions, const int32_t* postfix, size_t postfix_length, float scale,
                       size_t* places, void** reducer);
// To be called before the forward pass of a virtual rank. `merges` sums are taken after it, with those of the virtual ranks
// before. `mean`, a flat tensor, is given in the last pass of a step, and gets the result. In a pass before it, a copy of the
// virtual rank's gradient goes to the flat tensor `leaf`, which must keep it until the step's last pass is over; null where
// nobody wants it. After a pass each parameter's gradient is the virtual rank's own. While the last pass waits for other ranks,
// `spare_time` is called with `context`, again and again until it returns 0; it does a little work each time and does not throw.
char* tree_reducer_begin_pass(void* reducer, void* leaf, void* mean, uint32_t merges, int (*spare_time)(void* context),
                              void* context);
// To be called right after the backward pass, whether or not it failed. Tells what the reduction took that the backward pass
// did not hide, in seconds: additions, and waiting for other ranks.
char* tree_reducer_end_pass(void* reducer, double* adding, double* waiting);
char* reducer_prepare_forward(void* reducer);
char* reducer_prepare_backward(void* reducer);
char* reducer_free(void* reducer);
}
