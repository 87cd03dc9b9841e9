"""Whole inputs: what is recognised, what becomes a problem, and on which line."""

from __future__ import annotations

import pytest

from archiver.errors import FormatError
from archiver.intake.lists import Intake, read_argument, read_input
from archiver.model import Place

FILE = Place(kind="file", name="links")
A = "https://x.com/ana/status/1898300000000000001"
B = "https://twitter.com/bea/status/1777000000000000002"


def read(text: str | bytes, *, column: str | None = None) -> Intake:
    return read_input(text if isinstance(text, bytes) else text.encode(), FILE, column=column)


def lines(intake: Intake) -> list[tuple[int | None, str]]:
    return [(mention.place.line, mention.input) for mention in intake.mentions]


def problems(intake: Intake) -> list[tuple[int | None, str]]:
    return [(problem.place.line, problem.input) for problem in intake.problems]


def test_a_list_with_remarks_blank_lines_and_spoilt_lines() -> None:
    intake = read(
        f"# harbour\n\n{A}\n  {B}  # seen on Monday\nnot a link\nhttps://x.com/ana\nhttps://news.example/a\nt.co/Harbour001\n"
    )
    assert lines(intake) == [(3, A), (4, B), (8, "t.co/Harbour001")]
    assert problems(intake) == [(5, "not a link"), (6, "https://x.com/ana")]
    assert all(problem.what and problem.advice for problem in intake.problems)
    assert [(url, place.line) for url, place in intake.pages] == [("https://news.example/a", 7)]


def test_a_line_of_a_list_may_say_more_than_its_link() -> None:
    intake = read(f"{A}\n{B}\nlook at this: {A}, and {B}\n")
    assert lines(intake) == [(1, A), (2, B), (3, A), (3, B)]
    assert not intake.problems


def test_a_short_list_is_a_list() -> None:
    assert problems(read(f"{A}\nnonsense\n")) == [(2, "nonsense")]
    assert problems(read("https://x.com/ana\n")) == [(1, "https://x.com/ana")]
    assert lines(read(f"<{A}>")) == [(1, f"<{A}>")]


def test_prose_has_no_problems() -> None:
    intake = read(f"The harbour is closed.\nSee {A}, https://x.com/ana and https://news.example/a.\nMore on Monday.\n")
    assert lines(intake) == [(2, A)]
    assert not intake.problems
    assert not intake.pages


def test_prose_keeps_its_leads() -> None:
    (lead,) = read("Words without a link.\n— Ana (@ana) March 8, 2025\n").leads
    assert (lead.handle, lead.day, lead.place.line) == ("ana", "2025-03-08", 2)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(encoding: str, newline: str) -> None:
    assert lines(read(f"{A}{newline}{newline}{B}{newline}".encode(encoding))) == [(1, A), (3, B)]


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\0\0", b"\xff\xfe", b"# only a remark https://x.com/a/status/20\n"])
def test_nothing_in_it(data: bytes) -> None:
    assert read(data) == Intake()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("first", ["", "\ufeff"])
def test_a_table_is_known_by_its_column_of_links(delimiter: str, first: str) -> None:
    rows = [["case", "link", "remark"], ["1", A, '"two\nlines"'], ["2", "", "none"], ["3", "n/a", ""], ["4", B, "x"]]
    intake = read(first + "\n".join(delimiter.join(row) for row in rows))
    assert intake.header == ("case", "link", "remark")
    assert [row.line for row in intake.rows] == [2, 4, 5, 6]
    assert intake.rows[0].cells == ("1", A, "two\nlines")
    assert lines(intake) == [(2, A), (6, B)]
    assert problems(intake) == [(4, ""), (5, "n/a")]


def test_the_column_of_posts_goes_before_a_column_of_pages() -> None:
    text = f"page,post\nhttps://news.example/1,{A}\nhttps://news.example/2,{B}\n"
    assert lines(read(text)) == [(2, A), (3, B)]
    assert [url for url, _ in read(text, column="Page").pages] == ["https://news.example/1", "https://news.example/2"]


def test_a_cell_may_hold_several_links_or_an_embed() -> None:
    embed = f'<blockquote class=""twitter-tweet""><a href=""{B}"">March 8, 2025</a></blockquote>'
    intake = read(f'n,url\n1,"{A}\n{B}"\n2,"{embed}"\n', column="url")
    assert lines(intake) == [(2, A), (2, B), (4, B)]


def test_small_tables() -> None:
    assert lines(read(f"url\n{A}\n")) == [(2, A)]
    assert lines(read(f"sep=;\nn;url\n1;{A}\n")) == [(3, A)]
    assert lines(read(f"words;{A}\n{B};words\n")) == [(1, A), (2, B)]


@pytest.mark.parametrize("between", ["", ",", ";", "|", ", "])
def test_links_on_one_line_are_all_read(between: str) -> None:
    assert lines(read(f"{A}{between}{B}\n")) == [(1, A), (1, B)]
    argument = read_argument(f"{A}{between.strip()}{B}")
    assert argument and [mention.input for mention in argument.mentions] == [A, B]


@pytest.mark.parametrize("data", ["a,b\n1,2\n", "", '"' * 10, "a,b\n1," + "x" * 200_000 + '\n"' + "y" * 200_000])
def test_a_column_that_is_not_there_is_an_error(data: str) -> None:
    with pytest.raises(FormatError):
        read(data, column="url")


def test_html_is_known_by_its_content() -> None:
    page = f'<p>See <a href="{A}">this</a>\n<a href="https://x.com/ana">Ana</a>'
    assert lines(read(page)) == [(1, A)]
    assert lines(read(f"Notes\n\n{page}")) == [(3, A)]
    assert not read(page).problems


def test_json_with_markup_in_it_is_read_as_markup() -> None:
    answer = f'{{"html": "\\u003cblockquote class=\\"twitter-tweet\\"\\u003e\\u003ca href=\\"{A}\\"\\u003ex"}}'
    assert lines(read(answer)) == [(1, A)]


@pytest.mark.parametrize("host", ["x.com\\@evil.example", "evil.example\\x.com", "x.com@evil.example"])
def test_a_link_that_hides_its_host_is_a_problem_and_nothing_else(host: str) -> None:
    intake = read(f"https://{host}/ana/status/20\n")
    assert problems(intake) == [(1, f"https://{host}/ana/status/20")]
    assert not intake.mentions + intake.pages


def test_arguments() -> None:
    argument = Place(kind="argument")
    post, page, other = read_argument(A), read_argument("https://news.example/a"), read_argument("https://x.com/ana")
    assert post and (post.mentions[0].input, post.mentions[0].place, post.mentions[0].claim.handle) == (
        A,
        argument,
        "ana",
    )
    assert page and page.pages == (("https://news.example/a", argument),)
    assert other and (other.problems[0].input, other.mentions) == ("https://x.com/ana", ())
    assert read_argument("links.txt") is None
    assert read_argument("") is None
