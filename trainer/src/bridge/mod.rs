//! libtorch's c10d from Rust: the rendezvous store, process groups, and Reducers. The C++ half is `bridge/`.
//!
//! A reducer borrows its group, so that it is always destroyed first.

mod adamw;
mod group;
mod reducer;
mod store;
mod sys;

pub use adamw::{adamw, scale_gradients};
pub use group::{CanonicalPlace, Listener, Patience, ProcessGroup, StopSwitch};
pub use reducer::{AveragingReducer, BucketSizes, PassResult, TreeReducer};
pub use store::{Store, StoreServer};

pub(crate) use sys::check;

use std::ffi::{c_int, c_void};
use std::num::NonZeroU16;
use sys::{handle, handles, text};
use tch::Tensor;

/// A message from libtorch, gloo, NCCL or the canonical backend.
#[derive(Debug, Clone, thiserror::Error)]
#[error("libtorch: {0}")]
pub struct BridgeError(String);

impl BridgeError {
    /// The first line: libtorch adds a stack trace below.
    #[must_use]
    pub fn summary(&self) -> &str {
        self.0.lines().next().unwrap_or_default()
    }
}

/// A pointer that the bridge gave out, or null before it did.
type Handle = *mut c_void;

/// Sets up this process for a canonical numeric profile: `threads` threads, no oneDNN, deterministic kernels.
pub fn apply_canonical_profile(threads: NonZeroU16) -> Result<(), BridgeError> {
    // SAFETY: takes a number and catches every exception
    check(unsafe { sys::bridge_apply_canonical_profile(u16::from(threads).into()) })
}

/// Makes CUDA device `index` the current one of this thread.
pub fn use_cuda_device(index: usize) -> Result<(), BridgeError> {
    // SAFETY: takes a number and catches every exception
    check(unsafe { sys::bridge_use_cuda_device(index as c_int) })
}

/// Ends this process at once. [`std::process::exit`] would take libtorch down under the threads that still use it.
pub fn leave(status: i32) -> ! {
    // SAFETY: takes a number and does not return
    unsafe { libc::_exit(status) }
}

/// Puts the canonical kernels into libtorch's dispatcher, for the life of this process. `list` has a line for each operator
/// that may be called, its class and its name; from then on calling another is an error. Needs AVX2 and FMA.
pub fn register_kernels(list: &str) -> Result<(), BridgeError> {
    let list = text(list)?;
    // SAFETY: the list is zero-terminated and outlives the call
    check(unsafe { sys::bridge_register_kernels(list.as_ptr()) })
}

/// libtorch's own matrix product, also where the canonical kernels are registered: what they are measured against.
pub fn own_product_of_libtorch(a: &Tensor, b: &Tensor) -> Result<Tensor, BridgeError> {
    let mut product: Handle = std::ptr::null_mut();
    // SAFETY: both tensors are alive; on success `product` is a new tensor that nothing else owns
    unsafe {
        check(sys::bridge_own_product_of_libtorch(handle(a), handle(b), &mut product))?;
        Ok(Tensor::from_ptr(product.cast()))
    }
}

/// Releases the gradients of `tensors`, so that the next backward pass sets them instead of adding to them (adding to zeros
/// would turn -0 into +0).
pub fn clear_gradients(tensors: &[Tensor]) -> Result<(), BridgeError> {
    let mut handles = handles(tensors);
    // SAFETY: the handles are those of live tensors, as many as the count says
    check(unsafe { sys::bridge_clear_gradients(handles.as_mut_ptr(), handles.len()) })
}
