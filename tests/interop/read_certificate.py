"""Reads a printed certificate as a reader that is not ours does: the sheets as pictures, the codes off the pictures."""

import pypdfium2
import zxingcpp

DOTS_AN_INCH = 300
POINTS_AN_INCH = 72
MM_A_POINT = 25.4 / POINTS_AN_INCH


def read_sheets(pdf):
    """Of each sheet of a PDF its width and height in mm, its words, and its codes as (format, text)."""
    document = pypdfium2.PdfDocument(pdf)
    sheets = []
    for page in document:
        picture = page.render(scale=DOTS_AN_INCH / POINTS_AN_INCH).to_pil()
        codes = [(code.format.name, code.text) for code in zxingcpp.read_barcodes(picture)]
        size_mm = tuple(round(side * MM_A_POINT, 1) for side in page.get_size())
        sheets.append((size_mm, page.get_textpage().get_text_bounded(), codes))
    document.close()
    return sheets


def read_certificate(pdf):
    """The words on the sheets of a PDF, and the texts of the QR codes on them."""
    sheets = read_sheets(pdf)
    codes = [text for _, _, codes in sheets for format, text in codes if "QR" in format]
    return " ".join(words for _, words, _ in sheets), codes


def read_attachments(pdf):
    """The files that a PDF carries, by name."""
    document = pypdfium2.PdfDocument(pdf)
    attached = [document.get_attachment(index) for index in range(document.count_attachments())]
    files = {it.get_name(): bytes(it.get_data()) for it in attached}
    document.close()
    return files
