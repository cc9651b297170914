//! Figures that the city is set to. Their sources and grades are in the project's notes on city facts: one Chinese city in
//! October 2022 (published figures of Meituan and reckonings on its research data), riders' hours from press reports.

/// Dispatches by hour of the day, in ten-thousandths; 11:00 17.3 %, 12:00 11.0 %, 17:00 to 19:00 29 %, night under 0.4 % an hour.
pub(crate) const HOUR_SHARES: [i64; 24] = [
    120, 70, 38, 30, 25, 30, 39, 160, 260, 320, 500, 1730, 1100, 470, 360, 300, 400, 890, 1170, 840, 460, 340, 210, 138,
];

/// Straight line from shop to customer in metres, by fiftieths: log-normal, median 1.31 km, cut at 5.09 km, mean 1.53 km.
pub(crate) const STRAIGHT_METRES: [i64; 51] = [
    224, 332, 406, 463, 511, 555, 595, 634, 671, 707, 742, 777, 811, 846, 880, 915, 950, 985, 1020, 1056, 1093, 1131,
    1169, 1208, 1249, 1290, 1333, 1377, 1423, 1471, 1521, 1573, 1628, 1686, 1746, 1811, 1880, 1953, 2032, 2118, 2212,
    2315, 2430, 2560, 2709, 2883, 3091, 3352, 3696, 4196, 5090,
];

/// Exponential distribution of mean 1,000, by fiftieths, cut at 5.8 times the mean.
pub(crate) const EXPONENTIAL: [i64; 51] = [
    0, 20, 41, 62, 83, 105, 128, 151, 174, 198, 223, 248, 274, 301, 329, 357, 386, 416, 446, 478, 511, 545, 580, 616,
    654, 693, 734, 777, 821, 868, 916, 968, 1022, 1079, 1139, 1204, 1273, 1347, 1427, 1514, 1609, 1715, 1833, 1966,
    2120, 2303, 2526, 2813, 3219, 3912, 5809,
];

/// Road distance over straight line, per cent (unverified in the source: 130 to 140).
pub(crate) const ROAD_PERCENT: i64 = 135;
/// Promise: base minutes and minutes a kilometre (straight line), set for 25 to 30 minutes at 1 km.
pub(crate) const PROMISE_BASE_MINUTES: i64 = 25;
/// See [`PROMISE_BASE_MINUTES`].
pub(crate) const PROMISE_MINUTES_PER_KM: i64 = 5;
/// Wait from order to dispatch, mean, milliseconds (4.1 minutes).
pub(crate) const WAIT_MEAN_MILLIS: i64 = 246_000;
/// Mean earliness of an order in time, and mean delay of a late one; both give 31 minutes from order to door.
pub(crate) const EARLY_MEAN_MILLIS: i64 = 240_000;
/// See [`EARLY_MEAN_MILLIS`].
pub(crate) const LATE_MEAN_MILLIS: i64 = 480_000;
/// No order is at the door sooner.
pub(crate) const LEAST_MINUTES: i64 = 9;
/// Couriers refuse this share of dispatches (assumption), in millionths; the order then gets a new waybill.
pub(crate) const REFUSAL_MILLIONTHS: i64 = 60_000;
/// Orders an hour on a shift (assumption: 30 to 50 a day of an experienced full-time rider).
pub(crate) const ORDERS_PER_COURIER_DAY: i64 = 22;

/// Chance of a late order in millionths, by straight-line distance and hour.
pub(crate) fn late_millionths(metres: i64, hour: i64) -> i64 {
    let by_distance = match metres {
        ..=750 => 71_000,
        751..=1220 => 116_000,
        1221..=1700 => 156_000,
        1701..=2300 => 182_000,
        _ => 199_000,
    };
    let hour_percent = match hour {
        11 => 123,
        17 => 126,
        18 => 125,
        12 => 102,
        _ => 83,
    };
    by_distance * hour_percent / 100
}
