//! The statute book behind the pages: cited, summarised, searched.

use crate::problem::{Problem, ProblemKind};
use gongdao_i18n::Language;
use gongdao_law::{Book, Found, Index, Query, Reference};
use gongdao_model::LegalDate;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

/// The book, and whoever searches it.
pub(crate) struct Shelf {
    book: Arc<Book>,
    /// Made with the first question: most services are never asked one.
    asking: Mutex<Option<Sender<Asked>>>,
}

struct Asked {
    text: String,
    limit: usize,
    reply: Sender<Result<Vec<Found>, Problem>>,
}

impl Shelf {
    pub(crate) fn new(book: Arc<Book>) -> Self {
        Self { book, asking: Mutex::new(None) }
    }

    pub(crate) fn book(&self) -> &Book {
        &self.book
    }

    /// How a provision is cited; its identifier where the packs in use do not have it.
    pub(crate) fn cite(&self, id: &str, language: Language) -> String {
        let cited = id.parse::<Reference>().ok().and_then(|reference| self.book.cite(&reference).ok());
        let first = cited.and_then(|cited| cited.into_iter().next());
        first.map_or_else(|| id.to_owned(), |(_, zh, en)| language.choose(&zh, &en).to_owned())
    }

    /// What a provision says, in our own words; nothing where the packs in use do not have it.
    pub(crate) fn gist(&self, id: &str, language: Language) -> String {
        // What a provision says hangs on no day.
        let Some(day) = LegalDate::from_day_number(0) else { return String::new() };
        let sheets = id.parse::<Reference>().ok().and_then(|reference| self.book.show(&reference, day).ok());
        let texts = sheets.unwrap_or_default();
        let texts: Vec<&str> = texts.iter().map(|sheet| language.choose(sheet.zh, sheet.en)).collect();
        texts.join(language.choose("", " "))
    }

    /// The provisions that answer a question, best first. Blocks.
    ///
    /// Errors: no word to look for; the index cannot be built.
    pub(crate) fn search(&self, text: &str, limit: usize, on: LegalDate) -> Result<Vec<Found>, Problem> {
        let (reply, answer) = channel();
        let asked = Asked { text: text.to_owned(), limit, reply };
        self.asker(on)?.send(asked).map_err(|_| gone())?;
        answer.recv().map_err(|_| gone())?
    }

    fn asker(&self, on: LegalDate) -> Result<Sender<Asked>, Problem> {
        let mut asking = self.asking.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = &*asking {
            return Ok(sender.clone());
        }
        let (sender, questions) = channel();
        let book = Arc::clone(&self.book);
        // Ends when the shelf does. The index borrows the book, so one thread has both.
        std::thread::Builder::new()
            .name("law".to_owned())
            .spawn(move || answer_all(&book, on, &questions))
            .map_err(|error| Problem::internal(format!("no thread for the search: {error}")))?;
        *asking = Some(sender.clone());
        Ok(sender)
    }
}

fn gone() -> Problem {
    Problem::internal("the search of the statute book ended")
}

fn answer_all(book: &Book, on: LegalDate, questions: &Receiver<Asked>) {
    let index = Index::new(book, on);
    for asked in questions {
        let query = Query { text: &asked.text, limit: asked.limit, place: None, on: None };
        let answer = match &index {
            Ok(index) => index
                .search(&query)
                .map_err(|error| Problem::new(ProblemKind::Input, error.message, error.hint.unwrap_or_default())),
            Err(error) => Err(Problem::internal(error.message.clone())),
        };
        // Whoever asked may have gone.
        let _ = asked.reply.send(answer);
    }
}
