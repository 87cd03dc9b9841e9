"""Reads the days that X prints under embedded posts, in the languages in which it prints them; it guesses no order.

A day is read only when its month is a word (or marked as a month, as in Japanese) or when it is in ISO form: "3/8/25"
means two days, so it means none.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from itertools import islice
from typing import Final

_LONGEST = 80
_MOST_WORDS = 9

# One line a language or spelling, January to December; "-" where the line adds nothing. English first, then German,
# French, Spanish, Portuguese, Italian, Dutch, Polish, Indonesian, Turkish, Russian, Ukrainian, Arabic (Egypt, then
# the Levant), Persian and Hebrew.
_MONTHS: Final = """
january february march april may june july august september october november december
jan feb mar apr - jun jul aug sep oct nov dec
- - - - - - - - sept - - -
januar februar märz april mai juni juli august september oktober november dezember
jän - mrz - - - - - - okt - dez
janvier février mars avril mai juin juillet août septembre octobre novembre décembre
janv févr - avr - - juil - - - - déc
enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
ene - - abr - - - ago setiembre - - dic
janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro
- fev - - mai - - - set out - -
gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre
gen - - - mag giu lug - - ott - -
januari februari maart april mei juni juli augustus september oktober november december
stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia
- - maret - mei juni juli agustus - - - desember
ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık
oca şub - nis - haz tem ağu eyl eki kas ara
января февраля марта апреля мая июня июля августа сентября октября ноября декабря
янв февр мар апр мая июн июл авг сент окт нояб дек
- фев - - май - - - сен - ноя -
січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня
січ лют бер квіт трав черв лип серп вер жовт лист груд
يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر
- - - ابريل - - - اغسطس - اكتوبر - -
كانون‌الثاني شباط آذار نيسان أيار حزيران تموز آب أيلول تشرين‌الأول تشرين‌الثاني كانون‌الأول
ژانویه فوریه مارس آوریل مه ژوئن ژوئیه اوت سپتامبر اکتبر نوامبر دسامبر
בינואר בפברואר במרץ באפריל במאי ביוני ביולי באוגוסט בספטמבר באוקטובר בנובמבר בדצמבר
ינואר פברואר מרץ אפריל מאי יוני יולי אוגוסט ספטמבר אוקטובר נובמבר דצמבר
- - במרס - - - - - - - - -
"""
_CLOCK_WORDS = ("am", "pm", "a", "m", "p", "utc", "午前", "午後", "上午", "下午", "오전", "오후")
_FILLERS = frozenset((*_CLOCK_WORDS, "de", "del", "of", "г", "года", "р", "року", "ср", "م", "年", "년", "日", "일"))
_SEPARATORS = frozenset("·•|,،-–—")
_MONTH_SIGNS = frozenset("月월")
_WORD = re.compile(r"[^\s\])]+[\])]*")
_TOKEN = re.compile(r"[0-9]+|[月월]|[^\W\d_月월]+")
_CLOCK = re.compile(r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?")
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:t[0-9:.]*z?)?")
_HALF_MONTHS = frozenset(("كانون", "تشرين"))
_LEAD_IN = re.compile(r"[\s\[(:,·•|،\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]{0,12}")


def parse_day(text: str) -> str | None:
    """Return the day that a text is, as YYYY-MM-DD; None when it is anything more or less than one day.

    A time of day beside it is allowed, as are digits of any script.
    """
    text = text.strip(" \t\r\n[](),.·")
    if len(text) > _LONGEST:
        return None
    found = leading_day(text)
    return found[0] if found is not None and found[1] == len(text) else None


def leading_day(text: str) -> tuple[str, int] | None:
    """Return the day with which a text begins, and the offset at which it ends; None when it begins with none.

    Brackets, commas and direction marks before the day are passed over. Only the first 80 characters are looked at.
    """
    lead_in = _LEAD_IN.match(text)
    begin = lead_in.end() if lead_in else 0
    seen = _Seen()
    found = None
    for word in islice(_WORD.finditer(text, begin, begin + _LONGEST), _MOST_WORDS):
        if not seen.takes(_plain(word[0])):
            break
        day = seen.day()
        if day is not None:
            found = day, word.end()
    return found


class _Seen:
    """What the words so far say of a day; at most one year, one month and one day of the month."""

    def __init__(self) -> None:
        self._years: list[int] = []
        self._months: list[int] = []
        self._days: list[int] = []
        self._half = ""

    def takes(self, word: str) -> bool:
        """Take one more word; False when it cannot belong to a day."""
        iso = _ISO.fullmatch(word)
        if iso is not None:
            self._years.append(int(iso[1]))
            self._months.append(int(iso[2]))
            self._days.append(int(iso[3]))
        else:
            tokens = _TOKEN.findall(_CLOCK.sub(" ", word))
            known = bool(tokens) or word in _SEPARATORS or _CLOCK.fullmatch(word) is not None
            if not known or not all(self._takes_token(token) for token in tokens):
                return False
        return max(len(self._years), len(self._months), len(self._days)) <= 1

    def day(self) -> str | None:
        """Return the day, once it is whole and on the calendar."""
        if not (self._years and self._months and self._days) or self._half:
            return None
        return _day(self._years[0], self._months[0], self._days[0])

    def _takes_token(self, token: str) -> bool:
        if token in _MONTH_SIGNS:
            if not self._days:
                return False
            self._months.append(self._days.pop())
        elif token.isdecimal():
            if len(token) not in (1, 2, 4):
                return False
            (self._years if len(token) == 4 else self._days).append(int(token))
        elif token in _HALF_MONTHS and not self._half:
            self._half = token
        elif (self._half + token) in _NUMBER_OF:
            self._months.append(_NUMBER_OF[self._half + token])
            self._half = ""
        else:
            return token in _FILLERS
        return True


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(
        str(unicodedata.decimal(char)) if char.isdecimal() else char
        for char in folded
        if unicodedata.category(char) not in ("Mn", "Cf")
    )


def _day(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


_NUMBER_OF: Final = {
    _plain(word): number
    for line in _MONTHS.split("\n")
    for number, word in enumerate(line.split(), start=1)
    if word != "-"
}
