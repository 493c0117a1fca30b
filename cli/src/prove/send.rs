//! The transactions of a proof.
use super::plan::{Plan, UpdatePlan};
use crate::{sales, session::Session};
use anyhow::{Result, ensure};
use chain::{
    Instruction, Keypair, Pubkey, Signer as _,
    address::proofs as at,
    instruction::proofs::{self as ix, ShownValue},
};
use proofs::state::Evidence;
use protocol::{contradiction::Contradiction, opening::StepOpening};

/// Who proves, and about which order.
#[derive(Clone, Copy)]
pub(super) struct Prover<'a> {
    pub(super) s: &'a Session,
    pub(super) key: &'a Keypair,
    pub(super) order: Pubkey,
}

impl Prover<'_> {
    /// Shows what `plan` shows, and proves it. What was opened is closed again.
    pub(super) async fn prove(&self, plan: &Plan) -> Result<()> {
        sales::after_opening(self.s, &self.order).await?;
        let by = ix::Prover { payer: self.key.pubkey(), order: self.order, claimant: self.key.pubkey() };
        let (name, proof) = match plan {
            Plan::Log { contradiction, opening, next, manifest } => {
                self.show_contradiction(*contradiction, opening, manifest).await?;
                match next {
                    Some(next) => ("prove_break", ix::prove_break(by, next)),
                    None => ("prove_log", ix::prove_log(by)),
                }
            }
            Plan::Reduction { opening, values } => {
                self.show_step(opening, None).await?;
                self.show_values(values).await?;
                ("prove_reduction", ix::prove_reduction(by))
            }
            Plan::Update(plan) => {
                self.show_update(plan).await?;
                ("prove_update", ix::prove_update(by))
            }
        };
        self.send(name, proof).await?;
        println!("proven       {name}: the verdict is final");
        self.send("close_evidence", ix::close_evidence(self.key.pubkey(), self.order)).await
    }

    async fn send(&self, name: &str, instruction: Instruction) -> Result<()> {
        self.s.send(name, &[instruction], &[self.key]).await.map(drop)
    }

    async fn show_contradiction(&self, what: Contradiction, opening: &StepOpening, manifest: &[u8]) -> Result<()> {
        let (who, order) = (self.key.pubkey(), self.order);
        if let Contradiction::Segment { segment } | Contradiction::Break { segment } = what {
            self.send("open_segment", ix::open_segment(who, order, opening)).await?;
            println!("shown        segment {segment}");
        } else {
            self.show_step(opening, None).await?;
        }
        if matches!(what, Contradiction::Manifest { .. }) {
            self.send("open_manifest", ix::open_manifest(who, order, manifest.to_vec())).await?;
            println!("shown        the manifest");
        }
        let shown: Evidence = self.s.get(&at::evidence(&order, &who)).await?;
        let found = shown.flawed != 0 || matches!(what, Contradiction::Break { .. });
        ensure!(found, "the program finds no contradiction in what was shown: oracles must judge it");
        Ok(())
    }

    /// Shows a step, after the one before it, whose state it begins with, where it needs that.
    async fn show_step(&self, opening: &StepOpening, before: Option<&StepOpening>) -> Result<()> {
        let (who, order) = (self.key.pubkey(), self.order);
        self.send("open_segment", ix::open_segment(who, order, opening)).await?;
        println!("shown        segment {}", opening.segment.record.index);
        for step in before.into_iter().chain([opening]) {
            self.send("open_step", ix::open_step(who, order, step)).await?;
            println!("shown        step {}", step.step.record.step);
        }
        Ok(())
    }

    async fn show_layout(&self, layout: &[u8]) -> Result<()> {
        for piece in ix::write_layout(self.key.pubkey(), self.order, layout) {
            self.send("write_layout", piece).await?;
        }
        Ok(())
    }

    async fn show_update(&self, plan: &UpdatePlan) -> Result<()> {
        let (who, order) = (self.key.pubkey(), self.order);
        self.show_step(&plan.opening, plan.step_before.as_ref()).await?;
        self.send("open_manifest", ix::open_manifest(who, order, plan.manifest.clone())).await?;
        println!("shown        the manifest");
        self.show_layout(&plan.layout.layout).await?;
        self.send("open_layout", ix::open_layout(who, order, plan.element, &plan.layout)).await?;
        println!("shown        the state's layout");
        self.show_values(&plan.values).await?;
        if let Some(norm) = &plan.norm {
            self.show_layout(&norm.layout).await?;
            self.send("open_norm", ix::open_norm(who, order, norm)).await?;
            println!("shown        the mean gradient's norm");
        }
        Ok(())
    }

    async fn show_values(&self, values: &[ShownValue]) -> Result<()> {
        let (who, order) = (self.key.pubkey(), self.order);
        for value in values {
            self.send("open_leaf", ix::open_leaf(who, order, value)).await?;
            self.send("open_values", ix::open_values(who, order, value)).await?;
        }
        let element = values.first().map_or(0, |value| value.element);
        println!("shown        {} values of element {element}", values.len());
        Ok(())
    }
}
