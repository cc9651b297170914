//! Accounts of people whom an outside provider recognises.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod support;

use gongdao_service::port::JournalKind;
use gongdao_service::{AccountChange, Credential, ErrorKind, NewAccount, NewKey, OutsideIdentity, Right, Role, Secret};
use support::on_each;

#[test]
fn someone_from_outside_is_the_account_that_was_linked() {
    on_each(|home| {
        let running = home.start();
        let service = &running.service;
        let administrator = running.administrator();
        let new =
            |name: &str| NewAccount { name: name.to_owned(), roles: [Role::Regulator].into(), persons: [].into() };
        let one = service.create_account(&administrator, new("one"), None).unwrap();
        let two = service.create_account(&administrator, new("two"), None).unwrap();
        assert_eq!(service.create_account(&administrator, new("ONE"), None).unwrap_err().kind, ErrorKind::Taken);
        service.link_account(&administrator, &one.id, "https://id.example", "s-1").unwrap();
        let again = service.link_account(&administrator, &two.id, "https://id.example", "s-1");
        assert_eq!(again.unwrap_err().kind, ErrorKind::Taken);
        let session = service.log_in_from_outside(&outside("https://id.example", "s-1", None)).unwrap();
        assert_eq!(session.account, one);
        for (issuer, subject) in [("https://id.example", "s-2"), ("https://other.example", "s-1")] {
            assert!(service.log_in_from_outside(&outside(issuer, subject, None)).is_err());
        }
        assert!(service.log_in("one", &Secret::new("")).is_err(), "an account without a password has none");
        // The provider's name is an account's here: that makes nobody that account.
        assert!(service.log_in_from_outside(&named("s-3", "one", None)).is_err());
        // A linked account's roles are the administrator's, whatever the provider says.
        let session =
            service.log_in_from_outside(&outside("https://id.example", "s-1", Some(&[Role::Officer]))).unwrap();
        assert_eq!(session.account.roles, [Role::Regulator].into());
        assert!(service.unlink_account(&administrator, &two.id, "https://id.example", "s-1").is_err());
        service.unlink_account(&administrator, &one.id, "https://id.example", "s-1").unwrap();
        assert!(service.log_in_from_outside(&outside("https://id.example", "s-1", None)).is_err());
        service.link_account(&administrator, &two.id, "https://id.example", "s-1").unwrap();
        assert_eq!(service.log_in_from_outside(&outside("https://id.example", "s-1", None)).unwrap().account, two);
    });
}

fn outside(issuer: &str, subject: &str, roles: Option<&[Role]>) -> OutsideIdentity {
    let roles = roles.map(|roles| roles.iter().copied().collect());
    OutsideIdentity { issuer: issuer.to_owned(), subject: subject.to_owned(), name: None, roles }
}

fn named(subject: &str, name: &str, roles: Option<&[Role]>) -> OutsideIdentity {
    OutsideIdentity { name: Some(name.to_owned()), ..outside("https://id.example", subject, roles) }
}

#[test]
fn whoever_the_provider_gives_a_role_gets_an_account_whose_roles_follow_its_word() {
    on_each(|home| {
        let running = home.start();
        let service = &running.service;
        let administrator = running.administrator();
        assert!(service.log_in_from_outside(&named("s-1", "root", Some(&[]))).is_err());
        let made = service.log_in_from_outside(&named("s-1", "root", Some(&[Role::Reviewer]))).unwrap().account;
        assert!(made.name.starts_with("root (") && made.roles == [Role::Reviewer].into(), "{made:?}");
        let two = [Role::Reviewer, Role::Engineer];
        let session = service.log_in_from_outside(&named("s-1", "root", Some(&two))).unwrap();
        assert_eq!((&session.account.id, session.account.roles.len()), (&made.id, 2));
        let recognised = service.recognise(Credential::Session(session.token.reveal())).unwrap();
        assert!(recognised.rights.contains(&Right::ManageWebhooks));
        // The provider takes the last role away: the session that there is ends too.
        let refused = service.log_in_from_outside(&named("s-1", "root", Some(&[]))).unwrap_err();
        assert_eq!(refused.kind, ErrorKind::Forbidden);
        assert!(service.recognise(Credential::Session(session.token.reveal())).is_err());
        assert!(service.log_in_from_outside(&named("s-1", "root", Some(&two))).is_err(), "an administrator enables it");
        let version = service.account(&administrator, &made.id).unwrap().version;
        let enabled = AccountChange { is_disabled: Some(false), ..AccountChange::default() };
        service.change_account(&administrator, &made.id, version, enabled).unwrap();
        service.log_in_from_outside(&named("s-1", "root", Some(&two))).unwrap();
        let unnamed = service.log_in_from_outside(&outside("https://id.example", "s-2", Some(&two))).unwrap().account;
        assert!(unnamed.name.starts_with("outside-"));
        let words: Vec<String> = service
            .operations(&administrator, JournalKind::Access, None, 50)
            .unwrap()
            .iter()
            .map(|one| one.body["what"].as_str().unwrap_or_default().to_owned())
            .collect();
        assert_eq!(words.iter().filter(|word| *word == "followed").count(), 2, "{words:?}");
    });
}

#[test]
fn whoever_is_logged_in_links_their_own_account_and_no_key_does() {
    on_each(|home| {
        let running = home.start();
        let administrator = running.administrator();
        let courier = running.someone(&administrator, "courier", Role::Person, &["p"]);
        let identity = outside("https://id.example", "s-1", None);
        running.service.link_own(&courier.actor, &identity).unwrap();
        let session = running.service.log_in_from_outside(&identity).unwrap();
        assert_eq!(session.account.name, "courier");
        assert_eq!(running.service.link_own(&administrator.actor, &identity).unwrap_err().kind, ErrorKind::Taken);
        let key = NewKey { name: "dispatcher".to_owned(), roles: [Role::Machine].into(), until: None };
        let (_, key) = running.service.create_key(&administrator, key).unwrap();
        let machine = running.service.recognise(Credential::Key(key.reveal())).unwrap();
        assert!(running.service.link_own(&machine.actor, &outside("https://id.example", "s-2", None)).is_err());
    });
}
