//! No order of events brings a version into force too early, and a register without a safeguard is caught.

use gongdao_models::activation::{Activation, Lapse};
use stateright::{Checker, Model};

fn walked(model: Activation) -> impl Checker<Activation> {
    model.checker().threads(2).spawn_bfs().join()
}

#[test]
fn no_order_of_events_brings_a_version_into_force_too_early() {
    for labour in [true, false] {
        let checker = walked(Activation::new(Lapse::None, labour));
        println!("labour {labour}: {} states", checker.unique_state_count());
        checker.assert_properties();
        assert!(checker.unique_state_count() > 100, "the walk went nowhere");
    }
}

#[test]
fn each_missing_safeguard_is_found() {
    for (lapse, broken) in [
        (Lapse::GateIsEarly, "nothing decides before its notice is over"),
        (Lapse::ShortNotice, "nothing decides before its notice is over"),
        (Lapse::NobodyHeard, "nothing decides before those it touches were heard"),
        (Lapse::TextMoves, "what decides is what was asked about"),
        (Lapse::GateIsLate, "nothing decides after its end"),
    ] {
        let checker = walked(Activation::new(lapse, true));
        let path = checker.discovery(broken).unwrap_or_else(|| panic!("{lapse:?} was not caught"));
        println!("{lapse:?}: {} steps to `{broken}`", path.into_actions().len());
    }
}
