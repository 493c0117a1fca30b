use super::{A, B, C, Instruction, Pubkey};
use crate::instruction::rental;

/// Name, instruction and signers of every instruction of rental.
pub(super) fn instructions() -> Vec<(&'static str, Instruction, Vec<Pubkey>)> {
    let token_program = crate::address::TOKEN_PROGRAM;
    let terms = rental::RentalTerms { hours: 1, expected_version: 1, expected_metadata: [0; 32], max_total: 1 };
    let open = rental::OpenRental { renter: A, id: 1, listing: B, mint: C, token_program, funding: B, terms };
    let payment = rental::Payment {
        rental: C,
        mint: C,
        token_program,
        rent_payer: B,
        provider_tokens: B,
        renter_tokens: C,
        treasury_tokens: B,
    };
    vec![
        ("open_rental", rental::open_rental(open), vec![A]),
        ("start_rental", rental::start_rental(B, C), vec![B]),
        ("extend_rental", rental::extend_rental(A, payment, 1), vec![A]),
        ("cancel_rental", rental::cancel_rental(A, payment), vec![A]),
        ("withdraw", rental::withdraw(payment), vec![]),
        ("stop_rental", rental::stop_rental(A, payment), vec![A]),
        ("close_rental", rental::close_rental(C, A), vec![A]),
    ]
}
