//! Hashing beside training, block by block.
//!
//! Where a core is to spare a thread hashes, which gives way to training by its priority. With as many workers as cores what
//! such a thread takes is taken from training, and it takes it at times at which the other workers wait for this one: there,
//! only the training thread hashes, while it waits for others. Where training needs roots before they are there, the training
//! thread hashes the blocks that are left by itself: it never waits for more than the one block that the thread has in hand,
//! however busy the host is.

use super::{Mean, PartialRecord, Recorder, RecorderError, Share, let_training_go_first};
use crate::gradient::Gradient;
use crate::model::ParameterSpec;
use crate::state::{StateSnapshot, TrainState, gradient_block_roots};
use protocol::commitment::{TensorGroup, batch_root};
use protocol::digest::Digest;
use protocol::tensor_blocks::tensor_root_of_blocks;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// Gradients that may wait to be hashed: more would only cost memory.
const WAITING: usize = 4;

/// Hashes gradients and states while the next steps are computed and gradients travel. Roots are there at the end of a segment,
/// when they are asked for.
#[derive(Debug)]
pub struct Beside {
    share: Share,
    work: Arc<Work>,
    thread: Option<JoinHandle<()>>,
    steps: BTreeMap<u32, PartialRecord>,
}

impl Beside {
    /// Hashes the gradients that it is shown and `share` of what all workers hold, in the thread that trains.
    fn without_thread(share: Share) -> Self {
        Self { share, work: Arc::default(), thread: None, steps: BTreeMap::new() }
    }

    /// The same, and in a thread of its own.
    fn with_thread(share: Share) -> std::io::Result<Self> {
        let mut beside = Self::without_thread(share);
        let work = Arc::clone(&beside.work);
        let thread = std::thread::Builder::new().name("hashing".to_owned()).spawn(move || {
            let_training_go_first();
            work.serve();
        })?;
        beside.thread = Some(thread);
        Ok(beside)
    }

    /// With a thread where this host has a core that none of its `workers_here` needs.
    pub fn start(share: Share, workers_here: usize) -> std::io::Result<Self> {
        let threads = tch::get_num_threads().max(1) as usize;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        if cores > workers_here.saturating_mul(threads) {
            Self::with_thread(share)
        } else {
            Ok(Self::without_thread(share))
        }
    }

    /// The records of all steps since the last call, by step; hashes what is not hashed yet.
    pub fn take(&mut self) -> Result<BTreeMap<u32, PartialRecord>, RecorderError> {
        let mut queue = self.work.help_until(|queue| queue.groups.is_empty())?;
        let mut finished = std::mem::take(&mut queue.finished);
        drop(queue);
        finished.sort_unstable_by_key(|finished| finished.number);
        for Finished { step, of, roots, .. } in finished {
            let record = self.steps.entry(step).or_default();
            match of {
                Part::Gradient { leaves } => record.gradient_roots.push(tensor_root_of_blocks(leaves, &roots)),
                Part::Mean => record.reduced_blocks = roots,
                Part::State => record.state_blocks = roots,
            }
        }
        Ok(std::mem::take(&mut self.steps))
    }

    fn submit(&self, step: u32, of: Part, tensors: Tensors, blocks: Range<usize>) -> Result<(), RecorderError> {
        self.work.submit(step, of, tensors, blocks);
        let gradients = |queue: &Queue| queue.groups.iter().filter(|group| group.of != Part::State).count();
        self.work.help_until(|queue| gradients(queue) <= WAITING).map(drop)
    }
}

impl Recorder for Beside {
    fn wants_gradients(&self) -> bool {
        true
    }

    fn gradient(
        &mut self,
        state: &TrainState,
        virtual_rank: u32,
        gradient: &Arc<Gradient>,
    ) -> Result<(), RecorderError> {
        let (leaves, _) = state.leaf_counts();
        let (specs, gradient) = (state.shared_specs(), Arc::clone(gradient));
        let tensors = Tensors::Gradient { specs, group: TensorGroup::Gradient { virtual_rank }, gradient };
        self.submit(state.steps_done(), Part::Gradient { leaves }, tensors, Share::WHOLE.of(leaves))
    }

    fn use_spare_time(&mut self) -> bool {
        let mut queue = self.work.lock();
        let Some(block) = queue.begin() else { return false };
        drop(queue);
        let hashed = self.work.hash(block);
        self.work.lock().end(hashed);
        true
    }

    fn settle_gradients(&mut self) -> Result<(), RecorderError> {
        let settled = |queue: &Queue| queue.groups.iter().all(|group| !group.of.is_gradient());
        // mean and state are left for when the training thread has to wait
        self.work.help_first(Part::is_gradient, settled).map(drop)
    }

    fn settle(&mut self) -> Result<(), RecorderError> {
        self.work.help_until(|queue| queue.groups.iter().all(|group| group.of != Part::State)).map(drop)
    }

    fn step(&mut self, state: &TrainState, batches: &[Vec<u32>], mean: Mean) -> Result<(), RecorderError> {
        let step = state.steps_done().saturating_sub(1);
        let record = self.steps.entry(step).or_default();
        record.batch_root = batch_root(batches);
        record.loss_bits = mean.loss.to_bits();
        let (of_gradient, of_state) = state.leaf_counts();
        let (specs, group) = (state.shared_specs(), mean.group());
        let tensors = Tensors::Gradient { specs, group, gradient: mean.gradient };
        self.submit(step, Part::Mean, tensors, self.share.of(of_gradient))?;
        self.submit(step, Part::State, Tensors::State(state.snapshot()), self.share.of(of_state))
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        self.work.lock().closed = true;
        self.work.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            // a panic there was an error here already
            let _ = thread.join();
        }
    }
}

/// What a group of blocks is of.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Part {
    /// A virtual rank's gradient, all of it: so many leaves.
    Gradient {
        leaves: usize,
    },
    Mean,
    State,
}

impl Part {
    fn is_gradient(self) -> bool {
        matches!(self, Self::Gradient { .. })
    }
}

#[derive(Debug)]
enum Tensors {
    Gradient { specs: Arc<[ParameterSpec]>, group: TensorGroup, gradient: Arc<Gradient> },
    State(StateSnapshot),
}

impl Tensors {
    fn block_root(&self, block: usize) -> Digest {
        let block = block..block + 1;
        let roots = match self {
            Self::Gradient { specs, group, gradient } => gradient_block_roots(specs, *group, gradient, block),
            Self::State(state) => state.block_roots(block),
        };
        roots.first().copied().unwrap_or_default()
    }
}

/// Blocks of one group of tensors, as long as some of them are not hashed.
#[derive(Debug)]
struct Group {
    number: u64,
    step: u32,
    of: Part,
    tensors: Arc<Tensors>,
    /// Those that nobody has begun with.
    left: Range<usize>,
    /// Those that are not hashed.
    open: usize,
    first: usize,
    roots: Vec<Digest>,
}

#[derive(Debug)]
struct Finished {
    number: u64,
    step: u32,
    of: Part,
    roots: Vec<Digest>,
}

/// One block in the hands of a thread.
struct Block {
    group: u64,
    tensors: Arc<Tensors>,
    block: usize,
}

struct Hashed {
    group: u64,
    block: usize,
    root: Digest,
}

#[derive(Debug, Default)]
struct Queue {
    /// In the order in which they came.
    groups: Vec<Group>,
    finished: Vec<Finished>,
    submitted: u64,
    closed: bool,
    /// Somebody's panic left a block open.
    broken: bool,
}

impl Queue {
    /// The next block that nobody has begun with: states first, which the next update waits for.
    fn begin(&mut self) -> Option<Block> {
        self.begin_first(|of| of == Part::State)
    }

    /// The next block that nobody has begun with, of a group that goes `first` where there is one.
    fn begin_first(&mut self, first: fn(Part) -> bool) -> Option<Block> {
        let waiting = |group: &&mut Group| !group.left.is_empty();
        let preferred = self.groups.iter_mut().filter(|group| first(group.of)).find(waiting);
        // not `or`: both would borrow the groups
        let group = match preferred {
            Some(group) => group,
            None => self.groups.iter_mut().find(waiting)?,
        };
        let block = group.left.next()?;
        Some(Block { group: group.number, tensors: Arc::clone(&group.tensors), block })
    }

    /// Takes a block's root; whether its group is finished with it.
    fn end(&mut self, Hashed { group: number, block, root }: Hashed) -> bool {
        let Some(place) = self.groups.iter().position(|group| group.number == number) else { return false };
        let group = &mut self.groups[place];
        group.roots[block - group.first] = root;
        group.open -= 1;
        if group.open > 0 {
            return false;
        }
        let Group { number, step, of, roots, .. } = self.groups.remove(place);
        self.finished.push(Finished { number, step, of, roots });
        true
    }
}

/// What is to be hashed, for the thread and for who waits for it.
#[derive(Debug, Default)]
struct Work {
    queue: Mutex<Queue>,
    /// Something came, a group is finished, the thread is to stop, or a panic has to be told.
    changed: Condvar,
}

impl Work {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        // nothing panics while it is locked that would leave it half changed
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn submit(&self, step: u32, of: Part, tensors: Tensors, blocks: Range<usize>) {
        let mut queue = self.lock();
        let number = queue.submitted;
        queue.submitted += 1;
        if blocks.is_empty() {
            queue.finished.push(Finished { number, step, of, roots: Vec::new() });
            return;
        }
        let (first, open) = (blocks.start, blocks.len());
        let (tensors, roots) = (Arc::new(tensors), vec![Digest::ZERO; open]);
        queue.groups.push(Group { number, step, of, tensors, left: blocks, open, first, roots });
        drop(queue);
        self.changed.notify_all();
    }

    /// Holds the tensors no longer than it takes: the next update would copy a state that somebody holds.
    fn hash(&self, Block { group, tensors, block }: Block) -> Hashed {
        let alarm = Alarm(self);
        let root = tensors.block_root(block);
        std::mem::forget(alarm);
        Hashed { group, block, root }
    }

    /// Hashes what comes until the work is closed.
    fn serve(&self) {
        let mut queue = self.lock();
        while !queue.closed {
            let Some(block) = queue.begin() else {
                queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            drop(queue);
            let hashed = self.hash(block);
            queue = self.lock();
            if queue.end(hashed) {
                self.changed.notify_all();
            }
        }
    }

    /// Hashes, in the calling thread too, until `enough`: states first.
    fn help_until(&self, enough: impl Fn(&Queue) -> bool) -> Result<MutexGuard<'_, Queue>, RecorderError> {
        self.help_first(|of| of == Part::State, enough)
    }

    /// Hashes, in the calling thread too, until `enough`: groups that go `first` before others.
    fn help_first(
        &self,
        first: fn(Part) -> bool,
        enough: impl Fn(&Queue) -> bool,
    ) -> Result<MutexGuard<'_, Queue>, RecorderError> {
        let mut queue = self.lock();
        while !enough(&queue) {
            if let Some(block) = queue.begin_first(first) {
                drop(queue);
                let hashed = self.hash(block);
                queue = self.lock();
                queue.end(hashed);
            } else if queue.broken {
                return Err(RecorderError);
            } else {
                queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
            }
        }
        Ok(queue)
    }
}

/// Dropped by a panic, it tells who waits: the block in hand will never be hashed.
struct Alarm<'work>(&'work Work);

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        self.0.lock().broken = true;
        self.0.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Init;
    use crate::state::gradient_root;

    const GROUP: TensorGroup = TensorGroup::Gradient { virtual_rank: 0 };

    /// A gradient of some blocks, and its root.
    fn gradient(seed: f32) -> (Arc<[ParameterSpec]>, Arc<Gradient>, usize, Digest) {
        let values: Vec<f32> = (0..400_000u32).map(|i| seed + i as f32).collect();
        let specs: Arc<[ParameterSpec]> =
            [ParameterSpec { name: "w".to_owned(), shape: vec![400_000], init: Init::Zeros }].into();
        let gradient = Gradient::from(vec![values]);
        let root = gradient_root(&specs, GROUP, &gradient);
        (specs, Arc::new(gradient), 1 + 400_000usize.div_ceil(128), root)
    }

    fn submit(work: &Work, step: u32, of: Part, seed: f32) -> (usize, Digest) {
        let (specs, gradient, leaves, root) = gradient(seed);
        work.submit(step, of, Tensors::Gradient { specs, group: GROUP, gradient }, Share::WHOLE.of(leaves));
        (leaves, root)
    }

    #[test]
    fn who_needs_roots_hashes_what_no_thread_has_hashed() {
        let work = Work::default();
        let expected: Vec<_> = (0..3).map(|step| submit(&work, step, Part::Mean, step as f32)).collect();
        let queue = work.help_until(|queue| queue.groups.is_empty()).unwrap();
        let found: Vec<_> =
            queue.finished.iter().map(|done| tensor_root_of_blocks(expected[0].0, &done.roots)).collect();
        assert_eq!(found, expected.iter().map(|(_, root)| *root).collect::<Vec<_>>());
    }

    #[test]
    fn states_are_hashed_before_gradients_that_came_earlier() {
        let work = Work::default();
        submit(&work, 0, Part::Mean, 0.0);
        submit(&work, 0, Part::State, 1.0);
        let queue = work.help_until(|queue| queue.finished.len() == 1).unwrap();
        assert_eq!(queue.finished[0].of, Part::State);
    }

    #[test]
    fn before_buckets_are_written_to_gradients_alone_are_hashed() {
        let mut beside = Beside::without_thread(Share::WHOLE);
        submit(&beside.work, 0, Part::State, 0.0);
        let (leaves, _) = submit(&beside.work, 0, Part::Mean, 1.0);
        submit(&beside.work, 1, Part::Gradient { leaves }, 2.0);
        beside.settle_gradients().unwrap();
        let queue = beside.work.lock();
        assert!(queue.finished.iter().all(|finished| finished.of.is_gradient()));
        assert_eq!((queue.finished.len(), queue.groups.len()), (1, 2));
    }

    #[test]
    fn a_thread_hashes_only_where_a_core_is_to_spare() {
        assert!(Beside::start(Share::WHOLE, 0).unwrap().thread.is_some());
        assert!(Beside::start(Share::WHOLE, usize::MAX).unwrap().thread.is_none());
    }

    #[test]
    fn spare_time_hashes_one_block_at_a_time_until_none_is_left() {
        let mut beside = Beside::without_thread(Share::WHOLE);
        let (leaves, root) = submit(&beside.work, 0, Part::Mean, 0.0);
        let blocks = (0..).take_while(|_| beside.use_spare_time()).count();
        assert_eq!(blocks, leaves.div_ceil(1024));
        let record = beside.take().unwrap().remove(&0).unwrap();
        assert_eq!(tensor_root_of_blocks(leaves, &record.reduced_blocks), root);
    }

    #[test]
    fn a_thread_that_stopped_with_a_block_in_hand_is_an_error_and_no_wait() {
        let work = Work::default();
        submit(&work, 0, Part::Mean, 0.0);
        let in_hand = work.lock().begin();
        drop(Alarm(&work));
        assert!(work.help_until(|queue| queue.groups.is_empty()).is_err());
        drop(in_hand);
    }
}
