/** Sending, with a node that answers what each test needs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateKeyPairSigner } from '@solana/kit';
import { ProgramError, SendError, type SendRpc, market, rewards, send } from '../../src/index.js';

const instruction = { programAddress: market.MARKET_PROGRAM_ADDRESS };

/** Sends one instruction to a node that accepts it, and says this of its status and height. */
async function sendTo(answers: { status: () => unknown; height?: bigint; logs?: string[] }) {
    const answer = (value: () => unknown) => () => ({ send: async () => value() });
    const rpc = {
        getLatestBlockhash: answer(() => ({
            value: { blockhash: '11111111111111111111111111111111', lastValidBlockHeight: 10n },
        })),
        sendTransaction: answer(() => ''),
        getSignatureStatuses: answer(() => ({ value: [answers.status()] })),
        getBlockHeight: answer(() => answers.height ?? 1n),
        getTransaction: answer(() => ({ meta: { logMessages: answers.logs ?? [] } })),
    };
    return send(rpc as unknown as SendRpc, await generateKeyPairSigner(), [instruction], { pollMilliseconds: 1 });
}

test('a transaction that is confirmed is done, one that is only processed is not yet', async () => {
    const statuses = [
        null,
        { err: null, confirmationStatus: 'processed' },
        { err: null, confirmationStatus: 'confirmed' },
    ];
    assert.match(await sendTo({ status: () => statuses.shift() }), /^\w{80,90}$/);
    assert.equal(statuses.length, 0);
});

test('a transaction that lands and fails is the refusal of the innermost program', async () => {
    const code = rewards.REWARDS_ERROR__EPOCH_NOT_OPEN;
    const logs = [`Program ${rewards.REWARDS_PROGRAM_ADDRESS} failed: custom program error: ${code}`];
    const status = () => ({ err: { InstructionError: [0, { Custom: code }] }, confirmationStatus: 'confirmed' });
    await assert.rejects(sendTo({ status, logs }), (error: unknown) => {
        assert.ok(error instanceof ProgramError);
        assert.deepEqual([error.program, error.errorName], ['rewards', 'EpochNotOpen']);
        return true;
    });
});

test('a transaction that never lands, or a node that stops answering, is a SendError with the signature', async () => {
    const isSendError = (text: RegExp) => (error: unknown) =>
        error instanceof SendError && error.message.startsWith(error.signature) && text.test(error.message);
    await assert.rejects(sendTo({ status: () => null, height: 11n }), isSendError(/blockhash expired/));
    const fails = () => {
        throw new Error('connection refused');
    };
    await assert.rejects(sendTo({ status: fails }), isSendError(/stopped answering/));
});
