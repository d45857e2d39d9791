//! Everybody by name, in the Turkish alphabetical order, with what a search looks at kept
//! beside: a page of twenty thousand users is a walk, not a sort.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use ebasvuru_workflow::domain::ids::UserName;
use ebasvuru_workflow::domain::turkish::{SortKey, lowercase};
use ebasvuru_workflow::domain::user::User;

type Key = (SortKey, UserName);

/// The users in order.
#[derive(Debug, Default)]
pub struct People {
    keys: HashMap<UserName, Key>,
    order: BTreeMap<Key, Person>,
}

#[derive(Debug)]
struct Person {
    user: Arc<User>,
    /// Full name and user name, folded.
    words: String,
}

/// One page.
#[derive(Debug)]
pub struct Page {
    /// The users on it.
    pub users: Vec<Arc<User>>,
    /// Whether more follow.
    pub more: bool,
    /// How many there are on all pages together.
    pub total: usize,
}

impl People {
    /// Takes a user as they are now.
    pub fn put(&mut self, user: Arc<User>) {
        let key = (SortKey::of(&user.profile.full_name), user.name.clone());
        if let Some(before) = self.keys.insert(user.name.clone(), key.clone()) {
            self.order.remove(&before);
        }
        let words = format!(" {} {}", fold(&user.profile.full_name), user.name);
        self.order.insert(key, Person { user, words });
    }

    /// Up to `limit` of those who pass `filter` and in whose names every word of `search`
    /// begins a word, after the user `after`.
    pub fn page(
        &self,
        search: &str,
        after: Option<&UserName>,
        limit: usize,
        filter: impl Fn(&User) -> bool,
    ) -> Page {
        let search = fold(search);
        let wanted: Vec<String> = search.split_whitespace().map(|word| format!(" {word}")).collect();
        // A user name is looked for in any part of it.
        let fits = |person: &Person| {
            let by_name = || person.user.name.as_str().contains(search.trim());
            filter(&person.user) && (wanted.iter().all(|word| person.words.contains(word)) || by_name())
        };
        let start = match after.and_then(|name| self.keys.get(name)) {
            Some(key) => Bound::Excluded(key),
            None => Bound::Unbounded,
        };
        let rest = self.order.range::<Key, _>((start, Bound::Unbounded)).map(|(_, person)| person);
        let mut users: Vec<_> =
            rest.filter(|p| fits(p)).take(limit + 1).map(|p| Arc::clone(&p.user)).collect();
        let more = users.len() > limit;
        users.truncate(limit);
        Page { users, more, total: self.order.values().filter(|person| fits(person)).count() }
    }
}

/// How names are compared in a search: lower case by the Turkish rules, and without the
/// marks that a foreign keyboard lacks, so that `sahin` finds Şahin and `ISIK` finds Işık.
#[must_use]
pub fn fold(text: &str) -> String {
    let plain = |c| match c {
        'ç' => 'c',
        'ğ' => 'g',
        'ı' | 'î' => 'i',
        'ö' => 'o',
        'ş' => 's',
        'ü' | 'û' => 'u',
        'â' => 'a',
        other => other,
    };
    lowercase(text).chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use ebasvuru_workflow::domain::actor::Role;
    use ebasvuru_workflow::domain::sealed::Sealed;
    use ebasvuru_workflow::domain::user::{Access, UserProfile};
    use jiff::Timestamp;

    use super::*;

    fn user(name: &str, full_name: &str) -> Arc<User> {
        Arc::new(User {
            name: name.parse().unwrap(),
            version: 1,
            profile: UserProfile { full_name: full_name.into(), role: Role::Administrator, unit: None },
            active: true,
            password: Sealed("".into()),
            must_change_password: false,
            password_set_at: Timestamp::UNIX_EPOCH,
            sessions_since: 1,
            access: Access::default(),
            delegation: None,
            recent_commands: std::collections::VecDeque::new(),
        })
    }

    fn names(people: &People, search: &str) -> Vec<String> {
        people.page(search, None, 100, |_| true).users.iter().map(|u| u.profile.full_name.clone()).collect()
    }

    #[test]
    fn the_order_is_turkish_and_a_renamed_person_stands_once() {
        let mut people = People::default();
        let all = ["Zeynep Şen", "Çağla Ün", "Can Işık", "Irmak İnce", "İpek Ak", "Ömer Oz", "Oya Su"];
        for (n, full_name) in all.into_iter().enumerate() {
            people.put(user(&format!("user{n}"), full_name));
        }
        let order = ["Can Işık", "Çağla Ün", "Irmak İnce", "İpek Ak", "Oya Su", "Ömer Oz", "Zeynep Şen"];
        assert_eq!(names(&people, ""), order);
        people.put(user("user0", "Ada Şen"));
        assert_eq!(names(&people, "").first().unwrap(), "Ada Şen");
        assert_eq!(names(&people, "").len(), 7);
    }

    #[test]
    fn a_search_folds_the_turkish_letters() {
        let mut people = People::default();
        people.put(user("can.isik", "Can Işık"));
        people.put(user("ipek.sahin", "İpek Şahin"));
        for search in ["ışık", "ISIK", "isik", "IŞIK can", "can.is", "n.isik"] {
            assert_eq!(names(&people, search), ["Can Işık"], "{search}");
        }
        assert_eq!(names(&people, "İPEK"), ["İpek Şahin"]);
        assert_eq!(names(&people, "ahin"), ["İpek Şahin"], "by the user name");
        assert!(names(&people, "pek şa").is_empty(), "the words begin words");
    }

    #[test]
    fn pages_by_key_meet_everybody_once() {
        let mut people = People::default();
        for n in 0..250 {
            // Many of one name.
            people.put(user(&format!("user{n}"), ["Ali Kaya", "Ayşe Kaya"][n % 2]));
        }
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = people.page("kaya", after.as_ref(), 40, |user| user.name.as_str() != "user7");
            assert_eq!(page.total, 249);
            seen.extend(page.users.iter().map(|user| user.name.clone()));
            if !page.more {
                break;
            }
            after = seen.last().cloned();
        }
        assert_eq!(seen.len(), 249);
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 249);
    }
}
