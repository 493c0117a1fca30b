//! libtorch's Reducer, which calls for communication while the backward pass runs.

use super::sys::{self, check, handle, handles};
use super::{BridgeError, Handle, ProcessGroup};
use crate::pass::LastPass;
use crate::reduction::Program;
use crate::stopwatch::StepSeconds;
use std::ffi::{c_int, c_void};
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tch::Tensor;

/// Sizes of gradient buckets in bytes. They change how gradients travel, never what they sum to.
#[derive(Debug, Clone, Copy)]
pub struct BucketSizes {
    /// The bucket that is ready first.
    pub first: usize,
    /// Every other bucket.
    pub others: usize,
}

impl Default for BucketSizes {
    /// torch's DistributedDataParallel takes 25 MiB, and sums what a small model computes last only after its backward pass.
    /// With 4 MiB a step of 3 million parameters was 4 to 13 % shorter, and with 2 MiB another 1.5 %; 1 MiB and less gave nothing.
    fn default() -> Self {
        Self { first: 1 << 20, others: 2 << 20 }
    }
}

/// Calls the closure that `context` points to, a `&mut dyn FnMut() -> bool`. A panic ends as if there were nothing to do.
unsafe extern "C" fn use_spare_time(context: *mut c_void) -> c_int {
    let work = || {
        // SAFETY: TreeReducer::pass keeps the closure, and nothing else uses it meanwhile
        let spare_time = unsafe { &mut *context.cast::<&mut dyn FnMut() -> bool>() };
        spare_time()
    };
    c_int::from(catch_unwind(AssertUnwindSafe(work)).unwrap_or(false))
}

/// What both reducers share.
#[derive(Debug)]
struct Reducer<'group> {
    handle: Handle,
    group: PhantomData<&'group ProcessGroup>,
}

impl Reducer<'_> {
    fn prepare_forward(&self) -> Result<(), BridgeError> {
        // SAFETY: the reducer is alive
        check(unsafe { sys::reducer_prepare_forward(self.handle) })
    }

    fn prepare_backward(&self) -> Result<(), BridgeError> {
        // SAFETY: the reducer is alive
        check(unsafe { sys::reducer_prepare_backward(self.handle) })
    }
}

impl Drop for Reducer<'_> {
    fn drop(&mut self) {
        // SAFETY: created by the bridge, freed once
        if let Err(error) = check(unsafe { sys::reducer_free(self.handle) }) {
            tracing::debug!(%error, "the reducer did not close cleanly");
        }
    }
}

/// Averages the gradients of all ranks, as torch's DistributedDataParallel does. The result depends on the number of ranks and
/// on the buckets.
#[derive(Debug)]
pub struct AveragingReducer<'group>(Reducer<'group>);

impl<'group> AveragingReducer<'group> {
    /// A reducer over `parameters`, which must require gradients and be the same on every rank.
    pub fn new(group: &'group ProcessGroup, parameters: &[Tensor], buckets: BucketSizes) -> Result<Self, BridgeError> {
        let mut tensors = handles(parameters);
        let mut handle = std::ptr::null_mut();
        // SAFETY: the reducer keeps references of its own to the tensors; the group outlives it by lifetime
        check(unsafe {
            sys::averaging_reducer_new(
                group.handle,
                tensors.as_mut_ptr(),
                tensors.len(),
                buckets.first,
                buckets.others,
                &mut handle,
            )
        })?;
        Ok(Self(Reducer { handle, group: PhantomData }))
    }

    /// To be called before each forward pass.
    pub fn prepare_forward(&self) -> Result<(), BridgeError> {
        self.0.prepare_forward()
    }

    /// To be called between the forward and the backward pass whose gradients are to travel. Without this call a backward
    /// pass only adds to the gradients that are there.
    pub fn prepare_backward(&self) -> Result<(), BridgeError> {
        self.0.prepare_backward()
    }
}

/// What a virtual rank's pass leaves besides its own gradient, in flat tensors of all values.
#[derive(Debug, Clone, Copy)]
pub enum PassResult<'tensor> {
    /// A sum that the reducer keeps for the passes after it.
    Sum,
    /// The same, and here a copy of the virtual rank's gradient, which must stay as it is until the step's last pass is over.
    SumAndCopy(&'tensor Tensor),
    /// The mean of all virtual ranks' gradients: this is the last pass of the step.
    Mean(&'tensor Tensor),
}

/// Sums the gradients of all virtual ranks along their tree.
#[derive(Debug)]
pub struct TreeReducer<'group> {
    reducer: Reducer<'group>,
    places: Vec<usize>,
}

impl<'group> TreeReducer<'group> {
    /// A reducer over `parameters`, which must require gradients and be the same on every rank of a canonical group.
    pub fn new(
        group: &'group ProcessGroup,
        parameters: &[Tensor],
        buckets: BucketSizes,
        program: &Program,
    ) -> Result<Self, BridgeError> {
        if program.contributions.len() != group.world_size() as usize {
            return Err(BridgeError(format!(
                "the program is for {} ranks, the group has {}",
                program.contributions.len(),
                group.world_size()
            )));
        }
        let mut tensors = handles(parameters);
        let mut places = vec![0; tensors.len()];
        let mut handle = std::ptr::null_mut();
        // SAFETY: the reducer keeps references of its own to the tensors and copies the program, which has a number of
        // contributions for each rank; there is a place for each tensor; the group outlives it by lifetime
        check(unsafe {
            sys::tree_reducer_new(
                group.handle,
                tensors.as_mut_ptr(),
                tensors.len(),
                buckets.first,
                buckets.others,
                program.contributions.as_ptr(),
                program.postfix.as_ptr(),
                program.postfix.len(),
                program.scale,
                places.as_mut_ptr(),
                &mut handle,
            )
        })?;
        Ok(Self { reducer: Reducer { handle, group: PhantomData }, places })
    }

    /// Place of each parameter's first value in a flat tensor of all values.
    #[must_use]
    pub fn places(&self) -> &[usize] {
        &self.places
    }

    /// Does the forward and backward passes of one virtual rank by `run`, which calls its argument before the two parts of the
    /// last. `merges` sums are taken after it, with those of the virtual ranks before. After it each parameter's gradient is
    /// that of this virtual rank. While the last virtual rank waits for other ranks, `spare_time` is called again and again, as
    /// long as it finds a little work to do.
    /// Returns what `run` does, and what the reduction took beside it (`update` and `communication`).
    ///
    /// # Errors
    ///
    /// The bridge's, also when a rank is lost, and those of `run`.
    pub fn pass<T, E: From<BridgeError>>(
        &self,
        result: PassResult<'_>,
        merges: u32,
        mut spare_time: &mut dyn FnMut() -> bool,
        run: impl FnOnce(&mut dyn FnMut(LastPass) -> Result<(), E>) -> Result<T, E>,
    ) -> Result<(T, StepSeconds), E> {
        let (leaf, mean) = match result {
            PassResult::Sum => (std::ptr::null_mut(), std::ptr::null_mut()),
            PassResult::SumAndCopy(leaf) => (handle(leaf), std::ptr::null_mut()),
            PassResult::Mean(mean) => (std::ptr::null_mut(), handle(mean)),
        };
        let context = (&raw mut spare_time).cast();
        // SAFETY: the reducer takes references of its own to the tensors; the closure is borrowed until this function returns,
        // and the pass is ended before
        check(unsafe {
            sys::tree_reducer_begin_pass(self.reducer.handle, leaf, mean, merges, use_spare_time, context)
        })?;
        // without these two calls the reducer leaves a backward pass alone: gradients of micro-batches add up first
        let done = run(&mut |part| match part {
            LastPass::Forward => Ok(self.reducer.prepare_forward()?),
            LastPass::Backward => Ok(self.reducer.prepare_backward()?),
        });
        let mut seconds = StepSeconds::default();
        // SAFETY: the reducer is alive, and both numbers are written on success
        let ended = check(unsafe {
            sys::tree_reducer_end_pass(self.reducer.handle, &mut seconds.update, &mut seconds.communication)
        });
        let done = done?;
        ended?;
        Ok((done, seconds))
    }
}
