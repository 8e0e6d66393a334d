#define _GNU_SOURCE

#include "records.h"

#include <math.h>
#include <string.h>

#include "decimal.h"

/// Whether a longer field is one at all is for the careful reader to say.
enum { FIELD_LIMIT = 1 << 20 };

/// The bytes that structure a text.
typedef struct {
    uint8_t separator, quote, second_blank;
    int space_is_blank;
} signs;

INLINE int is_blank(uint8_t byte, signs s) { return byte == s.second_blank || (byte == ' ' && s.space_is_blank); }

INLINE signs signs_of(uint8_t separator, uint8_t quote) {
    signs s = {separator, quote, separator == '\t' ? ' ' : '\t', separator != ' '};
    return s;
}

/// The first byte from `p` on that is `stop`, a control character or beyond ASCII.
INLINE const uint8_t *next_sign(const uint8_t *p, uint8_t stop) {
    for (;; p += 32) {
        bytes32 v;
        memcpy(&v, p, sizeof v);
        uint32_t hits = MASK32((v == (bytes32)stop) | ((bytes32)(v - (bytes32)0x20) >= (bytes32)0x60));
        if (hits) return p + __builtin_ctz(hits);
    }
}

/// What `read_field` found.
typedef struct {
    const uint8_t *start, *end;
    /// The byte that ends the field, after any blanks; NULL where the field is not plain.
    const uint8_t *next;
    uint32_t flags;
} text_field;

INLINE int ends_field(uint8_t byte, signs s) { return byte == s.separator || byte == '\n' || byte == '\r'; }

/// The field whose first byte that is no blank stands at `p`.
INLINE text_field read_field(const uint8_t *p, signs s) {
    text_field field = {p, p, NULL, 0};
    if (*p == s.quote) {
        field.flags = DESCENT_FIELD_QUOTED;
        field.start = ++p;
        while (1) {
            p = next_sign(p, s.quote);
            if (*p != '\t') break;
            p++;
        }
        // Doubled quotes, line ends inside and text behind are for the careful reader.
        if (*p != s.quote || p[1] == s.quote) return field;
        field.end = p++;
        while (is_blank(*p, s)) p++;
        if (ends_field(*p, s)) field.next = p;
        return field;
    }
    while (1) {
        p = next_sign(p, s.separator);
        if (ends_field(*p, s)) break;
        if (*p == 0 || *p >= 0x80) return field;
        p++;
    }
    field.next = p;
    while (p > field.start && is_blank(p[-1], s)) p--;
    field.end = p;
    return field;
}

/// Adds a row, whose numbers and NaNs stand in `m->row`, to the sums.
INLINE void add_row(const descent_moments *restrict m, uint32_t width) {
    const double *restrict row = m->row;
    double *restrict pivots = m->pivots, *restrict sums = m->sums, *restrict squares = m->squares;
    double *restrict minima = m->minima, *restrict maxima = m->maxima;
    uint32_t *restrict numbers = m->numbers, *restrict integers = m->integers;
    for (uint32_t i = 0; i < width; i++) {
        double x = row[i];
        double pivot = pivots[i] == pivots[i] ? pivots[i] : x;
        double distance = x == x ? x - pivot : 0;
        pivots[i] = pivot;
        sums[i] += distance;
        squares[i] += distance * distance;
        minima[i] = x < minima[i] ? x : minima[i];
        maxima[i] = x > maxima[i] ? x : maxima[i];
    }
    for (uint32_t i = 0; i < width; i++) {
        numbers[i] += row[i] == row[i];
        integers[i] += m->row_integers[i];
    }
}

INLINE int read_plain(descent_records *r, int takes_moments, uint8_t point) {
    const signs s = signs_of(r->separator, r->quote);
    const uint8_t *const bytes = r->bytes, *const last = bytes + r->count;
    const uint32_t column_count = r->column_count;
    const descent_column *const columns = r->columns;
    while (1) {
        const uint8_t *p = bytes + r->position;
        // Blank lines and comments.
        while (p < last) {
            const uint8_t *q = p;
            while (is_blank(*q, s)) q++;
            if (*q == r->comment && r->comment && q < last)
                while (*q != '\n' && *q != '\r') q++;
            if (q >= last) {
                p = last;
                break;
            }
            if (*q == '\r') q += q[1] == '\n' && q + 1 < last;
            else if (*q != '\n') break;
            p = q + 1;
            r->line++;
        }
        r->position = (uint32_t)(p - bytes);
        if (p >= last) return DESCENT_RECORDS_END;
        if (r->row == r->row_limit || r->field_limit - r->field_count < column_count) return DESCENT_RECORDS_FULL;

        float *numbers = r->numbers + (size_t)r->row * r->width;
        uint32_t field_count = r->field_count;
        for (uint32_t column = 0;; column++) {
            const descent_column wanted = columns[column];
            // Digits, signs and points are above all blanks.
            if (__builtin_expect(*p <= ' ', 0))
                while (is_blank(*p, s)) p++;
            const uint8_t *next = NULL;
            decimal number = {NULL, NAN, NAN, 0};
            if (wanted.slot >= 0) {
                number = read_decimal(p, point);
                if (number.end) {
                    next = number.end;
                    if (__builtin_expect(*next != s.separator, 0))
                        while (is_blank(*next, s)) next++;
                    if ((*next != s.separator && !ends_field(*next, s)) || next - p > FIELD_LIMIT) {
                        next = NULL;
                    } else {
                        numbers[wanted.slot] = number.value;
                        if (takes_moments) {
                            r->moments->row[wanted.slot] = number.exact;
                            r->moments->row_integers[wanted.slot] = number.is_integer;
                        }
                        if (wanted.wants_text) {
                            descent_field listed = {
                                r->row, column, (uint32_t)(p - bytes), (uint32_t)(number.end - p), r->line,
                                DESCENT_FIELD_NUMBER | (number.is_integer ? DESCENT_FIELD_INTEGER : 0)};
                            r->fields[field_count++] = listed;
                        }
                    }
                }
            }
            if (!next) {
                text_field field = read_field(p, s);
                if (!field.next || field.next - p > FIELD_LIMIT) return DESCENT_RECORDS_OTHER;
                next = field.next;
                if (wanted.slot >= 0) {
                    numbers[wanted.slot] = NAN;
                    if (takes_moments) {
                        r->moments->row[wanted.slot] = NAN;
                        r->moments->row_integers[wanted.slot] = 0;
                    }
                }
                if ((wanted.slot >= 0 || wanted.wants_text) && field.end > field.start) {
                    descent_field listed = {r->row, column, (uint32_t)(field.start - bytes),
                                            (uint32_t)(field.end - field.start), r->line, field.flags};
                    r->fields[field_count++] = listed;
                }
            }
            p = next + 1;
            if (*next == s.separator && next < last) {
                if (column + 1 == column_count) return DESCENT_RECORDS_OTHER;
                continue;
            }
            if (column + 1 != column_count) return DESCENT_RECORDS_OTHER;
            if (*next == '\r' && *p == '\n' && p < last) p++;
            break;
        }
        if (takes_moments) add_row(r->moments, r->width);
        r->field_count = field_count;
        r->row++;
        // The padding of a text without a final line end is none of it.
        r->line += p <= last;
        r->position = (uint32_t)((p < last ? p : last) - bytes);
    }
}

MULTIVERSION
int descent_read_records(descent_records *r) {
    if (r->decimal != '.') return r->moments ? read_plain(r, 1, r->decimal) : read_plain(r, 0, r->decimal);
    return r->moments ? read_plain(r, 1, '.') : read_plain(r, 0, '.');
}

MULTIVERSION
uint32_t descent_count_line_ends(const uint8_t *bytes, uint32_t count) {
    uint32_t ends = 0;
    for (uint32_t i = 0; i < count; i++) ends += (bytes[i] == '\n') | (bytes[i] == '\r');
    return ends;
}

/// The index after the last line end in [start, end) of `count` bytes; 0 where there is none that is certain.
static uint32_t after_last_line(const uint8_t *bytes, uint32_t start, uint32_t end, uint32_t count) {
    if (start >= end) return 0;
    const uint8_t *feed = memrchr(bytes + start, '\n', end - start);
    if (feed) return (uint32_t)(feed - bytes) + 1;
    // A return at the end may be half of a line end.
    uint32_t certain = end < count ? end : count - 1;
    const uint8_t *back = certain > start ? memrchr(bytes + start, '\r', certain - start) : NULL;
    return back ? (uint32_t)(back - bytes) + 1 : 0;
}

/// Whether the line of the byte at `index` is a comment, `gap` being the end of the last quoted field before it.
static int is_in_comment(const uint8_t *bytes, uint32_t gap, uint32_t index, uint8_t comment, signs s) {
    uint32_t start = index;
    while (start > gap && bytes[start - 1] != '\n' && bytes[start - 1] != '\r') start--;
    if (start == gap && gap > 0 && bytes[gap - 1] != '\n' && bytes[gap - 1] != '\r') return 0;
    while (is_blank(bytes[start], s)) start++;
    return bytes[start] == comment;
}

/// The end of the line that the byte at `index` is part of: of its line end, or of the bytes.
static uint32_t end_of_line(const uint8_t *bytes, uint32_t index, uint32_t count) {
    while (index < count && bytes[index] != '\n' && bytes[index] != '\r') index++;
    return index;
}

void descent_find_cut(const uint8_t *bytes, uint32_t count, descent_cut *cut) {
    const signs s = signs_of(cut->separator, cut->quote);
    // Outside quotes: `gap` is where the last quoted field ended, `from` where the search for the next one goes on.
    uint32_t gap = cut->scanned, from = gap;
    while (1) {
        const uint8_t *found = memchr(bytes + from, s.quote, count - from);
        uint32_t open = found ? (uint32_t)(found - bytes) : count, before = open;
        if (found) {
            while (before > gap && is_blank(bytes[before - 1], s)) before--;
            // A quote opens a field only where one starts; elsewhere it is a character like any other.
            if (before > 0 && !ends_field(bytes[before - 1], s)) {
                from = open + 1;
                continue;
            }
            // A comment is left as a whole: looking back from each of its quotes would take the square of its length.
            if (cut->comment && is_in_comment(bytes, gap, open, cut->comment, s)) {
                from = end_of_line(bytes, open, count);
                continue;
            }
        }
        uint32_t border = after_last_line(bytes, gap, open, count);
        if (border) cut->border = border;
        if (!found) {
            if (border) cut->scanned = border;
            return;
        }
        cut->scanned = before;
        from = open + 1;
        while (1) {
            const uint8_t *close = memchr(bytes + from, s.quote, count - from);
            // The last byte may be the first half of a doubled quote.
            if (!close || close + 1 == bytes + count) return;
            from = (uint32_t)(close - bytes) + 1;
            if (*(close + 1) != s.quote) break;
            from++;
        }
        gap = from;
    }
}
