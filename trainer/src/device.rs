//! Where a tier computes: everything that can be verified on the processor, NCCL's workers on a CUDA device each.

use crate::bridge::{BridgeError, use_cuda_device};
use crate::tier::Tier;
use tch::{Cuda, Device};

/// Why a tier has no device.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// NCCL was left out of this build.
    #[error(
        "this trainer was built without NCCL: build it with --features nccl against a CUDA libtorch (docs/distributed.md says how), or choose --reducer gloo"
    )]
    NotBuilt,
    /// There is no device.
    #[error(
        "--reducer nccl finds no CUDA device on this host: see whether nvidia-smi lists one and CUDA_VISIBLE_DEVICES does not hide it, or choose --reducer gloo"
    )]
    NoDevice,
    /// More workers than devices.
    #[error(
        "{workers} workers for {devices} CUDA devices: NCCL takes one worker for each, choose --workers {devices} or fewer"
    )]
    TooFewDevices {
        /// Workers on this host.
        workers: u32,
        /// CUDA devices that it shows.
        devices: usize,
    },
    /// libtorch cannot use the device.
    #[error(transparent)]
    Bridge(#[from] BridgeError),
}

/// CUDA devices that this process sees, at least one.
fn cuda_devices() -> Result<usize, DeviceError> {
    if cfg!(not(feature = "nccl")) {
        return Err(DeviceError::NotBuilt);
    }
    match usize::try_from(Cuda::device_count()) {
        Ok(0) | Err(_) => Err(DeviceError::NoDevice),
        Ok(count) => Ok(count),
    }
}

/// Whether this host has what `workers` of `tier` compute on.
pub fn check(tier: Tier, workers: u32) -> Result<(), DeviceError> {
    if tier != Tier::Nccl {
        return Ok(());
    }
    let devices = cuda_devices()?;
    if workers as usize > devices { Err(DeviceError::TooFewDevices { workers, devices }) } else { Ok(()) }
}

/// The device of worker number `local_rank` of this host. A CUDA device is the current one of this thread from then on.
pub fn enter(tier: Tier, local_rank: u32) -> Result<Device, DeviceError> {
    if tier != Tier::Nccl {
        return Ok(Device::Cpu);
    }
    let index = local_rank as usize % cuda_devices()?;
    use_cuda_device(index)?;
    Ok(Device::Cuda(index))
}
