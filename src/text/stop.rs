//! Words that tell nothing of what a text is about.
//!
//! Grammar, and what every newsroom says of every event ("said", "live", "analysis"). How often a word
//! is used says the same after some thousand texts; these lists say it at the first. They are written
//! for merganser, folded as [`super::fold()`] folds.

use super::Language;
use std::collections::{BTreeSet, HashSet};
use std::sync::LazyLock;

/// The lists, each taken apart once.
static WORDS: LazyLock<HashSet<(Language, &'static str)>> = LazyLock::new(|| {
    LISTS
        .iter()
        .flat_map(|(language, list)| list.split(' ').map(|word| (*language, word)))
        .collect()
});

/// Tells whether a folded word of a language is grammar or a formula of news.
pub fn is_stop_word(language: Language, folded: &str) -> bool {
    WORDS.contains(&(language, folded))
}

/// Tells whether a folded word is such a one in any language: for a text that does not tell its own.
pub fn is_stop_word_anywhere(folded: &str) -> bool {
    LISTS
        .iter()
        .any(|(language, _)| is_stop_word(*language, folded))
}

/// Tells whether folded words are all such ones of one language.
pub fn are_stop_words_of_one_language(folded: &BTreeSet<String>) -> bool {
    LISTS.iter().any(|(language, _)| {
        let mut words = folded.iter();
        words.all(|word| is_stop_word(*language, word))
    })
}

/// A list for each language that has one.
const LISTS: &[(Language, &str)] = &[
    (Language::English, ENGLISH),
    (Language::French, FRENCH),
    (Language::German, GERMAN),
    (Language::Hindi, HINDI),
    (Language::Italian, ITALIAN),
    (Language::Portuguese, PORTUGUESE),
    (Language::Russian, RUSSIAN),
    (Language::Spanish, SPANISH),
];

const ENGLISH: &str = "\
    a about above according across after again against all almost also although always am amid among an \
    analysis and another any are around as ask at away back be became because become been before began \
    being below between both breaking but by call came can cannot continue continues could day days did \
    didn't do does doesn't doing don't done down during each either else even ever every exclusive \
    expect explained far few find first follow following for former found from further gave get gets \
    getting give given go goes going gone good got had half has hasn't have haven't having he her here \
    hers herself him himself his how however i if in including inside instead into is isn't it it's its \
    itself just keep kept know known last latest least less let like likely live look lot made make \
    makes making man many may me mean might more most much must my near need never new news next no none \
    nor not nothing now of off often old on once one only onto opinion or other others our ours out \
    outside over own part people per perhaps photos put rather read reading really report reported \
    reports said same saw say saying says see seem seen set several shall she should show shows since so \
    some someone something still such take taken takes than that that's the their theirs them themselves \
    then there these they thing things think this those though through time times to today together told \
    too took toward towards try turn two under until up update updates upon us use used using very via \
    video want wants was wasn't watch way we week weeks well went were weren't what when where whether \
    which while who whom whose why will with within without won't would year years yes yet you your \
    yours yourself";

const RUSSIAN: &str = "\
    а без более больше будет будто будут бы был была были было быть в вам вас весь во вот все всего всех \
    вы где говорит да даже для до его ее если есть еще же за заявил заявила здесь и из из-за или им их к \
    как какои ко когда которая которого которои которые которыи которых кто ли либо лишь между меня мне \
    может можно мои мы на над надо нам нас наш не него нее нет ни них но ну о об однако он она они оно \
    от очень перед по под после потом потому почти при про раз с сам свои свою себя сеичас сказал \
    сказала со сообщает сообщил сообщила сообщили стал стала стали так также такои там те тем теперь то \
    тогда того тоже тои только том тот ту тут ты у уже хотя чего чем через что чтобы эта эти это этого \
    этои этом этот эту я";

const HINDI: &str = "\
    अगर अपना अपनी अपने अब आज आप इन इस इसका इसकी इसके इसलिए इसी इसे उन उनका उनकी उनके उस उसका उसकी उसके \
    उसने उसे एक और कब कभी कर करता करते करना करने करें कहा का कि किया किसी की कुछ के को कोई कौन क्या \
    क्यों गई गए गया चाहिए जब जहां जा जाए जाता जाती जाते जाना जाने जिस जैसे जो तक तब तरह तो था थी थे दिया \
    दी दे देने दो द्वारा न नहीं ने पर पहले फिर बताया बहुत बाद बारे बीच भी मगर मुझे में मैं यदि यह यहां \
    यही या ये रहा रही रहे लिए लिया ले लेकिन वह वहां वाला वाली वाले वे सकता सकती सकते सब सभी साथ से हम हर \
    ही हुआ हुई हुए है हैं हो होगा होगी होता होती होते होना होने";

const FRENCH: &str = "\
    a afin ainsi alors apres au aucun aussi autre autres aux avait avant avec avoir c ce cela ces cet \
    cette ceux chez comme comment contre d dans de depuis des donc dont du elle elles en encore entre \
    est et etaient etait ete etre eu faire fait il ils j je jusqu l la le les leur leurs lors lui m ma \
    mais me meme memes mes moins mon n ne ni nos notre nous on ont ou par parce pas pendant peu peut \
    plus pour pourquoi qu quand que quel quelle qui quoi s sa sans se selon sera ses si soit son sont \
    sous sur ta te tous tout toute toutes tres tu un une vers vos votre vous y";

const GERMAN: &str = "\
    aber alle allem allen aller alles als also am an andere anderen auch auf aus bei beim bereits bis da \
    dabei damit dann das dass dem den denn der des die dies diese diesem diesen dieser dieses doch dort \
    durch ein eine einem einen einer eines einige er erst es etwas fur gegen gibt habe haben hat hatte \
    hatten hier ihm ihn ihnen ihr ihre ihrem ihren ihrer im immer in ins ist ja jede jeder jetzt kann \
    kein keine konnen konnte laut man mehr mehrere mein mit mussen nach nicht noch nun nur ob oder ohne \
    schon sehr sei sein seine seinem seinen seiner seit sich sie sind so soll sollen sondern sowie uber \
    um und uns unter viel viele vom von vor wahrend war waren warum was weg wegen weil weiter welche \
    wenn wer werden wie wieder will wir wird wo wurde wurden zu zum zur zwischen";

const SPANISH: &str = "\
    a al algo algunos ante antes asi aun aunque bajo cada como con contra cual cuando cuatro de del \
    desde despues dijo donde dos durante e el ella ellas ellos en entre era eran es esa ese eso esta \
    estaba estan estar estas este esto estos fue fueron ha habia han hasta hay la las le les lo los mas \
    me mi mientras muy nada ni no nos o otra otro otros para pero poco por porque puede que quien se sea \
    segun ser si sido sin sobre son su sus tambien tanto te tiene tienen todo todos tras tu un una uno \
    unos y ya yo";

const PORTUGUESE: &str = "\
    a ainda ao aos apos as ate com como contra da das de dela dele deles depois desde disse do dos \
    durante e ela elas ele eles em entre era essa esse esta estao estar este eu foi foram ha isso isto \
    ja la lhe mais mas mesmo muito na nao nas nem no nos numa o os ou para pela pelas pelo pelos pode \
    por porque qual quando que quem se segundo sem ser seu seus sobre sua suas tambem tem tinha todos um \
    uma umas uns";

const ITALIAN: &str = "\
    a ad agli ai al alla alle allo anche ancora avere aveva c che chi ci come con contro cosa cui da \
    dagli dai dal dalla dalle dei del della delle dello di dopo dove due durante e ed era erano essere \
    gli ha hai hanno ho i il in io l la le lei li lo loro lui ma mentre mi mio molto ne negli nei nel \
    nella nelle no noi non nostro o ogni per perche piu poi prima quale quando quanto quella quelle \
    quelli quello questa queste questi questo qui se secondo sei senza si sia solo sono su sua sue sugli \
    sui sul sulla suo suoi tra tu tutti un una uno vi voi";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::fold;

    #[test]
    fn the_lists_are_folded_and_name_no_word_twice() {
        for (language, list) in LISTS {
            let words: Vec<&str> = list.split(' ').collect();
            assert!(words.is_sorted_by(|one, next| one < next), "{language:?}");
            for word in words {
                assert_eq!(fold(word), word, "{language:?}");
            }
        }
    }

    #[test]
    fn grammar_tells_nothing_and_names_do() {
        for (language, word, expected) in [
            (Language::English, "the", true),
            (Language::English, "said", true),
            (Language::English, "putin", false),
            (Language::English, "die", false),
            (Language::German, "die", true),
            (Language::Russian, "который", false),
            (Language::Russian, "которыи", true),
            (Language::Hindi, "है", true),
            (Language::Hindi, "मोदी", false),
            (Language::Other, "the", false),
        ] {
            assert_eq!(is_stop_word(language, word), expected, "{word}");
        }
    }
}
