import {
    type Base64EncodedWireTransaction,
    type Commitment,
    type GetBlockHeightApi,
    type GetLatestBlockhashApi,
    type GetSignatureStatusesApi,
    type GetTransactionApi,
    type Instruction,
    type Rpc,
    type SendTransactionApi,
    type Signature,
    type TransactionSigner,
    appendTransactionMessageInstructions,
    commitmentComparator,
    createTransactionMessage,
    getBase64EncodedWireTransaction,
    getSignatureFromTransaction,
    getSolanaErrorFromTransactionError,
    pipe,
    setTransactionMessageFeePayerSigner,
    setTransactionMessageLifetimeUsingBlockhash,
    signTransactionMessageWithSigners,
} from '@solana/kit';
import { toProgramError } from './errors.js';

/** What {@link send} asks of a node: any `createSolanaRpc(url)` can. */
export type SendRpc = Rpc<
    GetBlockHeightApi & GetLatestBlockhashApi & GetSignatureStatusesApi & GetTransactionApi & SendTransactionApi
>;

/** How {@link send} sends. */
export type SendOptions = {
    /** How sure to be before it returns; `confirmed` by default. */
    commitment?: Commitment;
    /** Milliseconds between two looks at the chain; 200 by default. */
    pollMilliseconds?: number;
};

/** A transaction that was sent and did not land in time. */
export class SendError extends Error {
    override readonly name = 'SendError';

    constructor(
        /** What to look for on the chain. */
        readonly signature: Signature,
        text: string,
    ) {
        super(text);
    }
}

/**
 * Sends instructions as one transaction, signed by their signers and paid by `payer`, and waits until it is confirmed. It
 * needs no WebSocket.
 *
 * Throws `ProgramError` where a program of the platform refuses, `SendError` where the transaction did not land while its
 * blockhash was valid, and what @solana/kit throws for anything else.
 */
export async function send(
    rpc: SendRpc,
    payer: TransactionSigner,
    instructions: readonly Instruction[],
    { commitment = 'confirmed', pollMilliseconds = 200 }: SendOptions = {},
): Promise<Signature> {
    const { value: lifetime } = await rpc.getLatestBlockhash({ commitment }).send();
    const message = pipe(
        createTransactionMessage({ version: 0 }),
        (empty) => setTransactionMessageFeePayerSigner(payer, empty),
        (paid) => setTransactionMessageLifetimeUsingBlockhash(lifetime, paid),
        (timed) => appendTransactionMessageInstructions(instructions, timed),
    );
    const transaction = await signTransactionMessageWithSigners(message);
    const signature = getSignatureFromTransaction(transaction);
    const wire: Base64EncodedWireTransaction = getBase64EncodedWireTransaction(transaction);
    try {
        await rpc.sendTransaction(wire, { encoding: 'base64', preflightCommitment: commitment }).send();
        while (!(await landed(rpc, signature, commitment))) {
            const height = await rpc.getBlockHeight({ commitment }).send();
            // it may have landed in the last block: look once more
            if (height > lifetime.lastValidBlockHeight && !(await landed(rpc, signature, commitment))) {
                throw new SendError(signature, `${signature} did not land before its blockhash expired: send again`);
            }
            await new Promise((resolve) => setTimeout(resolve, pollMilliseconds));
        }
    } catch (error) {
        const refusal = toProgramError(error, instructions);
        // without the logs of a transaction that landed, a refusal in a nested call would be laid to the caller
        const logs = refusal && error instanceof LandedAndFailed ? await logsOf(rpc, signature) : undefined;
        throw (
            (logs ? toProgramError(error, instructions, logs) : refusal) ??
            (error instanceof LandedAndFailed ? error.cause : error)
        );
    }
    return signature;
}

/** What `landed` throws; its cause is what the chain says. */
class LandedAndFailed extends Error {}

/** Whether a transaction has the commitment; throws if it failed. */
async function landed(rpc: SendRpc, signature: Signature, commitment: Commitment): Promise<boolean> {
    const {
        value: [status],
    } = await rpc.getSignatureStatuses([signature]).send();
    if (status?.err)
        throw new LandedAndFailed('the transaction failed', { cause: getSolanaErrorFromTransactionError(status.err) });
    return status?.confirmationStatus != null && commitmentComparator(status.confirmationStatus, commitment) >= 0;
}

/** What a transaction logged; nothing where the node does not know. */
async function logsOf(rpc: SendRpc, signature: Signature): Promise<readonly string[] | undefined> {
    const config = { encoding: 'json', commitment: 'confirmed', maxSupportedTransactionVersion: 0 } as const;
    const transaction = await rpc
        .getTransaction(signature, config)
        .send()
        .catch(() => null);
    return transaction?.meta?.logMessages ?? undefined;
}
