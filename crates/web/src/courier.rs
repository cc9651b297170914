//! Carries events to other systems: signed as Standard Webhooks 1.0 asks, never to a machine inside the network unless the
//! operator allows it.

use crate::problem::{Problem, ProblemKind};
use gongdao_merkle::encode_base64;
use gongdao_service::{Courier, Delivery, Parcel, Service};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

/// How long a receiver has for an answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long nothing is looked for where nothing was due.
const PAUSE: Duration = Duration::from_millis(500);
/// Steps in which the pause can be ended.
const STEP: Duration = Duration::from_millis(50);

/// Sends over HTTP.
struct HttpCourier<'a> {
    agent: ureq::Agent,
    is_stopping: &'a AtomicBool,
}

impl<'a> HttpCourier<'a> {
    fn new(allows_private: bool, is_stopping: &'a AtomicBool) -> Self {
        // A redirection or a proxy would lead elsewhere than what was checked.
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .max_redirects(0)
            .http_status_as_error(false)
            .https_only(!allows_private)
            .proxy(None)
            .user_agent(concat!("gongdao/", env!("CARGO_PKG_VERSION")))
            .build();
        let resolver = Outside { allows_private, names: DefaultResolver::default() };
        Self { agent: ureq::Agent::with_parts(config, DefaultConnector::default(), resolver), is_stopping }
    }
}

impl Courier for HttpCourier<'_> {
    fn deliver(&self, parcel: &Parcel) -> Delivery {
        let seconds = parcel.at.millis().div_euclid(1000);
        let request = self
            .agent
            .post(&parcel.url)
            .header("content-type", "application/cloudevents+json")
            .header("webhook-id", &parcel.id)
            .header("webhook-timestamp", seconds.to_string())
            .header(
                "webhook-signature",
                signature(parcel.secret.reveal().as_bytes(), &parcel.id, seconds, &parcel.body),
            );
        match request.send(parcel.body.as_str()) {
            Ok(answer) if answer.status().is_success() => Delivery::Taken,
            Ok(answer) if answer.status().as_u16() == 410 => Delivery::Gone,
            Ok(answer) => Delivery::Failed(format!("status {}", answer.status().as_u16())),
            Err(error) => Delivery::Failed(in_few_words(&error).to_owned()),
        }
    }

    fn goes_on(&self) -> bool {
        !self.is_stopping.load(Ordering::Relaxed)
    }
}

/// Nothing of what a machine inside the network says may come back to whoever made the webhook.
fn in_few_words(error: &ureq::Error) -> &'static str {
    match error {
        ureq::Error::HostNotFound => "no machine outside the network has this name",
        ureq::Error::Timeout(_) => "no answer in time",
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => "its certificate is not accepted",
        ureq::Error::RequireHttpsOnly(_) => "the address is without TLS",
        _ => "no connection",
    }
}

/// Standard Webhooks 1.0, "Signature scheme": HMAC-SHA256 over name, time and body, in Base64.
fn signature(secret: &[u8], id: &str, seconds: i64, body: &str) -> String {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret);
    let tag = ring::hmac::sign(&key, format!("{id}.{seconds}.{body}").as_bytes());
    format!("v1,{}", encode_base64(tag.as_ref()))
}

/// A secret as receivers' libraries take it.
pub(crate) fn shown(secret: &str) -> String {
    format!("whsec_{}", encode_base64(secret.as_bytes()))
}

/// Errors: what is no address that events can be sent to.
pub(crate) fn check_url(url: &str, allows_private: bool) -> Result<(), Problem> {
    let refused = |what: &str, hint: &str| Err(Problem::new(ProblemKind::Input, what, hint));
    let uri = url.parse::<Uri>().ok().filter(|uri| uri.host().is_some_and(|host| !host.is_empty()));
    let Some(uri) = uri.filter(|_| url.len() <= 2000) else {
        return refused("`url` is no address", "write it whole, like `https://example.cn/gongdao`");
    };
    let is_plain = uri.scheme_str() == Some("http");
    if !(uri.scheme_str() == Some("https") || (is_plain && allows_private)) {
        return refused("`url` is without TLS", "begin it with `https://`");
    }
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return refused("`url` has a name or password in it", "receivers know events by their signature");
    }
    let address = uri.host().and_then(|host| host.trim_matches(['[', ']']).parse::<IpAddr>().ok());
    if !allows_private && address.is_some_and(|address| !is_outside(address)) {
        return refused("`url` is inside the network", "whoever runs the service can allow it: `webhooks.private`");
    }
    Ok(())
}

/// Looks names up, and gives only addresses outside the network: what is connected to is what was checked, so a name that
/// leads elsewhere the next moment leads nowhere.
#[derive(Debug)]
struct Outside {
    allows_private: bool,
    names: DefaultResolver,
}

impl Resolver for Outside {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.names.resolve(uri, config, timeout)?;
        let mut outside = self.empty();
        for address in found.iter().filter(|address| self.allows_private || is_outside(address.ip())) {
            outside.push(*address);
        }
        if outside.is_empty() { Err(ureq::Error::HostNotFound) } else { Ok(outside) }
    }
}

/// Whether an address can be reached through the internet alone (IANA's registries of special-purpose addresses, RFC 6890).
fn is_outside(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_outside_v4(address),
        IpAddr::V6(address) => is_outside_v6(address),
    }
}

fn is_outside_v4(address: Ipv4Addr) -> bool {
    let inside = match address.octets() {
        [0 | 10 | 127 | 224..=255, ..]
        | [169, 254, ..]
        | [192, 168, ..]
        | [192, 0, 0 | 2, _]
        | [192, 88, 99, _]
        | [198, 18 | 19, ..]
        | [198, 51, 100, _]
        | [203, 0, 113, _] => true,
        [100, second, ..] => second & 0xc0 == 0x40,
        [172, second, ..] => second & 0xf0 == 0x10,
        _ => false,
    };
    !inside
}

/// Of version 6 only global unicast counts; what carries an address of version 4 is judged by that one.
fn is_outside_v6(address: Ipv6Addr) -> bool {
    let carried = |high: u16, low: u16| is_outside_v4(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)));
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            carried(high, low)
        }
        // Teredo, benchmarks, ORCHID and other protocol assignments; documentation.
        [0x2001, 0..=0x01ff | 0x0db8, ..] | [0x3fff, 0..=0x0fff, ..] => false,
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

/// Sends what is due until the service stops.
pub(crate) fn run(service: &Arc<Service>, allows_private: bool, is_stopping: &AtomicBool) {
    let courier = HttpCourier::new(allows_private, is_stopping);
    let mut is_told = false;
    while courier.goes_on() {
        match service.deliver_webhooks(&courier) {
            Ok(true) => continue,
            Ok(false) => is_told = false,
            Err(error) if !is_told => {
                // A database that is away is told once, not twice a second.
                is_told = true;
                let what = error.internal.as_deref().unwrap_or(&error.message);
                tracing::warn!(error = what, "webhooks cannot be sent");
            }
            Err(_) => {}
        }
        let mut waited = Duration::ZERO;
        while waited < PAUSE && courier.goes_on() {
            std::thread::sleep(STEP);
            waited += STEP;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{check_url, is_outside, signature};

    #[test]
    fn the_signature_is_that_of_the_standard() {
        // Of the standard's text: secret `whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw`.
        let secret = gongdao_merkle::decode_base64("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signed = signature(&secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn addresses_inside_the_network_are_known_in_every_dress() {
        let inside = [
            "127.0.0.1",
            "127.8.8.8",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "100.127.255.255",
            "192.0.0.8",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2002:a00:1::",
            "2001::1",
            "2001:db8::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ];
        for address in inside {
            assert!(!is_outside(address.parse().unwrap()), "{address}");
        }
        let outside = [
            "1.1.1.1",
            "100.63.0.1",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "198.20.0.1",
            "223.5.5.5",
            "2400:3200::1",
            "2606:4700::1111",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "2002:808:808::1",
        ];
        for address in outside {
            assert!(is_outside(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn only_addresses_with_tls_outside_the_network_are_taken() {
        for url in ["https://example.cn/hook", "https://example.cn:8443/a?b=c", "https://1.1.1.1/"] {
            assert!(check_url(url, false).is_ok(), "{url}");
        }
        let refused = [
            "http://example.cn/",
            "ftp://example.cn",
            "example.cn",
            "/hook",
            "https://",
            "https://u:p@example.cn/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]:443/",
            "https://169.254.169.254/latest",
        ];
        for url in refused {
            assert!(check_url(url, false).is_err(), "{url}");
        }
        for url in ["http://127.0.0.1:9000/", "https://10.0.0.1/"] {
            assert!(check_url(url, true).is_ok(), "{url}");
        }
        assert!(check_url("file:///etc/passwd", true).is_err());
    }
}
