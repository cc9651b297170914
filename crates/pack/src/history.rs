//! What came before an instrument was in force, and what changed it: the days of its making (`[history]`).

use crate::content::SourceText;
use crate::reader::{Reader, TomlDate};
use gongdao_model::LegalDate;
use serde::Deserialize;
use toml::Spanned;

/// Days in the making of an instrument, as far as known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct History {
    /// The draft was published for comments.
    pub draft_published: Option<LegalDate>,
    /// Last day for comments.
    pub comments_until: Option<LegalDate>,
    /// The issuer adopted it.
    pub adopted: Option<LegalDate>,
    /// It was made public, where that is another day than promulgation.
    pub published: Option<LegalDate>,
    /// It was amended, oldest first.
    pub amended: Vec<LegalDate>,
}

impl History {
    /// Every known day with its name in files, in the order of time.
    pub fn days(&self) -> Vec<(LegalDate, &'static str)> {
        let single = [
            (self.draft_published, "draft_published"),
            (self.comments_until, "comments_until"),
            (self.adopted, "adopted"),
            (self.published, "published"),
        ];
        let single = single.into_iter().filter_map(|(day, name)| Some((day?, name)));
        let mut days: Vec<_> = single.chain(self.amended.iter().map(|day| (*day, "amended"))).collect();
        days.sort_unstable();
        days
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RawHistory {
    draft_published: Option<Spanned<TomlDate>>,
    comments_until: Option<Spanned<TomlDate>>,
    adopted: Option<Spanned<TomlDate>>,
    published: Option<Spanned<TomlDate>>,
    amended: Vec<Spanned<TomlDate>>,
}

pub(crate) fn read(raw: &RawHistory, source: &SourceText, reader: &mut Reader) -> History {
    let amended: Vec<LegalDate> = raw.amended.iter().filter_map(|date| reader.date(source, date)).collect();
    for ((earlier, later), date) in amended.iter().zip(amended.iter().skip(1)).zip(raw.amended.iter().skip(1)) {
        if earlier >= later {
            let message = format!("`amended` has {later} after {earlier}");
            reader.error(source, date.span().start, message, "write the oldest amendment first, each once");
        }
    }
    let mut day = |date: &Option<Spanned<TomlDate>>| date.as_ref().and_then(|date| reader.date(source, date));
    let history = History {
        draft_published: day(&raw.draft_published),
        comments_until: day(&raw.comments_until),
        adopted: day(&raw.adopted),
        published: day(&raw.published),
        amended,
    };
    if let (Some(date), Some(until), Some(from)) =
        (&raw.comments_until, history.comments_until, history.draft_published)
        && until < from
    {
        let message = format!("comments close on {until}, before the draft of {from}");
        reader.error(source, date.span().start, message, "correct one of the days");
    }
    history
}
