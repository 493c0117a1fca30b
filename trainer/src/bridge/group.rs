//! Groups of processes: the canonical backend, or libtorch's gloo and NCCL.

use super::sys::{self, check, handle, handles, text};
use super::{BridgeError, Handle, Store};
use crate::reduction::Program;
use protocol::digest::Digest;
use std::ffi::{c_char, c_int};
use std::time::Duration;
use tch::Tensor;

/// Stops a group from another thread, also while it connects: what waits ends with the message.
#[derive(Debug)]
pub struct StopSwitch(Handle);

// SAFETY: the switch is an atomic, a message behind a mutex, and an eventfd
unsafe impl Send for StopSwitch {}
// SAFETY: as above
unsafe impl Sync for StopSwitch {}

impl StopSwitch {
    /// A switch that is not thrown.
    pub fn new() -> Result<Self, BridgeError> {
        let mut handle = std::ptr::null_mut();
        // SAFETY: `handle` is written on success
        check(unsafe { sys::stop_switch_new(&mut handle) })?;
        Ok(Self(handle))
    }

    /// Throws the switch; only the first message counts.
    pub fn stop(&self, message: &str) {
        if let Ok(message) = text(message) {
            // SAFETY: the switch is alive, the message is zero-terminated and outlives the call
            unsafe { sys::stop_switch_stop(self.0, message.as_ptr()) }
        }
    }
}

impl Drop for StopSwitch {
    fn drop(&mut self) {
        // SAFETY: created by stop_switch_new, freed once; a group that uses the switch holds a share of its own
        unsafe { sys::stop_switch_free(self.0) }
    }
}

/// Where the other ranks of a canonical group connect to.
#[derive(Debug)]
pub struct Listener {
    handle: Handle,
    port: u16,
}

impl Listener {
    /// Listens on a free port of `address`, a name or address of this host.
    pub fn on(address: &str) -> Result<Self, BridgeError> {
        let address = text(address)?;
        let (mut handle, mut port) = (std::ptr::null_mut(), 0);
        // SAFETY: the address is zero-terminated and outlives the call, the others are written on success
        check(unsafe { sys::listener_new(address.as_ptr(), &mut handle, &mut port) })?;
        Ok(Self { handle, port })
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // SAFETY: created by listener_new, freed once
        unsafe { sys::listener_free(self.handle) }
    }
}

/// How long a rank waits.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Until all ranks are connected.
    pub join: Duration,
    /// For the next byte of a collective, while all ranks are there: longer than any rank computes between two collectives.
    pub progress: Duration,
    /// For a sign of life of a rank, which comes four times as often.
    pub silence: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { join: Duration::from_secs(20), progress: Duration::from_secs(600), silence: Duration::from_secs(15) }
    }
}

/// One rank's place in a canonical group.
#[derive(Debug)]
pub struct CanonicalPlace<'a> {
    /// This process's rank, from 0.
    pub rank: u32,
    /// Where each rank listens (host:port), by rank.
    pub addresses: &'a [String],
    /// Where this one listens.
    pub listener: &'a Listener,
    /// What all ranks of this group know, and nobody else does.
    pub session: Digest,
    /// How long to wait.
    pub patience: Patience,
    /// What stops the group.
    pub stop: &'a StopSwitch,
}

/// A group of processes.
#[derive(Debug)]
pub struct ProcessGroup {
    pub(super) handle: Handle,
    rank: u32,
    world_size: u32,
}

impl ProcessGroup {
    /// Joins a group of the canonical backend; returns when all ranks have joined.
    pub fn canonical(place: &CanonicalPlace<'_>) -> Result<Self, BridgeError> {
        let world_size = place.addresses.len() as u32;
        let addresses = place.addresses.iter().map(|address| text(address)).collect::<Result<Vec<_>, _>>()?;
        let pointers: Vec<*const c_char> = addresses.iter().map(|address| address.as_ptr()).collect();
        let sum = Program::of(world_size, world_size);
        let milliseconds = |duration: Duration| duration.as_millis() as i64;
        let mut handle = std::ptr::null_mut();
        // SAFETY: everything pointed to outlives the call, with the lengths that are given; `handle` is written on success
        check(unsafe {
            sys::canonical_group_new(
                place.rank as c_int,
                world_size as c_int,
                place.listener.handle,
                pointers.as_ptr(),
                place.session.0.as_ptr(),
                milliseconds(place.patience.join),
                milliseconds(place.patience.progress),
                milliseconds(place.patience.silence),
                place.stop.0,
                sum.postfix.as_ptr(),
                sum.postfix.len(),
                &mut handle,
            )
        })?;
        Ok(Self { handle, rank: place.rank, world_size })
    }

    /// Joins a group over gloo whose ranks meet in `store` under `prefix`; `bind_address` is this host's.
    pub fn gloo(
        store: &Store,
        prefix: &str,
        rank: u32,
        world_size: u32,
        timeout: Duration,
        bind_address: &str,
    ) -> Result<Self, BridgeError> {
        let (prefix, bind_address) = (text(prefix)?, text(bind_address)?);
        let mut handle = std::ptr::null_mut();
        // SAFETY: store and strings outlive the call, `handle` is written on success
        check(unsafe {
            sys::gloo_group_new(
                store.handle,
                prefix.as_ptr(),
                rank as c_int,
                world_size as c_int,
                timeout.as_millis() as i64,
                bind_address.as_ptr(),
                &mut handle,
            )
        })?;
        Ok(Self { handle, rank, world_size })
    }

    /// Joins a group over NCCL whose ranks meet in `store` under `prefix`; this one computes on CUDA device `device`, which no
    /// other rank does.
    #[cfg(feature = "nccl")]
    pub fn nccl(
        store: &Store,
        prefix: &str,
        rank: u32,
        world_size: u32,
        timeout: Duration,
        device: usize,
    ) -> Result<Self, BridgeError> {
        let prefix = text(prefix)?;
        let mut handle = std::ptr::null_mut();
        // SAFETY: store and prefix outlive the call, `handle` is written on success
        check(unsafe {
            sys::nccl_group_new(
                store.handle,
                prefix.as_ptr(),
                rank as c_int,
                world_size as c_int,
                timeout.as_millis() as i64,
                device as c_int,
                &mut handle,
            )
        })?;
        Ok(Self { handle, rank, world_size })
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
        check(unsafe { sys::group_broadcast(self.handle, tensor.as_mut_ptr().cast(), 0) })
    }

    /// Every rank's `input`, in rank order. All inputs have one shape and kind.
    pub fn all_gather(&self, input: &Tensor) -> Result<Vec<Tensor>, BridgeError> {
        let outputs = (0..self.world_size)
            .map(|_| input.f_empty_like().map_err(|error| BridgeError(error.to_string())))
            .collect::<Result<Vec<_>, _>>()?;
        let mut handles = handles(&outputs);
        // SAFETY: one live output for each rank, which nothing else refers to yet
        check(unsafe { sys::group_all_gather(self.handle, handles.as_mut_ptr(), handle(input)) })?;
        Ok(outputs)
    }

    /// Overwrites `tensor`, float32, with the sum of all ranks' tensors; in a canonical group along the tree of the ranks.
    pub fn all_reduce(&self, tensor: &mut Tensor) -> Result<(), BridgeError> {
        // SAFETY: group and tensor are alive, and the tensor is borrowed mutably
        check(unsafe { sys::group_all_reduce(self.handle, tensor.as_mut_ptr().cast()) })
    }

    /// What broke a canonical group, where it is broken.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        // SAFETY: the group is alive; the message is null or to be released like any other
        check(unsafe { sys::group_failure(self.handle) }).err().map(|error| error.0)
    }

    /// Waits for all ranks.
    pub fn barrier(&self) -> Result<(), BridgeError> {
        // SAFETY: the group is alive
        check(unsafe { sys::group_barrier(self.handle) })
    }

    /// Ends an averaging group when all is done: waits until no rank needs this one any more. A group over NCCL that is dropped
    /// without is aborted, which waits for nobody.
    pub fn close(&self) -> Result<(), BridgeError> {
        // SAFETY: the group is alive
        check(unsafe { sys::group_close(self.handle) })
    }
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        // SAFETY: created by the bridge, freed once; reducers borrow the group and are gone
        if let Err(error) = check(unsafe { sys::group_free(self.handle) }) {
            tracing::warn!(%error, "the process group did not close cleanly");
        }
    }
}
