//! What a person sees on a page of the dashboard: its forms, the rows of a list, the numbers of a report.

use axum::http::StatusCode;

/// An answer of the dashboard.
#[derive(Debug)]
pub struct Page {
    pub status: StatusCode,
    /// Where it redirects to.
    pub location: Option<String>,
    pub html: String,
}

/// A form with what its fields hold.
#[derive(Clone, Debug)]
pub struct Form {
    pub action: String,
    fields: Vec<(String, String)>,
}

impl Page {
    /// The first form that is sent to an address with this end.
    pub fn form(&self, end: &str) -> Option<Form> {
        self.forms().find(|form| form.action.ends_with(end))
    }

    /// The forms that take no file, each with its hidden fields and the first choice of each list.
    fn forms(&self) -> impl Iterator<Item = Form> {
        let forms = self.html.split("<form ").skip(1);
        let forms = forms.map(|rest| rest.split_once("</form>").map_or(rest, |(form, _)| form));
        forms.filter(|form| !form.contains("type=\"file\"")).map(|form| {
            let (tag, inside) = form.split_once('>').unwrap();
            let field = |tag: &str| Some((attribute(tag, "name")?, attribute(tag, "value")?));
            let hidden = inside.split("<input type=\"hidden\" ").skip(1).filter_map(field);
            let choices = inside.split("<select ").skip(1).filter_map(|list| {
                let mut values =
                    list.split("<option ").skip(1).filter_map(|option| attribute(option, "value"));
                Some((attribute(list, "name")?, values.find(|value| !value.is_empty())?))
            });
            Form { action: attribute(tag, "action").unwrap(), fields: hidden.chain(choices).collect() }
        })
    }

    /// The form of the action that the application waits for, if this person may do it: the first of the
    /// bar, unless it is a quiet one.
    pub fn next(&self) -> Option<Form> {
        let (_, bar) = self.html.split_once("<nav class=\"bar\"")?;
        let (first, _) = bar.split_once("</li>")?;
        if first.contains("quiet") {
            return None;
        }
        let form = first.split_once("<form id=\"").or_else(|| first.split_once("href=\"#"));
        let (slug, _) = form?.1.split_once('"')?;
        let to = format!("/{slug}");
        // Of the documents to check, one that is not there yet.
        self.forms().find(|form| form.action.ends_with(&to) && !form.holds("var", "0"))
    }

    /// The addresses of the applications of a list.
    pub fn rows(&self) -> Vec<String> {
        let links = self.html.split("href=\"/basvurular/").skip(1);
        let links = links.map(|rest| unescaped(rest.split('"').next().unwrap()));
        links.filter(|rest| !rest.contains('#')).map(|rest| format!("/basvurular/{rest}")).collect()
    }

    /// The `nth` figure of a report.
    pub fn figure(&self, nth: usize) -> u64 {
        let figure = self.html.split("<p class=\"figure\">").nth(nth + 1).unwrap();
        let (_, rest) = figure.split_once("\">").unwrap();
        rest.chars()
            .take_while(|it| *it != '<')
            .filter_map(|it| it.to_digit(10))
            .map(u64::from)
            .fold(0, |all, it| all * 10 + it)
    }

    /// What it says about an error.
    pub fn alert(&self) -> &str {
        let alert = self.html.split_once("role=\"alert\"").and_then(|(_, rest)| rest.split_once("</"));
        alert.map_or("", |(words, _)| words)
    }
}

impl Form {
    /// With this in a field.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    fn holds(&self, name: &str, value: &str) -> bool {
        self.fields.iter().any(|(n, v)| n == name && v == value)
    }

    pub fn body(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.fields).finish()
    }
}

/// The value of an attribute of the tag that the text begins in.
fn attribute(text: &str, name: &str) -> Option<String> {
    let tag = text.split('>').next()?;
    let (_, rest) = tag.split_once(&format!("{name}=\""))?;
    rest.split('"').next().map(unescaped)
}

fn unescaped(text: &str) -> String {
    text.replace("&#x2f;", "/")
        .replace("&#x27;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}
