//! The names of the dashboard's metrics, with what each means.

/// Documents given to the virus scanner, by `outcome`: `clean`, `infected` or `away`.
pub const SCANS: &str = "ebasvuru_documents_scanned_total";

/// Open connections, by `server`.
pub const CONNECTIONS: &str = "ebasvuru_http_connections";
/// Connections ended for want of a place, by `server` and `why`: `refused` (answered 503, all
/// others were busy) or `gave_way` (idle, for a newer one).
pub const CONNECTIONS_CUT: &str = "ebasvuru_http_connections_cut_total";

/// Seconds from a request's head to the head of its answer, by `server` (`dashboard`, `portal`,
/// `health`), `method`, `route` (its template; `none` where no route matches) and `status` (the
/// class, as `2xx`; `none` where the client left, or the process stopped, before an answer). The
/// time that the client takes to send a body is in it, the time it takes to receive one is not.
pub const HTTP_REQUEST_SECONDS: &str = "ebasvuru_http_request_seconds";
/// The upper bounds of its buckets: a page is to be there within 1 s, a report within 5.
pub const HTTP_REQUEST_SECONDS_BUCKETS: &[f64] =
    &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
/// Requests whose answer has not begun, by `server`.
pub const HTTP_IN_FLIGHT: &str = "ebasvuru_http_requests_in_flight";
/// Logins tried, by `outcome`: `ok`, `credentials` (no such user, a wrong password or an inactive
/// user), `throttled`, `one_time_password` (expired or used), or `failed` (no reply from the
/// workflow).
pub const LOGINS: &str = "ebasvuru_logins_total";

/// Mails of scheduled reports, one for each recipient, by `outcome`: `delivered` (the mail server took
/// it) or `undelivered`.
pub const REPORT_MAILS: &str = "ebasvuru_report_mails_total";

/// Registers the descriptions with the recorder.
pub fn describe() {
    metrics::describe_counter!(SCANS, "documents given to the virus scanner, by what came of it");
    metrics::describe_gauge!(CONNECTIONS, "open connections");
    metrics::describe_counter!(CONNECTIONS_CUT, "connections ended for want of a place, by why");
    metrics::describe_histogram!(
        HTTP_REQUEST_SECONDS,
        metrics::Unit::Seconds,
        "from a request's head to the head of its answer, by route"
    );
    metrics::describe_gauge!(HTTP_IN_FLIGHT, "requests whose answer has not begun");
    metrics::describe_counter!(REPORT_MAILS, "mails of scheduled reports, by what came of them");
    metrics::describe_counter!(LOGINS, "logins tried, by what came of them");
}
