use crate::courier::MINUTE;
use crate::market::Order;
use crate::settings::SimError;
use crate::write::{Table, moment};
use std::path::Path;

/// One waybill: an order given to one courier. A refused order has several.
#[derive(Debug)]
pub(crate) struct Waybill<'a> {
    /// The order.
    pub(crate) order: &'a Order,
    /// The order's number.
    pub(crate) number: i64,
    /// To whom.
    pub(crate) courier: &'a str,
    /// When it was given.
    pub(crate) at: i64,
    /// Whether the courier took it.
    pub(crate) accepted: bool,
}

/// The operational table behind the decisions. It has the traps of real ones: the times of a refused waybill are `0`, not
/// empty; the estimated meal time may lie after the real pick-up; one order may have several waybills.
#[derive(Debug)]
pub(crate) struct WaybillLog {
    table: Table,
    written: i64,
}

impl WaybillLog {
    /// A new log in `folder`.
    pub(crate) fn create(folder: &Path) -> Result<Self, SimError> {
        let header = [
            "waybill_id",
            "order_id",
            "courier",
            "placed_at",
            "dispatched_at",
            "refused",
            "grab_time",
            "meal_estimate",
            "fetch_time",
            "arrive_time",
            "promised_minutes",
            "straight_metres",
        ];
        Ok(Self { table: Table::create(folder.join("waybills.csv"), header)?, written: 0 })
    }

    /// One row; `grab_time`, `fetch_time`, `arrive_time` and `meal_estimate` in seconds since 1970.
    pub(crate) fn row(&mut self, waybill: &Waybill<'_>) -> Result<(), SimError> {
        self.written += 1;
        let order = waybill.order;
        let fetched = (waybill.at + (order.delivered - waybill.at) / 2) / 1_000;
        let taken = |seconds: i64| if waybill.accepted { seconds.to_string() } else { "0".to_owned() };
        // Every third estimate is three minutes late: a reader must not take it for the pick-up.
        let estimate = fetched + if self.written % 3 == 0 { 180 } else { -60 };
        let cells = [
            format!("W{:09}", self.written),
            format!("O{:09}", waybill.number),
            waybill.courier.to_owned(),
            moment(order.placed),
            moment(waybill.at),
            (!waybill.accepted).to_string(),
            taken((waybill.at + MINUTE / 4) / 1_000),
            estimate.to_string(),
            taken(fetched),
            taken(order.delivered / 1_000),
            order.promised_minutes.to_string(),
            order.straight_metres.to_string(),
        ];
        self.table.row(cells.iter().map(String::as_str))
    }

    /// Everything to the disk.
    pub(crate) fn finish(self) -> Result<(), SimError> {
        self.table.finish()
    }
}
