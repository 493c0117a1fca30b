//! Every account, replaced by one that a dishonest caller would like to pass.
use anchor_lang::{Address, ErrorCode, prelude::ProgramError};
use e2e_tests::{
    BUYER_SECRET, Forge, Labelled, Outcome, Proofs, SALT, Sold, address,
    address::proofs as at,
    compare, forged_event,
    instruction::proofs::{self as ix, ProveChunk},
    no, passed, refused,
};
use proofs::{ProofsError, events};
use protocol::licence_keys;
use solana_instruction::Instruction;

fn seeds() -> Outcome {
    no(ErrorCode::ConstraintSeeds)
}

/// The rows that hold for every instruction that reads an order.
fn order_rows(
    p: &mut Proofs,
    instruction: &Instruction,
    order: Address,
    other: Address,
) -> Vec<(String, Instruction, Outcome)> {
    let data = p.world.svm.get_account(&order).unwrap().data;
    let (copy, foreign, short, empty) = (p.world.wallet(), p.world.wallet(), p.world.wallet(), Address::new_unique());
    p.world.put(copy, market::ID, data.clone());
    p.world.put(foreign, p.stranger, data.clone());
    p.world.put(short, market::ID, data[..data.len() - 1].to_vec());
    let listing = p.world.wallet();
    p.world.put(listing, market::ID, vec![1; data.len()]);
    let rows = [
        ("a copy elsewhere", copy, seeds()),
        ("another program's", foreign, no(ProgramError::IllegalOwner)),
        ("another account of the market", listing, no(ProgramError::InvalidAccountData)),
        ("an order cut short", short, no(ProgramError::AccountDataTooSmall)),
        ("nothing", empty, no(ProgramError::UninitializedAccount)),
        ("another order", other, seeds()),
    ];
    let name = String::from_utf8_lossy(&instruction.data[..8]).into_owned();
    rows.into_iter()
        .map(|(what, with, expected)| (format!("{name:?}: {what}"), instruction.clone().swap(&order, &with), expected))
        .collect()
}

#[test]
fn a_licence_is_judged_by_its_own_accounts() {
    let mut p = Proofs::new();
    let sold = Sold::full(3, Some(1));
    let (order, other, buyer, stranger) = (p.licence(&sold), p.licence(&sold), p.buyer, p.stranger);
    passed(p.world.send(ix::open_chunk(buyer, order, &sold.chunk(1))));
    passed(p.world.send(ix::open_chunk(buyer, other, &sold.chunk(1))));
    passed(p.world.send(ix::open_chunk(stranger, order, &sold.chunk(0))));
    let cipher = sold.cipher[1].clone();
    let prove =
        ix::prove_chunk(ProveChunk { payer: buyer, order, claimant: buyer, key: sold.key, cipher: cipher.clone() });
    passed(p.world.send(ix::prove_chunk(ProveChunk {
        payer: buyer,
        order: other,
        claimant: buyer,
        key: sold.key,
        cipher,
    })));
    let open = ix::open_chunk(buyer, order, &sold.chunk(1));
    // another key than the promised one, which is proven but for the accounts
    let sealed = licence_keys::seal(&[1; 32], &licence_keys::public_key(&BUYER_SECRET), &[2; 32]).unwrap();
    let wrong = Sold { sealed, ..sold.clone() };
    let (keyed, keyed_other) = (p.licence(&wrong), p.licence(&wrong));
    let key = ix::prove_key(buyer, keyed, &licence_keys::evidence(&BUYER_SECRET, &sealed), sealed);

    let mut rows = Vec::new();
    for instruction in [&open, &prove] {
        rows.extend(order_rows(&mut p, instruction, order, other));
    }
    rows.extend(order_rows(&mut p, &key, keyed, keyed_other));
    let (claim, verdict) = (at::claim(&order, &buyer), at::verdict(&order));
    let claim_copy = p.world.wallet();
    let data = p.world.svm.get_account(&claim).unwrap().data;
    p.world.put(claim_copy, proofs::ID, data);
    rows.extend([
        ("claim: a stranger's place".into(), open.clone().swap(&claim, &at::claim(&order, &stranger)), seeds()),
        ("claim: unsigned".into(), open.clone().unsigned(&buyer), no(ErrorCode::ConstraintSigner)),
        ("claim: read-only".into(), open.clone().read_only(&claim), no(ErrorCode::ConstraintMut)),
        ("prove: a copy of the claim".into(), prove.clone().swap(&claim, &claim_copy), seeds()),
        ("prove: a claim about another order".into(), prove.clone().swap(&claim, &at::claim(&other, &buyer)), seeds()),
        (
            "prove: a claim about another chunk".into(),
            prove.clone().swap(&claim, &at::claim(&order, &stranger)),
            no(ProofsError::OtherCipher),
        ),
        (
            "prove: a verdict for a claim".into(),
            prove.clone().swap(&claim, &at::verdict(&other)),
            no(ProgramError::InvalidAccountData),
        ),
        ("prove: another order's verdict".into(), prove.clone().swap(&verdict, &at::verdict(&other)), seeds()),
        ("prove: any address as verdict".into(), prove.clone().swap(&verdict, &Address::new_unique()), seeds()),
        ("prove: unsigned".into(), prove.clone().unsigned(&buyer), no(ErrorCode::ConstraintSigner)),
        ("prove: verdict read-only".into(), prove.clone().read_only(&verdict), no(ErrorCode::ConstraintMut)),
        (
            "key: another order's verdict".into(),
            key.clone().swap(&at::verdict(&keyed), &at::verdict(&keyed_other)),
            seeds(),
        ),
        ("key: event authority".into(), key.clone().swap(&at::event_authority(), &stranger), seeds()),
        (
            "prove: system program".into(),
            prove.clone().swap(&address::SYSTEM_PROGRAM, &rewards::ID),
            no(ProgramError::IncorrectProgramId),
        ),
    ]);
    compare(&p.world, rows);
    passed(p.world.send(prove));
    passed(p.world.send(key));
}

#[test]
fn labels_are_judged_by_their_orders_own_accounts() {
    let mut p = Proofs::new();
    let job = Labelled::usual(10);
    let (order, other, buyer) = (p.labelled(&job), p.labelled(&job), p.buyer);
    let open = |order| ix::open_gold(buyer, order, &job.task, SALT, &job.gold);
    let rows = order_rows(&mut p, &open(order), order, other);
    compare(&p.world, rows);
    compare(
        &p.world,
        vec![
            ("another order's verdict".into(), open(order).swap(&at::verdict(&order), &at::verdict(&other)), seeds()),
            ("unsigned".into(), open(order).unsigned(&buyer), no(ErrorCode::ConstraintSigner)),
        ],
    );
    passed(p.world.send(open(order)));
    passed(p.world.send(open(other)));
    let (answers, siblings) = job.leaf(0);
    let (verdict, verdict_copy) = (at::verdict(&order), p.world.wallet());
    let data = p.world.svm.get_account(&verdict).unwrap().data;
    p.world.put(verdict_copy, proofs::ID, data);
    let count = ix::open_answers(order, &answers, 0, &siblings);
    for instruction in [count.clone(), ix::finish_gold(order)] {
        let mut rows = order_rows(&mut p, &instruction, order, other);
        rows.extend([
            ("another order's verdict".into(), instruction.clone().swap(&verdict, &at::verdict(&other)), seeds()),
            ("a copy of the verdict".into(), instruction.clone().swap(&verdict, &verdict_copy), seeds()),
            ("verdict read-only".into(), instruction.clone().read_only(&verdict), no(ErrorCode::ConstraintMut)),
            (
                "no verdict".into(),
                instruction.clone().swap(&verdict, &Address::new_unique()),
                no(ProgramError::UninitializedAccount),
            ),
        ]);
        compare(&p.world, rows);
    }
    compare(
        &p.world,
        vec![
            ("close: another order".into(), ix::close_verdict(order, buyer).swap(&order, &other), seeds()),
            ("close: a copy".into(), ix::close_verdict(order, buyer).swap(&verdict, &verdict_copy), seeds()),
            (
                "close: rent into the verdict".into(),
                ix::close_verdict(order, buyer).swap(&buyer, &verdict),
                no(ErrorCode::ConstraintDuplicateMutableAccount),
            ),
        ],
    );
    passed(p.world.send(count));
}

#[test]
fn an_event_from_outside_is_refused() {
    use anchor_lang::Event;
    let mut p = Proofs::new();
    let lie = events::VerdictClosed { verdict: p.stranger, seq: 1 };
    refused(p.world.send(forged_event(proofs::ID, &lie.data(), None)), ErrorCode::ConstraintSigner);
    refused(p.world.send(forged_event(proofs::ID, &lie.data(), Some(p.stranger))), ErrorCode::ConstraintSeeds);
}
