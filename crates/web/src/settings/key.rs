//! The settings by name.

use std::net::SocketAddr;

/// What a setting's value must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Address and port.
    Address,
    /// Any text that is not empty.
    Text,
    /// True or false.
    Flag,
    /// A whole number between two, both included.
    Number(u64, u64),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// An address that begins with `http://` or `https://`.
    Url,
}

/// One setting.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Its name in the file; a full stop parts table and key.
    pub name: &'static str,
    /// What it must be.
    pub kind: Kind,
    /// Its value where nobody set it; none where it is optional.
    pub default: Option<&'static str>,
}

impl Key {
    /// The environment's variable for it.
    pub fn variable(&self) -> String {
        format!("GONGDAO_{}", self.name.replace('.', "_").to_uppercase())
    }

    /// What is wrong with a value, and what to write.
    pub(crate) fn refuse(&self, value: &str) -> Option<(String, String)> {
        let name = self.name;
        let said = |what: &str, hint: String| Some((format!("`{name}` is `{value}`, which is {what}"), hint));
        match self.kind {
            Kind::Address if value.parse::<SocketAddr>().is_err() => {
                said("no address to listen at", "write address and port, like `127.0.0.1:8380` or `[::1]:8380`".into())
            }
            Kind::Text if value.trim().is_empty() => said("empty", "leave it out, or give it a value".into()),
            Kind::Flag if !matches!(value, "true" | "false") => {
                said("neither true nor false", "write `true` or `false`".into())
            }
            Kind::Number(from, to) if !value.parse::<u64>().is_ok_and(|number| (from..=to).contains(&number)) => {
                said("out of range", format!("write a whole number from {from} to {to}"))
            }
            Kind::OneOf(words) if !words.contains(&value) => said(
                "unknown",
                format!("use {}", words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" or ")),
            ),
            Kind::Url if !is_url(value) => said(
                "no address",
                "write it whole, like `https://gongdao.example.cn`, without a slash at the end".into(),
            ),
            _ => None,
        }
    }
}

/// With TLS, or on this machine: what nobody else can read or change on its way.
pub(crate) fn is_safe(address: &str) -> bool {
    if address.starts_with("https://") {
        return true;
    }
    let Some(rest) = address.strip_prefix("http://") else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host
        .rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()))
        .map_or(host, |(host, _)| host);
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

fn is_url(value: &str) -> bool {
    let host = value.strip_prefix("https://").or_else(|| value.strip_prefix("http://"));
    host.is_some_and(|host| !host.is_empty() && !host.starts_with('/') && !host.ends_with('/') && !host.contains(' '))
}

const MEBIBYTE: u64 = 1 << 20;

/// All settings, in the order in which they are shown.
pub const KEYS: &[Key] = &[
    Key { name: "listen", kind: Kind::Address, default: Some("127.0.0.1:8380") },
    Key { name: "data", kind: Kind::Text, default: Some("gongdao-data") },
    Key { name: "database", kind: Kind::Text, default: None },
    Key { name: "origin", kind: Kind::Text, default: None },
    Key { name: "ledger_key", kind: Kind::Text, default: None },
    Key { name: "packs", kind: Kind::Text, default: Some("packs") },
    Key { name: "include_drafts", kind: Kind::Flag, default: Some("false") },
    Key { name: "public_url", kind: Kind::Url, default: None },
    Key { name: "limits.body_bytes", kind: Kind::Number(1024, 4096 * MEBIBYTE), default: Some("67108864") },
    Key { name: "limits.check_rows", kind: Kind::Number(1, 100_000), default: Some("1000") },
    Key { name: "limits.request_seconds", kind: Kind::Number(1, 3600), default: Some("30") },
    Key { name: "limits.grace_seconds", kind: Kind::Number(0, 3600), default: Some("20") },
    Key { name: "log.format", kind: Kind::OneOf(&["json", "text"]), default: Some("json") },
    Key { name: "log.level", kind: Kind::OneOf(&["error", "warn", "info", "debug"]), default: Some("info") },
    Key { name: "traces.endpoint", kind: Kind::Url, default: None },
    Key { name: "webhooks.private", kind: Kind::Flag, default: Some("false") },
    Key { name: "register.require", kind: Kind::Flag, default: Some("false") },
    Key { name: "audits.program", kind: Kind::Text, default: None },
    Key { name: "audits.sources", kind: Kind::Text, default: None },
    Key { name: "audits.running", kind: Kind::Number(1, 8), default: Some("1") },
    Key { name: "audits.upload_mebibytes", kind: Kind::Number(1, 16_384), default: Some("256") },
    Key { name: "oidc.issuer", kind: Kind::Url, default: None },
    Key { name: "oidc.client_id", kind: Kind::Text, default: None },
    Key { name: "oidc.client_secret_file", kind: Kind::Text, default: None },
    Key { name: "oidc.scopes", kind: Kind::Text, default: Some("openid profile") },
    Key { name: "oidc.roles_claim", kind: Kind::Text, default: None },
    Key { name: "oidc.role_officer", kind: Kind::Text, default: None },
    Key { name: "oidc.role_engineer", kind: Kind::Text, default: None },
    Key { name: "oidc.role_reviewer", kind: Kind::Text, default: None },
    Key { name: "oidc.role_regulator", kind: Kind::Text, default: None },
];
