//! The desk holds, and a desk without a safeguard is caught.

use gongdao_desk::RequestKind;
use gongdao_models::{Desk, Twin};
use stateright::{Checker, Model};

fn walked(desk: Desk) -> impl Checker<Desk> {
    desk.checker().threads(2).spawn_bfs().join()
}

#[test]
fn no_order_of_events_breaks_the_desk() {
    for kind in RequestKind::ALL {
        let grounds: &[Option<&'static str>] =
            if kind == RequestKind::Contest { &[Some("weather"), Some("unfair")] } else { &[None] };
        for ground in grounds {
            let checker = walked(Desk::new(kind, *ground, Twin::None));
            println!("{} {ground:?}: {} states", kind.as_str(), checker.unique_state_count());
            checker.assert_properties();
            assert!(checker.unique_state_count() > 50, "{kind:?}: the walk went nowhere");
        }
    }
}

#[test]
fn each_missing_safeguard_is_found() {
    for (twin, kind, ground, broken) in [
        (Twin::OneRefuses, RequestKind::Delete, None, "a deletion is refused by two"),
        (Twin::OwnReview, RequestKind::Explain, None, "nobody reviews what they decided"),
        (Twin::RevokedCounts, RequestKind::Complain, None, "nobody acts without a mandate that counts"),
        (
            Twin::PenaltyRunsInReview,
            RequestKind::Contest,
            Some("weather"),
            "a penalty waits while a listed contest is open",
        ),
        (Twin::NoStepUp, RequestKind::Copy, None, "nothing is handed out or deleted before it is known who asks"),
    ] {
        let checker = walked(Desk::new(kind, ground, twin));
        let path = checker.discovery(broken).unwrap_or_else(|| panic!("{twin:?} was not caught"));
        println!("{twin:?}: {} steps to {broken}", path.into_actions().len());
        let whole = walked(Desk::new(kind, ground, Twin::None));
        assert!(whole.discovery(broken).is_none(), "{twin:?}: the desk itself breaks `{broken}`");
    }
}
