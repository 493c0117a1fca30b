//! Where the framework's IDL would mislead a client.

use anchor_lang_idl_spec::{
    Idl, IdlInstruction, IdlInstructionAccount, IdlInstructionAccountItem, IdlRepr, IdlReprModifier, IdlSeed,
    IdlSerialization, IdlTypeDef,
};

/// Corrects `idl`.
///
/// # Panics
/// When a seed names neither an argument nor an account of its instruction.
pub(crate) fn apply(idl: &mut Idl) {
    for instruction in &mut idl.instructions {
        accounts(instruction);
    }
    for kind in &mut idl.types {
        layout(kind);
    }
}

fn accounts(instruction: &mut IdlInstruction) {
    let arguments: Vec<String> = instruction.args.iter().map(|argument| argument.name.clone()).collect();
    let mut accounts: Vec<&mut IdlInstructionAccount> = instruction.accounts.iter_mut().map(single).collect();
    let names: Vec<String> = accounts.iter().map(|account| account.name.clone()).collect();
    for account in &mut accounts {
        // an address that is read from another account's data is written as the path to it: clients expect an address here
        account.address.take_if(|address| address.contains('.'));
        for seed in account.pda.iter_mut().flat_map(|pda| &mut pda.seeds) {
            let known = match seed {
                IdlSeed::Const(_) => true,
                IdlSeed::Account(seed) => names.contains(&seed.path),
                IdlSeed::Arg(seed) => arguments.contains(&seed.path),
            };
            assert!(known, "{}: {} has an unknown seed: {seed:?}", instruction.name, account.name);
        }
    }
}

fn single(item: &mut IdlInstructionAccountItem) -> &mut IdlInstructionAccount {
    match item {
        IdlInstructionAccountItem::Single(account) => account,
        IdlInstructionAccountItem::Composite(group) => panic!("{}: a group of accounts: teach this file", group.name),
    }
}

/// Integers in accounts (`PodU64`) have no alignment, but are written as plain ones (`u64`), between which a client would
/// leave padding: such a type is packed.
fn layout(kind: &mut IdlTypeDef) {
    if kind.serialization == IdlSerialization::Bytemuck {
        kind.repr = Some(IdlRepr::C(IdlReprModifier { packed: true, align: None }));
    }
}
