"""Reads a printed certificate as a reader that is not ours does: the sheets as pictures, the codes off the pictures."""

import pypdfium2
import zxingcpp

DOTS_AN_INCH = 300
POINTS_AN_INCH = 72


def read_certificate(pdf):
    """The words on the sheets of a PDF, and the texts of the codes on them."""
    words, codes = [], []
    document = pypdfium2.PdfDocument(pdf)
    for page in document:
        words.append(page.get_textpage().get_text_bounded())
        picture = page.render(scale=DOTS_AN_INCH / POINTS_AN_INCH).to_pil()
        codes += [code.text for code in zxingcpp.read_barcodes(picture)]
    document.close()
    return " ".join(words), codes
