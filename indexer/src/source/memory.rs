//! A chain in memory, for tests: a sequence of views, as a node that changes its mind would show them.

use super::{Batch, Source, SourceError};
use crate::{block::Block, store::Head};
use std::collections::VecDeque;

/// One answer of the node.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// The chain that the node believes in, oldest first.
    pub chain: Vec<Block>,
    /// What it hands out: places in the chain, in any order, with repetitions and gaps.
    pub delivered: Vec<usize>,
    /// Its final slot.
    pub finalized: Option<u64>,
}

/// A scripted source. After the last view it keeps showing that one, whole.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    views: VecDeque<View>,
    now: View,
}

impl Memory {
    /// A source that shows these views, one for each poll.
    #[must_use]
    pub fn new(views: Vec<View>) -> Self {
        Self { views: views.into(), now: View::default() }
    }

    /// Whether the last view was shown.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.views.is_empty()
    }
}

impl Source for Memory {
    async fn poll(&mut self, head: &Head) -> Result<Batch, SourceError> {
        if let Some(view) = self.views.pop_front() {
            self.now = view;
        } else {
            self.now.delivered = (0..self.now.chain.len()).collect();
        }
        if head.is_empty() {
            self.now.delivered.insert(0, 0);
        }
        let chain = &self.now.chain;
        let tip = chain.last().map_or(0, |block| block.slot);
        Ok(Batch {
            blocks: self.now.delivered.iter().filter_map(|place| chain.get(*place)).cloned().collect(),
            checked: None,
            tip,
            finalized: self.now.finalized,
        })
    }

    async fn block(&mut self, slot: u64) -> Result<Option<Block>, SourceError> {
        Ok(self.now.chain.iter().find(|block| block.slot == slot).cloned())
    }
}
