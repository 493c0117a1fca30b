//! libtorch's c10d from Rust: a process group over gloo, and a Reducer that gathers gradients.
//!
//! The C++ half is `bridge/c10d_bridge.cc`. A reducer borrows its group, so that it is always destroyed first.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::marker::PhantomData;
use std::num::NonZeroU16;
use std::time::Duration;
use tch::Tensor;

/// A message from libtorch or gloo.
#[derive(Debug, Clone, thiserror::Error)]
#[error("libtorch: {0}")]
pub struct BridgeError(String);

unsafe extern "C" {
    fn bridge_free_message(message: *mut c_char);
    fn bridge_apply_canonical_profile(threads: c_int) -> *mut c_char;
    fn bridge_register_kernels(list: *const c_char) -> *mut c_char;
    fn bridge_own_product_of_libtorch(a: *mut c_void, b: *mut c_void, product: *mut *mut c_void) -> *mut c_char;
    fn bridge_clear_gradients(tensors: *mut *mut c_void, count: usize) -> *mut c_char;
    fn process_group_new(
        master_address: *const c_char,
        port: u16,
        rank: c_int,
        world_size: c_int,
        timeout_ms: i64,
        bind_address: *const c_char,
        group: *mut *mut c_void,
    ) -> *mut c_char;
    fn process_group_free(group: *mut c_void) -> *mut c_char;
    fn process_group_broadcast(group: *mut c_void, tensor: *mut c_void, from_rank: c_int) -> *mut c_char;
    fn process_group_all_gather(group: *mut c_void, outputs: *mut *mut c_void, input: *mut c_void) -> *mut c_char;
    fn process_group_barrier(group: *mut c_void) -> *mut c_char;
    fn gather_reducer_new(
        group: *mut c_void,
        parameters: *mut *mut c_void,
        count: usize,
        first_bucket_bytes: usize,
        bucket_bytes: usize,
        reducer: *mut *mut c_void,
    ) -> *mut c_char;
    fn gather_reducer_free(reducer: *mut c_void) -> *mut c_char;
    fn gather_reducer_prepare_forward(reducer: *mut c_void) -> *mut c_char;
    fn gather_reducer_prepare_backward(reducer: *mut c_void) -> *mut c_char;
    fn gather_reducer_copy_gradient(
        reducer: *mut c_void,
        parameter: usize,
        rank: c_int,
        values: *mut f32,
        length: usize,
    ) -> *mut c_char;
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

fn text(value: &str) -> Result<CString, BridgeError> {
    CString::new(value).map_err(|_| BridgeError(format!("{value:?} holds a zero byte")))
}

fn handles(tensors: &[Tensor]) -> Vec<*mut c_void> {
    tensors.iter().map(|tensor| tensor.as_ptr().cast_mut().cast()).collect()
}

/// Sets up this process for a canonical numeric profile: `threads` threads, no oneDNN, deterministic kernels.
pub fn apply_canonical_profile(threads: NonZeroU16) -> Result<(), BridgeError> {
    // SAFETY: takes a number and catches every exception
    check(unsafe { bridge_apply_canonical_profile(u16::from(threads).into()) })
}

/// Puts the canonical kernels into libtorch's dispatcher, for the life of this process. `list` has a line for each operator
/// that may be called, its class and its name; from then on calling another is an error. Needs AVX2 and FMA.
pub fn register_kernels(list: &str) -> Result<(), BridgeError> {
    let list = text(list)?;
    // SAFETY: the list is zero-terminated and outlives the call
    check(unsafe { bridge_register_kernels(list.as_ptr()) })
}

/// libtorch's own matrix product, also where the canonical kernels are registered: what they are measured against.
pub fn own_product_of_libtorch(a: &Tensor, b: &Tensor) -> Result<Tensor, BridgeError> {
    let mut product = std::ptr::null_mut();
    // SAFETY: both tensors are alive; on success `product` is a new tensor that nothing else owns
    unsafe {
        check(bridge_own_product_of_libtorch(
            a.as_ptr().cast_mut().cast(),
            b.as_ptr().cast_mut().cast(),
            &mut product,
        ))?;
        Ok(Tensor::from_ptr(product.cast()))
    }
}

/// Releases the gradients of `tensors`, so that the next backward pass sets them instead of adding to them (adding to zeros
/// would turn -0 into +0).
pub fn clear_gradients(tensors: &[Tensor]) -> Result<(), BridgeError> {
    let mut handles = handles(tensors);
    // SAFETY: the handles are those of live tensors, as many as the count says
    check(unsafe { bridge_clear_gradients(handles.as_mut_ptr(), handles.len()) })
}

/// Where the ranks of a group meet.
#[derive(Debug, Clone)]
pub struct Rendezvous {
    /// Host name or address of rank 0.
    pub master_address: String,
    /// Port of the store that rank 0 serves.
    pub master_port: u16,
    /// This process's rank, from 0.
    pub rank: u32,
    /// Number of processes.
    pub world_size: u32,
    /// Address of this host that the other ranks connect to.
    pub bind_address: String,
    /// How long a rank waits for another before it gives up.
    pub timeout: Duration,
}

/// A group of processes.
#[derive(Debug)]
pub struct ProcessGroup {
    handle: *mut c_void,
    rank: u32,
    world_size: u32,
}

impl ProcessGroup {
    /// Joins the group; returns when all ranks have joined.
    pub fn join(at: &Rendezvous) -> Result<Self, BridgeError> {
        let (master_address, bind_address) = (text(&at.master_address)?, text(&at.bind_address)?);
        let mut handle = std::ptr::null_mut();
        // SAFETY: both strings are zero-terminated and outlive the call, `handle` is written on success
        check(unsafe {
            process_group_new(
                master_address.as_ptr(),
                at.master_port,
                at.rank as c_int,
                at.world_size as c_int,
                at.timeout.as_millis() as i64,
                bind_address.as_ptr(),
                &mut handle,
            )
        })?;
        Ok(Self { handle, rank: at.rank, world_size: at.world_size })
    }

    /// This process's rank.
    #[must_use]
    pub fn rank(&self) -> u32 {
        self.rank
    }

    /// Number of processes.
    #[must_use]
    pub fn world_size(&self) -> u32 {
        self.world_size
    }

    /// Overwrites `tensor` on every rank with that of rank 0.
    pub fn broadcast(&self, tensor: &mut Tensor) -> Result<(), BridgeError> {
        // SAFETY: group and tensor are alive, and the tensor is borrowed mutably
        check(unsafe { process_group_broadcast(self.handle, tensor.as_mut_ptr().cast(), 0) })
    }

    /// Every rank's `input`, in rank order. All inputs have one shape and kind.
    pub fn all_gather(&self, input: &Tensor) -> Result<Vec<Tensor>, BridgeError> {
        let outputs = (0..self.world_size)
            .map(|_| input.f_empty_like().map_err(|error| BridgeError(error.to_string())))
            .collect::<Result<Vec<_>, _>>()?;
        let mut handles = handles(&outputs);
        // SAFETY: one live output for each rank, which nothing else refers to yet
        check(unsafe {
            process_group_all_gather(self.handle, handles.as_mut_ptr(), input.as_ptr().cast_mut().cast())
        })?;
        Ok(outputs)
    }

    /// Waits for all ranks.
    pub fn barrier(&self) -> Result<(), BridgeError> {
        // SAFETY: the group is alive
        check(unsafe { process_group_barrier(self.handle) })
    }
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        // SAFETY: created by process_group_new, freed once; reducers borrow the group and are gone
        if let Err(error) = check(unsafe { process_group_free(self.handle) }) {
            tracing::warn!(%error, "the process group did not close cleanly");
        }
    }
}

/// Sizes of gradient buckets in bytes. They change how gradients travel, never what they sum to.
#[derive(Debug, Clone, Copy)]
pub struct BucketSizes {
    /// The bucket that is ready first.
    pub first: usize,
    /// Every other bucket.
    pub others: usize,
}

impl Default for BucketSizes {
    /// The sizes of torch's own DistributedDataParallel.
    fn default() -> Self {
        Self { first: 1 << 20, others: 25 << 20 }
    }
}

/// libtorch's Reducer with a hook that gathers each rank's gradients while the backward pass runs, and adds nothing.
#[derive(Debug)]
pub struct GatherReducer<'group> {
    handle: *mut c_void,
    group: PhantomData<&'group ProcessGroup>,
}

impl<'group> GatherReducer<'group> {
    /// A reducer over `parameters`, which must require gradients and be the same on every rank.
    pub fn new(group: &'group ProcessGroup, parameters: &[Tensor], buckets: BucketSizes) -> Result<Self, BridgeError> {
        let mut tensors = handles(parameters);
        let mut handle = std::ptr::null_mut();
        // SAFETY: the reducer keeps references of its own to the tensors; the group outlives it by lifetime
        check(unsafe {
            gather_reducer_new(
                group.handle,
                tensors.as_mut_ptr(),
                tensors.len(),
                buckets.first,
                buckets.others,
                &mut handle,
            )
        })?;
        Ok(Self { handle, group: PhantomData })
    }

    /// To be called before each forward pass.
    pub fn prepare_forward(&self) -> Result<(), BridgeError> {
        // SAFETY: the reducer is alive
        check(unsafe { gather_reducer_prepare_forward(self.handle) })
    }

    /// To be called between the forward and the backward pass.
    pub fn prepare_backward(&self) -> Result<(), BridgeError> {
        // SAFETY: the reducer is alive
        check(unsafe { gather_reducer_prepare_backward(self.handle) })
    }

    /// Copies the gradient of parameter number `parameter` on `rank`, from the last backward pass, into `values`.
    pub fn copy_gradient(&self, parameter: usize, rank: u32, values: &mut [f32]) -> Result<(), BridgeError> {
        // SAFETY: the bridge checks parameter, rank and length before it writes
        check(unsafe {
            gather_reducer_copy_gradient(self.handle, parameter, rank as c_int, values.as_mut_ptr(), values.len())
        })
    }
}

impl Drop for GatherReducer<'_> {
    fn drop(&mut self) {
        // SAFETY: created by gather_reducer_new, freed once
        if let Err(error) = check(unsafe { gather_reducer_free(self.handle) }) {
            tracing::warn!(%error, "the reducer did not close cleanly");
        }
    }
}
