"""The picture and video files of the sample posts, read from the package; nothing is fetched, altered or made anew.

How they were made: every frame was drawn with pillow from flat rectangles, polygons and ellipses (no photograph, no
place, no person), labelled "drawn sample", and saved as a progressive JPEG of quality 58 to 80. Smaller renditions
were scaled with Lanczos to fit 2048 (large), 1200 (medium) and 680 (small) pixels; where a size has no file of its
own, the next larger one is its bytes, as on the platform. The videos are such frames at 12 a second, encoded with
`ffmpeg -c:v libx264 -profile:v main -pix_fmt yuv420p -preset veryslow -crf 28..32 -movflags +faststart` in each size,
with a low sine tone in AAC; `tide` has no sound, as an animated GIF on the platform is a silent MP4.

For streaming, picture and sound of each video were copied apart into fragmented MP4, a fragment for at most three
seconds, with `ffmpeg -an|-vn -c copy -movflags +empty_moov+default_base_moof+skip_trailer`.

Names: `<picture>.<orig|large|medium|small>.jpg`, `profile-<account>.<orig|400x400|normal>.jpg`,
`<video>.<width>x<height>.mp4`, `<video>.poster.jpg`, `<video>.<width>x<height>.fragments.mp4`, and with the bit rate
that its path names, `<video>.32000.fragments.mp4` for the sound.
"""

from __future__ import annotations

import functools
from importlib import resources

_RENDITIONS = ("small", "medium", "large", "orig")


@functools.cache
def read(name: str) -> bytes:
    """Return the bytes of one media file.

    Raises:
        FileNotFoundError: there is no file of that name.
    """
    return resources.files(__name__).joinpath(name).read_bytes()


def read_rendition(picture: str, size: str) -> bytes:
    """Return a picture in a named size, or in the next larger one where the picture is no larger than that size.

    Raises:
        FileNotFoundError: there is no picture of that name.
        ValueError: the size is none of small, medium, large, orig.
    """
    for candidate in _RENDITIONS[_RENDITIONS.index(size) :]:
        name = f"{picture}.{candidate}.jpg"
        if resources.files(__name__).joinpath(name).is_file():
            return read(name)
    raise FileNotFoundError(f"no picture {picture!r}")
