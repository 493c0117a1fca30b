//! Groups of values as a step commits to them, read from the files that a verification leaves.
use anyhow::{Context, Result, bail, ensure};
use protocol::{
    commitment::{TensorGroup, TensorValues},
    digest::Digest,
    opening::{LayoutOpening, ValueOpening},
    tensor_blocks::tensor_root,
};
use safetensors::{Dtype, SafeTensors};
use std::{collections::BTreeSet, rc::Rc};

/// Before the names of a state's parameters, first moments and second moments in a checkpoint.
const OF_STATE: [&str; 3] = ["", "adamw.first/", "adamw.second/"];

/// A parameter.
#[derive(Debug)]
pub(super) struct Parameter {
    name: String,
    shape: Vec<i64>,
    /// Its number of values.
    length: usize,
}

impl Parameter {
    /// Its dimensions.
    pub(super) fn dimensions(&self) -> usize {
        self.shape.len()
    }

    /// Its number of values.
    pub(super) fn length(&self) -> usize {
        self.length
    }
}

/// Values of all parameters: one for each element, or parameter, first and second moment.
#[derive(Debug, Clone)]
pub(super) struct Group {
    /// What they are committed to as.
    pub(super) group: TensorGroup,
    /// In ascending order of their names.
    pub(super) parameters: Rc<[Parameter]>,
    /// Each run holds a value for each element, in the order of the parameters.
    pub(super) runs: Vec<Vec<f32>>,
}

impl Group {
    /// The values of a safetensors file under names that begin with `prefix`.
    pub(super) fn read(bytes: &[u8], group: TensorGroup, prefix: &str) -> Result<Self> {
        Self::read_runs(bytes, group, &[prefix])
    }

    /// The state of a checkpoint.
    pub(super) fn read_state(bytes: &[u8], group: TensorGroup) -> Result<Self> {
        Self::read_runs(bytes, group, &OF_STATE)
    }

    fn read_runs(bytes: &[u8], group: TensorGroup, prefixes: &[&str]) -> Result<Self> {
        let file = SafeTensors::deserialize(bytes).context("the file is no safetensors file")?;
        // every parameter has a value of the last run, whose prefix no other name begins with
        let last = prefixes.last().copied().unwrap_or_default();
        let names: BTreeSet<&str> = file.names().into_iter().filter_map(|name| name.strip_prefix(last)).collect();
        let mut runs = vec![Vec::new(); prefixes.len()];
        let mut parameters = Vec::new();
        for name in names {
            let mut shape = None;
            for (run, prefix) in runs.iter_mut().zip(prefixes) {
                let tensor = file.tensor(&format!("{prefix}{name}")).with_context(|| format!("no {prefix}{name}"))?;
                ensure!(tensor.dtype() == Dtype::F32, "{prefix}{name} is not of 32-bit floating point numbers");
                let found = tensor.shape().iter().map(|size| i64::try_from(*size)).collect::<Result<Vec<_>, _>>()?;
                ensure!(*shape.get_or_insert(found.clone()) == found, "{prefix}{name} has another shape than {name}");
                let (values, _) = tensor.data().as_chunks::<4>();
                run.extend(values.iter().map(|bytes| f32::from_le_bytes(*bytes)));
            }
            let shape = shape.unwrap_or_default();
            let length = shape.iter().map(|size| usize::try_from(*size)).product::<Result<usize, _>>()?;
            parameters.push(Parameter { name: name.to_owned(), shape, length });
        }
        if parameters.is_empty() {
            bail!("the file has no values");
        }
        Ok(Self { group, parameters: parameters.into(), runs })
    }

    /// Other values of the same parameters.
    pub(super) fn with_runs(&self, group: TensorGroup, runs: Vec<Vec<f32>>) -> Self {
        Self { group, parameters: Rc::clone(&self.parameters), runs }
    }

    /// The values of each parameter in the first run.
    pub(super) fn by_parameter(&self) -> impl Iterator<Item = &[f32]> {
        let mut rest = self.runs.first().map_or(&[][..], Vec::as_slice);
        self.parameters.iter().map(move |parameter| {
            let (own, others) = rest.split_at(parameter.length.min(rest.len()));
            rest = others;
            own
        })
    }

    fn with_tensors<T>(&self, then: impl FnOnce(TensorGroup, &[TensorValues<'_>]) -> T) -> T {
        let mut first = 0;
        let runs: Vec<Vec<&[f32]>> = self
            .parameters
            .iter()
            .map(|parameter| {
                let own = first..first + parameter.length;
                first = own.end;
                self.runs.iter().map(|run| run.get(own.clone()).unwrap_or_default()).collect()
            })
            .collect();
        let tensors: Vec<TensorValues<'_>> = self
            .parameters
            .iter()
            .zip(&runs)
            .map(|(Parameter { name, shape, .. }, runs)| TensorValues { name, shape, runs })
            .collect();
        then(self.group, &tensors)
    }

    /// What a step commits to these values by.
    pub(super) fn root(&self) -> Digest {
        self.with_tensors(tensor_root)
    }

    /// The chunk with the value at `place` of all.
    pub(super) fn open(&self, place: u64) -> Result<ValueOpening> {
        let opening = self.with_tensors(|group, tensors| ValueOpening::of(group, tensors, place));
        opening.with_context(|| format!("there is no value {place}"))
    }

    /// Names and shapes.
    pub(super) fn layout(&self) -> LayoutOpening {
        self.with_tensors(LayoutOpening::of)
    }
}

/// The first element in which two groups differ in any run; NaN is NaN, whichever its bits.
pub(super) fn first_difference(left: &Group, right: &Group) -> Option<usize> {
    let same = |left: &f32, right: &f32| left.to_bits() == right.to_bits() || left.is_nan() && right.is_nan();
    let of_run =
        |(left, right): (&Vec<f32>, &Vec<f32>)| left.iter().zip(right).position(|(left, right)| !same(left, right));
    left.runs.iter().zip(&right.runs).filter_map(of_run).min()
}
