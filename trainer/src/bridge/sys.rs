//! The C interface of `bridge/c10d_bridge.h`.

use super::BridgeError;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use tch::Tensor;

unsafe extern "C" {
    pub(super) fn bridge_free_message(message: *mut c_char);
    pub(super) fn bridge_free_bytes(bytes: *mut u8);
    pub(super) fn bridge_apply_canonical_profile(threads: c_int) -> *mut c_char;
    pub(super) fn bridge_register_kernels(list: *const c_char) -> *mut c_char;
    pub(super) fn bridge_own_product_of_libtorch(
        a: *mut c_void,
        b: *mut c_void,
        product: *mut *mut c_void,
    ) -> *mut c_char;
    pub(super) fn bridge_clear_gradients(tensors: *mut *mut c_void, count: usize) -> *mut c_char;

    pub(super) fn bridge_use_cuda_device(index: c_int) -> *mut c_char;
    pub(super) fn bridge_scale_gradients(
        parameters: *mut *mut c_void,
        count: usize,
        scale: f64,
        clip_norm: f64,
    ) -> *mut c_char;
    pub(super) fn bridge_adamw(
        parameters: *mut *mut c_void,
        first_moments: *mut *mut c_void,
        second_moments: *mut *mut c_void,
        count: usize,
        learning_rate: f64,
        beta1: f64,
        beta2: f64,
        weight_decay: f64,
        eps: f64,
        update: u32,
    ) -> *mut c_char;

    pub(super) fn store_serve(port: u16, store: *mut *mut c_void, bound_port: *mut u16) -> *mut c_char;
    pub(super) fn store_connect(
        host: *const c_char,
        port: u16,
        timeout_ms: i64,
        store: *mut *mut c_void,
    ) -> *mut c_char;
    pub(super) fn store_free(store: *mut c_void) -> *mut c_char;
    pub(super) fn store_set(store: *mut c_void, key: *const c_char, value: *const u8, length: usize) -> *mut c_char;
    pub(super) fn store_get(
        store: *mut c_void,
        key: *const c_char,
        value: *mut *mut u8,
        length: *mut usize,
    ) -> *mut c_char;
    pub(super) fn store_add(store: *mut c_void, key: *const c_char, amount: i64, sum: *mut i64) -> *mut c_char;
    pub(super) fn store_compare_set(
        store: *mut c_void,
        key: *const c_char,
        expected: *const c_char,
        desired: *const c_char,
    ) -> *mut c_char;

    pub(super) fn stop_switch_new(stop: *mut *mut c_void) -> *mut c_char;
    pub(super) fn stop_switch_stop(stop: *mut c_void, message: *const c_char);
    pub(super) fn stop_switch_free(stop: *mut c_void);

    pub(super) fn listener_new(address: *const c_char, listener: *mut *mut c_void, port: *mut u16) -> *mut c_char;
    pub(super) fn listener_free(listener: *mut c_void);

    pub(super) fn canonical_group_new(
        rank: c_int,
        size: c_int,
        listener: *mut c_void,
        addresses: *const *const c_char,
        session: *const u8,
        join_timeout_ms: i64,
        timeout_ms: i64,
        silence_ms: i64,
        stop: *mut c_void,
        postfix: *const i32,
        postfix_length: usize,
        group: *mut *mut c_void,
    ) -> *mut c_char;
    pub(super) fn gloo_group_new(
        store: *mut c_void,
        prefix: *const c_char,
        rank: c_int,
        size: c_int,
        timeout_ms: i64,
        bind_address: *const c_char,
        group: *mut *mut c_void,
    ) -> *mut c_char;
    #[cfg(feature = "nccl")]
    pub(super) fn nccl_group_new(
        store: *mut c_void,
        prefix: *const c_char,
        rank: c_int,
        size: c_int,
        timeout_ms: i64,
        device: c_int,
        group: *mut *mut c_void,
    ) -> *mut c_char;
    pub(super) fn group_free(group: *mut c_void) -> *mut c_char;
    pub(super) fn group_broadcast(group: *mut c_void, tensor: *mut c_void, from_rank: c_int) -> *mut c_char;
    pub(super) fn group_all_gather(group: *mut c_void, outputs: *mut *mut c_void, input: *mut c_void) -> *mut c_char;
    pub(super) fn group_all_reduce(group: *mut c_void, tensor: *mut c_void) -> *mut c_char;
    pub(super) fn group_failure(group: *mut c_void) -> *mut c_char;
    pub(super) fn group_barrier(group: *mut c_void) -> *mut c_char;
    pub(super) fn group_close(group: *mut c_void) -> *mut c_char;

    pub(super) fn averaging_reducer_new(
        group: *mut c_void,
        parameters: *mut *mut c_void,
        count: usize,
        first_bucket_bytes: usize,
        bucket_bytes: usize,
        reducer: *mut *mut c_void,
    ) -> *mut c_char;
    pub(super) fn tree_reducer_new(
        group: *mut c_void,
        parameters: *mut *mut c_void,
        count: usize,
        first_bucket_bytes: usize,
        bucket_bytes: usize,
        contributions: *const u32,
        postfix: *const i32,
        postfix_length: usize,
        scale: f32,
        places: *mut usize,
        reducer: *mut *mut c_void,
    ) -> *mut c_char;
    pub(super) fn tree_reducer_begin_pass(
        reducer: *mut c_void,
        leaf: *mut c_void,
        mean: *mut c_void,
        merges: u32,
        spare_time: unsafe extern "C" fn(*mut c_void) -> c_int,
        context: *mut c_void,
    ) -> *mut c_char;
    pub(super) fn tree_reducer_end_pass(
        reducer: *mut c_void,
        adding_seconds: *mut f64,
        waiting_seconds: *mut f64,
    ) -> *mut c_char;
    pub(super) fn reducer_prepare_forward(reducer: *mut c_void) -> *mut c_char;
    pub(super) fn reducer_prepare_backward(reducer: *mut c_void) -> *mut c_char;
    pub(super) fn reducer_free(reducer: *mut c_void) -> *mut c_char;
}

/// Turns a returned message into an error and releases it.
pub(crate) fn check(message: *mut c_char) -> Result<(), BridgeError> {
    if message.is_null() {
        return Ok(());
    }
    // SAFETY: the bridge returns null or a zero-terminated string from strdup, which is released here and nowhere else
    unsafe {
        let text = CStr::from_ptr(message).to_string_lossy().into_owned();
        bridge_free_message(message);
        Err(BridgeError(text))
    }
}

pub(super) fn text(value: &str) -> Result<CString, BridgeError> {
    CString::new(value).map_err(|_| BridgeError(format!("{value:?} holds a zero byte")))
}

pub(super) fn handle(tensor: &Tensor) -> *mut c_void {
    tensor.as_ptr().cast_mut().cast()
}

pub(super) fn handles(tensors: &[Tensor]) -> Vec<*mut c_void> {
    tensors.iter().map(handle).collect()
}
