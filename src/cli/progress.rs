//! How far long work is, on a terminal.
//!
//! Drawn on standard error where that is a terminal, and wiped off when the work is done or interrupted: nothing of it
//! stays on the screen, and a pipe gets none of it. What takes but a moment is over before anything is drawn.

use super::on_terminal;
use crate::clock::{Clock, SystemClock};
use crate::daemon::{Tidying, before_interrupt};
use crate::model::Watch;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal as _;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How long work takes before it is drawn: less is done before anybody has wondered.
const MOMENT: Duration = Duration::from_millis(500);

/// How long a drawing stands: ten in a second look like motion, and the work does not feel them.
const EVERY: Duration = Duration::from_millis(100);

/// The time after which nothing is drawn any more.
const NEVER: u64 = u64::MAX;

/// Work of so many steps, and work of which nobody knows how much it is.
const OF_SO_MANY: &str = "{pos:>5}/{len} [{bar:30}] {wide_msg}";
const OF_SOME: &str = "{spinner} {wide_msg}";

/// A line that tells how far a command is; none where nobody would see it.
#[derive(Debug)]
pub(super) struct Bar {
    drawn: Option<Drawn>,
    /// That it is wiped off when a signal ends the process.
    _tidying: Option<Tidying>,
}

/// What is drawn, and when next.
#[derive(Clone, Debug)]
struct Drawn {
    line: ProgressBar,
    clock: Arc<dyn Clock>,
    /// What is being done.
    doing: Arc<Mutex<String>>,
    /// Milliseconds of [`Clock::uptime`]; [`NEVER`] once the work is done.
    next: Arc<AtomicU64>,
    /// Whether the line is on the screen.
    stands: Arc<AtomicBool>,
}

impl Bar {
    /// Begins a line for work that is called so.
    pub(super) fn begin(doing: &'static str) -> Self {
        Self::drawn(on_terminal(), MOMENT, doing)
    }

    /// Begins a line for work whose results go to standard output all the time: none where that is the terminal, too.
    pub(super) fn beside_output(doing: &'static str) -> Self {
        let is_free = !std::io::stdout().is_terminal();
        Self::drawn(on_terminal() && is_free, MOMENT, doing)
    }

    /// Begins a line for work that waits for others: it is drawn at once.
    pub(super) fn of_waiting() -> Self {
        Self::drawn(on_terminal(), Duration::ZERO, "")
    }

    fn drawn(is_seen: bool, after: Duration, doing: &'static str) -> Self {
        let target = ProgressDrawTarget::stderr();
        // A terminal may be one on which nothing can be wiped off.
        if !is_seen || target.is_hidden() {
            return Self::of(None, None);
        }
        let drawn = Drawn::over(target, Arc::new(SystemClock), after);
        let left = drawn.clone();
        // Where signals cannot be heard, the line stays on the screen: the work goes on all the same.
        let tidying = before_interrupt(move || left.clear()).ok();
        let bar = Self::of(Some(drawn), tidying);
        bar.turn_to(doing);
        bar
    }

    fn of(drawn: Option<Drawn>, tidying: Option<Tidying>) -> Self {
        Self {
            drawn,
            _tidying: tidying,
        }
    }

    /// Tells whether somebody sees it.
    pub(super) fn is_seen(&self) -> bool {
        self.drawn.is_some()
    }

    /// Tells how much is done, and of how much: 0 where nobody knows.
    pub(super) fn tell(&self, done: u64, of: u64) {
        if let Some(drawn) = &self.drawn {
            drawn.tell(done, of);
        }
    }

    /// Says what is being done now.
    pub(super) fn turn_to(&self, doing: &str) {
        if let Some(drawn) = &self.drawn
            && let Ok(mut before) = drawn.doing.lock()
        {
            doing.clone_into(&mut before);
        }
    }

    /// Says what is being done now, of which nothing more is told: what stands on the screen goes for it.
    pub(super) fn pass_to(&self, doing: &str) {
        self.turn_to(doing);
        if let Some(drawn) = &self.drawn
            && drawn.stands.load(Ordering::Relaxed)
        {
            drawn.draw(0, 0);
        }
    }

    /// Returns what tells this line from within the work.
    pub(super) fn watch(&self) -> Watch {
        match self.drawn.clone() {
            None => Watch::default(),
            Some(drawn) => Watch::new(move |done, of| drawn.tell(done, of)),
        }
    }

    /// Has something said while the line is off the screen; it comes back with what is done next.
    pub(super) fn aside(&self, say: impl FnOnce()) {
        match &self.drawn {
            Some(drawn) => drawn.line.suspend(say),
            None => say(),
        }
    }

    /// Wipes the line off the screen, for good.
    pub(super) fn clear(&self) {
        if let Some(drawn) = &self.drawn {
            drawn.clear();
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.clear();
    }
}

impl Drawn {
    fn over(target: ProgressDrawTarget, clock: Arc<dyn Clock>, after: Duration) -> Self {
        let next = AtomicU64::new(millis(clock.uptime().saturating_add(after)));
        Self {
            line: ProgressBar::with_draw_target(None, target),
            clock,
            doing: Arc::default(),
            next: Arc::new(next),
            stands: Arc::default(),
        }
    }

    fn clear(&self) {
        self.next.store(NEVER, Ordering::Relaxed);
        self.stands.store(false, Ordering::Relaxed);
        self.line.finish_and_clear();
    }

    fn tell(&self, done: u64, of: u64) {
        let now = millis(self.clock.uptime());
        let next = self.next.load(Ordering::Relaxed);
        if now < next {
            return;
        }
        let after = now.saturating_add(millis(EVERY));
        let order = Ordering::Relaxed;
        let ours = self.next.compare_exchange(next, after, order, order);
        if ours.is_ok() {
            self.draw(done, of);
        }
    }

    fn draw(&self, done: u64, of: u64) {
        self.stands.store(true, Ordering::Relaxed);
        let doing = self.doing.lock().map(|it| it.clone()).unwrap_or_default();
        // Of all that changes only the last is drawn.
        let line = self.line.clone().with_style(style(of));
        let line = line.with_message(doing).with_position(done);
        if of > 0 && line.length() != Some(of) {
            line.set_length(of);
        } else {
            line.tick();
        }
    }
}

/// Returns how work of so many steps is drawn.
fn style(of: u64) -> ProgressStyle {
    let template = if of > 0 { OF_SO_MANY } else { OF_SOME };
    // The templates are constants: a wrong one falls back to the plain bar.
    let style = ProgressStyle::with_template(template);
    style
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("## ")
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(NEVER)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;
    use indicatif::TermLike;
    use std::io;

    /// A terminal of one line: what is on it, and how often something was written.
    #[derive(Clone, Debug, Default)]
    struct Screen(Arc<Mutex<(String, usize)>>);

    impl Screen {
        fn write(&self, text: &str) {
            let mut screen = self.0.lock().unwrap();
            screen.0.push_str(text);
            screen.1 += usize::from(!text.is_empty());
        }

        fn shows(&self) -> String {
            self.0.lock().unwrap().0.trim_end().to_owned()
        }
    }

    impl TermLike for Screen {
        fn width(&self) -> u16 {
            60
        }

        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn write_line(&self, text: &str) -> io::Result<()> {
            self.write(text);
            Ok(())
        }

        fn write_str(&self, text: &str) -> io::Result<()> {
            self.write(text);
            Ok(())
        }

        fn clear_line(&self) -> io::Result<()> {
            self.0.lock().unwrap().0.clear();
            Ok(())
        }

        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    fn bar(screen: &Screen, clock: &Arc<ManualClock>) -> Bar {
        let target = ProgressDrawTarget::term_like(Box::new(screen.clone()));
        let clock: Arc<dyn Clock> = clock.clone();
        let bar = Bar::of(Some(Drawn::over(target, clock, MOMENT)), None);
        bar.turn_to("reading");
        bar
    }

    fn clock() -> Arc<ManualClock> {
        let start = "2026-11-24T06:00:00Z".parse().unwrap();
        Arc::new(ManualClock::new(start))
    }

    #[test]
    fn what_takes_but_a_moment_is_never_drawn() {
        let (screen, clock) = (Screen::default(), clock());
        let bar = bar(&screen, &clock);
        for done in 0..1000 {
            bar.tell(done, 1000);
        }
        bar.pass_to("looking up names");
        drop(bar);
        assert_eq!(*screen.0.lock().unwrap(), (String::new(), 0));
    }

    #[test]
    fn long_work_is_drawn_now_and_then_and_wiped_off() {
        let (screen, clock) = (Screen::default(), clock());
        let bar = bar(&screen, &clock);
        clock.advance(jiff::SignedDuration::from_millis(500));
        bar.tell(30, 60);
        assert_eq!(
            screen.shows(),
            "   30/60 [################              ] reading"
        );
        let written = screen.0.lock().unwrap().1;
        for done in 31..60 {
            bar.watch().tell(done, 60);
        }
        assert_eq!(
            screen.0.lock().unwrap().1,
            written,
            "all within one drawing"
        );
        clock.advance(jiff::SignedDuration::from_millis(100));
        bar.turn_to("packing");
        bar.tell(1, 0);
        assert!(screen.shows().ends_with(" packing"), "{}", screen.shows());
        // Within the same moment: nothing more is told of this part.
        bar.pass_to("looking up names");
        assert!(screen.shows().ends_with(" looking up names"));
        bar.clear();
        assert_eq!(screen.shows(), "");
        clock.advance(jiff::SignedDuration::from_millis(500));
        bar.tell(60, 60);
        bar.pass_to("looking at the unit");
        assert_eq!(screen.shows(), "", "nothing is drawn after the end");
    }
}
