"""Which query parameters say how a reader came, and which say what is read: the tables, and nothing but the tables.

Collected from the documentation of the mailers, analytics and advertising systems that add them and from the share
and feed links of news sites. Names are in lower case; case never matters in them.
"""


def words(text: str) -> frozenset[str]:
    """Return the words of a table written as running text."""
    return frozenset(text.split())


# --- Never read by the site itself: dropped before fetching ---------------------------------------------------------

_CLICK_TRACE_PREFIXES = ("utm_", "mtm_", "matomo_", "piwik_", "hsa_", "__hs", "_hs", "gaa_")

# Advertising click ids; analytics cookies carried from domain to domain; mailers; Facebook's old and WeChat's links.
_CLICK_TRACES = words("""
    fbclid gclid gclsrc dclid gbraid wbraid gad_source gad_campaignid msclkid yclid ysclid twclid ttclid li_fat_id
    igshid igsh mibextid sccid rdt_cid epik irclickid irgwc srsltid tblci dicbo obclickid vmcid wickedid

    _ga _gl _ke _openstat __twitter_impression _branch_match_id _branch_referrer guccounter guce_referrer
    guce_referrer_sig hsctatracking s_kwcid ef_id pk_campaign pk_kwd pk_keyword pk_source pk_medium pk_content
    pk_cid

    mc_cid mc_eid mkt_tok vero_id vero_conv oly_enc_id oly_anon_id ml_subscriber ml_subscriber_hash bta_tid bta_c
    elqtrackid elqtrack elqcampaignid elqaid elqat spmailingid spuserid spjobid spreportid nr_email_referer

    fb_action_ids fb_action_types fb_source fb_ref action_object_map action_type_map action_ref_map nsukey
    isappinstalled vd_source
""")

# --- Names that publishers use for tracking only: dropped from an identity whatever their value ---------------------

_TRACE_PREFIXES = (
    "at_",
    "cm_mmc",
    "cx_",
    "wt_",
    "wt.",
    "sara_",
    "soc_",
    "amp_",
    "trk_",
    "itm_",
    "sfmc_",
    "syn-",
    "utm-",
    "utmsource",
    "utmmedium",
    "utmcampaign",
)

# BBC, NYT, Guardian, CNN, Bloomberg, Washington Post, Reuters, Yahoo, AOL, MSN, Daily Mail, CNET, FAZ and others;
# sessions and cache busters; the comments under an article.
_TRACES = words("""
    cmp cmpid cmp_id icid intcmp intcid intcmpid int_source int_medium int_campaign ito ftag ocid cvid smid smtyp
    smprod sref s_cid s_ev emc rref pgtype contentcollection contentplacement clicksource unlocked_article_code
    wpisrc wpmm hpid itid tpcc eref iref hpt taid feedtype feedname virtualbrandchannel .tsrc tsrc yptr gepc wtrid
    wtmc xtor xts xtref echobox __source usqp aoh bxid cndid esrc hasha hashb hashc sfnsn spm scm spref sr_share
    leadsource reflink srnd sharetoken gift giftcopy mkcid recirc cn-reloaded embedded-checkout traffic_source
    fromsource ranmid raneaid ransiteid awc ns_campaign ns_mchannel ns_source ns_linkname ns_fee tt_medium
    tt_content tt_from trk trkid trkcampaign share_source share_medium share_plat share_session_id share_tag
    share_from share_code share_token share_times ob_click oborigurl sc_campaign sc_src sc_lid sc_uid sc_llid sc_eh
    sc_customer
    ref_src ref_url cm_ven cm_cat cm_pla cm_ite dgcid hss_channel hootpostid xnpe_tifc awesm zarsrc __s dm_i _bta_tid
    ss_source ss_medium ss_campaign_id wprov ict_ref lctg xing_share ex_cid dcmp intlink tsource mcp_token bt_ee xcust
    from_rss fromrss mkevt clickid hmsr hmpl hmcu hmkw hmci dt_dapp sharefrom tdsourcetag _unique_id wfr bd_vid chksm

    phpsessid jsessionid cfid cftoken zenid oscsid _ cb cachebuster cachebust nocache rnd rand

    replytocom cpage showcomment commentid comment_id commentpage unapproved moderation-hash lf_comment
    postcommentid
""")

# --- Ambiguous names: what the value says decides ------------------------------------------------------------------

REFERRAL_NAMES = words("ref ref_ referer referrer refer refid via intref")
"""Tell of a referral wherever they stand, unless the value looks like an id (`ref=2291`)."""

SOURCE_NAMES = words("""
    source src from feature origin channel mod module action_source traffic position placement loc linksource
    trigger context entry nav campaign camp medium partner aff affiliate ext promo rel
""")
"""May choose what a list shows (`?source=reuters`): a plain word goes only where something else names the article."""

NUMBERED_NAMES = words("cid sid uid xid mbid ncid kid extid campaignid recipientid s sh nk sessionid session_id")
"""Hold an article's number on some sites: they go only when the value is a known way of arriving, or a session."""

MAILING_NAMES = words("campaign_id instance_id segment_id regi_id user_id te nl ei email_id mailing_id")
"""Counters of a mailing. They go where two of them stand together."""

LONE_MAILING_NAMES = words("campaign_id instance_id segment_id regi_id linkid")
"""These go alone too, but only from a path that names the article; on a script they may be its id."""

ARRIVALS = words("""
    rss rss2 feed feeds atom twitter tw twt tweet facebook fb fbshare linkedin whatsapp wa telegram tg instagram ig
    reddit pinterest email mail newsletter newsletters nl share shared sharing sharer social soc push notification
    app ios android home homepage hp frontpage front nav navbar menu header footer sidebar widget related
    recommended recommendation recirc trending mostread popular google gnews googlenews bing yahoo msn flipboard
    applenews pocket echobox dlvr dlvrit twitterfeed feedburner feedproxy hootsuite buffer ifttt organic seo amp
    mobile desktop web link btn button promo banner cpc ppc sms copy permalink weibo weixin wechat timeline
    singlemessage groupmessage qq kakao vk viber slack messenger pushnotification alert alerts ticker teaser
    outbrain taboola referral internal external syndication youtu youtube threads bluesky mastodon tiktok snapchat
    inoreader feedly smartnews upday newsbreak discover
""")
"""Words that say by which way a reader came; one of them in a value settles that it is no id."""

PLAIN_ARRIVALS = words("rss twitter facebook newsletter whatsapp linkedin telegram googlenews")
"""As a whole value, on a path that names the article, these tell of a way of arriving under any name (`fuente=rss`)."""

CHOOSING_NAMES = words(
    "q query search s k keyword tag topic category cat format type output feed view action mode lang"
)
"""Names under which even those words choose what is shown."""

# --- Other ways of showing the same article -------------------------------------------------------------------------

FLAG_VALUES = frozenset(("", "0", "1", "true", "false", "yes", "no", "y", "n", "on", "off"))

FLAG_NAMES = words("""
    amp isamp is_amp _amp noamp print printable printer printview print_view printerfriendly printer_friendly
    printer-friendly printfriendly printpage pf forprint mobile ismobile nomobile desktop singlepage single_page
    fullpage viewall showall nb comments showcomments commentsopen reduced printmode fullsite mobile_site amphtml hp
    _r
""")
"""Switches between views of one article, with a value of `FLAG_VALUES` only (`print=4711` may be an id)."""

CERTAIN_VIEW_NAMES = words("view output outputtype")
VIEW_NAMES = words("format mode type display version layout tmpl service render template") | CERTAIN_VIEW_NAMES
"""Choose a view; all but the certain ones may choose what a list shows (`/editions?type=print`)."""

PRINT_AND_AMP = words("""
    amp amphtml print printable printer printview printerfriendly printer-friendly printer_friendly print-friendly
    printpage component
""")
SCREENS = words("mobile desktop touch wap")

PAGE_NAMES = words("page paged pagewanted pagenumber page_number pageno seite pagina")
WHOLE_OR_FIRST_PAGE = frozenset(("", "1", "all", "full", "single", "print"))

SHARE_TARGETS = words("""
    twitter facebook linkedin reddit tumblr pinterest pocket telegram jetpack-whatsapp whatsapp email print skype
    mastodon threads bluesky x nextdoor
""")
"""Values of WordPress's `share=`, which sends the reader on to a network."""


def is_click_trace(name: str) -> bool:
    """Tell whether a parameter can never choose what is fetched, so that it is dropped before fetching."""
    name = name.lower()
    return name in _CLICK_TRACES or name.startswith(_CLICK_TRACE_PREFIXES)


def is_trace(name: str) -> bool:
    """Tell whether a parameter, its name in lower case, tells of the reader's way and never of the article."""
    return (
        name in _TRACES
        or name in _CLICK_TRACES
        or name.startswith(_TRACE_PREFIXES)
        or name.startswith(_CLICK_TRACE_PREFIXES)
    )
