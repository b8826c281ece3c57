//! Names and values of parameters that only say how a reader came.
//!
//! The lists are our own, gathered from what news feeds carry. A name that is not here is never
//! dropped: a wrong drop merges two articles, a missed one only misses a copy.

/// Parameters that track, or hold the reader's session, whatever their value is; sorted.
const TRACKING: &[&str] = &[
    "__hsfp",
    "__hssc",
    "__hstc",
    "__readwiselocation",
    "__twitter_impression",
    "_bhlid",
    "_branch_match_id",
    "_branch_referrer",
    "_ga",
    "_gl",
    "_openstat",
    "amp_gsa",
    "amp_js_v",
    "campaign_content",
    "campaign_medium",
    "campaign_source",
    "campaign_term",
    "cid_source",
    "cmp",
    "cmpid",
    "dclid",
    "dicbo",
    "echobox",
    "fb_action_ids",
    "fb_action_types",
    "fb_ref",
    "fb_source",
    "fbclid",
    "feedtype",
    "ftag",
    "gad_campaignid",
    "gad_source",
    "gbraid",
    "gclid",
    "gclsrc",
    "guccounter",
    "guce_referrer",
    "guce_referrer_sig",
    "hsctatracking",
    "igsh",
    "igshid",
    "ito",
    "jsessionid",
    "li_fat_id",
    "maca",
    "mc_cid",
    "mc_eid",
    "mc_tc",
    "mkt_tok",
    "mod_rss",
    "msclkid",
    "ncid",
    "ns_campaign",
    "ns_fee",
    "ns_linkname",
    "ns_mchannel",
    "ns_source",
    "oly_anon_id",
    "oly_enc_id",
    "phpsessid",
    "rb_clickid",
    "ref_src",
    "ref_url",
    "refsec",
    "s_cid",
    "sc_cid",
    "sh_kit",
    "smid",
    "smtyp",
    "soc_src",
    "soc_trk",
    "spm",
    "sref",
    "srsltid",
    "taid",
    "traffic_source",
    "tsmcid",
    "ttclid",
    "twclid",
    "usqp",
    "vero_conv",
    "vero_id",
    "wbraid",
    "wickedid",
    "wpisrc",
    "wt_mc",
    "wt_zmc",
    "wtrid",
    "xtor",
    "yclid",
    "ysclid",
];

/// Parameters that track where their value says by which channel a reader came, and are words that sites have
/// other uses for: a petition has a `campaign_id`, a musician an `mbid`. Sorted.
const BY_CHANNEL: &[&str] = &[
    "campaign_id",
    "campaign_name",
    "feedname",
    "icid",
    "mbid",
    "ocid",
    "partner",
    "rss",
    "trk",
];

/// What such values are made of, besides [`TRACKING_VALUES`]: `ocid=socialflow_twitter`, `trk=public_post_feed`.
const CHANNEL_WORDS: &[&str] = &[
    "android",
    "app",
    "btn",
    "button",
    "feedsvc",
    "flipboard",
    "google",
    "googlenews",
    "instagram",
    "ios",
    "link",
    "mail",
    "mobile",
    "news",
    "nl",
    "post",
    "public",
    "push",
    "reddit",
    "retweet",
    "sharing",
    "socialflow",
    "text",
    "tw",
    "web",
    "widget",
    "yahoo",
];

/// What follows the prefix of a family where the parameter names something all the same: `pk_id=12`.
const NAMING: &[&str] = &["id", "key", "no", "nr", "number", "page", "slug"];

/// Families of such parameters.
const TRACKING_PREFIXES: &[&str] = &[
    "utm_",
    "mtm_",
    "pk_",
    "piwik_",
    "at_",
    "hsa_",
    "hmb_",
    "itm_",
    "otm_",
    "ga_",
    "cm_mmc",
    "asc_",
    "vn_",
    "_hs",
    "aspsessionid",
];

/// Parameters that track only when their value says so: `ref=rss` does, `ref=4711` names something.
///
/// Words that also say which document is meant (`type=newsletter`, `view=home`, `from=`) are not here.
const DOUBTFUL: &[&str] = &["cid", "ref", "source", "src", "via", "xid"];

/// Values that make a doubtful parameter a tracking one.
const TRACKING_VALUES: &[&str] = &[
    "rss",
    "rss2",
    "feed",
    "feeds",
    "atom",
    "twitter",
    "facebook",
    "fb",
    "linkedin",
    "whatsapp",
    "telegram",
    "share",
    "newsletter",
    "email",
    "social",
    "amp",
    "home",
    "homepage",
];

/// How a value begins that says which link of a feed was followed: Medium writes
/// `source=rss-1f2a3b------2`.
const FEED_LINK: &str = "rss-";

/// Parameters that name a form of the document when they say so: `outputType=amp`, `amp=1`.
const FORMS: &[(&str, &[&str])] = &[
    ("amp", &["", "1", "true", "yes"]),
    ("output", &["amp"]),
    ("outputtype", &["amp"]),
    ("rss", &["", "1", "true", "yes"]),
];

/// Tells whether a query parameter, both texts in lower case, only says how the reader came, so surely that a
/// link that readers follow can do without it.
pub(super) fn is_tracking(name: &str, value: &str) -> bool {
    let of_family = |prefix: &str| {
        let rest = name.strip_prefix(prefix);
        rest.is_some_and(|rest| !NAMING.contains(&rest))
    };
    TRACKING.binary_search(&name).is_ok()
        || TRACKING_PREFIXES.iter().any(|prefix| of_family(prefix))
        || BY_CHANNEL.binary_search(&name).is_ok() && is_channel(value)
}

/// Tells whether a value is made of words for channels alone. One that is not known is not dropped: a name
/// that is left on misses a copy, one that is dropped merges two articles.
fn is_channel(value: &str) -> bool {
    let is_known = |word: &str| TRACKING_VALUES.contains(&word) || CHANNEL_WORDS.contains(&word);
    value.split(['_', '-', '.']).all(is_known)
}

/// Tells whether a query parameter, both texts in lower case, says how the reader came, or in which form the
/// document is wanted, by its value. Good for an identity; a link that readers follow keeps what may mean
/// something after all.
pub(super) fn is_tracking_by_value(name: &str, value: &str) -> bool {
    if FORMS
        .iter()
        .any(|(form, values)| *form == name && values.contains(&value))
    {
        return true;
    }
    DOUBTFUL.contains(&name)
        && (TRACKING_VALUES.contains(&value)
            || value.starts_with(FEED_LINK)
            || name == "ref" && is_host(value))
}

/// `ref=news.example.com`, as link lists write it.
fn is_host(value: &str) -> bool {
    value.contains('.')
        && value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))
        && value.ends_with(|c: char| c.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_for_the_search() {
        assert!(TRACKING.is_sorted() && BY_CHANNEL.is_sorted());
    }

    #[test]
    fn a_parameter_tracks_by_name_prefix_or_value() {
        for (name, value, by_name, by_value) in [
            ("utm_source", "x", true, false),
            ("fbclid", "x", true, false),
            ("ref", "rss", false, true),
            ("ref", "news.example.com", false, true),
            ("ref", "4711", false, false),
            ("source", "feed", false, true),
            ("source", "tass", false, false),
            ("type", "newsletter", false, false),
            ("view", "home", false, false),
            ("format", "email", false, false),
            ("output", "amp", false, true),
            ("output", "pdf", false, false),
            ("outputtype", "amp", false, true),
            ("amp", "", false, true),
            ("amp", "1", false, true),
            ("amp", "50w", false, false),
            ("type", "amp", false, false),
            ("source", "rss-1f2a3b------2", false, true),
            ("source", "rssfeeds", false, false),
            ("traffic_source", "rss", true, false),
            ("campaign_content", "x", true, false),
            ("_hsmi", "1", true, false),
            ("at_medium", "rss", true, false),
            ("pk_id", "12", false, false),
            ("cmp", "share_btn_tw", true, false),
            ("campaign_id", "4711", false, false),
            ("campaign_id", "newsletter", true, false),
            ("campaign_name", "save-the-whales", false, false),
            ("ocid", "socialflow_twitter", true, false),
            ("ocid", "1822", false, false),
            ("partner", "rss", true, false),
            ("partner", "harbour-museum", false, false),
            ("partner", "", false, false),
            ("icid", "12", false, false),
            ("mbid", "social_facebook", true, false),
            ("mbid", "b10bbbfc-cf9e-42e0-be17-e2c3e1d2600d", false, false),
            ("rss", "1", false, true),
            ("rss", "4711", false, false),
            ("trk", "public_post_feed", true, false),
            ("trk", "7", false, false),
            ("mod", "social", false, false),
            ("from", "home", false, false),
            ("id", "rss", false, false),
            ("page", "2", false, false),
        ] {
            let found = (is_tracking(name, value), is_tracking_by_value(name, value));
            assert_eq!(found, (by_name, by_value), "{name}={value}");
        }
    }
}
