//! What the system says of this process. Where it says nothing, the metric is left out.

use super::text::{Kind, Page};
use std::fs;

/// Ticks of the kernel's accounting in a second, which Linux shows to programs whatever it counts in.
const TICKS: u64 = 100;

pub(super) fn write(page: &mut Page) {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    if let Some(kibibytes) = resident(&status) {
        let help = "Resident memory.";
        page.single(
            "process_resident_memory_bytes",
            Kind::Gauge,
            help,
            kibibytes * 1024,
        );
    }
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    if let Some(ticks) = ticks(&stat) {
        let hundredths = ticks * 100 / TICKS;
        let seconds = format!("{}.{:02}", hundredths / 100, hundredths % 100);
        let help = "Time spent on processors.";
        page.single("process_cpu_seconds_total", Kind::Counter, help, seconds);
    }
    if let Ok(open) = fs::read_dir("/proc/self/fd") {
        let help = "Open descriptors.";
        page.single("process_open_fds", Kind::Gauge, help, open.count());
    }
}

/// Reads `VmRSS` of `proc_pid_status(5)`, in KiB.
fn resident(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Reads the times in user and kernel mode of `proc_pid_stat(5)`, fields 14 and 15. The name of the program, field
/// 2, may hold anything, also what looks like its end.
fn ticks(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let kernel: u64 = fields.next()?.parse().ok()?;
    Some(user + kernel)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_words_are_read() {
        let stat = "7 (a ) b) S 1 2 3 4 5 6 7 8 9 10 250 50 0 0 20";
        assert_eq!(ticks(stat), Some(300));
        assert_eq!(ticks("nonsense"), None);
        assert_eq!(resident("Name:\tx\nVmRSS:\t    1234 kB\n"), Some(1234));
        assert_eq!(resident(""), None);
    }
}
