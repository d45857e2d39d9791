//! The names of the dashboard's metrics, with what each means.

/// Documents given to the virus scanner, by `outcome`: `clean`, `infected` or `away`.
pub const SCANS: &str = "ebasvuru_documents_scanned_total";

/// Open connections, by `server`.
pub const CONNECTIONS: &str = "ebasvuru_http_connections";
/// Connections ended for want of a place, by `server` and `why`: `refused` (answered 503, all
/// others were busy) or `gave_way` (idle, for a newer one).
pub const CONNECTIONS_CUT: &str = "ebasvuru_http_connections_cut_total";

/// Registers the descriptions with the recorder.
pub fn describe() {
    metrics::describe_counter!(SCANS, "documents given to the virus scanner, by what came of it");
    metrics::describe_gauge!(CONNECTIONS, "open connections");
    metrics::describe_counter!(CONNECTIONS_CUT, "connections ended for want of a place, by why");
}
