//! The server's PostgreSQL and Redis, each in a folder of its own, as Debian's packages install them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use tests::wait::eventually;

use super::child::{Child, Program, as_postgres, folder_of_postgres, free_port, run, wait_for};

/// The role and the database of the gateway.
const NAME: &str = "gateway";
/// Where Debian's packages install each version of PostgreSQL.
const VERSIONS: &str = "/usr/lib/postgresql";

/// A PostgreSQL with its defaults: `fsync` and `synchronous_commit` are on.
pub struct Postgres {
    /// Its first process, the parent of all others.
    pub child: Child,
    port: u16,
}

impl Postgres {
    /// Starts one with an empty database.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start(folder: &Path) -> Self {
        let (data, port) = (folder.join("postgres"), free_port());
        folder_of_postgres(&data);
        let programs = newest_version();
        let mut initdb = Command::new("setpriv");
        initdb.args(as_postgres()).arg(programs.join("initdb")).arg("--pgdata").arg(&data).current_dir(&data);
        run(initdb.args(["--username", NAME, "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8"]));
        let settings = ["listen_addresses=127.0.0.1", &format!("port={port}"), "unix_socket_directories="];
        let mut arguments = vec!["-D".to_owned(), data.to_string_lossy().into_owned()];
        arguments.extend(settings.into_iter().flat_map(|setting| ["-c".to_owned(), setting.to_owned()]));
        let file = programs.join("postgres");
        let variables = BTreeMap::new();
        let end = "INT"; // a fast shutdown
        let (name, privileges) = ("postgres", as_postgres());
        let program = Program { name, file: &file, arguments, variables, end, orphaned: end, privileges };
        let postgres = Self { child: Child::start(&program, folder), port };
        let create = || async {
            let done = postgres.psql("postgres").args(["-c", &format!("CREATE DATABASE {NAME}")]).output();
            done.is_ok_and(|done| done.status.success()).then_some(())
        };
        eventually("PostgreSQL to have a database", create).await;
        postgres
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("postgres://{NAME}@127.0.0.1:{}/{NAME}", self.port)
    }

    /// Runs a file of SQL.
    ///
    /// # Panics
    /// When it fails.
    pub fn run_file(&self, file: &Path) {
        run(self.psql(NAME).arg("-f").arg(file));
    }

    /// The values of a statement's result, in lines, with `|` between columns.
    ///
    /// # Panics
    /// When it fails.
    pub fn query(&self, statement: &str) -> String {
        run(self.psql(NAME).args(["-c", statement]))
    }

    fn psql(&self, database: &str) -> Command {
        let mut psql = Command::new("psql");
        psql.args(["--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "-v", "ON_ERROR_STOP=1"]);
        psql.args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", NAME, "-d", database]);
        psql
    }
}

/// A Redis that writes every command to its file and flushes that every second, as BullMQ's documentation advises. A crash of the
/// machine loses the jobs of the last second.
pub struct Redis {
    /// Its process.
    pub child: Child,
    port: u16,
}

impl Redis {
    /// Starts an empty one.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start(folder: &Path) -> Self {
        let (data, port) = (folder.join("redis"), free_port());
        std::fs::create_dir(&data).expect("a folder");
        let options =
            [("port", port.to_string()), ("bind", "127.0.0.1".to_owned()), ("dir", data.display().to_string())];
        let durable = [("appendonly", "yes".to_owned()), ("appendfsync", "everysec".to_owned())];
        let arguments = options.into_iter().chain(durable).flat_map(|(name, value)| [format!("--{name}"), value]);
        let (file, arguments) = (Path::new("/usr/bin/redis-server"), arguments.collect());
        let (variables, privileges) = (BTreeMap::new(), Vec::new());
        let program = Program { name: "redis", file, arguments, variables, end: "TERM", orphaned: "KILL", privileges };
        let child = Child::start(&program, folder);
        wait_for("Redis", port).await;
        Self { child, port }
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Deletes all jobs.
    ///
    /// # Panics
    /// When it does not answer.
    pub fn flush(&self) {
        run(Command::new("redis-cli").args(["-p", &self.port.to_string(), "flushall"]));
    }
}

/// The programs of the newest PostgreSQL.
fn newest_version() -> PathBuf {
    let versions = std::fs::read_dir(VERSIONS).into_iter().flatten().flatten();
    let numbers = versions.filter_map(|version| version.file_name().to_str()?.parse::<u32>().ok());
    let newest = numbers.max().expect("PostgreSQL is not installed: apt-get install postgresql redis-server");
    Path::new(VERSIONS).join(newest.to_string()).join("bin")
}
