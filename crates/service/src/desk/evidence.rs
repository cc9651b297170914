use super::access::OnCase;
use super::photo::{Cleaned, cleaned};
use crate::identity::new_id;
use crate::port::{Expected, JournalKind, NewEntry, Put, Store};
use crate::{Caller, ErrorKind, Service, ServiceError, digest_of};
use gongdao_desk::{Case, Stage};
use gongdao_merkle::{decode_base64, encode_base64};
use gongdao_model::Instant;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What is known of a photo; its bytes lie apart, so that lists stay small.
const LINES: &str = "desk-photos";
const BYTES: &str = "desk-photo-bytes";
/// Photos of one case at most.
pub const MOST_PHOTOS: u32 = 5;

/// A photo that belongs to a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhotoLine {
    /// Which case.
    pub case: String,
    /// Its number in the case, from 1.
    pub number: u32,
    /// `image/png` or `image/jpeg`.
    pub media_type: String,
    /// Bytes, as it is kept.
    pub size_bytes: u64,
    /// SHA-256 of what is kept; it stands in the ledger.
    pub digest: String,
    /// When it came in.
    pub at: Instant,
    /// Who added it.
    pub actor: String,
    /// Whether the file said of itself that a machine made it, before what is said about it was taken off.
    pub says_generated: bool,
}

/// A photo with its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Photo {
    /// What is known of it.
    pub line: PhotoLine,
    /// The picture, without anything about it.
    pub bytes: Vec<u8>,
}

impl Service {
    /// Add a photo to a case that is not closed: PNG or JPEG by its content, written anew without metadata. Its digest goes into
    /// the ledger, the picture does not. Returns when that is so.
    ///
    /// Errors: there is none, or the caller may not; the case is closed or full (`Changed`); it is no picture.
    pub fn add_photo(
        &self,
        caller: &Caller,
        id: &str,
        bytes: &[u8],
        says_generated: bool,
    ) -> Result<PhotoLine, ServiceError> {
        let (case, mandate) = self.readable_case(caller, id)?;
        let mandated = mandate.iter().map(|_| caller.actor.clone()).collect();
        if !self.desk.access.may_on_case(caller, OnCase::Answer, &case.person, &mandated) {
            let hint = "leave it to the person, or to who acts for them";
            return Err(ServiceError::new(ErrorKind::Forbidden, "a photo is not yours to add", hint));
        }
        if case.stage == Stage::Closed {
            return Err(ServiceError::new(ErrorKind::NotNow, "the case is closed", "file another request"));
        }
        let Cleaned { media_type, bytes } = cleaned(bytes)?;
        let count = u32::try_from(self.photo_lines(&case)?.len()).unwrap_or(u32::MAX);
        if count >= MOST_PHOTOS {
            let hint = format!("a case has {MOST_PHOTOS} at most");
            return Err(ServiceError::new(ErrorKind::NotNow, "the case has all the photos that it can have", hint));
        }
        let line = PhotoLine {
            case: case.id.clone(),
            number: count + 1,
            media_type: media_type.to_owned(),
            size_bytes: bytes.len() as u64,
            digest: format!("sha256:{}", digest_of(&bytes)),
            at: self.clock.now(),
            actor: caller.actor.clone(),
            says_generated,
        };
        let body = serde_json::to_string(&line).map_err(ServiceError::storage)?;
        let entry = NewEntry {
            kind: JournalKind::Photo,
            id: new_id("photo", &*self.entropy)?,
            person: Some(case.person.clone()),
            subject: Some(case.id.clone()),
            actor: caller.actor.clone(),
            at: line.at,
            body: body.clone(),
        };
        let name = name_of(&case, line.number);
        // Whoever adds another one at the same time gives it the same name, and one of the two is refused.
        let puts = [put(LINES, &name, Some(body)), put(BYTES, &name, Some(encode_base64(&bytes)))];
        let change = self.store.change(&self.node, &puts, &[entry])?;
        let last = change.entries.last().copied().ok_or_else(ServiceError::changed)?;
        self.follower.wait(last)?;
        Ok(line)
    }

    /// The photos of a case, in their order. A look by anyone but the person is logged with the case.
    ///
    /// Errors: there is none, or the caller may not know.
    pub fn photos(&self, caller: &Caller, id: &str) -> Result<Vec<PhotoLine>, ServiceError> {
        let (case, _) = self.readable_case(caller, id)?;
        self.photo_lines(&case)
    }

    /// One photo. A look by anyone but the person is logged first.
    ///
    /// Errors: there is none, or the caller may not know.
    pub fn photo(&self, caller: &Caller, id: &str, number: u32) -> Result<Photo, ServiceError> {
        let (case, mandate) = self.readable_case(caller, id)?;
        let name = name_of(&case, number);
        let line = self.store.document(LINES, &name)?.ok_or_else(|| ServiceError::not_found("photo"))?;
        let kept = self.store.document(BYTES, &name)?.ok_or_else(|| ServiceError::not_found("photo"))?;
        self.log_desk_look(caller, &case.person, mandate.as_deref(), &format!("{} photo {number}", case.id))?;
        Ok(Photo {
            line: serde_json::from_str(&line.body).map_err(ServiceError::storage)?,
            bytes: decode_base64(&kept.body).map_err(ServiceError::storage)?,
        })
    }

    fn photo_lines(&self, case: &Case) -> Result<Vec<PhotoLine>, ServiceError> {
        let start = format!("{}{}:", owner(&case.person), case.id);
        let page = self.store.list(LINES, Some(&start), MOST_PHOTOS)?;
        let own = page.iter().filter(|document| document.id.starts_with(&start));
        own.map(|document| serde_json::from_str(&document.body).map_err(ServiceError::storage)).collect()
    }

    /// Photos of a person as they are handed out with everything else: with the picture in Base64.
    pub(super) fn photos_of(&self, person: &str) -> Result<Vec<Value>, ServiceError> {
        let mut found = Vec::new();
        for id in names_of(&*self.store, LINES, person)? {
            let (Some(line), Some(kept)) = (self.store.document(LINES, &id)?, self.store.document(BYTES, &id)?) else {
                continue;
            };
            let mut value: Value = serde_json::from_str(&line.body).map_err(ServiceError::storage)?;
            if let Some(members) = value.as_object_mut() {
                members.insert("base64".to_owned(), Value::String(kept.body));
            }
            found.push(value);
        }
        Ok(found)
    }
}

/// Photos of a person.
pub(super) fn count_photos(store: &dyn Store, person: &str) -> Result<u64, ServiceError> {
    Ok(names_of(store, LINES, person)?.len() as u64)
}

/// What the names of a person's photos begin with: no pseudonym stands in them.
fn owner(person: &str) -> String {
    let digest = digest_of(format!("photos of a person\n{person}").as_bytes());
    format!("{}:", digest.get(..32).unwrap_or_default())
}

fn name_of(case: &Case, number: u32) -> String {
    format!("{}{}:{number}", owner(&case.person), case.id)
}

fn put(collection: &'static str, id: &str, body: Option<String>) -> Put {
    let expected = if body.is_some() { Expected::Absent } else { Expected::Any };
    Put { collection, id: id.to_owned(), expected, body, alias: None, expires: None }
}

fn names_of(store: &dyn Store, collection: &str, person: &str) -> Result<Vec<String>, ServiceError> {
    // Bytes are large: few at once.
    const AT_ONCE: u32 = 20;
    let start = owner(person);
    let (mut names, mut after) = (Vec::new(), start.clone());
    loop {
        let page = store.list(collection, Some(&after), AT_ONCE)?;
        let own = page.iter().map(|document| document.id.clone()).take_while(|id| id.starts_with(&start));
        let own: Vec<String> = own.collect();
        let Some(last) = own.last() else { return Ok(names) };
        after.clone_from(last);
        names.extend(own);
    }
}

/// Take a person's photos out of the database. Returns how many there were.
pub(crate) fn forget_photos(store: &dyn Store, node: &str, person: &str) -> Result<u64, ServiceError> {
    let mut count = 0;
    for name in names_of(store, LINES, person)? {
        store.change(node, &[put(LINES, &name, None), put(BYTES, &name, None)], &[])?;
        count += 1;
    }
    Ok(count)
}
