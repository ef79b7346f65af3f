"""Examples that are no PDF: a news page, a Markdown letter and a plain text."""

from __future__ import annotations

import html
import textwrap

from report_markup import Source

_PAGE = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<title>{title} | {publisher}</title>
<meta name="description" content="{mark}">
<meta name="generator" content="Rode Draad examples">
<meta property="og:type" content="article">
<meta property="og:site_name" content="{publisher}">
<meta property="article:published_time" content="{published}">
</head>
<body>
<div class="cookie-banner" role="dialog" aria-label="Cookies">
<p>Wij gebruiken cookies om deze website te verbeteren. U kunt altijd van gedachten veranderen.</p>
<button type="button">Alles toestaan</button> <button type="button">Alleen noodzakelijke cookies</button>
</div>
<header class="site-header">
<a class="logo" href="/">{publisher}</a>
<nav aria-label="Hoofdmenu">
<ul>
<li><a href="/klacht-indienen">Klacht indienen</a></li>
<li><a href="/onderzoeken">Onderzoeken</a></li>
<li><a href="/aanbevelingen">Aanbevelingen</a></li>
<li><a href="/nieuws">Nieuws</a></li>
<li><a href="/contact">Contact</a></li>
</ul>
</nav>
<form role="search" action="/zoeken"><label>Zoeken <input name="q"></label><button>Zoek</button></form>
</header>
<nav class="breadcrumb" aria-label="Kruimelpad"><a href="/">Home</a> › <a href="/nieuws">Nieuws</a></nav>
<main>
<article>
<p class="example-mark"><strong>{mark}</strong></p>
<h1>{title}</h1>
<p class="meta">Nieuwsbericht | <time datetime="{published}">{date}</time></p>
{body}
<div class="share">
<h2>Deel deze pagina</h2>
<ul>
<li><a href="https://example.org/deel?via=post">Deel via e-mail</a></li>
<li><a href="https://example.org/deel?via=bericht">Deel via bericht</a></li>
<li><a href="#" onclick="window.print()">Afdrukken</a></li>
</ul>
</div>
</article>
</main>
<aside class="related">
<h2>Meer nieuws</h2>
<ul>
<li><a href="/nieuws/spreekuur">Ombudsman houdt spreekuur in de bibliotheek van Kleisloot</a></li>
<li><a href="/nieuws/jaarverslag">Jaarverslag: gemeenten moeten loketten openhouden</a></li>
</ul>
</aside>
<footer>
<p>{mark}</p>
<ul>
<li><a href="/privacy">Privacyverklaring</a></li>
<li><a href="/toegankelijkheid">Toegankelijkheid</a></li>
<li><a href="/nieuwsbrief">Schrijf u in voor de nieuwsbrief</a></li>
</ul>
</footer>
</body>
</html>
"""


def make_html(source: Source) -> bytes:
    """Return the news page: the article with the furniture of a web site round it, UTF-8."""
    facts = {key: html.escape(str(value)) for key, value in source.facts.items()}
    return _PAGE.format(**facts, mark=html.escape(source.mark), body=source.body.strip()).encode()


def make_markdown(source: Source) -> bytes:
    """Return the letter as Markdown with the mark above and below, UTF-8."""
    return f"> {source.mark}\n\n# {source.facts['title']}\n\n{source.body}\n---\n\n*{source.mark}*\n".encode()


def make_text(source: Source) -> bytes:
    """Return the text in lines of at most 78 characters with the mark above and below, UTF-8."""
    paragraphs = [source.mark, *source.body.strip().split("\n\n"), source.mark]
    return ("\n\n".join(textwrap.fill(paragraph, 78) for paragraph in paragraphs) + "\n").encode()
