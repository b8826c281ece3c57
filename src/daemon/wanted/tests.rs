use super::*;
use crate::control::Request;
use tokio::sync::oneshot::Receiver;

const NOW: Duration = Duration::from_hours(1);

fn feed(name: &str) -> FeedId {
    FeedId::new(name)
}

/// Enters who waits for feeds.
fn enter(wanted: &mut Wanted, feeds: &[(&str, Brings)]) -> Receiver<Answer> {
    let (asked, answered) = Asked::new(Request::Status);
    let left = feeds.iter().map(|(name, brings)| (feed(name), *brings));
    wanted.enter(asked, left.collect(), Vec::new(), NOW);
    answered
}

fn polled(name: &str) -> Polled {
    Polled {
        feed: name.to_owned(),
        ..Polled::default()
    }
}

/// Which feeds were polled, and which were not and why.
fn told(answered: &mut Receiver<Answer>) -> (Vec<String>, Vec<(String, String, bool)>) {
    let answer = answered.try_recv().unwrap();
    let polled = answer.polled.into_iter().map(|it| it.feed);
    let unpolled = answer.unpolled.into_iter();
    let unpolled = unpolled.map(|it| (it.feed, it.why, it.is_open));
    (polled.collect(), unpolled.collect())
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn who_waits_is_answered_when_nothing_is_left() {
    let mut wanted = Wanted::default();
    let mut both = enter(&mut wanted, &[("a", Brings::First), ("b", Brings::First)]);
    let mut one = enter(&mut wanted, &[("b", Brings::First)]);
    let mut none = enter(&mut wanted, &[]);
    assert_eq!(told(&mut none), (vec![], vec![]));
    wanted.brought(&feed("a"), &|| polled("a"), false, false);
    assert!(both.try_recv().is_err());
    wanted.leave(&feed("b"), "its poll panicked", true);
    let why = vec![("b".to_owned(), "its poll panicked".to_owned(), true)];
    assert_eq!(told(&mut both), (names(&["a"]), why.clone()));
    assert_eq!(told(&mut one), (vec![], why));
    assert_eq!(wanted.next(), None);
}

/// Who wants more than the poll under way brings waits for the next, and who does not is answered.
#[test]
fn the_poll_under_way_is_not_taken_for_the_next() {
    let mut wanted = Wanted::default();
    let mut first = enter(&mut wanted, &[("a", Brings::First)]);
    let mut second = enter(&mut wanted, &[("a", Brings::Second)]);
    wanted.brought(&feed("a"), &|| polled("a"), true, false);
    assert_eq!(told(&mut first), (names(&["a"]), vec![]));
    assert!(second.try_recv().is_err());
    wanted.brought(&feed("a"), &|| polled("a"), false, false);
    assert_eq!(told(&mut second), (names(&["a"]), vec![]));
}

/// What nobody waits for any more is not polled by force hours later.
#[test]
fn what_is_left_is_forgotten() {
    let mut wanted = Wanted::default();
    let _waits = enter(&mut wanted, &[("a", Brings::First)]);
    wanted.choose(&feed("a"), true);
    assert_eq!(wanted.is_chosen(&feed("a")), Some(true));
    wanted.leave(&feed("a"), "its host is let rest", false);
    assert_eq!(wanted.is_chosen(&feed("a")), None);
    assert_eq!(wanted.take(&feed("a")), (false, false));
}

/// Whoever wishes for it second, and whatever the clock is set to: a feed is due again when it was.
#[test]
fn what_is_withdrawn_is_due_when_it_was() {
    let at = |hours: i64| Timestamp::from_second(hours * 3600).unwrap();
    let mut wanted = Wanted::default();
    wanted.hasten(&feed("a"), Some(at(2)));
    assert_eq!(wanted.withdraw(&feed("a")), None, "nobody chose it");
    for name in ["a", "off", "due"] {
        wanted.choose(&feed(name), true);
    }
    wanted.hasten(&feed("a"), Some(at(2)));
    wanted.hasten(&feed("off"), None);
    wanted.choose(&feed("a"), false);
    wanted.shift(&|feed, before| {
        assert_eq!((feed.as_str(), before), ("a", at(2)));
        at(3)
    });
    assert_eq!(wanted.withdraw(&feed("a")), Some(Due::Sooner(Some(at(3)))));
    assert_eq!(wanted.take(&feed("a")), (false, false));
    assert_eq!(wanted.withdraw(&feed("off")), Some(Due::Sooner(None)));
    assert_eq!(wanted.withdraw(&feed("due")), Some(Due::AsBefore));
}

#[test]
fn who_has_waited_for_long_enough_is_told_why() {
    let mut wanted = Wanted::default();
    let mut waits = enter(&mut wanted, &[("a", Brings::First)]);
    assert_eq!(wanted.next(), Some(NOW + PATIENCE));
    wanted.answer_late(NOW, &|_| "too soon".to_owned());
    assert!(waits.try_recv().is_err());
    wanted.answer_late(NOW + PATIENCE, &|feed| format!("{feed} is not over"));
    let why = vec![("a".to_owned(), "a is not over".to_owned(), true)];
    assert_eq!(told(&mut waits), (vec![], why));
}

/// Clients that went away leave nothing behind, however many come and go.
#[test]
fn the_gone_are_let_go() {
    let mut wanted = Wanted::default();
    for _ in 0..100 {
        drop(enter(&mut wanted, &[("a", Brings::First)]));
    }
    assert!(wanted.waiting.len() <= 1, "{}", wanted.waiting.len());
}
