//! A TorchScript module as a pure function of parameters and inputs.
//!
//! The C++ half is `bridge/script_module.cc`; it refuses modules whose result could depend on anything else.

use super::{Init, ParameterSpec};
use crate::bridge::{BridgeError, check};
use crate::profile::OPERATORS;
use crate::state::Values;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use tch::{TchError, Tensor};

unsafe extern "C" {
    fn bridge_free_message(message: *mut c_char);
    fn script_module_load(
        bytes: *const c_void,
        length: usize,
        list: *const c_char,
        module: *mut *mut c_void,
    ) -> *mut c_char;
    fn script_module_move(module: *mut c_void, cuda_device: c_int) -> *mut c_char;
    fn script_module_free(module: *mut c_void);
    fn script_module_parameter_count(module: *const c_void) -> usize;
    fn script_module_parameter(
        module: *const c_void,
        index: usize,
        name: *mut *mut c_char,
        tensor: *mut *mut c_void,
    ) -> *mut c_char;
    fn script_module_forward(
        module: *mut c_void,
        parameters: *mut *mut c_void,
        count: usize,
        inputs: *mut c_void,
        training: c_int,
        scores: *mut *mut c_void,
    ) -> *mut c_char;
}

/// What TorchScript's interpreter may do besides.
const INTERPRETER: &str = include_str!("../../golden/interpreter.operators");

/// Why a module cannot be trained.
#[derive(Debug, thiserror::Error)]
pub enum ScriptError {
    /// The file is no module, or one that is refused.
    #[error("model.module cannot be trained: {0}")]
    Refused(#[from] BridgeError),
    /// A value cannot be copied out of the module.
    #[error("libtorch: {0}")]
    Torch(#[from] TchError),
    /// The module's first pass failed.
    #[error("model.module cannot be trained: its first pass failed: {0}")]
    FirstPass(TchError),
    /// A parameter without influence.
    #[error(
        "model.module cannot be trained: the loss does not depend on parameter {0}: remove it, or freeze it with requires_grad_(False)"
    )]
    Unused(String),
}

/// A module and its parameters.
#[derive(Debug)]
pub struct ScriptModule {
    handle: *mut c_void,
}

impl ScriptModule {
    /// Reads a module's file; its parameters' specifications, in ascending order of names, and their values.
    pub fn load(file: &[u8]) -> Result<(Self, Vec<ParameterSpec>, Values), ScriptError> {
        let list = CString::new([OPERATORS, INTERPRETER].concat())
            .unwrap_or_else(|_| unreachable!("the list of operators is text"));
        let mut handle = std::ptr::null_mut();
        // SAFETY: bytes and list outlive the call, and `handle` is written on success
        check(unsafe { script_module_load(file.as_ptr().cast(), file.len(), list.as_ptr(), &mut handle) })?;
        let module = Self { handle };
        let (mut specs, mut values) = (Vec::new(), Vec::new());
        // SAFETY: the module is alive
        for index in 0..unsafe { script_module_parameter_count(module.handle) } {
            let (name, tensor) = module.parameter(index)?;
            let mut of_parameter = vec![0.0f32; tensor.numel()];
            let count = of_parameter.len();
            tensor.f_copy_data(&mut of_parameter, count)?;
            // training starts from the module's own values, and never from this
            specs.push(ParameterSpec { name, shape: tensor.size(), init: Init::Zeros });
            values.push(of_parameter);
        }
        Ok((module, specs, values))
    }

    fn parameter(&self, index: usize) -> Result<(String, Tensor), BridgeError> {
        let (mut name, mut tensor) = (std::ptr::null_mut(), std::ptr::null_mut());
        // SAFETY: the module is alive; on success both are written, and nothing else owns them
        unsafe {
            check(script_module_parameter(self.handle, index, &mut name, &mut tensor))?;
            let text = CStr::from_ptr(name).to_string_lossy().into_owned();
            bridge_free_message(name);
            Ok((text, Tensor::from_ptr(tensor.cast())))
        }
    }

    /// Moves what the module holds besides its parameters to CUDA device `index`.
    pub(super) fn move_to_cuda(&self, index: usize) -> Result<(), BridgeError> {
        // SAFETY: the module is alive
        check(unsafe { script_module_move(self.handle, index as c_int) })
    }

    /// What the module returns for `inputs`; `parameters` stand in ascending order of their names.
    pub fn forward(&self, parameters: &[Tensor], inputs: &Tensor, training: bool) -> Result<Tensor, TchError> {
        let mut handles: Vec<*mut c_void> = parameters.iter().map(|tensor| tensor.as_ptr().cast_mut().cast()).collect();
        let mut scores = std::ptr::null_mut();
        // SAFETY: module, parameters and inputs are alive; on success `scores` is a new tensor that nothing else owns
        unsafe {
            check(script_module_forward(
                self.handle,
                handles.as_mut_ptr(),
                handles.len(),
                inputs.as_ptr().cast_mut().cast(),
                training.into(),
                &mut scores,
            ))
            .map_err(|error| TchError::Torch(error.to_string()))?;
            Ok(Tensor::from_ptr(scores.cast()))
        }
    }
}

impl Drop for ScriptModule {
    fn drop(&mut self) {
        // SAFETY: created by script_module_load, freed once
        unsafe { script_module_free(self.handle) };
    }
}
