# ruff: noqa: E501 - a line of markup is as long as the markup is
"""Themes of our own making: one story in 26 languages, in frames as different as those of real sites.

A theme is a function from what a page says (`Page`) to markup. What it says comes from tests/pages/themes/languages.toml,
so that every theme speaks every language. `python tests/themes.py` writes the recorded pages, with what the extractor
must make of them, to tests/pages/themes/ again.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PAGES = Path(__file__).parent / "pages" / "themes"
RECORDED = PAGES / "recorded"
ADDRESS = "https://paper.example/town/ferry"
LENGTHS = (1, 2, 8)
ENDS = ("none", "form", "thread", "bare", "closed", "login", "editable")
"""How a page ends: without a word of its readers, with an empty form, with comments and a form, with comments alone, with comments and the line that
they are closed, with the line that asks to sign in, with comments and an editor that is no form field."""


@dataclass(frozen=True, slots=True)
class Tongue:
    """What a page says in one language; see languages.toml for the order of the lists."""

    code: str
    title: str
    byline: str
    day: str
    form: list[str]
    closed: list[str]
    thread: list[str]
    site: list[str]
    paragraphs: list[str]
    rtl: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One page to print: `body` is the article's markup, block by block."""

    tongue: Tongue
    body: list[str]
    end: str = "form"

    @property
    def threaded(self) -> bool:
        return self.end in ("thread", "bare", "closed", "editable")

    @property
    def last_line(self) -> str:
        """The line that ends a page where nobody can answer; whoever must sign in finds a link there, as WordPress has it."""
        if self.end == "login":
            before, _, last = self.tongue.closed[1].rpartition(" ")
            return f'{before} <a href="/wp-login.php?redirect_to=x">{last}</a>'.strip()
        return self.tongue.closed[0] if self.end == "closed" else ""

    def head(self, site: str, more: str = "") -> str:
        direction = ' dir="rtl"' if self.tongue.rtl else ""
        return (
            f'<!doctype html>\n<html lang="{self.tongue.code}"{direction}><head><meta charset="utf-8">'
            f"<title>{self.tongue.title} - {site}</title>{more}</head>\n"
        )


def tongues() -> dict[str, Tongue]:
    with (PAGES / "languages.toml").open("rb") as file:
        return {code: Tongue(code, **words) for code, words in tomllib.load(file).items()}


def paragraphs(tongue: Tongue, length: int) -> list[str]:
    return [f"<p>{text}</p>" for text in tongue.paragraphs[:length]]


RICH = (
    ("h2", "What it costs", "<h2>What it costs</h2>"),
    (
        "a",
        "The board keeps its books open to anyone who asks for them.",
        '<p>The board keeps <a href="../2020/books?page=2#oil">its books</a> open to <b>anyone</b> who asks for them.</p>',
    ),
    ("ul", "four litres of oil", "<ul><li>four litres of oil</li><li>one wick of cotton</li></ul>"),
    ("ol", "Trim the wick.", "<ol><li>Trim the wick.</li><li>Wait for the wind to drop.</li></ol>"),
    (
        "blockquote",
        "A ship without a light is a rumour, my father used to say.",
        "<blockquote><p>A ship without a light is a rumour, my father used to say.</p></blockquote>",
    ),
    (
        "table",
        "Crowns",
        "<table><tr><th>Year</th><th>Crowns</th></tr><tr><td>1911</td><td>twelve</td></tr><tr><td>2020</td><td>forty</td></tr></table>",
    ),
    (
        "figcaption",
        "The lantern on the pier at dusk, with its keeper.",
        '<figure><img src="/img/lantern.jpg" alt="A lantern"><figcaption>The lantern on the pier at dusk, with its keeper.</figcaption></figure>',
    ),
    ("pre", "lamp --oil 4", "<pre><code>lamp --oil 4\nlamp --light</code></pre>"),
    (
        "p",
        "Nobody has proposed to count the moths that come to it every summer.",
        '<p onclick="steal()">Nobody has proposed to count <a href="javascript:steal()">the moths</a> that come to it every summer.<script>steal()</script></p>',
    ),
)
"""Every kind of block that an article has: element, words in it, markup. Some of it would be unsafe to keep."""


def rich_body(tongue: Tongue) -> list[str]:
    """The story with every kind of block between its paragraphs."""
    plain = paragraphs(tongue, 8)
    return [*plain[:3], *(markup for _, _, markup in RICH), *plain[3:]]


def _joined(parts: list[str]) -> str:
    return "\n".join(part for part in parts if part)


def plain(page: Page) -> str:
    """Boxes without a name, one level deep; the form is a row of lines."""
    t = page.tongue
    _, name, moment, said, name2, moment2, said2, answer, more = t.thread
    leave, notice, comment, who, mail, website, save, submit = t.form
    thread = [
        f"<h3>{t.thread[0]}</h3>",
        f'<div>{name}</div><div>{moment}</div><div>{said}</div><div><a href="#r1">{answer}</a></div>',
        f'<div>{name2}</div><div>{moment2}</div><div>{said2}</div><div><a href="#r2">{answer}</a></div>',
        f'<div><a href="?page=2">{more}</a></div>',
    ]
    form = [
        f"<h3>{leave}</h3>",
        f"<p>{notice}</p>" if page.end != "editable" else "",
        f"<div>{comment}</div><textarea></textarea>"
        if page.end != "editable"
        else f'<div contenteditable="true">{comment}</div>',
        f"<div>{who}</div><input><div>{mail}</div><input><div>{website}</div><input><div>{save}</div>"
        if page.end != "editable"
        else "",
        f"<button>{submit}</button>",
    ]
    return page.head("The Plain Paper") + _joined(
        [
            '<body><div><div><a href="/">The Plain Paper</a></div>',
            '<div><a href="/1">World</a> <a href="/2">Town</a> <a href="/3">Sea</a></div>',
            f"<h1>{t.title}</h1>",
            f"<div>{t.byline}</div><div>{t.day}</div>",
            f"<div>{t.site[0]}</div><div>0</div>",
            *page.body,
            f"<div>{t.site[0]}</div><div>0</div>",
            *(thread if page.threaded else []),
            f"<p>{page.last_line}</p>" if page.last_line else "",
            *(form if page.end in ("form", "thread", "editable") else []),
            f"<h3>{t.site[1]}</h3>",
            f'<div><a href="/a/7">{t.site[2]}</a></div><div><a href="/a/8">{t.site[3]}</a></div>',
            f'<div>{t.site[4]}</div><input type="email"><button>{t.site[5]}</button>',
            "<div>© 2021 The Plain Paper</div></div></body></html>",
        ]
    )


def cells(page: Page) -> str:
    """A page laid out by tables, as in 2002; print and font-size tools above, the form in a table of its own."""
    t = page.tongue
    _, name, moment, said, name2, moment2, said2, answer, _ = t.thread
    leave, notice, comment, who, mail, _, save, submit = t.form
    thread = "".join(
        f'<tr><td bgcolor="#eeeeee"><b>{n}</b> <font size="1">{m}</font></td></tr><tr><td>{s}<br><a href="#">{answer}</a></td></tr>'
        for n, m, s in ((name, moment, said), (name2, moment2, said2))
    )
    field = (
        f'<tr><td>{comment}</td><td><textarea cols="40"></textarea></td></tr>'
        if page.end != "editable"
        else f'<tr><td>{comment}</td><td contenteditable="true"></td></tr>'
    )
    form = (
        f'<form method="post"><table><tr><td colspan="2"><b>{leave}</b></td></tr><tr><td colspan="2">{notice}</td></tr>'
        f"<tr><td>{who}</td><td><input></td></tr><tr><td>{mail}</td><td><input></td></tr>{field}"
        f'<tr><td></td><td><input type="checkbox"> {save}</td></tr>'
        f'<tr><td></td><td><input type="submit" value="{submit}"></td></tr></table></form>'
    )
    return page.head("Cellar Gazette") + _joined(
        [
            '<body bgcolor="#ffffff"><table width="100%"><tr><td colspan="3"><a href="/"><img src="/top.gif" alt=""></a>',
            '<a href="/a">Home</a> | <a href="/b">Archive</a> | <a href="/c">Contact</a></td></tr>',
            '<tr><td width="140" valign="top"><a href="/a">News</a><br><a href="/b">Views</a><br><a href="/c">Weather</a></td>',
            f"<td><h1>{t.title}</h1><small>{t.byline}, {t.day}</small><br>",
            '<a href="javascript:print()">A4</a> <a href="#">A-</a> <a href="#">A+</a>',
            *page.body,
            f'<p><a href="mailto:?subject=x">{t.site[0]}</a></p>',
            f"<table><tr><td><b>{t.thread[0]}</b></td></tr>{thread}</table>" if page.threaded else "",
            f"<p>{page.last_line}</p>" if page.last_line else "",
            form if page.end in ("form", "thread", "editable") else "",
            f'</td><td width="160" valign="top"><b>{t.site[1]}</b><br><a href="/9">{t.site[2]}</a><br><a href="/8">{t.site[3]}</a>',
            f'<form>{t.site[4]}<br><input name="mail"><input type="submit" value="{t.site[5]}"></form></td></tr>',
            '<tr><td colspan="3"><font size="1">© 2021 Cellar Gazette</font></td></tr></table></body></html>',
        ]
    )


def hashed(page: Page) -> str:
    """Classes that say nothing (CSS modules), avatars, moments as `time`, an editor before the comments."""
    t = page.tongue
    _, name, moment, said, name2, moment2, said2, answer, more = t.thread
    leave, notice, comment, who, mail, _, save, submit = t.form
    editor = (
        f'<div class="_2xk"><h2 class="_9f">{leave}</h2><form class="_p1"><p class="_p2">{notice}</p>'
        f'<label class="_p3">{comment}</label><textarea class="_p4"></textarea><label class="_p3">{who}</label>'
        f'<input class="_p5"><label class="_p3">{mail}</label><input class="_p5" type="email">'
        f'<label class="_p6"><input type="checkbox"><span>{save}</span></label><button class="_p7">{submit}</button></form></div>'
        if page.end != "editable"
        else f'<div class="_2xk"><div class="_e1" contenteditable="true" role="textbox"><p class="_e2">{leave}</p></div>'
        f'<button class="_p7">{submit}</button></div>'
    )
    thread = "".join(
        f'<div class="_c{k}a"><img class="_c1" src="/avatar/{k}.png" alt=""><div class="_c2"><span class="_c3">{n}</span>'
        f'<time class="_c4">{m}</time></div><div class="_c5"><p>{s}</p></div><div class="_c6"><button>{answer}</button>'
        f"<span>{k}</span></div></div>"
        for k, (n, m, s) in enumerate(((name, moment, said), (name2, moment2, said2)), 3)
    )
    return page.head(
        "Hash & Hold",
        '<meta property="og:type" content="article"><meta property="article:published_time" content="2021-05-12T08:30:00+02:00">',
    ) + _joined(
        [
            '<body><div id="root"><div class="_a1"><a class="_a2" href="/">Hash &amp; Hold</a><button class="_a3">☰</button></div>',
            '<div class="_b1"><div class="_b2"><a href="/" class="_b3">Home</a> › <a href="/town" class="_b3">Town</a></div>',
            f'<div class="_h1"><h1 class="_h2">{t.title}</h1><div class="_h3"><span>{t.byline}</span><span>{t.day}</span></div>',
            f'<div class="_h4"><button class="_h5">{t.site[0]}</button><span class="_h6">0</span></div></div>',
            '<div class="_t1">',
            *page.body,
            "</div>",
            '<div class="_g1"><a class="_g2" href="/tag/harbour">#harbour</a><a class="_g2" href="/tag/light">#light</a></div>',
            editor if page.end in ("form", "thread", "editable") else "",
            f'<div class="_d1"><div class="_d2">{t.thread[0]}</div>{thread}<button class="_d3">{more}</button></div>'
            if page.threaded
            else "",
            f'<div class="_d4">{page.last_line}</div>' if page.last_line else "",
            f'<div class="_r1"><div class="_r2">{t.site[1]}</div><a class="_r3" href="/s/1"><img src="/1.jpg" alt="">'
            f'<div class="_r4">{t.site[2]}</div><div class="_r5">{t.day}</div></a><a class="_r3" href="/s/2">'
            f'<div class="_r4">{t.site[3]}</div><div class="_r5">{t.day}</div></a></div></div>',
            f'<div class="_n1"><div>{t.site[4]}</div><input type="email" placeholder="@"><button>{t.site[5]}</button></div>',
            '<div class="_z1">© 2021 Hash &amp; Hold</div></div></body></html>',
        ]
    )


def press(page: Page) -> str:
    """The markup that WordPress themes share, with author box, tags, recent posts and a nested answer."""
    t = page.tongue
    _, name, moment, said, name2, moment2, said2, answer, _ = t.thread
    leave, notice, comment, who, mail, website, save, submit = t.form
    thread = (
        f'<h2 class="comments-title">{t.thread[0]}</h2><ol class="comment-list"><li class="comment"><article class="comment-body">'
        f'<footer class="comment-meta"><b class="fn">{name}</b> <a href="#comment-1"><time>{moment}</time></a></footer>'
        f'<div class="comment-content"><p>{said}</p></div><div class="reply"><a href="#">{answer}</a></div></article>'
        f'<ol class="children"><li class="comment"><article class="comment-body"><footer class="comment-meta"><b class="fn">{name2}</b> '
        f'<a href="#comment-2"><time>{moment2}</time></a></footer><div class="comment-content"><p>{said2}</p></div>'
        f'<div class="reply"><a href="#">{answer}</a></div></article></li></ol></li></ol>'
    )
    field = (
        '<textarea id="comment"></textarea>'
        if page.end != "editable"
        else '<div contenteditable="true" id="comment"></div>'
    )
    form = (
        f'<div id="respond" class="comment-respond"><h3 class="comment-reply-title">{leave}</h3><form class="comment-form">'
        f'<p class="comment-notes"><span id="email-notes">{notice}</span></p><p><label for="comment">{comment}</label>{field}</p>'
        f"<p><label>{who}</label><input></p><p><label>{mail}</label><input></p><p><label>{website}</label><input></p>"
        f'<p><input type="checkbox"><label>{save}</label></p><p><input type="submit" value="{submit}"></p></form></div>'
    )
    return page.head(
        "Penny Press",
        f'<meta property="og:title" content="{t.title}"><meta property="article:published_time" content="2021-05-12T06:30:00+00:00">',
    ) + _joined(
        [
            '<body class="single-post"><header class="site-header"><p class="site-title"><a href="/">Penny Press</a></p>',
            '<nav><ul><li><a href="/1">News</a></li><li><a href="/2">Letters</a></li></ul></nav></header>',
            '<main><article class="post"><header class="entry-header">',
            f'<h1 class="entry-title">{t.title}</h1><div class="entry-meta"><span class="posted-on">{t.day}</span> '
            f'<span class="byline">{t.byline}</span></div></header><div class="entry-content">',
            *page.body,
            f'<div class="sharedaddy"><h3>{t.site[0]}</h3><ul><li><a href="https://twitter.com/intent/tweet?u=x">Twitter</a></li>'
            '<li><a href="https://www.facebook.com/sharer.php?u=x">Facebook</a></li></ul></div></div>',
            '<footer class="entry-footer"><span class="tags-links"><a href="/tag/ferry">ferry</a>, <a href="/tag/oil">oil</a></span></footer>',
            f'</article><div id="comments" class="comments-area">{thread if page.threaded else ""}',
            f'<p class="no-comments">{page.last_line}</p>' if page.last_line else "",
            form if page.end in ("form", "thread", "editable") else "",
            f'</div></main><aside class="widget-area"><section class="widget"><h2>{t.site[1]}</h2><ul>'
            f'<li><a href="/p/1">{t.site[2]}</a></li><li><a href="/p/2">{t.site[3]}</a></li></ul></section>',
            f'<section class="widget"><p>{t.site[4]}</p><form><input type="email"><button>{t.site[5]}</button></form></section></aside>',
            "<footer><p>© 2021 Penny Press</p></footer></body></html>",
        ]
    )


def elements(page: Page) -> str:
    """Sections, articles and elements of the site's own making; every teaser and every comment is an `article`."""
    t = page.tongue
    _, name, moment, said, name2, moment2, said2, answer, more = t.thread
    leave, notice, comment, who, mail, _, save, submit = t.form
    thread = "".join(
        f"<article><header><x-avatar></x-avatar><strong>{n}</strong> <x-moment>{m}</x-moment></header><section><p>{s}</p></section>"
        f"<x-action>{answer}</x-action></article>"
        for n, m, s in ((name, moment, said), (name2, moment2, said2))
    )
    field = (
        "<textarea></textarea>" if page.end != "editable" else '<x-editor contenteditable="true"><p><br></p></x-editor>'
    )
    form = (
        f"<x-reply><form><h2>{leave}</h2><p>{notice}</p><x-field><span>{comment}</span>{field}</x-field><x-field><span>{who}</span><input>"
        f"</x-field><x-field><span>{mail}</span><input></x-field><x-field><input type='checkbox'><span>{save}</span></x-field>"
        f"<button>{submit}</button></form></x-reply>"
    )
    return page.head(
        "Element Daily",
        '<script type="application/ld+json">{"@context":"https://schema.org","@type":"NewsArticle",'
        f'"headline":{json.dumps(t.title, ensure_ascii=False)},"datePublished":"2021-05-12T06:30:00Z"}}</script>',
    ) + _joined(
        [
            "<body><x-app><x-header><a href='/'>Element Daily</a><nav><a href='/1'>Now</a><a href='/2'>Later</a></nav></x-header>",
            f"<main><article><header><h1>{t.title}</h1><address>{t.byline}</address><time>{t.day}</time>",
            f"<x-share><span>{t.site[0]}</span><span>0</span></x-share></header><section>",
            *page.body,
            f"</section><footer><x-share><span>{t.site[0]}</span><span>0</span></x-share></footer></article>",
            f"<section><h2>{t.thread[0]}</h2>{thread}<x-action>{more}</x-action></section>" if page.threaded else "",
            f"<section><p>{page.last_line}</p></section>" if page.last_line else "",
            form if page.end in ("form", "thread", "editable") else "",
            f"<section><h2>{t.site[1]}</h2><article><h3><a href='/1'>{t.site[2]}</a></h3></article><article><h3><a href='/2'>{t.site[3]}</a>",
            f"</h3></article></section></main><x-letter><p>{t.site[4]}</p><input type='email'><button>{t.site[5]}</button></x-letter>",
            "<x-footer><p>© 2021 Element Daily</p></x-footer></x-app></body></html>",
        ]
    )


def endless(page: Page) -> str:
    """The next article is appended below the first one's comments, as pages do that never end."""
    t = page.tongue
    _, name, moment, said, name2, moment2, said2, answer, _ = t.thread
    leave, notice, comment, who, mail, _, _, submit = t.form
    thread = "".join(
        f'<li><div class="by"><b>{n}</b><i>{m}</i></div><div>{s}</div><a href="#a">{answer}</a></li>'
        for n, m, s in ((name, moment, said), (name2, moment2, said2))
    )
    field = "<textarea></textarea>" if page.end != "editable" else '<div contenteditable="true"></div>'
    form = (
        f"<form><h4>{leave}</h4><small>{notice}</small><div>{comment}{field}</div><div>{who}<input></div><div>{mail}<input></div>"
        f"<button>{submit}</button></form>"
    )
    following = (
        f'<div class="story" data-url="/s/99"><h1><a href="/s/99">{t.site[2]}</a></h1><div class="meta">{t.day}</div><div class="text">'
        f"<p>{t.site[3]}, {said2}</p><p>{said} {said2}</p><p>{said2} {t.site[4]}</p></div></div>"
    )
    return page.head("Endless Courier", f'<meta property="og:title" content="{t.title}">') + _joined(
        [
            '<body><div class="top"><a href="/">Endless Courier</a></div><div class="feed">',
            f'<div class="story" data-url="/s/98"><h1>{t.title}</h1><div class="meta">{t.byline} · {t.day}</div><div class="text">',
            *page.body,
            "</div>",
            f'<div class="talk"><b>{t.thread[0]}</b><ul>{thread}</ul></div>' if page.threaded else "",
            f'<div class="talk">{page.last_line}</div>' if page.last_line else "",
            f'<div class="talk">{form}</div>' if page.end in ("form", "thread", "editable") else "",
            f'</div>{following}</div><div class="foot">© 2021 Endless Courier</div></body></html>',
        ]
    )


def parted(page: Page) -> str:
    """The body lies in several containers with offers between them, and pictures with their credit."""
    t = page.tongue
    _, name, moment, said, name2, moment2, said2, answer, more = t.thread
    leave, notice, comment, who, mail, _, save, submit = t.form
    parts: list[str] = []
    for number, start in enumerate(range(0, len(page.body), 2)):
        parts.append(f'<div class="part p{number}">' + "\n".join(page.body[start : start + 2]) + "</div>")
        if number == 0:
            parts.append(
                f'<div class="offer"><p>{t.site[4]}</p><a href="/newsletter/signup">{t.site[5]}</a></div>'
                f'<div class="more"><span>{t.site[1]}:</span> <a href="/a/5">{t.site[2]}</a></div>'
            )
        if number == 1:
            parts.append(f'<div class="more"><span>{t.site[1]}:</span> <a href="/a/6">{t.site[3]}</a></div>')
    thread = "".join(
        f'<div class="row"><div><img src="/u.png" alt=""></div><div><div>{n} <span>{m}</span></div><p>{s}</p><div><a href="#">{answer}</a> '
        '<a href="#">+1</a></div></div></div>'
        for n, m, s in ((name, moment, said), (name2, moment2, said2))
    )
    field = "<textarea></textarea>" if page.end != "editable" else '<div contenteditable="true"></div>'
    form = (
        f'<div class="box"><div>{leave}</div><div>{notice}</div><div>{comment}</div>{field}<div>{who}</div><input><div>{mail}</div><input>'
        f"<div>{save}</div><button>{submit}</button></div>"
    )
    return page.head("Parted Post") + _joined(
        [
            '<body><div class="bar"><a href="/">Parted Post</a></div><div class="crumbs"><a href="/">Home</a> / <a href="/w">World</a></div>',
            f'<div class="page"><div class="top"><h1>{t.title}</h1><p class="who">{t.byline}</p><p class="when">{t.day}</p></div>',
            *parts,
            '<div class="tags"><a href="/t/1">ferry</a> <a href="/t/2">oil</a></div>',
            f'<div class="box"><div>{t.thread[0]}</div>{thread}<div><a href="#">{more}</a></div></div>'
            if page.threaded
            else "",
            f'<div class="box">{page.last_line}</div>' if page.last_line else "",
            form if page.end in ("form", "thread", "editable") else "",
            f'<div class="box"><div>{t.site[1]}</div><ul><li><a href="/a/7">{t.site[2]}</a></li><li><a href="/a/8">{t.site[3]}</a></li></ul></div>',
            '</div><div class="bar">© 2021 Parted Post</div></body></html>',
        ]
    )


def unclosed(page: Page) -> str:
    """A button and a form that nobody closed, a cookie text before and a box that sells after the article."""
    t = page.tongue
    _, name, moment, said, name2, moment2, said2, answer, _ = t.thread
    leave, notice, comment, who, mail, website, save, submit = t.form
    thread = "".join(
        f"<dt>{n}, {m}</dt><dd>{s} <a href='#'>{answer}</a></dd>"
        for n, m, s in ((name, moment, said), (name2, moment2, said2))
    )
    field = "<textarea></textarea>" if page.end != "editable" else '<div contenteditable="true"></div>'
    form = (
        f"<h2>{leave}</h2><p>{notice}<p>{comment}<br>{field}<p>{who}<br><input><p>{mail}<br><input><p>{website}<br><input>"
        f"<p><input type=checkbox> {save}<p><input type=submit value='{submit}'>"
    )
    return page.head("Loose Ends") + _joined(
        [
            "<body><div id=consent><p>Cookies: we and our 214 partners store and read information on your device, such as cookies.</p>"
            "<button>OK</button></div>",
            "<form action=/search><div id=all><div><a href=/>Loose Ends</a> <button>Menu",
            f"<div id=a><h1>{t.title}</h1><p><i>{t.byline}</i> | {t.day}</p>",
            *page.body,
            f"<div id=wall><b>{t.site[4]}</b> <a href=/subscribe>{t.site[5]}</a></div>",
            f"<h2>{t.thread[0]}</h2><dl>{thread}</dl>" if page.threaded else "",
            f"<p>{page.last_line}</p>" if page.last_line else "",
            form if page.end in ("form", "thread", "editable") else "",
            f"</div><div id=b><h4>{t.site[1]}</h4><a href=/x1>{t.site[2]}</a><br><a href=/x2>{t.site[3]}</a></div>",
            "<div id=c>© 2021 Loose Ends</div></div></body></html>",
        ]
    )


def salon(page: Page) -> str:
    """The form stands before the related links, the comments behind them; a box about the author before both."""
    t = page.tongue
    _, name, moment, said, name2, moment2, said2, answer, more = t.thread
    leave, notice, comment, who, mail, _, save, submit = t.form
    thread = "".join(
        f'<div class="k"><div class="k1"><a href="/u/{k}">{n}</a></div><div class="k2">{s}</div><div class="k3">{m} · <a href="#">{answer}</a></div>'
        for k, (n, m, s) in enumerate(((name, moment, said), (name2, moment2, said2)))
    )
    field = "<textarea></textarea>" if page.end != "editable" else '<div contenteditable="true" class="in"></div>'
    form = (
        f'<div class="q"><div class="q1">{leave}</div><div class="q2">{notice}</div><div class="q3"><span>{comment}</span>{field}</div>'
        f'<div class="q3"><span>{who}</span><input></div><div class="q3"><span>{mail}</span><input></div><div class="q4"><input type="checkbox">'
        f'{save}</div><a class="q5" href="#">{submit}</a></div>'
    )
    return page.head("The Salon") + _joined(
        [
            '<body><div class="w"><div class="h"><a href="/">The Salon</a></div><div class="m"><div class="m1">',
            f'<div class="hh"><h1>{t.title}</h1><div class="s">{t.day} — {t.byline}</div></div><div class="z">',
            *page.body,
            "</div>",
            f'<div class="v"><img src="/face.jpg" alt=""><div><b>{t.byline}</b></div></div>',
            form if page.end in ("form", "thread", "editable") else "",
            f'<div class="r"><div class="r0">{t.site[1]}</div><div class="r1"><a href="/r/1">{t.site[2]}</a></div><div class="r1"><a href="/r/2">{t.site[3]}</a></div></div>',
            f'<div class="kk"><div class="k0">{t.thread[0]}</div>{thread}</div></div><div class="k9"><a href="#">{more}</a></div></div>'
            if page.threaded
            else "",
            f'<div class="kk">{page.last_line}</div>' if page.last_line else "",
            f'</div><div class="m2"><div>{t.site[4]}</div><input type="email"><button>{t.site[5]}</button></div></div>',
            '<div class="f">© 2021 The Salon</div></div></body></html>',
        ]
    )


def ticker(page: Page) -> str:
    """A live blog: every paragraph is an entry with its hour, and each can be shared."""
    t = page.tongue
    _, name, moment, said, name2, moment2, said2, answer, _ = t.thread
    leave, notice, comment, who, mail, _, save, submit = t.form
    entries = "".join(
        f'<div class="entry" id="e{k}"><h3>{18 - k}:0{k} {t.title}</h3>{block}<div class="tools"><a href="#">{t.site[0]}</a></div></div>\n'
        for k, block in enumerate(page.body)
    )
    thread = "".join(
        f'<div class="voice"><div>{n}</div><div>{m}</div><div>{s}</div><a href="#">{answer}</a></div>'
        for n, m, s in ((name, moment, said), (name2, moment2, said2))
    )
    field = "<textarea></textarea>" if page.end != "editable" else '<div contenteditable="true"></div>'
    form = (
        f'<div class="write"><h3>{leave}</h3><p>{notice}</p><p>{comment}</p>{field}<p>{who}</p><input><p>{mail}</p><input><p>{save}</p>'
        f"<button>{submit}</button></div>"
    )
    return page.head("Ticker Times") + _joined(
        [
            '<body><div class="top"><a href="/">Ticker Times</a> <a href="/live">Live</a></div><div class="live">',
            f'<h1>{t.title}</h1><div class="who">{t.byline}, {t.day}</div>',
            entries,
            "</div>",
            f'<div class="voices"><div>{t.thread[0]}</div>{thread}</div>' if page.threaded else "",
            f'<div class="voices">{page.last_line}</div>' if page.last_line else "",
            form if page.end in ("form", "thread", "editable") else "",
            f'<div class="more"><div>{t.site[1]}</div><a href="/1">{t.site[2]}</a><a href="/2">{t.site[3]}</a></div>',
            '<div class="top">© 2021 Ticker Times</div></body></html>',
        ]
    )


THEMES: dict[str, Callable[[Page], str]] = {
    theme.__name__: theme for theme in (plain, cells, hashed, press, elements, endless, parted, unclosed, salon, ticker)
}


KEPT = (
    ("plain", "en", "form", "Ada Fenn"),
    ("cells", "de", "thread", "Wiebke Harms"),
    ("hashed", "ja", "bare", None),
    ("press", "ar", "thread", None),
    ("press", "pl", "login", "Zofia Wrzos"),
    ("elements", "fr", "closed", "Basile Morvan"),
    ("endless", "en", "none", "Ada Fenn"),
    ("parted", "es", "thread", "Nuria Peral"),
    ("unclosed", "it", "form", "Livia Corsi"),
    ("salon", "he", "bare", None),
    ("ticker", "zh", "editable", None),
)
"""The pages that are recorded, with the author that each names; None where only words of a language that we do not read
say which of them are the name, and which are the day."""


def record(folder: Path) -> None:
    """Write the recorded pages and what must be made of them: what was put into a page, not what came out of it."""
    known = tongues()
    folder.mkdir(exist_ok=True)
    for theme, code, end, author in KEPT:
        for length in LENGTHS:
            tongue = known[code]
            name = f"{theme}-{code}-{length}"
            expected = {
                "url": ADDRESS,
                "title": tongue.title,
                **({"authors": [author], "published": "2021-05-12"} if author else {}),
                "language": code,
                "paragraphs": tongue.paragraphs[:length],
            }
            markup = THEMES[theme](Page(tongue, paragraphs(tongue, length), end)) + "\n"
            (folder / f"{name}.html").write_text(markup, encoding="utf-8")
            words = json.dumps(expected, ensure_ascii=False, indent=2) + "\n"
            (folder / f"{name}.json").write_text(words, encoding="utf-8")


if __name__ == "__main__":
    record(RECORDED)
