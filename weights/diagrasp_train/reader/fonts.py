"""Fonts for training lines: which packages give them, how npm's web fonts become files, who is held out.

A font is held out by *family*: no weight or slant of a held-out family is ever shown in training.

    python -m diagrasp_train.reader.fonts --install        # npm packages -> the user's cache folder, as .ttf
    python -m diagrasp_train.reader.fonts                  # list what is found, with class and split
"""

from __future__ import annotations

import argparse
import functools
import logging
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from fontTools.merge import Merger, Options
from fontTools.ttLib import TTFont
from platformdirs import user_cache_path

from diagrasp_train.reader.words import split_words

DEBIAN_PACKAGES: Final = split_words(
    """
    fonts-dejavu fonts-liberation fonts-roboto fonts-open-sans fonts-paratype fonts-noto-core fonts-freefont-ttf
    fonts-jetbrains-mono fonts-inter fonts-firacode fonts-crosextra-carlito fonts-hack fonts-lato fonts-comfortaa
    fonts-cantarell fonts-linuxlibertine fonts-comic-neue fonts-fantasque-sans fonts-anonymous-pro fonts-croscore
    fonts-sil-andika fonts-sil-charis fonts-humor-sans fonts-courier-prime fonts-play fonts-urw-base35
    fonts-texgyre fonts-mononoki
    """
)
"""`apt-get install` these (all free licences); those that are missing only make the training poorer."""

NPM_FAMILIES: Final = split_words(
    """
    caveat neucha bad-script marck-script pangolin shantell-sans balsamiq-sans amatic-sc comic-relief kurale inter
    rubik nunito montserrat comfortaa fira-sans fira-mono exo-2 ubuntu source-sans-3 ibm-plex-sans manrope jost
    merriweather lora playfair-display oswald golos-text onest raleway tenor-sans ubuntu-mono source-code-pro
    handjet unbounded russo-one alegreya-sans commissioner mulish philosopher didact-gothic yanone-kaffeesatz
    arsenal handlee patrick-hand gochi-hand kalam indie-flower shadows-into-light architects-daughter reenie-beanie
    covered-by-your-grace schoolbell gloria-hallelujah sue-ellen-francisco cedarville-cursive
    annie-use-your-telescope nanum-pen-script itim sriracha delicious-handrawn gaegu swanky-and-moo-moo short-stack
    the-girl-next-door playpen-sans delius poor-story zen-kurenaido homemade-apple pacifico
    """
)
"""Packages `@fontsource/NAME` (OFL or Apache-2.0)."""

EXCALIDRAW: Final = "@excalidraw/excalidraw"
"""Carries Excalifont (OFL), split into subsets."""

HELD_OUT: Final = frozenset(
    split_words(
        """
    ptsans ptsanscaption ptsansnarrow ptserif ptserifcaption ptmono notoserif jetbrainsmono carlito lato ubuntu
    ubuntumono lora golostext pangolin neucha balsamiqsans andika roboto robotocondensed kalam schoolbell
    reeniebeanie architectsdaughter patrickhand
    """
    )
)
HAND_DRAWN: Final = frozenset(
    split_words(
        """
    caveat neucha badscript marckscript pangolin shantellsanslight balsamiqsans amaticsc comicrelief kurale
    comicneue comicneueangular humorsans excalifont dkghandwriting handlee patrickhand gochihand kalam indieflower
    shadowsintolight architectsdaughter reeniebeanie coveredbyyourgrace schoolbell gloriahallelujah
    sueellenfrancisco cedarvillecursive annieuseyourtelescope nanumpen itim sriracha delicioushandrawn gaegu
    swankyandmoomoo shortstack thegirlnextdoor playpensans delius poorstory zenkurenaido homemadeapple pacifico
    """
    )
)
MONOSPACED: Final = re.compile("mono|code|courier|hack|cousine")
# Symbol, maths, emoji and decorative faces, and the many scripts of Noto that have no letter of ours.
_SKIPPED: Final = re.compile(
    "symbol|math|emoji|dingbat|chancery|z003|d050|standardsymbols|chorus|signwriting|music|linuxlibertineinitials"
    "|biolinumkeyboard|biolinumshadow|biolinumoutline|libertinemono.*o$|fraktur|katex|tiresiaskey|^sans$"
)

_DROPPED: Final = (*split_words("GSUB GPOS GDEF DSIG vhea vmtx STAT meta gasp BASE prep fpgm"), "cvt ")

FontClass = Literal["print", "mono", "hand"]
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Font:
    """A font file. `characters` are those of the alphabet it can draw."""

    path: Path
    family: str
    style: str
    kind: FontClass
    characters: frozenset[str]

    @property
    def held_out(self) -> bool:
        return self.family in HELD_OUT

    @property
    def cyrillic(self) -> bool:
        return "ж" in self.characters


def cache_folder() -> Path:
    """Where fonts made from npm packages live: outside the repository."""
    return user_cache_path("diagrasp") / "fonts"


def _family(font: TTFont) -> tuple[str, str]:
    names = font["name"]
    family = names.getDebugName(16) or names.getDebugName(1) or "unknown"
    style = names.getDebugName(17) or names.getDebugName(2) or "Regular"
    return re.sub("[^a-z0-9]", "", family.lower()), style


def _describe(path: Path, alphabet: str) -> Font | None:
    try:
        with TTFont(path, lazy=True, fontNumber=0) as font:
            family, style = _family(font)
            characters = frozenset(c for c in alphabet if ord(c) in font.getBestCmap())
    except Exception as error:  # a damaged or exotic font file must not end the run
        log.debug("skipped %s: %s", path, error)
        return None
    if _SKIPPED.search(family) or not set("Aaeinorst019 ") <= characters:
        return None
    kind: FontClass = "hand" if family in HAND_DRAWN else "mono" if MONOSPACED.search(family) else "print"
    return Font(path, family, style, kind, characters)


def _candidates() -> Iterator[Path]:
    roots = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), cache_folder()]
    for root in roots:
        for path in sorted(root.rglob("*")):
            if (
                "node_modules" not in path.parts
                and path.suffix.lower() in {".ttf", ".otf"}
                and "Color" not in path.name
                and "[" not in path.name
            ):
                yield path


@functools.cache
def find_fonts(alphabet: str) -> tuple[Font, ...]:
    """All usable fonts of this machine; Latin-only families serve for English lines."""
    found: dict[tuple[str, str], Font] = {}
    for path in _candidates():
        # Noto brings hundreds of faces for other scripts whose Latin letters are all the same.
        if path.name.startswith("Noto") and not re.match(r"Noto(Sans|Serif)(Display|Mono)?-", path.name):
            continue
        font = _describe(path, alphabet)
        if font is not None:
            found.setdefault((font.family, font.style), font)
    return tuple(found.values())


def _merge(parts: list[Path], target: Path) -> None:
    """One .ttf from a family's per-script web-font subsets, without layout tables: those cannot be merged."""
    options = Options()
    options.drop_tables = list(_DROPPED)
    plain: list[Path] = []
    for part in parts:
        with TTFont(part) as font:
            for tag in options.drop_tables:
                if tag in font:
                    del font[tag]
            font.flavor = None
            temporary = target.with_name(f"{target.stem}.{len(plain)}.part")
            font.save(temporary)
            plain.append(temporary)
    try:
        merged = Merger(options=options).merge([str(p) for p in plain])
        merged.save(target)
    finally:
        for p in plain:
            p.unlink()


def install_npm(families: Sequence[str], folder: Path) -> int:
    """Fetch web fonts with npm into `folder`/npm and write merged .ttf files beside; returns how many were made."""
    npm = folder / "npm"
    npm.mkdir(parents=True, exist_ok=True)
    if not (npm / "package.json").exists():
        (npm / "package.json").write_text('{"private": true}')
    packages = [*(f"@fontsource/{family}" for family in families), EXCALIDRAW]
    missing = [package for package in packages if not (npm / "node_modules" / package).exists()]
    if missing:
        command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", *missing]
        subprocess.run(command, cwd=npm, check=True)  # noqa: S603
    wanted: dict[Path, list[Path]] = {}
    for family in families:
        files = npm / "node_modules/@fontsource" / family / "files"
        for face in ("400-normal", "700-normal", "400-italic"):
            parts = [files / f"{family}-{script}-{face}.woff2" for script in ("latin", "cyrillic", "latin-ext")]
            wanted[folder / f"{family}-{face}.ttf"] = [part for part in parts if part.exists()]
    excalifont = npm / "node_modules" / EXCALIDRAW / "dist/prod/fonts/Excalifont"
    wanted[folder / "excalifont-400-normal.ttf"] = sorted(excalifont.glob("*.woff2"))
    return sum(_make(parts, target) for target, parts in wanted.items() if parts and not target.exists())


def _make(parts: list[Path], target: Path) -> bool:
    for chosen in (parts, parts[:2]):  # a subset that cannot be merged is given up before the font is
        try:
            _merge(chosen, target)
        except Exception as error:  # fontTools raises many kinds
            log.warning("%s from %d parts: %s", target.name, len(chosen), error)
        else:
            return True
    return False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--install", action="store_true", help="fetch npm's web fonts and convert them")
    arguments = parser.parse_args()
    if arguments.install:
        print(f"{install_npm(NPM_FAMILIES, cache_folder())} fonts made in {cache_folder()}")
        print("Debian packages: apt-get install", *DEBIAN_PACKAGES)
    from diagrasp_train.reader.alphabet import ALPHABET

    families: dict[str, list[Font]] = {}
    for font in find_fonts(ALPHABET):
        families.setdefault(font.family, []).append(font)
    for family, fonts in sorted(families.items()):
        first = fonts[0]
        split = "held out" if first.held_out else "train"
        print(f"{family:28} {first.kind:6} {split:9} {'ru+en' if first.cyrillic else 'en':6} {len(fonts)} faces")


if __name__ == "__main__":
    main()
