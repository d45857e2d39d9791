//! The stylesheet, the scripts and the icon, each served under a name that changes with its
//! content.

use std::sync::LazyLock;

use ebasvuru_workflow::domain::document::sha256_hex;

/// The stylesheet.
pub const STYLESHEET: &str = include_str!("../../templates/style.css");

/// The script that refreshes figures. Every page works without it, as without the other script.
pub const SCRIPT: &str = include_str!("../../templates/live.js");

/// The script that shows the progress of an upload.
pub const UPLOAD_SCRIPT: &str = include_str!("../../templates/upload.js");

/// The icon of the browser's tab.
pub const ICON: &str = include_str!("../../templates/icon.svg");

/// Where [`STYLESHEET`] is served.
pub static STYLESHEET_PATH: LazyLock<String> = LazyLock::new(|| path(STYLESHEET, "css"));

/// Where [`SCRIPT`] is served.
pub static SCRIPT_PATH: LazyLock<String> = LazyLock::new(|| path(SCRIPT, "js"));

/// Where [`UPLOAD_SCRIPT`] is served.
pub static UPLOAD_SCRIPT_PATH: LazyLock<String> = LazyLock::new(|| path(UPLOAD_SCRIPT, "js"));

/// Where [`ICON`] is served.
pub static ICON_PATH: LazyLock<String> = LazyLock::new(|| path(ICON, "svg"));

fn path(content: &str, extension: &str) -> String {
    format!("/assets/{:.16}.{extension}", sha256_hex(content.as_bytes()))
}
