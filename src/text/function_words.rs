//! Words of grammar by which languages are told apart: those that hardly a sentence is without.
//!
//! They are written for merganser, as running text writes them: in small letters, and with their accents, which part
//! `e` from `é`. What stands before an apostrophe is a word here, and a
//! letter that tells a language stands among its words. The lists are short on purpose: it is the commonest
//! words that decide, and each list more is another language that a text is not mistaken for. A language that is only
//! here so that its texts are taken for no other has no tag.

/// A language as its small words show it.
#[derive(Debug)]
pub(super) struct Grammar {
    /// Its tag, where it is told; none of one that is only here so that its texts are taken for no other.
    pub(super) tag: Option<&'static str>,
    /// Where it is told, its small letters beside those from a to z.
    pub(super) letters: &'static str,
    /// Its words, with spaces between them.
    pub(super) words: &'static str,
}

/// A language that is told.
const fn told(tag: &'static str, letters: &'static str, words: &'static str) -> Grammar {
    Grammar {
        tag: Some(tag),
        letters,
        words,
    }
}

/// A language that is not told.
const fn rival(words: &'static str) -> Grammar {
    Grammar {
        tag: None,
        letters: "",
        words,
    }
}

/// The languages: at most 64, one for each bit of a mark.
pub(super) const GRAMMARS: &[Grammar] = &[
    told("ar", "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيًٌٍَُِّْـ", ARABIC),
    told("de", "äöüßé", GERMAN),
    told("en", "é", ENGLISH),
    told("es", "áéíñóúü", SPANISH),
    told("fr", "àâæçéèêëîïôœùûüÿ", FRENCH),
    told("hi", "", HINDI),
    told("it", "àèéìíîòóù", ITALIAN),
    told("pt", "àáâãçéêíóôõúü", PORTUGUESE),
    told("ru", "абвгдежзийклмнопрстуфхцчшщъыьэюяё", RUSSIAN),
    told("uk", "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя", UKRAINIAN),
    rival(AFRIKAANS),
    rival(ALEMANNIC),
    rival(ASTURIAN),
    rival(BELARUSIAN),
    rival(BHOJPURI),
    rival(BULGARIAN),
    rival(CATALAN),
    rival(CORSICAN),
    rival(CROATIAN),
    rival(CZECH),
    rival(DANISH),
    rival(DUTCH),
    rival(ESPERANTO),
    rival(FRANCOPROVENCAL),
    rival(FRIULIAN),
    rival(GALICIAN),
    rival(HAITIAN),
    rival(INTERLINGUA),
    rival(LATIN),
    rival(LOW_GERMAN),
    rival(LUXEMBOURGISH),
    rival(MACEDONIAN),
    rival(MAITHILI),
    rival(MARATHI),
    rival(NEPALI),
    rival(NORWEGIAN),
    rival(OCCITAN),
    rival(PIDGIN),
    rival(POLISH),
    rival(ROMANIAN),
    rival(ROMANSH),
    rival(SAMOAN),
    rival(SCOTS),
    rival(SERBIAN),
    rival(SLOVAK),
    rival(SLOVENE),
    rival(SWEDISH),
];

const ARABIC: &str = "\
    في من على أن إلى التي عن مع الذي هذا هذه ما لا بعد كان كما أو قد بين قال إن كل هو هي لم ذلك كانت حتى خلال وقد \
    حيث قبل منذ غير عند وهو ولا أنه أي ثم أكثر وفي أمام ضد وكان ومن وأن عليه فيه بها وهي";

const ENGLISH: &str = "\
    the of and to in that is was for it with as his on be at by had not are but from or have an they which were their \
    has would will what if can when who more out so said about its into than them some could these then do any now \
    over such our even most after also did many must before through where because each just those how too very still \
    between he she we you this been there her him i a us up no other during against while since until all";

const GERMAN: &str = "\
    der die das und in den von zu mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er hat dass \
    sie nach wird bei einer um am sind noch wie einem über einen so zum war haben nur oder aber vor zur bis mehr durch \
    man sein wurde sei hatte kann gegen vom können schon wenn seine ihre dann unter wir soll ich eines seit ihr keine \
    muss wieder beim sehr zwischen diese dieser worden doch jetzt will alle wurden ihm sollen ihren ab jeder hier";

const FRENCH: &str = "\
    de la le et les des en un du une que est pour qui dans a par plus pas au sur ne se ce il sont avec son aux d l qu \
    cette ont ses mais comme ou si leur y dont elle sa deux ces été entre sans après fait nous être était aussi tout \
    peut tous leurs lors depuis contre avant avait bien sous même encore alors n c on je où selon faire ainsi toute à";

const SPANISH: &str = "\
    de la que el en y a los del se las por un para con no una su al lo como más o pero sus le ha me sin sobre este ya \
    entre cuando todo esta ser son dos también fue había era muy hasta desde está porque sólo han hay puede todos así \
    nos ni tiene él uno donde mismo ese ahora cada otro después otros aunque esa eso hace otra durante tanto ella tres \
    dijo sido según menos toda tras estos estas quien e unos";

const ITALIAN: &str = "\
    di e il la che in a per un del è non i una della le con si da sono al dei più ha come su l nel alla gli delle ma lo \
    anche d ad o se dal hanno dalla stato nella ai questo era degli tra suo due dopo essere sua alle cui ed ci fra \
    sulla questa prima sul dell all nell dall sull quello quando ancora perché loro dai solo tutti così contro stata \
    senza ora fatto aveva molto oltre ogni agli nei negli uno secondo mentre";

const PORTUGUESE: &str = "\
    de a o que e do da em um para é com não uma os no se na por mais as dos como mas foi ao ele das tem à seu sua ou \
    ser quando muito há nos já está eu também só pelo pela até isso ela entre era depois sem mesmo aos ter seus quem \
    nas me esse eles estão você tinha foram essa num nem suas às têm numa pelos elas havia seja qual será nós lhe \
    deles pelas este fosse dele são ainda sobre desde após segundo onde contra durante toda todo ã õ";

const RUSSIAN: &str = "\
    и в на с что не по к из за от о как для его это он а но у так же все был до или они при было если была их ее её бы \
    уже также после мы я только во может со были году чтобы которые который которая быть более под когда нет этого \
    тем этом того этот еще ещё том себя между над нас вы где без есть ему чем сейчас которых около однако потому ы э";

const UKRAINIAN: &str = "\
    і в на з що не у та за до про як для від це й його по але він а із є які який яка при також було або був була вони \
    їх під після щоб бути буде між я ми ще вже зі року через можна свою тому коли цього цей її лише якщо де та";

const HINDI: &str = "\
    के में की है और को से का ने कि पर यह हैं एक नहीं भी लिए इस हो था कर ही या तो साथ जो गया रहा थे थी वह अपने बाद हुए \
    जा किया कहा इसके दिया सकता रहे गई हुई इन उन होने तक अब जब वाले ये करने द्वारा कुछ रही होता कोई उनके उन्होंने बताया \
    करते अपनी हुआ उस";

const AFRIKAANS: &str = "\
    die en van in het is wat nie vir met op te om sy dat hy aan as ook was deur sal ek ons een by kan hulle uit maar \
    word nog tot oor na haar daar wees moet of tussen enige elke mag";

const ALEMANNIC: &str = "\
    dr d und isch vo mit uf nid au het in s im e ei als wo si mer us för zum sind das de me cha händ gäge";

const ASTURIAN: &str = "\
    de la que l el en y a los del les por un pa con nun una so al lo como más o pero foi ye esti ente ser son dos tamién \
    yera fasta dende tien esto esta nel na pela pel cola col tola tolos tou xente d";

const BELARUSIAN: &str = "\
    і ў у на з што не да па за як для гэта яго ад але ён пра які яна яны быў была было таксама пры ці або пасля каб яе \
    іх быць ы э";

const BHOJPURI: &str = "\
    के बा आ में से कि ना ह भी ओकर बाटे खातिर भइल कइल गइल लोग रहल करे आउर अउर सभे होखे जे सब हई ओकरा चाहि करल जाए ई हे हइ";

const BULGARIAN: &str = "\
    на и да в за се от с е не че са по как но ще като до си или който която които при това след този тази бе има към \
    през го между само би може ли във със още вече му а всеки";

const CATALAN: &str = "\
    de la i el que a en les del els d l un per una és amb es no al més se com dels ha va són o pel aquest aquesta però \
    ser fer hi si ja tot han sobre entre seva seu dos fins també als qual on molt li sense després des segons quan";

const CORSICAN: &str = "\
    di u a e i è in chì per da nantu un una hà sò ogni cum si pò micca hè à o cù di l d persona so sta issu issa esse";

const CROATIAN: &str = "\
    i u je na se da za su od s o koji a što će ne iz to kao ali bi do po koja te ili nije bio pri svoje";

const CZECH: &str = "\
    a se na v je že o s z do i to za by k ve pro po si u ale od jako podle které který také nebo má být každý";

const DANISH: &str = "\
    og i at det er en til af på der de med for som ikke den har et var fra om men vil sig så kan efter han blev ved \
    også eller være havde hun skal nu bliver mere ud over hvor når end må op flere sin mod blevet";

const DUTCH: &str = "\
    de het een en van in op te dat die is voor met zijn aan niet er om ook als dan maar bij door nog naar uit over \
    heeft hij ze was worden wordt tot deze werd geen of kan meer we hebben moet zich wel al haar onder tegen tussen na \
    dit zou had zij onze veel";

const ESPERANTO: &str = "\
    la de kaj en al estas por ne kiu el per ke kun ĉiu aŭ sur pri li ili ĝi estis kiel oni kiuj sed";

const FRANCOPROVENCAL: &str = "\
    de la lo les et a en que des pe pi l on dens sen tôs est tota por pas avouéc son ou du nion pués d dêt chascun";

const FRIULIAN: &str =
    "di e la il al in a un une che no par des dai lis cun i si o je dal ogni so ancje dutis ducj";

const GALICIAN: &str = "\
    de a o que e do da en os das dos un unha para por con se no na as non ao máis como pola polo é mais á súa seu foi \
    son nos nas esta este tamén está ou pero ata desde entre sobre aos ás hai ser sen polos dun dunha nun nunha onde \
    cando segundo xa moi ten lle cos coa co todos";

const HAITIAN: &str = "nan ak pou yo li se ki te moun gen pa tout sou sa lè kap fè yon la a";

const INTERLINGUA: &str =
    "le de e in a que un es pro per con non su o esser al del como ha omne sia qui cata";

const LATIN: &str = "\
    et in est ad non ut cum quod a ab de ex qui quae per sed si aut atque esse sunt ac pro etiam vel quam";

const LOW_GERMAN: &str = "\
    de un in to dat is den van op mit för nich en een as sik ok bi üm vun hett sünd ut or na wat wi hebbt se he";

const LUXEMBOURGISH: &str = "\
    de an den d vun ass op mat fir dat eng déi net och si vum en ze dass awer wéi ginn huet hunn sinn gëtt bei no um \
    zu iwwer dës well kann dee dem der mir am all";

const MACEDONIAN: &str = "\
    на и во да се за од ќе не со е што ги кој која кои како по но или при има ја го до овој оваа беше биде тоа меѓу \
    секој";

const MAITHILI: &str = "आ सँ अछि छथि केँ मे नहि जे एहि ओ भऽ अपन कोनो प्रत्येक क";

const MARATHI: &str = "\
    आणि आहे या च्या ने ला हे तर ही व होते आहेत होता नाही पण की यांनी त्यांनी केली केले झाली झाले असून एक हा त्या म्हणून \
    मात्र असे आले साठी करण्यात येत त्याच्या मध्ये यांच्या अशी येथे काही";

const NEPALI: &str = "\
    र छ को मा ले भएको गरेको छन् हो पनि लाई थियो भने यो तथा सहित बाट गरिएको गर्न उनले भन्ने हुने छैन एक वा गर्ने हुनेछ";

const NORWEGIAN: &str = "\
    og i det er en til av på som for med de at ikke den har et var fra om men seg så kan etter han ble ved også eller \
    være hadde hun skal nå blir mer ut over hvor når enn må opp flere sin mot blitt vi jeg vil ein til av å ikkje frå";

const OCCITAN: &str = "\
    de la lo e los las d l en que es un una per dins del se amb son pel al a als dels aqueste aquesta tot mas o pas ni \
    sus coma entre lor fa n eth era dab deu dera";

const PIDGIN: &str = "\
    di dey for and to dem wey say na don sey im dis e from no go with on be all get make as de una wetin pipol dat";

const POLISH: &str = "\
    w i na z do się że o nie to jest po od za jak a dla przez ale oraz są tym czy który która które ma być lub";

const ROMANIAN: &str = "\
    de și în la a cu pe nu care un o din să ce mai au este pentru se al ale că sunt fost fi sau prin lui după ca dar ei \
    am între această acest cele va despre fără până orice";

const ROMANSH: &str = "\
    il la e da en a ch che ed in ina per las ils ha è dal dals cun sin u ni tuts tut quai sia ses mintga dad als sco \
    nagin betg ei ins las sur tgi mo tschels cuntrada libertads minga iglis igl scu tgi digl dalla";

const SAMOAN: &str = "o le e ma i a mo ai lea ona se so lona latou uma ua na tagata poo loo";

const SCOTS: &str = "\
    the o an tae in is for wi that it on as by be aw fowk hae his fae at wur no nae or thay thair ony richt sic whit \
    sal til";

const SERBIAN: &str = "\
    и у је на се да за су од са о који а што ће не из као али би до по која које или није био била то бити када само \
    након";

const SLOVAK: &str = "\
    a v na sa je že o s z do aj to za by k vo pre po si ale od ako podľa ktoré ktorý alebo má každý";

const SLOVENE: &str = "in v je na se da za so pa ki z o po s bi od ne tudi ali vsak do pri kot ima";

const SWEDISH: &str = "\
    och i att det som en på är av för med den till inte har de ett om han var från men så kan vi när efter hade ut ska \
    vid under eller nu också över mot blir hon ha mer sig skulle alla sin där";
