//! How often one address may call.
//!
//! Addresses fall into a fixed number of buckets by a hash that is new in every process, so no crowd
//! of callers takes more memory, and none can choose whose bucket it shares.

use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

/// What a gateway that sends many webhooks at once stays under.
const CALLS_A_SECOND: NonZeroU32 = NonZeroU32::new(200).unwrap();

/// What may come at once after a rest.
const CALLS_AT_ONCE: NonZeroU32 = NonZeroU32::new(2_000).unwrap();

/// Where the address of a caller is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallerAddress {
    /// From the connection.
    Connection,
    /// From this header, the last address it names: the one that the nearest proxy wrote. Only for
    /// a server that nobody reaches but through that proxy.
    Header(HeaderName),
}

/// How often one address may call the webhooks.
///
/// IPv6 counts by its first 64 bits, which one household has. Callers whose address can't be
/// told share one allowance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallLimit {
    /// How often in the long run.
    pub calls_a_second: NonZeroU32,
    /// How often at once, after a rest.
    pub calls_at_once: NonZeroU32,
    /// Where the address is read.
    pub address: CallerAddress,
}

impl Default for CallLimit {
    /// 200 a second, 2,000 at once, by the connection's address.
    fn default() -> Self {
        Self {
            calls_a_second: CALLS_A_SECOND,
            calls_at_once: CALLS_AT_ONCE,
            address: CallerAddress::Connection,
        }
    }
}

/// Counts the calls of every address.
pub(super) struct Limiter {
    buckets: DefaultKeyedRateLimiter<u16>,
    hasher: RandomState,
    address: CallerAddress,
}

impl Limiter {
    pub(super) fn new(limit: CallLimit) -> Arc<Self> {
        let quota = Quota::per_second(limit.calls_a_second).allow_burst(limit.calls_at_once);
        Arc::new(Self {
            buckets: RateLimiter::keyed(quota),
            hasher: RandomState::new(),
            address: limit.address,
        })
    }

    fn admits(&self, request: &Request) -> bool {
        let bucket = self.bucket(self.caller(request));
        self.buckets.check_key(&bucket).is_ok()
    }

    fn caller(&self, request: &Request) -> Option<IpAddr> {
        match &self.address {
            CallerAddress::Connection => {
                let connection = request.extensions().get::<ConnectInfo<SocketAddr>>()?;
                Some(connection.0.ip())
            }
            CallerAddress::Header(name) => named_last(request.headers(), name),
        }
    }

    fn bucket(&self, caller: Option<IpAddr>) -> u16 {
        let hash = self.hasher.hash_one(caller.map(household));
        let [low, high, ..] = hash.to_le_bytes();
        u16::from_le_bytes([low, high])
    }
}

/// The address that the last proxy wrote behind all others.
fn named_last(headers: &HeaderMap, name: &HeaderName) -> Option<IpAddr> {
    let text = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    text.rsplit(',').next()?.trim().parse().ok()
}

/// What one caller can't easily have more than one of.
fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// Answers 429 in the place of the webhook where its address called too often.
pub(super) async fn limited(
    State(limiter): State<Arc<Limiter>>,
    request: Request,
    next: Next,
) -> Response {
    if limiter.admits(&request) {
        return next.run(request).await;
    }
    (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, "1")]).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_header() -> Arc<Limiter> {
        Limiter::new(CallLimit {
            calls_a_second: NonZeroU32::MIN,
            calls_at_once: NonZeroU32::MIN,
            address: CallerAddress::Header(HeaderName::from_static("x-forwarded-for")),
        })
    }

    fn forwarded(lines: &[&str]) -> Request {
        let request = lines.iter().fold(Request::builder(), |request, line| {
            request.header("x-forwarded-for", *line)
        });
        request.body(axum::body::Body::empty()).unwrap()
    }

    #[test]
    fn only_what_the_nearest_proxy_wrote_counts() {
        let limiter = from_header();
        let caller = |lines: &[&str]| limiter.caller(&forwarded(lines)).map(|a| a.to_string());
        assert_eq!(caller(&["6.6.6.6, 10.0.0.1"]).unwrap(), "10.0.0.1");
        assert_eq!(caller(&["6.6.6.6", "10.0.0.2"]).unwrap(), "10.0.0.2");
        assert_eq!(caller(&["6.6.6.6, nobody"]), None);
        assert_eq!(caller(&[]), None);
    }

    #[test]
    fn a_household_has_one_allowance() {
        let home = |text: &str| household(text.parse().unwrap());
        assert_eq!(home("2001:db8:1:2::1"), home("2001:db8:1:2:ffff::9"));
        assert_ne!(home("2001:db8:1:2::1"), home("2001:db8:1:3::1"));
        assert_eq!(home("::ffff:10.0.0.1"), home("10.0.0.1"));
    }

    #[test]
    fn callers_without_an_address_share_one_allowance() {
        let limiter = from_header();
        assert!(limiter.admits(&forwarded(&[])));
        assert!(!limiter.admits(&forwarded(&["nobody"])));
        assert!(limiter.buckets.len() <= 1);
    }
}
