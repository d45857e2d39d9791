//! What a statement cannot reach, whoever sends it: the walls behind the token.
//!
//! The engine's own configuration is the first: its user may do what the read model needs and
//! nothing else, so no table function, table or database engine, dictionary or `SYSTEM` that
//! reaches files or hosts. It leaves open what libchdb itself does not check: the function
//! `file('…')`, `INTO OUTFILE`, `FROM INFILE`, `ATTACH … FROM`, the engines `FileLog` and
//! `EmbeddedRocksDB`, `format_schema`, and disks of kind `web` and `s3`. Those the kernel shuts,
//! where it has Landlock: the process opens no file outside of the engine's folder and no
//! connection.

use std::fs::File;
use std::io;
use std::path::Path;

use landlock::{
    ABI, Access, AccessFs, AccessNet, PathBeneath, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError,
    RulesetStatus, path_beneath_rules,
};

/// What the read model needs, its migrations and its tests.
const GRANTS: &str = "GRANT SHOW, SELECT, INSERT, ALTER, CREATE DATABASE, CREATE TABLE, CREATE VIEW, \
     DROP DATABASE, DROP TABLE, DROP VIEW, TRUNCATE, OPTIMIZE ON *.*";

/// What it reads of the machine: random bytes, and how many processors and how much memory it may
/// use. None holds a secret.
const MACHINE: [&str; 3] = ["/dev/urandom", "/sys/devices/system", "/sys/fs/cgroup"];

/// The engine's configuration file, which is its users' file, too. Without one the engine would
/// read a `config.xml` of the working folder, and let its user do anything.
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

/// Keeps this thread, and those that it starts from now on, to the folder `data` and off the
/// network (sockets that are open already stay); it starts no program. Says whether the kernel does all of it.
pub fn confine(data: &Path) -> io::Result<bool> {
    let (folder, all) = (File::open(data)?, AccessFs::from_all(ABI::V4));
    let ruled = || -> Result<_, RulesetError> {
        Ruleset::default()
            .handle_access(all)?
            .handle_access(AccessNet::from_all(ABI::V4))?
            .create()?
            .add_rule(PathBeneath::new(folder, all & !AccessFs::Execute))?
            .add_rules(path_beneath_rules(MACHINE, AccessFs::ReadFile | AccessFs::ReadDir))?
            .restrict_self()
    };
    Ok(ruled().map_err(io::Error::other)?.ruleset == RulesetStatus::FullyEnforced)
}
