//! AdamW by libtorch's fused kernels: fast on every device, with bits that nobody can verify.

use super::sys::{self, check, handle, handles};
use super::{BridgeError, Handle};
use protocol::adamw::Settings;
use tch::Tensor;

/// Multiplies the gradients of `parameters` by `scale`, and then scales them down to the common norm `clip_norm` where there is
/// one and theirs is longer.
///
/// # Errors
///
/// libtorch's, and where a parameter has no gradient.
pub fn scale_gradients(parameters: &[Tensor], scale: f64, clip_norm: Option<f64>) -> Result<(), BridgeError> {
    let mut parameters = handles(parameters);
    // SAFETY: the handles are those of live tensors, as many as the count says
    check(unsafe {
        sys::bridge_scale_gradients(parameters.as_mut_ptr(), parameters.len(), scale, clip_norm.unwrap_or(0.0))
    })
}

/// Update number `update` (the first is 1) of parameters, each with its first and second moment, by the parameters' own
/// gradients. The formula is that of [`protocol::adamw`], the order of its operations libtorch's.
///
/// # Errors
///
/// libtorch's, and where a parameter has no gradient.
pub fn adamw(
    updated: &[[&Tensor; 3]],
    settings: &Settings,
    learning_rate: f64,
    update: u32,
) -> Result<(), BridgeError> {
    let column = |place: usize| updated.iter().map(|tensors| handle(tensors[place])).collect::<Vec<Handle>>();
    let (mut parameters, mut first, mut second) = (column(0), column(1), column(2));
    // SAFETY: three lists of handles of live tensors, each as long as the count says
    check(unsafe {
        sys::bridge_adamw(
            parameters.as_mut_ptr(),
            first.as_mut_ptr(),
            second.as_mut_ptr(),
            updated.len(),
            learning_rate,
            settings.beta1,
            settings.beta2,
            settings.weight_decay,
            settings.eps,
            update,
        )
    })
}
