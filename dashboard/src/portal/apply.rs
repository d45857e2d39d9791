//! Yeni Başvuru, in the guide's steps.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::{Query, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ebasvuru_workflow::budget::{self, MIDDLE_CHARS, SHORT_CHARS};
use ebasvuru_workflow::domain::catalog::{FieldKind, Service, Valilik};
use ebasvuru_workflow::domain::turkish::SortKey;
use serde_json::{Value, json};

use super::citizen::Visit;
use super::contract::{self, MAX_INLINE};
use super::draft::{Draft, Uploaded};
use super::serve::{App, Fault, show};
use crate::form::{Submitted, Takes};
use crate::problem::Problem;

/// The most that goes inline into one message, in bytes before base64: with every text at its
/// longest too, a message stays below what ingest takes.
const MAX_INLINE_ALL: usize = budget::SUBMISSION / 4;
/// The most files of one application.
const MOST_FILES: usize = 10;

type Errors = BTreeMap<String, String>;

/// `GET /yeni-basvuru`: Ana Başlık, then Alt Başlık, then Valilik.
pub async fn choose(
    State(app): State<App>,
    visit: Visit,
    Query(chosen): Query<BTreeMap<String, String>>,
) -> Result<Response, Fault> {
    let chosen = |name: &str| chosen.get(name).cloned().unwrap_or_default();
    let routable = |service: &Service| {
        app.catalog.valilikler().any(|(valilik, _)| app.catalog.route(&service.slug, valilik).is_some())
    };
    let services: Vec<_> = app.catalog.services().filter(|service| routable(service)).collect();
    let mut mains: Vec<_> = services.iter().map(|service| service.main_title.as_str()).collect();
    mains.sort_by_key(|title| SortKey::of(title));
    mains.dedup();
    let main = chosen("ana");
    let mut titles: Vec<_> = services.iter().filter(|service| service.main_title == main).collect();
    titles.sort_by_key(|service| SortKey::of(&service.title));
    let service = titles.iter().find(|service| service.slug.as_str() == chosen("hizmet"));
    let mut places: Vec<_> = app
        .catalog
        .valilikler()
        .filter(|(valilik, _)| service.is_some_and(|s| app.catalog.route(&s.slug, *valilik).is_some()))
        .map(|(valilik, name)| (valilik.plate(), name))
        .collect();
    places.sort_by_key(|(_, name)| SortKey::of(name));
    let p = json!({
        "mains": mains, "main": main, "places": places,
        "titles": titles.iter().map(|s| (s.slug.as_str(), &s.title)).collect::<Vec<_>>(),
        "valilik": app.drafts.get(&visit.csrf).map(|draft| draft.valilik.plate()),
        "service": service.map(|s| s.slug.as_str()), "service_title": service.map(|s| &s.title),
    });
    Ok(show(&visit, "portal/choose.html", "Yeni Başvuru", p)?.into_response())
}

/// `POST /yeni-basvuru`: "Devam Et".
pub async fn begin(State(app): State<App>, visit: Visit, request: Request) -> Result<Redirect, Fault> {
    let form = visit.form(&app, request, Takes::Text).await?;
    let service = form.text("hizmet").parse().map_err(|_| Problem::BadRequest)?;
    let plate: u8 = form.text("valilik").parse().map_err(|_| Problem::BadRequest)?;
    let valilik = Valilik::from_plate(plate).ok_or(Problem::BadRequest)?;
    if app.catalog.route(&service, valilik).is_none() {
        return Err(Problem::BadRequest.into());
    }
    app.drafts.begin(&visit.csrf, service, valilik);
    app.drafts.change(&visit.csrf, |draft| {
        let citizen = &visit.citizen;
        for (name, value) in [("telefon", citizen.phone), ("eposta", citizen.email.unwrap_or_default())] {
            draft.typed.entry(name.into()).or_insert_with(|| value.into());
        }
    });
    Ok(Redirect::to("/yeni-basvuru/iletisim"))
}

/// İletişim Bilgileri.
pub async fn contact_form(State(app): State<App>, visit: Visit) -> Result<Response, Fault> {
    step(&app, &visit, "portal/contact.html", &Errors::new())
}

/// Keeps what was typed, right or wrong, then goes on or says what is missing.
pub async fn contact(State(app): State<App>, visit: Visit, request: Request) -> Result<Response, Fault> {
    let form = visit.form(&app, request, Takes::Text).await?;
    let errors = keep(&app, &visit, &form, &["telefon", "eposta", "adres", "ilce"], contact_errors)?;
    next(&app, &visit, "portal/contact.html", &errors, "/yeni-basvuru/bilgiler")
}

/// Başvuru Bilgileri: the service's own fields.
pub async fn details_form(State(app): State<App>, visit: Visit) -> Result<Response, Fault> {
    step(&app, &visit, "portal/details.html", &Errors::new())
}

/// See [`contact`].
pub async fn details(State(app): State<App>, visit: Visit, request: Request) -> Result<Response, Fault> {
    let form = visit.form(&app, request, Takes::Text).await?;
    let (_, service) = draft(&app, &visit)?;
    let own: Vec<_> = service.form_fields.iter().map(|field| format!("alan_{}", field.name)).collect();
    let names: Vec<_> = own.iter().map(String::as_str).chain(["konu", "aciklama"]).collect();
    let errors = keep(&app, &visit, &form, &names, |draft| details_errors(draft, service))?;
    next(&app, &visit, "portal/details.html", &errors, "/yeni-basvuru/belgeler")
}

/// "Dosya Yükle" and "Başvuru Belgeniz".
pub async fn files_form(State(app): State<App>, visit: Visit) -> Result<Response, Fault> {
    step(&app, &visit, "portal/files.html", &Errors::new())
}

/// Adds a file, takes one away, or goes on.
pub async fn files(State(app): State<App>, visit: Visit, request: Request) -> Result<Response, Fault> {
    let form = visit.form(&app, request, Takes::File).await?;
    let (before, _) = draft(&app, &visit)?;
    let mut errors = Errors::new();
    let back = || Ok(Redirect::to("/yeni-basvuru/belgeler").into_response());
    if let Some(at) = form.text("kaldir").parse::<usize>().ok().filter(|at| *at < before.files.len()) {
        app.drafts.change(&visit.csrf, |draft| drop(draft.files.remove(at)));
        return back();
    }
    let kind = match form.text("tur").as_str() {
        "application" => "application",
        "supporting" => "supporting",
        _ => {
            let errors = file_errors(&before);
            return next(&app, &visit, "portal/files.html", &errors, "/yeni-basvuru/onay");
        }
    };
    let fault = match form.file().map(|file| (file, file.kind)) {
        None => "Önce bir dosya seçiniz.",
        Some((_, None)) => {
            "Bu tür dosya kabul edilmiyor: PDF, PNG, JPEG, TIFF ya da ofis belgesi yükleyiniz."
        }
        Some(_) if before.files.len() >= MOST_FILES => "En fazla 10 dosya yükleyebilirsiniz.",
        Some((file, Some(content))) => {
            // Not scanned here: e-Devlet's documents come as they come, and wait for the
            // scanner where staff open them.
            app.files.store(file).await.map_err(Problem::from)?;
            let name = if file.name.is_empty() { "belge".to_owned() } else { file.name.clone() };
            let (media_type, sha256) = (content.media_type(), file.sha256.clone());
            let added = Uploaded { kind, name, media_type, size: file.size, sha256 };
            app.drafts.change(&visit.csrf, |draft| {
                if kind == "application" {
                    draft.files.retain(|file| file.kind != kind);
                }
                draft.files.push(added);
            });
            return back();
        }
    };
    errors.insert(kind.into(), fault.into());
    next(&app, &visit, "portal/files.html", &errors, "")
}

/// The summary and the Onay Kutusu.
pub async fn confirm_form(State(app): State<App>, visit: Visit) -> Result<Response, Fault> {
    step(&app, &visit, "portal/confirm.html", &Errors::new())
}

/// Publishes the application, once everything is right and EVET is typed.
pub async fn confirm(State(app): State<App>, visit: Visit, request: Request) -> Result<Response, Fault> {
    let form = visit.form(&app, request, Takes::Text).await?;
    let mut errors = keep(&app, &visit, &form, &["onay"], |draft| {
        let wrong = draft.typed.get("onay").is_none_or(|typed| typed != "EVET");
        wrong
            .then(|| ("onay".into(), "Başvuruyu tamamlamak için kutuya EVET yazınız.".into()))
            .into_iter()
            .collect()
    })?;
    let (draft, service) = draft(&app, &visit)?;
    let earlier = [contact_errors(&draft), details_errors(&draft, service), file_errors(&draft)];
    if earlier.iter().any(|errors| !errors.is_empty()) {
        errors.insert("adimlar".into(), "Önceki adımlarda eksik bilgi var; geri dönüp tamamlayınız.".into());
    }
    if !errors.is_empty() {
        return next(&app, &visit, "portal/confirm.html", &errors, "");
    }
    let now = app.clock.now();
    let mut at = now;
    app.drafts.change(&visit.csrf, |draft| at = *draft.confirmed_at.get_or_insert(now));
    let (mut documents, mut inline) = (Vec::new(), 0);
    for file in &draft.files {
        let mut document = json!({
            "kind": file.kind, "name": file.name, "media_type": file.media_type,
            "size": file.size, "sha256": file.sha256,
        });
        if file.size <= MAX_INLINE && inline + file.size <= MAX_INLINE_ALL {
            inline += file.size;
            let bytes = app.files.bytes(&file.sha256).await.map_err(Problem::from)?;
            document["data"] = STANDARD.encode(bytes).into();
        } else {
            document["uri"] = format!("store://sha256/{}", file.sha256).into();
        }
        documents.push(document);
    }
    let message = contract::submission(&visit.citizen, &draft, service, documents, at);
    app.publish(draft.id.to_string(), &message).await?;
    app.drafts.end(&visit.csrf);
    Ok(Redirect::to(&format!("/basvurularim/{}", draft.id)).into_response())
}

fn draft<'a>(app: &'a App, visit: &Visit) -> Result<(Draft, &'a Service), Fault> {
    let draft = app.drafts.get(&visit.csrf).ok_or(Problem::NotFound)?;
    let service = app.catalog.service(&draft.service).ok_or(Problem::NotFound)?;
    Ok((draft, service))
}

/// Keeps the named fields in the draft and checks it.
fn keep(
    app: &App,
    visit: &Visit,
    form: &Submitted,
    names: &[&str],
    check: impl Fn(&Draft) -> Errors,
) -> Result<Errors, Fault> {
    app.drafts.change(&visit.csrf, |draft| {
        draft.typed.extend(names.iter().map(|name| ((*name).to_owned(), form.text(name))));
    });
    Ok(check(&draft(app, visit)?.0))
}

fn next(app: &App, visit: &Visit, template: &str, errors: &Errors, to: &str) -> Result<Response, Fault> {
    if errors.is_empty() { Ok(Redirect::to(to).into_response()) } else { step(app, visit, template, errors) }
}

/// A step with all that is kept; without a draft, the first step.
fn step(app: &App, visit: &Visit, template: &str, errors: &Errors) -> Result<Response, Fault> {
    let Ok((draft, service)) = draft(app, visit) else {
        return Ok(Redirect::to("/yeni-basvuru").into_response());
    };
    let names: BTreeSet<_> = ["telefon", "eposta", "adres", "ilce", "konu", "aciklama", "onay"].into();
    let mut typed: BTreeMap<_, _> = names.into_iter().map(|name| (name.to_owned(), String::new())).collect();
    typed.extend(draft.typed.clone());
    let fields: Vec<Value> = service
        .form_fields
        .iter()
        .map(|field| {
            let id = format!("alan_{}", field.name);
            let typed = draft.typed.get(&id).cloned().unwrap_or_default();
            json!({ "id": id, "label": field.label, "kind": field.kind, "required": field.required,
                    "options": field.options, "typed": typed })
        })
        .collect();
    let p = json!({
        "service": service.title, "main": service.main_title,
        "valilik": app.catalog.valilik_name(draft.valilik), "typed": typed, "fields": fields,
        "files": draft.files, "errors": errors,
    });
    Ok(show(visit, template, "Yeni Başvuru", p)?.into_response())
}

fn contact_errors(draft: &Draft) -> Errors {
    let typed = |name: &str| draft.typed.get(name).map_or("", String::as_str);
    let mut errors = Errors::new();
    let digits = typed("telefon").chars().filter(char::is_ascii_digit).count();
    if !(10..=15).contains(&digits) || typed("telefon").chars().any(char::is_alphabetic) {
        errors.insert("telefon".into(), "Cep Telefonu 10–15 rakam olmalıdır, örneğin +905551112233.".into());
    }
    if !typed("eposta").is_empty() && !typed("eposta").contains('@') {
        errors.insert("eposta".into(), "e-posta adresi ad@ornek.org biçiminde olmalıdır.".into());
    }
    if typed("adres").is_empty() {
        errors.insert("adres".into(), "Adresinizi yazınız.".into());
    }
    for (name, label, most) in [
        ("telefon", "Cep Telefonu", SHORT_CHARS),
        ("eposta", "e-posta", SHORT_CHARS),
        ("ilce", "İlçe", SHORT_CHARS),
        ("adres", "Adres", MIDDLE_CHARS),
    ] {
        errors.extend(too_long(label, typed(name), most).map(|fault| (name.into(), fault)));
    }
    errors
}

fn details_errors(draft: &Draft, service: &Service) -> Errors {
    let typed = |name: &str| draft.typed.get(name).map_or("", String::as_str);
    let mut errors = Errors::new();
    for (name, label, most) in [("konu", "Konu", SHORT_CHARS), ("aciklama", "Açıklama", MIDDLE_CHARS)] {
        let fault = if typed(name).is_empty() {
            Some(format!("{label} boş bırakılamaz."))
        } else {
            too_long(label, typed(name), most)
        };
        errors.extend(fault.map(|fault| (name.into(), fault)));
    }
    for field in &service.form_fields {
        let id = format!("alan_{}", field.name);
        let it = typed(&id);
        let fault = if it.is_empty() {
            field.required.then(|| format!("{} boş bırakılamaz.", field.label))
        } else {
            let fits = match field.kind {
                FieldKind::Text | FieldKind::LongText => it.chars().count() <= MIDDLE_CHARS,
                FieldKind::Number => it.parse::<i64>().is_ok(),
                FieldKind::Date => it.parse::<jiff::civil::Date>().is_ok(),
                FieldKind::Select => field.options.iter().any(|option| option == it),
            };
            (!fits).then(|| format!("{} bu biçimde olamaz.", field.label))
        };
        errors.extend(fault.map(|fault| (id, fault)));
    }
    errors
}

/// A text that ingest would not take; the citizen hears it here, with how much to shorten.
fn too_long(label: &str, text: &str, most: usize) -> Option<String> {
    let chars = text.chars().count();
    (chars > most)
        .then(|| format!("{label} en fazla {most} karakter olabilir; {} karakter kısaltınız.", chars - most))
}

fn file_errors(draft: &Draft) -> Errors {
    let has = draft.files.iter().any(|file| file.kind == "application");
    (!has)
        .then(|| ("application".into(), "Başvuru Belgeniz yüklenmeden devam edilemez.".into()))
        .into_iter()
        .collect()
}
