/** One order and one claim through the client, against the programs' bytecode on the project's embedded chain. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Address } from '@solana/kit';
import { ProgramError, market, rewards } from '../src/index.js';
import { Actions } from './support/actions.js';
import { Platform } from './support/platform.js';

const PRICE = 100_000_000n;
/** The month in which `aixblock up` begins; epoch 0 is the time before. */
const MONTH = 1;
/** The category `code` of `aixblock up`. */
const CODE = 2;

let platform: Platform;
let act: Actions;
before(async () => {
    platform = await Platform.start();
    act = new Actions(platform);
});
after(async () => platform?.stop());

/** Asserts that a program refuses, with this code and the message of its IDL. */
async function refused(action: Promise<unknown>, program: 'market' | 'rewards', code: number): Promise<void> {
    const errors = program === 'market' ? market.MARKET_ERRORS : rewards.REWARDS_ERRORS;
    const { name, message } =
        (errors as Record<number, { name: string; message: string }>)[code] ?? assert.fail(`no error ${code}`);
    await assert.rejects(action, (error: unknown) => {
        assert.ok(error instanceof ProgramError, String(error));
        assert.deepEqual([error.program, error.code, error.errorName], [program, code, name]);
        assert.equal(error.message, `${program}: ${name} (${code}): ${message}`);
        return true;
    });
}

let order: Address;

test('an order is listed, opened, accepted, submitted, audited and paid', async () => {
    const [buyer, provider, first, second, third] = await Promise.all(
        ['buyer', 'provider', 'oracle-1', 'oracle-2', 'oracle-3'].map((name) => platform.signer(name)),
    );
    assert.ok(buyer && provider && first && second && third);
    const { mint } = await act.rewardsConfig();
    const { treasury, feeBps } = await act.marketConfig();
    const balances = () =>
        Promise.all([buyer.address, provider.address, treasury].map((owner) => act.balance(owner, mint)));
    const earlier = await balances();

    const listing = await act.list(provider, 1n, PRICE, mint);
    const manifest = new Uint8Array(32).fill(3);
    await refused(act.open(buyer, 1n, listing, manifest, PRICE - 1n), 'market', market.MARKET_ERROR__PRICE_ABOVE_LIMIT);
    order = await act.open(buyer, 1n, listing, manifest, PRICE);
    const opened = await act.order(order);
    assert.deepEqual(
        [opened.buyer, opened.seller, opened.listing, opened.mint],
        [buyer.address, provider.address, listing, mint],
    );
    assert.deepEqual([opened.state, opened.amount], [market.ORDER_STATE_FUNDED, PRICE]);
    assert.deepEqual(opened.manifestHash, manifest);
    const [vault] = await market.findVaultPda({ order });
    assert.equal(
        (await platform.rpc.getTokenAccountBalance(vault, { commitment: 'confirmed' }).send()).value.amount,
        `${PRICE}`,
    );

    await refused(act.accept(buyer, order), 'market', market.MARKET_ERROR__NOT_SELLER);
    await act.accept(provider, order);
    const [root, log] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    await act.submit(provider, order, root, log);
    const submitted = await act.order(order);
    assert.deepEqual(
        [submitted.state, submitted.resultRoot, submitted.resultLog],
        [market.ORDER_STATE_SUBMITTED, root, log],
    );

    await act.arm(buyer, order);
    for (const oracle of [first, second, third]) await act.seal(oracle, order, market.VERDICT_ACCEPT);
    await act.vote(first, order, market.VERDICT_ACCEPT);
    await act.vote(second, order, market.VERDICT_ACCEPT);
    const audited = await act.order(order);
    assert.deepEqual([audited.state, audited.payable], [market.ORDER_STATE_AUDITED, PRICE]);

    await refused(act.release(buyer, order), 'market', market.MARKET_ERROR__DISPUTE_WINDOW_OPEN);
    await platform.travelTo(audited.disputeUntil);
    const events = await act.events(await act.release(buyer, order));
    const fee = (PRICE * BigInt(feeBps)) / 10_000n;
    const released = events.find(({ name }) => name === 'OrderSettled');
    assert.ok(released?.program === 'market' && released.name === 'OrderSettled');
    assert.deepEqual([released.data.order, released.data.released, released.data.fee], [order, PRICE - fee, fee]);
    assert.equal((await act.order(order)).state, market.ORDER_STATE_RELEASED);
    const changes = (await balances()).map((balance, place) => balance - (earlier[place] ?? 0n));
    assert.deepEqual(changes, [-PRICE, PRICE - fee, fee]);
});

test('a contributor registers, earns points beside the order, and claims its share of the month', async () => {
    const [admin, buyer, provider] = await Promise.all(
        ['admin', 'buyer', 'provider'].map((name) => platform.signer(name)),
    );
    assert.ok(admin && buyer && provider);
    const wallet = await act.newWallet();
    await act.register(wallet);
    await act.award(admin, wallet.address, 'https://example.org/pull/1', CODE, 10n, MONTH);
    const awarded = await act.events(await act.awardOrder(buyer, order, MONTH));
    assert.deepEqual(awarded.map(({ program, name }) => `${program}.${name}`).sort(), [
        'market.OrderAwarded',
        'rewards.AwardIssued',
    ]);
    const { points } = await act.points(MONTH, wallet.address);
    const total = points + (await act.points(MONTH, provider.address)).points;
    assert.ok(points > 0n && total > points);

    await refused(act.claim(buyer, wallet.address, MONTH), 'rewards', rewards.REWARDS_ERROR__EPOCH_NOT_FINAL);
    await refused(act.closeEpoch(buyer, MONTH), 'rewards', rewards.REWARDS_ERROR__EPOCH_NOT_ENDED);
    await platform.travelTo((await act.epoch(MONTH)).end);
    await act.closeEpoch(buyer, MONTH);
    const review = await act.epoch(MONTH);
    assert.deepEqual([review.state, review.totalPoints], [rewards.EPOCH_STATE_REVIEW, total]);
    await platform.travelTo(review.reviewEnds);
    await act.finalizeEpoch(buyer, MONTH);
    const final = await act.epoch(MONTH);
    assert.equal(final.state, rewards.EPOCH_STATE_FINAL);
    assert.equal(final.distributed, total < final.threshold ? final.pool / 2n : final.pool);

    const { mint } = await act.rewardsConfig();
    const share = (final.distributed * points) / total;
    const events = await act.events(await act.claim(buyer, wallet.address, MONTH));
    assert.equal(await act.balance(wallet.address, mint), share);
    const claimed = events.find(({ name }) => name === 'RewardClaimed');
    assert.ok(claimed?.name === 'RewardClaimed');
    assert.deepEqual([claimed.data.wallet, claimed.data.points, claimed.data.amount], [wallet.address, points, share]);
    assert.equal((await act.points(MONTH, wallet.address)).paid, share);
    await refused(act.claim(buyer, wallet.address, MONTH), 'rewards', rewards.REWARDS_ERROR__ALREADY_CLAIMED);
});
