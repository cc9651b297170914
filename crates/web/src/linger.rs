//! Whoever is refused while still sending learns why. A connection that is closed with bytes unread is reset, and the answer
//! that was on its way is lost with it (RFC 9112 §9.6): so what is still coming is read and thrown away, for a while.

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::header::EXPECT;
use axum::middleware::Next;
use axum::response::Response;
use http_body::{Body as HttpBody, Frame, SizeHint};
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::runtime::Handle;

/// How long senders are listened to after their answer.
const AT_MOST: Duration = Duration::from_secs(30);
/// Bodies up to here have arrived whole before anybody could answer.
const SMALL: u64 = 16 << 10;

pub(crate) async fn linger(request: Request, next: Next) -> Response {
    let is_small = request.body().size_hint().upper().is_some_and(|most| most <= SMALL);
    // Who asks first and is refused does not send the body: what came next would be taken for it.
    let asks_first = request.headers().contains_key(EXPECT);
    next.run(if is_small || asks_first { request } else { request.map(|body| Body::new(Lingering(Some(body)))) }).await
}

/// A body that is read to its end even where nobody wants it any more; nothing once it has ended.
struct Lingering(Option<Body>);

impl HttpBody for Lingering {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let Some(body) = &mut self.0 else { return Poll::Ready(None) };
        let polled = Pin::new(body).poll_frame(context);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            self.0 = None;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.0.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

impl Drop for Lingering {
    fn drop(&mut self) {
        let left = self.0.take().filter(|body| !body.is_end_stream());
        if let (Some(body), Ok(runtime)) = (left, Handle::try_current()) {
            runtime.spawn(tokio::time::timeout(AT_MOST, read_on(body)));
        }
    }
}

async fn read_on(mut body: Body) {
    while let Some(Ok(_)) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {}
}
