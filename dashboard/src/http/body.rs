//! The bodies of requests and responses. A request's body must arrive at a minimum pace, and is
//! received to its end even if no handler reads it. While a response's body exists, its connection
//! is busy.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;
use tokio::runtime::Handle;
use tokio::time::{Instant, Sleep, sleep_until};

use super::connection_slots::BusyGuard;
use super::limits::{Limits, Pace};

/// The rest of a body did not arrive in time.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the body came too slowly")]
pub struct BodyTooSlow;

/// Whether this error is a `Cause` or was caused by one.
#[must_use]
pub fn caused_by<Cause: Error + 'static>(error: &(dyn Error + 'static)) -> bool {
    std::iter::successors(Some(error), |&error| error.source()).any(|error| error.is::<Cause>())
}

/// The body of a request.
#[derive(Debug)]
pub struct PacedBody {
    /// `None` after its end.
    body: Option<Incoming>,
    pace: Pace,
    /// How many bytes are received and discarded if it is dropped before its end.
    drain: u64,
    /// When it was first polled: what a handler does before is not the sender's time.
    began: Option<Instant>,
    received: u64,
    late: Option<Pin<Box<Sleep>>>,
}

impl PacedBody {
    /// `expects_continue`: the sender waits for a `100 Continue`; without it, nothing will arrive.
    pub fn new(body: Incoming, limits: &Limits, expects_continue: bool) -> Self {
        Self {
            body: Some(body).filter(|body| !body.is_end_stream()),
            pace: limits.pace,
            drain: if expects_continue { 0 } else { limits.drain },
            began: None,
            received: 0,
            late: None,
        }
    }

    /// When the next bytes must have arrived.
    fn deadline(&self, began: Instant) -> Instant {
        let earned = self.received / u64::from(self.pace.floor.max(1));
        let floor = began + self.pace.grace + Duration::from_secs(earned);
        floor.min(Instant::now() + self.pace.idle)
    }
}

impl HttpBody for PacedBody {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = &mut *self;
        let Some(body) = &mut this.body else { return Poll::Ready(None) };
        let began = *this.began.get_or_insert_with(Instant::now);
        match Pin::new(body).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                this.late = None;
                this.received += frame.data_ref().map_or(0, |data| data.len() as u64);
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(end) => {
                this.body = None;
                Poll::Ready(end.map(|frame| frame.map_err(Into::into)))
            }
            Poll::Pending => {
                let deadline = this.deadline(began);
                let late = this.late.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
                ready!(late.as_mut().poll(cx));
                this.body = None;
                Poll::Ready(Some(Err(BodyTooSlow.into())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint)
    }
}

/// Browsers read no response before they have sent everything: if the connection is closed earlier,
/// they show "connection reset" instead of the response. So the rest of the body is received and
/// discarded.
impl Drop for PacedBody {
    fn drop(&mut self) {
        let (Some(body), true) = (self.body.take(), self.drain > 0) else { return };
        if body.is_end_stream() {
            return;
        }
        let Ok(runtime) = Handle::try_current() else { return };
        let (pace, max) = (self.pace, self.drain);
        let mut rest = Self { body: Some(body), pace, drain: 0, began: None, received: 0, late: None };
        runtime.spawn(async move {
            while rest.received <= max {
                let frame = std::future::poll_fn(|cx| Pin::new(&mut rest).poll_frame(cx)).await;
                if !matches!(frame, Some(Ok(_))) {
                    break;
                }
            }
        });
    }
}

/// The body of a response.
#[derive(Debug)]
pub struct TrackedBody {
    body: Body,
    _busy: BusyGuard,
}

impl TrackedBody {
    pub const fn new(body: Body, busy: BusyGuard) -> Self {
        Self { body, _busy: busy }
    }
}

impl HttpBody for TrackedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
