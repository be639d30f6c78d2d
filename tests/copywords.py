"""Words and sentences in six languages, of which `copymaker.py` writes its articles."""
# ruff: noqa: E501 - a table of words and sentences

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tongue:
    """What a made-up newsroom writes with. `{n}` is a noun, `{v}` a verb, `{a}` an adjective, `{p}` a place, `{w}` a
    person, `{d}` a day, `{x}` a number."""

    nouns: tuple[str, ...]
    verbs: tuple[str, ...]
    adjectives: tuple[str, ...]
    places: tuple[str, ...]
    people: tuple[str, ...]
    days: tuple[str, ...]
    sentences: tuple[str, ...]
    forms: tuple[str, ...]
    """Reports that a newsroom fills in with other numbers every day."""
    furniture: tuple[str, ...]
    byline: str
    dateline: str
    between: str = " "
    """What stands between sentences."""
    spaced: bool = True


def _split(words: str) -> tuple[str, ...]:
    return tuple(words.split())


ENGLISH = Tongue(
    nouns=_split(
        "government council factory harvest river bridge hospital union company market railway court school budget "
        "treaty harbour airport museum election police ministry bank storm drought reactor satellite vaccine pipeline "
        "orchestra stadium village border refugee prosecutor senator archive glacier ferry tunnel refinery colour "
        "neighbourhood programme centre defence organisation"
    ),
    verbs=_split(
        "closed delayed praised rejected inspected rebuilt flooded financed criticised evacuated privatised promised "
        "suspended expanded defended abandoned investigated celebrated renamed postponed approved doubled organised"
    ),
    adjectives=_split(
        "northern disputed costly ancient unfinished crowded independent damaged profitable secret regional temporary "
        "controversial electric abandoned private historic overdue frozen fragile popular"
    ),
    places=(
        "Lakewood",
        "Port Mason",
        "the U.S.",
        "Vilna",
        "Harrow",
        "New Carthage",
        "Tarsus",
        "the Aland islands",
        "Orford",
        "San Telmo",
        "Kisumu",
        "Bergen",
    ),
    people=(
        "Anna Petrov",
        "Miguel Silva",
        "Ruth Okafor",
        "Jun Tanaka",
        "Leila Haddad",
        "Tom Brandt",
        "Priya Rao",
        "Yusuf Demir",
        "Clara Nilsson",
        "Peter O'Hara",
    ),
    days=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    sentences=(
        "The {a} {n} of {p} {v} the {n} on {d}, {w} said.",
        '"We have never seen a {n} so {a}," said {w}, who {v} the {n} {x} years ago.',
        "About {x} people near the {n} in {p} were told that the {a} {n} would stay.",
        "According to {w}, the {n} {v} {x} per cent of its {a} {n} without a vote.",
        "Critics of the {n} say that a {a} {n} in {p} has cost more than {x} million.",
        "It was the {n}, not the {n}, that {v} the {a} {n} when {w} came to {p}.",
        "Nobody at the {n} could say whether the {a} {n} had been {v} by {d}.",
        "{w} {v} the {n} – a {a} {n} built for {x} families – and then left {p}.",
        "Since then the {n} has been {a}, and the {n} next to it doesn't look better.",
        "A spokeswoman for the {n} in {p} {v} the claim that {x} {a} workers were dismissed.",
        "Residents {v} a {n} on {d} after the {a} {n} ran out of money.",
        "The {n} will meet {w} in {p} to discuss the {a} {n} and the future of the {n}.",
        "In the {a} part of {p}, where the {n} stands, {x} houses were sold.",
        "Experts warned {w} that a {n} of this size is {a} unless the {n} is {v} again.",
    ),
    forms=(
        "Police in {p} responded to {x} calls for service between {d} and {d}. A {x}-year-old man was arrested in the "
        "{x} block of the main street on suspicion of assault at about {x} p.m. A {x}-year-old woman was cited for "
        "disorderly conduct. Officers issued {x} speeding tickets and {x} warnings. Anyone with information is asked to "
        "call the non-emergency line of the police department.",
        "Shares of the {n} group closed at {x}.{x} on {d}, up {x}.{x} per cent from the day before. The volume was {x} "
        "million shares against an average of {x} million. The index of all shares ended the session at {x} points after "
        "touching a low of {x} in the morning. Analysts expect a profit of {x} cents a share for the quarter.",
        "The weather office expects a high of {x} degrees and a low of {x} degrees in {p} on {d}. Winds from the west "
        "will reach {x} km an hour, with gusts of {x} km an hour near the coast. The chance of rain is {x} per cent. The "
        "sun rises at {x}:{x} and sets at {x}:{x}.",
    ),
    furniture=(
        "Sign up for our daily newsletter and never miss what matters to you.",
        "Copyright {x} The Associated Desk. All rights reserved.",
        "Read more: what we know so far about this developing story and what happens next.",
        "Comments are moderated and may take some time to appear.",
    ),
    byline="By {w}\nUpdated June {x}, 2024 at {x}:{x} a.m.",
    dateline="{P} (AP) — ",
)
GERMAN = Tongue(
    nouns=_split(
        "Regierung Brücke Fabrik Ernte Klinik Gewerkschaft Behörde Bahn Schule Stadt Werft Messe Wahl Polizei Bank "
        "Sturmflut Dürre Anlage Impfung Leitung Bühne Halle Grenze Anwältin Sammlung Fähre Straße Universität Mühle "
        "Kommission Förderung Partei Genossenschaft Versicherung Zeitung"
    ),
    verbs=_split(
        "schloss verschob lobte verwarf prüfte erneuerte überflutete bezahlte rügte räumte verkaufte versprach "
        "erweiterte verteidigte verließ untersuchte feierte umbenannte genehmigte verdoppelte begrüßte"
    ),
    adjectives=_split(
        "nördliche umstrittene teure alte unfertige überfüllte unabhängige beschädigte geheime regionale vorläufige "
        "elektrische private große gefährliche beliebte verspätete gefrorene kleine"
    ),
    places=("Görlitz", "Bad Ems", "Straubing", "Lüneburg", "Weißenfels", "Emden", "Köln", "Füssen", "Jever", "Pößneck"),
    people=("Anna Möller", "Jürgen Groß", "Sabine Vogt", "Emre Yılmaz", "Clara Weiß", "Peter Krüger", "Lena Böhm"),
    days=("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    sentences=(
        "Die {a} {n} in {p} {v} am {d} die {n}, sagte {w}.",
        "„So eine {a} {n} haben wir noch nie gesehen“, sagte {w}, die vor {x} Jahren die {n} leitete.",
        "Rund {x} Menschen nahe der {n} in {p} erfuhren, dass die {a} {n} bleiben soll.",
        "Nach Angaben von {w} {v} die {n} {x} Prozent der Mittel, obwohl die {a} {n} dagegen war.",
        "Kritiker halten die {n} für eine {a} {n}, die {p} mehr als {x} Millionen gekostet hat.",
        "Niemand in der {n} wusste, ob die {a} {n} bis {d} fertig wird.",
        "{w} {v} die {n} – eine {a} {n} für {x} Familien – und reiste dann aus {p} ab.",
        "Seitdem gilt die {n} als {a} {n}, und die {n} daneben sieht nicht besser aus.",
        "Eine Sprecherin der {n} in {p} wies zurück, dass {x} Beschäftigte die {a} {n} verlassen mussten.",
        "Über die {a} {n} und die Zukunft der {n} will {w} am {d} in {p} beraten.",
        "Fachleute warnten {w}, eine {n} dieser Größe sei ohne {a} {n} nicht zu halten.",
    ),
    forms=(
        "Der Kurs der {n} schloss am {d} bei {x},{x} Euro, ein Plus von {x},{x} Prozent gegenüber dem Vortag. Gehandelt "
        "wurden {x} Millionen Aktien nach {x} Millionen im Mittel. Der Index aller Werte beendete den Handel bei {x} "
        "Punkten. Fachleute erwarten für das Quartal einen Gewinn von {x} Cent je Aktie.",
        "In {p} werden am {d} höchstens {x} Grad und in der Nacht {x} Grad erwartet. Der Wind aus Westen erreicht {x} "
        "Kilometer in der Stunde, an der Küste {x}. Mit Regen ist zu {x} Prozent zu rechnen. Die Sonne geht um {x} Uhr "
        "{x} auf und um {x} Uhr {x} unter.",
    ),
    furniture=(
        "Abonnieren Sie unseren täglichen Newsletter und verpassen Sie nichts mehr.",
        "Alle Rechte vorbehalten. Nachdruck nur mit Genehmigung des Verlags.",
        "Lesen Sie auch: was wir bisher wissen und wie es nun weitergeht.",
    ),
    byline="Von {w}\nAktualisiert am {x}. Juni 2024 um {x}:{x} Uhr",
    dateline="{P} (dpa) - ",
)
ARABIC = Tongue(
    nouns=_split(
        "الحكومة المجلس المصنع الجسر المستشفى النقابة الشركة السوق المحكمة المدرسة الميزانية المعاهدة الميناء المطار "
        "المتحف الشرطة الوزارة البنك العاصفة اللقاح الملعب القرية الحدود الأرشيف النفق المصفاة الجامعة الصحيفة اللجنة "
        "الأكاديمية الإدارة الأسرة"
    ),
    verbs=_split(
        "أغلقت أجلت رفضت فتشت مولت انتقدت أخلت وعدت علقت وسعت حققت احتفلت سمت أقرت ضاعفت نظمت باعت دافعت راجعت أعلنت"
    ),
    adjectives=_split(
        "الشمالية القديمة المكلفة المزدحمة المستقلة المتضررة السرية المؤقتة الكهربائية الخاصة التاريخية المتأخرة الهشة "
        "الشعبية الجديدة الإقليمية الصغيرة"
    ),
    places=_split("عمان الإسكندرية بيروت مراكش صفاقس الخرطوم المكلا حلب البصرة أسوان"),
    people=("ليلى حداد", "أحمد منصور", "سامي الخوري", "هدى إبراهيم", "يوسف قاسم", "نادية الأمين"),
    days=_split("الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد"),
    sentences=(
        "قالت {n} {a} في {p} يوم {d} إن {n} {v} {n} بحسب {w}.",
        '"لم نر {n} {a} مثل هذه من قبل"، هكذا قال {w} الذي ترك {n} قبل {x} عاما.',
        "وعلم نحو {x} شخص قرب {n} في {p} أن {n} {a} ستبقى مكانها.",
        "ووفقا لما ذكره {w} فإن {n} {v} {x} في المئة من أموال {n} {a} دون تصويت.",
        "ويرى المنتقدون أن {n} {a} في {p} كلفت أكثر من {x} مليون بسبب {n}.",
        "ولا أحد في {n} يعرف هل {v} {n} {a} قبل يوم {d}.",
        "ومنذ ذلك الوقت أصبحت {n} {a} ولم تعد {n} المجاورة أفضل حالا.",
        "ونفت متحدثة باسم {n} في {p} أن {x} من العاملين غادروا {n} {a}.",
        "وسيناقش {w} في {p} مستقبل {n} {a} بعد أن {v} {n}.",
        "وحذر خبراء {w} من أن {n} بهذا الحجم {a} ما لم تكن {n} جاهزة.",
    ),
    forms=(
        "أغلق سهم {n} يوم {d} عند {x}.{x} دينار مرتفعا {x}.{x} في المئة عن اليوم السابق. وبلغ حجم التداول {x} مليون سهم "
        "مقابل {x} مليون في المتوسط. وأنهى المؤشر العام الجلسة عند {x} نقطة. ويتوقع المحللون ربحا قدره {x} فلسا للسهم.",
        "تتوقع الأرصاد في {p} يوم {d} درجة حرارة عظمى {x} وصغرى {x}. وتبلغ سرعة الرياح الغربية {x} كيلومترا في الساعة وعلى "
        "الساحل {x} كيلومترا. واحتمال هطول المطر {x} في المئة. وتشرق الشمس عند {x}:{x} وتغرب عند {x}:{x}.",
    ),
    furniture=(
        "اشترك في نشرتنا اليومية حتى لا يفوتك شيء مما يهمك.",
        "جميع الحقوق محفوظة ولا يجوز النشر إلا بإذن خطي.",
        "اقرأ أيضا: ما نعرفه حتى الآن عن هذا الخبر وما سيحدث بعد ذلك.",
    ),
    byline="كتب {w}\nتحديث {x} يونيو 2024 الساعة {x}:{x}",
    dateline="{P} (وكالات) - ",
)
CHINESE = Tongue(
    nouns=_split(
        "政府 委员会 工厂 大桥 医院 工会 公司 市场 铁路 法院 学校 预算 条约 港口 机场 博物馆 选举 警方 银行 台风 疫苗 管道 "
        "体育场 村庄 边境 检察官 档案馆 冰川 渡轮 隧道 炼油厂 大学 报社 水库 电站 农民"
    ),
    verbs=_split(
        "关闭了 推迟了 称赞了 拒绝了 检查了 重建了 淹没了 资助了 批评了 疏散了 承诺了 暂停了 扩建了 放弃了 调查了 庆祝了 批准了 改组了"
    ),
    adjectives=_split(
        "北部的 有争议的 昂贵的 古老的 未完成的 拥挤的 独立的 受损的 秘密的 地区性的 临时的 电动的 私人的 历史性的 脆弱的 受欢迎的"
    ),
    places=_split("成都 青岛 昆明 哈尔滨 泉州 敦煌 洛阳 桂林 温州 拉萨"),
    people=_split("王建国 李秀英 张伟民 陈思远 赵文博 刘晓梅 周海涛 孙雅静"),
    days=_split("周一 周二 周三 周四 周五 周六 周日"),
    sentences=(
        "{w}表示，{p}{a}{n}于{d}{v}{n}。",
        "“我们从未见过如此{a}{n}。”{x}年前在{n}工作的{w}说。",
        "{p}{n}附近约{x}人被告知，{a}{n}将会保留。",
        "据{w}介绍，{n}{v}{a}{n}百分之{x}的资金，没有经过表决。",
        "批评者认为，{p}的{a}{n}耗资超过{x}万元，都是{n}造成的。",
        "{n}里没有人知道，{a}{n}能否在{d}之前完工。",
        "此后{n}一直是{a}，旁边的{n}看上去也好不了多少。",
        "{p}{n}的发言人否认{x}名职工因{a}{n}而离开。",
        "{w}将在{p}讨论{a}{n}以及{n}的未来。",
        "专家提醒{w}，如果{n}不改变，这种规模的{n}将是{a}负担。",
    ),
    forms=(
        "{n}股价{d}收于{x}.{x}元，比前一日上涨百分之{x}。成交量为{x}万股，平均为{x}万股。综合指数收于{x}点，早盘一度跌至{x}点。"
        "分析人士预计本季度每股盈利{x}分。",
        "{p}{d}最高气温{x}度，最低气温{x}度。西风时速可达{x}公里，沿海阵风{x}公里。降雨概率为百分之{x}。日出时间为{x}时{x}分，"
        "日落时间为{x}时{x}分。",
    ),
    furniture=(
        "订阅我们的每日新闻通讯，不错过任何重要消息。",
        "版权所有，未经书面许可不得转载。",
        "延伸阅读：关于此事我们目前所知道的一切。",
    ),
    byline="记者 {w}\n更新时间 2024年6月{x}日 {x}:{x}",
    dateline="{P}电 ",
    between="",
    spaced=False,
)
JAPANESE = Tongue(
    nouns=_split(
        "政府 委員会 工場 大橋 病院 労働組合 会社 市場 鉄道 裁判所 学校 予算 条約 港 空港 博物館 選挙 警察 銀行 台風 ワクチン "
        "パイプライン スタジアム 村 国境 検察 公文書館 氷河 フェリー トンネル 製油所 大学 新聞社 ダム 発電所 農家"
    ),
    verbs=_split(
        "を閉鎖した を延期した を称賛した を拒否した を検査した を再建した に出資した を批判した を約束した を停止した を拡張した を調査した を祝った を承認した"
    ),
    adjectives=_split(
        "北部の 論争中の 高価な 古い 未完成の 混雑した 独立した 破損した 秘密の 地域の 臨時の 電動の 民間の 歴史的な 壊れやすい 人気の"
    ),
    places=_split("札幌 仙台 金沢 松山 長崎 那覇 高知 青森 富山 鳥取"),
    people=_split("佐藤健一 鈴木由美 高橋大輔 田中さくら 伊藤誠 渡辺直子 山本拓也 中村里奈"),
    days=_split("月曜日 火曜日 水曜日 木曜日 金曜日 土曜日 日曜日"),
    sentences=(
        "{w}氏によると、{p}の{a}{n}は{d}に{n}{v}。",
        "「これほど{a}{n}は見たことがない」と、{x}年前に{n}で働いていた{w}氏は語った。",
        "{p}の{n}の近くに住む約{x}人に、{a}{n}を残すことが伝えられた。",
        "{w}氏は、{n}が採決なしに{a}{n}の{x}パーセント{v}と説明した。",
        "批判する人々は、{p}の{a}{n}に{x}億円以上かかったのは{n}のせいだとみている。",
        "{a}{n}が{d}までに完成するかどうか、{n}の誰も知らなかった。",
        "それ以来{n}は{a}ままで、隣の{n}もあまり変わらない。",
        "{p}の{n}の広報担当者は、{a}{n}のために{x}人が辞めたとの見方を否定した。",
        "{w}氏は{p}で、{a}{n}と{n}の将来について話し合う予定だ。",
        "専門家は{w}氏に対し、{n}が変わらなければこの規模の{n}は{a}重荷になると警告した。",
    ),
    forms=(
        "{n}の株価は{d}、{x}.{x}円で取引を終え、前日より{x}パーセント上昇した。出来高は{x}万株で、平均は{x}万株だった。"
        "総合指数の終値は{x}ポイントで、朝方には{x}ポイントまで下げた。市場では四半期の一株利益を{x}円と予想している。",
        "{p}の{d}の最高気温は{x}度、最低気温は{x}度の見込み。西の風は時速{x}キロ、沿岸では{x}キロに達する。降水確率は{x}パーセント。"
        "日の出は{x}時{x}分、日の入りは{x}時{x}分。",
    ),
    furniture=(
        "毎日のニュースレターに登録して大切な情報を受け取りましょう。",
        "無断転載を禁じます。全ての権利は当社に帰属します。",
        "関連記事：この問題についてこれまでに分かっていること。",
    ),
    byline="{w} 記者\n更新 2024年6月{x}日 {x}:{x}",
    dateline="【{P}】",
    between="",
    spaced=False,
)
THAI = Tongue(
    nouns=_split(
        "รัฐบาล สภาเมือง โรงงาน สะพาน โรงพยาบาล สหภาพแรงงาน บริษัท ตลาด รถไฟ ศาล โรงเรียน งบประมาณ สนธิสัญญา ท่าเรือ "
        "สนามบิน พิพิธภัณฑ์ การเลือกตั้ง ตำรวจ ธนาคาร พายุ วัคซีน ท่อส่งน้ำมัน สนามกีฬา หมู่บ้าน ชายแดน อัยการ อุโมงค์ "
        "โรงกลั่น มหาวิทยาลัย หนังสือพิมพ์ เขื่อน โรงไฟฟ้า เกษตรกร"
    ),
    verbs=_split("ปิด เลื่อน ยกย่อง ปฏิเสธ ตรวจสอบ สร้าง ท่วม สนับสนุน วิจารณ์ อพยพ สัญญา ระงับ ขยาย ทิ้ง สอบสวน ฉลอง อนุมัติ"),
    adjectives=_split(
        "ทางเหนือ ที่มีข้อพิพาท ราคาแพง เก่าแก่ ที่ยังไม่เสร็จ แออัด อิสระ ที่เสียหาย ลับ ชั่วคราว ไฟฟ้า เอกชน ประวัติศาสตร์ เปราะบาง ยอดนิยม"
    ),
    places=_split("เชียงใหม่ ขอนแก่น ภูเก็ต อยุธยา สงขลา น่าน ระยอง อุบลราชธานี ตาก เลย"),
    people=_split("สมชายใจดี วิภาดาทองสุข ประเสริฐศรีสุข มาลีรัตน์แก้ว ธนพลวงศ์ดี สุนีย์บุญมา"),
    days=_split("วันจันทร์ วันอังคาร วันพุธ วันพฤหัสบดี วันศุกร์ วันเสาร์ วันอาทิตย์"),
    sentences=(
        "{w}กล่าวว่า {n}{a}ใน{p}ได้{v}{n}เมื่อ{d}",
        '"เราไม่เคยเห็น{n}{a}แบบนี้มาก่อน" {w}ซึ่งเคยทำงานที่{n}เมื่อ {x} ปีก่อนกล่าว',
        "ประชาชนราว {x} คนใกล้{n}ใน{p}ได้รับแจ้งว่า{n}{a}จะยังคงอยู่",
        "ตามคำกล่าวของ{w} {n}ได้{v}{n}{a}ร้อยละ {x} โดยไม่มีการลงมติ",
        "ผู้วิจารณ์เห็นว่า{n}{a}ใน{p}ใช้เงินมากกว่า {x} ล้านบาทเพราะ{n}",
        "ไม่มีใครใน{n}รู้ว่า{n}{a}จะเสร็จก่อน{d}หรือไม่",
        "ตั้งแต่นั้นมา{n}ก็{a} และ{n}ข้างเคียงก็ไม่ได้ดีกว่ากัน",
        "โฆษกของ{n}ใน{p}ปฏิเสธว่าพนักงาน {x} คนลาออกเพราะ{n}{a}",
        "{w}จะหารือใน{p}เรื่อง{n}{a}และอนาคตของ{n}",
        "ผู้เชี่ยวชาญเตือน{w}ว่า{n}ขนาดนี้จะ{a}หาก{n}ไม่เปลี่ยนแปลง",
    ),
    forms=(
        "หุ้นของ{n}ปิดเมื่อ{d}ที่ {x}.{x} บาท เพิ่มขึ้นร้อยละ {x} จากวันก่อน ปริมาณการซื้อขาย {x} ล้านหุ้น เทียบกับค่าเฉลี่ย {x} ล้านหุ้น "
        "ดัชนีรวมปิดที่ {x} จุด หลังลดลงต่ำสุดที่ {x} จุดในช่วงเช้า นักวิเคราะห์คาดกำไร {x} สตางค์ต่อหุ้น",
        "อุณหภูมิสูงสุดใน{p}{d}อยู่ที่ {x} องศา ต่ำสุด {x} องศา ลมตะวันตกความเร็ว {x} กิโลเมตรต่อชั่วโมง ชายฝั่ง {x} กิโลเมตรต่อชั่วโมง "
        "โอกาสฝนตกร้อยละ {x} ดวงอาทิตย์ขึ้นเวลา {x}:{x} และตกเวลา {x}:{x}",
    ),
    furniture=(
        "สมัครรับจดหมายข่าวรายวันของเราเพื่อไม่พลาดทุกเรื่องสำคัญ",
        "สงวนลิขสิทธิ์ ห้ามเผยแพร่ซ้ำโดยไม่ได้รับอนุญาต",
        "อ่านเพิ่มเติม: สิ่งที่เรารู้จนถึงตอนนี้เกี่ยวกับข่าวนี้",
    ),
    byline="โดย {w}\nปรับปรุง {x} มิถุนายน 2567 เวลา {x}:{x} น.",
    dateline="{P} - ",
    spaced=False,
)
TONGUES = {"en": ENGLISH, "de": GERMAN, "ar": ARABIC, "zh": CHINESE, "ja": JAPANESE, "th": THAI}
