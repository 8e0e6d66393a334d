#ifndef DESCENT_RECORDS_H
#define DESCENT_RECORDS_H

#include <stddef.h>
#include <stdint.h>

/// Readable bytes after the last one of a text: the scans load a vector at a time. Line feeds stand in them.
enum { DESCENT_TEXT_PADDING = 64 };

/// A field that is not just a number, or whose text is wanted.
typedef struct {
    uint32_t row;
    uint32_t column;
    uint32_t start;
    uint32_t length;
    /// Line ends from the start of the text to this field.
    uint32_t line;
    uint32_t flags;
} descent_field;

enum {
    /// The field stood in quotes, which are cut off; none is inside.
    DESCENT_FIELD_QUOTED = 1,
    /// The field is a number, already stored.
    DESCENT_FIELD_NUMBER = 2,
    /// The number is written without a fraction or an exponent.
    DESCENT_FIELD_INTEGER = 4,
};

/// What is wanted of a column.
typedef struct {
    /// Where in its row the column's number goes; negative: the number is not wanted.
    int32_t slot;
    /// Whether the column's fields are listed, also when they are numbers. Empty ones never are.
    int32_t wants_text;
} descent_column;

/// Sums over the numbers of each slot, about the first number met there; `pivots` starts as NaN, the others as 0 and
/// the bounds as infinities.
typedef struct {
    double *pivots, *sums, *squares, *minima, *maxima;
    uint32_t *numbers, *integers;
    /// Room for a row.
    double *row;
    uint32_t *row_integers;
} descent_moments;

typedef struct {
    /// The text: whole records, with padding behind.
    const uint8_t *bytes;
    uint32_t count;
    uint32_t column_count;
    const descent_column *columns;
    uint32_t width;
    /// Special bytes; `comment` is 0 where there are no comments.
    uint8_t separator, quote, decimal, comment;

    /// Where the next record starts, and the line ends before it.
    uint32_t position;
    uint32_t line;
    /// Rows stored, and room for them.
    uint32_t row;
    uint32_t row_limit;
    /// Rows x width; NaN where a field is not a plain number.
    float *numbers;
    descent_field *fields;
    uint32_t field_count;
    uint32_t field_limit;
    /// NULL where they are not wanted.
    const descent_moments *moments;
} descent_records;

enum {
    /// The text is finished.
    DESCENT_RECORDS_END = 0,
    /// There is no room for another row or for its fields.
    DESCENT_RECORDS_FULL = 1,
    /// The record at `position` is none of the plain kind: quotes within quotes, bytes beyond ASCII, a NUL, or a
    /// number of fields other than `column_count`.
    DESCENT_RECORDS_OTHER = 2,
};

/// Reads plain records from `position` on. Every number stored is the float nearest to the decimal written.
int descent_read_records(descent_records *records);

/// The line feeds and carriage returns among `count` bytes.
uint32_t descent_count_line_ends(const uint8_t *bytes, uint32_t count);

/// Where a text may be cut between two records.
typedef struct {
    uint8_t separator, quote, comment;
    /// Where the next scan goes on, and the end of the last record that ends among them; 0: none does.
    uint32_t scanned;
    uint32_t border;
} descent_cut;

/// Looks for record ends in `count` bytes, of which the first starts a record. Line ends in quoted fields are none.
/// A later call with more bytes at the same place goes on where the former ended.
void descent_find_cut(const uint8_t *bytes, uint32_t count, descent_cut *cut);

#endif
