"""What secrets look like, as data: by what stands beside them, and by the prefixes that their issuers gave them.

Every pattern is linear: what can follow a repeated beginning is bounded or is taken whole. What is hidden
errs on the side of hiding beside the name of a secret, and on the side of leaving alone elsewhere: commit
hashes, digests, UUIDs, pod names and stack traces stay as they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """`hints`: in small letters; a line with none of them cannot match. Each group of the pattern is hidden."""

    hints: tuple[str, ...]
    pattern: re.Pattern[str]


def _shape(hints: str, pattern: str, flags: re.RegexFlag = re.IGNORECASE) -> Shape:
    return Shape(tuple(hints.split()), re.compile(pattern, flags | re.MULTILINE))


_STOP = r"(?=[\s\"',;&)}\]<]|$)"
# Not secrets though they stand where one would: what was hidden, variables, masks, types, nothing.
_NO_VALUE = (
    r"(?!\\{0,7}[\"']?‹hidden›|[bru]{1,2}(?=[\"'])|\$\{|\$\(|\{\{|[{\[](?=[\s\"'{\[]|$)"
    rf"|(?:\$[A-Z_]\w{{1,40}}|%[A-Z_]{{2,40}}%|[*x.•]{{3,40}}|<[\w -]{{1,40}}>|\[[a-z]{{4,12}}\]){_STOP}"
    rf"|(?:null|none|nil|true|false|undefined|empty|str|string|bytes|optional|yes|no){_STOP})"
)
_NO_CODE = r"(?!(?:[a-z_]\w{0,40}\.){1,5}\w{1,40}\(|(?:get|read|fetch|load|env|input|prompt)\w{0,40}\()"
_PASSWORDS = (
    r"pass(?:word|wd|phrase)s?|(?:[_-]|key|store)pass|bindpw|密码|口令"
    r"|(?<![a-z])pwd(?=[\s\"']{0,8}[:=][\s\"']{0,8}[^/\s\"'])"
)
_KEYS = (
    r"(?:secret|token|credentials?"
    r"|(?:api|access|account|auth|encryption|private|secret|signing|license|mch|shared[_-]?access)"
    r"[ _-]?key(?:[_-]base)?"
    r"|(?:access|secret)[_-]?key[_-]?(?:id|secret)|secretid|_auth|client-key-data|private_key_id"
    r"|jsessionid|phpsessid|session[_-]?id|connect\.sid|crumb|sonar\.login|csrf[\w-]{0,12}|密钥)"
)
_CODES = r"(?:\botp|\bcvv2?|\bcvc|verification code|验证码)"
_NAMES = f"(?:{_PASSWORDS}|{_KEYS})(?![\\w-])"
_NAME_HINTS = (
    "pass pwd bindpw 密码 口令 secret token credential key _auth sessionid session_id session-id sessid "
    "connect.sid crumb sonar.login csrf 密钥"
)
_IS = r"\\{0,7}[\"']?\s{0,8}(?:=>|:|：|=(?!>)|\\{1,4}u003d)\s{0,8}"
_MARK = r"\\{0,7}[\"']"
"""A quotation mark, however often it was quoted itself."""
_PLAIN = _NO_VALUE + _NO_CODE + r"((?:[^\s\"'&,;\\‹，。]|\\(?![\"'])|[,;](?!\s|[\w.-]{1,40}[=:]|$))+)"
"""An unquoted value: up to a blank, a quote, `&`, or a comma that ends it."""
_QUOTED = (
    rf"(?:[bru]{{1,2}}(?=[\"']))?(?:\"{_NO_VALUE}((?:[^\"\\\r\n‹]|\\.)+)|'{_NO_VALUE}((?:[^'\\\r\n‹]|\\.)+)"
    rf"|\\{{1,7}}\"{_NO_VALUE}([^\"\\\r\n‹]+))"
)
_LIKELY = r"(?=[^\s\"'&,;]{0,200}\d)(?=[^\s\"'&,;]{6})"
"""A digit and some length: what a word of a sentence does not have."""
_SCHEME = r"(?:(?:bearer|basic|token|apikey|negotiate|aws4-hmac-sha256)\s+)?+"
_NO_FIELD = r"(?!-\s|[\"']?[\w.-]{1,60}[\"']?\s?[:=](?:\s|$|[^\s:=]))"
"""What follows is no value but the name of the next one."""
_OPTION = rf"[ =]*+[\"']?{_NO_VALUE}([^\s\"'‹]+)"

_BARE = r"(?<![\w-])(?-i:[Pp]ass)(?![\w-])"
"""Alone it is a password's name as well as a verdict: `PASS: TestLogin`, `pass: 12 tests` stay as they are."""
_NO_VERDICT = (
    r"(?!\d{1,5}(?:\.\d{1,5})?(?:%|ms|s|m|/\d{1,5})?(?:[\s,;)&\]}\"']|$)|(?:ok|all|every|tests?)(?!\w))"
)

BESIDE = {
    "password in a URL": _shape("://", r"\b[a-z][a-z0-9+.-]{1,20}:\u2060?//[^\s/:@\"'<>]*:([^\s/\"'<>‹]+)@"),
    "MySQL DSN": _shape("@tcp( @unix(", r"(?<![\w.+-])[\w.+-]{1,64}:([^\s:/@\"'<>‹]+)@(?:tcp|unix)\("),
    "user and password, set": _shape("auth=", rf"\bauth=[\w.@-]{{1,64}}:{_LIKELY}([^\s:\"'&,;‹]+)"),
    "token in a URL": _shape("://", r"\bhttps?:\u2060?//([\w.~-]{20,200})(?:@|:[^\s/@]{1,40}@)"),
    "OAuth code": _shape("code=", r"[?&]code=([\w.~%/-]{16,})"),
    "Oracle URL": _shape("jdbc:oracle", r"jdbc:oracle:\w+:\w+/([^\s@‹]+)@"),
    "authorization header": _shape(
        "authorization",
        rf"authorization[\"']?\s{{0,8}}[:=]\s{{0,8}}[\"'\[]?+(?!digest\s){_SCHEME}{_NO_VALUE}([^\s\"'\]‹][^\s\"'\]]*)",
    ),
    "digest and signature": _shape(
        "signature= response= nonce=",
        r"\b(?:signature|response|c?nonce)=\"?(?=[\w/+=-]{0,200}\d)([\w/+=-]{16,200})",
    ),
    "bearer token": _shape(
        "bearer", r"\bbearer(?:\s{1,8}|%20|:\s{0,8})(?=[^\s\"']{0,200}\d)([\w.~+/=-]{12,})"
    ),
    "basic credentials": _shape(
        "basic", r"\bbasic\s{1,8}(?=\w(?-i:[a-z0-9+/]{0,200}[A-Z=]))([\w+/]{8,}={0,2})(?![\w-])"
    ),
    "cookie": _shape(
        "cookie",
        r"\b(?:set-)?cookie[\"']?\s{0,8}[:=,]\s{0,8}[\"'\[]{0,3}([^\s=;,\"'‹\]]{1,64}=[^\r\n\"'\]‹]+)",
    ),
    "name and value": _shape(
        _NAME_HINTS,
        rf"{_MARK}(?:name|key){_MARK}\s{{0,8}}:\s{{0,8}}{_MARK}[\w.-]{{0,60}}?{_NAMES}{_MARK}\s{{0,8}},\s{{0,8}}"
        rf"{_MARK}value{_MARK}\s{{0,8}}:\s{{0,8}}{_QUOTED}",
    ),
    "XML element": _shape(
        _NAME_HINTS,
        rf"(?:<|&lt;)[\w.-]{{0,40}}?{_NAMES}(?:>|&gt;){_NO_VALUE}([^<&\r\n‹]+)",
    ),
    "XML attribute": _shape(
        _NAME_HINTS,
        rf"\bname=[\"'][\w.-]{{0,60}}?{_NAMES}[\"']\s{{1,8}}value=[\"']{_NO_VALUE}([^\"'\r\n‹]+)",
    ),
    "quoted value": _shape(_NAME_HINTS, rf"{_NAMES}{_IS}{_QUOTED}"),
    "password": _shape(_NAME_HINTS, rf"(?:{_PASSWORDS})(?![\w-]){_IS}{_PLAIN}"),
    "pass, quoted": _shape("pass", rf"(?<![\w-])pass(?![\w-]){_IS}{_NO_VERDICT}{_QUOTED}"),
    "pass, set": _shape("pass", rf"(?<![\w-])pass[\"']?\s?=(?![=>])\s?{_NO_VERDICT}{_PLAIN}"),
    "pass, in a mapping": _shape(
        "pass", rf"(?:^\s{{0,40}}|[{{,;(&?.\"']\s?){_BARE}[\"']?\s?[:：](?!:)\s{{0,8}}{_NO_VERDICT}{_PLAIN}"
    ),
    "pass, likely": _shape("pass", rf"{_BARE}[\"']?\s?[:：](?!:)\s{{0,8}}{_NO_VERDICT}{_LIKELY}{_PLAIN}"),
    "key": _shape(_NAME_HINTS, rf"{_KEYS}(?![\w-])[\"']?=(?!\s){_PLAIN}"),
    "likely key": _shape(_NAME_HINTS, rf"{_KEYS}(?![\w-]){_IS}{_LIKELY}{_PLAIN}"),
    "said": _shape(
        "pass token",
        r"\b(?:pass(?:word|phrase|wd)|token)\s{1,4}(?:(?:is|was|for [^\s:]{1,40}:|with|->)\s{1,4})?[\"']?"
        rf"{_LIKELY}"
        r"(?=[^\s\"']{0,200}[a-z])([\w.~+/=!#%^-]{12,})",
    ),
    "quoted in a sentence": _shape(
        "pass token",
        rf"\b(?:pass(?:word|phrase)|token)\s{{1,4}}[\"']{_LIKELY}{_NO_VALUE}([^\s\"'‹]{{6,}})[\"']",
    ),
    "several words": _shape("passphrase", r"\bpassphrase\s{1,4}[\"']([^\"'\r\n‹]{6,})[\"']"),
    "said in Chinese": _shape(
        "密码 口令 密钥",
        rf"(?:密码|口令|密钥)(?:\s{{0,4}}[是为]\s{{0,4}}|\s{{1,4}}{_LIKELY})([!-&(-~]{{4,}})",
    ),
    "said to a server": _shape(
        "pass ",
        rf"(?:^\s{{0,40}}|[>:]\s{{0,4}})(?-i:PASS)\s{{1,4}}(?!test){_LIKELY}([^\s/.\"'‹]{{8,}})$",
    ),
    "percent-encoded": _shape(
        "%3d %253d",
        rf"(?:{_PASSWORDS}|{_KEYS})%(?:25)?3D((?:[^\s&%\"'‹]|%(?!(?:25)?26)[0-9A-F]{{2}})+)",
    ),
    "netrc": _shape("machine", r"\bmachine\s{1,8}\S+\s{1,8}login\s{1,8}\S+\s{1,8}password\s{1,8}([^\s‹]+)"),
    "column": _shape(_NAME_HINTS, rf"{_NAMES}[\"']?\t{{1,8}}[\"']?{_LIKELY}{_NO_VALUE}([^\s\"'‹]{{8,}})"),
    "piped": _shape(
        "-stdin", r"\becho\s{1,4}[\"']?([^\s\"'|‹]{6,})[\"']?\s{0,4}\|[^\n]{0,200}--password-stdin"
    ),
    "htpasswd": _shape("htpasswd", r"\bhtpasswd\s[^\n‹]{0,80}-\w*b\w*\s+\S+\s+\S+\s+([^\s‹]+)"),
    "Redis configuration": _shape(
        "requirepass masterauth auth",
        r"(?:\b(?:requirepass|masterauth)|(?-i:^|(?<=\s))(?-i:AUTH))\s{1,4}[\"']?([^\s\"'‹]{8,})",
    ),
    "spaced key": _shape("privatekey", r"^\s{0,8}PrivateKey\s{0,8}=\s{0,8}([\w+/=]{20,})"),
    "one-time code": _shape(
        "otp cvv cvc code 验证码",
        rf"{_CODES}[\"']?\s{{0,4}}(?:[:=：]|is|为|是)\s{{0,4}}[\"']?(\d{{3,8}})(?!\d)",
    ),
    "auths": _shape('"auth"', r"\"auth\"\s{0,4}:\s{0,4}\"([\w+/=]{8,})"),
    "option": _shape(
        _NAME_HINTS,
        rf"(?<!\S)--?[\w-]{{0,40}}?(?:{_NAMES}|(?:key|store)pass)\s{{1,8}}(?!-)[\"']?{_NO_VALUE}([^\s\"'‹]+)",
    ),
    "user and password": _shape(
        "-u --user", r"(?<!\S)(?:-u|--user)[ =]{1,8}[\"']?[^\s:\"']{1,64}:([^\s\"'‹]+)"
    ),
    "login": _shape("login", rf"\blogin\b[^\n‹]{{0,200}}?\s-p{_OPTION}"),
    "upload": _shape(
        "twine nuget cargo",
        rf"\b(?:twine upload\b[^\n‹]{{0,200}}?\s-p|nuget push\b[^\n‹]{{0,200}}?\s-k|cargo login){_OPTION}",
    ),
    "MySQL client": _shape("mysql", r"\bmysql\w{0,10}\b[^\n‹]{0,200}?\s-p([^\s\"'‹]+)"),
    "sshpass": _shape("sshpass", rf"\bsshpass\s+-p{_OPTION}"),
    "redis-cli": _shape("redis-cli", rf"\bredis-cli\b[^\n‹]{{0,200}}?\s-a{_OPTION}"),
    "LDAP client": _shape("ldap", rf"\bldap\w+\b[^\n‹]{{0,200}}?\s-w{_OPTION}"),
    "openssl": _shape("openssl", rf"\bopenssl\b[^\n‹]{{0,200}}?\s-k{_OPTION}"),
    "SNMP community": _shape("snmp", rf"\bsnmp\w+\b[^\n‹]{{0,200}}?\s-c{_OPTION}"),
    "SQL password": _shape(
        "identified password",
        r"\b(?:identified by|with password|set password [^\n=]{0,80}=)\s{0,4}[\"']([^\"'\r\n‹]+)",
    ),
    "password hash": _shape("$", r"(\$(?:apr1|1|2[aby]|5|6|y|argon2id?)\$[\w./$=,+-]{20,200})"),
    "webhook": _shape(
        "hooks. hook/ webhook",
        r"\b(?:hooks\.slack\.com/(?:services|workflows|triggers)|feishu\.cn/open-apis/bot/v2/hook"
        r"|larksuite\.com/open-apis/bot/v2/hook|discord(?:app)?\.com/api/webhooks/\d{1,25})/([\w/-]{8,})",
    ),
    "webhook key": _shape("webhook/send", r"webhook/send\?key=([\w-]{8,})"),
    "signed URL": _shape("sig= signature=", r"[?&](?:sig|x-amz-signature|signature)=([\w%+/=-]{8,})"),
    "key in a URL": _shape("key=", rf"[?&]key={_LIKELY}([\w.%~-]{{10,}})"),
    "security token": _shape("security-token", r"security-token[=:]\s{0,4}([\w%+/=-]{16,})"),
    "PuTTY MAC": _shape("private-mac", r"^Private-MAC: (\w{16,})"),
    "robot account": _shape("robot$", r"robot\$[\w.+-]{1,60}:([^\s\"'‹]{8,})"),
}
"""Secrets known by what stands beside them."""


def _token(hints: str, pattern: str) -> Shape:
    return _shape(hints, rf"(?<![\w-])({pattern})", re.NOFLAG)


TOKENS = {
    "JWT": _token("eyj", r"eyJ[\w-]{10,}\.[\w-]{10,}(?:\.[\w-]*)?"),
    "Docker configuration": _token("eyjhdxrocyi6", r"eyJhdXRocyI6[\w+/=]{20,}"),
    "Slack": _token("xox xapp-", r"xox[a-z](?:\.xox[a-z])?-[\w-]{10,}|xapp-\d-[\w-]{10,}"),
    "GitHub": _token(
        "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_", r"gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}"
    ),
    "GitLab": _token(
        "gl gr1348941", r"gl(?:pat|ptt|dt|rt|cbt|soat|ft|imt|agent|oas)-[\w-]{20,}|GR1348941[\w-]{20,}"
    ),
    "AWS": _token("akia asia abia acca", r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
    "Aliyun": _token("ltai", r"LTAI[A-Za-z0-9]{12,}"),
    "Tencent Cloud": _token("akid", r"AKID[A-Za-z0-9]{32}"),
    "Google": _token("aiza ya29. gocspx-", r"AIza[\w-]{30,}|ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,}"),
    "Stripe": _token(
        "_live_ _test_ whsec_", r"(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9+/]{20,}"
    ),
    "npm": _token("npm_ npmtoken", r"npm_[A-Za-z0-9]{30,}|NpmToken\.[\w-]{20,}"),
    "PyPI": _token("pypi-", r"pypi-[\w-]{50,}"),
    "RubyGems": _token("rubygems_", r"rubygems_[0-9a-f]{48}"),
    "Docker": _token("dckr_", r"dckr_(?:pat|oat)_[\w-]{20,}"),
    "Vault": _token("hvs. hvb. hvr.", r"hv[sbr]\.[\w-]{20,}"),
    "Terraform": _token(".atlasv1.", r"[A-Za-z0-9]{14}\.atlasv1\.[\w-]{40,}"),
    "SonarQube": _token("squ_ sqp_ sqa_", r"sq[upa]_[0-9a-f]{40}"),
    "Grafana": _token("glsa_ glc_", r"glsa_\w{32}_\w{8}|glc_[\w+/=]{30,}"),
    "SendGrid": _token("sg.", r"SG\.[\w-]{16,}\.[\w-]{16,}"),
    "Mailgun": _token("key-", r"key-[0-9a-f]{32}"),
    "model API": _token(
        "sk- hf_", r"sk-(?:ant|proj|svcacct)-[\w-]{20,}|sk-[A-Za-z0-9]{32,}|hf_[A-Za-z0-9]{30,}"
    ),
    "Telegram": _token(":aa", r"(?:bot)?\d{8,10}:AA[\w-]{30,}"),
    "Jenkins": _token("11", r"11[0-9a-f]{32}(?![A-Za-z0-9])"),
    "Shopify": _token("shp", r"shp(?:at|ca|pa|ss)_[0-9a-f]{32}"),
    "Atlassian": _token("atatt3", r"ATATT3[\w=-]{50,}"),
    "Artifactory": _token("akc", r"AKC[A-Za-z0-9]{40,}"),
    "age": _token("age-secret-key-", r"AGE-SECRET-KEY-1[A-Z0-9]{50,}"),
}
"""Shapes that are secrets wherever they stand: what the issuers publish for secret scanning."""

_KEY = r"[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
SEVERAL_LINES = {
    "private key": _shape("private key", rf"-----BEGIN {_KEY}(?!‹)((?:(?!-----)[^‹])+)", re.NOFLAG),
    "end of a private key": _shape(
        "private key", rf"(?<![\w+/])([A-Za-z0-9+/]{{2,76}}={{0,2}})\n-----END {_KEY}", re.NOFLAG
    ),
    "YAML block": _shape(
        "| >",
        rf"^(?=(\s{{0,40}}))\1[\w.-]{{0,60}}?{_NAMES}:[ ]?[|>][+-]?\n\1[ ]+"
        r"(\S[^\n‹]*(?:\n\1[ ]+\S[^\n‹]*)*)",
    ),
    "name and value, YAML": _shape(
        "value:",
        rf"\bname:[ ]{{0,4}}[\"']?[\w.-]{{0,60}}?{_NAMES}[\"']?\n\s{{0,60}}value:[ ]{{0,4}}[\"']?{_NO_VALUE}"
        r"([^\s\"'‹][^\"'\n‹]*)",
    ),
    "on the next line": _shape(
        _NAME_HINTS,
        rf"^(?=(\s{{0,40}}))\1(?:-[ ])?[\"']?[\w.-]{{0,60}}?{_NAMES}[\"']?[ ]?:[ ]{{0,4}}\n\1[ ]+[\"']?"
        rf"{_NO_VALUE}{_NO_FIELD}{_LIKELY}([^\s\"'‹]+)",
    ),
    "broken off": _shape(
        _NAME_HINTS, rf"{_NAMES}=\n[ ]{{0,40}}[\"']?{_NO_VALUE}{_NO_FIELD}(?!\d|\[|<){_LIKELY}([^\s\"'‹]+)"
    ),
    "PuTTY key": _shape("private-lines", r"^Private-Lines: \d+\n([\w+/=]{4,64}(?:\n[\w+/=]{4,64})*)$"),
}
"""Matched over lines, the others within one."""
PEM_LINE = re.compile(
    r"(?=[a-z0-9+/]{0,70}[A-Z])(?=[A-Z0-9+/]{0,70}[a-z])(?=[A-Za-z+/]{0,70}\d)([A-Za-z0-9+/]{58,76}={0,2})$"
)
"""A line of a key whose beginning was cut off."""
PEM_GATE = "[a-z0-9+/]{58}"
