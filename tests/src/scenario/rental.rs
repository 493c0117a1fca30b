use super::Journey;
use crate::{instruction::rental as rental_ix, rental_world::Rentals};

/// A rental from its opening to its end, and one that is cancelled.
pub(super) fn travel(journey: &mut dyn Journey) {
    let mut r = Rentals::new();
    let (renter, provider) = (r.renter, r.provider);
    let mut run = |r: &mut Rentals, name: &str, i| journey.send(&mut r.world, "rental", name, i);
    let [open, other] = [90, 91].map(|id| rental_ix::open_rental(r.open_ix(id)));
    let [rental, cancelled] = [90, 91].map(|id| crate::address::rental::rental(&renter, id));
    let [payment, of_cancelled] = [rental, cancelled].map(|rental| r.payment(rental));
    run(&mut r, "open_rental", open);
    r.world.send(other).unwrap();
    run(&mut r, "cancel_rental", rental_ix::cancel_rental(renter, of_cancelled));
    run(&mut r, "start_rental", rental_ix::start_rental(provider, rental));
    r.world.pass(1_000);
    run(&mut r, "extend_rental", rental_ix::extend_rental(renter, payment, 1));
    run(&mut r, "withdraw", rental_ix::withdraw(payment));
    r.world.pass(1_000);
    run(&mut r, "stop_rental", rental_ix::stop_rental(renter, payment));
    run(&mut r, "close_rental", rental_ix::close_rental(rental, renter));
}
