//! What a statement cannot reach, whoever sends it: two sandboxes behind the token.
//!
//! The first is the engine's own configuration: its user may do what the read model needs and
//! nothing else, so no table function, table or database engine, dictionary or `SYSTEM` reaches
//! files or hosts. libchdb does not check everything, though: the function `file('…')`,
//! `INTO OUTFILE`, `FROM INFILE`, `ATTACH … FROM`, the engines `FileLog` and `EmbeddedRocksDB`,
//! `format_schema`, and disks of kind `web` and `s3` stay open. The second is the kernel's, where
//! it has Landlock: the process opens no file outside the engine's folder and no connection.

use std::fs::File;
use std::io;
use std::path::Path;

use landlock::{
    ABI, Access, AccessFs, AccessNet, PathBeneath, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError,
    RulesetStatus, path_beneath_rules,
};

/// What the read model, its migrations and its tests need.
const GRANTS: &str = "GRANT SHOW, SELECT, INSERT, ALTER, CREATE DATABASE, CREATE TABLE, CREATE VIEW, \
     DROP DATABASE, DROP TABLE, DROP VIEW, TRUNCATE, OPTIMIZE ON *.*";

/// What the engine reads of the machine: random bytes, and how many processors and how much memory
/// it may use. None of it is secret.
const READABLE_PATHS: [&str; 3] = ["/dev/urandom", "/sys/devices/system", "/sys/fs/cgroup"];

/// The engine's configuration file, which also defines its user. Without one the engine would read
/// a `config.xml` of the working folder, and let its user do anything.
pub fn configuration(data: &Path) -> String {
    let path = data.display().to_string();
    let path = path.replace('&', "&amp;").replace('<', "&lt;");
    format!(
        "<clickhouse>
    <users_config>{path}/config.xml</users_config>
    <user_files_path>{path}/files/</user_files_path>
    <custom_local_disks_base_directory>{path}/files/</custom_local_disks_base_directory>
    <profiles><default><allow_introspection_functions>0</allow_introspection_functions></default></profiles>
    <quotas><default/></quotas>
    <users><default>
        <password/>
        <networks><ip>127.0.0.1</ip></networks>
        <profile>default</profile>
        <quota>default</quota>
        <grants><query>{GRANTS}</query></grants>
    </default></users>
</clickhouse>
"
    )
}

/// Limits this thread, and the threads it starts from now on, to the folder `data`, without network
/// (open sockets stay open) and without starting programs. Returns whether the kernel enforces all
/// of it.
pub fn confine(data: &Path) -> io::Result<bool> {
    let (folder, all) = (File::open(data)?, AccessFs::from_all(ABI::V4));
    let restrict = || -> Result<_, RulesetError> {
        Ruleset::default()
            .handle_access(all)?
            .handle_access(AccessNet::from_all(ABI::V4))?
            .create()?
            .add_rule(PathBeneath::new(folder, all & !AccessFs::Execute))?
            .add_rules(path_beneath_rules(READABLE_PATHS, AccessFs::ReadFile | AccessFs::ReadDir))?
            .restrict_self()
    };
    Ok(restrict().map_err(io::Error::other)?.ruleset == RulesetStatus::FullyEnforced)
}
