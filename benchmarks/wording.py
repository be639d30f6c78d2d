"""Sentences of a made-up newspaper: plain English of some twenty thousand different words, few of them frequent.

Real articles share five words in a row here and there, and a sentence only where one was copied from the other. Made from a few dozen phrases, each page would
look like a copy of parts of every other, and a benchmark would measure how copies of everything are judged. So nouns,
verbs and adjectives are drawn as a language draws them (a word's frequency falls with its rank, G. K. Zipf, 1935), and
the people and places that news are about have names of their own.
"""

# ruff: noqa: E501 - tables of words

from __future__ import annotations

import random


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _forms(text: str) -> tuple[str, ...]:
    return tuple(" ".join(form.split()) for form in text.split("|"))


_NOUNS = _words("""council harbour school court bridge company report plan market hospital union road budget museum library
village station ministry agreement contract survey team club festival orchestra theatre factory farm field forest river
valley coast island shipyard tunnel railway ferry timetable licence permit tax fund grant loan bank insurer auditor
inquiry commission committee panel jury judge lawyer witness engineer architect builder carpenter electrician plumber
nurse doctor surgeon patient clinic ward pharmacy vaccine study trial sample laboratory professor student teacher pupil
parent child family household tenant landlord neighbour resident visitor tourist traveller driver cyclist pedestrian
passenger pilot captain sailor fisherman trawler catch quota net buoy lighthouse storm flood drought frost harvest crop
wheat barley orchard vineyard cellar brewery bakery butcher grocer shop stall customer supplier warehouse lorry bus tram
train carriage platform signal junction crossing pavement lamp cable turbine dam reservoir well pump pipe sewer filter
meter bill tariff subsidy pension salary strike picket negotiator mediator charter statute bylaw clause appeal ruling
verdict sentence prison guard escape burglary theft fraud forgery painting sculpture portrait fresco manuscript letter
diary map atlas archive novel poem verse choir organ violin piano concert rehearsal audience critic review award prize
medal league fixture goal referee coach striker keeper stadium gymnasium pool marathon regatta rower swimmer climber
guide hut glacier summit ridge quarry mine seam gravel cement brick slate timber roof chimney facade courtyard garden
park bench fountain statue square parade carnival costume lantern firework bonfire chapel church abbey mosque synagogue
parish priest imam rabbi burial wedding christening registry census ballot turnout candidate mayor senator delegate
envoy treaty border customs smuggler refugee shelter charity donor volunteer kitchen blanket tent helicopter rescuer
radio satellite antenna network server password database software printer robot sensor drone battery charger engine
gearbox tyre garage mechanic apprentice workshop lathe furnace foundry alloy steel copper zinc glass ceramic textile
loom dye leather shoe jacket uniform button thread needle visitor ticket queue entrance gate fence hedge pasture
cattle sheep goat shepherd dairy cheese butter cream honey beekeeper hive nectar pollen owl heron otter beaver salmon
eel oyster mussel seal whale plankton algae current tide estuary marsh dune beach promenade pier kiosk""")
_ADJECTIVES = _words("""new old local public private national regional former future early late small large narrow wide long
short high low steep quiet busy empty crowded cheap expensive costly free legal illegal temporary permanent annual
monthly weekly daily rare common strange ordinary sudden gradual steady sharp cautious bold modest ambitious careful
hasty confidential open secret draft final revised disputed joint separate independent voluntary compulsory rural urban
coastal northern southern eastern western central remote nearby historic medieval modern wooden stone concrete electric
solar mobile digital printed handwritten unsigned anonymous foreign domestic seasonal winter summer spring autumn nightly
damaged broken repaired restored abandoned forgotten famous unknown popular unpopular surprising expected promising
worrying harmless dangerous toxic clean dirty dry wet frozen mild severe heavy light fragile sturdy rusty polished
""")
_VERBS = _words("""rejected welcomed postponed approved published criticised defended abandoned reopened inspected financed
questioned announced withdrew completed measured repaired replaced described doubled halved sold inherited restored
explained suspended renewed examined ordered cancelled counted recorded tested opened closed moved sealed cleared
painted auctioned borrowed returned found lost discovered mapped photographed translated archived copied signed drafted
amended opposed supported ignored praised mocked investigated monitored protected insured taxed fined banned permitted
licensed certified rated ranked hired dismissed trained promoted rescued evacuated sheltered fed vaccinated treated
diagnosed studied surveyed predicted denied confirmed corrected retracted quoted interviewed greeted honoured buried
excavated drained flooded dredged widened narrowed paved lit fenced planted felled harvested stored shipped exported
imported delivered unloaded weighed priced rationed recycled burned demolished rebuilt extended modernised digitised
""")
_ADVERBS = _words("""quietly openly reluctantly eagerly unanimously narrowly repeatedly briefly partly wholly formally
privately officially finally recently unexpectedly promptly belatedly carefully hastily cheaply safely regularly rarely
swiftly slowly twice again still almost barely clearly firmly gladly grudgingly""")
_FIRST = _words("""Ada Tom Ines Piet Mara Jon Rosa Emil Nadia Otto Greta Hugo Selma Ivan Petra Karim Leila Amos Edith Felix
Olga Bruno Clara Denis Elsa Frida Georg Hanna Igor Julia Kasper Lydia Marek Nora Oskar Paula Quentin Rachel Stefan Tilda
Ulf Vera Walter Xenia Yusuf Zoe Anton Berta Cyril Dora""")
_STARTS = _words("""Bran Oke Cal Zwar Lind Aber Quil Fon Mar Tor Hal Wes Nor Sel Gar Bel Dun Kil Ros Tren Ash Bram Car Dal
Ed Fal Glen Har Ing Jor Kel Lan Mel Nen Os Pen Ran Stan Thor Ul Ver Wil Yar Zel Bor Cor Del El Fen Gil Hol Ir Ken Lor
Mil Nar Or Pol Rud Sven Tal""")
_MIDDLES = ["", "", "", "a", "e", "i", "o", "ber", "der", "ing", "en", "ers", "man", "ster", "ter", "val", "min", "ro"]
_NAME_ENDS = _words(
    "vik reke dera ton qvist nathy ley tana son sen berg holm strand mann feld stein well worth ford more"
)
_PLACE_ENDS = _words(
    "wick ham sund mouth bridge field stead burgh haven fjord dale combe minster thorpe by ness hurst moor"
)
_NAMED = {
    "day": _words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday"),
    "month": _words("January February March April May June July August September October November December"),
    "nth": _words("second third fourth fifth tenth twelfth"),
}
_BODIES = _forms("""{noun} spokeswoman of {place}|{adjective} {noun}|{noun} of {place}|{noun} and its {adjective} {noun}|{adjective} {noun}s
|owner of {adjective} {noun}s|{noun} committee of {place}|union of {noun} workers|{place} {noun}""")
_THINGS = _forms("""a plan for {adjective} {noun}s in {place}|the {noun} of {adjective} {noun}s|a {noun} on {adjective} {noun}s near {place}
|its {adjective} {noun} with {person}|the sale of {noun}s to {place}|{n} {noun}s and one {adjective} {noun}|a {adjective}
{noun} that {person} had {verb}|the {noun} which {place} {adverb} {verb}|every {adjective} {noun} between {place} and
{place}|the {adjective} price of {noun}s|both the {noun} and the {adjective} {noun}|{person} as {adjective} {noun}
|no {noun} from {place}|what {person} called {adjective} {noun}""")
_WHENS = _forms("""on {day}|after a {adjective} debate|in a {noun} to {person}|for the {nth} time since {year}|without {adjective} {noun}
|during a {adjective} {noun} until {day}|before the {adjective} {noun}|late in {month}|despite {adjective} {noun}s|as
{person} had {adverb} expected|to the {noun} of {place}|last {day} in {place}|with some {n} {noun}s present|at {adjective}
notice|following {n} months of {noun}|by {n} votes against {n}|under {adjective} {noun}s|{adverb} and without {noun}""")
_WHYS = _forms("""because {adjective} {noun}s rose by {n} per cent|since {person} {adverb} {verb} them|although {n} {adjective} {noun}s
had arrived|while {person} {adverb} {verb} the {noun}|so that {adjective} {noun}s can be {verb}|which will take {place}
{n} months|and {n} {noun}s may {adverb} depend on it|but {adjective} {noun}s remain with {person}|as {n} pages of {noun}
show|even if {place} decides otherwise|where {n} {noun}s have {adverb} stood|after {person} found {n} {noun}s|which
{place} has {adverb} {verb} since {year}""")
_OPENERS = _forms("""Meanwhile|According to {person}|In the {adjective} end|At {adjective} first|{n} years ago|Across from {place}|For {n}
{noun}s|Asked about {noun}s|In {adjective} practice|Officially|Unlike {place}|By contrast|In {place}|On {day}|Since {month}""")


def sentence(rng: random.Random) -> str:
    """A sentence of 8 to 40 words."""
    words = f"{_subject(rng)} {_drawn(rng, _VERBS)} {_filled(rng, rng.choice(_THINGS))}"
    words = f"{words} {_filled(rng, rng.choice(_WHENS))}"
    if rng.random() < 0.6:
        words = f"{words}, {_filled(rng, rng.choice(_WHYS))}"
    if rng.random() < 0.3:
        words = f"{_filled(rng, rng.choice(_OPENERS))}, {words}"
    return words[0].upper() + words[1:] + "."


def headline(rng: random.Random) -> str:
    """Six to fifteen words without a full stop."""
    words = f"{_subject(rng)} {_drawn(rng, _VERBS)} {_filled(rng, rng.choice(_THINGS))}"
    return words[0].upper() + words[1:]


def _subject(rng: random.Random) -> str:
    if rng.random() < 0.3:
        return _person(rng)
    return f"the {_filled(rng, rng.choice(_BODIES))}"


def _filled(rng: random.Random, form: str) -> str:
    made = []
    for number, part in enumerate(form.split("{")):
        if number == 0:
            made.append(part)
            continue
        kind, _, rest = part.partition("}")
        made += [_word(rng, kind), rest]
    return " ".join("".join(made).split())


def _word(rng: random.Random, kind: str) -> str:
    match kind:
        case "noun":
            return _drawn(rng, _NOUNS)
        case "adjective":
            return _drawn(rng, _ADJECTIVES)
        case "verb":
            return _drawn(rng, _VERBS)
        case "adverb":
            return _drawn(rng, _ADVERBS)
        case "person":
            return _person(rng)
        case "place":
            return _drawn(rng, _STARTS) + rng.choice(_MIDDLES) + _drawn(rng, _PLACE_ENDS)
        case "day" | "month" | "nth":
            return rng.choice(_NAMED[kind])
        case "year":
            return str(rng.randint(1899, 2024))
    return str(rng.randint(3, 480))


def _person(rng: random.Random) -> str:
    return f"{_drawn(rng, _FIRST)} {_drawn(rng, _STARTS)}{rng.choice(_MIDDLES)}{_drawn(rng, _NAME_ENDS)}"


def _drawn(rng: random.Random, words: tuple[str, ...]) -> str:
    """A word, the earlier in the list the likelier: half of all draws fall on the first quarter."""
    return words[int(len(words) * rng.random() ** 2)]
