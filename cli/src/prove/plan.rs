//! What a program on the chain has to be shown, so that it finds the fault by itself.
use super::{
    slips::{self, Sum, Update},
    values::{Group, first_difference},
};
use anyhow::{Context, Result, bail, ensure};
use artefacts::Store;
use chain::instruction::proofs::ShownValue;
use proofs::state::{AFTER, BEFORE, MAX_LAYOUT, MAX_RANKS, REDUCED};
use protocol::{
    commitment::TensorGroup,
    contradiction::Contradiction,
    digest::Digest,
    evidence::Evidence,
    job_log::JobLog,
    manifest::Manifest,
    opening::{LayoutOpening, StepOpening},
    report::{DifferingPart, Fault},
    tensor_layout::state_places,
};
use std::path::Path;

/// A proof.
pub(super) enum Plan {
    /// What is shown contradicts itself, the job's shape or its manifest.
    Log {
        /// What shows it.
        contradiction: Contradiction,
        opening: Box<StepOpening>,
        /// The segment after it, where that is what contradicts it.
        next: Option<Box<StepOpening>>,
        /// The canonical form.
        manifest: Vec<u8>,
    },
    /// The mean of the ranks' values of an element is not what was committed to.
    Reduction { opening: Box<StepOpening>, values: Vec<ShownValue> },
    /// The optimiser's update of an element is not what was committed to.
    Update(Box<UpdatePlan>),
}

/// What shows a wrong update.
pub(super) struct UpdatePlan {
    /// The step before, where the segment does not begin with the faulty one.
    pub(super) step_before: Option<StepOpening>,
    pub(super) opening: StepOpening,
    /// The canonical form.
    pub(super) manifest: Vec<u8>,
    pub(super) element: u64,
    /// Of the state before the step.
    pub(super) layout: LayoutOpening,
    /// Of the mean gradient, where the manifest clips.
    pub(super) norm: Option<LayoutOpening>,
    pub(super) values: Vec<ShownValue>,
}

/// Everything that a verification left.
pub(super) struct Findings<'a> {
    /// Folder of the evidence.
    pub(super) folder: &'a Path,
    pub(super) log: JobLog,
    pub(super) manifest: Manifest,
    /// A file with the committed values, where somebody found them.
    pub(super) committed: Option<Vec<u8>>,
}

impl Findings<'_> {
    /// The proof of `fault`, and in words what it is by.
    ///
    /// # Errors
    /// Where no program can compute the fault, or the values that it would have to see are not known.
    pub(super) fn plan(&self, fault: &Fault) -> Result<(Plan, String)> {
        if let Some(contradiction) = Contradiction::of(&self.log, &self.manifest) {
            let lacks = "the log lacks the steps of the segment that contradicts it: oracles must judge";
            let opening = contradiction.opening(&self.log).context(lacks)?;
            let next = match contradiction {
                Contradiction::Break { segment } => StepOpening::of(&self.log, segment + 1, 0).map(Box::new),
                _ => None,
            };
            let manifest = self.manifest.encode();
            let plan = Plan::Log { contradiction, opening: Box::new(opening), next, manifest };
            return Ok((plan, "the log contradicts itself, its shape or its manifest".into()));
        }
        let step = match (fault.part, fault.step) {
            (DifferingPart::ReducedGradient | DifferingPart::State, Some(step)) => step,
            (part, _) => bail!("{part} is nothing that a program on the chain can compute: oracles must judge it"),
        };
        let evidence = self.evidence()?;
        evidence.check()?;
        let opening = StepOpening::of_step(&self.log, step).context("the step's record is not in the log")?;
        let before = step.checked_sub(1).and_then(|before| StepOpening::of_step(&self.log, before));
        let step_before = before.filter(|before| before.segment.record.index == opening.segment.record.index);
        if fault.part == DifferingPart::State {
            return self.update(&evidence, opening, step_before);
        }
        self.reduction(&evidence, opening)
    }

    fn evidence(&self) -> Result<Evidence> {
        let file = self.folder.join("evidence.json");
        let bytes = std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        serde_json::from_slice(&bytes).with_context(|| format!("{} is no evidence", file.display()))
    }

    /// A file of the evidence.
    fn blob(&self, evidence: &Evidence, name: &str) -> Result<Option<Vec<u8>>> {
        let Some(address) = evidence.blobs.get(name) else { return Ok(None) };
        Ok(Some(Store::open(self.folder.join("blobs"))?.get(address)?))
    }

    fn needed(&self, evidence: &Evidence, name: &str) -> Result<Vec<u8>> {
        self.blob(evidence, name)?.with_context(|| format!("the evidence has no {name}"))
    }

    /// The mean of the right gradients.
    fn right_mean(&self, evidence: &Evidence) -> Result<Group> {
        let group = TensorGroup::ReducedGradient { norm_bits: 0 };
        let mut mean = Group::read(&self.needed(evidence, "mean_gradient")?, group, "")?;
        mean.group = slips::mean_group(&self.manifest, &mean);
        Ok(mean)
    }

    fn reduction(&self, evidence: &Evidence, opening: StepOpening) -> Result<(Plan, String)> {
        let count = self.manifest.virtual_ranks as usize;
        ensure!(
            count <= MAX_RANKS,
            "the job has {count} virtual ranks and a program adds at most {MAX_RANKS}: oracles must judge it"
        );
        let bytes = self.needed(evidence, "gradients")?;
        let read = |virtual_rank| {
            let group = TensorGroup::Gradient { virtual_rank };
            Group::read(&bytes, group, &format!("rank{virtual_rank:05}/"))
        };
        let ranks = (0..self.manifest.virtual_ranks).map(read).collect::<Result<Vec<_>>>()?;
        let right = self.right_mean(evidence)?;
        let root = opening.step.record.reduced_root;
        let (committed, how) = self.committed_mean(&ranks, &right, &root)?;
        let element = first_difference(&right, &committed).context("the means differ in nothing but their NaNs")?;
        let shown = ranks.iter().enumerate().chain([(REDUCED, &committed)]);
        let values = shown.map(|(slot, group)| shown_value(slot, element as u64, group, element as u64));
        let values = values.collect::<Result<_>>()?;
        Ok((Plan::Reduction { opening: Box::new(opening), values }, how))
    }

    /// The mean gradient with the root that was committed to.
    fn committed_mean(&self, ranks: &[Group], right: &Group, root: &Digest) -> Result<(Group, String)> {
        let candidate = |values: Vec<f32>| {
            let mut mean = right.with_runs(right.group, vec![values]);
            mean.group = slips::mean_group(&self.manifest, &mean);
            (mean.root() == *root).then_some(mean)
        };
        if let Some(bytes) = &self.committed {
            let given = Group::read(bytes, right.group, "")?;
            let [values] = <[Vec<f32>; 1]>::try_from(given.runs).ok().context("the file has no values")?;
            let found = candidate(values).with_context(|| format!("the given values do not have the root {root}"))?;
            return Ok((found, "its mean gradient is not the ranks' mean".into()));
        }
        let runs: Vec<&[f32]> = ranks.iter().filter_map(|rank| rank.runs.first().map(Vec::as_slice)).collect();
        let guessed = Sum::all(runs.len()).find_map(|slip| Some((candidate(slip.mean(&runs))?, slip)));
        let (mean, slip) = guessed.with_context(|| not_known("mean gradient"))?;
        Ok((mean, format!("its mean gradient is not the ranks' mean: {slip}")))
    }

    fn update(
        &self,
        evidence: &Evidence,
        opening: StepOpening,
        step_before: Option<StepOpening>,
    ) -> Result<(Plan, String)> {
        let record = &opening.step.record;
        let (step, manifest) = (record.step, &self.manifest);
        let state = |name, done| Group::read_state(&self.needed(evidence, name)?, slips::state_group(manifest, done));
        let (before, right) = (state("state_before", step)?, state("replayed_state", step + 1)?);
        let mean = self.right_mean(evidence)?;
        let (after, how) = self.committed_state(evidence, &before, &mean, &record.state_root)?;
        let element = first_difference(&right, &after).context("the states differ in nothing but their NaNs")? as u64;
        let layout = before.layout();
        ensure!(
            layout.layout.len() <= MAX_LAYOUT,
            "names and shapes of the model take {} bytes and a program reads at most {MAX_LAYOUT}: oracles must judge it",
            layout.layout.len()
        );
        let places = state_places(&layout.layout, element).context("the element has no place in the state")?.values;
        let mut values = vec![shown_value(REDUCED, element, &mean, element)?];
        for (first, group) in [(BEFORE, &before), (AFTER, &after)] {
            for (slot, place) in (first..).zip(places) {
                values.push(shown_value(slot, element, group, place)?);
            }
        }
        let norm = manifest.optimizer.clip_norm().map(|_| mean.layout());
        let manifest = manifest.encode();
        let plan = UpdatePlan { step_before, opening, manifest, element, layout, norm, values };
        Ok((Plan::Update(Box::new(plan)), how))
    }

    /// The state after the step with the root that was committed to: served, given, or guessed.
    fn committed_state(
        &self,
        evidence: &Evidence,
        before: &Group,
        mean: &Group,
        root: &Digest,
    ) -> Result<(Group, String)> {
        let step = evidence.step.as_ref().context("the evidence has no step")?.record.step;
        let group = slips::state_group(&self.manifest, step + 1);
        let wrong = "its new state is not what the optimiser makes of the old one";
        if let Some(bytes) = &self.committed {
            let given = Group::read_state(bytes, group)?;
            ensure!(given.root() == *root, "the given values do not have the root {root}");
            return Ok((given, wrong.into()));
        }
        if let Some(bytes) = self.blob(evidence, "committed_state")? {
            let served = Group::read_state(&bytes, group)?;
            ensure!(served.root() == *root, "the served checkpoint does not have the root {root}");
            return Ok((served, format!("{wrong}, as its checkpoint shows")));
        }
        let guess = |slip: Update| {
            let after = slip.after(&self.manifest, step, before, mean)?;
            (after.root() == *root).then_some((after, slip))
        };
        let guessed = Update::all(&self.manifest).into_iter().find_map(guess);
        let (after, slip) = guessed.with_context(|| not_known("state"))?;
        Ok((after, format!("{wrong}: {slip}")))
    }
}

fn not_known(what: &str) -> String {
    format!(
        "the values of the committed {what} are not known: nobody serves them, and none of the usual mistakes leads to its \
         root. Name a file with them by --committed, or let oracles judge"
    )
}

fn shown_value(slot: usize, element: u64, group: &Group, place: u64) -> Result<ShownValue> {
    Ok(ShownValue { slot: u8::try_from(slot)?, element, opening: group.open(place)? })
}
