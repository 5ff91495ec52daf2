"""QR codes as SVG: error level M, a quiet zone of four modules, colours by the page's style sheet."""

import io

import segno


def qr_svg(text: str, *, title: str = "") -> str:
    """The code of `text`; one path, scaled by CSS, drawn in the current colour."""
    out = io.BytesIO()
    segno.make(text, error="m", boost_error=False, micro=False).save(
        out,
        kind="svg",
        border=4,
        xmldecl=False,
        svgns=True,
        omitsize=True,
        svgclass="qr",
        lineclass=None,
        dark="#0b1f2a",
        light="#ffffff",
        title=title or None,
    )
    return out.getvalue().decode()
