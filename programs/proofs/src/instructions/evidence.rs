//! Opening what a training job committed to, from the root on chain down to one value.
//!
//! The challenger replayed the job, so it knows the first step that differs and names it at once: no search is needed here.
use super::disputed_job;
use crate::{
    ProofsError,
    list::Vec,
    loaded::Loaded,
    order::ForeignOrder,
    state::{AFTER, BEFORE, Evidence, MAX_RANKS, REDUCED, SLOTS, shown},
};
use anchor_lang::{bytemuck, prelude::*};
use protocol::{
    commitment::{CHUNK_VALUES, FinalMetric, JobEnd, JobShape, SegmentRecord, StepRecord, job_root_over, layout_leaf},
    digest::{Digest, content_address},
    manifest_terms::ManifestTerms,
    merkle,
    recompute::{Factors, clip_factor},
    soft_float::F64,
    tensor_layout::{mean_norm, state_places},
    tensor_tree,
};
use wincode::{SchemaRead, SchemaWrite};

/// What the result root is hashed from (`protocol::commitment`).
#[derive(Clone, Copy, Debug, PartialEq, SchemaRead, SchemaWrite, IdlType)]
pub struct JobFields {
    pub manifest_hash: [u8; 32],
    pub virtual_ranks: u32,
    pub steps: u32,
    pub segment_len: u32,
    pub segments_root: [u8; 32],
    /// Address of the final checkpoint, and root of the final state.
    pub checkpoint: [u8; 32],
    pub state_root: [u8; 32],
    /// The final metric.
    pub correct: u64,
    pub total: u64,
}

/// A segment's record.
#[derive(Clone, Copy, Debug, PartialEq, SchemaRead, SchemaWrite, IdlType)]
pub struct SegmentFields {
    pub index: u32,
    pub first_step: u32,
    pub start_root: [u8; 32],
    pub end_root: [u8; 32],
    pub steps_root: [u8; 32],
    pub start_checkpoint: [u8; 32],
    /// Its evaluation, where it has one.
    pub metric: Option<MetricFields>,
}

/// Right predictions, and all.
#[derive(Clone, Copy, Debug, PartialEq, SchemaRead, SchemaWrite, IdlType)]
pub struct MetricFields {
    pub correct: u64,
    pub total: u64,
}

/// A step's record.
#[derive(Clone, Debug, PartialEq, SchemaRead, SchemaWrite, IdlType)]
pub struct StepFields {
    pub step: u32,
    pub batch_root: [u8; 32],
    /// Of each virtual rank, in order.
    pub gradient_roots: Vec<[u8; 32]>,
    pub reduced_root: [u8; 32],
    pub state_root: [u8; 32],
    pub loss_bits: u32,
}

/// A place in a tree of `count` leaves.
#[derive(Clone, Copy, Debug, PartialEq, SchemaRead, SchemaWrite, IdlType)]
pub struct LeafPlace {
    pub index: u32,
    pub count: u32,
}

impl LeafPlace {
    fn pair(self) -> (u64, u64) {
        (self.index.into(), self.count.into())
    }
}

impl SegmentFields {
    pub(super) fn leaf(&self) -> Digest {
        let Self { index, first_step, start_root, end_root, steps_root, start_checkpoint, metric } = *self;
        SegmentRecord {
            index,
            first_step,
            start_root: Digest(start_root),
            end_root: Digest(end_root),
            steps_root: Digest(steps_root),
            start_checkpoint: Digest(start_checkpoint),
            metric: metric.map(|MetricFields { correct, total }| FinalMetric { correct, total }),
        }
        .leaf()
    }
}

#[derive(Accounts)]
pub struct OpenSegment {
    #[account(mut)]
    pub claimant: Signer,
    pub order: ForeignOrder,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"evidence", order.address().as_ref(), claimant.address().as_ref()], bump))]
    #[account(mut)]
    pub evidence: UncheckedAccount,
    pub system_program: Program<System>,
}

pub fn open_segment(
    ctx: &mut Context<OpenSegment>,
    job: JobFields,
    segment: SegmentFields,
    place: LeafPlace,
    siblings: Vec<[u8; 32]>,
) -> Result<()> {
    let a = &mut ctx.accounts;
    disputed_job(&a.order)?;
    let shape = JobShape { virtual_ranks: job.virtual_ranks, steps: job.steps, segment_len: job.segment_len };
    let metric = FinalMetric { correct: job.correct, total: job.total };
    let end = JobEnd { checkpoint: Digest(job.checkpoint), state_root: Digest(job.state_root), metric };
    let segments_root = Digest(job.segments_root);
    let root = job_root_over(&Digest(job.manifest_hash), &shape, &segments_root, &end);
    require!(root.0 == a.order.result_root, ProofsError::NotInResult);
    let found = merkle::verify_path(&segments_root, &segment.leaf(), place.pair(), &siblings);
    require!(found, ProofsError::NotInResult);

    let first = u64::from(place.index) * u64::from(shape.segment_len);
    let last = u64::from(place.index) + 1 == u64::from(place.count);
    // what `protocol::job_log` refuses without a replay, as far as one segment shows it
    let flawed = job.manifest_hash != a.order.manifest_hash
        || metric.correct > metric.total
        || segment.metric.is_some_and(|metric| metric.correct > metric.total)
        || place.count != shape.segments()
        || segment.index != place.index
        || u64::from(segment.first_step) != first
        || last && segment.end_root != job.state_root;

    let (order, claimant, opened_at) = (*a.order.address(), *a.claimant.address(), a.order.opened_at);
    let seeds = [b"evidence", order.as_ref(), claimant.as_ref()];
    let (mut loaded, bump) = Loaded::<Evidence>::create_if_needed(&a.claimant, &a.evidence, &seeds)?;
    let evidence = &mut *loaded;
    bytemuck::bytes_of_mut(evidence).fill(0);
    evidence.order = order;
    evidence.claimant = claimant;
    evidence.opened_at = opened_at;
    evidence.segments_root = job.segments_root;
    evidence.steps_root = segment.steps_root;
    evidence.start_root = segment.start_root;
    evidence.end_root = segment.end_root;
    evidence.virtual_ranks = shape.virtual_ranks.into();
    evidence.steps = shape.steps.into();
    evidence.segment_len = shape.segment_len.into();
    evidence.segment = place.index.into();
    evidence.evaluated = segment.metric.is_some().into();
    evidence.shown = shown::SEGMENT;
    evidence.flawed = flawed.into();
    evidence.bump = bump;
    Ok(())
}

/// Accounts of everything that shows more of what [`open_segment`] began.
#[derive(Accounts)]
pub struct OpenMore {
    #[account(address = evidence.claimant @ ProofsError::NotClaimant)]
    pub claimant: Signer,
    #[account(mut)]
    pub evidence: Loaded<Evidence>,
}

pub fn open_step(
    ctx: &mut Context<OpenMore>,
    step: StepFields,
    place: LeafPlace,
    siblings: Vec<[u8; 32]>,
) -> Result<()> {
    let evidence = &mut *ctx.accounts.evidence;
    let ranks = step.gradient_roots.len();
    require!(ranks <= MAX_RANKS, ProofsError::TooManyRanks);
    let record = StepRecord {
        step: step.step,
        batch_root: Digest(step.batch_root),
        gradient_roots: step.gradient_roots.iter().map(|root| Digest(*root)).collect(),
        reduced_root: Digest(step.reduced_root),
        state_root: Digest(step.state_root),
        loss_bits: step.loss_bits,
    };
    let found = merkle::verify_path(&Digest(evidence.steps_root), &record.leaf(), place.pair(), &siblings);
    require!(found, ProofsError::NotInResult);

    let (all, length) = (u64::from(evidence.steps.get()), u64::from(evidence.segment_len.get()));
    let first = u64::from(evidence.segment.get()) * length;
    let last = u64::from(place.index) + 1 == u64::from(place.count);
    let flawed = u64::from(place.count) != all.saturating_sub(first).min(length)
        || u64::from(step.step) != first + u64::from(place.index)
        || ranks as u64 != u64::from(evidence.virtual_ranks.get())
        || last && step.state_root != evidence.end_root;

    // the state before a step is the segment's first one, or that after the step before, where that was shown just now
    let follows = evidence.shown >= shown::STEP && u64::from(evidence.place.get()) + 1 == u64::from(place.index);
    (evidence.before_root, evidence.shown) = match place.index {
        0 => (evidence.start_root, shown::BEFORE),
        _ if follows => (evidence.after_root, shown::BEFORE),
        _ => ([0; 32], shown::STEP),
    };
    evidence.after_root = step.state_root;
    evidence.reduced_root = step.reduced_root;
    evidence.gradient_roots = [[0; 32]; MAX_RANKS];
    evidence.gradient_roots[..ranks].copy_from_slice(&step.gradient_roots);
    evidence.place = place.index.into();
    evidence.step = step.step.into();
    evidence.flawed |= u8::from(flawed);
    evidence.leaf = [0; 32];
    evidence.known = 0.into();
    (evidence.placed, evidence.ordered, evidence.normed) = (0, 0, 0);
    Ok(())
}

/// Accounts of `open_manifest`.
#[derive(Accounts)]
pub struct OpenManifest {
    #[account(address = evidence.claimant @ ProofsError::NotClaimant)]
    pub claimant: Signer,
    #[account(address = evidence.order @ ErrorCode::ConstraintSeeds)]
    pub order: ForeignOrder,
    #[account(mut)]
    pub evidence: Loaded<Evidence>,
}

pub fn open_manifest(ctx: &mut Context<OpenManifest>, manifest: Vec<u8>) -> Result<()> {
    let a = &mut ctx.accounts;
    require!(a.evidence.opened_at == a.order.opened_at, ProofsError::StaleClaim);
    require!(content_address(&manifest).0 == a.order.manifest_hash, ProofsError::OtherManifest);
    let terms = ManifestTerms::read(&manifest).ok_or(ProofsError::ManifestNotKnown)?;
    let evidence = &mut *a.evidence;
    require!(evidence.shown >= shown::STEP, ProofsError::NothingShown);
    let shape = [evidence.virtual_ranks, evidence.steps, evidence.segment_len].map(|number| number.get());
    let flawed = shape != [terms.virtual_ranks, terms.steps, terms.segment_len]
        || (evidence.evaluated != 0) != terms.evaluates_after(evidence.segment.get());
    evidence.flawed |= u8::from(flawed);
    evidence.clip_norm = terms.optimizer.clip_norm.map_or(0, |norm| norm.0).into();
    evidence.only_matrices_decay = terms.optimizer.only_matrices_decay.into();
    evidence.factors = Factors::new(&terms.optimizer, evidence.step.get(), terms.steps).bits().map(PodU32::from);
    evidence.ordered = 1;
    Ok(())
}

pub fn write_layout(ctx: &mut Context<OpenMore>, offset: u32, bytes: Vec<u8>) -> Result<()> {
    let evidence = &mut *ctx.accounts.evidence;
    let start = offset as usize;
    let end = start.checked_add(bytes.len()).ok_or(ProofsError::Overflow)?;
    evidence.layout.as_flattened_mut().get_mut(start..end).ok_or(ProofsError::LayoutTooLong)?.copy_from_slice(&bytes);
    // what is written last is the end
    evidence.layout_bytes = (end as u32).into();
    Ok(())
}

pub fn open_layout(ctx: &mut Context<OpenMore>, element: u64, count: u64, siblings: Vec<[u8; 32]>) -> Result<()> {
    let evidence = &mut *ctx.accounts.evidence;
    require!(evidence.shown == shown::BEFORE, ProofsError::NothingShown);
    evidence.turn_to(element);
    let layout = evidence.written().ok_or(ProofsError::LayoutTooLong)?;
    let found = tensor_tree::verify_path(&Digest(evidence.before_root), &layout_leaf(layout), (0, count), &siblings);
    require!(found, ProofsError::NotInResult);
    let places = state_places(layout, element).ok_or(ProofsError::NotInResult)?;
    evidence.places = places.values.map(PodU64::from);
    evidence.dimensions = places.dimensions.into();
    evidence.placed = 1;
    Ok(())
}

pub fn open_norm(ctx: &mut Context<OpenMore>, count: u64, siblings: Vec<[u8; 32]>) -> Result<()> {
    let evidence = &mut *ctx.accounts.evidence;
    require!(evidence.ordered != 0, ProofsError::NothingShown);
    let layout = evidence.written().ok_or(ProofsError::LayoutTooLong)?;
    let found = tensor_tree::verify_path(&Digest(evidence.reduced_root), &layout_leaf(layout), (0, count), &siblings);
    require!(found, ProofsError::NotInResult);
    let norm = mean_norm(layout).ok_or(ProofsError::NotInResult)?;
    evidence.clip_factor = clip_factor(norm, F64(evidence.clip_norm.get())).0.into();
    evidence.normed = 1;
    Ok(())
}

/// A leaf with values of one element.
#[derive(Clone, Copy, Debug, PartialEq, SchemaRead, SchemaWrite, IdlType)]
pub struct ValueLeaf {
    /// `state::evidence`: which value the leaf holds.
    pub slot: u8,
    /// Place of the element in the order of all parameters' values.
    pub element: u64,
    /// Leaves of the tree.
    pub count: u64,
    /// Hash of the chunk with the value.
    pub leaf: [u8; 32],
}

pub fn open_leaf(ctx: &mut Context<OpenMore>, value: ValueLeaf, siblings: Vec<[u8; 32]>) -> Result<()> {
    let evidence = &mut *ctx.accounts.evidence;
    require!(evidence.shown >= shown::STEP, ProofsError::NothingShown);
    evidence.turn_to(value.element);
    let slot = usize::from(value.slot);
    let (root, place) = match slot {
        REDUCED => (evidence.reduced_root, value.element),
        // of a rank that the job does not have, the root is zero, under which nothing is found
        ..REDUCED => (evidence.gradient_roots[slot], value.element),
        BEFORE..SLOTS => {
            require!(evidence.placed != 0, ProofsError::NothingShown);
            let (root, first) =
                if slot < AFTER { (evidence.before_root, BEFORE) } else { (evidence.after_root, AFTER) };
            (root, evidence.places[slot - first].get())
        }
        _ => return Err(ProofsError::NotInResult.into()),
    };
    let chunk = place / CHUNK_VALUES;
    // the layout is before the chunks
    let leaf_place = (chunk.checked_add(1).ok_or(ProofsError::Overflow)?, value.count);
    let found = tensor_tree::verify_path(&Digest(root), &Digest(value.leaf), leaf_place, &siblings);
    require!(found, ProofsError::NotInResult);
    evidence.leaf = value.leaf;
    evidence.slot = value.slot;
    evidence.offset = ((place - chunk * CHUNK_VALUES) as u32).into();
    Ok(())
}

pub fn open_values(ctx: &mut Context<OpenMore>, chunk: Vec<u8>) -> Result<()> {
    let evidence = &mut *ctx.accounts.evidence;
    let leaf = tensor_tree::chunk_leaf(&chunk).ok_or(ProofsError::OtherChunk)?;
    require!(evidence.leaf != [0; 32] && leaf.0 == evidence.leaf, ProofsError::OtherChunk);
    let (slot, at) = (usize::from(evidence.slot), evidence.offset.get() as usize * 4);
    let bytes = chunk.get(at..).and_then(|rest| rest.first_chunk::<4>()).ok_or(ProofsError::OtherChunk)?;
    *evidence.values.get_mut(slot).ok_or(ProofsError::OtherChunk)? = u32::from_le_bytes(*bytes).into();
    evidence.known = (evidence.known.get() | 1 << slot).into();
    Ok(())
}

#[derive(Accounts)]
pub struct CloseEvidence {
    #[account(mut, address = evidence.claimant @ ProofsError::NotClaimant)]
    pub claimant: Signer,
    #[account(mut, close = claimant)]
    pub evidence: Loaded<Evidence>,
}

pub fn close_evidence(_ctx: &mut Context<CloseEvidence>) -> Result<()> {
    Ok(())
}
