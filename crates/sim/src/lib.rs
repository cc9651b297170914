//! A synthetic city with known truth.
//!
//! Purpose: decision logs large enough to test an audit, of which every per-decision violation is known. Inputs: a seed,
//! a size, a period. Outputs: one folder with decisions, practices, events of persons and algorithms, waybills, the truth,
//! and an audit adapter that reads them. Equal inputs give equal bytes. Contains no rule and judges nothing: what breaks a
//! rule stands in the tables under `plant`, written by hand; `tests/truth.rs` holds it against the rules. No clock, no
//! floating point, no real person.

mod action;
mod adapter;
mod city;
mod consumer;
mod courier;
mod decision;
mod declared;
mod facts;
mod fleet;
mod market;
mod measures;
mod plant;
mod practice;
mod profile;
mod register;
mod rng;
mod settings;
mod waybill;
mod write;

pub use city::{Made, simulate};
pub use settings::{Settings, SimError};
