//! The names of the dashboard's metrics, with what each means.

/// Documents given to the virus scanner, by `outcome`: `clean`, `infected` or `away`.
pub const SCANS: &str = "ebasvuru_documents_scanned_total";

/// Registers the descriptions with the recorder.
pub fn describe() {
    metrics::describe_counter!(SCANS, "documents given to the virus scanner, by what came of it");
}
