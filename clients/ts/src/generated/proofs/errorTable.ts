// Generated from the IDL by scripts/generate.mjs: do not edit.

/** Name and message of each error of the program, by its code. */
export const PROOFS_ERRORS = {
    6000: {
        name: 'NotALicence',
        message: 'the order is not judged by proof: only licences of datasets and models are',
    },
    6001: { name: 'NotByGold', message: 'the order is not judged by gold labels: it was opened with another judge' },
    6002: {
        name: 'NotDisputed',
        message: 'the order is not disputed: dispute it in the market first, within its window',
    },
    6003: { name: 'NotSubmitted', message: 'the order has no submitted result to judge, or was judged already' },
    6004: { name: 'TooSoon', message: 'the order was opened in this very second: try again in the next one' },
    6005: { name: 'AlreadyJudged', message: 'there is a verdict on this order already: apply it in the market' },
    6006: {
        name: 'NotInContent',
        message:
            "the listing's content root does not hold this chunk: take index, hashes and proof from the sealed content's index",
    },
    6007: { name: 'StaleClaim', message: 'the claim is about an earlier order at this address: open the chunk again' },
    6008: { name: 'OtherKey', message: "this is not the key that was delivered: its hash differs from the order's" },
    6009: {
        name: 'OtherCipher',
        message: "these bytes are not the chunk's ciphertext: their hash differs from the claim's",
    },
    6010: { name: 'ChunkIsRight', message: 'the chunk is what the seller promised: this proves no fault' },
    6011: {
        name: 'OtherRequest',
        message: "the request with this public key is not the order's: pass the one that the order was opened with",
    },
    6012: {
        name: 'OtherSealedKey',
        message: 'this is not the sealed key that was delivered: pass the one of the delivery',
    },
    6013: {
        name: 'WrongSecret',
        message: "the secret does not make the request's public key: use the secret of this order",
    },
    6014: {
        name: 'WrongPoint',
        message: "the point does not belong to the sealed key's ephemeral key: let the client compute it",
    },
    6015: {
        name: 'WrongShared',
        message: 'the shared secret does not come out of secret and ephemeral key: let the client compute it',
    },
    6016: { name: 'KeyIsRight', message: 'the sealed key opens to the right content key: this proves no fault' },
    6017: {
        name: 'OtherTask',
        message:
            "this task is not the order's, or its numbers are out of bounds: pass the one that the order was opened with",
    },
    6018: {
        name: 'OtherGold',
        message: "these gold labels and salt do not have the task's hash: pass what the buyer committed to",
    },
    6019: {
        name: 'GoldUnfit',
        message: "the gold items cannot be judged by: they must be the task's, in rising order, as many as it says",
    },
    6020: { name: 'GoldTooLate', message: 'the time for showing the gold is over: the labeller will be paid in full' },
    6021: { name: 'AnswersTooLate', message: 'the time for showing answers is over: finish the count' },
    6022: {
        name: 'NotInAnswers',
        message: "the labeller's root does not hold these answers: take leaf and proof from the submitted answers",
    },
    6023: {
        name: 'NothingToCount',
        message: 'no gold item is among these answers that is not counted yet: open another leaf',
    },
    6024: {
        name: 'CountNotOver',
        message: 'gold items are still to be compared and the time for it is not over: open the answers, or wait',
    },
    6025: { name: 'VerdictFinal', message: 'the verdict is final: apply it in the market' },
    6026: {
        name: 'StaleVerdict',
        message: 'the verdict is about an earlier order at this address: it counts for nothing, close it',
    },
    6027: { name: 'OrderNotSettled', message: 'the order is not settled: its verdict is still needed' },
    6028: { name: 'NotAJob', message: 'the order is not judged by oracles: only training jobs are' },
    6029: {
        name: 'NotInResult',
        message:
            "the order's result root does not hold this: take the records and proofs from the job's log and checkpoints",
    },
    6030: {
        name: 'TooManyRanks',
        message: 'a job of more than 16 virtual ranks is not computed again on chain: leave the dispute to its judges',
    },
    6031: { name: 'OtherManifest', message: "this is not the order's manifest: pass the bytes that its hash is of" },
    6032: {
        name: 'ManifestNotKnown',
        message: 'the manifest is of a form that is not computed again on chain: leave the dispute to its judges',
    },
    6033: {
        name: 'LayoutTooLong',
        message: 'a layout of more than 8,192 bytes is not read on chain: leave the dispute to its judges',
    },
    6034: {
        name: 'NothingShown',
        message: 'something is not shown yet: open the segment, the step and each value first',
    },
    6035: {
        name: 'OtherChunk',
        message:
            'these bytes are not the chunk of the leaf that was opened, or too few: open the leaf, then show its chunk',
    },
    6036: { name: 'NoContradiction', message: 'what was shown does not contradict itself: this proves no fault' },
    6037: { name: 'StepIsRight', message: 'the step is right in this value: this proves no fault' },
    6038: { name: 'NotRentPayer', message: 'rent returns to the one who paid it: pass the rent payer of the account' },
    6039: { name: 'NotClaimant', message: 'only the claimant may close a claim: sign with its key' },
    6040: { name: 'Overflow', message: 'arithmetic overflow: the numbers given are too large' },
} as const satisfies Record<number, { name: string; message: string }>;
