//! Tables of messages, each with the code it is dead-lettered with.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ebasvuru_workflow::domain::document::sha256_hex;
use serde_json::{Value, json};

use crate::support::{header, outcome, process, set, submission, with, withdrawal, without};

/// Checks a table of name, message and expected outcome.
fn judged(cases: &[(&str, Value, &str)]) {
    for (name, message, expected) in cases {
        let step = process(message.to_string());
        let detail = header(&step.outputs[0], "dlq-detail");
        assert_eq!(&outcome(&step), expected, "{name}: {detail:?}");
    }
}

#[test]
fn bytes_that_are_not_a_message_are_dead_lettered() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let good = submission().to_string();
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("a lone continuation byte", b"{\"schema\":\"\x80\"}".into(), "not_utf8"),
        ("UTF-16", good.encode_utf16().flat_map(u16::to_be_bytes).collect(), "not_utf8"),
        ("ISO-8859-9", b"{\"a\":\"Ay\xfee\"}".into(), "not_utf8"),
        ("nothing", b"".into(), "not_json"),
        ("spaces", b" \n ".into(), "not_json"),
        ("XML", b"<basvuru/>".into(), "not_json"),
        ("cut short", good.as_bytes()[..good.len() - 1].into(), "not_json"),
        ("trailing data", format!("{good} x").into(), "not_json"),
        ("two messages", format!("{good}{good}").into(), "not_json"),
        ("a byte order mark", format!("\u{feff}{good}").into(), "not_json"),
        ("a lone surrogate", br#"{"schema":"\ud800"}"#.into(), "not_json"),
        ("NaN", b"{\"valilik\":NaN}".into(), "not_json"),
        ("a number beyond a double", b"{\"valilik\":1e999}".into(), "not_json"),
        ("nested without end", deep.into(), "not_json"),
        ("null", b"null".into(), "schema"),
        ("an array", b"[]".into(), "schema"),
        ("text", b"\"EVET\"".into(), "schema"),
        ("an empty object", b"{}".into(), "schema"),
        ("more than the limit", vec![b' '; 1024 * 1024 + 1], "too_large"),
        (
            "padded up to the limit",
            format!("{good}{}", " ".repeat(1024 * 1024 - good.len())).into(),
            "command",
        ),
    ];
    for (name, bytes, expected) in cases {
        assert_eq!(outcome(&process(bytes)), expected, "{name}");
    }
}

#[test]
fn a_wrong_shape_gets_the_code_schema() {
    let mut cases = vec![
        ("another schema", with("/schema", json!("edevlet.submission.v2")), "schema"),
        ("an id that is no UUID", with("/submission_id", json!("42")), "schema"),
        ("an unhyphenated UUID", with("/submission_id", json!("6f1c1c5e3b5a4c609d0e0c6f3c1a2b4d")), "schema"),
        (
            "an upper-case UUID",
            with("/submission_id", json!("6F1C1C5E-3B5A-4C60-9D0E-0C6F3C1A2B4D")),
            "command",
        ),
        ("a date alone", with("/submitted_at", json!("2026-11-23")), "schema"),
        ("a time without offset", with("/submitted_at", json!("2026-11-23T09:15:00")), "schema"),
        ("the 30th of February", with("/submitted_at", json!("2026-02-30T09:15:00Z")), "schema"),
        ("a number for a time", with("/submitted_at", json!(1_795_414_500)), "schema"),
        (
            "a time to the nanosecond",
            with("/submitted_at", json!("2026-11-23T06:15:00.123456789Z")),
            "command",
        ),
        ("a plate as text", with("/valilik", json!("6")), "schema"),
        ("half a plate", with("/valilik", json!(6.5)), "schema"),
        ("a plate as 6.0", with("/valilik", json!(6.0)), "command"),
        ("a T.C. Kimlik No as a number", with("/applicant/tckn", json!(10_000_000_146_u64)), "schema"),
        (
            "an array for the applicant",
            with("/applicant", json!(["10000000146", "a", "b", "c", "d"])),
            "schema",
        ),
        ("a field that is no text", with("/form/fields", json!({ "uye": 7 })), "schema"),
        ("documents as an object", with("/documents", json!({})), "schema"),
        ("a document that is text", with("/documents/0", json!("dilekce.pdf")), "schema"),
        ("half a byte", with("/documents/0/size", json!(0.5)), "schema"),
        ("neither uri nor data", without(submission(), "/documents/0/uri"), "schema"),
        ("both uri and data", with("/documents/0/data", json!("QQ==")), "schema"),
        ("uri beside a null data", with("/documents/0/data", Value::Null), "command"),
        ("confirmation as true", with("/confirmation", json!(true)), "schema"),
        ("a member of later", with("/priority", json!({ "deep": [null] })), "command"),
        ("no documents", with("/documents", json!([])), "command"),
        ("an empty name", with("/applicant/first_name", json!("")), "command"),
        ("a withdrawal", withdrawal(), "command"),
        ("a withdrawal by schema alone", without(withdrawal(), "/kind"), "command"),
        ("a withdrawal without reason", without(withdrawal(), "/reason"), "command"),
        ("a withdrawal of nothing", without(withdrawal(), "/submission_id"), "schema"),
        ("a withdrawal by kind alone", without(withdrawal(), "/schema"), "schema"),
        ("a withdrawal of another kind", set(withdrawal(), "/kind", json!("appeal")), "schema"),
        ("a withdrawal without its time", without(withdrawal(), "/withdrawn_at"), "schema"),
        ("a reason that is no text", set(withdrawal(), "/reason", json!(["x"])), "schema"),
    ];
    for member in [
        "/schema",
        "/submission_id",
        "/submitted_at",
        "/service",
        "/valilik",
        "/applicant",
        "/contact",
        "/form",
        "/documents",
        "/confirmation",
        "/applicant/tckn",
        "/applicant/first_name",
        "/applicant/last_name",
        "/applicant/phone",
        "/contact/address",
        "/form/subject",
        "/form/text",
    ] {
        cases.push((member, without(submission(), member), "schema"));
        cases.push((member, with(member, Value::Null), "schema"));
    }
    for member in ["/applicant/email", "/contact/district", "/form/fields"] {
        cases.push((member, without(submission(), member), "command"));
        cases.push((member, with(member, Value::Null), "command"));
        cases.push((member, with(member, json!(1)), "schema"));
    }
    judged(&cases);
}

#[test]
fn a_wrong_value_gets_its_own_code() {
    let tckn = |text: &str| with("/applicant/tckn", json!(text));
    let submitted = |text: &str| with("/submitted_at", json!(text));
    judged(&[
        ("the last check digit", tckn("10000000147"), "tckn_invalid"),
        ("the tenth digit", tckn("10000000156"), "tckn_invalid"),
        ("a leading zero", tckn("01000000014"), "tckn_invalid"),
        ("ten digits", tckn("1000000014"), "tckn_invalid"),
        ("twelve digits", tckn("100000001460"), "tckn_invalid"),
        ("Arabic digits", tckn("١٠٠٠٠٠٠٠١٤٦"), "tckn_invalid"),
        ("no digit at all", tckn(""), "tckn_invalid"),
        ("an unknown service", with("/service", json!("uzay-yolculugu")), "unknown_service"),
        ("an empty service", with("/service", json!("")), "unknown_service"),
        ("a service in capitals", with("/service", json!("DERNEK-KURULUS")), "unknown_service"),
        ("plate 0", with("/valilik", json!(0)), "unknown_valilik"),
        ("plate 82", with("/valilik", json!(82)), "unknown_valilik"),
        ("plate 300", with("/valilik", json!(300)), "unknown_valilik"),
        ("plate -1", with("/valilik", json!(-1)), "unknown_valilik"),
        ("plate 262, which is 6 in a byte", with("/valilik", json!(262)), "unknown_valilik"),
        ("a plate beyond 64 bits", with("/valilik", json!(1e20)), "unknown_valilik"),
        ("a plate of u64", with("/valilik", json!(u64::MAX)), "unknown_valilik"),
        ("a governorate without the unit", with("/valilik", json!(34)), "not_routable"),
        ("no confirmation", with("/confirmation", json!("")), "not_confirmed"),
        ("HAYIR", with("/confirmation", json!("HAYIR")), "not_confirmed"),
        ("evet", with("/confirmation", json!("evet")), "not_confirmed"),
        ("EVET between spaces", with("/confirmation", json!(" EVET\n")), "command"),
        ("a subject too long", with("/form/subject", json!("ş".repeat(501))), "too_large"),
        ("a subject just short enough", with("/form/subject", json!("ş".repeat(500))), "command"),
        ("a text too long", with("/form/text", json!("a".repeat(100_001))), "too_large"),
        ("a field too long", with("/form/fields/x", json!("a".repeat(10_001))), "too_large"),
        ("a reason too long", set(withdrawal(), "/reason", json!("a".repeat(10_001))), "too_large"),
        ("five minutes from now", submitted("2026-11-23T09:20:00+03:00"), "command"),
        ("a moment later", submitted("2026-11-23T09:20:00.000000001+03:00"), "submitted_at_future"),
        ("tomorrow", submitted("2026-11-24T09:15:00+03:00"), "submitted_at_future"),
        ("the end of the contract's years", submitted("2999-12-31T23:59:59Z"), "submitted_at_future"),
        ("now, in Kiritimati", submitted("2026-11-23T20:15:00+14:00"), "command"),
        ("now, with an odd offset", submitted("2026-11-22T06:16:00-23:59"), "command"),
        ("an hour from now, by its offset", submitted("2026-11-23T09:15:00+02:00"), "submitted_at_future"),
        ("last month", submitted("2026-10-05T17:53:38Z"), "command"),
        ("the first moment of the contract", submitted("2000-01-01T00:00:00+23:59"), "command"),
        ("1970", submitted("1970-01-01T00:00:00Z"), "schema"),
        (
            "withdrawn in the future",
            set(withdrawal(), "/withdrawn_at", json!("2030-01-01T00:00:00Z")),
            "command",
        ),
        (
            "withdrawn before all",
            set(withdrawal(), "/withdrawn_at", json!("2000-01-01T00:00:00Z")),
            "command",
        ),
        (
            "too many documents",
            with("/documents", json!(vec![submission()["documents"][0].clone(); 201])),
            "too_large",
        ),
    ]);
}

#[test]
fn a_wrong_document_gets_the_code_document_invalid() {
    let inline = |bytes: &[u8]| {
        let message = with("/documents/1/data", json!(STANDARD.encode(bytes)));
        set(
            set(message, "/documents/1/size", json!(bytes.len())),
            "/documents/1/sha256",
            json!(sha256_hex(bytes)),
        )
    };
    let doc = |member: &str, value: Value| with(&format!("/documents/{member}"), value);
    judged(&[
        ("an unknown kind", doc("0/kind", json!("photo")), "document_invalid"),
        ("no name", doc("0/name", json!(" ")), "document_invalid"),
        ("no visible name", doc("0/name", json!("\u{200b}\u{202e}")), "document_invalid"),
        ("a long name", doc("0/name", json!("ş".repeat(256))), "document_invalid"),
        ("a name just short enough", doc("0/name", json!("ş".repeat(255))), "command"),
        ("no media type", doc("0/media_type", json!("")), "document_invalid"),
        ("half a media type", doc("0/media_type", json!("pdf")), "document_invalid"),
        (
            "a header in the media type",
            doc("0/media_type", json!("text/html;a\r\nSet-Cookie: b")),
            "document_invalid",
        ),
        ("a line end in the media type", doc("0/media_type", json!("text/html\r\n")), "document_invalid"),
        (
            "a line end before its parameter",
            doc("0/media_type", json!("text/html\r\n;a=b")),
            "document_invalid",
        ),
        ("a media type with a parameter", doc("0/media_type", json!("text/plain; charset=utf-8")), "command"),
        ("no bytes", doc("0/size", json!(0)), "document_invalid"),
        ("less than no bytes", doc("0/size", json!(-1)), "document_invalid"),
        ("more than 100 MiB", doc("0/size", json!(100 * 1024 * 1024 + 1)), "document_invalid"),
        ("a short hash", doc("0/sha256", json!("ab")), "document_invalid"),
        ("a hash that is no hex", doc("0/sha256", json!("xy".repeat(32))), "document_invalid"),
        ("a hash in capitals", doc("0/sha256", json!("AB".repeat(32))), "command"),
        (
            "the uri of another",
            doc("0/uri", json!(format!("store://sha256/{}", "cd".repeat(32)))),
            "document_invalid",
        ),
        ("a uri of another scheme", doc("0/uri", json!("https://example.org/a.pdf")), "document_invalid"),
        (
            "a uri with parent folders",
            doc("0/uri", json!("store://sha256/../../etc/passwd")),
            "document_invalid",
        ),
        ("data that is no base64", doc("1/data", json!("!!!!")), "document_invalid"),
        ("data of another size", doc("1/size", json!(14)), "document_invalid"),
        ("data of another hash", doc("1/sha256", json!("ab".repeat(32))), "document_invalid"),
        ("an empty inline document", inline(b""), "document_invalid"),
        ("256 KiB inline", inline(&vec![7; 256 * 1024]), "command"),
        ("a byte more", inline(&vec![7; 256 * 1024 + 1]), "document_invalid"),
    ]);
}

/// The order of the checks: each message fails one more check than the message before it.
#[test]
fn the_first_failed_check_gives_the_code() {
    let mut message = submission();
    let mut expected = vec!["command"];
    for (pointer, value, code) in [
        ("/submitted_at", json!("2026-12-01T00:00:00Z"), "submitted_at_future"),
        ("/documents/0/kind", json!("photo"), "document_invalid"),
        ("/confirmation", json!("no"), "not_confirmed"),
        ("/valilik", json!(34), "not_routable"),
        ("/valilik", json!(99), "unknown_valilik"),
        ("/service", json!("none"), "unknown_service"),
        ("/applicant/tckn", json!("1"), "tckn_invalid"),
        ("/form/subject", json!("a".repeat(501)), "too_large"),
        ("/form/text", json!(1), "schema"),
    ] {
        assert_eq!(outcome(&process(message.to_string())), *expected.last().unwrap());
        message = set(message, pointer, value);
        expected.push(code);
    }
    assert_eq!(outcome(&process(message.to_string())), "schema");
}

/// As in every common JSON reader.
#[test]
fn the_last_of_two_equal_members_counts() {
    let good = submission().to_string();
    let twice = good.replacen('{', r#"{"confirmation":"HAYIR","#, 1);
    assert_eq!(outcome(&process(twice)), "command");
    let twice = format!(r#"{},"confirmation":"HAYIR"}}"#, good.strip_suffix('}').unwrap());
    assert_eq!(outcome(&process(twice)), "not_confirmed");
}
