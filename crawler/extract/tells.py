"""What pages that are no article say of themselves, in the languages of the news: patterns for short texts.

Each pattern is a whole phrase that such pages print and articles seldom do, and is asked only of short pages and short
lines. Texts are compared in lower case (`str.casefold`), so that no pattern needs to ignore case.
"""

from __future__ import annotations

import re

SUBSCRIPTION_STEMS = (
    *(
        "subscri",
        "member",
        "unlock",
        "register to",
        "registrier",
        "sign in",
        "sign up",
        "log in",
        "reading",
        "abonn",
        " abo",
        "digitalabo",
        "weiterlesen",
        "suscr",
        "socios",
    ),
    *("assin", "prenum", "premium", "tilaa", "dostęp", "całoś", "předpl", "előfiz", "подпис"),
    *(
        "передпл",
        "чтени",
        "читат",
        "συνδρομητ",
        "abone",
        "üye",
        "اشترك",
        "مشترك",
        "القراءة",
        "מנוי",
        "مشترکان",
        "会員",
        "有料",
    ),
    *(
        "残り",
        "付费",
        "付費",
        "订阅",
        "訂閱",
        "登录",
        "登入",
        "会员",
        "會員",
        "구독",
        "유료",
        "सदस्य",
        "langgan",
        "độc giả",
    ),
)
"""One of these is in every phrase of `PAYWALL`: a cheap look before an expensive one."""

CONSENT_STEMS = (
    *("cookie", "consent", "einwillig", "zustimm", "toestemming", "samtyc", "samtyk", "suostumus", "eväste", "zgod"),
    *("souhlas", "hozzájár", "süti", "соглас", "çerez", "クッキー", "同意", "쿠키", "동의", "تعريف الارتباط"),
)
"""A consent names one of these twice at least."""
DOMAIN_STEMS = ("domain", "domín", "domini", "домен", "域名", "ドメイン", "도메인", "النطاق")
"""One of these is in every phrase of `PARKED` but those that say "parked"."""

PAYWALL = re.compile(
    r"subscribe (?:now |today |here )?(?:to|and) (?:continue|keep|read|unlock|access|finish)"
    r"|(?:to|and) (?:continue|keep|finish) reading\b.{0,40}(?:subscri|log in|sign in|sign up|register|become|member"
    r"|trial)"
    r"|(?:continue|keep) reading\b.{0,25}(?:with a|for|your article).{0,25}(?:subscri|trial|member)"
    r"|(?:article|story|content|post|access) is (?:only |exclusively )?(?:available |reserved )?(?:exclusively "
    r"|only )?"
    r"(?:for|to) (?:our )?(?:paid |paying |premium |registered |digital )?(?:subscribers|members)"
    r"|(?:for|to) (?:paid |paying |premium )?subscribers only|subscriber[- ]only|exclusive to (?:our )?subscribers"
    r"|unlock (?:this|the full|the rest of th(?:e|is)) (?:article|story|post)"
    r"|(?:register|sign up|log in|sign in) (?:for free )?to (?:continue|keep|read the|read this|finish)"
    r"|become an? (?:paid )?(?:member|subscriber) to (?:continue|read|unlock|access)"
    r"|you(?:'|’)?(?:ve| have) (?:reached|read|used) (?:all )?(?:of )?(?:your|the|\d+|one|two|three|four"
    r"|five)\b.{0,30}"
    r"(?:limit|free|articles)"
    r"|nur für (?:unsere )?(?:abonnent|mitglieder|registrierte|digitalabo)|exklusiv für (?:unsere )?abonnent"
    r"|(?:artikel|beitrag|text|inhalt) ist .{0,40}(?:abonnent|kostenpflichtig|abo\b|registrierung)"
    r"|(?:weiterlesen|weiterzulesen|weiter lesen).{0,40}(?:\babo\b|abonn|plus\b|anmelden|registrier)"
    r"|(?:\babo\b|abonn|registrier).{0,40}(?:weiterlesen|weiterzulesen|weiter lesen|ganzen artikel)"
    r"|(?:article|contenu) (?:est )?réservé|la suite (?:de cet article )?est réservée|réservé (?:à nos |aux )abonn"
    r"|abonnez[- ]vous (?:pour|et) (?:lire|continuer|accéder|poursuivre)|il (?:vous )?reste .{0,8}% d"
    r"|pour lire la suite.{0,40}(?:abonn|connect|inscri)|débloque[zr] (?:cet article|l.article)"
    r"|suscr[ií]b(?:ete|ase|irte) (?:para|y) (?:seguir|continuar|leer)|(?:solo|exclusiv[oa]s?) para (?:suscriptores"
    r"|socios)"
    r"|para (?:seguir|continuar) leyendo.{0,40}(?:suscr|inicia|regíst|regist)"
    r"|abbonati (?:per|e) (?:continu|legg)|riservat[oa] agli abbonati|per continuare a leggere.{0,40}(?:abbon|acced"
    r"|regist)"
    r"|assine (?:para|e) (?:continu|ler|leia)|exclusiv[oa]s? para (?:assinantes|subscritores)"
    r"|(?:alleen|exclusief) (?:toegankelijk )?voor (?:onze )?(?:abonnees|leden)|(?:abonnee|lid) om .{0,25}lezen"
    r"|(?:verder|dit artikel) ?(?:te )?lezen\b.{0,30}(?:abonne|log ?in)"
    r"|(?:endast|bara|enbart) för (?:våra )?prenumeranter|prenumerera för att (?:läsa|fortsätta)"
    r"|(?:kun|forbeholdt) (?:for )?(?:våre |vores )?abonnenter|abonn\w* for at (?:læse|fortsætte)"
    r"|abonn\w* for å (?:lese|fortsette)"
    r"|vain tilaajille|tilaajille tarkoitettu|jatkaaksesi lukemista|tilaa ja (?:lue|jatka)"
    r"|(?:tylko|wyłącznie) dla (?:prenumeratorów|subskrybentów|abonentów)|(?:wykup|kup) (?:dostęp|prenumerat"
    r"|subskrypcj)"
    r"|aby (?:czytać dalej|przeczytać całość)|(?:jen|pouze) pro předplatitele|předplaťte si"
    r"|csak előfizető|előfizetőink|fizess elő|doar pentru abonați|abonează-te (?:pentru|ca)"
    r"|(?:только|доступ\w*) .{0,20}(?:подписчик|по подписке)|чтобы (?:продолжить чтение|читать дальше|дочитать)"
    r"|лише для (?:передплатників|підписників)|щоб читати далі|μόνο (?:για|σε) συνδρομητές|γίνετε συνδρομητ"
    r"|(?:sadece|yalnızca) (?:abone|üye)|devam etmek için (?:abone|üye|giriş)|للمشتركين فقط|لمتابعة القراءة"
    r"|اشترك .{0,12}لقراءة"
    r"|למנויים בלבד|המשך הקריאה למנויים|فقط برای مشترکان|برای ادامه مطالعه"
    r"|この記事は.{0,14}(?:有料|会員)|有料(?:会員|記事)|会員(?:限定|登録).{0,12}(?:記事|続き|読)"
    r"|残り[\s\d,]+(?:文字|字)"
    r"|続きを.{0,12}(?:登録|会員|購読|ログイン)"
    r"|(?:订阅|訂閱|登录|登入|付费|付費|会员|會員).{0,8}(?:继续|繼續|阅读全文|閱讀全文|查看全文|解锁|解鎖)"
    r"|(?:仅限|僅限|仅供|僅供).{0,4}(?:会员|會員|订阅|訂閱)|구독자 전용|유료 (?:회원|구독자)|(?:구독"
    r"|로그인).{0,12}(?:계속 읽|전문|이어)"
    r"|केवल सदस्यों|khusus (?:untuk )?pelanggan|berlangganan (?:untuk|dan) (?:membaca|melanjutkan|lanjut)"
    r"|dành (?:riêng )?cho (?:độc giả|người) (?:đăng ký|trả phí)"
)

CHALLENGE = re.compile(
    r"checking (?:if the site connection is secure|your browser)|^just a moment\b|verif(?:y"
    r"|ying) (?:that )?you are (?:a |not a )?"
    r"(?:human|robot)|enable (?:javascript|js) and (?:cookies to continue|disable any ad ?blocker)|ddos protection by"
    r"|pardon our interruption|unusual (?:traffic|activity) from your|attention required! \| cloudflare"
    r"|incapsula incident"
    r"|^are you a (?:robot|human)\?|making sure you(?:'|’)?re not a (?:bot|robot)|complete the (?:security check"
    r"|captcha)"
    r"|(?:confirm|prove) (?:that )?you are (?:human|not a (?:ro)?bot)|press (?:&|and) hold"
    r"|one more step.{0,40}security check"
    r"|(?:ihr|dein)(?:en)? browser (?:wird )?(?:gerade )?(?:über)?prüf|browser wird (?:gerade )?überprüft"
    r"|dass (?:sie|du) (?:ein mensch|kein roboter)|vérification de votre navigateur|que vous (?:êtes (?:un )?humain"
    r"|n.êtes pas un robot)"
    r"|(?:comprobando|verificando) (?:su|tu|el|que) (?:navegador|eres|es)|que (?:no )?eres (?:un )?(?:humano|robot)"
    r"|verifica(?:re)? (?:di essere|che tu sia|che sei) (?:un )?(?:umano|essere umano)|controllo del browser"
    r"|verific(?:ando|ar|que) .{0,20}(?:navegador|é humano|um robô)|проверк\w* (?:вашего )?браузера|что вы не робот"
    r"|подтвердите.{0,20}человек"
    r"|перевірк\w* (?:вашого )?браузера|browser (?:wordt )?gecontroleerd|dat (?:u|je) (?:een mens|geen robot)"
    r"|kontrollera\w* (?:din )?webbläsare|att du (?:är en människa|inte är en robot)"
    r"|sprawdza\w* (?:twoj\w+ )?przeglądark|że (?:nie )?jesteś (?:człowiekiem|robotem)"
    r"|tarayıcınız (?:kontrol|denetlen)|insan olduğunuzu|التحقق من (?:أنك|متصفحك)|لست (?:روبوت|برنامج)"
    r"|ブラウザ.{0,8}(?:確認|チェック)|ロボットではない|人間であること"
    r"|(?:检查|檢查)您?的?(?:浏览器|瀏覽器)|(?:验证|驗證|确认|確認)您?(?:是真人|是人类|是人類|不是机器人)|安全验证"
    r"|브라우저를? (?:확인|검사)|로봇이 아|사람인지 확인"
)

CHALLENGE_MARKS = re.compile(
    r"/cdn-cgi/challenge-platform/|challenges\.cloudflare\.com|cf[-_]chl[-_]|captcha-delivery\.com"
    r"|_incapsula_resource"
    r"|px-captcha|ddos-guard|/\.well-known/sgcaptcha|anubis_challenge|awswafcookiedomainlist"
    r"|awswaf.{0,40}challenge\.js",
    re.IGNORECASE,
)
"""In the markup of the browser checks of Cloudflare, DataDome, Imperva, PerimeterX, DDoS-Guard, SiteGround, Anubis and
AWS. Cloudflare's also stand on pages that it lets through: they count only where no text was found."""

ASKS_SCRIPT = re.compile(
    r"(?:enable|turn on|requires?|without|needs?|activate) javascript|javascript (?:is |must be "
    r"|to be )?(?:disabled|enabled|required|not enabled|turned off)"
    r"|javascript.{0,40}(?:aktivier|einschalten|activ|habilit|attiv|inschakel|aktiver|ota.{0,10}käyttöön|włącz"
    r"|povol|zapn|включ|увімкн|etkin|ativ|無効|有効|启用|啟用|開啟|활성|사용)"
    r"|(?:aktivier|activez|activer|active|activa|habilit|attiva|abilita|schakel|aktivera|włącz|включите|увімкніть"
    r"|تفعيل|请(?:启用|开启)|請啟用).{0,20}javascript"
)

CONSENT = re.compile(
    r"cookie|consent|\bpartner|vendors?\b|privacy|personal data|legitimate interest|personali[sz]ed (?:ads|content)"
    r"|your device"
    r"|einwillig|zustimm|datenschutz|drittanbieter|endgerät|consentement|confidentialité|partenaires|traceurs"
    r"|finalités|appareil"
    r"|consentimiento|privacidad|datos personales|dispositivo|consenso|riservatezza|dati personali|consentimento"
    r"|dados pessoais|toestemming"
    r"|samtyck|samtykke|suostumus|evästei|zgod[aęy]|prywatno|souhlas|hozzájárul|süti|согласи|персональн\w+ данн"
    r"|файл\w+ cookie|конфиденциальн"
    r"|çerez|gizlilik|クッキー|同意|プライバシー|隐私|隱私|쿠키|동의|개인정보|ملفات تعريف الارتباط|موافق"
)
CONSENT_TITLE = re.compile(
    r"before you continue|cookie|consent|privacy|gdpr|dsgvo|datenschutz|zustimmung|einwilligung|confidentialité"
    r"|consentement|rgpd|privacidad"
    r"|consentimiento|consenso|privacidade|toestemming|samtyck|samtykke|evästeet|prywatno|zgod|согласи|конфиденц"
    r"|çerez|クッキー|隐私|隱私|쿠키|개인정보"
)
ACCEPT = re.compile(
    r"^(?:i )?(?:accept|agree|allow|got it|continue|ok)\b|accept (?:all|and|cookies)|(?:alle[sn]? "
    r"|und )?(?:akzeptieren|zustimmen|annehmen)\b|einverstanden"
    r"|(?:tout )?accepter|j.accepte|aceptar|acepto|accett|aceit|akkoord|accepteren|godkänn|acceptera|godta"
    r"|accepter alle|hyväksy|akceptuj|zgadzam"
    r"|přijmout|souhlas|elfogad|принять|согласен|принимаю|прийняти|kabul|同意する|同意して|同意|接受|동의|모두 허용"
    r"|موافق|قبول"
)

PARKED = re.compile(
    r"(?:this |the )?(?:web ?site |domain(?: name)? )(?:[\w.-]+ )?(?:is|may be|might be) (?:for sale|parked"
    r"|available for purchase)|buy this domain"
    r"|(?:this |the )?domain (?:name )?(?:has|was) (?:recently )?(?:been )?(?:registered|parked|expired)"
    r"|domain parking|parked (?:free|domain)"
    r"|interested in (?:this|buying this) domain|inquire about this domain|domain (?:ist|steht) .{0,20}(?:verkauf"
    r"|verkaufen|erwerben|geparkt)"
    r"|domain .{0,20}(?:te koop|na sprzedaż|satılık|till salu|til salg|myytävänä|eladó|prodej)|(?:domaine"
    r"|nom de domaine) .{0,25}(?:à vendre|en vente|parking)"
    r"|dominio .{0,25}(?:en venta|in vendita|aparcado|parcheggiat)|domínio .{0,20}(?:à venda|estacionado)"
    r"|домен .{0,25}(?:прода|припаркован|зарегистрирован)"
    r"|域名.{0,12}(?:出售|转让|轉讓)|ドメイン.{0,12}(?:販売|売り|取得)|도메인.{0,10}(?:판매|구매)|النطاق .{0,12}للبيع"
)

CONTACT_TITLE = re.compile(
    r"^(?:contact(?: us| me)?|get in touch|feedback|kontakt\w*|schreiben sie uns|contact(?:ez|ez-nous"
    r"|ar)?(?:[- ]nous)?|nous contacter|contacto|contáctanos|contactar"
    r"|contatt\w*|(?:entre em )?contato|contacte-nos|fale conosco|neem contact op|kontakta oss|kontakt oss"
    r"|ota yhteyttä|yhteystiedot|napisz do nas"
    r"|kapcsolat|связаться с нами|контакты|обратная связь|контакти|επικοινωνία|iletişim|bize ulaşın|اتصل بنا"
    r"|צור קשר|تماس با ما|お問い合わせ\w*|联系我们|聯絡我們|문의하기|संपर्क(?: करें)?)$"
)
LOGIN_TITLE = re.compile(
    r"^(?:log ?in|sign ?in|log on|member login|my account|anmelden|anmeldung|einloggen|connexion|se connecter"
    r"|identifiez[- ]vous|iniciar sesión|inicia sesión|acceso"
    r"|accedi|login|entrar|iniciar sessão|inloggen|logga in|logg inn|log ind|kirjaudu(?: sisään)?|zaloguj(?: się)?"
    r"|logowanie|přihlášení|bejelentkezés|autentificare"
    r"|войти|вход|увійти|вхід|σύνδεση|giriş(?: yap)?|تسجيل الدخول|התחברות|ورود|ログイン|登录|登錄|登入|로그인"
    r"|đăng nhập|masuk)$"
)
SEARCH_TITLE = re.compile(
    r"^(?:search(?: results)?\b|results for\b|you searched for\b|suchergebnis|suche\b|résultats? (?:de (?:la "
    r"|votre )?recherche|pour)|recherche\b|resultados? (?:de (?:la )?búsqueda|para|da (?:busca|pesquisa))"
    r"|búsqueda\b|busca\b|pesquisa\b|risultati (?:della |di )?ricerca|risultati per|zoekresultat|zoeken\b"
    r"|sökresultat|søgeresultat|søkeresultat|hakutulokset|wyniki wyszukiwania|výsledky (?:hledání|vyhledávání)"
    r"|keresés|rezultate|результаты поиска|поиск\b|результати пошуку|arama sonuç|αποτελέσματα αναζήτησης|検索結果"
    r"|搜[索尋寻](?:结果|結果)?|검색 ?결과|نتائج البحث|תוצאות חיפוש|نتایج جستجو|खोज परिणाम|kết quả tìm"
    r"|hasil pencarian)"
    r"|(?:の検索結果|的搜[索尋](?:结果|結果)|검색 ?결과)$"
)
ARCHIVE_TITLE = re.compile(
    r"^(?:tags?|category|categories|topics?|section|archives?|posts tagged|articles tagged|stories tagged|author"
    r"|all posts|schlagwort|schlagworte|kategorie|archiv|thema|rubrik|alle artikel|étiquette|mot-clé"
    r"|catégorie|dossier|rubrique|etiqueta|categoría|tema|archivo|categoria|argomento|archivio|arquivo|onderwerp"
    r"|categorie|tagg|kategori|etikett|emne|aihe|kategoria|tag|štítek|rubrika|címke|etichet[aă]|метка|тег|рубрика"
    r"|архив|категория|теги"
    r"|etiket|ετικέτα|κατηγορία|وسم|تصنيف|الوسم|תגית|برچسب|タグ|カテゴリー?|标签|標籤|分类|分類|태그"
    r"|카테고리)\s*(?:[:：\-–«»\"“„「]|$)|\barchives?$|(?:の記事一覧|一覧|相关文章列表)$"
)
GALLERY_TITLE = re.compile(
    r"\b(?:photo ?gallery|gallery|slideshow|in pictures|in photos|bildergalerie|bilderstrecke|fotostrecke"
    r"|fotogalerie|galerie|diaporama|en images|en photos|fotogalería|galería|en imágenes|en fotos|fotogallery"
    r"|galleria"
    r"|galeria|em imagens|fotoserie|in beeld|bildspel|bildserie|kuvagalleria|kuvat|galeria zdjęć|zdjęcia"
    r"|fotogaléria|фотогалерея|фоторепортаж|фото|galeri|foto galeri)\b|写真集|フォトギャラリー|【写真】|图集|圖集"
    r"|组图|사진|화보|معرض صور|بالصور"
)
OF_PICTURES = re.compile(
    r"^(?:photo|image|picture|slide|bild|foto|imagen|immagine|zdjęcie|фото|kuva)?\s*\d{1,3}\s*(?:/|of|von|de|di|av"
    r"|из|z)\s*\d{1,3}$"
)

_CODE = (
    r"(?:http )?(?:status )?(?:error|erreur|fehler|errore?|erro|fout|fel|błąd|ошибка|hata|エラー|错误|錯誤"
    r"|오류)?\W*(?:code )?\W*(?:400|401|403|404|410|500|502|503|504)"
)
_GONE = (
    r"(?:oops\W*)?(?:page |file |content |document |url )?not found|access (?:is )?denied|forbidden|unauthori[sz]ed"
    r"|error|an? error (?:has )?occurred|something went wrong|oops\W*"
    r"|internal server error|bad gateway|service (?:temporarily )?unavailable|gateway time-?out|server error"
    r"|bad request|gone|nicht gefunden|zugriff verweigert|fehler"
    r"|introuvable|accès (?:refusé|interdit)|erreur|no encontrad[ao]|acceso denegado|non trovat[ao]|accesso negato"
    r"|n[ãa]o encontrad[ao]|acesso negado|niet gevonden|toegang geweigerd"
    r"|hittades inte|ikke fundet|ikke funnet|ei löy(?:dy|tynyt)|nie znaleziono|brak dostępu|nenalezeno"
    r"|не найден[ао]?|доступ (?:запрещ[её]н|закрыт)|ошибка|не знайдено|bulunamad[ıi]|δεν βρέθηκε"
    r"|見つかりません(?:でした)?|找不到|未找到|찾을 수 없(?:습니다|음)|غير موجودة?|לא נמצא|पेज नहीं मिला"
    r"|không tìm thấy|tidak ditemukan"
)
ERROR_LINE = re.compile(rf"\W*(?:{_CODE})?\W*(?:{_GONE})?\W*|\W*(?:{_GONE})\W*(?:{_CODE})\W*")
"""A part of a title that says nothing else: a story may have "404" or "not found" in its headline."""
ERROR_PHRASE = re.compile(
    rf"\b(?:http|error|fehler|erreur|errore|erro|ошибка) ?(?:40[0134]|410|50[0234])\b|\b404\W+(?:{_GONE})"
    r"|(?:page|url|file|link|content|address)\b.{0,30} (?:(?:was |is |be |could )?(?:not|n.t) (?:be )?(?:found"
    r"|exist|available|here)|(?:does|do|did|can) ?(?:not|n.t) (?:exist|be found)|no longer (?:available|exists?"
    r"|here))"
    r"|(?:page|article|story|content|post|url) (?:that )?you(?:(?:'|’)re| are|(?:'|’)ve| have"
    r"| were)? ?(?:looking for|requested|trying to|tried to|were looking)"
    r"|(?:can(?:no|')?t|could ?n.t|could not|unable to) (?:find|locate|seem to find) (?:the|that|this|your) (?:page"
    r"|article|story|content)"
    r"|(?:seite|artikel|url|adresse|datei|inhalt)\b.{0,40}(?:nicht (?:gefunden|mehr verfügbar|mehr vorhanden"
    r"|verfügbar|existier)|existiert nicht)|(?:angeforderte|gesuchte|aufgerufene) (?:seite|url|artikel)"
    r"|page\b.{0,40}(?:introuvable|n.existe (?:pas|plus)|n.est plus disponible)|(?:la|cette) page (?:que vous"
    r"|demandée|recherchée)"
    r"|página\b.{0,40}(?:no (?:existe|encontrada|se encuentra|está disponible|se ha encontrado)|não (?:existe"
    r"|encontrada|foi encontrada|está disponível))|página (?:que (?:buscas?|est[áa]s? buscando|solicit\w+|você"
    r"|procura)|solicitada)"
    r"|pagina\b.{0,40}(?:non (?:trovata|esiste|è (?:più )?disponibile|è stata trovata)|niet (?:gevonden|bestaat"
    r"|meer)|nu (?:a fost găsită|există|mai))|pagina (?:che (?:cerchi|stai|hai)|richiesta|die (?:u|je) (?:zoekt"
    r"|zocht))|opgevraagde pagina"
    r"|sidan\b.{0,25}(?:hittades inte|finns inte|kunde inte)|siden\b.{0,25}(?:ikke (?:fundet|funnet)|findes ikke"
    r"|finnes ikke|blev ikke)|sivua ei|etsimääsi sivua"
    r"|stron[ayę]\b.{0,30}(?:nie (?:została znaleziona|istnieje|znaleziono)|której szukasz)|nie (?:znaleziono"
    r"|można znaleźć) (?:takiej )?strony|stránka .{0,25}(?:nenalezena|neexistuje|nebyla)|az oldal nem (?:található"
    r"|létezik)|keresett oldal"
    r"|страниц\w+ .{0,30}(?:не найден|не существует|удален)|(?:запрашиваем|запрошенн|такой)\w* (?:вами )?страниц"
    r"|сторінк\w+ .{0,20}(?:не знайден|не існує)|sayfa\w* .{0,12}bulunamad|aradığınız sayfa"
    r"|σελίδα .{0,30}(?:δεν (?:βρέθηκε|υπάρχει)|που (?:ζητ|αναζητ|ψάχν))|(?:ページ|url"
    r"|記事).{0,12}(?:見つかりません|存在しません|ございません|削除)|お探しの(?:ページ|記事)|(?:页面|頁面|网页|網頁"
    r"|文章).{0,10}(?:不存在|找不到|未找到|已(?:被)?(?:删除|刪除|移除))|找不到.{0,6}(?:页面|頁面|网页)"
    r"|페이지를? .{0,6}찾을 수 없|요청하신 페이지|الصفحة .{0,20}(?:غير موجودة|غير متوفرة|التي تبحث|المطلوبة)|(?:הדף"
    r"|העמוד) .{0,16}(?:לא נמצא|אינו קיים)|صفحه .{0,20}(?:یافت نشد|پیدا نشد|وجود ندارد)|(?:पेज"
    r"|पृष्ठ) .{0,12}नहीं मिल|trang .{0,20}(?:không tồn tại|không tìm thấy)|halaman .{0,20}tidak (?:ditemukan|ada)"
    r"|(?:site|website|page|seite|server|sitio|sito|сайт\w*)\b.{0,40}(?:maintenance|wartung|mantenimiento"
    r"|manutenzione|manutenção|технически\w+ работ)|(?:technical|server) (?:difficulties|error)"
)
PRICE = re.compile(
    r"(?:[$€£¥￥₹₽₩]|us\$|r\$|chf|eur|usd|zł|kč|\bkr\b|tl\b)\s?\d[\d.,]*|\d[\d.,]*\s?(?:[$€£¥₹₽₩]|eur\b|usd\b|chf\b"
    r"|zł|kč|kr\b|руб|₴|円|元|원|tl\b|ft\b|lei\b)"
)
_MONTH = (
    r"(?:jan|feb|fév|fev|mar|mär|apr|avr|abr|may|mai|maj|mag|jun|juin|giu|jul|juil|lug|aug|août|ago|sep|set|oct|okt"
    r"|out|ott"
    r"|nov|dec|déc|dez|dic|des|янв|фев|мар|апр|мая|май|июн|июл|авг|сен|окт|ноя|дек|ιαν|φεβ|μαρ|απρ|μαΐ|ιουν|ιουλ"
    r"|αυγ|σεπ"
    r"|οκτ|νοε|δεκ|oca|şub|nis|haz|tem|ağu|eyl|eki|kas|ara|sty|lut|kwi|cze|lip|sie|wrz|paź|lis|gru)\w{0,8}\.?"
)
DATED_LINE = re.compile(
    r"^(?:[^\W\d]{2,10}\.?,? )?"
    rf"(?:\d{{1,2}}[.:h]\d{{2}}\b|\d{{1,2}}\.?(?: de)? {_MONTH}\b|{_MONTH} \d{{1,2}}\b|\d{{1,2}}[./]\d{{1,2}}[./]"
    r"|\d{1,2}月\d{1,2}日|\d{1,2}월 ?\d{1,2}일|\d{4}[./-]\d{1,2}[./-]\d{1,2})"
)
"""A weekday perhaps, then a date or an hour."""
SEPARATOR = re.compile(r"\s+[-–—|•·»«:/\\]+\s+|\s*[|｜]\s*")
