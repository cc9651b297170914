//! Pages for people: what a courier, an officer, a reviewer or a representative does here, without scripts. They call the same use
//! cases as the API and show nothing that it would not; they are not in the OpenAPI document, which is for programs.

mod access;
mod accounts;
mod approvals;
mod audits;
mod bars;
mod case;
mod consult;
mod decision;
mod desk;
mod desk_acts;
mod duties;
mod file;
mod home;
mod hours;
mod indicators;
mod law;
mod mandates;
mod me;
mod members;
mod operate;
mod orders;
mod oversight;
mod patterns;
mod photos;
mod receipt_says;
mod record;
mod record_of;
mod refusal;
mod register;
mod replay;
mod requests;
mod rule_tests;
mod sandboxes;
pub(crate) mod shares;
mod taken_apart;
mod verify;
mod webhooks;

pub(crate) use refusal::{Refused, refusal};

use crate::Shared;
use axum::Router;
use gongdao_service::Caller;

/// Things on one page of a list.
const MOST: u32 = 50;

/// `most_bytes`: of one upload for an audit.
pub(crate) fn routes(most_bytes: u64) -> Router<Shared> {
    Router::new()
        .merge(home::routes())
        .merge(access::routes())
        .merge(me::routes())
        .merge(decision::routes())
        .merge(requests::routes())
        .merge(file::routes())
        .merge(record::routes())
        .merge(mandates::routes())
        .merge(desk::routes())
        .merge(desk_acts::routes())
        .merge(members::routes())
        .merge(law::routes())
        .merge(register::routes())
        .merge(record_of::routes())
        .merge(consult::routes())
        .merge(sandboxes::routes())
        .merge(verify::routes())
        .merge(indicators::routes())
        .merge(patterns::routes())
        .merge(photos::routes())
        .merge(replay::routes())
        .merge(operate::routes())
        .merge(rule_tests::routes())
        .merge(webhooks::routes())
        .merge(approvals::routes())
        .merge(accounts::routes())
        .merge(duties::routes())
        .merge(oversight::routes())
        .merge(taken_apart::routes())
        .merge(orders::routes())
        .merge(hours::routes())
        .merge(audits::routes(most_bytes))
}

/// The pseudonyms that somebody is, in their order. Those that a representative may name are not the representative.
fn own_persons(caller: &Caller) -> Vec<String> {
    if caller.roles.contains(&gongdao_service::Role::Person) {
        caller.persons.iter().cloned().collect()
    } else {
        Vec::new()
    }
}
