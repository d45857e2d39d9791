//! The users in Turkish alphabetical order, each with its folded names, so that a page out of
//! twenty thousand users needs no sort.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use ebasvuru_workflow::domain::ids::UserName;
use ebasvuru_workflow::domain::text::is_blank;
use ebasvuru_workflow::domain::turkish::{SortKey, fold, index_words, joined_words, words};
use ebasvuru_workflow::domain::user::User;

type Key = (SortKey, UserName);

/// An index of the users.
#[derive(Debug, Default)]
pub struct UsersByName {
    keys: HashMap<UserName, Key>,
    order: BTreeMap<Key, Entry>,
}

#[derive(Debug)]
struct Entry {
    user: Arc<User>,
    /// The words of full name and user name, each after a space, folded.
    words: String,
}

/// A page of the list.
#[derive(Debug)]
pub struct UserPage {
    /// The users on the page.
    pub users: Vec<Arc<User>>,
    /// Whether more follow.
    pub more: bool,
    /// How many users all pages have together.
    pub total: usize,
}

impl UsersByName {
    /// Adds a user or replaces their entry.
    pub fn put(&mut self, user: Arc<User>) {
        let key = (SortKey::of(&user.profile.full_name), user.name.clone());
        if let Some(before) = self.keys.insert(user.name.clone(), key.clone()) {
            self.order.remove(&before);
        }
        let full_name = &user.profile.full_name;
        let all = [index_words(full_name), words(user.name.as_str())].concat();
        let words = all.iter().map(|word| format!(" {word}")).collect();
        self.order.insert(key, Entry { user, words });
    }

    /// Up to `limit` users after the user `after` that pass `filter` and match `search`: each of its
    /// words, whole or in its parts, begins a word of their full name or user name, or all of it is a
    /// part of the user name.
    pub fn page(
        &self,
        search: &str,
        after: Option<&UserName>,
        limit: usize,
        filter: impl Fn(&User) -> bool,
    ) -> UserPage {
        let everybody = is_blank(search);
        let folded = fold(search);
        let any_of = [words(search), joined_words(search)]
            .map(|words| words.into_iter().map(|word| format!(" {word}")).collect::<Vec<_>>());
        let matches = |entry: &Entry| {
            let in_user_name = || entry.user.name.as_str().contains(folded.trim());
            let has_all =
                |all: &Vec<String>| !all.is_empty() && all.iter().all(|word| entry.words.contains(word));
            filter(&entry.user) && (everybody || any_of.iter().any(has_all) || in_user_name())
        };
        let start = match after.and_then(|name| self.keys.get(name)) {
            Some(key) => Bound::Excluded(key),
            None => Bound::Unbounded,
        };
        let rest = self.order.range::<Key, _>((start, Bound::Unbounded)).map(|(_, entry)| entry);
        let mut users: Vec<_> = rest
            .filter(|entry| matches(entry))
            .take(limit + 1)
            .map(|entry| Arc::clone(&entry.user))
            .collect();
        let more = users.len() > limit;
        users.truncate(limit);
        UserPage { users, more, total: self.order.values().filter(|entry| matches(entry)).count() }
    }
}

#[cfg(test)]
mod tests {
    use ebasvuru_workflow::domain::actor::Role;
    use ebasvuru_workflow::testing;

    use super::*;

    fn user(name: &str, full_name: &str) -> Arc<User> {
        let mut user = testing::user(name, Role::Administrator, None);
        user.profile.full_name = full_name.into();
        Arc::new(user)
    }

    fn names(users: &UsersByName, search: &str) -> Vec<String> {
        users.page(search, None, 100, |_| true).users.iter().map(|u| u.profile.full_name.clone()).collect()
    }

    #[test]
    fn users_are_in_turkish_order_and_a_renamed_user_is_listed_once() {
        let mut users = UsersByName::default();
        let all = ["Zeynep Şen", "Çağla Ün", "Can Işık", "Irmak İnce", "İpek Ak", "Ömer Oz", "Oya Su"];
        for (n, full_name) in all.into_iter().enumerate() {
            users.put(user(&format!("user{n}"), full_name));
        }
        let order = ["Can Işık", "Çağla Ün", "Irmak İnce", "İpek Ak", "Oya Su", "Ömer Oz", "Zeynep Şen"];
        assert_eq!(names(&users, ""), order);
        users.put(user("user0", "Ada Şen"));
        assert_eq!(names(&users, "").first().unwrap(), "Ada Şen");
        assert_eq!(names(&users, "").len(), 7);
        let mut users = UsersByName::default();
        for (n, full_name) in ["Zeynep Ak", "Âdem Zorlu", "Kazım Bal", "Kâzım Arı"].into_iter().enumerate()
        {
            users.put(user(&format!("user{n}"), full_name));
        }
        assert_eq!(names(&users, ""), ["Âdem Zorlu", "Kâzım Arı", "Kazım Bal", "Zeynep Ak"]);
    }

    #[test]
    fn a_search_ignores_case_and_turkish_marks() {
        let mut users = UsersByName::default();
        users.put(user("can.isik", "Can Işık"));
        users.put(user("ipek.sahin", "İpek Şahin"));
        for search in ["ışık", "ISIK", "isik", "IŞIK can", "can.is", "n.isik"] {
            assert_eq!(names(&users, search), ["Can Işık"], "{search}");
        }
        assert_eq!(names(&users, "İPEK"), ["İpek Şahin"]);
        assert_eq!(names(&users, "ahin"), ["İpek Şahin"], "by the user name");
        assert!(names(&users, "pek şa").is_empty(), "the words begin words");
        assert!(names(&users, "😀").is_empty());
        assert_eq!(names(&users, "\u{200b}").len(), 2);
        users.put(user("s.o", "S\u{327}ule O\u{308}ztürk‑Kâzım"));
        for search in
            ["şule", "SULE", "kazim", "Öztürk-Kâzım, Şule", "öztürkkâz", "\u{feff}Sule\u{a0}Oz", "S.O", "s.ö"]
        {
            assert_eq!(names(&users, search), ["S\u{327}ule O\u{308}ztürk‑Kâzım"], "{search}");
        }
    }

    #[test]
    fn paging_returns_every_user_once() {
        let mut users = UsersByName::default();
        for n in 0..250 {
            // Many of one name.
            users.put(user(&format!("user{n}"), ["Ali Kaya", "Ayşe Kaya"][n % 2]));
        }
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = users.page("kaya", after.as_ref(), 40, |user| user.name.as_str() != "user7");
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
