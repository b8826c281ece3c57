//! `merganser print`: what comes with the program.

use super::exit::Failure;
use super::table::{Table, count};
use crate::classify::{nearest_pack, packs};
use clap::ValueEnum;
use std::io::{Write as _, stdout};

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// What to print [default: the list of what there is]
    #[arg(value_enum)]
    what: Option<What>,
    /// Only this one, with all that it holds: `@country/india`
    name: Option<String>,
}

/// What comes with the program.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum What {
    /// The aliases
    Packs,
    /// The unit of systemd, as packages install it
    Systemd,
    /// Its socket, which holds the listener while the service restarts
    Socket,
    /// The shipped feeds.toml, with every key
    Example,
    /// A dashboard for Grafana
    Grafana,
    /// Alert rules for Prometheus
    Alerts,
}

/// The unit of the service.
pub(super) const UNIT: &str = include_str!("../../systemd/merganser.service");

const SOCKET: &str = include_str!("../../systemd/merganser.socket");

/// What shows and watches the metrics.
const DASHBOARD: &str = include_str!("../../dashboards/merganser.json");
const ALERTS: &str = include_str!("../../dashboards/alerts.yml");

/// The shipped configuration.
const SHIPPED: &str = include_str!("../../feeds.toml");

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let Some(what) = options.what else {
        return print_list();
    };
    let file = match what {
        What::Packs => return print_packs(options.name.as_deref()),
        What::Systemd => UNIT,
        What::Socket => SOCKET,
        What::Example => SHIPPED,
        What::Grafana => DASHBOARD,
        What::Alerts => ALERTS,
    };
    if let Some(name) = &options.name {
        return Err(Failure::found(format!(
            "only aliases have names: what is `{name}`?"
        )));
    }
    write!(stdout(), "{file}")?;
    Ok(())
}

/// Prints what there is to be printed.
fn print_list() -> Result<(), Failure> {
    let mut table = Table::default();
    let all = What::value_variants().iter();
    for value in all.filter_map(ValueEnum::to_possible_value) {
        let help = value.get_help().map(ToString::to_string);
        table.row(&[value.get_name(), &help.unwrap_or_default()]);
    }
    table.print(&mut stdout().lock())?;
    Ok(())
}

fn print_packs(name: Option<&str>) -> Result<(), Failure> {
    let packs = packs();
    let mut out = stdout().lock();
    let Some(name) = name else {
        let mut table = Table::default();
        for (name, pack) in &packs {
            let terms = u64::try_from(pack.terms.len()).unwrap_or(u64::MAX);
            table.row(&[format!("@{name}"), count(terms, "term")]);
        }
        table.print(&mut out)?;
        return Ok(());
    };
    let name = name.strip_prefix('@').unwrap_or(name);
    let Some(pack) = packs.get(name) else {
        let meant =
            nearest_pack(name).map_or_else(String::new, |near| format!(" did you mean `@{near}`?"));
        return Err(Failure::found(format!(
            "no alias `@{name}` comes with merganser:{meant} `merganser print packs` names all"
        )));
    };
    write!(out, "{}", pack.text)?;
    Ok(())
}
