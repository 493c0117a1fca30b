//! A gradient where it lies: in libtorch's memory, or in lists of this program.

use crate::state::Values;
use std::sync::Arc;
use tch::{Device, Kind, TchError, Tensor};

/// Values of a gradient, one run for each parameter, which nobody changes as long as it is shared.
#[derive(Debug)]
pub struct Gradient(Memory);

#[derive(Debug)]
enum Memory {
    Lists(Values),
    Tensors(Vec<Tensor>),
}

// SAFETY: whoever shares a gradient only reads it, and reading a tensor's memory changes nothing in libtorch
unsafe impl Sync for Gradient {}

impl From<Values> for Gradient {
    fn from(lists: Values) -> Self {
        Self(Memory::Lists(lists))
    }
}

impl Gradient {
    /// The values of these tensors, where they are. `None` where they are not contiguous f32 in main memory.
    ///
    /// # Safety
    ///
    /// Nobody may write to the tensors' memory while somebody reads the gradient.
    pub(crate) unsafe fn of_tensors(tensors: Vec<Tensor>) -> Option<Self> {
        let readable = |tensor: &Tensor| {
            tensor.defined() && tensor.kind() == Kind::Float && tensor.device() == Device::Cpu && tensor.is_contiguous()
        };
        tensors.iter().all(readable).then_some(Self(Memory::Tensors(tensors)))
    }

    /// The values, one run for each parameter.
    #[must_use]
    pub fn runs(&self) -> Vec<&[f32]> {
        match &self.0 {
            Memory::Lists(lists) => lists.iter().map(Vec::as_slice).collect(),
            Memory::Tensors(tensors) => tensors.iter().map(values_of).collect(),
        }
    }

    /// The values as lists of their own, without a copy where nobody else holds them.
    #[must_use]
    pub fn into_lists(gradient: Arc<Self>) -> Values {
        match Arc::try_unwrap(gradient) {
            Ok(Self(Memory::Lists(lists))) => lists,
            Ok(other) => other.to_lists(),
            Err(shared) => shared.to_lists(),
        }
    }

    /// A copy of the values.
    #[must_use]
    pub fn to_lists(&self) -> Values {
        self.runs().into_iter().map(<[f32]>::to_vec).collect()
    }
}

impl PartialEq for Gradient {
    fn eq(&self, other: &Self) -> bool {
        self.runs() == other.runs()
    }
}

fn values_of(tensor: &Tensor) -> &[f32] {
    if tensor.numel() == 0 {
        return &[];
    }
    // SAFETY: `of_tensors` saw as many values of f32 in main memory, which the tensor keeps and nobody writes to
    unsafe { std::slice::from_raw_parts(tensor.data_ptr().cast(), tensor.numel()) }
}

/// Memory for gradients that is written again once nobody reads them any more: the system takes longer to hand out new memory
/// than a gradient takes to be copied into it.
#[derive(Debug)]
pub(crate) struct Buffers {
    /// Place of each parameter's first value in a flat tensor, and the number of its values.
    places: Vec<(usize, usize)>,
    lent: Vec<Buffer>,
}

/// A flat tensor of all parameters' values.
#[derive(Debug)]
pub(crate) struct Buffer {
    flat: Tensor,
    gradient: Arc<Gradient>,
}

impl Buffer {
    /// The memory, to be written in full before it is lent.
    pub(crate) fn flat(&self) -> &Tensor {
        &self.flat
    }
}

impl Buffers {
    /// For gradients whose parameters have these places and numbers of values in a flat tensor.
    pub(crate) fn new(places: Vec<(usize, usize)>) -> Self {
        Self { places, lent: Vec::new() }
    }

    /// Memory that nobody reads.
    pub(crate) fn take(&mut self) -> Result<Buffer, TchError> {
        let free = self.lent.iter_mut().position(|buffer| Arc::get_mut(&mut buffer.gradient).is_some());
        match free {
            Some(place) => Ok(self.lent.swap_remove(place)),
            None => self.allocate(),
        }
    }

    fn allocate(&self) -> Result<Buffer, TchError> {
        let values: usize = self.places.iter().map(|(_, values)| values).sum();
        let flat = Tensor::f_zeros([values as i64], (Kind::Float, Device::Cpu))?;
        let run = |&(first, values): &(usize, usize)| flat.f_narrow(0, first as i64, values as i64);
        let runs = self.places.iter().map(run).collect::<Result<_, _>>()?;
        // SAFETY: a buffer is written to between `take` and `lend` only, and `take` gives none that somebody reads
        let gradient = unsafe { Gradient::of_tensors(runs) };
        let gradient = gradient.ok_or_else(|| TchError::Kind("memory for a gradient is not flat".to_owned()))?;
        Ok(Buffer { flat, gradient: Arc::new(gradient) })
    }

    /// Shares what was written.
    pub(crate) fn lend(&mut self, buffer: Buffer) -> Arc<Gradient> {
        let gradient = Arc::clone(&buffer.gradient);
        self.lent.push(buffer);
        gradient
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_written_again_only_when_nobody_reads_it() {
        let mut buffers = Buffers::new(vec![(2, 1), (0, 2)]);
        let mut first = buffers.take().unwrap();
        first.flat.copy_(&Tensor::from_slice(&[1.0f32, 2.0, 3.0]));
        let place = first.flat.data_ptr();
        let held = buffers.lend(first);
        assert_eq!(held.runs(), [&[3.0][..], &[1.0, 2.0]], "by parameter, and not as they lie");
        let second = buffers.take().unwrap();
        assert_ne!(second.flat.data_ptr(), place, "another one than that which is held");
        drop(held);
        assert_eq!(buffers.take().unwrap().flat.data_ptr(), place);
    }

    #[test]
    fn gradients_are_compared_by_their_values_wherever_they_lie() {
        let tensor = Tensor::from_slice(&[1.0f32, 2.0]);
        // SAFETY: nobody writes to it
        let of_tensors = |tensor: &Tensor| unsafe { Gradient::of_tensors(vec![tensor.shallow_clone()]) };
        let gradient = of_tensors(&tensor).unwrap();
        assert_eq!(gradient, Gradient::from(vec![vec![1.0, 2.0]]));
        assert_ne!(gradient, Gradient::from(vec![vec![1.0, 3.0]]));
        assert_eq!(Gradient::into_lists(Arc::new(gradient)), [[1.0, 2.0]]);
        assert!(of_tensors(&tensor.to_kind(Kind::Double)).is_none());
        assert!(of_tensors(&Tensor::from_slice(&[1.0f32; 4]).view([2, 2]).transpose(0, 1)).is_none());
    }
}
