//! What the daemon itself needs somebody for, as it tells `merganser status`.

use super::Daemon;
use super::exports::Unwritten;
use super::reload::Rejected;
use super::trouble::Trouble;
use crate::control::Need;
use jiff::Timestamp;

/// What is known of the daemon.
struct Known<'a> {
    trouble: Option<&'a Trouble>,
    /// Since when the network is down, and when it is tried next.
    network: Option<(Timestamp, Option<Timestamp>)>,
    /// Since when proxies are not reached, and which.
    proxies: Option<(Timestamp, String)>,
    /// Since when the writer hangs in a transaction, and how much waits behind it.
    stuck: Option<(Timestamp, usize)>,
    rejected: Option<&'a Rejected>,
    in_force_since: Timestamp,
    files: Option<&'a Unwritten>,
    archives: Option<Unwritten>,
}

impl Daemon {
    /// Returns what somebody is needed for: the database first, without which nothing else helps, then the network,
    /// without which nothing comes.
    pub(super) fn needs(&self) -> Vec<Need> {
        Known {
            trouble: self.trouble.as_ref(),
            network: self.network_down(),
            proxies: self.proxies.trouble(),
            stuck: self.figures.stuck(),
            rejected: self.reloads.rejected.as_ref(),
            in_force_since: self.reloads.in_force_since,
            files: self.files_trouble(),
            archives: self.archives_trouble(),
        }
        .needs()
    }
}

impl Known<'_> {
    fn needs(&self) -> Vec<Need> {
        let database = self.failing().or_else(|| self.stuck.map(stuck));
        let file = self.rejected.map(|rejected| self.refused(rejected));
        let files = self.files.map(unwritten_files);
        let archives = self.archives.as_ref().map(unwritten_archives);
        let network = self.network.map(network_down);
        let proxies = self.proxies.as_ref().map(proxies_unreached);
        let roads = network.into_iter().chain(proxies);
        let ours = database.into_iter().chain(roads).chain(file);
        ours.chain(files).chain(archives).collect()
    }

    fn failing(&self) -> Option<Need> {
        let trouble = self.trouble?;
        let why = format!(
            "it FAILS, and nothing is polled until it works, which is tried each minute: {}; `merganser doctor` looks \
             at disk and permissions",
            trouble.message
        );
        Some(Need::new("database", why, trouble.since))
    }

    fn refused(&self, rejected: &Rejected) -> Need {
        let (verdict, then) = match &rejected.check {
            _ if rejected.has_failed => (
                "could NOT be taken up",
                "`merganser reload --wait` tries again, and tells what hinders it".to_owned(),
            ),
            Some(check) => (
                "was REJECTED",
                format!(
                    "`{check}` tells all that is wrong, and `merganser reload --wait` has it read again"
                ),
            ),
            None => (
                "was REJECTED",
                "`merganser reload --wait` has it read again, and tells all".to_owned(),
            ),
        };
        let since = self.in_force_since.strftime("%Y-%m-%d %H:%M UTC");
        let why = format!(
            "the newer {verdict}, and the one of {since} runs on: {}; {then}",
            rejected.why
        );
        Need::new("feeds.toml", why, rejected.at)
    }
}

fn stuck((since, waiting): (Timestamp, usize)) -> Need {
    let why = format!(
        "its writer does NOT come back from a transaction, and {waiting} more wait: the disk hangs, or is far too \
         slow; the log of the system tells of disks"
    );
    Need::new("database", why, since)
}

fn network_down((since, next): (Timestamp, Option<Timestamp>)) -> Need {
    let next = next.map_or_else(String::new, |at| {
        at.strftime(", it is tried again at %H:%M UTC").to_string()
    });
    let why = format!(
        "it is DOWN: no host can be reached{next}, polls are put off until one answers, and no feed counts as failing for that; see \
         route, resolver, firewall and proxy of this machine, and, where all feeds are of few servers, those"
    );
    Need::new("network", why, since)
}

fn proxies_unreached((since, name): &(Timestamp, String)) -> Need {
    let why = format!(
        "{name} CANNOT be reached: feeds behind it are tried again every few minutes, and none of them counts as failing; \
         see that it runs, and what `proxy` in feeds.toml says"
    );
    Need::new("proxy", why, *since)
}

fn unwritten_files(unwritten: &Unwritten) -> Need {
    let helps = if unwritten.is_kept {
        // That is told with whose it is.
        "it is tried each minute".to_owned()
    } else {
        format!(
            "see that {} is mounted and answers, has room, and may be written by the user of the daemon: they are written \
             then",
            unwritten.what.display()
        )
    };
    let why = format!(
        "its files are NOT up to date: {}; {helps}, and all else goes on meanwhile",
        unwritten.why
    );
    Need::new("publish-dir", why, unwritten.since)
}

fn unwritten_archives(unwritten: &Unwritten) -> Need {
    let why = format!(
        "the archive of {}; see that {} has room and belongs to the user of the daemon: it is tried each minute, and the \
         outputs themselves are served as ever",
        unwritten.why,
        unwritten.what.display()
    );
    Need::new("archives", why, unwritten.since)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    fn now() -> Timestamp {
        "2026-11-24T06:00:00Z".parse().unwrap()
    }

    fn known() -> Known<'static> {
        Known {
            trouble: None,
            network: None,
            proxies: None,
            stuck: None,
            rejected: None,
            in_force_since: now(),
            files: None,
            archives: None,
        }
    }

    fn told(known: &Known<'_>) -> Vec<(String, String)> {
        let needs = known.needs().into_iter();
        needs.map(|need| (need.what, need.why)).collect()
    }

    #[test]
    fn a_daemon_that_is_well_needs_nobody() {
        assert!(told(&known()).is_empty());
    }

    /// A writer that hangs fails nothing, and so is looked at by how long it takes.
    #[test]
    fn the_database_comes_first_whether_it_fails_or_hangs() {
        let since = now() - SignedDuration::from_mins(2);
        let rejected = Rejected {
            at: now(),
            since: now(),
            has_failed: false,
            why: "feeds.toml:3:1 unknown key".to_owned(),
            check: Some("merganser check --config /etc/x.toml".to_owned()),
        };
        let hangs = Known {
            stuck: Some((since, 7)),
            rejected: Some(&rejected),
            ..known()
        };
        let needs = hangs.needs();
        assert_eq!(needs.len(), 2);
        assert_eq!(needs[0].since, Some(since.to_string()));
        assert!(needs[0].why.contains("7 more wait"), "{}", needs[0].why);
        let file = &needs[1].why;
        for part in [
            "was REJECTED",
            "2026-11-24 06:00 UTC runs on",
            "feeds.toml:3:1",
            "`merganser check --config /etc/x.toml`",
        ] {
            assert!(file.contains(part), "{part}: {file}");
        }
        let trouble = Trouble {
            since,
            kind: "full",
            message: "no room".to_owned(),
        };
        let fails = Known {
            trouble: Some(&trouble),
            ..hangs
        };
        let told = told(&fails);
        assert_eq!(told.len(), 2, "it is said once: {told:?}");
        assert!(told[0].1.contains("no room"), "{told:?}");
    }

    #[test]
    fn a_network_that_is_down_is_told_with_when_it_is_tried() {
        let next = now() + SignedDuration::from_mins(4);
        let down = Known {
            network: Some((now(), Some(next))),
            files: Some(&Unwritten {
                since: now(),
                why: "no room".to_owned(),
                what: "/srv/www".into(),
                is_kept: false,
            }),
            ..known()
        };
        let told = told(&down);
        let whats: Vec<&str> = told.iter().map(|(what, _)| what.as_str()).collect();
        assert_eq!(whats, ["network", "publish-dir"]);
        assert!(told[0].1.contains("again at 06:04 UTC"), "{told:?}");
        assert!(told[1].1.contains("no room") && told[1].1.contains("/srv/www"));
    }

    #[test]
    fn a_proxy_that_is_not_reached_is_named() {
        let known = Known {
            network: Some((now(), None)),
            proxies: Some((now(), "127.0.0.1:9050, and 1 more".to_owned())),
            ..known()
        };
        let told = told(&known);
        let whats: Vec<&str> = told.iter().map(|(what, _)| what.as_str()).collect();
        assert_eq!(whats, ["network", "proxy"]);
        assert!(told[1].1.starts_with("127.0.0.1:9050, and 1 more CANNOT"));
    }

    #[test]
    fn a_file_without_fault_is_not_to_be_checked() {
        let rejected = Rejected {
            at: now(),
            since: now(),
            has_failed: true,
            why: "no room".to_owned(),
            check: None,
        };
        let told = told(&Known {
            rejected: Some(&rejected),
            ..known()
        });
        assert!(told[0].1.contains("could NOT be taken up"), "{told:?}");
        assert!(!told[0].1.contains("merganser check"), "{told:?}");
    }
}
