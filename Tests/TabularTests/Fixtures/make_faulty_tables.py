"""Writes faulty_tables.json.gz beside this script: tables with one fault each, and what a reader must make of them.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install numpy
    /tmp/venv/bin/python Tests/TabularTests/Fixtures/make_faulty_tables.py

The faults are those of the Pollock benchmark (Vitagliano et al. 2023): every cell of a clean table in turn gets a
separator too many, a quote, a strange byte and so on. A file is an edit of a clean table. What must come of it is a list of
records, or a line, a column and a reason.

Records are what Python's `csv` reads, with blanks around a field cut off and blank lines left out. `read` below says where
Descent refuses what `csv` takes; each refusal is checked against `csv` too: another number of fields, an error of its strict
mode, a NUL, a line that is not UTF-8. Numbers are rounded to single precision from their exact values, once.
"""

import csv
import gzip
import io
import json
import pathlib
import re
import unicodedata
from fractions import Fraction

import numpy as np

csv.field_size_limit(1 << 30)
LINE_END = re.compile(rb"\r\n|\n|\r")


class Refused(Exception):
    """What is wrong, in which line (from 1) and column (from 0)."""


def read(data, separator, quote):
    """The records of a table as (line, fields); text after a closing quote and all that is not text is refused."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    blanks = b" \t".replace(separator, b"")
    records, position, line = [], 0, 1
    while position < len(data):
        end = LINE_END.search(data, position)
        first = data[position : end.start() if end else len(data)]
        if not first.strip(blanks):
            position = end.end() if end else len(data)
            line += 1
            continue
        start, fields, starts, record_line = position, [], [], line
        while True:
            while position < len(data) and data[position] in blanks:
                position += 1
            column, field_line = len(fields), line
            if data[position : position + 1] == quote:
                field, position = bytearray(), position + 1
                starts.append(position)
                while data[position : position + 1] != quote or data[position : position + 2] == quote * 2:
                    if position >= len(data):
                        raise Refused("open", field_line, column)
                    if data[position] == 0:
                        raise Refused("nul", line, column)
                    if ending := LINE_END.match(data, position):
                        line += 1
                        field += ending[0]
                        position = ending.end()
                    else:
                        step = 2 if data[position : position + 1] == quote else 1
                        field.append(data[position])
                        position += step
                position += 1
                while position < len(data) and data[position] in blanks:
                    position += 1
                if position < len(data) and data[position : position + 1] not in (separator, b"\r", b"\n"):
                    raise Refused("text", line, column)
                fields.append(bytes(field))
            else:
                starts.append(position)
                field_end = position
                while field_end < len(data) and data[field_end : field_end + 1] not in (separator, b"\r", b"\n"):
                    field_end += 1
                field = data[position:field_end]
                if 0 in field:
                    raise Refused("nul", line, column)
                fields.append(field.rstrip(blanks))
                position = field_end
            if data[position : position + 1] == separator:
                position += 1
                continue
            break
        if ending := LINE_END.match(data, position):
            position = ending.end()
            line += 1
        try:
            data[start:position].decode()
        except UnicodeDecodeError as error:
            bad = start + error.start
            column = sum(s <= bad for s in starts) - 1
            raise Refused("utf8", record_line + len(LINE_END.findall(data[start:bad])), column) from None
        if records and len(fields) != len(records[0][1]):
            raise Refused("fields", record_line, min(len(fields), len(records[0][1]) - 1))
        records.append((record_line, fields))
    if not records:
        raise Refused("empty", None, None)
    return records


def reader(data, separator, quote, strict=False):
    text = io.StringIO(data.removeprefix(b"\xef\xbb\xbf").decode("latin-1"), newline="")
    return csv.reader(
        text, delimiter=separator.decode("latin-1"), quotechar=quote.decode("latin-1"), strict=strict,
        skipinitialspace=separator != b" ")


def records_of_csv(data, separator, quote):
    """The same by Python's reader; a blank line is none, and a lone `""` is one."""
    blanks = b" \t".replace(separator, b"").decode()
    lines = LINE_END.split(data.removeprefix(b"\xef\xbb\xbf"))
    rows, reading, line = [], reader(data, separator, quote), 1
    for row in reading:
        if row and not (len(row) == 1 and not lines[line - 1].strip(blanks.encode())):
            rows.append((line, [field.strip(blanks).encode("latin-1") for field in row]))
        line = reading.line_num + 1
    return rows


def check_refusal(data, separator, quote, reason, line):
    """Holds a refusal against what Python sees in the file."""
    lines = LINE_END.split(data.removeprefix(b"\xef\xbb\xbf"))
    if reason in ("text", "open"):
        reading = reader(data, separator, quote, strict=True)
        try:
            for _ in reading:
                pass
            raise AssertionError("csv takes it")
        except csv.Error as error:
            # Its strict mode minds a blank after a closing quote too, which may stand further up.
            assert reading.line_num <= line or "unexpected end" in str(error)
            assert reason == "text" or "unexpected end" in str(error) or "expected after" in str(error), error
    elif reason == "nul":
        assert b"\0" in lines[line - 1]
    elif reason == "utf8":
        try:
            lines[line - 1].decode()
            raise AssertionError("the line is text")
        except UnicodeDecodeError:
            pass
    elif reason == "fields":
        rows = records_of_csv(data, separator, quote)
        assert next(at for at, row in rows if len(row) != len(rows[0][1])) == line
    else:
        assert reason == "empty" and records_of_csv(data, separator, quote) == []


NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE]([+-]?[0-9]+))?")
FIRST_INFINITE = Fraction(2) ** 128 - Fraction(2) ** 103


def float_bits(text):
    """The bits of the float nearest to a number, ties to even; None where the text is no number or beyond all floats."""
    match = NUMBER.fullmatch(text)
    if not match:
        return None
    if match[3] and abs(int(match[3])) > 1000:
        return None if int(match[3]) > 0 and re.search("[1-9]", match[1]) else (1 << 31 if text[0] == "-" else 0)
    exact = Fraction(text)
    if abs(exact) >= FIRST_INFINITE:
        return None
    near = np.float32(min(abs(float(exact)), float(np.finfo(np.float32).max)))
    bits = int(near.view(np.uint32))

    def distance(bits):
        return abs(Fraction(float(np.uint32(bits).view(np.float32))) - abs(exact)), bits & 1

    nearest = min((b for b in (bits - 1, bits, bits + 1) if 0 <= b < 0x7F800000), key=distance)
    return nearest | (1 << 31 if text[0] == "-" else 0)


# Clean tables. Cells are kept as they are written.
PLAIN = [
    "id height city share when count note".split(),
    *(
        [str(i), f"{1.5 * i + 0.25:.3f}", ["Köln", "Łódź", "Rome", "New York"][i % 4], f"{i}e-{i % 5}",
         f"2024-05-{10 + i}", str(1000 * i + 7), "" if i % 3 == 0 else f"n{i}"]
        for i in range(1, 15)
    ),
]
QUOTED = [
    ['"id"', '"size, m"', '"said"', "place"],
    *(
        [str(i), f'"{i}.5"', ['"one, two"', '"a ""b"" c"', '"up\r\ndown"', '"日本"'][i % 4], ['""', "x", '" y "'][i % 3]]
        for i in range(1, 9)
    ),
]
SEMICOLONS = [["a", "b", "c"], *([str(i), f"{i}.25", f"'t{i}'"] for i in range(1, 7))]


def written(rows, separator=",", line_end="\n", last=True):
    return (line_end.join(separator.join(row) for row in rows) + (line_end if last else "")).encode()


BASES = {
    "plain": (written(PLAIN), b",", b'"'),
    "quoted": (written(QUOTED, line_end="\r\n"), b",", b'"'),
    "semicolons": (written(SEMICOLONS, ";"), b";", b"'"),
}


class Tables:
    """The files, each an edit of a clean table."""

    def __init__(self):
        self.files, self.numbers, self.counts = [], {}, {}
        self.clean = {
            name: [[field.decode() for field in fields] for _, fields in read(*base)] for name, base in BASES.items()}

    def add(self, kind, base, data, separator=None, quote=None):
        own = BASES[base]
        separator, quote = separator or own[1], quote or own[2]
        file = {"kind": kind, "base": base, **self.edit(own[0], data)}
        if separator != own[1]:
            file["separator"] = separator.decode()
        if quote != own[2]:
            file["quote"] = quote.decode()
        header = None
        try:
            records = read(data, separator, quote)
            # Blanks are cut off around quoted texts too here: csv does not tell them apart.
            blanks = b" \t".replace(separator, b"")
            stripped = [(line, [field.strip(blanks) for field in fields]) for line, fields in records]
            theirs = records_of_csv(data, separator, quote)
            # A lone `""` is a record of a table of one column, and csv reads the same of it and of a blank line.
            assert stripped == theirs, (kind, data, stripped, theirs)
            rows = [[field.decode() for field in fields] for _, fields in records]
            file["rows"] = self.changed(self.clean[base], rows)
            file["lines"] = [line for line, _ in records] if data.count(b"\n") + data.count(b"\r") else [records[0][0]]
            if file["lines"] == list(range(1, len(rows) + 1)):
                del file["lines"]
            for row in rows:
                for field in row:
                    self.numbers.setdefault(field.strip(" \t"), float_bits(field.strip(" \t")))
            if len(rows) == 1:
                header = ["rows", records[0][0], None]
            header = self.repeated_name(rows[0], records[0][0]) or header
        except Refused as refusal:
            reason, line, column = refusal.args
            check_refusal(data, separator, quote, reason, line)
            file["error"] = [reason, line, column]
            header = self.header_error(data, separator, quote, line)
        if header:
            file["headerError"] = header
        self.files.append(file)
        self.counts[kind] = self.counts.get(kind, 0) + 1

    def header_error(self, data, separator, quote, line):
        """A repeated name is seen before any fault further down."""
        for end in LINE_END.finditer(data):
            try:
                records = read(data[: end.end()], separator, quote)
            except Refused:
                continue
            if line is not None and records[0][0] < line and len(records) == 1:
                return self.repeated_name([field.decode() for field in records[0][1]], records[0][0])
            return None
        return None

    @staticmethod
    def repeated_name(names, line):
        seen = set()
        for column, name in enumerate(names):
            key = unicodedata.normalize("NFC", name)
            if name and key in seen:
                return ["name", line, column]
            seen.add(key)
        return None

    @staticmethod
    def edit(old, new):
        start = 0
        while start < min(len(old), len(new)) and old[start] == new[start]:
            start += 1
        end = 0
        while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
            end += 1
        return {"at": start, "cut": len(old) - end - start, "put": new[start : len(new) - end].decode("latin-1")}

    @staticmethod
    def changed(old, new):
        start = 0
        while start < min(len(old), len(new)) and old[start] == new[start]:
            start += 1
        end = 0
        while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
            end += 1
        return {"at": start, "cut": len(old) - end - start, "put": new[start : len(new) - end]}


tables = Tables()


def joined(base, rows):
    separator, line_end = {"plain": (",", "\n"), "quoted": (",", "\r\n"), "semicolons": (";", "\n")}[base]
    return written(rows, separator, line_end)


GRIDS = {"plain": PLAIN, "quoted": QUOTED, "semicolons": SEMICOLONS}


def with_cell(base, row, column, text):
    rows = [list(cells) for cells in GRIDS[base]]
    rows[row][column] = text
    return joined(base, rows)


def cells(base):
    return ((row, column, cell) for row, line in enumerate(GRIDS[base]) for column, cell in enumerate(line))


for base, (clean, separator, quote) in BASES.items():
    tables.add("clean", base, clean)
    mark, sign = separator.decode(), quote.decode()
    for row, column, cell in cells(base):
        # Separators.
        tables.add("extra separator", base, with_cell(base, row, column, cell + mark))
        if column > 0:
            rows = [list(line) for line in GRIDS[base]]
            rows[row][column - 1 : column + 1] = [rows[row][column - 1] + cell]
            tables.add("missing separator", base, joined(base, rows))
        # Quotes before, inside and after, and a doubled one.
        places = sorted({0, 1, len(cell) // 2, max(0, len(cell) - 1), len(cell)} & set(range(len(cell) + 1)))
        for place in places:
            for stray in (sign, sign * 2):
                tables.add("stray quote", base, with_cell(base, row, column, cell[:place] + stray + cell[place:]))
        tables.add("quoted cell", base, with_cell(base, row, column, sign + cell.strip(sign) + sign))
        tables.add("escaped quote", base, with_cell(base, row, column, f"{sign}a\\{sign}b{sign}"))
        # Line ends inside.
        middle = len(cell) // 2
        for end in ("\n", "\r"):
            tables.add("line end in a cell", base, with_cell(base, row, column, cell[:middle] + end + cell[middle:]))
        # Bytes that are no text.
        at = len(joined(base, GRIDS[base][:row])) if row else 0
        at += len(mark.join(GRIDS[base][row][:column] + [""]).encode()) + len(cell[:middle].encode())
        for name, strange in {
            "NUL": [b"\0"], "not UTF-8": [[b"\xff"], [b"\xc3"], [b"\xc0\xaf"], [b"\xed\xa0\x80"]][column % 4],
        }.items():
            for piece in strange:
                tables.add(name, base, clean[:at] + piece + clean[at:])
    for count in range(0, len(clean), 3 if base == "plain" else 2):
        tables.add("cut off", base, clean[:count])
    for row in range(len(GRIDS[base]) + 1):
        above, below = joined(base, GRIDS[base][:row]) if row else b"", joined(base, GRIDS[base][row:])
        below = b"" if row == len(GRIDS[base]) else below
        for extra in (b"\n", b"\r\n", b" \t \n", b"x\n", separator + b"\n", quote * 2 + b"\n", quote + b"\n", b"# note\n"):
            tables.add("extra line", base, above + extra + below)
        if 0 < row < len(GRIDS[base]):
            tables.add("second table", base, above + b"\n" + b"p" + separator + b"q\n1" + separator + b"2\n" + below)
            tables.add("repeated header", base, above + joined(base, GRIDS[base][:1]) + below)
    # Record marks.
    lines = [mark.join(line).encode() for line in GRIDS[base]]
    for end in (b"\n", b"\r\n", b"\r", b"\n\r", b"\r\r\n", b"\r\r", b"\n\n", b"\x0b", b"\x0c", b"\x1e", b"\xc2\x85",
                b"\xe2\x80\xa8", b"\0", b"|"):
        for last in (b"", end):
            tables.add("record mark", base, end.join(lines) + last)
    for row in range(len(lines)):
        for end in (b"\r", b"\r\n", b"\n"):
            data = b"".join(line + (end if index == row else b"\r\n" if base == "quoted" else b"\n")
                            for index, line in enumerate(lines))
            tables.add("mixed record marks", base, data)
    tables.add("mixed record marks", base, b"".join(
        line + [b"\n", b"\r\n", b"\r"][index % 3] for index, line in enumerate(lines)))
    # Field separators and quotes of all kinds.
    for other in b";|\t:^~!#$%&/\\*= ":
        other = bytes([other])
        if base == "quoted" or other == quote:
            continue
        tables.add("other separator", base, clean.replace(separator, other), separator=other)
    for other in b"'`~|$":
        other = bytes([other])
        if other != separator:
            tables.add("other quote", base, clean.replace(quote, other), quote=other)
    # Around the table.
    for before in (b"\xef\xbb\xbf", b"\xef\xbb\xbf\xef\xbb\xbf", b"\xef\xbb\xbf\n", b"\n\n", b"  \n", b"\xef\xbb",
                   b"title\n", b"title" + separator + b"of it\n", b"sep=" + separator + b"\n", b"# made by hand\n"):
        tables.add("preamble", base, before + clean)
    for after in (b"\n\n\n", b" ", b"\t\n", b"\x1a", b"\0", b"\0\0\0", separator, quote, b"total\n",
                  b"total" + separator * (len(GRIDS[base][0]) - 1) + b"\n", b"\xef\xbb\xbf"):
        tables.add("footer", base, clean + after)
    tables.add("no final line end", base, clean.rstrip(b"\r\n"))
    for count in range(1, 4):
        tables.add("several headers", base, joined(base, GRIDS[base][:1]) * count + joined(base, GRIDS[base][1:]))

# Numbers, and what looks like them.
NUMBERS = """
0 -0 +0 7 007 1. .5 -.5 +.5 1e3 1E3 1e+3 1e-3 1.e2 .5e1 16777217 16777219 33554433 999999999999999999 9007199254740993
123456789012345678901234567890 0.1 0.30000000000000004 1e-45 7e-46 7.006492321624085e-46 7.0064923216240854e-46 1e-50
1e-999999999999 1.17549435e-38 1.1754942e-38 3.4028234e38 3.4028235e38 3.40282356e38 3.4028235677973366e38
3.4028235677973365e38 3.4028236e38 1e38 1e39 -1e39 1e400 1e999999999999 0e999999999999 8388609.5 8388608.5 4194304.25
1.00000005960464477539062 1.00000005960464477539063 1.000000059604644775390625 0.000000000000000000000000000000000001
inf -inf +inf Inf INF infinity -Infinity nan NaN -nan NAN nan(0x7) 1.#INF 1.#QNAN #N/A
0x10 0X1F 0x1p3 0b11 0o17 1_000 1,000 1'000 1.000.000 1,5 1f 1d5 1e 1e+ 1e- e5 .e5 . - + +-1 --1 -+1 1-1 1.2.3 1e5.5 1ee5
1L 1u 12% $1 €1 1/2 (1) true ٣ ４２ ² Ⅷ −1 ½ ∞ 1e٣ 1.٥ O0 l1
""".split()
for index, text in enumerate(NUMBERS + ["1 000", "1 e5", "- 1", "1\u00a0", "\u00a01", "1\u2009000", "1\u200b", "\ufeff1"]):
    quoted = f'"{text}"' if "," in text else text
    for variant in (quoted, f" {quoted}\t", f'"{text}"', f'" {text} "'):
        tables.add("number", "plain", with_cell("plain", 2 + index % 12, index % 2, variant))

# Numbers of every shape, beside the middle of two floats.
random = np.random.default_rng(8)
for bits in random.integers(1, 0x7F7FFFFE, 60):
    low, high = (np.uint32(b).view(np.float32) for b in (bits, bits + 1))
    middle = (Fraction(float(low)) + Fraction(float(high))) / 2
    digits = len(str(middle.denominator)) + 12
    exponent = int(np.floor(np.log10(float(middle))))
    scaled = middle / Fraction(10) ** exponent
    text = str(int(scaled * 10**120)).rstrip("0")
    for end in ("", "1"):
        mantissa = text[:1] + "." + text[1:] + end
        tables.add("number", "plain", with_cell("plain", 1 + int(bits) % 14, 1, f"{mantissa}e{exponent}"))

path = pathlib.Path(__file__).parent / "faulty_tables.json.gz"
lines = ",\n".join(json.dumps(file, ensure_ascii=False, separators=(",", ":")) for file in tables.files)
bases = {
    name: {"text": data.decode("latin-1"), "separator": separator.decode(), "quote": quote.decode(),
           "rows": tables.clean[name]}
    for name, (data, separator, quote) in BASES.items()}
numbers = {text: bits for text, bits in sorted(tables.numbers.items()) if bits is not None}
text = (
    '{"bases":' + json.dumps(bases, separators=(",", ":")) + ',\n"numbers":' + json.dumps(numbers, separators=(",", ":"))
    + ',\n"files":[\n' + lines + "\n]}\n")
path.write_bytes(gzip.compress(text.encode(), mtime=0))
print(len(tables.files), "files,", sum("rows" in file for file in tables.files), "tables,", path.stat().st_size, "bytes")
print(tables.counts)
