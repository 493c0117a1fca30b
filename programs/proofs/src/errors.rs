//! One code for each reason to refuse; each message says what to do.
use anchor_lang::prelude::*;
use protocol::licence::EvidenceError;

#[error_code]
pub enum ProofsError {
    #[msg("the order is not judged by proof: only licences of datasets and models are")]
    NotALicence,
    #[msg("the order is not judged by gold labels: it was opened with another judge")]
    NotByGold,
    #[msg("the order is not disputed: dispute it in the market first, within its window")]
    NotDisputed,
    #[msg("the order has no submitted result to judge, or was judged already")]
    NotSubmitted,
    #[msg("the order was opened in this very second: try again in the next one")]
    TooSoon,
    #[msg("there is a verdict on this order already: apply it in the market")]
    AlreadyJudged,
    #[msg(
        "the listing's content root does not hold this chunk: take index, hashes and proof from the sealed content's index"
    )]
    NotInContent,
    #[msg("the claim is about an earlier order at this address: open the chunk again")]
    StaleClaim,
    #[msg("this is not the key that was delivered: its hash differs from the order's")]
    OtherKey,
    #[msg("these bytes are not the chunk's ciphertext: their hash differs from the claim's")]
    OtherCipher,
    #[msg("the chunk is what the seller promised: this proves no fault")]
    ChunkIsRight,
    #[msg("the request with this public key is not the order's: pass the one that the order was opened with")]
    OtherRequest,
    #[msg("this is not the sealed key that was delivered: pass the one of the delivery")]
    OtherSealedKey,
    #[msg("the secret does not make the request's public key: use the secret of this order")]
    WrongSecret,
    #[msg("the point does not belong to the sealed key's ephemeral key: let the client compute it")]
    WrongPoint,
    #[msg("the shared secret does not come out of secret and ephemeral key: let the client compute it")]
    WrongShared,
    #[msg("the sealed key opens to the right content key: this proves no fault")]
    KeyIsRight,
    #[msg(
        "this task is not the order's, or its numbers are out of bounds: pass the one that the order was opened with"
    )]
    OtherTask,
    #[msg("these gold labels and salt do not have the task's hash: pass what the buyer committed to")]
    OtherGold,
    #[msg("the gold items cannot be judged by: they must be the task's, in rising order, as many as it says")]
    GoldUnfit,
    #[msg("the time for showing the gold is over: the labeller will be paid in full")]
    GoldTooLate,
    #[msg("the time for showing answers is over: finish the count")]
    AnswersTooLate,
    #[msg("the labeller's root does not hold these answers: take leaf and proof from the submitted answers")]
    NotInAnswers,
    #[msg("no gold item is among these answers that is not counted yet: open another leaf")]
    NothingToCount,
    #[msg("gold items are still to be compared and the time for it is not over: open the answers, or wait")]
    CountNotOver,
    #[msg("the verdict is final: apply it in the market")]
    VerdictFinal,
    #[msg("the verdict is about an earlier order at this address: it counts for nothing, close it")]
    StaleVerdict,
    #[msg("the order is not settled: its verdict is still needed")]
    OrderNotSettled,
    #[msg("the order is not judged by oracles: only training jobs are")]
    NotAJob,
    #[msg("the order's result root does not hold this: take the records and proofs from the job's log and checkpoints")]
    NotInResult,
    #[msg("a job of more than 16 virtual ranks is not computed again on chain: leave the dispute to its judges")]
    TooManyRanks,
    #[msg("this is not the order's manifest: pass the bytes that its hash is of")]
    OtherManifest,
    #[msg("the manifest is of a form that is not computed again on chain: leave the dispute to its judges")]
    ManifestNotKnown,
    #[msg("a layout of more than 8,192 bytes is not read on chain: leave the dispute to its judges")]
    LayoutTooLong,
    #[msg("something is not shown yet: open the segment, the step and each value first")]
    NothingShown,
    #[msg("these bytes are not the chunk of the leaf that was opened, or too few: open the leaf, then show its chunk")]
    OtherChunk,
    #[msg("what was shown does not contradict itself: this proves no fault")]
    NoContradiction,
    #[msg("the step is right in this value: this proves no fault")]
    StepIsRight,
    #[msg("rent returns to the one who paid it: pass the rent payer of the account")]
    NotRentPayer,
    #[msg("only the claimant may close a claim: sign with its key")]
    NotClaimant,
    #[msg("arithmetic overflow: the numbers given are too large")]
    Overflow,
}

impl From<EvidenceError> for ProofsError {
    fn from(error: EvidenceError) -> Self {
        match error {
            EvidenceError::WrongSecret => Self::WrongSecret,
            EvidenceError::WrongPoint => Self::WrongPoint,
            EvidenceError::WrongShared => Self::WrongShared,
        }
    }
}
