//! The user directory.

use std::sync::{Arc, PoisonError, RwLock};

use ebasvuru_workflow::budget;
use ebasvuru_workflow::domain::directory::Directory;
use ebasvuru_workflow::domain::ids::UserName;
use ebasvuru_workflow::domain::text;
use ebasvuru_workflow::domain::user::User;

use super::by_name::UsersByName;

/// The user directory as this replica has read it.
#[derive(Debug, Default)]
pub struct UserDirectory {
    users: RwLock<Directory>,
    by_name: RwLock<UsersByName>,
}

impl UserDirectory {
    /// A user in their current state.
    #[must_use]
    pub fn get(&self, name: &UserName) -> Option<Arc<User>> {
        self.read(|users| users.get(name).cloned())
    }

    /// The full name of a user; the user name if the directory does not have them.
    #[must_use]
    pub fn full_name(&self, name: &UserName) -> String {
        self.get(name).map_or_else(|| name.to_string(), |user| user.profile.full_name.clone())
    }

    /// Runs a query on the directory.
    pub fn read<T>(&self, query: impl FnOnce(&Directory) -> T) -> T {
        query(&self.users.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Runs a query on the users in alphabetical order.
    pub fn by_name<T>(&self, query: impl FnOnce(&UsersByName) -> T) -> T {
        query(&self.by_name.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Applies a user's record, read at `offset` of the directory's topic.
    pub fn apply(&self, user: User, offset: i64) {
        let mut users = self.users.write().unwrap_or_else(PoisonError::into_inner);
        self.put(&mut users, user, offset);
    }

    /// Applies a user from a reply, so that the next page shows the change before the directory's
    /// own record has arrived. A reply has no password hash: the known one stays until then.
    pub fn apply_reply(&self, user: &User) {
        let mut users = self.users.write().unwrap_or_else(PoisonError::into_inner);
        let known = users.get(&user.name);
        if known.is_none_or(|known| known.version < user.version) {
            let password = known.map_or_else(|| user.password.clone(), |known| known.password.clone());
            let offset = users.offset() - 1;
            self.put(&mut users, User { password, ..user.clone() }, offset);
        }
    }

    fn put(&self, users: &mut Directory, mut user: User, offset: i64) {
        // A name that was kept before there were rules for it must not break a page or a file.
        let full_name = text::line(&user.profile.full_name);
        user.profile.full_name = text::shortened(&full_name, budget::FULL_NAME_CHARS).into_owned();
        let user = Arc::new(user);
        self.by_name.write().unwrap_or_else(PoisonError::into_inner).put(Arc::clone(&user));
        users.put(user, offset);
    }
}
