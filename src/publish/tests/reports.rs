//! What is said of an article's copies and of the other reports of its story.

use super::*;

fn report(outlet: &str, title: &str, url: &str) -> Report {
    Report {
        title: title.to_owned(),
        feed_title: outlet.to_owned(),
        url: url.to_owned(),
        published_at: "2026-11-01T11:00:00Z".parse().unwrap(),
        is_backdated: false,
    }
}

/// Reports of so many outlets, from `A` on.
fn outlets(count: u8) -> Vec<Report> {
    let outlet = |number: u8| {
        let name = char::from(b'A' + number).to_string();
        report(&name, "It", &format!("https://{name}.example/"))
    };
    (0..count).map(outlet).collect()
}

/// The text of the last paragraph of an entry with these reports, without its links.
fn line_of(reports: Vec<Report>) -> String {
    let (entry, item) = both(|article| article.reports = reports);
    let content = entry.told("content");
    assert_eq!(item.told("content:encoded"), content);
    let (_, line) = content.rsplit_once("<p>").unwrap();
    text::plain(line)
}

#[test]
fn u10_other_reports_of_a_story_are_links_with_outlet_and_headline() {
    let (entry, _) = both(|article| {
        article.copies = vec![Copy {
            feed_title: "Wire".to_owned(),
            url: "https://wire.example/1".to_owned(),
        }];
        article.reports = vec![
            report("Herald", "Visit ends", "https://herald.example/1"),
            report("Wire", "A copy", "https://wire.example/1"),
            report("", "No name", "https://nameless.example/"),
            report("Silent", "", "https://silent.example/"),
            report("Itself", "x", "https://news.example.com/1"),
            report("Bad", "x", "javascript:alert(1)"),
        ];
    });
    let related: Vec<_> = entry
        .links("related")
        .into_iter()
        .map(|link| ["type", "title", "href"].map(|name| link.attribute(name)))
        .collect();
    assert_eq!(
        related,
        [
            ["text/html", "Wire", "https://wire.example/1"],
            [
                "text/html",
                "Herald: Visit ends",
                "https://herald.example/1"
            ],
            ["text/html", "No name", "https://nameless.example/"],
            ["text/html", "Silent", "https://silent.example/"],
        ]
    );
}

/// A feed that was subscribed under two addresses is no other place to read what it has.
#[test]
fn u10_what_an_outlet_has_twice_is_no_copy() {
    for (outlet, at, expected) in [
        ("Wire", "http://news.example.com/1/", 0),
        ("Example News", "https://news.example.com/1?utm_source=x", 0),
        ("Wire", "https://news.example.com/1?utm_source=x", 1),
        ("Example News", "https://news.example.com/2", 1),
    ] {
        let copy = || Copy {
            feed_title: outlet.to_owned(),
            url: at.to_owned(),
        };
        let (entry, _) = both(|article| {
            article.first = Some(copy());
            article.copies = vec![copy()];
        });
        let links = (entry.links("via").len(), entry.links("related").len());
        assert_eq!(links, (expected, 0), "{outlet} {at}");
    }
}

#[test]
fn u10_of_many_reports_the_first_are_told() {
    let (entry, _) = both(|article| {
        let report = |number| report("A", "x", &format!("https://a.example/{number}"));
        article.reports = (0..100).map(report).collect();
    });
    assert_eq!(entry.links("related").len(), Article::REPORTS);
}

#[test]
fn the_text_says_who_else_reports_it() {
    for (count, expected) in [
        (1, "Also reported by A ."),
        (2, "Also reported by A and B ."),
        (3, "Also reported by A , B and C ."),
        (4, "Also reported by A , B and 2 more."),
        (19, "Also reported by A , B and 17 more."),
        (20, "Also reported by A , B and others."),
    ] {
        assert_eq!(line_of(outlets(count)), expected);
    }
    let mut twice = outlets(2);
    twice.extend(outlets(2));
    twice.push(report(
        "Example News",
        "its own",
        "https://news.example.com/other",
    ));
    assert_eq!(line_of(twice), "Also reported by A and B .");
    let escaped = line_of(vec![report("<b>&\"", "x", "https://a.example/\"><script>")]);
    assert_eq!(escaped, "Also reported by <b>&\" .");
}

#[test]
fn the_text_says_who_reported_it_first() {
    let earlier = |mut reports: Vec<Report>| {
        reports[0].published_at = "2026-11-01T09:59:59Z".parse().unwrap();
        reports
    };
    assert_eq!(line_of(earlier(outlets(1))), "First reported by A .");
    let told = line_of(earlier(outlets(3)));
    assert_eq!(told, "First reported by A . Also reported by B and C .");
    let mut own = outlets(2);
    own[0].feed_title = "Example News".to_owned();
    assert_eq!(line_of(earlier(own)), "Also reported by B .");
    let (entry, _) = both(|article| {
        article.first = Some(Copy {
            feed_title: "Wire".to_owned(),
            url: "https://wire.example/1".to_owned(),
        });
        article.reports = earlier(outlets(1));
    });
    let told = text::plain(entry.told("content"));
    assert!(
        told.ends_with("First reported by Wire . Also reported by A ."),
        "{told}"
    );
}

/// U7: what others report moves no date and no id, and it can be switched off.
#[test]
fn u7_being_reported_elsewhere_is_no_news() {
    let (with, _) = both(|article| article.reports = outlets(3));
    let (without, _) = both(|_| {});
    for name in ["id", "updated", "published", "title"] {
        assert_eq!(with.told(name), without.told(name));
    }
    let mut article = article(1);
    article.reports = outlets(3);
    let output = Output {
        also_reported: false,
        ..output()
    };
    let feed = parse(&bytes_of(OutputFormat::Atom, &output, &[article]));
    let entry = feed.one("entry");
    assert_eq!(entry.told("content"), without.told("content"));
    assert_eq!(entry.links("related").len(), 3, "links stay");
}

#[test]
fn the_entry_of_a_story_lists_its_reports() {
    let mut article = article(1);
    article.reports = outlets(3);
    article.reports[1].title.clear();
    article.reports.push(report("", "", "https://d.example/"));
    let output = Output {
        unit: Unit::Story,
        ..output()
    };
    let feed = parse(&bytes_of(OutputFormat::Atom, &output, &[article]));
    let content = feed.one("entry").told("content");
    let (text, list) = content.split_once("<p>Other reports:</p>").unwrap();
    assert_eq!(text, "<p>At length &amp; more</p>");
    let items: Vec<String> = list.split("</li>").map(text::plain).collect();
    assert_eq!(items, ["A: It", "B", "C: It", ""]);
}

/// Who else has the report that stands for the story is told beside the other reports, as it is in an output of articles.
#[test]
fn the_entry_of_a_story_names_who_else_has_it() {
    let mut article = article(1);
    let copier = Copy {
        feed_title: "Copier".to_owned(),
        url: "https://copier.example/1".to_owned(),
    };
    article.first = Some(copier.clone());
    article.copies = vec![copier];
    article.reports = outlets(1);
    article.story = Some(StoryMark {
        number: 1,
        founder: "founder".to_owned(),
    });
    let output = Output {
        unit: Unit::Story,
        ..output()
    };
    let told = |article: &Article| {
        let feed = parse(&bytes_of(
            OutputFormat::Atom,
            &output,
            std::slice::from_ref(article),
        ));
        text::plain(feed.one("entry").told("content"))
    };
    let own = "At length & more";
    assert_eq!(
        told(&article),
        format!("{own} Also reported by Copier . Other reports: A: It")
    );
    article.reports.clear();
    article.story = None;
    assert_eq!(told(&article), format!("{own} First reported by Copier ."));
    article.first = None;
    assert_eq!(told(&article), format!("{own} Also reported by Copier ."));
    article.copies.clear();
    assert_eq!(told(&article), own);
}

#[test]
fn the_line_stands_in_the_text_that_is_shown() {
    let (entry, _) = both(|article| {
        article.reports = outlets(1);
        article.content = None;
    });
    assert!(entry.told("summary").ends_with("</a>.</p>"));
    assert_eq!(entry.all("content").count(), 0);
    let mut article = article(1);
    article.reports = outlets(1);
    let feed = json(&[article]);
    assert_eq!(feed["items"][0]["summary"], "In short");
    assert!(
        feed["items"][0]["content_html"]
            .as_str()
            .unwrap()
            .ends_with("</a>.</p>")
    );
}

/// The first is told by a date that can be believed.
#[test]
fn u10_no_outlet_is_first_by_a_date_that_it_came_too_late_for() {
    let [mut late, mut first] =
        ["A", "B"].map(|it| report(it, "It", &format!("https://{it}.example/")));
    late.is_backdated = true;
    late.published_at -= jiff::SignedDuration::from_hours(40);
    first.published_at -= jiff::SignedDuration::from_hours(30);
    let line = line_of(vec![late.clone(), first]);
    assert_eq!(line, "First reported by B . Also reported by A .");
    assert_eq!(line_of(vec![late]), "Also reported by A .");
}
