"""Take pictures of pages with a headless Chromium of the system."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image, ImageChops

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_WINDOW = "800,6000"
"""Larger than any page, in CSS pixels."""
_SCALE = 2
"""Pixels of a picture to a CSS pixel."""
OUTSIDE = (255, 0, 255)
"""The colour of what is outside a page; `phone.css` and `terminal.css` have it too."""
_COLOURS = 32
_FONTS = Path(__file__).with_name("fonts.conf")
"""The system's fonts without grey edges, which would make a picture three times as large."""
_SECONDS = 120


def take_picture(page: str, path: Path) -> None:
    """Write the picture of a page as a PNG of few colours.

    Raises `FileNotFoundError` where there is no Chromium.
    """
    with TemporaryDirectory(prefix="briefing-page-") as name:
        source, screenshot = Path(name) / "page.html", Path(name) / "page.png"
        source.write_text(page, "utf-8")
        command = (
            _find_browser(),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            f"--user-data-dir={name}/profile",
            f"--force-device-scale-factor={_SCALE}",
            f"--window-size={_WINDOW}",
            f"--screenshot={screenshot}",
            source.as_uri(),
        )
        environment = {**os.environ, "FONTCONFIG_FILE": str(_FONTS)}
        subprocess.run(command, env=environment, check=True, capture_output=True, timeout=_SECONDS)
        with Image.open(screenshot) as image:
            picture = _crop(image.convert("RGB"))
    path.parent.mkdir(exist_ok=True)
    picture.quantize(_COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


def _find_browser() -> str:
    for name in _NAMES:
        if found := shutil.which(name):
            return found
    raise FileNotFoundError(f"none of {', '.join(_NAMES)} is installed")


def _crop(image: Image.Image) -> Image.Image:
    """Cut off what is outside the page."""
    outside = Image.new("RGB", image.size, OUTSIDE)
    return image.crop(ImageChops.difference(image, outside).getbbox())
