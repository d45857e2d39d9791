//! The command line.

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand};
use ebasvuru_workflow::dead_letters::{Address, State};

use crate::commands::rebuild::Month;

/// e-Başvuru: citizens apply to their governorates and get an answer in time.
///
/// Without a subcommand this is `ebasvuru up`: the whole product on this machine, with an embedded log
/// and an embedded ClickHouse, and its data in ./data.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Cli {
    #[command(flatten)]
    pub common: Common,
    #[command(flatten)]
    pub up: Up,
    #[command(subcommand)]
    pub command: Option<Command>,
}

impl Cli {
    /// The command line of this process; wrong use ends it.
    pub fn read() -> Self {
        Self::checked(Self::parse()).unwrap_or_else(|error| error.exit())
    }

    /// The options of every subcommand may stand before it, those of `up` only without another one.
    fn checked(mut self) -> Result<Self, clap::Error> {
        match &mut self.command {
            None => {}
            Some(Command::Up(up)) => {
                up.no_demo |= self.up.no_demo;
                up.listen = up.listen.take().or(self.up.listen.take());
            }
            Some(_) if self.up.no_demo || self.up.listen.is_some() => {
                let text = "--no-demo and --listen are options of `up` alone";
                return Err(Self::command().error(ErrorKind::ArgumentConflict, text));
            }
            Some(_) => {}
        }
        Ok(self)
    }
}

/// Options of every subcommand, wherever they stand.
#[derive(Clone, Debug, Args)]
pub struct Common {
    /// A TOML file; `src/config.default.toml` has every key with its default
    #[arg(long, global = true, env = "EBASVURU_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Where `up` keeps its data, and where the other commands look for it [default: ./data]
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Kafka's brokers, host:port,…; without them the embedded log is used [env: KAFKA_BROKERS]
    #[arg(long, global = true, value_name = "BROKERS")]
    pub brokers: Option<String>,
    /// ClickHouse's HTTP address; without it the embedded engine is used [env: CLICKHOUSE_URL]
    #[arg(long, global = true, value_name = "URL")]
    pub clickhouse: Option<String>,
}

impl Common {
    /// The options as settings: key and value.
    pub fn settings(&self) -> Vec<(String, String)> {
        let data = self.data.as_ref().map(|dir| dir.display().to_string());
        [
            ("data.dir", data),
            ("kafka.brokers", self.brokers.clone()),
            ("clickhouse.url", self.clickhouse.clone()),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?)))
        .collect()
    }
}

/// Options of `up`.
#[derive(Clone, Debug, Args)]
pub struct Up {
    /// Start empty: only the catalog and one Yönetici, whose one-time password is printed
    #[arg(long)]
    pub no_demo: bool,
    /// Where the dashboard listens [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the whole product on this machine, and print its addresses
    Up(Up),
    /// Check and route e-Devlet's submissions: edevlet.submissions → ebasvuru.commands
    Ingest,
    /// Decide commands: ebasvuru.commands → events, snapshots, replies, notifications
    Workflow,
    /// Stream every state change into ClickHouse
    Analytics,
    /// Serve the staff web and the reports
    Dashboard,
    /// Serve the stand-in for e-Devlet, where anybody can act as a demo citizen
    Portal,
    /// Create missing topics, and the key ring of a new log; print the topics that differ, exit 1
    Topics,
    /// Move the state after partitions were added; no other process may run meanwhile
    Repartition,
    /// Bring ClickHouse's schema up to date
    Migrate,
    /// Empty the read model and fill it again from the log
    Rebuild {
        /// Only write the figures of this month's closed applications anew
        #[arg(long, value_name = "YYYY-MM")]
        month: Option<Month>,
    },
    /// Compare the log with ClickHouse, partition by partition; exit 1 if they differ
    Reconcile(Json),
    /// Messages that could not be accepted
    #[command(subcommand)]
    Dlq(Dlq),
    /// The keys that seal personal data
    #[command(subcommand)]
    Keys(Keys),
    /// Check configuration, catalog, keys and connections; exit 1 with what to fix
    Check,
    /// Users: for the first Yönetici, and for emergencies
    #[command(subcommand)]
    User(User),
    /// What an integrator needs: services, governorates, units, routes
    Catalog(Json),
    /// Publish one message a line onto edevlet.submissions, bytes untouched, as e-Devlet would
    Publish {
        /// The file, or - for standard input
        #[arg(default_value = "-")]
        file: PathBuf,
    },
    /// Publish realistic submissions onto edevlet.submissions
    Load {
        /// Submissions a second; 0: as fast as possible
        #[arg(long, default_value_t = 0)]
        rate: u32,
        /// How many
        #[arg(long, default_value_t = 1000)]
        count: u64,
        /// The same seed gives the same submissions
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// ClickHouse's own engine behind HTTP: a child process of `up`
    #[command(hide = true, disable_help_flag = true)]
    EngineServe {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
}

#[derive(Clone, Copy, Debug, Args)]
pub struct Json {
    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
}

#[derive(Clone, Copy, Debug, Subcommand)]
pub enum Keys {
    /// Create the key ring of a new log, if there is none yet
    Init,
    /// Add the keys of the months ahead; run it where the ring is kept
    Extend,
}

#[derive(Debug, Subcommand)]
pub enum Dlq {
    /// One line for each dead letter: address, reason, where it came from, what has become of it
    List {
        /// Only this reason code
        #[arg(long)]
        reason: Option<String>,
        /// Only those of which this has become
        #[arg(long)]
        state: Option<StateArg>,
        /// Those of ebasvuru.commands.dlq: commands that no worker could read
        #[arg(long)]
        commands: bool,
        #[command(flatten)]
        json: Json,
    },
    /// One dead letter: its state, its headers, then its bytes exactly as they came
    Show {
        /// partition:offset, as `list` prints it
        address: Address,
        /// One of ebasvuru.commands.dlq
        #[arg(long)]
        commands: bool,
        #[command(flatten)]
        json: Json,
    },
    /// Publish dead letters again onto edevlet.submissions, key and bytes untouched, each once
    Replay {
        /// partition:offset, as `list` prints them
        addresses: Vec<Address>,
        /// Every dead letter with this reason code
        #[arg(long, conflicts_with = "addresses", required_unless_present = "addresses")]
        reason: Option<String>,
        /// Also those that have been published again before
        #[arg(long)]
        again: bool,
    },
}

/// What has become of a dead letter.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum StateArg {
    /// It has not been published again
    New,
    /// It was published again, and nothing is known of it yet
    Replayed,
    /// It was published again and accepted
    #[value(alias = "gone_through")]
    GoneThrough,
    /// It was published again and dead-lettered again
    #[value(alias = "failed_again")]
    FailedAgain,
}

impl From<StateArg> for State {
    fn from(arg: StateArg) -> Self {
        match arg {
            StateArg::New => Self::New,
            StateArg::Replayed => Self::Replayed,
            StateArg::GoneThrough => Self::GoneThrough,
            StateArg::FailedAgain => Self::FailedAgain,
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum User {
    /// Define a user; the one-time password is printed
    Add {
        /// The user name
        name: String,
        /// First and last name
        #[arg(long)]
        full_name: String,
        /// yonetici, yetkili, sorumlu or koordinasyon
        #[arg(long)]
        role: RoleArg,
        /// The unit, as `ebasvuru catalog` prints it; none for a Yönetici
        #[arg(long)]
        unit: Option<String>,
    },
    /// Give a user a new one-time password, which is printed
    Passwd {
        /// The user name
        name: String,
    },
    /// Every user
    List(Json),
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum RoleArg {
    Yonetici,
    Yetkili,
    Sorumlu,
    Koordinasyon,
}

#[cfg(test)]
mod tests {
    use clap::builder::PossibleValue;
    use clap::{Arg, Command as Definition};

    use super::*;

    fn parsed(args: &[String]) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(args).and_then(Cli::checked)
    }

    /// The command lines of every subcommand that people give, with a value for whatever takes one.
    fn lines(of: &Definition, before: &[String]) -> Vec<Vec<String>> {
        let mut line = before.to_vec();
        line.push(of.get_name().to_owned());
        let below: Vec<_> = of.get_subcommands().filter(|below| !below.is_hide_set()).collect();
        if !below.is_empty() {
            return below.into_iter().flat_map(|below| lines(below, &line)).collect();
        }
        for arg in of.get_arguments().filter(|arg| arg.is_positional() || arg.is_required_set()) {
            line.extend(arg.get_long().map(|long| format!("--{long}")));
            line.push(value(arg));
        }
        vec![line]
    }

    fn value(arg: &Arg) -> String {
        let possible = arg.get_possible_values();
        possible.first().map_or("1:2", PossibleValue::get_name).to_owned()
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn options_of_every_subcommand_are_taken_before_between_and_after() {
        let cli = Cli::command();
        let options: Vec<_> = cli.get_arguments().filter(|arg| arg.is_global_set()).collect();
        assert!(options.len() >= 4, "{options:?}");
        let mut all = lines(&cli, &[]);
        all.push(vec!["ebasvuru".into()]);
        assert!(all.len() > 20, "{all:?}");
        for line in all {
            for option in &options {
                let name = option.get_long().unwrap();
                for place in 1..=line.len() {
                    let mut args = line.clone();
                    args.splice(place..place, [format!("--{name}"), "/x".into()]);
                    // Between an option and its value stands nothing else.
                    if args[place - 1].starts_with("--") {
                        continue;
                    }
                    let cli = parsed(&args).unwrap_or_else(|error| panic!("{args:?}: {error}"));
                    let common = format!("{:?}", cli.common);
                    assert!(common.contains(&format!("{name}: Some(\"/x\")")), "{args:?}: {common}");
                }
            }
        }
    }

    #[test]
    fn options_of_up_belong_to_up() {
        let cli = |line: &str| parsed(&line.split(' ').map(str::to_owned).collect::<Vec<_>>());
        for line in ["ebasvuru up --no-demo --listen a:1", "ebasvuru --listen a:1 up --no-demo"] {
            let Some(Command::Up(up)) = cli(line).unwrap().command else { panic!("{line}") };
            assert_eq!((up.no_demo, up.listen.as_deref()), (true, Some("a:1")), "{line}");
        }
        let alone = cli("ebasvuru --no-demo --data d").unwrap();
        assert!(alone.up.no_demo && alone.command.is_none());
        let refused = cli("ebasvuru --no-demo user list").unwrap_err();
        assert_eq!((refused.kind(), refused.exit_code()), (ErrorKind::ArgumentConflict, 2));
    }
}
