//! The statute book as people look things up: list, show, search, timeline, differences, exports.
//!
//! In: packs as `gongdao-pack` read them, a legal date and a place as arguments, and, where there is one, a folder of
//! imported official texts. Out: answers as plain data for programs, the same answers as text in Chinese and English,
//! an SVG of the timeline, Akoma Ntoso, JSON and an OSCAL catalog. Does not contain the rule language, any verdict,
//! due dates, a clock, or law of its own: what a provision says stands in its pack.

mod book;
mod cite;
mod diff;
mod error;
mod export;
mod force;
mod import;
mod in_force;
mod list;
mod numerals;
mod official;
mod print;
mod rule;
mod search;
mod show;
mod texts;
mod timeline;
mod wording;

pub use book::{Book, Reference};
pub use diff::{Difference, Entry, Field, Side, What, diff};
pub use error::LawError;
pub use export::{Identity, akn, json, oscal};
pub use force::Force;
pub use import::{Import, ImportedText, import};
pub use in_force::{InForce, InForceInstrument, NumberInForce};
pub use list::{Filter, Listed};
pub use official::{Article, Block, Item, OfficialText, Paragraph};
pub use print::Print;
pub use rule::RuleText;
pub use search::{Found, Index, Query};
pub use show::{ArticleText, DutyOf, NoRuleOf, NumberOf, ReadingOf, RuleOf, Sheet};
pub use texts::Texts;
pub use timeline::{Amount, Event, EventKind, svg, timeline};
pub use wording::PlaceNames;
