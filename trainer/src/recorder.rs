//! Who hashes what a step commits to: nobody, the training thread itself, or a thread beside it.

use crate::model::ParameterSpec;
use crate::reduction::share_of;
use crate::state::{StateSnapshot, TrainState, Values, gradient_block_roots, gradient_root};
use protocol::commitment::{StepRecord, TensorGroup, batch_root};
use protocol::digest::Digest;
use protocol::tensor_blocks::tensor_block_count;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

/// The thread that hashes is gone.
#[derive(Debug, thiserror::Error)]
#[error("the thread that hashes gradients and states stopped: start the worker again")]
pub struct RecorderError;

/// What the virtual ranks of a step come to.
#[derive(Debug, Clone)]
pub struct Mean {
    /// Mean loss, before the update.
    pub loss: f32,
    /// Mean gradient, before it is clipped: a disputed mean needs no norm, and a disputed update has it.
    pub gradient: Arc<Values>,
    /// Bits of the gradient's norm (f64) where the manifest clips; 0 where it does not.
    pub norm_bits: u64,
}

impl Mean {
    fn group(&self) -> TensorGroup {
        TensorGroup::ReducedGradient { norm_bits: self.norm_bits }
    }
}

/// Is shown what a step computes, in the order in which it happens.
pub trait Recorder {
    /// Whether the gradients of single virtual ranks are wanted.
    fn wants_gradients(&self) -> bool;

    /// Virtual rank `virtual_rank`, which this process plays, has this gradient in the step after `state`.
    fn gradient(&mut self, state: &TrainState, virtual_rank: u32, gradient: &Arc<Values>) -> Result<(), RecorderError>;

    /// The state is about to change: to be called before, so that nobody has to copy it.
    fn settle(&mut self) -> Result<(), RecorderError>;

    /// A step on `batches` is done: it led to `state`.
    fn step(&mut self, state: &TrainState, batches: &[Vec<u32>], mean: Mean) -> Result<(), RecorderError>;
}

/// Hashes nothing.
#[derive(Debug, Default)]
pub struct NoRecord;

impl Recorder for NoRecord {
    fn wants_gradients(&self) -> bool {
        false
    }

    fn gradient(&mut self, _: &TrainState, _: u32, _: &Arc<Values>) -> Result<(), RecorderError> {
        Ok(())
    }

    fn settle(&mut self) -> Result<(), RecorderError> {
        Ok(())
    }

    fn step(&mut self, _: &TrainState, _: &[Vec<u32>], _: Mean) -> Result<(), RecorderError> {
        Ok(())
    }
}

/// Hashes at once; for a process that plays all virtual ranks and needs each step's record before the next.
#[derive(Debug, Default)]
pub struct Immediate {
    gradient_roots: Vec<Digest>,
    record: Option<StepRecord>,
}

impl Immediate {
    /// The record of the last step.
    pub fn take(&mut self) -> Option<StepRecord> {
        self.record.take()
    }
}

impl Recorder for Immediate {
    fn wants_gradients(&self) -> bool {
        true
    }

    fn gradient(&mut self, state: &TrainState, virtual_rank: u32, gradient: &Arc<Values>) -> Result<(), RecorderError> {
        self.gradient_roots.push(gradient_root(state.specs(), TensorGroup::Gradient { virtual_rank }, gradient));
        Ok(())
    }

    fn settle(&mut self) -> Result<(), RecorderError> {
        Ok(())
    }

    fn step(&mut self, state: &TrainState, batches: &[Vec<u32>], mean: Mean) -> Result<(), RecorderError> {
        self.record = Some(StepRecord {
            step: state.steps_done().saturating_sub(1),
            batch_root: batch_root(batches),
            gradient_roots: std::mem::take(&mut self.gradient_roots),
            reduced_root: gradient_root(state.specs(), mean.group(), &mean.gradient),
            state_root: state.root(),
            loss_bits: mean.loss.to_bits(),
        });
        Ok(())
    }
}

/// What one worker knows of a step's record.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PartialRecord {
    /// Root of the samples.
    pub batch_root: Digest,
    /// Roots of the gradients of the virtual ranks that this worker plays, in order.
    pub gradient_roots: Vec<Digest>,
    /// Roots of this worker's share of the mean gradient's blocks.
    pub reduced_blocks: Vec<Digest>,
    /// Roots of this worker's share of the blocks of the state after the step.
    pub state_blocks: Vec<Digest>,
    /// Bits of the mean loss.
    pub loss_bits: u32,
}

/// Which part of what all workers hold one of them hashes: the blocks of mean gradient and state are shared like virtual
/// ranks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// The worker.
    pub worker: u32,
    /// How many workers there are.
    pub workers: u32,
}

impl Share {
    /// The worker's blocks of a tree of so many leaves.
    #[must_use]
    pub fn of(self, leaves: usize) -> Range<usize> {
        let blocks = share_of(tensor_block_count(leaves) as u32, self.workers, self.worker);
        blocks.start as usize..blocks.end as usize
    }
}

enum Task {
    Gradient { step: u32, virtual_rank: u32, specs: Arc<[ParameterSpec]>, gradient: Arc<Values> },
    Reduced { step: u32, specs: Arc<[ParameterSpec]>, mean: Mean, blocks: Range<usize> },
    State { step: u32, state: StateSnapshot, blocks: Range<usize> },
}

enum Done {
    Gradient { step: u32, root: Digest },
    Reduced { step: u32, roots: Vec<Digest> },
    State { step: u32, roots: Vec<Digest> },
}

impl Task {
    fn hash(self) -> Done {
        match self {
            Self::Gradient { step, virtual_rank, specs, gradient } => {
                Done::Gradient { step, root: gradient_root(&specs, TensorGroup::Gradient { virtual_rank }, &gradient) }
            }
            Self::Reduced { step, specs, mean, blocks } => {
                Done::Reduced { step, roots: gradient_block_roots(&specs, mean.group(), &mean.gradient, blocks) }
            }
            Self::State { step, state, blocks } => Done::State { step, roots: state.block_roots(blocks) },
        }
    }
}

/// Gradients and states that may wait to be hashed: more would only cost memory.
const WAITING: usize = 4;

/// Gives the calling thread less of the processor than those that train. With as many workers as cores it then works while the
/// training thread waits for other workers, who would otherwise wait for it.
pub(crate) fn let_training_go_first() {
    const NICENESS: libc::c_int = 15;
    // where the system refuses, only the speed is another
    // SAFETY: changes nothing but the priority of this thread, which 0 stands for
    let _ = unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, NICENESS) };
}

/// Hashes in a thread of its own, while the next step is computed and gradients travel. Roots are there at the end of a
/// segment, when they are asked for.
#[derive(Debug)]
pub struct Beside {
    share: Share,
    tasks: Option<SyncSender<Task>>,
    done: Receiver<Done>,
    thread: Option<JoinHandle<()>>,
    open: usize,
    state_open: bool,
    steps: BTreeMap<u32, PartialRecord>,
}

impl Beside {
    /// Starts the thread, which hashes the gradients that it is shown and `share` of what all workers hold.
    pub fn start(share: Share) -> std::io::Result<Self> {
        let (tasks, to_do) = sync_channel::<Task>(WAITING);
        // never more results than tasks of one segment: who asks for them empties it
        let (finished, done) = std::sync::mpsc::channel();
        let thread = std::thread::Builder::new().name("hashing".to_owned()).spawn(move || {
            let_training_go_first();
            for task in to_do {
                if finished.send(task.hash()).is_err() {
                    break;
                }
            }
        })?;
        let steps = BTreeMap::new();
        Ok(Self { share, tasks: Some(tasks), done, thread: Some(thread), open: 0, state_open: false, steps })
    }

    /// The records of all steps since the last call, by step; waits for what is not hashed yet.
    pub fn take(&mut self) -> Result<BTreeMap<u32, PartialRecord>, RecorderError> {
        while self.open > 0 {
            self.wait_for_one()?;
        }
        Ok(std::mem::take(&mut self.steps))
    }

    fn submit(&mut self, task: Task) -> Result<(), RecorderError> {
        self.open += 1;
        self.tasks.as_ref().ok_or(RecorderError)?.send(task).map_err(|_| RecorderError)
    }

    fn wait_for_one(&mut self) -> Result<(), RecorderError> {
        let done = self.done.recv().map_err(|_| RecorderError)?;
        self.open -= 1;
        match done {
            Done::Gradient { step, root } => self.steps.entry(step).or_default().gradient_roots.push(root),
            Done::Reduced { step, roots } => self.steps.entry(step).or_default().reduced_blocks = roots,
            Done::State { step, roots } => {
                self.steps.entry(step).or_default().state_blocks = roots;
                self.state_open = false;
            }
        }
        Ok(())
    }
}

impl Recorder for Beside {
    fn wants_gradients(&self) -> bool {
        true
    }

    fn gradient(&mut self, state: &TrainState, virtual_rank: u32, gradient: &Arc<Values>) -> Result<(), RecorderError> {
        let (specs, gradient) = (state.shared_specs(), Arc::clone(gradient));
        self.submit(Task::Gradient { step: state.steps_done(), virtual_rank, specs, gradient })
    }

    fn settle(&mut self) -> Result<(), RecorderError> {
        while self.state_open {
            self.wait_for_one()?;
        }
        Ok(())
    }

    fn step(&mut self, state: &TrainState, batches: &[Vec<u32>], mean: Mean) -> Result<(), RecorderError> {
        let step = state.steps_done().saturating_sub(1);
        let record = self.steps.entry(step).or_default();
        record.batch_root = batch_root(batches);
        record.loss_bits = mean.loss.to_bits();
        let (of_gradient, of_state) = state.leaf_counts();
        let blocks = self.share.of(of_gradient);
        self.submit(Task::Reduced { step, specs: state.shared_specs(), mean, blocks })?;
        self.submit(Task::State { step, state: state.snapshot(), blocks: self.share.of(of_state) })?;
        self.state_open = true;
        Ok(())
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        self.tasks = None;
        if let Some(thread) = self.thread.take() {
            // a panic there was an error here already
            let _ = thread.join();
        }
    }
}
