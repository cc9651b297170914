//! Periods in hours: from the moment itself, through nights and holidays (Civil Code art. 201, second paragraph).

use crate::change::{Stretch, extensions, stretches};
use crate::count::{Count, HOUR_MILLIS};
use crate::{Change, ClockError, DueDate, End};
use gongdao_model::{Instant, ModelError};
use gongdao_pack::{Period, PeriodUnit};

/// What happens to the end, by the time at which it happens.
enum Happening {
    Stretch(Stretch),
    Extension(Period),
}

pub(crate) fn due(period: Period, start: Instant, changes: &[Change]) -> Result<Count, ClockError> {
    let mut end = start.millis() + length(period);
    for (at, happening) in happenings(changes, start) {
        // What comes after the end revives nothing.
        if at.millis() > end {
            break;
        }
        match happening {
            Happening::Stretch(Stretch { until: None, from }) => return Ok(Count::StandsStill { since: from }),
            Happening::Stretch(Stretch { until: Some(until), from }) => {
                end += (until.millis() - from.max(start).millis()).max(0);
            }
            Happening::Extension(by) => end = extended(end, period, by)?,
        }
    }
    let outside = |error: ModelError| ClockError::outside(error.message, "it knows the years up to 2099");
    let end = End::Moment(Instant::from_millis(end).map_err(outside)?);
    Ok(Count::Ends(DueDate { end, is_provisional: false, earliest: end }))
}

fn happenings(changes: &[Change], start: Instant) -> Vec<(Instant, Happening)> {
    let stretches = stretches(changes).into_iter().map(|stretch| (stretch.from, Happening::Stretch(stretch)));
    let extensions = extensions(changes, start).into_iter().map(|(at, by)| (at, Happening::Extension(by)));
    let mut all: Vec<_> = stretches.chain(extensions).collect();
    all.sort_by_key(|(at, _)| *at);
    all
}

fn length(period: Period) -> i64 {
    i64::from(period.count()) * HOUR_MILLIS
}

fn extended(end: i64, period: Period, by: Period) -> Result<i64, ClockError> {
    if by.unit() == PeriodUnit::Hours {
        return Ok(end + length(by));
    }
    Err(ClockError::new(format!("`{period}` cannot be extended by `{by}`"), "extend a period of hours by hours"))
}
