//! The timeline as an SVG that a phone of 360 pixels shows without zooming: days on the left, titles on the right.

use super::{Event, EventKind, weight};
use crate::official::{escaped, normal};
use crate::{Book, LawError, wording};
use gongdao_i18n::Words;
use std::fmt::Write as _;

const WIDTH: u32 = 360;
/// Where titles begin, and how wide they may be, in pixels.
const TEXT_LEFT: u32 = 120;
const TEXT_WIDTH: u32 = WIDTH - TEXT_LEFT - 12;
const LINE_LEFT: u32 = 104;
const LINE_HEIGHT: u32 = 18;
const FONT: u32 = 14;

const STYLE: &str = "\
    svg { --ground: #ffffff; --ink: #1a1a1a; --quiet: #5a5a5a; --line: #b8b8b8; --law: #0b57a4; --soft: #8a5a00; --draft: #6b6b6b; background: var(--ground); }
    @media (prefers-color-scheme: dark) { svg { --ground: #16181b; --ink: #ececec; --quiet: #a9adb3; --line: #5a5f66; --law: #7db8f5; --soft: #e3b565; --draft: #a0a0a0; } }
    text { font-family: system-ui, 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif; font-size: 14px; fill: var(--ink); }
    .day, .what { fill: var(--quiet); font-size: 13px; } .year, .head { font-weight: 600; font-size: 16px; }
    .ground { fill: var(--ground); } .axis { stroke: var(--line); stroke-width: 2; }
    .binding { fill: var(--law); stroke: var(--law); } .soft { fill: var(--ground); stroke: var(--soft); } .draft { fill: var(--ground); stroke: var(--draft); stroke-dasharray: 2 2; }
    circle { stroke-width: 2.5; }";

/// The events of one timeline as SVG, its words in one language. `events` are in the order of their days.
pub fn svg(book: &Book, events: &[Event], words: Words<'_>) -> Result<String, LawError> {
    let mut drawing = Drawing { book, words, body: String::new(), y: 0 };
    let title = words.say("law.timeline.title", &[])?;
    drawing.text("head", 12, 28, &title);
    drawing.y = 36;
    let shown: Vec<&Event> = events.iter().filter(|event| drawn(event.kind)).collect();
    drawing.legend()?;
    let axis_top = drawing.y + 8;
    let (mut year, mut last) = (String::new(), None);
    for event in &shown {
        let date = event.date.to_string();
        let its_year = date.get(..4).unwrap_or_default();
        if its_year != year {
            its_year.clone_into(&mut year);
            drawing.y += 30;
            let y = drawing.y;
            drawing.text("year", 12, y, its_year);
        }
        // What happens to one instrument on one day stands under one title.
        let here = Some((event.date, &event.instrument));
        if last != here {
            drawing.head(event, &date)?;
        }
        last = here;
        drawing.event(event)?;
    }
    let height = drawing.y + 24;
    let axis = format!(
        "<line class=\"axis\" x1=\"{LINE_LEFT}\" y1=\"{axis_top}\" x2=\"{LINE_LEFT}\" y2=\"{}\"/>",
        drawing.y + 8
    );
    let description = words.say("law.timeline.description", &[("count", &shown.len().to_string())])?;
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" \
         role=\"group\" aria-labelledby=\"timeline-title timeline-description\" lang=\"{}\">\n\
         <title id=\"timeline-title\">{}</title>\n<desc id=\"timeline-description\">{}</desc>\n<style>\n{STYLE}\n</style>\n\
         <rect class=\"ground\" width=\"100%\" height=\"100%\"/>\n{axis}\n{}</svg>\n",
        words.language().tag(),
        escaped(&title),
        escaped(&description),
        drawing.body
    ))
}

/// Days that only a note names are in the text, not in the picture.
fn drawn(kind: EventKind) -> bool {
    !matches!(kind, EventKind::Noted)
}

struct Drawing<'a> {
    book: &'a Book,
    words: Words<'a>,
    body: String,
    /// Baseline of the last line.
    y: u32,
}

impl Drawing<'_> {
    fn legend(&mut self) -> Result<(), LawError> {
        for weight in ["binding", "soft", "draft"] {
            self.y += 22;
            let y = self.y;
            self.mark(weight, 20, y - 5)?;
            let said = self.words.say(&format!("law.timeline.legend.{weight}"), &[])?;
            self.text("what", 34, y, &said);
        }
        Ok(())
    }

    fn head(&mut self, event: &Event, date: &str) -> Result<(), LawError> {
        self.y += 26;
        let weight = weight(self.book.packs(), &event.instrument, event.date);
        let y = self.y;
        self.text("day", 12, y, date);
        self.mark(weight, LINE_LEFT, y - 5)?;
        for (index, line) in wrapped(&self.title(event)).iter().enumerate() {
            self.y += if index == 0 { 0 } else { LINE_HEIGHT };
            let y = self.y;
            self.text("title", TEXT_LEFT, y, line);
        }
        Ok(())
    }

    fn event(&mut self, event: &Event) -> Result<(), LawError> {
        let detail = self.words.language().choose(&event.detail_zh, &event.detail_en).to_owned();
        let what = wording::event(self.words, self.book, event)?;
        let amount = event.amount.as_ref().map_or_else(String::new, |amount| {
            let unit = wording::unit(self.words, &amount.unit);
            format!(" = {} {unit}", amount.value)
        });
        let what = if detail.is_empty() { what } else { format!("{what} {detail}{amount}") };
        for line in wrapped(&what) {
            self.y += LINE_HEIGHT;
            let y = self.y;
            self.text("what", TEXT_LEFT, y, &line);
        }
        Ok(())
    }

    fn title(&self, event: &Event) -> String {
        let titles = self.book.packs().instrument(&event.instrument);
        let title =
            titles.map_or(event.instrument.as_str(), |i| self.words.language().choose(&i.title_zh, &i.title_en));
        normal(title)
    }

    fn text(&mut self, class: &str, x: u32, y: u32, text: &str) {
        // Writing into a string cannot fail.
        let _ = writeln!(self.body, "<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{}</text>", escaped(text));
    }

    /// A circle whose meaning is told to who cannot see it.
    fn mark(&mut self, class: &str, x: u32, y: u32) -> Result<(), LawError> {
        let said = escaped(&self.words.say(&format!("law.timeline.legend.{class}"), &[])?);
        let _ = writeln!(
            self.body,
            "<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"5\"><title>{said}</title></circle>"
        );
        Ok(())
    }
}

/// Lines that fit beside the axis: Chinese breaks anywhere, but not before a closing mark; other text at spaces.
fn wrapped(text: &str) -> Vec<String> {
    let (mut lines, mut line, mut width) = (Vec::new(), String::new(), 0.0);
    for word in words_of(text) {
        let wide = width_of(&word);
        let hangs = word.chars().all(|c| "，。；：、）》”！？,.;:)".contains(c));
        if width + wide > f64::from(TEXT_WIDTH) && !line.is_empty() && !hangs {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
            width = 0.0;
            if word == " " {
                continue;
            }
        }
        line.push_str(&word);
        width += wide;
    }
    if !line.trim().is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// Units that are not broken: one Chinese character, a run of others, a space.
fn words_of(text: &str) -> Vec<String> {
    let mut units: Vec<String> = Vec::new();
    let mut joins = false;
    for character in text.chars() {
        let narrow = !is_wide(character) && character != ' ';
        match units.last_mut() {
            Some(unit) if joins && narrow => unit.push(character),
            _ => units.push(character.to_string()),
        }
        joins = narrow;
    }
    units
}

/// About as wide as a font draws it: a little more, so that nothing is cut.
fn width_of(word: &str) -> f64 {
    word.chars()
        .map(|c| {
            if is_wide(c) {
                1.0
            } else if c.is_ascii_uppercase() || "mwMW".contains(c) {
                0.75
            } else {
                0.56
            }
        })
        .sum::<f64>()
        * f64::from(FONT)
}

fn is_wide(character: char) -> bool {
    // Fonts for Chinese draw dashes, dots and quotation marks as wide as a character.
    character >= '\u{2e80}' || "—…“”‘’".contains(character)
}
