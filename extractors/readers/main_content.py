"""Finds the main content of a web page: what is left when menus, banners and bars are taken away."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

_NEVER_TEXT: Final = (
    "script, style, noscript, template, svg, math, iframe, object, embed, canvas, audio, video, map, "
    "select, input, textarea, datalist, link, meta"
)
_NOT_CONTENT: Final = (
    "nav, aside, dialog, form, button, menu, [hidden], [aria-hidden='true'], "
    "[role='navigation'], [role='banner'], [role='contentinfo'], [role='complementary'], [role='search'], "
    "[role='dialog'], [role='alertdialog'], [role='menu'], [role='menubar'], [role='toolbar'], [role='form']"
)
_FURNITURE_NAME: Final = re.compile(
    r"(?:^|[\s_-])(?:cookie\w*|consent|gdpr|breadcrumbs?|kruimelpad|share|sharing|sharebar|social|socials|skip\w*|"
    r"sidebar|menu|navbar|navigation|navigatie|pagination|pager|newsletter|nieuwsbrief|related|gerelateerd|"
    r"toolbar|popup|modal|banner|advert\w*|ads?|promo|footer|masthead|site-header|page-header|comments|print-?only|"
    r"visually-hidden|visuallyhidden|sr-only|screen-reader\w*|readspeaker|feedback|login)(?:$|[\s_-])",
    re.IGNORECASE,
)
"""Words in a class or an id that name furniture. They are names that web developers use, whatever the language."""
_HIDDEN_STYLE: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_TEXT_TAGS: Final = frozenset({"p", "li", "blockquote", "pre", "dd", "h2", "h3", "h4", "td"})
_LARGE_SHARE: Final = 0.5
"""An element with more than this share of the text of a page is never furniture: some sites wrap pages in a form."""
_ENOUGH: Final = 200
"""Characters from which a main or article element is believed."""


def find_main(tree: LexborHTMLParser) -> LexborNode | None:
    """Return the element that holds the main content, None for a page without a body.

    Takes furniture out of `tree`. A main element (or role) is believed where it holds text, then an article that holds
    most of the articles' text, else the container with the densest text: each paragraph gives its length less its
    links to its parent and half to its grandparent (the scoring of Arc90's Readability).
    """
    body = tree.body
    if body is None:
        return None
    for node in tree.css(_NEVER_TEXT):
        node.decompose()
    _drop_furniture(body)
    mains = [node for node in body.css("main, [role='main']") if _length(node) >= _ENOUGH]
    if mains:
        main = max(mains, key=_length)
        return _only_article(main) or main
    return _only_article(body) or _densest(body) or body


def _drop_furniture(body: LexborNode) -> None:
    whole = max(1, _length(body))
    for node in body.css(_NOT_CONTENT):
        if node.parent is not None and _length(node) <= _LARGE_SHARE * whole:
            node.decompose()
    for node in body.css("header, footer"):
        if node.parent is None or _length(node) > _LARGE_SHARE * whole:
            continue
        if node.tag == "header" and node.css_first("h1, h2, h3") is not None:
            # The header of an article has its introduction; of the header of a page only the title is content.
            if not _is_inside(node, ("main", "article")):
                _keep_title(node)
        elif node.tag == "header" or not _has_footnotes(node):
            node.decompose()
    for node in body.css("[class], [id], [style]"):
        if node.tag in ("body", "html", "main", "article", "h1") or node.parent is None:
            continue
        attributes = node.attributes
        named = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
        hidden = _HIDDEN_STYLE.search(attributes.get("style") or "")
        if (hidden or _FURNITURE_NAME.search(named)) and _length(node) <= _LARGE_SHARE * whole:
            node.decompose()


def _has_footnotes(footer: LexborNode) -> bool:
    return _is_inside(footer, ("main", "article")) and footer.css_first("ol, [id^='fn'], [id^='note']") is not None


def _keep_title(header: LexborNode) -> None:
    """Leave of a page header only its title, where it has one."""
    if header.css_first("h1") is None:
        header.decompose()
        return
    for node in header.css("ul, ol, p, a, div:not(:has(h1))"):
        if node.parent is not None and node.css_first("h1") is None and not _is_inside(node, ("h1",)):
            node.decompose()


def _is_inside(node: LexborNode, tags: tuple[str, ...]) -> bool:
    parent = node.parent
    while parent is not None:
        if parent.tag in tags:
            return True
        parent = parent.parent
    return False


def _only_article(node: LexborNode) -> LexborNode | None:
    """Return the article that holds most of the text of the outer articles, None where there is none."""
    articles = [a for a in node.css("article") if not _is_inside(a, ("article",)) and _length(a) > 0]
    if not articles:
        return None
    largest = max(articles, key=_length)
    share = _length(largest) / max(1, _length(node))
    return largest if _length(largest) >= _ENOUGH and share >= 0.6 else None


def _densest(body: LexborNode) -> LexborNode | None:
    scores: dict[int, float] = defaultdict(float)
    nodes: dict[int, LexborNode] = {}
    for node in body.traverse():
        if node.tag not in _TEXT_TAGS:
            continue
        linked = sum(_length(link) for link in node.css("a"))
        score = max(0, _length(node) - 2 * linked)
        parent, share = node.parent, 1.0
        for _ in range(2):
            if parent is None or parent.tag in ("html", "-document"):
                break
            scores[parent.mem_id] += share * score
            nodes[parent.mem_id] = parent
            parent, share = parent.parent, 0.5
    if not scores:
        return None
    best = nodes[max(scores, key=lambda key: scores[key])]
    if scores[best.mem_id] < _ENOUGH:
        return None
    # Content is often cut into sections side by side: go up while the parent holds clearly more text.
    while best.parent is not None and best.tag not in ("body", "html"):
        above = best.parent
        if scores.get(above.mem_id, 0.0) < 0.75 * scores[best.mem_id] and _prose(above) < 1.3 * _prose(best):
            break
        nodes[above.mem_id] = above
        scores.setdefault(above.mem_id, scores[best.mem_id])
        best = above
    return best


def _prose(node: LexborNode) -> int:
    """Characters of paragraphs and list items inside, without their links."""
    texts = (n for n in node.css("p, li") if n.css_first("p, li") in (None, n))
    return sum(max(0, _length(n) - sum(_length(a) for a in n.css("a"))) for n in texts)


def _length(node: LexborNode) -> int:
    return len(" ".join(node.text(deep=True, separator=" ").split()))
