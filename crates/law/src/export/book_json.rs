use crate::{Book, Filter, LawError, Listed, Sheet};
use gongdao_model::LegalDate;
use serde::Serialize;

/// Version of the JSON form; a reader refuses numbers that it does not know.
const FORMAT: u32 = 1;

#[derive(Serialize)]
struct WholeBook<'a> {
    format: u32,
    on: LegalDate,
    packs_digest: String,
    instruments: Vec<WholeInstrument<'a>>,
}

#[derive(Serialize)]
struct WholeInstrument<'a> {
    #[serde(flatten)]
    listed: Listed,
    note_zh: Option<&'a str>,
    note_en: Option<&'a str>,
    provisions: Vec<Sheet<'a>>,
}

/// The book as JSON, seen from a day: the instruments that a filter takes with all their provisions.
pub fn json(book: &Book, filter: &Filter, on: LegalDate) -> Result<String, LawError> {
    let mut instruments = Vec::new();
    for listed in book.list(filter) {
        let id = listed.id.parse()?;
        let instrument = &book.pack(&id)?.instrument;
        instruments.push(WholeInstrument {
            note_zh: instrument.note_zh.as_deref(),
            note_en: instrument.note_en.as_deref(),
            provisions: book.show(&crate::Reference::Instrument(id), on)?,
            listed,
        });
    }
    let whole = WholeBook { format: FORMAT, on, packs_digest: book.packs().digest(), instruments };
    super::pretty(&whole)
}
