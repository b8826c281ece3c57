use super::super::function_words::GRAMMARS;
use super::*;
use proptest::prelude::*;

/// Texts with the language that they are told to be in, title and body of each.
const TEXTS: &[(Option<&str>, &str, &str)] = &[
    (
        Some("en"),
        "Harbour bridge closes for a week",
        "The old bridge at the harbour will be closed from Monday, because its cables have to be replaced before winter.",
    ),
    (
        Some("de"),
        "Brücke am Hafen gesperrt",
        "Die alte Brücke am Hafen wird ab Montag gesperrt, weil ihre Seile vor dem Winter erneuert werden müssen, sagte die Stadt.",
    ),
    (
        Some("fr"),
        "Le pont du port est fermé",
        "Le vieux pont du port sera fermé dès lundi, car ses câbles doivent être remplacés avant l'hiver, selon la mairie de la ville.",
    ),
    (
        Some("es"),
        "Cierran el puente del puerto",
        "El viejo puente del puerto estará cerrado desde el lunes, porque hay que cambiar sus cables antes del invierno, según el alcalde.",
    ),
    (
        Some("it"),
        "Chiuso il ponte del porto",
        "Il vecchio ponte del porto sarà chiuso da lunedì, perché i suoi cavi devono essere sostituiti prima dell'inverno, ha detto il sindaco.",
    ),
    (
        Some("pt"),
        "Ponte do porto fecha",
        "A velha ponte do porto será fechada na segunda-feira, porque os seus cabos têm de ser trocados antes do inverno, segundo a câmara.",
    ),
    (
        Some("ru"),
        "Мост в порту закроют",
        "Старый мост в порту закроют с понедельника, потому что его тросы должны быть заменены до зимы, сообщили в мэрии города.",
    ),
    (
        Some("uk"),
        "Міст у порту закриють",
        "Старий міст у порту закриють з понеділка, тому що його троси потрібно замінити до зими, але рух буде ще й по дамбі.",
    ),
    (
        Some("hi"),
        "बंदरगाह का पुल बंद होगा",
        "बंदरगाह का पुराना पुल सोमवार से बंद रहेगा क्योंकि सर्दी से पहले उसके तार बदले जाने हैं, यह बात नगर निगम ने कही है।",
    ),
    (
        Some("ar"),
        "إغلاق جسر الميناء",
        "أغلقت المدينة الجسر القديم في الميناء يوم الاثنين لأن الحبال التي عليه قديمة، وقال المحافظ إن العمل سيستمر حتى الشتاء.",
    ),
    (
        Some("zh"),
        "港口大桥将关闭",
        "港口的旧桥将从星期一起关闭，因为桥上的缆绳在冬天之前要更换，市政府说这对居民的影响不大。",
    ),
    // Neighbours of these, of which none is right.
    (
        None,
        "Havnebroen lukkes",
        "Den gamle bro ved havnen lukkes fra mandag, fordi kablerne skal skiftes inden vinteren, siger kommunen, der har ansvaret for den.",
    ),
    (
        None,
        "Havnebrua stenges",
        "Den gamle brua ved havna stenges fra mandag, fordi kablene må skiftes ut før vinteren, sier kommunen, som har ansvaret for den.",
    ),
    (
        None,
        "Hamnbron stängs",
        "Den gamla bron vid hamnen stängs från måndag, för att kablarna måste bytas före vintern, säger kommunen som har hand om den.",
    ),
    (
        None,
        "Havenbrug gaat dicht",
        "De oude brug bij de haven gaat vanaf maandag dicht, omdat de kabels voor de winter vervangen moeten worden, zegt de gemeente in een brief.",
    ),
    (
        None,
        "Hawebrug sluit",
        "Die ou brug by die hawe sal van Maandag af gesluit wees, want die kabels moet voor die winter vervang word, het die stad gesê.",
    ),
    (
        None,
        "D'Bréck um Hafen ass zou",
        "Déi al Bréck um Hafen ass vu Méindeg un zou, well d'Kabele viru dem Wanter ersat musse ginn, huet d'Gemeng den Owend gesot.",
    ),
    (
        None,
        "Pechan a ponte do porto",
        "A vella ponte do porto pechará o luns, porque hai que cambiar os seus cables antes do inverno, segundo dixo o alcalde nunha xuntanza.",
    ),
    (
        None,
        "Tanquen el pont del port",
        "El vell pont del port estarà tancat des de dilluns, perquè cal canviar els seus cables abans de l'hivern, segons va dir l'alcalde amb pressa.",
    ),
    (
        None,
        "Podul din port se închide",
        "Podul vechi din port va fi închis de luni, pentru că trebuie schimbate cablurile sale până la iarnă, a spus primarul care conduce orașul.",
    ),
    (
        None,
        "Мостът на пристанището",
        "Старият мост на пристанището ще бъде затворен от понеделник, защото въжетата му трябва да се сменят преди зимата, каза кметът на града.",
    ),
    (
        None,
        "Мост у луци се затвара",
        "Стари мост у луци биће затворен од понедељка, јер његови каблови морају да се замене пре зиме, рекао је градоначелник који га води.",
    ),
    (
        None,
        "Мост у порце",
        "Стары мост у порце зачыняць з панядзелка, таму што яго тросы трэба замяніць да зімы, але рух будзе яшчэ і па дамбе, кажуць улады.",
    ),
    (
        None,
        "Порттағы көпір жабылады",
        "Порттағы ескі көпір дүйсенбіден бастап жабылады, өйткені оның арқандары қысқа дейін ауыстырылуы керек, деді қала әкімі.",
    ),
    (
        None,
        "बंदरातील पूल बंद",
        "बंदरातील जुना पूल सोमवारपासून बंद राहणार आहे, कारण हिवाळ्यापूर्वी त्याचे दोर बदलणे गरजेचे आहे, असे महापौरांनी सांगितले आणि पर्याय दिला.",
    ),
    (
        None,
        "बन्दरगाहको पुल बन्द",
        "बन्दरगाहको पुरानो पुल सोमबारदेखि बन्द हुने छ, किनभने जाडोअघि त्यसको डोरी फेर्नुपर्ने भएको छ, यो कुरा मेयरले भने र अर्को बाटो पनि खोले।",
    ),
    (
        None,
        "پل بندر بسته می‌شود",
        "پل قدیمی بندر از دوشنبه بسته می‌شود، زیرا کابل‌های آن باید پیش از زمستان عوض شود، شهردار در گفتگو با خبرنگاران گفت که راه دیگری هست.",
    ),
    (
        None,
        "بندرگاہ کا پل بند",
        "بندرگاہ کا پرانا پل پیر سے بند رہے گا کیونکہ سردی سے پہلے اس کے تار بدلے جانے ہیں، یہ بات میئر نے کہی ہے۔",
    ),
    (
        None,
        "港の橋が閉鎖へ",
        "港にある古い橋は月曜日から閉鎖される。冬の前にケーブルを交換する必要があるためだと市は説明している。",
    ),
    (
        None,
        "Most w porcie zamknięty",
        "Stary most w porcie będzie od poniedziałku zamknięty, bo jego liny muszą być wymienione przed zimą, jak mówi urząd, który go prowadzi.",
    ),
    // Too little, too much of a mixture, or no text of a language at all.
    (
        None,
        "The bridge at the harbour will be closed for a week from Monday",
        "",
    ),
    (
        None,
        "The bridge at the harbour will be closed for a week from Monday",
        "The bridge at the harbour will be closed for a week from Monday ",
    ),
    (
        None,
        "The bridge at the harbour will be closed for a week from Monday",
        "Read more on our site, and tell us.",
    ),
    (
        None,
        "Bridge",
        "The old bridge will be closed from Monday, said the mayor. Die alte Brücke wird ab Montag gesperrt, sagte die Stadt, und der Hafen auch.",
    ),
    (
        None,
        "पुल",
        "The old bridge at the harbour will be closed from Monday. बंदरगाह का पुराना पुल सोमवार से बंद रहेगा क्योंकि उसके तार बदले जाने हैं।",
    ),
    (
        None,
        "How it is done",
        "for x in range(1): if x not in it: return { is: x } while true { do(it) } #include <that> not x or y == 2 and the = to",
    ),
    (
        None,
        "Results",
        "3:1 2:0 4:4 1:0 2:2 0:0 5:1 17.5 1,204 3/4 12% 99 2026-11-20 3:1 2:0 4:4 1:0 2:2 0:0 5:1 17.5",
    ),
    (
        None,
        "Line-ups",
        "Ferro, Okoye, Lindqvist, Baptiste, Ivarsson, Mendes, Takeda, Novak, Brandt, Salazar, Whitlock, Petrenko, Ortega, Haas",
    ),
    (
        None,
        "Links",
        "https://a.example/the/in/of https://b.example/and/to/is #the #and #of @that @is_not @with https://c.example/a/an/the",
    ),
    (
        None,
        "",
        "o e a o le a i e o le e a o e i le a o e le a i o le e a o le",
    ),
];

#[test]
fn a_language_is_told_where_it_is_clear_and_no_other() {
    for (expected, title, body) in TEXTS {
        assert_eq!(guess_language(title, body), *expected, "{title}: {body}");
    }
}

#[test]
fn each_language_that_is_told_has_a_text_here() {
    let told = GRAMMARS.iter().filter_map(|grammar| grammar.tag);
    for tag in told.chain(["zh"]) {
        assert!(TEXTS.iter().any(|text| text.0 == Some(tag)), "{tag}");
    }
}

/// What stands below a text of another language is not enough to make it one.
#[test]
fn a_formula_of_a_shop_of_blogs_does_not_decide() {
    let formula = " The post appeared first on the site of the harbour.";
    let is_foreign = |text: &&(_, &str, &str)| ![text.1, text.2].concat().contains("bridge");
    for (_, title, body) in TEXTS.iter().filter(is_foreign) {
        let guessed = guess_language(title, &format!("{body}{formula}"));
        assert_ne!(guessed, Some("en"), "{title}: {body}");
    }
}

#[test]
fn the_words_of_grammar_are_as_running_text_has_them() {
    assert!(GRAMMARS.len() <= 64);
    for grammar in GRAMMARS {
        for word in grammar.words.split(' ') {
            assert_eq!(word.to_lowercase(), word);
            assert!(!word.is_empty() && word.len() <= LONGEST, "{word}");
            assert!(word.chars().all(is_part_of_word), "{word}");
        }
        let letters = grammar.letters.chars();
        let is_small = |c: char| c.to_lowercase().eq([c]);
        assert!(letters.clone().all(is_small), "{:?}", grammar.tag);
    }
}

proptest! {
    #[test]
    fn any_text_has_an_answer(title in "\\PC{0,40}", body in "(\\PC|the |и |[^ ] ){0,200}") {
        guess_language(&title, &body);
    }

    /// What comes after the part that is looked at changes nothing.
    #[test]
    fn a_long_text_is_told_by_its_beginning(number in 0..TEXTS.len(), rest in "\\PC{0,40}") {
        let (_, title, body) = TEXTS[number];
        let long = format!("{body} ").repeat(MOST_BYTES / body.len().max(1) + 2);
        prop_assert_eq!(guess_language(title, &long), guess_language(title, &format!("{long}{rest}")));
    }
}
