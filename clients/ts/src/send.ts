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

/** It is not known that a transaction that was sent landed. */
export class SendError extends Error {
    override readonly name = 'SendError';

    constructor(
        /** What to look for on the chain. */
        readonly signature: Signature,
        text: string,
        cause?: unknown,
    ) {
        super(`${signature}: ${text}`, { cause });
    }
}

/**
 * Sends instructions as one transaction, signed by their signers and paid by `payer`, and waits until it is confirmed. It
 * needs no WebSocket.
 *
 * Throws `ProgramError` where a program of the platform refuses, `SendError` where the transaction did not land while its
 * blockhash was valid or the node stopped answering, and what @solana/kit throws for anything else.
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
    } catch (error) {
        throw toProgramError(error, instructions) ?? error;
    }
    const failure = await untilLanded(rpc, signature, lifetime.lastValidBlockHeight, commitment, pollMilliseconds);
    // without the logs of a transaction that landed, a refusal in a nested call would be laid to the caller
    if (failure) throw toProgramError(failure, instructions, await logsOf(rpc, signature)) ?? failure;
    return signature;
}

/** Waits until a transaction has the commitment, and gives what it failed with, if it failed. */
async function untilLanded(
    rpc: SendRpc,
    signature: Signature,
    lastValidBlockHeight: bigint,
    commitment: Commitment,
    pollMilliseconds: number,
): Promise<Error | undefined> {
    for (let expired = false; ; ) {
        try {
            const [status] = (await rpc.getSignatureStatuses([signature]).send()).value;
            if (status?.err) return getSolanaErrorFromTransactionError(status.err);
            const reached = status?.confirmationStatus;
            if (reached && commitmentComparator(reached, commitment) >= 0) return undefined;
            if (expired && !status) break;
            // it may have landed in the last block: look once more
            expired = (await rpc.getBlockHeight({ commitment }).send()) > lastValidBlockHeight;
        } catch (cause) {
            throw new SendError(
                signature,
                'sent, but the node stopped answering: look for it before you send again',
                cause,
            );
        }
        await new Promise((resolve) => setTimeout(resolve, pollMilliseconds));
    }
    throw new SendError(signature, 'did not land before its blockhash expired: send again');
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
