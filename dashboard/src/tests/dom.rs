//! Pages as browsers parse them, asked by CSS selectors: `form[action="/giris"] input.small`, with
//! elements, ids, classes, attributes (`=`, `^=`, `*=`), `:nth-child(n)` and descendants.

use html5ever::tendril::TendrilSink;
use html5ever::{ParseOpts, parse_document};
use markup5ever_rcdom::{Handle, NodeData, RcDom};

use super::browser::Page;

/// The elements of a page in document order.
pub struct Dom(Vec<Element>);

#[derive(Debug)]
struct Element {
    parent: Option<usize>,
    /// Its place among the children of its parent, from 1.
    nth: usize,
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
}

impl Dom {
    pub fn parse(html: &str) -> Self {
        let document = parse_document(RcDom::default(), ParseOpts::default()).one(html);
        let mut elements = Vec::new();
        collect(&document.document, None, 1, &mut elements);
        Self(elements)
    }

    fn matching(&self, selector: &str) -> Vec<&Element> {
        let parts: Vec<Compound> = split(selector).iter().map(|part| Compound::parse(part)).collect();
        let (last, above) = parts.split_last().unwrap();
        let fits = |element: &&Element| {
            let mut above = above.iter().rev().peekable();
            let mut parent = element.parent;
            while let Some(at) = parent {
                if above.peek().is_some_and(|part| part.matches(&self.0[at])) {
                    above.next();
                }
                parent = self.0[at].parent;
            }
            above.peek().is_none() && last.matches(element)
        };
        self.0.iter().filter(fits).collect()
    }
}

impl Page {
    /// Whether an element matches.
    pub fn has(&self, selector: &str) -> bool {
        self.count(selector) > 0
    }

    /// How many elements match.
    pub fn count(&self, selector: &str) -> usize {
        self.dom().matching(selector).len()
    }

    /// The texts of the matching elements, white space collapsed.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        self.dom().matching(selector).iter().map(|element| element.text.clone()).collect()
    }

    /// The text of the matching elements, joined; empty if none matches.
    pub fn text(&self, selector: &str) -> String {
        self.texts(selector).join(" ")
    }

    /// The texts of the children of each matching element.
    pub fn rows(&self, selector: &str) -> Vec<Vec<String>> {
        let dom = self.dom();
        let rows = dom.matching(selector).into_iter();
        rows.map(|row| {
            let children =
                dom.0.iter().filter(|child| child.parent.is_some_and(|at| std::ptr::eq(&dom.0[at], row)));
            children.map(|child| child.text.clone()).collect()
        })
        .collect()
    }

    /// Whether the page shows this text.
    pub fn shows(&self, text: &str) -> bool {
        self.text("body").contains(text)
    }

    /// An attribute of all matching elements that have it.
    pub fn attributes(&self, selector: &str, name: &str) -> Vec<String> {
        let dom = self.dom();
        dom.matching(selector)
            .iter()
            .filter_map(|element| element.attribute(name))
            .map(str::to_owned)
            .collect()
    }

    /// An attribute of the first matching element.
    pub fn attribute(&self, selector: &str, name: &str) -> Option<String> {
        self.attributes(selector, name).into_iter().next()
    }

    /// The value of the first input with this name.
    pub fn input(&self, name: &str) -> Option<String> {
        self.attribute(&format!("input[name=\"{name}\"]"), "value")
    }

    /// The elements that show `mark` beside other text, outside of `bdi`, `dir="auto"` and Unicode's own
    /// isolates, and the attributes with `control`.
    pub fn turned_around(&self, mark: char, control: char) -> Vec<String> {
        let dom = self.dom();
        let attributes = dom.0.iter().flat_map(|element| &element.attributes);
        let in_attributes = attributes
            .filter(|(_, value)| value.contains(control))
            .map(|(name, value)| format!("{name}={value}"));
        let innermost = |i: usize| {
            let mut children = dom.0.iter().filter(|child| child.parent == Some(i));
            let outside = dom.0[i].text.split('\u{2068}').enumerate();
            let mut outside = outside.map(|(n, part)| part.split('\u{2069}').nth(usize::from(n > 0)));
            outside.any(|part| part.is_some_and(|part| part.contains(mark)))
                && !children.any(|child| child.text.contains(mark))
        };
        let isolates = |element: &Element| {
            ["bdi", "option", "textarea"].contains(&element.name.as_str())
                || element.attribute("dir") == Some("auto")
        };
        let isolated = |mut at: usize| loop {
            if isolates(&dom.0[at]) {
                break true;
            }
            match dom.0[at].parent {
                Some(parent) => at = parent,
                None => break false,
            }
        };
        let shown = (0..dom.0.len())
            .filter(|i| innermost(*i) && !isolated(*i))
            .map(|i| format!("<{}> {}", dom.0[i].name, dom.0[i].text));
        in_attributes.chain(shown).collect()
    }

    fn dom(&self) -> Dom {
        Dom::parse(self.html())
    }
}

impl Element {
    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

fn collect(node: &Handle, parent: Option<usize>, nth: usize, elements: &mut Vec<Element>) {
    let mut own = parent;
    if let NodeData::Element { name, attrs, .. } = &node.data {
        let attributes =
            attrs.borrow().iter().map(|a| (a.name.local.to_string(), a.value.to_string())).collect();
        let mut text = String::new();
        append_text(node, &mut text);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        elements.push(Element { parent, nth, name: name.local.to_string(), attributes, text });
        own = Some(elements.len() - 1);
    }
    let mut nth = 0;
    for child in node.children.borrow().iter() {
        nth += usize::from(matches!(child.data, NodeData::Element { .. }));
        collect(child, own, nth, elements);
    }
}

fn append_text(node: &Handle, text: &mut String) {
    match &node.data {
        NodeData::Text { contents } => text.push_str(&contents.borrow()),
        NodeData::Element { name, .. } if ["script", "style"].contains(&&*name.local) => {}
        _ => {
            for child in node.children.borrow().iter() {
                append_text(child, text);
                // Block elements end a word, inline elements do not.
                if matches!(&child.data, NodeData::Element { name, .. } if !INLINE.contains(&&*name.local)) {
                    text.push(' ');
                }
            }
        }
    }
}

const INLINE: [&str; 9] = ["a", "b", "bdi", "code", "small", "span", "strong", "time", "title"];

/// One part of a selector between spaces.
#[derive(Debug, Default)]
struct Compound {
    name: Option<String>,
    /// Attribute, operator, value; no operator for "is there".
    conditions: Vec<(String, &'static str, String)>,
    nth: Option<usize>,
}

impl Compound {
    fn parse(part: &str) -> Self {
        let mut compound = Self::default();
        let mut rest = part;
        while !rest.is_empty() {
            let (mark, after) = match rest.split_at(1) {
                (mark @ ("#" | "." | "[" | ":"), after) => (mark, after),
                _ => ("", rest),
            };
            let end = if mark == "[" {
                after.find(']').unwrap()
            } else {
                after.find(['#', '.', '[', ':']).unwrap_or(after.len())
            };
            let (token, left) = after.split_at(end);
            match mark {
                "#" => compound.conditions.push(("id".into(), "=", token.into())),
                "." => compound.conditions.push(("class".into(), "~=", token.into())),
                "[" => compound.conditions.push(condition(token)),
                ":" => {
                    let nth = token.strip_prefix("nth-child(").and_then(|n| n.strip_suffix(')')).unwrap();
                    compound.nth = Some(nth.parse().unwrap());
                }
                _ => compound.name = Some(token.into()),
            }
            rest = left.strip_prefix(']').filter(|_| mark == "[").unwrap_or(left);
        }
        compound
    }

    fn matches(&self, element: &Element) -> bool {
        self.name.as_ref().is_none_or(|name| *name == element.name)
            && self.nth.is_none_or(|nth| nth == element.nth)
            && self.conditions.iter().all(|(name, operator, wanted)| {
                element.attribute(name).is_some_and(|value| match *operator {
                    "" => true,
                    "=" => value == wanted,
                    "^=" => value.starts_with(wanted),
                    "*=" => value.contains(wanted),
                    _ => value.split_whitespace().any(|word| word == wanted),
                })
            })
    }
}

fn condition(token: &str) -> (String, &'static str, String) {
    for operator in ["^=", "*=", "="] {
        if let Some((name, value)) = token.split_once(operator) {
            return (name.into(), operator, value.trim_matches('"').into());
        }
    }
    (token.into(), "", String::new())
}

/// The parts of a selector; spaces in quotation marks separate nothing.
fn split(selector: &str) -> Vec<String> {
    let (mut parts, mut quoted) = (vec![String::new()], false);
    for c in selector.chars() {
        quoted ^= c == '"';
        match c {
            ' ' if !quoted => parts.push(String::new()),
            c => parts.last_mut().unwrap().push(c),
        }
    }
    parts
}

#[test]
fn selectors_find_what_they_name() {
    let html = "<form action='/a?b c' class='x y'><p id=i>one <b>two</b></p><input name=n value='&lt;v'></form>\
                <p>three</p>";
    let page = Page {
        status: Default::default(),
        location: String::new(),
        headers: Default::default(),
        bytes: html.into(),
    };
    assert_eq!(page.texts("p"), ["one two", "three"]);
    assert_eq!(page.text("form[action=\"/a?b c\"] p"), "one two");
    assert!(
        page.has("form.y #i") && page.has("[action^=\"/a\"] [name]") && page.has("form[action*=\"b c\"]")
    );
    assert!(!page.has("form.z p") && !page.has("p form") && !page.has("p#j"));
    assert_eq!(page.texts("p:nth-child(1)"), ["one two"]);
    assert_eq!(page.input("n").as_deref(), Some("<v"));
    assert!(page.shows("two three"));
}
