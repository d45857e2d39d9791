//! The bodies of a connection: a request's must come at a pace and is taken in to its end even
//! where nobody reads it; as long as an answer's is there, the connection is busy.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;
use tokio::runtime::Handle;
use tokio::time::{Instant, Sleep, sleep_until};

use super::limits::{Limits, Pace};
use super::places::Busy;

/// The rest of a body did not come in time.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the body came too slowly")]
pub struct Slow;

/// Whether this error is a `Cause`, or has one below it.
#[must_use]
pub fn caused_by<Cause: Error + 'static>(error: &(dyn Error + 'static)) -> bool {
    std::iter::successors(Some(error), |&error| error.source()).any(|error| error.is::<Cause>())
}

/// The body of a request.
#[derive(Debug)]
pub struct Paced {
    /// `None` once there is nothing more to come.
    body: Option<Incoming>,
    pace: Pace,
    /// How much is taken in when it is dropped before its end.
    unread: u64,
    /// When it was first asked for: what a handler does before that is not the sender's time.
    began: Option<Instant>,
    received: u64,
    late: Option<Pin<Box<Sleep>>>,
}

impl Paced {
    /// `asks`: the sender waits for a word before it sends; without one, nothing will come.
    pub fn new(body: Incoming, limits: &Limits, asks: bool) -> Self {
        Self {
            body: Some(body).filter(|body| !body.is_end_stream()),
            pace: limits.pace,
            unread: if asks { 0 } else { limits.unread },
            began: None,
            received: 0,
            late: None,
        }
    }

    /// By when the next bytes must be here.
    fn deadline(&self, began: Instant) -> Instant {
        let earned = self.received / u64::from(self.pace.floor.max(1));
        let floor = began + self.pace.grace + Duration::from_secs(earned);
        floor.min(Instant::now() + self.pace.idle)
    }
}

impl HttpBody for Paced {
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
                Poll::Ready(Some(Err(Slow.into())))
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

/// Browsers read no answer before they have sent all: a connection that is closed on them is
/// "connection reset", whatever was answered. So what is left is taken in and thrown away.
impl Drop for Paced {
    fn drop(&mut self) {
        let (Some(body), true) = (self.body.take(), self.unread > 0) else { return };
        if body.is_end_stream() {
            return;
        }
        let Ok(runtime) = Handle::try_current() else { return };
        let (pace, most) = (self.pace, self.unread);
        let mut rest = Self { body: Some(body), pace, unread: 0, began: None, received: 0, late: None };
        runtime.spawn(async move {
            while rest.received <= most {
                let frame = std::future::poll_fn(|cx| Pin::new(&mut rest).poll_frame(cx)).await;
                if !matches!(frame, Some(Ok(_))) {
                    break;
                }
            }
        });
    }
}

/// The body of an answer.
#[derive(Debug)]
pub struct Held {
    body: Body,
    _busy: Busy,
}

impl Held {
    pub const fn new(body: Body, busy: Busy) -> Self {
        Self { body, _busy: busy }
    }
}

impl HttpBody for Held {
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
