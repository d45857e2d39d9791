//! The users in Turkish alphabetical order, each with its folded names, so that a page out of
//! twenty thousand users needs no sort.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use ebasvuru_workflow::domain::ids::UserName;
use ebasvuru_workflow::domain::turkish::SortKey;
use ebasvuru_workflow::domain::user::User;

use crate::folding::fold;

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
    /// Full name and user name, folded.
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
        let words = format!(" {} {}", fold(&user.profile.full_name), user.name);
        self.order.insert(key, Entry { user, words });
    }

    /// Up to `limit` users after the user `after` that pass `filter` and match `search`: each of its
    /// words begins a word of their full name or user name, or all of it is a part of the user name.
    pub fn page(
        &self,
        search: &str,
        after: Option<&UserName>,
        limit: usize,
        filter: impl Fn(&User) -> bool,
    ) -> UserPage {
        let search = fold(search);
        let wanted: Vec<String> = search.split_whitespace().map(|word| format!(" {word}")).collect();
        let matches = |entry: &Entry| {
            let in_user_name = || entry.user.name.as_str().contains(search.trim());
            filter(&entry.user) && (wanted.iter().all(|word| entry.words.contains(word)) || in_user_name())
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
